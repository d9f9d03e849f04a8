//! What stays of a panic: its place, for the log. `static/start.js` does the rest.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// Keeps the place of a panic where the page's own script finds it after the trap. The message is
/// not kept: it may quote what a stranger wrote into a title, and titles are not logged.
pub(crate) fn keep_place() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(
            || "an unknown place".to_owned(),
            |place| format!("{}:{}:{}", place.file(), place.line(), place.column()),
        );
        let _ = Reflect::set(
            &js_sys::global(),
            &"__DUET_PANIC__".into(),
            &JsValue::from_str(&place),
        );
    }));
}
