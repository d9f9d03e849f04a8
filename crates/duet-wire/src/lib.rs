//! Everything that is serialised across a process boundary, declared once for both sides.
//!
//! The window sends a [`Request`] through the one `rpc` command and gets an [`Answer`] or a
//! [`WireError`]; the shell sends [`Push`] values through the one event [`EVENT`]. The command
//! line prints the same account, calendar and status shapes (INTERFACES.md section 2).
//! No token, code, state or sync token has a field here.

pub mod accounts;
pub mod availability;
pub mod blocks;
pub mod conflict;
pub mod connect;
pub mod doctor;
pub mod duet_event;
pub mod error;
pub mod event;
pub mod find;
pub mod footprint;
pub mod grid;
pub mod invitation;
pub mod push;
pub mod request;
pub mod search;
pub mod status;
pub mod why;

pub use error::{ErrorCode, WireError};
pub use push::{EVENT, Push};
pub use request::{Answer, Command, Query, Request};
