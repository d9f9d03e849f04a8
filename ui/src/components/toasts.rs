//! Lines at the bottom that come up and go by themselves.

use wasm_bindgen::{JsCast, closure::Closure};
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::use_store;
use crate::state::app::Action;
use crate::state::toast::{Offer, Toast};

/// All of them.
#[component]
pub(crate) fn Toasts() -> Html {
    let store = use_store();
    html! {
        <div class="toasts" aria-live="polite">
            { for store.toasts.iter().map(|toast| html! { <Line key={toast.id} toast={toast.clone()} /> }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct LineProps {
    toast: Toast,
}

#[component]
fn Line(props: &LineProps) -> Html {
    let store = use_store();
    let Toast {
        id,
        text,
        failed,
        offer,
    } = props.toast.clone();
    {
        let store = store.clone();
        // A complaint takes longer to read, and a way back must not run away.
        let stays = match (failed, &offer) {
            (true, _) | (_, Some(Offer::Changes)) => 14_000,
            _ => 8_000,
        };
        use_effect_with(id, move |id| {
            let id = *id;
            let gone = Closure::once_into_js(move || store.dispatch(Action::Told(id)));
            let timer = web_sys::window().and_then(|window| {
                let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                    gone.unchecked_ref(),
                    stays,
                );
                set.ok().map(|handle| (window, handle))
            });
            move || {
                if let Some((window, handle)) = timer {
                    window.clear_timeout_with_handle(handle);
                }
            }
        });
    }
    let close = {
        let store = store.clone();
        move |_| store.dispatch(Action::Told(id))
    };
    html! {
        <div class={classes!("toast", failed.then_some("failed"))} role={if failed { "alert" } else { "status" }} data-testid="toast">
            <span>{ text }</span>
            if let Some(offer) = offer {
                <button class="button quiet" data-testid={if offer.is_undo() { "undo" } else { "toast-show" }} onclick={
                    let offer = offer.clone();
                    move |_| {
                        store.dispatch(Action::Told(id));
                        deeds::take_up(&store, offer.clone());
                    }
                }>{ if offer.is_undo() { "Undo" } else { "Show" } }</button>
            }
            <button class="button ghost square" aria-label="Dismiss" onclick={close}>{ icon(Icon::Cross) }</button>
        </div>
    }
}
