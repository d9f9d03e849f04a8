//! `external_event_links`: where Duet's own events stand in Google.

use duet_model::calendar::CalendarId;
use duet_model::duet_event::{DuetEventId, Link};
use duet_model::event::{EventId, EventKey};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, word_of};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "external_event_links";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT event_id, calendar_id, google_id, etag, base, state
            FROM external_event_links ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY calendar_id, google_id, event_id");
    OF_EVENT = select!("WHERE event_id = ?1");
    OF_GOOGLE = select!("WHERE calendar_id = ?1 AND google_id IN (SELECT value FROM json_each(?2))
        ORDER BY google_id");
    ANY = "SELECT EXISTS (SELECT 1 FROM external_event_links WHERE calendar_id = ?1)";
    // What a view leaves out of a calendar: a linked event is drawn as Duet's own, and so are the
    // occurrences of a linked series.
    // And so is what is about to be deleted there, or to be moved away; not where that was refused and
    // the event is not here any more: then it still takes up its time.
    HIDDEN = "WITH copy (calendar_id, google_id) AS (
            SELECT calendar_id, google_id FROM external_event_links WHERE google_id IS NOT NULL
            UNION
            SELECT calendar_id, target ->> 'event' FROM outbox
            WHERE target ->> 'event' IS NOT NULL
              AND (event_id IS NOT NULL OR deed ->> 'deed' = 'delete')
              AND (stuck IS NULL OR EXISTS (SELECT 1 FROM events WHERE events.id = outbox.event_id)))
        SELECT event.id FROM copy CROSS JOIN external_events AS event
        WHERE event.calendar_id = copy.calendar_id AND event.google_id = copy.google_id
        UNION
        SELECT event.id FROM copy CROSS JOIN external_events AS event
        WHERE event.calendar_id = copy.calendar_id AND event.series = copy.google_id
        ORDER BY 1";
    PUT = "INSERT INTO external_event_links (event_id, calendar_id, google_id, etag, base, state)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (event_id) DO UPDATE SET
            calendar_id = excluded.calendar_id, google_id = excluded.google_id,
            etag = excluded.etag, base = excluded.base, state = excluded.state";
    DELETE = "DELETE FROM external_event_links WHERE event_id = ?1";
}

impl Tx {
    /// Stores where an event of Duet's stands.
    pub async fn put_link(&mut self, link: &Link) -> Result<(), StoreError> {
        sqlx::query(PUT)
            .bind(&link.event.0)
            .bind(link.calendar.0)
            .bind(link.external.as_ref().map(|id| id.0.as_str()))
            .bind(&link.etag)
            .bind(link.base.as_ref().map(json_of))
            .bind(word_of(link.state))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting where an event stands"))?;
        self.touch(Topic::DuetEvents);
        Ok(())
    }

    /// Forgets where an event of Duet's stands.
    pub async fn remove_link(&mut self, event: &DuetEventId) -> Result<(), StoreError> {
        sqlx::query(DELETE)
            .bind(&event.0)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("forgetting where an event stands"))?;
        self.touch(Topic::DuetEvents);
        Ok(())
    }

    /// Where an event of Duet's stands, as this transaction sees it.
    pub async fn link(&mut self, event: &DuetEventId) -> Result<Option<Link>, StoreError> {
        of_event(self.conn(), event).await
    }

    /// Are there events of Duet's in a calendar?
    pub async fn has_links(&mut self, calendar: CalendarId) -> Result<bool, StoreError> {
        sqlx::query_scalar(ANY)
            .bind(calendar.0)
            .fetch_one(self.conn())
            .await
            .map_err(StoreError::doing("looking for events of Duet's"))
    }

    /// The links of these events of a calendar, in no order that means anything.
    pub async fn links_of(
        &mut self,
        calendar: CalendarId,
        ids: &[&EventId],
    ) -> Result<Vec<Link>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(OF_GOOGLE)
            .bind(calendar.0)
            .bind(json_of(&ids))
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("reading where events stand"))?;
        rows.into_iter().map(Link::try_from).collect()
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Link>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading where Duet's events stand"))?;
    rows.into_iter().map(Link::try_from).collect()
}

pub(crate) async fn of_event(
    conn: &mut SqliteConnection,
    event: &DuetEventId,
) -> Result<Option<Link>, StoreError> {
    let row: Option<Row> = sqlx::query_as(OF_EVENT)
        .bind(&event.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading where an event stands"))?;
    row.map(Link::try_from).transpose()
}

/// The stored events of Google's that are drawn as Duet's own.
pub(crate) async fn hidden(conn: &mut SqliteConnection) -> Result<Vec<EventKey>, StoreError> {
    let keys: Vec<i64> = sqlx::query_scalar(HIDDEN)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading which events are Duet's own"))?;
    Ok(keys.into_iter().map(EventKey).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    event_id: String,
    calendar_id: i64,
    google_id: Option<String>,
    etag: Option<String>,
    base: Option<String>,
    state: String,
}

impl TryFrom<Row> for Link {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.event_id,
        };
        let base = row.base.map(|base| origin.json("base", &base));
        Ok(Self {
            calendar: CalendarId(row.calendar_id),
            external: row.google_id.map(EventId),
            base: base.transpose()?,
            state: origin.word("state", &row.state)?,
            event: DuetEventId(row.event_id),
            etag: row.etag,
        })
    }
}
