//! What a search found.

use chrono::{NaiveDate, NaiveDateTime};
use duet_model::event::EventKey;
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, SourceKind, When};

/// An event or a block in whose title, place or people all words stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HitView {
    /// By hand or from Google.
    pub kind: SourceKind,
    /// The event.
    pub event: Option<EventKey>,
    /// Its id among drawn blocks ([`crate::grid::BlockView::id`]).
    pub id: String,
    /// Title.
    pub title: String,
    /// Where.
    pub location: Option<String>,
    /// Google's id of the calendar.
    pub calendar: Option<String>,
    /// The calendar's name.
    pub calendar_name: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// The account's address.
    pub account: Option<String>,
    /// Start of the occurrence that is nearest to now.
    pub start: When,
    /// Its end, exclusive.
    pub end: When,
    /// Wall-clock start in the display zone; of whole days their midnight.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone.
    pub wall_end: NaiveDateTime,
    /// The day to go to.
    pub date: NaiveDate,
    /// Does it repeat?
    pub repeats: bool,
    /// Busy, tentative, free or unknown.
    pub state: BlockState,
}
