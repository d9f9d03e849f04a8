//! Series against the calendar, the clock and each other.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::*;
use crate::event::{EventType, Visibility};

mod clock;
mod exceptions;
mod metamorphic;
mod odd;
mod split;

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    ZoneDb::bundled().zone(name).unwrap()
}

/// An event without anything but its times.
fn event(id: &str, start: EventTime, end: EventTime) -> Event {
    Event {
        id: EventId(id.into()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: "Choir".into(),
        description: None,
        location: None,
        start,
        end,
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: false,
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: None,
        organizer: None,
        attendees: Vec::new(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: None,
        updated: None,
    }
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

fn at(zone_name: &str, text: &str) -> EventTime {
    EventTime::At {
        at: zone(zone_name).to_instant(wall(text)),
        zone: Some(zone_name.into()),
    }
}

/// A series on the wall clock of a zone.
fn series(zone_name: &str, start: &str, minutes: i64, recurrence: &[&str]) -> Event {
    let begin = at(zone_name, start);
    let EventTime::At { at, zone } = begin.clone() else {
        panic!("a time");
    };
    let end = EventTime::At {
        at: at + TimeDelta::minutes(minutes),
        zone,
    };
    Event {
        recurrence: lines(recurrence),
        ..event("series", begin, end)
    }
}

/// A series of whole days.
fn days(start: &str, length: i64, recurrence: &[&str]) -> Event {
    let start = date(start);
    let end = EventTime::Date(start + TimeDelta::days(length));
    Event {
        recurrence: lines(recurrence),
        ..event("series", EventTime::Date(start), end)
    }
}

fn window(from: &str, to: &str) -> Interval {
    Interval {
        start: wall(&format!("{from} 00:00")).and_utc(),
        end: wall(&format!("{to} 00:00")).and_utc(),
    }
}

fn all(master: &Event, exceptions: &[Event], home: &str, window: Interval) -> Instances {
    let zones = ZoneDb::bundled();
    instances(master, exceptions, &zones, &zone(home), window, 1000)
}

/// Starts as they stand on the clock of a zone, whole days as dates, exceptions with their id.
fn starts(found: &Instances, zone_name: &str) -> Vec<String> {
    let zone = zone(zone_name);
    let one = |one: &Instance| {
        let start = match &one.start {
            EventTime::Date(date) => date.to_string(),
            EventTime::At { at, .. } => zone.to_wall(*at).format("%Y-%m-%d %H:%M").to_string(),
        };
        match &one.exception {
            None => start,
            Some(id) => format!("{start} {}", id.0),
        }
    };
    found.list.iter().map(one).collect()
}

/// Known altogether, and these.
fn check(master: &Event, home: &str, window: Interval, expect: &[&str], why: &str) {
    let found = all(master, &[], home, window);
    assert_eq!(found.unknown, None, "{why}");
    assert_eq!(starts(&found, home), expect, "{why}");
}

const BERLIN: &str = "Europe/Berlin";

#[test]
fn rules_dates_and_those_taken_out_add_up() {
    let march = window("2026-03-01", "2026-04-01");
    let cases: [(&str, &[&str], &[&str]); 9] = [
        ("an event of its own", &[], &["2026-03-03 17:00"]),
        (
            "a rule",
            &["RRULE:FREQ=WEEKLY;COUNT=3"],
            &["2026-03-03 17:00", "2026-03-10 17:00", "2026-03-17 17:00"],
        ),
        (
            "two rules, of which each day counts once",
            &[
                "RRULE:FREQ=WEEKLY;COUNT=2",
                "RRULE:FREQ=DAILY;INTERVAL=7;COUNT=3",
            ],
            &["2026-03-03 17:00", "2026-03-10 17:00", "2026-03-17 17:00"],
        ),
        (
            "a date more",
            &[
                "RRULE:FREQ=WEEKLY;COUNT=2",
                "RDATE;TZID=Europe/Berlin:20260305T090000",
            ],
            &["2026-03-03 17:00", "2026-03-05 09:00", "2026-03-10 17:00"],
        ),
        (
            "dates only, one of them twice",
            &["RDATE:20260305T160000Z,20260306T170000,20260305T170000"],
            &["2026-03-03 17:00", "2026-03-05 17:00", "2026-03-06 17:00"],
        ),
        (
            "taken out in three ways",
            &[
                "RRULE:FREQ=DAILY;COUNT=5",
                "EXDATE:20260304T160000Z",
                "EXDATE;TZID=America/New_York:20260305T110000",
                "EXDATE:20260306T170000",
            ],
            &["2026-03-03 17:00", "2026-03-07 17:00"],
        ),
        (
            "also the first, and a date that was added",
            &[
                "RRULE:FREQ=DAILY;COUNT=2",
                "RDATE:20260309T170000",
                "EXDATE:20260303T170000,20260309T170000",
            ],
            &["2026-03-04 17:00"],
        ),
        (
            "a rule that takes out",
            &["RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=WEEKLY;BYDAY=SA,SU"],
            &[
                "2026-03-03 17:00",
                "2026-03-04 17:00",
                "2026-03-05 17:00",
                "2026-03-06 17:00",
                "2026-03-09 17:00",
            ],
        ),
        (
            "the start is an instance where the rule does not hit it",
            &["RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=2"],
            &["2026-03-03 17:00", "2026-03-06 17:00", "2026-03-13 17:00"],
        ),
    ];
    for (why, recurrence, expect) in cases {
        let master = series(BERLIN, "2026-03-03 17:00", 90, recurrence);
        check(&master, BERLIN, march, expect, why);
    }
}

#[test]
fn whole_days_are_dates_and_nothing_else() {
    let march = window("2026-03-10", "2026-03-12");
    let daily = days("2020-01-01", 1, &["RRULE:FREQ=DAILY"]);
    // A day of slack on both sides: the 10th has not ended in Honolulu when the 12th begins here.
    for home in ["UTC", "Pacific/Kiritimati", "Pacific/Honolulu"] {
        let found = all(&daily, &[], home, march);
        let dates = starts(&found, home);
        for day in ["2026-03-10", "2026-03-11", "2026-03-12"] {
            assert!(
                dates.contains(&day.to_owned()),
                "{day} in {home}: {dates:?}"
            );
        }
        assert!(dates.len() <= 6, "{home}: {dates:?}");
    }
    let trip = days("2026-02-27", 10, &["RRULE:FREQ=YEARLY"]);
    let found = all(&trip, &[], BERLIN, window("2027-03-08", "2027-03-09"));
    assert_eq!(
        starts(&found, BERLIN),
        ["2027-02-27"],
        "with the day of slack"
    );
    assert_eq!(found.list[0].end, EventTime::Date(date("2027-03-09")));
    let found = all(&trip, &[], BERLIN, window("2027-03-11", "2027-03-12"));
    assert_eq!(found.list, [], "its last day is the 8th");
}

#[test]
fn an_instance_keeps_the_zone_as_it_was_written() {
    let mut master = series(
        BERLIN,
        "2026-03-03 17:00",
        90,
        &["RRULE:FREQ=DAILY;COUNT=1"],
    );
    let found = all(&master, &[], "UTC", window("2026-03-01", "2026-04-01"));
    assert_eq!(found.list[0].start, master.start);
    assert_eq!(found.list[0].end, master.end);
    assert_eq!(found.list[0].original, master.start);

    // Without a zone of its own the calendar's rules: summer time in Berlin begins on March 29.
    let EventTime::At { at, .. } = master.start else {
        panic!("a time")
    };
    master.start = EventTime::At { at, zone: None };
    master.recurrence = lines(&["RRULE:FREQ=WEEKLY;INTERVAL=4;COUNT=2"]);
    let found = all(&master, &[], BERLIN, window("2026-03-01", "2026-05-01"));
    assert_eq!(
        starts(&found, BERLIN),
        ["2026-03-03 17:00", "2026-03-31 17:00"]
    );
}

#[test]
fn what_touches_the_window_is_half_open() {
    let night = series("UTC", "2026-03-01 22:00", 240, &["RRULE:FREQ=DAILY"]);
    let hours = |from: &str, to: &str| {
        let window = Interval {
            start: wall(from).and_utc(),
            end: wall(to).and_utc(),
        };
        starts(&all(&night, &[], "UTC", window), "UTC")
    };
    assert_eq!(hours("2026-03-05 02:00", "2026-03-05 22:00"), [""; 0]);
    assert_eq!(
        hours("2026-03-05 01:59", "2026-03-05 22:01"),
        ["2026-03-04 22:00", "2026-03-05 22:00"]
    );
    let moment = series("UTC", "2026-03-01 22:00", 0, &["RRULE:FREQ=DAILY"]);
    let found = all(&moment, &[], "UTC", window("2026-03-05", "2026-03-06"));
    assert_eq!(
        starts(&found, "UTC"),
        ["2026-03-05 22:00"],
        "also without length"
    );
}

#[test]
fn too_many_are_said_and_the_first_are_given() {
    let master = series("UTC", "2026-03-01 22:00", 30, &["RRULE:FREQ=DAILY"]);
    let zones = ZoneDb::bundled();
    let march = window("2026-03-01", "2026-04-01");
    let some = instances(&master, &[], &zones, &Zone::utc(), march, 30);
    assert_eq!(some.unknown, Some(SeriesError::TooMany { limit: 30 }));
    assert_eq!(some.list.len(), 30);
    let whole = instances(&master, &[], &zones, &Zone::utc(), march, 31);
    assert_eq!((whole.list.len(), whole.unknown), (31, None));
    assert_eq!(whole.list[..30], some.list[..]);
}

#[test]
fn a_series_that_ended_before_it_began_is_empty() {
    // What Google leaves of a series split at its first instance.
    let march = window("2026-03-01", "2026-04-01");
    let split = "RRULE:FREQ=WEEKLY;UNTIL=20260303T155959Z";
    let master = series(BERLIN, "2026-03-03 17:00", 90, &[split]);
    check(&master, BERLIN, march, &[], "timed");
    let master = days("2026-03-03", 1, &["RRULE:FREQ=WEEKLY;UNTIL=20260302"]);
    check(&master, BERLIN, march, &[], "whole days");
}
