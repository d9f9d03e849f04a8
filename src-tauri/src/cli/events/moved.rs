//! `duet events edit --from --to`: the new times of an event.

use chrono::NaiveDate;
use duet_model::zones::Zone;
use duet_wire::WireError;
use duet_wire::availability::When;
use duet_wire::duet_event::{EventDraft, Typed};

use crate::cli::times::{self, Edge};

/// Puts the times that were given into a draft, and says which zone's wall clock its times are on: the
/// display's, or where that cannot keep an instant, UTC's. Where only the start is given, the event is as
/// long as it was. `repeats` says that it is a series which goes on at these times.
///
/// # Errors
/// [`duet_wire::ErrorCode::Invalid`] for what is no time of an event, and for a series at an instant that no wall
/// clock can say.
pub(super) fn put(
    draft: &mut EventDraft,
    (was_from, was_to): (When, When),
    (from, to): (Option<&str>, Option<&str>),
    repeats: bool,
    zone: &Zone,
) -> Result<String, WireError> {
    let first = from.map(|text| Given::read(text, false)).transpose()?;
    let last = to.map(|text| Given::read(text, true)).transpose()?;
    let exact = [first, last].into_iter().flatten().any(Given::is_exact);
    if exact
        && let (Some(start), Some(end)) = (
            first.map_or_else(|| stands(was_from), Given::edge),
            last.map_or_else(|| stands(was_to), Given::edge),
        )
    {
        let end = match (was_from, was_to) {
            (When::Instant(old), When::Instant(until)) if last.is_none() => {
                Edge::Instant(start.instant(zone) + (until - old))
            }
            _ => end,
        };
        let place = times::place(start, end, repeats, zone)?;
        (draft.start, draft.end) = (Typed::Wall(place.start), Typed::Wall(place.end));
        return Ok(place.zone);
    }
    let typed = |given: Given| match given {
        Given::Day(day) => Typed::Date(day),
        Given::Edge(edge) => Typed::Wall(edge.wall(zone)),
    };
    if let Some(start) = first.map(typed) {
        draft.end = match (draft.start, draft.end, start) {
            (Typed::Wall(old), Typed::Wall(end), Typed::Wall(new)) => {
                // From a time that the clock skips on, it is as long as from the one that is meant.
                let means = zone.to_wall(zone.to_instant(new));
                Typed::Wall(means + (end - old))
            }
            (Typed::Date(old), Typed::Date(end), Typed::Date(new)) => {
                Typed::Date(new + (end - old))
            }
            (_, end, _) => end,
        };
        draft.start = start;
    }
    if let Some(end) = last.map(typed) {
        draft.end = end;
    }
    Ok(zone.name().to_owned())
}

/// What was given for one of the two.
#[derive(Clone, Copy)]
enum Given {
    /// A whole day; of the end the one after it.
    Day(NaiveDate),
    Edge(Edge),
}

impl Given {
    fn read(text: &str, is_end: bool) -> Result<Self, WireError> {
        times::on_the_minute(text)?;
        Ok(match times::date(text) {
            Some(day) if is_end => Self::Day(day.succ_opt().unwrap_or(day)),
            Some(day) => Self::Day(day),
            None if is_end => Self::Edge(Edge::end(text)?),
            None => Self::Edge(Edge::start(text)?),
        })
    }

    fn is_exact(self) -> bool {
        matches!(self, Self::Edge(Edge::Instant(_)))
    }

    fn edge(self) -> Option<Edge> {
        match self {
            Self::Edge(edge) => Some(edge),
            Self::Day(_) => None,
        }
    }
}

/// Where the event stands and stays.
fn stands(when: When) -> Option<Edge> {
    match when {
        When::Instant(at) => Some(Edge::Instant(at)),
        When::Date(_) => None,
    }
}
