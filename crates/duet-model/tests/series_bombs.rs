//! Series made to break calendars (TRUST T20): each is refused or followed within 100 ms, and all of
//! them together within 32 MB. A file of its own, because a process has one measure of memory.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_model::event::{Event, EventId, EventStatus, EventTime, EventType, Visibility};
use duet_model::recurrence::{SeriesError, instances};
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;

/// Without optimisation the library and the zones are about ten times slower, and machines that run
/// tests are busy.
const BUDGET: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 100 });

fn all(name: &str, numbers: std::ops::RangeInclusive<i32>) -> String {
    let numbers: Vec<_> = numbers.filter(|n| *n != 0).map(|n| n.to_string()).collect();
    format!("{name}={}", numbers.join(","))
}

/// Recurrence lines, and whether they can be followed.
fn bombs() -> Vec<(Vec<String>, bool)> {
    let refused = [
        // Found by fuzzing: the library slices inside a character.
        "RRULE:FREQ=DAILY;BYDAY=ӹR",
        "RRULE:FREQ=DAILY;BYDAY=\u{1F980}MO",
        "RRULE:FREQ=DÄILY",
        "RRULE:FREQ=DAILY\u{0}",
        "RRULE:FREQ=DAILY\r\nRRULE:FREQ=SECONDLY",
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=SECONDLY;COUNT=3",
        "RRULE:FREQ=MINUTELY",
        "RRULE:FREQ=HOURLY",
        "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "EXRULE:FREQ=SECONDLY",
        "RRULE:",
        "RRULE:FREQ=",
        "RRULE:INTERVAL=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;INTERVAL=-1",
        "RRULE:FREQ=DAILY;INTERVAL=1001",
        "RRULE:FREQ=DAILY;INTERVAL=65536",
        "RRULE:FREQ=DAILY;INTERVAL=99999999999999999999",
        "RRULE:FREQ=DAILY;COUNT=0",
        "RRULE:FREQ=DAILY;COUNT=-1",
        "RRULE:FREQ=DAILY;COUNT=4000000000",
        "RRULE:FREQ=DAILY;COUNT=1e3",
        "RRULE:FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1;COUNT=3501",
        "RRULE:FREQ=YEARLY;BYWEEKNO=20;COUNT=999999",
        "RRULE:FREQ=DAILY;UNTIL=20260230",
        "RRULE:FREQ=DAILY;UNTIL=18991231",
        "RRULE:FREQ=DAILY;UNTIL=+20261231",
        "RRULE:FREQ=DAILY;UNTIL=20261231T250000Z",
        "RRULE:FREQ=DAILY;COUNT=5;UNTIL=20261231",
        "RRULE:FREQ=YEARLY;BYMONTH=13",
        "RRULE:FREQ=MONTHLY;BYMONTHDAY=0",
        "RRULE:FREQ=YEARLY;BYYEARDAY=-367",
        "RRULE:FREQ=YEARLY;BYWEEKNO=54",
        "RRULE:FREQ=DAILY;BYHOUR=24",
        "RRULE:FREQ=DAILY;BYSECOND=60",
        "RRULE:FREQ=MONTHLY;BYDAY=6MO",
        "RRULE:FREQ=YEARLY;BYDAY=-32768MO",
        "RRULE:FREQ=WEEKLY;BYDAY=,",
        "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "RRULE:FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
        "RRULE:FREQ=DAILY;BYEASTER=0",
        "RRULE:FREQ=YEARLY;RSCALE=HEBREW",
        "RRULE:FREQ==DAILY",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "RRULE:FREQ=YEARLY;BYMONTH=6;BYWEEKNO=1",
        "RRULE:FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "RDATE:2026-11-02",
        "RDATE:20261102T090000/PT99999999H",
        "RDATE:20261102T090000/P-1D",
        "EXDATE:ӹӹӹӹ",
        "RDATE:99999999",
        "X:ӹ",
    ];
    let followed = [
        "RRULE:FREQ=DAILY;COUNT=999999",
        "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE;BYMONTH=2,3;COUNT=999999",
        "RRULE:FREQ=YEARLY;INTERVAL=1000;COUNT=3500",
        "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "RRULE:FREQ=YEARLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=3500",
        "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU",
        "RRULE:FREQ=YEARLY;BYYEARDAY=-366,366",
        "RRULE:FREQ=MONTHLY;BYDAY=SU;BYMONTHDAY=29,30,31;BYSETPOS=1;INTERVAL=12;BYMONTH=2",
        // Never match for reasons of phase alone, which no rule tells by itself.
        "RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "RRULE:FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "RRULE:FREQ=MONTHLY;INTERVAL=12;BYDAY=MO;BYSETPOS=5;BYMONTH=4",
        "RRULE:FREQ=WEEKLY;INTERVAL=1000;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",
        "RDATE:99991231T235959Z,00010101T000000Z",
        "EXDATE:99991231T235959Z,00010101T000000Z",
    ];
    let one = |line: &&str| vec![(*line).to_owned()];
    let mut bombs: Vec<(Vec<String>, bool)> = Vec::new();
    bombs.extend(refused.iter().map(|line| (one(line), false)));
    bombs.extend(followed.iter().map(|line| (one(line), true)));

    let times = |hours, minutes| {
        let (hours, minutes) = (all("BYHOUR", 0..=hours), all("BYMINUTE", 1..=minutes));
        format!("FREQ=DAILY;{hours};{minutes}")
    };
    let lists = [
        // This one ran for a minute and took 1.6 GB.
        (
            format!("RRULE:{};{}", times(23, 59), all("BYYEARDAY", 1..=366)),
            false,
        ),
        (format!("RRULE:{}", times(23, 3)), false),
        (format!("RRULE:{}", times(8, 8)), true),
        (format!("RRULE:{};COUNT=999999", times(8, 8)), true),
        (format!("EXRULE:{}", times(8, 8)), true),
        (
            format!("RRULE:FREQ=YEARLY;{}", all("BYYEARDAY", 1..=100)),
            true,
        ),
        (
            format!("RRULE:FREQ=YEARLY;{}", all("BYYEARDAY", -366..=366)),
            false,
        ),
        (
            format!(
                "RRULE:FREQ=YEARLY;{};{}",
                all("BYMONTH", 1..=12),
                all("BYMONTHDAY", 1..=31)
            ),
            true,
        ),
        (
            format!("RRULE:FREQ=YEARLY;BYDAY=MO;{}", all("BYSETPOS", -40..=40)),
            false,
        ),
        (format!("RRULE:{}", "FREQ=DAILY;".repeat(100_000)), false),
        (
            format!("RRULE:FREQ=DAILY;BYDAY={}", "MO,".repeat(100_000)),
            false,
        ),
        (format!("RDATE:{}", "20261102,".repeat(100_000)), false),
        (
            format!("EXDATE;TZID={}:20261103", "x".repeat(100_000)),
            false,
        ),
        ("x".repeat(1_000_000), false),
    ];
    bombs.extend(lists.map(|(line, followed)| (vec![line], followed)));
    bombs.push((vec!["RRULE:FREQ=DAILY".to_owned(); 1000], false));
    bombs.push((vec![format!("RRULE:{}", times(8, 8)); 4], true));
    bombs.push((
        vec![
            format!(
                "RRULE:FREQ=YEARLY;BYSETPOS=1,-1;{}",
                all("BYYEARDAY", 1..=64)
            );
            4
        ],
        true,
    ));
    bombs
}

fn event(whole_days: bool, year: i32) -> Event {
    let day = NaiveDate::from_ymd_opt(year, 11, 2).expect("a day");
    let time = |hour| match whole_days {
        true => EventTime::Date(day + TimeDelta::days(i64::from(hour) - 9)),
        false => EventTime::At {
            at: day.and_hms_opt(hour, 0, 0).expect("an hour").and_utc(),
            zone: Some("Europe/Berlin".to_owned()),
        },
    };
    Event {
        id: EventId("bomb".to_owned()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: String::new(),
        description: None,
        location: None,
        start: time(9),
        end: time(10),
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

/// The most memory this process ever had, in kB.
#[cfg(target_os = "linux")]
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
fn peak() -> Option<u64> {
    None
}

#[test]
fn bombs_do_no_harm() {
    let zones = ZoneDb::bundled();
    let home = zones.zone("Europe/Berlin").unwrap();
    let bombs = bombs();
    assert!(bombs.len() >= 60);
    let begin: DateTime<Utc> = "2026-11-01T00:00:00Z".parse().unwrap();
    let before = peak();
    for (lines, followed) in bombs {
        let short: String = lines[0].chars().take(60).collect();
        let mut master = event(false, 2026);
        master.recurrence = lines;
        // A quarter, and all the years there are.
        for (year, length) in [(2026, 92), (1900, 92), (1604, 92), (2026, 27_000)] {
            for whole_days in [false, true] {
                let times = event(whole_days, year);
                (master.start, master.end) = (times.start, times.end);
                let window = Interval {
                    start: begin,
                    end: begin + TimeDelta::days(length),
                };
                let begun = Instant::now();
                let found = instances(&master, &[], &zones, &home, window, 3500);
                let took = begun.elapsed();
                assert!(took < BUDGET, "{short} from {year} took {took:?}");
                if length < 100 && year == 2026 && !whole_days {
                    let fine = matches!(found.unknown, None | Some(SeriesError::TooMany { .. }));
                    assert_eq!(fine, followed, "{short}: {:?}", found.unknown);
                }
                let alone = year == 2026 && found.unknown.is_some();
                assert!(
                    !alone || !found.list.is_empty(),
                    "{short}: never silently free"
                );
                if let Some(why) = found.unknown {
                    let words = why.to_string();
                    assert!(
                        words.chars().count() < 900 && words.ends_with('.'),
                        "{words}"
                    );
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(
            after - before < 32 * 1024,
            "{} kB were taken",
            after - before
        );
    }
}
