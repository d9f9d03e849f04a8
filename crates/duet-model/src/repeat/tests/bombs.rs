//! Rules made to break calendars (TRUST T20): each is refused or followed at once, never a panic.

use super::*;

/// Longer than this no rule may take, from text to occurrences. Without optimisation the library
/// and the zones are about ten times slower, and machines that run tests are busy.
const BUDGET: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 100 });

fn all(name: &str, numbers: std::ops::RangeInclusive<i32>) -> String {
    let numbers: Vec<_> = numbers.filter(|n| *n != 0).map(|n| n.to_string()).collect();
    format!("{name}={}", numbers.join(","))
}

/// Rules that the gate must refuse.
fn refused() -> Vec<String> {
    let mut rules: Vec<String> = [
        // Found by fuzzing: the library slices inside a character.
        "FREQ=DAILY;BYDAY=ӹR",
        "FREQ=DAILY;BYDAY=\u{1F980}MO",
        "FREQ=DÄILY",
        "FREQ=DAILY\u{0}",
        "FREQ=DAILY\r\nRRULE:FREQ=SECONDLY",
        // More often than daily.
        "FREQ=SECONDLY",
        "FREQ=MINUTELY",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        // Intervals and counts that loop or overflow.
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=1001",
        "FREQ=DAILY;INTERVAL=65536",
        "FREQ=DAILY;INTERVAL=99999999999999999999",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-5",
        "FREQ=DAILY;COUNT=3501",
        "FREQ=DAILY;COUNT=4000000000",
        "FREQ=DAILY;COUNT=1e3",
        // Ends that are none.
        "FREQ=DAILY;UNTIL=99991231T235959Z",
        "FREQ=DAILY;UNTIL=18991231",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;UNTIL=2026-12-31",
        "FREQ=DAILY;UNTIL=20261231T250000Z",
        "FREQ=DAILY;UNTIL=+20261231",
        "FREQ=DAILY;UNTIL=20261231Z",
        "FREQ=DAILY;COUNT=5;UNTIL=20261231",
        // Values outside of their ranges.
        "FREQ=YEARLY;BYMONTH=0",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=YEARLY;BYMONTH=-1",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYYEARDAY=-367",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYMINUTE=60",
        "FREQ=DAILY;BYSECOND=60",
        "FREQ=MONTHLY;BYDAY=6MO",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=YEARLY;BYDAY=-32768MO",
        "FREQ=WEEKLY;BYDAY=M",
        "FREQ=WEEKLY;BYDAY=,",
        "FREQ=WEEKLY;BYDAY=",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=367",
        "FREQ=DAILY;BYSETPOS=1",
        // Parts that do not go together, are unknown or malformed.
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYYEARDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=1",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO",
        "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;RSCALE=HEBREW",
        "FREQ=DAILY;;",
        ";",
        "=",
        "FREQ==DAILY",
        "FREQ=DAILY=DAILY",
        // Rules that never match: the library would look for them until the year 10,000.
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31",
        "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=6;BYWEEKNO=1",
        "FREQ=YEARLY;BYMONTH=1;BYYEARDAY=200",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=1,2,3,4,5,6,7;BYSETPOS=2",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=2",
        "FREQ=DAILY;BYHOUR=9;BYSETPOS=2",
    ]
    .map(str::to_owned)
    .into();
    // Lists whose product is a bomb: this one ran for a minute and took 1.6 GB.
    rules.push(format!("FREQ=YEARLY;{}", all("BYYEARDAY", 1..=65)));
    rules.push(format!(
        "FREQ=DAILY;{};{}",
        all("BYHOUR", 0..=23),
        all("BYMINUTE", 1..=3)
    ));
    rules.push(format!(
        "FREQ=DAILY;{};{}",
        all("BYMINUTE", 0..=30),
        all("BYSECOND", 0..=30)
    ));
    rules.push(format!(
        "FREQ=YEARLY;{};{}",
        all("BYMONTH", 1..=12),
        all("BYMONTHDAY", 1..=31)
    ));
    rules.push(format!(
        "FREQ=YEARLY;BYDAY=MO;{}",
        all("BYSETPOS", -40..=40)
    ));
    rules.push(format!("FREQ=YEARLY;{}", all("BYYEARDAY", -366..=366)));
    rules.push("FREQ=DAILY;".repeat(10_000));
    rules.push(format!("FREQ=DAILY;BYDAY={}", "MO,".repeat(100_000)));
    rules
}

/// Rules that pass, as heavy as the gate lets them be.
fn followed() -> Vec<String> {
    let mut rules: Vec<String> = [
        "FREQ=DAILY;COUNT=3500",
        "FREQ=DAILY;INTERVAL=1000;COUNT=3500",
        "FREQ=YEARLY;INTERVAL=1000;COUNT=3500",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
        "FREQ=YEARLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;COUNT=3500",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU",
        "FREQ=YEARLY;BYYEARDAY=-366,366",
        "FREQ=YEARLY;BYDAY=53SU;COUNT=3500",
        "FREQ=YEARLY;BYDAY=-53SU,53SU;INTERVAL=3",
        "FREQ=MONTHLY;BYDAY=SU;BYMONTHDAY=29,30,31;BYSETPOS=1;INTERVAL=12;BYMONTH=2",
        // Never match for reasons of phase alone, which no rule tells by itself.
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTH=4",
        "FREQ=MONTHLY;INTERVAL=12;BYDAY=MO;BYSETPOS=5;BYMONTH=4",
        "FREQ=WEEKLY;INTERVAL=1000;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    ]
    .map(str::to_owned)
    .into();
    rules.push(format!(
        "FREQ=DAILY;{};{}",
        all("BYHOUR", 1..=8),
        all("BYMINUTE", 1..=8)
    ));
    rules.push(format!("FREQ=YEARLY;{}", all("BYYEARDAY", 1..=64)));
    rules.push(format!(
        "FREQ=YEARLY;{};{}",
        all("BYMONTH", 1..=12),
        all("BYHOUR", 1..=5)
    ));
    rules
}

#[test]
fn bombs_are_refused_at_once() {
    let rules = refused();
    assert!(rules.len() >= 60);
    for rule in rules {
        let begun = Instant::now();
        let read = Repeat::parse(&rule);
        let took = begun.elapsed();
        let short: String = rule.chars().take(60).collect();
        assert!(read.is_err(), "{short} was let in");
        assert!(took < Duration::from_millis(100), "{short} took {took:?}");
        let words = read.unwrap_err().to_string();
        assert!(
            words.len() < 900 && words.ends_with('.'),
            "{short}: {words}"
        );
    }
}

#[test]
fn the_heaviest_that_pass_are_followed_in_time() {
    let zones = ZoneDb::bundled();
    for rule in followed() {
        for start in ["1900-01-01 09:00", "2017-01-01 09:00", "2026-11-02 09:00"] {
            let mut block = block("Europe/Berlin", start, start, &rule);
            block.end = block.start + TimeDelta::hours(1);
            let begun = Instant::now();
            let quarter = window("2026-11-01 00:00", "2027-02-01 00:00");
            let found = expand(&block, &zones, quarter, MAX_OCCURRENCES);
            let took = begun.elapsed();
            let fine = matches!(found, Ok(_) | Err(RepeatError::TooMany { .. }));
            assert!(fine, "{rule}: {found:?}");
            assert!(took < BUDGET, "{rule} from {start} took {took:?}");
        }
    }
}
