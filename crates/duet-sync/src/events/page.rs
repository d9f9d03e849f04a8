//! Storing one page of a listing: its events, their occurrences, and at the end the token, in one
//! transaction.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::events::{Next, Page, parameters_hash};
use duet_model::calendar::Calendar;
use duet_model::event::{Event, EventId, EventKey, EventStatus};
use duet_model::recurrence::SeriesError;
use duet_model::verdict::Facts;
use duet_store::{
    EventBody, EventListing, Finished, NewEvent, PutEvents, StoreError, Tx, Unreadable,
};
use duet_wire::status::BlockCounts;

use super::adopt::adopt;
use super::ahead::{Ahead, First, work_ahead};
use super::items::{Sorted, sort};
use super::occurrences::{AtHand, head_of, occurrences_of_these, refresh};
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
    /// What the pages so far say is gone.
    gone: HashSet<EventId>,
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

/// Occurrences that a page calls off: how they were stored, and how many of them are gone by themselves.
#[derive(Default)]
struct CalledOff {
    inserted: usize,
    changed: usize,
    removed: usize,
}

/// What a page changed, and what is left to be worked out of it.
#[derive(Default)]
struct Changes {
    put: PutEvents,
    removed: usize,
    /// What a whole listing no longer mentions.
    gone: Vec<EventId>,
    /// Whose occurrences are to be written...
    heads: BTreeSet<EventId>,
    /// ...and what is known of them.
    at_hand: AtHand,
    unknown: Vec<(EventId, SeriesError)>,
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
            gone: HashSet::new(),
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
        let mut ahead = self.work_ahead(page).await?;
        let sorted = sort(&page.items);
        let mut pause = PAUSE;
        let mut tries = 1;
        let done = loop {
            let tried = self.try_commit(&sorted, &page.next, &mut ahead).await;
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
        self.gone.extend(sorted.gone.iter().copied().cloned());
        let off = self.called_off(&sorted, &done.put);
        tally.added += count(done.put.inserted.len() - off.inserted);
        tally.changed += count(done.put.changed.len() - off.changed);
        tally.removed += count(done.removed + off.removed);
        tally.quarantined += count(done.quarantined);
        tally.times.added += done.times.added;
        tally.times.removed += done.times.removed;
        tally.unknown.extend(done.unknown);
        Ok(done.end)
    }

    /// Of what changed, the occurrences that were called off: they are stored, because their series has to
    /// know, and to a person they are gone. Those that went with their series are nothing beside it. A
    /// whole listing says what there is, and not what became of it.
    fn called_off(&self, sorted: &Sorted<'_>, put: &PutEvents) -> CalledOff {
        let mut off = CalledOff::default();
        if !matches!(self.kind, Kind::Changes { .. }) {
            return off;
        }
        for (event, _) in &sorted.events {
            let cancelled = event.status == EventStatus::Cancelled;
            let Some(key) = put.keys.get(&event.id).filter(|_| cancelled) else {
                continue;
            };
            if put.inserted.contains(key) {
                off.inserted += 1;
            } else {
                off.changed += 1;
            }
            let with_series = event
                .series
                .as_ref()
                .is_some_and(|it| self.gone.contains(it));
            off.removed += usize::from(!with_series);
        }
        off
    }

    /// What can be known of a page of a first listing before it is written.
    async fn work_ahead(&self, page: &Arc<Page>) -> Result<Ahead, StoreError> {
        if !self.first {
            return Ok(Ahead::default());
        }
        let number = match self.kind {
            Kind::First => Some(self.means.store.number_events(page.items.len()).await?),
            _ => None,
        };
        work_ahead(page, self.calendar.id, number, self.frame).await
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
        ahead: &mut Ahead,
    ) -> Result<Committed, StoreError> {
        let now = self.means.clock.now();
        // Token and events are lost together or not at all.
        let mut tx = if self.first {
            self.means.store.write_repeatable().await?
        } else {
            self.means.store.write().await?
        };
        let mut prepared = None;
        if matches!(self.kind, Kind::First) {
            match self.begin_with_page(&mut tx).await? {
                Some(listing) => self.kind = Kind::Whole(listing),
                None => return Ok(Committed::nothing(Commit::Unwanted)),
            }
            prepared = ahead.first.take();
        }
        let first = match prepared {
            Some(first) => self.put_first(&mut tx, first).await?,
            None => None,
        };
        let mut done = match first {
            Some(done) => done,
            None => self.put_changes(&mut tx, sorted, ahead, now).await?,
        };
        if done.put.unwanted {
            return Ok(Committed::nothing(Commit::Unwanted));
        }
        self.set_aside(&mut tx, sorted, now).await?;
        let end = match next {
            Next::Page(_) => Commit::More,
            Next::Done { sync_token } => {
                let token = sync_token.as_deref();
                self.finish(&mut tx, token, &mut done, now).await?
            }
        };
        if matches!(end, Commit::Unwanted) {
            return Ok(Committed::nothing(end));
        }
        let events: Vec<&Event> = sorted.events.iter().map(|(event, _)| *event).collect();
        let gone = sorted.gone.iter().copied().chain(&done.gone).collect();
        adopt(&mut tx, self.calendar, &events, &gone, now).await?;
        let refreshed = refresh(
            &mut tx,
            self.calendar,
            self.frame,
            &done.heads,
            done.at_hand,
        );
        done.unknown.extend(refreshed.await?);
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
            put: done.put,
            removed: done.removed,
            quarantined: sorted.odd.len(),
            times,
            unknown: done.unknown,
        })
    }

    /// Stores a page that was made ready. Nothing of it can be gone: nothing is stored. `None` where
    /// something is.
    async fn put_first(&self, tx: &mut Tx, first: First) -> Result<Option<Changes>, StoreError> {
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        let Some(put) = tx.put_first_page(first.page, generation).await? else {
            return Ok(None);
        };
        let masters: Vec<EventKey> = first.unknown.iter().map(|(key, _, _)| *key).collect();
        let doubts = first.unknown.iter();
        let doubts: Vec<(EventKey, String)> = doubts
            .map(|(key, _, why)| (*key, why.to_string()))
            .collect();
        tx.replace_doubts(id, generation, &masters, &doubts).await?;
        let unknown = first.unknown.into_iter();
        Ok(Some(Changes {
            put,
            unknown: unknown.map(|(_, head, why)| (head, why)).collect(),
            ..Changes::default()
        }))
    }

    /// Stores what a page changes.
    async fn put_changes(
        &mut self,
        tx: &mut Tx,
        sorted: &Sorted<'_>,
        ahead: &Ahead,
        now: DateTime<Utc>,
    ) -> Result<Changes, StoreError> {
        let mut heads = BTreeSet::new();
        let mut survivors = Vec::new();
        let mut removed = 0;
        for id in &sorted.gone {
            survivors.extend(self.survivors(tx, id, sorted).await?);
            // Its slot is its series' again.
            let stored = tx.event_by_id(self.calendar.id, id).await?;
            heads.extend(stored.and_then(|stored| stored.event.series));
            let gone = tx
                .remove_event(self.calendar.id, self.calendar.generation, id, now)
                .await?;
            // With its exceptions it was one.
            removed += usize::from(!gone.is_empty());
        }
        let events: Vec<(&Event, &str)> = survivors
            .iter()
            .map(|it| (&it.event, it.raw.as_str()))
            .chain(sorted.events.iter().copied())
            .collect();
        let put = self.put(tx, &events, ahead, now).await?;
        if put.unwanted {
            return Ok(Changes {
                put,
                ..Changes::default()
            });
        }
        heads.extend(touched(&events, &put));
        Ok(Changes {
            at_hand: self.at_hand(tx, &events, &put, ahead).await?,
            heads,
            removed,
            put,
            ..Changes::default()
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
            let raw = tx.event_raw(stored.key).await?.unwrap_or_default();
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
        let bodies: Vec<Cow<'_, EventBody>> = events
            .iter()
            .map(|(event, raw)| {
                ahead
                    .body(&event.id)
                    .map_or_else(|| Cow::Owned(EventBody::of(event, raw)), Cow::Borrowed)
            })
            .collect();
        let new: Vec<NewEvent<'_>> = events
            .iter()
            .zip(&bodies)
            .map(|((event, _), body)| NewEvent {
                event,
                facts: Facts::of(event).code(),
                body,
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
    /// be read again. As a rule that is nearly everything.
    async fn at_hand(
        &self,
        tx: &mut Tx,
        events: &[(&Event, &str)],
        put: &PutEvents,
        ahead: &Ahead,
    ) -> Result<AtHand, StoreError> {
        let written = events
            .iter()
            .filter_map(|(event, _)| Some((*event, *put.keys.get(&event.id)?)));
        let heads: Vec<(&Event, EventKey)> = written
            .filter(|(event, _)| event.series.is_none())
            .collect();
        if heads.is_empty() {
            return Ok(AtHand::new());
        }
        let ids: Vec<&EventId> = heads.iter().map(|(event, _)| &event.id).collect();
        let with = tx.with_exceptions(self.calendar.id, &ids).await?;
        let alone = heads.into_iter().filter(|(it, _)| !with.contains(&it.id));
        let worked_out = alone.map(|(event, key)| {
            let one = ahead
                .occurrences(&event.id, key)
                .unwrap_or_else(|| occurrences_of_these(Some((key, event)), &[], self.frame));
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

    /// What comes at the end of a listing. What a whole one no longer mentions is counted in `done`,
    /// and the series that it belonged to become its heads.
    async fn finish(
        &self,
        tx: &mut Tx,
        token: Option<&str>,
        done: &mut Changes,
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
                done.removed += gone.len();
                done.gone.clone_from(&gone);
                // Exceptions that outlive their series stand for themselves from now on.
                done.heads.extend(gone);
                done.heads.extend(series);
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
