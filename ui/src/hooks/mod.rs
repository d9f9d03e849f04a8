//! What components share: the store, the time, the keyboard, the connection to the core.

mod backend;
mod clock;
mod focus;
mod store;
mod window;

pub(crate) use backend::use_backend;
pub(crate) use clock::{Now, now, use_clock, use_now};
pub(crate) use focus::use_modal;
pub(crate) use store::{Store, use_store};
pub(crate) use window::use_window_event;
