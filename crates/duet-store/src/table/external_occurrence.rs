//! `external_occurrences`: when the stored events take place, replaced event by event, by
//! difference. Read by `views::occurrences`.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::{EventKey, EventTime};
use duet_model::topic::Topic;
use serde::Serialize;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{DAY_MILLIS, json_of, time_millis};
use crate::table::{external_event, statements};
use crate::tx::Tx;

/// How many rows travel in one statement.
const CHUNK: usize = 4096;

/// The class of the longest occurrences: 2^21 days are 5741 years.
pub(crate) const LONGEST: u32 = 21;

statements! {
    STORED = "SELECT all_day, class, start_at, event_id, end_at FROM external_occurrences
        WHERE event_id IN (SELECT value FROM json_each(?2)) AND calendar_id = ?1";
    DELETE = "DELETE FROM external_occurrences
        WHERE (all_day, class, start_at, event_id, end_at) IN (
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
            FROM json_each(?1))";
    // CROSS JOIN, so that each row looks its event up, and not the other way round.
    INSERT = "INSERT OR IGNORE INTO external_occurrences
            (all_day, class, start_at, event_id, end_at, calendar_id, line)
        SELECT value ->> 0, value ->> 1, value ->> 2, event.id, value ->> 4, event.calendar_id,
            concat_ws(' ', value ->> 0, value ->> 2, value ->> 4, event.id, event.calendar_id,
                event.facts, octet_length(event.title), event.title)
        FROM json_each(?2) CROSS JOIN external_events AS event
        WHERE event.id = value ->> 3 AND event.calendar_id = ?1 AND event.cancelled = 0";
    // What the rows repeat of their events.
    REPEAT = "UPDATE external_occurrences SET line = fresh.line
        FROM (SELECT o.all_day, o.class, o.start_at, o.event_id, o.end_at,
                  concat_ws(' ', o.all_day, o.start_at, o.end_at, o.event_id, o.calendar_id,
                      event.facts, octet_length(event.title), event.title) AS line
              FROM json_each(?1) AS one
              CROSS JOIN external_events AS event ON event.id = one.value
              CROSS JOIN external_occurrences AS o ON o.event_id = event.id) AS fresh
        WHERE (external_occurrences.all_day, external_occurrences.class,
               external_occurrences.start_at, external_occurrences.event_id,
               external_occurrences.end_at)
            = (fresh.all_day, fresh.class, fresh.start_at, fresh.event_id, fresh.end_at)
          AND external_occurrences.line <> fresh.line";
}

/// When something takes place. Ends are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OccurrenceTime {
    /// At a time of day. The end is the start where the server says so.
    At {
        /// The first instant.
        start: DateTime<Utc>,
        /// The first instant after it.
        end: DateTime<Utc>,
    },
    /// On whole days, wherever one is.
    Days {
        /// The first day.
        first: NaiveDate,
        /// The first day after it.
        until: NaiveDate,
    },
}

impl OccurrenceTime {
    /// `None` where one is a day and the other an instant.
    pub fn between(start: &EventTime, end: &EventTime) -> Option<Self> {
        match (start, end) {
            (EventTime::At { at: start, .. }, EventTime::At { at: end, .. }) => Some(Self::At {
                start: *start,
                end: *end,
            }),
            (EventTime::Date(first), EventTime::Date(until)) => Some(Self::Days {
                first: *first,
                until: *until,
            }),
            _ => None,
        }
    }

    /// As it is read again once it is stored: in whole milliseconds, rounded outwards, and not before
    /// its start.
    #[must_use]
    pub fn as_stored(self) -> Self {
        let (start, end) = self.millis();
        let read = |millis| DateTime::from_timestamp_millis(millis);
        match (self, read(start), read(end)) {
            (Self::At { .. }, Some(start), Some(end)) => Self::At { start, end },
            (Self::Days { .. }, Some(start), Some(end)) => Self::Days {
                first: start.date_naive(),
                until: end.date_naive(),
            },
            _ => self,
        }
    }

    fn is_all_day(&self) -> bool {
        matches!(self, Self::Days { .. })
    }

    /// In whole milliseconds, rounded outwards; of whole days their midnights as if in UTC. An end
    /// before the start is taken for it, and what lasts for more than 2^21 days ends with them.
    fn millis(&self) -> (i64, i64) {
        let (start, end) = match *self {
            Self::At { start, end } => {
                let cut = end > start && !end.timestamp_subsec_nanos().is_multiple_of(1_000_000);
                let end = end + TimeDelta::milliseconds(i64::from(cut));
                (start.timestamp_millis(), end.timestamp_millis())
            }
            Self::Days { first, until } => (
                time_millis(&EventTime::Date(first)),
                time_millis(&EventTime::Date(until)),
            ),
        };
        (start, end.clamp(start, start + (DAY_MILLIS << LONGEST)))
    }
}

/// The smallest class whose occurrences may be as long as `length`, in milliseconds.
fn class_of(length: i64) -> u32 {
    (0..LONGEST)
        .find(|class| length <= DAY_MILLIS << class)
        .unwrap_or(LONGEST)
}

/// What replacing occurrences changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplacedOccurrences {
    /// Occurrences that were not there before.
    pub added: usize,
    /// Occurrences that are no longer there.
    pub removed: usize,
    /// The calendar's events are no longer wanted: nothing was written.
    pub unwanted: bool,
}

/// A row's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, sqlx::FromRow)]
struct Key {
    all_day: i64,
    class: i64,
    start_at: i64,
    event_id: i64,
    end_at: i64,
}

impl Key {
    fn of(event: EventKey, time: &OccurrenceTime) -> Self {
        let (start_at, end_at) = time.millis();
        Self {
            all_day: i64::from(time.is_all_day()),
            class: i64::from(class_of(end_at - start_at)),
            start_at,
            event_id: event.0,
            end_at,
        }
    }

    fn columns(&self) -> [i64; 5] {
        [
            self.all_day,
            self.class,
            self.start_at,
            self.event_id,
            self.end_at,
        ]
    }
}

impl Tx {
    /// Makes `rows`, in any order, all the occurrences of `events`, within the calendar's horizon.
    /// Only differences are written. Rows of other events, of other calendars' or of cancelled ones
    /// are ignored.
    pub async fn replace_occurrences(
        &mut self,
        id: CalendarId,
        generation: i64,
        events: &[EventKey],
        rows: &[(EventKey, OccurrenceTime)],
    ) -> Result<ReplacedOccurrences, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(ReplacedOccurrences {
                unwanted: true,
                ..ReplacedOccurrences::default()
            });
        }
        let of: BTreeSet<EventKey> = events.iter().copied().collect();
        let fresh: BTreeSet<Key> = rows
            .iter()
            .filter(|(event, _)| of.contains(event))
            .map(|(event, time)| Key::of(*event, time))
            .collect();
        let stored: Vec<Key> = sqlx::query_as(STORED)
            .bind(id.0)
            .bind(json_of(&of))
            .fetch_all(self.conn())
            .await
            .map_err(StoreError::doing("reading the occurrences of events"))?;
        let stored: BTreeSet<Key> = stored.into_iter().collect();
        let remove: Vec<[i64; 5]> = stored.difference(&fresh).map(Key::columns).collect();
        let add: Vec<[i64; 5]> = fresh.difference(&stored).map(Key::columns).collect();
        for chunk in remove.chunks(CHUNK) {
            sqlx::query(DELETE)
                .bind(json_of(&chunk))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("removing occurrences that are gone"))?;
        }
        let mut added = 0;
        for chunk in add.chunks(CHUNK) {
            added += sqlx::query(INSERT)
                .bind(id.0)
                .bind(json_of(&chunk))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("storing new occurrences"))?
                .rows_affected();
        }
        if added > 0 || !remove.is_empty() {
            self.touch(Topic::Events);
        }
        Ok(ReplacedOccurrences {
            added: usize::try_from(added).unwrap_or(usize::MAX),
            removed: remove.len(),
            unwanted: false,
        })
    }
}

/// Makes the rows of these events say again what the events say.
pub(super) async fn repeat(
    conn: &mut SqliteConnection,
    events: &[EventKey],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(REPEAT)
        .bind(json_of(&events))
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing(
            "telling occurrences what their events say",
        ))
}

#[cfg(test)]
mod tests;
