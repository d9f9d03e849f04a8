//! Yes, maybe, no: the answer to an invitation.

use duet_model::event::{EventKey, Response};
use duet_wire::availability::When;
use yew::prelude::*;

use crate::deeds;
use crate::hooks::use_store;
use crate::state::toast::Answer;

/// What can be answered, and how it is called.
const ANSWERS: [(Response, &str, &str); 3] = [
    (Response::Accepted, "Yes", "rsvp-yes"),
    (Response::Tentative, "Maybe", "rsvp-maybe"),
    (Response::Declined, "No", "rsvp-no"),
];

/// To what.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The event.
    pub(crate) event: EventKey,
    /// The occurrence that is meant alone.
    #[prop_or_default]
    pub(crate) occurrence: Option<When>,
    /// What was answered.
    pub(crate) now: Option<Response>,
    /// To which event, for who does not see it beside.
    pub(crate) label: AttrValue,
}

/// The three buttons.
#[component]
pub(crate) fn Answers(props: &Props) -> Html {
    let store = use_store();
    html! {
        <div class="segments answers" role="group" aria-label={props.label.clone()}>
            { for ANSWERS.into_iter().map(|(response, word, testid)| {
                let on = props.now == Some(response);
                let answer = Answer { key: props.event, occurrence: props.occurrence, response };
                let store = store.clone();
                let onclick = move |_| if !on {
                    deeds::respond(&store, answer);
                };
                html! {
                    <button key={word} data-testid={testid} aria-pressed={if on { "true" } else { "false" }} {onclick}>{ word }</button>
                }
            }) }
        </div>
    }
}
