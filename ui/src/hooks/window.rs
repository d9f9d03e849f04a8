//! Listeners on the window itself, removed with the component that wants them.

use std::rc::Rc;

use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};
use yew::prelude::*;

/// A listener that lives as long as this value.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn Fn(Event)>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        self.target
            .remove_event_listener_with_callback(self.name, function)
            .ok();
    }
}

/// Listens on any target.
pub(crate) fn on(
    target: EventTarget,
    name: &'static str,
    heard: impl Fn(Event) + 'static,
) -> Listener {
    let closure = Closure::<dyn Fn(Event)>::new(heard);
    target
        .add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
        .ok();
    Listener {
        target,
        name,
        closure,
    }
}

/// Listens on the window while the component lives; always calls the newest `heard`.
#[hook]
pub(crate) fn use_window_event(name: &'static str, heard: impl Fn(Event) + 'static) {
    let newest = use_mut_ref(|| None::<Rc<dyn Fn(Event)>>);
    *newest.borrow_mut() = Some(Rc::new(heard));
    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            on(window.into(), name, move |event| {
                // Not borrowed while it runs: what it does may draw this component anew.
                let heard = newest.borrow().clone();
                if let Some(heard) = heard {
                    heard(event);
                }
            })
        });
        move || drop(listener)
    });
}
