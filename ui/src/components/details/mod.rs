//! A block's details, beside it: what it is, when, where that is known from, and what one can do.

mod answer;
mod event;
mod facts;
mod own;

use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::BlockView;
use yew::prelude::*;

use crate::color;
use crate::components::details::event::EventDetails;
use crate::components::details::own::OwnDetails;
use crate::components::editor;
use crate::components::icon::{Icon, icon};
use crate::components::switch::Switch;
use crate::dates;
use crate::deeds;
use crate::hooks::{Store, use_floating, use_now, use_store, use_tab_into};
use crate::state::app::Action;
use crate::state::panel::{Panel, Stretch};
use crate::state::popup::Rect;
use crate::state::seen;
use crate::words;

/// The panel's size before it has been measured.
const SIZE: (f64, f64) = (336.0, 260.0);

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
    use_tab_into(&node);
    // Blocks are left to their views, which move it there.
    let blocks = ".timegrid, .month-line, .month-more, .agenda-block";
    let floating = use_floating(&store, &node, props.anchor, SIZE, blocks);
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
    let close = {
        let store = store.clone();
        move |_| store.dispatch(Action::Close)
    };
    let title = seen::title(&block);
    let when = match block.all_day {
        Some((first, after)) => dates::day_span(first, after),
        None => dates::spoken_span(block.wall_start, block.wall_end).replace(" to ", " – "),
    };
    html! {
        <section ref={node} class={classes!("popover", "details", block.declined.then_some("declined"))} role="dialog" aria-label={title.clone()} data-testid="details" data-id={block.id.clone()}
            style={format!("{}{}", floating.style, color::style(block.color.as_deref()))}>
            <div class="dialog-head">
                <h2 dir="auto">{ title }</h2>
                <button class="button ghost square" aria-label="Close" onclick={close}>{ icon(Icon::Cross) }</button>
            </div>
            <p class="when">{ when }</p>
            { match (block.source, block.event) {
                (SourceKind::Manual, _) => manual(&store, &block),
                (SourceKind::Duet, _) => html! { <OwnDetails block={block.clone()} drawn={floating.measure} /> },
                (_, Some(_)) => html! { <EventDetails block={block.clone()} drawn={floating.measure} /> },
                (_, None) => times(&store, &block, now),
            } }
        </section>
    }
}

fn manual(store: &Store, block: &BlockView) -> Html {
    let (edit, delete) = (store.clone(), store.clone());
    let (edited, deleted) = (block.clone(), block.clone());
    html! {
        <>
            <p class="fact">{ icon(Icon::Hand) }<span>{ words::capital(&seen::source(block, None)) }<small>{ "Always counts as busy" }</small></span></p>
            <div class="dialog-foot">
                <button class="button danger" data-testid="delete-block" onclick={move |_| deeds::delete(&delete, &deleted, None)}>{ icon(Icon::Bin) }{ "Delete" }</button>
                { why_button(store, block) }
                <span class="spring"></span>
                <button class="button primary" data-testid="edit-block" onclick={move |_| editor::open(&edit, &edited)}>{ icon(Icon::Pen) }{ "Edit" }</button>
            </div>
        </>
    }
}

/// A block of which only the times are known.
fn times(store: &Store, block: &BlockView, now: crate::hooks::Now) -> Html {
    let why = match (block.state, block.busy_only) {
        (BlockState::Unknown, _) => "Too old to vouch for, so drawn as unknown",
        (BlockState::Tentative, _) => "Tentative, so perhaps busy",
        (BlockState::Free, _) => "Does not count as busy",
        (BlockState::Busy, true) => "Only its times are known, and they count as busy",
        (BlockState::Busy, false) => "Counts as busy",
    };
    html! {
        <>
            { from(block) }
            { counts(store, block, why, &age(store, block, now)) }
            { switches(store, block) }
        </>
    }
}

/// How old what is known of it is.
fn age(store: &Store, block: &BlockView, now: crate::hooks::Now) -> String {
    match block.as_of {
        Some(at) => format!(
            "Last checked {}",
            words::checked(at, now, store.grids.days())
        ),
        None => "Never checked".to_owned(),
    }
}

/// The calendar it stands in.
fn from(block: &BlockView) -> Html {
    let name = block.calendar_name.as_deref().unwrap_or("Google");
    // An account's own calendar is mostly called by its address.
    let account = block.account.clone().filter(|account| account != name);
    html! {
        <p class="fact"><i class="swatch" aria-hidden="true"></i><span dir="auto">{ name.to_owned() }<small>{ account }</small></span></p>
    }
}

/// Why it counts as it does, with the way to all reasons.
fn counts(store: &Store, block: &BlockView, why: &str, age: &str) -> Html {
    let mark = if block.state == BlockState::Unknown {
        Icon::Alert
    } else {
        Icon::Check
    };
    html! {
        <p class="fact with-button" data-testid="details-because">{ icon(mark) }<span>{ why.to_owned() }<small>{ age.to_owned() }</small></span>{ why_button(store, block) }</p>
    }
}

fn why_button(store: &Store, block: &BlockView) -> Html {
    let (store, stretch) = (store.clone(), Stretch::of(block));
    html! {
        <button class="button" data-testid="why-open" title="Why? (.)" onclick={move |_| store.dispatch(Action::Beside(Panel::Why(stretch)))}>{ "Why?" }</button>
    }
}

/// The two switches of its calendar.
fn switches(store: &Store, block: &BlockView) -> Html {
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
    let Some(calendar) = calendar else {
        return html! {};
    };
    html! {
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
}

fn rule(
    store: &Store,
    label: &'static str,
    on: bool,
    set: impl Fn(&Store, bool) + 'static,
) -> Html {
    let store = store.clone();
    html! {
        <div class="rule"><span aria-hidden="true">{ label }</span><Switch {on} {label} onchange={Callback::from(move |on| set(&store, on))} /></div>
    }
}
