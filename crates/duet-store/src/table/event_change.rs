//! `event_changes`: the history of each event, as it was noticed here.

mod fields;

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventId, EventKey};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

pub use fields::{Field, FieldChange};

use crate::error::StoreError;
use crate::row::{Origin, json_of, word_of};
use crate::table::statements;

const TABLE: &str = "event_changes";

/// After how many entries the history of a calendar is measured.
const TRIM_EVERY: i64 = 1000;

statements! {
    APPEND = "INSERT INTO event_changes (calendar_id, google_id, ical_uid, noticed_at, kind, what)
        SELECT ?1, value ->> 0, value ->> 1, ?3, value ->> 2, value ->> 3 FROM json_each(?2)";
    // The newest 200 of each event.
    TRIM = "DELETE FROM event_changes
        WHERE calendar_id = ?1 AND google_id IN (SELECT value ->> 0 FROM json_each(?2))
          AND id <= (SELECT newer.id FROM event_changes AS newer
                     WHERE newer.calendar_id = ?1
                       AND newer.google_id = event_changes.google_id
                     ORDER BY newer.id DESC LIMIT 1 OFFSET 200)";
    // And the newest 20,000 of each calendar: a calendar whose events come and go under ever new ids
    // fills no disk. Asked for by position, which is a walk along the key; so not after every write.
    TRIM_CALENDAR = "DELETE FROM event_changes
        WHERE calendar_id = ?1
          AND id <= (SELECT id FROM event_changes WHERE calendar_id = ?1
                     ORDER BY id DESC LIMIT 1 OFFSET 20000)";
    OF_KEY = "SELECT id, noticed_at, kind, what FROM event_changes
        WHERE (calendar_id, google_id)
            = (SELECT calendar_id, google_id FROM external_events WHERE id = ?1)
        ORDER BY id DESC";
    OF_ID = "SELECT id, noticed_at, kind, what FROM event_changes
        WHERE calendar_id = ?1 AND google_id = ?2 ORDER BY id DESC";
}

/// What happened to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It says something else.
    Changed,
    /// It is gone.
    Removed,
}

/// One entry of an event's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventChange {
    /// When it was noticed here, which can be long after it happened.
    pub noticed_at: DateTime<Utc>,
    /// What happened.
    pub kind: ChangeKind,
    /// What it says now and what it said before; of one that is gone, what it was.
    pub what: Vec<FieldChange>,
}

/// An entry that is to be written: id, UID, kind, and the changes as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Noticed(EventId, Option<String>, String, String);

impl Noticed {
    /// `None` where nothing changed that a person would call a change.
    pub(super) fn changed(before: &Event, after: &Event) -> Option<Self> {
        Self::of(after, ChangeKind::Changed, &fields::changes(before, after))
    }

    /// `None` for the end of an exception that had taken its slot out.
    pub(super) fn removed(before: &Event) -> Option<Self> {
        Self::of(before, ChangeKind::Removed, &fields::last_words(before))
    }

    fn of(event: &Event, kind: ChangeKind, what: &[FieldChange]) -> Option<Self> {
        (!what.is_empty()).then(|| {
            Self(
                event.id.clone(),
                event.ical_uid.clone(),
                word_of(kind),
                json_of(&what),
            )
        })
    }
}

/// Adds to the history of a calendar's events.
pub(super) async fn append(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    noticed: &[Noticed],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if noticed.is_empty() {
        return Ok(());
    }
    let entries = json_of(&noticed);
    let done = sqlx::query(APPEND)
        .bind(calendar.0)
        .bind(&entries)
        .bind(now.timestamp_millis())
        .execute(&mut *conn)
        .await
        .map_err(StoreError::doing("noting what changed in events"))?;
    sqlx::query(TRIM)
        .bind(calendar.0)
        .bind(&entries)
        .execute(&mut *conn)
        .await
        .map_err(StoreError::doing("shortening the history of events"))?;
    let (last, added) = (done.last_insert_rowid(), done.rows_affected());
    let before = last.saturating_sub_unsigned(added);
    if last / TRIM_EVERY != before / TRIM_EVERY {
        sqlx::query(TRIM_CALENDAR)
            .bind(calendar.0)
            .execute(conn)
            .await
            .map_err(StoreError::doing("shortening the history of a calendar"))?;
    }
    Ok(())
}

pub(crate) async fn of_key(
    conn: &mut SqliteConnection,
    key: EventKey,
) -> Result<Vec<EventChange>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_KEY)
        .bind(key.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the history of an event"))?;
    rows.into_iter().map(EventChange::try_from).collect()
}

pub(crate) async fn of_id(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    id: &EventId,
) -> Result<Vec<EventChange>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_ID)
        .bind(calendar.0)
        .bind(&id.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing(
            "reading the history of an event by Google's id",
        ))?;
    rows.into_iter().map(EventChange::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    noticed_at: i64,
    kind: String,
    what: String,
}

impl TryFrom<Row> for EventChange {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        Ok(Self {
            noticed_at: origin.instant("noticed_at", row.noticed_at)?,
            kind: origin.word("kind", &row.kind)?,
            what: origin.json("what", &row.what)?,
        })
    }
}
