//! The head of the grid: the days, how free each is, and the all-day lane. It stays while the hours
//! scroll, and is part of the same scroller so that its columns cannot drift from theirs.

use duet_model::availability::State;
use duet_wire::grid::{DayView, GridView};
use yew::prelude::*;

use crate::components::timegrid::block;
use crate::dates;
use crate::hooks::{use_now, use_store};
use crate::state::app::{Action, minute_of_day};
use crate::state::place;
use crate::state::shared::Shared;
use crate::state::spoken;

/// What the head needs.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// The days.
    pub(super) grid: Shared<GridView>,
    /// Working hours, which are what the strip covers.
    pub(super) hours: (u8, u8),
    /// Is nothing known yet?
    pub(super) loading: bool,
}

/// The head.
#[component]
pub(super) fn Head(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let Props {
        grid,
        hours,
        loading,
    } = props;
    html! {
        <div class="head" role="presentation">
            <div class="row names" role="row">
                <span class="gutter" aria-hidden="true"></span>
                { for grid.days.iter().map(|day| {
                    let today = minute_of_day(day, now).is_some();
                    let zoom = {
                        let (store, date) = (store.clone(), day.date);
                        move |event: MouseEvent| {
                            event.stop_propagation();
                            store.dispatch(Action::Zoom(date));
                        }
                    };
                    html! {
                        <div class={classes!("name", today.then_some("today"), day.weekend.then_some("weekend"))} role="columnheader"
                            aria-current={today.then_some("date")}>
                            <button onclick={zoom} aria-label={dates::day_long(day.date)} title={dates::day_long(day.date)}>
                                { dates::weekday_short(chrono::Datelike::weekday(&day.date)) }
                                <b>{ chrono::Datelike::day(&day.date) }</b>
                            </button>
                        </div>
                    }
                }) }
            </div>
            <div class="row strips" role="row">
                <span class="gutter" aria-hidden="true">{ format!("{} – {}", hours.0, hours.1) }</span>
                { for grid.days.iter().map(|day| html! {
                    <div role="gridcell">
                        <div class={classes!("strip", loading.then_some("loading"))} role="img"
                            aria-label={spoken::strip(day, *hours)} title={spoken::strip(day, *hours)}>
                            { strip(day, *hours) }
                        </div>
                    </div>
                }) }
            </div>
            <div class="row lane" role="row" >
                <span class="gutter" aria-hidden="true">{ "all day" }</span>
                { for grid.days.iter().enumerate().map(|(index, day)| html! {
                    <div class={classes!("lane-day", day.weekend.then_some("weekend"))} style={format!("grid-column:{}", index + 2)} aria-hidden="true"></div>
                }) }
                { for grid.bars.iter().map(|bar| {
                    let class = classes!(bar.from_before.then_some("from-before"), bar.goes_on.then_some("goes-on"));
                    let style = format!("grid-column:{}/span {};grid-row:{};", bar.column + 2, bar.span.max(1), bar.row + 1);
                    html! { <div class="bar-cell" role="gridcell" style={style}>{ block::bar(&grid.blocks[bar.block as usize], class) }</div> }
                }) }
            </div>
        </div>
    }
}

/// The working hours of a day as one thin bar: free, busy, tentative, unknown.
fn strip(day: &DayView, hours: (u8, u8)) -> Html {
    let (from, to) = (place::hour_at(day, hours.0), place::hour_at(day, hours.1));
    let whole = f32::from(to.saturating_sub(from).max(1));
    day.strip
        .iter()
        .filter_map(|piece| {
            let start = piece.top.max(from);
            let end = (piece.top + piece.length).min(to);
            let state = match piece.state {
                State::Busy => "busy",
                State::Tentative => "tentative",
                State::Unknown => "unknown",
            };
            (start < end).then(|| {
                html! {
                    <i class={state} style={format!(
                        "left:{:.2}%;width:{:.2}%",
                        f32::from(start - from) / whole * 100.0,
                        f32::from(end - start) / whole * 100.0
                    )}></i>
                }
            })
        })
        .collect()
}
