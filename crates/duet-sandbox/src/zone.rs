//! Wall clock to instant and back, by IANA zone name, from the bundled zone data: the same on every
//! machine, whatever its system database says.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use jiff::{
    Timestamp, civil,
    tz::{TimeZone, TimeZoneDatabase},
};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

pub(crate) fn known(name: &str) -> bool {
    zone(name).is_some()
}

/// The instant at which a clock in `name` shows `wall`. In a gap the offset before it holds (the
/// clock has moved on), in a fold the first of the two, as RFC 5545 section 3.3.5 says.
pub(crate) fn to_utc(name: &str, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let date = civil::Date::new(
        i16::try_from(wall.year()).ok()?,
        i8::try_from(wall.month()).ok()?,
        i8::try_from(wall.day()).ok()?,
    )
    .ok()?;
    let time = civil::Time::new(
        i8::try_from(wall.hour()).ok()?,
        i8::try_from(wall.minute()).ok()?,
        i8::try_from(wall.second()).ok()?,
        0,
    )
    .ok()?;
    let instant = zone(name)?
        .to_ambiguous_timestamp(date.to_datetime(time))
        .compatible()
        .ok()?;
    DateTime::from_timestamp(instant.as_second(), 0)
}

/// What a clock in `name` shows at `instant`, with its offset.
pub(crate) fn to_local(name: &str, instant: DateTime<Utc>) -> Option<DateTime<FixedOffset>> {
    let stamp = Timestamp::from_second(instant.timestamp()).ok()?;
    let offset = FixedOffset::east_opt(zone(name)?.to_offset(stamp).seconds())?;
    Some(instant.with_timezone(&offset))
}

/// The instant at which `date` begins in `name`; UTC where the zone is not known.
pub(crate) fn day_start(name: &str, date: NaiveDate) -> DateTime<Utc> {
    let wall = date.and_time(NaiveTime::MIN);
    to_utc(name, wall).unwrap_or_else(|| wall.and_utc())
}

fn zone(name: &str) -> Option<TimeZone> {
    ZONES.get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_folds_follow_rfc_5545() {
        let cases = [
            (
                "Europe/Berlin",
                "2026-03-29T02:30:00",
                "2026-03-29T01:30:00Z",
            ), // gap: offset before it
            (
                "Europe/Berlin",
                "2026-10-25T02:30:00",
                "2026-10-25T00:30:00Z",
            ), // fold: the first
            (
                "Australia/Lord_Howe",
                "2026-10-04T02:10:00",
                "2026-10-03T15:40:00Z",
            ), // half an hour
            (
                "America/New_York",
                "2026-07-01T09:00:00",
                "2026-07-01T13:00:00Z",
            ),
        ];
        for (name, wall, expected) in cases {
            let wall = wall.parse().expect("a wall time");
            let expected: DateTime<Utc> = expected.parse().expect("an instant");
            assert_eq!(to_utc(name, wall), Some(expected), "{name} {wall}");
        }
        assert!(
            !known("Mars/Olympus"),
            "an unknown zone is said to be unknown"
        );
    }
}
