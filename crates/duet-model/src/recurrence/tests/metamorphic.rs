//! What holds for any series, and series against a plain scan of days (TRUST 5.3).

use chrono::Datelike;
use proptest::prelude::*;

use super::*;

const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A rule as fields, so that it can be written down and also be judged day by day.
#[derive(Clone, Debug)]
struct Simple {
    frequency: &'static str,
    interval: i64,
    /// Monday is 0; with the number for months.
    weekdays: Vec<(i64, usize)>,
    month_days: Vec<i64>,
    months: Vec<u32>,
}

impl Simple {
    fn text(&self) -> String {
        let mut text = format!("RRULE:FREQ={};INTERVAL={}", self.frequency, self.interval);
        let mut part = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                text += &format!(";{name}={}", values.join(","));
            }
        };
        let weekday = |(nth, day): &(i64, usize)| match nth {
            0 => DAYS[*day].to_owned(),
            nth => format!("{nth}{}", DAYS[*day]),
        };
        part("BYDAY", self.weekdays.iter().map(weekday).collect());
        part(
            "BYMONTHDAY",
            self.month_days.iter().map(i64::to_string).collect(),
        );
        part("BYMONTH", self.months.iter().map(u32::to_string).collect());
        text
    }

    /// Does the rule, begun on `start`, choose a day? Written from RFC 5545 3.3.10, not from the
    /// code.
    fn chooses(&self, start: NaiveDate, day: NaiveDate) -> bool {
        let monday =
            |day: NaiveDate| day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
        let months = |day: NaiveDate| i64::from(day.year() * 12) + i64::from(day.month());
        let periods = match self.frequency {
            "DAILY" => (day - start).num_days(),
            "WEEKLY" => (monday(day) - monday(start)).num_days() / 7,
            "MONTHLY" => months(day) - months(start),
            _ => i64::from(day.year() - start.year()),
        };
        if day < start || periods % self.interval != 0 {
            return false;
        }
        if !self.months.is_empty() && !self.months.contains(&day.month()) {
            return false;
        }
        let length = i64::from(day.num_days_in_month());
        let place = i64::from(day.day());
        let by_month_day = self
            .month_days
            .iter()
            .any(|at| *at == place || *at == place - length - 1);
        if !self.month_days.is_empty() && !by_month_day {
            return false;
        }
        let (nth, last) = ((place - 1) / 7 + 1, -((length - place) / 7 + 1));
        let by_weekday = self.weekdays.iter().any(|(wanted, weekday)| {
            *weekday == day.weekday().num_days_from_monday() as usize
                && (*wanted == 0 || *wanted == nth || *wanted == last)
        });
        if !self.weekdays.is_empty() && !by_weekday {
            return false;
        }
        let chosen = !self.weekdays.is_empty() || !self.month_days.is_empty();
        chosen
            || match self.frequency {
                "DAILY" => true,
                "WEEKLY" => day.weekday() == start.weekday(),
                "MONTHLY" => day.day() == start.day(),
                _ => {
                    day.day() == start.day()
                        && (!self.months.is_empty() || day.month() == start.month())
                }
            }
    }
}

fn simple() -> impl Strategy<Value = Simple> {
    (
        prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        1..5i64,
        prop::collection::btree_set(
            (prop::sample::select(vec![0, 0, 1, 2, -1]), 0..7usize),
            0..3,
        ),
        prop::collection::btree_set(prop_oneof![-5..0i64, 1..32i64], 0..2),
        prop::collection::btree_set(1..13u32, 0..3),
    )
        .prop_map(|(frequency, interval, weekdays, month_days, months)| {
            let numbered = frequency == "MONTHLY" || (frequency == "YEARLY" && !months.is_empty());
            let weekdays = weekdays
                .into_iter()
                .map(|(nth, day)| (if numbered { nth } else { 0 }, day));
            let mut weekdays: Vec<_> = weekdays.collect();
            weekdays.dedup();
            Simple {
                frequency,
                interval,
                month_days: match frequency {
                    "WEEKLY" => Vec::new(),
                    // Alone it means the start's month to Google; that has its own test.
                    "YEARLY" if months.is_empty() && weekdays.is_empty() => Vec::new(),
                    _ => month_days.into_iter().collect(),
                },
                weekdays,
                months: months.into_iter().collect(),
            }
        })
}

fn days_of_start() -> impl Strategy<Value = NaiveDate> {
    (0..3000i64).prop_map(|day| date("2016-01-01") + TimeDelta::days(day))
}

fn zones() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "America/New_York",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Nuuk",
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "Pacific/Apia",
        "Africa/Casablanca",
        "Europe/Dublin",
        "America/Vancouver",
        "Asia/Kathmandu",
    ])
}

/// A master of one rule, a window, and what is needed to change either.
fn case() -> impl Strategy<Value = (Event, Interval, i64)> {
    (
        simple(),
        days_of_start(),
        zones(),
        0..96i64,
        1..3000i64,
        -30..4000i64,
        1..500i64,
    )
        .prop_map(|(rule, day, zone, quarter, minutes, later, long)| {
            let start = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(15 * quarter);
            let text = start.format("%Y-%m-%d %H:%M").to_string();
            let master = series(zone, &text, minutes, &[&rule.text()]);
            let from = (start + TimeDelta::days(later)).and_utc();
            let window = Interval {
                start: from,
                end: from + TimeDelta::days(long),
            };
            (master, window, long)
        })
}

fn found(master: &Event, window: Interval) -> Vec<Instance> {
    let found = instances(master, &[], &ZoneDb::bundled(), &Zone::utc(), window, 3000);
    assert_eq!(found.unknown, None, "{:?}", master.recurrence);
    found.list
}

fn instant(time: &EventTime) -> DateTime<Utc> {
    match time {
        EventTime::At { at, .. } => *at,
        EventTime::Date(_) => panic!("a time"),
    }
}

/// The window moved to the start of the series.
fn from_its_start(master: &Event, window: Interval) -> Interval {
    let start = instant(&master.start);
    Interval {
        start,
        end: start + window.duration(),
    }
}

/// The rule with an end, or whatever else is to be added.
fn ending(master: &Event, end: &str) -> Event {
    let mut ended = master.clone();
    ended.recurrence[0] += end;
    ended
}

/// Can its rule be followed? Some choose no day at all.
fn happens(master: &Event) -> bool {
    crate::repeat::Repeat::parse_invited(&master.recurrence[0]).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whole_days_equal_a_scan_of_days(
        rule in simple(), start in days_of_start(), later in -30..5000i64, long in 1..800i64,
    ) {
        let master = days(&start.to_string(), 1, &[&rule.text()]);
        prop_assume!(happens(&master));
        let first = start + TimeDelta::days(later);
        let midnight = first.and_time(chrono::NaiveTime::MIN).and_utc();
        let window = Interval { start: midnight, end: midnight + TimeDelta::days(long) };
        // The window's days and one more on both sides; its end touches a day as well.
        let scanned: Vec<_> = (-1..long + 2)
            .map(|day| first + TimeDelta::days(day))
            .filter(|day| *day == start || rule.chooses(start, *day))
            .map(EventTime::Date)
            .collect();
        let listed: Vec<_> = found(&master, window).into_iter().map(|one| one.start).collect();
        prop_assert_eq!(listed, scanned, "{} from {}", rule.text(), start);
    }

    #[test]
    fn a_window_is_the_sum_of_its_parts((master, window, long) in case(), cut in 1..500i64) {
        prop_assume!(happens(&master));
        let middle = window.start + TimeDelta::days(cut.min(long));
        let both = [
            found(&master, Interval { end: middle, ..window }),
            if middle < window.end { found(&master, Interval { start: middle, ..window }) } else { Vec::new() },
        ];
        let mut sum = both.concat();
        sum.sort_by_key(|one| instant(&one.start));
        sum.dedup();
        prop_assert_eq!(found(&master, window), sum);
    }

    #[test]
    fn instances_are_ordered_whole_and_inside((master, window, _) in case()) {
        prop_assume!(happens(&master));
        let length = instant(&master.end) - instant(&master.start);
        let listed = found(&master, window);
        prop_assert!(listed.windows(2).all(|two| instant(&two[0].start) < instant(&two[1].start)));
        for one in &listed {
            prop_assert_eq!(instant(&one.end) - instant(&one.start), length);
            prop_assert_eq!(&one.original, &one.start);
            prop_assert!(one.start >= master.start);
            let span = Interval { start: instant(&one.start), end: instant(&one.end) };
            prop_assert!(span.overlaps(&window));
        }
    }

    #[test]
    fn a_count_is_the_beginning_of_a_larger_one((master, window, _) in case(), count in 1..40usize) {
        prop_assume!(happens(&master));
        let window = from_its_start(&master, window);
        let fewer = found(&ending(&master, &format!(";COUNT={count}")), window);
        let more = found(&ending(&master, &format!(";COUNT={}", count + 1)), window);
        prop_assert!(more.starts_with(&fewer));
        prop_assert!(more.len() <= fewer.len() + 1);
        let endless = found(&master, window);
        prop_assert!(endless.starts_with(&more));
    }

    #[test]
    fn until_the_last_is_the_same_set((master, window, _) in case(), at in 0..60usize) {
        prop_assume!(happens(&master));
        let window = from_its_start(&master, window);
        let listed = found(&master, window);
        let last = instant(&listed[at.min(listed.len() - 1)].start);
        let until = last.format(";UNTIL=%Y%m%dT%H%M%SZ").to_string();
        let some: Vec<_> = listed.into_iter().filter(|one| instant(&one.start) <= last).collect();
        prop_assert_eq!(found(&ending(&master, &until), window), some);
    }

    #[test]
    fn an_exdate_takes_out_exactly_one((master, window, _) in case(), at in 0..60usize) {
        prop_assume!(happens(&master));
        let mut listed = found(&master, window);
        prop_assume!(!listed.is_empty());
        let gone = listed.remove(at.min(listed.len() - 1));
        let mut other = master;
        let stamp = instant(&gone.start).format("EXDATE:%Y%m%dT%H%M%SZ").to_string();
        other.recurrence.push(stamp);
        prop_assert_eq!(found(&other, window), listed);
    }

    #[test]
    fn a_weekly_series_moves_by_whole_weeks((master, window, _) in case(), weeks in 1..50i64) {
        prop_assume!(happens(&master));
        // In UTC, and without months, a week is a week.
        let mut master = master;
        master.recurrence[0] = "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,WE".into();
        let shift = TimeDelta::weeks(weeks);
        let moved = |time: &EventTime, by| EventTime::At { at: instant(time) + by, zone: Some("UTC".into()) };
        let rebased = |event: &Event, by| Event {
            start: moved(&event.start, by),
            end: moved(&event.end, by),
            ..event.clone()
        };
        let here = found(&rebased(&master, TimeDelta::zero()), window);
        let later = Interval { start: window.start + shift, end: window.end + shift };
        let there = found(&rebased(&master, shift), later);
        let here: Vec<_> = here.iter().map(|one| instant(&one.start) + shift).collect();
        let there: Vec<_> = there.iter().map(|one| instant(&one.start)).collect();
        prop_assert_eq!(here, there);
    }

    #[test]
    fn no_line_breaks_anything(
        lines in prop::collection::vec(
            "((RRULE|EXRULE|RDATE|EXDATE|DATE)(;TZID=Europe/Berlin|;VALUE=DATE)?:)?(FREQ=(DAILY|YEARLY)|;|COUNT=|UNTIL=|BYDAY=|[0-9]{8}|T[0-9]{6}Z?|/|,|PT?[0-9]{1,8}[HDMW]|-|ӹ|[A-Z]){0,8}",
            0..6,
        ),
        whole in any::<bool>(),
    ) {
        let mut master = if whole { days("2026-03-03", 1, &[]) } else { series(BERLIN, "2026-03-03 17:00", 60, &[]) };
        master.recurrence = lines;
        let found = all(&master, &[], BERLIN, window("2026-03-01", "2026-06-01"));
        prop_assert!(found.list.len() <= 1000);
    }
}
