//! `Control` over HTTP, under `/__sandbox/…`, for tests that run the application as another process.
//! Served only when the options say so. Bodies are JSON objects; owns no behaviour of its own.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    control::Control,
    event::EventSpec,
    faults::Fault,
    http::{Incoming, Reply},
    world::{AccessRole, WorldError},
};

#[derive(Deserialize)]
struct ByEmail {
    email: String,
}

#[derive(Deserialize)]
struct GrantTo {
    email: String,
    scopes: Vec<String>,
}

#[derive(Deserialize)]
struct ByUrl {
    url: String,
}

#[derive(Deserialize)]
struct Seconds {
    seconds: i64,
}

#[derive(Deserialize)]
struct At {
    now: DateTime<Utc>,
}

/// Only the fields that are given change.
#[derive(Deserialize)]
struct ConsentChange {
    auto: Option<bool>,
    deny: Option<bool>,
    omit_refresh_token: Option<bool>,
    /// An address, or "" for the hinted one.
    sign_in_as: Option<String>,
    /// A list, or null for all that is asked.
    #[serde(default, deserialize_with = "present")]
    granted_scopes: Option<Option<Vec<String>>>,
}

#[derive(Deserialize)]
struct OnCalendar {
    email: String,
    calendar: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    body: Value,
    role: Option<AccessRole>,
    hidden: Option<bool>,
    #[serde(default)]
    name: String,
    zone: Option<String>,
}

#[derive(Deserialize)]
struct FreeBusyChange {
    calendar: String,
    error: Option<String>,
    #[serde(default)]
    absent: bool,
}

/// A request that cannot be carried out, with the status and the words of its answer.
struct Unusable(u16, String);

impl From<WorldError> for Unusable {
    fn from(error: WorldError) -> Unusable {
        Unusable(404, error.to_string())
    }
}

pub(crate) fn answer(control: &Control, verb: &str, request: &Incoming) -> Reply {
    match carry_out(control, verb, request) {
        Ok(value) => Reply::json(200, &value),
        Err(Unusable(status, words)) => Reply::json(status, &json!({"error": words})),
    }
}

fn carry_out(control: &Control, verb: &str, request: &Incoming) -> Result<Value, Unusable> {
    let done = json!({});
    match verb {
        "state" => return Ok(state(control)),
        "requests" => return Ok(json!(control.requests())),
        "tokens" => return Ok(json!(control.tokens_issued())),
        "mails" => return Ok(json!(control.mails())),
        "creates" => return Ok(json!(control.creates())),
        "clear_requests" => control.clear_requests(),
        "clear_faults" => control.clear_faults(),
        "fault" => control.fault(read::<Fault>(request)?),
        "revoke" => control.revoke(&read::<ByEmail>(request)?.email),
        "expire" => control.expire_access_tokens(&read::<ByEmail>(request)?.email),
        "advance" => control.advance(TimeDelta::seconds(read::<Seconds>(request)?.seconds)),
        "now" => control.set_now(read::<At>(request)?.now),
        "consent" => change_consent(control, read(request)?),
        "approve" => {
            let location = control
                .approve(&read::<ByUrl>(request)?.url)
                .map_err(|refused| Unusable(400, refused.to_string()))?;
            return Ok(json!({"location": location}));
        }
        "grant" => {
            let GrantTo { email, scopes } = read(request)?;
            let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
            return Ok(json!(control.grant(&email, &scopes)?));
        }
        "freebusy" => {
            let FreeBusyChange {
                calendar,
                error,
                absent,
            } = read(request)?;
            if absent {
                control.freebusy_absent(&calendar, true)?;
            } else {
                control.freebusy_error(&calendar, error.as_deref())?;
            }
        }
        _ => return change_world(control, verb, read(request)?),
    }
    Ok(done)
}

fn change_world(control: &Control, verb: &str, on: OnCalendar) -> Result<Value, Unusable> {
    let OnCalendar {
        email,
        calendar,
        event,
        body,
        role,
        hidden,
        name,
        zone,
    } = on;
    match verb {
        "add_event" => {
            let id = control.add_event(&email, &calendar, EventSpec::from_json(body))?;
            return Ok(json!({"id": id}));
        }
        "remove_event" => control.remove_event(&email, &calendar, &event)?,
        "update_event" => control.update_event(&email, &calendar, &event, body)?,
        "answer" => {
            let response = body.as_str().unwrap_or("accepted");
            control.answer(&email, &calendar, &event, &name, response)?;
        }
        "add_calendar" => {
            let zone = zone.unwrap_or_else(|| "UTC".to_owned());
            let role = role.unwrap_or(AccessRole::Owner);
            control.add_calendar(&email, &calendar, &name, &zone, role)?;
        }
        "remove_calendar" => control.remove_calendar(&email, &calendar)?,
        "hide_calendar" => control.hide_calendar(&email, &calendar, hidden.unwrap_or(true))?,
        "set_access_role" => {
            let role = role.ok_or_else(|| Unusable(400, "role is missing".to_owned()))?;
            control.set_access_role(&email, &calendar, role)?;
        }
        "expire_sync_tokens" => control.expire_sync_tokens(&calendar)?,
        "expire_list_tokens" => control.expire_list_tokens(&email)?,
        _ => return Err(Unusable(404, format!("the sandbox knows no verb {verb}"))),
    }
    Ok(json!({}))
}

fn change_consent(control: &Control, change: ConsentChange) {
    if let Some(auto) = change.auto {
        control.set_auto_consent(auto);
    }
    if let Some(deny) = change.deny {
        control.deny_consent(deny);
    }
    if let Some(omit) = change.omit_refresh_token {
        control.omit_refresh_token(omit);
    }
    match change.sign_in_as.as_deref() {
        Some("") => control.sign_in_as_hinted(),
        Some(email) => control.sign_in_as(email),
        None => {}
    }
    if let Some(scopes) = change.granted_scopes {
        control.set_granted_scopes(scopes);
    }
}

fn state(control: &Control) -> Value {
    let emails = control.shared.lock().world.emails();
    let accounts: Vec<Value> = emails
        .iter()
        .map(|email| {
            json!({
                "email": email,
                "sub": control.sub(email),
                "calendars": control.calendar_ids(email),
                "live_refresh_tokens": control.live_refresh_tokens(email).len(),
                "refreshes": control.refresh_count(email),
            })
        })
        .collect();
    json!({
        "now": control.now(),
        "accounts": accounts,
        "requests": control.requests().len(),
        "faults": control.waiting_faults(),
    })
}

fn read<T: DeserializeOwned>(request: &Incoming) -> Result<T, Unusable> {
    serde_json::from_slice(&request.body).map_err(|error| Unusable(400, error.to_string()))
}

/// Tells a field that is null from one that is missing.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}
