//! Duet's own events: made, changed at three scopes, deleted, put into Google and taken out of it, and
//! all of it taken back.

mod apply;
mod carry;
pub(crate) mod draft;
mod footprint;
mod outbox;
mod plan;
mod restore;
mod undo;
mod undone;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::Tier;
use duet_model::calendar::Calendar;
use duet_model::duet_event::{DuetEvent, DuetEventId, Link};
use duet_model::event::EventTime;
use duet_model::outbox::Notify;
use duet_model::series::{Table, slot_at};
use duet_model::zones::Zone;
use duet_wire::availability::When;
use duet_wire::duet_event::{Changed, EventChange, EventDraft, Place, Typed};
use duet_wire::{ErrorCode, WireError};

use self::apply::Placing;
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

impl Copy {
    /// As the switch "Keep it in Google Calendar" says.
    pub(crate) fn of(keep: bool) -> Self {
        if keep { Self::Stays } else { Self::Goes }
    }
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
        let zone = self.zone();
        let work = self.plan_new(draft, &zone, notify).await?;
        self.carry_out(work, pace).await
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
        let work = self
            .plan_new(draft, &self.zone_named(zone)?, notify)
            .await?;
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
        let zone = self.zone();
        let work = self.plan_change(change, draft, &zone).await?;
        self.carry_out(work, pace).await
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
        let work = self
            .plan_change(change, draft, &self.zone_named(zone)?)
            .await?;
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
        let work = self.plan_deletion(change, copy).await?;
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
        let work = self.plan_withdrawal(id, notify).await?;
        self.carry_out(work, pace).await
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

pub(crate) fn gone() -> WireError {
    WireError::new(ErrorCode::NotFound, "That event is not there any more.")
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
