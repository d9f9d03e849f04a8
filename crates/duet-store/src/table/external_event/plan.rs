//! What to write for events that came, by what is stored: a decision over values.

use std::collections::BTreeMap;

use duet_model::event::{Event, EventId, EventKey, EventStatus};

use super::{Before, NewEvent};
use crate::table::event_change::Noticed;

/// What is to be done.
#[derive(Default)]
pub(super) struct Plan<'a> {
    /// The events that are to be written.
    pub(super) write: Vec<NewEvent<'a>>,
    pub(super) unchanged: usize,
    /// For the history.
    pub(super) noticed: Vec<Noticed>,
    /// Whose occurrences may say something else of it now.
    pub(super) repeat: Vec<EventKey>,
    /// Whose words leave the index for searching...
    pub(super) unfound: Vec<EventKey>,
    /// ...and whose words, as they are now, come into it.
    pub(super) found: Vec<&'a Event>,
}

/// `events` are of different ids. With `refresh` all of them are written: the stored copies of what
/// was sent are those of an older kind of request.
pub(super) fn plan<'a>(
    events: &[NewEvent<'a>],
    stored: &BTreeMap<EventId, Before>,
    refresh: bool,
) -> Plan<'a> {
    let mut plan = Plan::default();
    for new in events {
        let event = new.event;
        let is_found = event.status != EventStatus::Cancelled;
        let Some(before) = stored.get(&event.id) else {
            plan.write.push(*new);
            plan.found.extend(is_found.then_some(event));
            continue;
        };
        let (same_event, same_raw) = same(before, new);
        if same_event && same_raw && before.facts == i64::from(new.facts) && !refresh {
            plan.unchanged += 1;
            continue;
        }
        plan.write.push(*new);
        plan.repeat.push(before.key);
        if same_event {
            continue;
        }
        let old = before.event();
        plan.noticed
            .extend(old.as_ref().and_then(|old| Noticed::changed(old, event)));
        let was_found = old
            .as_ref()
            .is_none_or(|old| old.status != EventStatus::Cancelled);
        let same_words = old.as_ref().is_some_and(|old| words(old) == words(event));
        if was_found == is_found && same_words {
            continue;
        }
        plan.unfound.extend(was_found.then_some(before.key));
        plan.found.extend(is_found.then_some(event));
    }
    plan
}

/// Is the event the same, and what was sent beyond it?
fn same(before: &Before, new: &NewEvent<'_>) -> (bool, bool) {
    // The same texts may be packed in other ways.
    if before.body == *new.body {
        return (true, true);
    }
    let (Ok(before), Ok(now)) = (before.body.unpack(), new.body.unpack()) else {
        return (false, false);
    };
    // The version is a part of the event, so the same event is the same version.
    let same_raw = new.event.etag.is_some() || before.raw() == now.raw();
    (before.event() == now.event(), same_raw)
}

/// What the index for searching has of an event.
fn words(event: &Event) -> impl PartialEq + '_ {
    let people: Vec<_> = event.attendees.iter().map(|guest| &guest.person).collect();
    (&event.title, &event.location, &event.organizer, people)
}

#[cfg(test)]
mod tests;
