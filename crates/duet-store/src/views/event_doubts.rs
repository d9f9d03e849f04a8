//! In which calendars there may be events that nobody can see: those that could not be read, and the
//! rest of series that cannot be followed.

use duet_model::calendar::CalendarId;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::table::statements;

statements! {
    // By the first column of two keys alone. Both tables are empty as a rule, and then this is next
    // to nothing: every view asks.
    DOUBTS = "SELECT calendar_id, sum(unreadable), sum(unfollowed)
        FROM (SELECT calendar_id, count(*) AS unreadable, 0 AS unfollowed
              FROM event_quarantine GROUP BY calendar_id
              UNION ALL
              SELECT calendar_id, 0, count(*) FROM series_doubts GROUP BY calendar_id)
        GROUP BY calendar_id ORDER BY calendar_id";
}

/// What is in doubt of a calendar's events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventDoubt {
    /// Which calendar.
    pub calendar: CalendarId,
    /// Events that could not be read and are kept aside.
    pub unreadable: u64,
    /// Series that are not known altogether.
    pub unfollowed: u64,
}

pub(crate) async fn event_doubts(
    conn: &mut SqliteConnection,
) -> Result<Vec<EventDoubt>, StoreError> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(DOUBTS)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading which calendars are in doubt"))?;
    let read = |(calendar, unreadable, unfollowed): (i64, i64, i64)| EventDoubt {
        calendar: CalendarId(calendar),
        unreadable: unreadable.unsigned_abs(),
        unfollowed: unfollowed.unsigned_abs(),
    };
    Ok(rows.into_iter().map(read).collect())
}
