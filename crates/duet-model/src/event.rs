//! An event of a Google calendar, as far as Duet understands it (GOOGLE.md 4.3).
//!
//! What Google says is kept as it was said: whole days are civil dates and never instants, a time
//! keeps the zone it was given in, and a repeating event is its master and its exceptions. What all
//! this means for the days of a person is worked out elsewhere: `recurrence` says when, `verdict`
//! says whether it counts.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Google's id of an event, unique within its calendar. Opaque: nothing is read out of it, also not
/// the series of an exception (GOOGLE.md 4.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

/// When an event starts or ends; an end is exclusive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventTime {
    /// A whole day, wherever one is.
    Date(NaiveDate),
    /// An instant.
    At {
        /// The instant.
        at: DateTime<Utc>,
        /// The zone it was given in, as Google wrote it; a series repeats in it. Also kept where
        /// nobody knows the zone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
    },
}

impl EventTime {
    /// Is it a whole day?
    pub fn is_date(&self) -> bool {
        matches!(self, Self::Date(_))
    }

    /// Is it the same day, or the same instant, whatever the zone it was given in?
    pub fn is_at(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Date(one), Self::Date(other)) => one == other,
            (Self::At { at: one, .. }, Self::At { at: other, .. }) => one == other,
            _ => false,
        }
    }
}

/// Does it take place?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventStatus {
    /// Yes.
    #[default]
    Confirmed,
    /// Perhaps.
    Tentative,
    /// No. Kept only for an exception, where it takes its occurrence out of the series.
    Cancelled,
}

/// What kind of entry it is. Kinds that do not exist yet are read as [`Self::Default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventType {
    /// An ordinary event.
    #[default]
    Default,
    /// Away from work.
    OutOfOffice,
    /// Time to work alone.
    FocusTime,
    /// Where somebody works that day; says nothing about being busy.
    WorkingLocation,
    /// A birthday.
    Birthday,
    /// Made by Google out of a mail, such as a flight.
    FromGmail,
}

/// Who may see what it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// As the calendar says.
    #[default]
    Default,
    /// Everybody.
    Public,
    /// Only those invited. Google's older word "confidential" means the same.
    Private,
}

/// A guest's answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Response {
    /// None yet.
    NeedsAction,
    /// No.
    Declined,
    /// Perhaps.
    Tentative,
    /// Yes.
    Accepted,
}

/// Somebody: an address, a name, or both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Person {
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Who.
    pub person: Person,
    /// What they answered.
    pub response: Response,
    /// Is it the owner of the calendar, or the person whose account this is?
    #[serde(default, skip_serializing_if = "is_usual")]
    pub me: bool,
    /// Need not come.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub optional: bool,
    /// A room or a thing, not a person.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub resource: bool,
}

/// How somebody is reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReminderMethod {
    /// By a mail of Google's.
    Email,
    /// By a notification.
    Popup,
}

/// One reminder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reminder {
    /// How.
    pub method: ReminderMethod,
    /// How long before the start, in minutes; Google allows up to four weeks.
    pub minutes: u32,
}

/// When the person whose calendar it is wants to be reminded of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminders {
    /// As the calendar says for all its events.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub use_default: bool,
    /// Else, or besides, these. Methods that do not exist yet are left out.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub overrides: Vec<Reminder>,
}

/// An event: one that happens once, the master of a series, or an exception to one.
///
/// As JSON it is short: what is as usual is left out, because tens of thousands are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Google's id.
    pub id: EventId,
    /// The same for all copies and all occurrences of one thing.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub ical_uid: Option<String>,
    /// The version, exactly as received.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub etag: Option<String>,
    /// Does it take place?
    #[serde(default, skip_serializing_if = "is_usual")]
    pub status: EventStatus,
    /// Its title; empty where none was given or none may be seen.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub title: String,
    /// Its description, perhaps with HTML in it: shown as text only.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub description: Option<String>,
    /// Where.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub location: Option<String>,
    /// When it starts.
    pub start: EventTime,
    /// When it ends, exclusive; after the start, or at it where the server says so.
    pub end: EventTime,
    /// The lines RRULE, EXRULE, RDATE, EXDATE of a master, as Google wrote them.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub recurrence: Vec<String>,
    /// For an exception, the master.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub series: Option<EventId>,
    /// For an exception, which occurrence it stands for. Never changes, also when it is moved.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub original_start: Option<EventTime>,
    /// "Show as free".
    #[serde(default, skip_serializing_if = "is_usual")]
    pub transparent: bool,
    /// Who may see it.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub visibility: Visibility,
    /// What kind of entry it is.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub event_type: EventType,
    /// What the person answered, where they are among the guests.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub my_response: Option<Response>,
    /// Who invites.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub organizer: Option<Person>,
    /// The guests.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub attendees: Vec<Attendee>,
    /// Are there guests that are not listed?
    #[serde(default, skip_serializing_if = "is_usual")]
    pub attendees_omitted: bool,
    /// The address of its video call.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub conference: Option<String>,
    /// Its page at Google.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub link: Option<String>,
    /// When the person is reminded; `None` where nothing is said of it.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub reminders: Option<Reminders>,
    /// When it was last changed, by Google's clock.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub updated: Option<DateTime<Utc>>,
}

/// Need it not be said?
fn is_usual<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Event {
    /// Is it the master of a series?
    pub fn is_master(&self) -> bool {
        !self.recurrence.is_empty() && self.series.is_none()
    }
}

/// The number of a stored event in the local database. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKey(pub i64);
