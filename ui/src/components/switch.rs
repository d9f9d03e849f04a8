//! A switch: on or off, at once, without a button to save.

use yew::prelude::*;

/// What a switch needs.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// On?
    pub(crate) on: bool,
    /// What it switches, for people who hear it.
    pub(crate) label: AttrValue,
    /// The tooltip; the label where none is given.
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    /// Its test id (INTERFACES.md 5).
    #[prop_or_default]
    pub(crate) testid: Option<AttrValue>,
    /// Called with what it should become.
    pub(crate) onchange: Callback<bool>,
}

/// A switch.
#[component]
pub(crate) fn Switch(props: &Props) -> Html {
    let onclick = {
        let (on, onchange) = (props.on, props.onchange.clone());
        move |_| onchange.emit(!on)
    };
    html! {
        <button
            type="button"
            class="switch"
            role="switch"
            aria-checked={if props.on { "true" } else { "false" }}
            aria-label={props.label.clone()}
            title={props.hint.clone().unwrap_or_else(|| props.label.clone())}
            data-testid={props.testid.clone()}
            {onclick}
        ></button>
    }
}
