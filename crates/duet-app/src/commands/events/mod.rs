//! Duet's own events: made, changed at three scopes, deleted, put into Google and taken out of it, and
//! all of it taken back.

mod apply;
pub(crate) mod draft;
mod footprint;
mod outbox;
mod undo;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::Tier;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Link, Scope};
use duet_model::event::EventTime;
use duet_model::outbox::{Notify, mailed};
use duet_model::series::{Surgery, Table, slot_at};
use duet_model::zones::Zone;
use duet_store::StoreError;
use duet_wire::availability::When;
use duet_wire::duet_event::{Changed, EventChange, EventDraft, Place, Typed};
use duet_wire::{ErrorCode, WireError};

use self::apply::{Placing, Sending, apply};
pub(crate) use self::undo::Undo;
use crate::app::App;
use crate::words;

/// How long what mails somebody is held back, to be taken back.
pub(super) const HELD: TimeDelta = TimeDelta::seconds(8);

/// How a change is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// What mails somebody is held back for some seconds: there is a way to take it back.
    Held,
    /// At once.
    AtOnce,
}

/// What becomes of the copy in Google of an event that is deleted here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// It is deleted as well.
    Goes,
    /// It stays, and is an event of that calendar like any other.
    Stays,
}

impl App {
    /// Makes an event; its wall clock hangs in the display zone.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] with a sentence for what cannot be, [`ErrorCode::NotFound`] for a place
    /// that is not there; otherwise when the database cannot be written.
    pub async fn create_event(
        &self,
        draft: &EventDraft,
        notify: Notify,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        self.create_in(draft, &self.zone(), notify, pace).await
    }

    /// Makes an event whose wall clock hangs in a zone of the caller's choice, by its IANA name: `UTC` is
    /// the way to keep instants that the display zone's clocks cannot tell apart.
    ///
    /// # Errors
    /// As [`App::create_event`]; [`ErrorCode::Invalid`] also for a zone that nobody knows.
    pub async fn create_event_in(
        &self,
        draft: &EventDraft,
        zone: &str,
        notify: Notify,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        self.create_in(draft, &self.zone_named(zone)?, notify, pace)
            .await
    }

    async fn create_in(
        &self,
        draft: &EventDraft,
        zone: &Zone,
        notify: Notify,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        let content = draft::content(draft, zone, None)?;
        let placing = self.placing(draft.place.as_ref(), None).await?;
        let now = self.inner.host.now();
        let event = DuetEvent {
            id: DuetEventId(self.inner.host.new_id()),
            content,
            slot: None,
            cancelled: false,
            created_at: now,
            updated_at: now,
        };
        let mailed = self
            .mailed(None, Some(&event.content), placing, notify)
            .await?;
        let work = Work {
            head: event.id.clone(),
            title: event.content.title.clone(),
            surgery: Surgery {
                put: vec![event],
                delete: Vec::new(),
            },
            placing,
            mailed,
            notify,
        };
        self.carry_out(work, pace).await
    }

    /// Changes an event, or the chosen occurrences of a series.
    ///
    /// # Errors
    /// As [`App::create_event`]; [`ErrorCode::NotFound`] also when the event is gone.
    pub async fn change_event(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        self.change_in(change, draft, self.zone(), pace).await
    }

    /// Changes an event with times on the wall clock of a zone of the caller's choice, as
    /// [`App::create_event_in`] does. A series stays in its own zone.
    ///
    /// # Errors
    /// As [`App::change_event`]; [`ErrorCode::Invalid`] also for a zone that nobody knows.
    pub async fn change_event_in(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        zone: &str,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        self.change_in(change, draft, self.zone_named(zone)?, pace)
            .await
    }

    async fn change_in(
        &self,
        change: &EventChange,
        draft: &EventDraft,
        zone: Zone,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        let (home, now) = (self.zone(), self.inner.host.now());
        let series = self.stored_series(&change.id).await?;
        let link = self.stored_link(&change.id).await?;
        let slot = self.slot_at(change.slot, &series.master, &series.exceptions)?;
        let table = series.table(slot.as_ref(), self, &home, now);
        let before = table.as_ref().map_or_else(
            || series.master.content.clone(),
            |table| Content {
                recurrence: series.master.content.recurrence.clone(),
                ..table.as_it_stands()
            },
        );
        let clock = self.clock_of(&before.start);
        let said = draft::Before {
            content: &before,
            clock: &clock,
        };
        let content = draft::content(draft, &zone, Some(said))?;
        let placing = self.placing(draft.place.as_ref(), link.as_ref()).await?;
        if table.is_some() && change.scope != Scope::All && goes_elsewhere(placing, link.as_ref()) {
            return Err(WireError::new(
                ErrorCode::Invalid,
                "A series stands in one calendar with all its occurrences. Choose all of them to add it to \
                 Google Calendar, to move it or to take it out.",
            ));
        }
        let new = DuetEventId(self.inner.host.new_id());
        let surgery = match &table {
            Some(table) => table
                .change(change.scope, &content, &new)
                .map_err(|misfit| WireError::new(ErrorCode::Invalid, misfit.to_string()))?,
            None => Surgery {
                put: vec![DuetEvent {
                    content: content.clone(),
                    updated_at: now,
                    ..series.master.clone()
                }],
                delete: Vec::new(),
            },
        };
        let mailed = self
            .mailed(Some(&before), Some(&content), placing, change.notify)
            .await?;
        let work = Work {
            head: change.id.clone(),
            title: content.title,
            surgery,
            placing,
            mailed,
            notify: change.notify,
        };
        self.carry_out(work, pace).await
    }

    /// Deletes an event, or the chosen occurrences of a series.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is gone; otherwise when the database cannot be written.
    pub async fn delete_event(
        &self,
        change: &EventChange,
        copy: Copy,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        let (zone, now) = (self.zone(), self.inner.host.now());
        let series = self.stored_series(&change.id).await?;
        let slot = self.slot_at(change.slot, &series.master, &series.exceptions)?;
        let table = series.table(slot.as_ref(), self, &zone, now);
        let surgery = match &table {
            Some(table) => table.take_out(change.scope),
            None => Surgery {
                put: Vec::new(),
                delete: vec![change.id.clone()],
            },
        };
        let before = &series.master.content;
        // Only what goes altogether can leave its copy behind: of a series that goes on, one occurrence
        // is taken out wherever it stands.
        if copy == Copy::Stays && surgery.delete.contains(&change.id) {
            return self.forget_event(&series, surgery).await;
        }
        let mailed = self
            .mailed(Some(before), None, Placing::AsIs, change.notify)
            .await?;
        let work = Work {
            head: change.id.clone(),
            title: before.title.clone(),
            mailed,
            surgery,
            placing: Placing::AsIs,
            notify: change.notify,
        };
        self.carry_out(work, pace).await
    }

    /// Takes an event out of Google; here it stays, with all its occurrences.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is gone; otherwise when the database cannot be written.
    pub async fn remove_from_google(
        &self,
        id: &DuetEventId,
        notify: Notify,
        pace: Pace,
    ) -> Result<Changed, WireError> {
        let series = self.stored_series(id).await?;
        let before = series.master.content.clone();
        let mailed = self
            .mailed(Some(&before), None, Placing::AsIs, notify)
            .await?;
        let alone = DuetEvent {
            // Here alone, nobody can be invited and nobody can call.
            content: Content {
                guests: Vec::new(),
                conference: false,
                ..before
            },
            updated_at: self.inner.host.now(),
            ..series.master.clone()
        };
        let work = Work {
            head: id.clone(),
            title: alone.content.title.clone(),
            surgery: Surgery {
                put: vec![alone],
                delete: Vec::new(),
            },
            placing: Placing::Here,
            mailed,
            notify,
        };
        self.carry_out(work, pace).await
    }

    /// Deletes an event here, and forgets where it stands: its copy is an event like any other.
    async fn forget_event(&self, series: &Stored, surgery: Surgery) -> Result<Changed, WireError> {
        let id = series.master.id.clone();
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let before = undo::before(&mut tx, &id, &surgery).await?;
            for event in tx.duet_series(&id).await? {
                tx.remove_ops_of(&event.id).await?;
            }
            tx.delete_duet_event(&id).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(before)
        };
        let before = change.await.map_err(|error| words::store(&error))?;
        Ok(Changed {
            id: None,
            title: series.master.content.title.clone(),
            undo: self.remember(before, Notify::None).await,
            waits: Vec::new(),
            mailed: Vec::new(),
            held_until: None,
        })
    }

    async fn carry_out(&self, work: Work, pace: Pace) -> Result<Changed, WireError> {
        let now = self.inner.host.now();
        let holds = pace == Pace::Held && !work.mailed.is_empty();
        let not_before = if holds { now + HELD } else { now };
        let host = &self.inner.host;
        let fresh = || host.new_id();
        let sending = Sending {
            notify: work.notify,
            not_before,
            now,
            fresh: &fresh,
        };
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let before = undo::before(&mut tx, &work.head, &work.surgery).await?;
            apply(&mut tx, &work.head, &work.surgery, work.placing, &sending).await?;
            // What follows is a series of its own from now on.
            let follower = work.surgery.put.iter().rfind(|it| it.slot.is_none());
            let id = follower.map_or(&work.head, |it| &it.id);
            let stays = tx.duet_event(id).await?.map(|event| event.id);
            let mut waits = Vec::new();
            let put = work.surgery.put.iter().map(|event| &event.id);
            let all = put.chain(&work.surgery.delete).chain([&work.head]);
            for event in all.collect::<BTreeSet<_>>() {
                waits.extend(tx.ops_of(event).await?.into_iter().map(|op| op.id));
            }
            tx.commit().await?;
            Ok::<_, StoreError>((before, stays, waits))
        };
        let (before, stays, waits) = change.await.map_err(|error| words::store(&error))?;
        Ok(Changed {
            id: stays,
            title: work.title,
            undo: self.remember(before, work.notify).await,
            waits,
            mailed: work.mailed,
            held_until: holds.then_some(not_before),
        })
    }

    /// Whom Google will write to.
    async fn mailed(
        &self,
        before: Option<&Content>,
        after: Option<&Content>,
        placing: Placing,
        notify: Notify,
    ) -> Result<Vec<String>, WireError> {
        let me = match placing {
            Placing::Here if before.is_none() => return Ok(Vec::new()),
            Placing::In { calendar, .. } => self.address_of(calendar).await?,
            Placing::Here | Placing::AsIs => String::new(),
        };
        let guests = |content: Option<&Content>| {
            content.map_or_else(Vec::new, |content| content.guests.clone())
        };
        Ok(mailed(&guests(before), &guests(after), &me, notify).mailed)
    }

    async fn address_of(&self, calendar: CalendarId) -> Result<String, WireError> {
        let find = async {
            let Some(calendar) = self.inner.store.calendar(calendar).await? else {
                return Ok(None);
            };
            self.inner.store.account(calendar.account).await
        };
        let account = find
            .await
            .map_err(|error: StoreError| words::store(&error))?;
        Ok(account.map(|account| account.email).unwrap_or_default())
    }

    /// Where a draft wants its event, of which it is known where it stands now.
    async fn placing(
        &self,
        place: Option<&Place>,
        link: Option<&Link>,
    ) -> Result<Placing, WireError> {
        let Some(place) = place else {
            return Ok(Placing::Here);
        };
        let calendar = self.writable(place).await?;
        let moves = match link {
            None => true,
            Some(link) => {
                let now = self.inner.store.calendar(link.calendar).await;
                let now = now.map_err(|error| words::store(&error))?;
                now.is_none_or(|now| now.account == calendar.account)
            }
        };
        Ok(Placing::In {
            calendar: calendar.id,
            moves,
        })
    }

    /// A calendar that may be written to.
    async fn writable(&self, place: &Place) -> Result<Calendar, WireError> {
        let account = self.account(&place.account).await?;
        let invalid = |words: String| WireError::new(ErrorCode::Invalid, words);
        if account.tier != Tier::Write {
            return Err(invalid(words::outbox::may_only_read(&account.email)));
        }
        let found = self
            .inner
            .store
            .calendar_by_google_id(account.id, &place.calendar)
            .await;
        let calendar = found
            .map_err(|error| words::store(&error))?
            .ok_or_else(|| {
                WireError::new(
                    ErrorCode::NotFound,
                    format!("{} has no such calendar (any more).", account.email),
                )
            })?;
        if !calendar.access_role.can_write() {
            return Err(invalid(format!(
                "{} may not write to “{}”. Choose another calendar.",
                account.email, calendar.name
            )));
        }
        Ok(calendar)
    }

    async fn stored_series(&self, id: &DuetEventId) -> Result<Stored, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            snapshot.duet_series(id).await
        };
        let mut all = read
            .await
            .map_err(|error| words::store(&error))?
            .into_iter();
        match all.next() {
            Some(master) if master.id == *id && master.slot.is_none() => Ok(Stored {
                master,
                exceptions: all.collect(),
            }),
            _ => Err(gone()),
        }
    }

    /// The slot of the occurrence that begins then; of what happens once there is none.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where the series has no such occurrence.
    pub(crate) fn slot_at(
        &self,
        start: Option<When>,
        master: &DuetEvent,
        exceptions: &[DuetEvent],
    ) -> Result<Option<EventTime>, WireError> {
        let Some(start) = start.filter(|_| !master.content.recurrence.is_empty()) else {
            return Ok(None);
        };
        let (zone, zones) = (self.zone(), &self.inner.zones);
        let slot = slot_at(master, exceptions, &slot_of(start, master), zones, &zone);
        slot.map(Some).ok_or_else(|| {
            WireError::new(
                ErrorCode::NotFound,
                "The series has no occurrence that begins then. The agenda tells when they begin.",
            )
        })
    }

    /// The clock that a time was made on.
    fn clock_of(&self, time: &EventTime) -> Zone {
        let name = match time {
            EventTime::At { zone, .. } => zone.as_deref(),
            EventTime::Date(_) => None,
        };
        let known = name.and_then(|name| self.inner.zones.zone(name));
        known.unwrap_or_else(|| self.zone())
    }

    async fn stored_link(&self, id: &DuetEventId) -> Result<Option<Link>, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            snapshot.link(id).await
        };
        read.await.map_err(|error| words::store(&error))
    }
}

/// Is it to stand elsewhere than it does?
fn goes_elsewhere(placing: Placing, link: Option<&Link>) -> bool {
    match placing {
        Placing::AsIs => false,
        Placing::Here => link.is_some(),
        Placing::In { calendar, .. } => link.is_none_or(|link| link.calendar != calendar),
    }
}

pub(crate) fn gone() -> WireError {
    WireError::new(ErrorCode::NotFound, "That event is not there any more.")
}

/// What is to be done, decided.
struct Work {
    head: DuetEventId,
    title: String,
    surgery: Surgery,
    placing: Placing,
    mailed: Vec<String>,
    notify: Notify,
}

/// An event with its exceptions.
struct Stored {
    master: DuetEvent,
    exceptions: Vec<DuetEvent>,
}

impl Stored {
    /// The series at one of its slots; `None` for what happens once.
    fn table<'a>(
        &'a self,
        slot: Option<&'a EventTime>,
        app: &'a App,
        home: &'a Zone,
        now: DateTime<Utc>,
    ) -> Option<Table<'a>> {
        if self.master.content.recurrence.is_empty() {
            return None;
        }
        Some(Table {
            master: &self.master,
            exceptions: &self.exceptions,
            slot: slot.unwrap_or(&self.master.content.start),
            zones: &app.inner.zones,
            home,
            now,
        })
    }
}

/// A slot as it is stored: in the zone of its series.
fn slot_of(slot: When, master: &DuetEvent) -> EventTime {
    match slot {
        When::Date(day) => EventTime::Date(day),
        When::Instant(at) => EventTime::At {
            at,
            zone: match &master.content.start {
                EventTime::At { zone, .. } => zone.clone(),
                EventTime::Date(_) => None,
            },
        },
    }
}

/// A stored time as it would be typed in a zone.
pub(crate) fn typed(time: &EventTime, zone: &Zone) -> Typed {
    match time {
        EventTime::Date(day) => Typed::Date(*day),
        EventTime::At { at, .. } => Typed::Wall(zone.to_wall(*at)),
    }
}
