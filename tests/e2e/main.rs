//! End to end: the real window and the real command line on a private desktop session with a real
//! keyring, a notification daemon and a tray host, against the stand-in Google. Nothing of Duet is
//! replaced; a test touches only what a person could touch (INTERFACES.md).
//!
//! Run by `cargo xtask test`, which builds the window first. Linux only, as the desk is.
#![cfg(target_os = "linux")]

mod support;

mod blocks;
mod calendars;
mod cli;
mod conflicts;
mod connect;
mod disconnect;
mod events;
mod fault;
mod hostile;
mod instances;
mod invitations;
mod killed;
mod onboarding;
mod own_events;
mod reconnect;
mod secrets;
mod series;
mod small;
mod tray;
