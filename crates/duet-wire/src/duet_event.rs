//! Duet's own events: as drafts that are sent in, and as views that come back.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use duet_model::duet_event::{Badge, DuetEventId, Guest, Scope};
use duet_model::event::EventKey;
use duet_model::outbox::{Mailing, Notify, OpId};
use serde::{Deserialize, Serialize};

use crate::availability::{BlockState, When};
use crate::conflict::ConflictView;
use crate::event::{ChangeView, GuestView};

/// A time as a person types it: a day, or the wall clock of the display zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Typed {
    /// On the wall clock.
    Wall(NaiveDateTime),
    /// A whole day; as an end it is exclusive.
    Date(NaiveDate),
}

/// When the person is reminded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReminderDraft {
    /// As the calendar says for all its events.
    #[default]
    Default,
    /// Not at all.
    Never,
    /// So many minutes before the start, by a pop-up.
    Before(u32),
    /// As it is: by more than this can say.
    Keep,
}

/// A calendar to write to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The account's address.
    pub account: String,
    /// Google's id of the calendar.
    pub calendar: String,
}

/// What a person types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventDraft {
    /// May be empty.
    pub title: String,
    /// When it starts.
    pub start: Typed,
    /// When it ends, exclusive, and of the same kind.
    pub end: Typed,
    /// Where; may be empty.
    pub location: String,
    /// What else; may be empty.
    pub notes: String,
    /// Who is invited. Only with a place.
    pub guests: Vec<Guest>,
    /// An RRULE value (`FREQ=WEEKLY`, …) if it repeats.
    pub repeat: Option<String>,
    /// When the person is reminded.
    pub reminder: ReminderDraft,
    /// "Show as free".
    pub transparent: bool,
    /// With an address for a video call. Only with a place.
    pub conference: bool,
    /// "Add to Google Calendar": in which calendar. `None` keeps it here alone.
    pub place: Option<Place>,
}

/// One change of an event, or of some occurrences of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventChange {
    /// Which event; of an occurrence, the master.
    pub id: DuetEventId,
    /// The slot of the chosen occurrence, of a series.
    pub slot: Option<When>,
    /// Which occurrences are meant.
    pub scope: Scope,
    /// Who is mailed.
    pub notify: Notify,
}

/// What a person is about to do to an event, to be asked about before it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wish", rename_all = "snake_case")]
pub enum EventWish {
    /// As [`crate::Command::CreateEvent`].
    Create {
        /// What was typed.
        draft: EventDraft,
        /// Who is mailed.
        notify: Notify,
    },
    /// As [`crate::Command::ChangeEvent`].
    Change {
        /// Which, and how much of it.
        change: EventChange,
        /// What was typed.
        draft: EventDraft,
    },
    /// As [`crate::Command::DeleteEvent`].
    Delete {
        /// Which, and how much of it.
        change: EventChange,
        /// Leave the copy in Google where it is.
        keep_copy: bool,
    },
    /// As [`crate::Command::RemoveFromGoogle`].
    Withdraw {
        /// Which.
        id: DuetEventId,
        /// Who is mailed.
        notify: Notify,
    },
}

/// What was done to single occurrences of a series and is undone by a change of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Occurrences that were removed and take place again.
    pub removed: usize,
    /// Occurrences that were changed and say the same as all others again.
    pub changed: usize,
}

impl Undone {
    /// Is it nothing?
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

/// What a wish would do beyond the event itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequences {
    /// Who hears of it.
    pub mailing: Mailing,
    /// What becomes of single occurrences.
    pub undone: Undone,
}

/// What became of a change, to tell and to take it back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// The event, or the series that it went into; `None` where it is gone.
    pub id: Option<DuetEventId>,
    /// Its title.
    pub title: String,
    /// With this it is taken back, as long as this Duet runs.
    pub undo: u64,
    /// What of it waits to be sent.
    pub waits: Vec<OpId>,
    /// Whom Google will write to once it is sent.
    pub mailed: Vec<String>,
    /// Until when nothing is sent, so that nobody is mailed about what is taken back.
    pub held_until: Option<DateTime<Utc>>,
}

/// What stands in Google of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InGoogle {
    /// Where.
    pub place: Place,
    /// The calendar's name.
    pub calendar_name: String,
    /// `#rrggbb`.
    pub color: String,
    /// How it stands.
    pub badge: Badge,
    /// The same as a sentence: what is waited for, or what went wrong and what can be done.
    pub because: String,
    /// Is it there, as far as is known? Else it only waits to be added, or was deleted there.
    pub there: bool,
    /// The change that is stuck, to try it again or to discard it.
    pub stuck: Option<OpId>,
    /// Its copy in the local database, by which its pages are opened; `None` until it was read.
    pub copy: Option<EventKey>,
    /// The address of its video call; `https` only.
    pub conference: Option<String>,
    /// Its page at Google; `https` only.
    pub link: Option<String>,
}

/// One of Duet's own events, or one occurrence of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DuetEventView {
    /// Its id; of an occurrence, that of the master.
    pub id: DuetEventId,
    /// The slot of the occurrence, of a series.
    pub slot: Option<When>,
    /// Its title; may be empty.
    pub title: String,
    /// When it starts.
    pub start: When,
    /// When it ends, exclusive.
    pub end: When,
    /// The same in the display zone, as it would be typed.
    pub typed_start: Typed,
    /// The end likewise.
    pub typed_end: Typed,
    /// The zone it was made in, where that is another than the display zone, and its wall-clock
    /// start there.
    pub home: Option<(String, NaiveDateTime)>,
    /// Where; may be empty.
    pub location: String,
    /// What else, as plain text; may be empty.
    pub notes: String,
    /// Who is invited, and what they answered.
    pub guests: Vec<GuestView>,
    /// The RRULE value, if it repeats.
    pub repeat: Option<String>,
    /// How it repeats, in words.
    pub repeats: Option<String>,
    /// When the person is reminded.
    pub reminder: ReminderDraft,
    /// The same in words.
    pub reminders: Vec<String>,
    /// "Show as free".
    pub transparent: bool,
    /// Is there, or should there be, an address for a video call?
    pub conference: bool,
    /// What stands in Google; `None` where it is here alone.
    pub google: Option<InGoogle>,
    /// Busy, tentative, free or unknown.
    pub state: BlockState,
    /// The rule that says so.
    pub rule: String,
    /// The same as a sentence.
    pub because: String,
    /// What was noticed to change in Google, newest first.
    pub history: Vec<ChangeView>,
    /// What was changed here and in Google at once: the latest few, newest first.
    pub conflicts: Vec<ConflictView>,
}

/// A change that waits to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingView {
    /// Its number.
    pub id: OpId,
    /// What it does: "Add “Choir” to Work".
    pub what: String,
    /// The account's address.
    pub account: String,
    /// Why it waits, as a sentence.
    pub because: String,
    /// Does it wait for the person?
    pub stuck: bool,
    /// When it is tried again by itself, where a try has failed.
    pub again: Option<DateTime<Utc>>,
    /// The event, where it is still there.
    pub event: Option<DuetEventId>,
}
