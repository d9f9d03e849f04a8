//! The first page of a calendar of which nothing is stored: nothing has to be looked up, so all that
//! is to be written can be made ready before the writer is taken, while it writes another calendar's.
//!
//! Of a first sync that is nearly everything, and the writer is what it waits for.

use std::collections::BTreeMap;

use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventKey, EventStatus};
use duet_model::topic::Topic;

use super::{NewEvent, PutEvents, any, wanted, write};
use crate::error::StoreError;
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::occurrence_week::{Edit, Entry, Slot};
use crate::table::rows::{self, Statement};
use crate::table::{event_search, event_times, occurrence_week};
use crate::tx::Tx;

/// A first page with all its occurrences, ready to be written.
pub struct FirstPage {
    calendar: CalendarId,
    inserted: Vec<EventKey>,
    events: Vec<Statement>,
    words: Vec<Statement>,
    times: Vec<Statement>,
    weeks: Vec<Statement>,
}

impl FirstPage {
    /// Makes a page ready: events of different ids, each under a number that was set aside for it by
    /// [`Store::number_events`](crate::Store::number_events), ascending; and in any order all the
    /// occurrences they have within the calendar's horizon. Those of cancelled events are ignored.
    ///
    /// # Errors
    /// Where the calendar's own number is none that Duet gives.
    pub fn new(
        calendar: CalendarId,
        events: &[(EventKey, NewEvent<'_>)],
        occurrences: &[(EventKey, OccurrenceTime)],
    ) -> Result<Self, StoreError> {
        let takes_place = events
            .iter()
            .filter(|(_, new)| new.event.status != EventStatus::Cancelled);
        let found: Vec<(EventKey, &Event)> = takes_place
            .clone()
            .map(|(key, new)| (*key, new.event))
            .collect();
        let by_key: BTreeMap<EventKey, &NewEvent<'_>> =
            takes_place.map(|(key, new)| (*key, new)).collect();
        let mut slots: BTreeMap<EventKey, Vec<Slot>> = BTreeMap::new();
        for (key, time) in occurrences {
            if by_key.contains_key(key) {
                slots.entry(*key).or_default().push(time.slot());
            }
        }
        let mut edit = Edit::default();
        for (key, slots) in &mut slots {
            slots.sort_unstable();
            slots.dedup();
            let new = by_key[key];
            for slot in slots {
                edit.put(Entry {
                    slot: *slot,
                    event: key.0,
                    facts: new.facts,
                    title: &new.event.title,
                });
            }
        }
        let times: Vec<(EventKey, &[Slot])> = slots
            .iter()
            .map(|(key, slots)| (*key, slots.as_slice()))
            .collect();
        Ok(Self {
            calendar,
            inserted: events.iter().map(|(key, _)| *key).collect(),
            events: write::statements(calendar, events),
            words: event_search::statement(&found).into_iter().collect(),
            times: event_times::statements(&times),
            weeks: occurrence_week::statements_for_new(calendar, edit)?,
        })
    }
}

impl Tx {
    /// Stores a first page. `None` where events of the calendar are stored already, so that it is
    /// none: put it with [`Tx::put_events`] then.
    pub async fn put_first_page(
        &mut self,
        page: FirstPage,
        generation: i64,
    ) -> Result<Option<PutEvents>, StoreError> {
        let mut done = PutEvents::default();
        if !wanted(self.conn(), page.calendar, generation).await? {
            done.unwanted = true;
            return Ok(Some(done));
        }
        if any(self.conn(), page.calendar).await? {
            return Ok(None);
        }
        rows::run(self.conn(), page.events, write::STORING).await?;
        rows::run(self.conn(), page.words, event_search::INDEXING).await?;
        rows::run(self.conn(), page.weeks, occurrence_week::STORING).await?;
        rows::run(self.conn(), page.times, event_times::STORING).await?;
        done.inserted = page.inserted;
        self.touch(Topic::Events);
        Ok(Some(done))
    }
}
