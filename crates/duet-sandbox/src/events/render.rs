//! An event as one asker sees it: display zone, `self` marks, and what busy-only access leaves.

use serde_json::{Value, json};

use crate::{
    event::{Body, Span, Stored, etag},
    events::Asker,
    world::{AccessRole, Calendar},
};

/// Fields that tell no more than when an event is.
const TIMES: [&str; 13] = [
    "id",
    "status",
    "created",
    "iCalUID",
    "sequence",
    "eventType",
    "transparency",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "endTimeUnspecified",
    "start",
    "end",
];

/// A stored event, or one occurrence of it where `occurrence` gives its span.
pub(super) fn event(
    calendar: &Calendar,
    asker: &Asker,
    stored: &Stored,
    occurrence: Option<&Span>,
    zone: &str,
) -> Value {
    let mut body = match occurrence {
        Some(span) => calendar.occurrence_body(stored, span),
        None => stored.body.clone(),
    };
    if hides_details(asker, stored) {
        body.retain(|name, _| TIMES.contains(&name.as_str()));
        body.insert("visibility".to_owned(), json!("private"));
    }
    if let Some(span) = occurrence.or(stored.span.as_ref()) {
        body.insert("start".to_owned(), span.start_json(zone));
        body.insert("end".to_owned(), span.end_json(zone));
    }
    mark_self(&mut body, &calendar.id);
    body.insert("kind".to_owned(), json!("calendar#event"));
    body.insert("etag".to_owned(), json!(etag(stored.version)));
    let updated = stored
        .updated
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    body.insert("updated".to_owned(), json!(updated));
    Value::Object(body)
}

/// A deleted event or occurrence, as listings show it.
pub(super) fn tombstone(stored: &Stored) -> Value {
    let mut body = Body::new();
    for name in ["id", "recurringEventId", "originalStartTime"] {
        if let Some(value) = stored.body.get(name) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    body.insert("kind".to_owned(), json!("calendar#event"));
    body.insert("etag".to_owned(), json!(stored.etag()));
    body.insert("status".to_owned(), json!("cancelled"));
    Value::Object(body)
}

/// An occurrence that went with its series.
pub(super) fn lost_occurrence(calendar: &Calendar, series: &Stored, span: &Span) -> Value {
    json!({
        "kind": "calendar#event",
        "etag": series.etag(),
        "id": format!("{}_{}", series.id, span.stamp()),
        "status": "cancelled",
        "recurringEventId": series.id,
        "originalStartTime": span.start_json(&calendar.zone),
    })
}

fn hides_details(asker: &Asker, stored: &Stored) -> bool {
    let private = matches!(stored.text("visibility"), Some("private" | "confidential"));
    asker.times_only
        || asker.role <= AccessRole::FreeBusyReader
        || (private && asker.role <= AccessRole::WriterWithoutPrivateAccess)
}

/// `self` marks the calendar, not the person: on a secondary calendar no guest is marked.
fn mark_self(body: &mut Body, calendar: &str) {
    let mark = |entry: &mut Value| {
        if let Some(entry) = entry.as_object_mut() {
            if entry.get("email").and_then(Value::as_str) == Some(calendar) {
                entry.insert("self".to_owned(), json!(true));
            } else {
                entry.remove("self");
            }
        }
    };
    for name in ["organizer", "creator"] {
        if let Some(entry) = body.get_mut(name) {
            mark(entry);
        }
    }
    let organizer = body
        .get("organizer")
        .and_then(|entry| entry["email"].as_str())
        .map(str::to_owned);
    for guest in body
        .get_mut("attendees")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        mark(guest);
        if guest["email"].as_str() == organizer.as_deref() && organizer.is_some() {
            guest["organizer"] = json!(true);
        }
    }
}
