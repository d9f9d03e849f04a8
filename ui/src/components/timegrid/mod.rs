//! The day and week grid: a head that stays, 24 hours that scroll, and everything one can do on it.
//!
//! Columns are drawn only when their own properties change; a drag redraws the ghost and nothing else.

mod block;
mod column;
mod ghost;
mod head;
mod keyboard;
mod now_line;
mod pointer;

use chrono::NaiveDate;
use duet_wire::grid::{BlockView, GridView};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::timegrid::column::Column;
use crate::components::timegrid::head::Head;
use crate::components::timegrid::now_line::NowLine;
use crate::dates;
use crate::hooks::{Store, use_now, use_store};
use crate::state::app::{Action, minute_of_day};
use crate::state::cursor::Spot;
use crate::state::dialog::Dialog;
use crate::state::panel::{Panel, Stretch};
use crate::state::place;
use crate::state::popup::Rect;
use crate::state::shared::Shared;

/// The head of the grid and what a block needs to be seen at the lower edge, in CSS pixels.
const HEAD: f64 = 64.0;
const EDGE: f64 = 32.0;

/// What the grid needs.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The days, as they are to be drawn.
    pub(crate) grid: Shared<GridView>,
    /// Is it only a frame?
    pub(crate) loading: bool,
    /// Working hours: first, and first after.
    pub(crate) hours: (u8, u8),
}

/// The grid.
#[component]
pub(crate) fn TimeGrid(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let Props {
        grid,
        loading,
        hours,
    } = props;
    let scroller = use_node_ref();
    let columns = use_node_ref();

    let start = grid
        .days
        .iter()
        .position(|day| minute_of_day(day, now).is_some())
        .unwrap_or(0);
    let cursor = keyboard::use_cursor(grid, start, hours.0, &store);
    let drag = pointer::use_drag(grid, &columns, &scroller, &store);

    use_opening_scroll(&scroller, grid.days.first(), hours.0);
    use_wanted(grid, &scroller);

    // A new block keeps its place on the grid while the editor is open over it.
    let asked = match &store.dialog {
        Some(Dialog::Editor(seed)) if seed.block.is_none() => Some(seed.span),
        _ => None,
    };
    let ghost = drag.span.or(asked);
    let held = drag.held.clone();
    let selected = match &store.dialog {
        Some(Dialog::Details { id, .. }) => Some(AttrValue::from(id.clone())),
        _ => None,
    };
    let longest = grid
        .days
        .iter()
        .map(|day| day.minutes)
        .max()
        .unwrap_or(1440);
    let count = grid.days.len();
    let label = match count {
        1 => dates::day_long(grid.from),
        _ => format!("Week of {}", dates::day_long(grid.from)),
    };

    let onclick = {
        let (store, grid, cursor, suppressed) = (
            store.clone(),
            grid.clone(),
            cursor.clone(),
            drag.suppressed.clone(),
        );
        move |event: MouseEvent| {
            if suppressed.replace(false) {
                return;
            }
            match block::hit(&event, &grid) {
                Some(hit) => {
                    cursor.set(hit.spot);
                    if matches!(store.panel, Some(Panel::Why(_))) {
                        store.dispatch(Action::Follow(Stretch::of(hit.block)));
                    }
                    open_details(&store, hit.block, hit.rect);
                }
                None => {
                    if matches!(store.dialog, Some(Dialog::Details { .. })) {
                        store.dispatch(Action::Close);
                    }
                    // So that the keyboard, and "Why?", go on from where one has pointed.
                    if let Some(spot) = pointer::slot_at(&event, &grid) {
                        cursor.set(spot);
                        keyboard::follow(&store, &grid, spot);
                    }
                }
            }
        }
    };
    let ondblclick = {
        let (store, grid) = (store.clone(), grid.clone());
        move |event: MouseEvent| match block::hit(&event, &grid) {
            Some(hit) => crate::components::editor::open(&store, hit.block),
            None => {
                if let Some((start, end)) = pointer::hour_at(&event, &grid) {
                    crate::components::editor::open_span(&store, start, end);
                }
            }
        }
    };
    let onpointerover = {
        let grid = grid.clone();
        move |event: PointerEvent| block::explain(&event, &grid)
    };
    let onkeydown = keyboard::handler(&cursor, grid, &store, drag.active);
    let onscroll = {
        let (scroller, store) = (scroller.clone(), store.clone());
        move |_: Event| scrolled_away(&scroller, &store)
    };

    html! {
        <div class="timegrid" ref={scroller} data-days={count.to_string()} style={format!("--days:{count};--long:{longest};--rows:{}", grid.bar_rows.max(1))}
            aria-busy={if *loading { "true" } else { "false" }} {onscroll}>
            <div class="days" role="grid" aria-label={label} aria-colcount={count.to_string()} aria-readonly="false"
                {onclick} {ondblclick} {onkeydown} {onpointerover}>
                <Head grid={grid.clone()} hours={*hours} loading={*loading} />
                <div class="body" role="row">
                    { ruler(grid) }
                    <div class={classes!("columns", drag.active.then_some("dragging"))} ref={columns}
                        onpointerdown={drag.onpointerdown.clone()}
                        onpointermove={drag.onpointermove.clone()}
                        onpointerup={drag.onpointerup.clone()}
                        onpointercancel={drag.onpointercancel.clone()}>
                        { for (0..count).map(|index| {
                            let spot = Some(cursor.spot()).filter(|spot| spot.day() == index);
                            let in_day = |id: &str| grid.days[index].pieces.iter().any(|piece| grid.blocks[piece.block as usize].id == id);
                            html! {
                                <Column
                                    key={dates::iso_date(grid.days[index].date)}
                                    grid={grid.clone()}
                                    {index}
                                    hours={*hours}
                                    loading={*loading}
                                    {spot}
                                    selected={selected.clone().filter(|id| in_day(id))}
                                    held={held.clone().filter(|id| in_day(id))}
                                    now={column::needs_time(grid, index).then_some(now)}
                                />
                            }
                        }) }
                        <NowLine grid={grid.clone()} />
                        { ghost::view(grid, ghost) }
                    </div>
                </div>
            </div>
        </div>
    }
}

/// The hours at the left, as on the first plain day; a day whose clock changes names its own.
fn ruler(grid: &GridView) -> Html {
    let plain = grid
        .days
        .iter()
        .find(|day| day.minutes == 1440)
        .or(grid.days.first());
    html! {
        <div class="ruler" aria-hidden="true">
            { for plain.into_iter().flat_map(|day| &day.hours).filter(|mark| mark.at > 0).map(|mark| html! {
                <span style={format!("--t:{}", mark.at)}>{ format!("{:02}", mark.hour) }</span>
            }) }
        </div>
    }
}

/// Opens a block's details beside it.
pub(crate) fn open_details(store: &Store, block: &BlockView, anchor: Rect) {
    store.dispatch(Action::Show(Dialog::Details {
        id: block.id.clone(),
        anchor,
    }));
}

/// Opens a block's details where it is drawn, whatever the view; where it is not, goes to its day and
/// opens them there.
pub(crate) fn show_block(store: &Store, date: NaiveDate, id: &str) {
    let main = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.query_selector("main").ok().flatten());
    let found = main.and_then(|main| Some((block::element(&main, id)?, main)));
    let Some((element, main)) = found else {
        let id = id.to_owned();
        store.dispatch(Action::Find { date, id });
        return;
    };
    // What is in view stays where it is: below the grid's head, and not at the very edge.
    let (there, room) = (block::rect(&element), block::rect(&main));
    let bar = element.matches(".bar, .month-line").unwrap_or(false);
    let from = room.top + if bar { 0.0 } else { HEAD };
    let to = room.top + room.height - EDGE;
    if !(from..to).contains(&there.top) {
        element.scroll_into_view();
    }
    store.dispatch(Action::Show(Dialog::Details {
        id: id.to_owned(),
        anchor: block::rect(&element),
    }));
}

/// When the grid appears it stands at the working hours, not at midnight. Later the person's own
/// scrolling is left alone, also from week to week.
#[hook]
fn use_opening_scroll(scroller: &NodeRef, day: Option<&duet_wire::grid::DayView>, first: u8) {
    let minute = day.map(|day| place::hour_at(day, first).saturating_sub(40));
    let scroller = scroller.clone();
    use_effect_with((), move |()| {
        if let Some((scroller, minute)) = scroller.cast::<HtmlElement>().zip(minute) {
            scroll_to(scroller, minute, 120);
        }
    });
}

/// Scrolls to a minute, as soon as the styles have given the columns their height: on a cold start
/// the program can be there before them.
fn scroll_to(scroller: HtmlElement, minute: u16, tries: u32) {
    let height = scroller
        .query_selector(".columns")
        .ok()
        .flatten()
        .map_or(0, |columns| columns.client_height());
    if height > scroller.client_height() {
        scroller.set_scroll_top((f32::from(minute) * height as f32 / 1440.0) as i32);
    } else if let Some(window) = web_sys::window().filter(|_| tries > 0) {
        let again = Closure::once_into_js(move |_: JsValue| scroll_to(scroller, minute, tries - 1));
        window.request_animation_frame(again.unchecked_ref()).ok();
    }
}

/// Details close once their block has been scrolled away from them. Measured at the block itself: a
/// scroll event says nothing about when it happened, and the one that brought the block into view
/// comes after the details were opened beside it.
fn scrolled_away(scroller: &NodeRef, store: &Store) {
    const AWAY: f64 = 32.0;
    let Some(Dialog::Details { id, anchor }) = &store.dialog else {
        return;
    };
    let element = scroller
        .cast::<HtmlElement>()
        .and_then(|scroller| block::element(&scroller, id));
    if element.is_some_and(|element| (block::rect(&element).top - anchor.top).abs() > AWAY) {
        store.dispatch(Action::Close);
    }
}

/// A block that a link asked for is opened as soon as it is drawn.
#[hook]
fn use_wanted(grid: &Shared<GridView>, scroller: &NodeRef) {
    let store = use_store();
    let (grid, scroller) = (grid.clone(), scroller.clone());
    use_effect_with((store.wanted.clone(), grid.clone()), move |(wanted, _)| {
        let Some(wanted) = wanted else { return };
        let found = grid.blocks.iter().find(|block| {
            block.id == *wanted
                || block
                    .manual
                    .as_ref()
                    .is_some_and(|manual| manual.id.0 == *wanted)
        });
        let Some(block) = found else { return };
        let element = scroller
            .cast::<HtmlElement>()
            .and_then(|scroller| block::element(&scroller, &block.id));
        if let Some(element) = element {
            element.scroll_into_view();
            store.dispatch(Action::Found);
            open_details(&store, block, block::rect(&element));
        }
    });
}

/// The spot of a block's first piece.
fn spot_of(grid: &GridView, id: &str) -> Option<Spot> {
    grid.days.iter().enumerate().find_map(|(day, view)| {
        let piece = view
            .pieces
            .iter()
            .position(|piece| grid.blocks[piece.block as usize].id == id)?;
        Some(Spot::Piece { day, piece })
    })
}
