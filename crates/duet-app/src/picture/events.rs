//! Occurrences of events as a person sees them: whole days in the zone they are in, and judged by
//! the rules of their calendar.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use duet_model::availability::State;
use duet_model::calendar::Calendar;
use duet_model::event::EventKey;
use duet_model::settings::Settings;
use duet_model::verdict::{Facts, Judgement, Rule, Rules, Verdict, verdict};
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_store::{OccurrenceRow, OccurrenceTime, Title};

use super::{Frame, Index};

/// An occurrence of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurring {
    /// Which event.
    pub(crate) key: EventKey,
    /// Index of its calendar in the picture.
    pub(crate) calendar: usize,
    /// When, as Google said it.
    pub(crate) time: OccurrenceTime,
    /// First instant; of whole days the start of the first in the display zone.
    pub(crate) start: DateTime<Utc>,
    /// First instant after it; the start, where the server says so.
    pub(crate) end: DateTime<Utc>,
    /// The event's title; may be empty.
    pub(crate) title: Title,
    /// What the rules look at.
    pub(crate) facts: Facts,
    /// What the rules of its calendar make of it, whether that counts or not.
    pub(crate) judgement: Judgement,
}

impl Occurring {
    /// Does it share an instant with a span? What has no length does where it lies inside.
    pub(crate) fn touches(&self, span: Interval) -> bool {
        self.start < span.end && (self.end > span.start || self.start >= span.start)
    }

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

/// The rules of each calendar, by its index.
pub(crate) fn rules_of(calendars: &[Calendar], settings: &Settings) -> Vec<Rules> {
    calendars
        .iter()
        .map(|calendar| settings.rules.with(&calendar.rules))
        .collect()
}

/// Judges rows for who looks at a span from a zone.
pub(super) struct Judge<'a> {
    calendars: &'a Index,
    rules: &'a [Rules],
    span: Interval,
    days: Days<'a>,
    /// Whole days beside the span, for who looks. In the zone of their calendar they may touch it.
    pub(super) beside: Vec<Occurring>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(calendars: &'a Index, rules: &'a [Rules], frame: &Frame<'a>) -> Self {
        Self {
            calendars,
            rules,
            span: frame.span,
            days: Days::new(frame.zone),
            beside: Vec::new(),
        }
    }

    /// What a row is for who looks. Nothing where it does not touch the span there, or its calendar
    /// is gone.
    pub(super) fn judge(&mut self, row: OccurrenceRow<Title>) -> Option<Occurring> {
        let calendar = self.calendars.get(row.calendar)?;
        let (start, end) = self.days.instants(&row.time);
        // Facts that a newer Duet wrote are read as a plain event: it takes up its time.
        let facts = Facts::from_code(row.facts).unwrap_or_default();
        let judgement = verdict(facts, &row.title, self.rules.get(calendar)?);
        let one = Occurring {
            key: row.event,
            calendar,
            time: row.time,
            start,
            end,
            title: row.title,
            facts,
            judgement,
        };
        if one.touches(self.span) {
            return Some(one);
        }
        if one.facts.all_day {
            self.beside.push(one);
        }
        None
    }
}

/// Instants of whole days, each day worked out once: a month holds many events on the same days.
pub(crate) struct Days<'a> {
    zone: &'a Zone,
    known: HashMap<chrono::NaiveDate, DateTime<Utc>>,
}

impl<'a> Days<'a> {
    pub(crate) fn new(zone: &'a Zone) -> Self {
        Self {
            zone,
            known: HashMap::new(),
        }
    }

    fn start(&mut self, date: chrono::NaiveDate) -> DateTime<Utc> {
        let zone = self.zone;
        *self
            .known
            .entry(date)
            .or_insert_with(|| zone.day(date).start)
    }

    pub(crate) fn instants(&mut self, time: &OccurrenceTime) -> (DateTime<Utc>, DateTime<Utc>) {
        match *time {
            OccurrenceTime::At { start, end } => (start, end),
            OccurrenceTime::Days { first, until } => (self.start(first), self.start(until)),
        }
    }
}

/// The word of the rule that decided, for an event of a calendar that counts or does not.
pub(crate) fn word(judgement: Judgement, counts: bool) -> &'static str {
    match (counts, judgement.verdict, judgement.rule) {
        // It says something of its own about why it is free.
        (false, Verdict::Free, rule) if rule != Rule::Event => rule.as_str(),
        (false, ..) => "not_counting",
        (true, _, rule) => rule.as_str(),
    }
}
