//! Writing rows of `external_events`, many in one statement.

use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventKey, EventStatus, EventTime};
use sqlx::sqlite::SqliteConnection;

use super::NewEvent;
use crate::error::StoreError;
use crate::row::time_millis;
use crate::table::rows::{Sizes, Statement, four, statements_of};
use crate::table::statements;

/// One statement, whose texts differ in the number of rows. A row that is there has its own number,
/// so that this is all that can be in conflict.
macro_rules! put {
    ($rows:expr) => {
        concat!(
            "INSERT INTO external_events (id, calendar_id, google_id, series, original_start,
                cancelled, start_at, facts, title, end_at, body)
            VALUES ",
            $rows,
            " ON CONFLICT (id) DO UPDATE SET
                series = excluded.series, original_start = excluded.original_start,
                cancelled = excluded.cancelled, start_at = excluded.start_at,
                facts = excluded.facts, title = excluded.title, end_at = excluded.end_at,
                body = excluded.body"
        )
    };
}

macro_rules! row {
    () => {
        "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    };
}

statements! {
    // AUTOINCREMENT remembers also the numbers of what is gone, and those that are given to it.
    SET_ASIDE = "UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = 'external_events'
        RETURNING seq";
    SET_FIRST_ASIDE = "INSERT INTO sqlite_sequence (name, seq) VALUES ('external_events', ?1)
        RETURNING seq";
    LAST = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'external_events'";
    PUT_256 = put!(four!(four!(four!(four!(row!())))));
    PUT_64 = put!(four!(four!(four!(row!()))));
    PUT_16 = put!(four!(four!(row!())));
    PUT_4 = put!(four!(row!()));
    PUT_1 = put!(row!());
}

const PUT: Sizes = [PUT_256, PUT_64, PUT_16, PUT_4, PUT_1];

/// The largest number that an event ever had.
pub(super) async fn last_key(conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    sqlx::query_scalar(LAST)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("numbering events"))
}

/// Sets numbers aside that no event has or had; answers the last of them.
pub(crate) async fn set_aside(conn: &mut SqliteConnection, count: i64) -> Result<i64, StoreError> {
    let last: Option<i64> = sqlx::query_scalar(SET_ASIDE)
        .bind(count)
        .fetch_optional(&mut *conn)
        .await
        .map_err(StoreError::doing("numbering events"))?;
    match last {
        Some(last) => Ok(last),
        None => sqlx::query_scalar(SET_FIRST_ASIDE)
            .bind(count)
            .fetch_one(conn)
            .await
            .map_err(StoreError::doing("numbering the first events")),
    }
}

/// What an error says was attempted.
pub(super) const STORING: &str = "storing events";

/// Statements that write events under their numbers, whether they are there or not.
pub(super) fn statements(
    calendar: CalendarId,
    events: &[(EventKey, NewEvent<'_>)],
) -> Vec<Statement> {
    statements_of(&PUT, events, |statement, (key, new)| {
        let event = new.event;
        statement
            .bind(key.0)
            .bind(calendar.0)
            .bind(event.id.0.as_str())
            .bind(event.series.as_ref().map(|series| series.0.as_str()))
            .bind(event.original_start.as_ref().map(text_of))
            .bind(event.status == EventStatus::Cancelled)
            .bind(time_millis(&event.start))
            .bind(new.facts)
            .bind(event.title.as_str())
            .bind(end_of(event))
            .bind(new.body.bytes())
    })
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
