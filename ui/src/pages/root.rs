//! The root: owns the store and the clock, and decides what fills the window.

use duet_wire::WireError;
use yew::prelude::*;

use crate::components::banner::Banners;
use crate::components::dialogs::Dialogs;
use crate::components::header::Header;
use crate::components::panel::PanelView;
use crate::components::sidebar::SidebarView;
use crate::components::toasts::Toasts;
use crate::components::why;
use crate::deeds;
use crate::hooks::{Now, Store, use_backend, use_clock, use_store, use_window_event};
use crate::ipc;
use crate::pages::agenda::Agenda;
use crate::pages::month::Month;
use crate::pages::onboarding::Onboarding;
use crate::pages::ready::{use_ready, use_theme};
use crate::pages::settings::SettingsPage;
use crate::pages::week::Week;
use crate::state::app::{Action, App, Page, Sidebar};
use crate::state::dialog::Dialog;
use crate::state::keys::{self, Key, Pressed};
use crate::state::panel::Panel;
use crate::state::view::View;

/// The root of the page.
#[component]
pub(crate) fn Root() -> Html {
    let store = use_reducer(|| {
        let boot = ipc::boot();
        App::boot(boot.overview, boot.grid)
    });
    let now = use_clock();
    use_backend(&store);
    use_theme(&store);
    use_ready(&store);
    html! {
        <ContextProvider<Store> context={store}>
            <ContextProvider<Now> context={now}>
                <Frame />
            </ContextProvider<Now>>
        </ContextProvider<Store>>
    }
}

/// Everything inside the contexts.
#[component]
fn Frame() -> Html {
    let store = use_store();
    {
        let store = store.clone();
        // The time of the key: to follow the clock here would draw the whole window anew each minute.
        use_window_event("keydown", move |event| {
            pressed(&store, crate::hooks::now(), event)
        });
    }
    // "Back" and "Reload" mean nothing in a window; fields and texts that can be copied keep their menu.
    use_window_event("contextmenu", |event| {
        use wasm_bindgen::JsCast;
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let wanted =
            "input, textarea, .card h3, .trouble, .note, .checks small, .popover h2, .selectable";
        if !target.is_some_and(|target| target.closest(wanted).is_ok_and(|found| found.is_some())) {
            event.prevent_default();
        }
    });
    if store.overview.is_none() {
        return match &store.overview_failure {
            Some(error) => failure(&store, error),
            None => skeleton(),
        };
    }
    let settings = store.page != Page::Calendar;
    if !settings && store.onboarding() {
        return html! { <><Onboarding /><Toasts /></> };
    }
    let sidebar = match store.sidebar {
        Sidebar::Auto => "auto",
        Sidebar::Open => "open",
        Sidebar::Closed => "closed",
    };
    let page = match (&store.page, store.view) {
        (Page::Settings { account }, _) => html! { <SettingsPage account={account.clone()} /> },
        (Page::Calendar, View::Day | View::Week) => html! { <Week /> },
        (Page::Calendar, View::Month) => html! { <Month /> },
        (Page::Calendar, View::Agenda) => html! { <Agenda /> },
    };
    html! {
        <div class="app" data-sidebar={sidebar} data-page={if settings { "settings" } else { "calendar" }} data-panel={(store.panel.is_some() && !settings).then_some("open")}>
            <Header />
            <Banners />
            if !settings {
                <SidebarView />
            }
            <main>{ page }</main>
            if !settings {
                <PanelView />
            }
            <Dialogs />
            <Toasts />
        </div>
    }
}

/// The same quiet picture as the static page, for the moment between the two.
fn skeleton() -> Html {
    html! { <div class="skeleton" aria-busy="true"><div class="skeleton-head"></div></div> }
}

fn failure(store: &Store, error: &WireError) -> Html {
    let again = {
        let store = store.clone();
        move |_| store.dispatch(Action::Reload)
    };
    html! {
        <main class="failure" role="alert">
            <h1>{ "Duet could not read its calendar" }</h1>
            <p>{ &error.message }</p>
            <button class="button primary" onclick={again}>{ "Try again" }</button>
        </main>
    }
}

fn pressed(store: &Store, now: Now, event: web_sys::Event) {
    use wasm_bindgen::JsCast;
    let Ok(event) = event.dyn_into::<web_sys::KeyboardEvent>() else {
        return;
    };
    if event.default_prevented() || event.is_composing() {
        return;
    }
    let focus = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.active_element());
    let within = |selector: &str| {
        focus
            .as_ref()
            .is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
    };
    let key = event.key();
    // Beside the calendar these keys scroll and walk the panel's own fields.
    if within(".panel, .popover") && (key.starts_with("Arrow") || key.starts_with("Page")) {
        return;
    }
    let command = keys::command(Pressed {
        key: &key,
        ctrl: event.ctrl_key() || event.meta_key(),
        alt: event.alt_key(),
        typing: within("input:not([type=checkbox]):not([type=radio]), select, textarea"),
        in_grid: within(".timegrid"),
    });
    let Some(command) = command else { return };
    let floats = store.dialog.as_ref().is_some_and(Dialog::floats);
    // A modal dialog has the keyboard to itself, and closes itself with Escape.
    if store.dialog.is_some() && !floats {
        return;
    }
    if store.onboarding() && !matches!(command, Key::Settings) {
        return;
    }
    let calendar = store.page == Page::Calendar;
    match command {
        Key::Today => go_today(store, now),
        Key::View(view) => store.dispatch(Action::View(view)),
        Key::Move(steps) if calendar => store.dispatch(Action::Step(steps)),
        Key::Move(_) => return,
        Key::NewEvent => crate::components::event_editor::open_new(store, now),
        Key::NewBlock => crate::components::editor::open_new(store, now),
        Key::Search => store.dispatch(Action::Show(Dialog::Search)),
        Key::Why if calendar => {
            if !why::ask(store) {
                return;
            }
        }
        Key::Why => return,
        Key::Find if store.panel == Some(Panel::Find) => store.dispatch(Action::Alone),
        Key::Find => store.dispatch(Action::Beside(Panel::Find)),
        Key::Invitations => crate::components::invitations::toggle(store),
        Key::Sync => deeds::sync(store, None),
        Key::Sheet => store.dispatch(Action::Show(Dialog::Sheet)),
        Key::Palette => store.dispatch(Action::Show(Dialog::Palette)),
        Key::Settings => store.dispatch(Action::Open(Page::Settings { account: None })),
        Key::Sidebar => toggle_sidebar(store),
        Key::External => deeds::set(store, |settings| {
            settings.show_external = !settings.show_external
        }),
        Key::Manual => deeds::set(store, |settings| {
            settings.show_manual = !settings.show_manual
        }),
        Key::Undo => deeds::undo_last(store),
        Key::Escape if floats => store.dispatch(Action::Close),
        Key::Escape if store.panel.is_some() => store.dispatch(Action::Alone),
        Key::Escape if !calendar => store.dispatch(Action::Open(Page::Calendar)),
        Key::Escape => return,
    }
    event.prevent_default();
}

/// To the present, in the view that is open.
pub(crate) fn go_today(store: &Store, now: Now) {
    store.dispatch(store.today(now).map_or(Action::Today, Action::GoTo));
}

/// The sidebar, in or out. What "out" means hangs on the window's width as long as nobody said.
pub(crate) fn toggle_sidebar(store: &Store) {
    let narrow = || {
        let query = "(max-width: 56rem)";
        web_sys::window()
            .and_then(|window| window.match_media(query).ok().flatten())
            .is_some_and(|media| media.matches())
    };
    let open = match store.sidebar {
        Sidebar::Auto => !narrow(),
        Sidebar::Open => true,
        Sidebar::Closed => false,
    };
    store.dispatch(Action::Sidebar(if open {
        Sidebar::Closed
    } else {
        Sidebar::Open
    }));
}
