//! How many events each calendar has, and how many of them could not be read.

use duet_model::calendar::CalendarId;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::table::statements;

statements! {
    // By indexes alone: the rows themselves are wide.
    COUNTS = "SELECT id,
            (SELECT count(*) FROM external_events WHERE calendar_id = calendar.id)
            - (SELECT count(*) FROM external_events
               WHERE calendar_id = calendar.id AND cancelled = 1),
            (SELECT count(*) FROM event_quarantine WHERE calendar_id = calendar.id)
        FROM external_calendars AS calendar
        WHERE shown = 1 OR busy = 1 ORDER BY id";
}

/// How many events a calendar has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCount {
    /// Which calendar.
    pub calendar: CalendarId,
    /// Single events, masters, and exceptions that take place.
    pub events: u64,
    /// Events that could not be read and are kept aside.
    pub quarantined: u64,
}

pub(crate) async fn event_counts(
    conn: &mut SqliteConnection,
) -> Result<Vec<EventCount>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(COUNTS)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("counting events"))?;
    let counts = rows
        .into_iter()
        .map(|(calendar, events, quarantined)| EventCount {
            calendar: CalendarId(calendar),
            events: events.unsigned_abs(),
            quarantined: quarantined.unsigned_abs(),
        });
    Ok(counts.collect())
}
