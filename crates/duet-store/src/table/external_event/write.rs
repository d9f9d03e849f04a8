//! Writing rows of `external_events`, many in one statement.
//!
//! The values are bound one by one. Handed over as one JSON argument, each event's own JSON was
//! escaped into it and parsed twice more: half of SQLite's time in a first sync. One row in a
//! statement would cost a journey to the database's thread for each event.

use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventKey, EventStatus, EventTime};
use sqlx::sqlite::SqliteConnection;

use super::plan::Write;
use crate::error::StoreError;
use crate::row::time_millis;
use crate::table::{eight, statements};

/// One statement, whose texts differ in the number of rows. A row that is there has its own number,
/// so that this is all that can be in conflict.
macro_rules! put {
    ($rows:expr) => {
        concat!(
            "INSERT INTO external_events (id, calendar_id, google_id, series, original_start,
                cancelled, start_at, facts, title, event, raw, end_at)
            VALUES ",
            $rows,
            " ON CONFLICT (id) DO UPDATE SET
                series = excluded.series, original_start = excluded.original_start,
                cancelled = excluded.cancelled, start_at = excluded.start_at,
                facts = excluded.facts, title = excluded.title, event = excluded.event,
                raw = excluded.raw, end_at = excluded.end_at"
        )
    };
}

macro_rules! row {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}

statements! {
    // AUTOINCREMENT remembers also the numbers of what is gone, and those that are given to it.
    LAST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'external_events'";
    PUT_64 = put!(eight!(eight!(row!())));
    PUT_8 = put!(eight!(row!()));
    PUT_1 = put!(row!());
}

/// The largest number that an event ever had.
pub(super) async fn last_key(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    sqlx::query_scalar(LAST)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("numbering events"))
}

/// Writes events under their numbers, whether they are there or not.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    mut events: &[(EventKey, Write<'_>)],
) -> Result<(), StoreError> {
    for (sql, size) in [(PUT_64, 64), (PUT_8, 8), (PUT_1, 1)] {
        while let Some((some, rest)) = events.split_at_checked(size) {
            let mut query = sqlx::query(sql);
            for (key, write) in some {
                let event = write.new.event;
                query = query
                    .bind(key.0)
                    .bind(calendar.0)
                    .bind(event.id.0.as_str())
                    .bind(event.series.as_ref().map(|series| series.0.as_str()))
                    .bind(event.original_start.as_ref().map(text_of))
                    .bind(event.status == EventStatus::Cancelled)
                    .bind(time_millis(&event.start))
                    .bind(write.new.facts)
                    .bind(event.title.as_str())
                    .bind(write.json.as_ref())
                    .bind(write.new.raw)
                    .bind(end_of(event));
            }
            query
                .execute(&mut *conn)
                .await
                .map_err(StoreError::doing("storing events"))?;
            events = rest;
        }
    }
    Ok(())
}

/// When an event that happens once ends; `None` for those of which more must be looked at.
fn end_of(event: &Event) -> Option<i64> {
    let once = event.series.is_none() && event.recurrence.is_empty();
    once.then(|| time_millis(&event.end).max(time_millis(&event.start)))
}

fn text_of(time: &EventTime) -> String {
    match time {
        EventTime::Date(day) => day.to_string(),
        EventTime::At { at, .. } => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    }
}
