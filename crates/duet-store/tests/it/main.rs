//! The store against real files with the real migrations: what it promises to its callers.

#![expect(
    clippy::unwrap_used,
    reason = "a test's own set-up may panic: that is its failure's message"
)]

mod accounts;
mod blocks;
mod calendars;
mod common;
mod damage;
mod emptied;
mod events;
mod events_model;
mod first_page;
mod hostile;
mod manual;
mod model;
mod occurrences;
mod opening;
mod outbox;
mod rules;
mod search;
mod sharing;
mod topics;
mod update;
