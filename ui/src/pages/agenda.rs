//! The agenda: what is to come, as a list by day; days that are known to be free are left out.

use chrono::NaiveDate;
use duet_wire::availability::SourceKind;
use duet_wire::grid::{BlockView, DayView};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::color;
use crate::components::editor;
use crate::components::icon::{Icon, icon};
use crate::components::timegrid::open_details;
use crate::dates;
use crate::hooks::{Store, use_now, use_store};
use crate::pages::week::{Drawn, failure, use_drawn};
use crate::state::agenda::{Section, first, sections};
use crate::state::app::{Action, minute_of_day};
use crate::state::place;
use crate::state::popup::Rect;
use crate::state::seen;
use crate::state::spoken;

/// So many lines are drawn at first, and with each step down.
const LINES: usize = 250;

/// Said of time that no calendar vouches for.
const UNKNOWN: &str = "Not known, so not free";
/// The same, for whoever wants to know more.
const UNKNOWN_BECAUSE: &str = "A calendar that counts was not asked, or could not say.";

/// The agenda.
#[component]
pub(crate) fn Agenda() -> Html {
    let store = use_store();
    let now = use_now();
    let lines = use_state_eq(|| LINES);
    {
        // Other days begin anew.
        let lines = lines.setter();
        use_effect_with(store.shown(), move |_| lines.set(LINES));
    }
    let Some(Drawn { grid, loading }) = use_drawn(&store) else {
        return html! {};
    };
    let sections = sections(&grid);
    let count = first(&sections, *lines);
    // Near the end of what is drawn, with the wheel or the keyboard, the next days follow.
    let onscroll = {
        let all = count == sections.len();
        move |event: Event| {
            let list = event.target_dyn_into::<web_sys::Element>();
            let near = list.is_some_and(|list| {
                list.scroll_top() + 3 * list.client_height() > list.scroll_height()
            });
            if near && !all {
                lines.set(*lines + LINES);
            }
        }
    };
    html! {
        <>
            { failure(&store) }
            <div class="agenda" aria-busy={if loading { "true" } else { "false" }} {onscroll}>
                if sections.is_empty() && !loading {
                    <p class="empty">{ "Nothing stands in these 30 days." }</p>
                }
                { for sections.into_iter().take(count).map(|section| match section {
                    Section::Unknown(first, after) => unknown_days(&store, first, after),
                    Section::Day { day, blocks, unknown } => {
                        let today = minute_of_day(day, now).is_some();
                        html! {
                            <section key={dates::iso_date(day.date)} class={classes!("agenda-day", today.then_some("today"))}>
                                <h2><button onclick={zoom(&store, day.date)}>{ dates::day_long(day.date) }</button>if today { <small>{ "today" }</small> }</h2>
                                <ul>
                                    { for blocks.into_iter().map(|block| row(&store, day, block)) }
                                    { for unknown.into_iter().map(|span| unknown_row(day, span)) }
                                </ul>
                            </section>
                        }
                    }
                }) }
            </div>
        </>
    }
}

fn zoom(store: &Store, date: NaiveDate) -> Callback<MouseEvent> {
    let store = store.clone();
    Callback::from(move |_| store.dispatch(Action::Zoom(date)))
}

/// Days in a row of which nothing is known.
fn unknown_days(store: &Store, first: NaiveDate, after: NaiveDate) -> Html {
    html! {
        <section key={format!("unknown-{}", dates::iso_date(first))} class="agenda-day" data-testid="agenda-unknown">
            <h2><button onclick={zoom(store, first)}>{ days(first, after) }</button></h2>
            <ul><li class="agenda-unknown" title={UNKNOWN_BECAUSE}><span class="agenda-time">{ "all day" }</span>{ UNKNOWN }</li></ul>
        </section>
    }
}

/// As the other days are called, where it is one.
fn days(first: NaiveDate, after: NaiveDate) -> String {
    if first.succ_opt() == Some(after) {
        dates::day_long(first)
    } else {
        dates::day_span(first, after)
    }
}

/// A part of a day of which nothing is known.
fn unknown_row(day: &DayView, (from, to): (u16, u16)) -> Html {
    let when = match (place::wall_at(day, from), place::wall_at(day, to)) {
        _ if (from, to) == (0, day.minutes) => "all day".to_owned(),
        (Some(start), Some(end)) => dates::span(start, end),
        _ => return html! {},
    };
    html! {
        <li key={format!("unknown-{from}")} class="agenda-unknown" title={UNKNOWN_BECAUSE} data-testid="agenda-unknown">
            <span class="agenda-time">{ when }</span>{ UNKNOWN }
        </li>
    }
}

fn row(store: &Store, day: &DayView, block: &BlockView) -> Html {
    let (start, end) = seen::ends(block);
    let source = seen::source_word(block.source);
    let when = match block.all_day {
        Some(_) => "all day".to_owned(),
        None if block.wall_start.date() < day.date => {
            format!("until {}", dates::clock(block.wall_end))
        }
        None => dates::span(block.wall_start, block.wall_end),
    };
    let title = seen::title(block);
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
                class={classes!("agenda-block", block.state.as_str(), seen::look(block))}
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
                <small>{ seen::source(block, None) }</small>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unknown_day_is_called_as_any_other() {
        let on = |day| NaiveDate::from_ymd_opt(2027, 4, day).unwrap();
        assert_eq!(days(on(25), on(26)), "Sunday 25 April");
        assert_eq!(days(on(25), on(28)), "Sun 25 Apr – Tue 27 Apr");
    }
}
