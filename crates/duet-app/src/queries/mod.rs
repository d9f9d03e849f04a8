//! Reads: from the store to the views of duet-wire. None of them waits for the network.

mod agenda;
mod blocks;
mod busy;
mod conflicts;
pub(crate) mod drawn;
mod duet_event;
mod event;
mod find;
mod grid;
mod guests;
mod invitations;
mod meanwhile;
mod next;
mod overview;
mod preview;
mod search;
mod spellings;
mod unreached;
mod why;

pub(crate) use blocks::manual_view;
pub(crate) use drawn::event_id;
pub(crate) use event::{around, gone as event_gone, said};
pub use find::{Choice, next_minute};
pub use unreached::Unreached;
