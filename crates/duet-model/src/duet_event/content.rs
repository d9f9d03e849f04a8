//! What Duet itself writes of an event.

use serde::{Deserialize, Serialize};

use crate::event::{
    Attendee, Event, EventId, EventStatus, EventTime, EventType, Person, Reminders, Response,
    Visibility,
};

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The address.
    pub email: String,
    /// The name, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Need not come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

impl Guest {
    /// Is it the same person? Addresses differ in case only by accident.
    pub fn is(&self, email: &str) -> bool {
        self.email.eq_ignore_ascii_case(email)
    }
}

/// What an event says, as far as Duet writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its title; may be empty.
    pub title: String,
    /// When it starts, for a series the first time. A series repeats in the zone of its start.
    pub start: EventTime,
    /// When it ends, exclusive, after the start, and of the same kind.
    pub end: EventTime,
    /// Where; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub location: String,
    /// What else there is to say; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// Who is invited, without the person whose calendar it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guests: Vec<Guest>,
    /// The lines RRULE, EXRULE, RDATE, EXDATE of a master.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recurrence: Vec<String>,
    /// When the person is reminded; `None` leaves it to the calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminders: Option<Reminders>,
    /// "Show as free".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub transparent: bool,
    /// Who may see it.
    #[serde(default)]
    pub visibility: Visibility,
    /// Is there, or should there be, an address for a video call?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub conference: bool,
}

impl Content {
    /// What an event of a calendar says.
    ///
    /// The person's own entry is no guest, and neither is a room: both are left as they are there.
    pub fn of(event: &Event) -> Self {
        let reminders = event.reminders.clone();
        Self {
            title: event.title.clone(),
            start: event.start.clone(),
            end: event.end.clone(),
            location: event.location.clone().unwrap_or_default(),
            notes: event.description.clone().unwrap_or_default(),
            guests: event.attendees.iter().filter_map(guest).collect(),
            recurrence: event.recurrence.clone(),
            reminders: reminders.filter(|it| !it.use_default || !it.overrides.is_empty()),
            transparent: event.transparent,
            visibility: event.visibility,
            conference: event.conference.is_some(),
        }
    }

    /// An event that says this. It has no id yet; `me` is the address of the person who invites.
    pub(super) fn as_event(&self, me: Option<&str>) -> Event {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let attendees = self.guests.iter().map(|guest| Attendee {
            person: Person {
                email: Some(guest.email.clone()),
                name: guest.name.clone(),
            },
            response: Response::NeedsAction,
            me: false,
            optional: guest.optional,
            resource: false,
        });
        Event {
            id: EventId(String::new()),
            ical_uid: None,
            etag: None,
            status: EventStatus::Confirmed,
            title: self.title.clone(),
            description: said(&self.notes),
            location: said(&self.location),
            start: self.start.clone(),
            end: self.end.clone(),
            recurrence: self.recurrence.clone(),
            series: None,
            original_start: None,
            transparent: self.transparent,
            visibility: self.visibility,
            event_type: EventType::Default,
            my_response: None,
            organizer: me.map(|email| Person {
                email: Some(email.to_owned()),
                name: None,
            }),
            attendees: attendees.collect(),
            attendees_omitted: false,
            conference: None,
            link: None,
            reminders: self.reminders.clone(),
            updated: None,
        }
    }

    /// Is somebody of this address among the guests?
    pub fn invites(&self, email: &str) -> bool {
        self.guests.iter().any(|guest| guest.is(email))
    }
}

fn guest(attendee: &Attendee) -> Option<Guest> {
    let email = attendee.person.email.clone()?;
    (!attendee.me && !attendee.resource).then(|| Guest {
        email,
        name: attendee.person.name.clone(),
        optional: attendee.optional,
    })
}
