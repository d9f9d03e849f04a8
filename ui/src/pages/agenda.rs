//! The agenda: what is to come, as a list by day; days without anything are left out.

use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::{BlockView, DayView, GridView};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::color;
use crate::components::editor;
use crate::components::icon::{Icon, icon};
use crate::components::timegrid::{open_details, source_words};
use crate::dates;
use crate::hooks::{Store, use_now, use_store};
use crate::pages::week::{Drawn, failure, use_drawn};
use crate::state::app::{Action, minute_of_day};
use crate::state::popup::Rect;
use crate::state::spoken;

/// The agenda.
#[component]
pub(crate) fn Agenda() -> Html {
    let store = use_store();
    let now = use_now();
    let Some(Drawn { grid, loading }) = use_drawn(&store) else {
        return html! {};
    };
    let days: Vec<(&DayView, Vec<&BlockView>)> = grid
        .days
        .iter()
        .enumerate()
        .map(|(index, day)| (day, of_day(&grid, index)))
        .filter(|(_, blocks)| !blocks.is_empty())
        .collect();
    html! {
        <>
            { failure(&store) }
            <div class="agenda" aria-busy={if loading { "true" } else { "false" }}>
                if days.is_empty() && !loading {
                    <p class="empty">{ "Nothing stands in these 30 days." }</p>
                }
                { for days.into_iter().map(|(day, blocks)| {
                    let today = minute_of_day(day, now).is_some();
                    let zoom = {
                        let (store, date) = (store.clone(), day.date);
                        move |_| store.dispatch(Action::Zoom(date))
                    };
                    html! {
                        <section key={dates::iso_date(day.date)} class={classes!("agenda-day", today.then_some("today"))}>
                            <h2><button onclick={zoom}>{ dates::day_long(day.date) }</button>if today { <small>{ "today" }</small> }</h2>
                            <ul>{ for blocks.into_iter().map(|block| row(&store, day, block)) }</ul>
                        </section>
                    }
                }) }
            </div>
        </>
    }
}

/// What begins on a day or lasts over it, whole days first, each once.
fn of_day(grid: &GridView, index: usize) -> Vec<&BlockView> {
    let bars = grid.bars.iter().filter(|bar| {
        let column = usize::from(bar.column);
        (column..column + usize::from(bar.span)).contains(&index)
    });
    let pieces = grid.days[index]
        .pieces
        .iter()
        .filter(|piece| index == 0 || !piece.from_before);
    bars.map(|bar| bar.block)
        .chain(pieces.map(|piece| piece.block))
        .filter_map(|block| grid.blocks.get(block as usize))
        .collect()
}

fn row(store: &Store, day: &DayView, block: &BlockView) -> Html {
    let (start, end) = match block.all_day {
        Some((first, after)) => (dates::iso_date(first), dates::iso_date(after)),
        None => (dates::rfc3339(block.start), dates::rfc3339(block.end)),
    };
    let source = match block.source {
        SourceKind::Manual => "manual",
        SourceKind::Google => "google",
        SourceKind::Duet => "duet",
    };
    let when = match block.all_day {
        Some(_) => "all day".to_owned(),
        None if block.wall_start.date() < day.date => {
            format!("until {}", dates::clock(block.wall_end))
        }
        None => dates::span(block.wall_start, block.wall_end),
    };
    let title = match (block.state, block.title.trim(), block.source) {
        (BlockState::Unknown, ..) if block.busy_only => "Unknown".to_owned(),
        (_, "", SourceKind::Manual) => "Blocked".to_owned(),
        (_, "", _) => "Busy".to_owned(),
        (_, title, _) => title.to_owned(),
    };
    let onclick = {
        let (store, block) = (store.clone(), block.clone());
        move |event: MouseEvent| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let rect = target
                .and_then(|target| target.closest("li").ok().flatten())
                .map(|row| row.get_bounding_client_rect());
            let anchor = rect.map_or_else(Rect::default, |rect| Rect {
                left: rect.left(),
                top: rect.top(),
                width: rect.width().min(360.0),
                height: rect.height(),
            });
            open_details(&store, &block, anchor);
        }
    };
    let ondblclick = {
        let (store, block) = (store.clone(), block.clone());
        move |_: MouseEvent| editor::open(&store, &block)
    };
    html! {
        <li key={block.id.clone()}>
            <button
                class={classes!("agenda-block", source, block.state.as_str())}
                style={color::style(block.color.as_deref()).to_string()}
                aria-label={spoken::block(block)}
                data-testid="block"
                data-id={block.id.clone()}
                data-source={source}
                data-calendar-id={block.calendar.clone()}
                data-start={start}
                data-end={end}
                data-state={block.state.as_str()}
                {onclick}
                {ondblclick}
            >
                <span class="agenda-time">{ when }</span>
                <i class="swatch" aria-hidden="true"></i>
                <span class="agenda-title">{ title }</span>
                if block.source == SourceKind::Manual { { icon(Icon::Hand) } }
                <small>{ source_words(block, None) }</small>
            </button>
        </li>
    }
}
