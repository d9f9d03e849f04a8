//! `calendars.get`: a calendar's own properties, for those who have it on their list.

use serde_json::json;

use crate::{error::Failure, event::etag, http::Reply, state::State, world::AccessRole};

pub(crate) fn get(state: &State, email: &str, id: &str) -> Result<Reply, Failure> {
    let visible = state.world.role(email, id) > AccessRole::None;
    let calendar = state
        .world
        .calendar(id)
        .filter(|_| visible)
        .ok_or_else(Failure::not_found)?;
    let mut body = json!({
        "kind": "calendar#calendar",
        "etag": etag(calendar.change),
        "id": calendar.id,
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "conferenceProperties": {"allowedConferenceSolutionTypes": ["hangoutsMeet"]},
    });
    if let Some(text) = &calendar.description {
        body["description"] = json!(text);
    }
    Ok(Reply::json(200, &body))
}
