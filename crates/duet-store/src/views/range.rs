//! External blocks of a range, for the week and for the combined picture.

use duet_model::calendar::CalendarId;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, millis_around};
use crate::table::statements;

statements! {
    // CROSS JOIN keeps the calendars outside, so that each of them costs two descents into the
    // blocks' key and then only rows of the range: the blocks of one calendar are disjoint, so
    // the only one that can reach in from before is the last that starts at or before the range.
    BLOCKS_IN = "SELECT block.calendar_id, block.start_at, block.end_at
        FROM external_calendars AS calendar
        CROSS JOIN external_availability_blocks AS block
        WHERE (calendar.shown = 1 OR calendar.busy = 1)
          AND block.calendar_id = calendar.id
          AND block.start_at >= coalesce(
              (SELECT max(earlier.start_at) FROM external_availability_blocks AS earlier
               WHERE earlier.calendar_id = calendar.id AND earlier.start_at <= ?1), ?1)
          AND block.start_at < ?2
          AND block.end_at > ?1
        ORDER BY block.start_at, block.calendar_id";
}

/// One stretch of busy time from Google.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExternalBlock {
    /// Whose it is.
    pub calendar: CalendarId,
    /// When it is.
    pub span: Interval,
}

pub(crate) async fn blocks_in(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<ExternalBlock>, StoreError> {
    let (from, until) = millis_around(range);
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(BLOCKS_IN)
        .bind(from)
        .bind(until)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the busy times of a range"))?;
    rows.into_iter()
        .map(|(calendar, start, end)| {
            let origin = Origin {
                table: "external_availability_blocks",
                key: &calendar,
            };
            let span = origin.interval("start_at", start, end)?;
            Ok(ExternalBlock {
                calendar: CalendarId(calendar),
                span,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
