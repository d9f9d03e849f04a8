//! Times as people type them, and durations.
//!
//! A date or an instant; without an offset it is local, on the wall clock of the display zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use duet_model::zones::Zone;
use duet_wire::{ErrorCode, WireError};

/// What was typed, before a zone gives it a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Date(NaiveDate),
    Wall(NaiveDateTime),
    Instant(DateTime<Utc>),
}

fn typed(text: &str) -> Result<Typed, WireError> {
    let text = text.trim();
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Ok(Typed::Date(date));
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(Typed::Instant(instant.to_utc()));
    }
    [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
    .map(Typed::Wall)
    .ok_or_else(|| {
        WireError::new(
            ErrorCode::Invalid,
            format!(
                "\"{text}\" is no time that Duet understands. Write a date like 2026-11-23, a \
                     local time like 2026-11-23T09:00, or an instant like 2026-11-23T09:00:00Z."
            ),
        )
    })
}

/// The instants of a span. A date as the end includes that day.
pub(super) fn span(
    from: &str,
    to: &str,
    zone: &Zone,
) -> Result<(DateTime<Utc>, DateTime<Utc>), WireError> {
    let start = match typed(from)? {
        Typed::Date(date) => zone.day(date).start,
        Typed::Wall(wall) => zone.to_instant(wall),
        Typed::Instant(instant) => instant,
    };
    let end = match typed(to)? {
        Typed::Date(date) => zone.day(date).end,
        Typed::Wall(wall) => zone.to_instant(wall),
        Typed::Instant(instant) => instant,
    };
    Ok((start, end))
}

/// The same on the wall clock, for what a person blocks by hand.
pub(super) fn wall_span(
    from: &str,
    to: &str,
    zone: &Zone,
) -> Result<(NaiveDateTime, NaiveDateTime), WireError> {
    let start = match typed(from)? {
        Typed::Date(date) => date.into(),
        Typed::Wall(wall) => wall,
        Typed::Instant(instant) => zone.to_wall(instant),
    };
    let end = match typed(to)? {
        Typed::Date(date) => date.checked_add_days(Days::new(1)).unwrap_or(date).into(),
        Typed::Wall(wall) => wall,
        Typed::Instant(instant) => zone.to_wall(instant),
    };
    Ok((start, end))
}

/// A duration: `45m`, `2h`, `1h30m`, or plain minutes.
pub(super) fn duration(text: &str) -> Result<TimeDelta, WireError> {
    read_duration(text.trim()).ok_or_else(|| {
        WireError::new(
            ErrorCode::Invalid,
            format!("\"{text}\" is no duration. Write 45m, 2h or 1h30m."),
        )
    })
}

fn read_duration(text: &str) -> Option<TimeDelta> {
    if !text.is_ascii() || text.len() > 16 {
        return None;
    }
    if let Ok(minutes) = text.parse::<i64>() {
        return positive(minutes);
    }
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (hours.parse::<i64>().ok()?, rest),
        None => (0, text),
    };
    let minutes = match rest {
        "" => 0,
        rest => rest.strip_suffix('m')?.parse::<i64>().ok()?,
    };
    let total = hours.checked_mul(60)?.checked_add(minutes)?;
    if hours < 0 || minutes < 0 {
        return None;
    }
    positive(total)
}

/// `None` also for more minutes than a span of time can hold.
fn positive(minutes: i64) -> Option<TimeDelta> {
    TimeDelta::try_minutes(minutes).filter(|span| *span > TimeDelta::zero())
}

#[cfg(test)]
mod tests {
    use duet_model::zones::ZoneDb;

    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, minutes) in [
            ("45m", Some(45)),
            ("2h", Some(120)),
            ("1h30m", Some(90)),
            ("90", Some(90)),
            ("0m", None),
            ("-1h", None),
            ("h", None),
            ("1x", None),
            ("", None),
            ("9999999999999h", None),
            ("9999999999999999", None),
            ("１h", None),
        ] {
            assert_eq!(
                read_duration(text),
                minutes.map(TimeDelta::minutes),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_day_is_the_local_day_and_an_end_date_is_included() {
        let zone = ZoneDb::bundled().zone("Europe/Berlin").unwrap();
        let utc = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        for (from, to, start, end) in [
            (
                "2026-11-23",
                "2026-11-23",
                "2026-11-22T23:00:00Z",
                "2026-11-23T23:00:00Z",
            ),
            // The clocks go back on that day, so it lasts 25 hours.
            (
                "2026-10-25",
                "2026-10-25",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
            ),
            (
                "2026-11-23T09:00",
                "2026-11-23 10:30",
                "2026-11-23T08:00:00Z",
                "2026-11-23T09:30:00Z",
            ),
            (
                "2026-11-23T09:00:00+05:45",
                "2026-11-24",
                "2026-11-23T03:15:00Z",
                "2026-11-24T23:00:00Z",
            ),
        ] {
            assert_eq!(
                span(from, to, &zone).unwrap(),
                (utc(start), utc(end)),
                "{from} {to}"
            );
        }
        assert!(span("tomorrow", "2026-11-24", &zone).is_err());
    }
}
