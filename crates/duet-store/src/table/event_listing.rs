//! Whole listings of a calendar's events: what they no longer mention goes when they are finished,
//! and not before; one that lacks too much is not believed at once (TRUST.md F16, I12).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::EventId;
use duet_model::topic::Topic;

use crate::error::StoreError;
use crate::table::{event_quarantine, event_state, external_event};
use crate::tx::Tx;

/// Fewer events than this may always go.
const FEW: usize = 10;

/// More than one event in this many may not go at once.
const ONE_IN: usize = 10;

/// A whole listing that is under way: which events it has mentioned so far.
///
/// It lives in memory and not in the rows, so that a listing of what is there already writes
/// nothing. One that is interrupted is begun anew; what it had stored stays, and is then found to
/// be unchanged.
#[derive(Debug)]
pub struct EventListing {
    calendar: CalendarId,
    generation: i64,
    number: i64,
    parameters: String,
    refreshes: bool,
    /// Nothing was stored of the calendar when it began: nothing can be missing in it.
    all_new: bool,
    /// With whether this listing brought it.
    seen: BTreeMap<EventId, bool>,
}

impl EventListing {
    /// Which calendar is listed.
    pub fn calendar(&self) -> CalendarId {
        self.calendar
    }

    pub(super) fn refreshes(&self) -> bool {
        self.refreshes
    }

    pub(super) fn see(&mut self, event: &EventId, is_new: bool) {
        if self.all_new {
            return;
        }
        match self.seen.get_mut(event) {
            // What a first page brought is there when a second one repeats it.
            Some(new) => *new |= is_new,
            None => {
                self.seen.insert(event.clone(), is_new);
            }
        }
    }
}

/// What came of finishing a whole listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is what the calendar says now.
    Done {
        /// The events it no longer mentions, which are gone.
        removed: Vec<EventId>,
        /// The masters of the exceptions among them: their slots are their series' again.
        series: BTreeSet<EventId>,
    },
    /// It lacks so many events that it is more likely wrong than true: nothing was removed and no
    /// token stored, only the doubt was noted. Commit, list again after a while, and call
    /// [`Tx::finish_listing_anyway`] where that says the same.
    Doubtful {
        /// How many events it lacks.
        missing: usize,
        /// How many were there before it.
        of: usize,
        /// Since when the calendar's listings are doubted.
        since: DateTime<Utc>,
    },
    /// The calendar is gone, neither shown nor counting, of another generation, or listed by
    /// somebody else meanwhile: nothing was written.
    Unwanted,
}

/// What a finished listing lacks of what was stored.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lack {
    missing: Vec<EventId>,
    /// How many were there before the listing.
    of: usize,
}

impl Lack {
    fn of(stored: Vec<EventId>, seen: &BTreeMap<EventId, bool>) -> Self {
        let mut lack = Self::default();
        for id in stored {
            match seen.get(&id) {
                Some(true) => {}
                Some(false) => lack.of += 1,
                None => {
                    lack.of += 1;
                    lack.missing.push(id);
                }
            }
        }
        lack
    }

    fn is_doubtful(&self) -> bool {
        self.missing.len() >= FEW && self.missing.len() * ONE_IN > self.of
    }
}

impl Tx {
    /// Begins to list all events of a calendar, with a request that `parameters` stands for, and
    /// forgets the token of the listing before. Pages are then put with [`Tx::put_events`], each in
    /// a transaction of its own if need be. `None` where the calendar's events are not wanted.
    pub async fn begin_listing(
        &mut self,
        id: CalendarId,
        generation: i64,
        parameters: &str,
    ) -> Result<Option<EventListing>, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(None);
        }
        let all_new = !external_event::any(self.conn(), id).await?;
        let (number, before) = event_state::begin(self.conn(), id).await?;
        self.touch(Topic::Events);
        Ok(Some(EventListing {
            calendar: id,
            generation,
            number,
            refreshes: before != parameters,
            parameters: parameters.to_owned(),
            all_new,
            seen: BTreeMap::new(),
        }))
    }

    /// Ends a whole listing, all pages of which were put: what it did not mention goes, and the
    /// token for what changes from now on is stored, where the server gave one. Refuses to remove
    /// more than one event in ten at once, if that is ten or more.
    pub async fn finish_listing(
        &mut self,
        listing: &EventListing,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Finished, StoreError> {
        let Some(lack) = self.lack(listing).await? else {
            return Ok(Finished::Unwanted);
        };
        if lack.is_doubtful() {
            self.touch(Topic::Events);
            return Ok(Finished::Doubtful {
                missing: lack.missing.len(),
                of: lack.of,
                since: event_state::doubt(self.conn(), listing.calendar, now).await?,
            });
        }
        self.settle(listing, lack, token, now).await
    }

    /// As [`Tx::finish_listing`], however much the listing lacks.
    pub async fn finish_listing_anyway(
        &mut self,
        listing: &EventListing,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Finished, StoreError> {
        match self.lack(listing).await? {
            Some(lack) => self.settle(listing, lack, token, now).await,
            None => Ok(Finished::Unwanted),
        }
    }

    /// `None` where the listing is no longer wanted.
    async fn lack(&mut self, listing: &EventListing) -> Result<Option<Lack>, StoreError> {
        let id = listing.calendar;
        if !external_event::wanted(self.conn(), id, listing.generation).await?
            || event_state::listing_number(self.conn(), id).await? != listing.number
        {
            return Ok(None);
        }
        if listing.all_new {
            return Ok(Some(Lack::default()));
        }
        let stored = external_event::ids(self.conn(), id).await?;
        Ok(Some(Lack::of(stored, &listing.seen)))
    }

    async fn settle(
        &mut self,
        listing: &EventListing,
        lack: Lack,
        token: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Finished, StoreError> {
        let id = listing.calendar;
        let ids: Vec<&EventId> = lack.missing.iter().collect();
        let gone = external_event::stored(self.conn(), id, &ids).await?;
        let gone: Vec<_> = gone.into_iter().collect();
        let series = gone.iter().filter_map(|(_, before)| before.series());
        let series = series.collect();
        self.delete(id, &gone, now).await?;
        event_quarantine::sweep(self.conn(), id, listing.number).await?;
        event_state::finish(self.conn(), id, token, &listing.parameters, now).await?;
        self.touch(Topic::Events);
        Ok(Finished::Done {
            removed: lack.missing,
            series,
        })
    }
}

#[cfg(test)]
mod tests;
