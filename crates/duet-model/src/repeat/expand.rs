//! From a rule to the occurrences inside a window.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::{Datelike, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike};
use rrule::{NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use super::happens::{calendar, first_of_month, moved};
use super::walk::last_day;
use super::{End, Frequency, Repeat, RepeatError, YEARS};
use crate::block::{ManualBlock, Occurrence};
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

/// The most occurrences that are ever computed at once.
pub const MAX_OCCURRENCES: usize = 3500;

/// The occurrences of a block that touch a window, in order of time; one if it does not repeat.
///
/// The wall clock of the block's zone rules: an occurrence starts and ends when it shows the
/// block's times. Where the clock skips the start, the occurrence begins later instead of getting
/// lost (`zones`), and if then nothing of it remained, it keeps its length. Of occurrences that
/// come to begin at the same instant because the zone left out a day, one remains. Those named in
/// `except` are left out, but still count for COUNT. As in the common libraries, the block's start
/// is an occurrence only if the rule fits it.
///
/// # Errors
///
/// The rule is refused, the zone is unknown, or there are more than `limit` occurrences (at most
/// [`MAX_OCCURRENCES`]): an incomplete answer would look like free time.
pub fn expand(
    block: &ManualBlock,
    zones: &ZoneDb,
    window: Interval,
    limit: usize,
) -> Result<Vec<Occurrence>, RepeatError> {
    let zone = zones.zone(&block.zone);
    let zone = zone.ok_or_else(|| RepeatError::UnknownZone {
        name: block.zone.clone(),
    })?;
    if block.end <= block.start {
        return Err(RepeatError::EndsBeforeStart);
    }
    let length = block.end - block.start;
    let limit = limit.min(MAX_OCCURRENCES);
    let mut found = Vec::new();
    let mut take = |wall_start: NaiveDateTime| {
        let Some(occurrence) = occurrence(&zone, wall_start, length) else {
            return ControlFlow::Continue(());
        };
        if block.except.contains(&wall_start) || !occurrence.span.overlaps(&window) {
            return ControlFlow::Continue(());
        }
        found.push(occurrence);
        if found.len() > limit {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    match &block.repeat {
        None => _ = take(block.start),
        Some(rule) => {
            // A zone can leave out a day and show an hour twice; two days cover both.
            let slack = TimeDelta::days(2);
            let from = zone
                .to_wall(window.start)
                .checked_sub_signed(length + slack);
            let to = zone.to_wall(window.end).checked_add_signed(slack);
            Repeat::parse(rule)?.each(
                block.start,
                &zone,
                from.unwrap_or(NaiveDateTime::MIN),
                to.unwrap_or(NaiveDateTime::MAX),
                &mut take,
            )?;
        }
    }
    if found.len() > limit {
        return Err(RepeatError::TooMany { limit });
    }
    // Of two that begin together the later name is the one that the clock really shows.
    found.sort_by_key(|one| (one.span.start, std::cmp::Reverse(one.wall_start)));
    found.dedup_by_key(|one| one.span.start);
    Ok(found)
}

/// Where a block itself stands, whatever its repetition and exceptions; `None` where its zone is
/// unknown or it ends before it starts.
pub fn first(block: &ManualBlock, zones: &ZoneDb) -> Option<Occurrence> {
    let zone = zones.zone(&block.zone)?;
    let length = block.end - block.start;
    if length <= TimeDelta::zero() {
        return None;
    }
    occurrence(&zone, block.start, length)
}

/// One occurrence on the wall clock of a zone; `None` only at the ends of time.
fn occurrence(zone: &Zone, wall_start: NaiveDateTime, length: TimeDelta) -> Option<Occurrence> {
    let start = zone.to_instant(wall_start);
    let end = zone.to_instant(wall_start.checked_add_signed(length)?);
    let span = Interval::new(start, end).or_else(|| {
        // The clock skipped the start and passed the end with it.
        let shown = zone.to_wall(start).checked_add_signed(length)?;
        Interval::new(start, zone.to_instant(shown))
    })?;
    Some(Occurrence { wall_start, span })
}

impl Repeat {
    /// Does the rule hit the block's own start? If not, the block is not drawn where it was put.
    ///
    /// # Errors
    ///
    /// As [`expand`].
    pub fn fits_start(&self, start: NaiveDateTime, zone: &Zone) -> Result<bool, RepeatError> {
        let mut first = None;
        self.each(start, zone, start, start, &mut |wall| {
            first = Some(wall);
            ControlFlow::Break(())
        })?;
        Ok(first == Some(start))
    }

    /// Does the rule end before a block that starts then has happened once?
    pub fn ends_before(&self, start: NaiveDateTime, zone: &Zone) -> bool {
        match self.end {
            End::Never | End::Count(_) => false,
            End::Date(last) => last < start.date(),
            End::Wall(last) => last < start,
            End::Instant(last) => last < zone.to_instant(start),
        }
    }

    /// Hands over the wall-clock starts from `from` to `to` (both included), in order, until told
    /// to stop. Zones matter only for an end that is given as an instant.
    ///
    /// # Errors
    ///
    /// The start is out of range, or the library breaks.
    pub fn each(
        &self,
        start: NaiveDateTime,
        zone: &Zone,
        from: NaiveDateTime,
        to: NaiveDateTime,
        take: &mut dyn FnMut(NaiveDateTime) -> ControlFlow<()>,
    ) -> Result<(), RepeatError> {
        if !YEARS.contains(&start.year()) {
            return Err(RepeatError::StartOutOfRange);
        }
        self.each_from_any_year(start, zone, from, to, take)
    }

    /// As [`Repeat::each`], and a plain rule may begin in any year: address books write 1604 for a
    /// birthday without one.
    pub(crate) fn each_from_any_year(
        &self,
        start: NaiveDateTime,
        zone: &Zone,
        from: NaiveDateTime,
        to: NaiveDateTime,
        take: &mut dyn FnMut(NaiveDateTime) -> ControlFlow<()>,
    ) -> Result<(), RepeatError> {
        // Rules count in whole seconds; a fraction would put the first hit before the start.
        let start = start.with_nanosecond(0).unwrap_or(start);
        let (_, last) = calendar();
        let last = last_day(self.end, |at| zone.to_wall(at)).map_or(last, |day| day.min(last));
        let to = to.min(last.and_time(end_of_day()));
        let ended = |wall: NaiveDateTime| match self.end {
            End::Wall(last) => wall > last,
            End::Instant(last) => zone.to_instant(wall) > last,
            End::Never | End::Count(_) | End::Date(_) => false,
        };
        if from > to {
            return Ok(());
        }
        let mut take = |wall| match ended(wall) {
            true => ControlFlow::Continue(()),
            false => take(wall),
        };
        let rule = self.completed(start);
        if rule.is_plain() {
            rule.walk(start, from, to, &mut take);
            return Ok(());
        }
        if !YEARS.contains(&start.year()) {
            return Err(RepeatError::StartOutOfRange);
        }
        rule.by_library(start, from, to, &mut take)
    }

    /// As [`Repeat::walk`], for any rule: the library works it out.
    ///
    /// # Errors
    ///
    /// The library breaks.
    pub(super) fn by_library(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
        take: &mut dyn FnMut(NaiveDateTime) -> ControlFlow<()>,
    ) -> Result<(), RepeatError> {
        if !self.may_fall_between(start, from.date(), to.date()) {
            return Ok(());
        }
        let set = set(self, self.begin_near(start, from))?;
        // The library has panicked on input before, and a calendar must not take Duet down.
        let walked = catch_unwind(AssertUnwindSafe(|| {
            let walls = set.into_iter().map(|at| at.naive_utc());
            for wall in walls.take_while(|wall| *wall <= to) {
                if from <= wall && take(wall).is_break() {
                    break;
                }
            }
        }));
        walked.map_err(|_| RepeatError::Unworkable {
            reason: "it broke the calculation".into(),
        })
    }

    /// A start from which the rule hits the same from `from` on, as late as possible: a rule begun
    /// ten years ago is not walked through from its beginning. With COUNT there is no other start.
    fn begin_near(&self, start: NaiveDateTime, from: NaiveDateTime) -> NaiveDateTime {
        if matches!(self.end, End::Count(_)) {
            return start;
        }
        let interval = i64::from(self.interval);
        let periods = self.period(from.date()) - self.period(start.date());
        // One period earlier than could be, so that no hit of the first one is cut off.
        let skipped = (periods / interval - 1) * interval;
        if skipped <= 0 {
            return start;
        }
        let begin: Option<NaiveDate> = match self.frequency {
            Frequency::Daily => Some(moved(start.date(), skipped)),
            Frequency::Weekly => Some(moved(start.date(), skipped * 7)),
            Frequency::Monthly => first_of_month(self.period(start.date()) + skipped),
            Frequency::Yearly => first_of_month((self.period(start.date()) + skipped) * 12),
        };
        begin.map_or(start, |date| date.and_time(NaiveTime::MIN))
    }
}

fn end_of_day() -> NaiveTime {
    NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN)
}

/// The rule in the library's terms, on a clock without zones, which it calls UTC. Only checked
/// numbers get there, never text.
fn set(rule: &Repeat, begin: NaiveDateTime) -> Result<RRuleSet, RepeatError> {
    let begin = Tz::UTC.from_utc_datetime(&begin);
    let months: Vec<Month> = rule
        .months
        .iter()
        .filter_map(|m| Month::try_from(*m).ok())
        .collect();
    let weekdays = rule.weekdays.iter();
    let frequency = match rule.frequency {
        Frequency::Daily => rrule::Frequency::Daily,
        Frequency::Weekly => rrule::Frequency::Weekly,
        Frequency::Monthly => rrule::Frequency::Monthly,
        Frequency::Yearly => rrule::Frequency::Yearly,
    };
    let mut theirs: RRule<Unvalidated> = RRule::new(frequency)
        .interval(rule.interval)
        .week_start(rule.week_start)
        .by_month(&months)
        .by_week_no(rule.week_numbers.clone())
        .by_year_day(rule.year_days.clone())
        .by_month_day(rule.month_days.clone())
        .by_weekday(
            weekdays
                .map(|&(n, day)| NWeekday::new((n != 0).then_some(n), day))
                .collect(),
        )
        .by_hour(rule.hours.clone())
        .by_minute(rule.minutes.clone())
        .by_second(rule.seconds.clone())
        .by_set_pos(rule.positions.clone());
    if let End::Count(count) = rule.end {
        theirs = theirs.count(count);
    }
    let checked = catch_unwind(AssertUnwindSafe(|| theirs.validate(begin)));
    let checked = checked
        .map_err(|_| "it broke the calculation".to_owned())
        .and_then(|checked| checked.map_err(|error| error.to_string()))
        .map_err(|reason| RepeatError::Unworkable { reason })?;
    Ok(RRuleSet::new(begin).rrule(checked).limit())
}
