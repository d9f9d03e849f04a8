//! The month: six weeks, each day with its bar of availability and as many titles as there is room for.

use chrono::{Datelike, NaiveDate};
use duet_model::availability::State;
use duet_wire::grid::{BlockView, DayView, GridView};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::color;
use crate::components::editor;
use crate::components::timegrid::open_details;
use crate::dates;
use crate::hooks::{Now, Store, use_now, use_store, use_window_event};
use crate::pages::week::{Drawn, failure, use_drawn};
use crate::state::app::{Action, minute_of_day};
use crate::state::dialog::Dialog;
use crate::state::month::{self, Lines, WEEK};
use crate::state::popup::Rect;
use crate::state::{seen, spoken};

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
                { for (0..grid.days.len() / WEEK).map(|week| self::week(&store, &grid, week, anchor, now, room)) }
            </div>
        </>
    }
}

/// How many lines fit into a day, from the window's height; measured again when that changes.
#[hook]
fn use_room() -> usize {
    let measure = || {
        let height = web_sys::window().and_then(|window| window.inner_height().ok()?.as_f64());
        month::room(height.unwrap_or(800.0))
    };
    let room = use_state_eq(measure);
    let set = room.setter();
    use_window_event("resize", move |_| set.set(measure()));
    *room
}

/// One week: its days, and over them the bars that last whole days.
fn week(
    store: &Store,
    grid: &GridView,
    week: usize,
    anchor: NaiveDate,
    now: Now,
    room: usize,
) -> Html {
    let days = &grid.days[week * WEEK..(week + 1) * WEEK];
    let timed = std::array::from_fn(|column| days[column].pieces.len());
    let (bars, lines) = month::fill(month::segments(grid, week), timed, room);
    html! {
        <div class="month-week" role="row" key={week}>
            { for days.iter().zip(lines).map(|(day, lines)| {
                let class = classes!(
                    "month-day",
                    (day.date.month() != anchor.month()).then_some("other"),
                    day.weekend.then_some("weekend"),
                    minute_of_day(day, now).is_some().then_some("today"),
                );
                cell(store, grid, day, class, lines)
            }) }
            <div class="month-bars" role="presentation">
                { for bars.iter().filter_map(|segment| {
                    let block = grid.blocks.get(segment.block as usize)?;
                    let class = classes!("whole", segment.from_before.then_some("from-before"), segment.goes_on.then_some("goes-on"));
                    let place = format!("grid-column:{}/span {};grid-row:{};", segment.column + 1, segment.span, segment.row + 1);
                    Some(line(store, None, block, class, &place))
                }) }
            </div>
        </div>
    }
}

fn cell(store: &Store, grid: &GridView, day: &DayView, class: Classes, lines: Lines) -> Html {
    let Lines { rows, listed, more } = lines;
    let zoom = {
        let (store, date) = (store.clone(), day.date);
        Callback::from(move |_: MouseEvent| store.dispatch(Action::Zoom(date)))
    };
    let blocks = day
        .pieces
        .iter()
        .filter_map(|piece| grid.blocks.get(piece.block as usize))
        .take(listed);
    html! {
        <div {class} role="gridcell" key={dates::iso_date(day.date)} data-date={dates::iso_date(day.date)} aria-label={dates::day_long(day.date)}>
            <button class="month-date" onclick={zoom} aria-label={dates::day_long(day.date)}>{ day.date.day() }</button>
            <div class="strip" aria-hidden="true">{ whole_strip(day) }</div>
            if rows > 0 {
                <div class="month-room" style={format!("--rows:{rows}")}></div>
            }
            { for blocks.map(|block| line(store, Some(day), block, Classes::new(), "")) }
            if more > 0 {
                <button class="month-more" data-testid="month-more" aria-haspopup="dialog" onclick={open_more(store, day.date)} aria-label={format!("{more} more on {}", dates::day_long(day.date))}>{ format!("+{more} more") }</button>
            }
        </div>
    }
}

/// All of a day, beside its "+n more"; the same again closes it.
fn open_more(store: &Store, date: NaiveDate) -> Callback<MouseEvent> {
    let store = store.clone();
    Callback::from(move |event: MouseEvent| {
        let anchor = anchor(&event);
        store.dispatch(match &store.dialog {
            Some(Dialog::More { date: open, .. }) if *open == date => Action::Close,
            _ => Action::Show(Dialog::More { date, anchor }),
        });
    })
}

/// Where the button is that was pressed.
fn anchor(event: &MouseEvent) -> Rect {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let rect = target
        .and_then(|target| target.closest("button").ok().flatten())
        .map(|row| row.get_bounding_client_rect());
    rect.map_or_else(Rect::default, |rect| Rect {
        left: rect.left(),
        top: rect.top(),
        width: rect.width(),
        height: rect.height(),
    })
}

/// A block on its day, or a bar over several.
fn line(
    store: &Store,
    day: Option<&DayView>,
    block: &BlockView,
    class: Classes,
    place: &str,
) -> Html {
    let (start, end) = seen::ends(block);
    let time = day.map(|day| {
        if block.wall_start.date() < day.date {
            "…".to_owned()
        } else {
            dates::clock(block.wall_start)
        }
    });
    let onclick = {
        let (store, block) = (store.clone(), block.clone());
        move |event: MouseEvent| {
            open_details(&store, &block, anchor(&event));
        }
    };
    let ondblclick = {
        let (store, block) = (store.clone(), block.clone());
        move |_: MouseEvent| editor::open(&store, &block)
    };
    html! {
        <button
            key={block.id.clone()}
            class={classes!("month-line", block.state.as_str(), seen::look(block), class)}
            style={format!("{place}{}", color::style(block.color.as_deref()))}
            aria-label={spoken::block(block)}
            title={spoken::block(block)}
            data-testid="block"
            data-id={block.id.clone()}
            data-source={seen::source_word(block.source)}
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
            <span dir="auto">{ seen::line(block) }</span>
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
