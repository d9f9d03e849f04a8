//! Writing down what came of an operation, in one transaction with its end.

use duet_google::events::Resource;
use duet_model::duet_event::{Content, DuetEventId, Link, LinkState, external_id};
use duet_model::event::EventId;
use duet_model::outbox::{Deed, Op, Seen, Target};
use duet_store::{Conflict, StoreError, Tx};

use super::carry::{Clash, Job, Outcome};
use crate::events::{take_removal, take_reply};
use crate::pull::Means;

/// The operation is done: it goes, and what it led to is what is known of the event.
pub(super) async fn done(
    means: &Means<'_>,
    job: &Job,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let now = means.clock.now();
    let mut tx = means.store.write().await?;
    tx.remove_op(job.op.id).await?;
    if let Outcome::Answered { resource, written } = outcome {
        take_reply(&mut tx, means, &job.calendar, resource, *written).await?;
    }
    let moved = matches!(job.op.what.deed, Deed::Move { .. });
    if let Target::Event(id) = &job.op.what.target
        && (moved || matches!(outcome, Outcome::Gone))
    {
        take_removal(&mut tx, means, &job.calendar, id).await?;
    }
    if let Some(event) = &job.op.what.event {
        match outcome {
            Outcome::There { resource, clash } => {
                is_there(&mut tx, job, event, resource).await?;
                if !moved {
                    let alone = resource.event.series.is_none();
                    take_reply(&mut tx, means, &job.calendar, resource, alone).await?;
                }
                if let Some(clash) = clash {
                    tx.add_conflict(&conflict(job, event, clash, now)).await?;
                }
            }
            Outcome::Gone => is_gone(&mut tx, job, event).await?,
            Outcome::Answered { .. } | Outcome::Theirs => {}
        }
    }
    tx.commit().await
}

async fn is_there(
    tx: &mut Tx,
    job: &Job,
    event: &DuetEventId,
    resource: &Resource,
) -> Result<(), StoreError> {
    let content = Content::of(&resource.event);
    let seen = Seen {
        etag: resource.etag().to_owned(),
        content: content.clone(),
    };
    // A deletion that was asked for meanwhile is one of this version. Another id is another copy: the one
    // that an event left behind in the account it came from.
    let here = Target::Event(resource.event.id.clone());
    for op in tx.ops_of_thread(&job.op.what.thread).await? {
        let same = op.what.target == job.op.what.target || op.what.target == here;
        if op.what.event.as_ref() == Some(event) && same {
            know(tx, &op, &resource.event.id, &seen).await?;
        }
    }
    let Some(mut stored) = tx.duet_event(event).await? else {
        // It was deleted meanwhile.
        return Ok(());
    };
    // Where it is to stand, which may be elsewhere by now.
    let known = tx.link(event).await?;
    let link = Link {
        event: event.clone(),
        calendar: known.map_or(job.op.what.calendar, |link| link.calendar),
        external: Some(resource.event.id.clone()),
        etag: Some(seen.etag),
        base: Some(content.clone()),
        state: LinkState::Synced,
    };
    tx.put_link(&link).await?;
    if tx.ops_of(event).await?.is_empty() && stored.content != content {
        // Google writes some things its own way, and others changed some at the same time.
        stored.content = content;
        tx.put_duet_event(&stored).await?;
    }
    Ok(())
}

/// What waits behind an operation that is done is about the version that this led to.
async fn know(tx: &mut Tx, op: &Op, id: &EventId, seen: &Seen) -> Result<(), StoreError> {
    let target = Target::Event(id.clone());
    let deed = match &op.what.deed {
        Deed::Delete { .. } => Deed::Delete {
            seen: Some(seen.clone()),
        },
        other => other.clone(),
    };
    if target != op.what.target || deed != op.what.deed {
        tx.restate_op(op.id, &target, &deed).await?;
    }
    Ok(())
}

async fn is_gone(tx: &mut Tx, job: &Job, event: &DuetEventId) -> Result<(), StoreError> {
    // Where the event stays, it is here alone from now on; unless it is to be added once more.
    let link = tx.link(event).await?;
    let id = link.and_then(|link| link.external);
    let left = match (&job.op.what.target, id) {
        (Target::Event(gone), Some(id)) => *gone == id,
        _ => true,
    };
    if tx.ops_of(event).await?.is_empty() && left {
        tx.remove_link(event).await?;
    }
    Ok(())
}

fn conflict(
    job: &Job,
    event: &DuetEventId,
    clash: &Clash,
    noticed_at: chrono::DateTime<chrono::Utc>,
) -> Conflict {
    Conflict {
        event: event.clone(),
        calendar: job.op.what.calendar,
        noticed_at,
        fields: clash.fields.clone(),
        base: clash.base.clone(),
        mine: clash.mine.clone(),
        theirs: clash.theirs.clone(),
    }
}

/// Trying it again is to do this.
pub(super) async fn restate(means: &Means<'_>, op: &Op, deed: &Deed) -> Result<(), StoreError> {
    let mut tx = means.store.write().await?;
    tx.restate_op(op.id, &op.what.target, deed).await?;
    tx.commit().await
}

/// Gives an event that is about to be added another id there, stored before it is used (TRUST I5).
pub(super) async fn rename(means: &Means<'_>, job: Job) -> Result<Job, StoreError> {
    let Target::Event(old) = &job.op.what.target else {
        return Ok(job);
    };
    let bits = [means.entropy.next_u64(), means.entropy.next_u64()];
    let id = external_id(&format!("{:016x}{:016x}", bits[0], bits[1]));
    let mut tx = means.store.write().await?;
    for op in tx.ops_of_thread(&job.op.what.thread).await? {
        let target = match &op.what.target {
            Target::Event(known) if known == old => Target::Event(id.clone()),
            Target::Occurrence {
                series,
                original_start,
            } if series == old => Target::Occurrence {
                series: id.clone(),
                original_start: original_start.clone(),
            },
            _ => continue,
        };
        tx.restate_op(op.id, &target, &op.what.deed).await?;
    }
    if let Some(event) = &job.op.what.event
        && let Some(link) = tx.link(event).await?
    {
        let external = Some(id.clone());
        tx.put_link(&Link { external, ..link }).await?;
    }
    tx.commit().await?;
    Ok(job.is_about(id))
}
