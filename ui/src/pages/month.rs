//! The month: six weeks, each day with its bar of availability and as many titles as there is room for.

use chrono::Datelike;
use duet_model::availability::State;
use duet_wire::availability::SourceKind;
use duet_wire::grid::{BlockView, DayView, GridView};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::color;
use crate::components::editor;
use crate::components::timegrid::open_details;
use crate::dates;
use crate::hooks::{Store, use_now, use_store, use_window_event};
use crate::pages::week::{Drawn, failure, use_drawn};
use crate::state::app::{Action, minute_of_day};
use crate::state::popup::Rect;
use crate::state::spoken;

/// The month.
#[component]
pub(crate) fn Month() -> Html {
    let store = use_store();
    let now = use_now();
    let room = use_room();
    let drawn = use_drawn(&store);
    let Some((Drawn { grid, loading }, anchor)) = drawn.zip(store.anchor) else {
        return html! {};
    };
    html! {
        <>
            { failure(&store) }
            <div class="month" role="grid" aria-label={format!("{} {}", dates::month(anchor), anchor.year())} aria-busy={if loading { "true" } else { "false" }}>
                <div class="month-names" role="row">
                    { for grid.days.iter().take(7).map(|day| html! {
                        <span role="columnheader" key={day.date.weekday().num_days_from_monday()} aria-label={dates::weekday(day.date.weekday())}>{ dates::weekday_short(day.date.weekday()) }</span>
                    }) }
                </div>
                { for (0..grid.days.len().div_ceil(7)).map(|week| html! {
                    <div class="month-week" role="row" key={week}>
                        { for (week * 7..(week * 7 + 7).min(grid.days.len())).map(|index| {
                            let day = &grid.days[index];
                            let class = classes!(
                                "month-day",
                                (day.date.month() != anchor.month()).then_some("other"),
                                day.weekend.then_some("weekend"),
                                minute_of_day(day, now).is_some().then_some("today"),
                            );
                            cell(&store, &grid, index, class, room)
                        }) }
                    </div>
                }) }
            </div>
        </>
    }
}

/// How many lines fit into a day, from the window's height; measured again when that changes.
#[hook]
fn use_room() -> usize {
    let measure = || {
        let height = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
        // Header, names and six rows of a date and a bar; a line is about 20 px high.
        let lines = (((height.unwrap_or(800.0) - 90.0) / 6.0 - 34.0) / 20.0).floor();
        (lines.max(1.0) as usize).min(12)
    };
    let room = use_state_eq(measure);
    let set = room.setter();
    use_window_event("resize", move |_| set.set(measure()));
    *room
}

fn cell(store: &Store, grid: &GridView, index: usize, class: Classes, room: usize) -> Html {
    let day = &grid.days[index];
    let blocks = lines(grid, index);
    // "+1 more" takes the line that the one would have had.
    let fitting = if blocks.len() <= room {
        blocks.len()
    } else {
        room.saturating_sub(1)
    };
    let more = blocks.len() - fitting;
    let zoom = {
        let (store, date) = (store.clone(), day.date);
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Zoom(date)))
    };
    html! {
        <div {class} role="gridcell" key={dates::iso_date(day.date)} data-date={dates::iso_date(day.date)} aria-label={dates::day_long(day.date)}>
            <button class="month-date" onclick={zoom.clone()} aria-label={dates::day_long(day.date)}>{ day.date.day() }</button>
            <div class="strip" aria-hidden="true">{ whole_strip(day) }</div>
            { for blocks.iter().take(fitting).map(|block| line(store, day, block)) }
            if more > 0 {
                <button class="month-more" onclick={zoom}>{ format!("+{more} more") }</button>
            }
        </div>
    }
}

/// What stands on a day: whole days, then by time.
fn lines(grid: &GridView, index: usize) -> Vec<&BlockView> {
    let bars = grid.bars.iter().filter(|bar| {
        let column = usize::from(bar.column);
        (column..column + usize::from(bar.span)).contains(&index)
    });
    bars.map(|bar| bar.block)
        .chain(grid.days[index].pieces.iter().map(|piece| piece.block))
        .filter_map(|block| grid.blocks.get(block as usize))
        .collect()
}

fn line(store: &Store, day: &DayView, block: &BlockView) -> Html {
    let (start, end) = match block.all_day {
        Some((first, after)) => (dates::iso_date(first), dates::iso_date(after)),
        None => (dates::rfc3339(block.start), dates::rfc3339(block.end)),
    };
    let source = match block.source {
        SourceKind::Manual => "manual",
        SourceKind::Google => "google",
        SourceKind::Duet => "duet",
    };
    let time = match block.all_day {
        Some(_) => None,
        None if block.wall_start.date() < day.date => Some("…".to_owned()),
        None => Some(dates::clock(block.wall_start)),
    };
    let title = match block.title.trim() {
        "" if block.source == SourceKind::Manual => "Blocked",
        "" => "Busy",
        title => title,
    };
    // Where only times are known the calendar's name says more than "Busy" does.
    let title = block
        .calendar_name
        .as_deref()
        .filter(|_| block.busy_only)
        .unwrap_or(title);
    let onclick = {
        let (store, block) = (store.clone(), block.clone());
        move |event: MouseEvent| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let rect = target
                .and_then(|target| target.closest("button").ok().flatten())
                .map(|row| row.get_bounding_client_rect());
            let anchor = rect.map_or_else(Rect::default, |rect| Rect {
                left: rect.left(),
                top: rect.top(),
                width: rect.width(),
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
        <button
            key={block.id.clone()}
            class={classes!("month-line", source, block.state.as_str(), block.all_day.is_some().then_some("whole"))}
            style={color::style(block.color.as_deref()).to_string()}
            aria-label={spoken::block(block)}
            title={spoken::block(block)}
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
            <i class="swatch" aria-hidden="true"></i>
            if let Some(time) = time {
                <small>{ time }</small>
            }
            <span>{ title.to_owned() }</span>
        </button>
    }
}

/// The whole day as one thin bar.
fn whole_strip(day: &DayView) -> Html {
    let whole = f32::from(day.minutes.max(1));
    day.strip
        .iter()
        .map(|piece| {
            let state = match piece.state {
                State::Busy => "busy",
                State::Tentative => "tentative",
                State::Unknown => "unknown",
            };
            html! {
                <i class={state} style={format!(
                    "left:{:.2}%;width:{:.2}%",
                    f32::from(piece.top) / whole * 100.0,
                    f32::from(piece.length) / whole * 100.0
                )}></i>
            }
        })
        .collect()
}
