//! What the rules need to know of an event.

use super::Rule;
use crate::event::{Event, EventStatus, EventType, Response};

/// What decides about an event, apart from its title; an occurrence in the store keeps it as one
/// number ([`Facts::code`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts {
    /// It lasts whole days.
    pub all_day: bool,
    /// "Show as free".
    pub transparent: bool,
    /// The event itself is not settled.
    pub tentative: bool,
    /// What the person answered, where they are among the guests.
    pub response: Option<Response>,
    /// What kind of entry it is.
    pub event_type: EventType,
}

const ALL_DAY: u32 = 1;
const TRANSPARENT: u32 = 1 << 1;
const TENTATIVE: u32 = 1 << 2;
/// Three bits for the answer, four for the kind.
const RESPONSE: u32 = 3;
const EVENT_TYPE: u32 = 6;

/// By the number that stands for them, 0 being none. Only ever grows at the end: numbers are stored.
const RESPONSES: [Response; 4] = [
    Response::NeedsAction,
    Response::Declined,
    Response::Tentative,
    Response::Accepted,
];
/// By the number that stands for them. Only ever grows at the end: numbers are stored.
const EVENT_TYPES: [EventType; 6] = [
    EventType::Default,
    EventType::OutOfOffice,
    EventType::FocusTime,
    EventType::WorkingLocation,
    EventType::Birthday,
    EventType::FromGmail,
];

impl Facts {
    /// The facts of an event. A cancelled event has none worth asking for: it does not take place.
    pub fn of(event: &Event) -> Self {
        Self {
            all_day: event.start.is_date(),
            transparent: event.transparent,
            tentative: event.status == EventStatus::Tentative,
            response: event.my_response,
            event_type: event.event_type,
        }
    }

    /// All of it as a number.
    pub fn code(self) -> u32 {
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        let response = match self.response {
            None => 0,
            Some(Response::NeedsAction) => 1,
            Some(Response::Declined) => 2,
            Some(Response::Tentative) => 3,
            Some(Response::Accepted) => 4,
        };
        let event_type = match self.event_type {
            EventType::Default => 0,
            EventType::OutOfOffice => 1,
            EventType::FocusTime => 2,
            EventType::WorkingLocation => 3,
            EventType::Birthday => 4,
            EventType::FromGmail => 5,
        };
        flag(self.all_day, ALL_DAY)
            | flag(self.transparent, TRANSPARENT)
            | flag(self.tentative, TENTATIVE)
            | response << RESPONSE
            | event_type << EVENT_TYPE
    }

    /// The facts behind a number; `None` where no facts have it.
    pub fn from_code(code: u32) -> Option<Self> {
        let response = usize::try_from(code >> RESPONSE & 0b111).ok()?;
        let event_type = usize::try_from(code >> EVENT_TYPE).ok()?;
        Some(Self {
            all_day: code & ALL_DAY != 0,
            transparent: code & TRANSPARENT != 0,
            tentative: code & TENTATIVE != 0,
            response: match response.checked_sub(1) {
                None => None,
                Some(place) => Some(*RESPONSES.get(place)?),
            },
            event_type: *EVENT_TYPES.get(event_type)?,
        })
    }

    /// Is this what a rule is about? Keywords are about the title and not asked here.
    pub(super) fn fall_under(self, rule: Rule) -> bool {
        match rule {
            Rule::Declined => self.response == Some(Response::Declined),
            Rule::Keyword => false,
            Rule::WorkingLocation => self.event_type == EventType::WorkingLocation,
            Rule::Birthday => self.event_type == EventType::Birthday,
            Rule::ShownAsFree => self.transparent,
            Rule::OutOfOffice => self.event_type == EventType::OutOfOffice,
            Rule::FocusTime => self.event_type == EventType::FocusTime,
            Rule::AllDay => self.all_day,
            Rule::Tentative => self.tentative || self.response == Some(Response::Tentative),
            Rule::Unanswered => self.response == Some(Response::NeedsAction),
            Rule::Event => true,
        }
    }
}
