//! The stored copy of an event that was just written: it says what Google says now, in the transaction in
//! which the change stops waiting. Else an old answer, no link to a call, or an event that was deleted would
//! show until the next sync.

use std::collections::BTreeSet;

use duet_google::events::Resource;
use duet_model::calendar::Calendar;
use duet_model::event::EventId;
use duet_model::verdict::Facts;
use duet_store::{EventBody, NewEvent, StoreError, Tx};

use super::Frame;
use super::occurrences::{AtHand, head_of, refresh};
use crate::pull::Means;

/// Stores what Google has of an event. What was so already (not `written` now) is stored only where it is
/// known: an occurrence that says nothing of its own stays one of its series'.
pub(crate) async fn take_reply(
    tx: &mut Tx,
    means: &Means<'_>,
    calendar: &Calendar,
    resource: &Resource,
    written: bool,
) -> Result<(), StoreError> {
    let event = &*resource.event;
    let state = tx.event_state(calendar.id).await?;
    let Some(horizon) = state.and_then(|state| state.horizon) else {
        return Ok(());
    };
    if !written && tx.event_by_id(calendar.id, &event.id).await?.is_none() {
        return Ok(());
    }
    let body = EventBody::of(event, resource.raw());
    let new = NewEvent {
        event,
        facts: Facts::of(event).code(),
        body: &body,
    };
    let (id, generation) = (calendar.id, calendar.generation);
    let put = tx
        .put_events(id, generation, &[new], None, means.clock.now())
        .await?;
    if put.unwanted {
        return Ok(());
    }
    let frame = Frame::over(calendar, means.zones, horizon.span);
    let heads = BTreeSet::from([head_of(event).clone()]);
    refresh(tx, calendar, &frame, &heads, AtHand::new()).await?;
    Ok(())
}

/// Takes out what is not in that calendar any more. An exception is left to the next sync: its slot may be
/// its series' again, or called off, and only Google says which.
pub(crate) async fn take_removal(
    tx: &mut Tx,
    means: &Means<'_>,
    calendar: &Calendar,
    event: &EventId,
) -> Result<(), StoreError> {
    let stored = tx.event_by_id(calendar.id, event).await?;
    if stored.is_some_and(|stored| stored.event.series.is_none()) {
        let now = means.clock.now();
        tx.remove_event(calendar.id, calendar.generation, event, now)
            .await?;
    }
    Ok(())
}
