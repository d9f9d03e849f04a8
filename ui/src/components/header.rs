//! The header: where in time one is, how to move, how fresh the picture is.

use duet_model::account::AccountState;
use yew::prelude::*;

use crate::components::editor;
use crate::components::event_editor;
use crate::components::icon::{Icon, icon};
use crate::dates;
use crate::deeds;
use crate::hooks::{use_now, use_store};
use crate::pages::{go_today, toggle_sidebar};
use crate::state::app::{Action, Page};
use crate::state::dialog::Dialog;
use crate::state::panel::Panel;
use crate::state::view::View;
use crate::words;

/// The header.
#[component]
pub(crate) fn Header() -> Html {
    let store = use_store();
    let now = use_now();
    let invited = store.invitations.list().len();
    let settings_open = store.page != Page::Calendar;
    let act = |action: Action| {
        let store = store.clone();
        move |_: MouseEvent| store.dispatch(action.clone())
    };
    let title = store
        .anchor
        .map(|anchor| store.view.title(anchor, store.settings().week_start));
    let (title, small) = title.unwrap_or_default();
    let unit = store.view.unit();
    let find = if store.panel == Some(Panel::Find) {
        Action::Alone
    } else {
        Action::Beside(Panel::Find)
    };
    html! {
        <header class="header">
            <button
                class={classes!("button", "ghost", "square", (invited > 0).then_some("has-news"))}
                aria-label={if invited > 0 { "Sidebar, with invitations" } else { "Sidebar" }}
                title="Sidebar (S)"
                disabled={settings_open}
                onclick={
                    let store = store.clone();
                    move |_| toggle_sidebar(&store)
                }
            >{ icon(Icon::Sidebar) }</button>
            { icon(Icon::Duet) }
            <h1 class="title" aria-live="polite">
                { title }
                if !small.is_empty() {
                    <small>{ small }</small>
                }
            </h1>
            <div class="moves">
                <button class="button" data-testid="nav-today" title="Today (T)" onclick={
                    let store = store.clone();
                    move |_| go_today(&store, now)
                }>{ "Today" }</button>
                <button class="button ghost square" data-testid="nav-prev" aria-label={format!("Previous {unit}")}
                    title="Previous (K)" onclick={act(Action::Step(-1))}>{ icon(Icon::Left) }</button>
                <button class="button ghost square" data-testid="nav-next" aria-label={format!("Next {unit}")}
                    title="Next (J)" onclick={act(Action::Step(1))}>{ icon(Icon::Right) }</button>
            </div>
            <div class="segments" role="group" aria-label="View">
                { for View::ALL.into_iter().map(|view| {
                    let on = view == store.view && !settings_open;
                    html! {
                        <button
                            key={view.name()}
                            data-testid={view.testid()}
                            aria-pressed={if on { "true" } else { "false" }}
                            onclick={act(Action::View(view))}
                        >{ view.name() }</button>
                    }
                }) }
            </div>
            <div class="spring"></div>
            // Right after the spring: its words change by themselves, and nothing moves with them.
            <SyncStatus />
            <button class="button ghost find-open" data-testid="find-open" title="Find a time (F)" aria-label="Find a time"
                aria-pressed={if store.panel == Some(Panel::Find) { "true" } else { "false" }} onclick={act(find)}>{ icon(Icon::Clock) }<span>{ "Find a time" }</span></button>
            <button class="button ghost square" data-testid="search-open" aria-label="Search" title="Search (/)" onclick={act(Action::Show(Dialog::Search))}>{ icon(Icon::Search) }</button>
            <button class="button square by-hand" data-testid="new-block" aria-label="Block time" title="Block time by hand (B)" onclick={
                let store = store.clone();
                move |_| editor::open_new(&store, now)
            }>{ icon(Icon::Hand) }</button>
            <button class="button primary new" data-testid="new-event" title="New event (N)" onclick={
                let store = store.clone();
                move |_| event_editor::open_new(&store, now)
            }>{ icon(Icon::Plus) }<span>{ "New event" }</span></button>
            <button
                class="button ghost square"
                data-testid="settings-open"
                aria-label="Settings"
                title="Settings (,)"
                aria-pressed={if settings_open { "true" } else { "false" }}
                onclick={act(Action::Open(if settings_open { Page::Calendar } else { Page::Settings { account: None } }))}
            >{ icon(Icon::Settings) }</button>
        </header>
    }
}

/// How fresh the picture is, and the button that makes it fresher.
#[component]
fn SyncStatus() -> Html {
    let store = use_store();
    let now = use_now();
    let Some(overview) = store.overview.clone() else {
        return html! {};
    };
    let status = words::sync(&overview.status, &overview.calendars, now);
    let sync = {
        let store = store.clone();
        move |_| deeds::sync(&store, None)
    };
    let look = {
        let troubled = overview
            .status
            .accounts
            .iter()
            .find(|account| account.state != AccountState::Connected);
        let page = Page::Settings {
            account: troubled.map(|account| account.email.clone()),
        };
        // What is refused waits to be decided there; everything else is a matter of an account.
        let action = match overview.status.stuck {
            0 => Action::Open(page),
            _ => Action::Beside(Panel::Changes),
        };
        move |_| store.dispatch(action.clone())
    };
    let accounts = !overview.status.accounts.is_empty();
    html! {
        <>
            <div
                class="status"
                role="status"
                data-testid="sync-status"
                data-mood={status.mood}
                data-last-synced={overview.status.last_synced_at.map(dates::rfc3339)}
                title={format!("{}\n{}", status.text, status.detail)}
            >
                // The words are always there to be heard; where there is no room the dot stands for
                // them, and they are in its tooltip.
                if status.mood == "attention" {
                    <button class="look" onclick={look}><i class="dot" aria-hidden="true"></i><span>{ status.text }</span></button>
                } else {
                    <i class="dot" aria-hidden="true"></i>
                    <span>{ status.text }</span>
                }
            </div>
            if accounts {
                <button
                    class="button sync"
                    data-testid="sync-now"
                    title="Sync now (R)"
                    aria-label="Sync now"
                    aria-busy={if overview.status.syncing { "true" } else { "false" }}
                    onclick={sync}
                >{ icon(Icon::Sync) }<span>{ "Sync now" }</span></button>
            }
        </>
    }
}
