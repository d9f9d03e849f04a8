//! The parts of the window. They take properties and callbacks; only those that are the window's
//! frame (header, sidebar, dialogs, banners) look at the store themselves.

pub(crate) mod account_card;
pub(crate) mod answers;
pub(crate) mod banner;
pub(crate) mod calendar_row;
pub(crate) mod changes;
pub(crate) mod conflicts;
pub(crate) mod connect;
pub(crate) mod details;
pub(crate) mod dialogs;
pub(crate) mod doctor;
pub(crate) mod editor;
pub(crate) mod event_dialogs;
pub(crate) mod event_editor;
pub(crate) mod field;
pub(crate) mod find;
pub(crate) mod footprint;
pub(crate) mod guest_field;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod invitations;
pub(crate) mod mail;
pub(crate) mod mini_month;
pub(crate) mod palette;
pub(crate) mod panel;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod sidebar;
pub(crate) mod switch;
pub(crate) mod timegrid;
pub(crate) mod toasts;
pub(crate) mod why;
