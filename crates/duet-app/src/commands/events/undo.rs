//! Taking a change of Duet's events back: what there was is there again, and what was to be sent is not
//! sent. What was sent already is followed by what undoes it.

use std::collections::HashSet;

use duet_model::duet_event::{DuetEvent, DuetEventId, Guest, Link, LinkState};
use duet_model::outbox::{Deed, Notify};
use duet_model::series::Surgery;
use duet_store::{StoreError, Tx};
use duet_wire::{ErrorCode, WireError};

use super::apply::{Placing, Sending, apply, insert, move_to, part, place_exception, update};
use crate::app::App;
use crate::words;

/// How many changes can be taken back.
const UNDO_MAX: usize = 20;

/// What there was before a change.
#[derive(Clone, Debug)]
pub(crate) struct Undo {
    number: u64,
    head: DuetEventId,
    /// The series as it was, the master first; nothing where there was none.
    events: Vec<DuetEvent>,
    links: Vec<Link>,
    /// What the change made beside the series.
    made: Vec<DuetEventId>,
    notify: Notify,
}

impl Undo {
    /// The guests that these events had, told by their ids and that of their series; `None` where there
    /// was none of them.
    pub(super) fn guests(
        &self,
        of: impl Fn(&DuetEventId, &DuetEventId) -> bool,
    ) -> Option<Vec<Guest>> {
        let mut events = self.events.iter().filter(|it| of(&it.id, it.head()));
        let first = events.next()?;
        let mut guests = first.content.guests.clone();
        guests.extend(events.flat_map(|it| it.content.guests.clone()));
        Some(guests)
    }
}

/// Notes what there is of a series before an operation on it.
pub(super) async fn before(
    tx: &mut Tx,
    head: &DuetEventId,
    surgery: &Surgery,
) -> Result<Undo, StoreError> {
    let events = tx.duet_series(head).await?;
    let known: HashSet<&DuetEventId> = events.iter().map(|event| &event.id).collect();
    let made = surgery
        .put
        .iter()
        .filter(|event| event.slot.is_none() && !known.contains(&event.id));
    let made = made.map(|event| event.id.clone()).collect();
    let mut links = Vec::new();
    for event in &events {
        links.extend(tx.link(&event.id).await?);
    }
    Ok(Undo {
        number: 0,
        head: head.clone(),
        events,
        links,
        made,
        notify: Notify::None,
    })
}

impl App {
    /// Keeps what there was before a change; with the number it is taken back.
    pub(super) async fn remember(&self, before: Undo, notify: Notify) -> u64 {
        let mut all = self.inner.undone.lock().await;
        let number = all.last().map_or(0, |last| last.number) + 1;
        if all.len() >= UNDO_MAX {
            all.remove(0);
        }
        all.push(Undo {
            number,
            notify,
            ..before
        });
        number
    }

    /// Takes a change of an event back.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when that is no longer possible; otherwise when the database cannot be
    /// written.
    pub async fn undo_event(&self, number: u64) -> Result<(), WireError> {
        let found = {
            let all = self.inner.undone.lock().await;
            all.iter().find(|undo| undo.number == number).cloned()
        };
        let undo = found.ok_or_else(|| {
            WireError::new(
                ErrorCode::NotFound,
                "That change can no longer be taken back.",
            )
        })?;
        let now = self.inner.host.now();
        let host = &self.inner.host;
        let fresh = || host.new_id();
        let sending = Sending {
            notify: undo.notify,
            not_before: now,
            now,
            fresh: &fresh,
        };
        let change = async {
            let mut tx = self.inner.store.write().await?;
            let done = take_back(&mut tx, &undo, &sending).await?;
            if done {
                tx.commit().await?;
            }
            Ok::<_, StoreError>(done)
        };
        if !change.await.map_err(|error| words::store(&error))? {
            return Err(WireError::new(
                ErrorCode::NotFound,
                "Google has carried that out already, so it cannot be taken back any more.",
            ));
        }
        let mut all = self.inner.undone.lock().await;
        all.retain(|undo| undo.number != number);
        Ok(())
    }
}

/// Puts back what there was. False where something was deleted in Google meanwhile, which nothing
/// brings back; then nothing is to be committed.
async fn take_back(tx: &mut Tx, undo: &Undo, sending: &Sending<'_>) -> Result<bool, StoreError> {
    for id in &undo.made {
        let alone = Surgery {
            put: Vec::new(),
            delete: vec![id.clone()],
        };
        apply(tx, id, &alone, Placing::AsIs, sending).await?;
    }
    for event in tx.duet_series(&undo.head).await? {
        let made = !undo.events.iter().any(|before| before.id == event.id);
        if made && event.slot.is_some() && !drop_exception(tx, &event).await? {
            return Ok(false);
        }
    }
    for event in &undo.events {
        tx.put_duet_event(event).await?;
        match undo.links.iter().find(|link| link.event == event.id) {
            Some(link) if !restore_link(tx, event, link, sending).await? => return Ok(false),
            Some(_) => {}
            // It was here alone.
            None => part(tx, event, sending).await?,
        }
    }
    Ok(true)
}

/// Takes an exception out that the change had made. False where Google has heard of it.
async fn drop_exception(tx: &mut Tx, event: &DuetEvent) -> Result<bool, StoreError> {
    let waiting = tx.ops_of(&event.id).await?;
    let linked = tx.link(&event.id).await?.is_some();
    if linked && (waiting.is_empty() || waiting.iter().any(|op| op.sent)) {
        return Ok(false);
    }
    tx.remove_ops_of(&event.id).await?;
    tx.delete_duet_event(&event.id).await?;
    Ok(true)
}

/// Puts an event back where it stood. False where its copy was deleted meanwhile.
async fn restore_link(
    tx: &mut Tx,
    event: &DuetEvent,
    before: &Link,
    sending: &Sending<'_>,
) -> Result<bool, StoreError> {
    let waiting = tx.ops_of(&event.id).await?;
    let thread = waiting
        .last()
        .map_or_else(|| event.head().0.clone(), |op| op.what.thread.clone());
    let link = match tx.link(&event.id).await? {
        // Google may have said more about it since.
        Some(known) if known.external == before.external => known,
        _ => {
            let unsent = waiting
                .iter()
                .any(|op| matches!(op.what.deed, Deed::Delete { .. }) && !op.sent);
            if before.state == LinkState::Synced && !unsent {
                return Ok(false);
            }
            before.clone()
        }
    };
    tx.put_link(&link).await?;
    if event.slot.is_some() {
        place_exception(tx, event, &thread, sending).await?;
    } else if link.state == LinkState::Pending && waiting.is_empty() {
        insert(tx, event, &link, &thread, sending).await?;
    } else {
        update(tx, event, &link, &thread, sending).await?;
        if link.calendar != before.calendar {
            move_to(tx, event, link, before.calendar, &thread, sending).await?;
        }
    }
    Ok(true)
}
