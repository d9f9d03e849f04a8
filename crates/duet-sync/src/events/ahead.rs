//! What can be worked out of a page before it has the writer, on a thread of its own, while another
//! calendar's page is written: when its events take place, and what is stored of them. Of the first
//! page of a first listing that is everything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use duet_google::events::{Item, Page};
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventId, EventKey};
use duet_model::recurrence::SeriesError;
use duet_model::verdict::Facts;
use duet_store::{EventBody, FirstPage, NewEvent, StoreError};

use super::Frame;
use super::items::{Sorted, sort};
use super::occurrences::{Occurrences, head_of, occurrences_of_these};

/// What is known of a page beforehand.
#[derive(Default)]
pub(super) struct Ahead {
    /// Of each event, as it will be stored.
    bodies: HashMap<EventId, EventBody>,
    /// By head, of those that have no exceptions on this page; each under the number 0.
    occurrences: HashMap<EventId, Occurrences>,
    /// All of it, of the first page of a calendar of which nothing is stored.
    pub(super) first: Option<First>,
}

/// A first page, ready to be stored.
pub(super) struct First {
    pub(super) page: FirstPage,
    /// Masters of series that are not known altogether, and why.
    pub(super) unknown: Vec<(EventKey, EventId, SeriesError)>,
}

impl Ahead {
    /// As the event will be stored, where that is known.
    pub(super) fn body(&self, event: &EventId) -> Option<&EventBody> {
        self.bodies.get(event)
    }

    /// When an event that has no exceptions takes place, under the number that it got. `None` where
    /// that is not known.
    pub(super) fn occurrences(&self, event: &EventId, key: EventKey) -> Option<Occurrences> {
        let known = self.occurrences.get(event)?;
        Some(Occurrences {
            events: vec![key],
            rows: known.rows.iter().map(|(_, time)| (key, *time)).collect(),
            unknown: known.unknown.clone(),
        })
    }
}

/// Works ahead. With `first`, the number that is set aside for the first of its events, the page is
/// the first one of a calendar of which nothing is stored.
///
/// # Errors
/// As [`FirstPage::new`].
pub(super) async fn work_ahead(
    page: &Arc<Page>,
    calendar: CalendarId,
    first: Option<EventKey>,
    frame: &Frame<'_>,
) -> Result<Ahead, StoreError> {
    let page = page.clone();
    let (zones, home) = (frame.zones.clone(), frame.home.clone());
    let horizon = frame.horizon.clone();
    let work = move || {
        let frame = Frame {
            zones: &zones,
            home,
            horizon,
        };
        of_items(&page.items, calendar, first, &frame)
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

fn of_items(
    items: &[Item],
    calendar: CalendarId,
    first: Option<EventKey>,
    frame: &Frame<'_>,
) -> Result<Ahead, StoreError> {
    let sorted = sort(items);
    if let Some(first) = first {
        return Ok(Ahead {
            first: Some(first_page(&sorted, calendar, first, frame)?),
            ..Ahead::default()
        });
    }
    let mut ahead = Ahead::default();
    for (event, raw) in &sorted.events {
        let id = &event.id;
        ahead.bodies.insert(id.clone(), EventBody::of(event, raw));
        if event.series.is_none() {
            let one = occurrences_of_these(Some((EventKey(0), event)), &[], frame);
            ahead.occurrences.insert(id.clone(), one);
        }
    }
    Ok(ahead)
}

fn first_page(
    sorted: &Sorted<'_>,
    calendar: CalendarId,
    first: EventKey,
    frame: &Frame<'_>,
) -> Result<First, StoreError> {
    let bodies: Vec<EventBody> = sorted
        .events
        .iter()
        .map(|(event, raw)| EventBody::of(event, raw))
        .collect();
    let events: Vec<(EventKey, NewEvent<'_>)> = sorted
        .events
        .iter()
        .zip(&bodies)
        .zip(first.0..)
        .map(|(((event, _), body), number)| {
            let new = NewEvent {
                event,
                facts: Facts::of(event).code(),
                body,
            };
            (EventKey(number), new)
        })
        .collect();
    let mut series: BTreeMap<&EventId, Series<'_>> = BTreeMap::new();
    for (key, new) in &events {
        let one = series.entry(head_of(new.event)).or_default();
        if new.event.series.is_some() {
            one.exceptions.push((*key, new.event));
        } else {
            one.master = Some((*key, new.event));
        }
    }
    let mut rows = Vec::with_capacity(events.len());
    let mut unknown = Vec::new();
    for (head, Series { master, exceptions }) in series {
        let one = occurrences_of_these(master, &exceptions, frame);
        rows.extend(one.rows);
        if let (Some((key, _)), Some(why)) = (master, one.unknown) {
            unknown.push((key, head.clone(), why));
        }
    }
    Ok(First {
        page: FirstPage::new(calendar, &events, &rows)?,
        unknown,
    })
}

/// What stands under one head.
#[derive(Default)]
struct Series<'a> {
    master: Option<(EventKey, &'a Event)>,
    exceptions: Vec<(EventKey, &'a Event)>,
}

#[cfg(test)]
mod tests {
    use duet_model::when::Interval;
    use duet_model::zones::{Zone, ZoneDb};
    use duet_store::Horizon;

    use super::*;
    use crate::events::occurrences::tests::{at, event};

    #[test]
    fn what_may_have_exceptions_elsewhere_is_not_known() {
        let mut master = event("m", at(0), at(1));
        master.recurrence = vec!["RRULE:FREQ=DAILY;COUNT=3".to_owned()];
        let mut orphan = event("o", at(5), at(6));
        orphan.series = Some(EventId("elsewhere".to_owned()));
        orphan.original_start = Some(at(5));
        let items: Vec<Item> = [master, orphan, event("s", at(7), at(8))]
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
        let ahead = of_items(&items, CalendarId(1), None, &frame).unwrap();
        // How many occurrences, all under the number that the event got.
        for (id, count) in [("m", Some(3)), ("o", None), ("s", Some(1))] {
            let id = EventId(id.to_owned());
            let found = ahead.occurrences(&id, EventKey(70));
            assert!(ahead.body(&id).is_some());
            assert_eq!(found.as_ref().map(|it| it.rows.len()), count, "{id:?}");
            if let Some(found) = found {
                assert_eq!(found.events, [EventKey(70)]);
                assert!(found.rows.iter().all(|(key, _)| *key == EventKey(70)));
            }
        }
    }
}
