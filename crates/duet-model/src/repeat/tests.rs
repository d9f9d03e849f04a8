//! The gate against bombs, the expansion against python-dateutil, plain counting and the clock.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::*;
use crate::block::{BlockId, ManualBlock};
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

mod bombs;
mod properties;
mod shift;

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

fn stamp(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").unwrap()
}

fn block(zone: &str, start: &str, end: &str, repeat: &str) -> ManualBlock {
    ManualBlock {
        id: BlockId("1".into()),
        title: "Choir".into(),
        start: wall(start),
        end: wall(end),
        zone: zone.into(),
        repeat: (!repeat.is_empty()).then(|| repeat.to_owned()),
        except: Vec::new(),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

fn window(from: &str, to: &str) -> Interval {
    Interval {
        start: wall(from).and_utc(),
        end: wall(to).and_utc(),
    }
}

/// Start and end of each occurrence in UTC, as text.
fn spans(block: &ManualBlock, window: Interval) -> Vec<String> {
    let found = expand(block, &ZoneDb::bundled(), window, 100).unwrap();
    let text = |at: DateTime<Utc>| at.format("%m-%d %H:%M").to_string();
    found
        .into_iter()
        .map(|one| format!("{}/{}", text(one.span.start), text(one.span.end)))
        .collect()
}

fn hits(
    rule: &str,
    start: NaiveDateTime,
    from: NaiveDateTime,
    to: NaiveDateTime,
) -> Vec<NaiveDateTime> {
    let mut hits = Vec::new();
    let take = &mut |wall| {
        hits.push(wall);
        std::ops::ControlFlow::Continue(())
    };
    Repeat::parse(rule)
        .unwrap()
        .each(start, &Zone::utc(), from, to, take)
        .unwrap();
    hits
}

#[test]
fn a_rule_is_read_and_written_canonically() {
    let cases = [
        ("FREQ=WEEKLY", "FREQ=WEEKLY"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU"),
        (
            " freq=weekly;byday=tu,mo;wkst=su; ",
            "FREQ=WEEKLY;BYDAY=TU,MO;WKST=SU",
        ),
        (
            "BYDAY=MO;FREQ=WEEKLY;INTERVAL=1;WKST=MO",
            "FREQ=WEEKLY;BYDAY=MO",
        ),
        (
            "FREQ=DAILY;COUNT=3500;INTERVAL=1000",
            "FREQ=DAILY;INTERVAL=1000;COUNT=3500",
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1FR,+2MO,2MO",
            "FREQ=MONTHLY;BYDAY=-1FR,2MO",
        ),
        (
            "FREQ=YEARLY;BYMONTHDAY=31,-1,31;BYMONTH=12,1",
            "FREQ=YEARLY;BYMONTH=1,12;BYMONTHDAY=-1,31",
        ),
        ("FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"),
        (
            "FREQ=DAILY;UNTIL=20261231T170000",
            "FREQ=DAILY;UNTIL=20261231T170000",
        ),
        (
            "FREQ=DAILY;UNTIL=20261231T170000Z",
            "FREQ=DAILY;UNTIL=20261231T170000Z",
        ),
        (
            "FREQ=YEARLY;BYWEEKNO=-1,20;BYDAY=MO",
            "FREQ=YEARLY;BYWEEKNO=-1,20;BYDAY=MO",
        ),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
        ),
    ];
    for (rule, expect) in cases {
        let read = Repeat::parse(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
        assert_eq!(read.to_string(), expect);
        assert_eq!(
            Repeat::parse(expect).unwrap(),
            read,
            "reading it again changes nothing"
        );
    }
}

#[test]
fn refusals_are_sentences_for_people() {
    let cases = [
        ("", "The repetition is empty."),
        (
            "FREQ=FORTNIGHTLY",
            "“FORTNIGHTLY” is no frequency that Duet follows: daily, weekly, monthly or yearly.",
        ),
        (
            "INTERVAL=2",
            "The repetition does not say how often (FREQ).",
        ),
        (
            "FREQ=DAILY;INTERVAL=0",
            "INTERVAL cannot be “0”: it is a number from 1 to 1000.",
        ),
        (
            "FREQ=DAILY;COUNT=2;UNTIL=20260101",
            "The repetition ends twice, by COUNT and by UNTIL; one of them must go.",
        ),
        (
            "FREQ=WEEKLY;BYDAY=XX",
            "BYDAY cannot be “XX”: weekdays are MO, TU, WE, TH, FR, SA and SU.",
        ),
        (
            "FREQ=WEEKLY;BYDAY=2MO",
            "A numbered weekday in BYDAY cannot be used with FREQ=WEEKLY.",
        ),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is given twice."),
        (
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "No day fits this repetition.",
        ),
        (
            "FREQ=DAILY;SKIP=OMIT",
            "Duet does not know the repetition part SKIP.",
        ),
    ];
    for (rule, expect) in cases {
        assert_eq!(
            Repeat::parse(rule).unwrap_err().to_string(),
            expect,
            "{rule}"
        );
    }
}

#[test]
fn occurrences_stay_on_the_wall_clock() {
    let march = window("2026-03-20 00:00", "2026-04-05 00:00");
    let choir = block(
        "Europe/Berlin",
        "2016-01-05 17:00",
        "2016-01-05 18:30",
        "FREQ=WEEKLY",
    );
    // 17:00 in Berlin is an hour earlier in UTC once summer time has begun.
    assert_eq!(
        spans(&choir, march),
        ["03-24 16:00/03-24 17:30", "03-31 15:00/03-31 16:30"]
    );

    let once = block("Europe/Berlin", "2026-03-24 17:00", "2026-03-24 18:30", "");
    assert_eq!(spans(&once, march), ["03-24 16:00/03-24 17:30"]);
    assert_eq!(
        spans(&once, window("2026-03-24 17:30", "2026-04-01 00:00")),
        [""; 0],
        "half open"
    );
    assert_eq!(
        spans(&once, window("2026-03-24 17:29", "2026-04-01 00:00")).len(),
        1,
        "reaches in"
    );
}

#[test]
fn clock_changes_lose_no_occurrence() {
    let cases = [
        (
            "New York skips 02:30 on March 8; it becomes 03:30, and its end follows",
            block(
                "America/New_York",
                "2026-03-06 02:30",
                "2026-03-06 03:00",
                "FREQ=DAILY;COUNT=4",
            ),
            window("2026-03-01 00:00", "2026-04-01 00:00"),
            vec![
                "03-06 07:30/03-06 08:00",
                "03-07 07:30/03-07 08:00",
                "03-08 07:30/03-08 08:00",
                "03-09 06:30/03-09 07:00",
            ],
        ),
        (
            "New York shows 01:30 twice on November 1; the first is meant",
            block(
                "America/New_York",
                "2026-10-31 01:30",
                "2026-10-31 03:00",
                "FREQ=DAILY;COUNT=2",
            ),
            window("2026-10-01 00:00", "2026-12-01 00:00"),
            vec!["10-31 05:30/10-31 07:00", "11-01 05:30/11-01 08:00"],
        ),
        (
            "Sao Paulo has no midnight on 2018-11-04; whole days still meet",
            block(
                "America/Sao_Paulo",
                "2018-11-03 00:00",
                "2018-11-04 00:00",
                "FREQ=DAILY;COUNT=3",
            ),
            window("2018-11-01 00:00", "2018-12-01 00:00"),
            vec![
                "11-03 03:00/11-04 03:00",
                "11-04 03:00/11-05 02:00",
                "11-05 02:00/11-06 02:00",
            ],
        ),
        (
            "Cairo's midnight is skipped and COUNT still counts it",
            block(
                "Africa/Cairo",
                "2026-04-23 00:15",
                "2026-04-23 00:45",
                "FREQ=DAILY;COUNT=3",
            ),
            window("2026-04-01 00:00", "2026-05-01 00:00"),
            vec![
                "04-22 22:15/04-22 22:45",
                "04-23 22:15/04-23 22:45",
                "04-24 21:15/04-24 21:45",
            ],
        ),
        (
            "Apia left out 2011-12-30, so two begin together and one remains",
            block(
                "Pacific/Apia",
                "2011-12-29 09:00",
                "2011-12-29 10:00",
                "FREQ=DAILY;COUNT=4",
            ),
            window("2011-12-01 00:00", "2012-02-01 00:00"),
            vec![
                "12-29 19:00/12-29 20:00",
                "12-30 19:00/12-30 20:00",
                "12-31 19:00/12-31 20:00",
            ],
        ),
    ];
    for (why, block, window, expect) in cases {
        assert_eq!(spans(&block, window), expect, "{why}");
    }
}

#[test]
fn exceptions_are_named_by_their_wall_clock_and_still_count() {
    let mut choir = block(
        "Europe/Berlin",
        "2026-03-15 02:30",
        "2026-03-15 04:00",
        "FREQ=WEEKLY;COUNT=4",
    );
    let all = window("2026-03-01 00:00", "2026-06-01 00:00");
    // On March 29 the clock skips 02:30; the occurrence keeps that name.
    choir.except = vec![wall("2026-03-22 02:30"), wall("2026-03-29 02:30")];
    assert_eq!(
        spans(&choir, all),
        ["03-15 01:30/03-15 03:00", "04-05 00:30/04-05 02:00"]
    );
    choir.except = vec![wall("2026-03-22 02:31")];
    assert_eq!(
        spans(&choir, all).len(),
        4,
        "a name that is none takes nothing out"
    );

    let mut once = block("Europe/Berlin", "2026-03-24 17:00", "2026-03-24 18:30", "");
    once.except = vec![once.start];
    assert_eq!(spans(&once, all), [""; 0]);

    let mut apia = block(
        "Pacific/Apia",
        "2011-12-29 09:00",
        "2011-12-29 10:00",
        "FREQ=DAILY;COUNT=4",
    );
    apia.except = vec![wall("2011-12-31 09:00")];
    let found = expand(
        &apia,
        &ZoneDb::bundled(),
        window("2011-12-01 00:00", "2012-02-01 00:00"),
        9,
    );
    assert_eq!(
        found.unwrap().len(),
        3,
        "of two at once, taking out one leaves the other"
    );
}

#[test]
fn a_fraction_of_a_second_costs_no_occurrence() {
    let mut choir = block(
        "UTC",
        "2026-03-01 17:00",
        "2026-03-01 18:30",
        "FREQ=DAILY;COUNT=2",
    );
    choir.start += TimeDelta::milliseconds(250);
    assert_eq!(
        spans(&choir, window("2026-03-01 00:00", "2026-04-01 00:00")).len(),
        2
    );
}

#[test]
fn an_end_means_the_same_in_all_its_forms() {
    // The last wanted occurrence is on 2026-11-01 at 01:30 EDT = 05:30 UTC, in the fold.
    let cases = [
        ("UNTIL=20261101", 2),
        ("UNTIL=20261031", 1),
        ("UNTIL=20261101T013000", 2),
        ("UNTIL=20261101T012959", 1),
        ("UNTIL=20261101T053000Z", 2),
        ("UNTIL=20261101T052959Z", 1),
        // 01:15 by the second showing of that hour is later than 01:30 by the first.
        ("UNTIL=20261101T061500Z", 2),
        ("UNTIL=20200101", 0),
        ("COUNT=1", 1),
    ];
    for (end, expect) in cases {
        let rule = format!("FREQ=DAILY;{end}");
        let block = block(
            "America/New_York",
            "2026-10-31 01:30",
            "2026-10-31 03:00",
            &rule,
        );
        let found = spans(&block, window("2026-10-01 00:00", "2026-12-01 00:00"));
        assert_eq!(found.len(), expect, "{end}: {found:?}");
    }
}

#[test]
fn what_cannot_be_expanded_says_why() {
    let march = window("2026-03-01 00:00", "2026-04-01 00:00");
    let zones = ZoneDb::bundled();
    let error = |block: &ManualBlock, limit| expand(block, &zones, march, limit).unwrap_err();
    let daily = block(
        "Europe/Berlin",
        "2026-01-05 17:00",
        "2026-01-05 18:30",
        "FREQ=DAILY",
    );
    assert_eq!(
        error(&daily, 30),
        RepeatError::TooMany { limit: 30 },
        "never half an answer"
    );
    assert_eq!(expand(&daily, &zones, march, 31).unwrap().len(), 31);
    let bad = block("Mars/Olympus", "2026-01-05 17:00", "2026-01-05 18:30", "");
    assert_eq!(
        error(&bad, 9),
        RepeatError::UnknownZone {
            name: "Mars/Olympus".into()
        }
    );
    let bad = block("UTC", "2026-01-05 17:00", "2026-01-05 17:00", "");
    assert_eq!(error(&bad, 9), RepeatError::EndsBeforeStart);
    let bad = block("UTC", "1899-12-31 17:00", "1899-12-31 18:00", "FREQ=DAILY");
    assert_eq!(error(&bad, 9), RepeatError::StartOutOfRange);
    let bad = block(
        "UTC",
        "2026-01-05 17:00",
        "2026-01-05 18:00",
        "FREQ=SECONDLY",
    );
    assert!(matches!(error(&bad, 9), RepeatError::Frequency { .. }));
}

#[test]
fn a_count_is_the_same_from_wherever_it_is_looked_at() {
    let start = wall("2026-11-25 12:00");
    for rule in [
        "FREQ=DAILY;BYHOUR=9,12,17;COUNT=31",
        "FREQ=DAILY;INTERVAL=3;COUNT=31",
        "FREQ=DAILY;BYDAY=MO,TU,FR;COUNT=31",
        "FREQ=DAILY;BYDAY=MO,TU,FR;BYMONTHDAY=1,2,3;COUNT=9",
        "FREQ=WEEKLY;BYDAY=TU,WE,FR;BYHOUR=9,17;COUNT=31",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,WE;COUNT=31",
        "FREQ=MONTHLY;BYMONTHDAY=1,25,28;BYHOUR=9,17;COUNT=31",
        "FREQ=MONTHLY;BYMONTHDAY=29,-1;COUNT=31",
        "FREQ=MONTHLY;INTERVAL=5;COUNT=9",
        "FREQ=YEARLY;BYMONTH=2,11;BYMONTHDAY=25,26;BYHOUR=9,17;COUNT=31",
        "FREQ=YEARLY;INTERVAL=3;COUNT=9",
    ] {
        let far = wall("2090-01-01 00:00");
        let whole = hits(rule, start, start, far);
        let count: usize = rule.rsplit_once('=').unwrap().1.parse().unwrap();
        assert_eq!(whole.len(), count, "{rule}");
        let last = whole[count - 1];
        for from in whole
            .iter()
            .flat_map(|at| [*at, *at + TimeDelta::seconds(1)])
        {
            let rest: Vec<_> = whole.iter().copied().filter(|at| *at >= from).collect();
            assert_eq!(hits(rule, start, from, far), rest, "{rule} from {from}");
        }
        let after = last + TimeDelta::days(4000);
        assert_eq!(hits(rule, start, after, far), [], "{rule} is over");
    }
}

#[test]
fn a_rule_knows_whether_it_fits_its_start() {
    let monday = wall("2026-11-23 09:00");
    for (rule, expect) in [
        ("FREQ=WEEKLY", true),
        ("FREQ=WEEKLY;BYDAY=MO,WE", true),
        ("FREQ=WEEKLY;BYDAY=TU", false),
        ("FREQ=DAILY;BYHOUR=10", false),
        ("FREQ=DAILY;UNTIL=20261122", false),
        ("FREQ=DAILY;UNTIL=20261123", true),
        ("FREQ=MONTHLY;BYDAY=4MO", true),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", false),
    ] {
        let fits = Repeat::parse(rule)
            .unwrap()
            .fits_start(monday, &Zone::utc());
        assert_eq!(fits, Ok(expect), "{rule}");
    }
}

#[test]
fn rules_begun_long_ago_are_quick() {
    let begun = Instant::now();
    let week = window("2026-11-23 00:00", "2026-11-30 00:00");
    for (rule, expect) in [
        ("FREQ=DAILY", 7),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 5),
        ("FREQ=WEEKLY;INTERVAL=2", 0),
        ("FREQ=WEEKLY;INTERVAL=3", 1),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", 0),
        ("FREQ=MONTHLY;BYDAY=-1FR", 1),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", 1),
    ] {
        let block = block(
            "Europe/Berlin",
            "1926-01-01 17:00",
            "1926-01-01 18:30",
            rule,
        );
        assert_eq!(spans(&block, week).len(), expect, "{rule}");
    }
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "took {:?}",
        begun.elapsed()
    );
}

#[test]
fn dateutil_agrees() {
    let golden = include_str!("../../tests/golden/repeat.txt");
    let (mut compared, mut refused) = (0, 0);
    for line in golden.lines() {
        let [start, rule, from, to, expect] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("a broken line: {line}");
        };
        let expect: Vec<_> = expect
            .split(',')
            .filter(|one| !one.is_empty())
            .map(stamp)
            .collect();
        match Repeat::parse(rule) {
            Err(RepeatError::TooManyCombinations { .. }) => refused += 1,
            Err(RepeatError::NeverHappens) => {
                assert!(expect.is_empty(), "{rule} does happen");
                refused += 1;
            }
            Err(error) => panic!("{rule}: {error}"),
            Ok(_) => {
                assert_eq!(
                    hits(rule, stamp(start), stamp(from), stamp(to)),
                    expect,
                    "{line}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared >= 550, "{compared} compared, {refused} refused");
}
