//! What a person does with Duet's own events. The core answers at once, also without a network; what is
//! sent to Google is told by the badge.

use duet_model::duet_event::DuetEventId;
use duet_model::outbox::{Notify, OpId};
use duet_wire::duet_event::{Changed, EventChange, EventDraft};
use duet_wire::{Answer, Command};
use wasm_bindgen_futures::spawn_local;

use super::{complain, order};
use crate::hooks::Store;
use crate::ipc;
use crate::state::app::Action;
use crate::state::toast::{self as state, Undo};
use crate::words;

/// A new event.
pub(crate) fn create_event(store: &Store, draft: EventDraft, notify: Notify) {
    change(store, Command::CreateEvent { draft, notify }, "added");
}

/// Changes an event, or some occurrences of a series.
pub(crate) fn change_event(store: &Store, event: EventChange, draft: EventDraft) {
    let command = Command::ChangeEvent {
        change: event,
        draft,
    };
    change(store, command, "changed");
}

/// Deletes an event, or some occurrences of a series.
pub(crate) fn delete_event(store: &Store, event: EventChange, keep_copy: bool) {
    let command = Command::DeleteEvent {
        change: event,
        keep_copy,
    };
    change(store, command, "deleted");
}

/// Takes an event out of Google; here it stays.
pub(crate) fn remove_from_google(store: &Store, id: DuetEventId, notify: Notify) {
    let command = Command::RemoveFromGoogle { id, notify };
    change(store, command, "taken out of Google Calendar");
}

/// Answers an invitation. It can be taken back as long as it is held back.
pub(crate) fn respond(store: &Store, answer: state::Answer) {
    let state::Answer {
        key,
        occurrence,
        response,
    } = answer;
    let store = store.clone();
    spawn_local(async move {
        let command = Command::Respond {
            key,
            occurrence,
            response,
        };
        match ipc::command(command).await {
            Ok(Answer::Answered(answered)) => {
                let undo = state::Answer {
                    response: answered.before,
                    ..answer
                };
                store.dispatch(Action::Tell {
                    text: words::answered(&answered),
                    failed: false,
                    undo: answered.held_until.map(|_| Undo::Answer(undo)),
                });
            }
            Ok(_) => {}
            Err(error) => complain(&store, error),
        }
        store.dispatch(Action::Reload);
    });
}

/// Tries a change again that Google refused.
pub(crate) fn retry(store: &Store, id: OpId) {
    order(store, Command::RetryOp { id });
}

/// Gives a change up that Google refused.
pub(crate) fn discard(store: &Store, id: OpId) {
    order(store, Command::DiscardOp { id });
}

fn change(store: &Store, command: Command, done: &'static str) {
    let store = store.clone();
    store.dispatch(Action::Close);
    spawn_local(async move {
        match ipc::command(command).await {
            Ok(Answer::Changed(changed)) => tell(&store, &changed, done),
            Ok(_) => {}
            Err(error) => complain(&store, error),
        }
        store.dispatch(Action::Reload);
    });
}

fn tell(store: &Store, changed: &Changed, done: &str) {
    store.dispatch(Action::Tell {
        text: words::event_done(&changed.title, done, &changed.mailed),
        failed: false,
        undo: Some(Undo::Event(changed.undo)),
    });
}
