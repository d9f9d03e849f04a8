//! The page of the empty window: what any Yew page costs before it shows anything.

use yew::{Html, component, html};

#[component]
fn Empty() -> Html {
    html! { <main>{ "Empty" }</main> }
}

fn main() {
    yew::Renderer::<Empty>::new().render();
}
