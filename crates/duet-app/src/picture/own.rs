//! Duet's own events in a picture. They are known here whatever a calendar's last sync was worth: what
//! somebody plans is busy at once, and its copy in Google is not looked at.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use duet_model::availability::State;
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{Badge, DuetEvent, DuetEventId, Link, badge};
use duet_model::event::{Event, EventTime};
use duet_model::outbox::Op;
use duet_model::recurrence::instances;
use duet_model::settings::Settings;
use duet_model::verdict::{Facts, Judgement, Rule, Rules, Verdict, verdict};
use duet_model::when::Interval;
use duet_store::{OccurrenceTime, Snapshot, StoreError};

use super::events::Days;
use super::{Frame, Index, OCCURRENCES_MAX};

/// An occurrence of one of Duet's own events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Own {
    /// The event; of a series, its master.
    pub(crate) id: DuetEventId,
    /// Which occurrence of a series.
    pub(crate) slot: Option<EventTime>,
    /// Index of the calendar it stands in; `None` where it is here alone.
    pub(crate) calendar: Option<usize>,
    /// How its copy in Google stands.
    pub(crate) badge: Option<Badge>,
    /// When.
    pub(crate) time: OccurrenceTime,
    /// First instant; of whole days the start of the first in the display zone.
    pub(crate) start: DateTime<Utc>,
    /// First instant after it.
    pub(crate) end: DateTime<Utc>,
    /// Its title; may be empty.
    pub(crate) title: String,
    /// What the rules go by.
    pub(crate) facts: Facts,
    /// What they make of it.
    pub(crate) judgement: Judgement,
}

impl Own {
    /// The time it takes; `None` where it has no length.
    pub(crate) fn span(&self) -> Option<Interval> {
        Interval::new(self.start, self.end)
    }

    /// What it claims of its time; nothing where it is free.
    pub(crate) fn claim(&self) -> Option<State> {
        match self.judgement.verdict {
            Verdict::Busy => Some(State::Busy),
            Verdict::Tentative => Some(State::Tentative),
            Verdict::Free => None,
        }
    }
}

/// Duet's own events in a span.
#[derive(Default)]
pub(crate) struct Owns {
    /// Their occurrences, by start.
    pub(crate) list: Vec<Own>,
    /// Series whose occurrences could not all be worked out.
    pub(crate) doubted: Vec<DuetEvent>,
}

/// Reads what touches the frame's span.
pub(super) async fn read(
    snapshot: &mut Snapshot,
    calendars: &Index,
    rules: &[Rules],
    settings: &Settings,
    frame: &Frame<'_>,
) -> Result<Owns, StoreError> {
    let mut events = snapshot.duet_events_near(frame.span).await?;
    if events.is_empty() {
        return Ok(Owns::default());
    }
    let (links, outbox) = (snapshot.links().await?, snapshot.outbox().await?);
    let standing = Standing::of(&links, &outbox);
    let mut owns = Owns::default();
    let mut days = Days::new(frame.zone);
    for event in &mut events {
        // What Google refuses to call off still takes place for everybody else.
        let refused = standing.ops(&event.id).iter().any(|op| op.stuck.is_some());
        event.cancelled &= !refused;
    }
    let (masters, exceptions): (Vec<&DuetEvent>, Vec<&DuetEvent>) =
        events.iter().partition(|event| event.slot.is_none());
    let mut of: HashMap<&DuetEventId, Vec<&DuetEvent>> = HashMap::new();
    for exception in exceptions {
        of.entry(exception.head()).or_default().push(exception);
    }
    for master in masters {
        let exceptions = of.remove(&master.id).unwrap_or_default();
        let calendar = standing
            .calendar(&master.id)
            .and_then(|id| calendars.get(id));
        let rules = calendar
            .and_then(|at| rules.get(at))
            .unwrap_or(&settings.rules);
        let whole = add(
            &mut owns.list,
            master,
            &exceptions,
            frame,
            &mut days,
            |event, own| {
                own.calendar = calendar;
                own.badge = standing.badge(event);
                own.facts = Facts::of(&event.as_event(None));
                own.judgement = verdict(own.facts, &own.title, rules);
            },
        );
        if !whole {
            owns.doubted.push(master.clone());
        }
    }
    owns.list
        .sort_by(|one, other| (one.start, &one.id).cmp(&(other.start, &other.id)));
    Ok(owns)
}

/// Adds the occurrences of one event that touch the span; false where they are not all.
fn add(
    list: &mut Vec<Own>,
    master: &DuetEvent,
    exceptions: &[&DuetEvent],
    frame: &Frame<'_>,
    days: &mut Days<'_>,
    judge: impl Fn(&DuetEvent, &mut Own),
) -> bool {
    let event = master.as_event(None);
    let others: Vec<Event> = exceptions.iter().map(|one| one.as_event(None)).collect();
    let found = instances(
        &event,
        &others,
        frame.zones,
        frame.zone,
        frame.span,
        OCCURRENCES_MAX,
    );
    for one in found.list {
        let says = match &one.exception {
            None => master,
            Some(id) => {
                let found = exceptions.iter().find(|it| it.id.0 == id.0);
                found.copied().unwrap_or(master)
            }
        };
        let Some(time) = OccurrenceTime::between(&one.start, &one.end) else {
            continue;
        };
        let (start, end) = days.instants(&time);
        let touches =
            start < frame.span.end && (end > frame.span.start || start >= frame.span.start);
        if !touches {
            continue;
        }
        let mut own = Own {
            id: master.id.clone(),
            slot: (!master.content.recurrence.is_empty()).then_some(one.original),
            calendar: None,
            badge: None,
            time,
            start,
            end,
            title: says.content.title.clone(),
            facts: Facts::default(),
            judgement: Judgement {
                verdict: Verdict::Busy,
                rule: Rule::Event,
            },
        };
        judge(says, &mut own);
        list.push(own);
    }
    found.unknown.is_none()
}

/// How all of Duet's own events stand in Google.
pub(crate) struct Standing<'a> {
    links: HashMap<&'a DuetEventId, &'a Link>,
    ops: HashMap<&'a DuetEventId, Vec<&'a Op>>,
}

impl<'a> Standing<'a> {
    pub(crate) fn of(links: &'a [Link], outbox: &'a [Op]) -> Self {
        let mut ops: HashMap<&DuetEventId, Vec<&Op>> = HashMap::new();
        for op in outbox {
            if let Some(event) = &op.what.event {
                ops.entry(event).or_default().push(op);
            }
        }
        Self {
            links: links.iter().map(|link| (&link.event, link)).collect(),
            ops,
        }
    }

    pub(crate) fn calendar(&self, event: &DuetEventId) -> Option<CalendarId> {
        self.links.get(event).map(|link| link.calendar)
    }

    /// What waits of an event, in the order of sending.
    pub(crate) fn ops(&self, event: &DuetEventId) -> &[&'a Op] {
        self.ops.get(event).map_or(&[], Vec::as_slice)
    }

    /// The badge of an event; an exception that says nothing of its own has its series'.
    pub(crate) fn badge(&self, event: &DuetEvent) -> Option<Badge> {
        let link = self
            .links
            .get(&event.id)
            .or_else(|| self.links.get(event.head()))?;
        let ops = self.ops(&event.id);
        let stuck = ops.iter().any(|op| op.stuck.is_some());
        Some(badge(link.state, !ops.is_empty(), stuck))
    }
}
