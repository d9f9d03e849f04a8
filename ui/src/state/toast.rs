//! Lines that come up at the bottom and go by themselves, and what can be taken back from them.

use duet_model::block::BlockId;
use duet_model::event::{EventKey, Response};
use duet_wire::availability::When;

/// What can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Undo {
    /// The deletion of a block.
    Block(BlockId),
    /// A change of one of Duet's own events, by its number.
    Event(u64),
    /// An answer to an invitation.
    Answer(Answer),
}

/// An answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Answer {
    /// Which event.
    pub(crate) key: EventKey,
    /// The start of the occurrence that is meant alone.
    pub(crate) occurrence: Option<When>,
    /// What is answered.
    pub(crate) response: Response,
}

/// A line that comes up and goes by itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Toast {
    /// Names it.
    pub(crate) id: u32,
    /// What happened.
    pub(crate) text: String,
    /// Did something fail?
    pub(crate) failed: bool,
    /// What can be taken back.
    pub(crate) undo: Option<Undo>,
}
