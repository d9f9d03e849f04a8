//! Repetition: which days a repeating block falls on.
//!
//! Rules arrive as text from people and, worse, from invitations; one short line can make the
//! library behind this panic or spin for minutes. So a rule first passes a gate ([`Repeat::parse`])
//! that lets through what calendars really use, and only its checked fields reach the library. The
//! library counts on the wall clock alone; what the wall clock means is decided by [`crate::zones`].

mod expand;
mod happens;
mod invited;
mod parse;
mod print;
mod shift;
#[cfg(test)]
mod tests;
mod walk;
mod words;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc, Weekday};

pub use self::expand::{MAX_OCCURRENCES, expand, first};

/// The longest rule that is looked at, in bytes.
pub const MAX_LENGTH: usize = 512;

/// The largest INTERVAL.
pub const MAX_INTERVAL: u16 = 1000;

/// The largest COUNT.
pub const MAX_COUNT: u32 = 3500;

/// How many combinations the BY lists may have.
pub const MAX_COMBINATIONS: usize = 64;

/// The years in which something may repeat.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// A checked repetition rule: the value of an RRULE (RFC 5545 3.3.10) within the bounds above.
///
/// `Display` gives its canonical text, which parses to the same rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    frequency: Frequency,
    interval: u16,
    end: End,
    week_start: Weekday,
    months: Vec<u8>,
    week_numbers: Vec<i8>,
    year_days: Vec<i16>,
    month_days: Vec<i8>,
    /// Weekdays, with 0 for every one, else the first, second, last (-1) … of the month or year.
    weekdays: Vec<(i16, Weekday)>,
    hours: Vec<u8>,
    minutes: Vec<u8>,
    seconds: Vec<u8>,
    positions: Vec<i32>,
}

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Never,
    /// After so many occurrences.
    Count(u32),
    /// With the last occurrence on this day of the block's own zone.
    Date(NaiveDate),
    /// With the last occurrence that starts no later than this, on the wall clock.
    Wall(NaiveDateTime),
    /// With the last occurrence that starts no later than this.
    Instant(DateTime<Utc>),
}

/// Why a rule is refused, or could not be followed. Each is a sentence that can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepeatError {
    /// Nothing there.
    #[error("The repetition is empty.")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("The repetition is {length} characters long; {MAX_LENGTH} are enough for any.")]
    TooLong {
        /// Its length in bytes.
        length: usize,
    },
    /// Letters that no rule has.
    #[error("The repetition contains a character that does not belong there.")]
    Characters,
    /// Not `NAME=value`.
    #[error("“{part}” is not of the form NAME=value.")]
    Form {
        /// What was found.
        part: String,
    },
    /// A part that does not exist, or that Duet does not follow.
    #[error("Duet does not know the repetition part {name}.")]
    UnknownPart {
        /// Its name.
        name: String,
    },
    /// The same part twice.
    #[error("{name} is given twice.")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// No FREQ.
    #[error("The repetition does not say how often (FREQ).")]
    NoFrequency,
    /// More often than daily, or no frequency at all.
    #[error("“{word}” is no frequency that Duet follows: daily, weekly, monthly or yearly.")]
    Frequency {
        /// What was found.
        word: String,
    },
    /// A value that its part does not allow.
    #[error("{name} cannot be “{value}”: {allowed}.")]
    Value {
        /// The part.
        name: &'static str,
        /// What was found.
        value: String,
        /// What would be right.
        allowed: &'static str,
    },
    /// A part that makes no sense with this frequency.
    #[error("{name} cannot be used with {with}.")]
    NotWith {
        /// The part.
        name: &'static str,
        /// What it does not go with.
        with: &'static str,
    },
    /// The product of the BY lists is above [`MAX_COMBINATIONS`].
    #[error("The repetition combines too many values ({found}; at most {MAX_COMBINATIONS}).")]
    TooManyCombinations {
        /// How many.
        found: usize,
    },
    /// Both COUNT and UNTIL.
    #[error("The repetition ends twice, by COUNT and by UNTIL; one of them must go.")]
    TwoEnds,
    /// It chooses days that do not exist.
    #[error("No day fits this repetition.")]
    NeverHappens,
    /// The block begins in a year outside [`YEARS`].
    #[error("What repeats must begin between 1900 and 2100.")]
    StartOutOfRange,
    /// The block ends before it begins.
    #[error("The block ends before it begins.")]
    EndsBeforeStart,
    /// The zone of the block is not known.
    #[error("The time zone “{name}” is not known.")]
    UnknownZone {
        /// Its name.
        name: String,
    },
    /// More occurrences than were asked for.
    #[error("The block occurs more than {limit} times in the time that is looked at.")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The library behind refused the rule or broke on it.
    #[error("Duet cannot work out this repetition ({reason}).")]
    Unworkable {
        /// What it said.
        reason: String,
    },
}
