//! The application without a host: what Duet can answer and do, for a window, a command line or a
//! test alike.
//!
//! It knows no window, tray or command line; whatever needs the machine goes through [`Host`].
//! Reads go to the store and never wait for the network; writes are one transaction each, and what
//! they changed is announced by the store after the commit.

mod announce;
mod app;
mod clients;
mod commands;
mod doctor;
pub mod host;
mod people;
mod picture;
mod queries;
mod rpc;
pub mod signin;
mod words;

pub use app::{App, Boot, Opening, StartError};
pub use commands::events::{Copy, Pace};
pub use doctor::doctor_without_database;
pub use host::{Host, Notice};
pub use queries::{Choice, Unreached, next_minute};
pub use words::plain::{visible, visible_lines};
