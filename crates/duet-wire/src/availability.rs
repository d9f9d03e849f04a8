//! The combined picture as `busy`, `free` and `agenda` print it (INTERFACES.md section 2).

use chrono::{DateTime, NaiveDate, Utc};
use duet_model::availability::State;
use serde::{Deserialize, Serialize};

/// Where a stretch or a block comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Made by hand.
    Manual,
    /// From a Google account.
    Google,
    /// Duet's own event.
    Duet,
}

/// One source of a stretch: who says so, by which rule, as of when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    /// By hand or from Google.
    pub kind: SourceKind,
    /// The account's address.
    pub account: Option<String>,
    /// Google's id of the calendar.
    pub calendar: Option<String>,
    /// The calendar's name.
    #[serde(default)]
    pub calendar_name: Option<String>,
    /// The id of the event or block, where one is known.
    pub event: Option<String>,
    /// Its title; `None` where only times are known, or where it has none.
    pub title: Option<String>,
    /// The rule that made it so, one stable word. Of a block by hand `manual`; of an event the word
    /// of [`duet_model::verdict::Rule`], or `not_counting` where its calendar does not count; of
    /// Google's busy times `freebusy`, or `unexplained` where Google counts time as busy in which no
    /// event lies that counts (unknown, once that check failed or grew old); of what is unknown `stale`, `failing`, `never_synced`, `outside_window`,
    /// `unreadable` (an event could not be read, and nothing else vouches for this time).
    pub rule: String,
    /// What this source by itself claims.
    pub state: State,
    /// When it begins, UTC: an event, a block, or the time that is unknown, whole and not cut to
    /// the stretch.
    pub start: DateTime<Utc>,
    /// When it ends, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// When that was last known to be right.
    pub as_of: Option<DateTime<Utc>>,
}

/// One stretch of the combined picture. Stretches are ordered and do not overlap; gaps are free.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyView {
    /// Start, UTC.
    pub start: DateTime<Utc>,
    /// End, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// The strongest claim.
    pub state: State,
    /// All claims.
    pub sources: Vec<SourceView>,
}

/// One free slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeView {
    /// Start, UTC.
    pub start: DateTime<Utc>,
    /// End, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// False where the slot touches time that is unknown.
    pub certain: bool,
    /// Addresses of accounts that count and could not be reached when they were last asked: what is
    /// certain of theirs is as old as their last sync.
    #[serde(default)]
    pub unreached: Vec<String>,
}

/// The state of a drawn or listed block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockState {
    /// Counts as busy.
    Busy,
    /// Perhaps busy.
    Tentative,
    /// Stands there, but does not count.
    Free,
    /// Was so when last checked, too long ago to vouch for.
    Unknown,
}

impl BlockState {
    /// The word used in `data-state` and `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Tentative => "tentative",
            Self::Free => "free",
            Self::Unknown => "unknown",
        }
    }
}

/// An instant, or a civil date for what lasts whole days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// UTC.
    Instant(DateTime<Utc>),
    /// A date; as an end it is exclusive.
    Date(NaiveDate),
}

/// One line of `duet agenda`: a block, or a span of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaView {
    /// By hand, from Google, or Duet's.
    pub kind: SourceKind,
    /// The id of the block.
    pub id: String,
    /// Google's id of the calendar.
    pub calendar: Option<String>,
    /// The account's address.
    pub account: Option<String>,
    /// Title, "Busy" where only times are known.
    pub title: String,
    /// Start.
    pub start: When,
    /// End, exclusive.
    pub end: When,
    /// Whole days?
    pub all_day: bool,
    /// Busy, tentative, free or unknown.
    pub state: BlockState,
    /// The calendar's name.
    pub calendar_name: Option<String>,
    /// When the calendar was last known to be right; `None` for what was made by hand, and for a
    /// calendar that was never checked.
    pub since: Option<DateTime<Utc>>,
    /// Why it counts as it does, or why it is unknown, in the words of [`SourceView::rule`].
    pub rule: Option<String>,
    /// Is this no block, but a span of which nothing is known, where one may be or not?
    #[serde(default)]
    pub blank: bool,
}
