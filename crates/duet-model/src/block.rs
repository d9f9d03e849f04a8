//! Blocks of time made by hand: the source of availability that needs no account.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::when::Interval;

/// The id of a manual block: a UUID as text, made at the edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BlockId(pub String);

/// A block made by hand, possibly repeating.
///
/// Start and end are civil: a block "every Tuesday 17:00 in Berlin" stays at 17:00 when the clocks
/// change, so the wall-clock value and its zone are the truth and instants are derived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualBlock {
    /// Its id.
    pub id: BlockId,
    /// What the person called it; may be empty.
    pub title: String,
    /// Start on the wall clock of `zone`.
    pub start: NaiveDateTime,
    /// End on the wall clock of `zone`, exclusive, after the start.
    pub end: NaiveDateTime,
    /// IANA name of the zone the wall clock hangs in.
    pub zone: String,
    /// The RRULE value (RFC 5545 3.3.10, without `RRULE:`), if it repeats.
    pub repeat: Option<String>,
    /// Single occurrences taken out, by their wall-clock start.
    pub except: Vec<NaiveDateTime>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// One occurrence of a manual block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The wall-clock start in the block's zone, which names the occurrence in `except`.
    pub wall_start: NaiveDateTime,
    /// When it is.
    pub span: Interval,
}
