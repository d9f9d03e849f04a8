//! One calendar: its colour, name and health, and the two switches.

use duet_wire::accounts::{CalendarState, CalendarView};
use yew::prelude::*;

use crate::color;
use crate::components::switch::Switch;
use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::state::app::Action;
use crate::state::dialog::Dialog;
use crate::state::rules;
use crate::words;

/// What a row needs.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The calendar.
    pub(crate) calendar: CalendarView,
    /// With its health as a sentence, as the settings show it.
    #[prop_or_default]
    pub(crate) full: bool,
}

/// A calendar's row.
#[component]
pub(crate) fn CalendarRow(props: &Props) -> Html {
    let store = use_store();
    let now = use_now();
    let Props { calendar, full } = props;
    let set = |shown: bool| {
        let (store, account, id) = (store.clone(), calendar.account.clone(), calendar.id.clone());
        Callback::from(move |on: bool| {
            let (show, busy) = if shown {
                (Some(on), None)
            } else {
                (None, Some(on))
            };
            deeds::set_calendar(&store, account.clone(), id.clone(), show, busy);
        })
    };
    let health = words::calendar_health(calendar, now);
    let state = match calendar.state {
        CalendarState::Ok => "ok",
        CalendarState::Stale => "stale",
        CalendarState::Failing => "failing",
        CalendarState::BusyOnly => "busy_only",
    };
    let sentence = if calendar.hidden {
        format!("Hidden in Google’s list. {health}")
    } else {
        health.clone()
    };
    let open_rules = {
        let (store, account, id) = (store.clone(), calendar.account.clone(), calendar.id.clone());
        move |_: MouseEvent| {
            store.dispatch(Action::Show(Dialog::CalendarRules {
                account: account.clone(),
                calendar: id.clone(),
            }))
        }
    };
    html! {
        <div class={classes!("calendar-row", full.then_some("full"))} data-testid="calendar-row" data-calendar-id={calendar.id.clone()}
            data-account={calendar.account.clone()} data-state={state} style={color::style(Some(&calendar.color)).to_string()}>
            <i class={classes!("swatch", (!calendar.shown).then_some("off"))} aria-hidden="true"></i>
            <span class="name" title={format!("{}\n{health}", calendar.name)}>
                <span>{ &calendar.name }</span>
                if *full {
                    <small>{ sentence }</small>
                    if let Some(events) = words::calendar_events(calendar) {
                        <small class={classes!((calendar.unreadable + calendar.unfollowed > 0).then_some("age"))} data-testid="calendar-events">{ events }</small>
                    }
                } else if let Some(age) = words::calendar_age(calendar, now) {
                    <small class="age">{ age }</small>
                }
            </span>
            if *full {
                <button class="button quiet rules-open" data-testid="calendar-rules-open" aria-label={format!("Rules for {}", calendar.name)} onclick={open_rules}>{ rules_words(rules::deviations(&calendar.rules)) }</button>
            }
            <Switch on={calendar.shown} label={format!("Show {}", calendar.name)} hint="Shown" testid="toggle-shown" onchange={set(true)} />
            <Switch on={calendar.busy} label={format!("{} counts as busy", calendar.name)} hint="Counts as busy" testid="toggle-busy" onchange={set(false)} />
        </div>
    }
}

/// The way to a calendar's own rules, and how many there are.
fn rules_words(deviations: usize) -> String {
    match deviations {
        0 => "Rules…".to_owned(),
        1 => "1 own rule…".to_owned(),
        many => format!("{many} own rules…"),
    }
}
