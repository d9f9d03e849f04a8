//! The combined picture: what is busy, tentative or unknown, and which sources make it so.
//!
//! Gaps are free, and only because every source that counts vouched for them: what is not known
//! arrives here as an interval of state [`State::Unknown`], never as a gap. The picture is computed
//! when somebody asks and never stored.

mod combine;
mod free;
mod reasons;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::combine::{Combined, Stretch, combine};
pub use self::free::{Slot, free_slots};
pub use self::reasons::{Reasons, claims_at, why};
use crate::when::Interval;

/// What a source claims of a stretch of time, in rising strength: where claims overlap, the
/// strongest one names the stretch, and all of them stay its sources. Known beats unknown, because
/// a calendar that is busy for sure is not made uncertain by another that nobody could ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody can say: the source is stale, failing, or was never asked about this time.
    Unknown,
    /// Perhaps busy.
    Tentative,
    /// Busy.
    Busy,
}

/// One claim of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// When.
    pub span: Interval,
    /// What.
    pub state: State,
}
