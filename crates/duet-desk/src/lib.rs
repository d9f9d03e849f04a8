//! A private desktop session for tests and headless runs.
//!
//! A [`Desk`] is what a person's session is to Duet: an X screen, a session bus, a keyring, a
//! notification daemon and a tray host, each its own and none shared with the machine it runs on.
//! The notification daemon and the tray host are served from inside this crate, so that a test can
//! read what was shown and answer it as a person would.
//!
//! Not here: anything that knows Duet's screens or its data. Linux only; a missing program is an
//! error that names the Debian package it comes in, never a skipped test.
#![cfg(target_os = "linux")]

mod browser;
mod bus;
mod desk;
mod keyring;
mod notifications;
mod picture;
mod processes;
mod programs;
#[cfg(feature = "window")]
mod screen;
mod tray;
mod wait;
#[cfg(feature = "window")]
mod window;

pub use browser::Browser;
pub use desk::{Desk, Keyring, Options};
pub use keyring::Secret;
pub use notifications::{CloseReason, Notification, NotificationDaemon};
pub use picture::Picture;
pub use processes::Process;
#[cfg(feature = "window")]
pub use screen::TopLevel;
pub use tray::{MenuEntry, TrayHost, TrayIcon};
pub use wait::until;
#[cfg(feature = "window")]
pub use window::{Launch, Window};
