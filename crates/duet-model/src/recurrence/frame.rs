//! Where a series stands: its clock, its length, the window, and how a written date is meant in it.

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::lines::{Length, Moment, Stamp, refused, shortened};
use super::{SeriesError, length};
use crate::event::{Event, EventTime};
use crate::repeat::Repeat;
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

/// Where a series stands: its clock, its length and the window.
///
/// Whole days are counted on the clock of UTC, where a date is its midnight; these instants never
/// leave `recurrence`.
pub(super) struct Frame<'a> {
    whole_days: bool,
    zone: Zone,
    /// The zone as Google wrote it.
    name: Option<&'a String>,
    home: &'a Zone,
    /// The master's own start.
    start: DateTime<Utc>,
    /// The same on the clock of `zone`, in whole seconds.
    start_wall: NaiveDateTime,
    length: TimeDelta,
    window: Interval,
    /// The window for whole days, at midnights of UTC.
    days: Interval,
    unknown_zone: bool,
}

/// One place in a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// When it starts.
    pub(super) at: DateTime<Utc>,
    /// What the clock of the series should show then.
    pub(super) wall: NaiveDateTime,
    /// How long it is.
    pub(super) length: TimeDelta,
}

impl<'a> Frame<'a> {
    pub(super) fn of(master: &'a Event, zones: &ZoneDb, home: &'a Zone, window: Interval) -> Self {
        let midnight = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
        let first = home.to_wall(window.start).date().pred_opt();
        let last = home.to_wall(window.end).date();
        let days = Interval {
            start: midnight(first.unwrap_or(NaiveDate::MIN)),
            end: midnight(last)
                .checked_add_signed(TimeDelta::days(2))
                .unwrap_or(midnight(last)),
        };
        let (whole_days, start, name) = match &master.start {
            EventTime::Date(date) => (true, midnight(*date), None),
            EventTime::At { at, zone } => (false, *at, zone.as_ref()),
        };
        let own = match name {
            _ if whole_days => Some(Zone::utc()),
            None => Some(home.clone()),
            Some(name) => zones.zone(name),
        };
        let unknown_zone = own.is_none();
        let zone = own.unwrap_or_else(|| home.clone());
        let wall = zone.to_wall(start);
        Self {
            whole_days,
            start,
            start_wall: wall.with_nanosecond(0).unwrap_or(wall),
            length: length(master),
            zone,
            name,
            home,
            window,
            days,
            unknown_zone,
        }
    }

    /// Is the clock of the series a guess?
    pub(super) fn unknown_zone(&self) -> Option<SeriesError> {
        let name = self.name.filter(|_| self.unknown_zone)?;
        Some(SeriesError::UnknownZone {
            name: shortened(name),
            instead: self.home.name().to_owned(),
        })
    }

    /// An instant of this module as the series would write it.
    pub(super) fn time(&self, at: DateTime<Utc>) -> EventTime {
        if self.whole_days {
            EventTime::Date(at.date_naive())
        } else {
            EventTime::At {
                at,
                zone: self.name.cloned(),
            }
        }
    }

    /// Is it a series of whole days?
    pub(super) fn is_of_whole_days(&self) -> bool {
        self.whole_days
    }

    /// The slot of the master itself.
    pub(super) fn first(&self) -> Slot {
        self.slot(self.start_wall, self.length)
    }

    /// Did a rule end before the series began?
    pub(super) fn is_over(&self, rule: &Repeat) -> bool {
        rule.ends_before(self.start_wall, &self.zone)
    }

    /// What [`Slot::at`] is for an original start; a date belongs to a series of whole days here.
    pub(super) fn key(&self, original: &EventTime) -> DateTime<Utc> {
        let day = match original {
            EventTime::Date(date) => *date,
            EventTime::At { at, .. } if self.whole_days => day_of(*at, self.home),
            EventTime::At { at, .. } => return *at,
        };
        day.and_time(NaiveTime::MIN).and_utc()
    }

    /// Does something touch the window?
    pub(super) fn touches(&self, start: &EventTime, end: &EventTime) -> bool {
        let instant = |time: &EventTime| match time {
            EventTime::Date(date) => date.and_time(NaiveTime::MIN).and_utc(),
            EventTime::At { at, .. } => *at,
        };
        let window = if start.is_date() {
            &self.days
        } else {
            &self.window
        };
        touches(window, instant(start), instant(end))
    }

    pub(super) fn slot(&self, wall: NaiveDateTime, length: TimeDelta) -> Slot {
        // The master may start in the second showing of an hour, which no wall clock tells.
        let at = if wall == self.start_wall {
            self.start
        } else {
            self.zone.to_instant(wall)
        };
        Slot { at, wall, length }
    }

    pub(super) fn is_in_window(&self, slot: &Slot) -> bool {
        let window = if self.whole_days {
            &self.days
        } else {
            &self.window
        };
        let end = slot.at.checked_add_signed(slot.length);
        touches(window, slot.at, end.unwrap_or(slot.at))
    }

    /// The slot that a value of RDATE or EXDATE names. A date means that day at the time of the
    /// series, and a time means its day to a series of whole days. A date that takes out of a series
    /// at a time names no slot but a day, see `slots`.
    pub(super) fn slot_at(&self, stamp: &Stamp) -> Slot {
        let length = self.length;
        if self.whole_days {
            let date = match stamp {
                Stamp::Date(date) => *date,
                Stamp::Wall(wall, _) => wall.date(),
                Stamp::At(at) => day_of(*at, self.home),
            };
            return self.slot(date.and_time(NaiveTime::MIN), length);
        }
        let at = match stamp {
            Stamp::Date(date) => return self.slot(date.and_time(self.start_wall.time()), length),
            Stamp::Wall(wall, None) => return self.slot(*wall, length),
            Stamp::Wall(wall, Some(zone)) => zone.to_instant(*wall),
            Stamp::At(at) => *at,
        };
        let wall = self.zone.to_wall(at);
        Slot { at, wall, length }
    }

    /// The slot of a value of RDATE, with a length of its own where it has one.
    pub(super) fn slot_of(&self, moment: &Moment) -> Slot {
        let slot = self.slot_at(&moment.start);
        let length = match &moment.length {
            None => self.length,
            Some(Length::Lasts(length)) => *length,
            Some(Length::Until(end)) => self.slot_at(end).at - slot.at,
        };
        let shortest = TimeDelta::days(i64::from(self.whole_days));
        Slot {
            length: length.max(shortest),
            ..slot
        }
    }

    /// Hands over the slots of a rule that may lie in the window.
    pub(super) fn follow(
        &self,
        rule: &Repeat,
        line: &str,
        unknown: &mut Option<SeriesError>,
        take: &mut dyn FnMut(Slot) -> ControlFlow<()>,
    ) {
        let window = if self.whole_days {
            &self.days
        } else {
            &self.window
        };
        // A zone can leave out a day and show an hour twice; two days cover both.
        let slack = TimeDelta::days(2);
        let from = self.zone.to_wall(window.start);
        let from = from.checked_sub_signed(self.length + slack);
        let to = self.zone.to_wall(window.end).checked_add_signed(slack);
        let followed = rule.each_from_any_year(
            self.start_wall,
            &self.zone,
            from.unwrap_or(NaiveDateTime::MIN),
            to.unwrap_or(NaiveDateTime::MAX),
            &mut |wall| {
                let slot = self.slot(wall, self.length);
                if self.is_in_window(&slot) {
                    take(slot)
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        if let Err(why) = followed {
            unknown.get_or_insert(refused(line, why));
        }
    }

    /// The rule as this series means it.
    pub(super) fn settled(&self, rule: &Repeat) -> Repeat {
        let rule = rule.clone().in_the_month_of(self.start_wall.date());
        if self.whole_days {
            rule.of_whole_days(|at| day_of(at, self.home))
        } else {
            rule
        }
    }
}

/// The day that an instant means where a day was wanted: the one of its own digits if these say
/// midnight or the last second of a day, because programs write days like that; otherwise that of
/// the calendar's zone, for its midnight is what remains.
fn day_of(at: DateTime<Utc>, home: &Zone) -> NaiveDate {
    let plain = at.naive_utc();
    match (plain.hour(), plain.minute(), plain.second()) {
        (0, 0, 0) | (23, 59, 59) => plain.date(),
        _ => home.to_wall(at).date(),
    }
}

/// Something without length touches a window if it lies inside.
fn touches(window: &Interval, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
    if start >= end {
        window.contains(start)
    } else {
        start < window.end && window.start < end
    }
}
