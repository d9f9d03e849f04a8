//! Everything that Duet ever wrote to Google, and what becomes of it.

use chrono::NaiveDateTime;
use duet_model::duet_event::DuetEventId;
use duet_model::outbox::OpId;
use serde::{Deserialize, Serialize};

use crate::availability::When;

/// What stands in Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FootprintView {
    /// By account, calendar and start; a series is one.
    pub written: Vec<WrittenView>,
    /// Where nobody knows what there is.
    pub unasked: Vec<UnaskedView>,
}

/// Something that Duet wrote: this installation or another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenView {
    /// The account's address.
    pub account: String,
    /// Google's id of the calendar.
    pub calendar: String,
    /// The calendar's name.
    pub calendar_name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Google's id of the event.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its start; `None` where it cannot be read.
    pub start: Option<When>,
    /// Its end, exclusive.
    pub end: Option<When>,
    /// Wall-clock start in the display zone; of whole days their midnight.
    pub wall_start: Option<NaiveDateTime>,
    /// Wall-clock end in the display zone, exclusive.
    pub wall_end: Option<NaiveDateTime>,
    /// Does it repeat?
    pub repeats: bool,
    /// How many guests it has.
    pub guests: usize,
    /// The event here whose copy it is; `None` for what was left behind: by another installation, or
    /// by an event that is not here any more.
    pub event: Option<DuetEventId>,
    /// Is it about to be removed already?
    pub goes: bool,
}

/// Where nobody knows what Duet wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnaskedView {
    /// The account's address.
    pub account: String,
    /// The calendar's name; `None` for all of the account.
    pub calendar: Option<String>,
    /// Why, as a sentence.
    pub because: String,
}

/// What of the footprint is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Traces {
    /// Everything.
    All,
    /// What has no event here.
    LeftBehind,
    /// These, by account, calendar and Google's id of the event.
    These(Vec<(String, String, String)>),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracesRemoved {
    /// So many are deleted in Google as soon as it can be reached; nobody is mailed.
    pub queued: usize,
    /// Their numbers in the outbox, as long as they wait there.
    pub waits: Vec<OpId>,
    /// Where nobody knows what there is.
    pub unasked: Vec<UnaskedView>,
}
