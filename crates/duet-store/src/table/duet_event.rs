//! `events`: Duet's own events, single ones, masters and exceptions.

use chrono::TimeDelta;
use duet_model::duet_event::{DuetEvent, DuetEventId, Slot};
use duet_model::topic::Topic;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, time_millis};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "events";

/// How far a whole day can be from the same day in UTC.
const SLACK: TimeDelta = TimeDelta::days(2);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, series, original_start, cancelled, content, created_at, updated_at
            FROM events ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY start_at, id");
    // Where a series lands is not for SQL to say; all of them are candidates.
    NEAR = select!("WHERE end_at IS NULL OR series IS NOT NULL OR (start_at < ?2 AND end_at >= ?1)
        ORDER BY start_at, id");
    BY_ID = select!("WHERE id = ?1");
    SERIES = select!("WHERE id = ?1 OR series = ?1 ORDER BY series IS NOT NULL, original_at");
    PUT = "INSERT INTO events (id, series, original_start, original_at, cancelled, start_at, end_at,
            content, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (id) DO UPDATE SET
            series = excluded.series, original_start = excluded.original_start,
            original_at = excluded.original_at, cancelled = excluded.cancelled,
            start_at = excluded.start_at, end_at = excluded.end_at, content = excluded.content,
            created_at = excluded.created_at, updated_at = excluded.updated_at";
    DELETE = "DELETE FROM events WHERE id = ?1";
}

impl Tx {
    /// Stores an event of Duet's, new or changed. An exception comes after its master.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where it ends before it starts.
    pub async fn put_duet_event(&mut self, event: &DuetEvent) -> Result<(), StoreError> {
        let content = &event.content;
        let (start, end) = (time_millis(&content.start), time_millis(&content.end));
        if end < start || content.start.is_date() != content.end.is_date() {
            return Err(StoreError::Refused {
                table: TABLE,
                column: "end_at",
                reason: "an event ends after it starts",
            });
        }
        let slot = event.slot.as_ref();
        sqlx::query(PUT)
            .bind(&event.id.0)
            .bind(slot.map(|slot| slot.series.0.as_str()))
            .bind(slot.map(|slot| json_of(&slot.original_start)))
            .bind(slot.map(|slot| time_millis(&slot.original_start)))
            .bind(event.cancelled)
            .bind(start)
            .bind(content.recurrence.is_empty().then_some(end))
            .bind(json_of(content))
            .bind(event.created_at.timestamp_millis())
            .bind(event.updated_at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("storing an event"))?;
        self.touch(Topic::DuetEvents);
        Ok(())
    }

    /// Deletes an event of Duet's, and with a master its exceptions, and hands back what there was,
    /// the master first, so that it can be put back. Their links go with them; what waits in the
    /// outbox stays.
    pub async fn delete_duet_event(
        &mut self,
        id: &DuetEventId,
    ) -> Result<Vec<DuetEvent>, StoreError> {
        let before = series(self.conn(), id).await?;
        if !before.is_empty() {
            sqlx::query(DELETE)
                .bind(&id.0)
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("deleting an event"))?;
            self.touch(Topic::DuetEvents);
        }
        Ok(before)
    }

    /// An event of Duet's, as this transaction sees it.
    pub async fn duet_event(&mut self, id: &DuetEventId) -> Result<Option<DuetEvent>, StoreError> {
        get(self.conn(), id).await
    }

    /// An event of Duet's with its exceptions, the master first; nothing where it is gone.
    pub async fn duet_series(&mut self, id: &DuetEventId) -> Result<Vec<DuetEvent>, StoreError> {
        series(self.conn(), id).await
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<DuetEvent>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading Duet's events"))?;
    rows.into_iter().map(DuetEvent::try_from).collect()
}

pub(crate) async fn near(
    conn: &mut SqliteConnection,
    range: Interval,
) -> Result<Vec<DuetEvent>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(NEAR)
        .bind((range.start - SLACK).timestamp_millis())
        .bind((range.end + SLACK).timestamp_millis())
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading Duet's events near a range"))?;
    rows.into_iter().map(DuetEvent::try_from).collect()
}

pub(crate) async fn get(
    conn: &mut SqliteConnection,
    id: &DuetEventId,
) -> Result<Option<DuetEvent>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(&id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading an event of Duet's"))?;
    row.map(DuetEvent::try_from).transpose()
}

pub(crate) async fn series(
    conn: &mut SqliteConnection,
    id: &DuetEventId,
) -> Result<Vec<DuetEvent>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(SERIES)
        .bind(&id.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading a series of Duet's"))?;
    rows.into_iter().map(DuetEvent::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    series: Option<String>,
    original_start: Option<String>,
    cancelled: bool,
    content: String,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for DuetEvent {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        let slot = match (row.series, row.original_start) {
            (Some(series), Some(original)) => Some(Slot {
                series: DuetEventId(series),
                original_start: origin.json("original_start", &original)?,
            }),
            _ => None,
        };
        Ok(Self {
            content: origin.json("content", &row.content)?,
            created_at: origin.instant("created_at", row.created_at)?,
            updated_at: origin.instant("updated_at", row.updated_at)?,
            id: DuetEventId(row.id),
            slot,
            cancelled: row.cancelled,
        })
    }
}
