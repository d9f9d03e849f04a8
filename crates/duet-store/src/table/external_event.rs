//! `external_events`: what Google's calendars hold, put by difference. The index for searching and
//! the history are kept in step here; when events take place is written by `external_occurrence`. Reading is in `read`.

pub(crate) mod body;
pub(crate) mod first;
mod plan;
pub(crate) mod read;
pub(crate) mod write;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventId, EventKey, EventStatus};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use self::body::EventBody;
use crate::error::StoreError;
use crate::row::json_of;
use crate::table::event_change::{self, Noticed};
use crate::table::event_listing::EventListing;
use crate::table::{
    calendar, event_quarantine, event_search, event_state, external_occurrence, occurrence_week,
    rows, statements,
};
use crate::tx::{Fresh, Tx};

/// How many events are looked up together. Larger ones gain nothing and hold more memory.
const CHUNK: usize = 256;

statements! {
    STORED = "SELECT id, google_id, facts, body FROM external_events
        WHERE calendar_id = ?1 AND google_id IN (SELECT value FROM json_each(?2))";
    // A calendar without events needs nothing looked up: the first page of a first listing.
    ANY = "SELECT EXISTS (SELECT 1 FROM external_events WHERE calendar_id = ?1)";
    // A series goes with its exceptions.
    OF_REMOVED = "SELECT id, google_id, facts, body FROM external_events
        WHERE calendar_id = ?1 AND (google_id = ?2 OR series = ?2) ORDER BY id";
    DELETE = "DELETE FROM external_events WHERE id IN (SELECT value FROM json_each(?1))";
    CLEAR = "DELETE FROM external_events WHERE calendar_id = ?1";
    IDS = "SELECT google_id FROM external_events WHERE calendar_id = ?1";
}

/// An event as it came.
#[derive(Clone, Copy, Debug)]
pub struct NewEvent<'a> {
    /// What Duet understands of it.
    pub event: &'a Event,
    /// What the rules look at, packed.
    pub facts: u32,
    /// The event as it is stored, with what was sent beyond it.
    pub body: &'a EventBody,
}

/// What putting events changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutEvents {
    /// Events that were not there before.
    pub inserted: Vec<EventKey>,
    /// Events that were there and said something else.
    pub changed: Vec<EventKey>,
    /// The keys of both by Google's id, so that nobody has to look up what was just written.
    pub keys: BTreeMap<EventId, EventKey>,
    /// How many were there just like that; nothing was written for them.
    pub unchanged: usize,
    /// The calendar is gone, neither shown nor counting, or of another generation: nothing was
    /// written.
    pub unwanted: bool,
}

impl Tx {
    /// Stores events of a calendar, new and changed, in any order; of one that is there twice the
    /// later one counts. With `listing` they are part of a whole listing, and what it does not
    /// mention goes when it is finished.
    ///
    /// What changed is noted in the history. The occurrences are not touched: call
    /// [`Tx::replace_occurrences`] for the series of `inserted` and `changed` before committing.
    pub async fn put_events(
        &mut self,
        id: CalendarId,
        generation: i64,
        events: &[NewEvent<'_>],
        mut listing: Option<&mut EventListing>,
        now: DateTime<Utc>,
    ) -> Result<PutEvents, StoreError> {
        let mut done = PutEvents::default();
        if !wanted(self.conn(), id, generation).await? {
            done.unwanted = true;
            return Ok(done);
        }
        let mut seen = BTreeMap::new();
        for new in events {
            seen.insert(&new.event.id, *new);
        }
        let latest: Vec<NewEvent<'_>> = seen.into_values().collect();
        let refresh = listing.as_ref().is_some_and(|it| it.refreshes());
        let mut found = Vec::new();
        let mut last_key = write::last_key(self.conn()).await?;
        let any = any(self.conn(), id).await?;
        for chunk in latest.chunks(CHUNK) {
            let before = if any {
                let ids: Vec<&EventId> = chunk.iter().map(|new| &new.event.id).collect();
                stored(self.conn(), id, &ids).await?
            } else {
                BTreeMap::new()
            };
            if let Some(listing) = listing.as_deref_mut() {
                for new in chunk {
                    listing.see(&new.event.id, !before.contains_key(&new.event.id));
                }
            }
            let plan = plan::plan(chunk, &before, refresh);
            done.unchanged += plan.unchanged;
            if plan.write.is_empty() {
                continue;
            }
            let mut numbered = Vec::with_capacity(plan.write.len());
            for write in plan.write {
                let event = &write.event.id;
                let key = if let Some(before) = before.get(event) {
                    done.changed.push(before.key);
                    before.key
                } else {
                    last_key += 1;
                    done.inserted.push(EventKey(last_key));
                    EventKey(last_key)
                };
                done.keys.insert(event.clone(), key);
                numbered.push((key, write));
            }
            let statements = write::statements(id, &numbered);
            rows::run(self.conn(), statements, write::STORING).await?;
            self.note_fresh(id, &numbered, &before);
            event_change::append(self.conn(), id, &plan.noticed, now).await?;
            external_occurrence::repeat(self.conn(), id, &plan.repeat).await?;
            event_search::remove(self.conn(), &plan.unfound).await?;
            for event in plan.found {
                found.extend(done.keys.get(&event.id).map(|key| (*key, event)));
            }
        }
        event_search::add(self.conn(), &found).await?;
        done.inserted.sort_unstable();
        done.changed.sort_unstable();
        let ids: Vec<&EventId> = latest.iter().map(|new| &new.event.id).collect();
        let released = event_quarantine::release(self.conn(), id, &ids).await?;
        if released > 0 || !done.inserted.is_empty() || !done.changed.is_empty() {
            self.touch(Topic::Events);
        }
        Ok(done)
    }

    /// Takes an event out, and with a master its exceptions; answers what went, the first being
    /// the event itself. Empty where there was nothing, or where the result is no longer wanted.
    ///
    /// Within one answer of Google's, call it before [`Tx::put_events`]: an exception can outlive
    /// its series, when a guest is invited to one occurrence only.
    pub async fn remove_event(
        &mut self,
        id: CalendarId,
        generation: i64,
        event: &EventId,
        now: DateTime<Utc>,
    ) -> Result<Vec<EventId>, StoreError> {
        if !wanted(self.conn(), id, generation).await? {
            return Ok(Vec::new());
        }
        let released = event_quarantine::release(self.conn(), id, &[event]).await?;
        let rows: Vec<Row> = sqlx::query_as(OF_REMOVED)
            .bind(id.0)
            .bind(&event.0)
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("looking up an event that is gone"))?;
        let mut gone: Vec<(EventId, Before)> = rows.into_iter().map(Row::split).collect();
        gone.sort_by_key(|(id, _)| id != event);
        self.delete(id, &gone, now).await?;
        if released > 0 || !gone.is_empty() {
            self.touch(Topic::Events);
        }
        Ok(gone.into_iter().map(|(id, _)| id).collect())
    }

    /// Removes all that is known of a calendar's events, also where its listing stopped. The history
    /// stays. For a calendar whose events can no longer be read.
    pub async fn forget_events(&mut self, id: CalendarId) -> Result<(), StoreError> {
        clear(self.conn(), id).await?;
        self.touch(Topic::Events);
        Ok(())
    }

    /// Notes what occurrences will repeat of new events; of others they are told by `repeat`.
    fn note_fresh(
        &mut self,
        id: CalendarId,
        written: &[(EventKey, NewEvent<'_>)],
        before: &BTreeMap<EventId, Before>,
    ) {
        for (key, new) in written {
            let event = new.event;
            if before.contains_key(&event.id) {
                self.fresh.remove(key);
            } else if event.status != EventStatus::Cancelled {
                let fresh = Fresh {
                    calendar: id,
                    facts: new.facts,
                    title: event.title.clone(),
                };
                self.fresh.insert(*key, fresh);
            }
        }
    }

    /// Deletes events and notes that they are gone.
    pub(super) async fn delete(
        &mut self,
        id: CalendarId,
        gone: &[(EventId, Before)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        for chunk in gone.chunks(CHUNK) {
            let noticed: Vec<Noticed> = chunk
                .iter()
                .filter_map(|(_, before)| before.event())
                .filter_map(|event| Noticed::removed(&event))
                .collect();
            event_change::append(self.conn(), id, &noticed, now).await?;
            let keys: Vec<EventKey> = chunk.iter().map(|(_, before)| before.key).collect();
            for key in &keys {
                self.fresh.remove(key);
            }
            event_search::remove(self.conn(), &keys).await?;
            external_occurrence::remove(self.conn(), id, &keys).await?;
            sqlx::query(DELETE)
                .bind(json_of(&keys))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("removing events that are gone"))?;
        }
        Ok(())
    }
}

/// Are the events of this calendar wanted, and were they asked for under its present generation?
pub(super) async fn wanted(
    conn: &mut SqliteConnection,
    id: CalendarId,
    generation: i64,
) -> Result<bool, StoreError> {
    let calendar = calendar::get(conn, id).await?;
    Ok(calendar.is_some_and(|it| (it.shown || it.busy) && it.generation == generation))
}

/// Does the calendar have events?
pub(super) async fn any(conn: &mut SqliteConnection, id: CalendarId) -> Result<bool, StoreError> {
    sqlx::query_scalar(ANY)
        .bind(id.0)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("asking whether a calendar has events"))
}

/// What is stored under these ids.
pub(super) async fn stored(
    conn: &mut SqliteConnection,
    id: CalendarId,
    ids: &[&EventId],
) -> Result<BTreeMap<EventId, Before>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(STORED)
        .bind(id.0)
        .bind(json_of(&ids))
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("looking up events"))?;
    Ok(rows.into_iter().map(Row::split).collect())
}

/// Google's ids of all stored events of a calendar.
pub(super) async fn ids(
    conn: &mut SqliteConnection,
    id: CalendarId,
) -> Result<Vec<EventId>, StoreError> {
    let ids: Vec<String> = sqlx::query_scalar(IDS)
        .bind(id.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the ids of a calendar's events"))?;
    Ok(ids.into_iter().map(EventId).collect())
}

/// All that is known of a calendar's events goes, but for the history.
pub(super) async fn clear(conn: &mut SqliteConnection, id: CalendarId) -> Result<(), StoreError> {
    event_search::remove_calendar(conn, id).await?;
    occurrence_week::clear(conn, id).await?;
    sqlx::query(CLEAR)
        .bind(id.0)
        .execute(&mut *conn)
        .await
        .map_err(StoreError::doing("removing the events of a calendar"))?;
    event_quarantine::clear(conn, id).await?;
    event_state::clear(conn, id).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    google_id: String,
    facts: i64,
    body: Vec<u8>,
}

impl Row {
    fn split(self) -> (EventId, Before) {
        let before = Before {
            key: EventKey(self.id),
            facts: self.facts,
            body: EventBody::stored(self.body),
        };
        (EventId(self.google_id), before)
    }
}

/// What was stored of an event before something is written.
#[derive(Clone, Debug)]
pub(super) struct Before {
    key: EventKey,
    facts: i64,
    body: EventBody,
}

impl Before {
    /// `None` where it cannot be read any more: what comes replaces it, and nothing can be said of
    /// what changed.
    fn event(&self) -> Option<Event> {
        serde_json::from_str(self.body.unpack().ok()?.event()).ok()
    }

    /// Of an exception, its master.
    pub(super) fn series(&self) -> Option<EventId> {
        self.event()?.series
    }
}
