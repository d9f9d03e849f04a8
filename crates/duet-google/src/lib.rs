//! Google over HTTP only: OAuth, the calendar list, events, free/busy, and errors that say what to do next.
//!
//! This crate knows Google's addresses, its JSON and its failures. It has no store, no keychain, no
//! timer and no clock: the time and randomness it needs are arguments, tokens are handed in and out
//! as secret values that neither print nor serialise, and whether a failure is tried again is for
//! the caller to decide from [`Error::retry`].
//!
//! Reading order: [`config`] (which client, which endpoints), [`client`] (the two HTTP clients),
//! [`auth`] (signing in), [`calendar_list`], [`events`], [`freebusy`], [`error`].

pub mod auth;
pub mod calendar_list;
pub mod client;
pub mod config;
pub mod error;
pub mod events;
pub mod freebusy;

pub use client::Client;
pub use config::{Config, ConfigError, Redirect};
pub use error::{Error, Retry};
