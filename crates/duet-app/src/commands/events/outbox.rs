//! What waits for Google and for the person: trying it again, or discarding it.

use duet_model::account::FailureCode;
use duet_model::duet_event::{DuetEvent, Link, LinkState, external_id};
use duet_model::outbox::{Deed, NewOp, Op, OpId, Target};
use duet_store::{StoreError, Tx};
use duet_wire::{ErrorCode, WireError};

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
    /// Google has it. An event that was never there is here alone from then on.
    ///
    /// # Errors
    /// As [`App::retry_op`].
    pub async fn discard_op(&self, id: OpId) -> Result<(), WireError> {
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let Some(op) = tx.op(id).await? else {
                return Ok(false);
            };
            discard(&mut tx, &op).await?;
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
    now: chrono::DateTime<chrono::Utc>,
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

async fn discard(tx: &mut Tx, op: &Op) -> Result<(), StoreError> {
    let Some(id) = &op.what.event else {
        return tx.remove_op(op.id).await;
    };
    for later in tx.ops_of(id).await? {
        if later.id >= op.id {
            tx.remove_op(later.id).await?;
        }
    }
    let (Some(event), Some(link)) = (tx.duet_event(id).await?, tx.link(id).await?) else {
        // It was deleted here, and is an event of that calendar like any other from now on.
        return Ok(());
    };
    let still_there = link.state == LinkState::Synced
        && op
            .stuck
            .as_ref()
            .is_none_or(|stuck| stuck.code != FailureCode::NotFound);
    match link.base.clone().filter(|_| still_there) {
        Some(base) => {
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
