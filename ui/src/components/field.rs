//! What is typed into a field.
//!
//! Fields are also filled by what sends no key: a script, an input method, an assistive tool. So both
//! events are listened to.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// While it is typed.
pub(crate) fn typed(set: &Callback<String>) -> Callback<InputEvent> {
    set.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value())
}

/// Once it is there.
pub(crate) fn changed(set: &Callback<String>) -> Callback<Event> {
    set.reform(|event: Event| event.target_unchecked_into::<HtmlInputElement>().value())
}
