//! The engine: what to pull from Google, when, and what a failure means.
//!
//! It writes to the store and knows no view; it is told nothing but nudges, and what it does can be
//! read from the store and from [`EngineState`]. Time, chance, tokens and the network's state come
//! through the traits in [`host`].
//!
//! Reading order: [`host`] (what it needs), [`schedule`] and [`decide`] (pure: when, and what a
//! failure means), [`tokens`], [`limit`] and [`lock`] (one refresh, one budget, one sync at a time),
//! `pull` (one sync of one account), `push` (what waits to be written), [`events`] (one calendar's events), [`engine`] (tasks, nudges, stopping).

pub mod decide;
pub mod engine;
pub mod events;
pub mod host;
pub mod limit;
pub mod lock;
mod pull;
mod push;
pub mod schedule;
pub mod tokens;

pub use engine::{Background, Deps, Engine, EngineState, PATIENCE, SyncNowError};
pub use host::Clients;
pub use pull::{Ask, Errand, Means, Stop, listed_calendar, whole_listing};
pub use schedule::Nudge;
pub use tokens::{load_refresh_token, store_refresh_token};
