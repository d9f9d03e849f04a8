//! Times as Google writes them and as it should not, one case a line.

use super::*;
use serde_json::{Value, json};

fn zones() -> ZoneDb {
    ZoneDb::bundled()
}

/// A time in short: `2026-11-22` or `2026-11-22T09:00:00Z Zone`.
fn short(time: &EventTime) -> String {
    match time {
        EventTime::Date(date) => date.to_string(),
        EventTime::At { at, zone } => {
            let at = at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            match zone {
                Some(zone) => format!("{at} {zone}"),
                None => at,
            }
        }
    }
}

fn read_one(when: &Value, calendar: Option<&str>) -> String {
    let zones = zones();
    let clock = Clock {
        zones: &zones,
        calendar,
    };
    let when = When::deserialize(when).expect("the documented shape");
    match moment(&when, "start", &clock) {
        Ok(time) => short(&time),
        Err(fault) => fault.to_string(),
    }
}

#[test]
fn one_time() {
    let berlin = "Europe/Berlin";
    let unreadable = "its start cannot be read";
    let unknown = "its start has no offset, and its zone is not known";
    let rows = [
        (json!({"date": "2026-11-22"}), "2026-11-22"),
        (
            json!({"date": "2026-11-22", "timeZone": berlin}),
            "2026-11-22",
        ),
        (json!({"date": "2024-02-29"}), "2024-02-29"),
        (json!({"date": "2026-02-29"}), unreadable),
        (json!({"date": "2026-11-22T00:00:00Z"}), unreadable),
        (json!({"date": "0000-01-01"}), unreadable),
        (json!({"date": "+12026-01-01"}), unreadable),
        (json!({"date": "heute"}), unreadable),
        (
            json!({"dateTime": "2026-11-22T10:00:00+01:00"}),
            "2026-11-22T09:00:00Z",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00Z"}),
            "2026-11-22T10:00:00Z",
        ),
        (
            json!({"dateTime": "2026-11-22t10:00:00z"}),
            "2026-11-22T10:00:00Z",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00.999-00:00"}),
            "2026-11-22T10:00:00Z",
        ),
        (
            json!({"dateTime": "2016-12-31T23:59:60Z"}),
            "2016-12-31T23:59:59Z",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00+05:45", "timeZone": "Asia/Kathmandu"}),
            "2026-11-22T04:15:00Z Asia/Kathmandu",
        ),
        // The offset is what was said; the zone is kept, also one that nobody knows.
        (
            json!({"dateTime": "2026-11-22T10:00:00+05:00", "timeZone": berlin}),
            "2026-11-22T05:00:00Z Europe/Berlin",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00+01:00", "timeZone": "Mars/Olympus"}),
            "2026-11-22T09:00:00Z Mars/Olympus",
        ),
        // Without an offset: the time's own zone, then the calendar's.
        (
            json!({"dateTime": "2026-11-22T10:00:00", "timeZone": "America/New_York"}),
            "2026-11-22T15:00:00Z America/New_York",
        ),
        (
            json!({"dateTime": "2026-07-22T10:00:00.5", "timeZone": "America/New_York"}),
            "2026-07-22T14:00:00Z America/New_York",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00"}),
            "2026-11-22T09:00:00Z",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00", "timeZone": ""}),
            "2026-11-22T09:00:00Z",
        ),
        // 02:30 is skipped that day, and 02:30 is there twice.
        (
            json!({"dateTime": "2026-03-29T02:30:00", "timeZone": berlin}),
            "2026-03-29T01:30:00Z Europe/Berlin",
        ),
        (
            json!({"dateTime": "2026-10-25T02:30:00", "timeZone": berlin}),
            "2026-10-25T00:30:00Z Europe/Berlin",
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00", "timeZone": "Mars/Olympus"}),
            unknown,
        ),
        (
            json!({"dateTime": "2026-11-22T10:00:00", "timeZone": "../../etc/passwd"}),
            unknown,
        ),
        (json!({"dateTime": "2026-11-22T25:00:00Z"}), unreadable),
        (json!({"dateTime": "2026-11-22"}), unreadable),
        (json!({"dateTime": "99999-01-01T00:00:00Z"}), unreadable),
        (json!({"dateTime": "0001-01-01T00:00:00+14:00"}), unreadable),
        // Both: the time says more, unless it cannot be read.
        (
            json!({"date": "2026-11-22", "dateTime": "2026-11-22T10:00:00Z"}),
            "2026-11-22T10:00:00Z",
        ),
        (json!({"date": "2026-11-22", "dateTime": ""}), "2026-11-22"),
        (
            json!({"date": "2026-11-22", "dateTime": "soon"}),
            "2026-11-22",
        ),
        (
            json!({"date": "soon", "dateTime": "2026-11-22T10:00:00Z"}),
            "2026-11-22T10:00:00Z",
        ),
        (
            json!({"date": null, "dateTime": null, "timeZone": null}),
            unreadable,
        ),
        (json!({}), unreadable),
    ];
    for (when, expect) in rows {
        assert_eq!(read_one(&when, Some(berlin)), expect, "{when}");
    }
    let bare = json!({"dateTime": "2026-11-22T10:00:00"});
    assert_eq!(read_one(&bare, None), unknown, "no zone is never guessed");
    assert_eq!(read_one(&bare, Some("Mars/Olympus")), unknown);
}

#[test]
fn a_zone_of_any_length_stays_small() {
    let when = json!({"dateTime": "2026-11-22T10:00:00Z", "timeZone": "ü".repeat(5000)});
    let got = read_one(&when, None);
    assert!(got.len() < 300 && got.contains("üü"), "{}", got.len());
}

#[test]
fn start_and_end_together() {
    let day = |text: &str| json!({"date": text});
    let at = |text: &str| json!({"dateTime": text});
    let zoned = |text: &str, zone: &str| json!({"dateTime": text, "timeZone": zone});
    let backwards = "it ends before it starts";
    let mixed = "it starts with a day and ends with a time, or the other way round";
    let nothing = Value::Null;
    let rows = [
        (
            day("2026-11-22"),
            day("2026-11-24"),
            "2026-11-22 to 2026-11-24",
        ),
        (
            day("2026-11-22"),
            day("2026-11-22"),
            "2026-11-22 to 2026-11-23",
        ),
        (
            day("2026-11-22"),
            nothing.clone(),
            "2026-11-22 to 2026-11-23",
        ),
        (day("2026-11-22"), json!({}), "2026-11-22 to 2026-11-23"),
        (day("2026-11-22"), day("2026-11-21"), backwards),
        (day("2026-11-22"), day("later"), "its end cannot be read"),
        (
            at("2026-11-22T10:00:00Z"),
            at("2026-11-22T11:00:00Z"),
            "2026-11-22T10:00:00Z to 2026-11-22T11:00:00Z",
        ),
        (
            at("2026-11-22T10:00:00Z"),
            at("2026-11-22T10:00:00Z"),
            "2026-11-22T10:00:00Z to 2026-11-22T10:00:00Z",
        ),
        (
            at("2026-11-22T10:00:00Z"),
            nothing.clone(),
            "2026-11-22T10:00:00Z to 2026-11-22T10:00:00Z",
        ),
        (
            at("2026-11-22T10:00:00Z"),
            at("2026-11-22T09:00:00Z"),
            backwards,
        ),
        // Later on the wall and earlier in truth, and the other way round.
        (
            at("2026-11-22T10:00:00-05:00"),
            at("2026-11-22T11:00:00+01:00"),
            backwards,
        ),
        (
            at("2026-11-22T10:00:00+09:00"),
            at("2026-11-22T09:00:00+01:00"),
            "2026-11-22T01:00:00Z to 2026-11-22T08:00:00Z",
        ),
        // A bare end is in the zone of its start, a bare start not in that of its end.
        (
            zoned("2026-11-22T10:00:00", "Asia/Tokyo"),
            at("2026-11-22T11:00:00"),
            "2026-11-22T01:00:00Z Asia/Tokyo to 2026-11-22T02:00:00Z",
        ),
        (
            zoned("2026-11-22T10:00:00", "Asia/Tokyo"),
            zoned("2026-11-22T11:00:00", "UTC"),
            "2026-11-22T01:00:00Z Asia/Tokyo to 2026-11-22T11:00:00Z UTC",
        ),
        (
            at("2026-11-22T10:00:00"),
            at("2026-11-22T11:00:00"),
            "2026-11-22T09:00:00Z to 2026-11-22T10:00:00Z",
        ),
        (day("2026-11-22"), at("2026-11-22T11:00:00Z"), mixed),
        (at("2026-11-22T11:00:00Z"), day("2026-11-23"), mixed),
        (
            nothing.clone(),
            day("2026-11-23"),
            "it does not say when it starts",
        ),
        (
            json!({"timeZone": "UTC"}),
            day("2026-11-23"),
            "it does not say when it starts",
        ),
        (nothing.clone(), nothing, "it does not say when it starts"),
    ];
    let zones = zones();
    let clock = Clock {
        zones: &zones,
        calendar: Some("Europe/Berlin"),
    };
    for (start, end, expect) in rows {
        let when = |value: &'_ Value| Option::<When<'_>>::deserialize(value).map(|w| w.is_some());
        assert!(when(&start).is_ok() && when(&end).is_ok());
        let from: Option<When<'_>> = Deserialize::deserialize(&start).unwrap();
        let to: Option<When<'_>> = Deserialize::deserialize(&end).unwrap();
        let got = match span(from.as_ref(), to.as_ref(), &clock) {
            Ok((from, to)) => format!("{} to {}", short(&from), short(&to)),
            Err(fault) => fault.to_string(),
        };
        assert_eq!(got, expect, "{start} {end}");
    }
    let last = json!({"date": "9999-12-31"});
    let last: When<'_> = Deserialize::deserialize(&last).unwrap();
    assert!(
        span(Some(&last), None, &clock).is_ok(),
        "the last day has an end"
    );
}
