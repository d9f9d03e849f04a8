//! The occurrences of a range, for the week and for the combined picture.

mod title;

use std::ops::RangeInclusive;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::when::Interval;
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, millis_around};
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::occurrence_week::packed::{self, Packed};
use crate::table::occurrence_week::{LONG, Slot, TABLE, broken, week_of, weeks_of};
use crate::table::statements;

pub use title::Title;

/// Whole days begin and end up to 14 hours from their midnight in UTC; 15 with one to spare.
const SLACK_MILLIS: i64 = 54_000_000;

statements! {
    // Each week of all calendars is one run of the key and comes as one value: handing over 2,000 rows
    // one by one, seven values each, took longer than finding them. What is put together are bytes,
    // which group_concat leaves as they are. One week is taken apart while SQLite is putting the next
    // together. Events of calendars that are neither shown nor count are not stored, so that no
    // calendar needs to be asked about.
    // However long the range is, only from the first week to the last in which there is anything.
    WEEKS_IN = "WITH RECURSIVE
        ends (first, last) AS (SELECT
            (SELECT min(place) >> 32 FROM external_occurrence_weeks
             WHERE place BETWEEN ?1 << 32 AND (?2 << 32) | 4294967295),
            (SELECT max(place) >> 32 FROM external_occurrence_weeks
             WHERE place BETWEEN ?1 << 32 AND (?2 << 32) | 4294967295)),
        weeks (week) AS (
            SELECT first FROM ends WHERE first IS NOT NULL
            UNION ALL SELECT week + 1 FROM weeks CROSS JOIN ends WHERE week < last)
        SELECT week, (SELECT CAST(group_concat(entries, '') AS BLOB)
            FROM external_occurrence_weeks
            WHERE place BETWEEN week << 32 AND (week << 32) | 4294967295)
        FROM (SELECT ?3 AS week UNION ALL SELECT week FROM weeks)";
}

/// An occurrence of an event, with what a range needs to know of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceRow<T = String> {
    /// Which event, or which exception to a series.
    pub event: EventKey,
    /// Whose it is.
    pub calendar: CalendarId,
    /// When it is.
    pub time: OccurrenceTime,
    /// What the rules look at, packed.
    pub facts: u32,
    /// The event's title.
    pub title: T,
}

impl<T> OccurrenceRow<T> {
    /// The same row with another title.
    pub fn with_title<U>(self, title: impl FnOnce(T) -> U) -> OccurrenceRow<U> {
        OccurrenceRow {
            event: self.event,
            calendar: self.calendar,
            time: self.time,
            facts: self.facts,
            title: title(self.title),
        }
    }

    fn order(&self) -> (i64, EventKey, i64) {
        occurrence_order(self.event, &self.time)
    }
}

/// What occurrences are ordered by: start, event, end; whole days as days of UTC. Worth keeping while
/// one sorts: comparing it is cheap, making it is not.
pub fn occurrence_order(event: EventKey, time: &OccurrenceTime) -> (i64, EventKey, i64) {
    let (start, end) = time.millis();
    (start, event, end)
}

pub(crate) async fn occurrences_in(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let mut rows = Vec::new();
    let own = |row: OccurrenceRow<Title>| row.with_title(|title| (*title).to_owned());
    each_occurrence_in(conn, range, |row| rows.push(own(row))).await?;
    // Here, because sorting in SQL would copy the rows once more.
    rows.sort_by_cached_key(OccurrenceRow::order);
    Ok(rows)
}

pub(crate) async fn each_occurrence_in(
    conn: &mut SqliteConnection,
    range: Interval,
    mut each: impl FnMut(OccurrenceRow<Title>),
) -> Result<(), StoreError> {
    let asked = Asked::of(range);
    let doing = || StoreError::doing("reading the events of a range");
    let mut rows = sqlx::query(WEEKS_IN)
        .bind(asked.weeks.start())
        .bind(asked.weeks.end())
        .bind(LONG)
        .fetch(conn);
    while let Some(row) = rows.try_next().await.map_err(doing())? {
        let week = row.try_get(0).map_err(doing())?;
        if let Some(bytes) = row.try_get::<Option<&[u8]>, _>(1).map_err(doing())? {
            take_apart(&asked, week, &bytes.into(), &mut each)?;
        }
    }
    Ok(())
}

/// A range that is asked for, in milliseconds, and the weeks that are read for it.
struct Asked {
    from: i64,
    until: i64,
    weeks: RangeInclusive<i64>,
}

impl Asked {
    fn of(range: Interval) -> Self {
        let (from, until) = millis_around(range);
        Self {
            from,
            until,
            weeks: weeks_of(from - SLACK_MILLIS, until + SLACK_MILLIS),
        }
    }

    /// Is it to be handed out of this week? What stands in two is taken from the first that is read.
    fn takes(&self, week: i64, slot: Slot) -> bool {
        let first = week == LONG || week_of(slot.start).max(*self.weeks.start()) == week;
        first && self.touches(slot)
    }

    /// Whole days with hours to spare, and what has no length where it lies inside.
    fn touches(&self, slot: Slot) -> bool {
        let slack = if slot.all_day { SLACK_MILLIS } else { 0 };
        let from = self.from - slack;
        slot.start < self.until + slack && (slot.end > from || slot.start >= from)
    }
}

/// Hands out what is asked for of the entries of one week.
fn take_apart(
    asked: &Asked,
    week: i64,
    bytes: &Arc<[u8]>,
    each: &mut impl FnMut(OccurrenceRow<Title>),
) -> Result<(), StoreError> {
    let mut at = 0;
    while at < bytes.len() {
        let entry = packed::entry(bytes, at).ok_or_else(|| broken(week))?;
        at = entry.until;
        if asked.takes(week, entry.slot) {
            each(read(bytes, &entry)?);
        }
    }
    Ok(())
}

fn read(bytes: &Arc<[u8]>, entry: &Packed) -> Result<OccurrenceRow<Title>, StoreError> {
    let origin = Origin {
        table: TABLE,
        key: &entry.event,
    };
    Ok(OccurrenceRow {
        event: EventKey(entry.event),
        calendar: CalendarId(i64::from(entry.calendar)),
        time: time_of(origin, entry.slot)?,
        facts: entry.facts,
        title: Title::part_of(bytes, entry.from, entry.until),
    })
}

/// The reverse of how `table::external_occurrence` writes times.
pub(super) fn time_of(origin: Origin<'_>, slot: Slot) -> Result<OccurrenceTime, StoreError> {
    let start = origin.instant("start", slot.start)?;
    let end = origin.instant("end", slot.end)?;
    let day = |at: DateTime<_>| -> NaiveDate { at.date_naive() };
    Ok(if slot.all_day {
        OccurrenceTime::Days {
            first: day(start),
            until: day(end),
        }
    } else {
        OccurrenceTime::At { start, end }
    })
}

#[cfg(test)]
mod tests;
