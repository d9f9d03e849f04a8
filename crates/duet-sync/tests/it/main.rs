//! The engine against the sandbox over real HTTP, with a real database and an in-memory keychain.
//!
//! One binary, so that everything is linked once. `rig` builds the pieces; each other module is one
//! concern.

#![expect(
    clippy::unwrap_used,
    reason = "a test's own set-up may panic: that is its failure's message"
)]

mod answers;
mod availability;
mod background;
mod crash;
mod events;
mod faults;
mod joined;
mod keychain;
mod processes;
mod rig;
mod switches;
mod together;
mod tokens;
mod waits;
