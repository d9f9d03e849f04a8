//! `conflicts`: both versions of what a person and Google changed at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Field};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "conflicts";

statements! {
    ADD = "INSERT INTO conflicts (event_id, calendar_id, noticed_at, fields, base, mine, theirs)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    // They are kept for 90 days at least (TRUST I7).
    TRIM = "DELETE FROM conflicts WHERE noticed_at < ?1";
    ALL = "SELECT id, event_id, calendar_id, noticed_at, fields, base, mine, theirs
        FROM conflicts ORDER BY id DESC";
    // An exception of a series is named by its series, a line and the slot (`Slot::event`): '`' is the
    // character after the line, so that all of them lie between the two.
    OF_EVENT = "SELECT id, event_id, calendar_id, noticed_at, fields, base, mine, theirs
        FROM conflicts
        WHERE event_id = ?1 OR (event_id >= ?1 || '_' AND event_id < ?1 || '`')
        ORDER BY id DESC";
}

/// How long both versions are kept.
const KEPT: chrono::TimeDelta = chrono::TimeDelta::days(180);

/// Two versions of one event that cannot both be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which event of Duet's.
    pub event: DuetEventId,
    /// The calendar in which it stood.
    pub calendar: CalendarId,
    /// When it was noticed.
    pub noticed_at: DateTime<Utc>,
    /// Where they clash; nowhere where the event was deleted in Google.
    pub fields: BTreeSet<Field>,
    /// What both come from.
    pub base: Content,
    /// The person's.
    pub mine: Content,
    /// Google's, which was taken.
    pub theirs: Content,
}

impl Conflict {
    /// An event that was deleted in Google, and is gone here for that.
    pub fn deletion(gone: &DuetEvent, calendar: CalendarId, noticed_at: DateTime<Utc>) -> Self {
        Self {
            event: gone.id.clone(),
            calendar,
            noticed_at,
            // There is no other version that it could clash with.
            fields: BTreeSet::new(),
            base: gone.content.clone(),
            mine: gone.content.clone(),
            theirs: gone.content.clone(),
        }
    }

    /// Was the event deleted in Google, rather than changed there?
    pub fn is_deletion(&self) -> bool {
        self.fields.is_empty()
    }
}

impl Tx {
    /// Notes two versions that cannot both be.
    pub async fn add_conflict(&mut self, conflict: &Conflict) -> Result<(), StoreError> {
        sqlx::query(ADD)
            .bind(&conflict.event.0)
            .bind(conflict.calendar.0)
            .bind(conflict.noticed_at.timestamp_millis())
            .bind(json_of(&conflict.fields))
            .bind(json_of(&conflict.base))
            .bind(json_of(&conflict.mine))
            .bind(json_of(&conflict.theirs))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting a conflict"))?;
        sqlx::query(TRIM)
            .bind((conflict.noticed_at - KEPT).timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("clearing old conflicts away"))?;
        self.touch(Topic::DuetEvents);
        Ok(())
    }
}

/// Newest first.
pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<(i64, Conflict)>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the conflicts"))?;
    read(rows)
}

/// Those of one event, of a series also those of its exceptions; newest first.
pub(crate) async fn of_event(
    conn: &mut SqliteConnection,
    event: &DuetEventId,
) -> Result<Vec<(i64, Conflict)>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_EVENT)
        .bind(&event.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the conflicts of an event"))?;
    read(rows)
}

fn read(rows: Vec<Row>) -> Result<Vec<(i64, Conflict)>, StoreError> {
    rows.into_iter()
        .map(|row| Ok((row.id, Conflict::try_from(row)?)))
        .collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    event_id: String,
    calendar_id: i64,
    noticed_at: i64,
    fields: String,
    base: String,
    mine: String,
    theirs: String,
}

impl TryFrom<Row> for Conflict {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        Ok(Self {
            event: DuetEventId(row.event_id),
            calendar: CalendarId(row.calendar_id),
            noticed_at: origin.instant("noticed_at", row.noticed_at)?,
            fields: origin.json("fields", &row.fields)?,
            base: origin.json("base", &row.base)?,
            mine: origin.json("mine", &row.mine)?,
            theirs: origin.json("theirs", &row.theirs)?,
        })
    }
}
