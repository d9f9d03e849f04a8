//! Finding time that is free, and saying where that is not certain.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Combined, State};
use crate::when::Interval;

/// A piece of time that is free as far as Duet can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// When.
    pub span: Interval,
    /// Is all of it known to be free? Otherwise parts of it are unknown.
    pub certain: bool,
}

/// The free slots of a window that last at least `duration`.
///
/// - A certain slot is a maximal gap of the picture: free throughout.
/// - An uncertain slot is a maximal run of free and unknown time with something unknown in it. It is
///   offered beside the certain slots it contains, for nobody says that it is taken.
/// - Busy and tentative time ends a slot.
///
/// Only time inside the window, inside the picture and, where given, inside one of the `working`
/// spans (in any order; overlapping ones count as one) is looked at, and a slot never reaches from
/// one working span into another. Slots come in order of start, a certain one before an uncertain
/// one that starts with it. A `duration` of zero or less asks for any free time.
pub fn free_slots(
    combined: &Combined,
    window: Interval,
    duration: TimeDelta,
    working: Option<&[Interval]>,
) -> Vec<Slot> {
    let Some(window) = window.intersection(&combined.window()) else {
        return Vec::new();
    };
    let mut slots = Vec::new();
    let mut next = 0;
    for field in fields(window, working) {
        // Stretches are ordered, and so are fields: none before `next` is ever needed again.
        while combined
            .get(next)
            .is_some_and(|stretch| stretch.span.end <= field.start)
        {
            next += 1;
        }
        search(combined, next, field, duration, &mut slots);
    }
    slots.sort_by_key(|slot| (slot.span.start, !slot.certain));
    slots
}

/// The working spans inside the window, ordered, those that touch joined.
fn fields(window: Interval, working: Option<&[Interval]>) -> Vec<Interval> {
    let Some(working) = working else {
        return vec![window];
    };
    let mut spans: Vec<_> = working
        .iter()
        .filter_map(|span| span.intersection(&window))
        .collect();
    spans.sort_unstable();
    let mut fields: Vec<Interval> = Vec::with_capacity(spans.len());
    for span in spans {
        match fields.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => fields.push(span),
        }
    }
    fields
}

/// Adds the slots of one field. `first` is the first stretch that ends inside or after it.
fn search(
    combined: &Combined,
    first: usize,
    field: Interval,
    duration: TimeDelta,
    slots: &mut Vec<Slot>,
) {
    let mut offer = |start: DateTime<Utc>, end: DateTime<Utc>, certain| {
        let span = Interval::new(start, end).filter(|span| span.duration() >= duration);
        slots.extend(span.map(|span| Slot { span, certain }));
    };
    // Since when time is free, and since when it is free or unknown.
    let (mut free_since, mut open_since, mut unknown) = (field.start, field.start, false);
    let inside = (first..).map_while(|index| combined.get(index));
    for stretch in inside.take_while(|stretch| stretch.span.start < field.end) {
        offer(free_since, stretch.span.start, true);
        free_since = stretch.span.end;
        if stretch.state == State::Unknown {
            unknown = true;
            continue;
        }
        if unknown {
            offer(open_since, stretch.span.start, false);
        }
        (open_since, unknown) = (stretch.span.end, false);
    }
    offer(free_since, field.end, true);
    if unknown {
        offer(open_since, field.end, false);
    }
}
