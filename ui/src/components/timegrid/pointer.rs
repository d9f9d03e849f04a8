//! The grid under the pointer: from pixels to a [`Gesture`], and from its end to a deed.

use std::{cell::Cell, rc::Rc};

use chrono::NaiveDateTime;
use duet_wire::grid::GridView;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::components::editor;
use crate::components::timegrid::block;
use crate::deeds;
use crate::hooks::{Store, use_window_event};
use crate::state::cursor::{SLOT, Spot};
use crate::state::gesture::{Gesture, Grip, Held, Point};
use crate::state::place;
use crate::state::seen;
use crate::state::shared::Shared;

/// So far a press is still a click, in pixels.
const SLACK: f64 = 4.0;
/// So near to the upper or lower edge the grid begins to scroll, in pixels.
const EDGE: f64 = 36.0;

/// A drag, if one is under way, and the handlers that make it.
pub(super) struct Drag {
    /// The span it would make.
    pub(super) span: Option<(NaiveDateTime, NaiveDateTime)>,
    /// The id of the block that is held.
    pub(super) held: Option<AttrValue>,
    /// Is one under way, past the slack?
    pub(super) active: bool,
    /// Set when a drag ends: the click that the browser sends after it means nothing.
    pub(super) suppressed: Rc<Cell<bool>>,
    /// For the columns.
    pub(super) onpointerdown: Callback<PointerEvent>,
    /// For the columns.
    pub(super) onpointermove: Callback<PointerEvent>,
    /// For the columns.
    pub(super) onpointerup: Callback<PointerEvent>,
    /// For the columns.
    pub(super) onpointercancel: Callback<PointerEvent>,
}

/// Where the pointer went down and where it is, in pixels; shared with the scrolling at the edges.
#[derive(Clone, Copy, Default)]
struct Pixels {
    down: (f64, f64),
    now: (f64, f64),
}

/// Dragging on the columns.
#[hook]
pub(super) fn use_drag(
    grid: &Shared<GridView>,
    columns: &NodeRef,
    scroller: &NodeRef,
    store: &Store,
) -> Drag {
    let gesture = use_state_eq(|| None::<Gesture>);
    let pixels = use_memo((), |()| Cell::new(Pixels::default()));
    let suppressed = use_memo((), |()| Cell::new(false));

    let onpointerdown = {
        let (gesture, grid, columns) = (gesture.clone(), grid.clone(), columns.clone());
        let (pixels, suppressed) = (pixels.clone(), suppressed.clone());
        Callback::from(move |event: PointerEvent| {
            suppressed.set(false);
            // The main button of a mouse or pen. A finger scrolls, and makes blocks by the button.
            if event.button() != 0 || event.pointer_type() == "touch" {
                return;
            }
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            let grip = grip(&event, &grid);
            if let Some((point, grip)) = point(&columns, &grid, at).zip(grip) {
                pixels.set(Pixels { down: at, now: at });
                gesture.set(Some(Gesture {
                    grip,
                    from: point,
                    to: point,
                    meant: false,
                }));
            }
        })
    };
    let onpointermove = {
        let (gesture, grid, columns, pixels) = (
            gesture.clone(),
            grid.clone(),
            columns.clone(),
            pixels.clone(),
        );
        Callback::from(move |event: PointerEvent| {
            let Some(mut new) = (*gesture).clone() else {
                return;
            };
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            let Pixels { down, .. } = pixels.get();
            pixels.set(Pixels { down, now: at });
            if !new.meant {
                if (at.0 - down.0).abs().max((at.1 - down.1).abs()) < SLACK {
                    return;
                }
                new.meant = true;
                // From here on every move and the release come to the columns, wherever the
                // pointer is. Not earlier: a capture would also move the click off its block.
                if let Some(columns) = columns.cast::<Element>() {
                    columns.set_pointer_capture(event.pointer_id()).ok();
                }
            }
            if let Some(point) = point(&columns, &grid, at) {
                new.to = point;
            }
            gesture.set(Some(new));
        })
    };
    let onpointerup = {
        let (gesture, grid, store, suppressed) = (
            gesture.clone(),
            grid.clone(),
            store.clone(),
            suppressed.clone(),
        );
        Callback::from(move |_: PointerEvent| {
            let Some(ended) = (*gesture).clone() else {
                return;
            };
            gesture.set(None);
            suppressed.set(ended.meant);
            let Some((start, end)) = ended.span(&grid.days) else {
                return;
            };
            match ended.held() {
                None => editor::open_span(&store, start, end),
                Some(held) => {
                    if let Some(block) = grid.blocks.iter().rev().find(|block| block.id == held.id)
                    {
                        deeds::drag(&store, block, start, end);
                    }
                }
            }
        })
    };
    let onpointercancel = {
        let gesture = gesture.clone();
        Callback::from(move |_: PointerEvent| gesture.set(None))
    };
    {
        let (gesture, suppressed) = (gesture.clone(), suppressed.clone());
        use_window_event("keydown", move |event| {
            let escape = event
                .dyn_ref::<web_sys::KeyboardEvent>()
                .is_some_and(|event| event.key() == "Escape");
            if escape && gesture.is_some() {
                gesture.set(None);
                suppressed.set(true);
                // Only the drag is given up, not what Escape would close next.
                event.stop_immediate_propagation();
                event.prevent_default();
            }
        });
    }
    let active = gesture.as_ref().is_some_and(|gesture| gesture.meant);
    let height = {
        let pixels = pixels.clone();
        Rc::new(move || pixels.get().now.1)
    };
    let scrolled = {
        let (gesture, grid, columns) = (gesture.clone(), grid.clone(), columns.clone());
        Rc::new(move || {
            if let Some((mut new, to)) =
                (*gesture)
                    .clone()
                    .zip(point(&columns, &grid, pixels.get().now))
            {
                new.to = to;
                gesture.set(Some(new));
            }
        })
    };
    use_edge_scroll(active, scroller, height, scrolled);
    Drag {
        span: gesture
            .as_ref()
            .and_then(|gesture| gesture.span(&grid.days)),
        held: gesture
            .as_ref()
            .filter(|gesture| gesture.meant)
            .and_then(|gesture| gesture.held().map(|held| AttrValue::from(held.id.clone()))),
        active,
        suppressed,
        onpointerdown,
        onpointermove,
        onpointerup,
        onpointercancel,
    }
}

/// What was taken hold of: empty time, or a block that one may move. `None` for all others.
fn grip(event: &PointerEvent, grid: &GridView) -> Option<Grip> {
    let Some(hit) = block::hit(event, grid) else {
        return Some(Grip::Empty);
    };
    if !seen::movable(hit.block) {
        return None;
    }
    let held = Held {
        id: hit.block.id.clone(),
        start: hit.block.wall_start,
        end: hit.block.wall_end,
    };
    let edge = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.get_attribute("data-grip"));
    Some(match edge.as_deref() {
        Some("start") => Grip::Start(held),
        Some("end") => Grip::End(held),
        _ => Grip::Body(held),
    })
}

/// The day and minute under a pixel.
fn point(columns: &NodeRef, grid: &GridView, (x, y): (f64, f64)) -> Option<Point> {
    let rect = columns.cast::<Element>()?.get_bounding_client_rect();
    let count = grid.days.len();
    let longest = grid.days.iter().map(|day| day.minutes).max()?;
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return None;
    }
    let across = ((x - rect.left()) / rect.width() * count as f64).floor();
    let day = across.clamp(0.0, count as f64 - 1.0) as usize;
    let down = (y - rect.top()) / rect.height() * f64::from(longest);
    let minute = down.clamp(0.0, f64::from(grid.days[day].minutes)) as u16;
    Some(Point { day, minute })
}

/// The half hour of the grid under a pointer.
pub(super) fn slot_at(event: &MouseEvent, grid: &GridView) -> Option<Spot> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let column = target.closest(".column").ok()??;
    let date = column.get_attribute("data-date")?;
    let index = grid
        .days
        .iter()
        .position(|day| crate::dates::iso_date(day.date) == date)?;
    let day = &grid.days[index];
    let rect = column.get_bounding_client_rect();
    let down = (f64::from(event.client_y()) - rect.top()) / rect.height() * f64::from(day.minutes);
    let minute = (down.clamp(0.0, f64::from(day.minutes) - 1.0) as u16) / SLOT * SLOT;
    Some(Spot::Slot { day: index, minute })
}

/// The hour that begins at the half hour under a double click.
pub(super) fn hour_at(
    event: &MouseEvent,
    grid: &GridView,
) -> Option<(NaiveDateTime, NaiveDateTime)> {
    let spot = slot_at(event, grid)?;
    let start = place::wall_at(grid.days.get(spot.day())?, spot.minute(grid))?;
    Some((start, start + chrono::TimeDelta::hours(1)))
}

/// While a drag is near the upper or lower edge, the grid scrolls under it. Frames are asked for
/// only during a drag.
#[hook]
fn use_edge_scroll(
    active: bool,
    scroller: &NodeRef,
    pointer: Rc<dyn Fn() -> f64>,
    moved: Rc<dyn Fn()>,
) {
    let newest = use_mut_ref(|| moved.clone());
    *newest.borrow_mut() = moved;
    let scroller = scroller.clone();
    use_effect_with(active, move |active| {
        let running = Rc::new(Cell::new(*active));
        if *active {
            frame(running.clone(), move || {
                let Some(element) = scroller.cast::<HtmlElement>() else {
                    return;
                };
                let rect = element.get_bounding_client_rect();
                // The head covers the upper part of the scroller.
                let head = element
                    .query_selector(".head")
                    .ok()
                    .flatten()
                    .map_or(0.0, |head| head.get_bounding_client_rect().height());
                let (y, upper, lower) = (pointer(), rect.top() + head, rect.bottom());
                let speed = if y < upper + EDGE {
                    -((upper + EDGE - y) / 3.0).min(24.0)
                } else if y > lower - EDGE {
                    ((y - lower + EDGE) / 3.0).min(24.0)
                } else {
                    return;
                };
                element.set_scroll_top(element.scroll_top() + speed as i32);
                let moved = newest.borrow().clone();
                moved();
            });
        }
        move || running.set(false)
    });
}

fn frame(running: Rc<Cell<bool>>, step: impl Fn() + 'static) {
    let next = Closure::once_into_js(move |_: JsValue| {
        if running.get() {
            step();
            frame(running, step);
        }
    });
    if let Some(window) = web_sys::window() {
        window.request_animation_frame(next.unchecked_ref()).ok();
    }
}
