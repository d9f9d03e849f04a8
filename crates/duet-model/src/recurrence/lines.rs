//! Reading the recurrence lines of an event.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use super::frame::Frame;
use super::{MAX_DATES, MAX_RULES, SeriesError};
use crate::repeat::{Repeat, RepeatError};
use crate::zones::{Zone, ZoneDb};

/// What the lines of an event say.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The rules, each with the line it stands in.
    pub(super) rules: Vec<(Repeat, String)>,
    /// Is there an RRULE, understood or not?
    pub(super) has_rule: bool,
    /// Is there an RRULE that is not followed?
    pub(super) lost_rule: bool,
    /// The rules that take instances out.
    pub(super) exrules: Vec<(Repeat, String)>,
    /// Single instances.
    pub(super) dates: Vec<Moment>,
    /// Instances taken out.
    pub(super) exdates: Vec<Stamp>,
}

/// A value of RDATE, or a rule's moment: when it starts, and how long it is where it says so itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moment {
    pub(super) start: Stamp,
    pub(super) length: Option<Length>,
}

/// How long a PERIOD is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Length {
    Lasts(TimeDelta),
    Until(Stamp),
}

/// A date or a time as it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stamp {
    Date(NaiveDate),
    /// On the clock of a zone, or of the event's own where none is named.
    Wall(NaiveDateTime, Option<Zone>),
    At(DateTime<Utc>),
}

/// Reads what can be read; the first thing that cannot is put into `unknown`.
pub(super) fn read(lines: &[String], zones: &ZoneDb, unknown: &mut Option<SeriesError>) -> Lines {
    let mut read = Lines::default();
    let mut room = MAX_DATES;
    for line in lines {
        // A folded line, as files have them (RFC 5545 3.1).
        let unfolded = line.replace("\r\n ", "").replace("\n ", "");
        let whole = unfolded.trim();
        let (name, parameters, value) = parts(whole);
        match name.to_ascii_uppercase().as_str() {
            name @ ("RRULE" | "EXRULE") => {
                let adds = name == "RRULE";
                read.has_rule |= adds;
                let followed = if read.rules.len() + read.exrules.len() < MAX_RULES {
                    Repeat::parse_invited(value).map_err(|why| refused(whole, why))
                } else {
                    Err(SeriesError::TooManyRules)
                };
                match followed {
                    Ok(rule) if adds => read.rules.push((rule, whole.to_owned())),
                    Ok(rule) => read.exrules.push((rule, whole.to_owned())),
                    Err(why) => {
                        read.lost_rule |= adds;
                        unknown.get_or_insert(why);
                    }
                }
            }
            name @ ("RDATE" | "EXDATE") => {
                let zone = zone(parameters, zones, unknown);
                for value in value.split(',').filter(|value| !value.trim().is_empty()) {
                    if room == 0 {
                        unknown.get_or_insert(SeriesError::TooManyDates);
                        break;
                    }
                    room -= 1;
                    match moment(value.trim(), zone.as_ref()) {
                        Some(moment) if name == "RDATE" => read.dates.push(moment),
                        Some(moment) => read.exdates.push(moment.start),
                        None => {
                            let value = shortened(value);
                            unknown.get_or_insert(SeriesError::Date { value });
                        }
                    }
                }
            }
            // The event itself says when it is; nothing at all says nothing.
            "DTSTART" | "DTEND" | "DURATION" | "" => {}
            _ => {
                let line = shortened(whole);
                unknown.get_or_insert(SeriesError::Line { line });
            }
        }
    }
    read
}

/// A line up to its value, and the value.
pub(super) fn head_and_value(line: &str) -> (&str, &str) {
    let (_, _, value) = parts(line);
    let head = line.strip_suffix(value).unwrap_or(line);
    match head.strip_suffix(':') {
        Some(head) => (head, value),
        // A bare rule.
        None => ("RRULE", value),
    }
}

/// Is it a line with a rule, one that adds or one that takes out?
pub(super) fn is_rule(line: &str) -> bool {
    let (name, _, _) = parts(line);
    name.eq_ignore_ascii_case("RRULE") || name.eq_ignore_ascii_case("EXRULE")
}

/// Which slot a line with a single date names; `None` where it names none.
pub(super) fn value_key(line: &str, zones: &ZoneDb, frame: &Frame<'_>) -> Option<DateTime<Utc>> {
    let mut unknown = None;
    let read = read(&[line.to_owned()], zones, &mut unknown);
    let stamp = match (read.dates.first(), read.exdates.first()) {
        (Some(moment), _) => &moment.start,
        (None, Some(stamp)) => stamp,
        (None, None) => return None,
    };
    Some(frame.slot_at(stamp).at)
}

/// A rule that is not followed, for people.
pub(super) fn refused(line: &str, why: RepeatError) -> SeriesError {
    SeriesError::Rule {
        line: shortened(line),
        why,
    }
}

/// Text of others, short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

/// Name, parameters and value of `NAME;PARAMETER=…:VALUE`. A colon inside quotes belongs to its
/// parameter.
///
/// Google sends `RRULE:DATE;TZID=Europe/Berlin:20260101T100000`, which is an RDATE gone wrong
/// (gcal_sync issue 327), and the same without its beginning.
fn parts(line: &str) -> (&str, &str, &str) {
    let line = match line.get(..6) {
        Some(start) if start.eq_ignore_ascii_case("RRULE:") => match line.get(6..10) {
            Some(next) if next.eq_ignore_ascii_case("DATE") => &line[6..],
            _ => line,
        },
        _ => line,
    };
    let mut quoted = false;
    let colon = line.find(|c: char| {
        quoted ^= c == '"';
        c == ':' && !quoted
    });
    let (head, value) = match colon {
        Some(at) => (&line[..at], &line[at + 1..]),
        // A bare rule, as it stands in files of rules.
        None if line.contains("FREQ=") => ("RRULE", line),
        None => (line, ""),
    };
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    let name = if name.eq_ignore_ascii_case("DATE") {
        "RDATE"
    } else {
        name
    };
    (name, parameters, value)
}

/// The zone that a line names. One that nobody knows is read as the event's own, and said.
fn zone(parameters: &str, zones: &ZoneDb, unknown: &mut Option<SeriesError>) -> Option<Zone> {
    let name = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.eq_ignore_ascii_case("TZID")
            .then(|| value.trim_matches('"'))
    })?;
    let zone = zones.zone(name.trim_start_matches('/'));
    if zone.is_none() {
        unknown.get_or_insert_with(|| SeriesError::UnknownZone {
            name: shortened(name),
            instead: "the event's own".to_owned(),
        });
    }
    zone
}

/// A value of RDATE or EXDATE, told by its form: what VALUE= says beside it is often wrong.
fn moment(value: &str, zone: Option<&Zone>) -> Option<Moment> {
    let (start, length) = match value.split_once('/') {
        None => (value, None),
        Some((start, length)) => {
            let length = match stamp(length, zone) {
                Some(end) => Length::Until(end),
                None => Length::Lasts(duration(length)?),
            };
            (start, Some(length))
        }
    };
    let start = stamp(start, zone)?;
    Some(Moment { start, length })
}

fn stamp(text: &str, zone: Option<&Zone>) -> Option<Stamp> {
    // chrono's patterns overlook missing and surplus digits, so the form is checked first.
    let form = |bytes: &[u8]| {
        let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
        digits(&bytes[..8]) && (bytes.len() == 8 || (bytes[8] == b'T' && digits(&bytes[9..])))
    };
    let upper = text.to_ascii_uppercase();
    let (plain, utc) = match upper.strip_suffix('Z') {
        Some(plain) => (plain, true),
        None => (upper.as_str(), false),
    };
    if !matches!(plain.len(), 8 | 15) || !form(plain.as_bytes()) {
        return None;
    }
    if plain.len() == 8 {
        return NaiveDate::parse_from_str(plain, "%Y%m%d")
            .ok()
            .map(Stamp::Date);
    }
    let wall = NaiveDateTime::parse_from_str(plain, "%Y%m%dT%H%M%S").ok()?;
    Some(if utc {
        Stamp::At(wall.and_utc())
    } else {
        Stamp::Wall(wall, zone.cloned())
    })
}

/// A duration (RFC 5545 3.3.6) that is not negative, such as `PT1H30M`, up to a year.
fn duration(text: &str) -> Option<TimeDelta> {
    let text = text.to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
    let (mut seconds, mut number, mut in_time) = (0_i64, String::new(), false);
    for c in text.chars() {
        let unit = match (c, in_time) {
            ('0'..='9', _) if number.len() < 6 => {
                number.push(c);
                continue;
            }
            ('T', false) if number.is_empty() => {
                in_time = true;
                continue;
            }
            ('W', false) => 7 * 86_400,
            ('D', false) => 86_400,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        seconds += number.parse::<i64>().ok()? * unit;
        number.clear();
    }
    let year = 366 * 86_400;
    (number.is_empty() && (1..=year).contains(&seconds)).then(|| TimeDelta::seconds(seconds))
}
