//! What components share: the store, the time, the keyboard, the connection to the core.

mod asked;
mod backend;
mod clock;
mod floating;
mod focus;
mod store;
mod window;

pub(crate) use asked::use_answer;
pub(crate) use backend::use_backend;
pub(crate) use clock::{Now, now, use_clock, use_now};
pub(crate) use floating::use_floating;
pub(crate) use focus::{reveal, use_modal, use_panel_focus, use_tab_into};
pub(crate) use store::{Store, use_store};
pub(crate) use window::use_window_event;
