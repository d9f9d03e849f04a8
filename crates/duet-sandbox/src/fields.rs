//! Partial answers: Google's `fields=` selector, read, checked and applied.
//!
//! `a,b` picks fields, `a/b` and `a(b,c)` pick within one, `*` stands for every name at its place, and
//! lists are looked through. A name that the resource does not have is refused, as Google refuses it;
//! which names there are is written below in the selector's own syntax.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::LazyLock,
};

use serde_json::Value;

use crate::{
    error::Failure,
    http::{Incoming, Reply},
};

const EVENT: &str = "kind,etag,id,status,htmlLink,created,updated,summary,description,location,colorId,\
    eventLabelId,creator(id,email,displayName,self),organizer(id,email,displayName,self),\
    start(date,dateTime,timeZone),end(date,dateTime,timeZone),endTimeUnspecified,recurrence,\
    recurringEventId,originalStartTime(date,dateTime,timeZone),transparency,visibility,iCalUID,sequence,\
    attendees(id,email,displayName,organizer,self,resource,optional,responseStatus,comment,\
    additionalGuests),attendeesOmitted,extendedProperties(private/*,shared/*),hangoutLink,\
    conferenceData(createRequest(requestId,conferenceSolutionKey/type,status/statusCode),\
    entryPoints(entryPointType,uri,label,pin,accessCode,meetingCode,passcode,password,regionCode,\
    entryPointFeatures),conferenceSolution(key/type,name,iconUri),conferenceId,signature,notes,\
    parameters/addOnParameters/parameters/*),gadget(type,title,link,iconLink,width,height,display,\
    preferences/*),anyoneCanAddSelf,guestsCanInviteOthers,guestsCanModify,guestsCanSeeOtherGuests,\
    privateCopy,locked,reminders(useDefault,overrides(method,minutes)),source(url,title),\
    workingLocationProperties(type,homeOffice,customLocation/label,officeLocation(buildingId,floorId,\
    floorSectionId,deskId,label)),outOfOfficeProperties(autoDeclineMode,declineMessage),\
    focusTimeProperties(autoDeclineMode,declineMessage,chatStatus),birthdayProperties(contact,type,\
    customTypeName),attachments(fileUrl,title,mimeType,iconLink,fileId),eventType";
const EVENT_LIST: &str = "kind,etag,summary,description,updated,timeZone,accessRole,\
    defaultReminders(method,minutes),nextPageToken,nextSyncToken";
const ENTRY: &str = "kind,etag,id,summary,description,location,timeZone,dataOwner,summaryOverride,colorId,\
    backgroundColor,foregroundColor,hidden,selected,accessRole,defaultReminders(method,minutes),\
    notificationSettings/notifications(type,method),primary,deleted,autoAcceptInvitations,\
    conferenceProperties/allowedConferenceSolutionTypes";
const ENTRY_LIST: &str = "kind,etag,nextPageToken,nextSyncToken";
const FREE_BUSY: &str = "kind,timeMin,timeMax,groups/*(errors(domain,reason),calendars),\
    calendars/*(errors(domain,reason),busy(start,end))";

/// More than any resource is deep.
const DEEPEST: usize = 16;

/// A kind of answer that can be asked for in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `events.list` and `events.instances`.
    Events,
    /// `calendarList.list`.
    CalendarList,
    /// `freeBusy.query`.
    FreeBusy,
}

impl Shape {
    fn names(self) -> &'static Pick {
        static EVENTS: LazyLock<Pick> =
            LazyLock::new(|| resource(&format!("{EVENT_LIST},items({EVENT})")));
        static CALENDARS: LazyLock<Pick> =
            LazyLock::new(|| resource(&format!("{ENTRY_LIST},items({ENTRY})")));
        static TIMES: LazyLock<Pick> = LazyLock::new(|| resource(FREE_BUSY));
        match self {
            Shape::Events => &EVENTS,
            Shape::CalendarList => &CALENDARS,
            Shape::FreeBusy => &TIMES,
        }
    }
}

fn resource(text: &str) -> Pick {
    // A slip in the constants above would leave nothing to choose from; the tests name every field.
    Pick::read(text).unwrap_or_else(|_| Pick::Parts(BTreeMap::new()))
}

/// What a request asks for of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// All of it.
    Whole,
    /// These names of it; `*` is every name.
    Parts(BTreeMap<String, Pick>),
}

impl Pick {
    /// What `fields` of a request selects, everything where it is not sent.
    ///
    /// # Errors
    /// Google's 400 where the selector is malformed or names what the answer does not have.
    pub(crate) fn of(request: &Incoming, shape: Shape) -> Result<Pick, Failure> {
        let Some(text) = request.param("fields").filter(|text| !text.is_empty()) else {
            return Ok(Pick::Whole);
        };
        let refused = |what: &str| {
            Failure::new(
                400,
                "invalidParameter",
                format!("Invalid field selection {what}"),
            )
            .at("parameter", "fields")
        };
        let pick = Pick::read(text).map_err(refused)?;
        match pick.stranger(shape.names()) {
            Some(name) => Err(refused(name)),
            None => Ok(pick),
        }
    }

    /// A good answer with only what was selected.
    pub(crate) fn reply(&self, mut body: Value) -> Reply {
        self.keep(&mut body);
        Reply::json(200, &body)
    }

    /// Leaves only what was selected.
    pub(crate) fn keep(&self, value: &mut Value) {
        let Pick::Parts(parts) = self else {
            return;
        };
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.keep(item)),
            Value::Object(object) => object.retain(|name, inner| {
                let every = parts.get("*");
                let (Some(pick), also) = (match parts.get(name) {
                    Some(named) => (Some(named), every),
                    None => (every, None),
                }) else {
                    return false;
                };
                let both = also.map(|every| pick.clone().with(every.clone()));
                let pick = both.as_ref().unwrap_or(pick);
                pick.keep(inner);
                // Within a text or a number there is nothing to select: only `*` gets there.
                *pick == Pick::Whole || inner.is_object() || inner.is_array()
            }),
            // Only a value of another shape than the resource's gets here.
            _ => {}
        }
    }

    /// Reads a selector.
    ///
    /// # Errors
    /// The part of it that cannot be read.
    fn read(text: &str) -> Result<Pick, &str> {
        let mut rest = text;
        let pick = list(&mut rest, 0)?;
        if rest.is_empty() { Ok(pick) } else { Err(rest) }
    }

    /// Both selections together.
    fn with(self, other: Pick) -> Pick {
        match (self, other) {
            (Pick::Parts(mut all), Pick::Parts(more)) => {
                for (name, pick) in more {
                    add(&mut all, name, pick);
                }
                Pick::Parts(all)
            }
            _ => Pick::Whole,
        }
    }

    /// The first name that the resource does not have.
    fn stranger(&self, known: &Pick) -> Option<&str> {
        let Pick::Parts(parts) = self else {
            return None;
        };
        parts.iter().find_map(|(name, pick)| {
            let Pick::Parts(known) = known else {
                return Some(name.as_str());
            };
            if name == "*" {
                // It may select within any of the names: good where it fits one of them.
                let strangers: Vec<_> = known.values().map(|known| pick.stranger(known)).collect();
                return strangers
                    .iter()
                    .all(Option::is_some)
                    .then(|| strangers.into_iter().flatten().next().unwrap_or("*"));
            }
            match known.get(name).or_else(|| known.get("*")) {
                Some(known) => pick.stranger(known),
                None => Some(name.as_str()),
            }
        })
    }
}

fn add(parts: &mut BTreeMap<String, Pick>, name: String, pick: Pick) {
    match parts.entry(name) {
        Entry::Vacant(place) => {
            place.insert(pick);
        }
        Entry::Occupied(mut place) => {
            let first = place.insert(Pick::Whole);
            place.insert(first.with(pick));
        }
    }
}

/// `item,item`, up to a closing parenthesis or the end.
fn list<'a>(rest: &mut &'a str, depth: usize) -> Result<Pick, &'a str> {
    let mut parts = BTreeMap::new();
    loop {
        let (name, pick) = item(rest, depth)?;
        add(&mut parts, name.to_owned(), pick);
        match rest.strip_prefix(',') {
            Some(more) => *rest = more,
            None => return Ok(Pick::Parts(parts)),
        }
    }
}

/// `name`, `name/item` or `name(list)`.
fn item<'a>(rest: &mut &'a str, depth: usize) -> Result<(&'a str, Pick), &'a str> {
    let whole = *rest;
    let end = rest.find([',', '/', '(', ')']).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let name = name.trim();
    if name.is_empty() || name.contains(char::is_whitespace) || depth > DEEPEST {
        return Err(whole);
    }
    *rest = after;
    if let Some(inner) = after.strip_prefix('/') {
        *rest = inner;
        let (inner, pick) = item(rest, depth + 1)?;
        return Ok((
            name,
            Pick::Parts(BTreeMap::from([(inner.to_owned(), pick)])),
        ));
    }
    if let Some(inner) = after.strip_prefix('(') {
        *rest = inner;
        let pick = list(rest, depth + 1)?;
        *rest = rest.strip_prefix(')').ok_or(whole)?.trim_start();
        return Ok((name, pick));
    }
    Ok((name, Pick::Whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_selector_keeps_what_it_names() {
        let body = json!({"kind": "k", "etag": "e", "items": [
            {"id": "1", "summary": "S", "start": {"date": "d", "timeZone": "z"}, "creator": {"email": "a"}},
            {"id": "2"}]});
        let rows = [
            ("kind", json!({"kind": "k"})),
            ("kind,etag", json!({"kind": "k", "etag": "e"})),
            ("*", body.clone()),
            ("items/id", json!({"items": [{"id": "1"}, {"id": "2"}]})),
            (
                "items(id,start/date)",
                json!({"items": [{"id": "1", "start": {"date": "d"}}, {"id": "2"}]}),
            ),
            (
                "items(id),items/summary",
                json!({"items": [{"id": "1", "summary": "S"}, {"id": "2"}]}),
            ),
            ("items/id,items", json!({"items": body["items"]})),
            (
                "items/start/*",
                json!({"items": [{"start": {"date": "d", "timeZone": "z"}}, {}]}),
            ),
            (
                "items(*/email,start/date,id)",
                json!({"items": [{"id": "1", "start": {"date": "d"}, "creator": {"email": "a"}},
                    {"id": "2"}]}),
            ),
            (
                "kind, items( id )",
                json!({"kind": "k", "items": [{"id": "1"}, {"id": "2"}]}),
            ),
        ];
        for (text, expected) in rows {
            let pick = Pick::read(text).unwrap();
            assert_eq!(pick.stranger(Shape::Events.names()), None, "{text}");
            let mut value = body.clone();
            pick.keep(&mut value);
            assert_eq!(value, expected, "{text}");
        }
    }

    #[test]
    fn a_selector_that_makes_no_sense_is_refused_with_its_place() {
        let deep = "a(".repeat(100_000);
        let rows = [
            ("items(id", "items(id"),
            ("items(id))", ")"),
            ("items()", ")"),
            (",kind", ",kind"),
            ("kind,", ""),
            ("kind//etag", "/etag"),
            ("items(id)summary", "summary"),
            ("a b", "a b"),
            ("/kind", "/kind"),
        ];
        for (text, at) in rows {
            assert_eq!(Pick::read(text), Err(at), "{text}");
        }
        assert!(Pick::read(&deep).is_err(), "and no stack overflows");
    }

    #[test]
    fn a_name_the_answer_does_not_have_is_found() {
        let rows = [
            (Shape::Events, "items(id,colour)", Some("colour")),
            (Shape::Events, "items/start/date/year", Some("year")),
            (Shape::Events, "items/extendedProperties/private/mine", None),
            (Shape::Events, "items/colors/private", Some("colors")),
            (Shape::Events, "items/*/never", Some("never")),
            (Shape::Events, "items/*/email", None),
            (
                Shape::CalendarList,
                "items(id,summaryOverride),nextSyncToken",
                None,
            ),
            (Shape::CalendarList, "items/recurrence", Some("recurrence")),
            (Shape::FreeBusy, "calendars/*/busy", None),
            (
                Shape::FreeBusy,
                "calendars(ana@example.com/busy/start)",
                None,
            ),
            (Shape::FreeBusy, "calendars/*/events", Some("events")),
            (Shape::FreeBusy, "items", Some("items")),
        ];
        for (shape, text, stranger) in rows {
            let pick = Pick::read(text).unwrap();
            assert_eq!(pick.stranger(shape.names()), stranger, "{text}");
        }
    }
}
