//! How fast series are expanded: `cargo run --release -p duet-model --example expand_speed`.
//!
//! One week of 200 series that began ten years ago, on one core, as the best and the median of some
//! rounds; the best, because whatever else the machine does can only make a round slower. The worlds
//! are the same on every run and machine. The last line is the one that a bound is set on: 200 daily
//! series.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::hint::black_box;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::event::{Event, EventId, EventStatus, EventTime, EventType, Visibility};
use duet_model::recurrence::instances;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;

const SERIES: i64 = 200;
const ROUNDS: usize = 100;
const ZONES: [&str; 4] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
];

/// Meetings of half an hour, five minutes after each other, in several zones.
fn world(rule: &str, begin: DateTime<Utc>) -> Vec<Event> {
    let event = |(number, zone): (i64, &&str)| {
        let time = |minutes: i64| EventTime::At {
            at: begin + TimeDelta::minutes(minutes),
            zone: Some((*zone).to_owned()),
        };
        Event {
            id: EventId(number.to_string()),
            ical_uid: None,
            etag: None,
            status: EventStatus::Confirmed,
            title: "Meeting".to_owned(),
            description: None,
            location: None,
            start: time(number * 5),
            end: time(number * 5 + 30),
            recurrence: vec![rule.to_owned()],
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
    };
    (0..SERIES).zip(ZONES.iter().cycle()).map(event).collect()
}

fn main() {
    let begin = DateTime::<Utc>::from_timestamp(1_478_592_000, 0).expect("a Tuesday in 2016");
    let start = begin + TimeDelta::days(3652);
    let week = Interval {
        start,
        end: start + TimeDelta::days(7),
    };
    let zones = ZoneDb::bundled();
    let home = zones.zone("Europe/Berlin").expect("a known zone");
    let mut last = 0.0;
    for rule in [
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=999",
        "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;COUNT=3000",
        "RRULE:FREQ=MONTHLY;BYDAY=2TU",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1",
        "RRULE:FREQ=YEARLY",
        "RRULE:FREQ=DAILY",
    ] {
        let world = world(rule, begin);
        let mut found = 0;
        let mut times: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let begun = Instant::now();
                found = 0;
                for master in &world {
                    let all = instances(black_box(master), &[], &zones, &home, week, 1000);
                    assert!(all.unknown.is_none());
                    found += black_box(all).list.len();
                }
                begun.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (best, median) = (times[0], times[ROUNDS / 2]);
        println!("{rule}: {best:.3} ms (median {median:.3}), {found} instances");
        last = best;
    }
    println!("expand: {last:.3} ms");
}
