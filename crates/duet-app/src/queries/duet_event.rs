//! One of Duet's own events, and what waits to be sent of all of them.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use duet_model::account::{Account, FailureCode};
use duet_model::calendar::Calendar;
use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Link, LinkState};
use duet_model::event::EventTime;
use duet_model::outbox::{Deed, Op};
use duet_model::series::Table;
use duet_model::verdict::{Facts, verdict};
use duet_model::zones::Zone;
use duet_store::{EventChange, Pause, StoreError, StoredEvent};
use duet_wire::WireError;
use duet_wire::availability::When;
use duet_wire::conflict::ConflictView;
use duet_wire::duet_event::{DuetEventView, InGoogle, Place, WaitingView};
use duet_wire::event::{ChangeView, GuestView};

use super::{drawn, event};
use crate::app::App;
use crate::commands::events::draft::reminder_draft;
use crate::commands::events::{gone, typed};
use crate::picture::{Standing, rules_of};
use crate::words;
use crate::words::outbox::Wait;

/// Entries of the history that are shown.
const HISTORY_MAX: usize = 100;
/// So many weeks tell whether two clocks ever differ.
const WEEKS: i64 = 53;
/// Conflicts that are shown; the others stand in the list of all.
const CONFLICTS_MAX: usize = 5;

/// All that is read for one event.
struct Read {
    master: DuetEvent,
    exceptions: Vec<DuetEvent>,
    links: Vec<Link>,
    ops: Vec<Op>,
    pauses: Vec<Pause>,
    /// The copy in Google, as it was last listed.
    copy: Option<StoredEvent>,
    history: Vec<EventChange>,
    conflicts: Vec<ConflictView>,
    calendars: Vec<Calendar>,
    accounts: Vec<Account>,
}

impl App {
    /// One of Duet's own events; with a slot, that occurrence of a series.
    ///
    /// # Errors
    /// [`duet_wire::ErrorCode::NotFound`] where it is gone; otherwise when the database cannot be read.
    pub async fn duet_event(
        &self,
        id: &DuetEventId,
        slot: Option<When>,
    ) -> Result<DuetEventView, WireError> {
        let read = self.read_event(id, slot).await;
        let read = read
            .map_err(|error| words::store(&error))?
            .ok_or_else(gone)?;
        let settings = self.inner.store.settings().await;
        let settings = settings.map_err(|error| words::store(&error))?;
        let (zone, now) = (self.zone(), self.inner.host.now());
        let slot = self.slot_at(slot, &read.master, &read.exceptions)?;
        let says = says(self, &read, slot.as_ref(), &zone, now);
        let content = &says.content;
        let calendar = read.calendar();
        let rules = calendar.map_or_else(
            || settings.rules.clone(),
            |calendar| rules_of(std::slice::from_ref(calendar), &settings).remove(0),
        );
        let facts = Facts::of(&says.as_event(None));
        let judgement = verdict(facts, &content.title, &rules);
        let counts = calendar.is_none_or(|calendar| calendar.busy);
        let state = if counts {
            drawn::state(judgement.verdict)
        } else {
            duet_wire::availability::BlockState::Free
        };
        let lines = &read.master.content.recurrence;
        let rule = lines.iter().find_map(|line| line.strip_prefix("RRULE:"));
        Ok(DuetEventView {
            id: read.master.id.clone(),
            slot: slot.as_ref().map(drawn::slot),
            title: content.title.clone(),
            start: drawn::slot(&content.start),
            end: drawn::slot(&content.end),
            typed_start: typed(&content.start, &zone),
            typed_end: typed(&content.end, &zone),
            home: self.home_of(&content.start, !lines.is_empty(), &zone),
            location: content.location.clone(),
            notes: words::plain::text(&content.notes),
            guests: guests(content, read.copy.as_ref()),
            repeat: rule.map(str::to_owned),
            repeats: words::repeats::of_lines(lines, &read.master.content.start, &self.inner.zones),
            reminder: reminder_draft(content.reminders.as_ref()),
            reminders: words::reminders::of(&says.as_event(None))
                .into_iter()
                .map(|one| one.words)
                .collect(),
            transparent: content.transparent,
            conference: content.conference,
            google: in_google(&read, &says, &zone, now),
            state,
            rule: crate::picture::word(judgement, counts).to_owned(),
            because: match calendar {
                Some(calendar) if !counts => words::reasons::not_counting(&calendar.name),
                _ => words::reasons::judged(judgement),
            },
            history: history(&read.history, &zone, now),
            conflicts: conflicts(read.conflicts, slot.as_ref()),
        })
    }

    /// All of Duet's own events, by their first start; a series is one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn duet_events(&self) -> Result<Vec<DuetEventView>, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            snapshot.duet_events().await
        };
        let all = read.await.map_err(|error| words::store(&error))?;
        let mut views = Vec::new();
        for event in all.iter().filter(|event| event.slot.is_none()) {
            views.push(self.duet_event(&event.id, None).await?);
        }
        Ok(views)
    }

    /// What waits to be sent, in the order of sending.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn waiting(&self) -> Result<Vec<WaitingView>, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            let ops = snapshot.outbox().await?;
            let pauses = snapshot.pauses().await?;
            let calendars = snapshot.calendars().await?;
            let accounts = snapshot.accounts().await?;
            let mut events = Vec::new();
            for op in &ops {
                events.push(match &op.what.event {
                    Some(id) => snapshot.duet_event(id).await?,
                    None => None,
                });
            }
            Ok::<_, StoreError>((ops, pauses, calendars, accounts, events))
        };
        let (ops, pauses, calendars, accounts, events) =
            read.await.map_err(|error| words::store(&error))?;
        let (zone, now) = (self.zone(), self.inner.host.now());
        let find = |id| calendars.iter().find(|calendar| calendar.id == id);
        let views = ops.iter().zip(events).map(|(op, event)| {
            let calendar = find(op.what.calendar);
            let name = calendar.map_or("Google Calendar", |calendar| calendar.name.as_str());
            let to = match op.what.deed {
                Deed::Move { to } => find(to).map(|calendar| calendar.name.as_str()),
                _ => None,
            };
            let account = calendar.map(|calendar| calendar.account);
            let pause = pauses.iter().find(|pause| Some(pause.account) == account);
            let owner = accounts.iter().find(|one| Some(one.id) == account);
            let wait = Wait::of(op, op.first(&ops), owner, pause, now);
            WaitingView {
                id: op.id,
                what: words::outbox::deed(op, name, to),
                account: owner.map(|one| one.email.clone()).unwrap_or_default(),
                because: wait.because(now, &zone),
                stuck: op.stuck.is_some(),
                again: wait.again(),
                event: event.map(|event| event.head().clone()),
            }
        });
        Ok(views.collect())
    }

    async fn read_event(
        &self,
        id: &DuetEventId,
        slot: Option<When>,
    ) -> Result<Option<Read>, StoreError> {
        let mut snapshot = self.inner.store.read().await?;
        let mut all = snapshot.duet_series(id).await?.into_iter();
        let Some(master) = all.next().filter(|event| event.slot.is_none()) else {
            return Ok(None);
        };
        let exceptions: Vec<DuetEvent> = all.collect();
        let links = snapshot.links().await?;
        // The copy of the occurrence, where it has one of its own, tells who answered what.
        let stands = slot.and_then(|slot| {
            exceptions.iter().find(|one| {
                let original = one.slot.as_ref().map(|slot| &slot.original_start);
                original.map(drawn::slot) == Some(slot)
            })
        });
        let shown = stands.map_or(&master.id, |one| &one.id);
        let link = |id: &DuetEventId| links.iter().find(|link| link.event == *id);
        let link = link(shown).or_else(|| link(&master.id));
        let (mut copy, mut history) = (None, Vec::new());
        if let Some(link) = link
            && let Some(external) = &link.external
        {
            copy = snapshot.event_by_id(link.calendar, external).await?;
            history = snapshot.history_of(link.calendar, external).await?;
        }
        let conflicts = snapshot.conflicts_of(&master.id).await?;
        let conflicts = self.conflict_views(&mut snapshot, &conflicts).await?;
        Ok(Some(Read {
            conflicts,
            ops: snapshot.outbox().await?,
            pauses: snapshot.pauses().await?,
            calendars: snapshot.calendars().await?,
            accounts: snapshot.accounts().await?,
            master,
            exceptions,
            links,
            copy,
            history,
        }))
    }

    /// Where an event is at home, if that is elsewhere: where the clocks show another time then, or, of
    /// what repeats, at any time of the year.
    fn home_of(
        &self,
        start: &EventTime,
        repeats: bool,
        zone: &Zone,
    ) -> Option<(String, NaiveDateTime)> {
        let EventTime::At {
            at,
            zone: Some(name),
        } = start
        else {
            return None;
        };
        let home = self.inner.zones.zone(name)?;
        let differs = |at: DateTime<Utc>| home.to_wall(at) != zone.to_wall(at);
        let weeks = if repeats { WEEKS } else { 1 };
        let elsewhere = (0..weeks).any(|week| differs(*at + TimeDelta::weeks(week)));
        elsewhere.then(|| (home.name().to_owned(), home.to_wall(*at)))
    }
}

impl Read {
    fn link(&self) -> Option<&Link> {
        self.links.iter().find(|link| link.event == self.master.id)
    }

    fn calendar(&self) -> Option<&Calendar> {
        let link = self.link()?;
        self.calendars.iter().find(|it| it.id == link.calendar)
    }
}

/// The event, or the chosen occurrence as an event by itself.
fn says(
    app: &App,
    read: &Read,
    slot: Option<&EventTime>,
    zone: &Zone,
    now: DateTime<Utc>,
) -> DuetEvent {
    let Some(slot) = slot else {
        return read.master.clone();
    };
    let table = Table {
        master: &read.master,
        exceptions: &read.exceptions,
        slot,
        zones: &app.inner.zones,
        home: zone,
        now,
    };
    let stands = read.exceptions.iter().find(|one| {
        let original = one.slot.as_ref().map(|slot| &slot.original_start);
        original.map(drawn::slot) == Some(drawn::slot(slot))
    });
    DuetEvent {
        content: table.as_it_stands(),
        ..stands.unwrap_or(&read.master).clone()
    }
}

fn in_google(read: &Read, says: &DuetEvent, zone: &Zone, now: DateTime<Utc>) -> Option<InGoogle> {
    let calendar = read.calendar()?;
    let standing = Standing::of(&read.links, &read.ops);
    let ops = standing.ops(&says.id);
    let waits = ops.iter().find(|op| op.stuck.is_some()).or(ops.first());
    let pause = read.pauses.iter().find(|it| it.account == calendar.account);
    let account = read.accounts.iter().find(|it| it.id == calendar.account)?;
    let copy = read.copy.as_ref().map(|copy| &copy.event);
    let https = |link: Option<&String>| link.filter(|link| event::is_https(link)).cloned();
    Some(InGoogle {
        place: Place {
            account: account.email.clone(),
            calendar: calendar.google_id.clone(),
        },
        calendar_name: calendar.name.clone(),
        color: calendar.color.clone(),
        badge: standing.badge(says)?,
        because: match waits {
            Some(op) => {
                let first = op.first(&read.ops);
                Wait::of(op, first, Some(account), pause, now).because(now, zone)
            }
            None => "It says the same there and here.".to_owned(),
        },
        there: is_there(read, &standing),
        stuck: waits.filter(|op| op.stuck.is_some()).map(|op| op.id),
        copy: read.copy.as_ref().map(|copy| copy.key),
        conference: https(copy.and_then(|copy| copy.conference.as_ref())),
        link: https(copy.and_then(|copy| copy.link.as_ref())),
    })
}

/// Is the event at Google, as far as is known? Of a series, the series.
fn is_there(read: &Read, standing: &Standing<'_>) -> bool {
    let is_synced = |link: &Link| link.state == LinkState::Synced;
    let was_deleted = standing.ops(&read.master.id).iter().any(|op| {
        let stuck = op.stuck.as_ref();
        stuck.is_some_and(|stuck| stuck.code == FailureCode::NotFound)
    });
    read.link().is_some_and(is_synced) && !was_deleted
}

/// Who is invited; what they answered is what the copy in Google last said.
fn guests(content: &Content, copy: Option<&StoredEvent>) -> Vec<GuestView> {
    let answered = copy.map_or(&[][..], |copy| &copy.event.attendees);
    let guests = content.guests.iter().map(|guest| {
        let there = answered.iter().find(|one| {
            let email = one.person.email.as_deref();
            email.is_some_and(|email| guest.is(email))
        });
        GuestView {
            name: guest.name.clone().unwrap_or_else(|| guest.email.clone()),
            email: Some(guest.email.clone()),
            response: there.map_or(duet_model::event::Response::NeedsAction, |it| it.response),
            me: false,
            optional: guest.optional,
            resource: false,
        }
    });
    guests.collect()
}

/// The latest few; of an occurrence its own, and those of the whole series.
fn conflicts(all: Vec<ConflictView>, slot: Option<&EventTime>) -> Vec<ConflictView> {
    let slot = slot.map(drawn::slot);
    let about = all
        .into_iter()
        .filter(|one| slot.is_none() || one.slot.is_none() || one.slot == slot);
    about.take(CONFLICTS_MAX).collect()
}

fn history(history: &[EventChange], zone: &Zone, now: DateTime<Utc>) -> Vec<ChangeView> {
    let today = zone.to_wall(now).date();
    let views = history.iter().take(HISTORY_MAX).map(|change| ChangeView {
        noticed_at: change.noticed_at,
        what: words::changes::sentences(change, zone, today),
    });
    views.filter(|change| !change.what.is_empty()).collect()
}
