//! One event as Google sent it, whole.

use duet_model::event::{Event, EventId, EventStatus, EventTime};

use super::mark::{self, Mark};
use super::members::Members;
use super::{Item, Reader};
use crate::error::Error;

/// An event that takes place, whole as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// What Duet understands of it.
    pub event: Box<Event>,
    /// The mark of Duet, if it bears one.
    pub mark: Option<Mark>,
    etag: String,
    raw: String,
}

impl Resource {
    /// Its version, exactly as received.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Its JSON, byte for byte.
    pub fn raw(&self) -> &str {
        &self.raw
    }
}

/// What stands under an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// An event that takes place.
    There(Resource),
    /// One that was deleted, or called off. Google keeps its id for ever.
    CalledOff {
        /// The id.
        id: EventId,
        /// The mark of Duet, if it still bears one.
        mark: Option<Mark>,
    },
}

impl Reader<'_> {
    /// Reads a single event.
    ///
    /// # Errors
    /// [`Error::BadAnswer`] where it is none, or has no version.
    pub(super) fn found(&self, raw: String) -> Result<Found, Error> {
        let members = Members::of(&raw).ok_or_else(|| odd("it is no event"))?;
        let mark = members.get(mark::MEMBER).and_then(Mark::read);
        let event = match self.item(&raw, None) {
            Item::Event { event, .. } if event.status != EventStatus::Cancelled => event,
            Item::Event { event, .. } => return Ok(Found::CalledOff { id: event.id, mark }),
            Item::Gone(id) => return Ok(Found::CalledOff { id, mark }),
            Item::Quarantined { .. } => return Err(odd("the event cannot be read")),
        };
        let etag = members.get("etag").map(serde_json::from_str::<String>);
        let etag = etag.and_then(Result::ok).filter(|etag| !etag.is_empty());
        let etag = etag.ok_or_else(|| odd("the event has no version"))?;
        Ok(Found::There(Resource {
            event,
            mark,
            etag,
            raw,
        }))
    }

    /// Does this JSON stand for that slot of its series? Of what cannot be read nobody knows: yes, so
    /// that reading it fails.
    pub(super) fn stands_for(&self, raw: &str, slot: &EventTime) -> bool {
        let original = match self.item(raw, None) {
            Item::Event { event, .. } => event.original_start,
            Item::Gone(_) => None,
            Item::Quarantined { .. } => return true,
        };
        match (original, slot) {
            (Some(EventTime::At { at, .. }), EventTime::At { at: wanted, .. }) => at == *wanted,
            (original, wanted) => original.as_ref() == Some(wanted),
        }
    }
}

fn odd(what: &'static str) -> Error {
    Error::BadAnswer { what, source: None }
}
