//! The line of now. A component of its own: it moves every minute, and nothing else has to.

use duet_wire::grid::GridView;
use yew::prelude::*;

use crate::hooks::use_now;
use crate::state::app::minute_of_day;
use crate::state::shared::Shared;

#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// The days in view.
    pub(super) grid: Shared<GridView>,
}

/// The line, where now is in view.
#[component]
pub(super) fn NowLine(props: &Props) -> Html {
    let now = use_now();
    let found = props
        .grid
        .days
        .iter()
        .enumerate()
        .find_map(|(day, view)| Some((day, minute_of_day(view, now)?)));
    match found {
        Some((day, minute)) => html! {
            <div class="now-line" aria-hidden="true" style={format!("--d:{day};--t:{minute}")}></div>
        },
        None => html! {},
    }
}
