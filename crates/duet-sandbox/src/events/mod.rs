//! The event methods: list, get, instances, insert, update, patch, delete, move. Owns scope checks and
//! who may see or write; the files below own one group of methods each.

mod check;
mod list;
mod mail;
mod render;
mod write;

use chrono::{DateTime, Utc};
use hyper::Method;
use serde_json::{Value, json};

use crate::{
    dispatch::caller,
    error::Failure,
    event::{Body, Stored},
    http::{Incoming, Reply},
    route::Route,
    scopes,
    state::State,
    world::{AccessRole, Calendar, World, WorldError},
};

/// Who asks, about which calendar, and what they may see there.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    email: String,
    calendar: String,
    role: AccessRole,
    /// The granted scopes show times alone, whatever the role.
    times_only: bool,
}

pub(crate) fn answer(
    state: &mut State,
    request: &Incoming,
    route: &Route,
) -> Result<Reply, Failure> {
    if request.method != Method::GET {
        state.replays.forget();
    }
    match (route, &request.method) {
        (Route::Events(calendar), &Method::GET) => {
            let asker = reader(state, request, calendar, "Events.List")?;
            list::list(state, &asker, request)
        }
        (Route::Event(calendar, event), &Method::GET) => {
            let asker = reader(state, request, calendar, "Events.Get")?;
            list::get(state, &asker, event, request)
        }
        (Route::Instances(calendar, event), _) => {
            let asker = reader(state, request, calendar, "Events.Instances")?;
            list::instances(state, &asker, event, request)
        }
        (Route::Events(calendar), _) => {
            let asker = writer(state, request, calendar, "Events.Insert")?;
            write::insert(state, &asker, request)
        }
        (Route::Event(calendar, event), &Method::PUT) => {
            let asker = writer(state, request, calendar, "Events.Update")?;
            write::update(state, &asker, event, request)
        }
        (Route::Event(calendar, event), &Method::PATCH) => {
            let asker = writer(state, request, calendar, "Events.Patch")?;
            write::patch(state, &asker, event, request)
        }
        (Route::Event(calendar, event), _) => {
            let asker = writer(state, request, calendar, "Events.Delete")?;
            write::delete(state, &asker, event, request)
        }
        (Route::Move(calendar, event), _) => {
            let asker = may_write(asker(
                state,
                request,
                calendar,
                scopes::MOVE_EVENTS,
                "Events.Move",
            )?)?;
            write::move_event(state, &asker, event, request)
        }
        _ => Err(Failure::not_found()),
    }
}

/// Deletes an event as its owner would: a series with its exceptions, an occurrence as an exception.
pub(crate) fn cancel(
    world: &mut World,
    calendar_id: &str,
    event: &str,
    now: DateTime<Utc>,
) -> Result<(), WorldError> {
    let calendar = world.calendar_mut(calendar_id)?;
    let body = current(calendar, event).ok_or_else(|| WorldError::NoEvent(event.to_owned()))?;
    let exceptions: Vec<String> = calendar
        .events
        .values()
        .filter(|other| {
            other
                .slot
                .as_ref()
                .is_some_and(|(series, _)| series == event)
                && !other.cancelled()
        })
        .map(|other| other.id.clone())
        .collect();
    put_cancelled(world, calendar_id, body, now)?;
    for id in exceptions {
        if let Some(body) = current(world.calendar_mut(calendar_id)?, &id) {
            put_cancelled(world, calendar_id, body, now)?;
        }
    }
    Ok(())
}

fn put_cancelled(
    world: &mut World,
    calendar: &str,
    mut body: Body,
    now: DateTime<Utc>,
) -> Result<(), WorldError> {
    if body.contains_key("recurringEventId") {
        body.retain(|name, _| {
            matches!(
                name.as_str(),
                "id" | "recurringEventId" | "originalStartTime"
            )
        });
    }
    body.insert("status".to_owned(), json!("cancelled"));
    world.put_event(calendar, body, now).map(|_| ())
}

/// Applies a patch to an event without any of the checks a client meets.
pub(crate) fn patch_fields(
    world: &mut World,
    calendar_id: &str,
    event: &str,
    changes: Value,
    now: DateTime<Utc>,
) -> Result<(), WorldError> {
    let calendar = world.calendar_mut(calendar_id)?;
    let mut body = Value::Object(
        current(calendar, event).ok_or_else(|| WorldError::NoEvent(event.to_owned()))?,
    );
    write::merge(&mut body, changes);
    match body {
        Value::Object(body) => world.put_event(calendar_id, body, now).map(|_| ()),
        _ => Ok(()),
    }
}

/// The resource an id names: a stored event, or an occurrence of a series that nobody has changed.
fn current(calendar: &Calendar, id: &str) -> Option<Body> {
    if let Some(event) = calendar.events.get(id) {
        return Some(event.body.clone());
    }
    let (series, stamp) = id.rsplit_once('_')?;
    let master = calendar
        .events
        .get(series)
        .filter(|master| master.repeats())?;
    let span = occurrence_by_stamp(calendar, master, stamp)?;
    Some(calendar.occurrence_body(master, &span))
}

fn occurrence_by_stamp(
    calendar: &Calendar,
    master: &Stored,
    stamp: &str,
) -> Option<crate::event::Span> {
    let at = match stamp.len() {
        8 => chrono::NaiveDate::parse_from_str(stamp, "%Y%m%d")
            .ok()?
            .and_time(Default::default()),
        _ => chrono::NaiveDateTime::parse_from_str(stamp, "%Y%m%dT%H%M%SZ").ok()?,
    }
    .and_utc();
    let day = chrono::TimeDelta::days(1);
    calendar
        .occurrences(master, at - day, at + day)
        .into_iter()
        .find(|span| span.stamp() == stamp)
}

fn reader(
    state: &State,
    request: &Incoming,
    calendar: &str,
    method: &'static str,
) -> Result<Asker, Failure> {
    asker(state, request, calendar, scopes::READ_EVENTS, method)
}

fn writer(
    state: &State,
    request: &Incoming,
    calendar: &str,
    method: &'static str,
) -> Result<Asker, Failure> {
    may_write(asker(
        state,
        request,
        calendar,
        scopes::WRITE_EVENTS,
        method,
    )?)
}

fn may_write(asker: Asker) -> Result<Asker, Failure> {
    if asker.role < AccessRole::WriterWithoutPrivateAccess {
        let message = "You need to have writer access to this calendar.";
        return Err(Failure::new(403, "requiredAccessLevel", message));
    }
    Ok(asker)
}

fn asker(
    state: &State,
    request: &Incoming,
    calendar: &str,
    any_of: &[&str],
    method: &'static str,
) -> Result<Asker, Failure> {
    let email = caller(state, request, any_of, method)?;
    let calendar = World::resolve(&email, calendar).to_owned();
    let role = state.world.role(&email, &calendar);
    if role == AccessRole::None || state.world.calendar(&calendar).is_none() {
        return Err(Failure::not_found());
    }
    let details: Vec<&str> = scopes::READ_EVENTS
        .iter()
        .copied()
        .filter(|scope| *scope != scopes::EVENTS_FREEBUSY)
        .collect();
    let times_only = caller(state, request, &details, method).is_err();
    Ok(Asker {
        email,
        calendar,
        role,
        times_only,
    })
}
