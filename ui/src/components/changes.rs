//! What waits to be sent to Google and why, and what was changed here and there at once.

use duet_wire::conflict::ConflictView;
use duet_wire::duet_event::WaitingView;
use duet_wire::{Answer, Query};
use yew::prelude::*;

use crate::components::conflicts;
use crate::components::icon::{Icon, icon};
use crate::components::panel::Frame;
use crate::deeds;
use crate::hooks::{Store, use_answer, use_store};

/// The panel.
#[component]
pub(crate) fn ChangesPanel() -> Html {
    let store = use_store();
    let epoch = store.grids.epoch();
    let waiting = use_answer(Some(Query::Waiting), epoch, 0, |answer| match answer {
        Answer::Waiting(list) => Some(list),
        _ => None,
    });
    let clashed = use_answer(Some(Query::Conflicts), epoch, 0, |answer| match answer {
        Answer::Conflicts(list) => Some(list),
        _ => None,
    });
    let waits = waiting.shown().map_or(&[][..], |list| list.as_slice());
    let clashes = clashed.shown().map_or(&[][..], |list| list.as_slice());
    let known = waiting.shown().is_some() && clashed.shown().is_some();
    let failure = waiting.failure().or(clashed.failure());
    html! {
        <Frame label="Changes" testid="changes" busy={!known && failure.is_none()} heading={html! { <h2>{ "Changes" }</h2> }}>
            if let Some(error) = failure {
                <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ &error.message }</span></p>
            }
            if known && waits.is_empty() && clashes.is_empty() {
                <p class="quiet" data-testid="changes-none">{ "Google has everything that was to be sent." }</p>
            }
            if !waits.is_empty() {
                <h3>{ "To be sent" }</h3>
                <ul class="change-list">{ for waits.iter().map(|one| change(&store, one)) }</ul>
            }
            if !clashes.is_empty() {
                <h3>{ "Changed in Google as well, or deleted there" }</h3>
                <ul class="change-list">{ for clashes.iter().map(|one| clash(&store, one)) }</ul>
            }
        </Frame>
    }
}

fn change(store: &Store, one: &WaitingView) -> Html {
    let (id, again, never) = (one.id, store.clone(), store.clone());
    html! {
        <li key={format!("op-{}", id.0)} class={classes!("outgoing", one.stuck.then_some("refused"))} data-testid="change" data-state={if one.stuck { "refused" } else { "waiting" }}>
            <b><bdi>{ &one.what }</bdi></b>
            <p>{ &one.because }</p>
            <small><bdi>{ &one.account }</bdi></small>
            if one.stuck || one.again.is_some() {
                <div class="fact-buttons">
                    <button class="button" data-testid="op-retry" onclick={move |_| deeds::retry(&again, id)}>{ if one.stuck { "Try again" } else { "Try now" } }</button>
                    <button class="button" data-testid="op-discard" onclick={move |_| deeds::discard(&never, id)}>{ "Discard the change" }</button>
                </div>
            }
        </li>
    }
}

fn clash(store: &Store, one: &ConflictView) -> Html {
    html! { <li key={format!("conflict-{}", one.id)} class="outgoing" data-testid="conflict">{ conflicts::told(store, one, true) }</li> }
}
