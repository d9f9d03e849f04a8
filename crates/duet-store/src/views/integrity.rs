//! What is wrong with the file, in sentences. SQLite's own checks, and the rules of Duet's that
//! no constraint can express.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::table::statements;

statements! {
    QUICK_CHECK = "PRAGMA quick_check(20)";
    // SQLite 3.51.3 checks FTS5 against the structure that this connection saw last, and calls an index
    // damaged that another connection has written to since. Beginning any search looks again.
    LOOK_AGAIN = "SELECT rowid FROM event_search LIMIT 1";
    FOREIGN_KEY_CHECK = "PRAGMA foreign_key_check";
    // Reading a range relies on it: see the table.
    OVERLAPPING = "SELECT calendar_id, count(*) FROM (
            SELECT calendar_id, start_at,
                   max(end_at) OVER (PARTITION BY calendar_id ORDER BY start_at
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM external_availability_blocks)
        WHERE before >= start_at
        GROUP BY calendar_id ORDER BY calendar_id";
    // The index for searching has no foreign key: its own list of row numbers against the events.
    UNSEARCHABLE = "SELECT count(*) FROM external_events
        WHERE cancelled = 0 AND id NOT IN (SELECT id FROM event_search_docsize)";
    GONE_BUT_FOUND = "SELECT count(*) FROM event_search_docsize
        WHERE id NOT IN (SELECT id FROM external_events WHERE cancelled = 0)";
}

/// Call it in a snapshot, so that nobody writes between the statements.
pub(crate) async fn findings(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    sqlx::query(LOOK_AGAIN)
        .fetch_optional(&mut *conn)
        .await
        .map_err(StoreError::doing("looking at the index for searching"))?;
    let mut findings: Vec<String> = sqlx::query_scalar(QUICK_CHECK)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("checking the database"))?;
    findings.retain(|line| line != "ok");

    let dangling = sqlx::query(FOREIGN_KEY_CHECK)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("checking references between tables"))?;
    for row in dangling {
        let doing = || StoreError::doing("reading a finding");
        let table: String = row.try_get(0).map_err(doing())?;
        let parent: String = row.try_get(2).map_err(doing())?;
        findings.push(format!(
            "a row of {table} refers to a row of {parent} that does not exist"
        ));
    }

    let overlapping: Vec<(i64, i64)> = sqlx::query_as(OVERLAPPING)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("checking busy times for overlaps"))?;
    for (calendar, count) in overlapping {
        findings.push(format!(
            "calendar {calendar} has {count} busy times that overlap others"
        ));
    }

    for (statement, what) in [
        (UNSEARCHABLE, "events cannot be found by searching"),
        (GONE_BUT_FOUND, "events can be searched for that are gone"),
    ] {
        let count: i64 = sqlx::query_scalar(statement)
            .fetch_one(&mut *conn)
            .await
            .map_err(StoreError::doing("checking the index for searching"))?;
        if count > 0 {
            findings.push(format!("{count} {what}"));
        }
    }
    Ok(findings)
}
