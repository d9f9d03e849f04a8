//! An event of Duet's as Google's JSON, and a change of one put into what is there (GOOGLE.md 5).
//!
//! A PUT erases what it leaves out. So what is written is what was read, member by member and byte for
//! byte, with nothing replaced but what the person changed.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use duet_model::duet_event::{Content, Field, Guest};
use duet_model::event::{EventId, EventTime, ReminderMethod, Reminders, Response, Visibility};
use serde_json::{Map, Value, json};

use super::caps::{LINE_CAP, said};
use super::mark::{self, Mark};
use super::members::{Members, Object};
use super::resource::Resource;

/// Why a change cannot be put into what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There are guests that Google does not list; writing the list back would take them out.
    #[error("the event has more guests than Google lists")]
    GuestsOmitted,
    /// The person is not among the guests.
    #[error("the person is not among the guests")]
    NotAGuest,
}

/// The body that makes an event.
pub fn new_body(content: &Content, id: &EventId, mark: &Mark) -> String {
    let mut body = Object::default();
    body.put("id", &Value::from(id.0.as_str()).to_string());
    for field in Field::ALL {
        for (name, value) in members_of(field, content, &id.0) {
            if let Some(value) = value {
                body.put(name, &value.to_string());
            }
        }
    }
    if !content.guests.is_empty() {
        let guests: Vec<Value> = content.guests.iter().map(new_guest).collect();
        body.put("attendees", &Value::from(guests).to_string());
    }
    body.put(mark::MEMBER, &mark.write());
    body.finish()
}

/// The body that changes these fields of an event to what `content` says, and nothing else.
///
/// # Errors
/// [`Refused::GuestsOmitted`] where the guests are to change and not all are known.
pub fn changed_body(
    resource: &Resource,
    content: &Content,
    fields: &BTreeSet<Field>,
    mark: Option<&Mark>,
) -> Result<String, Refused> {
    let mut replaced: Vec<(&str, Option<String>)> = Vec::new();
    for field in fields {
        for (name, value) in members_of(*field, content, &resource.event.id.0) {
            replaced.push((name, value.map(|value| value.to_string())));
        }
    }
    let all = Members::of(resource.raw()).unwrap_or(Members(Vec::new()));
    if fields.contains(&Field::Guests) {
        if resource.event.attendees_omitted {
            return Err(Refused::GuestsOmitted);
        }
        let guests = guests(resource, all.get("attendees"), &content.guests);
        replaced.push(("attendees", guests));
    }
    if let Some(mark) = mark {
        let properties = mark.write_among(all.get(mark::MEMBER));
        replaced.push((mark::MEMBER, Some(properties)));
    }
    let mut body = Object::default();
    for (name, value) in &all.0 {
        if !replaced.iter().any(|(own, _)| own == name) {
            body.put(name, value.get());
        }
    }
    for (name, value) in &replaced {
        if let Some(value) = value {
            body.put(name, value);
        }
    }
    Ok(body.finish())
}

/// The body of a PATCH that changes the person's own answer and nothing else. Lists are replaced as a
/// whole, so all guests are in it; where they are not all known, the own one alone, and that it is.
///
/// # Errors
/// [`Refused::NotAGuest`] where neither Google's mark nor the address finds the person.
pub fn own_answer_body(
    resource: &Resource,
    me: &str,
    response: Response,
) -> Result<String, Refused> {
    let all = Members::of(resource.raw()).unwrap_or(Members(Vec::new()));
    let entries = entries(all.get("attendees"));
    let own = |entry: &Members<'_>| entry.get("self") == Some("true");
    let place = entries
        .iter()
        .position(own)
        .or_else(|| entries.iter().position(|entry| is(entry, me)))
        .ok_or(Refused::NotAGuest)?;
    let answer = Value::from(word(response)).to_string();
    let written = entries.iter().enumerate().map(|(at, entry)| {
        let mut out = Object::default();
        for (name, value) in &entry.0 {
            if at != place || name != "responseStatus" {
                out.put(name, value.get());
            }
        }
        if at == place {
            out.put("responseStatus", &answer);
        }
        out.finish()
    });
    let mut body = Object::default();
    if resource.event.attendees_omitted {
        let alone: Vec<String> = written.skip(place).take(1).collect();
        body.put("attendeesOmitted", "true");
        body.put("attendees", &list(&alone));
    } else {
        body.put("attendees", &list(&written.collect::<Vec<_>>()));
    }
    Ok(body.finish())
}

fn word(response: Response) -> &'static str {
    match response {
        Response::NeedsAction => "needsAction",
        Response::Declined => "declined",
        Response::Tentative => "tentative",
        Response::Accepted => "accepted",
    }
}

/// What a field is at Google; `None` takes the member out. The guests are written by their own way.
fn members_of(field: Field, content: &Content, id: &str) -> Vec<(&'static str, Option<Value>)> {
    let text = |text: &str| (!text.is_empty()).then(|| Value::from(text));
    match field {
        Field::Title => vec![("summary", Some(content.title.as_str().into()))],
        Field::When => vec![
            ("start", Some(time(&content.start))),
            ("end", Some(time(&content.end))),
            (
                "recurrence",
                (!content.recurrence.is_empty()).then(|| json!(content.recurrence)),
            ),
            // It has an end now.
            ("endTimeUnspecified", None),
        ],
        Field::Location => vec![("location", text(&content.location))],
        Field::Notes => vec![("description", text(&content.notes))],
        Field::Guests => Vec::new(),
        Field::Reminders => vec![("reminders", Some(reminders(content.reminders.as_ref())))],
        Field::Transparency => vec![(
            "transparency",
            content.transparent.then(|| "transparent".into()),
        )],
        Field::Visibility => vec![(
            "visibility",
            match content.visibility {
                Visibility::Default => None,
                Visibility::Public => Some("public".into()),
                Visibility::Private => Some("private".into()),
            },
        )],
        Field::Conference if content.conference => vec![(
            "conferenceData",
            // The same request twice is one call: its id is that of the event.
            Some(json!({"createRequest": {
                "requestId": id,
                "conferenceSolutionKey": {"type": "hangoutsMeet"},
            }})),
        )],
        Field::Conference => vec![("conferenceData", None), ("hangoutLink", None)],
    }
}

/// A day, or an instant with the zone that a series repeats in.
fn time(time: &EventTime) -> Value {
    match time {
        EventTime::Date(day) => json!({"date": day.to_string()}),
        EventTime::At { at, zone } => {
            let mut value = Map::new();
            let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
            value.insert("dateTime".into(), at.into());
            if let Some(zone) = zone {
                value.insert("timeZone".into(), zone.as_str().into());
            }
            value.into()
        }
    }
}

fn reminders(reminders: Option<&Reminders>) -> Value {
    let Some(reminders) = reminders else {
        return json!({"useDefault": true});
    };
    let one = |method| match method {
        ReminderMethod::Email => "email",
        ReminderMethod::Popup => "popup",
    };
    let overrides: Vec<Value> = reminders
        .overrides
        .iter()
        .map(|it| json!({"method": one(it.method), "minutes": it.minutes}))
        .collect();
    json!({"useDefault": reminders.use_default, "overrides": overrides})
}

fn new_guest(guest: &Guest) -> Value {
    let mut value = Map::new();
    value.insert("email".into(), guest.email.as_str().into());
    if let Some(name) = &guest.name {
        value.insert("displayName".into(), name.as_str().into());
    }
    if guest.optional {
        value.insert("optional".into(), true.into());
    }
    value.into()
}

/// The guests as they are there, without those that were taken out and with those that are new. What is
/// no guest of Duet's stays: the person's own entry, rooms, and who has no address.
fn guests(resource: &Resource, before: Option<&str>, wanted: &[Guest]) -> Option<String> {
    let before = entries(before);
    let own = resource.event.attendees.iter().filter(|it| it.me);
    let own: Vec<&str> = own.filter_map(|it| it.person.email.as_deref()).collect();
    let mut out = Vec::with_capacity(before.len() + wanted.len());
    for entry in &before {
        let flag = |name| entry.get(name) == Some("true");
        let guest = wanted.iter().find(|guest| is(entry, &guest.email));
        let stays = flag("resource")
            || flag("organizer")
            || own.iter().any(|email| is(entry, email))
            || address(entry).is_none();
        if guest.is_none() && !stays {
            continue;
        }
        let mut same = Object::default();
        for (name, value) in &entry.0 {
            if guest.is_none() || name != "optional" {
                same.put(name, value.get());
            }
        }
        if guest.is_some_and(|guest| guest.optional) {
            same.put("optional", "true");
        }
        out.push(same.finish());
    }
    for guest in wanted {
        if !before.iter().any(|entry| is(entry, &guest.email)) {
            out.push(new_guest(guest).to_string());
        }
    }
    (!out.is_empty()).then(|| list(&out))
}

/// The entries of a list of objects; what is none is left out.
fn entries(list: Option<&str>) -> Vec<Members<'_>> {
    let raw: Vec<&serde_json::value::RawValue> = list
        .and_then(|list| serde_json::from_str(list).ok())
        .unwrap_or_default();
    raw.into_iter()
        .filter_map(|entry| Members::of(entry.get()))
        .collect()
}

fn is(entry: &Members<'_>, email: &str) -> bool {
    address(entry).is_some_and(|known| known.eq_ignore_ascii_case(email))
}

/// The address of an entry as it is read into an event: nobody's where it is blank, cut where it is
/// longer than any real one.
fn address(entry: &Members<'_>) -> Option<String> {
    let email = entry.get("email")?;
    said(serde_json::from_str(email).ok()?, LINE_CAP)
}

fn list(entries: &[String]) -> String {
    format!("[{}]", entries.join(","))
}

#[cfg(test)]
mod tests;
