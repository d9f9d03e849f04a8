//! Reading stored events: one, a series, or all of a calendar one after the other.

use std::collections::{BTreeMap, BTreeSet};

use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventId, EventKey};
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use super::body::{EventBody, Unpacked};
use crate::error::StoreError;
use crate::row::{Origin, json_of, millis_around};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "external_events";

statements! {
    BY_KEY = "SELECT id, calendar_id, body FROM external_events WHERE id = ?1";
    BY_ID = "SELECT id, calendar_id, body FROM external_events
        WHERE calendar_id = ?1 AND google_id = ?2";
    EXCEPTIONS = "SELECT id, calendar_id, body FROM external_events
        WHERE calendar_id = ?1 AND series = ?2 ORDER BY start_at, id";
    WITH_EXCEPTIONS = "SELECT DISTINCT series FROM external_events
        WHERE calendar_id = ?1 AND series IN (SELECT value FROM json_each(?2))";
    // Whatever zone a day is looked at from, it lies within two of UTC's.
    ONCE = "SELECT id, calendar_id, body FROM external_events
        WHERE calendar_id = ?1 AND end_at >= ?2 - 172800000 AND start_at < ?3 + 172800000
        ORDER BY start_at, id";
    NOT_ONCE = "SELECT id, calendar_id, body FROM external_events
        WHERE calendar_id = ?1 AND end_at IS NULL ORDER BY start_at, id";
    KEYS = "SELECT id FROM external_events WHERE calendar_id = ?1 AND cancelled = 0
        AND id > ?2 ORDER BY id LIMIT ?3";
}

/// An event as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number.
    pub key: EventKey,
    /// Whose it is.
    pub calendar: CalendarId,
    /// What it says.
    pub event: Event,
}

/// A series: its master, where that is known, and its exceptions, the cancelled ones too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredSeries {
    /// The master; exceptions can come before it, or without it.
    pub master: Option<StoredEvent>,
    /// In the order in which they start.
    pub exceptions: Vec<StoredEvent>,
}

impl Tx {
    /// A series, as this transaction sees it.
    pub async fn series(
        &mut self,
        calendar: CalendarId,
        master: &EventId,
    ) -> Result<StoredSeries, StoreError> {
        series(self.conn(), calendar, master).await
    }

    /// Which of these events have exceptions, the cancelled ones too, as this transaction sees it. The
    /// events themselves need not be stored.
    pub async fn with_exceptions(
        &mut self,
        calendar: CalendarId,
        events: &[&EventId],
    ) -> Result<BTreeSet<EventId>, StoreError> {
        let found: Vec<String> = sqlx::query_scalar(WITH_EXCEPTIONS)
            .bind(calendar.0)
            .bind(json_of(&events))
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("asking which events have exceptions"))?;
        Ok(found.into_iter().map(EventId).collect())
    }

    /// One event, as this transaction sees it.
    pub async fn event(&mut self, key: EventKey) -> Result<Option<StoredEvent>, StoreError> {
        by_key(self.conn(), key).await
    }

    /// What was sent of an event that it does not hold, as this transaction sees it.
    pub async fn event_raw(&mut self, key: EventKey) -> Result<Option<String>, StoreError> {
        raw(self.conn(), key).await
    }

    /// An event by Google's id, as this transaction sees it.
    pub async fn event_by_id(
        &mut self,
        calendar: CalendarId,
        id: &EventId,
    ) -> Result<Option<StoredEvent>, StoreError> {
        by_id(self.conn(), calendar, id).await
    }
}

pub(crate) async fn by_key(
    conn: &mut SqliteConnection,
    key: EventKey,
) -> Result<Option<StoredEvent>, StoreError> {
    let row: Option<Stored> = sqlx::query_as(BY_KEY)
        .bind(key.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading an event"))?;
    row.map(StoredEvent::try_from).transpose()
}

pub(crate) async fn by_id(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    id: &EventId,
) -> Result<Option<StoredEvent>, StoreError> {
    let row: Option<Stored> = sqlx::query_as(BY_ID)
        .bind(calendar.0)
        .bind(&id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading an event by Google's id"))?;
    row.map(StoredEvent::try_from).transpose()
}

pub(crate) async fn raw(
    conn: &mut SqliteConnection,
    key: EventKey,
) -> Result<Option<String>, StoreError> {
    let row: Option<Stored> = sqlx::query_as(BY_KEY)
        .bind(key.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading what Google sent for an event"))?;
    row.map(|row| Ok(row.unpack()?.raw().to_owned()))
        .transpose()
}

pub(crate) async fn series(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    master: &EventId,
) -> Result<StoredSeries, StoreError> {
    let rows: Vec<Stored> = sqlx::query_as(EXCEPTIONS)
        .bind(calendar.0)
        .bind(&master.0)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("reading the exceptions of a series"))?;
    Ok(StoredSeries {
        master: by_id(conn, calendar, master).await?,
        exceptions: rows
            .into_iter()
            .map(StoredEvent::try_from)
            .collect::<Result<_, _>>()?,
    })
}

/// What may take place in a range: events that happen once and are near it, and all series.
pub(crate) async fn series_near(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    range: Interval,
) -> Result<Vec<StoredSeries>, StoreError> {
    let (from, until) = millis_around(range);
    let once: Vec<Stored> = sqlx::query_as(ONCE)
        .bind(calendar.0)
        .bind(from)
        .bind(until)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("reading the events near a range"))?;
    let others: Vec<Stored> = sqlx::query_as(NOT_ONCE)
        .bind(calendar.0)
        .fetch_all(&mut *conn)
        .await
        .map_err(StoreError::doing("reading the series of a calendar"))?;
    let mut found: BTreeMap<EventId, StoredSeries> = BTreeMap::new();
    for row in once.into_iter().chain(others) {
        let stored = StoredEvent::try_from(row)?;
        match stored.event.series.clone() {
            Some(head) => found.entry(head).or_default().exceptions.push(stored),
            None => {
                let id = stored.event.id.clone();
                found.entry(id).or_default().master = Some(stored);
            }
        }
    }
    // An event that happens once may have exceptions, from when it was a series.
    for (head, series) in &mut found {
        if series.master.is_none() {
            series.master = by_id(conn, calendar, head).await?;
        }
    }
    Ok(found.into_values().collect())
}

/// Up to `limit` events of a calendar that take place, with a key above `after`, by key.
pub(crate) async fn keys(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    after: EventKey,
    limit: u32,
) -> Result<Vec<EventKey>, StoreError> {
    let keys: Vec<i64> = sqlx::query_scalar(KEYS)
        .bind(calendar.0)
        .bind(after.0)
        .bind(limit)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading which events a calendar has"))?;
    Ok(keys.into_iter().map(EventKey).collect())
}

#[derive(sqlx::FromRow)]
struct Stored {
    id: i64,
    calendar_id: i64,
    body: Vec<u8>,
}

impl Stored {
    fn unpack(self) -> Result<Unpacked, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &self.id,
        };
        let body = EventBody::stored(self.body);
        body.unpack().map_err(|why| origin.broken("body", why))
    }
}

impl TryFrom<Stored> for StoredEvent {
    type Error = StoreError;

    fn try_from(row: Stored) -> Result<Self, StoreError> {
        let (id, calendar) = (row.id, CalendarId(row.calendar_id));
        let origin = Origin {
            table: TABLE,
            key: &id,
        };
        let event = origin.json("body", row.unpack()?.event())?;
        Ok(Self {
            key: EventKey(id),
            calendar,
            event,
        })
    }
}
