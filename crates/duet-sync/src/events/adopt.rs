//! What others did in Google to events of Duet's own: taken over in the transaction that stores it,
//! unless a change of the person's waits to be sent, which will meet it on its way. What they deleted is
//! noted before it goes.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use duet_model::calendar::Calendar;
use duet_model::duet_event::{Content, DuetEvent, Link, LinkState, Slot, adopted};
use duet_model::event::{Event, EventId, EventStatus};
use duet_store::{Conflict, StoreError, Tx};

/// Takes over what a page says of events that are linked: those it changed, those it is the first to
/// tell of because their series is linked, and those that are `gone`.
pub(super) async fn adopt(
    tx: &mut Tx,
    calendar: &Calendar,
    events: &[&Event],
    gone: &BTreeSet<&EventId>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !tx.has_links(calendar.id).await? {
        return Ok(());
    }
    let mut ids: BTreeSet<&EventId> = gone.clone();
    for event in events {
        ids.insert(&event.id);
        ids.extend(&event.series);
    }
    let ids: Vec<&EventId> = ids.into_iter().collect();
    let links: HashMap<EventId, Link> = tx
        .links_of(calendar.id, &ids)
        .await?
        .into_iter()
        .filter_map(|link| Some((link.external.clone()?, link)))
        .collect();
    // Masters first: an exception is nothing without its series.
    let (masters, exceptions): (Vec<&Event>, Vec<&Event>) =
        events.iter().partition(|event| event.series.is_none());
    for event in masters.into_iter().chain(exceptions) {
        let series = event.series.as_ref().and_then(|id| links.get(id));
        match (links.get(&event.id), series) {
            (Some(link), _) => take_over(tx, link, event, now).await?,
            (None, Some(series)) => make_exception(tx, series, event, now).await?,
            (None, None) => {}
        }
    }
    for id in gone {
        if let Some(link) = links.get(id)
            && tx.ops_of(&link.event).await?.is_empty()
        {
            remove(tx, calendar, link, now).await?;
        }
    }
    Ok(())
}

/// An event was deleted in Google. Whether a person did it, or another Duet that took its footprint back,
/// cannot be seen from here: what was planned is noted, so that it can be taken back.
async fn remove(
    tx: &mut Tx,
    calendar: &Calendar,
    link: &Link,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let gone = tx.delete_duet_event(&link.event).await?;
    let Some(master) = gone.first().filter(|event| event.slot.is_none()) else {
        return Ok(());
    };
    tx.add_conflict(&Conflict::deletion(master, calendar.id, now))
        .await
}

async fn take_over(
    tx: &mut Tx,
    link: &Link,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let waiting = !tx.ops_of(&link.event).await?.is_empty();
    let Some(content) = adopted(link, event, waiting) else {
        return Ok(());
    };
    let Some(stored) = tx.duet_event(&link.event).await? else {
        return Ok(());
    };
    let cancelled = event.status == EventStatus::Cancelled;
    let taken = DuetEvent {
        // Of one that is called off nothing is said but which it was.
        content: if cancelled {
            stored.content.clone()
        } else {
            content
        },
        cancelled,
        ..stored.clone()
    };
    if taken != stored {
        let updated_at = now;
        tx.put_duet_event(&DuetEvent {
            updated_at,
            ..taken
        })
        .await?;
    }
    tx.put_link(&Link {
        etag: event.etag.clone(),
        base: (!cancelled).then(|| Content::of(event)),
        state: LinkState::Synced,
        ..link.clone()
    })
    .await
}

/// An occurrence of a linked series was changed in Google, or called off.
async fn make_exception(
    tx: &mut Tx,
    series: &Link,
    event: &Event,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(original_start) = event.original_start.clone() else {
        return Ok(());
    };
    let slot = Slot {
        series: series.event.clone(),
        original_start,
    };
    let id = slot.event();
    if tx.duet_event(&series.event).await?.is_none() || !tx.ops_of(&id).await?.is_empty() {
        return Ok(());
    }
    let cancelled = event.status == EventStatus::Cancelled;
    let known = tx.duet_event(&id).await?;
    let exception = DuetEvent {
        id: id.clone(),
        content: Content::of(event),
        cancelled,
        created_at: known.as_ref().map_or(now, |known| known.created_at),
        updated_at: now,
        slot: Some(known.and_then(|known| known.slot).unwrap_or(slot)),
    };
    tx.put_duet_event(&exception).await?;
    tx.put_link(&Link {
        event: id,
        calendar: series.calendar,
        external: Some(event.id.clone()),
        etag: event.etag.clone(),
        base: (!cancelled).then(|| Content::of(event)),
        state: LinkState::Synced,
    })
    .await
}
