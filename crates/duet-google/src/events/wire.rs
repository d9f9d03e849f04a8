//! An event as it comes over the wire, and the mending of one that is not as documented.
//!
//! An event of the documented shape is parsed once. One that is not is taken apart: what is only for
//! show is left out where it cannot be read, what decides when the event is makes it unreadable.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fault::Fault;
use super::when::When;

/// Without one of these nobody knows what the event is, or when.
const ESSENTIAL: [&str; 7] = [
    "id",
    "status",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
];

/// A piece of text that is only looked at.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// The fields of an event that Duet reads, by Google's names (GOOGLE.md 4.3).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire<'a> {
    pub(super) id: Option<String>,
    #[serde(rename = "iCalUID")]
    pub(super) ical_uid: Option<String>,
    pub(super) etag: Option<String>,
    #[serde(borrow)]
    pub(super) status: Option<Text<'a>>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) location: Option<String>,
    pub(super) start: Option<When<'a>>,
    pub(super) end: Option<When<'a>>,
    pub(super) recurrence: Option<Vec<String>>,
    pub(super) recurring_event_id: Option<String>,
    pub(super) original_start_time: Option<When<'a>>,
    pub(super) transparency: Option<Text<'a>>,
    pub(super) visibility: Option<Text<'a>>,
    pub(super) event_type: Option<Text<'a>>,
    pub(super) organizer: Option<Human>,
    pub(super) attendees: Option<Vec<Guest<'a>>>,
    pub(super) attendees_omitted: Option<bool>,
    pub(super) conference_data: Option<Conference<'a>>,
    pub(super) hangout_link: Option<String>,
    pub(super) html_link: Option<String>,
    pub(super) reminders: Option<Reminding<'a>>,
    pub(super) updated: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Human {
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Guest<'a> {
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    #[serde(borrow)]
    pub(super) response_status: Option<Text<'a>>,
    #[serde(rename = "self")]
    pub(super) is_self: Option<bool>,
    pub(super) optional: Option<bool>,
    pub(super) resource: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reminding<'a> {
    pub(super) use_default: Option<bool>,
    #[serde(borrow)]
    pub(super) overrides: Option<Vec<Override<'a>>>,
}

#[derive(Deserialize)]
pub(super) struct Override<'a> {
    #[serde(borrow)]
    pub(super) method: Option<Text<'a>>,
    pub(super) minutes: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conference<'a> {
    #[serde(borrow)]
    pub(super) entry_points: Option<Vec<EntryPoint<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EntryPoint<'a> {
    #[serde(borrow)]
    pub(super) entry_point_type: Option<Text<'a>>,
    pub(super) uri: Option<String>,
}

/// The event without what cannot be read of it and is only for show.
pub(super) fn mend(json: &str) -> Result<Value, Fault> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(json) else {
        return Err(Fault::NotAnEvent);
    };
    // A guest alone, because the others say whether the person comes.
    if let Some(Value::Array(guests)) = fields.get_mut("attendees") {
        let all = guests.len();
        guests.retain(|guest| guest.is_object() && Guest::deserialize(guest).is_ok());
        if guests.len() < all {
            fields.insert("attendeesOmitted".to_owned(), Value::Bool(true));
        }
    }
    let odd: Vec<String> = fields
        .iter()
        .filter(|(name, value)| !is_readable(name, value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in odd {
        if let Some(name) = ESSENTIAL.into_iter().find(|known| *known == name) {
            return Err(Fault::Unreadable(name));
        }
        fields.remove(&name);
    }
    Ok(Value::Object(fields))
}

/// The id, of whatever else is wrong.
pub(super) fn id_of(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    Some(value.get("id")?.as_str()?.to_owned())
}

fn is_readable(name: &str, value: &Value) -> bool {
    let alone = Value::Object(Map::from_iter([(name.to_owned(), value.clone())]));
    Wire::deserialize(&alone).is_ok()
}
