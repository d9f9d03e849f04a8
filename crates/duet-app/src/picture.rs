//! The combined picture of a span: every source that counts, with what it claims and why.
//!
//! This is where "what is not known is never free" is decided for reading: a calendar that counts
//! but is stale, failing, never checked, or was not asked about a time, claims that time as
//! unknown, and so does a manual block whose repetition cannot be worked out for the span. Where a
//! calendar's events are known they speak for it, judged by its rules, and Google's free/busy is a
//! check on them. Calendars that do not count claim nothing.

mod answers;
mod events;
mod folded;
mod knowledge;
mod own;
mod sources;
mod unexplained;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use duet_model::account::{Account, AccountId};
use duet_model::block::{ManualBlock, Occurrence};
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::repeat;
use duet_model::settings::Settings;
use duet_model::verdict::{Rules, verdict};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};
use duet_store::{ExternalBlock, OccurrenceRow, Snapshot, Store, StoreError, occurrence_order};
use duet_sync::events::beyond as events_beyond;

pub(crate) use answers::Answers;
use events::Judge;
pub(crate) use events::{Days, Occurring, rules_of, word};
pub(crate) use knowledge::{Detail, Knowledge};
pub(crate) use own::{Own, Owns, Standing};
pub(crate) use sources::{Ground, Source};
pub(crate) use unexplained::Elsewhere;

/// Occurrences of one block in one span; far beyond what a calendar view can show.
const OCCURRENCES_MAX: usize = 3_500;

/// Everything stored that touches a span.
pub(crate) struct Picture {
    pub(crate) span: Interval,
    pub(crate) now: DateTime<Utc>,
    pub(crate) settings: Settings,
    pub(crate) accounts: HashMap<AccountId, Account>,
    pub(crate) calendars: Vec<Calendar>,
    /// What is known of each calendar, in their order.
    pub(crate) known: Vec<Knowledge>,
    /// The rules that hold for each calendar, in their order.
    pub(crate) rules: Vec<Rules>,
    /// Google's busy times of calendars that are known by nothing else.
    pub(crate) times: Vec<Times>,
    /// Google's busy times in which no readable event lies, of calendars that are known by events.
    pub(crate) unexplained: Vec<Times>,
    /// Those in which a whole day lies where its calendar is, and not for who looks.
    pub(crate) elsewhere: Vec<Elsewhere>,
    /// All that Google counts as busy of calendars known by their events, to compare.
    checks: Vec<Times>,
    pub(crate) events: Vec<Occurring>,
    pub(crate) manual: Vec<(ManualBlock, Vec<Occurrence>)>,
    /// Duet's own events.
    pub(crate) own: Owns,
    /// Answers to invitations that Google does not have yet; they hold in `events`.
    pub(crate) answers: Answers,
    /// Blocks whose occurrences in the span could not all be worked out.
    pub(crate) unworkable: Vec<ManualBlock>,
}

/// A stretch of Google's free/busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Times {
    /// Index of its calendar.
    pub(crate) calendar: usize,
    /// When.
    pub(crate) span: Interval,
}

/// What a picture is made for.
pub(crate) struct Frame<'a> {
    /// The zones of the world.
    pub(crate) zones: &'a ZoneDb,
    /// The zone of the person who looks.
    pub(crate) zone: &'a Zone,
    /// What is looked at.
    pub(crate) span: Interval,
    /// Now.
    pub(crate) now: DateTime<Utc>,
}

/// Where the calendars stand in the picture. Each of thousands of rows asks, and hashing takes longer
/// than searching among some hundred.
struct Index(Vec<(CalendarId, usize)>);

impl Index {
    fn of(calendars: &[Calendar]) -> Self {
        let places = calendars.iter().enumerate();
        let mut index: Vec<_> = places.map(|(at, calendar)| (calendar.id, at)).collect();
        index.sort_unstable();
        Self(index)
    }

    fn get(&self, calendar: CalendarId) -> Option<usize> {
        let at = self.0.binary_search_by_key(&calendar, |(id, _)| *id);
        at.ok().map(|at| self.0[at].1)
    }
}

impl Picture {
    /// Reads what touches the frame's span.
    pub(crate) async fn read(store: &Store, frame: &Frame<'_>) -> Result<Self, StoreError> {
        // One snapshot: a switch flipped meanwhile shows with its blocks, or not at all.
        let mut snapshot = store.read().await?;
        let settings = snapshot.settings().await?;
        let accounts = snapshot.accounts().await?;
        let calendars = snapshot.calendars().await?;
        let mut known = knowledge_of(&mut snapshot, &calendars, frame.now).await?;
        let rules = events::rules_of(&calendars, &settings);
        let index = Index::of(&calendars);
        let mut judge = Judge::new(&index, &rules, frame);
        let events = read_events(&mut snapshot, &calendars, &mut known, &mut judge, frame).await?;
        let beside = judge.beside;
        let external = snapshot.blocks_in(frame.span).await?;
        let manual = snapshot.manual_blocks_near(frame.span).await?;
        let own = own::read(&mut snapshot, &index, &rules, &settings, frame).await?;
        let hidden = snapshot.hidden_events().await?;
        let answers = Answers::read(&mut snapshot).await?;
        drop(snapshot);

        let (times, checks) = split(external, &index, &known);
        // A copy of an event of Duet's own explains what Google counts, and is nothing besides.
        let there = unexplained::Zones::of(&calendars, frame.zones, frame.zone);
        let left = unexplained::times(&checks, (&events, &beside), &known, &there, frame.span);
        let mut events = events;
        if !hidden.is_empty() {
            events.retain(|event| hidden.binary_search(&event.key).is_err());
        }
        // Only now: what Google counts is compared with the answers that Google has.
        answer(&mut events, &answers, &rules);
        let (manual, unworkable) = expand(manual, frame.zones, frame.span);
        Ok(Self {
            span: frame.span,
            now: frame.now,
            settings,
            accounts: accounts
                .into_iter()
                .map(|account| (account.id, account))
                .collect(),
            calendars,
            known,
            rules,
            times,
            unexplained: left.nameless,
            elsewhere: left.elsewhere,
            checks,
            events,
            manual,
            own,
            answers,
            unworkable,
        })
    }

    /// The address of the account a calendar stands in.
    pub(crate) fn email(&self, calendar: &Calendar) -> Option<&str> {
        self.accounts
            .get(&calendar.account)
            .map(|account| account.email.as_str())
    }

    /// For each calendar that counts, what of the span it cannot be vouched for, and why.
    pub(crate) fn unknown_spans(&self) -> impl Iterator<Item = (usize, Interval, &'static str)> {
        let counting = self.calendars.iter().zip(&self.known).enumerate();
        counting
            .filter(|(_, (calendar, _))| calendar.busy)
            .flat_map(|(index, (_, known))| {
                let unknown = known.unknown(self.span).into_iter();
                unknown.map(move |(span, why)| (index, span, why))
            })
    }

    /// Does Google count any of this time as busy? `None` where it was not asked, or its answer is
    /// not to be relied on.
    pub(crate) fn google_counts(&self, calendar: usize, span: Interval) -> Option<bool> {
        let asked = self.known.get(calendar)?.times?;
        asked.covers(&span).then(|| {
            self.checks
                .iter()
                .any(|times| times.calendar == calendar && times.span.overlaps(&span))
        })
    }

    /// The same picture by other rules: what is judged anew, and nothing read again. `alone` are those of
    /// what stands in no calendar.
    pub(crate) fn judged_by(&self, rules: &[Rules], alone: &Rules) -> Judged {
        let mut events = self.events.clone();
        for event in &mut events {
            if let Some(rules) = rules.get(event.calendar) {
                event.judgement = verdict(event.facts, &event.title, rules);
            }
        }
        let mut own = self.own.list.clone();
        for one in &mut own {
            let rules = one.calendar.and_then(|at| rules.get(at)).unwrap_or(alone);
            one.judgement = verdict(one.facts, &one.title, rules);
        }
        Judged { events, own }
    }
}

/// What stands in a picture, by other rules than its own.
pub(crate) struct Judged {
    /// What came from Google, in the order of [`Picture::events`].
    pub(crate) events: Vec<Occurring>,
    /// Duet's own, in the order of [`Picture::own`].
    pub(crate) own: Vec<Own>,
}

/// Judges occurrences anew for which an answer waits.
fn answer(events: &mut [Occurring], answers: &Answers, rules: &[Rules]) {
    if answers.is_empty() {
        return;
    }
    for event in events {
        let facts = answers.over(event.key, &event.time, event.facts);
        if facts != event.facts
            && let Some(rules) = rules.get(event.calendar)
        {
            event.facts = facts;
            event.judgement = verdict(facts, &event.title, rules);
        }
    }
}

/// The occurrences of a manual block that touch a span, and whether these are all. A rule that
/// cannot be worked out (too many occurrences for the span, a zone that is known no more) still
/// shows the block itself, so that nothing a person wrote is lost.
pub(crate) fn occurrences(
    block: &ManualBlock,
    zones: &ZoneDb,
    span: Interval,
) -> (Vec<Occurrence>, bool) {
    match repeat::expand(block, zones, span, OCCURRENCES_MAX) {
        Ok(occurrences) => (occurrences, true),
        Err(why) => {
            tracing::warn!(%why, block = block.id.0, "a stored block cannot be repeated");
            let alone = ManualBlock {
                repeat: None,
                ..block.clone()
            };
            let first = repeat::expand(&alone, zones, span, 1).unwrap_or_default();
            (first, false)
        }
    }
}

fn expand(
    blocks: Vec<ManualBlock>,
    zones: &ZoneDb,
    span: Interval,
) -> (Vec<(ManualBlock, Vec<Occurrence>)>, Vec<ManualBlock>) {
    let mut unworkable = Vec::new();
    let manual = blocks
        .into_iter()
        .map(|block| {
            let (occurrences, whole) = occurrences(&block, zones, span);
            if !whole {
                unworkable.push(block.clone());
            }
            (block, occurrences)
        })
        .filter(|(_, occurrences)| !occurrences.is_empty())
        .collect();
    (manual, unworkable)
}

/// What is known of each calendar, in their order.
pub(crate) async fn knowledge_of(
    snapshot: &mut Snapshot,
    calendars: &[Calendar],
    now: DateTime<Utc>,
) -> Result<Vec<Knowledge>, StoreError> {
    let states: HashMap<CalendarId, _> = snapshot
        .event_states()
        .await?
        .into_iter()
        .map(|state| (state.calendar, state))
        .collect();
    let doubts = snapshot.event_doubts().await?;
    let known = calendars.iter().map(|calendar| {
        let doubted = doubts.iter().any(|doubt| doubt.calendar == calendar.id);
        Knowledge::of(calendar, states.get(&calendar.id), doubted, now)
    });
    Ok(known.collect())
}

/// Google's busy times: of calendars that are known by nothing else, and of the others.
fn split(
    blocks: Vec<ExternalBlock>,
    index: &Index,
    known: &[Knowledge],
) -> (Vec<Times>, Vec<Times>) {
    blocks
        .into_iter()
        .filter_map(|block| {
            Some(Times {
                calendar: index.get(block.calendar)?,
                span: block.span,
            })
        })
        .partition(|times| known[times.calendar].detail == Detail::Times)
}

/// The occurrences of all calendars that touch the span: the stored ones, and beyond a calendar's
/// horizon what can be worked out now. Where that is not all, the calendar is in doubt.
async fn read_events(
    snapshot: &mut Snapshot,
    calendars: &[Calendar],
    known: &mut [Knowledge],
    judge: &mut Judge<'_>,
    frame: &Frame<'_>,
) -> Result<Vec<Occurring>, StoreError> {
    let mut events = Vec::new();
    snapshot
        .each_occurrence_in(frame.span, |row| events.extend(judge.judge(row)))
        .await?;
    // Their keys are kept: an occurrence is ten words to be moved, and a month is thousands of them.
    events.sort_by_cached_key(|event: &Occurring| occurrence_order(event.key, &event.time));
    let mut stored: Option<Vec<OccurrenceRow>> = None;
    for (calendar, known) in calendars.iter().zip(known) {
        let Some(horizon) = known.horizon.filter(|it| !it.covers(&frame.span)) else {
            continue;
        };
        // Once more, as rows: within all horizons, where people look, nobody needs them.
        let stored = match &stored {
            Some(rows) => rows,
            None => stored.insert(snapshot.occurrences_in(frame.span).await?),
        };
        let beyond =
            events_beyond(snapshot, calendar, horizon, stored, frame.zones, frame.span).await?;
        known.doubted |= !beyond.whole;
        let rows = beyond.rows.into_iter();
        let rows = rows.map(|row| row.with_title(|title| title.as_str().into()));
        events.extend(rows.filter_map(|row| judge.judge(row)));
    }
    Ok(events)
}
