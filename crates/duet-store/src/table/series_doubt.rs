//! `series_doubts`: which series are not known altogether, and why.

use std::collections::{BTreeMap, BTreeSet};

use duet_model::calendar::CalendarId;
use duet_model::event::{EventId, EventKey};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::json_of;
use crate::table::{external_event, statements};
use crate::tx::Tx;

statements! {
    STORED = "SELECT event_id, why FROM series_doubts WHERE calendar_id = ?1";
    // An event that is gone by now has no doubts.
    PUT = "INSERT INTO series_doubts (calendar_id, event_id, why)
        SELECT event.calendar_id, event.id, value ->> 1
        FROM json_each(?2) CROSS JOIN external_events AS event
        WHERE event.id = value ->> 0 AND event.calendar_id = ?1
        ON CONFLICT (calendar_id, event_id) DO UPDATE SET why = excluded.why";
    DELETE = "DELETE FROM series_doubts
        WHERE calendar_id = ?1 AND event_id IN (SELECT value FROM json_each(?2))";
    ALL = "SELECT doubt.calendar_id, event.google_id, event.id, event.title, doubt.why
        FROM series_doubts AS doubt CROSS JOIN external_events AS event
        WHERE event.id = doubt.event_id
        ORDER BY doubt.calendar_id, event.title, event.id";
}

/// A series that is not known altogether.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfollowed {
    /// Whose it is.
    pub calendar: CalendarId,
    /// Google's id of its master.
    pub id: EventId,
    /// The master.
    pub event: EventKey,
    /// Its title.
    pub title: String,
    /// Why there may be other occurrences than those that are stored, as a sentence.
    pub why: String,
}

impl Tx {
    /// Makes `doubts`, in any order, all the doubts about `events`: what is not known of the series
    /// whose masters these are. Those of other events stay. Only differences are written; true where
    /// there were any. Nothing is written where the calendar's events are no longer wanted.
    pub async fn replace_doubts(
        &mut self,
        id: CalendarId,
        generation: i64,
        events: &[EventKey],
        doubts: &[(EventKey, String)],
    ) -> Result<bool, StoreError> {
        let stored: Vec<(i64, String)> = sqlx::query_as(STORED)
            .bind(id.0)
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("reading which series are in doubt"))?;
        if stored.is_empty() && doubts.is_empty() {
            return Ok(false);
        }
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(false);
        }
        let of: BTreeSet<i64> = events.iter().map(|key| key.0).collect();
        let stored: BTreeMap<i64, String> = stored
            .into_iter()
            .filter(|(event, _)| of.contains(event))
            .collect();
        let fresh: BTreeMap<i64, &str> = doubts
            .iter()
            .filter(|(event, _)| of.contains(&event.0))
            .map(|(event, why)| (event.0, why.as_str()))
            .collect();
        let gone: Vec<i64> = stored
            .keys()
            .filter(|event| !fresh.contains_key(event))
            .copied()
            .collect();
        let put: Vec<(i64, &str)> = fresh
            .into_iter()
            .filter(|(event, why)| stored.get(event).is_none_or(|before| before != why))
            .collect();
        if !gone.is_empty() {
            sqlx::query(DELETE)
                .bind(id.0)
                .bind(json_of(&gone))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("noting that series are known"))?;
        }
        if !put.is_empty() {
            sqlx::query(PUT)
                .bind(id.0)
                .bind(json_of(&put))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("noting that series are in doubt"))?;
        }
        let any = !gone.is_empty() || !put.is_empty();
        if any {
            self.touch(Topic::Events);
        }
        Ok(any)
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Unfollowed>, StoreError> {
    let rows: Vec<(i64, String, i64, String, String)> =
        sqlx::query_as(ALL)
            .fetch_all(conn)
            .await
            .map_err(StoreError::doing("reading which series are in doubt"))?;
    let read = |(calendar, id, event, title, why)| Unfollowed {
        calendar: CalendarId(calendar),
        id: EventId(id),
        event: EventKey(event),
        title,
        why,
    };
    Ok(rows.into_iter().map(read).collect())
}
