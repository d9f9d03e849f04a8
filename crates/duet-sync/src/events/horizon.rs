//! For which time occurrences are stored, and by which rules they were worked out.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use duet_model::calendar::Calendar;
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};
use duet_store::Horizon;

/// How far back occurrences are stored at least.
pub const DAYS_BACK: u64 = 400;
/// How far ahead occurrences are stored at least.
pub const DAYS_AHEAD: u64 = 800;

/// Grows when the same series comes out otherwise, so that an update of Duet works all of them out
/// anew.
const READING: u32 = 1;

/// What the occurrences of a calendar are worked out with.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// The zones of the world.
    pub zones: &'a ZoneDb,
    /// The calendar's own, for series that say none.
    pub home: Zone,
    /// The span, and what names zone data, home zone and reading: occurrences that stand under
    /// another name are worked out anew.
    pub horizon: Horizon,
}

impl<'a> Frame<'a> {
    /// For a calendar, at a time. A calendar without a known zone is at home in UTC.
    pub fn of(calendar: &Calendar, zones: &'a ZoneDb, now: DateTime<Utc>) -> Self {
        Self::over(calendar, zones, span(now))
    }

    /// For a calendar, over any span.
    pub(super) fn over(calendar: &Calendar, zones: &'a ZoneDb, span: Interval) -> Self {
        let home = calendar.time_zone.as_deref();
        let home = home
            .and_then(|name| zones.zone(name))
            .unwrap_or_else(Zone::utc);
        let source = if zones.is_bundled() {
            "bundled"
        } else {
            "system"
        };
        let edition = format!("{READING} {} {source} {}", zones.version(), home.name());
        Self {
            zones,
            home,
            horizon: Horizon {
                span,
                zones: edition,
            },
        }
    }
}

/// The span for which occurrences are stored: whole months in UTC, so that it moves once a month.
pub fn span(now: DateTime<Utc>) -> Interval {
    let today = now.date_naive();
    let back = today.checked_sub_days(Days::new(DAYS_BACK));
    let ahead = today.checked_add_days(Days::new(DAYS_AHEAD + 31));
    Interval {
        start: month_of(back.unwrap_or(today)),
        end: month_of(ahead.unwrap_or(today)),
    }
}

/// The first instant of a day's month.
fn month_of(day: NaiveDate) -> DateTime<Utc> {
    let first = day.with_day(1).unwrap_or(day);
    first.and_time(NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_is_whole_months_and_moves_once_a_month() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let rows = [
            ("2026-11-22T12:00:00Z", "2025-10-01", "2029-03-01"),
            ("2026-11-01T00:00:00Z", "2025-09-01", "2029-02-01"),
            ("2028-02-29T23:59:59Z", "2027-01-01", "2030-06-01"),
        ];
        for (now, start, end) in rows {
            let span = span(at(now));
            assert_eq!(span.start, at(&format!("{start}T00:00:00Z")), "{now}");
            assert_eq!(span.end, at(&format!("{end}T00:00:00Z")), "{now}");
        }
        let mut now = at("2026-01-01T00:00:00Z");
        let mut moves = 0;
        for _ in 0..365 {
            let (today, before) = (span(now), span(now - chrono::TimeDelta::days(1)));
            moves += u32::from(today != before);
            assert!(now - today.start >= chrono::TimeDelta::days(400), "{now}");
            assert!(today.end - now >= chrono::TimeDelta::days(800), "{now}");
            now += chrono::TimeDelta::days(1);
        }
        assert!(moves <= 24, "each end moves once a month: {moves}");
    }
}
