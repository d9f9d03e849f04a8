//! The blocks of a picture as they are drawn and listed: one for each occurrence of an event, each
//! stretch of Google's busy times, each occurrence of a block made by hand.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use duet_model::availability::State;
use duet_model::block::ManualBlock;
use duet_model::calendar::{AccessRole, Calendar, Health};
use duet_model::duet_event::DuetEventId;
use duet_model::event::{EventTime, Response};
use duet_model::verdict::Verdict;
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_store::OccurrenceTime;
use duet_wire::availability::{BlockState, SourceKind, When};
use duet_wire::grid::{BlockView, DuetRef, ManualRef};

use crate::picture::{Occurring, Own, Picture, Times, word};

/// What stands where a title may not be seen, or is not known.
pub(crate) const BUSY: &str = "Busy";
/// What stands where somebody gave no title.
pub(crate) const NO_TITLE: &str = "(no title)";

/// The name of a stretch of free/busy: Google gives it no id, so calendar and start name it.
pub(crate) fn times_id(calendar: &Calendar, span: Interval) -> String {
    format!("google-{}-{}", calendar.id.0, span.start.timestamp())
}

/// The name of an occurrence of an event.
pub(crate) fn event_id(event: duet_model::event::EventKey, time: &OccurrenceTime) -> String {
    match time {
        OccurrenceTime::At { start, .. } => format!("event-{}-{}", event.0, start.timestamp()),
        OccurrenceTime::Days { first, .. } => format!("event-{}-{first}", event.0),
    }
}

/// The name of an occurrence of a block made by hand.
pub(crate) fn manual_id(block: &ManualBlock, span: Interval) -> String {
    match block.repeat {
        Some(_) => format!("{}@{}", block.id.0, span.start.timestamp()),
        None => block.id.0.clone(),
    }
}

/// The title to show for an event. Where the calendar may only be read, an event without a title is
/// most likely a private one.
pub(crate) fn title(title: &str, calendar: &Calendar) -> String {
    match (title.is_empty(), calendar.access_role) {
        (false, _) => title.to_owned(),
        (true, AccessRole::Owner | AccessRole::Writer) => NO_TITLE.to_owned(),
        (true, _) => BUSY.to_owned(),
    }
}

/// When an occurrence is, as it was said.
pub(crate) fn when(time: &OccurrenceTime) -> (When, When) {
    match *time {
        OccurrenceTime::At { start, end } => (When::Instant(start), When::Instant(end)),
        OccurrenceTime::Days { first, until } => (When::Date(first), When::Date(until)),
    }
}

/// What an occurrence shows on the wall clock; of whole days their midnights, also where a zone
/// skips them.
pub(crate) fn walls(time: &OccurrenceTime, zone: &Zone) -> (NaiveDateTime, NaiveDateTime) {
    match *time {
        OccurrenceTime::At { start, end } => (zone.to_wall(start), zone.to_wall(end)),
        OccurrenceTime::Days { first, until } => (
            first.and_time(NaiveTime::MIN),
            until.and_time(NaiveTime::MIN),
        ),
    }
}

/// What an occurrence makes of its time, as far as its calendar is known, and by which rule.
pub(crate) fn state_of(picture: &Picture, event: &Occurring) -> (BlockState, &'static str) {
    let counts = picture.calendars[event.calendar].busy;
    let rule = word(event.judgement, counts);
    match (picture.known[event.calendar].health, counts) {
        (Health::Stale, _) => (BlockState::Unknown, "stale"),
        (Health::Failing, _) => (BlockState::Unknown, "failing"),
        (Health::Ok, false) => (BlockState::Free, rule),
        (Health::Ok, true) => (state(event.judgement.verdict), rule),
    }
}

pub(crate) fn state(verdict: Verdict) -> BlockState {
    match verdict {
        Verdict::Busy => BlockState::Busy,
        Verdict::Tentative => BlockState::Tentative,
        Verdict::Free => BlockState::Free,
    }
}

/// What comes from Google and stands in calendars that are shown.
pub(crate) fn external(picture: &Picture, zone: &Zone) -> Vec<BlockView> {
    // Of all that counts, most is often not shown.
    let shown: Vec<bool> = picture.calendars.iter().map(|it| it.shown).collect();
    let events = picture
        .events
        .iter()
        .filter(|event| shown[event.calendar])
        .map(|event| of_event(picture, event, zone));
    let times = picture.times.iter().map(|times| (times, "freebusy"));
    let unexplained = picture.unexplained.iter().map(|it| (it, "unexplained"));
    let times = times
        .chain(unexplained)
        .map(|(times, rule)| of_times(picture, times, rule, zone));
    let elsewhere = picture.elsewhere.iter().map(|it| {
        let calendar = picture.calendars.get(it.times.calendar)?;
        // Its hours, and not its day: that is drawn where it is for who looks.
        Some(BlockView {
            title: title(&it.day.title, calendar),
            busy_only: false,
            ..of_times(picture, &it.times, "other_zone", zone)?
        })
    });
    events.chain(times).chain(elsewhere).flatten().collect()
}

fn of_event(picture: &Picture, event: &Occurring, zone: &Zone) -> Option<BlockView> {
    let calendar = picture.calendars.get(event.calendar).filter(|c| c.shown)?;
    let (state, rule) = state_of(picture, event);
    let (wall_start, wall_end) = walls(&event.time, zone);
    Some(BlockView {
        id: event_id(event.key, &event.time),
        title: title(&event.title, calendar),
        start: event.start,
        end: event.end,
        wall_start,
        wall_end,
        all_day: match event.time {
            OccurrenceTime::At { .. } => None,
            OccurrenceTime::Days { first, until } => Some((first, until)),
        },
        state,
        rule: rule.to_owned(),
        event: Some(event.key),
        declined: event.facts.response == Some(Response::Declined),
        busy_only: false,
        ..of_calendar(picture, event.calendar, calendar)
    })
}

fn of_times(picture: &Picture, times: &Times, rule: &str, zone: &Zone) -> Option<BlockView> {
    let calendar = picture.calendars.get(times.calendar).filter(|c| c.shown)?;
    let state = match (
        picture.known[times.calendar].health,
        picture.times_state(times.calendar),
    ) {
        (Health::Ok, State::Busy) => BlockState::Busy,
        _ => BlockState::Unknown,
    };
    Some(BlockView {
        id: times_id(calendar, times.span),
        title: BUSY.to_owned(),
        start: times.span.start,
        end: times.span.end,
        wall_start: zone.to_wall(times.span.start),
        wall_end: zone.to_wall(times.span.end),
        state,
        rule: rule.to_owned(),
        busy_only: true,
        ..of_calendar(picture, times.calendar, calendar)
    })
}

fn of_calendar(picture: &Picture, index: usize, calendar: &Calendar) -> BlockView {
    BlockView {
        source: SourceKind::Google,
        calendar: Some(calendar.google_id.clone()),
        calendar_name: Some(calendar.name.clone()),
        account: picture.email(calendar).map(str::to_owned),
        color: Some(calendar.color.clone()),
        as_of: picture.known[index].as_of,
        ..blank()
    }
}

/// Duet's own events: those that are here alone, and those in calendars that are shown.
pub(crate) fn own<'a>(
    picture: &'a Picture,
    zone: &'a Zone,
) -> impl Iterator<Item = BlockView> + 'a {
    picture.own.list.iter().filter_map(move |own| {
        let view = match own.calendar {
            Some(index) => {
                let calendar = picture.calendars.get(index).filter(|it| it.shown)?;
                of_calendar(picture, index, calendar)
            }
            None => blank(),
        };
        let (wall_start, wall_end) = walls(&own.time, zone);
        let (state, rule) = state_of_own(picture, own);
        Some(BlockView {
            id: own_id(own),
            source: SourceKind::Duet,
            title: own.title.clone(),
            start: own.start,
            end: own.end,
            wall_start,
            wall_end,
            all_day: match own.time {
                OccurrenceTime::At { .. } => None,
                OccurrenceTime::Days { first, until } => Some((first, until)),
            },
            state,
            rule: rule.to_owned(),
            as_of: None,
            duet: Some(DuetRef {
                id: own.id.clone(),
                slot: own.slot.as_ref().map(slot),
                badge: own.badge,
            }),
            ..view
        })
    })
}

/// What one of Duet's own events makes of its time, and by which rule.
pub(crate) fn state_of_own(picture: &Picture, own: &Own) -> (BlockState, &'static str) {
    let counts = own.calendar.is_none_or(|at| picture.calendars[at].busy);
    let rule = word(own.judgement, counts);
    if counts {
        (state(own.judgement.verdict), rule)
    } else {
        (BlockState::Free, rule)
    }
}

/// The name of an occurrence of one of Duet's own events.
pub(crate) fn own_id(own: &Own) -> String {
    own_name(&own.id, own.slot.as_ref())
}

/// The same, of the event's id and of an occurrence's slot.
pub(crate) fn own_name(id: &DuetEventId, slot: Option<&EventTime>) -> String {
    match slot {
        Some(EventTime::At { at, .. }) => format!("{}@{}", id.0, at.timestamp()),
        Some(EventTime::Date(day)) => format!("{}@{day}", id.0),
        None => id.0.clone(),
    }
}

/// A slot as it travels.
pub(crate) fn slot(slot: &EventTime) -> When {
    match slot {
        EventTime::At { at, .. } => When::Instant(*at),
        EventTime::Date(day) => When::Date(*day),
    }
}

/// What was made by hand.
pub(crate) fn manual(picture: &Picture, zone: &Zone) -> Vec<BlockView> {
    let mut views = Vec::new();
    for (block, occurrences) in &picture.manual {
        for occurrence in occurrences {
            views.push(BlockView {
                id: manual_id(block, occurrence.span),
                title: block.title.clone(),
                start: occurrence.span.start,
                end: occurrence.span.end,
                wall_start: zone.to_wall(occurrence.span.start),
                wall_end: zone.to_wall(occurrence.span.end),
                state: BlockState::Busy,
                rule: "manual".to_owned(),
                manual: Some(ManualRef {
                    id: block.id.clone(),
                    occurrence: occurrence.wall_start,
                    repeat: block.repeat.clone(),
                }),
                ..blank()
            });
        }
    }
    views
}

/// A block of nobody's, at no time.
fn blank() -> BlockView {
    let epoch = DateTime::<Utc>::UNIX_EPOCH;
    BlockView {
        id: String::new(),
        source: SourceKind::Manual,
        calendar: None,
        calendar_name: None,
        account: None,
        title: String::new(),
        color: None,
        start: epoch,
        end: epoch,
        wall_start: epoch.naive_utc(),
        wall_end: epoch.naive_utc(),
        all_day: None,
        state: BlockState::Unknown,
        rule: String::new(),
        event: None,
        declined: false,
        busy_only: false,
        as_of: None,
        manual: None,
        duet: None,
    }
}
