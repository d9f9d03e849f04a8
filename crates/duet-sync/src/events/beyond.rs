//! What takes place beyond the stored horizon, worked out when somebody looks there.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_model::calendar::Calendar;
use duet_model::event::EventKey;
use duet_model::verdict::Facts;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_store::{OccurrenceRow, OccurrenceTime, Snapshot, StoreError, StoredEvent, StoredSeries};

use super::{Frame, occurrences_of};

/// No more days are worked out at once, from the first one outside the horizon.
pub const DAYS_AT_ONCE: i64 = 370;

/// The occurrences of a calendar in the part of a range that lies outside its stored horizon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beyond {
    /// As [`Snapshot::occurrences_in`] gives them, and in its order. None of them is stored, so that
    /// both together are the whole range with nothing twice: one that reaches across the edge is
    /// stored, because it touches the horizon, and is therefore not among these.
    pub rows: Vec<OccurrenceRow>,
    /// Are these all? Not where a series cannot be followed, or is too crowded, and not where more
    /// than [`DAYS_AT_ONCE`] were asked for: what is not listed is then unknown and not free.
    pub whole: bool,
}

impl Beyond {
    fn nothing() -> Self {
        Self {
            rows: Vec::new(),
            whole: true,
        }
    }
}

/// Works out what takes place in `range` outside the `horizon` of a calendar, from its events and with
/// the zone data of now. `stored` is what [`Snapshot::occurrences_in`] gives for the same range, of
/// this calendar and perhaps of others. Writes nothing. Nothing is there where all of the range is
/// inside.
pub async fn beyond(
    snapshot: &mut Snapshot,
    calendar: &Calendar,
    horizon: Interval,
    stored: &[OccurrenceRow],
    zones: &ZoneDb,
    range: Interval,
) -> Result<Beyond, StoreError> {
    let parts = outside(range, horizon);
    if parts.is_empty() {
        return Ok(Beyond::nothing());
    }
    let mut found = Beyond::nothing();
    for part in parts {
        let days = TimeDelta::days(DAYS_AT_ONCE);
        let end = part.end.min(part.start + days);
        found.whole &= end == part.end;
        let part = Interval { end, ..part };
        let frame = Frame::over(calendar, zones, part);
        for series in snapshot.series_near(calendar.id, part).await? {
            let one = occurrences_of(&series, &frame);
            found.whole &= one.unknown.is_none();
            let rows = one.rows.into_iter();
            found
                .rows
                .extend(rows.filter_map(|(key, time)| row(&series, key, time)));
        }
    }
    let stored: Vec<Key> = stored
        .iter()
        .filter(|row| row.calendar == calendar.id)
        .map(key)
        .collect();
    found.rows.sort_unstable_by_key(key);
    // Something long may touch both sides of the horizon.
    found.rows.dedup_by_key(|row| key(row));
    // Their own order, which is that of all rows.
    found
        .rows
        .retain(|row| stored.binary_search(&key(row)).is_err());
    Ok(found)
}

/// What of a range lies outside the horizon.
fn outside(range: Interval, horizon: Interval) -> Vec<Interval> {
    [
        Interval::new(range.start, range.end.min(horizon.start)),
        Interval::new(range.start.max(horizon.end), range.end),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn row(series: &StoredSeries, key: EventKey, time: OccurrenceTime) -> Option<OccurrenceRow> {
    let mut all = series.master.iter().chain(&series.exceptions);
    let of: &StoredEvent = all.find(|stored| stored.key == key)?;
    Some(OccurrenceRow {
        event: key,
        calendar: of.calendar,
        time: time.as_stored(),
        facts: Facts::of(&of.event).code(),
        title: of.event.title.clone(),
    })
}

/// What rows are ordered by; no two are the same in it.
type Key = (DateTime<Utc>, EventKey, DateTime<Utc>, bool);

fn key(row: &OccurrenceRow) -> Key {
    match row.time {
        OccurrenceTime::At { start, end } => (start, row.event, end, false),
        OccurrenceTime::Days { first, until } => {
            let midnight = |day: chrono::NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
            (midnight(first), row.event, midnight(until), true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside() {
        let day = |n: i64| DateTime::UNIX_EPOCH + TimeDelta::days(n);
        let span = |from, until| Interval {
            start: day(from),
            end: day(until),
        };
        // A range, a horizon, what is outside.
        let rows = [
            ((0, 10), (0, 10), vec![]),
            ((2, 8), (0, 10), vec![]),
            ((0, 10), (20, 30), vec![(0, 10)]),
            ((40, 50), (20, 30), vec![(40, 50)]),
            ((0, 10), (10, 20), vec![(0, 10)]),
            ((0, 10), (5, 20), vec![(0, 5)]),
            ((10, 30), (5, 20), vec![(20, 30)]),
            ((0, 30), (5, 20), vec![(0, 5), (20, 30)]),
        ];
        for (range, horizon, expect) in rows {
            let horizon = span(horizon.0, horizon.1);
            let expect: Vec<_> = expect.into_iter().map(|(a, b)| span(a, b)).collect();
            let found = outside(span(range.0, range.1), horizon);
            assert_eq!(found, expect, "{range:?} and {horizon:?}");
        }
    }
}
