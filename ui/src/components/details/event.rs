//! The details of an event: at once what the block says, then what the core knows of it.

use duet_wire::availability::When;
use duet_wire::grid::BlockView;
use duet_wire::{Answer, Query};
use yew::prelude::*;

use crate::components::details::answer::AnswerFact;
use crate::components::details::{age, counts, facts, from, switches};
use crate::components::icon::{Icon, icon};
use crate::hooks::{use_answer, use_now, use_store};

/// Which event.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// As it is drawn.
    pub(super) block: BlockView,
    /// Called whenever it is drawn: it may have grown.
    pub(super) drawn: Callback<()>,
}

/// The details of an event.
#[component]
pub(super) fn EventDetails(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let block = &props.block;
    let query = block.event.map(|key| Query::Event {
        key,
        start: Some(match block.all_day {
            Some((first, _)) => When::Date(first),
            None => When::Instant(block.start),
        }),
    });
    let asked = use_answer(query, store.grids.epoch(), 0, |answer| match answer {
        Answer::Event(event) => Some(*event),
        _ => None,
    });
    {
        let drawn = props.drawn.clone();
        use_effect(move || drawn.emit(()));
    }
    let event = asked.shown();
    let because = event.map_or_else(
        || facts::because(block).to_owned(),
        |event| event.because.clone(),
    );
    // What comes later stands below what is there at once: nothing moves under the pointer.
    html! {
        <>
            { from(block) }
            { counts(&store, block, &because, &age(&store, block, now)) }
            if let Some(event) = event {
                <AnswerFact event={event.clone()} />
                { facts::about(event, &store) }
            }
            if let Some(error) = asked.failure() {
                <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ "The rest could not be read. " }{ &error.message }</span></p>
            }
            if let Some(event) = event {
                { facts::history(&event.history, now, &store) }
            }
            { switches(&store, block) }
        </>
    }
}
