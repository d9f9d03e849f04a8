//! "Why?": what makes a stretch of time busy, tentative, unknown or free, how old that is, and the
//! rule that can be changed.

mod change;
mod reason;

use duet_wire::availability::BlockState;
use duet_wire::why::{VouchView, WhyView};
use duet_wire::{Answer, Query};
use web_sys::Element;
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::components::panel::Frame;
use crate::components::why::reason::Reason;
use crate::dates;
use crate::hooks::{Now, Store, use_answer, use_now, use_store};
use crate::state::app::Action;
use crate::state::dialog::Dialog;
use crate::state::panel::{Panel, Stretch};
use crate::state::place;
use crate::words;

pub(crate) use change::PreviewLine;

/// From so many calendars on their list is folded.
const LONG: usize = 5;

/// Asks about what is open, what has the focus, or where the keyboard stands in the grid. The same
/// again closes the panel. False where there is nothing to ask about.
pub(crate) fn ask(store: &Store) -> bool {
    let Some(stretch) = asked_about(store) else {
        let open = matches!(store.panel, Some(Panel::Why(_)));
        if open {
            store.dispatch(Action::Alone);
        }
        return open;
    };
    store.dispatch(if store.panel == Some(Panel::Why(stretch)) {
        Action::Alone
    } else {
        Action::Beside(Panel::Why(stretch))
    });
    true
}

fn asked_about(store: &Store) -> Option<Stretch> {
    let grid = store.grids.get(store.shown()?)?;
    let block = |id: &str| {
        let block = grid.blocks.iter().find(|block| block.id == id);
        block.map(Stretch::of)
    };
    if let Some(Dialog::Details { id, .. }) = &store.dialog {
        return block(id);
    }
    let document = web_sys::window()?.document()?;
    let id = |element: Element| element.get_attribute("data-id");
    let focused = document.active_element();
    // In the panel the key means "enough".
    if focused
        .as_ref()
        .is_some_and(|element| element.closest(".panel").is_ok_and(|found| found.is_some()))
    {
        return None;
    }
    // In the grid the cursor counts, which a click on empty time has moved as well; bars of the
    // all-day lane and the lines of other views are no part of its columns.
    let focused = focused
        .and_then(|element| {
            element
                .closest("[data-testid=block], .more-day [data-id]")
                .ok()?
        })
        .filter(|element| !element.matches(".block:not([data-spot])").unwrap_or(false));
    if let Some(found) = focused.and_then(id).and_then(|id| block(&id)) {
        return Some(found);
    }
    let spot = document
        .query_selector(".timegrid [data-spot]")
        .ok()
        .flatten();
    match spot {
        Some(spot) if spot.has_attribute("data-id") => block(&id(spot)?),
        Some(spot) => {
            let date = spot.closest("[data-date]").ok()??;
            let date = date.get_attribute("data-date")?;
            let day = grid
                .days
                .iter()
                .find(|day| dates::iso_date(day.date) == date)?;
            Stretch::slot(day, spot.get_attribute("data-minute")?.parse().ok()?)
        }
        // The month and the agenda have no hours to stand on: the first working hour of their day.
        None => {
            let day = grid
                .days
                .iter()
                .find(|day| Some(day.date) == store.anchor)?;
            Stretch::slot(day, place::hour_at(day, store.settings().working_hours.0))
        }
    }
}

/// What is asked about.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The stretch.
    pub(crate) stretch: Stretch,
}

/// The panel.
#[component]
pub(crate) fn WhyPanel(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let Stretch { from, to, wall } = props.stretch;
    let query = Query::Why { from, to };
    let asked = use_answer(Some(query), store.grids.epoch(), 0, |answer| match answer {
        Answer::Why(why) => Some(*why),
        _ => None,
    });
    let failed = asked.failure();
    // Until the new answer is there the old one stays whole, with its own time.
    let why = asked.shown().filter(|_| failed.is_none());
    let wall = why.map_or(wall, |why| (why.wall_start, why.wall_end));
    let heading = html! {
        <>
            if let Some(why) = why {
                <h2>{ state_word(why.state) }</h2>
            } else {
                <h2>{ "Why?" }</h2>
            }
            <p class="when">{ dates::spoken_span(wall.0, wall.1).replace(" to ", " – ") }</p>
        </>
    };
    let state = why.map(|why| AttrValue::from(why.state.as_str()));
    html! {
        <Frame label="Why?" testid="why" follows=true busy={asked.waiting()} {state} {heading}>
            if let Some(error) = failed {
                <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ "This could not be explained. " }{ &error.message }</span></p>
            }
            if let Some(why) = why {
                { answer(&store, why, now) }
            } else if failed.is_none() {
                <p class="quiet" role="status">{ "Looking…" }</p>
            }
        </Frame>
    }
}

/// A state at the head of the panel.
fn state_word(state: BlockState) -> &'static str {
    match state {
        BlockState::Busy => "Busy",
        BlockState::Tentative => "Perhaps busy",
        BlockState::Free => "Free",
        BlockState::Unknown => "Not known",
    }
}

fn answer(store: &Store, why: &WhyView, now: Now) -> Html {
    html! {
        <>
            <p class="why-because" role="status" data-testid="why-because">{ &why.because }</p>
            if !why.reasons.is_empty() {
                <ul class="reasons" aria-label="Reasons">
                    { for why.reasons.iter().enumerate().map(|(index, reason)| html! {
                        <Reason key={format!("{index}-{}-{}", reason.title, reason.rule)} reason={reason.clone()} {now} />
                    }) }
                </ul>
            }
            { calendars(store, "Vouched for by", "why-vouching", "Nothing that counts in this time.", &why.vouching, now) }
            { calendars(store, "Not counted:", "why-not-counting", "“Counts as busy” is off for them.", &why.not_counting, now) }
        </>
    }
}

/// Calendars with their ages, folded where they are many.
fn calendars(
    store: &Store,
    name: &'static str,
    testid: &'static str,
    meaning: &'static str,
    list: &[VouchView],
    now: Now,
) -> Html {
    if list.is_empty() {
        return html! {};
    }
    html! {
        <details class="vouchers" data-testid={testid} open={list.len() < LONG}>
            <summary>{ format!("{name} {}", if list.len() == 1 { "1 calendar".to_owned() } else { format!("{} calendars", list.len()) }) }</summary>
            <p class="quiet">{ meaning }</p>
            <ul>
                { for list.iter().map(|calendar| html! {
                    <li data-calendar-id={calendar.calendar.clone()} title={calendar.account.clone()} style={color::style(Some(&calendar.color)).to_string()}>
                        <i class="swatch" aria-hidden="true"></i>
                        <span dir="auto">{ &calendar.name }</span>
                        <small>{ match calendar.as_of {
                            Some(at) => words::checked(at, now, store.grids.days()),
                            None => "never checked".to_owned(),
                        } }</small>
                    </li>
                }) }
            </ul>
        </details>
    }
}
