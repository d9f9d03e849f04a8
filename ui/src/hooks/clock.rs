//! The time, once a minute.
//!
//! Ages in words and the line of now need no more, and a window that ticks is a window that uses
//! power: the timer is aligned to the minute, and there is none while the window is hidden.

use chrono::{DateTime, Utc};
use wasm_bindgen::{JsCast, closure::Closure};
use yew::prelude::*;

use crate::hooks::window;

/// The time, as of the last tick.
pub(crate) type Now = DateTime<Utc>;

/// The time as the page's clock has it. Only instants are computed with it, never a wall clock.
pub(crate) fn now() -> Now {
    let milliseconds = js_sys::Date::now() as i64;
    DateTime::from_timestamp_millis(milliseconds).unwrap_or(DateTime::UNIX_EPOCH)
}

fn hidden() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_some_and(|document| document.hidden())
}

/// The time, handed down by context.
#[hook]
pub(crate) fn use_now() -> Now {
    use_context::<Now>().expect("main wraps every component in the clock's provider")
}

/// Runs the clock. Called once, by the component that provides it.
#[hook]
pub(crate) fn use_clock() -> Now {
    let tick = use_state_eq(now);
    let visible = use_state_eq(|| !hidden());
    {
        let (tick, visible) = (tick.clone(), visible.clone());
        use_effect_with((), move |()| {
            let document = web_sys::window().and_then(|window| window.document());
            let listener = document.map(|document| {
                window::on(document.into(), "visibilitychange", move |_| {
                    visible.set(!hidden());
                    if !hidden() {
                        tick.set(now());
                    }
                })
            });
            move || drop(listener)
        });
    }
    {
        let set = tick.setter();
        use_effect_with((*tick, *visible), move |(tick, visible)| {
            let window = web_sys::window().filter(|_| *visible);
            // From the real time, not from the tick: a timer that came late must not drift.
            let late = now().timestamp_millis();
            let wait = 60_000 - late.rem_euclid(60_000) + 50;
            let tick = *tick;
            let timer = window.and_then(|window| {
                // The same minute again would set an equal value and end the ticking.
                let closure = Closure::once_into_js(move || {
                    set.set(now().max(tick + chrono::TimeDelta::milliseconds(1)))
                });
                let handle = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                    closure.unchecked_ref(),
                    i32::try_from(wait).unwrap_or(60_000),
                );
                handle.ok().map(|handle| (window, handle))
            });
            move || {
                if let Some((window, handle)) = timer {
                    window.clear_timeout_with_handle(handle);
                }
            }
        });
    }
    *tick
}
