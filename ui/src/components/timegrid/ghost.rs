//! What a drag would make, with its times, before it is let go.

use chrono::NaiveDateTime;
use duet_wire::grid::GridView;
use yew::prelude::*;

use crate::dates;
use crate::state::place;

/// The ghost of a span.
pub(super) fn view(grid: &GridView, span: Option<(NaiveDateTime, NaiveDateTime)>) -> Html {
    let Some((start, end)) = span else {
        return html! {};
    };
    let length = dates::length((end - start).num_minutes());
    let parts = place::stretches(&grid.days, start, end)
        .into_iter()
        .enumerate();
    parts
        .map(|(part, stretch)| html! {
            <div
                key={format!("ghost-{part}")}
                class="phantom"
                aria-hidden="true"
                style={format!("--d:{};--t:{};--l:{}", stretch.day, stretch.top, stretch.length)}
            >
                if part == 0 {
                    <b>{ dates::span(start, end) }</b><small>{ length.clone() }</small>
                }
            </div>
        })
        .collect()
}
