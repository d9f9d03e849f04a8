//! Which days a rule can fall on, judged day by day.
//!
//! The library behind [`super::expand`] looks for the next hit until the year 10,000, which takes
//! it up to 50 ms (measured on 2026-11-22, release build) for a rule that has none. This module
//! finds out beforehand, from the fields alone, and without looking further than is asked.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};

use super::{Frequency, Repeat, RepeatError, YEARS};

impl Repeat {
    /// Refuses a rule that no day fits, whenever it begins.
    pub(super) fn check_it_happens(&self) -> Result<(), RepeatError> {
        // Most rules choose nothing that could be impossible.
        let choices = [
            self.week_numbers.len(),
            self.year_days.len(),
            self.month_days.len(),
            self.positions.len(),
            self.weekdays.iter().filter(|(nth, _)| *nth != 0).count(),
        ];
        if choices.iter().all(|len| *len == 0) {
            return Ok(());
        }
        // Within 28 years every day of the week has met every day of the year, leap days included.
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date of the calendar");
        let days = first.iter_days().take_while(|day| day.year() < 2028);
        if self.positions.is_empty() {
            return match days.into_iter().any(|day| self.chooses(day)) {
                true => Ok(()),
                false => Err(RepeatError::NeverHappens),
            };
        }
        let times = [&self.hours, &self.minutes, &self.seconds].map(|list| list.len().max(1));
        let times: usize = times.iter().product();
        let lowest = self
            .positions
            .iter()
            .map(|at| at.unsigned_abs() as usize)
            .min()
            .unwrap_or(1);
        let (mut period, mut hits) = (None, 0);
        for day in days {
            if period != Some(self.period(day)) {
                (period, hits) = (Some(self.period(day)), 0);
            }
            if self.chooses(day) {
                hits += times;
            }
            if hits >= lowest {
                return Ok(());
            }
        }
        Err(RepeatError::NeverHappens)
    }

    /// May an occurrence of the rule, begun at `start`, fall on a day of this range? Both ends are
    /// included. "No" is certain; "yes" is not where BYSETPOS chooses among the hits.
    pub(super) fn may_fall_between(
        &self,
        start: NaiveDateTime,
        from: NaiveDate,
        to: NaiveDate,
    ) -> bool {
        let begun = start.date();
        let rule = self.completed(start);
        let interval = i64::from(self.interval);
        let fits = |day: NaiveDate| {
            (rule.period(day) - rule.period(begun)) % interval == 0 && rule.chooses(day)
        };
        let from = from.max(begun);
        from.iter_days().take_while(|day| *day <= to).any(fits)
    }

    /// The rule with what it takes from its start written out: weekday, day of month and year, time.
    pub(super) fn completed(&self, start: NaiveDateTime) -> Self {
        use chrono::Timelike;
        let mut rule = self.clone();
        let (date, time) = (start.date(), start.time());
        let any_day = rule.week_numbers.is_empty()
            && rule.year_days.is_empty()
            && rule.month_days.is_empty()
            && rule.weekdays.is_empty();
        let small = |value: u32| u8::try_from(value).expect("parts of a time are below 60");
        if any_day {
            let day = i8::try_from(date.day()).expect("months have 31 days at most");
            match rule.frequency {
                Frequency::Daily => {}
                Frequency::Weekly => rule.weekdays = vec![(0, date.weekday())],
                Frequency::Monthly => rule.month_days = vec![day],
                Frequency::Yearly => {
                    if rule.months.is_empty() {
                        rule.months = vec![small(date.month())];
                    }
                    rule.month_days = vec![day];
                }
            }
        }
        let lists = [
            (&mut rule.hours, time.hour()),
            (&mut rule.minutes, time.minute()),
            (&mut rule.seconds, time.second()),
        ];
        for (list, value) in lists {
            if list.is_empty() {
                list.push(small(value));
            }
        }
        rule
    }

    /// The number of the day, week, month or year that a day lies in; INTERVAL counts in these.
    pub(super) fn period(&self, day: NaiveDate) -> i64 {
        let days = i64::from(day.num_days_from_ce());
        match self.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => {
                (days - i64::from(day.weekday().days_since(self.week_start))).div_euclid(7)
            }
            Frequency::Monthly => i64::from(day.year()) * 12 + i64::from(day.month0()),
            Frequency::Yearly => i64::from(day.year()),
        }
    }

    /// Do the BY parts choose this day?
    pub(super) fn chooses(&self, day: NaiveDate) -> bool {
        (self.months.is_empty() || self.months.iter().any(|m| u32::from(*m) == day.month()))
            && chosen(&self.month_days, day.day(), days_of_month(day))
            && chosen(&self.year_days, day.ordinal(), days_of_year(day))
            && self.chooses_week(day)
            && self.chooses_weekday(day)
    }

    fn chooses_week(&self, day: NaiveDate) -> bool {
        if self.week_numbers.is_empty() {
            return true;
        }
        // A week belongs to the year that has four of its days, which is the year of its fourth.
        let past = i64::from(day.weekday().days_since(self.week_start));
        let fourth = day + TimeDelta::days(3 - past);
        let last_of_year = fourth.ordinal() + (days_of_year(fourth) - fourth.ordinal()) / 7 * 7;
        let number = |ordinal: u32| (ordinal - 1) / 7 + 1;
        chosen(
            &self.week_numbers,
            number(fourth.ordinal()),
            number(last_of_year),
        )
    }

    fn chooses_weekday(&self, day: NaiveDate) -> bool {
        if self.weekdays.is_empty() {
            return true;
        }
        let of_year = self.frequency == Frequency::Yearly && self.months.is_empty();
        let (at, length) = if of_year {
            (day.ordinal(), days_of_year(day))
        } else {
            (day.day(), days_of_month(day))
        };
        let nth = |at: u32| i64::from((at - 1) / 7 + 1);
        self.weekdays.iter().any(|(wanted, weekday)| {
            let wanted = i64::from(*wanted);
            let fits = wanted == 0 || wanted == nth(at) || -wanted == nth(length + 1 - at);
            fits && *weekday == day.weekday()
        })
    }
}

/// Is a number, or its place counted from the end, in a list? An empty list chooses all.
fn chosen<T: Copy + Into<i64>>(list: &[T], number: u32, of: u32) -> bool {
    let (number, of) = (i64::from(number), i64::from(of));
    list.is_empty()
        || list
            .iter()
            .any(|at| [number, number - of - 1].contains(&(*at).into()))
}

pub(super) fn days_of_month(day: NaiveDate) -> u32 {
    u32::from(day.num_days_in_month())
}

fn days_of_year(day: NaiveDate) -> u32 {
    if day.leap_year() { 366 } else { 365 }
}

/// The first day that may repeat, and the last.
pub(super) fn calendar() -> (NaiveDate, NaiveDate) {
    let first = NaiveDate::from_ymd_opt(*YEARS.start(), 1, 1).unwrap_or(NaiveDate::MIN);
    let last = NaiveDate::from_ymd_opt(*YEARS.end(), 12, 31).unwrap_or(NaiveDate::MAX);
    (first, last)
}

/// A day moved by whole days, stopping at the ends of the calendar.
pub(super) fn moved(day: NaiveDate, by: i64) -> NaiveDate {
    let days = Days::new(by.unsigned_abs());
    let to = if by < 0 {
        day.checked_sub_days(days)
    } else {
        day.checked_add_days(days)
    };
    to.unwrap_or(if by < 0 {
        NaiveDate::MIN
    } else {
        NaiveDate::MAX
    })
}

/// The first day of a month counted as [`Repeat::period`] counts months.
pub(super) fn first_of_month(months: i64) -> Option<NaiveDate> {
    let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
    NaiveDate::from_ymd_opt(i32::try_from(months.div_euclid(12)).ok()?, month, 1)
}
