//! All that stands on a day of the month, beside its "+n more".

use chrono::NaiveDate;
use duet_wire::grid::{BlockView, DayView};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::components::timegrid::open_details;
use crate::dates;
use crate::hooks::{use_floating, use_panel_focus, use_store};
use crate::pages::week::use_drawn;
use crate::state::app::Action;
use crate::state::popup::Rect;
use crate::state::{month, seen, spoken};

/// Its size before it has been measured.
const SIZE: (f64, f64) = (288.0, 240.0);

/// Which day.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The day.
    pub(crate) date: NaiveDate,
    /// Where its "+n more" is drawn.
    pub(crate) anchor: Rect,
}

/// The list.
#[component]
pub(crate) fn More(props: &Props) -> Html {
    let store = use_store();
    let drawn = use_drawn(&store);
    let node = use_panel_focus(false);
    let floating = use_floating(
        &store,
        &node,
        props.anchor,
        SIZE,
        ".month-line, .month-more",
    );
    let grid = drawn.map(|drawn| drawn.grid);
    let day = grid.as_ref().and_then(|grid| {
        let index = grid.days.iter().position(|day| day.date == props.date)?;
        Some((&grid.days[index], month::of_day(grid, index)))
    });
    let Some((grid, (day, blocks))) = grid.as_ref().zip(day) else {
        return html! {};
    };
    let close = {
        let store = store.clone();
        move |_| store.dispatch(Action::Close)
    };
    let name = dates::day_long(day.date);
    let line = |(at, block): (usize, &BlockView)| {
        let (store, anchor, shown) = (store.clone(), props.anchor, block.clone());
        row(day, block, at == 0, move |_: MouseEvent| {
            open_details(&store, &shown, anchor)
        })
    };
    html! {
        <section ref={node.clone()} class="popover more-day" role="dialog" tabindex="-1" aria-label={name.clone()} data-testid="month-day" style={floating.style}>
            <div class="dialog-head">
                <h2>{ name }</h2>
                <button class="button ghost square" aria-label="Close" onclick={close}>{ icon(Icon::Cross) }</button>
            </div>
            <ul onkeydown={|event: KeyboardEvent| walk(&event)}>
                { for blocks.iter().filter_map(|block| grid.blocks.get(*block as usize)).enumerate().map(line) }
            </ul>
        </section>
    }
}

fn row(
    day: &DayView,
    block: &BlockView,
    first: bool,
    onclick: impl Fn(MouseEvent) + 'static,
) -> Html {
    let when = match block.all_day {
        Some(_) => "all day".to_owned(),
        None if block.wall_start.date() < day.date => {
            format!("until {}", dates::clock(block.wall_end))
        }
        None => dates::clock(block.wall_start),
    };
    html! {
        <li key={block.id.clone()}>
            <button class={classes!("month-line", seen::look(block))} style={color::style(block.color.as_deref()).to_string()} autofocus={first}
                aria-label={spoken::block(block)} title={spoken::block(block)} data-testid="month-day-block" data-id={block.id.clone()} data-state={block.state.as_str()} {onclick}>
                <i class="swatch" aria-hidden="true"></i>
                <small>{ when }</small>
                <span dir="auto">{ seen::line(block) }</span>
            </button>
        </li>
    }
}

/// The arrows walk the list, as they walk every other one.
fn walk(event: &KeyboardEvent) {
    let list = event
        .current_target()
        .and_then(|list| list.dyn_into::<HtmlElement>().ok());
    let Some(lines) = list.and_then(|list| list.query_selector_all("button").ok()) else {
        return;
    };
    let line = |index: u32| lines.get(index)?.dyn_into::<HtmlElement>().ok();
    let focused =
        |index: &u32| line(*index).is_some_and(|line| line.matches(":focus").is_ok_and(|it| it));
    let at = (0..lines.length()).find(focused);
    let to = match (event.key().as_str(), at, lines.length()) {
        (_, _, 0) => return,
        ("ArrowDown", Some(at), count) => (at + 1) % count,
        ("ArrowUp", Some(at), count) => (at + count - 1) % count,
        ("Home", ..) => 0,
        ("End", _, count) => count - 1,
        _ => return,
    };
    if let Some(line) = line(to) {
        line.focus().ok();
        event.prevent_default();
    }
}
