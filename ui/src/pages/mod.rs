//! What fills the window, and the frame around it.

mod agenda;
mod month;
mod more;
mod onboarding;
mod ready;
mod root;
mod settings;
mod week;

pub(crate) use more::More;
pub(crate) use root::{Root, go_today, toggle_sidebar};
pub(crate) use settings::open_rules;
