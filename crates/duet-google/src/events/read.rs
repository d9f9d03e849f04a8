//! From the JSON of one event to an [`Item`]. Nothing here fails: what cannot be read is an item too.

use duet_model::event::{
    Attendee, Event, EventId, EventStatus, EventType, Person, Reminder, ReminderMethod, Reminders,
    Response, Visibility,
};

use super::caps::{
    ATTENDEES_CAP, DESCRIPTION_CAP, ID_CAP, LINE_CAP, RAW_CAP, RECURRENCE_CAP, head, link, said,
};
use super::fault::Fault;
use super::rest::rest;
use super::when::{Clock, moment, span};
use super::wire::{Conference, Guest, Human, Override, Reminding, Text, Wire, id_of, mend};
use super::{Item, Reader};

/// What an event comes to, short of a fault.
enum Read {
    Event(Box<Event>),
    Gone(EventId),
}

impl Reader<'_> {
    /// Reads one event from its JSON. `calendar_zone` is the IANA name of the calendar's own zone, in
    /// which times are read that have neither an offset nor a zone.
    pub fn item(&self, json: &str, calendar_zone: Option<&str>) -> Item {
        let clock = Clock {
            zones: self.zones,
            calendar: calendar_zone,
        };
        match self.read(json, &clock) {
            Ok((Read::Event(event), whole)) => {
                // Of one that had to be mended it is not known what the event holds whole.
                let raw = if whole {
                    rest(json)
                } else {
                    Some(json.to_owned())
                };
                let raw = raw.filter(|raw| raw.len() <= RAW_CAP).unwrap_or_default();
                Item::Event { event, raw }
            }
            Ok((Read::Gone(id), _)) => Item::Gone(id),
            Err(fault) => Item::Quarantined {
                id: id_of(json).and_then(|id| event_id(id).ok()),
                why: fault.to_string(),
                raw: head(json, RAW_CAP).to_owned(),
            },
        }
    }

    /// The event, and whether it came as it should.
    fn read(&self, json: &str, clock: &Clock<'_>) -> Result<(Read, bool), Fault> {
        // Serde also reads a list as a struct; no event is one.
        let is_object = json.trim_ascii_start().starts_with('{');
        if is_object && let Ok(wire) = serde_json::from_str::<Wire<'_>>(json) {
            return Ok((self.event(wire, clock)?, true));
        }
        let mended = mend(json)?.to_string();
        match serde_json::from_str::<Wire<'_>>(&mended) {
            Ok(wire) => Ok((self.event(wire, clock)?, false)),
            Err(_) => Err(Fault::NotAnEvent),
        }
    }

    fn event(&self, wire: Wire<'_>, clock: &Clock<'_>) -> Result<Read, Fault> {
        let id = event_id(wire.id.unwrap_or_default())?;
        let series = match wire.recurring_event_id {
            Some(series) if !series.is_empty() => Some(event_id(series)?),
            _ => None,
        };
        let status = status(wire.status.as_ref());
        let original = wire
            .original_start_time
            .map(|when| moment(&when, "originalStartTime", clock));
        let (start, end, original_start) = match (&series, status) {
            (None, EventStatus::Cancelled) => return Ok(Read::Gone(id)),
            (Some(_), EventStatus::Cancelled) => {
                let slot = original.ok_or(Fault::NoOriginal)??;
                (slot.clone(), slot.clone(), Some(slot))
            }
            (series, _) => {
                let (start, end) = span(wire.start.as_ref(), wire.end.as_ref(), clock)?;
                // An exception that does not say which slot it stands for stands for the one it is
                // in. Where it was moved its old slot stays busy as well, and no time becomes free
                // that is not.
                let slot = match original {
                    Some(Ok(slot)) => slot,
                    _ => start.clone(),
                };
                (start, end, series.is_some().then_some(slot))
            }
        };
        let recurrence = wire.recurrence.unwrap_or_default();
        if recurrence.iter().map(String::len).sum::<usize>() > RECURRENCE_CAP {
            return Err(Fault::LongRecurrence);
        }
        let guests = wire.attendees.unwrap_or_default();
        let my_response = self.response(&guests);
        let (attendees, cut) = self.attendees(guests);
        Ok(Read::Event(Box::new(Event {
            id,
            ical_uid: wire.ical_uid.filter(|uid| fits(uid)),
            etag: wire.etag.filter(|etag| fits(etag)),
            status,
            title: said(wire.summary, LINE_CAP).unwrap_or_default(),
            description: said(wire.description, DESCRIPTION_CAP),
            location: said(wire.location, LINE_CAP),
            start,
            end,
            recurrence,
            series,
            original_start,
            transparent: is(wire.transparency.as_ref(), "transparent"),
            visibility: visibility(wire.visibility.as_ref()),
            event_type: event_type(wire.event_type.as_ref()),
            my_response,
            organizer: wire.organizer.and_then(organizer),
            attendees,
            attendees_omitted: wire.attendees_omitted.unwrap_or_default() || cut,
            conference: wire
                .conference_data
                .and_then(video)
                .or_else(|| link(wire.hangout_link)),
            link: link(wire.html_link),
            reminders: wire.reminders.map(reminders),
            updated: wire.updated,
        })))
    }

    /// What the person answered. Google's mark goes before the address: on a calendar of somebody
    /// else the owner's answer says whether the owner is busy.
    fn response(&self, guests: &[Guest<'_>]) -> Option<Response> {
        guests
            .iter()
            .find(|guest| guest.is_self == Some(true))
            .or_else(|| guests.iter().find(|guest| self.is_me(guest)))
            .map(|guest| response(guest.response_status.as_ref()))
    }

    /// The guests that are kept, and whether some are not.
    fn attendees(&self, mut guests: Vec<Guest<'_>>) -> (Vec<Attendee>, bool) {
        let all = guests.len();
        if all > ATTENDEES_CAP {
            // The person's own entries take their room first.
            let own = guests.iter().filter(|guest| self.is_me(guest)).count();
            let mut room = ATTENDEES_CAP.saturating_sub(own);
            guests.retain(|guest| {
                self.is_me(guest) || {
                    let fits = room > 0;
                    room = room.saturating_sub(1);
                    fits
                }
            });
            guests.truncate(ATTENDEES_CAP);
        }
        let cut = guests.len() < all;
        let attendees = guests.into_iter().map(|guest| Attendee {
            response: response(guest.response_status.as_ref()),
            me: self.is_me(&guest),
            optional: guest.optional.unwrap_or_default(),
            resource: guest.resource.unwrap_or_default(),
            person: person(guest.email, guest.display_name),
        });
        (attendees.collect(), cut)
    }

    fn is_me(&self, guest: &Guest<'_>) -> bool {
        let mine = |email: &str| !self.me.is_empty() && email.eq_ignore_ascii_case(self.me);
        guest.is_self == Some(true) || guest.email.as_deref().is_some_and(mine)
    }
}

fn event_id(id: String) -> Result<EventId, Fault> {
    match id.len() {
        0 => Err(Fault::NoId),
        length if length > ID_CAP => Err(Fault::LongId),
        // A database that takes a NUL for the end of a text would take two ids for one.
        _ if id.contains(char::is_control) => Err(Fault::OddId),
        _ => Ok(EventId(id)),
    }
}

/// Half of one of these would be another one.
fn fits(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_CAP
}

fn is(text: Option<&Text<'_>>, word: &str) -> bool {
    text.is_some_and(|text| text.0 == word)
}

// Words that do not exist yet are read as the default, and as what keeps a time busy.

fn status(word: Option<&Text<'_>>) -> EventStatus {
    match word.map(|word| word.0.as_ref()) {
        Some("tentative") => EventStatus::Tentative,
        Some("cancelled") => EventStatus::Cancelled,
        _ => EventStatus::Confirmed,
    }
}

fn visibility(word: Option<&Text<'_>>) -> Visibility {
    match word.map(|word| word.0.as_ref()) {
        Some("public") => Visibility::Public,
        Some("private" | "confidential") => Visibility::Private,
        _ => Visibility::Default,
    }
}

fn event_type(word: Option<&Text<'_>>) -> EventType {
    match word.map(|word| word.0.as_ref()) {
        Some("outOfOffice") => EventType::OutOfOffice,
        Some("focusTime") => EventType::FocusTime,
        Some("workingLocation") => EventType::WorkingLocation,
        Some("birthday") => EventType::Birthday,
        Some("fromGmail") => EventType::FromGmail,
        _ => EventType::Default,
    }
}

fn response(word: Option<&Text<'_>>) -> Response {
    match word.map(|word| word.0.as_ref()) {
        Some("declined") => Response::Declined,
        Some("tentative") => Response::Tentative,
        Some("accepted") => Response::Accepted,
        _ => Response::NeedsAction,
    }
}

fn person(email: Option<String>, name: Option<String>) -> Person {
    Person {
        email: said(email, LINE_CAP),
        name: said(name, LINE_CAP),
    }
}

fn organizer(human: Human) -> Option<Person> {
    let person = person(human.email, human.display_name);
    (person != Person::default()).then_some(person)
}

fn reminders(wire: Reminding<'_>) -> Reminders {
    let one = |it: Override<'_>| {
        let method = match it.method?.0.as_ref() {
            "email" => ReminderMethod::Email,
            "popup" => ReminderMethod::Popup,
            _ => return None,
        };
        let minutes = it.minutes?;
        Some(Reminder { method, minutes })
    };
    Reminders {
        use_default: wire.use_default.unwrap_or_default(),
        overrides: wire
            .overrides
            .into_iter()
            .flatten()
            .filter_map(one)
            .collect(),
    }
}

/// The first way into the call by video.
fn video(conference: Conference<'_>) -> Option<String> {
    conference
        .entry_points?
        .into_iter()
        .filter(|entry| is(entry.entry_point_type.as_ref(), "video"))
        .find_map(|entry| link(entry.uri))
}

#[cfg(test)]
mod tests;
