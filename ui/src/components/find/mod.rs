//! "Find a time": free for everyone chosen, in either zone, to be copied.

mod form;
mod slots;

use chrono::{DateTime, NaiveDate, Utc};
use duet_wire::{Answer, Query};
use yew::prelude::*;

use crate::components::find::form::FormView;
use crate::components::find::slots::Slots;
use crate::components::icon::{Icon, icon};
use crate::components::panel::Frame;
use crate::deeds;
use crate::entry::Context;
use crate::hooks::{Store, use_answer, use_now, use_store};
use crate::state::find::Form;

/// The panel.
#[component]
pub(crate) fn FindPanel() -> Html {
    let store = use_store();
    let now = use_now();
    let form = use_state(Form::default);
    let counting: Vec<(String, String)> = store.overview.as_ref().map_or_else(Vec::new, |all| {
        let counting = all.calendars.iter().filter(|calendar| calendar.busy);
        counting
            .map(|calendar| (calendar.account.clone(), calendar.id.clone()))
            .collect()
    });
    let context = Context {
        day: store.anchor.unwrap_or_else(|| today(&store, now)),
        today: today(&store, now),
    };
    let question = form.question(context, &counting);
    let find = question.as_ref().ok().cloned();
    {
        // Asked once for the same people and days; what comes is heard of by the topic.
        let (store, find) = (store.clone(), find.clone());
        let people = find
            .as_ref()
            .filter(|find| !find.people.is_empty())
            .map(|find| (find.people.clone(), find.from, find.days));
        use_effect_with(people, move |people| {
            if let Some((find, _)) = find.zip(people.as_ref()) {
                deeds::ask_people(&store, find);
            }
        });
    }
    // Both only rise, and so does their sum.
    let epoch = store.grids.epoch().wrapping_add(store.people);
    let query = find.map(|find| Query::FindTime { find });
    let asked = use_answer(query.clone(), epoch, 60, |answer| match answer {
        Answer::FindTime(found) => Some(*found),
        _ => None,
    });
    let exact = query
        .as_ref()
        .is_some_and(|query| asked.exact(query).is_some());
    let onchange = {
        let form = form.setter();
        Callback::from(move |new: Form| form.set(new))
    };
    let faults = question.err().unwrap_or_default();
    let heading = html! { <><h2>{ "Find a time" }</h2><p class="when">{ "Free for you and everyone you name." }</p></> };
    html! {
        <Frame label="Find a time" testid="find" busy={!exact && query.is_some()} {heading}>
            <FormView form={(*form).clone()} {faults} {onchange} />
            if let Some(error) = asked.failure() {
                <p class="trouble" role="alert" data-testid="find-failure">{ icon(Icon::Alert) }<span>{ &error.message }</span></p>
            } else if let Some(found) = asked.shown().filter(|_| query.is_some()) {
                <Slots found={found.clone()} asking={!exact} />
            } else if query.is_some() {
                <p class="quiet" role="status">{ "Looking…" }</p>
            }
        </Frame>
    }
}

/// What today is, as far as a loaded day can tell; else in UTC, which the core corrects by what it
/// calls free.
fn today(store: &Store, now: DateTime<Utc>) -> NaiveDate {
    store.today(now).unwrap_or_else(|| now.date_naive())
}
