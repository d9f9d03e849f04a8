//! Repetition in wall-clock time: RRULE, EXRULE, RDATE, EXDATE of the frequencies calendars use
//! (daily to yearly). Own code on purpose: the client expands with a library, and a server that used
//! the same one would agree with it also where it is wrong.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};

use crate::zone;

/// No rule is followed further than this many periods, whatever it says.
const MAX_PERIODS: i64 = 60_000;
const LAST_YEAR: i32 = 2200;

/// A parsed `recurrence` field.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Recurrence {
    rules: Vec<Rule>,
    without: Vec<Rule>,
    dates: BTreeSet<NaiveDateTime>,
    except: BTreeSet<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    every: Every,
    interval: u32,
    count: Option<u32>,
    until: Option<NaiveDateTime>,
    days: Vec<(i32, Weekday)>,
    month_days: Vec<i32>,
    months: Vec<u32>,
    positions: Vec<i32>,
    week_start: Weekday,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Day,
    Week,
    Month,
    Year,
}

impl Recurrence {
    /// Reads the lines of a `recurrence` array. `zone` is the event's own zone, into which UNTIL,
    /// RDATE and EXDATE are brought. None when a line cannot be understood.
    pub(crate) fn parse<'a>(
        lines: impl IntoIterator<Item = &'a str>,
        zone: &str,
    ) -> Option<Recurrence> {
        let mut out = Recurrence::default();
        for line in lines {
            let (head, value) = line.split_once(':')?;
            let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
            match name.to_ascii_uppercase().as_str() {
                "RRULE" => out.rules.push(Rule::parse(value, zone)?),
                "EXRULE" => out.without.push(Rule::parse(value, zone)?),
                "RDATE" => out.dates.extend(parse_dates(parameters, value, zone)?),
                "EXDATE" => out.except.extend(parse_dates(parameters, value, zone)?),
                _ => return None,
            }
        }
        Some(out)
    }

    /// Every slot from `from` (inclusive) to `to` (exclusive), in wall-clock time and in order.
    pub(crate) fn slots(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Vec<NaiveDateTime> {
        let mut slots = BTreeSet::new();
        if self.rules.is_empty() {
            // Only dates are listed: the first occurrence is the event itself.
            slots.insert(start);
        }
        for rule in &self.rules {
            slots.extend(rule.slots(start, from, to));
        }
        slots.extend(self.dates.iter().copied());
        for rule in &self.without {
            for slot in rule.slots(start, from, to) {
                slots.remove(&slot);
            }
        }
        slots
            .into_iter()
            .filter(|at| from <= *at && *at < to && !self.except.contains(at))
            .collect()
    }
}

impl Rule {
    fn parse(text: &str, zone: &str) -> Option<Rule> {
        let mut rule = Rule {
            every: Every::Day,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Mon,
        };
        let mut every = None;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=')?;
            match name.to_ascii_uppercase().as_str() {
                "FREQ" => {
                    every = Some(match value {
                        "DAILY" => Every::Day,
                        "WEEKLY" => Every::Week,
                        "MONTHLY" => Every::Month,
                        "YEARLY" => Every::Year,
                        _ => return None,
                    });
                }
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|n| (1..=1000).contains(n))?
                }
                "COUNT" => rule.count = Some(value.parse().ok().filter(|n| *n > 0)?),
                "UNTIL" => rule.until = Some(parse_until(value, zone)?),
                "BYDAY" => {
                    rule.days = value.split(',').map(parse_day).collect::<Option<_>>()?;
                }
                "BYMONTHDAY" => rule.month_days = numbers(value, 31)?,
                "BYMONTH" => {
                    rule.months = numbers(value, 12)?
                        .into_iter()
                        .map(|n| u32::try_from(n).ok())
                        .collect::<Option<_>>()?;
                }
                "BYSETPOS" => rule.positions = numbers(value, 366)?,
                "WKST" => rule.week_start = parse_weekday(value)?,
                _ => return None,
            }
        }
        rule.every = every?;
        Some(rule)
    }

    fn slots(
        &self,
        start: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Vec<NaiveDateTime> {
        let mut out = Vec::new();
        let mut seen = 0;
        // A counted rule has to be counted from its beginning; others may start near the window.
        let first = if self.count.is_some() {
            0
        } else {
            self.period_before(start, from)
        };
        for period in first..first + MAX_PERIODS {
            let Some(dates) = self.dates_of(start.date(), period) else {
                break;
            };
            for date in dates {
                let slot = date.and_time(start.time());
                if slot < start {
                    continue;
                }
                if self.until.is_some_and(|until| slot > until) || slot >= to {
                    return out;
                }
                seen += 1;
                if self.count.is_some_and(|count| seen > count) {
                    return out;
                }
                if slot >= from {
                    out.push(slot);
                }
            }
        }
        out
    }

    /// A period that lies safely before `from`.
    fn period_before(&self, start: NaiveDateTime, from: NaiveDateTime) -> i64 {
        let days = (from - start).num_days();
        let length = match self.every {
            Every::Day => 1,
            Every::Week => 7,
            Every::Month => 31,
            Every::Year => 366,
        };
        (days / (length * i64::from(self.interval)) - 2).max(0)
    }

    /// The dates of one period in order; None beyond the calendar.
    fn dates_of(&self, start: NaiveDate, period: i64) -> Option<Vec<NaiveDate>> {
        let steps = u64::try_from(period).ok()? * u64::from(self.interval);
        let mut dates = match self.every {
            Every::Day => {
                let date = start.checked_add_days(Days::new(steps))?;
                let kept = self.month_fits(date)
                    && self.month_day_fits(date)
                    && (self.days.is_empty() || self.weekday_fits(date));
                if date.year() > LAST_YEAR {
                    return None;
                }
                if kept { vec![date] } else { Vec::new() }
            }
            Every::Week => {
                let monday = start.week(self.week_start).checked_first_day()?;
                let week = monday.checked_add_days(Days::new(steps * 7))?;
                if week.year() > LAST_YEAR {
                    return None;
                }
                let wanted = |date: &NaiveDate| match self.days.is_empty() {
                    true => date.weekday() == start.weekday(),
                    false => self.weekday_fits(*date),
                };
                (0..7)
                    .filter_map(|day| week.checked_add_days(Days::new(day)))
                    .filter(|date| wanted(date) && self.month_fits(*date))
                    .collect()
            }
            Every::Month => {
                let months = u32::try_from(steps).ok()?;
                let first = start.with_day(1)?.checked_add_months(Months::new(months))?;
                if first.year() > LAST_YEAR {
                    return None;
                }
                if self.month_fits(first) {
                    self.in_month(first, start.day())
                } else {
                    Vec::new()
                }
            }
            Every::Year => {
                let year = start.year().checked_add(i32::try_from(steps).ok()?)?;
                if year > LAST_YEAR {
                    return None;
                }
                self.in_year(year, start)
            }
        };
        dates.sort_unstable();
        dates.dedup();
        if self.positions.is_empty() {
            return Some(dates);
        }
        let length = i32::try_from(dates.len()).ok()?;
        let chosen: BTreeSet<_> = self
            .positions
            .iter()
            .filter_map(|position| usize::try_from(nth(*position, length)?).ok())
            .filter_map(|index| dates.get(index).copied())
            .collect();
        Some(chosen.into_iter().collect())
    }

    fn in_month(&self, first: NaiveDate, start_day: u32) -> Vec<NaiveDate> {
        let length = first.num_days_in_month();
        let days = (1..=u32::from(length)).filter_map(|day| first.with_day(day));
        if self.days.is_empty() && self.month_days.is_empty() {
            return first.with_day(start_day).into_iter().collect();
        }
        days.filter(|date| {
            self.month_day_fits(*date)
                && (self.days.is_empty()
                    || self.nth_weekday_fits(*date, date.day0(), length.into()))
        })
        .collect()
    }

    fn in_year(&self, year: i32, start: NaiveDate) -> Vec<NaiveDate> {
        let firsts = |months: &[u32]| -> Vec<NaiveDate> {
            months
                .iter()
                .filter_map(|month| NaiveDate::from_ymd_opt(year, *month, 1))
                .collect()
        };
        let all: Vec<u32> = (1..=12).collect();
        if !self.months.is_empty() {
            let firsts = firsts(&self.months);
            return firsts
                .into_iter()
                .flat_map(|first| self.in_month(first, start.day()))
                .collect();
        }
        if !self.month_days.is_empty() {
            let firsts = firsts(&all);
            return firsts
                .into_iter()
                .flat_map(|first| self.in_month(first, start.day()))
                .collect();
        }
        if self.days.is_empty() {
            return NaiveDate::from_ymd_opt(year, start.month(), start.day())
                .into_iter()
                .collect();
        }
        // Weekdays without a month are counted within the year.
        let Some(first) = NaiveDate::from_ymd_opt(year, 1, 1) else {
            return Vec::new();
        };
        let length = if first.leap_year() { 366 } else { 365 };
        first
            .iter_days()
            .take_while(|date| date.year() == year)
            .filter(|date| self.nth_weekday_fits(*date, date.ordinal0(), length))
            .collect()
    }

    fn month_fits(&self, date: NaiveDate) -> bool {
        self.months.is_empty() || self.months.contains(&date.month())
    }

    fn month_day_fits(&self, date: NaiveDate) -> bool {
        let length = i32::from(date.num_days_in_month());
        let day = date.day0().cast_signed();
        self.month_days.is_empty()
            || self
                .month_days
                .iter()
                .any(|wanted| nth(*wanted, length) == Some(day))
    }

    fn weekday_fits(&self, date: NaiveDate) -> bool {
        self.days
            .iter()
            .any(|(_, weekday)| *weekday == date.weekday())
    }

    /// Whether `date`, the `index`th day of a span of `length` days, is one of the weekdays asked
    /// for, counted from the front or from the back.
    fn nth_weekday_fits(&self, date: NaiveDate, index: u32, length: u32) -> bool {
        let from_front = (index / 7 + 1).cast_signed();
        let from_back = -((length - 1 - index) / 7 + 1).cast_signed();
        self.days.iter().any(|(which, weekday)| {
            *weekday == date.weekday()
                && (*which == 0 || *which == from_front || *which == from_back)
        })
    }
}

/// The index of the `position`th of `length` things, counted from 1 or, when negative, from the end.
fn nth(position: i32, length: i32) -> Option<i32> {
    let index = if position > 0 {
        position - 1
    } else {
        length + position
    };
    (0..length).contains(&index).then_some(index)
}

fn numbers(value: &str, limit: i32) -> Option<Vec<i32>> {
    value
        .split(',')
        .map(|text| {
            text.parse()
                .ok()
                .filter(|n: &i32| *n != 0 && n.abs() <= limit)
        })
        .collect()
}

fn parse_day(text: &str) -> Option<(i32, Weekday)> {
    let split = text.len().checked_sub(2)?;
    let weekday = parse_weekday(text.get(split..)?)?;
    let which = match text.get(..split)? {
        "" => 0,
        number => number
            .parse()
            .ok()
            .filter(|n: &i32| *n != 0 && n.abs() <= 53)?,
    };
    Some((which, weekday))
}

fn parse_weekday(text: &str) -> Option<Weekday> {
    Some(match text {
        "MO" => Weekday::Mon,
        "TU" => Weekday::Tue,
        "WE" => Weekday::Wed,
        "TH" => Weekday::Thu,
        "FR" => Weekday::Fri,
        "SA" => Weekday::Sat,
        "SU" => Weekday::Sun,
        _ => return None,
    })
}

fn parse_until(value: &str, zone: &str) -> Option<NaiveDateTime> {
    if value.len() == 8 {
        // A date alone takes in that whole day.
        return parse_date(value)?.and_hms_opt(23, 59, 59);
    }
    parse_moment(value, None, zone)
}

fn parse_dates(parameters: &str, value: &str, zone: &str) -> Option<Vec<NaiveDateTime>> {
    let named = parameters
        .split(';')
        .find_map(|part| part.strip_prefix("TZID="));
    value
        .split(',')
        .map(|text| match text.len() {
            8 => Some(parse_date(text)?.and_time(NaiveTime::MIN)),
            _ => parse_moment(text, named, zone),
        })
        .collect()
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

/// A date-time in the event's wall clock: UTC and other zones are brought into `zone`.
fn parse_moment(text: &str, named: Option<&str>, zone: &str) -> Option<NaiveDateTime> {
    let read = |text| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let in_zone = |at: DateTime<Utc>| zone::to_local(zone, at).map(|local| local.naive_local());
    match (text.strip_suffix('Z'), named) {
        (Some(text), _) => in_zone(read(text)?.and_utc()),
        (None, Some(other)) if other != zone => in_zone(zone::to_utc(other, read(text)?)?),
        _ => read(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first slots of a rule, as `MM-DD` (or `YYYY-MM-DD` where the year changes).
    fn check(start: &str, lines: &[&str], expected: &str) {
        let start: NaiveDateTime = start.parse().expect("a wall time");
        let rule = Recurrence::parse(lines.iter().copied(), "Europe/Berlin").expect("a rule");
        let end = start + chrono::TimeDelta::days(4000);
        let dates: Vec<_> = rule
            .slots(start, start, end)
            .into_iter()
            .take(expected.split(' ').count())
            .map(|slot| slot.format("%y%m%d").to_string())
            .collect();
        assert_eq!(dates.join(" "), expected, "{lines:?} from {start}");
    }

    #[test]
    fn rules_that_calendars_write() {
        let nine = "2026-11-25T09:00:00"; // a Wednesday
        check(
            nine,
            &["RRULE:FREQ=DAILY;INTERVAL=3"],
            "261125 261128 261201",
        );
        check(nine, &["RRULE:FREQ=WEEKLY"], "261125 261202 261209");
        check(
            nine,
            &["RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR"],
            "261125 261127 261130 261202",
        );
        check(
            nine,
            &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO"],
            "261129 261213 261227",
        );
        check(
            nine,
            &["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU"],
            "261206 261220 270103",
        );
        check(
            nine,
            &["RRULE:FREQ=MONTHLY;BYDAY=4WE"],
            "261125 261223 270127",
        );
        check(
            nine,
            &["RRULE:FREQ=MONTHLY;BYDAY=-1FR"],
            "261127 261225 270129",
        );
        check(
            nine,
            &["RRULE:FREQ=MONTHLY;BYMONTHDAY=-1"],
            "261130 261231 270131 270228",
        );
        check(
            "2026-01-31T09:00:00",
            &["RRULE:FREQ=MONTHLY"],
            "260131 260331 260531 260731",
        );
        check(
            nine,
            &["RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"],
            "261130 261231 270129",
        );
        check(
            "2024-02-29T09:00:00",
            &["RRULE:FREQ=YEARLY"],
            "240229 280229 320229",
        );
        check(
            nine,
            &["RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"],
            "270328 280326 290325",
        );
        check(nine, &["RRULE:FREQ=WEEKLY;COUNT=3"], "261125 261202 261209");
    }

    #[test]
    fn count_until_and_exceptions_end_and_remove_slots() {
        let all = |lines: &[&str]| {
            let start: NaiveDateTime = "2026-11-25T09:00:00".parse().expect("a wall time");
            Recurrence::parse(lines.iter().copied(), "Europe/Berlin")
                .expect("a rule")
                .slots(start, start, start + chrono::TimeDelta::days(400))
                .len()
        };
        assert_eq!(all(&["RRULE:FREQ=DAILY;COUNT=5"]), 5);
        // 08:00Z is 09:00 in Berlin in winter: the last slot is included.
        assert_eq!(all(&["RRULE:FREQ=DAILY;UNTIL=20261127T080000Z"]), 3);
        assert_eq!(all(&["RRULE:FREQ=DAILY;UNTIL=20261127T075959Z"]), 2);
        assert_eq!(all(&["RRULE:FREQ=DAILY;UNTIL=20261127"]), 3);
        let exdate = "EXDATE;TZID=Europe/Berlin:20261126T090000,20261127T090000";
        assert_eq!(all(&["RRULE:FREQ=DAILY;COUNT=5", exdate]), 3);
        assert_eq!(
            all(&["RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20261126T080000Z"]),
            4
        );
        assert_eq!(all(&["RDATE;TZID=Europe/Berlin:20261205T090000"]), 2);
    }

    #[test]
    fn a_window_far_from_the_start_sees_what_the_whole_would() {
        let start: NaiveDateTime = "2016-02-29T09:00:00".parse().expect("a wall time");
        let lines = [
            "RRULE:FREQ=DAILY;INTERVAL=7",
            "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SU",
            "RRULE:FREQ=MONTHLY;INTERVAL=5;BYDAY=2TU",
            "RRULE:FREQ=YEARLY",
        ];
        for line in lines {
            let rule = Recurrence::parse([line], "UTC").expect("a rule");
            let from: NaiveDateTime = "2026-03-03T00:00:00".parse().expect("a wall time");
            let to = from + chrono::TimeDelta::days(800);
            let whole: Vec<_> = rule
                .slots(start, start, to)
                .into_iter()
                .filter(|slot| *slot >= from)
                .collect();
            assert_eq!(rule.slots(start, from, to), whole, "{line}");
        }
    }

    #[test]
    fn nonsense_is_refused_without_a_panic() {
        for line in [
            "RRULE:FREQ=DAILY;BYDAY=ӹR",
            "RRULE:FREQ=SECONDLY",
            "RRULE:FREQ=DAILY;INTERVAL=0",
            "RRULE:FREQ=DAILY;COUNT=-1",
            "RRULE:DATE;TZID=Europe/Berlin:20260101T000000",
            "RRULE:",
            "BYDAY=MO",
            "X-RULE:FREQ=DAILY",
        ] {
            assert_eq!(Recurrence::parse([line], "UTC"), None, "{line}");
        }
    }
}
