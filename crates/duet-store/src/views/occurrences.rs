//! The occurrences of a range, for the week and for the combined picture.

use chrono::{DateTime, NaiveDate};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, millis_around};
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::statements;

const TABLE: &str = "external_occurrences";

statements! {
    // For whole days and for the rest, and for each class of lengths, one run of the key: from what
    // can just reach in from before the range, to its end. Whole days begin and end up to 14 hours
    // from their midnight in UTC, 15 with one to spare. Events of calendars that are neither shown
    // nor count are not stored, so that no calendar needs to be asked about.
    // All rows come as one text, put together from texts that are ready: handing over 2,000 rows one
    // by one, seven values each, took longer than finding them, and so did putting numbers into words.
    OCCURRENCES_IN = "SELECT group_concat(o.line, '')
        FROM (SELECT 0 AS all_day, 0 AS slack UNION ALL SELECT 1, 54000000) AS kind
        CROSS JOIN (VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12),
            (13), (14), (15), (16), (17), (18), (19), (20), (21)) AS run
        CROSS JOIN external_occurrences AS o
        WHERE o.all_day = kind.all_day
          AND o.class = run.column1
          AND o.start_at >= ?1 - kind.slack - (86400000 << run.column1)
          AND o.start_at < ?2 + kind.slack
          AND (o.end_at > ?1 - kind.slack OR o.start_at >= ?1 - kind.slack)";
}

/// An occurrence of an event, with what a range needs to know of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccurrenceRow {
    /// Which event, or which exception to a series.
    pub event: EventKey,
    /// Whose it is.
    pub calendar: CalendarId,
    /// When it is.
    pub time: OccurrenceTime,
    /// What the rules look at, packed.
    pub facts: u32,
    /// The event's title.
    pub title: String,
}

pub(crate) async fn occurrences_in(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let (from, until) = millis_around(range);
    let text: Option<String> = sqlx::query_scalar(OCCURRENCES_IN)
        .bind(from)
        .bind(until)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("reading the events of a range"))?;
    let mut rest = text.as_deref().unwrap_or_default();
    let mut rows = Vec::with_capacity(rest.len() / 64);
    while !rest.is_empty() {
        let (row, after) = split(rest).ok_or_else(|| {
            let origin = Origin {
                table: TABLE,
                key: &rows.len(),
            };
            origin.broken("title", "a range cannot be taken apart")
        })?;
        rows.push(row);
        rest = after;
    }
    // Here, because sorting in SQL would copy the rows once more.
    rows.sort_unstable_by_key(|([_, start, end, event, ..], _)| (*start, *event, *end));
    rows.into_iter().map(read).collect()
}

/// All day, start, end, event, calendar, facts; and the title.
type Row<'a> = ([i64; 6], &'a str);

/// Takes the first row off: seven numbers, each with a space after it, the last being the length of
/// the title that follows.
fn split(text: &str) -> Option<(Row<'_>, &str)> {
    let mut rest = text;
    let mut number = || {
        let (word, after) = rest.split_once(' ')?;
        rest = after;
        word.parse::<i64>().ok()
    };
    let numbers = [
        number()?,
        number()?,
        number()?,
        number()?,
        number()?,
        number()?,
    ];
    let length = usize::try_from(number()?).ok()?;
    let (title, after) = rest.split_at_checked(length)?;
    Some(((numbers, title), after))
}

fn read(
    ([all_day, start, end, event, calendar, facts], title): Row<'_>,
) -> Result<OccurrenceRow, StoreError> {
    let origin = Origin {
        table: TABLE,
        key: &event,
    };
    Ok(OccurrenceRow {
        event: EventKey(event),
        calendar: CalendarId(calendar),
        time: time_of(origin, all_day != 0, start, end)?,
        facts: u32::try_from(facts).map_err(|error| origin.broken("facts", error.to_string()))?,
        title: title.to_owned(),
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
