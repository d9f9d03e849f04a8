//! Accounts and calendars as the window and `--json` show them.

use chrono::{DateTime, Utc};
use duet_model::account::{AccountState, FailureCode, Tier};
use duet_model::calendar::AccessRole;
use duet_model::verdict::Overrides;
use serde::{Deserialize, Serialize};

/// One account (INTERFACES.md: `accounts`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Its address.
    pub email: String,
    /// `connected`, `reconnect` or `error`.
    pub state: AccountState,
    /// What the granted scopes amount to.
    pub tier: Tier,
    /// The granted scopes.
    pub scopes: Vec<String>,
    /// When a sync last completed.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When the next one is due.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// What went wrong last and what to do, in words; empty after a success.
    pub last_error: Option<String>,
    /// When that was.
    #[serde(default)]
    pub last_error_at: Option<DateTime<Utc>>,
    /// The kind of that failure.
    pub last_error_code: Option<FailureCode>,
    /// When Google withdrew the key.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Is it the built-in demo account?
    pub demo: bool,
    /// Is a sync of this account under way?
    pub syncing: bool,
    /// How far that sync is.
    pub progress: Option<Progress>,
    /// Calendars that count as busy and whose last check failed: their times are unknown, however
    /// recently the account itself was synced.
    #[serde(default)]
    pub failing: u32,
}

/// How far a sync of an account is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Calendars of which all has arrived that was asked for: their times, their events, or both.
    pub done: u32,
    /// Calendars that are asked about; 0 while the list itself is on its way.
    pub total: u32,
    /// Blocks that have arrived.
    pub blocks: u32,
    /// Events that have arrived and were new, or had changed.
    #[serde(default)]
    pub events: u32,
}

/// One word for a calendar (INTERFACES.md: `calendars`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarState {
    /// Its times are known and fresh.
    Ok,
    /// Its times are older than Duet vouches for, or were never asked for.
    Stale,
    /// The last check failed; its times are unknown.
    Failing,
    /// Fresh, and shared as times only.
    BusyOnly,
}

/// One calendar (INTERFACES.md: `calendars`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarView {
    /// Google's id.
    pub id: String,
    /// The address of the account in whose list it stands.
    pub account: String,
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The account's own calendar?
    pub primary: bool,
    /// Google's word for what the account may do with it.
    pub access_role: AccessRole,
    /// Switch "counts as busy".
    pub busy: bool,
    /// Switch "shown".
    pub shown: bool,
    /// Hidden in Google's own list.
    pub hidden: bool,
    /// How much its times can be trusted.
    pub state: CalendarState,
    /// When its times were last known to be right.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// What went wrong with it last, in words.
    pub last_error: Option<String>,
    /// Are its events known, rather than its busy times alone?
    #[serde(default)]
    pub details: bool,
    /// Events that are stored: single ones, series, and exceptions that take place.
    #[serde(default)]
    pub events: u64,
    /// Events that could not be read and are kept aside.
    #[serde(default)]
    pub unreadable: u64,
    /// Series that cannot be followed.
    #[serde(default)]
    pub unfollowed: u64,
    /// Where its events are treated otherwise than those of other calendars.
    #[serde(default)]
    pub rules: Overrides,
}
