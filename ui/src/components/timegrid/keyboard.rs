//! The grid under the keyboard: one stop for Tab, arrows from there.

use std::rc::Rc;

use chrono::TimeDelta;
use duet_wire::grid::{BlockView, GridView};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::components::editor;
use crate::components::timegrid::{block, open_details};
use crate::deeds;
use crate::hooks::Store;
use crate::state::app::Action;
use crate::state::cursor::{self, Arrow, Spot, Step};
use crate::state::panel::{Panel, Stretch};
use crate::state::place;
use crate::state::shared::Shared;

/// The cursor and its way to move.
#[derive(Clone)]
pub(super) struct Cursor {
    spot: UseStateHandle<Spot>,
    /// Set when a key moved it: then the focus follows, and not when the mouse did.
    moved: Rc<std::cell::Cell<bool>>,
}

impl Cursor {
    /// Where it is.
    pub(super) fn spot(&self) -> Spot {
        *self.spot
    }

    /// Puts it somewhere; the focus stays where it is.
    pub(super) fn set(&self, spot: Spot) {
        self.spot.set(spot);
    }

    fn go(&self, spot: Spot) {
        self.moved.set(true);
        self.spot.set(spot);
    }
}

/// The cursor. It begins on today's column (`start`) at the first working hour.
#[hook]
pub(super) fn use_cursor(
    grid: &Shared<GridView>,
    start: usize,
    first: u8,
    _store: &Store,
) -> Cursor {
    let spot = use_state_eq(|| Spot::Slot {
        day: start,
        minute: u16::from(first) * 60,
    });
    let moved = use_memo((), |()| std::cell::Cell::new(false));
    // From seven days to one: the cursor stays inside.
    let inside = match *spot {
        Spot::Slot { day, minute } if day >= grid.days.len() => Some(Spot::Slot { day: 0, minute }),
        Spot::Piece { day, .. } if day >= grid.days.len() => Some(Spot::Slot { day: 0, minute: 0 }),
        _ => None,
    };
    if let Some(inside) = inside {
        spot.set(inside);
    }
    {
        let moved = moved.clone();
        use_effect_with((*spot, grid.clone()), move |_| {
            if moved.replace(false) {
                let document = web_sys::window().and_then(|window| window.document());
                let element = document
                    .and_then(|document| {
                        document
                            .query_selector(".timegrid [data-spot]")
                            .ok()
                            .flatten()
                    })
                    .and_then(|element| element.dyn_into::<HtmlElement>().ok());
                if let Some(element) = element {
                    element.focus().ok();
                }
            }
        });
    }
    Cursor { spot, moved }
}

/// The block under the cursor.
fn under(grid: &GridView, spot: Spot) -> Option<&BlockView> {
    let Spot::Piece { day, piece } = spot else {
        return None;
    };
    let piece = grid.days.get(day)?.pieces.get(piece)?;
    grid.blocks.get(piece.block as usize)
}

/// What keys do while the focus is in the grid.
pub(super) fn handler(
    cursor: &Cursor,
    grid: &Shared<GridView>,
    store: &Store,
    dragging: bool,
) -> Callback<KeyboardEvent> {
    let (cursor, grid, store) = (cursor.clone(), grid.clone(), store.clone());
    Callback::from(move |event: KeyboardEvent| {
        if dragging || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        // A bar of the all-day lane is a stop of its own, outside of the cursor's columns.
        let focused = block::hit(&event, &grid).map(|hit| (hit.block.clone(), hit.rect));
        let block = focused
            .as_ref()
            .map(|(block, _)| block)
            .or_else(|| under(&grid, cursor.spot()));
        let arrow = match event.key().as_str() {
            "ArrowUp" => Arrow::Up,
            "ArrowDown" => Arrow::Down,
            "ArrowLeft" => Arrow::Left,
            "ArrowRight" => Arrow::Right,
            key => {
                let done = match (key, block) {
                    ("Enter", Some(block)) if block.manual.is_some() => {
                        editor::open(&store, block);
                        true
                    }
                    ("Enter" | " ", Some(block)) => {
                        let rect = focused.as_ref().map(|(_, rect)| *rect).unwrap_or_default();
                        open_details(&store, block, rect);
                        true
                    }
                    ("Enter" | " ", None) => open_slot(&store, &grid, cursor.spot()),
                    ("Delete" | "Backspace", Some(block)) if block.manual.is_some() => {
                        deeds::delete(&store, block, None);
                        true
                    }
                    ("Delete" | "Backspace", Some(block)) if block.duet.is_some() => {
                        deeds::ask_delete(&store, block);
                        true
                    }
                    _ => false,
                };
                if done {
                    event.prevent_default();
                }
                return;
            }
        };
        event.prevent_default();
        match cursor::step(&grid, cursor.spot(), arrow) {
            Step::To(spot) => {
                cursor.go(spot);
                follow(&store, &grid, spot);
            }
            Step::Past(weeks, minute) => {
                let day = if weeks < 0 { grid.days.len() - 1 } else { 0 };
                store.dispatch(Action::Step(weeks));
                cursor.go(Spot::Slot { day, minute });
            }
        }
    })
}

/// Reasons that are shown beside the grid are those of where the cursor is.
pub(super) fn follow(store: &Store, grid: &GridView, spot: Spot) {
    if matches!(store.panel, Some(Panel::Why(_)))
        && let Some(stretch) = Stretch::at(grid, spot)
    {
        store.dispatch(Action::Follow(stretch));
    }
}

/// Enter on empty time: an hour from there, in the editor.
fn open_slot(store: &Store, grid: &GridView, spot: Spot) -> bool {
    let start = grid
        .days
        .get(spot.day())
        .and_then(|day| place::wall_at(day, spot.minute(grid)));
    if let Some(start) = start {
        editor::open_span(store, start, start + TimeDelta::hours(1));
    }
    start.is_some()
}
