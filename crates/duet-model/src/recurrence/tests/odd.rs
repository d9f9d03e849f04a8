//! What Google and others send against RFC 5545 (GOOGLE.md 4.4), and what nobody can read.

use super::*;

#[test]
fn odd_lines_of_times_are_read_with_good_sense() {
    let cases: [(&str, &[&str], &[&str]); 17] = [
        (
            "a date for a time",
            &["RDATE;VALUE=DATE:20260305"],
            &["03-03 17:00", "03-05 17:00"],
        ),
        (
            "a rule that is an RDATE",
            &[
                "RRULE:FREQ=DAILY;COUNT=1",
                "RRULE:DATE;TZID=Europe/Berlin:20260305T080000",
            ],
            &["03-03 17:00", "03-05 08:00"],
        ),
        (
            "the same without its beginning",
            &["DATE;TZID=Europe/Berlin:20260305T080000"],
            &["03-03 17:00", "03-05 08:00"],
        ),
        (
            "a day taken out",
            &["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260304"],
            &["03-03 17:00", "03-05 17:00"],
        ),
        (
            "a day taken out, with all that begins on it",
            &[
                "RRULE:FREQ=DAILY;COUNT=6;BYHOUR=9,17",
                "EXDATE;VALUE=DATE:20260304",
            ],
            &["03-03 17:00", "03-05 09:00", "03-05 17:00", "03-06 09:00"],
        ),
        (
            "its value is not what it says",
            &[
                "RRULE:FREQ=DAILY;COUNT=3",
                "EXDATE;VALUE=DATE:20260304T160000Z",
            ],
            &["03-03 17:00", "03-05 17:00"],
        ),
        (
            "until a day",
            &["RRULE:FREQ=DAILY;UNTIL=20260305"],
            &["03-03 17:00", "03-04 17:00", "03-05 17:00"],
        ),
        (
            "until a time without a zone",
            &["RRULE:FREQ=DAILY;UNTIL=20260304T170000"],
            &["03-03 17:00", "03-04 17:00"],
        ),
        (
            "a period",
            &["RDATE;VALUE=PERIOD:20260305T160000Z/PT2H"],
            &["03-03 17:00", "03-05 17:00"],
        ),
        (
            "a zone in quotes",
            &["RDATE;TZID=\"Europe/Berlin\":20260305T080000"],
            &["03-03 17:00", "03-05 08:00"],
        ),
        (
            "small letters and spaces",
            &["rrule:freq=daily; count=2;", " "],
            &["03-03 17:00", "03-04 17:00"],
        ),
        (
            "a folded line",
            &["RDATE;TZID=Europe/Ber\r\n lin:20260304T1\n 70000"],
            &["03-03 17:00", "03-04 17:00"],
        ),
        (
            "a start again",
            &[
                "DTSTART;TZID=Europe/Berlin:20200101T000000",
                "RRULE:FREQ=DAILY;COUNT=2",
            ],
            &["03-03 17:00", "03-04 17:00"],
        ),
        (
            "BYYEARDAY of a month",
            &["RRULE:FREQ=MONTHLY;BYYEARDAY=-1;BYMONTHDAY=-1;COUNT=1"],
            &["03-03 17:00", "03-31 17:00"],
        ),
        (
            "numbered weekdays of a week",
            &["RRULE:FREQ=WEEKLY;BYDAY=1TU,1TH;COUNT=2"],
            &["03-03 17:00", "03-05 17:00"],
        ),
        (
            "parts of a program's own",
            &["RRULE:FREQ=DAILY;COUNT=2;X-EVOLUTION-ENDDATE=20260304T170000Z"],
            &["03-03 17:00", "03-04 17:00"],
        ),
        (
            "never, as some write it",
            &["RRULE:FREQ=WEEKLY;INTERVAL=4;UNTIL=99991231T235959Z"],
            &["03-03 17:00", "03-31 17:00"],
        ),
    ];
    for (why, recurrence, expect) in cases {
        let master = series(BERLIN, "2026-03-03 17:00", 90, recurrence);
        let expect: Vec<String> = expect.iter().map(|one| format!("2026-{one}")).collect();
        let expect: Vec<&str> = expect.iter().map(String::as_str).collect();
        check(
            &master,
            BERLIN,
            window("2026-03-01", "2026-04-01"),
            &expect,
            why,
        );
    }
}

#[test]
fn odd_lines_of_whole_days_are_read_with_good_sense() {
    let cases: [(&str, &[&str], &[&str]); 11] = [
        (
            "times taken out, with and without zone",
            &[
                "RRULE:FREQ=DAILY;COUNT=4",
                "EXDATE;TZID=Europe/Berlin:20260304T000000",
                "EXDATE:20260305T000000Z",
            ],
            &["03-03", "03-06"],
        ),
        (
            "midnight here, written in UTC",
            &["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260303T230000Z"],
            &["03-03"],
        ),
        (
            "a time added",
            &["RDATE:20260305T000000"],
            &["03-03", "03-05"],
        ),
        (
            "until midnight of the last day",
            &["RRULE:FREQ=DAILY;UNTIL=20260304T000000Z"],
            &["03-03", "03-04"],
        ),
        (
            "until the end of the last day",
            &["RRULE:FREQ=DAILY;UNTIL=20260304T235959Z"],
            &["03-03", "03-04"],
        ),
        (
            "until the end of the last day here",
            &["RRULE:FREQ=DAILY;UNTIL=20260304T225959Z"],
            &["03-03", "03-04"],
        ),
        (
            "until a time without a zone",
            &["RRULE:FREQ=DAILY;UNTIL=20260304T120000"],
            &["03-03", "03-04"],
        ),
        (
            "times of a day that has none",
            &["RRULE:FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0;COUNT=2"],
            &["03-03", "03-04"],
        ),
        (
            "a period of days",
            &["RDATE;VALUE=PERIOD:20260305/P2D"],
            &["03-03", "03-05"],
        ),
        (
            "once a year, not each month",
            &["RRULE:FREQ=YEARLY;WKST=MO;INTERVAL=1;BYMONTHDAY=3"],
            &["03-03"],
        ),
        (
            "a rule of another calendar that says Gregorian",
            &["RRULE:RSCALE=GREGORIAN;FREQ=DAILY;SKIP=OMIT;COUNT=2"],
            &["03-03", "03-04"],
        ),
    ];
    for (why, recurrence, expect) in cases {
        let master = days("2026-03-03", 1, recurrence);
        let expect: Vec<String> = expect.iter().map(|one| format!("2026-{one}")).collect();
        let expect: Vec<&str> = expect.iter().map(String::as_str).collect();
        check(
            &master,
            BERLIN,
            window("2026-03-01", "2026-06-01"),
            &expect,
            why,
        );
    }
}

#[test]
fn a_yearly_day_of_the_month_is_in_the_month_of_the_start() {
    let years = window("2026-01-01", "2028-01-01");
    let birthday = days("2020-02-14", 1, &["RRULE:FREQ=YEARLY;BYMONTHDAY=14"]);
    check(
        &birthday,
        BERLIN,
        years,
        &["2026-02-14", "2027-02-14"],
        "gcal_sync 179",
    );
    let january = days(
        "2020-01-14",
        1,
        &["RRULE:FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=14"],
    );
    check(
        &january,
        BERLIN,
        years,
        &["2026-06-14", "2027-06-14"],
        "a month is a month",
    );
    let fridays = days(
        "2020-03-13",
        1,
        &["RRULE:FREQ=YEARLY;BYMONTHDAY=13;BYDAY=FR"],
    );
    let expect = ["2026-02-13", "2026-03-13", "2026-11-13", "2027-08-13"];
    check(
        &fridays,
        BERLIN,
        years,
        &expect,
        "a weekday chooses among the months",
    );
    let apple = days("1604-05-04", 1, &["RRULE:FREQ=YEARLY"]);
    check(
        &apple,
        BERLIN,
        years,
        &["2026-05-04", "2027-05-04"],
        "a birthday without a year",
    );
}

#[test]
fn lengths_are_mended() {
    let march = window("2026-03-01", "2026-04-01");
    let mut master = series(
        BERLIN,
        "2026-03-03 17:00",
        -60,
        &["RRULE:FREQ=DAILY;COUNT=2"],
    );
    let found = all(&master, &[], BERLIN, march);
    assert!(
        found.list.iter().all(|one| one.start == one.end),
        "not before the start"
    );
    assert_eq!(found.list.len(), 2);
    master
        .recurrence
        .push("RDATE:20260309T170000/20260309T180000,20260310T170000/PT1H30M".into());
    let found = all(&master, &[], BERLIN, march);
    let ends: Vec<_> = found.list[2..].iter().map(|one| one.end.clone()).collect();
    assert_eq!(
        ends,
        [
            at(BERLIN, "2026-03-09 18:00"),
            at(BERLIN, "2026-03-10 18:30")
        ]
    );

    let same_day = days("2026-03-03", 0, &["RRULE:FREQ=DAILY;COUNT=2"]);
    let found = all(&same_day, &[], BERLIN, march);
    assert_eq!(
        found.list[0].end,
        EventTime::Date(date("2026-03-04")),
        "a day lasts a day"
    );
    assert_eq!(found.list.len(), 2);

    let mixed = Event {
        end: at(BERLIN, "2026-03-05 10:00"),
        ..days("2026-03-03", 1, &[])
    };
    let found = all(&mixed, &[], BERLIN, march);
    assert_eq!(found.list[0].end, EventTime::Date(date("2026-03-04")));
}

#[test]
fn an_unknown_zone_is_kept_and_said() {
    let mut master = series(
        BERLIN,
        "2026-03-03 17:00",
        90,
        &["RRULE:FREQ=DAILY;COUNT=2"],
    );
    let EventTime::At { at, .. } = master.start else {
        panic!("a time")
    };
    let zone = Some("Customized Time Zone 1".to_owned());
    master.start = EventTime::At {
        at,
        zone: zone.clone(),
    };
    let found = all(&master, &[], BERLIN, window("2026-03-01", "2026-04-01"));
    assert_eq!(
        starts(&found, BERLIN),
        ["2026-03-03 17:00", "2026-03-04 17:00"]
    );
    assert!(matches!(&found.list[1].start, EventTime::At { zone: kept, .. } if *kept == zone));
    assert_eq!(
        found.unknown.unwrap().to_string(),
        "The time zone “Customized Time Zone 1” is not known; Europe/Berlin was taken instead."
    );
    // A zone that only a line names: the event's own is the best guess.
    for odd in [
        "EXDATE;TZID=W. Europe Standard Time:20260304T170000",
        "EXDATE;TZID=\"(UTC+01:00) Berlin\":20260304T170000",
    ] {
        let master = series(
            BERLIN,
            "2026-03-03 17:00",
            90,
            &["RRULE:FREQ=DAILY;COUNT=2", odd],
        );
        let found = all(&master, &[], BERLIN, window("2026-03-01", "2026-04-01"));
        assert_eq!(starts(&found, BERLIN), ["2026-03-03 17:00"]);
        assert!(matches!(
            found.unknown,
            Some(SeriesError::UnknownZone { .. })
        ));
    }
}

#[test]
fn what_is_not_understood_is_said_and_the_rest_is_kept() {
    let march = window("2026-03-01", "2026-04-01");
    let cases: [(&[&str], &str, usize); 9] = [
        (
            &["RRULE:FREQ=HOURLY"],
            "The repetition “RRULE:FREQ=HOURLY” cannot be followed. “HOURLY” is no frequency that Duet follows: daily, weekly, monthly or yearly.",
            1,
        ),
        (
            &["RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=DAILY;INTERVAL=0"],
            "The repetition “RRULE:FREQ=DAILY;INTERVAL=0” cannot be followed. INTERVAL cannot be “0”: it is a number from 1 to 1000.",
            3,
        ),
        (
            &["RRULE:FREQ=DAILY;COUNT=3", "EXRULE:FREQ=NEVER"],
            "The repetition “EXRULE:FREQ=NEVER” cannot be followed. “NEVER” is no frequency that Duet follows: daily, weekly, monthly or yearly.",
            3,
        ),
        (
            &["RRULE:FREQ=DAILY;UNTIL=20200101", "RRULE:FREQ=SECONDLY"],
            "The repetition “RRULE:FREQ=SECONDLY” cannot be followed. “SECONDLY” is no frequency that Duet follows: daily, weekly, monthly or yearly.",
            1,
        ),
        (
            &["RDATE:2026-03-05,20260306T170000,"],
            "“2026-03-05” in the repetition is not a date.",
            2,
        ),
        (
            &["EXDATE:20260230"],
            "“20260230” in the repetition is not a date.",
            1,
        ),
        (
            &["RDATE:20260305T170000/PT1H-5M"],
            "“20260305T170000/PT1H-5M” in the repetition is not a date.",
            1,
        ),
        (
            &["WEATHER:FINE"],
            "Duet does not know what “WEATHER:FINE” says about the repetition.",
            1,
        ),
        (
            &["RRULE:FREQ=DAILY;COUNT=2"; 5],
            "The event repeats by more than 4 rules.",
            2,
        ),
    ];
    for (recurrence, words, count) in cases {
        let master = series(BERLIN, "2026-03-03 17:00", 90, recurrence);
        let found = all(&master, &[], BERLIN, march);
        assert_eq!(
            found.unknown.map(|why| why.to_string()).as_deref(),
            Some(words)
        );
        assert_eq!(found.list.len(), count, "{recurrence:?}");
    }
}
