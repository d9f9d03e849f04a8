//! When the stored events take place, replaced event by event, by difference: what is to be in
//! `event_times` and in `occurrence_week`. Read by `views::occurrences`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::{EventKey, EventTime};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{DAY_MILLIS, Origin, json_of, time_millis};
use crate::table::event_times;
use crate::table::occurrence_week::{self, Edit, Entry, Slot};
use crate::table::{external_event, statements};
use crate::tx::{Fresh, Tx};

/// The longest that anything lasts: 2^21 days are 5741 years.
const LONGEST_MILLIS: i64 = DAY_MILLIS << 21;

statements! {
    // What an occurrence repeats of its event, and when it takes place until now.
    STORED = "SELECT event.id, event.calendar_id, event.facts, event.title, event.cancelled,
            coalesce(own.times, x'') AS times
        FROM json_each(?1) AS one
        CROSS JOIN external_events AS event ON event.id = one.value
        LEFT JOIN external_event_times AS own ON own.event_id = event.id";
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

    /// Does it begin then?
    pub fn starts_at(&self, time: &EventTime) -> bool {
        match (self, time) {
            (Self::At { start, .. }, EventTime::At { at, .. }) => start == at,
            (Self::Days { first, .. }, EventTime::Date(date)) => first == date,
            _ => false,
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

    /// As it is stored.
    pub(super) fn slot(self) -> Slot {
        let (start, end) = self.millis();
        Slot {
            start,
            end,
            all_day: matches!(self, Self::Days { .. }),
        }
    }

    /// In whole milliseconds, rounded outwards; of whole days their midnights as if in UTC. An end
    /// before the start is taken for it, and what lasts for more than 2^21 days ends with them.
    pub(crate) fn millis(&self) -> (i64, i64) {
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
        (start, end.clamp(start, start + LONGEST_MILLIS))
    }
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

/// An event of which occurrences are to be written, as it is stored.
#[derive(sqlx::FromRow)]
struct Stored {
    id: i64,
    calendar_id: i64,
    facts: i64,
    title: String,
    cancelled: bool,
    times: Vec<u8>,
}

impl Stored {
    fn times(&self) -> Result<Vec<Slot>, StoreError> {
        event_times::unpack(self.id, &self.times)
    }

    fn facts(&self) -> Result<u32, StoreError> {
        let origin = Origin {
            table: "external_events",
            key: &self.id,
        };
        u32::try_from(self.facts).map_err(|error| origin.broken("facts", error.to_string()))
    }
}

impl From<(EventKey, Fresh)> for Stored {
    fn from((key, fresh): (EventKey, Fresh)) -> Self {
        Self {
            id: key.0,
            calendar_id: fresh.calendar.0,
            facts: i64::from(fresh.facts),
            title: fresh.title,
            cancelled: false,
            times: Vec::new(),
        }
    }
}

async fn stored(
    conn: &mut SqliteConnection,
    events: &[EventKey],
) -> Result<Vec<Stored>, StoreError> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    sqlx::query_as(STORED)
        .bind(json_of(&events))
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading when events take place"))
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
        let mut fresh: BTreeMap<EventKey, BTreeSet<Slot>> = BTreeMap::new();
        for (event, time) in rows {
            fresh.entry(*event).or_default().insert(time.slot());
        }
        let mut stored = Vec::with_capacity(events.len());
        let mut others = Vec::new();
        for key in events {
            match self.fresh.remove(key) {
                Some(fresh) => stored.push(Stored::from((*key, fresh))),
                None => others.push(*key),
            }
        }
        stored.extend(self::stored(self.conn(), &others).await?);
        let mut edit = Edit::default();
        let mut times: BTreeMap<EventKey, Vec<Slot>> = BTreeMap::new();
        let mut done = ReplacedOccurrences::default();
        for one in stored.iter().filter(|it| it.calendar_id == id.0) {
            let key = EventKey(one.id);
            let before = one.times()?;
            let after: Vec<Slot> = match fresh.get(&key) {
                Some(slots) if !one.cancelled => slots.iter().copied().collect(),
                _ => Vec::new(),
            };
            if before == after || times.contains_key(&key) {
                continue;
            }
            let kept = after
                .iter()
                .filter(|slot| before.binary_search(slot).is_ok())
                .count();
            done.added += after.len() - kept;
            done.removed += before.len() - kept;
            let facts = one.facts()?;
            before.iter().for_each(|slot| edit.touch(*slot));
            for slot in &after {
                edit.put(Entry {
                    slot: *slot,
                    event: one.id,
                    facts,
                    title: &one.title,
                });
            }
            edit.without.insert(key);
            times.insert(key, after);
        }
        occurrence_week::write(self.conn(), id, &edit).await?;
        let times = times.iter().map(|(key, slots)| (*key, slots.as_slice()));
        event_times::write(self.conn(), times).await?;
        if done.added > 0 || done.removed > 0 {
            self.touch(Topic::Events);
        }
        Ok(done)
    }
}

/// Makes the weeks say again what these events say, as they are stored now.
pub(super) async fn repeat(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    events: &[EventKey],
) -> Result<(), StoreError> {
    let stored = stored(conn, events).await?;
    let mut edit = Edit::default();
    for one in &stored {
        let facts = one.facts()?;
        for slot in one.times()? {
            edit.put(Entry {
                slot,
                event: one.id,
                facts,
                title: &one.title,
            });
        }
        edit.without.insert(EventKey(one.id));
    }
    occurrence_week::write(conn, calendar, &edit).await
}

/// Takes events out of their weeks, before they go.
pub(super) async fn remove(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    events: &[EventKey],
) -> Result<(), StoreError> {
    let mut edit = Edit::default();
    for one in stored(conn, events).await? {
        one.times()?.into_iter().for_each(|slot| edit.touch(slot));
        edit.without.insert(EventKey(one.id));
    }
    occurrence_week::write(conn, calendar, &edit).await
}

#[cfg(test)]
mod tests;
