//! Carrying one operation out: reading what is there, deciding what is left to do, doing it.

use std::collections::BTreeSet;

use duet_google::Error;
use duet_google::events::{
    Found, Mark, Refused, Resource, changed_body, new_body, own_answer_body,
};
use duet_model::account::FailureCode;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::duet_event::{Content, Field, Link, merge};
use duet_model::event::{EventId, Response};
use duet_model::outbox::{Deed, Op, Seen, Target};
use duet_store::{StoreError, Tx};

use crate::pull::{Ask, Failed};

/// How often what is changed at Google under one's hands is read anew.
const TRIES: u32 = 3;

/// An operation with what carrying it out takes.
pub(super) struct Job {
    pub(super) op: Op,
    /// The calendar it stands in.
    pub(super) calendar: Calendar,
    /// Where it is moved to.
    to: Option<String>,
    /// What is known of it there.
    pub(super) link: Option<Link>,
    /// What marks it as Duet's.
    mark: Option<Mark>,
}

impl Job {
    /// Looks up what carrying the operation out takes. `name` is for an installation that has none.
    /// `None` where a calendar is gone.
    pub(super) async fn of(
        tx: &mut Tx,
        op: Op,
        calendars: &[Calendar],
        name: &str,
    ) -> Result<Option<Self>, StoreError> {
        let find = |id: CalendarId| calendars.iter().find(|calendar| calendar.id == id);
        let Some(calendar) = find(op.what.calendar) else {
            return Ok(None);
        };
        let to = match op.what.deed {
            Deed::Move { to } => match find(to) {
                Some(to) => Some(to.google_id.clone()),
                None => return Ok(None),
            },
            _ => None,
        };
        let (mut link, mut mark) = (None, None);
        if let Some(event) = &op.what.event {
            link = tx.link(event).await?;
            mark = Some(Mark {
                event: event.clone(),
                install: tx.installation(name).await?,
            });
        }
        Ok(Some(Self {
            op,
            calendar: calendar.clone(),
            to,
            link,
            mark,
        }))
    }

    pub(super) fn is_about(&self, id: EventId) -> Self {
        let mut op = self.op.clone();
        op.what.target = Target::Event(id);
        Self {
            op,
            calendar: self.calendar.clone(),
            to: self.to.clone(),
            link: self.link.clone(),
            mark: self.mark.clone(),
        }
    }
}

/// What an operation led to.
pub(super) enum Outcome {
    /// The event is at Google like this.
    There {
        resource: Box<Resource>,
        /// Where both sides had changed the same thing.
        clash: Option<Box<Clash>>,
    },
    /// The invitation has the person's answer.
    Answered {
        resource: Box<Resource>,
        /// Was it given just now? Else it was there already.
        written: bool,
    },
    /// It is not at Google any more.
    Gone,
    /// It is there still, and no longer Duet's to delete.
    Theirs,
}

/// Two versions that cannot both be.
pub(super) struct Clash {
    pub(super) fields: BTreeSet<Field>,
    pub(super) base: Content,
    pub(super) mine: Content,
    pub(super) theirs: Content,
}

/// Why an operation was not carried out.
pub(super) enum Missed {
    /// A request failed.
    Failed(Failed),
    /// Only the person can say how it goes on.
    Stuck(Box<Refusal>),
    /// The id belongs to an event that is not Duet's.
    Taken,
    /// The database failed.
    Store(StoreError),
}

/// What a person has to decide.
pub(super) struct Refusal {
    pub(super) code: FailureCode,
    /// Why, and what they can do, as sentences.
    pub(super) why: &'static str,
    /// What trying again is to do, where that is something else now.
    pub(super) restated: Option<Deed>,
}

impl From<Failed> for Missed {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn stuck(code: FailureCode, why: &'static str) -> Missed {
    Missed::Stuck(Box::new(Refusal {
        code,
        why,
        restated: None,
    }))
}

/// It was deleted in Google.
fn deleted() -> Missed {
    stuck(
        FailureCode::NotFound,
        "It was deleted there. Try again to add it anew, or discard the change.",
    )
}

/// Too many people to be written back.
fn refused(refused: Refused) -> Missed {
    let why = match refused {
        Refused::GuestsOmitted => {
            "It has more guests than Google shows, and changing them here would take them out. Change \
             them in Google Calendar."
        }
        Refused::NotAGuest => "You are not among its guests any more.",
    };
    stuck(FailureCode::Rejected, why)
}

/// Does what the operation asks for, or finds that it is done.
pub(super) async fn carry_out(ask: &Ask<'_>, job: &Job) -> Result<Outcome, Missed> {
    match &job.op.what.deed {
        Deed::Insert { content } => insert(ask, job, content).await,
        Deed::Update { content } => update(ask, job, content).await,
        Deed::Delete { seen } => delete(ask, job, seen.as_ref()).await,
        Deed::Move { .. } => move_to(ask, job).await,
        Deed::Respond { response } => respond(ask, job, *response).await,
    }
}

async fn insert(ask: &Ask<'_>, job: &Job, content: &Content) -> Result<Outcome, Missed> {
    let (Target::Event(id), Some(mark)) = (&job.op.what.target, &job.mark) else {
        return Err(stuck(
            FailureCode::Internal,
            "An occurrence of a series cannot be added by itself. Discard the change.",
        ));
    };
    let body = new_body(content, id, mark);
    match ask
        .insert(&job.calendar.google_id, &body, job.op.what.notify)
        .await
    {
        Ok(resource) => Ok(there(resource)),
        Err(Failed::Request(Error::Conflict { .. })) => found(ask, job, content, id).await,
        Err(failed) => Err(failed.into()),
    }
}

/// There is an event of this id already: the own one, which an attempt before this one made, or
/// somebody else's.
async fn found(
    ask: &Ask<'_>,
    job: &Job,
    content: &Content,
    id: &EventId,
) -> Result<Outcome, Missed> {
    let own = |mark: &Option<Mark>| {
        let event = job.mark.as_ref().map(|mark| &mark.event);
        event.is_some() && mark.as_ref().map(|mark| &mark.event) == event
    };
    let resource = match ask.event(&job.calendar.google_id, id).await {
        Ok(Found::There(resource)) if own(&resource.mark) => resource,
        // It was made, and deleted there before Duet heard of it.
        Ok(Found::CalledOff { mark, .. }) if own(&mark) => return Err(deleted()),
        Ok(_) | Err(Failed::Request(Error::NotFound | Error::Deleted)) => {
            return Err(Missed::Taken);
        }
        Err(failed) => return Err(failed.into()),
    };
    // Nothing is written where it says what it should: guests are mailed once.
    let base = Content::of(&resource.event);
    change(ask, job, &base, content, resource).await
}

async fn update(ask: &Ask<'_>, job: &Job, content: &Content) -> Result<Outcome, Missed> {
    let resource = read(ask, job).await?;
    let theirs = Content::of(&resource.event);
    let base = job.link.as_ref().and_then(|link| link.base.clone());
    change(ask, job, &base.unwrap_or(theirs), content, resource).await
}

/// Writes what the person made of `base` over what is there, and nothing else.
async fn change(
    ask: &Ask<'_>,
    job: &Job,
    base: &Content,
    mine: &Content,
    mut resource: Resource,
) -> Result<Outcome, Missed> {
    for _ in 0..TRIES {
        let theirs = Content::of(&resource.event);
        let merged = merge(base, mine, &theirs);
        let clash = (!merged.clashes.is_empty()).then(|| {
            Box::new(Clash {
                fields: merged.clashes.clone(),
                base: base.clone(),
                mine: mine.clone(),
                theirs: theirs.clone(),
            })
        });
        if merged.write.is_empty() {
            let resource = Box::new(resource);
            return Ok(Outcome::There { resource, clash });
        }
        let body = changed_body(&resource, &merged.content, &merged.write, job.mark.as_ref())
            .map_err(refused)?;
        let notify = job.op.what.notify;
        let written = ask
            .update(&job.calendar.google_id, &resource, &body, notify)
            .await;
        match written {
            Ok(written) => {
                let resource = Box::new(written);
                return Ok(Outcome::There { resource, clash });
            }
            // Somebody changed it in between.
            Err(Failed::Request(Error::Stale)) => resource = read(ask, job).await?,
            Err(Failed::Request(Error::NotFound | Error::Deleted)) => return Err(deleted()),
            Err(failed) => return Err(failed.into()),
        }
    }
    Err(Failed::Request(Error::Stale).into())
}

async fn delete(ask: &Ask<'_>, job: &Job, seen: Option<&Seen>) -> Result<Outcome, Missed> {
    let mut etag = seen.map(|seen| seen.etag.clone());
    let mut id = match &job.op.what.target {
        Target::Event(id) => Some(id.clone()),
        Target::Occurrence { .. } => None,
    };
    for _ in 0..TRIES {
        // Without a version that was seen, or an id, it is looked at first.
        if id.is_none() || etag.is_none() {
            let Some(resource) = look(ask, job).await? else {
                return Ok(Outcome::Gone);
            };
            if job.op.what.event.is_none() && resource.mark.is_none() {
                // Somebody made it theirs since it was listed as Duet's.
                return Ok(Outcome::Theirs);
            }
            let now = Content::of(&resource.event);
            if let Some(seen) = seen
                && !now.differs(&seen.content).is_empty()
            {
                return Err(changed_since(&resource, now));
            }
            etag = Some(resource.etag().to_owned());
            id = Some(resource.event.id.clone());
        }
        let Some(known) = &id else { break };
        let notify = job.op.what.notify;
        let deleted = ask
            .delete(&job.calendar.google_id, known, etag.as_deref(), notify)
            .await;
        match deleted {
            Ok(()) | Err(Failed::Request(Error::NotFound | Error::Deleted)) => {
                return Ok(Outcome::Gone);
            }
            Err(Failed::Request(Error::Stale)) => etag = None,
            Err(failed) => return Err(failed.into()),
        }
    }
    Err(Failed::Request(Error::Stale).into())
}

/// It says something else by now than what the person saw and deleted.
fn changed_since(resource: &Resource, now: Content) -> Missed {
    Missed::Stuck(Box::new(Refusal {
        code: FailureCode::Rejected,
        why: "It was changed there meanwhile. Try again to delete it all the same, or discard the \
              deletion.",
        restated: Some(Deed::Delete {
            seen: Some(Seen {
                etag: resource.etag().to_owned(),
                content: now,
            }),
        }),
    }))
}

async fn move_to(ask: &Ask<'_>, job: &Job) -> Result<Outcome, Missed> {
    let (Some(to), Target::Event(id)) = (&job.to, &job.op.what.target) else {
        return Err(stuck(
            FailureCode::Internal,
            "An occurrence of a series cannot be moved by itself. Discard the change.",
        ));
    };
    if job.op.sent
        && let Some(resource) = arrived(ask, to, id).await?
    {
        return Ok(there(resource));
    }
    for _ in 0..TRIES {
        let resource = read(ask, job).await?;
        let notify = job.op.what.notify;
        let moved = ask
            .move_to(&job.calendar.google_id, &resource, to, notify)
            .await;
        match moved {
            Ok(()) => {
                return match arrived(ask, to, id).await? {
                    Some(resource) => Ok(there(resource)),
                    None => Err(deleted()),
                };
            }
            Err(Failed::Request(Error::Stale)) => {}
            Err(failed) => return Err(failed.into()),
        }
    }
    Err(Failed::Request(Error::Stale).into())
}

/// The event, if it stands in that calendar.
async fn arrived(ask: &Ask<'_>, calendar: &str, id: &EventId) -> Result<Option<Resource>, Missed> {
    match ask.event(calendar, id).await {
        Ok(Found::There(resource)) => Ok(Some(resource)),
        Ok(Found::CalledOff { .. }) | Err(Failed::Request(Error::NotFound | Error::Deleted)) => {
            Ok(None)
        }
        Err(failed) => Err(failed.into()),
    }
}

async fn respond(ask: &Ask<'_>, job: &Job, response: Response) -> Result<Outcome, Missed> {
    for _ in 0..TRIES {
        let Some(resource) = look(ask, job).await? else {
            return Err(stuck(
                FailureCode::NotFound,
                "The event was called off. Discard the answer.",
            ));
        };
        if resource.event.my_response == Some(response) {
            return Ok(answered(resource, false));
        }
        let me = &ask.account().email;
        let body = own_answer_body(&resource, me, response).map_err(refused)?;
        let notify = job.op.what.notify;
        let patched = ask
            .patch(&job.calendar.google_id, &resource, &body, notify)
            .await;
        match patched {
            Ok(resource) => return Ok(answered(resource, true)),
            Err(Failed::Request(Error::Stale)) => {}
            Err(failed) => return Err(failed.into()),
        }
    }
    Err(Failed::Request(Error::Stale).into())
}

/// What is there now.
async fn read(ask: &Ask<'_>, job: &Job) -> Result<Resource, Missed> {
    look(ask, job).await?.ok_or_else(deleted)
}

/// What is there now; `None` where it was deleted or called off.
async fn look(ask: &Ask<'_>, job: &Job) -> Result<Option<Resource>, Missed> {
    let found = match &job.op.what.target {
        Target::Event(id) => ask.event(&job.calendar.google_id, id).await.map(Some),
        Target::Occurrence {
            series,
            original_start,
        } => {
            ask.occurrence(&job.calendar.google_id, series, original_start)
                .await
        }
    };
    match found {
        Ok(Some(Found::There(resource))) => Ok(Some(resource)),
        Ok(None | Some(Found::CalledOff { .. }))
        | Err(Failed::Request(Error::NotFound | Error::Deleted)) => Ok(None),
        Err(failed) => Err(failed.into()),
    }
}

fn answered(resource: Resource, written: bool) -> Outcome {
    Outcome::Answered {
        resource: Box::new(resource),
        written,
    }
}

fn there(resource: Resource) -> Outcome {
    Outcome::There {
        resource: Box::new(resource),
        clash: None,
    }
}
