//! One event: what it says, how it counts and why, and what was noticed to change.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_model::calendar::Calendar;
use duet_model::event::{Attendee, Event, EventKey, EventTime, Response};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};
use duet_store::{EventChange, OccurrenceTime, Pause, StoredEvent};
use duet_wire::availability::When;
use duet_wire::event::{ChangeView, EventPage, EventView, GuestView, WaitingAnswer};
use duet_wire::{ErrorCode, WireError};

use super::drawn;
use crate::app::App;
use crate::commands::responding::{Asked, name_of};
use crate::picture::{Occurring, Picture};
use crate::words;
use crate::words::outbox::Wait;

/// Guests that are listed; the rest is counted as omitted.
const GUESTS_MAX: usize = 500;
/// Entries of the history that are shown.
const HISTORY_MAX: usize = 100;

impl App {
    /// An event with its history. `start` says which occurrence is looked at; without it, or where
    /// none starts then, the event's own times are told.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where the event is gone; otherwise when the database cannot be read.
    pub async fn event(&self, key: EventKey, start: Option<When>) -> Result<EventView, WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            let Some(stored) = snapshot.event(key).await? else {
                return Ok(None);
            };
            let history = snapshot.history(key).await?;
            // An exception says nothing of the rule; its master does.
            let master = match &stored.event.series {
                Some(master) => snapshot.event_by_id(stored.calendar, master).await?,
                None => None,
            };
            Ok(Some((stored, history, master)))
        };
        let found = read.await.map_err(|error| words::store(&error))?;
        let (stored, history, master) = found.ok_or_else(gone)?;
        let zone = self.zone();
        let time = start.map_or_else(|| stored.event.start.clone(), said);
        let picture = self.picture(around(&time, &zone)).await?;
        let occurring = picture
            .events
            .iter()
            .find(|one| one.key == key && one.time.starts_at(&time));
        let index = picture
            .calendars
            .iter()
            .position(|it| it.id == stored.calendar);
        let index = index.ok_or_else(gone)?;
        let lines = master
            .as_ref()
            .map_or(&stored.event, |master| &master.event);
        let repeats = words::repeats::of_lines(&lines.recurrence, &lines.start, &self.inner.zones);
        let pauses = self.inner.store.pauses().await;
        let pauses = pauses.map_err(|error| words::store(&error))?;
        Ok(Shown {
            zones: &self.inner.zones,
            picture: &picture,
            calendar: index,
            stored: &stored,
            zone: &zone,
            pauses: &pauses,
        }
        .view(occurring, repeats, &history))
    }
}

impl App {
    /// Opens a page that belongs to an event in the system's browser: the address that is stored,
    /// if it is one that a browser may be sent to.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where the event or the page is gone; otherwise when the database
    /// cannot be read or the browser not be opened.
    pub async fn open_event_page(&self, key: EventKey, page: EventPage) -> Result<(), WireError> {
        let read = async {
            let mut snapshot = self.inner.store.read().await?;
            snapshot.event(key).await
        };
        let stored = read.await.map_err(|error| words::store(&error))?;
        let event = stored.ok_or_else(gone)?.event;
        let address = match page {
            EventPage::Google => event.link,
            EventPage::Conference => event.conference,
        };
        let address = address.filter(|link| is_https(link)).ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, "This event has no such page any more.")
        })?;
        self.inner.host.open_url(&address).map_err(words::failed)
    }
}

pub(crate) fn gone() -> WireError {
    WireError::new(
        ErrorCode::NotFound,
        "This event is gone; it was removed in Google, or its calendar is no longer shown.",
    )
}

/// A start as the model has it.
pub(crate) fn said(start: When) -> EventTime {
    match start {
        When::Instant(at) => EventTime::At { at, zone: None },
        When::Date(date) => EventTime::Date(date),
    }
}

/// A moment's span around a start, wide enough to find what starts there.
pub(crate) fn around(time: &EventTime, zone: &Zone) -> Interval {
    let start = match time {
        EventTime::At { at, .. } => *at,
        EventTime::Date(date) => zone.day(*date).start,
    };
    Interval {
        start,
        end: start + TimeDelta::minutes(1),
    }
}

/// An event in its picture.
struct Shown<'a> {
    zones: &'a ZoneDb,
    picture: &'a Picture,
    calendar: usize,
    stored: &'a StoredEvent,
    zone: &'a Zone,
    pauses: &'a [Pause],
}

impl Shown<'_> {
    fn view(
        &self,
        occurring: Option<&Occurring>,
        repeats: Option<String>,
        history: &[EventChange],
    ) -> EventView {
        let event = &self.stored.event;
        let calendar: &Calendar = &self.picture.calendars[self.calendar];
        let own = OccurrenceTime::between(&event.start, &event.end);
        let time = occurring
            .map(|one| one.time)
            .or(own)
            .unwrap_or(OccurrenceTime::At {
                start: self.picture.now,
                end: self.picture.now,
            });
        let (start, end) = drawn::when(&time);
        let (wall_start, wall_end) = drawn::walls(&time, self.zone);
        let judged = self.judged(occurring, time);
        let (state, rule) = drawn::state_of(self.picture, &judged);
        let account = self.picture.accounts.get(&calendar.account);
        let asked = account.map(|account| Asked {
            event,
            calendar,
            account,
        });
        let asked = asked.filter(Asked::is_invited);
        let respond_because = asked.as_ref().and_then(Asked::why_not);
        let today = self.zone.to_wall(self.picture.now).date();
        EventView {
            key: self.stored.key,
            title: drawn::title(&event.title, calendar),
            start,
            end,
            wall_start,
            wall_end,
            home: self.home(&event.start, &time),
            calendar: calendar.google_id.clone(),
            calendar_name: calendar.name.clone(),
            color: calendar.color.clone(),
            account: self.picture.email(calendar).unwrap_or_default().to_owned(),
            location: event.location.clone().filter(|place| !place.is_empty()),
            description: event
                .description
                .as_deref()
                .map(words::plain::text)
                .filter(|text| !text.is_empty()),
            organizer: event.organizer.as_ref().and_then(name_of),
            guests: event
                .attendees
                .iter()
                .take(GUESTS_MAX)
                .filter_map(|attendee| guest(attendee, judged.facts.response))
                .collect(),
            guests_omitted: event.attendees_omitted || event.attendees.len() > GUESTS_MAX,
            my_response: judged.facts.response,
            can_respond: asked.is_some() && respond_because.is_none(),
            respond_because,
            answer: self.waiting(&time),
            conference: event.conference.clone().filter(|link| is_https(link)),
            link: event.link.clone().filter(|link| is_https(link)),
            repeats,
            reminders: words::reminders::of(event),
            visibility: event.visibility,
            event_type: event.event_type,
            state,
            rule: rule.to_owned(),
            because: because(self.picture, &judged, rule),
            as_of: self.picture.known[self.calendar].as_of,
            history: history
                .iter()
                .take(HISTORY_MAX)
                .map(|change| self.change(change, today))
                .filter(|change| !change.what.is_empty())
                .collect(),
        }
    }

    /// The answer that waits to be sent.
    fn waiting(&self, time: &OccurrenceTime) -> Option<WaitingAnswer> {
        let (_, op) = self.picture.answers.to(self.stored.key, time)?;
        let first = self.picture.answers.before(op);
        let account = self.picture.calendars[self.calendar].account;
        let pause = self.pauses.iter().find(|pause| pause.account == account);
        let owner = self.picture.accounts.get(&account);
        Some(WaitingAnswer {
            id: op.id,
            stuck: op.stuck.is_some(),
            because: Wait::of(op, first, owner, pause, self.picture.now)
                .because(self.picture.now, self.zone),
        })
    }

    /// The event judged, also where none of its occurrences was found.
    fn judged(&self, occurring: Option<&Occurring>, time: OccurrenceTime) -> Occurring {
        if let Some(one) = occurring {
            return one.clone();
        }
        let event: &Event = &self.stored.event;
        let facts = self.picture.answers.over(
            self.stored.key,
            &time,
            duet_model::verdict::Facts::of(event),
        );
        let rules = &self.picture.rules[self.calendar];
        Occurring {
            key: self.stored.key,
            calendar: self.calendar,
            time,
            start: DateTime::<Utc>::UNIX_EPOCH,
            end: DateTime::<Utc>::UNIX_EPOCH,
            title: event.title.as_str().into(),
            facts,
            judgement: duet_model::verdict::verdict(facts, &event.title, rules),
        }
    }

    /// Where the event is at home, if that is elsewhere: its zone and when it starts there.
    fn home(
        &self,
        said: &EventTime,
        time: &OccurrenceTime,
    ) -> Option<(String, chrono::NaiveDateTime)> {
        let (
            EventTime::At {
                zone: Some(name), ..
            },
            OccurrenceTime::At { start, .. },
        ) = (said, time)
        else {
            return None;
        };
        let home = self.zones.zone(name)?;
        let there = home.to_wall(*start);
        (there != self.zone.to_wall(*start)).then(|| (home.name().to_owned(), there))
    }

    fn change(&self, change: &EventChange, today: NaiveDate) -> ChangeView {
        ChangeView {
            noticed_at: change.noticed_at,
            what: words::changes::sentences(change, self.zone, today),
        }
    }
}

/// Why an event makes of its time what it does.
pub(crate) fn because(picture: &Picture, event: &Occurring, rule: &str) -> String {
    let calendar = &picture.calendars[event.calendar];
    match rule {
        "stale" | "failing" => {
            words::reasons::of_calendar(rule, picture.known[event.calendar].failure.as_ref())
        }
        "not_counting" => words::reasons::not_counting(&calendar.name),
        _ => words::reasons::judged(event.judgement),
    }
}

/// A guest; of the person of the account what they answered last.
fn guest(attendee: &Attendee, own: Option<Response>) -> Option<GuestView> {
    Some(GuestView {
        name: name_of(&attendee.person)?,
        email: attendee.person.email.clone(),
        response: own.filter(|_| attendee.me).unwrap_or(attendee.response),
        me: attendee.me,
        optional: attendee.optional,
        resource: attendee.resource,
    })
}

/// Only such addresses are offered to be opened: an event comes from anybody.
pub(crate) fn is_https(link: &str) -> bool {
    link.starts_with("https://") && !link.chars().any(|c| c.is_control() || c.is_whitespace())
}
