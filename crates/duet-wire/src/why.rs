//! "Why?": what makes a stretch of time busy, tentative, unknown or free, and what a change of a
//! rule would do.

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_model::block::BlockId;
use duet_model::event::EventKey;
use duet_model::verdict::{Overrides, Rule, Rules, Treatment};
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, SourceKind, When};

/// Why a stretch is what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyView {
    /// Start, UTC.
    pub start: DateTime<Utc>,
    /// End, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// Wall-clock start in the display zone.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone.
    pub wall_end: NaiveDateTime,
    /// The strongest state within it; free where nothing claims any of it.
    pub state: BlockState,
    /// The answer in one sentence.
    pub because: String,
    /// The time this was computed.
    pub now: DateTime<Utc>,
    /// Everything that touches the stretch, the strongest first; also what is free by a rule.
    pub reasons: Vec<ReasonView>,
    /// Calendars that count and have nothing here: they are why a gap is free.
    pub vouching: Vec<VouchView>,
    /// Calendars that are not asked, because they do not count as busy.
    pub not_counting: Vec<VouchView>,
}

/// One thing that touches the stretch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonView {
    /// By hand or from Google.
    pub kind: SourceKind,
    /// The account's address.
    pub account: Option<String>,
    /// Google's id of the calendar.
    pub calendar: Option<String>,
    /// The calendar's name.
    pub calendar_name: Option<String>,
    /// `#rrggbb` of the calendar.
    pub color: Option<String>,
    /// Its id among drawn blocks ([`crate::grid::BlockView::id`]); `None` for what is not drawn as
    /// one: time that is unknown as such.
    #[serde(default)]
    pub id: Option<String>,
    /// The event, where one is known.
    pub event: Option<EventKey>,
    /// The block made by hand.
    pub block: Option<BlockId>,
    /// Title; "Busy" where only times are known.
    pub title: String,
    /// Start of the event, block or unknown span.
    pub start: When,
    /// Its end, exclusive.
    pub end: When,
    /// Wall-clock start in the display zone.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone.
    pub wall_end: NaiveDateTime,
    /// What it makes of its time.
    pub state: BlockState,
    /// The rule that says so, one stable word (see [`crate::availability::SourceView::rule`]).
    pub rule: String,
    /// The same as a sentence, with what can be doubted about it.
    pub because: String,
    /// When this was last known to be right; `None` for what was made by hand.
    pub as_of: Option<DateTime<Utc>>,
    /// Does Google's own free/busy say otherwise? Then how, as a sentence.
    pub disagreement: Option<String>,
    /// The rule that can be changed to treat such events otherwise.
    pub change: Option<ChangeableRule>,
}

/// A rule that decided, and how it can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeableRule {
    /// Which.
    pub rule: Rule,
    /// How it stands for the event's calendar.
    pub treatment: Treatment,
    /// Is that the calendar's own deviation, rather than the rule for all calendars?
    pub own: bool,
}

/// A calendar and how fresh what is known of it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VouchView {
    /// The account's address.
    pub account: String,
    /// Google's id of the calendar.
    pub calendar: String,
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// When it was last checked.
    pub as_of: Option<DateTime<Utc>>,
}

/// Rules as they would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
pub enum RulesDraft {
    /// For all calendars that do not deviate.
    All {
        /// The rules.
        rules: Rules,
    },
    /// For one calendar.
    Calendar {
        /// The account in whose list it stands.
        account: String,
        /// Google's id of the calendar.
        calendar: String,
        /// Where it deviates.
        rules: Overrides,
    },
}

/// What a change of rules would do to the combined picture of the next four weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewView {
    /// How many days were looked at, from now on.
    pub days: u16,
    /// Minutes that are busy, tentative or unknown now and would be free.
    pub frees: u32,
    /// Minutes that are free now and would be busy or tentative.
    pub blocks: u32,
    /// Minutes that would change between busy and tentative.
    pub shifts: u32,
    /// Occurrences of events that would be judged otherwise.
    pub events: u32,
}
