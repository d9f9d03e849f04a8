//! The month in small: where one is, and how full each day is as far as it is known.

use chrono::{Datelike, Days, NaiveDate, TimeDelta};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::dates;
use crate::hooks::{use_now, use_store};
use crate::state::app::Action;
use crate::state::free;
use crate::state::view::View;

/// The small month. It can be leafed through without leaving the week in view.
#[component]
pub(crate) fn MiniMonth() -> Html {
    let store = use_store();
    let now = use_now();
    let leafed = use_state_eq(|| None::<NaiveDate>);
    {
        // Going somewhere in time brings the small month along.
        let leafed = leafed.setter();
        use_effect_with(store.anchor, move |_| leafed.set(None));
    }
    let days = use_node_ref();
    let moved = use_memo((), |()| std::cell::Cell::new(false));
    {
        // The arrow keys take the focus along.
        let (days, moved) = (days.clone(), moved.clone());
        use_effect_with(store.anchor, move |_| {
            let chosen = days
                .cast::<Element>()
                .filter(|_| moved.replace(false))
                .and_then(|days| days.query_selector("[tabindex='0']").ok().flatten())
                .and_then(|day| day.dyn_into::<HtmlElement>().ok());
            if let Some(day) = chosen {
                day.focus().ok();
            }
        });
    }
    let Some(anchor) = store.anchor else {
        return html! {};
    };
    let settings = store.settings();
    let month = leafed.unwrap_or_else(|| dates::month_of(anchor));
    let first = dates::week_of(month, settings.week_start);
    let shown = store.shown();
    let today = store.today(now);
    let onkeydown = {
        let store = store.clone();
        move |event: KeyboardEvent| {
            let distance = match event.key().as_str() {
                "ArrowLeft" => -1,
                "ArrowRight" => 1,
                "ArrowUp" => -7,
                "ArrowDown" => 7,
                _ => return,
            };
            event.prevent_default();
            moved.set(true);
            store.dispatch(Action::GoTo(anchor + TimeDelta::days(distance)));
        }
    };
    let leaf = |steps: i32| {
        let leafed = leafed.setter();
        move |_: MouseEvent| leafed.set(Some(View::Month.step(month, steps)))
    };
    html! {
        <section class="mini" aria-label="Month">
            <h3>
                <span>{ format!("{} {}", dates::month(month), month.year()) }</span>
                <span class="leaf">
                    <button class="button ghost square" aria-label="Earlier month" onclick={leaf(-1)}>{ icon(Icon::Left) }</button>
                    <button class="button ghost square" aria-label="Later month" onclick={leaf(1)}>{ icon(Icon::Right) }</button>
                </span>
            </h3>
            <div class="mini-days" ref={days} {onkeydown}>
                { for (0..7).map(|day| {
                    let weekday = (first + Days::new(day)).weekday();
                    html! { <span class="mini-name" aria-hidden="true" key={format!("n{day}")}>{ &dates::weekday(weekday)[..1] }</span> }
                }) }
                { for (0..42).map(|day| {
                    let date = first + Days::new(day);
                    let known = store.grids.day(date).map(|view| free::density(view, settings.working_hours));
                    let class = classes!(
                        (date.month() != month.month()).then_some("other"),
                        (today == Some(date)).then_some("today"),
                        shown.filter(|span| span.days <= 7).is_some_and(|span| span.contains(date)).then_some("in-view"),
                        shown.is_some_and(|span| span.from == date).then_some("first"),
                        shown.is_some_and(|span| span.last() == date).then_some("last"),
                    );
                    let go = {
                        let store = store.clone();
                        move |_| store.dispatch(Action::GoTo(date))
                    };
                    html! {
                        <button key={dates::iso_date(date)} {class} onclick={go} aria-label={dates::day_long(date)}
                            aria-current={(today == Some(date)).then_some("date")} tabindex={if date == anchor { "0" } else { "-1" }}>
                            { date.day() }
                            if let Some((busy, unknown)) = known && (busy > 0.0 || unknown) {
                                <i class={classes!(unknown.then_some("unknown"))} style={format!("--busy:{busy:.2}")}></i>
                            }
                        </button>
                    }
                }) }
            </div>
        </section>
    }
}
