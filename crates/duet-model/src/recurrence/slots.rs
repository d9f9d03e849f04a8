//! The slots of a series: where its lines put it, before any exception.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::SeriesError;
use super::frame::{Frame, Slot};
use super::lines::{Lines, Stamp};
use crate::event::EventTime;

/// The most instances that EXRULE lines may take out of a window: 64 a day would be 4 million in
/// all years together, which is more memory than a calendar entry is worth.
const MAX_TAKEN_OUT: usize = 50_000;

/// The slots of a series that touch the window, in order; not many more than `enough`, which is
/// then said.
pub(super) fn slots(
    frame: &Frame<'_>,
    lines: &Lines,
    enough: usize,
    unknown: &mut Option<SeriesError>,
) -> Vec<Slot> {
    // A date takes everything out that begins on that day on the clock of the series. RFC 5545 wants a
    // time there, and some write a date (GOOGLE.md 4.4): whoever did wanted what takes place that day
    // gone, and the day is all that it names. libical reads it so. dateutil and rrule-temporal take it
    // for midnight, when no instance begins: the line would say nothing, and what was called off would
    // stay busy.
    let (mut out, mut days_out) = (HashSet::new(), HashSet::new());
    for stamp in &lines.exdates {
        match stamp {
            Stamp::Date(date) if !frame.is_of_whole_days() => _ = days_out.insert(*date),
            stamp => _ = out.insert(frame.slot_at(stamp).at),
        }
    }
    for (rule, line) in &lines.exrules {
        let mut full = false;
        frame.follow(&frame.settled(rule), line, unknown, &mut |slot| {
            out.insert(slot.at);
            full = out.len() > MAX_TAKEN_OUT;
            if full {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if full {
            unknown.get_or_insert(SeriesError::TooMany {
                limit: MAX_TAKEN_OUT,
            });
        }
    }
    let stays = |slot: &Slot| !out.contains(&slot.at) && !days_out.contains(&slot.wall.date());

    let mut slots: Vec<Slot> = lines.dates.iter().map(|date| frame.slot_of(date)).collect();
    let mut ended = lines.has_rule && !lines.lost_rule;
    for (rule, line) in &lines.rules {
        let rule = frame.settled(rule);
        ended &= frame.is_over(&rule);
        let (mut found, mut full) = (0, false);
        frame.follow(&rule, line, unknown, &mut |slot| {
            if stays(&slot) {
                slots.push(slot);
                found += 1;
            }
            full = found > enough;
            if full {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        if full {
            unknown.get_or_insert(SeriesError::TooMany { limit: enough });
        }
    }
    if !ended {
        slots.push(frame.first());
    }
    let usual = frame.first().length;
    slots.retain(|slot| stays(slot) && frame.is_in_window(slot));
    // Of two that begin together the later name is the one that the clock really shows; a length of
    // its own is rarer and so more telling than that of the series.
    slots.sort_by_key(|slot| (slot.at, slot.length == usual, std::cmp::Reverse(slot.wall)));
    slots.dedup_by_key(|slot| slot.at);
    slots
}

/// Takes the slot that an exception stands for out of an ordered list, also where one of the two is
/// a whole day and the other is not, as after a series was changed from the one to the other.
pub(super) fn take_out(slots: &mut Vec<Slot>, frame: &Frame<'_>, original: &EventTime) {
    let at = match original {
        EventTime::Date(date) if !frame.is_of_whole_days() => {
            let slot = slots.iter().find(|slot| slot.wall.date() == *date);
            slot.map(|slot| slot.at)
        }
        original => Some(frame.key(original)),
    };
    let Some(at) = at else {
        return;
    };
    if let Ok(place) = slots.binary_search_by_key(&at, |slot| slot.at) {
        slots.remove(place);
    }
}
