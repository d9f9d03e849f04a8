//! The answer to an invitation, in the details of its event.

use duet_model::event::Response;
use duet_wire::event::{EventView, WaitingAnswer};
use yew::prelude::*;

use crate::components::answers::Answers;
use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::use_store;
use crate::state::shared::Shared;

/// To which event.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// The event, or the chosen occurrence of a series.
    pub(super) event: Shared<EventView>,
}

/// What is answered, and the buttons to answer otherwise; nothing where nobody is asked.
#[component]
pub(super) fn AnswerFact(props: &Props) -> Html {
    let event = &props.event;
    let repeats = event.repeats.is_some();
    // Who has answered the series means the one that is open.
    let settled = event.my_response != Some(Response::NeedsAction);
    let alone = use_state_eq(|| None::<bool>);
    let only_this = alone.unwrap_or(settled);
    if !event.can_respond {
        return match &event.respond_because {
            None => html! {},
            Some(why) => {
                html! { <p class="fact" data-testid="rsvp">{ icon(Icon::Check) }<span>{ words(event.my_response) }<small>{ why }</small></span></p> }
            }
        };
    }
    let occurrence = (repeats && only_this).then_some(event.start);
    html! {
        <div class="fact rsvp" data-testid="rsvp">
            { icon(Icon::Check) }
            <div>
                <Answers event={event.key} {occurrence} now={event.my_response} label={words(event.my_response)} />
                if repeats {
                    <div class="segments answers" role="group" aria-label="What the answer is about">
                        { for [(true, "Only this one", "rsvp-this"), (false, "The whole series", "rsvp-all")].into_iter().map(|(this, word, testid)| {
                            let set = alone.setter();
                            html! { <button key={word} data-testid={testid} aria-pressed={if this == only_this { "true" } else { "false" }} onclick={move |_| set.set(Some(this))}>{ word }</button> }
                        }) }
                    </div>
                }
                if let Some(waiting) = &event.answer {
                    <Waiting answer={waiting.clone()} />
                }
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct WaitingProps {
    answer: WaitingAnswer,
}

/// That Google does not have the answer yet, and what can be done where it refused it.
#[component]
fn Waiting(props: &WaitingProps) -> Html {
    let store = use_store();
    let answer = &props.answer;
    let id = answer.id;
    let (again, never) = (store.clone(), store);
    html! {
        <>
            <small data-testid="rsvp-waits">{ &answer.because }</small>
            if answer.stuck {
                <span class="fact-buttons">
                    <button class="button" data-testid="op-retry" onclick={move |_| deeds::retry(&again, id)}>{ "Try again" }</button>
                    <button class="button" data-testid="op-discard" onclick={move |_| deeds::discard(&never, id)}>{ "Discard the answer" }</button>
                </span>
            }
        </>
    }
}

/// What was answered.
pub(super) fn words(response: Option<Response>) -> &'static str {
    match response {
        Some(Response::Accepted) => "You said yes",
        Some(Response::Tentative) => "You said maybe",
        Some(Response::Declined) => "You declined",
        Some(Response::NeedsAction) | None => "You have not answered",
    }
}
