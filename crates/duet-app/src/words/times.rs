//! Days and times in words, on the wall clock of a zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use duet_model::event::EventTime;
use duet_model::zones::Zone;

/// `Tue 24 Nov`; with the year where it is another than `near`'s.
pub(crate) fn day(date: NaiveDate, near: NaiveDate) -> String {
    use chrono::Datelike;
    let format = if date.year() == near.year() {
        "%a %-d %b"
    } else {
        "%a %-d %b %Y"
    };
    date.format(format).to_string()
}

/// `09:00`.
pub(crate) fn clock(at: NaiveDateTime) -> String {
    let format = if at.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    at.format(format).to_string()
}

/// `Tue 24 Nov 09:00–10:30`, `Tue 24 Nov 22:00 – Wed 25 Nov 01:00`; an end at midnight is `24:00`.
pub(crate) fn span(start: NaiveDateTime, end: NaiveDateTime, near: NaiveDate) -> String {
    let midnight = end.time() == NaiveTime::MIN && start.date().succ_opt() == Some(end.date());
    let from = format!("{} {}", day(start.date(), near), clock(start));
    if midnight {
        format!("{from}–24:00")
    } else if start.date() == end.date() {
        format!("{from}–{}", clock(end))
    } else {
        format!("{from} – {} {}", day(end.date(), near), clock(end))
    }
}

/// `Tue 24 Nov 09:00` in a zone, or `Tue 24 Nov` for a whole day.
pub(crate) fn event_time(time: &EventTime, zone: &Zone, near: NaiveDate) -> String {
    match time {
        EventTime::Date(date) => day(*date, near),
        EventTime::At { at, .. } => {
            let wall = zone.to_wall(*at);
            format!("{} {}", day(wall.date(), near), clock(wall))
        }
    }
}

/// `Tue 24 Nov`, `Tue 24 Nov – Wed 25 Nov`: whole days, of which the last is exclusive.
pub(crate) fn days(first: NaiveDate, after: NaiveDate, near: NaiveDate) -> String {
    match after.pred_opt().filter(|last| *last > first) {
        Some(last) => format!("{} – {}", day(first, near), day(last, near)),
        None => day(first, near),
    }
}

/// When something happens or happened, seen from now: `at 14:05`, `on Tue 24 Nov at 14:05`.
pub(crate) fn at(time: DateTime<Utc>, now: DateTime<Utc>, zone: &Zone) -> String {
    let (wall, today) = (zone.to_wall(time), zone.to_wall(now).date());
    let clock = wall.format("%H:%M");
    if wall.date() == today {
        format!("at {clock}")
    } else {
        format!("on {} at {clock}", day(wall.date(), today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn spans_are_as_short_as_they_are_clear() {
        let near = at("2026-11-22T00:00:00").date();
        for (start, end, words) in [
            (
                "2026-11-24T09:00:00",
                "2026-11-24T10:30:00",
                "Tue 24 Nov 09:00–10:30",
            ),
            (
                "2026-11-24T09:00:00",
                "2026-11-25T00:00:00",
                "Tue 24 Nov 09:00–24:00",
            ),
            (
                "2026-11-24T22:00:00",
                "2026-11-25T01:00:00",
                "Tue 24 Nov 22:00 – Wed 25 Nov 01:00",
            ),
            (
                "2027-01-04T08:00:30",
                "2027-01-04T09:00:00",
                "Mon 4 Jan 2027 08:00:30–09:00",
            ),
        ] {
            assert_eq!(span(at(start), at(end), near), words);
        }
    }
}
