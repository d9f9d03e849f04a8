//! Events made by hand, for what is measured without a server.

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::event::{
    Attendee, Event, EventId, EventStatus, EventTime, EventType, Person, Response, Visibility,
};

const WORDS: [&str; 8] = [
    "Weekly",
    "Review",
    "Planning",
    "Interview",
    "Lunch",
    "Dentist",
    "Call with",
    "Rehearsal",
];

/// An event of half an hour as most are: a title, a few guests, a place.
pub(crate) fn event(number: usize, start: DateTime<Utc>, zone: &str) -> Event {
    let at = |at| EventTime::At {
        at,
        zone: Some(zone.to_owned()),
    };
    let guest = |number: usize| Attendee {
        person: Person {
            email: Some(format!("person{}@example.com", number % 5000)),
            name: Some(format!("Person {}", number % 5000)),
        },
        response: Response::Accepted,
        me: false,
        optional: false,
        resource: false,
    };
    Event {
        id: EventId(format!("event{number:020}")),
        ical_uid: Some(format!("event{number:020}@google.com")),
        etag: Some(format!("\"{number}\"")),
        status: EventStatus::Confirmed,
        title: format!("{} {} {number}", WORDS[number % 8], WORDS[number / 8 % 8]),
        description: Some("An agenda of a few lines, as most have it. ".repeat(4)),
        location: Some(format!("Room {}", number % 40)),
        start: at(start),
        end: at(start + TimeDelta::minutes(30)),
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: number.is_multiple_of(20),
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: Some(match number % 25 {
            1 => Response::Declined,
            2 => Response::NeedsAction,
            3 => Response::Tentative,
            _ => Response::Accepted,
        }),
        organizer: Some(guest(number).person),
        attendees: (0..number % 5).map(|n| guest(number * 7 + n)).collect(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: Some(format!(
            "https://www.google.com/calendar/event?eid={number:040}"
        )),
        updated: Some(start),
    }
}
