//! `freebusy.query`: merged, half-open, clipped busy times per calendar, errors per calendar.
//! Owns the limits of the query; which events count is the calendar's knowledge.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::{
    error::Failure,
    event::in_zone,
    fields::{Pick, Shape},
    http::{Incoming, Reply},
    state::State,
    world::{AccessRole, Calendar, FreeBusyMode, World},
    zone,
};

const MOST_CALENDARS: usize = 50;
/// Measured at Google: 92 days were answered, 100 refused.
const LONGEST_RANGE: TimeDelta = TimeDelta::days(92);

pub(crate) fn query(state: &State, email: &str, request: &Incoming) -> Result<Reply, Failure> {
    let body = request
        .json()
        .ok_or_else(|| Failure::new(400, "parseError", "Parse Error"))?;
    let from = instant(&body, "timeMin")?;
    let to = instant(&body, "timeMax")?;
    if to <= from {
        return Err(
            Failure::new(400, "timeRangeEmpty", "The specified time range is empty.")
                .at("parameter", "timeMax"),
        );
    }
    if to - from > LONGEST_RANGE {
        let message = "The requested time range is too long.";
        return Err(Failure::new(400, "timeRangeTooLong", message));
    }
    let display_zone = body["timeZone"].as_str().unwrap_or("UTC");
    if !zone::known(display_zone) {
        return Err(Failure::invalid(format!(
            "Invalid time zone: {display_zone}"
        )));
    }
    let pick = Pick::of(request, Shape::FreeBusy)?;
    let asked = asked_calendars(&body)?;
    let limit = body["calendarExpansionMax"]
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok())
        .map_or(MOST_CALENDARS, |limit| limit.min(MOST_CALENDARS));
    let mut calendars = Map::new();
    for id in &asked {
        let answer = if asked.len() > limit {
            Some(error("tooManyCalendarsRequested"))
        } else {
            answer(&state.world, email, id, from, to, display_zone)
        };
        if let Some(answer) = answer {
            calendars.insert(id.clone(), answer);
        }
    }
    let body = json!({
        "kind": "calendar#freeBusy",
        "timeMin": in_zone(from, display_zone),
        "timeMax": in_zone(to, display_zone),
        "calendars": calendars,
    });
    Ok(pick.reply(body))
}

/// The ids a query asks for, in order; used for matching faults too.
pub(crate) fn asked_calendars(body: &Value) -> Result<Vec<String>, Failure> {
    let items = match &body["items"] {
        Value::Null => return Ok(Vec::new()),
        Value::Array(items) => items,
        _ => return Err(Failure::bad_request("Invalid value for items.")),
    };
    items
        .iter()
        .map(|item| item["id"].as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| Failure::required("items.id"))
}

fn instant(body: &Value, name: &'static str) -> Result<DateTime<Utc>, Failure> {
    match &body[name] {
        Value::Null => Err(Failure::required(name)),
        Value::String(text) => DateTime::parse_from_rfc3339(text)
            .map(|at| at.with_timezone(&Utc))
            .map_err(|_| Failure::bad_request("Bad Request")),
        _ => Err(Failure::bad_request("Bad Request")),
    }
}

/// One calendar's part of the answer; None where it is left out altogether.
fn answer(
    world: &World,
    email: &str,
    id: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    display_zone: &str,
) -> Option<Value> {
    let real = World::resolve(email, id);
    let Some(calendar) = world.calendar(real) else {
        return Some(error("notFound"));
    };
    if world.role(email, real) < AccessRole::FreeBusyReader && !calendar.open_times {
        return Some(error("notFound"));
    }
    match &calendar.free_busy {
        FreeBusyMode::Absent => None,
        FreeBusyMode::Error(reason) => Some(error(reason)),
        FreeBusyMode::Events => {
            let busy: Vec<Value> = busy_times(calendar, from, to)
                .into_iter()
                .map(|(start, end)| {
                    json!({"start": in_zone(start, display_zone), "end": in_zone(end, display_zone)})
                })
                .collect();
            Some(json!({"busy": busy}))
        }
    }
}

fn error(reason: &str) -> Value {
    json!({"errors": [{"domain": "global", "reason": reason}], "busy": []})
}

/// Busy times within `[from, to)`: sorted, clipped, overlapping and touching ones merged.
pub(crate) fn busy_times(
    calendar: &Calendar,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut times: Vec<_> = calendar
        .events
        .values()
        .flat_map(|event| {
            let spans = calendar.occurrences(event, from, to);
            let counts = !spans.is_empty() && calendar.counts(event);
            spans.into_iter().filter(move |_| counts)
        })
        .map(|span| {
            let (start, end) = span.instants(&calendar.zone);
            (start.max(from), end.min(to))
        })
        .filter(|(start, end)| start < end)
        .collect();
    times.sort_unstable();
    let mut merged: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (start, end) in times {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    merged
}
