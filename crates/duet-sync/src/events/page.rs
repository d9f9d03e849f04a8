//! Storing one page of a listing: its events, their occurrences, and at the end the token, in one
//! transaction.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::events::{Next, Page, parameters_hash};
use duet_model::calendar::Calendar;
use duet_model::event::{Event, EventId, EventKey, EventStatus};
use duet_model::recurrence::SeriesError;
use duet_model::verdict::Facts;
use duet_store::{EventListing, Finished, NewEvent, PutEvents, StoreError, Tx, Unreadable};
use duet_wire::status::BlockCounts;

use super::ahead::{Ahead, work_ahead};
use super::items::{Sorted, sort};
use super::occurrences::{AtHand, head_of, occurrences_alone, refresh};
use super::{EventTally, Frame, Of, failure, trouble};
use crate::decide::CalendarTrouble;
use crate::pull::{Means, Told, try_again_if_busy};

/// A second listing that lacks as much as a first one is believed when it comes this much later
/// (TRUST.md F16).
const CONFIRM_AFTER: TimeDelta = TimeDelta::seconds(60);
/// How often a page is stored anew when another process has the database, and how long the first wait
/// is; each is up to twice as long as the one before.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// A listing under way.
pub(super) struct Run<'a> {
    means: &'a Means<'a>,
    calendar: &'a Calendar,
    frame: &'a Frame<'a>,
    told: Option<&'a Told>,
    kind: Kind<'a>,
    /// The exceptions that earlier pages brought and that take place.
    brought: HashSet<EventId>,
    /// Was nothing stored of the calendar before?
    first: bool,
}

enum Kind<'a> {
    /// What changed since a token.
    Changes { token: &'a str },
    /// Everything.
    Whole(EventListing),
    /// Everything, of a calendar of which nothing is stored. It begins together with its first page:
    /// two commits less for each calendar of a first sync, each of which waits for the disk.
    First,
}

/// How a listing goes on after a page.
pub(super) enum Commit {
    /// With the next page.
    More,
    /// It is complete.
    Done,
    /// Nobody wants it any more; of this page nothing was written.
    Unwanted,
    /// It lacks too much; nothing was removed.
    Doubted(CalendarTrouble),
}

/// What storing a page did. Counted only once it is stored.
struct Committed {
    end: Commit,
    put: PutEvents,
    removed: usize,
    quarantined: usize,
    times: BlockCounts,
    unknown: Vec<(EventId, SeriesError)>,
}

impl Committed {
    fn nothing(end: Commit) -> Self {
        Self {
            end,
            put: PutEvents::default(),
            removed: 0,
            quarantined: 0,
            times: BlockCounts::default(),
            unknown: Vec::new(),
        }
    }
}

/// An exception that outlives its series, with what was sent of it.
struct Survivor {
    event: Event,
    raw: String,
}

impl<'a> Run<'a> {
    /// Begins to list what changed since `token`, or everything. `None` where the calendar's events
    /// are not wanted.
    pub(super) async fn begin(
        means: &'a Means<'a>,
        of: Of<'a>,
        token: Option<&'a str>,
    ) -> Result<Option<Self>, StoreError> {
        let Of {
            calendar,
            frame,
            told,
            first,
        } = of;
        let kind = match token {
            Some(token) => Some(Kind::Changes { token }),
            None if first => Some(Kind::First),
            None => try_again_if_busy(means.entropy, || async {
                let mut tx = means.store.write().await?;
                let listing = tx
                    .begin_listing(calendar.id, calendar.generation, &parameters_hash())
                    .await?;
                tx.commit().await?;
                Ok(listing)
            })
            .await?
            .map(Kind::Whole),
        };
        Ok(kind.map(|kind| Self {
            means,
            calendar,
            frame,
            told,
            kind,
            brought: HashSet::new(),
            first,
        }))
    }

    /// Stores a page, and with the last one what comes at the end of a listing.
    pub(super) async fn commit(
        &mut self,
        page: &Arc<Page>,
        tally: &mut EventTally,
    ) -> Result<Commit, StoreError> {
        if self.says_nothing_new(page) {
            return Ok(match page.next {
                Next::Page(_) => Commit::More,
                Next::Done { .. } => Commit::Done,
            });
        }
        let first = matches!(self.kind, Kind::First);
        let ahead = if self.first {
            work_ahead(page, self.calendar.id, first, self.frame).await
        } else {
            Ahead::default()
        };
        let sorted = sort(&page.items);
        let mut pause = PAUSE;
        let mut tries = 1;
        let done = loop {
            let tried = self.try_commit(&sorted, &page.next, &ahead).await;
            if first && tried.is_err() {
                // What had begun was rolled back with the page.
                self.kind = Kind::First;
            }
            match tried {
                Err(error) if error.is_busy() && tries < TRIES => {
                    tokio::time::sleep(pause.mul_f64(self.means.entropy.unit())).await;
                    pause *= 2;
                    tries += 1;
                }
                done => break done?,
            }
        };
        let takes_place = |event: &&Event| event.status != EventStatus::Cancelled;
        let exceptions = sorted.events.iter().map(|(event, _)| *event);
        self.brought.extend(
            exceptions
                .filter(|event| event.series.is_some())
                .filter(takes_place)
                .map(|event| event.id.clone()),
        );
        tally.added += count(done.put.inserted.len());
        tally.changed += count(done.put.changed.len());
        tally.removed += count(done.removed);
        tally.quarantined += count(done.quarantined);
        tally.times.added += done.times.added;
        tally.times.removed += done.times.removed;
        tally.unknown.extend(done.unknown);
        Ok(done.end)
    }

    /// Nothing changed since the token: nothing is written, not even the same token again.
    fn says_nothing_new(&self, page: &Page) -> bool {
        let Kind::Changes { token } = self.kind else {
            return false;
        };
        let same_token = match &page.next {
            Next::Page(_) | Next::Done { sync_token: None } => true,
            Next::Done {
                sync_token: Some(new),
            } => new == token,
        };
        page.items.is_empty() && same_token
    }

    async fn try_commit(
        &mut self,
        sorted: &Sorted<'_>,
        next: &Next,
        ahead: &Ahead,
    ) -> Result<Committed, StoreError> {
        let now = self.means.clock.now();
        // Token and events are lost together or not at all.
        let mut tx = if self.first {
            self.means.store.write_repeatable().await?
        } else {
            self.means.store.write().await?
        };
        let begins = matches!(self.kind, Kind::First);
        if begins {
            match self.begin_with_page(&mut tx).await? {
                Some(listing) => self.kind = Kind::Whole(listing),
                None => return Ok(Committed::nothing(Commit::Unwanted)),
            }
        }
        let mut heads = BTreeSet::new();
        let mut survivors = Vec::new();
        let mut removed = 0;
        for id in &sorted.gone {
            survivors.extend(self.survivors(&mut tx, id, sorted).await?);
            // Its slot is its series' again.
            let stored = tx.event_by_id(self.calendar.id, id).await?;
            heads.extend(stored.and_then(|stored| stored.event.series));
            let gone = tx
                .remove_event(self.calendar.id, self.calendar.generation, id, now)
                .await?;
            removed += gone.len();
        }
        let events: Vec<(&Event, &str)> = survivors
            .iter()
            .map(|it| (&it.event, it.raw.as_str()))
            .chain(sorted.events.iter().copied())
            .collect();
        let put = self.put(&mut tx, &events, ahead, now).await?;
        if put.unwanted {
            return Ok(Committed::nothing(Commit::Unwanted));
        }
        heads.extend(touched(&events, &put));
        let at_hand = self.at_hand(&mut tx, &events, &put, ahead, begins).await?;
        self.set_aside(&mut tx, sorted, now).await?;
        let end = match next {
            Next::Page(_) => Commit::More,
            Next::Done { sync_token } => {
                let token = sync_token.as_deref();
                self.finish(&mut tx, token, &mut heads, &mut removed, now)
                    .await?
            }
        };
        if matches!(end, Commit::Unwanted) {
            return Ok(Committed::nothing(end));
        }
        let unknown = refresh(&mut tx, self.calendar, self.frame, &heads, at_hand).await?;
        let times = match (self.told, &end) {
            (Some(told), Commit::More | Commit::Done) => {
                let last = matches!(end, Commit::Done);
                told.put(&mut tx, last, now).await?
            }
            _ => BlockCounts::default(),
        };
        tx.commit().await?;
        Ok(Committed {
            end,
            put,
            removed: removed - survivors.len(),
            quarantined: sorted.odd.len(),
            times,
            unknown,
        })
    }

    /// Begins a first listing, and promises that its occurrences reach as far as the frame says. `None`
    /// where the calendar is not wanted, or another process has begun meanwhile.
    async fn begin_with_page(&self, tx: &mut Tx) -> Result<Option<EventListing>, StoreError> {
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        if tx.event_state(id).await?.is_some() {
            return Ok(None);
        }
        let listing = tx.begin_listing(id, generation, &parameters_hash()).await?;
        tx.set_horizon(id, generation, &self.frame.horizon).await?;
        Ok(listing)
    }

    /// The exceptions that would go with a series although an earlier page of this very listing
    /// brought them: a guest may be invited to one occurrence of a series that is gone for them.
    async fn survivors(
        &self,
        tx: &mut Tx,
        gone: &EventId,
        sorted: &Sorted<'_>,
    ) -> Result<Vec<Survivor>, StoreError> {
        if self.brought.is_empty() {
            return Ok(Vec::new());
        }
        let mut survivors = Vec::new();
        for stored in tx.series(self.calendar.id, gone).await?.exceptions {
            let id = &stored.event.id;
            let said_again = sorted.events.iter().any(|(event, _)| event.id == *id);
            if !self.brought.contains(id) || sorted.gone.contains(id) || said_again {
                continue;
            }
            // Committed with an earlier page, so that a reader sees it.
            let mut snapshot = self.means.store.read().await?;
            let raw = snapshot.event_raw(stored.key).await?.unwrap_or_default();
            survivors.push(Survivor {
                event: stored.event,
                raw,
            });
        }
        Ok(survivors)
    }

    async fn put(
        &mut self,
        tx: &mut Tx,
        events: &[(&Event, &str)],
        ahead: &Ahead,
        now: DateTime<Utc>,
    ) -> Result<PutEvents, StoreError> {
        let new: Vec<NewEvent<'_>> = events
            .iter()
            .map(|(event, raw)| NewEvent {
                event,
                facts: Facts::of(event).code(),
                raw,
                form: ahead.form(&event.id),
            })
            .collect();
        let listing = match &mut self.kind {
            Kind::Whole(listing) => Some(listing),
            Kind::Changes { .. } | Kind::First => None,
        };
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        tx.put_events(id, generation, &new, listing, now).await
    }

    /// What was put and has no exceptions: all there is to know of it came with this page, and need not
    /// be read again. As a rule that is nearly everything; where a listing begins it is all.
    async fn at_hand(
        &self,
        tx: &mut Tx,
        events: &[(&Event, &str)],
        put: &PutEvents,
        ahead: &Ahead,
        begins: bool,
    ) -> Result<AtHand, StoreError> {
        let calendar = self.calendar.id;
        let written = events
            .iter()
            .filter_map(|(event, _)| Some((*event, *put.keys.get(&event.id)?)));
        if begins {
            let mut at_hand = AtHand::new();
            for (event, _) in written {
                let head = head_of(event);
                if !at_hand.contains_key(head)
                    && let Some(one) = ahead.occurrences(head, &put.keys)
                {
                    let master = put.keys.get(head).copied();
                    at_hand.insert(head.clone(), (master, one));
                }
            }
            return Ok(at_hand);
        }
        let heads: Vec<(&Event, EventKey)> = written
            .filter(|(event, _)| event.series.is_none())
            .collect();
        if heads.is_empty() {
            return Ok(AtHand::new());
        }
        let ids: Vec<&EventId> = heads.iter().map(|(event, _)| &event.id).collect();
        let with = tx.with_exceptions(calendar, &ids).await?;
        let alone = heads.into_iter().filter(|(it, _)| !with.contains(&it.id));
        let worked_out = alone.map(|(event, key)| {
            let one = ahead
                .occurrences(&event.id, &put.keys)
                .unwrap_or_else(|| occurrences_alone(calendar, key, event, self.frame));
            (event.id.clone(), (Some(key), one))
        });
        Ok(worked_out.collect())
    }

    async fn set_aside(
        &mut self,
        tx: &mut Tx,
        sorted: &Sorted<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        for odd in &sorted.odd {
            let listing = match &mut self.kind {
                Kind::Whole(listing) => Some(listing),
                Kind::Changes { .. } | Kind::First => None,
            };
            let event = Unreadable {
                id: odd.id,
                why: odd.why,
                raw: odd.raw,
            };
            tx.put_quarantined(id, generation, event, listing, now)
                .await?;
        }
        Ok(())
    }

    /// What comes at the end of a listing. What a whole one no longer mentions goes into `removed`,
    /// and the series that it belonged to into `heads`.
    async fn finish(
        &self,
        tx: &mut Tx,
        token: Option<&str>,
        heads: &mut BTreeSet<EventId>,
        removed: &mut usize,
        now: DateTime<Utc>,
    ) -> Result<Commit, StoreError> {
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        let listing = match &self.kind {
            Kind::Changes { .. } => {
                if let Some(token) = token {
                    tx.set_event_token(id, generation, token).await?;
                }
                return Ok(Commit::Done);
            }
            // Nothing has begun that could end.
            Kind::First => return Ok(Commit::Unwanted),
            Kind::Whole(listing) => listing,
        };
        let mut finished = tx.finish_listing(listing, token, now).await?;
        if let Finished::Doubtful { since, .. } = finished
            // A clock that was set back must not keep what is gone for ever.
            && (now - since).abs() >= CONFIRM_AFTER
        {
            finished = tx.finish_listing_anyway(listing, token, now).await?;
        }
        match finished {
            Finished::Done {
                removed: gone,
                series,
            } => {
                *removed += gone.len();
                // Exceptions that outlive their series stand for themselves from now on.
                heads.extend(gone);
                heads.extend(series);
                Ok(Commit::Done)
            }
            Finished::Doubtful { missing, of, .. } => {
                let trouble = trouble::doubtful(missing, of);
                let failure = failure(self.means, &trouble);
                tx.mark_events_failed(id, generation, failure).await?;
                tracing::warn!(calendar = id.0, missing, of, "a listing is not believed");
                Ok(Commit::Doubted(trouble))
            }
            Finished::Unwanted => Ok(Commit::Unwanted),
        }
    }
}

/// The heads under which the events stand that were put and were not there just like that.
fn touched(events: &[(&Event, &str)], put: &PutEvents) -> BTreeSet<EventId> {
    let written = events
        .iter()
        .filter(|(event, _)| put.keys.contains_key(&event.id));
    written.map(|(event, _)| head_of(event).clone()).collect()
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
