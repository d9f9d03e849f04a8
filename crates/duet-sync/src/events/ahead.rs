//! What can be worked out of a page before it has the writer, on a thread of its own, while another
//! calendar's page is written: when its events take place, and what is stored of them. Of a first
//! listing that is nearly everything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use duet_google::events::{Item, Page};
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventId, EventKey};
use duet_store::{StoredEvent, StoredSeries, stored_form};

use super::Frame;
use super::items::sort;
use super::occurrences::{Occurrences, head_of, occurrences_of};

/// What is known of a page beforehand.
#[derive(Default)]
pub(super) struct Ahead {
    /// Of each event, as it will be stored.
    forms: HashMap<EventId, String>,
    /// By head; under the numbers that `numbers` gives its events.
    occurrences: HashMap<EventId, Occurrences>,
    /// The events in the order of their numbers.
    numbers: Vec<EventId>,
}

impl Ahead {
    /// As the event will be stored, where that is known.
    pub(super) fn form(&self, event: &EventId) -> Option<&str> {
        self.forms.get(event).map(String::as_str)
    }

    /// When what stands under this head takes place, under the numbers that its events got. `None`
    /// where that is not known.
    pub(super) fn occurrences(
        &self,
        head: &EventId,
        keys: &BTreeMap<EventId, EventKey>,
    ) -> Option<Occurrences> {
        let known = self.occurrences.get(head)?;
        let key = |EventKey(number): EventKey| {
            let event = self.numbers.get(usize::try_from(number).ok()?)?;
            keys.get(event).copied()
        };
        let events: Option<Vec<EventKey>> = known.events.iter().map(|one| key(*one)).collect();
        let rows: Option<Vec<_>> = known
            .rows
            .iter()
            .map(|(one, time)| Some((key(*one)?, *time)))
            .collect();
        Some(Occurrences {
            events: events?,
            rows: rows?,
            unknown: known.unknown.clone(),
        })
    }
}

/// Works ahead. With `all` the page is all there is of the calendar, so that also series with their
/// exceptions are known; else only what no exception stands for.
pub(super) async fn work_ahead(
    page: &Arc<Page>,
    calendar: CalendarId,
    all: bool,
    frame: &Frame<'_>,
) -> Ahead {
    let page = page.clone();
    let (zones, home) = (frame.zones.clone(), frame.home.clone());
    let horizon = frame.horizon.clone();
    let work = move || {
        let frame = Frame {
            zones: &zones,
            home,
            horizon,
        };
        of_items(&page.items, calendar, all, &frame)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(ahead) => ahead,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is going down, and whoever waits here goes with it.
            Err(_) => std::future::pending().await,
        },
    }
}

fn of_items(items: &[Item], calendar: CalendarId, all: bool, frame: &Frame<'_>) -> Ahead {
    let sorted = sort(items);
    let mut ahead = Ahead::default();
    let mut series: HashMap<&EventId, Vec<(EventKey, &Event)>> = HashMap::new();
    for ((event, _), number) in sorted.events.iter().zip(0..) {
        ahead.numbers.push(event.id.clone());
        ahead.forms.insert(event.id.clone(), stored_form(event));
        if all || event.series.is_none() {
            let under = series.entry(head_of(event)).or_default();
            under.push((EventKey(number), event));
        }
    }
    for (head, events) in series {
        let stored = |(key, event): (EventKey, &Event)| StoredEvent {
            key,
            calendar,
            event: event.clone(),
        };
        let (exceptions, master): (Vec<_>, Vec<_>) = events
            .into_iter()
            .map(stored)
            .partition(|one| one.event.series.is_some());
        let series = StoredSeries {
            master: master.into_iter().next(),
            exceptions,
        };
        let one = occurrences_of(&series, frame);
        ahead.occurrences.insert(head.clone(), one);
    }
    ahead
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use duet_model::when::Interval;
    use duet_model::zones::{Zone, ZoneDb};
    use duet_store::Horizon;

    use super::*;
    use crate::events::occurrences::tests::{at, event};

    #[test]
    fn what_is_known_beforehand_comes_under_the_numbers_that_were_given() {
        let mut master = event("m", at(0), at(1));
        master.recurrence = vec!["RRULE:FREQ=DAILY;COUNT=3".to_owned()];
        let mut moved = event("x", at(30), at(31));
        moved.series = Some(EventId("m".to_owned()));
        moved.original_start = Some(at(24));
        let mut orphan = event("o", at(5), at(6));
        orphan.series = Some(EventId("elsewhere".to_owned()));
        orphan.original_start = Some(at(5));
        let items: Vec<Item> = [moved, master, orphan, event("s", at(7), at(8))]
            .into_iter()
            .map(|event| Item::Event {
                event: Box::new(event),
                raw: "{}".to_owned(),
            })
            .collect();
        let zones = ZoneDb::bundled();
        let frame = Frame {
            zones: &zones,
            home: Zone::utc(),
            horizon: Horizon {
                span: Interval::new(
                    "2020-01-01T00:00:00Z".parse().unwrap(),
                    "2040-01-01T00:00:00Z".parse().unwrap(),
                )
                .unwrap(),
                zones: String::new(),
            },
        };
        let keys: BTreeMap<EventId, EventKey> = [("m", 70), ("x", 60), ("o", 50), ("s", 40)]
            .into_iter()
            .map(|(id, key)| (EventId(id.to_owned()), EventKey(key)))
            .collect();
        let counts = |all: bool, head: &str| {
            let ahead = of_items(&items, CalendarId(1), all, &frame);
            let found = ahead.occurrences(&EventId(head.to_owned()), &keys)?;
            let mut counts: BTreeMap<i64, usize> =
                found.events.iter().map(|key| (key.0, 0)).collect();
            for (key, _) in &found.rows {
                *counts.entry(key.0).or_default() += 1;
            }
            Some(counts.into_iter().collect::<Vec<_>>())
        };
        assert_eq!(counts(true, "m"), Some(vec![(60, 1), (70, 2)]));
        assert_eq!(counts(true, "elsewhere"), Some(vec![(50, 1)]));
        assert_eq!(counts(true, "s"), Some(vec![(40, 1)]));
        // What stands under a head that may have exceptions elsewhere is not asked for.
        assert_eq!(counts(false, "elsewhere"), None);
        assert_eq!(counts(false, "s"), Some(vec![(40, 1)]));
    }

    #[test]
    fn what_got_no_number_is_not_known() {
        let ahead = Ahead {
            numbers: vec![EventId("a".to_owned())],
            occurrences: HashMap::from([(
                EventId("a".to_owned()),
                Occurrences {
                    events: vec![EventKey(0)],
                    ..Occurrences::default()
                },
            )]),
            ..Ahead::default()
        };
        let head = EventId("a".to_owned());
        assert_eq!(ahead.occurrences(&head, &BTreeMap::new()), None);
    }
}
