//! What waits for Google and for the person: trying it again, or discarding it.

use chrono::{DateTime, Utc};
use duet_model::account::FailureCode;
use duet_model::duet_event::{DuetEvent, DuetEventId, Link, LinkState, external_id};
use duet_model::outbox::{Deed, NewOp, Op, OpId, Target};
use duet_store::{StoreError, Tx};
use duet_wire::{ErrorCode, WireError};

use super::apply::unlink;
use crate::app::App;
use crate::words;

impl App {
    /// Tries a change again that waits. What was deleted in Google is added anew.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it does not wait any more; otherwise when the database cannot be
    /// written.
    pub async fn retry_op(&self, id: OpId) -> Result<(), WireError> {
        let now = self.inner.host.now();
        let fresh = self.inner.host.new_id();
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let Some(op) = tx.op(id).await? else {
                return Ok(false);
            };
            if !add_anew(&mut tx, &op, &fresh, now).await? {
                tx.retry_op(id, now).await?;
            }
            tx.commit().await?;
            Ok::<_, StoreError>(true)
        };
        told(change.await)
    }

    /// Gives a change up that waits, and what waits behind it of the same event: here it is again as
    /// Google was last known to have it, a series without what was split off it. An event that was not
    /// added is here alone from then on; where nobody knows whether it was, what may be there is taken
    /// out.
    ///
    /// # Errors
    /// As [`App::retry_op`].
    pub async fn discard_op(&self, id: OpId) -> Result<(), WireError> {
        let now = self.inner.host.now();
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let Some(op) = tx.op(id).await? else {
                return Ok(false);
            };
            discard(&mut tx, &op, now).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(true)
        };
        told(change.await)
    }
}

fn told(done: Result<bool, StoreError>) -> Result<(), WireError> {
    match done {
        Ok(true) => Ok(()),
        Ok(false) => Err(WireError::new(
            ErrorCode::NotFound,
            "That change does not wait any more.",
        )),
        Err(error) => Err(words::store(&error)),
    }
}

/// An event whose copy is gone gets another one, under an id that nobody has used.
async fn add_anew(
    tx: &mut Tx,
    op: &Op,
    fresh: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let gone = op
        .stuck
        .as_ref()
        .is_some_and(|stuck| stuck.code == FailureCode::NotFound);
    let (Some(id), Some(content)) = (&op.what.event, op.what.deed.content()) else {
        return Ok(false);
    };
    let Some(event) = tx.duet_event(id).await?.filter(|_| gone) else {
        return Ok(false);
    };
    if event.slot.is_some() {
        return Ok(false);
    }
    let external = external_id(fresh);
    let (content, what) = (content.clone(), op.what.clone());
    tx.remove_ops_of(id).await?;
    tx.put_link(&Link {
        event: id.clone(),
        calendar: what.calendar,
        external: Some(external.clone()),
        etag: None,
        base: None,
        state: LinkState::Pending,
    })
    .await?;
    let new = NewOp {
        target: Target::Event(external),
        deed: Deed::Insert { content },
        not_before: now,
        ..what
    };
    tx.queue(new, None, now).await?;
    Ok(true)
}

async fn discard(tx: &mut Tx, op: &Op, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(id) = &op.what.event else {
        return tx.remove_op(op.id).await;
    };
    for later in tx.ops_of(id).await? {
        if later.id >= op.id {
            tx.remove_op(later.id).await?;
        }
    }
    if matches!(op.what.deed, Deed::Insert { .. }) {
        return never_mind(tx, op, id, now).await;
    }
    let Some(event) = tx.duet_event(id).await? else {
        // It was deleted here, and is an event of that calendar like any other from now on.
        return Ok(());
    };
    let gone = op
        .stuck
        .as_ref()
        .is_some_and(|stuck| stuck.code == FailureCode::NotFound);
    let link = match tx.link(id).await? {
        Some(link) => link,
        // It was to be here alone.
        None => match left(op, id) {
            Some(link) => link,
            None => return Ok(()),
        },
    };
    if let Target::Event(target) = &op.what.target
        && link.external.as_ref().is_some_and(|known| known != target)
    {
        // What was given up is about another copy, which it left elsewhere.
        return Ok(());
    }
    let there = link.state == LinkState::Synced && !gone;
    match link.base.clone().filter(|_| there) {
        Some(base) => {
            rejoin(tx, op, id).await?;
            let event = DuetEvent {
                content: base,
                cancelled: false,
                ..event
            };
            tx.put_duet_event(&event).await?;
            let calendar = op.what.calendar;
            tx.put_link(&Link { calendar, ..link }).await
        }
        None => tx.remove_link(id).await,
    }
}

/// An event is not to be added after all: here it stays alone. Where nobody knows whether it was added,
/// what may be there of it is taken out.
async fn never_mind(
    tx: &mut Tx,
    op: &Op,
    id: &DuetEventId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let link = tx.link(id).await?;
    let same = link
        .and_then(|link| link.external)
        .is_none_or(|external| op.what.target == Target::Event(external));
    if same {
        unlink(tx, id).await?;
    }
    if op.sent {
        let new = NewOp {
            deed: Deed::Delete { seen: None },
            not_before: now,
            ..op.what.clone()
        };
        tx.queue(new, None, now).await?;
    }
    Ok(())
}

/// Where an event still stands that was to be taken out of Google.
fn left(op: &Op, id: &DuetEventId) -> Option<Link> {
    let (Deed::Delete { seen: Some(seen) }, Target::Event(external)) =
        (&op.what.deed, &op.what.target)
    else {
        return None;
    };
    Some(Link {
        event: id.clone(),
        calendar: op.what.calendar,
        external: Some(external.clone()),
        etag: Some(seen.etag.clone()),
        base: Some(seen.content.clone()),
        state: LinkState::Synced,
    })
}

/// A series that does not end after all takes back what was split off it: that waits behind the end.
async fn rejoin(tx: &mut Tx, op: &Op, id: &DuetEventId) -> Result<(), StoreError> {
    for later in tx.ops_of_thread(&op.what.thread).await? {
        let Some(other) = later.what.event.as_ref().filter(|other| *other != id) else {
            continue;
        };
        if later.id > op.id && matches!(later.what.deed, Deed::Insert { .. }) {
            unlink(tx, other).await?;
            tx.remove_ops_of(other).await?;
            tx.delete_duet_event(other).await?;
        }
    }
    Ok(())
}
