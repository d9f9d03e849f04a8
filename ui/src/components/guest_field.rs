//! Whom to invite: addresses as people type them, completed from who was invited before.

use duet_model::duet_event::Guest;
use duet_wire::{Answer, Query};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::field::{changed, typed};
use crate::hooks::{use_answer, use_store};
use crate::state::guests::{complete, completions};

/// What the field holds.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// As typed.
    pub(crate) typed: String,
    /// What is wrong with it.
    pub(crate) fault: Option<String>,
    /// Called with what is typed.
    pub(crate) set: Callback<String>,
}

/// The field, and below it who may be meant.
#[component]
pub(crate) fn GuestField(props: &Props) -> Html {
    let store = use_store();
    let field = use_node_ref();
    let past = use_answer(
        Some(Query::PastGuests),
        store.grids.epoch(),
        0,
        |answer| match answer {
            Answer::PastGuests(guests) => Some(guests),
            _ => None,
        },
    );
    let past: &[Guest] = past.shown().map_or(&[], |guests| guests);
    let offered: Vec<Guest> = completions(&props.typed, past)
        .into_iter()
        .cloned()
        .collect();
    let take = {
        let (set, typed, field) = (props.set.clone(), props.typed.clone(), field.clone());
        move |guest: &Guest| {
            set.emit(complete(&typed, &guest.email));
            if let Some(field) = field.cast::<HtmlInputElement>() {
                field.focus().ok();
            }
        }
    };
    let onkeydown = {
        let (take, first) = (take.clone(), offered.first().cloned());
        move |event: KeyboardEvent| {
            // What is offered first is taken with the arrow; Enter saves as everywhere in the form.
            if event.key() == "ArrowDown"
                && let Some(first) = &first
            {
                event.prevent_default();
                take(first);
            }
        }
    };
    html! {
        <div class="labelled">
            <span id="guests-label">{ "Guests" }</span>
            <input ref={field} class="field" data-testid="editor-guests" aria-labelledby="guests-label" placeholder="ben@example.org, eva@example.org"
                autocomplete="off" spellcheck="false" aria-invalid={if props.fault.is_some() { "true" } else { "false" }} value={props.typed.clone()} {onkeydown}
                oninput={typed(&props.set)} onchange={changed(&props.set)} />
            if !offered.is_empty() {
                <div class="offers" role="group" aria-label="Invited before">
                    { for offered.into_iter().map(|guest| {
                        let take = take.clone();
                        html! {
                            <button key={guest.email.clone()} type="button" class="button offer" data-testid="guest-offer" title={guest.email.clone()} onclick={
                                let guest = guest.clone();
                                move |_| take(&guest)
                            }><bdi>{ guest.name.clone().unwrap_or_else(|| guest.email.clone()) }</bdi></button>
                        }
                    }) }
                </div>
            }
            if let Some(fault) = &props.fault {
                <span class="fault" role="alert">{ fault }</span>
            }
        </div>
    }
}
