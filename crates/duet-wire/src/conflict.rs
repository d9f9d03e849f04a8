//! What was changed here and in Google at once: both versions, to be read and to be chosen from.

use chrono::{DateTime, Utc};
use duet_model::duet_event::{DuetEventId, Field};
use serde::{Deserialize, Serialize};

use crate::availability::When;
use crate::duet_event::{EventChange, EventDraft};

/// Which version an event says now, in the fields of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// Google's, which was taken when the conflict was noticed.
    Theirs,
    /// The person's: it was taken again.
    Mine,
    /// Neither: it was changed since, or is gone.
    Neither,
}

/// One field of which there are two versions, both as people read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictField {
    /// Which.
    pub field: Field,
    /// The same as a word: "title", "time".
    pub name: String,
    /// What the person made of it.
    pub mine: String,
    /// What it was in Google.
    pub theirs: String,
}

/// A change that takes one of the versions: as ordinary as if it had been typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// Of which event, or of which occurrence.
    pub change: EventChange,
    /// The event as it is, with that version's fields in it.
    pub draft: EventDraft,
}

/// Something that was changed here and in Google at once. Google's version was taken, because others had
/// seen it; the person's is kept here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictView {
    /// Its number.
    pub id: i64,
    /// The event; of an occurrence, the master. It may be gone.
    pub event: DuetEventId,
    /// The slot of the occurrence, where it was one of a series.
    pub slot: Option<When>,
    /// What the event is called; where it is gone, what it was called in Google.
    pub title: String,
    /// When it was noticed.
    pub noticed_at: DateTime<Utc>,
    /// Which version stands.
    pub kept: Kept,
    /// All of it as a sentence.
    pub because: String,
    /// Both versions, field by field; none where the event was deleted in Google.
    pub fields: Vec<ConflictField>,
    /// Takes the person's version; `None` where it stands, or where there is nothing to change any more.
    pub mine: Option<Again>,
    /// Takes Google's version likewise.
    pub theirs: Option<Again>,
}

impl ConflictView {
    /// Was the event deleted in Google, so that it is gone here as well?
    pub fn is_deletion(&self) -> bool {
        self.fields.is_empty()
    }
}

/// The newest conflict, to tell of it when it comes up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictNews {
    /// Its number: a higher one is a later one.
    pub id: i64,
    /// What happened, naming the event, as a sentence or two.
    pub words: String,
}
