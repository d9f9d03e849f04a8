//! What two sides made of one version: told apart field by field, and put together again.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::content::{Content, Guest};
use crate::event::EventTime;

/// A part of an event that is changed as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The title.
    Title,
    /// Start, end and repetition: one is nothing without the others.
    When,
    /// The place.
    Location,
    /// The notes.
    Notes,
    /// The guests; each of them comes and goes alone.
    Guests,
    /// The reminders.
    Reminders,
    /// "Show as free".
    Transparency,
    /// Who may see it.
    Visibility,
    /// The video call.
    Conference,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Title,
        Self::When,
        Self::Location,
        Self::Notes,
        Self::Guests,
        Self::Reminders,
        Self::Transparency,
        Self::Visibility,
        Self::Conference,
    ];

    /// Do two contents say the same here? Space around a text says nothing.
    fn is_same(self, one: &Content, other: &Content) -> bool {
        match self {
            Self::Title => one.title.trim() == other.title.trim(),
            Self::When => is_same_when(one, other),
            Self::Location => one.location.trim() == other.location.trim(),
            Self::Notes => one.notes.trim() == other.notes.trim(),
            Self::Guests => is_same_guests(one, other),
            Self::Reminders => one.reminders == other.reminders,
            Self::Transparency => one.transparent == other.transparent,
            Self::Visibility => one.visibility == other.visibility,
            Self::Conference => one.conference == other.conference,
        }
    }

    /// Makes one content say here what the other says.
    pub fn copy(self, from: &Content, to: &mut Content) {
        match self {
            Self::Title => to.title.clone_from(&from.title),
            Self::When => {
                to.start = from.start.clone();
                to.end = from.end.clone();
                to.recurrence.clone_from(&from.recurrence);
            }
            Self::Location => to.location.clone_from(&from.location),
            Self::Notes => to.notes.clone_from(&from.notes),
            Self::Guests => to.guests.clone_from(&from.guests),
            Self::Reminders => to.reminders.clone_from(&from.reminders),
            Self::Transparency => to.transparent = from.transparent,
            Self::Visibility => to.visibility = from.visibility,
            Self::Conference => to.conference = from.conference,
        }
    }
}

impl Content {
    /// Where the two say something else.
    pub fn differs(&self, other: &Self) -> BTreeSet<Field> {
        let differs = |field: &Field| !field.is_same(self, other);
        Field::ALL.into_iter().filter(differs).collect()
    }
}

/// Two versions put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What both amount to.
    pub content: Content,
    /// Where it is not what Google has: what is to be written.
    pub write: BTreeSet<Field>,
    /// Where both sides changed the same thing to something else. Google's is taken, because others
    /// have seen it; the person's is to be kept where it can be found.
    pub clashes: BTreeSet<Field>,
}

/// Puts together what a person made of `base` and what it has become in Google.
pub fn merge(base: &Content, mine: &Content, theirs: &Content) -> Merged {
    let mut content = theirs.clone();
    let mut clashes = BTreeSet::new();
    for field in Field::ALL {
        if field.is_same(mine, base) || field.is_same(mine, theirs) {
            continue;
        }
        if field == Field::Guests {
            content.guests = merge_guests(&base.guests, &mine.guests, &theirs.guests);
        } else if field.is_same(theirs, base) {
            field.copy(mine, &mut content);
        } else {
            clashes.insert(field);
        }
    }
    Merged {
        write: content.differs(theirs),
        content,
        clashes,
    }
}

/// Google's guests, with those that the person added and without those that the person took out.
fn merge_guests(base: &[Guest], mine: &[Guest], theirs: &[Guest]) -> Vec<Guest> {
    let has = |list: &[Guest], guest: &Guest| list.iter().any(|one| one.is(&guest.email));
    let stays = |guest: &&Guest| has(mine, guest) || !has(base, guest);
    let mut all: Vec<Guest> = theirs.iter().filter(stays).cloned().collect();
    for guest in mine {
        let before = base.iter().find(|one| one.is(&guest.email));
        match all.iter_mut().find(|one| one.is(&guest.email)) {
            Some(there) if before.is_none_or(|before| before.optional != guest.optional) => {
                there.optional = guest.optional;
            }
            // Who is in the base and not in Google's list was taken out there.
            None if before.is_none() => all.push(guest.clone()),
            Some(_) | None => {}
        }
    }
    all
}

/// Whole days by their dates; times by their instants, and of a series by the zone it repeats in as
/// well. Google does not always repeat the zone of a single event.
fn is_same_when(one: &Content, other: &Content) -> bool {
    let series = !one.recurrence.is_empty() || !other.recurrence.is_empty();
    let same = |one: &EventTime, other: &EventTime| match (one, other) {
        (EventTime::At { at: a, zone: z }, EventTime::At { at: b, zone: y }) => {
            a == b && (!series || z.is_none() || y.is_none() || z == y)
        }
        _ => one == other,
    };
    same(&one.start, &other.start)
        && same(&one.end, &other.end)
        && one.recurrence == other.recurrence
}

/// In whatever order. The name is Google's to say.
fn is_same_guests(one: &Content, other: &Content) -> bool {
    let within = |some: &Content, all: &Content| {
        some.guests.iter().all(|guest| {
            all.guests
                .iter()
                .any(|it| it.is(&guest.email) && it.optional == guest.optional)
        })
    };
    within(one, other) && within(other, one)
}
