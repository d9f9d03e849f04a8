//! Reads: from the store to the views of duet-wire. None of them waits for the network.

mod agenda;
mod blocks;
mod busy;
mod drawn;
mod event;
mod find;
mod grid;
mod next;
mod overview;
mod preview;
mod search;
mod spellings;
mod unreached;
mod why;

pub(crate) use blocks::manual_view;
pub(crate) use drawn::event_id;
pub use find::Choice;
pub use unreached::Unreached;
