//! What Google refuses in a written event, and what it drops silently. Owns the checks alone.

use serde_json::{Value, json};

use crate::{
    error::Failure,
    event::{Body, Span},
    recur::Recurrence,
    world::Calendar,
    zone,
};

const LONGEST_PROPERTY_KEY: usize = 44;
const LONGEST_PROPERTY_VALUE: usize = 1024;
/// What only the server says about an event.
const READ_ONLY: [&str; 9] = [
    "kind",
    "etag",
    "updated",
    "created",
    "htmlLink",
    "creator",
    "hangoutLink",
    "locked",
    "privateCopy",
];

/// Google's alphabet for ids made by clients: base32hex in small letters.
pub(super) fn id(id: &str) -> Result<(), Failure> {
    let legal = |c: char| c.is_ascii_digit() || ('a'..='v').contains(&c);
    if (5..=1024).contains(&id.len()) && id.chars().all(legal) {
        Ok(())
    } else {
        Err(Failure::invalid("Invalid resource id value.").at("parameter", "id"))
    }
}

/// A whole event, after a patch was merged or as a client sent it.
pub(super) fn event(body: &Body, calendar: &Calendar) -> Result<(), Failure> {
    let (Some(start), Some(end)) = (body.get("start"), body.get("end")) else {
        let missing = if body.contains_key("start") {
            "end"
        } else {
            "start"
        };
        return Err(Failure::new(
            400,
            "required",
            format!("Missing {missing} time."),
        ));
    };
    for (name, moment) in [("start", start), ("end", end)] {
        let both = !moment["date"].is_null() && !moment["dateTime"].is_null();
        let neither = moment["date"].is_null() && moment["dateTime"].is_null();
        if neither {
            return Err(Failure::new(
                400,
                "required",
                format!("Missing {name} time."),
            ));
        }
        if both {
            return Err(Failure::invalid(format!("Invalid {name} time.")));
        }
        if let Some(name) = moment["timeZone"].as_str()
            && !zone::known(name)
        {
            let message = format!("Invalid time zone definition for start time: {name}.");
            return Err(Failure::invalid(message));
        }
    }
    if start["date"].is_null() != end["date"].is_null() {
        let message = "The start and end times must either both be date or both be dateTime.";
        return Err(Failure::invalid(message));
    }
    let Some(span) = Span::read(body, &calendar.zone) else {
        let message = "The specified time range is empty.";
        return Err(Failure::new(400, "timeRangeEmpty", message).at("parameter", "end"));
    };
    recurrence(body, start, &span)?;
    guests(body)?;
    if body.get("eventType").and_then(Value::as_str) == Some("fromGmail") {
        return Err(Failure::invalid(
            "Events of this type cannot be created or changed.",
        ));
    }
    Ok(())
}

fn recurrence(body: &Body, start: &Value, span: &Span) -> Result<(), Failure> {
    let lines = match body.get("recurrence") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(lines)) => lines,
        Some(_) => return Err(Failure::invalid("Invalid recurrence rule.")),
    };
    if lines.is_empty() {
        return Ok(());
    }
    if !start["dateTime"].is_null() && start["timeZone"].as_str().is_none() {
        let message = "Missing time zone definition for start time.";
        return Err(Failure::new(400, "required", message));
    }
    let texts: Option<Vec<&str>> = lines.iter().map(Value::as_str).collect();
    texts
        .and_then(|texts| Recurrence::parse(texts, span.zone()))
        .map(|_| ())
        .ok_or_else(|| Failure::invalid("Invalid recurrence rule."))
}

fn guests(body: &Body) -> Result<(), Failure> {
    for guest in body
        .get("attendees")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let email = guest["email"].as_str().unwrap_or_default();
        let plausible = email.split_once('@').is_some_and(|(name, domain)| {
            !name.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace)
        });
        if !plausible {
            return Err(Failure::invalid("Invalid attendee email."));
        }
        let answer = guest["responseStatus"].as_str().unwrap_or("needsAction");
        if !matches!(
            answer,
            "needsAction" | "declined" | "tentative" | "accepted"
        ) {
            return Err(Failure::invalid("Invalid attendee response status."));
        }
    }
    Ok(())
}

/// Drops what a client may not set, fills in what it may leave out, and shortens what Google
/// shortens without a word.
pub(super) fn tidy(body: &mut Body, conference: bool) {
    body.retain(|name, value| !value.is_null() && !READ_ONLY.contains(&name.as_str()));
    for guest in body
        .get_mut("attendees")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(guest) = guest.as_object_mut() {
            guest.remove("self");
            guest.remove("organizer");
            guest
                .entry("responseStatus")
                .or_insert_with(|| json!("needsAction"));
        }
    }
    properties(body);
    let id = body
        .get("id")
        .and_then(Value::as_str)
        .unwrap_or("meeting")
        .to_owned();
    if !conference {
        // Without conferenceDataVersion=1 Google ignores the field and says nothing.
        body.remove("conferenceData");
    } else if let Some(data) = body.get_mut("conferenceData")
        && !data["createRequest"].is_null()
    {
        let request = data["createRequest"]["requestId"]
            .as_str()
            .unwrap_or(&id)
            .to_owned();
        let uri = format!("https://meet.google.com/{request}");
        data["createRequest"]["status"] = json!({"statusCode": "success"});
        data["conferenceId"] = json!(request);
        data["conferenceSolution"] =
            json!({"key": {"type": "hangoutsMeet"}, "name": "Google Meet"});
        data["entryPoints"] = json!([{"entryPointType": "video", "uri": uri}]);
        body.insert("hangoutLink".to_owned(), json!(uri));
    }
}

fn properties(body: &mut Body) {
    let Some(Value::Object(all)) = body.get_mut("extendedProperties") else {
        return;
    };
    for group in all.values_mut().filter_map(Value::as_object_mut) {
        group.retain(|key, value| key.chars().count() <= LONGEST_PROPERTY_KEY && value.is_string());
        for value in group.values_mut() {
            if let Some(text) = value.as_str()
                && text.chars().count() > LONGEST_PROPERTY_VALUE
            {
                *value = json!(
                    text.chars()
                        .take(LONGEST_PROPERTY_VALUE)
                        .collect::<String>()
                );
            }
        }
    }
}
