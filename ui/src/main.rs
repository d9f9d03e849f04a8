//! Duet's window: Yew, compiled to WebAssembly, inside the shell's web view.
//!
//! Shows what the core says and sends what the person does. It stores nothing, converts no time
//! zones and decides nothing about availability; see docs/ARCHITECTURE.md.
//!
//! Reading order: `state` (pure), `ipc` (the one way to the shell), `hooks`, `deeds`, then `pages`
//! and `components`. `dates`, `words`, `entry` and `color` are pure as well.

mod color;
mod components;
mod dates;
mod deeds;
mod entry;
mod fault;
mod hooks;
mod ipc;
mod pages;
mod state;
mod words;

fn main() {
    fault::keep_place();
    yew::Renderer::<pages::Root>::new().render();
}
