//! How an event repeats, in words.

use chrono::{DateTime, NaiveDate, Utc};
use duet_model::event::EventTime;
use duet_model::repeat::Repeat;
use duet_model::zones::{Zone, ZoneDb};

/// Of the lines of a series (RFC 5545 3.8.5) that begins then; `None` where there are none. A rule that
/// has no words is shown as it is.
pub(crate) fn of_lines(lines: &[String], start: &EventTime, zones: &ZoneDb) -> Option<String> {
    let rules: Vec<&str> = lines
        .iter()
        .filter_map(|line| value(line, "RRULE"))
        .collect();
    match rules.as_slice() {
        [] if lines.iter().any(|line| value(line, "RDATE").is_some()) => {
            Some("on several dates".to_owned())
        }
        [] => None,
        rules => {
            let words = rules.iter().map(|rule| {
                let read = Repeat::parse(rule).ok();
                read.and_then(|rule| rule.words(|until| last_day(until, start, zones)))
                    .unwrap_or_else(|| (*rule).to_owned())
            });
            Some(words.collect::<Vec<_>>().join("; "))
        }
    }
}

/// The last day on which the series may begin once more: a series of evenings that ends in an afternoon has
/// none on that day.
fn last_day(until: DateTime<Utc>, start: &EventTime, zones: &ZoneDb) -> NaiveDate {
    let EventTime::At { at, zone } = start else {
        return until.date_naive();
    };
    let zone = zone.as_deref().and_then(|name| zones.zone(name));
    let zone = zone.unwrap_or_else(Zone::utc);
    let (start, until) = (zone.to_wall(*at), zone.to_wall(until));
    match until.time() < start.time() {
        true => until.date().pred_opt().unwrap_or(until.date()),
        false => until.date(),
    }
}

/// The value of a line with this name, whatever its parameters.
fn value<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (head, value) = line.split_once(':')?;
    let own = head.split(';').next()?;
    own.eq_ignore_ascii_case(name).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_as_words() {
        let rows: [(&[&str], Option<&str>); 6] = [
            (&[], None),
            (&["EXDATE:20261124"], None),
            (
                &["RRULE:FREQ=WEEKLY", "EXDATE:20261124"],
                Some("every week"),
            ),
            (&["rrule:FREQ=DAILY"], Some("every day")),
            (
                &["RDATE;TZID=Europe/Berlin:20261124T090000"],
                Some("on several dates"),
            ),
            (&["RRULE:FREQ=SECONDLY"], Some("FREQ=SECONDLY")),
        ];
        for (lines, words) in rows {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            let zones = ZoneDb::bundled();
            let day = EventTime::Date(NaiveDate::default());
            let said = of_lines(&lines, &day, &zones);
            assert_eq!(said.as_deref(), words, "{lines:?}");
        }
    }

    #[test]
    fn an_end_is_the_last_day_there_can_be_one() {
        // Mondays at six in the evening in Berlin, an hour ahead of UTC.
        let evening = EventTime::At {
            at: "2026-11-23T17:00:00Z".parse().unwrap(),
            zone: Some("Europe/Berlin".into()),
        };
        let zones = ZoneDb::bundled();
        for (until, day) in [
            ("20270111T165959Z", "10 Jan 2027"),
            ("20270111T170000Z", "11 Jan 2027"),
            ("20270110T225959Z", "10 Jan 2027"),
            ("20270110T230000Z", "10 Jan 2027"),
        ] {
            let rule = vec![format!("RRULE:FREQ=WEEKLY;UNTIL={until}")];
            let words = format!("every week, until {day}");
            assert_eq!(of_lines(&rule, &evening, &zones), Some(words), "{until}");
        }
    }
}
