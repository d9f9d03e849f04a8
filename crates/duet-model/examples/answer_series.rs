//! Duet's own side of `cargo xtask oracle`: questions as lines in, answers as lines out.
//!
//! - `series, start, zone, rule, from, to, limit` gives when the series begins within the window, in
//!   seconds since 1970, or `!` and why that is not known. A zone `-` means whole days, which are then
//!   given as their midnights of UTC.
//! - `lines, start, zone, from, to, limit, line…` asks the same of a series with these lines.
//! - `changes, zone, from, to` gives every change of a zone's offset, as `second:offset`.
//!
//! The first line of the answer names the edition of the zone data.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::fmt::Write as _;
use std::io::{BufRead, Write as _};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use duet_model::event::{Event, EventId, EventStatus, EventTime, EventType, Visibility};
use duet_model::recurrence::{SeriesError, instances};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};

const DAY: usize = 86_400;

fn main() -> std::io::Result<()> {
    let zones = ZoneDb::newest(Some(Path::new("/usr/share/zoneinfo")));
    println!("{}", zones.version());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let answer = match fields[..] {
            ["series", start, zone, rule, from, to, limit] => {
                let lines = vec![format!("RRULE:{rule}")];
                series(&zones, start, zone, lines, (from, to), limit)
            }
            ["lines", start, zone, from, to, limit, ref lines @ ..] => {
                let lines = lines.iter().map(|line| (*line).to_owned()).collect();
                series(&zones, start, zone, lines, (from, to), limit)
            }
            ["changes", zone, from, to] => changes(&zones, zone, from, to),
            _ => None,
        };
        println!("{}", answer.unwrap_or_else(|| "!not a question".to_owned()));
        std::io::stdout().flush()?;
    }
    Ok(())
}

fn at(second: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(second.parse().ok()?, 0)
}

fn series(
    zones: &ZoneDb,
    start: &str,
    zone: &str,
    lines: Vec<String>,
    (from, to): (&str, &str),
    limit: &str,
) -> Option<String> {
    let wall = NaiveDateTime::parse_from_str(start, "%Y%m%dT%H%M%S").ok()?;
    let (home, start) = if zone == "-" {
        (Zone::utc(), EventTime::Date(wall.date()))
    } else {
        let home = zones.zone(zone)?;
        let at = home.to_instant(wall);
        let zone = Some(zone.to_owned());
        (home, EventTime::At { at, zone })
    };
    let master = Event {
        id: EventId("series".to_owned()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: String::new(),
        description: None,
        location: None,
        // Without length it lies in the window exactly if it begins there.
        end: start.clone(),
        start,
        recurrence: lines,
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
    };
    let window = Interval::new(at(from)?, at(to)?)?;
    let found = instances(&master, &[], zones, &home, window, limit.parse().ok()?);
    match found.unknown {
        // More than were asked for is no doubt about those that are there.
        None | Some(SeriesError::TooMany { .. }) => {}
        Some(why) => return Some(format!("!{why}")),
    }
    let mut answer = String::new();
    for one in found.list {
        let second = match one.start {
            EventTime::Date(date) => date.and_time(NaiveTime::MIN).and_utc().timestamp(),
            EventTime::At { at, .. } => at.timestamp(),
        };
        write!(answer, "{second} ").ok()?;
    }
    Some(answer.trim_end().to_owned())
}

/// Looks once a day and halves the days that differ: no zone changes and changes back in one.
fn changes(zones: &ZoneDb, zone: &str, from: &str, to: &str) -> Option<String> {
    let Some(zone) = zones.zone(zone) else {
        return Some("unknown".to_owned());
    };
    let offset = |second: i64| -> Option<i64> {
        let at = DateTime::from_timestamp(second, 0)?;
        Some((zone.to_wall(at) - at.naive_utc()).num_seconds())
    };
    let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
    let mut last = offset(from)?;
    let mut answer = format!("{from}:{last}");
    for day in (from..to).step_by(DAY) {
        let (mut low, high) = (day, (day + DAY as i64).min(to));
        while offset(high)? != last {
            let (mut before, mut after) = (low, high);
            while after - before > 1 {
                let middle = before.midpoint(after);
                if offset(middle)? == last {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            (low, last) = (after, offset(after)?);
            write!(answer, " {after}:{last}").ok()?;
        }
    }
    Some(answer)
}
