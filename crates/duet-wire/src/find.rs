//! "Find time": slots that are free for everyone chosen.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindTime {
    /// First day, in the display zone.
    pub from: NaiveDate,
    /// How many days, 1 to 90.
    pub days: u16,
    /// How long, in minutes, 5 to 1440.
    pub minutes: u16,
    /// Only within the working hours of the settings, on working days?
    pub working_hours: bool,
    /// Only these calendars of the person's own, as account and Google's id; `None` for all that
    /// count. Blocks made by hand always count.
    pub calendars: Option<Vec<(String, String)>>,
    /// Addresses of others, asked through Google's free/busy.
    pub people: Vec<String>,
    /// Another zone to give the times in, IANA; `None` for the display zone alone.
    pub zone: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindTimeView {
    /// The display zone, IANA.
    pub zone: String,
    /// The other zone, as it was asked for.
    pub other_zone: Option<String>,
    /// Slots that are certain, in order; then those that touch time nobody can vouch for.
    pub slots: Vec<SlotView>,
    /// How many more there are than are listed.
    pub more: u32,
    /// The others, and what is known of them.
    pub people: Vec<PersonView>,
    /// The certain slots as text to be pasted, in the display zone.
    pub text: String,
    /// The same in the other zone.
    pub other_text: Option<String>,
}

/// A slot: free throughout, at least as long as was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlotView {
    /// Start, UTC.
    pub start: DateTime<Utc>,
    /// End, exclusive, UTC.
    pub end: DateTime<Utc>,
    /// Wall clock in the display zone.
    pub wall: (NaiveDateTime, NaiveDateTime),
    /// Wall clock in the other zone.
    pub other_wall: Option<(NaiveDateTime, NaiveDateTime)>,
    /// False where it touches time that is unknown.
    pub certain: bool,
    /// For an uncertain one: who or what is unknown, in words.
    pub doubt: Option<String>,
}

/// How much is known of another person's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonState {
    /// Google told when they are busy.
    Known,
    /// Google is being asked.
    Asking,
    /// Nobody can say; their whole time is unknown.
    Unknown,
}

/// Another person whose time counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonView {
    /// The address.
    pub email: String,
    /// How much is known.
    pub state: PersonState,
    /// Why nothing is known, as a sentence.
    pub why: Option<String>,
    /// When Google was asked.
    pub as_of: Option<DateTime<Utc>>,
}
