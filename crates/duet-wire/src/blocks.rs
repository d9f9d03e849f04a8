//! Manual blocks, as drafts that are sent in and views that come back.

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_model::block::BlockId;
use serde::{Deserialize, Serialize};

/// What a person types: wall-clock times in the display zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockDraft {
    /// May be empty.
    pub title: String,
    /// Wall-clock start in the display zone.
    pub start: NaiveDateTime,
    /// Wall-clock end, exclusive.
    pub end: NaiveDateTime,
    /// An RRULE value (`FREQ=WEEKLY`, …) if it repeats.
    pub repeat: Option<String>,
}

/// Which occurrences of a repeating block a change means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The block as a whole.
    #[default]
    All,
    /// Only the occurrence that was chosen.
    This,
}

/// A manual block as it is stored (`duet blocks list`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualBlockView {
    /// Its id.
    pub id: BlockId,
    /// Its title.
    pub title: String,
    /// First occurrence, UTC.
    pub start: DateTime<Utc>,
    /// Its end, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// The zone its wall clock hangs in.
    pub zone: String,
    /// Wall-clock start of the first occurrence.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end of the first occurrence.
    pub wall_end: NaiveDateTime,
    /// The RRULE value if it repeats.
    pub repeat: Option<String>,
}
