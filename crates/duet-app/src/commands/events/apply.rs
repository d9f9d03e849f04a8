//! Carrying an operation on a series out in the store: the events, where they stand in Google, and what
//! is to be sent. One transaction, and one way for creating, changing, deleting and taking back.

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{DuetEvent, DuetEventId, Link, LinkState, external_id};
use duet_model::event::EventId;
use duet_model::outbox::{Deed, NewOp, Notify, Seen, Target};
use duet_model::series::Surgery;
use duet_store::{StoreError, Tx};

/// Where the events of an operation are to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placing {
    /// Where they stand already, or where their series stands.
    AsIs,
    /// Nowhere but here.
    Here,
    /// In this calendar.
    In {
        calendar: CalendarId,
        /// Is it of the account in which the copy is now? Then it is moved there; else it is added
        /// there, and deleted where it is.
        moves: bool,
    },
}

/// What an operation says besides what becomes of the events.
pub(super) struct Sending<'a> {
    pub(super) notify: Notify,
    pub(super) not_before: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
    /// Ids that nobody has used.
    pub(super) fresh: &'a (dyn Fn() -> String + Sync),
}

/// Applies an operation on the series of `head`.
pub(super) async fn apply(
    tx: &mut Tx,
    head: &DuetEventId,
    surgery: &Surgery,
    placing: Placing,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let thread = thread_of(tx, head).await?;
    for id in &surgery.delete {
        delete(tx, id, head, &thread, sending).await?;
    }
    for event in &surgery.put {
        tx.put_duet_event(event).await?;
        match &event.slot {
            None => place_master(tx, event, head, &thread, placing, sending).await?,
            Some(_) => place_exception(tx, event, &thread, sending).await?,
        }
    }
    Ok(())
}

/// What is sent of a series keeps its order, also of what was split off while it waits.
pub(super) async fn thread_of(tx: &mut Tx, head: &DuetEventId) -> Result<String, StoreError> {
    let waiting = tx.ops_of(head).await?;
    Ok(waiting
        .last()
        .map_or_else(|| head.0.clone(), |op| op.what.thread.clone()))
}

async fn delete(
    tx: &mut Tx,
    id: &DuetEventId,
    head: &DuetEventId,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let link = tx.link(id).await?;
    let gone = tx.delete_duet_event(id).await?;
    for event in &gone {
        if event.slot.is_some() {
            // It goes with its series, or back into it.
            tx.remove_ops_of(&event.id).await?;
        }
    }
    // An exception that goes back into its series is not deleted in Google.
    if id == head
        && let (Some(link), Some(event)) = (link, gone.first())
    {
        take_away(tx, event, &link, thread, sending).await?;
    }
    Ok(())
}

/// Queues that the copy in Google is deleted.
async fn take_away(
    tx: &mut Tx,
    event: &DuetEvent,
    link: &Link,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let deed = Deed::Delete { seen: seen(link) };
    let new = op(event, link, deed, thread, sending);
    tx.queue(new, link.base.as_ref(), sending.now).await?;
    Ok(())
}

async fn place_master(
    tx: &mut Tx,
    event: &DuetEvent,
    head: &DuetEventId,
    thread: &str,
    placing: Placing,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let link = tx.link(&event.id).await?;
    let moves = !matches!(placing, Placing::In { moves: false, .. });
    let placing = match placing {
        // What is split off a series stands where the series does.
        Placing::AsIs => match &link {
            Some(link) => Some(link.calendar),
            None if event.id != *head => tx.link(head).await?.map(|link| link.calendar),
            None => None,
        },
        Placing::Here => None,
        Placing::In { calendar, .. } => Some(calendar),
    };
    match (link, placing) {
        (None, None) => Ok(()),
        (None, Some(calendar)) => add(tx, event, calendar, thread, sending).await,
        (Some(_), None) => part(tx, event, sending).await,
        (Some(link), Some(calendar)) if link.calendar == calendar => {
            update(tx, event, &link, thread, sending).await
        }
        (Some(link), Some(calendar)) if moves => {
            let there = move_to(tx, event, link, calendar, thread, sending).await?;
            update(tx, event, &there, thread, sending).await
        }
        (Some(link), Some(calendar)) => {
            take_away(tx, event, &link, thread, sending).await?;
            unlink(tx, &event.id).await?;
            add(tx, event, calendar, thread, sending).await
        }
    }
}

/// Queues that the copy is moved into another calendar of the account, where it is to stand from now
/// on.
pub(super) async fn move_to(
    tx: &mut Tx,
    event: &DuetEvent,
    link: Link,
    calendar: CalendarId,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<Link, StoreError> {
    let deed = Deed::Move { to: calendar };
    let new = op(event, &link, deed, thread, sending);
    tx.queue(new, link.base.as_ref(), sending.now).await?;
    let there = Link { calendar, ..link };
    tx.put_link(&there).await?;
    Ok(there)
}

/// Queues that the copy in Google says what the event says.
pub(super) async fn update(
    tx: &mut Tx,
    event: &DuetEvent,
    link: &Link,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let content = event.content.clone();
    let deed = Deed::Update { content };
    let new = op(event, link, deed, thread, sending);
    tx.queue(new, link.base.as_ref(), sending.now).await?;
    Ok(())
}

/// Adds an event to Google, with the exceptions of a series.
async fn add(
    tx: &mut Tx,
    event: &DuetEvent,
    calendar: CalendarId,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let link = Link {
        event: event.id.clone(),
        calendar,
        external: Some(external_id(&(sending.fresh)())),
        etag: None,
        base: None,
        state: LinkState::Pending,
    };
    tx.put_link(&link).await?;
    insert(tx, event, &link, thread, sending).await?;
    for one in tx.duet_series(&event.id).await? {
        if one.slot.is_some() {
            place_exception(tx, &one, thread, sending).await?;
        }
    }
    Ok(())
}

/// Queues that the event is made in Google.
pub(super) async fn insert(
    tx: &mut Tx,
    event: &DuetEvent,
    link: &Link,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let content = event.content.clone();
    let new = op(event, link, Deed::Insert { content }, thread, sending);
    tx.queue(new, None, sending.now).await?;
    Ok(())
}

/// Takes an event out of Google: from now on it is here alone, with all its exceptions.
pub(super) async fn part(
    tx: &mut Tx,
    event: &DuetEvent,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    if event.slot.is_some() {
        return Ok(());
    }
    if let Some(link) = tx.link(&event.id).await? {
        let thread = thread_of(tx, &event.id).await?;
        take_away(tx, event, &link, &thread, sending).await?;
    }
    unlink(tx, &event.id).await
}

/// Queues what an exception says, where its series is in Google.
pub(super) async fn place_exception(
    tx: &mut Tx,
    event: &DuetEvent,
    thread: &str,
    sending: &Sending<'_>,
) -> Result<(), StoreError> {
    let Some(slot) = &event.slot else {
        return Ok(());
    };
    let Some(series) = tx.link(&slot.series).await? else {
        return Ok(());
    };
    let link = match tx.link(&event.id).await? {
        Some(link) => link,
        None => {
            let link = Link {
                event: event.id.clone(),
                calendar: series.calendar,
                external: None,
                etag: None,
                base: None,
                state: LinkState::Pending,
            };
            tx.put_link(&link).await?;
            link
        }
    };
    let deed = if event.cancelled {
        Deed::Delete { seen: seen(&link) }
    } else {
        Deed::Update {
            content: event.content.clone(),
        }
    };
    let mut new = op(event, &link, deed, thread, sending);
    if link.external.is_none()
        && let Some(master) = series.external
    {
        new.target = Target::Occurrence {
            series: master,
            original_start: slot.original_start.clone(),
        };
    }
    tx.queue(new, link.base.as_ref(), sending.now).await?;
    Ok(())
}

/// The event is here alone from now on, with all its exceptions.
pub(super) async fn unlink(tx: &mut Tx, id: &DuetEventId) -> Result<(), StoreError> {
    for event in tx.duet_series(id).await? {
        if event.slot.is_some() {
            tx.remove_ops_of(&event.id).await?;
        }
        tx.remove_link(&event.id).await?;
    }
    Ok(())
}

fn op(event: &DuetEvent, link: &Link, deed: Deed, thread: &str, sending: &Sending<'_>) -> NewOp {
    // Only an exception has none, and says which occurrence it is instead.
    let id = link.external.clone().unwrap_or(EventId(String::new()));
    NewOp {
        thread: thread.to_owned(),
        event: Some(event.id.clone()),
        calendar: link.calendar,
        title: event.content.title.clone(),
        target: Target::Event(id),
        deed,
        notify: sending.notify,
        not_before: sending.not_before,
    }
}

/// The version that is known there.
fn seen(link: &Link) -> Option<Seen> {
    Some(Seen {
        etag: link.etag.clone()?,
        content: link.base.clone()?,
    })
}
