//! Duet's own events among what a search finds.

use chrono::{DateTime, Utc};
use duet_model::duet_event::{DuetEvent, Link};
use duet_model::event::EventTime;
use duet_model::recurrence::instances;
use duet_model::verdict::{Facts, verdict};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};
use duet_store::OccurrenceTime;
use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::search::HitView;

use super::super::drawn;
use super::AROUND;
use crate::picture::Picture;

/// No series has more occurrences around now.
const OCCURRENCES_MAX: usize = 3_500;

/// Where and when is searched from.
pub(super) struct Around<'a> {
    pub(super) now: DateTime<Utc>,
    pub(super) zone: &'a Zone,
    pub(super) zones: &'a ZoneDb,
}

/// The own events that fit, each once with the occurrence that is nearest to now and fits. Of calendars
/// that are not shown none is found, as none is drawn.
pub(super) fn found(
    events: &[DuetEvent],
    links: &[Link],
    fits: impl Fn(&DuetEvent) -> bool,
    picture: &Picture,
    around: &Around<'_>,
) -> Vec<(DateTime<Utc>, HitView)> {
    let masters = events.iter().filter(|event| event.slot.is_none());
    let of = |master: &DuetEvent| {
        let mine = |one: &&DuetEvent| one.slot.is_some() && *one.head() == master.id;
        let exceptions: Vec<&DuetEvent> = events.iter().filter(mine).collect();
        let link = links.iter().find(|link| link.event == master.id);
        nearest(master, &exceptions, link, &fits, picture, around)
    };
    masters.filter_map(of).collect()
}

fn nearest(
    master: &DuetEvent,
    exceptions: &[&DuetEvent],
    link: Option<&Link>,
    fits: &impl Fn(&DuetEvent) -> bool,
    picture: &Picture,
    around: &Around<'_>,
) -> Option<(DateTime<Utc>, HitView)> {
    if !fits(master) && !exceptions.iter().any(|one| fits(one)) {
        return None;
    }
    let calendar = match link {
        Some(link) => {
            let calendar = picture
                .calendars
                .iter()
                .position(|it| it.id == link.calendar);
            Some(calendar.filter(|at| picture.calendars[*at].shown)?)
        }
        None => None,
    };
    let Around { now, zone, zones } = *around;
    let window = Interval {
        start: now - AROUND,
        end: now + AROUND,
    };
    let others: Vec<_> = exceptions.iter().map(|one| one.as_event(None)).collect();
    let event = master.as_event(None);
    let near = instances(&event, &others, zones, zone, window, OCCURRENCES_MAX);
    let begins = |time: &EventTime| match time {
        EventTime::At { at, .. } => *at,
        EventTime::Date(day) => zone.day(*day).start,
    };
    let near = near.list.into_iter().filter_map(|one| {
        let says = match &one.exception {
            Some(id) => *exceptions.iter().find(|it| it.id.0 == id.0)?,
            None => master,
        };
        fits(says).then_some((says, one.original, one.start, one.end))
    });
    let nearest = near.min_by_key(|(_, _, start, _)| (begins(start) - now).abs());
    let (says, slot, start, end) = match nearest {
        Some(found) => found,
        None if fits(master) => {
            let content = &master.content;
            let start = content.start.clone();
            (master, start.clone(), start, content.end.clone())
        }
        None => return None,
    };
    let repeats = !master.content.recurrence.is_empty();
    let time = OccurrenceTime::between(&start, &end)?;
    let (wall_start, wall_end) = drawn::walls(&time, zone);
    let (from, to) = drawn::when(&time);
    let shown = calendar.map(|at| &picture.calendars[at]);
    let rules = calendar.map_or(&picture.settings.rules, |at| &picture.rules[at]);
    let counts = shown.is_none_or(|calendar| calendar.busy);
    let judgement = verdict(Facts::of(&says.as_event(None)), &says.content.title, rules);
    let location = says.content.location.clone();
    let hit = HitView {
        kind: SourceKind::Duet,
        event: None,
        id: drawn::own_name(&master.id, repeats.then_some(&slot)),
        title: says.content.title.clone(),
        location: Some(location).filter(|place| !place.is_empty()),
        calendar: shown.map(|calendar| calendar.google_id.clone()),
        calendar_name: shown.map(|calendar| calendar.name.clone()),
        color: shown.map(|calendar| calendar.color.clone()),
        account: shown.and_then(|calendar| picture.email(calendar).map(str::to_owned)),
        start: from,
        end: to,
        wall_start,
        wall_end,
        date: wall_start.date(),
        repeats,
        state: if counts {
            drawn::state(judgement.verdict)
        } else {
            BlockState::Free
        },
    };
    Some((begins(&start), hit))
}
