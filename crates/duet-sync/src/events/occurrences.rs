//! When events take place, as it is stored: planned for one series at a time, and written series by
//! series that a page touched, or for a whole calendar when its horizon moves.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_model::calendar::Calendar;
use duet_model::event::{Event, EventId, EventKey};
use duet_model::recurrence::{SeriesError, instances, orphan};
use duet_model::repeat::MAX_OCCURRENCES;
use duet_model::when::Interval;
use duet_store::{Horizon, OccurrenceTime, StoreError, StoredEvent, StoredSeries, Tx};

use super::Frame;
use crate::pull::{Means, try_again_if_busy};

/// How many events are worked out anew in one transaction, when the horizon moves: others that write
/// wait for no longer.
const CHUNK: u32 = 256;
/// How many occurrences are gathered before they are written.
const GATHER: usize = 8192;

/// The occurrences of some events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occurrences {
    /// Whose occurrences these are: all they have, inside the horizon.
    pub events: Vec<EventKey>,
    /// When they take place. A master's rows are the instances for which no exception stands.
    pub rows: Vec<(EventKey, OccurrenceTime)>,
    /// Why there may be others.
    pub unknown: Option<SeriesError>,
}

/// When an event that happens once takes place, or a series with its exceptions, as far as it
/// touches the horizon.
///
/// Exceptions whose master has not come, or will not, stand for themselves. A master whose rule
/// cannot be followed keeps what is known of it, its own start at least.
pub fn occurrences_of(series: &StoredSeries, frame: &Frame<'_>) -> Occurrences {
    let exceptions: Vec<(EventKey, &Event)> = series.exceptions.iter().map(numbered).collect();
    occurrences_of_these(series.master.as_ref().map(numbered), &exceptions, frame)
}

fn numbered(stored: &StoredEvent) -> (EventKey, &Event) {
    (stored.key, &stored.event)
}

/// The same of events that need not be stored yet.
pub(super) fn occurrences_of_these(
    master: Option<(EventKey, &Event)>,
    exceptions: &[(EventKey, &Event)],
    frame: &Frame<'_>,
) -> Occurrences {
    let mut out = Occurrences {
        events: exceptions.iter().map(|(key, _)| *key).collect(),
        ..Occurrences::default()
    };
    let mut add = |key: EventKey, time: Option<OccurrenceTime>| {
        out.rows.extend(time.map(|time| (key, time)));
    };
    match master.filter(|(_, event)| is_head(event)) {
        Some((master, event)) => {
            let keys: HashMap<&EventId, EventKey> = exceptions
                .iter()
                .map(|(key, event)| (&event.id, *key))
                .collect();
            let exceptions: Vec<Event> = exceptions
                .iter()
                .map(|(_, event)| (*event).clone())
                .collect();
            let found = instances(
                event,
                &exceptions,
                frame.zones,
                &frame.home,
                frame.horizon.span,
                MAX_OCCURRENCES,
            );
            for one in &found.list {
                let key = match &one.exception {
                    None => Some(master),
                    Some(id) => keys.get(id).copied(),
                };
                if let Some(key) = key {
                    add(key, OccurrenceTime::between(&one.start, &one.end));
                }
            }
            out.events.push(master);
            out.unknown = found.unknown;
        }
        None => {
            for (key, event) in exceptions {
                let one = orphan(event);
                let time = one.and_then(|one| OccurrenceTime::between(&one.start, &one.end));
                add(*key, time.filter(|time| touches(time, frame.horizon.span)));
            }
        }
    }
    out
}

/// What is worked out already, by head, each with the number of its master where there is one.
pub(super) type AtHand = HashMap<EventId, (Option<EventKey>, Occurrences)>;

/// Can it have exceptions? Something that claims to be an exception itself cannot.
fn is_head(event: &Event) -> bool {
    event.series.is_none()
}

/// The id under which an event and all that is worked out together with it is found.
pub(super) fn head_of(event: &Event) -> &EventId {
    event.series.as_ref().unwrap_or(&event.id)
}

/// Does it touch the span? Whole days with a day of slack on both sides, for people in any zone;
/// something without length where it lies inside.
fn touches(time: &OccurrenceTime, span: Interval) -> bool {
    let (start, end, slack): (DateTime<Utc>, DateTime<Utc>, _) = match *time {
        OccurrenceTime::At { start, end } => (start, end, TimeDelta::zero()),
        OccurrenceTime::Days { first, until } => (
            first.and_time(NaiveTime::MIN).and_utc(),
            until.and_time(NaiveTime::MIN).and_utc(),
            TimeDelta::days(1),
        ),
    };
    let from = span.start - slack;
    start < span.end + slack && (end > from || start >= from)
}

/// Works out again when the events under these heads take place; answers which of them are not known
/// altogether. Part of a larger transaction, in which the events were changed. `at_hand` need not be
/// worked out any more.
pub(super) async fn refresh(
    tx: &mut Tx,
    calendar: &Calendar,
    frame: &Frame<'_>,
    heads: &BTreeSet<EventId>,
    mut at_hand: AtHand,
) -> Result<Vec<(EventId, SeriesError)>, StoreError> {
    let mut unknown = Vec::new();
    let mut gathered = Gathered::default();
    for head in heads {
        let (master, one) = match at_hand.remove(head) {
            Some(one) => one,
            None => {
                let series = tx.series(calendar.id, head).await?;
                let one = occurrences_of(&series, frame);
                (series.master.map(|it| it.key), one)
            }
        };
        gathered.events.extend(one.events);
        gathered.rows.extend(one.rows);
        if let Some(why) = one.unknown {
            gathered
                .doubts
                .extend(master.map(|key| (key, why.to_string())));
            unknown.push((head.clone(), why));
        }
        if gathered.rows.len() + gathered.events.len() >= GATHER {
            write(tx, calendar, &std::mem::take(&mut gathered)).await?;
        }
    }
    write(tx, calendar, &gathered).await?;
    Ok(unknown)
}

/// What is written together.
#[derive(Default)]
struct Gathered {
    events: Vec<EventKey>,
    rows: Vec<(EventKey, OccurrenceTime)>,
    /// Masters of series that are not known altogether, and why.
    doubts: Vec<(EventKey, String)>,
}

async fn write(tx: &mut Tx, calendar: &Calendar, all: &Gathered) -> Result<(), StoreError> {
    if all.events.is_empty() {
        return Ok(());
    }
    let (id, generation) = (calendar.id, calendar.generation);
    tx.replace_occurrences(id, generation, &all.events, &all.rows)
        .await?;
    tx.replace_doubts(id, generation, &all.events, &all.doubts)
        .await?;
    Ok(())
}

/// Sees to it that the stored occurrences of a calendar reach as far as `frame` says and are worked
/// out with its zone data; `stored` is how far they reach now. Needs no network.
///
/// At any moment the stored horizon promises only what is there: it shrinks first and grows last.
/// Between them, and where only the zone data is another, some series are worked out with the old
/// and some with the new. False where the calendar is no longer wanted.
pub async fn roll(
    means: &Means<'_>,
    calendar: &Calendar,
    frame: &Frame<'_>,
    stored: Option<&Horizon>,
) -> Result<bool, StoreError> {
    if stored == Some(&frame.horizon) {
        return Ok(true);
    }
    if let Some(common) = stored.and_then(|stored| shrunk(stored, frame)) {
        promise(means, calendar, &common).await?;
    }
    let mut after = EventKey(0);
    let mut done = HashSet::new();
    loop {
        let keys = {
            let mut snapshot = means.store.read().await?;
            snapshot.event_keys(calendar.id, after, CHUNK).await?
        };
        let Some(last) = keys.last() else {
            break;
        };
        after = *last;
        let heads = try_again_if_busy(means.entropy, || async {
            let mut tx = means.store.write().await?;
            let mut heads = BTreeSet::new();
            for key in &keys {
                let event = tx.event(*key).await?.map(|stored| stored.event);
                heads.extend(event.as_ref().map(head_of).cloned());
            }
            // A series stands under many keys, and all of it was worked out with the first of them.
            heads.retain(|head| !done.contains(head));
            refresh(&mut tx, calendar, frame, &heads, AtHand::new()).await?;
            tx.commit().await?;
            Ok(heads)
        })
        .await?;
        done.extend(heads);
    }
    promise(means, calendar, &frame.horizon).await
}

/// What of a stored horizon will still be there while a new one is worked out; `None` where all of
/// it will.
fn shrunk(stored: &Horizon, frame: &Frame<'_>) -> Option<Horizon> {
    let span = stored.span.intersection(&frame.horizon.span)?;
    (span != stored.span).then(|| Horizon {
        span,
        zones: stored.zones.clone(),
    })
}

async fn promise(
    means: &Means<'_>,
    calendar: &Calendar,
    horizon: &Horizon,
) -> Result<bool, StoreError> {
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.set_horizon(calendar.id, calendar.generation, horizon)
            .await?;
        let now = tx.event_state(calendar.id).await?;
        tx.commit().await?;
        Ok(now.is_some_and(|now| now.horizon.as_ref() == Some(horizon)))
    })
    .await
}

#[cfg(test)]
pub(super) mod tests;
