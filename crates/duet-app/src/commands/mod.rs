//! Changes: each one is a transaction, a commit, and at most a nudge to the engine. None of them
//! waits for the network, except where a person is told that it does (revoking at Google).

mod accounts;
pub(crate) mod blocks;
mod calendars;
pub(crate) mod events;
mod people;
pub(crate) mod responding;
pub(crate) mod rules;
mod settings;
mod sync;
