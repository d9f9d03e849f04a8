//! What a person does with Duet's own events. The core answers at once, also without a network; what is
//! sent to Google is told by the badge.

use chrono::NaiveDateTime;
use duet_model::duet_event::{DuetEventId, Scope};
use duet_model::outbox::{Notify, OpId};
use duet_wire::blocks::BlockDraft;
use duet_wire::duet_event::{Changed, DuetEventView, EventChange, EventDraft, Typed};
use duet_wire::grid::BlockView;
use duet_wire::{Answer, Command, Query, WireError};
use wasm_bindgen_futures::spawn_local;

use super::{complain, order, preview};
use crate::hooks::Store;
use crate::ipc;
use crate::state::app::Action;
use crate::state::dialog::{Dialog, EventSeed};
use crate::state::event_form::EventForm;
use crate::state::pending::Change;
use crate::state::toast::{self as state, Offer};
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

/// One of Duet's own events was dragged. Where guests or other occurrences are concerned the editor asks
/// with the new time in it: nobody is mailed, and nothing else is moved, by a slip of the hand.
pub(super) fn drag(store: &Store, block: &BlockView, start: NaiveDateTime, end: NaiveDateTime) {
    let draft = BlockDraft {
        title: block.title.clone(),
        start,
        end,
        repeat: None,
    };
    let drawn = preview(store, block.id.clone(), &draft);
    let drawn = BlockView {
        start: drawn.start,
        end: drawn.end,
        wall_start: start,
        wall_end: end,
        ..block.clone()
    };
    let token = store.token();
    store.dispatch(Action::Try(Change::Put(Box::new(drawn))));
    let (store, block) = (store.clone(), block.clone());
    spawn_local(async move {
        let outcome = match read(&block).await {
            Ok(Some(event)) => match moved(&event, start, end) {
                Some(command) => ipc::command(command).await,
                None => {
                    store.dispatch(Action::Refused(token));
                    let seed = EventSeed {
                        event: Some(event),
                        span: Some((start, end)),
                    };
                    store.dispatch(Action::Show(Dialog::EventEditor(Box::new(seed))));
                    return;
                }
            },
            Ok(None) => Ok(Answer::Done),
            Err(error) => Err(error),
        };
        match outcome {
            Ok(answer) => {
                store.dispatch(Action::Stored(token));
                if let Answer::Changed(changed) = answer {
                    tell(&store, &changed, "moved");
                }
            }
            Err(error) => {
                store.dispatch(Action::Refused(token));
                complain(&store, error);
            }
        }
        store.dispatch(Action::Reload);
    });
}

/// The change that moves an event which concerns nobody else and does not repeat.
fn moved(event: &DuetEventView, start: NaiveDateTime, end: NaiveDateTime) -> Option<Command> {
    if event.slot.is_some() || !event.guests.is_empty() {
        return None;
    }
    let mut draft = EventForm::of(event, start.date()).read().ok()?;
    (draft.start, draft.end) = (Typed::Wall(start), Typed::Wall(end));
    let change = EventChange {
        id: event.id.clone(),
        slot: None,
        scope: Scope::All,
        notify: Notify::None,
    };
    Some(Command::ChangeEvent { change, draft })
}

/// Asks what is to happen in Google and to the guests, and then deletes.
pub(crate) fn ask_delete(store: &Store, block: &BlockView) {
    let (store, block) = (store.clone(), block.clone());
    spawn_local(async move {
        match read(&block).await {
            Ok(Some(event)) => {
                store.dispatch(Action::Show(Dialog::DeleteEvent(Box::new(event))));
            }
            Ok(None) => {}
            Err(error) => complain(&store, error),
        }
    });
}

async fn read(block: &BlockView) -> Result<Option<DuetEventView>, WireError> {
    let Some(own) = &block.duet else {
        return Ok(None);
    };
    let query = Query::DuetEvent {
        id: own.id.clone(),
        slot: own.slot,
    };
    Ok(match ipc::query(query).await? {
        Answer::DuetEvent(event) => Some(*event),
        _ => None,
    })
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
                    offer: answered.held_until.map(|_| Offer::Answer(undo)),
                });
            }
            Ok(_) => {}
            Err(error) => complain(&store, error),
        }
        store.dispatch(Action::Reload);
    });
}

/// Takes an event back that was deleted in Google.
pub(crate) fn restore(store: &Store, conflict: i64) {
    order(store, Command::RestoreEvent { conflict });
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
        offer: Some(Offer::Event(changed.undo)),
    });
}
