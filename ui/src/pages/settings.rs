//! The settings: accounts, calendars, sync, appearance, the doctor. Every change counts at once.

use duet_model::account::Tier;
use duet_model::settings::{InvitationNotices, Theme, Window};
use duet_wire::status::Overview;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::account_card::AccountCard;
use crate::components::calendar_row::CalendarRow;
use crate::components::connect::Ladder;
use crate::components::doctor::Doctor;
use crate::components::footprint::Footprint;
use crate::components::icon::{Icon, icon};
use crate::components::rules::RulesForAll;
use crate::components::switch::Switch;
use crate::dates;
use crate::deeds;
use crate::hooks::{Store, use_store};
use crate::state::app::{Action, Page};

/// What the page needs.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// The account whose card is asked for.
    pub(crate) account: Option<String>,
}

const SECTIONS: [(&str, &str); 7] = [
    ("accounts", "Accounts"),
    ("calendars", "Calendars"),
    ("rules", "Busy rules"),
    ("sync", "Sync"),
    ("appearance", "Appearance"),
    ("footprint", "Footprint"),
    ("doctor", "Doctor"),
];

/// The page.
#[component]
pub(crate) fn SettingsPage(props: &Props) -> Html {
    let store = use_store();
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let back = {
        let store = store.clone();
        move |_| store.dispatch(Action::Open(Page::Calendar))
    };
    html! {
        <div class="settings" data-testid="settings">
            <nav aria-label="Settings">
                <button class="button ghost back" data-testid="settings-close" onclick={back}>{ icon(Icon::Left) }{ "Calendar" }</button>
                { for SECTIONS.iter().map(|(id, name)| html! { <button class="jump" key={*id} onclick={move |_| jump(id)}>{ *name }</button> }) }
                <p class="quiet">{ format!("Duet {}", overview.version) }</p>
            </nav>
            <div class="settings-body">
                <section id="accounts" aria-label="Accounts">
                    <h2>{ "Accounts" }</h2>
                    { for overview.status.accounts.iter().map(|account| html! {
                        <AccountCard key={account.email.clone()} account={account.clone()} asked={props.account.as_ref() == Some(&account.email)} />
                    }) }
                    <AddAccount />
                </section>
                { calendars(&overview) }
                <section id="rules" aria-label="Busy rules">
                    <h2>{ "Busy rules" }</h2>
                    <p class="quiet">{ "What is made of events that could be seen either way. The rules are asked in this order, and the first that has something to say decides; an event of which none has is busy." }</p>
                    <RulesForAll />
                </section>
                { sync(&store, &overview) }
                { appearance(&store, &overview) }
                <section id="footprint" aria-label="Footprint">
                    <h2>{ "Footprint" }</h2>
                    <div class="card"><Footprint /></div>
                </section>
                <section id="doctor" aria-label="Doctor">
                    <h2>{ "Doctor" }</h2>
                    <div class="card"><Doctor /></div>
                </section>
            </div>
        </div>
    }
}

/// Opens the settings at the busy rules.
pub(crate) fn open_rules(store: &Store) {
    store.dispatch(Action::Open(Page::Settings { account: None }));
    // The page is drawn by then: a task comes after the frame's own.
    let later = Closure::once_into_js(|| jump("rules"));
    if let Some(window) = web_sys::window() {
        window
            .set_timeout_with_callback_and_timeout_and_arguments_0(later.unchecked_ref(), 50)
            .ok();
    }
}

/// Brings a section into view.
fn jump(id: &str) {
    let section = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id(id));
    if let Some(section) = section {
        section.scroll_into_view();
    }
}

/// Another account, or the demo one.
#[component]
fn AddAccount() -> Html {
    let store = use_store();
    let tier = use_state_eq(Tier::default);
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let demo = overview.status.accounts.iter().any(|account| account.demo);
    html! {
        <div class="card add" data-testid="add-account">
            <h3>{ if overview.status.accounts.is_empty() { "Connect an account" } else { "Connect another account" } }</h3>
            <Ladder tier={*tier} name="tier-new" onchange={
                let tier = tier.clone();
                Callback::from(move |chosen| tier.set(chosen))
            } />
            if let Some(why) = overview.google_unavailable.clone() {
                <p class="note" data-testid="google-unavailable">{ icon(Icon::Alert) }<span>{ why }</span></p>
            }
            if let Some(why) = overview.keychain_unavailable.clone() {
                <p class="note" data-testid="keychain-unavailable">{ icon(Icon::Alert) }<span>{ why }</span></p>
            }
            <div class="row-buttons">
                <button class="button primary" data-testid="connect-google" onclick={
                    let store = store.clone();
                    move |_| deeds::connect(&store, *tier, None)
                }>{ if overview.status.accounts.is_empty() { "Connect Google Calendar" } else { "Connect another Google account" } }</button>
                if !demo {
                    <button class="button" data-testid="try-demo" onclick={
                        let store = store.clone();
                        move |_| deeds::connect_demo(&store)
                    }>{ "Try the demo account" }</button>
                }
            </div>
        </div>
    }
}

fn calendars(overview: &Overview) -> Html {
    html! {
        <section id="calendars" aria-label="Calendars">
            <h2>{ "Calendars" }</h2>
            if overview.calendars.is_empty() {
                <p class="quiet">{ "Calendars appear here once an account is connected." }</p>
            }
            { for overview.status.accounts.iter().map(|account| {
                let mine: Vec<_> = overview.calendars.iter().filter(|calendar| calendar.account == account.email).cloned().collect();
                html! {
                    if !mine.is_empty() {
                        <div class="card rows" key={account.email.clone()}>
                            <h3><span>{ &account.email }</span><small>{ "shown · counts as busy" }</small></h3>
                            { for mine.into_iter().map(|calendar| html! { <CalendarRow key={calendar.id.clone()} calendar={calendar.clone()} full=true /> }) }
                        </div>
                    }
                }
            }) }
        </section>
    }
}

fn sync(store: &Store, overview: &Overview) -> Html {
    let settings = &overview.settings;
    let window = {
        let store = store.clone();
        select(
            "setting-window",
            "How far ahead",
            vec![("60", "60 days".to_owned()), ("90", "90 days".to_owned())],
            if settings.window == Window::Days60 {
                "60"
            } else {
                "90"
            },
            move |value| {
                let window = if value == "60" {
                    Window::Days60
                } else {
                    Window::Days90
                };
                deeds::set(&store, |settings| settings.window = window);
            },
        )
    };
    let pause = {
        let store = store.clone();
        Callback::from(move |on: bool| deeds::set(&store, |settings| settings.paused = on))
    };
    let notices = {
        let store = store.clone();
        let options = vec![
            ("off", "No".to_owned()),
            ("plain", "Yes".to_owned()),
            ("titles", "With their titles".to_owned()),
        ];
        let value = match settings.invitation_notices {
            InvitationNotices::Off => "off",
            InvitationNotices::Plain => "plain",
            InvitationNotices::Titles => "titles",
        };
        select(
            "setting-invitations",
            "Notify of new invitations",
            options,
            value,
            move |value| {
                let notices = match value.as_str() {
                    "off" => InvitationNotices::Off,
                    "titles" => InvitationNotices::Titles,
                    _ => InvitationNotices::Plain,
                };
                deeds::set(&store, |settings| settings.invitation_notices = notices);
            },
        )
    };
    let autostart = {
        let store = store.clone();
        Callback::from(move |on: bool| deeds::set_autostart(&store, on))
    };
    html! {
        <section id="sync" aria-label="Sync">
            <h2>{ "Sync" }</h2>
            <div class="card rows">
                { row("How far ahead busy times are asked for", "Where Duet may read events they speak for all days; of calendars that tell only their times, later days are unknown.", window) }
                { row("Pause background sync", "“Sync now” still works. What is shown grows older and says so.",
                    html! { <Switch on={settings.paused} label="Pause background sync" testid="setting-paused" onchange={pause} /> }) }
                { row("Notify of new invitations", "Their titles can be read by whoever sees the screen.", notices) }
                { row("Start Duet when you log in", "In the background, so the picture is fresh when you look.",
                    html! { <Switch on={overview.autostart} label="Start Duet when you log in" testid="setting-autostart" onchange={autostart} /> }) }
            </div>
        </section>
    }
}

fn appearance(store: &Store, overview: &Overview) -> Html {
    let settings = &overview.settings;
    let theme = {
        let store = store.clone();
        let value = match settings.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let options = vec![
            ("system", "As the system".to_owned()),
            ("light", "Light".to_owned()),
            ("dark", "Dark".to_owned()),
        ];
        select("setting-theme", "Theme", options, value, move |value| {
            let theme = match value.as_str() {
                "light" => Theme::Light,
                "dark" => Theme::Dark,
                _ => Theme::System,
            };
            deeds::set(&store, |settings| settings.theme = theme);
        })
    };
    let start = {
        let store = store.clone();
        let options = vec![
            ("1", "Monday".to_owned()),
            ("6", "Saturday".to_owned()),
            ("7", "Sunday".to_owned()),
        ];
        select(
            "setting-week-start",
            "First day of the week",
            options,
            &settings.week_start.to_string(),
            move |value| {
                let first = value.parse().unwrap_or(1);
                deeds::set(&store, |settings| settings.week_start = first);
            },
        )
    };
    let (first, after) = settings.working_hours;
    let from = {
        let store = store.clone();
        hours(
            "setting-hours-from",
            "Working hours begin",
            0..after,
            first,
            move |hour| {
                deeds::set(&store, |settings| settings.working_hours.0 = hour);
            },
        )
    };
    let to = {
        let store = store.clone();
        hours(
            "setting-hours-to",
            "Working hours end",
            first + 1..25,
            after,
            move |hour| {
                deeds::set(&store, |settings| settings.working_hours.1 = hour);
            },
        )
    };
    html! {
        <section id="appearance" aria-label="Appearance">
            <h2>{ "Appearance" }</h2>
            <div class="card rows">
                { row("Theme", "", theme) }
                { row("First day of the week", "", start) }
                { row("Working hours", "The grid opens here, and free time is looked for here.",
                    html! { <span class="pair">{ from }<span aria-hidden="true">{ "–" }</span>{ to }</span> }) }
                { row("Time zone", "From the system. Everything is shown in it.", html! { <span class="value">{ &overview.zone }</span> }) }
            </div>
        </section>
    }
}

fn row(name: &str, detail: &str, control: Html) -> Html {
    html! {
        <div class="setting">
            <span class="setting-name">{ name.to_owned() }if !detail.is_empty() { <small>{ detail.to_owned() }</small> }</span>
            { control }
        </div>
    }
}

fn hours(
    testid: &'static str,
    label: &'static str,
    range: std::ops::Range<u8>,
    value: u8,
    set: impl Fn(u8) + 'static,
) -> Html {
    let midnight = chrono::NaiveDateTime::default();
    let options = range
        .map(|hour| {
            let text = match hour {
                24 => "24:00".to_owned(),
                hour => dates::clock(midnight + chrono::TimeDelta::hours(i64::from(hour))),
            };
            (HOURS[usize::from(hour)], text)
        })
        .collect();
    select(testid, label, options, &value.to_string(), move |value| {
        if let Ok(hour) = value.parse() {
            set(hour);
        }
    })
}

const HOURS: [&str; 25] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23", "24",
];

fn select(
    testid: &'static str,
    label: &'static str,
    options: Vec<(&'static str, String)>,
    value: &str,
    set: impl Fn(String) + 'static,
) -> Html {
    let onchange =
        move |event: Event| set(event.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <select class="field" data-testid={testid} aria-label={label} {onchange}>
            { for options.into_iter().map(|(key, text)| html! { <option {key} value={key} selected={key == value}>{ text }</option> }) }
        </select>
    }
}
