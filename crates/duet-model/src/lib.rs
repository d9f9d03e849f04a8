//! The domain of Duet, as values and pure functions.
//!
//! Nothing here reads a clock, a socket or a random number, and no file but the system's zone data
//! where module `zones` is told to: time and ids are arguments. The crate builds for wasm, so the
//! window shares these types; zone conversion and repetition are native only (feature `zones`),
//! because the window is handed finished wall-clock values and must never convert a zone by itself.

pub mod account;
pub mod availability;
pub mod block;
pub mod calendar;
pub mod duet_event;
pub mod event;
pub mod layout;
pub mod outbox;
pub mod settings;
pub mod topic;
pub mod verdict;
pub mod when;

#[cfg(feature = "zones")]
pub mod recurrence;
#[cfg(feature = "zones")]
pub mod repeat;
#[cfg(feature = "zones")]
pub mod series;
#[cfg(feature = "zones")]
pub mod zones;
