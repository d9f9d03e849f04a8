//! When a series of events takes place: a master and its exceptions in, their instances out.
//!
//! What is decided here, once:
//! - **The wall clock of the master's own zone rules.** A start that the clock skips comes later, of
//!   one shown twice the first is meant, and of instances that begin at one instant one remains
//!   (TRUST 0.5): no meeting gets lost. Every instance is as long as the master, in elapsed time
//!   (RFC 5545 3.8.5.3).
//! - **Whole days are civil dates** and are never turned into instants; the caller's zone only says
//!   which dates may touch the window.
//! - **The master's own start is an instance** (RFC 5545 3.8.5.3), also where its rule does not hit
//!   it, but not once the rule has ended before it, as Google leaves series that were split at their
//!   first instance.
//! - **An exception stands for its slot** wherever it moved; where the rules do not hit the slot, it
//!   is shown all the same, because the server knows of it.
//! - **What cannot be worked out is said** ([`Instances::unknown`]), and what is known is given
//!   beside it. Lines that Google or others write against RFC 5545 are read with good sense (`lines`,
//!   `slots`); the rest of a bad master is kept.

mod frame;
mod lines;
mod slots;
mod split;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use self::frame::Frame;
use crate::event::{Event, EventId, EventStatus, EventTime};
use crate::repeat::{MAX_OCCURRENCES, RepeatError};
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

pub use split::{Split, split};

/// The most rules (RRULE and EXRULE together) that are followed. RFC 5545 advises one.
pub const MAX_RULES: usize = 4;

/// The most dates that RDATE and EXDATE lines together may name.
pub const MAX_DATES: usize = 10_000;

/// One instance of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The slot: where the rules put it. It names the instance, also when it has moved.
    pub original: EventTime,
    /// When it starts.
    pub start: EventTime,
    /// When it ends, exclusive; never before the start.
    pub end: EventTime,
    /// The exception that stands for the slot; `None` where the master speaks.
    pub exception: Option<EventId>,
}

/// The instances that touch a window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// The known ones, in order of time.
    pub list: Vec<Instance>,
    /// Why there may be others, or why these may stand elsewhere; the first reason where there are
    /// several. A stretch without instances is then not free but unknown.
    pub unknown: Option<SeriesError>,
}

/// Why a series is not known altogether. Each is a sentence that can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// Its times were worked out in the calendar's zone instead.
    #[error("The time zone “{name}” is not known; {instead} was taken instead.")]
    UnknownZone {
        /// Its name, shortened.
        name: String,
        /// The zone that was taken.
        instead: String,
    },
    /// A rule is refused or broke; for an EXRULE too much is listed, otherwise too little.
    #[error("The repetition “{line}” cannot be followed. {why}")]
    Rule {
        /// The line, shortened.
        line: String,
        /// The reason.
        #[source]
        why: RepeatError,
    },
    /// A value of an RDATE or EXDATE is none.
    #[error("“{value}” in the repetition is not a date.")]
    Date {
        /// The value, shortened.
        value: String,
    },
    /// A line that is none of RRULE, EXRULE, RDATE and EXDATE.
    #[error("Duet does not know what “{line}” says about the repetition.")]
    Line {
        /// The line, shortened.
        line: String,
    },
    /// More than [`MAX_RULES`]; those after them are not followed.
    #[error("The event repeats by more than {MAX_RULES} rules.")]
    TooManyRules,
    /// More than [`MAX_DATES`]; those after them are not looked at.
    #[error("The event names more than {MAX_DATES} single dates.")]
    TooManyDates,
    /// The list holds only the first ones.
    #[error("The event occurs more than {limit} times in the time that is looked at.")]
    TooMany {
        /// How many were asked for.
        limit: usize,
    },
}

/// The instances of a master and its exceptions that touch a window, in order of time.
///
/// `exceptions` are those of this master, in any order; `home` is the calendar's zone, which rules
/// where the master's own is missing or unknown, and in which dates are compared with the window,
/// with a day of slack on both sides, so that they are there for people in any zone. Something
/// without length touches the window if it lies inside. At most `limit` are listed, and never more
/// than [`MAX_OCCURRENCES`]. An event without recurrence has one instance, a cancelled one none.
pub fn instances(
    master: &Event,
    exceptions: &[Event],
    zones: &ZoneDb,
    home: &Zone,
    window: Interval,
    limit: usize,
) -> Instances {
    if master.status == EventStatus::Cancelled {
        return Instances::default();
    }
    let limit = limit.min(MAX_OCCURRENCES);
    let frame = Frame::of(master, zones, home, window);
    let mut unknown = frame.unknown_zone();
    let lines = lines::read(&master.recurrence, zones, &mut unknown);
    let mut slots = slots::slots(&frame, &lines, limit + exceptions.len(), &mut unknown);
    let mut list = Vec::with_capacity(slots.len() + exceptions.len());
    for exception in exceptions {
        if let Some(original) = &exception.original_start {
            slots::take_out(&mut slots, &frame, original);
        }
        list.extend(orphan(exception).filter(|one| frame.touches(&one.start, &one.end)));
    }
    list.extend(slots.into_iter().map(|slot| {
        let original = frame.time(slot.at);
        Instance {
            start: original.clone(),
            end: frame.time(slot.at + slot.length),
            original,
            exception: None,
        }
    }));
    list.sort_by_cached_key(|one| (begin(&one.start, home), begin(&one.original, home)));
    if list.len() > limit {
        list.truncate(limit);
        unknown.get_or_insert(SeriesError::TooMany { limit });
    }
    Instances { list, unknown }
}

/// An exception as it stands, without its master: Google sends exceptions before the master, and
/// those of series to which one was never invited as a whole. `None` for a cancelled one.
pub fn orphan(exception: &Event) -> Option<Instance> {
    if exception.status == EventStatus::Cancelled {
        return None;
    }
    let start = exception.start.clone();
    let original = exception.original_start.clone();
    Some(Instance {
        original: original.unwrap_or_else(|| start.clone()),
        end: sound_end(&start, &exception.end),
        start,
        exception: Some(exception.id.clone()),
    })
}

/// The end of an event, mended where it lies before its start or is of the other kind: a whole day
/// lasts a day at least, a time may end at once.
fn sound_end(start: &EventTime, end: &EventTime) -> EventTime {
    match (start, end) {
        (EventTime::Date(start), EventTime::Date(end)) if start < end => EventTime::Date(*end),
        (EventTime::Date(start), _) => EventTime::Date(start.succ_opt().unwrap_or(*start)),
        (EventTime::At { at: begins, .. }, EventTime::At { at: ends, .. }) if begins <= ends => {
            end.clone()
        }
        (start @ EventTime::At { .. }, _) => start.clone(),
    }
}

/// Where something stands in the order of a list.
fn begin(time: &EventTime, home: &Zone) -> DateTime<Utc> {
    match time {
        EventTime::Date(date) => home.to_instant(date.and_time(NaiveTime::MIN)),
        EventTime::At { at, .. } => *at,
    }
}

/// How long an event is, once its end is mended.
fn length(event: &Event) -> TimeDelta {
    match (&event.start, sound_end(&event.start, &event.end)) {
        (EventTime::Date(start), EventTime::Date(end)) => end - *start,
        (EventTime::At { at: start, .. }, EventTime::At { at: end, .. }) => end - *start,
        _ => TimeDelta::zero(),
    }
}
