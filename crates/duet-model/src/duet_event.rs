//! Duet's own events: made here, and in Google only where the person wants them there.
//!
//! What is Duet's of an event is its [`Content`]. Everything else that Google keeps of it is left as
//! it is there (GOOGLE.md 5). A series is stored as Google stores it: a master, and for each changed
//! or called-off occurrence an event of its own that names its [`Slot`].

mod content;
mod merge;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use content::{Content, Guest};
pub use merge::{Field, Merged, merge};

use crate::calendar::CalendarId;
use crate::event::{Event, EventId, EventStatus, EventTime};

/// The id of an event of Duet's: a UUID as text, made at the edge; of an exception, that of its
/// series and the slot ([`Slot::event`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DuetEventId(pub String);

impl DuetEventId {
    /// The series that an exception belongs to, by its name alone: also where the exception is not there
    /// any more. Of any other event, itself.
    pub fn series(&self) -> Self {
        let series = self.0.split_once('_').map(|(series, _)| series);
        Self(series.unwrap_or(&self.0).to_owned())
    }
}

/// The id that a copy in Google gets, from a UUID: base32hex, as Google asks (GOOGLE.md 5). Chosen
/// before the first attempt, so that a second one cannot make a second event, and never used again:
/// Google keeps a deleted event's id for ever.
pub fn external_id(uuid: &str) -> EventId {
    let digits = uuid.bytes().filter(u8::is_ascii_hexdigit);
    EventId(
        digits
            .map(|digit| char::from(digit.to_ascii_lowercase()))
            .collect(),
    )
}

/// Which occurrences of a series are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The one that was chosen.
    This,
    /// It and all later ones.
    Following,
    /// All.
    #[default]
    All,
}

/// Which occurrence of a series an event stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// The master.
    pub series: DuetEventId,
    /// Where the rule put the occurrence. Never changes, also when it is moved.
    pub original_start: EventTime,
}

impl Slot {
    /// The id of the event that stands for this slot: always the same, so that a slot has one.
    pub fn event(&self) -> DuetEventId {
        let slot = match &self.original_start {
            EventTime::Date(day) => day.format("%Y%m%d").to_string(),
            EventTime::At { at, .. } => at.format("%Y%m%dT%H%M%SZ").to_string(),
        };
        DuetEventId(format!("{}_{slot}", self.series.0))
    }
}

/// An event of Duet's: one that happens once, the master of a series, or an exception to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuetEvent {
    /// Its id.
    pub id: DuetEventId,
    /// What it says.
    pub content: Content,
    /// For an exception, which occurrence it stands for.
    pub slot: Option<Slot>,
    /// An exception that takes its occurrence out of the series.
    pub cancelled: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl DuetEvent {
    /// The event at the head of its series; itself, where it is no exception.
    pub fn head(&self) -> &DuetEventId {
        self.slot.as_ref().map_or(&self.id, |slot| &slot.series)
    }

    /// The same as an event of a calendar, so that one set of rules judges both and one engine says
    /// when both take place. Its id is Duet's. `me` is the address of the account it stands in.
    pub fn as_event(&self, me: Option<&str>) -> Event {
        let status = if self.cancelled {
            EventStatus::Cancelled
        } else {
            EventStatus::Confirmed
        };
        Event {
            id: EventId(self.id.0.clone()),
            status,
            series: self
                .slot
                .as_ref()
                .map(|slot| EventId(slot.series.0.clone())),
            original_start: self.slot.as_ref().map(|slot| slot.original_start.clone()),
            updated: Some(self.updated_at),
            ..self.content.as_event(me)
        }
    }
}

/// Where an event of Duet's stands in Google.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Which event.
    pub event: DuetEventId,
    /// In which calendar it is to stand. While a move waits to be sent it still is in another one.
    pub calendar: CalendarId,
    /// Google's id there. `None` for an exception of which Google has not said it yet: such ids are
    /// asked for and never built (GOOGLE.md 4.4).
    pub external: Option<EventId>,
    /// The version that Duet knows; `None` until Google has confirmed one.
    pub etag: Option<String>,
    /// What that version said: the ground on which changes of both sides are told apart.
    pub base: Option<Content>,
    /// Is it at Google, as far as is known?
    pub state: LinkState,
}

/// Is an event at Google?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Not yet, or nobody knows: no attempt was confirmed.
    Pending,
    /// Yes.
    Synced,
    /// It was, and was deleted there.
    Gone,
}

/// What a person is told about an event's copy in Google.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// Something waits to be sent.
    Pending,
    /// Both are the same.
    Synced,
    /// Something cannot be sent, and says why.
    Failed,
}

/// The badge of an event that is linked: from its link, and from what waits of it in the outbox.
pub fn badge(state: LinkState, waiting: bool, stuck: bool) -> Badge {
    match (state, waiting, stuck) {
        (_, _, true) | (LinkState::Gone, false, _) => Badge::Failed,
        (_, true, false) | (LinkState::Pending, ..) => Badge::Pending,
        (LinkState::Synced, false, false) => Badge::Synced,
    }
}

/// What is taken over from a copy that was read in Google; `None` leaves the event as it is.
///
/// A version that is known brings nothing new: one's own write comes back with the next listing.
/// Where a change of the event is `waiting` in the outbox, both are merged when that is sent, against
/// the version that is there by then.
pub fn adopted(link: &Link, remote: &Event, waiting: bool) -> Option<Content> {
    let known = remote.etag.is_some() && remote.etag == link.etag;
    (!waiting && !known).then(|| Content::of(remote))
}

#[cfg(test)]
mod tests;
