//! A block's details, beside it: what it is, when, where that is known from, and what one can do.

use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::BlockView;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::color;
use crate::components::editor;
use crate::components::icon::{Icon, icon};
use crate::components::switch::Switch;
use crate::dates;
use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::state::app::Action;
use crate::state::popup::{self, Rect};
use crate::state::seen;
use crate::words;

const SIZE: (f64, f64) = (320.0, 250.0);

/// Which block, and where it is drawn.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Its id in the view.
    pub(crate) id: AttrValue,
    /// Where it is.
    pub(crate) anchor: Rect,
}

/// The details.
#[component]
pub(crate) fn Details(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let node = use_node_ref();
    {
        let node = node.clone();
        let store = store.clone();
        // A press anywhere else closes it. Blocks are left to the grid, which moves it there.
        crate::hooks::use_window_event("pointerdown", move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            let inside = node
                .cast::<HtmlElement>()
                .zip(target.clone())
                .is_some_and(|(node, target)| node.contains(Some(&target)));
            let block = target.is_some_and(|target| {
                target
                    .closest(".timegrid, .month, .agenda")
                    .is_ok_and(|found| found.is_some())
            });
            if !inside && !block {
                store.dispatch(Action::Close);
            }
        });
    }
    let grid = store
        .shown()
        .and_then(|span| store.grids.get(span).cloned());
    let block = grid.as_ref().and_then(|grid| {
        grid.blocks
            .iter()
            .find(|block| *block.id == *props.id)
            .cloned()
    });
    let Some(block) = block else { return html! {} };
    let window = web_sys::window();
    let room = window.and_then(|window| {
        Some((
            window.inner_width().ok()?.as_f64()?,
            window.inner_height().ok()?.as_f64()?,
        ))
    });
    let (left, top) = popup::beside(props.anchor, SIZE, room.unwrap_or((1280.0, 800.0)));
    let close = {
        let store = store.clone();
        move |_| store.dispatch(Action::Close)
    };
    let title = match (block.state, block.title.trim()) {
        (BlockState::Unknown, _) if block.busy_only => "Unknown".to_owned(),
        (_, "") => "Blocked".to_owned(),
        (_, title) => title.to_owned(),
    };
    let when = match block.all_day {
        Some((first, after)) => dates::day_span(first, after),
        None => dates::spoken_span(block.wall_start, block.wall_end).replace(" to ", " – "),
    };
    html! {
        <section ref={node} class="popover" role="dialog" aria-label={title.clone()} data-testid="details" data-id={block.id.clone()}
            style={format!("left:{left}px;top:{top}px;{}", color::style(block.color.as_deref()))}>
            <div class="dialog-head">
                <h2>{ title }</h2>
                <button class="button ghost square" aria-label="Close" onclick={close}>{ icon(Icon::Cross) }</button>
            </div>
            <p class="when">{ when }</p>
            { match block.source {
                SourceKind::Manual => manual(&store, &block),
                SourceKind::Google | SourceKind::Duet => external(&store, &block, now),
            } }
        </section>
    }
}

fn manual(store: &crate::hooks::Store, block: &BlockView) -> Html {
    let (edit, delete) = (store.clone(), store.clone());
    let (edited, deleted) = (block.clone(), block.clone());
    html! {
        <>
            <p class="fact">{ icon(Icon::Hand) }<span>{ words::capital(&seen::source(block, None)) }<small>{ "Always counts as busy" }</small></span></p>
            <div class="dialog-foot">
                <button class="button danger" data-testid="delete-block" onclick={move |_| deeds::delete(&delete, &deleted, None)}>{ icon(Icon::Bin) }{ "Delete" }</button>
                <span class="spring"></span>
                <button class="button primary" data-testid="edit-block" onclick={move |_| editor::open(&edit, &edited)}>{ icon(Icon::Pen) }{ "Edit" }</button>
            </div>
        </>
    }
}

fn external(store: &crate::hooks::Store, block: &BlockView, now: crate::hooks::Now) -> Html {
    let why = match (block.state, block.busy_only) {
        (BlockState::Unknown, _) => "Too old to vouch for, so drawn as unknown",
        (BlockState::Tentative, _) => "Tentative, so perhaps busy",
        (BlockState::Free, _) => "Does not count as busy",
        (BlockState::Busy, true) => "Only its times are known, and they count as busy",
        (BlockState::Busy, false) => "Counts as busy",
    };
    let age = match block.as_of {
        Some(at) => format!(
            "Last checked {}",
            words::checked(at, now, store.grids.days())
        ),
        None => "Never checked".to_owned(),
    };
    let name = block
        .calendar_name
        .clone()
        .unwrap_or_else(|| "Google".to_owned());
    let calendar = store.overview.as_ref().and_then(|overview| {
        overview
            .calendars
            .iter()
            .find(|calendar| {
                Some(&calendar.id) == block.calendar.as_ref()
                    && Some(&calendar.account) == block.account.as_ref()
            })
            .cloned()
    });
    html! {
        <>
            <p class="fact"><i class="swatch" aria-hidden="true"></i><span>{ name }<small>{ block.account.clone().unwrap_or_default() }</small></span></p>
            <p class="fact">{ icon(if block.state == BlockState::Unknown { Icon::Alert } else { Icon::Check }) }<span>{ why }<small>{ age }</small></span></p>
            if let Some(calendar) = calendar {
                <div class="rules">
                    { rule(store, "Calendar is shown", calendar.shown, {
                        let (account, id) = (calendar.account.clone(), calendar.id.clone());
                        move |store, on| deeds::set_calendar(store, account.clone(), id.clone(), Some(on), None)
                    }) }
                    { rule(store, "Counts as busy", calendar.busy, {
                        let (account, id) = (calendar.account.clone(), calendar.id.clone());
                        move |store, on| deeds::set_calendar(store, account.clone(), id.clone(), None, Some(on))
                    }) }
                </div>
            }
        </>
    }
}

fn rule(
    store: &crate::hooks::Store,
    label: &'static str,
    on: bool,
    set: impl Fn(&crate::hooks::Store, bool) + 'static,
) -> Html {
    let store = store.clone();
    html! {
        <div class="rule"><span aria-hidden="true">{ label }</span><Switch {on} {label} onchange={Callback::from(move |on| set(&store, on))} /></div>
    }
}
