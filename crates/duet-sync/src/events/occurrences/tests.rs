//! What a series comes to inside the horizon: tables over [`super::occurrences_of`].

use chrono::NaiveDate;
use duet_model::calendar::CalendarId;
use duet_model::event::{EventStatus, EventTime, EventType, Visibility};
use duet_model::zones::{Zone, ZoneDb};

use super::*;

/// So many hours after the day on which the test stands.
pub(in crate::events) fn at(hours: i64) -> EventTime {
    EventTime::At {
        at: today() + TimeDelta::hours(hours),
        zone: Some("UTC".to_owned()),
    }
}

/// An event with nothing but its times.
pub(in crate::events) fn event(id: &str, start: EventTime, end: EventTime) -> Event {
    Event {
        id: EventId(id.to_owned()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: id.to_owned(),
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

fn today() -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn day(days: i64) -> EventTime {
    EventTime::Date(today().date_naive() + TimeDelta::days(days))
}

fn master(rule: &str) -> Event {
    let mut master = event("m", at(9), at(10));
    master.recurrence = vec![format!("RRULE:{rule}")];
    master
}

/// The exception for the slot on a day, moved to begin at an hour; cancelled where there is none.
fn exception(id: &str, slot: i64, moved: Option<i64>) -> Event {
    let start = moved.unwrap_or(24 * slot + 9);
    let mut exception = event(id, at(start), at(start + 1));
    exception.series = Some(EventId("m".to_owned()));
    exception.original_start = Some(at(24 * slot + 9));
    if moved.is_none() {
        exception.status = EventStatus::Cancelled;
    }
    exception
}

fn check(master: Option<Event>, exceptions: Vec<Event>, span: (i64, i64)) -> Occurrences {
    let zones = ZoneDb::bundled();
    let frame = Frame {
        zones: &zones,
        home: Zone::utc(),
        horizon: Horizon {
            span: Interval {
                start: today() + TimeDelta::hours(span.0),
                end: today() + TimeDelta::hours(span.1),
            },
            zones: String::new(),
        },
    };
    let stored = |key: usize, event: Event| StoredEvent {
        key: EventKey(i64::try_from(key).unwrap()),
        calendar: CalendarId(1),
        event,
    };
    let series = StoredSeries {
        master: master.map(|event| stored(1, event)),
        exceptions: exceptions
            .into_iter()
            .enumerate()
            .map(|(n, event)| stored(n + 2, event))
            .collect(),
    };
    occurrences_of(&series, &frame)
}

/// Whose they are and at which hour each begins.
fn shown(found: &Occurrences) -> Vec<(i64, i64)> {
    let mut shown: Vec<_> = found
        .rows
        .iter()
        .map(|(key, time)| match time {
            OccurrenceTime::At { start, .. } => (key.0, (*start - today()).num_hours()),
            OccurrenceTime::Days { first, .. } => {
                (key.0, (*first - today().date_naive()).num_hours())
            }
        })
        .collect();
    shown.sort_unstable();
    shown
}

#[test]
fn a_series_and_its_exceptions_are_one_plan() {
    let found = check(
        Some(master("FREQ=DAILY;COUNT=4")),
        vec![exception("x", 1, Some(40)), exception("y", 2, None)],
        (0, 1000),
    );
    assert_eq!(shown(&found), [(1, 9), (1, 81), (2, 40)]);
    let mut keys: Vec<i64> = found.events.iter().map(|key| key.0).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [1, 2, 3],
        "what they had before goes, also of the cancelled one"
    );
    assert_eq!(found.unknown, None);
}

#[test]
fn what_is_stored_for_whom() {
    let all_day = || Some(event("d", day(3), day(4)));
    let rule = || Some(master("FREQ=DAILY;COUNT=3"));
    let moved = || vec![exception("x", 1, Some(40))];
    let mut nested = master("FREQ=DAILY;COUNT=3");
    nested.series = Some(EventId("other".to_owned()));
    let mut day_alone = event("x", day(3), day(4));
    day_alone.series = Some(EventId("m".to_owned()));
    let rows = [
        (
            "happens once",
            Some(event("e", at(5), at(6))),
            vec![],
            (0, 24),
            vec![(1, 5)],
        ),
        (
            "ends where the horizon begins",
            Some(event("e", at(5), at(6))),
            vec![],
            (6, 24),
            vec![],
        ),
        (
            "reaches in",
            Some(event("e", at(5), at(7))),
            vec![],
            (6, 24),
            vec![(1, 5)],
        ),
        (
            "begins where it ends",
            Some(event("e", at(24), at(25))),
            vec![],
            (0, 24),
            vec![],
        ),
        (
            "no length, inside",
            Some(event("e", at(5), at(5))),
            vec![],
            (5, 24),
            vec![(1, 5)],
        ),
        ("whole day", all_day(), vec![], (0, 100), vec![(1, 72)]),
        (
            "whole day just outside, for other zones",
            all_day(),
            vec![],
            (0, 71),
            vec![(1, 72)],
        ),
        ("whole day far outside", all_day(), vec![], (0, 40), vec![]),
        (
            "the same, an exception without its master",
            None,
            vec![day_alone],
            (0, 71),
            vec![(2, 72)],
        ),
        (
            "exception before its master",
            None,
            moved(),
            (0, 100),
            vec![(2, 40)],
        ),
        (
            "the same, cancelled",
            None,
            vec![exception("x", 1, None)],
            (0, 100),
            vec![],
        ),
        ("the same, outside", None, moved(), (0, 40), vec![]),
        (
            "with its master",
            rule(),
            moved(),
            (0, 100),
            vec![(1, 9), (1, 57), (2, 40)],
        ),
        (
            "moved out of the horizon",
            rule(),
            moved(),
            (0, 38),
            vec![(1, 9)],
        ),
        (
            "no series any more",
            Some(event("m", at(9), at(10))),
            moved(),
            (0, 100),
            vec![(1, 9), (2, 40)],
        ),
        (
            "an exception to an exception",
            Some(nested),
            moved(),
            (0, 100),
            vec![(2, 40)],
        ),
        ("nothing there", None, vec![], (0, 100), vec![]),
    ];
    for (what, master, exceptions, span, expect) in rows {
        let found = check(master, exceptions, span);
        assert_eq!(shown(&found), expect, "{what}");
    }
}

#[test]
fn a_master_that_cannot_be_followed_keeps_its_own_start_and_says_so() {
    for rule in ["FREQ=SECONDLY", "nonsense", "FREQ=DAILY;INTERVAL=0"] {
        let found = check(
            Some(master(rule)),
            vec![exception("x", 1, Some(40))],
            (0, 100),
        );
        assert_eq!(shown(&found), [(1, 9), (2, 40)], "{rule}");
        assert!(found.unknown.is_some(), "{rule}");
    }
}

#[test]
fn a_horizon_only_promises_what_stays_there() {
    let zones = ZoneDb::bundled();
    let date = |day: u32| {
        let date = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        date.and_time(NaiveTime::MIN).and_utc()
    };
    let horizon = |start: u32, end: u32, zones: &str| Horizon {
        span: Interval {
            start: date(start),
            end: date(end),
        },
        zones: zones.to_owned(),
    };
    let frame = Frame {
        zones: &zones,
        home: Zone::utc(),
        horizon: horizon(10, 20, "new"),
    };
    let rows = [
        (horizon(5, 15, "old"), Some(horizon(10, 15, "old"))),
        (horizon(15, 25, "new"), Some(horizon(15, 20, "new"))),
        (horizon(10, 20, "old"), None),
        (horizon(12, 18, "new"), None),
        (horizon(1, 9, "new"), None),
    ];
    for (stored, expect) in rows {
        assert_eq!(shrunk(&stored, &frame), expect, "{stored:?}");
    }
}
