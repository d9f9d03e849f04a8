//! Keeps the store in step with the core: listens to pushes, asks for what is due, and says when the
//! window comes back to the front.

use chrono::{DateTime, Utc};
use duet_wire::connect::ConnectView;
use duet_wire::{Answer, ErrorCode, Query, WireError};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::deeds;
use crate::hooks::clock::now;
use crate::hooks::{Store, use_window_event};
use crate::ipc;
use crate::state::app::Action;

/// Nudges closer together than this are one: a click into the window is no news every time.
const NUDGE_EVERY_SECONDS: i64 = 30;

/// Runs the connection. Called once, by the component that owns the store.
#[hook]
pub(crate) fn use_backend(store: &Store) {
    {
        let store = store.clone();
        use_effect_with((), move |()| {
            let heard = store.clone();
            if let Err(error) = ipc::listen(move |push| heard.dispatch(Action::Pushed(push))) {
                store.dispatch(Action::Overview(Err(error)));
            }
        });
    }
    {
        // After every change: what is due now? Each request marks itself as under way first, so
        // this settles after as many rounds as there is to ask.
        let store = store.clone();
        use_effect_with(store.clone(), move |_| {
            if store.anchor.is_none()
                && let Some(today) = store.today(now())
            {
                store.dispatch(Action::GoTo(today));
                return;
            }
            if store.wants_overview() {
                ask_overview(&store);
            }
            if store.wants_invitations() {
                ask_invitations(&store);
            }
            if let Some(span) = store.next_fetch(now()) {
                store.dispatch(Action::GridAsked(span));
                let store = store.clone();
                spawn_local(async move {
                    let answer = ipc::query(Query::Grid {
                        from: span.from,
                        days: span.days,
                    })
                    .await;
                    let answer = answer.and_then(|answer| match answer {
                        Answer::Grid(grid) => Ok(grid),
                        _ => Err(unexpected()),
                    });
                    store.dispatch(Action::Grid(span, answer));
                });
            }
        });
    }
    let connected = store
        .overview
        .as_ref()
        .and_then(|overview| match &overview.connect {
            ConnectView::Done { email } => Some(email.clone()),
            _ => None,
        });
    {
        let store = store.clone();
        use_effect_with(connected, move |email| {
            if let Some(email) = email {
                deeds::tell(&store, format!("{email} is connected."));
                deeds::connect_cancel(&store);
            }
        });
    }
    let last = use_mut_ref(|| None::<DateTime<Utc>>);
    let occasion = move || {
        let time = now();
        let due = last
            .borrow()
            .is_none_or(|last| (time - last).num_seconds() >= NUDGE_EVERY_SECONDS);
        if due {
            *last.borrow_mut() = Some(time);
            deeds::nudge();
        }
    };
    use_window_event("online", {
        let occasion = occasion.clone();
        move |_| occasion()
    });
    use_window_event("focus", move |_| occasion());
}

fn ask_overview(store: &Store) {
    store.dispatch(Action::OverviewAsked);
    let store = store.clone();
    spawn_local(async move {
        let answer = ipc::query(Query::Overview).await;
        let answer = answer.and_then(|answer| match answer {
            Answer::Overview(overview) => Ok(overview),
            _ => Err(unexpected()),
        });
        store.dispatch(Action::Overview(answer));
    });
}

fn ask_invitations(store: &Store) {
    store.dispatch(Action::InvitationsAsked);
    let store = store.clone();
    spawn_local(async move {
        let answer = ipc::query(Query::Invitations).await;
        let answer = answer.and_then(|answer| match answer {
            Answer::Invitations(list) => Ok(list),
            _ => Err(unexpected()),
        });
        store.dispatch(Action::Invitations(answer));
    });
}

fn unexpected() -> WireError {
    WireError::new(
        ErrorCode::Failed,
        "Duet’s core gave an answer to another question. Please restart Duet.",
    )
}
