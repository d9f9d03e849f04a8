//! Following a rule by arithmetic alone.
//!
//! The library behind [`super::expand`] builds tables of a whole year for every rule, about 50 µs
//! for one week, and with COUNT it walks from the very beginning. Nearly all rules of real calendars
//! choose their days one by one, though, and then the days of the window are all there is to look
//! at. Both ways are held against each other in the tests.

use std::ops::ControlFlow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::happens::{first_of_month, moved};
use super::{End, Frequency, Repeat};

impl Repeat {
    /// Is each hit told by its own day? Not where BYSETPOS chooses among the hits of a period, nor
    /// with BYWEEKNO, whose weeks lie across two years.
    pub(crate) fn is_plain(&self) -> bool {
        self.positions.is_empty() && self.week_numbers.is_empty()
    }

    /// Hands over the hits from `from` to `to` (both included), in order, until told to stop. Of
    /// the ends only COUNT is looked at; the rule is plain and [`Repeat::completed`].
    pub(super) fn walk(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
        take: &mut dyn FnMut(NaiveDateTime) -> ControlFlow<()>,
    ) {
        if let Some(weekly) = self.as_weekly() {
            return weekly.walk(start, from, to, take);
        }
        let times = self.times();
        let begun = self.period(start.date());
        let interval = i64::from(self.interval);
        let (mut day, mut left) = match self.end {
            End::Count(count) => match self.skip_counted(start, from, u64::from(count), &times) {
                Some((day, left)) => (day, Some(left)),
                None => return,
            },
            _ => (from.date().max(start.date()), None),
        };
        while day <= to.date() {
            let period = self.period(day);
            let past = (period - begun).rem_euclid(interval);
            if past != 0 {
                match self.first_day(period + interval - past) {
                    Some(next) => day = next,
                    None => return,
                }
                continue;
            }
            let hits = if self.chooses(day) { &times[..] } else { &[] };
            for wall in hits.iter().map(|time| day.and_time(*time)) {
                if wall < start {
                    continue;
                }
                if wall > to || left == Some(0) {
                    return;
                }
                left = left.map(|left| left - 1);
                if wall >= from && take(wall).is_break() {
                    return;
                }
            }
            match day.succ_opt() {
                Some(next) => day = next,
                None => return,
            }
        }
    }

    /// Each day that is one of some weekdays is each week on these weekdays, and weeks can be counted
    /// without looking at them.
    fn as_weekly(&self) -> Option<Self> {
        let fits = self.frequency == Frequency::Daily && self.interval == 1;
        (fits && !self.weekdays.is_empty()).then(|| Self {
            frequency: Frequency::Weekly,
            ..self.clone()
        })
    }

    /// For a rule with COUNT, the latest day from which it can be followed and how many hits are
    /// left then; `None` where none are.
    fn skip_counted(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        count: u64,
        times: &[NaiveTime],
    ) -> Option<(NaiveDate, u64)> {
        let begun = self.period(start.date());
        let interval = i64::from(self.interval);
        let periods = (self.period(from.date()) - begun).div_euclid(interval);
        let Some(each) = self.hits_of_a_period(times.len()).filter(|_| periods > 0) else {
            return Some((start.date(), count));
        };
        // The first period has begun before the start; its hits are counted one by one.
        let mut first = 0;
        let end = self.first_day(begun + 1)?;
        for day in start.date().iter_days().take_while(|day| *day < end) {
            if self.chooses(day) {
                let after = times.iter().filter(|time| day.and_time(**time) >= start);
                first += after.count() as u64;
            }
        }
        let whole = u64::try_from(periods - 1).ok()?;
        let skipped = whole.saturating_mul(each).saturating_add(first);
        let left = count.checked_sub(skipped).filter(|left| *left > 0)?;
        Some((self.first_day(begun + periods * interval)?, left))
    }

    /// How many hits every period has, where that is the same for all of them.
    fn hits_of_a_period(&self, times: usize) -> Option<u64> {
        let in_every_month = self.month_days.iter().all(|day| (1..=28).contains(day));
        let no_days = self.weekdays.is_empty() && self.year_days.is_empty();
        let days = match self.frequency {
            Frequency::Daily if no_days && self.months.is_empty() && self.month_days.is_empty() => {
                1
            }
            Frequency::Weekly if self.months.is_empty() && self.month_days.is_empty() => {
                self.weekdays.len()
            }
            Frequency::Monthly if no_days && in_every_month && self.months.is_empty() => {
                self.month_days.len()
            }
            Frequency::Yearly if no_days && in_every_month && !self.months.is_empty() => {
                self.month_days.len() * self.months.len()
            }
            _ => return None,
        };
        Some((days * times) as u64)
    }

    /// The first day of a period as [`Repeat::period`] counts them.
    fn first_day(&self, period: i64) -> Option<NaiveDate> {
        match self.frequency {
            Frequency::Daily => NaiveDate::from_num_days_from_ce_opt(i32::try_from(period).ok()?),
            Frequency::Weekly => {
                // Day 1 of the count is a Monday.
                let past = (1 + self.week_start.num_days_from_monday()) % 7;
                let days = period.checked_mul(7)?.checked_add(i64::from(past))?;
                NaiveDate::from_num_days_from_ce_opt(i32::try_from(days).ok()?)
            }
            Frequency::Monthly => first_of_month(period),
            Frequency::Yearly => first_of_month(period.checked_mul(12)?),
        }
    }

    /// The times of a day with a hit, in order; the rule is completed.
    fn times(&self) -> Vec<NaiveTime> {
        let mut times =
            Vec::with_capacity(self.hours.len() * self.minutes.len() * self.seconds.len());
        for hour in &self.hours {
            for minute in &self.minutes {
                for second in &self.seconds {
                    let [h, m, s] = [*hour, *minute, *second].map(u32::from);
                    times.extend(NaiveTime::from_hms_opt(h, m, s));
                }
            }
        }
        times
    }
}

/// The last day that the end of a rule can mean; `None` where the rule tells none.
///
/// In a fold the wall clock is behind the instant by up to a day, so an instant gets two days more
/// and is then looked at exactly.
pub(super) fn last_day(
    end: End,
    wall: impl FnOnce(chrono::DateTime<chrono::Utc>) -> NaiveDateTime,
) -> Option<NaiveDate> {
    match end {
        End::Never | End::Count(_) => None,
        End::Date(date) => Some(date),
        End::Wall(wall) => Some(wall.date()),
        End::Instant(at) => Some(moved(wall(at).date(), 2)),
    }
}
