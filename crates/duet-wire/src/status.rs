//! How fresh the picture is, and the one query that the window's frame lives on.

use chrono::{DateTime, Utc};
use duet_model::settings::Settings;
use serde::{Deserialize, Serialize};

use crate::accounts::{AccountView, CalendarView};
use crate::conflict::ConflictNews;
use crate::connect::ConnectView;

/// `duet status` (INTERFACES.md), without calendars.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusView {
    /// The accounts.
    pub accounts: Vec<AccountView>,
    /// The oldest "last synced" of the accounts that are connected: the age of the whole picture.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// When the next sync is due.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// Is a sync under way?
    pub syncing: bool,
    /// Is the network away?
    pub offline: bool,
    /// Did the person pause background sync?
    pub paused: bool,
    /// Changes that wait to be sent.
    pub pending: u32,
    /// How many of them Google refused: they wait for the person.
    #[serde(default)]
    pub stuck: u32,
    /// Conflicts of which both versions are kept.
    pub conflicts: u32,
    /// The newest of them.
    #[serde(default)]
    pub last_conflict: Option<ConflictNews>,
    /// Events that could not be read and are kept aside, in all calendars that are shown or count.
    #[serde(default)]
    pub unreadable: u64,
    /// Series that cannot be followed, in the same calendars.
    #[serde(default)]
    pub unfollowed: u64,
}

/// Everything around the grid: accounts, calendars, settings, sign-in flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Accounts and freshness.
    pub status: StatusView,
    /// All calendars, primary first, then by name, grouped by account.
    pub calendars: Vec<CalendarView>,
    /// All settings.
    pub settings: Settings,
    /// Start Duet at login?
    pub autostart: bool,
    /// The sign-in flow.
    pub connect: ConnectView,
    /// Is there an OAuth client, so that a real account can be connected? If not, in words why.
    pub google_unavailable: Option<String>,
    /// Is there a place for tokens? If not, in words why and what to do.
    pub keychain_unavailable: Option<String>,
    /// The display zone, IANA.
    pub zone: String,
    /// The time this was computed.
    pub now: DateTime<Utc>,
    /// Duet's version.
    pub version: String,
}

/// What one sync did (`duet sync --json`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyncReport {
    /// One line per account.
    pub accounts: Vec<AccountReport>,
}

/// How the sync of one account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything is fresh.
    Done,
    /// Some calendars failed, the others are fresh.
    Partial,
    /// Nothing could be fetched.
    Failed,
    /// The account must be reconnected.
    Reconnect,
}

/// What the sync of one account did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountReport {
    /// The account.
    pub email: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Calendars that worked and that did not.
    pub calendars: CalendarCounts,
    /// Events that changed; all zero for an account that shares its busy times alone.
    pub events: EventCounts,
    /// HTTP requests sent, those for access tokens among them.
    pub requests: u32,
    /// Blocks added and removed.
    pub blocks: BlockCounts,
    /// What went wrong, in words; where calendars failed, the first of them and why.
    pub error: Option<String>,
    /// The calendars that failed, each with its reason.
    #[serde(default)]
    pub failures: Vec<CalendarFailure>,
    /// Until when Google asked for no request, where it did.
    #[serde(default)]
    pub wait_until: Option<DateTime<Utc>>,
    /// Changes of Duet's own events that were carried out at Google.
    #[serde(default)]
    pub sent: u32,
    /// Changes that Google refused; they wait for the person.
    #[serde(default)]
    pub stuck: u32,
}

/// A calendar that could not be made fresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarFailure {
    /// Google's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why, in words.
    pub error: String,
}

/// Calendars by how they fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCounts {
    /// Fresh now.
    pub ok: u32,
    /// Not.
    pub failed: u32,
}

/// Events by what happened to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCounts {
    /// New or changed.
    pub upserted: u32,
    /// Gone.
    pub removed: u32,
    /// Not understood, set aside.
    pub quarantined: u32,
}

/// Blocks by what happened to them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockCounts {
    /// New.
    pub added: u32,
    /// Gone.
    pub removed: u32,
}
