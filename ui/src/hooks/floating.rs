//! A small panel that floats beside what it explains: where it stands, and that a press anywhere else
//! closes it.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::hooks::{Store, use_window_event};
use crate::state::app::Action;
use crate::state::popup::{self, Rect};

/// Where it stands.
pub(crate) struct Floating {
    /// Left, top and the height there is room for.
    pub(crate) style: String,
    /// To be called when it may have grown: it moves up as far as it must.
    pub(crate) measure: Callback<()>,
}

/// Places `node` beside `anchor`; until it is measured it is taken to be of `size`. A press outside
/// closes it, except on what answers `keeps`: that says by itself what the press means.
#[hook]
pub(crate) fn use_floating(
    store: &Store,
    node: &NodeRef,
    anchor: Rect,
    size: (f64, f64),
    keeps: &'static str,
) -> Floating {
    let size = use_state_eq(|| size);
    {
        let (node, store) = (node.clone(), store.clone());
        use_window_event("pointerdown", move |event| {
            let target = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let Some(target) = target else { return };
            let inside = node
                .cast::<HtmlElement>()
                .is_some_and(|node| node.contains(Some(&target)));
            let kept = target.closest(keeps).is_ok_and(|found| found.is_some());
            if !inside && !kept {
                store.dispatch(Action::Close);
            }
        });
    }
    let measure = {
        let (node, size) = (node.clone(), size.setter());
        Callback::from(move |()| {
            if let Some(node) = node.cast::<HtmlElement>() {
                size.set((
                    f64::from(node.offset_width()),
                    f64::from(node.scroll_height()) + 2.0,
                ));
            }
        })
    };
    {
        let measure = measure.clone();
        use_effect(move || measure.emit(()));
    }
    let (width, height) = room().unwrap_or((1280.0, 800.0));
    // What is said at the bottom of the window hides nothing that one may want to press.
    let told = popup::told(store.toasts.len());
    let (left, top) = popup::beside(anchor, *size, (width, height - told));
    let taken = top + told;
    Floating {
        style: format!("left:{left}px;top:{top}px;max-height:calc(100vh - {taken}px - 0.5rem);"),
        measure,
    }
}

/// The window, up to a panel that stands beside the calendar: what is explained there stays readable.
fn room() -> Option<(f64, f64)> {
    let window = web_sys::window()?;
    let size = (
        window.inner_width().ok()?.as_f64()?,
        window.inner_height().ok()?.as_f64()?,
    );
    let panel = window.document()?.query_selector(".panel").ok().flatten();
    let panel = panel.map(|panel| panel.get_bounding_client_rect());
    Some(popup::room(
        size,
        panel.map(|panel| (panel.left(), panel.top())),
    ))
}
