//! Answering invitations of others: yes, maybe or no, to an event, a series or one occurrence. The
//! answer is one operation in the outbox and nothing else: it holds here as long as it waits there
//! (`picture/answers.rs`), and what Google says is never written over.

use chrono::{DateTime, Utc};
use duet_model::account::{Account, Tier};
use duet_model::calendar::Calendar;
use duet_model::event::{Event, EventKey, EventStatus, EventTime, Person, Response};
use duet_model::outbox::{Deed, NewOp, Notify, Op, OpId, Target};
use duet_store::{OccurrenceTime, StoreError, StoredEvent, Tx};
use duet_wire::availability::When;
use duet_wire::invitation::Answered;
use duet_wire::{ErrorCode, WireError};

use super::events::{HELD, Pace};
use crate::app::App;
use crate::picture::Answers;
use crate::queries::{around, said};
use crate::words;

impl App {
    /// Answers an invitation: with `occurrence` that one alone, else the event with all its
    /// occurrences; those that were changed by themselves where they were not answered yet. What the answer was before takes one back that was not sent yet.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for an event or an occurrence that is not there, [`ErrorCode::Invalid`]
    /// with a sentence where it cannot be answered; otherwise when the database cannot be written.
    pub async fn respond(
        &self,
        key: EventKey,
        occurrence: Option<When>,
        response: Response,
        pace: Pace,
    ) -> Result<Answered, WireError> {
        let found = self.invitation(key, occurrence.is_some()).await;
        let found = found.map_err(|error| words::store(&error))?;
        let Invitation {
            meant,
            calendar,
            account,
            answers,
        } = found.ok_or_else(crate::queries::event_gone)?;
        let asked = Asked {
            event: &meant.event,
            calendar: &calendar,
            account: &account,
        };
        if !asked.is_invited() {
            return Err(invalid("Nobody else invites you to this event."));
        }
        if let Some(why) = asked.why_not() {
            return Err(invalid(why));
        }
        let slot = match occurrence {
            Some(start) if meant.event.is_master() => {
                Some(self.slot(meant.key, said(start)).await?)
            }
            _ => None,
        };
        let time = time_of(&meant.event, slot.as_ref());
        let waiting = time.and_then(|time| answers.to(meant.key, &time));
        let before = waiting.map_or(meant.event.my_response, |(response, _)| Some(response));
        let now = self.inner.host.now();
        let holds = pace == Pace::Held;
        let not_before = if holds { now + HELD } else { now };
        let series = occurrence.is_none() && meant.event.is_master();
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let new = operation(&meant, slot, response, not_before);
            let main = put(&mut tx, new, meant.event.my_response, before, now).await?;
            let Some(waits) = main else {
                return Ok(None);
            };
            if series {
                let all = tx.series(meant.calendar, &meant.event.id).await?;
                for one in all.exceptions.iter().filter(|it| is_unanswered(it, now)) {
                    let new = operation(one, None, response, not_before);
                    // Of what is on its way already nothing is taken back.
                    put(&mut tx, new, one.event.my_response, None, now).await?;
                }
            }
            tx.commit().await?;
            Ok::<_, StoreError>(Some(waits))
        };
        let waits = change.await.map_err(|error| words::store(&error))?;
        let waits = waits.ok_or_else(|| {
            invalid("An answer can be changed, and not be taken back: it is on its way already.")
        })?;
        Ok(Answered {
            key: meant.key,
            title: meant.event.title.clone(),
            account: account.email.clone(),
            response,
            before: before.unwrap_or(Response::NeedsAction),
            series,
            organizer: meant.event.organizer.as_ref().and_then(name_of),
            held_until: (holds && waits.is_some()).then_some(not_before),
            waits,
        })
    }

    /// What an answer is about: of an exception of a series that was invited to as a whole, the series,
    /// unless it is meant alone. `None` where the event is gone.
    async fn invitation(
        &self,
        key: EventKey,
        alone: bool,
    ) -> Result<Option<Invitation>, StoreError> {
        let mut snapshot = self.inner.store.read().await?;
        let Some(stored) = snapshot.event(key).await? else {
            return Ok(None);
        };
        let master = match &stored.event.series {
            Some(master) if !alone => snapshot.event_by_id(stored.calendar, master).await?,
            _ => None,
        };
        let meant = master
            .filter(|master| master.event.my_response.is_some())
            .unwrap_or(stored);
        let calendars = snapshot.calendars().await?;
        let calendar = calendars.into_iter().find(|it| it.id == meant.calendar);
        let accounts = snapshot.accounts().await?;
        let answers = Answers::read(&mut snapshot).await?;
        Ok(calendar.and_then(|calendar| {
            let account = accounts.into_iter().find(|it| it.id == calendar.account)?;
            Some(Invitation {
                meant,
                calendar,
                account,
                answers,
            })
        }))
    }

    /// The slot of a series at which an occurrence stands that says nothing of its own.
    async fn slot(&self, key: EventKey, start: EventTime) -> Result<EventTime, WireError> {
        let picture = self.picture(around(&start, &self.zone())).await?;
        let mut events = picture.events.iter();
        if events.any(|one| one.key == key && one.time.starts_at(&start)) {
            return Ok(start);
        }
        Err(WireError::new(
            ErrorCode::NotFound,
            "The series has no such occurrence (any more).",
        ))
    }
}

/// Queues an answer, or takes out what waits where that is all it comes to; answers what waits then.
/// `stored` is the answer that Google has, `before` the one that holds here where it is another's.
/// `None` where something is to be unsaid that is on its way already.
async fn put(
    tx: &mut Tx,
    new: NewOp,
    stored: Option<Response>,
    before: Option<Response>,
    now: DateTime<Utc>,
) -> Result<Option<Option<OpId>>, StoreError> {
    let Deed::Respond { response } = new.deed else {
        return Ok(None);
    };
    let mut waiting = tx.ops_of_thread(&new.thread).await?;
    waiting.retain(|op| op.what.target == new.target);
    let unsent = |op: &Op| !op.sent || op.stuck.is_some();
    if stored == Some(response)
        && let [op] = waiting.as_slice()
        && unsent(op)
    {
        // As if nothing had been said.
        tx.remove_op(op.id).await?;
        return Ok(Some(None));
    }
    if response == Response::NeedsAction {
        return Ok(None);
    }
    let last = waiting.last();
    let said = last.map(|op| op.what.deed.clone());
    let holds = match (&said, before) {
        (Some(deed), _) => *deed == new.deed,
        (None, before) => before.or(stored) == Some(response),
    };
    if holds {
        return Ok(Some(last.map(|op| op.id)));
    }
    Ok(Some(tx.queue(new, None, now).await?))
}

/// Was an exception of a series not answered yet, and is to come? Then it is answered with its series.
fn is_unanswered(exception: &StoredEvent, now: DateTime<Utc>) -> bool {
    let event = &exception.event;
    let is_to_come = match &event.end {
        EventTime::At { at, .. } => *at > now,
        EventTime::Date(day) => *day > now.date_naive(),
    };
    let waits = event.my_response == Some(Response::NeedsAction);
    waits && is_to_come && event.status != EventStatus::Cancelled
}

/// What is answered, with all that decides whether it can be.
struct Invitation {
    meant: StoredEvent,
    calendar: Calendar,
    account: Account,
    answers: Answers,
}

/// An event that somebody may have to answer.
pub(crate) struct Asked<'a> {
    pub(crate) event: &'a Event,
    pub(crate) calendar: &'a Calendar,
    pub(crate) account: &'a Account,
}

impl Asked<'_> {
    /// Is the person of the account invited to it, by somebody else?
    pub(crate) fn is_invited(&self) -> bool {
        let event = self.event;
        let is = |person: &Person, address: &str| {
            let email = person.email.as_deref();
            email.is_some_and(|email| email.eq_ignore_ascii_case(address))
        };
        let (email, calendar) = (&self.account.email, &self.calendar.google_id);
        let mut own = event.attendees.iter().filter(|guest| guest.me).peekable();
        // In a calendar of somebody else it is they who are asked.
        let is_asked = self.calendar.primary
            || own.peek().is_some() && own.all(|guest| is(&guest.person, email));
        let organizer = event.organizer.as_ref();
        let is_own = organizer.is_some_and(|it| is(it, email) || is(it, calendar));
        let takes_place = event.status != EventStatus::Cancelled;
        event.my_response.is_some() && is_asked && !is_own && takes_place
    }

    /// Why it cannot be answered from here, and what helps.
    pub(crate) fn why_not(&self) -> Option<String> {
        if self.account.tier != Tier::Write {
            return Some(words::outbox::may_only_read(&self.account.email));
        }
        (!self.calendar.access_role.can_write()).then(|| {
            format!(
                "{} may not write to “{}”. Answer in Google Calendar.",
                self.account.email, self.calendar.name
            )
        })
    }
}

/// A person as one speaks of them.
pub(crate) fn name_of(person: &Person) -> Option<String> {
    person.name.clone().or_else(|| person.email.clone())
}

/// When it is: the event, or its occurrence at a slot.
fn time_of(event: &Event, slot: Option<&EventTime>) -> Option<OccurrenceTime> {
    let (start, end) = match slot {
        Some(slot) => (slot, slot),
        None => (&event.start, &event.end),
    };
    OccurrenceTime::between(start, end)
}

/// What is to be sent. A series and its occurrences are one thread: what was said first arrives first.
fn operation(
    meant: &StoredEvent,
    slot: Option<EventTime>,
    response: Response,
    not_before: DateTime<Utc>,
) -> NewOp {
    let event = &meant.event;
    let head = event.series.as_ref().unwrap_or(&event.id);
    NewOp {
        thread: format!("answer {} {}", meant.calendar.0, head.0),
        event: None,
        calendar: meant.calendar,
        title: event.title.clone(),
        target: match slot {
            Some(original_start) => Target::Occurrence {
                series: event.id.clone(),
                original_start,
            },
            None => Target::Event(event.id.clone()),
        },
        deed: Deed::Respond { response },
        // From a guest's copy Google tells the organizer alone (GOOGLE.md 5).
        notify: Notify::All,
        not_before,
    }
}

fn invalid(words: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::Invalid, words)
}
