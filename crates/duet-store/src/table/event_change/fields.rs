//! What a person would call a change of an event, field by field, and small enough to be kept.

use std::collections::BTreeMap;

use duet_model::event::{Attendee, Event, EventStatus, Person};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longer texts are cut in the history, which is there to be read.
const TEXT_CHARS: usize = 500;

/// No more guests than these are named in one entry.
const GUESTS: usize = 50;

/// A part of an event that has a history. What is left out (version, link, time of the last change)
/// changes without anybody having changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// A text.
    Title,
    /// An `EventTime` of the model.
    Start,
    /// An `EventTime`, exclusive.
    End,
    /// A text.
    Location,
    /// A text, cut after 500 characters.
    Description,
    /// An array of lines.
    Recurrence,
    /// `confirmed`, `tentative` or `cancelled`.
    Status,
    /// "Show as free": true or false.
    Transparent,
    /// Who may see it: a word of the model.
    Visibility,
    /// What kind of entry it is: a word of the model.
    EventType,
    /// What the person answered: a word of the model.
    MyResponse,
    /// A text: an address or a name.
    Organizer,
    /// An object from address or name to answer, of those guests alone for whom it changed, at most
    /// 50; who was not invited before, or is not any more, is on one side only.
    Attendees,
    /// The address of the video call.
    Conference,
}

/// How one part of an event changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which part.
    pub field: Field,
    /// What it said; `Null` where it said nothing. The kinds of values are told at [`Field`].
    pub before: Value,
    /// What it says; `Null` where it says nothing, or is gone.
    pub after: Value,
}

/// What changed between two versions of one event.
pub(super) fn changes(before: &Event, after: &Event) -> Vec<FieldChange> {
    let values = values(before).into_iter().zip(values(after));
    let plain =
        values
            .filter(|(before, after)| before != after)
            .map(|((field, before), (_, after))| FieldChange {
                field,
                before: short(before),
                after: short(after),
            });
    plain.chain(guests(before, after)).collect()
}

/// What is remembered of an event that is gone.
pub(super) fn last_words(event: &Event) -> Vec<FieldChange> {
    if event.status == EventStatus::Cancelled {
        return Vec::new();
    }
    values(event)
        .into_iter()
        .filter(|(field, value)| {
            matches!(
                field,
                Field::Title | Field::Start | Field::End | Field::Location | Field::Recurrence
            ) && !value.is_null()
        })
        .map(|(field, value)| FieldChange {
            field,
            before: short(value),
            after: Value::Null,
        })
        .collect()
}

/// The same fields in the same order for every event.
fn values(event: &Event) -> Vec<(Field, Value)> {
    let lines = (!event.recurrence.is_empty()).then_some(&event.recurrence);
    vec![
        (Field::Title, json!(event.title)),
        (Field::Start, json!(event.start)),
        (Field::End, json!(event.end)),
        (Field::Location, json!(event.location)),
        (Field::Description, json!(event.description)),
        (Field::Recurrence, json!(lines)),
        (Field::Status, json!(event.status)),
        (Field::Transparent, json!(event.transparent)),
        (Field::Visibility, json!(event.visibility)),
        (Field::EventType, json!(event.event_type)),
        (Field::MyResponse, json!(event.my_response)),
        (Field::Organizer, json!(event.organizer.as_ref().map(name))),
        (Field::Conference, json!(event.conference)),
    ]
}

fn guests(before: &Event, after: &Event) -> Option<FieldChange> {
    let (old, new) = (answers(&before.attendees), answers(&after.attendees));
    let only = |these: &BTreeMap<String, Value>, others: &BTreeMap<String, Value>| {
        let changed: serde_json::Map<String, Value> = these
            .iter()
            .filter(|(who, answer)| others.get(*who) != Some(answer))
            .take(GUESTS)
            .map(|(who, answer)| (cut(who), answer.clone()))
            .collect();
        if changed.is_empty() {
            Value::Null
        } else {
            Value::Object(changed)
        }
    };
    (old != new).then(|| FieldChange {
        field: Field::Attendees,
        before: only(&old, &new),
        after: only(&new, &old),
    })
}

fn answers(guests: &[Attendee]) -> BTreeMap<String, Value> {
    guests
        .iter()
        .map(|guest| (name(&guest.person).to_owned(), json!(guest.response)))
        .collect()
}

fn name(person: &Person) -> &str {
    let name = person.email.as_deref().or(person.name.as_deref());
    name.unwrap_or_default()
}

fn short(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(&text)),
        Value::Array(lines) => lines.into_iter().take(GUESTS).map(short).collect(),
        other => other,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
