//! Where the focus goes when something opens over the page, and comes back to when it closes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::hooks::use_window_event;

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

/// A reference for a panel that does not lock the rest of the window: it gets the focus when it
/// opens, and when it closes with the focus inside, what had it before gets it back. Where the panel
/// `follows` the grid's cursor, that keeps it: the arrows walk on, and Tab leads into the panel.
#[hook]
pub(crate) fn use_panel_focus(follows: bool) -> NodeRef {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            let active = || {
                web_sys::window()
                    .and_then(|window| window.document())
                    .and_then(|document| document.active_element())
            };
            let before = active().and_then(|element| element.dyn_into::<HtmlElement>().ok());
            let panel = node.cast::<HtmlElement>();
            let walking = before.as_ref().is_some_and(|element| {
                follows
                    && element
                        .closest(".timegrid")
                        .is_ok_and(|found| found.is_some())
                    && element.has_attribute("data-spot")
            });
            if let Some(panel) = panel.as_ref().filter(|_| !walking) {
                let first = panel
                    .query_selector("[autofocus]")
                    .ok()
                    .flatten()
                    .and_then(|element| element.dyn_into::<HtmlElement>().ok());
                first.as_ref().unwrap_or(panel).focus().ok();
            }
            move || {
                // While it is taken out of the page its focus has fallen back to the body already.
                let lost = active().is_none_or(|element| {
                    element.tag_name() == "BODY"
                        || panel.is_some_and(|panel| panel.contains(Some(&element)))
                });
                // The details it was opened from are gone by now; then back to the grid's cursor.
                let back = before
                    .filter(|element| element.is_connected())
                    .or_else(|| query(".timegrid [data-spot]"));
                if let Some(back) = back.filter(|_| lost) {
                    back.focus().ok();
                }
            }
        });
    }
    node
}

/// Tab leads from anywhere else into a panel that floats over the page, and when it closes with the
/// focus inside, back: in the order of the page it stands far from what it explains.
#[hook]
pub(crate) fn use_tab_into(node: &NodeRef) {
    let before = use_mut_ref(|| None::<HtmlElement>);
    let inside = |node: &NodeRef| {
        let active = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.active_element())?;
        let within = node
            .cast::<HtmlElement>()
            .is_some_and(|node| node.contains(Some(&active)));
        Some((active, within))
    };
    {
        let (node, before) = (node.clone(), before.clone());
        use_window_event("keydown", move |event| {
            let Ok(key) = event.clone().dyn_into::<web_sys::KeyboardEvent>() else {
                return;
            };
            let Some((active, false)) = inside(&node).filter(|_| key.key() == "Tab") else {
                return;
            };
            let first = node
                .cast::<HtmlElement>()
                .and_then(|node| node.query_selector("button, summary").ok().flatten())
                .and_then(|element| element.dyn_into::<HtmlElement>().ok());
            if let Some(first) = first {
                *before.borrow_mut() = active.dyn_into().ok();
                first.focus().ok();
                event.prevent_default();
            }
        });
    }
    use_effect_with((), move |()| {
        move || {
            let before = before.borrow_mut().take();
            if let Some(before) = before.filter(|element| element.is_connected()) {
                before.focus().ok();
            }
        }
    });
}

fn query(selector: &str) -> Option<HtmlElement> {
    let document = web_sys::window()?.document()?;
    document.query_selector(selector).ok()??.dyn_into().ok()
}

/// Scrolls the list around an element by as little as brings it into view.
pub(crate) fn reveal(element: &web_sys::Element) {
    let Some(list) = element.closest(".hits").ok().flatten() else {
        return;
    };
    let (row, room) = (
        element.get_bounding_client_rect(),
        list.get_bounding_client_rect(),
    );
    let by = if row.top() < room.top() {
        row.top() - room.top()
    } else {
        (row.bottom() - room.bottom()).max(0.0)
    };
    list.set_scroll_top(list.scroll_top() + by.round() as i32);
}
