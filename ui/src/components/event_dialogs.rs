//! Before an event is deleted or taken out of Google: which occurrences, what becomes of the copy there,
//! and who is told.

use duet_model::duet_event::Scope;
use duet_model::outbox::Notify;
use duet_wire::duet_event::{DuetEventView, EventChange, EventWish};
use yew::prelude::*;

use crate::components::dialogs::Modal;
use crate::components::event_editor::scopes;
use crate::components::mail::MailLine;
use crate::components::switch::Switch;
use crate::deeds;
use crate::hooks::use_store;
use crate::state::app::Action;

/// Which event.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The event, or the chosen occurrence of a series.
    pub(crate) event: DuetEventView,
}

/// Deletes an event, once it is said what that does.
#[component]
pub(crate) fn DeleteEvent(props: &Props) -> Html {
    let store = use_store();
    let event = &props.event;
    let scope = use_state(|| Scope::This);
    let notify = use_state(|| Notify::All);
    let keep = use_state(|| false);
    let of_series = event.slot.is_some();
    let scope_now = if of_series { *scope } else { Scope::All };
    let place = event.google.as_ref().map(|google| google.place.clone());
    // Said of all of them, it does not hold for one.
    let keeps = *keep && scope_now == Scope::All;
    let change = EventChange {
        id: event.id.clone(),
        slot: event.slot,
        scope: scope_now,
        notify: *notify,
    };
    let wish = place.is_some().then(|| EventWish::Delete {
        change: change.clone(),
        keep_copy: keeps,
    });
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let cancel = onclose.clone();
    let delete = move |_| deeds::delete_event(&store, change.clone(), keeps);
    html! {
        <Modal heading={if of_series { "Delete a repeating event" } else { "Delete this event?" }} class="small" testid="delete-dialog" {onclose}>
            if of_series {
                { scopes(&scope) }
            }
            // Single occurrences cannot be left behind: the series goes on there.
            if place.is_some() && scope_now == Scope::All {
                <div class="rule"><span aria-hidden="true">{ "Keep it in Google Calendar" }</span><Switch on={*keep} label="Keep it in Google Calendar" testid="delete-keep" onchange={
                    let keep = keep.setter();
                    Callback::from(move |on| keep.set(on))
                } /></div>
            }
            <MailLine {wish} doing="Deleting it" {notify} testid="delete" guests={!event.guests.is_empty()} />
            <div class="dialog-foot">
                <button class="button" onclick={move |_| cancel.emit(())}>{ "Cancel" }</button>
                <span class="spring"></span>
                <button class="button danger solid" data-testid="delete-confirm" autofocus=true onclick={delete}>{ "Delete" }</button>
            </div>
        </Modal>
    }
}

/// Takes an event out of Google, once it is said who is told.
#[component]
pub(crate) fn Withdraw(props: &Props) -> Html {
    let store = use_store();
    let event = &props.event;
    let notify = use_state(|| Notify::All);
    let wish = EventWish::Withdraw {
        id: event.id.clone(),
        notify: *notify,
    };
    let onclose = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let cancel = onclose.clone();
    let act = {
        let (id, notify) = (event.id.clone(), *notify);
        move |_| deeds::remove_from_google(&store, id.clone(), notify)
    };
    html! {
        <Modal heading="Take it out of Google Calendar?" class="small" testid="withdraw-dialog" {onclose}>
            <p>{ "It stays here, without its guests." }</p>
            <MailLine {wish} doing="Taking it out" {notify} testid="withdraw" guests={!event.guests.is_empty()} />
            <div class="dialog-foot">
                <button class="button" onclick={move |_| cancel.emit(())}>{ "Cancel" }</button>
                <span class="spring"></span>
                <button class="button danger solid" data-testid="withdraw-confirm" autofocus=true onclick={act}>{ "Take it out" }</button>
            </div>
        </Modal>
    }
}
