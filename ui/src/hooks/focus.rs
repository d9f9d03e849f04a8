//! Where the focus goes when something opens over the page, and comes back to when it closes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

/// A reference for a `<dialog>` that is shown as a modal one for as long as it is there. The browser
/// keeps the focus inside; what had it before gets it back.
#[hook]
pub(crate) fn use_modal() -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let document = web_sys::window().and_then(|window| window.document());
            let before = document
                .as_ref()
                .and_then(|document| document.active_element())
                .and_then(|element| element.dyn_into::<HtmlElement>().ok());
            let dialog = node.cast::<HtmlDialogElement>();
            if let Some(dialog) = &dialog {
                dialog.show_modal().ok();
                // Asked for by name: whether `autofocus` counts in a dialog that is new in the page
                // depends on the web view.
                let first = dialog
                    .query_selector("[autofocus]")
                    .ok()
                    .flatten()
                    .and_then(|element| element.dyn_into::<HtmlElement>().ok());
                if let Some(first) = first {
                    first.focus().ok();
                }
            }
            move || {
                if let Some(dialog) = dialog {
                    dialog.close();
                }
                if let Some(before) = before.filter(|element| element.is_connected()) {
                    before.focus().ok();
                }
            }
        });
    }
    node
}
