//! What a committed write changed, so that readers know what to read again.

use serde::{Deserialize, Serialize};

/// A part of the picture that can change on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Accounts: connected, removed, revoked, their last sync or error.
    Accounts,
    /// Calendars: discovered, removed, their switches, their health.
    Calendars,
    /// Busy times from Google.
    ExternalBlocks,
    /// Events from Google: what they say, when they take place, how far they are known.
    Events,
    /// Blocks made by hand.
    ManualBlocks,
    /// Duet's own events, and where they stand in Google.
    DuetEvents,
    /// What waits to be written to Google.
    Outbox,
    /// Settings.
    Settings,
    /// Busy times of people who were asked for by address; kept in memory, never stored.
    People,
}
