//! What the window knows and how it changes: pure values and functions, tested on the host.
//!
//! Nothing below this module touches the page or the core; `hooks` and `deeds` do.

pub(crate) mod agenda;
pub(crate) mod app;
pub(crate) mod asked;
pub(crate) mod cursor;
pub(crate) mod dialog;
pub(crate) mod draft;
pub(crate) mod event_form;
pub(crate) mod find;
pub(crate) mod free;
pub(crate) mod gesture;
pub(crate) mod grids;
pub(crate) mod guests;
pub(crate) mod hits;
pub(crate) mod invitations;
pub(crate) mod keys;
pub(crate) mod month;
pub(crate) mod panel;
pub(crate) mod pending;
pub(crate) mod place;
pub(crate) mod popup;
pub(crate) mod repeat;
pub(crate) mod rules;
pub(crate) mod seen;
pub(crate) mod shared;
pub(crate) mod spoken;
pub(crate) mod toast;
pub(crate) mod view;
