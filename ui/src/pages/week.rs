//! The day and week views: from the store's grid to the one that is drawn.

use std::rc::Rc;

use yew::prelude::*;

use crate::components::timegrid::TimeGrid;
use crate::hooks::{Store, use_now, use_store};
use crate::state::app::Action;
use crate::state::pending;
use crate::state::shared::Shared;
use crate::state::view::Span;
use duet_wire::grid::GridView;

/// What a page draws: the grid with filter and pending changes, or its empty frame.
#[derive(Clone, PartialEq)]
pub(crate) struct Drawn {
    /// The days.
    pub(crate) grid: Shared<GridView>,
    /// Is it only the frame, because nothing has arrived yet?
    pub(crate) loading: bool,
}

/// The grid of the days in view, as it is to be drawn.
#[hook]
pub(crate) fn use_drawn(store: &Store) -> Option<Drawn> {
    let now = use_now();
    let span = store.shown();
    let fetched = span.and_then(|span| store.grids.get(span).cloned());
    let epoch = span
        .and_then(|span| store.grids.epoch_of(span))
        .unwrap_or(0);
    // The frame's marks need the day only, so it is not made anew every minute.
    let blank = use_memo(
        (span, store.today(now)),
        |(span, today): &(Option<Span>, _)| span.map(|span| Shared::new(span.blank(*today))),
    );
    let changes: Rc<Vec<_>> = store.pending.clone();
    let grid = use_memo(
        (fetched, store.filter(), changes, epoch),
        |(fetched, filter, changes, epoch)| {
            fetched.as_ref().map(|grid| {
                let concern = changes.iter().filter(|pending| pending.concerns(*epoch));
                pending::drawn(grid, filter, concern)
            })
        },
    );
    match (&*grid, &*blank) {
        (Some(grid), _) => Some(Drawn {
            grid: grid.clone(),
            loading: false,
        }),
        (None, Some(blank)) => Some(Drawn {
            grid: blank.clone(),
            loading: true,
        }),
        (None, None) => None,
    }
}

/// Why the days in view could not be read, and a way to try again.
pub(crate) fn failure(store: &Store) -> Html {
    let error = store.shown().and_then(|span| store.grids.failure(span));
    let Some(error) = error else { return html! {} };
    let again = {
        let store = store.clone();
        move |_| store.dispatch(Action::Reload)
    };
    html! {
        <div class="notice" role="alert">
            <span>{ "These days could not be read. " }{ &error.message }</span>
            <button class="button" onclick={again}>{ "Try again" }</button>
        </div>
    }
}

/// One day, or seven.
#[component]
pub(crate) fn Week() -> Html {
    let store = use_store();
    let drawn = use_drawn(&store);
    html! {
        <>
            { failure(&store) }
            if let Some(Drawn { grid, loading }) = drawn {
                <TimeGrid {grid} {loading} hours={store.settings().working_hours} />
            }
        </>
    }
}
