//! What waits to be written to Google, and who hears of it.
//!
//! One operation is one change of one event in one calendar. Operations of one thread (an event, or a
//! series with all its occurrences and what was split off it) are sent in their order, and one that
//! is not yet sent takes later changes in ([`fold`]). Everything an operation needs stands in it, so
//! that a crash between two of them loses nothing.

mod fold;
mod mail;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use fold::{Fold, fold};
pub use mail::{Mailing, mailed};

use crate::account::FailureCode;
use crate::calendar::CalendarId;
use crate::duet_event::{Content, DuetEventId};
use crate::event::{EventId, EventTime, Response};

/// The number of an operation: they are sent in this order. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub i64);

/// Which guests Google mails about a change: `sendUpdates` (GOOGLE.md 5). In order of how many.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// Nobody. Guests outside Google hear nothing, and a deleted event stays in their calendars.
    #[default]
    None,
    /// Guests outside the organiser's own domain.
    External,
    /// All guests.
    All,
}

impl Deed {
    /// What the event is to say; `None` where that is not what it is about.
    pub fn content(&self) -> Option<&Content> {
        match self {
            Self::Insert { content } | Self::Update { content } => Some(content),
            Self::Delete { .. } | Self::Move { .. } | Self::Respond { .. } => None,
        }
    }
}

impl Notify {
    /// Google's word.
    pub fn as_google(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::External => "externalOnly",
            Self::All => "all",
        }
    }
}

/// What is to happen at Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// The event is made.
    Insert {
        /// What it says.
        content: Content,
    },
    /// It says something else. What exactly is worked out against the version that is there when
    /// this is sent.
    Update {
        /// What it says.
        content: Content,
    },
    /// It is deleted; of a series, with all its occurrences.
    Delete {
        /// The version that the person saw when they deleted it: another one is not deleted unseen.
        /// `None` where Google has confirmed none.
        seen: Option<Seen>,
    },
    /// It is moved into another calendar of the same account.
    Move {
        /// Which.
        to: CalendarId,
    },
    /// The person answers an invitation.
    Respond {
        /// The answer.
        response: Response,
    },
}

/// A version of an event in Google.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which, exactly as received.
    pub etag: String,
    /// What it says.
    pub content: Content,
}

/// Which event of a calendar an operation is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The one with this id.
    Event(EventId),
    /// One occurrence of a series, whose id Google is asked for (GOOGLE.md 4.4).
    Occurrence {
        /// The master.
        series: EventId,
        /// The slot.
        original_start: EventTime,
    },
}

/// Why an operation does not go on without the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// What kind of failure it was.
    pub code: FailureCode,
    /// What happened and what can be done, in one or two sentences.
    pub message: String,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// An operation that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOp {
    /// Operations of one thread keep their order.
    pub thread: String,
    /// The event of Duet's that it is about; `None` where it is about an event of others.
    pub event: Option<DuetEventId>,
    /// The calendar the event stands in, for an insert the one it is to stand in.
    pub calendar: CalendarId,
    /// What it is called, to tell people.
    pub title: String,
    /// Which event there.
    pub target: Target,
    /// What is to happen.
    pub deed: Deed,
    /// Who is mailed.
    pub notify: Notify,
    /// Not to be sent earlier: until then it can be taken back.
    pub not_before: DateTime<Utc>,
}

/// A stored operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// Its number.
    pub id: OpId,
    /// What was asked for.
    pub what: NewOp,
    /// Failed tries in a row.
    pub attempts: u32,
    /// Has it been sent, so that nobody knows whether it was carried out? Not where every try was
    /// refused in plain words.
    pub sent: bool,
    /// Why it waits for the person, if it does.
    pub stuck: Option<Stuck>,
    /// When it was first asked for.
    pub created_at: DateTime<Utc>,
}

impl Op {
    /// The first of its thread in what waits, in the order of sending, where it is not that itself: until
    /// that is gone, it is not sent.
    pub fn first<'a>(&self, waiting: impl IntoIterator<Item = &'a Self>) -> Option<&'a Self> {
        let mut thread = waiting.into_iter();
        let first = thread.find(|op| op.what.thread == self.what.thread)?;
        (first.id != self.id).then_some(first)
    }
}

#[cfg(test)]
mod tests;
