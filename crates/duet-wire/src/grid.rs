//! A view of some days, laid out to the last minute: the window only places it.
//!
//! The window never converts a zone (its own zone data may be old, DEPENDENCIES.md 2.7), so every
//! position is in minutes since the start of the local day, counted in elapsed time: a day on which
//! the clocks change has 1380 or 1500 of them, and says in `hours` where each hour begins.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use duet_model::availability::State;
use duet_model::event::EventKey;
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, SourceKind};

/// Some days in a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridView {
    /// First day.
    pub from: NaiveDate,
    /// Display zone, IANA.
    pub zone: String,
    /// The time this was computed.
    pub now: DateTime<Utc>,
    /// Every block that touches these days, once. Pieces and bars refer to them by index.
    pub blocks: Vec<BlockView>,
    /// The days.
    pub days: Vec<DayView>,
    /// Bars of the all-day lane, over several days where they last so long.
    pub bars: Vec<Bar>,
    /// How many rows the all-day lane needs.
    pub bar_rows: u16,
}

/// One block, however many pieces of it are drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockView {
    /// Unique in the view: the block's id, for repeating ones with the occurrence.
    pub id: String,
    /// By hand, from Google, or Duet's own.
    pub source: SourceKind,
    /// Google's id of the calendar.
    pub calendar: Option<String>,
    /// The calendar's name.
    pub calendar_name: Option<String>,
    /// The account's address.
    pub account: Option<String>,
    /// Title; "Busy" where only times are known.
    pub title: String,
    /// `#rrggbb` of the calendar.
    pub color: Option<String>,
    /// Start, UTC.
    pub start: DateTime<Utc>,
    /// End, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// Wall-clock start in the display zone.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone.
    pub wall_end: NaiveDateTime,
    /// First and last-plus-one day, where it lasts whole days.
    pub all_day: Option<(NaiveDate, NaiveDate)>,
    /// Busy, tentative, free or unknown.
    pub state: BlockState,
    /// The rule that says so, one stable word (see [`crate::availability::SourceView::rule`]).
    #[serde(default)]
    pub rule: String,
    /// The event, where one is known: its details can be asked for.
    #[serde(default)]
    pub event: Option<EventKey>,
    /// Did the person decline it?
    #[serde(default)]
    pub declined: bool,
    /// Are only times known (free/busy), no title?
    pub busy_only: bool,
    /// When this was last known to be right; `None` for manual blocks.
    pub as_of: Option<DateTime<Utc>>,
    /// For manual blocks: what the editor needs.
    pub manual: Option<ManualRef>,
    /// For Duet's own events: which, and how it stands in Google.
    #[serde(default)]
    pub duet: Option<DuetRef>,
}

/// One of Duet's own events, or one occurrence of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuetRef {
    /// Its id; of an occurrence, that of the master.
    pub id: duet_model::duet_event::DuetEventId,
    /// The slot of the occurrence, of a series.
    pub slot: Option<crate::availability::When>,
    /// How its copy in Google stands; `None` where it is here alone.
    pub badge: Option<duet_model::duet_event::Badge>,
}

/// What the editor needs to change a manual block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManualRef {
    /// The block's id.
    pub id: duet_model::block::BlockId,
    /// The wall-clock start of this occurrence in the block's own zone, its name in `except`.
    pub occurrence: NaiveDateTime,
    /// The RRULE value, if it repeats.
    pub repeat: Option<String>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayView {
    /// Its date in the display zone.
    pub date: NaiveDate,
    /// How long it is: 1440, or what the clock change makes of it.
    pub minutes: u16,
    /// When it begins, UTC.
    pub start: DateTime<Utc>,
    /// Where each hour begins; on a clock-change day one is missing or doubled.
    pub hours: Vec<HourMark>,
    /// What is drawn, in reading order (by start, longer first).
    pub pieces: Vec<Piece>,
    /// The combined picture of the day, ordered, without overlaps; gaps are free.
    pub strip: Vec<StripPiece>,
    /// Is it today?
    pub today: bool,
    /// Saturday or Sunday.
    pub weekend: bool,
}

/// Where an hour begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourMark {
    /// Minutes since the day began.
    pub at: u16,
    /// What the clock shows then, 0 to 23.
    pub hour: u8,
}

/// The part of a block that falls on a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Piece {
    /// Index into [`GridView::blocks`].
    pub block: u32,
    /// Minutes since the day began.
    pub top: u16,
    /// Minutes; at least 1, drawn no lower than what stays legible.
    pub length: u16,
    /// Left edge, 0 to 1 of the column.
    pub left: f32,
    /// Width, 0 to 1 of the column.
    pub width: f32,
    /// Did it begin before this day?
    pub from_before: bool,
    /// Does it go on after this day?
    pub goes_on: bool,
}

/// A stretch of the combined picture within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripPiece {
    /// Minutes since the day began.
    pub top: u16,
    /// Minutes.
    pub length: u16,
    /// Busy, tentative or unknown.
    pub state: State,
    /// For unknown stretches: since when nothing is known; `None` if never.
    pub as_of: Option<DateTime<Utc>>,
}

/// A bar in the all-day lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// Index into [`GridView::blocks`].
    pub block: u32,
    /// First column.
    pub column: u16,
    /// How many columns.
    pub span: u16,
    /// Row in the lane.
    pub row: u16,
    /// Did it begin before the first column?
    pub from_before: bool,
    /// Does it go on after the last?
    pub goes_on: bool,
}
