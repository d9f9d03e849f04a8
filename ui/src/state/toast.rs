//! Lines that come up at the bottom and go by themselves, and what they offer: mostly a way back.

use duet_model::block::BlockId;
use duet_model::event::{EventKey, Response};
use duet_wire::availability::When;

/// What can be done about what is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Offer {
    /// To take back the deletion of a block.
    Block(BlockId),
    /// To take back a change of one of Duet's own events, by its number.
    Event(u64),
    /// To take back an answer to an invitation.
    Answer(Answer),
    /// To look at what waits and what clashed.
    Changes,
}

impl Offer {
    /// Does it take something back?
    pub(crate) fn is_undo(&self) -> bool {
        !matches!(self, Self::Changes)
    }
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
    /// What can be done about it.
    pub(crate) offer: Option<Offer>,
}
