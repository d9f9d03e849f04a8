//! One day's column: what is unknown behind, the blocks before it, and the keyboard's half hour.

use duet_model::availability::State;
use duet_wire::availability::BlockState;
use duet_wire::grid::{DayView, GridView};
use yew::prelude::*;

use crate::components::timegrid::block::{self, Marks};
use crate::dates;
use crate::hooks::Now;
use crate::state::cursor::{SLOT, Spot};
use crate::state::place;
use crate::state::shared::Shared;
use crate::state::spoken;
use crate::words;

/// What a column needs: only what concerns its own day, so that it is drawn anew for nothing else.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// All days.
    pub(super) grid: Shared<GridView>,
    /// Which of them.
    pub(super) index: usize,
    /// Working hours.
    pub(super) hours: (u8, u8),
    /// Is nothing known yet?
    pub(super) loading: bool,
    /// The keyboard cursor, if it is in this column.
    pub(super) spot: Option<Spot>,
    /// The block whose details are open, if it is here.
    pub(super) selected: Option<AttrValue>,
    /// The block that is dragged, if it is here.
    pub(super) held: Option<AttrValue>,
    /// The time, if something here says its age.
    pub(super) now: Option<Now>,
}

/// Does anything in this column say how old it is?
pub(super) fn needs_time(grid: &GridView, index: usize) -> bool {
    grid.days.get(index).is_some_and(|day| {
        day.strip.iter().any(|piece| piece.state == State::Unknown)
            || day
                .pieces
                .iter()
                .any(|piece| grid.blocks[piece.block as usize].state == BlockState::Unknown)
    })
}

/// A day's column.
#[component]
pub(super) fn Column(props: &Props) -> Html {
    let Props {
        grid,
        index,
        hours,
        loading,
        spot,
        selected,
        held,
        now,
    } = props;
    let day = &grid.days[*index];
    let class = classes!(
        "column",
        day.weekend.then_some("weekend"),
        loading.then_some("loading"),
        (day.minutes != 1440).then_some("odd"),
    );
    let style = format!(
        "--long-day:{};--work:{};--rest-from:{}",
        day.minutes,
        place::hour_at(day, hours.0),
        place::hour_at(day, hours.1)
    );
    html! {
        <div {class} {style} role="gridcell" aria-label={dates::day_long(day.date)} data-date={dates::iso_date(day.date)}>
            { for day.strip.iter().filter(|piece| piece.state == State::Unknown).map(|piece| {
                let since = match (piece.as_of, now) {
                    (Some(at), Some(now)) => format!("Not known: last checked {}", words::checked(at, *now, [day])),
                    _ => "Not known: never checked".to_owned(),
                };
                html! { <div class="unknown-time" style={format!("--t:{};--l:{}", piece.top, piece.length)} title={since}></div> }
            }) }
            { own_hours(day) }
            { slot(day, *spot) }
            { for day.pieces.iter().enumerate().map(|(at, piece)| {
                let id = &grid.blocks[piece.block as usize].id;
                let marks = Marks {
                    selected: selected.as_deref() == Some(id.as_str()),
                    held: held.as_deref() == Some(id.as_str()),
                    cursor: *spot == Some(Spot::Piece { day: *index, piece: at }),
                };
                block::piece(grid, day, piece, marks, *now)
            }) }
        </div>
    }
}

/// On a day whose clock changes the ruler at the left is right only up to the change: the column
/// says its own hours from there on.
fn own_hours(day: &DayView) -> Html {
    let moved = day
        .hours
        .iter()
        .filter(|mark| mark.at != u16::from(mark.hour) * 60);
    moved
        .map(|mark| html! {
            <span class="own-hour" style={format!("--t:{}", mark.at)}>{ format!("{:02}", mark.hour) }</span>
        })
        .collect()
}

/// The half hour that the keyboard stands on.
fn slot(day: &DayView, spot: Option<Spot>) -> Html {
    let minute = match spot {
        Some(Spot::Slot { minute, .. }) => minute,
        // A piece that is gone by now: the cursor falls back to its day.
        Some(Spot::Piece { piece, .. }) if piece >= day.pieces.len() => 0,
        _ => return html! {},
    };
    html! {
        <div
            class="slot"
            role="button"
            tabindex="0"
            data-spot=""
            data-minute={minute.to_string()}
            aria-label={spoken::slot(day, minute)}
            style={format!("--t:{minute};--l:{SLOT}")}
        ></div>
    }
}
