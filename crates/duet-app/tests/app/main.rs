//! The application against the stand-in Google: signing in, switches, blocks, and the promise that
//! what is not known is never free.

#![expect(
    clippy::unwrap_used,
    reason = "a test's own set-up may panic: that is its failure's message"
)]

mod blocks;
mod conflicts;
mod discards;
mod duet_events;
mod events;
mod footprint;
mod invitations;
mod machine;
mod mailing;
mod outbox_model;
mod permission;
mod said;
mod signin;
mod standing;
mod telling;
mod unknown;
