//! Invitations of others, and what became of an answer to one.

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_model::event::{EventKey, Response};
use duet_model::outbox::OpId;
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, When};

/// An invitation that waits for an answer. A series is there once, by its next occurrence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationView {
    /// The event in the local database; of a series, its master.
    pub key: EventKey,
    /// The name of the occurrence, as `duet agenda --json` tells it.
    pub id: String,
    /// Its title; "(no title)" where it has none.
    pub title: String,
    /// Start of the next occurrence.
    pub start: When,
    /// Its end, exclusive.
    pub end: When,
    /// Wall-clock start in the display zone; of whole days their midnight.
    pub wall_start: NaiveDateTime,
    /// Wall-clock end in the display zone, exclusive.
    pub wall_end: NaiveDateTime,
    /// Who invites: name or address.
    pub organizer: Option<String>,
    /// Google's id of the calendar.
    pub calendar: String,
    /// The calendar's name.
    pub calendar_name: String,
    /// `#rrggbb`.
    pub color: String,
    /// The account's address.
    pub account: String,
    /// Does it repeat?
    pub repeats: bool,
    /// Whether one is free then; `None` for what is far down the list.
    #[serde(default)]
    pub meanwhile: Option<MeanwhileView>,
    /// Can it be answered from here?
    pub can_answer: bool,
    /// Why not, as a sentence with what helps; `None` where it can.
    pub because: Option<String>,
}

/// What else stands in the time of an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeanwhileView {
    /// The strongest of it; free where there is nothing.
    pub state: BlockState,
    /// The same as a sentence that names it.
    pub because: String,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The event that was answered: of a series answered whole, its master.
    pub key: EventKey,
    /// Its title.
    pub title: String,
    /// The account that answers.
    pub account: String,
    /// What holds from now on.
    pub response: Response,
    /// What held before: given again, it takes the answer back.
    pub before: Response,
    /// Is the whole series answered?
    pub series: bool,
    /// Who invites, and is the only one whom Google tells: name or address.
    pub organizer: Option<String>,
    /// Its number in the outbox; `None` where Google has the answer already.
    pub waits: Option<OpId>,
    /// Until when it is not sent, so that nobody is told of what is taken back.
    pub held_until: Option<DateTime<Utc>>,
}
