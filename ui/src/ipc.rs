//! The one way between the window and the shell: `invoke` for requests, one event for pushes.
//!
//! Nothing else in the window calls the shell. Values cross as JSON text on this side, because one
//! `JSON.stringify` and one parse are quicker than walking a grid of 500 blocks property by property
//! over the boundary of WebAssembly.

mod answer;

use duet_wire::grid::GridView;
use duet_wire::status::Overview;
use duet_wire::{Answer, Command, EVENT, ErrorCode, Push, Query, Request, WireError};
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use serde::Deserialize;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;

/// What the shell puts into the page before it loads.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Boot {
    /// Everything around the grid.
    #[serde(default)]
    pub(crate) overview: Option<Overview>,
    /// The first week.
    #[serde(default)]
    pub(crate) grid: Option<GridView>,
}

/// Takes the boot values out of the page. Missing or unreadable ones cost a round trip, no more.
pub(crate) fn boot() -> Boot {
    let Some(window) = web_sys::window() else {
        return Boot::default();
    };
    let key = JsValue::from_str("__DUET_BOOT__");
    let value = Reflect::get(&window, &key).unwrap_or(JsValue::UNDEFINED);
    if value.is_undefined() || value.is_null() {
        return Boot::default();
    }
    // Half a megabyte that nobody reads again.
    Reflect::delete_property(&window, &key).ok();
    from_js(&value).unwrap_or_default()
}

/// Asks.
pub(crate) async fn query(query: Query) -> Result<Answer, WireError> {
    rpc(&Request::Query(query)).await
}

/// Orders.
pub(crate) async fn command(command: Command) -> Result<Answer, WireError> {
    rpc(&Request::Command(command)).await
}

async fn rpc(request: &Request) -> Result<Answer, WireError> {
    let text = serde_json::to_string(request).map_err(|_| broken("write the request"))?;
    let request = JSON::parse(&text).map_err(|_| broken("write the request"))?;
    let arguments = Object::new();
    Reflect::set(&arguments, &"request".into(), &request)
        .map_err(|_| broken("write the request"))?;
    match JsFuture::from(invoke("rpc", &arguments)?).await {
        Ok(answer) => read(&answer).ok_or_else(|| broken("read the answer")),
        Err(error) => Err(from_js(&error).unwrap_or_else(|| {
            WireError::new(
                ErrorCode::Failed,
                error.as_string().unwrap_or_else(|| {
                    "Duet’s window lost its core. Please restart Duet.".to_owned()
                }),
            )
        })),
    }
}

fn read(answer: &JsValue) -> Option<Answer> {
    let name = Reflect::get(answer, &"answer".into()).ok()?.as_string()?;
    let value = Reflect::get(answer, &"value".into()).ok()?;
    // Some answers have no value, and "undefined" has no text.
    let text = JSON::stringify(&value).ok()?.as_string();
    answer::read(&name, text.as_deref().unwrap_or("null"))
}

/// Calls `heard` for every push, as long as the window lives.
pub(crate) fn listen(heard: impl Fn(Push) + 'static) -> Result<(), WireError> {
    #[derive(Deserialize)]
    struct Event {
        payload: Push,
    }
    let closure = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        // A push that this window does not know is newer than it; there is nothing to do with it.
        if let Some(Event { payload }) = from_js(&event) {
            heard(payload);
        }
    });
    let register = internal("transformCallback")?;
    let handler = register
        .call1(&internals()?, closure.as_ref().unchecked_ref::<Function>())
        .map_err(|_| broken("listen to Duet"))?;
    // The window listens until it is closed.
    closure.forget();
    let target = Object::new();
    let arguments = Object::new();
    let parts = [
        (&target, "kind", JsValue::from_str("Any")),
        (&arguments, "event", JsValue::from_str(EVENT)),
        (&arguments, "target", target.clone().into()),
        (&arguments, "handler", handler),
    ];
    for (object, name, value) in parts {
        Reflect::set(object, &name.into(), &value).map_err(|_| broken("listen to Duet"))?;
    }
    invoke("plugin:event|listen", &arguments).map(|promise| {
        wasm_bindgen_futures::spawn_local(async move {
            JsFuture::from(promise).await.ok();
        });
    })
}

fn invoke(command: &str, arguments: &Object) -> Result<Promise, WireError> {
    let invoke = internal("invoke")?;
    let call = Array::of2(&command.into(), arguments);
    invoke
        .apply(&internals()?, &call)
        .ok()
        .and_then(|promise| promise.dyn_into().ok())
        .ok_or_else(|| broken("reach Duet"))
}

fn internals() -> Result<JsValue, WireError> {
    let window = web_sys::window().ok_or_else(|| broken("reach Duet"))?;
    Reflect::get(&window, &"__TAURI_INTERNALS__".into())
        .ok()
        .filter(|value| value.is_object())
        .ok_or_else(|| {
            WireError::new(ErrorCode::Failed, "This page is the inside of Duet’s window and shows nothing elsewhere. Please open Duet itself.")
        })
}

fn internal(name: &str) -> Result<Function, WireError> {
    Reflect::get(&internals()?, &name.into())
        .ok()
        .and_then(|value| value.dyn_into().ok())
        .ok_or_else(|| broken("reach Duet"))
}

fn from_js<T: for<'de> Deserialize<'de>>(value: &JsValue) -> Option<T> {
    let text = String::from(JSON::stringify(value).ok()?);
    serde_json::from_str(&text).ok()
}

fn broken(what: &str) -> WireError {
    WireError::new(
        ErrorCode::Failed,
        format!("The window could not {what}. That is a fault of Duet; restarting it may help."),
    )
}
