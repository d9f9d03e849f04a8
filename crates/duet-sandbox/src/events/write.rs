//! Writing events: insert, update, patch, delete and move, with preconditions.

use hyper::header::IF_MATCH;
use serde_json::{Value, json};

use crate::{
    error::Failure,
    event::{Body, Span, etag},
    events::{Asker, cancel, check, current, mail, render},
    http::{Incoming, Reply},
    state::State,
    world::{AccessRole, Calendar, World, WorldError},
};

/// What stays of the old resource when a client replaces it.
const KEPT: [&str; 9] = [
    "id",
    "created",
    "creator",
    "organizer",
    "iCalUID",
    "htmlLink",
    "eventType",
    "recurringEventId",
    "originalStartTime",
];
/// What all guests share: only the organiser may change it, unless guests may modify.
const SHARED: [&str; 8] = [
    "start",
    "end",
    "recurrence",
    "location",
    "guestsCanModify",
    "guestsCanInviteOthers",
    "guestsCanSeeOtherGuests",
    "conferenceData",
];

pub(super) fn insert(
    state: &mut State,
    asker: &Asker,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let mut body = read_body(request)?;
    check::tidy(
        &mut body,
        request.param("conferenceDataVersion") == Some("1"),
    );
    let calendar = calendar(state, asker)?;
    if let Some(id) = body.get("id").and_then(Value::as_str) {
        check::id(id)?;
        // A deleted event keeps its id for ever.
        if calendar.events.contains_key(id) {
            let message = "The requested identifier already exists.";
            return Err(Failure::new(409, "duplicate", message));
        }
    }
    check::event(&body, calendar)?;
    body.remove("organizer");
    body.insert("creator".to_owned(), json!({"email": asker.email}));
    let now = state.clock.now();
    let (id, _) = state
        .world
        .put_event(&asker.calendar, body, now)
        .map_err(gone)?;
    state.creates.push((asker.calendar.clone(), id.clone()));
    let made = stored(state, asker, &id);
    mail::send(state, asker, request, &id, None, made.as_ref());
    reply(state, asker, &id)
}

pub(super) fn update(
    state: &mut State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let old = precondition(state, asker, id, request)?;
    let mut body = read_body(request)?;
    let conference = request.param("conferenceDataVersion") == Some("1");
    check::tidy(&mut body, conference);
    for name in KEPT {
        match old.get(name) {
            Some(value) => body.insert(name.to_owned(), value.clone()),
            None => body.remove(name),
        };
    }
    if !conference && let Some(data) = old.get("conferenceData") {
        body.insert("conferenceData".to_owned(), data.clone());
    }
    body.entry("status").or_insert_with(|| json!("confirmed"));
    store(state, asker, id, request, &old, body)
}

pub(super) fn patch(
    state: &mut State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let old = precondition(state, asker, id, request)?;
    let mut changes = read_body(request)?;
    for name in KEPT {
        changes.remove(name);
    }
    if request.param("conferenceDataVersion") != Some("1") {
        changes.remove("conferenceData");
    }
    if changes.get("attendeesOmitted") == Some(&json!(true)) {
        // Only the own entry was sent; the other guests are as they were.
        merge_own_entry(&mut changes, &old);
    }
    let mut body = Value::Object(old.clone());
    merge(&mut body, Value::Object(changes));
    let Value::Object(mut body) = body else {
        return Err(Failure::bad_request("Bad Request"));
    };
    check::tidy(&mut body, true);
    for name in KEPT {
        if let Some(value) = old.get(name) {
            body.insert(name.to_owned(), value.clone());
        }
    }
    store(state, asker, id, request, &old, body)
}

pub(super) fn delete(
    state: &mut State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let old = precondition(state, asker, id, request)?;
    if old.get("status") == Some(&json!("cancelled")) {
        return Err(Failure::new(410, "deleted", "Resource has been deleted"));
    }
    mail::send(state, asker, request, id, Some(&old), None);
    let now = state.clock.now();
    cancel(&mut state.world, &asker.calendar, id, now).map_err(gone)?;
    Ok(Reply::empty(204))
}

pub(super) fn move_event(
    state: &mut State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let destination = request
        .param("destination")
        .ok_or_else(|| Failure::required("destination"))?;
    let destination = World::resolve(&asker.email, destination).to_owned();
    let old = precondition(state, asker, id, request)?;
    let movable = old
        .get("eventType")
        .and_then(Value::as_str)
        .unwrap_or("default")
        == "default"
        && !old.contains_key("recurringEventId");
    if !movable || old.get("status") == Some(&json!("cancelled")) {
        return Err(Failure::invalid("This event cannot be moved."));
    }
    let target = Asker {
        role: state.world.role(&asker.email, &destination),
        calendar: destination.clone(),
        ..asker.clone()
    };
    let there = state
        .world
        .calendar(&destination)
        .ok_or_else(Failure::not_found)?;
    if target.role < AccessRole::WriterWithoutPrivateAccess {
        return Err(Failure::forbidden(
            "You need to have writer access to the destination.",
        ));
    }
    if there.events.get(id).is_some_and(|event| !event.cancelled()) {
        return Err(Failure::new(
            409,
            "duplicate",
            "The requested identifier already exists.",
        ));
    }
    // The exceptions of a series go with it.
    let exceptions = calendar(state, asker)?
        .events
        .values()
        .filter(|other| other.slot.as_ref().is_some_and(|(series, _)| series == id))
        .map(|other| other.body.clone());
    let moved: Vec<Body> = std::iter::once(old).chain(exceptions).collect();
    let now = state.clock.now();
    cancel(&mut state.world, &asker.calendar, id, now).map_err(gone)?;
    for mut body in moved {
        body.remove("organizer");
        state
            .world
            .put_event(&destination, body, now)
            .map_err(gone)?;
    }
    let there = stored(state, &target, id);
    mail::send(state, &target, request, id, there.as_ref(), there.as_ref());
    reply(state, &target, id)
}

/// Merges a patch: objects field by field, arrays as a whole, `null` removes.
pub(super) fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    into.remove(&name);
                } else {
                    merge(into.entry(name).or_insert(Value::Null), change);
                }
            }
        }
        (into, change) => {
            *into = change;
            strip_nulls(into);
        }
    }
}

fn strip_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, field| !field.is_null());
        fields.values_mut().for_each(strip_nulls);
    }
}

/// Checks what update and patch have in common, stores and answers.
fn store(
    state: &mut State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
    old: &Body,
    mut body: Body,
) -> Result<Reply, Failure> {
    let calendar = calendar(state, asker)?;
    let was_deleted = old.get("status") == Some(&json!("cancelled"));
    if was_deleted && body.get("status") != Some(&json!("confirmed")) {
        return Err(Failure::new(410, "deleted", "Resource has been deleted"));
    }
    let cancels = body.get("status") == Some(&json!("cancelled"));
    if !cancels {
        check::event(&body, calendar)?;
    }
    refuse_to_guests(calendar, old, &body)?;
    // The same times in other words are no change.
    let span = |body: &Body| Span::read(body, &calendar.zone);
    let moved = span(old) != span(&body) || old.get("recurrence") != body.get("recurrence");
    let sequence = old.get("sequence").and_then(Value::as_u64).unwrap_or(0);
    body.insert("sequence".to_owned(), json!(sequence + u64::from(moved)));
    let now = state.clock.now();
    if cancels {
        mail::send(state, asker, request, id, Some(old), None);
        cancel(&mut state.world, &asker.calendar, id, now).map_err(gone)?;
    } else {
        state
            .world
            .put_event(&asker.calendar, body, now)
            .map_err(gone)?;
        let new = stored(state, asker, id);
        mail::send(state, asker, request, id, Some(old), new.as_ref());
    }
    reply(state, asker, id)
}

/// The resource as it stands, after `If-Match` was honoured.
fn precondition(
    state: &State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Body, Failure> {
    let calendar = calendar(state, asker)?;
    let body = current(calendar, id).ok_or_else(Failure::not_found)?;
    let wanted = request.header(IF_MATCH).filter(|wanted| *wanted != "*");
    if let Some(wanted) = wanted
        && wanted != version_of(calendar, id)
    {
        let message = "Precondition Failed";
        return Err(Failure::new(412, "conditionNotMet", message).at("header", "If-Match"));
    }
    Ok(body)
}

/// The etag of an event, or of the series of an occurrence that was never changed.
fn version_of(calendar: &Calendar, id: &str) -> String {
    let stored = calendar.events.get(id).or_else(|| {
        let (series, _) = id.rsplit_once('_')?;
        calendar.events.get(series)
    });
    stored.map_or_else(|| etag(0), |event| event.etag())
}

/// Whether the event is this calendar's own, and no guest's copy.
pub(super) fn organizes(calendar: &Calendar, body: &Body) -> bool {
    let organizer = body
        .get("organizer")
        .and_then(|entry| entry["email"].as_str());
    organizer.is_none_or(|email| email == calendar.id || calendar.owner.as_deref() == Some(email))
}

/// A guest's copy takes private changes and the guest's own answer, nothing that others see.
fn refuse_to_guests(calendar: &Calendar, old: &Body, new: &Body) -> Result<(), Failure> {
    if organizes(calendar, old) || old.get("guestsCanModify") == Some(&json!(true)) {
        return Ok(());
    }
    let others = |body: &Body| -> Vec<Value> {
        let mut others: Vec<Value> = body
            .get("attendees")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|guest| guest["email"].as_str() != Some(&calendar.id))
            .cloned()
            .collect();
        for guest in others.iter_mut().filter_map(Value::as_object_mut) {
            guest.remove("self");
            guest.remove("organizer");
        }
        others
    };
    let shared = |body: &Body| {
        body.get("extendedProperties")
            .map(|all| all["shared"].clone())
    };
    let span = |body: &Body| Span::read(body, &calendar.zone);
    let changed = SHARED
        .iter()
        .filter(|name| !matches!(**name, "start" | "end"))
        .any(|name| old.get(*name) != new.get(*name))
        || span(old) != span(new)
        || shared(old) != shared(new)
        || others(old) != others(new);
    if changed {
        let message = "Shared properties can only be changed by the organizer of the event.";
        return Err(Failure::new(403, "forbiddenForNonOrganizer", message));
    }
    Ok(())
}

fn merge_own_entry(changes: &mut Body, old: &Body) {
    let mut guests = old.get("attendees").cloned().unwrap_or_else(|| json!([]));
    let sent = changes.remove("attendees").unwrap_or_else(|| json!([]));
    for entry in sent.as_array().into_iter().flatten() {
        let same = guests
            .as_array_mut()
            .into_iter()
            .flatten()
            .find(|guest| guest["email"] == entry["email"]);
        if let Some(guest) = same {
            merge(guest, entry.clone());
        }
    }
    changes.remove("attendeesOmitted");
    changes.insert("attendees".to_owned(), guests);
}

/// An event as it stands.
fn stored(state: &State, asker: &Asker, id: &str) -> Option<Body> {
    current(state.world.calendar(&asker.calendar)?, id)
}

fn reply(state: &State, asker: &Asker, id: &str) -> Result<Reply, Failure> {
    let calendar = calendar(state, asker)?;
    let event = calendar.events.get(id).ok_or_else(Failure::not_found)?;
    let body = render::event(calendar, asker, event, None, &calendar.zone);
    Ok(Reply::json(200, &body).with("etag", event.etag()))
}

fn calendar<'a>(state: &'a State, asker: &Asker) -> Result<&'a Calendar, Failure> {
    state
        .world
        .calendar(&asker.calendar)
        .ok_or_else(Failure::not_found)
}

fn read_body(request: &Incoming) -> Result<Body, Failure> {
    match request.json() {
        Some(Value::Object(body)) => Ok(body),
        _ => Err(Failure::new(400, "parseError", "Parse Error")),
    }
}

fn gone(_: WorldError) -> Failure {
    Failure::not_found()
}
