//! Times as people type them, and durations.
//!
//! A date or an instant; without an offset it is local, on the wall clock of the display zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
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
    // RFC 3339 wants seconds; people leave them out.
    let instant = ["%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"]
        .iter()
        .find_map(|form| DateTime::parse_from_str(text, form).ok());
    if let Some(instant) = instant {
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

/// Refuses seconds: events begin and end on a full minute, in the window and in Google Calendar.
///
/// # Errors
/// [`ErrorCode::Invalid`] for them, and for what is no time.
pub(super) fn on_the_minute(text: &str) -> Result<(), WireError> {
    let time = match typed(text)? {
        Typed::Date(_) => return Ok(()),
        Typed::Wall(wall) => wall.time(),
        Typed::Instant(instant) => instant.time(),
    };
    if time.second() == 0 && time.nanosecond() == 0 {
        return Ok(());
    }
    Err(WireError::new(
        ErrorCode::Invalid,
        format!(
            "\"{text}\" has seconds, and an event begins and ends on a full minute. Leave them out, or \
             write :00."
        ),
    ))
}

/// The date, where it is one and no more.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    text.trim().parse().ok()
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

/// What is left of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// This.
    Span(DateTime<Utc>, DateTime<Utc>),
    /// Nothing, said in a sentence.
    Over(String),
}

/// The same for what is still to come: a day that is today begins at the next minute, which in its
/// last minute is tomorrow. What was typed as a time of day, or is a day before today, is meant as it
/// stands.
pub(super) fn coming(
    from: &str,
    to: &str,
    zone: &Zone,
    now: DateTime<Utc>,
) -> Result<Coming, WireError> {
    let (start, end) = span(from, to, zone)?;
    let today = zone.to_wall(now).date();
    // An end before the start is a slip, and told as one by who looks for slots.
    if typed(from)? != Typed::Date(today) || end <= start {
        return Ok(Coming::Span(start, end));
    }
    let start = start.max(duet_app::next_minute(now));
    if start < end {
        return Ok(Coming::Span(start, end));
    }
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let until = match typed(to)? {
        Typed::Date(_) => String::new(),
        Typed::Wall(_) | Typed::Instant(_) => {
            format!(" before {}", zone.to_wall(end).format("%H:%M"))
        }
    };
    Ok(Coming::Over(format!(
        "Nothing is left of today{until}. `--to {tomorrow}` looks at tomorrow as well."
    )))
}

/// One end of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    /// On the display's wall clock. Of an hour that comes twice the first is meant.
    Wall(NaiveDateTime),
    /// Exactly then, whatever the clocks on the wall show.
    Instant(DateTime<Utc>),
}

impl Edge {
    /// Where a block starts; a date means its midnight.
    pub(super) fn start(text: &str) -> Result<Self, WireError> {
        Ok(match typed(text)? {
            Typed::Date(date) => Self::Wall(date.into()),
            Typed::Wall(wall) => Self::Wall(wall),
            Typed::Instant(instant) => Self::Instant(instant),
        })
    }

    /// Where a block ends, exclusive; a date includes that day.
    pub(super) fn end(text: &str) -> Result<Self, WireError> {
        Ok(match typed(text)? {
            Typed::Date(date) => {
                Self::Wall(date.checked_add_days(Days::new(1)).unwrap_or(date).into())
            }
            Typed::Wall(wall) => Self::Wall(wall),
            Typed::Instant(instant) => Self::Instant(instant),
        })
    }

    pub(super) fn wall(self, zone: &Zone) -> NaiveDateTime {
        match self {
            Self::Wall(wall) => wall,
            Self::Instant(instant) => zone.to_wall(instant),
        }
    }

    pub(super) fn instant(self, zone: &Zone) -> DateTime<Utc> {
        match self {
            Self::Wall(wall) => zone.to_instant(wall),
            Self::Instant(instant) => instant,
        }
    }

    /// Would the wall clock of that zone bring the same instant back?
    fn survives(self, zone: &Zone) -> bool {
        zone.to_instant(self.wall(zone)) == self.instant(zone)
    }
}

/// Where a block hangs: wall-clock times, and the zone of that wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) start: NaiveDateTime,
    pub(super) end: NaiveDateTime,
    /// An IANA name.
    pub(super) zone: String,
}

/// Hangs a block on the display's wall clock, or, where that cannot keep an instant that was given,
/// on the clock of UTC, which shows nothing twice.
///
/// # Errors
/// [`ErrorCode::Invalid`] where such a block repeats: its other occurrences would follow UTC instead
/// of the wall clock.
pub(super) fn place(
    start: Edge,
    end: Edge,
    repeats: bool,
    zone: &Zone,
) -> Result<Place, WireError> {
    let lost = [start, end].into_iter().find(|edge| !edge.survives(zone));
    if let Some(edge) = lost.filter(|_| repeats) {
        return Err(WireError::new(
            ErrorCode::Invalid,
            format!(
                "{} is when the clocks of {} show {} for the second time, and a block that repeats \
                 can only mean the first. Block it without a repetition, or choose a time outside \
                 of that hour.",
                edge.instant(zone).format("%Y-%m-%dT%H:%M:%SZ"),
                zone.name(),
                edge.wall(zone).format("%H:%M"),
            ),
        ));
    }
    // An instant may also come before a local time that the clocks skip, which only looks earlier.
    let exact = matches!((start, end), (Edge::Instant(_), _) | (_, Edge::Instant(_)));
    let backwards = exact && end.instant(zone) <= start.instant(zone);
    Ok(if lost.is_some() || backwards {
        Place {
            start: start.instant(zone).naive_utc(),
            end: end.instant(zone).naive_utc(),
            zone: Zone::utc().name().to_owned(),
        }
    } else {
        Place {
            start: start.wall(zone),
            end: end.wall(zone),
            zone: zone.name().to_owned(),
        }
    })
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

    #[test]
    fn of_today_only_what_is_still_to_come_is_offered() {
        let zone = ZoneDb::bundled().zone("Europe/Berlin").unwrap();
        let utc = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        // 00:30 on the 23rd in Berlin, when it is still the 22nd in UTC.
        let now = utc("2026-11-22T23:30:00Z");
        for (from, start) in [
            ("2026-11-23", "2026-11-22T23:30:00Z"),
            ("2026-11-23T00:00", "2026-11-22T23:00:00Z"),
            ("2026-11-22T23:10:00Z", "2026-11-22T23:10:00Z"),
            ("2026-11-22", "2026-11-21T23:00:00Z"),
            ("2026-11-24", "2026-11-23T23:00:00Z"),
        ] {
            let left = coming(from, "2026-11-24", &zone, now).unwrap();
            let expect = Coming::Span(utc(start), utc("2026-11-24T23:00:00Z"));
            assert_eq!(left, expect, "{from}");
        }
    }

    #[test]
    fn the_last_minute_of_a_day_is_still_that_day_and_nothing_is_left_of_it() {
        let zone = ZoneDb::bundled().zone("Europe/Berlin").unwrap();
        let utc = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let today = "2026-11-23";
        let over = |until: &str| {
            Coming::Over(format!(
                "Nothing is left of today{until}. `--to 2026-11-24` looks at tomorrow as well."
            ))
        };
        let left = |start: &str, end: &str| Coming::Span(utc(start), utc(end));
        let midnight = "2026-11-23T23:00:00Z";
        for (now, to, expect) in [
            ("22:58:00", today, left("2026-11-23T22:58:00Z", midnight)),
            ("22:58:01", today, left("2026-11-23T22:59:00Z", midnight)),
            ("22:59:00", today, left("2026-11-23T22:59:00Z", midnight)),
            ("22:59:01", today, over("")),
            ("22:59:59.5", today, over("")),
            (
                "22:59:59",
                "2026-11-24",
                left(midnight, "2026-11-24T23:00:00Z"),
            ),
            ("09:00:00", "2026-11-23T09:30", over(" before 09:30")),
            ("09:00:00", "2026-11-23T09:00:00Z", over(" before 10:00")),
            (
                "09:00:00",
                "2026-11-23T10:01",
                left("2026-11-23T09:00:00Z", "2026-11-23T09:01:00Z"),
            ),
            // The wrong way round, which is told as that.
            (
                "09:00:00",
                "2026-11-22",
                left("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z"),
            ),
        ] {
            let now = utc(&format!("2026-11-23T{now}Z"));
            let found = coming(today, to, &zone, now).unwrap();
            assert_eq!(found, expect, "at {now} until {to}");
        }
    }

    #[test]
    fn an_event_knows_no_seconds() {
        for (text, fits) in [
            ("2026-11-23", true),
            ("2026-11-23T09:00", true),
            ("2026-11-23T09:00:00", true),
            ("2026-11-23T09:00:00+01:00", true),
            ("2026-11-23T09:00:30", false),
            ("2026-11-23 09:00:30", false),
            ("2026-11-23T09:00:30Z", false),
            ("2026-11-23T09:00:00.5Z", false),
        ] {
            match on_the_minute(text) {
                Ok(()) => assert!(fits, "{text}"),
                Err(error) => {
                    assert!(!fits, "{text}");
                    assert!(error.message.contains("full minute"), "{}", error.message);
                }
            }
        }
        assert!(on_the_minute("at nine").is_err());
    }

    #[test]
    fn an_instant_needs_no_seconds() {
        for (text, expect) in [
            ("2026-11-23T09:00Z", Some("2026-11-23T09:00:00Z")),
            ("2026-11-23T09:00+01:00", Some("2026-11-23T08:00:00Z")),
            ("2026-11-23T09:00-03:30", Some("2026-11-23T12:30:00Z")),
            ("2026-11-23 09:00Z", Some("2026-11-23T09:00:00Z")),
            ("2026-11-23T09:00:30+01:00", Some("2026-11-23T08:00:30Z")),
            ("2026-11-23T09:00", None),
            ("2026-11-23T09:00:30", None),
        ] {
            let expect = expect.map(|text| DateTime::parse_from_rfc3339(text).unwrap().to_utc());
            let found = match typed(text).unwrap() {
                Typed::Instant(instant) => Some(instant),
                _ => None,
            };
            assert_eq!(found, expect, "{text}");
        }
        for text in ["2026-11-23T09:00X", "2026-11-23T09:00+", "2026-11-23Z"] {
            assert!(typed(text).is_err(), "{text}");
        }
    }

    fn placed(from: &str, to: &str, repeats: bool) -> Result<Place, WireError> {
        let zone = ZoneDb::bundled().zone("Europe/Berlin").unwrap();
        place(Edge::start(from)?, Edge::end(to)?, repeats, &zone)
    }

    /// In Berlin the hour from 02:00 comes twice on 2026-10-25: from 00:00Z, and from 01:00Z.
    #[test]
    fn an_instant_of_an_hour_that_comes_twice_is_kept() {
        let (berlin, utc) = ("Europe/Berlin", "UTC");
        for (from, to, start, end, zone) in [
            // Both in the first pass, or outside: the wall clock can say it.
            (
                "2026-10-25T00:15:00Z",
                "2026-10-25T00:45:00Z",
                "02:15",
                "02:45",
                berlin,
            ),
            (
                "2026-10-25T00:15:00Z",
                "2026-10-25T02:00:00Z",
                "02:15",
                "03:00",
                berlin,
            ),
            (
                "2026-10-25T09:00+01:00",
                "2026-10-25T10:00+01:00",
                "09:00",
                "10:00",
                berlin,
            ),
            // One of them in the second pass.
            (
                "2026-10-25T00:15:00Z",
                "2026-10-25T01:30:00Z",
                "00:15",
                "01:30",
                utc,
            ),
            (
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:00:00Z",
                "00:30",
                "01:00",
                utc,
            ),
            (
                "2026-10-25T02:15:00+02:00",
                "2026-10-25T02:45:00+01:00",
                "00:15",
                "01:45",
                utc,
            ),
            (
                "2026-10-25T01:30:00Z",
                "2026-10-25T03:00:00Z",
                "01:30",
                "03:00",
                utc,
            ),
            (
                "2026-10-25T02:30",
                "2026-10-25T01:30:00Z",
                "00:30",
                "01:30",
                utc,
            ),
            (
                "2026-10-25T01:30:00Z",
                "2026-10-25T05:00",
                "01:30",
                "04:00",
                utc,
            ),
            // Local times mean the first pass.
            (
                "2026-10-25T02:15",
                "2026-10-25T02:45",
                "02:15",
                "02:45",
                berlin,
            ),
            // 02:15 is skipped and means 03:15, which is 01:15Z; the other end comes before it.
            (
                "2027-03-28T02:15",
                "2027-03-28T01:10:00Z",
                "01:15",
                "01:10",
                utc,
            ),
        ] {
            let found = placed(from, to, false).unwrap();
            let clock = |wall: NaiveDateTime| wall.format("%H:%M").to_string();
            assert_eq!(
                (
                    clock(found.start).as_str(),
                    clock(found.end).as_str(),
                    found.zone.as_str()
                ),
                (start, end, zone),
                "{from} {to}"
            );
        }
    }

    #[test]
    fn a_block_that_repeats_hangs_on_the_wall_clock_or_is_refused() {
        for (from, to, refused) in [
            ("2026-10-25T00:15:00Z", "2026-10-25T00:45:00Z", false),
            ("2026-10-25T02:15", "2026-10-25T02:45", false),
            ("2026-10-25T10:00:00Z", "2026-10-25T09:00:00Z", false),
            ("2026-10-25T00:15:00Z", "2026-10-25T01:30:00Z", true),
            ("2026-10-25T01:30:00Z", "2026-10-25T03:00:00Z", true),
        ] {
            match placed(from, to, true) {
                Ok(_) => assert!(!refused, "{from} {to}"),
                Err(error) => {
                    assert!(refused, "{from} {to}: {}", error.message);
                    for words in [
                        "T01:30:00Z",
                        "Europe/Berlin",
                        "02:30",
                        "without a repetition",
                    ] {
                        assert!(error.message.contains(words), "{words}: {}", error.message);
                    }
                }
            }
        }
    }
}
