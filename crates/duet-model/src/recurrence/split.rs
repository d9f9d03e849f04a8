//! Cutting the lines of a series in two: what was before an occurrence, and what is from it on.

use chrono::{DateTime, TimeDelta, Utc};

use super::frame::Frame;
use super::{instances, lines};
use crate::event::{Event, EventTime};
use crate::repeat::MAX_OCCURRENCES;
use crate::when::Interval;
use crate::zones::{Zone, ZoneDb};

/// The lines of a series, cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// What ends before the occurrence.
    pub before: Vec<String>,
    /// What goes on from it.
    pub after: Vec<String>,
}

/// Cuts a series in front of one of its slots. `None` where nothing of it lies before the slot: then
/// all of it is what follows.
///
/// A rule with COUNT keeps its number: what took place before is taken off what follows. Single dates go
/// to their side. The first half ends by UNTIL, in UTC or as a date, as RFC 5545 3.3.10 asks.
pub fn split(master: &Event, slot: &EventTime, zones: &ZoneDb, home: &Zone) -> Option<Split> {
    let whole = Interval {
        start: DateTime::UNIX_EPOCH - TimeDelta::days(366 * 70),
        end: instant(slot, home) + TimeDelta::days(2),
    };
    let frame = Frame::of(master, zones, home, whole);
    let key = frame.key(slot);
    let is_before = |time: &EventTime| frame.key(time) < key;
    if !is_before(&master.start) {
        return None;
    }
    let earlier = |line: &String| {
        let alone = Event {
            recurrence: vec![line.clone()],
            ..master.clone()
        };
        let found = instances(&alone, &[], zones, home, whole, MAX_OCCURRENCES);
        let before = found.list.iter().filter(|one| is_before(&one.original));
        u32::try_from(before.count()).unwrap_or(u32::MAX)
    };
    let mut halves = Split {
        before: Vec::new(),
        after: Vec::new(),
    };
    let until = if frame.is_of_whole_days() {
        (key - TimeDelta::days(1)).format("%Y%m%d").to_string()
    } else {
        (key - TimeDelta::seconds(1))
            .format("%Y%m%dT%H%M%SZ")
            .to_string()
    };
    for line in &master.recurrence {
        let (head, value) = lines::head_and_value(line);
        if lines::is_rule(line) {
            let rest: Vec<&str> = value
                .split(';')
                .filter(|part| !is_part(part, "COUNT") && !is_part(part, "UNTIL"))
                .collect();
            halves
                .before
                .push(format!("{head}:{};UNTIL={until}", rest.join(";")));
            let count = value
                .split(';')
                .find(|part| is_part(part, "COUNT"))
                .and_then(|part| part[6..].trim().parse::<u32>().ok());
            match count {
                None => halves.after.push(line.clone()),
                Some(count) => {
                    // What follows begins with the slot itself.
                    let left = count.saturating_sub(earlier(line)).max(1);
                    halves
                        .after
                        .push(format!("{head}:{};COUNT={left}", rest.join(";")));
                }
            }
        } else {
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for one in value.split(',') {
                match lines::value_key(&format!("{head}:{one}"), zones, &frame) {
                    Some(at) if at < key => before.push(one),
                    Some(_) => after.push(one),
                    // Nobody knows where it belongs; what nobody knows stays where it was.
                    None => before.push(one),
                }
            }
            for (side, values) in [(&mut halves.before, before), (&mut halves.after, after)] {
                if !values.is_empty() {
                    side.push(format!("{head}:{}", values.join(",")));
                }
            }
        }
    }
    Some(halves)
}

fn is_part(part: &str, name: &str) -> bool {
    part.split_once('=')
        .is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case(name))
}

fn instant(time: &EventTime, home: &Zone) -> DateTime<Utc> {
    super::begin(time, home)
}
