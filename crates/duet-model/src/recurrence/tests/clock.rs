//! Series across the clock changes that have surprised calendars (TRUST 5.4).

use super::*;

#[test]
fn no_meeting_gets_lost_and_none_is_doubled() {
    // zone, start, rule, instants in UTC
    let cases: [(&str, &str, &str, &[&str]); 15] = [
        (
            "America/New_York", // 02:00 to 03:00 on March 8
            "2026-03-07 02:30",
            "FREQ=DAILY;COUNT=3",
            &["2026-03-07 07:30", "2026-03-08 07:30", "2026-03-09 06:30"],
        ),
        (
            "America/New_York", // 02:00 back to 01:00 on November 1: the first 01:30
            "2026-10-31 01:30",
            "FREQ=DAILY;COUNT=3",
            &["2026-10-31 05:30", "2026-11-01 05:30", "2026-11-02 06:30"],
        ),
        (
            "America/Sao_Paulo", // no midnight on 2018-11-04
            "2018-11-03 00:00",
            "FREQ=DAILY;COUNT=3",
            &["2018-11-03 03:00", "2018-11-04 03:00", "2018-11-05 02:00"],
        ),
        (
            "Africa/Cairo", // no midnight on 2026-04-24
            "2026-04-23 00:15",
            "FREQ=DAILY;COUNT=3",
            &["2026-04-22 22:15", "2026-04-23 22:15", "2026-04-24 21:15"],
        ),
        (
            "Asia/Beirut", // no midnight on 2026-03-29
            "2026-03-28 00:30",
            "FREQ=DAILY;COUNT=3",
            &["2026-03-27 22:30", "2026-03-28 22:30", "2026-03-29 21:30"],
        ),
        (
            "America/Nuuk", // no 23:00 on Saturday, 2026-03-28
            "2026-03-27 23:30",
            "FREQ=DAILY;COUNT=3",
            &["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"],
        ),
        (
            "Australia/Lord_Howe", // half an hour forward on 2026-10-04
            "2026-10-03 02:15",
            "FREQ=DAILY;COUNT=3",
            &["2026-10-02 15:45", "2026-10-03 15:45", "2026-10-04 15:15"],
        ),
        (
            "Antarctica/Troll", // two hours forward on 2026-03-29
            "2026-03-28 02:30",
            "FREQ=DAILY;COUNT=3",
            &["2026-03-28 02:30", "2026-03-29 02:30", "2026-03-30 00:30"],
        ),
        (
            "Pacific/Apia", // no 2011-12-30 at all: it falls on the 31st, and one remains
            "2011-12-29 09:00",
            "FREQ=DAILY;COUNT=4",
            &["2011-12-29 19:00", "2011-12-30 19:00", "2011-12-31 19:00"],
        ),
        (
            "Africa/Casablanca", // Ramadan: an hour back on 2026-02-15
            "2026-02-14 09:00",
            "FREQ=DAILY;COUNT=3",
            &["2026-02-14 08:00", "2026-02-15 09:00", "2026-02-16 09:00"],
        ),
        (
            "Europe/Dublin", // the winter is the exception there
            "2026-10-24 09:00",
            "FREQ=DAILY;COUNT=3",
            &["2026-10-24 08:00", "2026-10-25 09:00", "2026-10-26 09:00"],
        ),
        (
            "America/Vancouver", // stays on summer time from 2026 on
            "2026-10-31 09:00",
            "FREQ=DAILY;COUNT=3",
            &["2026-10-31 16:00", "2026-11-01 16:00", "2026-11-02 16:00"],
        ),
        (
            "America/Winnipeg", // and so does this one
            "2026-10-31 09:00",
            "FREQ=DAILY;COUNT=3",
            &["2026-10-31 14:00", "2026-11-01 14:00", "2026-11-02 14:00"],
        ),
        (
            "America/Havana", // midnight twice on 2025-11-02: the first is meant
            "2025-11-01 00:30",
            "FREQ=DAILY;COUNT=3",
            &["2025-11-01 04:30", "2025-11-02 04:30", "2025-11-03 05:30"],
        ),
        (
            "Asia/Kathmandu", // no change ever, and a quarter of an hour beside the others
            "2026-03-28 09:00",
            "FREQ=DAILY;COUNT=2",
            &["2026-03-28 03:15", "2026-03-29 03:15"],
        ),
    ];
    for (zone, start, rule, expect) in cases {
        let master = series(zone, start, 30, &[&format!("RRULE:{rule}")]);
        let found = all(&master, &[], "UTC", window("2011-01-01", "2030-01-01"));
        assert_eq!(starts(&found, "UTC"), expect, "{zone}");
        let half_hour = |one: &Instance| match (&one.start, &one.end) {
            (EventTime::At { at: from, .. }, EventTime::At { at: to, .. }) => {
                *to - *from == TimeDelta::minutes(30)
            }
            _ => false,
        };
        assert!(
            found.list.iter().all(half_hour),
            "{zone}: as long as the master"
        );
    }
}

#[test]
fn a_gap_is_taken_out_by_the_name_its_slot_has() {
    let march = window("2026-03-01", "2026-04-01");
    let rule = "RRULE:FREQ=DAILY;COUNT=3";
    for exdate in [
        "EXDATE;TZID=America/New_York:20260308T023000",
        "EXDATE:20260308T073000Z",
        "EXDATE;VALUE=DATE:20260308",
        // What the clock really shows then.
        "EXDATE;TZID=America/New_York:20260308T033000",
    ] {
        let master = series("America/New_York", "2026-03-07 02:30", 30, &[rule, exdate]);
        let expect = &["2026-03-07 07:30", "2026-03-09 06:30"];
        check(&master, "UTC", march, expect, exdate);
    }
    // In Nuuk the slot of Saturday comes to lie on Sunday; its day is Saturday.
    let nuuk = series(
        "America/Nuuk",
        "2026-03-27 23:30",
        30,
        &[rule, "EXDATE:20260328"],
    );
    check(
        &nuuk,
        "UTC",
        march,
        &["2026-03-28 01:30", "2026-03-30 00:30"],
        "Nuuk",
    );
}

#[test]
fn a_master_in_the_second_showing_of_an_hour_stays_there() {
    let mut master = series(
        "America/New_York",
        "2026-11-01 01:30",
        30,
        &["RRULE:FREQ=DAILY;COUNT=2"],
    );
    for time in [&mut master.start, &mut master.end] {
        if let EventTime::At { at, .. } = time {
            *at += TimeDelta::hours(1);
        }
    }
    let november = window("2026-11-01", "2026-12-01");
    check(
        &master,
        "UTC",
        november,
        &["2026-11-01 06:30", "2026-11-02 06:30"],
        "one a day",
    );
}

#[test]
fn a_long_night_is_as_long_as_the_others() {
    // RFC 5545 3.8.5.3: DTEND gives the exact duration, not the time on the clock.
    let night = series(
        BERLIN,
        "2026-03-27 22:00",
        480,
        &["RRULE:FREQ=DAILY;COUNT=3"],
    );
    let found = all(&night, &[], BERLIN, window("2026-03-01", "2026-04-01"));
    let ends: Vec<_> = found.list.iter().map(|one| one.end.clone()).collect();
    let expect = ["2026-03-28 06:00", "2026-03-29 07:00", "2026-03-30 06:00"];
    assert_eq!(ends, expect.map(|end| at(BERLIN, end)));
}
