//! One reason: what it is, what it makes of its time, by which rule, and how old that is.

use duet_model::verdict::Rule;
use duet_wire::availability::SourceKind;
use duet_wire::why::ReasonView;
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::components::timegrid::show_block;
use crate::components::why::change::Change;
use crate::dates;
use crate::hooks::{Now, Store, use_store};
use crate::pages::open_rules;
use crate::words;

/// The reason.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// It.
    pub(super) reason: ReasonView,
    /// The time, for its age.
    pub(super) now: Now,
}

/// A reason.
#[component]
pub(super) fn Reason(props: &Props) -> Html {
    let store = use_store();
    let editing = use_state_eq(|| false);
    let Props { reason, now } = props;
    let from = match reason.kind {
        SourceKind::Manual => "by hand".to_owned(),
        SourceKind::Duet => "made in Duet".to_owned(),
        SourceKind::Google => reason
            .calendar_name
            .clone()
            .or_else(|| reason.account.clone())
            .unwrap_or_else(|| "Google".to_owned()),
    };
    let age = match (reason.kind, reason.as_of) {
        (SourceKind::Manual, _) => None,
        // Of time that was not asked about no check says anything.
        _ if reason.rule == "outside_window" => None,
        (_, Some(at)) => Some(format!(
            "checked {}",
            words::checked(at, *now, store.grids.days())
        )),
        (_, None) => Some("never checked".to_owned()),
    };
    let toggle = {
        let editing = editing.clone();
        Callback::from(move |_: MouseEvent| editing.set(!*editing))
    };
    let done = {
        let editing = editing.setter();
        Callback::from(move |()| editing.set(false))
    };
    html! {
        <li class="reason" data-testid="why-reason" data-state={reason.state.as_str()} data-rule={reason.rule.clone()} data-calendar-id={reason.calendar.clone()}
            style={color::style(reason.color.as_deref()).to_string()}>
            if reason.kind == SourceKind::Manual {
                <span class="hand" aria-hidden="true">{ icon(Icon::Hand) }</span>
            } else {
                <i class="swatch" aria-hidden="true"></i>
            }
            <div>
                <p class="reason-head">{ title(&store, reason) }<span class={classes!("chip", reason.state.as_str())}>{ reason.state.as_str() }</span></p>
                <p class="reason-when">{ when(reason) }{ " · " }<bdi>{ from }</bdi></p>
                <p class="reason-rule">{ &reason.because }</p>
                if let Some(age) = age {
                    <p class="reason-age">{ words::capital(&age) }</p>
                }
                if let Some(other) = &reason.disagreement {
                    <p class="note" data-testid="why-disagreement">{ icon(Icon::Alert) }<span>{ other }</span></p>
                }
                if reason.rule == Rule::Keyword.as_str() {
                    <button class="button quiet" data-testid="why-words" onclick={
                        let store = store.clone();
                        move |_: MouseEvent| open_rules(&store)
                    }>{ "Your words in titles…" }</button>
                }
                if let Some(change) = reason.change {
                    if *editing {
                        <Change {change} account={reason.account.clone()} calendar={reason.calendar.clone()} name={reason.calendar_name.clone()} {done} />
                    } else {
                        <button class="button quiet" data-testid="why-change" onclick={toggle}>{ "Change the rule…" }</button>
                    }
                }
            </div>
        </li>
    }
}

/// What it is called; where it is drawn, the way to its details. The reasons stay open beside them.
fn title(store: &Store, reason: &ReasonView) -> Html {
    let drawn = reason.id.clone().filter(|_| {
        let calendar = reason.account.as_deref().zip(reason.calendar.as_deref());
        !store.filter().hides_source(reason.kind, calendar)
    });
    let Some(id) = drawn else {
        return html! { <b dir="auto">{ &reason.title }</b> };
    };
    let (store, date) = (store.clone(), reason.wall_start.date());
    html! {
        <b dir="auto"><button class="reason-open" data-testid="why-open-block" title="Show it in the calendar" onclick={
            move |_: MouseEvent| show_block(&store, date, &id)
        }>{ &reason.title }</button></b>
    }
}

/// When it is: the days alone where it lasts whole ones.
fn when(reason: &ReasonView) -> String {
    use duet_wire::availability::When;
    match (reason.start, reason.end) {
        (When::Date(first), When::Date(after)) => {
            format!("{}, all day", dates::day_span(first, after))
        }
        _ => dates::span(reason.wall_start, reason.wall_end),
    }
}
