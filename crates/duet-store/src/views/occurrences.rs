//! The occurrences of a range, for the week and for the combined picture.

mod lines;
mod title;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::when::Interval;
use futures_util::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{DAY_MILLIS, Origin, millis_around};
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::statements;

use lines::{Line, line};
pub use title::Title;

const TABLE: &str = "external_occurrences";

/// In how many pieces the bulk of a range is handed over, at most.
const PIECES: i64 = 6;
/// None of them is shorter: each wakes who waits for it, which takes as long as reading some hours.
const PIECE_LEAST: i64 = 3 * DAY_MILLIS;

statements! {
    // For whole days and for the rest, and for each class of lengths, one run of the key: from what
    // can just reach in from before the range, to its end. Whole days begin and end up to 14 hours
    // from their midnight in UTC, 15 with one to spare. Events of calendars that are neither shown
    // nor count are not stored, so that no calendar needs to be asked about.
    // All rows come as a few texts, put together from texts that are ready: handing over 2,000 rows
    // one by one, seven values each, took longer than finding them, and so did putting numbers into
    // words. What is no longer than a day and begins in the range is almost all there is. It comes in
    // pieces of ?3, so that one is taken apart while SQLite is putting the next together.
    OCCURRENCES_IN = "WITH RECURSIVE piece (begin, until) AS (
            SELECT ?1, min(?1 + ?3, ?2)
            UNION ALL SELECT until, min(until + ?3, ?2) FROM piece WHERE until < ?2)
        SELECT group_concat(o.line, '')
        FROM (SELECT 0 AS all_day, 0 AS slack UNION ALL SELECT 1, 54000000) AS kind
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12),
            (13), (14), (15), (16), (17), (18), (19), (20), (21)) AS run
        CROSS JOIN external_occurrences AS o
        WHERE o.all_day = kind.all_day
          AND o.class = run.column1
          AND o.start_at >= ?1 - kind.slack - (86400000 << run.column1)
          AND o.start_at < iif(kind.all_day OR run.column1, ?2 + kind.slack, ?1)
          AND (o.start_at >= ?1 - kind.slack OR o.end_at > ?1 - kind.slack)
        UNION ALL
        SELECT (SELECT group_concat(o.line, '') FROM external_occurrences AS o
            WHERE o.all_day = 0 AND o.class = 0
              AND o.start_at >= piece.begin AND o.start_at < piece.until)
        FROM piece";
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

    fn order(&self) -> impl Ord + use<T> {
        occurrence_order(self.event, &self.time)
    }
}

/// What occurrences are ordered by: start, event, end; whole days as days of UTC.
pub fn occurrence_order(event: EventKey, time: &OccurrenceTime) -> impl Ord + use<> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (start, end) = match *time {
        OccurrenceTime::At { start, end } => (start, end),
        OccurrenceTime::Days { first, until } => (midnight(first), midnight(until)),
    };
    (start, event, end)
}

pub(crate) async fn occurrences_in(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let mut rows = Vec::new();
    let own = |row: OccurrenceRow<Title>| row.with_title(|title| (*title).to_owned());
    each_occurrence_in(conn, range, |row| rows.push(own(row))).await?;
    // Here, because sorting in SQL would copy the rows once more. Almost all of them are in order
    // already, which a stable sort notices.
    rows.sort_by_key(OccurrenceRow::order);
    Ok(rows)
}

pub(crate) async fn each_occurrence_in(
    conn: &mut SqliteConnection,
    range: Interval,
    mut each: impl FnMut(OccurrenceRow<Title>),
) -> Result<(), StoreError> {
    let (from, until) = millis_around(range);
    let doing = || StoreError::doing("reading the events of a range");
    let mut pieces = sqlx::query(OCCURRENCES_IN)
        .bind(from)
        .bind(until)
        .bind(((until - from) / PIECES).max(PIECE_LEAST))
        .fetch(conn);
    while let Some(piece) = pieces.try_next().await.map_err(doing())? {
        if let Some(text) = piece.try_get::<Option<&str>, _>(0).map_err(doing())? {
            take_apart(&text.into(), &mut each)?;
        }
    }
    Ok(())
}

/// Hands out the rows of one text.
fn take_apart(
    text: &Arc<str>,
    each: &mut impl FnMut(OccurrenceRow<Title>),
) -> Result<(), StoreError> {
    let mut at = 0;
    while at < text.len() {
        let line = line(text, at).ok_or_else(|| {
            let origin = Origin {
                table: TABLE,
                key: &at,
            };
            origin.broken("line", "a range cannot be taken apart")
        })?;
        at = line.until;
        each(read(text, line)?);
    }
    Ok(())
}

fn read(text: &Arc<str>, line: Line) -> Result<OccurrenceRow<Title>, StoreError> {
    let [all_day, start, end, event, calendar, facts] = line.numbers;
    let origin = Origin {
        table: TABLE,
        key: &event,
    };
    Ok(OccurrenceRow {
        event: EventKey(event),
        calendar: CalendarId(calendar),
        time: time_of(origin, all_day != 0, start, end)?,
        facts: u32::try_from(facts).map_err(|error| origin.broken("facts", error.to_string()))?,
        title: Title::part_of(text, line.from, line.until),
    })
}

/// The reverse of how `table::external_occurrence` writes times.
pub(super) fn time_of(
    origin: Origin<'_>,
    all_day: bool,
    start: i64,
    end: i64,
) -> Result<OccurrenceTime, StoreError> {
    let start = origin.instant("start_at", start)?;
    let end = origin.instant("end_at", end)?;
    let day = |at: DateTime<_>| -> NaiveDate { at.date_naive() };
    Ok(if all_day {
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
