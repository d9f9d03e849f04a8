//! Asks the core for what a component shows, again whenever the question or the picture changes.

use std::cell::Cell;

use duet_wire::{Answer, ErrorCode, Query, WireError};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::ipc;
use crate::state::asked::{Asked, Step};

thread_local! {
    static TICKETS: Cell<u32> = const { Cell::new(0) };
}

/// The answer to `query`, read again when `epoch` rises. With a `delay` in milliseconds the question
/// leaves only when it has stood so long: that is for what is being typed. `pick` takes the wanted
/// value out of the answer.
#[hook]
pub(crate) fn use_answer<T: 'static>(
    query: Option<Query>,
    epoch: u32,
    delay: u32,
    pick: fn(Answer) -> Option<T>,
) -> UseReducerHandle<Asked<T>> {
    let asked = use_reducer(Asked::<T>::default);
    {
        let asked = asked.dispatcher();
        use_effect_with((query, epoch), move |(query, _)| {
            let timer = match query {
                None => {
                    asked.dispatch(Step::Forget);
                    None
                }
                Some(query) if delay == 0 => {
                    ask(&asked, query.clone(), pick);
                    None
                }
                Some(query) => {
                    let query = query.clone();
                    let late = Closure::once_into_js(move || ask(&asked, query, pick));
                    web_sys::window().and_then(|window| {
                        let handle = window.set_timeout_with_callback_and_timeout_and_arguments_0(
                            late.unchecked_ref(),
                            i32::try_from(delay).unwrap_or(i32::MAX),
                        );
                        handle.ok().map(|handle| (window, handle))
                    })
                }
            };
            move || {
                if let Some((window, handle)) = timer {
                    window.clear_timeout_with_handle(handle);
                }
            }
        });
    }
    asked
}

fn ask<T: 'static>(
    asked: &UseReducerDispatcher<Asked<T>>,
    query: Query,
    pick: fn(Answer) -> Option<T>,
) {
    let ticket = TICKETS.with(|tickets| {
        tickets.set(tickets.get().wrapping_add(1));
        tickets.get()
    });
    asked.dispatch(Step::Ask(ticket, query.clone()));
    let asked = asked.clone();
    spawn_local(async move {
        let answer = ipc::query(query).await.and_then(|answer| {
            pick(answer).ok_or_else(|| {
                WireError::new(
                    ErrorCode::Failed,
                    "Duet’s core gave an answer to another question. Please restart Duet.",
                )
            })
        });
        asked.dispatch(Step::Answer(ticket, answer));
    });
}
