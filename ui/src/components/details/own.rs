//! The details of one of Duet's own events: what it says, how its copy in Google stands, and what can be
//! done with it.

use duet_model::duet_event::Badge;
use duet_model::outbox::Notify;
use duet_wire::duet_event::{DuetEventView, InGoogle};
use duet_wire::grid::BlockView;
use duet_wire::{Answer, Query};
use yew::prelude::*;

use crate::components::conflicts;
use crate::components::details::facts::{self, fact};
use crate::components::details::why_button;
use crate::components::event_editor;
use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::{Store, use_answer, use_now, use_store};
use crate::state::app::Action;
use crate::state::dialog::Dialog;
use crate::state::guests;
use crate::words;

/// Which event.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// As it is drawn.
    pub(super) block: BlockView,
    /// Called whenever it is drawn: it may have grown.
    pub(super) drawn: Callback<()>,
}

/// The details of one of Duet's own events.
#[component]
pub(super) fn OwnDetails(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let block = &props.block;
    let query = block.duet.as_ref().map(|own| Query::DuetEvent {
        id: own.id.clone(),
        slot: own.slot,
    });
    let asked = use_answer(query, store.grids.epoch(), 0, |answer| match answer {
        Answer::DuetEvent(event) => Some(*event),
        _ => None,
    });
    {
        let drawn = props.drawn.clone();
        use_effect(move || drawn.emit(()));
    }
    html! {
        <>
            if let Some(event) = asked.shown() {
                { about(event) }
                { google(&store, event) }
                { for event.conflicts.iter().map(|one| html! { <div class="fact" data-testid="conflict">{ icon(Icon::Alert) }{ conflicts::told(&store, one, false) }</div> }) }
                { pages(&store, event) }
                { facts::history(&event.history, now, &store) }
                { buttons(&store, block, event) }
            }
            if let Some(error) = asked.failure() {
                <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ &error.message }</span></p>
            }
        </>
    }
}

/// Where it can be joined, and seen in Google.
fn pages(store: &Store, event: &DuetEventView) -> Html {
    let Some((google, key)) = event.google.as_ref().and_then(|it| Some((it, it.copy?))) else {
        return html! {};
    };
    html! {
        <>
            { facts::call(store, key, google.conference.as_deref()) }
            { facts::page(store, key, google.link.as_deref()) }
        </>
    }
}

fn about(event: &DuetEventView) -> Html {
    html! {
        <>
            { fact(Icon::Check, html! { <span data-testid="details-because">{ &event.because }</span> }) }
            { facts::home(event.home.as_ref()) }
            if let Some(repeats) = &event.repeats {
                { fact(Icon::Sync, html! { <>{ words::capital(repeats) }</> }) }
            }
            if !event.location.is_empty() {
                { fact(Icon::Pin, html! { <bdi class="selectable">{ &event.location }</bdi> }) }
            }
            if !event.guests.is_empty() {
                { facts::invited(&event.guests, guests::counted(&event.guests, false), html! {}) }
            }
            { for event.reminders.iter().map(|words| fact(Icon::Bell, html! { <>{ words::capital(words) }</> })) }
            { facts::notes(&event.notes) }
        </>
    }
}

/// How its copy stands.
fn google(store: &Store, event: &DuetEventView) -> Html {
    let Some(google) = &event.google else {
        return fact(
            Icon::Duet,
            html! { <>{ "Here alone" }<small>{ "Not in Google Calendar" }</small></> },
        );
    };
    let (state, title, mark) = match google.badge {
        Badge::Pending => ("pending", "Waiting to be sent", Icon::Clock),
        Badge::Synced => ("synced", "Synced", Icon::Check),
        Badge::Failed => ("failed", "Not sent", Icon::Alert),
    };
    html! {
        <p class={classes!("fact", "badge", state)} data-testid="badge-synced" data-state={state}>
            { icon(mark) }
            <span>{ title }<small>{ format!("{} · {}", google.calendar_name, google.because) }</small>{ stuck(store, google) }</span>
        </p>
    }
}

/// What can be done about a change that Google refused.
fn stuck(store: &Store, google: &InGoogle) -> Html {
    let Some(id) = google.stuck else {
        return html! {};
    };
    let (again, never) = (store.clone(), store.clone());
    html! {
        <span class="fact-buttons">
            <button class="button" data-testid="op-retry" onclick={move |_| deeds::retry(&again, id)}>{ "Try again" }</button>
            <button class="button" data-testid="op-discard" onclick={move |_| deeds::discard(&never, id)}>{ "Discard the change" }</button>
        </span>
    }
}

fn buttons(store: &Store, block: &BlockView, event: &DuetEventView) -> Html {
    let edit = {
        let (store, event) = (store.clone(), event.clone());
        move |_| event_editor::open(&store, event.clone())
    };
    let delete = {
        let (store, event) = (store.clone(), event.clone());
        move |_| store.dispatch(Action::Show(Dialog::DeleteEvent(Box::new(event.clone()))))
    };
    let alone = {
        let (store, event) = (store.clone(), event.clone());
        // Somebody may be concerned, of a series perhaps by one occurrence: who is told is asked first.
        let alone = event.guests.is_empty() && event.repeat.is_none();
        move |_| match alone {
            true => deeds::remove_from_google(&store, event.id.clone(), Notify::None),
            false => store.dispatch(Action::Show(Dialog::Withdraw(Box::new(event.clone())))),
        }
    };
    html! {
        <div class="dialog-foot">
            <button class="button danger" data-testid="delete-event" onclick={delete}>{ icon(Icon::Bin) }{ "Delete" }</button>
            { why_button(store, block) }
            if let Some(google) = &event.google {
                <button class="button" data-testid="remove-from-google" onclick={alone}>{ if google.there { "Remove from Google" } else { "Keep it here alone" } }</button>
            }
            <span class="spring"></span>
            <button class="button primary" data-testid="edit-event" onclick={edit}>{ icon(Icon::Pen) }{ "Edit" }</button>
        </div>
    }
}
