//! What holds for any rule: against plain counting, the library itself, and the clock.

use proptest::prelude::*;

use super::*;

/// Rules as text, most of which pass the gate.
fn rules() -> impl Strategy<Value = String> {
    let day = prop::sample::select(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);
    let nth = prop::sample::select(vec!["", "", "", "1", "2", "-1", "5"]);
    (
        prop::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
        1..9u16,
        prop::collection::vec((nth, day.clone()), 0..4),
        prop::collection::vec(1..13, 0..3),
        prop::collection::vec(prop_oneof![-31..0, 1..32], 0..3),
        prop::collection::vec(0..24, 0..3),
        prop::option::weighted(0.2, prop_oneof![-3..0, 1..4]),
        day,
    )
        .prop_map(
            |(freq, interval, days, months, month_days, hours, at, week_start)| {
                let mut rule = format!("FREQ={freq};INTERVAL={interval};WKST={week_start}");
                let numbered = matches!(freq, "MONTHLY" | "YEARLY");
                let days = days
                    .iter()
                    .map(|(n, day)| format!("{}{day}", if numbered { n } else { "" }));
                let lists = [
                    ("BYDAY", days.collect::<Vec<_>>()),
                    ("BYMONTH", months.iter().map(i32::to_string).collect()),
                    (
                        "BYMONTHDAY",
                        month_days.iter().map(i32::to_string).collect(),
                    ),
                    ("BYHOUR", hours.iter().map(i32::to_string).collect()),
                    ("BYSETPOS", at.iter().map(i32::to_string).collect()),
                ];
                for (name, list) in lists {
                    if !list.is_empty() && (name != "BYMONTHDAY" || freq != "WEEKLY") {
                        rule += &format!(";{name}={}", list.join(","));
                    }
                }
                rule
            },
        )
}

fn starts() -> impl Strategy<Value = NaiveDateTime> {
    (0..3650i64, 0..96i64).prop_map(|(day, quarter)| {
        wall("2016-01-01 00:00") + TimeDelta::days(day) + TimeDelta::minutes(15 * quarter)
    })
}

proptest! {
    #[test]
    fn days_and_weeks_equal_plain_counting(
        start in starts(),
        weekly in any::<bool>(),
        interval in 1..5i64,
        days in prop::collection::btree_set(0..7u32, 0..4),
        end in prop_oneof![Just(None), (1..60i64).prop_map(Some), (-200..0i64).prop_map(Some)],
        skip in 0..200i64,
    ) {
        use chrono::Datelike;
        let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let mut rule = format!("FREQ={};INTERVAL={interval}", if weekly { "WEEKLY" } else { "DAILY" });
        if !days.is_empty() {
            let days: Vec<_> = days.iter().map(|day| names[*day as usize]).collect();
            rule += &format!(";BYDAY={}", days.join(","));
        }
        let last = end.filter(|end| *end < 0).map(|end| start + TimeDelta::days(-end));
        if let Some(last) = last {
            rule += &last.format(";UNTIL=%Y%m%dT%H%M%S").to_string();
        }
        let count = end.filter(|end| *end > 0);
        if let Some(count) = count {
            rule += &format!(";COUNT={count}");
        }
        let monday = start.date() - TimeDelta::days(i64::from(start.weekday().num_days_from_monday()));
        let from = start + TimeDelta::days(skip);
        let to = from + TimeDelta::days(100);
        let mut expect = Vec::new();
        for day in 0..=skip + 100 {
            let wall = start + TimeDelta::days(day);
            let weekday = wall.weekday().num_days_from_monday();
            let fits = if weekly {
                let week = (wall.date() - monday).num_days() / 7;
                let default = wall.weekday() == start.weekday();
                week % interval == 0 && if days.is_empty() { default } else { days.contains(&weekday) }
            } else {
                day % interval == 0 && (days.is_empty() || days.contains(&weekday))
            };
            let full = count.is_some_and(|count| expect.len() as i64 >= count);
            if fits && !full && last.is_none_or(|last| wall <= last) {
                expect.push(wall);
            }
        }
        expect.retain(|wall| (from..=to).contains(wall));
        prop_assert_eq!(hits(&rule, start, from, to), expect);
    }

    #[test]
    fn canonical_text_means_the_same(rule in rules()) {
        if let Ok(read) = Repeat::parse(&rule) {
            prop_assert_eq!(Repeat::parse(&read.to_string()), Ok(read));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}", parts in "(FREQ|BY[A-Z]{3,8}|COUNT|UNTIL|WKST|;|=|,|-|[0-9]{1,9}|DAILY|MO|Ă){0,30}") {
        drop(Repeat::parse(&text));
        drop(Repeat::parse(&parts));
    }
}

proptest! {
    // These walk through years day by day; unoptimised, more cases would take half a minute.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn beginning_near_the_window_changes_nothing(
        rule in rules(), start in starts(), later in -100..5000i64, long in 1..200i64,
    ) {
        let Ok(repeat) = Repeat::parse(&rule) else { return Ok(()) };
        let from = start + TimeDelta::days(later);
        let to = from + TimeDelta::days(long);
        // With a count that is never reached the rule is walked through from its own start.
        let mut all = Vec::new();
        let whole = Repeat { end: End::Count(1_000_000), ..repeat };
        whole.each(start, &Zone::utc(), start, to, &mut |wall| {
            all.push(wall);
            std::ops::ControlFlow::Continue(())
        }).unwrap();
        all.retain(|wall| from <= *wall);
        prop_assert_eq!(hits(&rule, start, from, to), all);
    }

    #[test]
    fn occurrences_are_ordered_and_touch_the_window(
        rule in rules(), start in starts(), long in 1..3000i64, later in -100..4000i64,
        zone in prop::sample::select(vec!["Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe"]),
    ) {
        let mut block = block(zone, "2026-01-01 00:00", "2026-01-01 01:00", &rule);
        block.start = start;
        block.end = start + TimeDelta::minutes(long);
        let from = (start + TimeDelta::days(later)).and_utc();
        let window = Interval { start: from, end: from + TimeDelta::days(30) };
        if let Ok(found) = expand(&block, &ZoneDb::bundled(), window, 3500) {
            prop_assert!(found.iter().all(|one| one.span.start < one.span.end));
            prop_assert!(found.iter().all(|one| one.span.overlaps(&window)));
            prop_assert!(found.windows(2).all(|two| two[0].span.start < two[1].span.start));
            prop_assert!(found.iter().all(|one| one.wall_start >= start));
        }
    }

    #[test]
    fn arithmetic_and_the_library_agree(
        rule in rules(), start in starts(), later in -100..5000i64, long in 1..700i64,
        count in prop::option::of(1..400u32),
    ) {
        let Ok(repeat) = Repeat::parse(&rule) else { return Ok(()) };
        let end = count.map_or(End::Never, End::Count);
        let repeat = Repeat { end, ..repeat }.completed(start);
        prop_assume!(repeat.is_plain());
        // Of BYDAY=MO,1MO the library takes only what is both; RFC 5545 means either.
        let numbered = repeat.weekdays.iter().filter(|(nth, _)| *nth != 0).count();
        prop_assume!(numbered == 0 || numbered == repeat.weekdays.len());
        let from = start + TimeDelta::days(later);
        let to = from + TimeDelta::days(long);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        repeat.walk(start, from, to, &mut |wall| {
            ours.push(wall);
            std::ops::ControlFlow::Continue(())
        });
        repeat.by_library(start, from, to, &mut |wall| {
            theirs.push(wall);
            std::ops::ControlFlow::Continue(())
        }).unwrap();
        prop_assert_eq!(ours, theirs, "{} from {}", repeat, start);
    }
}
