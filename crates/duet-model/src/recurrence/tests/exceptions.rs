//! Exceptions: moved, cancelled, early, late, and of another kind than their master.

use super::*;

fn exception(id: &str, original: EventTime, start: EventTime, minutes: i64) -> Event {
    let end = match &start {
        EventTime::Date(date) => EventTime::Date(*date + TimeDelta::days(1)),
        EventTime::At { at, zone } => EventTime::At {
            at: *at + TimeDelta::minutes(minutes),
            zone: zone.clone(),
        },
    };
    Event {
        series: Some(EventId("series".into())),
        original_start: Some(original),
        ..event(id, start, end)
    }
}

fn moved(id: &str, from: &str, to: &str) -> Event {
    exception(id, at(BERLIN, from), at(BERLIN, to), 90)
}

fn cancelled(from: &str) -> Event {
    Event {
        status: EventStatus::Cancelled,
        ..moved("gone", from, from)
    }
}

#[test]
fn an_exception_stands_for_its_slot() {
    let master = series(
        BERLIN,
        "2026-03-03 17:00",
        90,
        &["RRULE:FREQ=WEEKLY;COUNT=6"],
    );
    // From the second Tuesday to the end of the third.
    let window = window("2026-03-10", "2026-03-18");
    let cases: [(&str, Vec<Event>, &[&str]); 12] = [
        ("none", vec![], &["2026-03-10 17:00", "2026-03-17 17:00"]),
        (
            "changed in its place",
            vec![moved("e", "2026-03-10 17:00", "2026-03-10 17:00")],
            &["2026-03-10 17:00 e", "2026-03-17 17:00"],
        ),
        (
            "moved within the window",
            vec![moved("e", "2026-03-10 17:00", "2026-03-12 08:00")],
            &["2026-03-12 08:00 e", "2026-03-17 17:00"],
        ),
        (
            "moved past its neighbour",
            vec![moved("e", "2026-03-10 17:00", "2026-03-17 20:00")],
            &["2026-03-17 17:00", "2026-03-17 20:00 e"],
        ),
        (
            "moved onto its neighbour: both are meetings",
            vec![moved("e", "2026-03-10 17:00", "2026-03-17 17:00")],
            &["2026-03-17 17:00 e", "2026-03-17 17:00"],
        ),
        (
            "moved out of the window",
            vec![moved("e", "2026-03-10 17:00", "2026-05-01 08:00")],
            &["2026-03-17 17:00"],
        ),
        (
            "moved into the window",
            vec![moved("e", "2026-03-31 17:00", "2026-03-11 08:00")],
            &["2026-03-10 17:00", "2026-03-11 08:00 e", "2026-03-17 17:00"],
        ),
        (
            "cancelled",
            vec![cancelled("2026-03-10 17:00")],
            &["2026-03-17 17:00"],
        ),
        (
            "cancelled where nothing was",
            vec![cancelled("2026-03-11 17:00")],
            &["2026-03-10 17:00", "2026-03-17 17:00"],
        ),
        (
            "of a slot that the rule does not hit, shown once",
            vec![moved("e", "2026-03-11 17:00", "2026-03-12 08:00")],
            &["2026-03-10 17:00", "2026-03-12 08:00 e", "2026-03-17 17:00"],
        ),
        (
            "all of them",
            vec![cancelled("2026-03-17 17:00"), cancelled("2026-03-10 17:00")],
            &[],
        ),
        (
            "two that change places",
            vec![
                moved("a", "2026-03-10 17:00", "2026-03-17 17:00"),
                moved("b", "2026-03-17 17:00", "2026-03-10 17:00"),
            ],
            &["2026-03-10 17:00 b", "2026-03-17 17:00 a"],
        ),
    ];
    for (why, exceptions, expect) in cases {
        let found = all(&master, &exceptions, BERLIN, window);
        assert_eq!(starts(&found, BERLIN), expect, "{why}");
        assert_eq!(found.unknown, None, "{why}");
        let turned: Vec<Event> = exceptions.into_iter().rev().collect();
        assert_eq!(
            all(&master, &turned, BERLIN, window),
            found,
            "{why}: in any order"
        );
    }
}

#[test]
fn a_slot_is_an_instant_in_whatever_zone_it_is_written() {
    let master = series(
        BERLIN,
        "2026-03-03 17:00",
        90,
        &["RRULE:FREQ=WEEKLY;COUNT=2"],
    );
    let utc = EventTime::At {
        at: wall("2026-03-10 16:00").and_utc(),
        zone: None,
    };
    let gone = Event {
        status: EventStatus::Cancelled,
        ..exception("gone", utc.clone(), utc, 90)
    };
    let found = all(&master, &[gone], BERLIN, window("2026-03-01", "2026-04-01"));
    assert_eq!(starts(&found, BERLIN), ["2026-03-03 17:00"]);
}

#[test]
fn an_exception_names_the_slot_it_stands_for() {
    let master = series(
        BERLIN,
        "2026-03-03 17:00",
        90,
        &["RRULE:FREQ=WEEKLY;COUNT=2"],
    );
    let one = moved("e", "2026-03-10 17:00", "2026-03-12 08:00");
    let found = all(
        &master,
        std::slice::from_ref(&one),
        BERLIN,
        window("2026-03-11", "2026-04-01"),
    );
    assert_eq!(Some(&found.list[0].original), one.original_start.as_ref());
    assert_eq!(found.list[0].exception, Some(EventId("e".into())));
    assert_eq!(found.list[0].end, one.end);
}

#[test]
fn whole_days_and_times_meet_across_a_change_of_the_series() {
    let march = window("2026-03-01", "2026-04-01");
    let day = |text: &str| EventTime::Date(date(text));
    let weekly = days("2026-03-03", 1, &["RRULE:FREQ=WEEKLY;COUNT=2"]);
    let cases = [
        (
            "a whole day that became a time",
            weekly.clone(),
            exception("e", day("2026-03-10"), at(BERLIN, "2026-03-10 09:00"), 60),
            ["2026-03-03", "2026-03-10 09:00 e"],
        ),
        (
            "a time that became a whole day",
            series(
                BERLIN,
                "2026-03-03 17:00",
                90,
                &["RRULE:FREQ=WEEKLY;COUNT=2"],
            ),
            exception("e", at(BERLIN, "2026-03-10 17:00"), day("2026-03-12"), 0),
            ["2026-03-03 17:00", "2026-03-12 e"],
        ),
        (
            "the slot is a time, the series whole days by now",
            weekly,
            exception("e", at(BERLIN, "2026-03-10 00:00"), day("2026-03-11"), 0),
            ["2026-03-03", "2026-03-11 e"],
        ),
        (
            "the slot is a day, the series has times by now",
            series(
                BERLIN,
                "2026-03-03 00:30",
                90,
                &["RRULE:FREQ=WEEKLY;COUNT=2"],
            ),
            exception("e", day("2026-03-10"), at(BERLIN, "2026-03-11 09:00"), 60),
            ["2026-03-03 00:30", "2026-03-11 09:00 e"],
        ),
    ];
    for (why, master, one, expect) in cases {
        let found = all(&master, &[one], BERLIN, march);
        assert_eq!(starts(&found, BERLIN), expect, "{why}");
    }
}

#[test]
fn without_its_master_an_exception_stands_alone() {
    let one = moved("e", "2026-03-10 17:00", "2026-03-12 08:00");
    let alone = orphan(&one).unwrap();
    assert_eq!(Some(&alone.original), one.original_start.as_ref());
    assert_eq!(
        (alone.start, alone.end),
        (one.start.clone(), one.end.clone())
    );
    assert_eq!(orphan(&cancelled("2026-03-10 17:00")), None);
    let unnamed = Event {
        original_start: None,
        ..one.clone()
    };
    assert_eq!(
        orphan(&unnamed).unwrap().original,
        one.start,
        "its own start will do"
    );
}

#[test]
fn a_cancelled_master_takes_its_exceptions_along() {
    let mut master = series(BERLIN, "2026-03-03 17:00", 90, &[]);
    master.status = EventStatus::Cancelled;
    let one = moved("e", "2026-03-10 17:00", "2026-03-12 08:00");
    let found = all(&master, &[one], BERLIN, window("2026-03-01", "2026-04-01"));
    assert_eq!(found, Instances::default());
}
