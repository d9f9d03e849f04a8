//! What the page as a whole shows of the state: its theme, and that it is ready.

use duet_model::settings::Theme;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::Element;
use yew::prelude::*;

use crate::hooks::Store;
use crate::state::app::Action;

fn root() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

/// `html[data-theme]`, as the settings say; absent while the system decides.
#[hook]
pub(crate) fn use_theme(store: &Store) {
    // Until the settings are known, what early.js has set from the page stays.
    let theme = store
        .overview
        .as_ref()
        .map(|overview| overview.settings.theme);
    use_effect_with(theme, |theme| {
        let Some((root, theme)) = root().zip(*theme) else {
            return;
        };
        match theme {
            Theme::System => root.remove_attribute("data-theme").ok(),
            Theme::Light => root.set_attribute("data-theme", "light").ok(),
            Theme::Dark => root.set_attribute("data-theme", "dark").ok(),
        };
    });
}

/// `html[data-ready="true"]`, once the first view that has its data is painted.
#[hook]
pub(crate) fn use_ready(store: &Store) {
    let loaded = store.overview.is_some()
        && (store.onboarding()
            || store
                .shown()
                .is_some_and(|span| store.grids.get(span).is_some()));
    let store = store.clone();
    use_effect_with(loaded, move |loaded| {
        if *loaded {
            after_paint(move || {
                if let Some(root) = root() {
                    root.set_attribute("data-ready", "true").ok();
                }
                if !store.painted {
                    store.dispatch(Action::Painted);
                }
            });
        }
    });
}

/// Two frames later: the first callback runs before the paint of this frame, the second after it. A
/// hidden window has no frames, so a timer stands by.
fn after_paint(done: impl Fn() + 'static) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let done = std::rc::Rc::new(done);
    let late = {
        let done = done.clone();
        Closure::once_into_js(move || done())
    };
    window
        .set_timeout_with_callback_and_timeout_and_arguments_0(late.unchecked_ref(), 500)
        .ok();
    let first = Closure::once_into_js(move |_: JsValue| {
        let second = Closure::once_into_js(move |_: JsValue| done());
        if let Some(window) = web_sys::window() {
            window.request_animation_frame(second.unchecked_ref()).ok();
        }
    });
    window.request_animation_frame(first.unchecked_ref()).ok();
}
