//! What is wrong with the file, in sentences. SQLite's own checks, and the one rule of Duet's that
//! no constraint can express.

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::table::statements;

statements! {
    QUICK_CHECK = "PRAGMA quick_check(20)";
    FOREIGN_KEY_CHECK = "PRAGMA foreign_key_check";
    // Reading a range relies on it: see the table.
    OVERLAPPING = "SELECT calendar_id, count(*) FROM (
            SELECT calendar_id, start_at,
                   max(end_at) OVER (PARTITION BY calendar_id ORDER BY start_at
                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM external_availability_blocks)
        WHERE before >= start_at
        GROUP BY calendar_id ORDER BY calendar_id";
}

pub(crate) async fn findings(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
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
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("checking busy times for overlaps"))?;
    for (calendar, count) in overlapping {
        findings.push(format!(
            "calendar {calendar} has {count} busy times that overlap others"
        ));
    }
    Ok(findings)
}
