//! Events: put, changed, listed whole, removed, switched off, kept aside, and their history.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use duet_model::account::FailureCode;
use duet_model::event::{
    Attendee, Event, EventId, EventKey, EventStatus, EventTime, EventType, Person, Response,
    Visibility,
};
use duet_store::{
    ChangeKind, EventBody, EventChange, EventListing, Field, Finished, Horizon, Listed, NewEvent,
    OccurrenceTime, PutEvents, Unreadable,
};
use serde_json::json;

use crate::common::*;

pub(crate) const PARAMETERS: &str = "v1";

/// A confirmed event of one hour.
pub(crate) fn event(id: &str, title: &str, start: i64) -> Event {
    let at = |hours| EventTime::At {
        at: hour(hours),
        zone: Some("Europe/Berlin".into()),
    };
    Event {
        id: EventId(id.into()),
        ical_uid: Some(format!("{id}@google.com")),
        etag: Some(format!("\"{title}-{start}\"")),
        status: EventStatus::Confirmed,
        title: title.into(),
        description: None,
        location: None,
        start: at(start),
        end: at(start + 1),
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: false,
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: None,
        organizer: None,
        attendees: Vec::new(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: None,
        updated: None,
    }
}

pub(crate) fn exception(id: &str, of: &str, start: i64) -> Event {
    let plain = event(id, id, start);
    Event {
        series: Some(EventId(of.into())),
        original_start: Some(plain.start.clone()),
        ..plain
    }
}

pub(crate) fn cancelled(id: &str, of: &str, start: i64) -> Event {
    Event {
        status: EventStatus::Cancelled,
        ..exception(id, of, start)
    }
}

fn guest(name: &str, email: &str) -> Attendee {
    Attendee {
        person: Person {
            email: Some(email.into()),
            name: Some(name.into()),
        },
        response: Response::NeedsAction,
        me: false,
        optional: false,
        resource: false,
    }
}

fn id(text: &str) -> EventId {
    EventId(text.into())
}

/// What was sent for an event: its own JSON, marked.
fn raw_of(event: &Event) -> String {
    json!({ "sent": event }).to_string()
}

pub(crate) fn body_of(event: &Event) -> EventBody {
    EventBody::of(event, &raw_of(event))
}

impl World {
    /// Puts events in a transaction of its own.
    pub(crate) async fn put(&self, events: &[Event]) -> PutEvents {
        self.put_at(events, None, hour(0)).await
    }

    pub(crate) async fn put_at(
        &self,
        events: &[Event],
        listing: Option<&mut EventListing>,
        now: DateTime<Utc>,
    ) -> PutEvents {
        let generation = self.generation().await;
        let bodies: Vec<EventBody> = events.iter().map(body_of).collect();
        let new: Vec<NewEvent<'_>> = events
            .iter()
            .zip(&bodies)
            .map(|(event, body)| NewEvent {
                event,
                facts: u32::from(event.transparent),
                body,
            })
            .collect();
        let mut tx = self.store.write().await.unwrap();
        let done = tx
            .put_events(self.calendar, generation, &new, listing, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        done
    }

    pub(crate) async fn begin(&self, parameters: &str) -> EventListing {
        let generation = self.generation().await;
        let mut tx = self.store.write().await.unwrap();
        let listing = tx
            .begin_listing(self.calendar, generation, parameters)
            .await
            .unwrap()
            .expect("the calendar is wanted");
        tx.commit().await.unwrap();
        listing
    }

    pub(crate) async fn finish(&self, listing: &EventListing, token: Option<&str>) -> Finished {
        let mut tx = self.store.write().await.unwrap();
        let done = tx.finish_listing(listing, token, hour(5)).await.unwrap();
        tx.commit().await.unwrap();
        done
    }

    /// Lists the calendar whole.
    pub(crate) async fn list_all(&self, events: &[Event]) -> Finished {
        let mut listing = self.begin(PARAMETERS).await;
        self.put_at(events, Some(&mut listing), hour(4)).await;
        self.finish(&listing, Some("token")).await
    }

    pub(crate) async fn remove(&self, event: &str) -> Vec<EventId> {
        let generation = self.generation().await;
        let mut tx = self.store.write().await.unwrap();
        let gone = tx
            .remove_event(self.calendar, generation, &id(event), hour(3))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        gone
    }

    pub(crate) async fn stored(&self, event: &str) -> Option<(EventKey, Event)> {
        let mut snapshot = self.store.read().await.unwrap();
        let found = snapshot
            .event_by_id(self.calendar, &id(event))
            .await
            .unwrap()?;
        assert_eq!(
            snapshot.event(found.key).await.unwrap().as_ref(),
            Some(&found)
        );
        Some((found.key, found.event))
    }

    pub(crate) async fn key(&self, event: &str) -> EventKey {
        self.stored(event).await.expect("it is stored").0
    }

    pub(crate) async fn occur(&self, rows: &[(EventKey, OccurrenceTime)]) -> (usize, usize) {
        let generation = self.generation().await;
        let events: Vec<EventKey> = rows.iter().map(|row| row.0).collect();
        let mut tx = self.store.write().await.unwrap();
        let done = tx
            .replace_occurrences(self.calendar, generation, &events, rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(!done.unwanted);
        (done.added, done.removed)
    }

    pub(crate) async fn found(&self, text: &str) -> Vec<String> {
        let mut snapshot = self.store.read().await.unwrap();
        let hits = snapshot.search(text, 100, hour(0)).await.unwrap();
        hits.into_iter().map(|hit| hit.title).collect()
    }

    async fn counts(&self) -> (u64, u64) {
        let mut snapshot = self.store.read().await.unwrap();
        let counts = snapshot.event_counts().await.unwrap();
        let of = counts.iter().find(|it| it.calendar == self.calendar);
        of.map_or((0, 0), |it| (it.events, it.quarantined))
    }

    async fn history(&self, event: &str) -> Vec<EventChange> {
        let mut snapshot = self.store.read().await.unwrap();
        snapshot
            .history_of(self.calendar, &id(event))
            .await
            .unwrap()
    }
}

pub(crate) fn hours(start: i64, end: i64) -> OccurrenceTime {
    OccurrenceTime::At {
        start: hour(start),
        end: hour(end),
    }
}

#[tokio::test]
async fn what_is_put_is_what_is_read_and_the_same_again_writes_nothing() {
    let world = World::new().await;
    let mut full = event("a", "Choir", 10);
    full.location = Some("Town hall".into());
    full.attendees = vec![guest("Bo", "bo@example.com")];
    full.recurrence = vec!["RRULE:FREQ=WEEKLY".into()];
    let all = [
        full.clone(),
        exception("a_1", "a", 34),
        event("b", "Dentist", 5),
    ];
    let done = world.put(&all).await;
    assert_eq!(
        (done.inserted.len(), done.changed.len(), done.unchanged),
        (3, 0, 0)
    );
    let (key, stored) = world.stored("a").await.unwrap();
    assert_eq!(stored, full);
    assert!(done.inserted.contains(&key));
    let mut snapshot = world.store.read().await.unwrap();
    assert_eq!(snapshot.event_raw(key).await.unwrap(), Some(raw_of(&full)));
    drop(snapshot);

    let mut other = beside(world.dir.path()).await;
    let before = data_version(&mut other).await;
    let again = world.put(&all).await;
    assert_eq!(
        (again.unchanged, again.inserted, again.changed),
        (3, vec![], vec![])
    );
    assert_eq!(
        data_version(&mut other).await,
        before,
        "nothing was written"
    );

    full.title = "Orchestra".into();
    full.etag = Some("\"2\"".into());
    let done = world.put(&[full.clone(), event("b", "Dentist", 5)]).await;
    assert_eq!((done.changed, done.unchanged), (vec![key], 1));
    assert_eq!(
        world.stored("a").await,
        Some((key, full)),
        "under its number"
    );
    assert_eq!(world.counts().await, (3, 0));
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn many_events_are_stored_each_under_a_number_of_its_own() {
    let world = World::new().await;
    let named = |n: usize| Event {
        location: Some(format!("place{n:03}")),
        attendees: vec![guest(&format!("guest{n:03}"), "guest@example.com")],
        ..event(&format!("e{n:03}"), &format!("title{n:03}"), 1)
    };
    // Two statements of the largest size and some of the smaller ones.
    let events: Vec<Event> = (0..143).map(named).collect();
    let put = world.put(&events).await;
    assert_eq!((put.inserted.len(), put.keys.len()), (143, 143));
    for (n, expect) in events.iter().enumerate() {
        let (key, stored) = world.stored(&expect.id.0).await.expect("it was put");
        assert_eq!(&stored, expect, "{n}");
        assert_eq!(put.keys[&expect.id], key, "{n}");
        for word in ["title", "place", "guest"] {
            let found = world.found(&format!("{word}{n:03}")).await;
            assert_eq!(found, [expect.title.as_str()], "{word} of {n}");
        }
    }
    // The number of one that is gone is not given to another.
    let newest = *put.keys.values().max().expect("there are some");
    let last = put.keys.iter().find(|(_, key)| **key == newest);
    world.remove(&last.expect("it has an id").0.0).await;
    let next = world.put(&[named(500)]).await.inserted;
    assert!(next[0] > newest, "{next:?} after {newest:?}");
}

#[tokio::test]
async fn an_event_without_a_version_is_compared_by_what_was_sent() {
    let world = World::new().await;
    let plain = Event {
        etag: None,
        ..event("a", "Choir", 1)
    };
    let generation = world.generation().await;
    let put = async |raw: &str| {
        let mut tx = world.store.write().await.unwrap();
        let new = NewEvent {
            event: &plain,
            facts: 0,
            body: &EventBody::of(&plain, raw),
        };
        let done = tx
            .put_events(world.calendar, generation, &[new], None, hour(0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        (done.inserted.len(), done.changed.len(), done.unchanged)
    };
    assert_eq!(put("{}").await, (1, 0, 0));
    assert_eq!(put("{}").await, (0, 0, 1));
    assert_eq!(put("{\"reminders\":{}}").await, (0, 1, 0));
    assert!(
        world.history("a").await.is_empty(),
        "nobody would call it a change"
    );
}

#[tokio::test]
async fn of_an_event_that_comes_twice_the_later_one_counts() {
    let world = World::new().await;
    let done = world
        .put(&[
            event("a", "early", 1),
            event("b", "b", 1),
            event("a", "late", 2),
        ])
        .await;
    assert_eq!(done.inserted.len(), 2);
    assert_eq!(world.stored("a").await.unwrap().1.title, "late");
    assert!(world.history("a").await.is_empty());
}

#[tokio::test]
async fn what_the_rules_look_at_reaches_the_occurrences() {
    let world = World::new().await;
    world.put(&[event("a", "Choir", 1)]).await;
    let key = world.key("a").await;
    assert_eq!(world.occur(&[(key, hours(1, 2))]).await, (1, 0));
    let free = Event {
        transparent: true,
        etag: Some("2".into()),
        title: "Frei \u{1f4a5} 7 0\nzwei".into(),
        ..event("a", "", 1)
    };
    world.put(&[free]).await;
    let mut snapshot = world.store.read().await.unwrap();
    let rows = snapshot.occurrences_in(span(0, 9)).await.unwrap();
    assert_eq!(
        (rows[0].facts, rows[0].title.as_str()),
        (1, "Frei \u{1f4a5} 7 0\nzwei")
    );
}

#[tokio::test]
async fn a_series_is_read_whole_and_goes_whole() {
    let world = World::new().await;
    world
        .put(&[
            exception("a_2", "a", 50),
            cancelled("a_1", "a", 25),
            event("b", "b", 1),
        ])
        .await;
    let mut snapshot = world.store.read().await.unwrap();
    let series = snapshot.series(world.calendar, &id("a")).await.unwrap();
    assert_eq!(series.master, None, "an exception can come first");
    let ids: Vec<_> = series
        .exceptions
        .iter()
        .map(|it| it.event.id.0.as_str())
        .collect();
    assert_eq!(ids, ["a_1", "a_2"]);
    drop(snapshot);
    world
        .put(&[Event {
            recurrence: vec!["RRULE:FREQ=DAILY".into()],
            ..event("a", "a", 1)
        }])
        .await;
    assert_eq!(world.counts().await, (3, 0), "the cancelled one is none");
    assert_eq!(world.remove("a").await, [id("a"), id("a_1"), id("a_2")]);
    assert_eq!(world.remove("a").await, [] as [EventId; 0]);
    assert_eq!(world.counts().await, (1, 0));
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_whole_listing_removes_only_when_it_is_finished() {
    let world = World::new().await;
    world
        .list_all(&[event("old", "old", 1), event("both", "both", 1)])
        .await;
    let mut listing = world.begin(PARAMETERS).await;
    let state = |states: Vec<duet_store::EventState>| states.into_iter().next().unwrap();
    let now = state(
        world
            .store
            .read()
            .await
            .unwrap()
            .event_states()
            .await
            .unwrap(),
    );
    assert_eq!(
        (now.listed, now.token),
        (Listed::Complete, None),
        "what is there is still all"
    );
    world
        .put_at(
            &[event("both", "both", 1), event("new", "new", 2)],
            Some(&mut listing),
            hour(4),
        )
        .await;
    assert!(world.stored("old").await.is_some(), "until the swap");
    assert_eq!(
        world.finish(&listing, Some("next")).await,
        Finished::Done {
            removed: vec![id("old")],
            series: BTreeSet::new(),
        }
    );
    assert!(world.stored("old").await.is_none());
    assert!(world.stored("new").await.is_some());
    let now = state(
        world
            .store
            .read()
            .await
            .unwrap()
            .event_states()
            .await
            .unwrap(),
    );
    assert_eq!(now.token_for(PARAMETERS), Some("next"));
    assert_eq!(now.token_for("v2"), None, "a token belongs to its request");
    assert_eq!(
        (now.full_at, now.checked_at),
        (Some(hour(5)), Some(hour(5)))
    );
    let gone = world.history("old").await;
    assert_eq!((gone.len(), gone[0].kind), (1, ChangeKind::Removed));
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn the_first_listing_is_known_to_be_unfinished() {
    let world = World::new().await;
    assert_eq!(
        world
            .store
            .read()
            .await
            .unwrap()
            .event_states()
            .await
            .unwrap(),
        []
    );
    let mut listing = world.begin(PARAMETERS).await;
    world
        .put_at(&[event("a", "a", 1)], Some(&mut listing), hour(0))
        .await;
    let states = world
        .store
        .read()
        .await
        .unwrap()
        .event_states()
        .await
        .unwrap();
    assert_eq!(
        (states[0].listed, states[0].full_at),
        (Listed::Listing, None)
    );
    // Interrupted here, and begun anew.
    assert_eq!(
        world.list_all(&[event("b", "b", 1)]).await,
        Finished::Done {
            removed: vec![id("a")],
            series: BTreeSet::new(),
        }
    );
    assert_eq!(
        world.finish(&listing, Some("late")).await,
        Finished::Unwanted,
        "another listing was begun since"
    );
    let states = world
        .store
        .read()
        .await
        .unwrap()
        .event_states()
        .await
        .unwrap();
    assert_eq!(states[0].token.as_deref(), Some("token"));
    assert!(world.stored("b").await.is_some());
}

#[tokio::test]
async fn a_server_without_tokens_writes_no_event_twice() {
    let world = World::new().await;
    let all = [event("a", "a", 1), event("b", "b", 2)];
    for _ in 0..2 {
        let mut listing = world.begin(PARAMETERS).await;
        world.put_at(&all, Some(&mut listing), hour(1)).await;
        assert_eq!(
            world.finish(&listing, None).await,
            Finished::Done {
                removed: vec![],
                series: BTreeSet::new()
            }
        );
    }
    let mut listing = world.begin(PARAMETERS).await;
    let again = world.put_at(&all, Some(&mut listing), hour(1)).await;
    assert_eq!(again.unchanged, 2);
    let mut listing = world.begin("v2").await;
    let again = world.put_at(&all, Some(&mut listing), hour(1)).await;
    assert_eq!(
        (again.changed.len(), again.unchanged),
        (2, 0),
        "another request brings other fields, also where the version is the same"
    );
    assert!(world.history("a").await.is_empty());
}

#[tokio::test]
async fn a_listing_that_lacks_too_much_is_not_believed_at_once() {
    // How many were there, how many are listed again, how many are new; is it believed?
    let cases = [
        (9, 0, 0, true),
        (10, 0, 0, false),
        (99, 89, 0, false),
        (100, 90, 0, true),
        (100, 89, 0, false),
        // New ones do not make up for lost ones.
        (100, 0, 5000, false),
    ];
    for (there, again, new, believed) in cases {
        let world = World::new().await;
        let events: Vec<Event> = (0..there)
            .map(|n| event(&format!("e{n}"), "x", n))
            .collect();
        world.list_all(&events).await;
        let mut listing = world.begin(PARAMETERS).await;
        let mut listed = events[..again].to_vec();
        listed.extend((0..new).map(|n| event(&format!("n{n}"), "x", n)));
        world.put_at(&listed, Some(&mut listing), hour(4)).await;
        // A page that is repeated changes nothing about that.
        world.put_at(&listed, Some(&mut listing), hour(4)).await;
        let case = format!("{there} {again} {new}");
        let total = there as u64 + new as u64;
        match world.finish(&listing, Some("next")).await {
            Finished::Done { removed, .. } => {
                assert!(believed, "{case}");
                assert_eq!(removed.len(), there as usize - again, "{case}");
            }
            Finished::Doubtful { missing, of, since } => {
                assert!(!believed, "{case}");
                assert_eq!(
                    (missing, of, since),
                    (there as usize - again, there as usize, hour(5))
                );
                assert_eq!(world.counts().await.0, total, "{case}");
                let mut tx = world.store.write().await.unwrap();
                let state = tx.event_state(world.calendar).await.unwrap().unwrap();
                assert_eq!(
                    (state.token, state.doubted_at),
                    (None, Some(hour(5))),
                    "{case}"
                );
                // The person, or a second look, says that it is so.
                let done = tx
                    .finish_listing_anyway(&listing, Some("t"), hour(6))
                    .await
                    .unwrap();
                assert!(matches!(done, Finished::Done { removed, .. } if removed.len() == missing));
                let state = tx.event_state(world.calendar).await.unwrap().unwrap();
                assert_eq!(
                    (state.token.as_deref(), state.doubted_at),
                    (Some("t"), None)
                );
                tx.commit().await.unwrap();
                assert_eq!(world.counts().await.0, total - missing as u64, "{case}");
            }
            Finished::Unwanted => panic!("{case}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_longer_wanted_is_not_written() {
    let world = World::new().await;
    world.put(&[event("a", "a", 1)]).await;
    let mut listing = world.begin(PARAMETERS).await;
    let stale = world.generation().await;
    let key = world.key("a").await;
    let mut tx = world.store.write().await.unwrap();
    tx.set_switches(world.calendar, None, Some(false))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(world.stored("a").await.is_some(), "it is still shown");

    let refused = async |world: &World, listing: &mut EventListing| {
        let new = event("b", "b", 1);
        let new = NewEvent {
            event: &new,
            facts: 0,
            body: &EventBody::of(&new, "{}"),
        };
        let horizon = Horizon {
            span: span(0, 9),
            zones: "2026e".into(),
        };
        let mut tx = world.store.write().await.unwrap();
        let calendar = world.calendar;
        assert!(
            tx.put_events(calendar, stale, &[new], Some(listing), hour(0))
                .await
                .unwrap()
                .unwanted
        );
        assert_eq!(
            tx.remove_event(calendar, stale, &id("a"), hour(0))
                .await
                .unwrap(),
            [] as [EventId; 0]
        );
        assert!(
            tx.begin_listing(calendar, stale, PARAMETERS)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            tx.finish_listing(listing, None, hour(0)).await.unwrap(),
            Finished::Unwanted
        );
        assert_eq!(
            tx.finish_listing_anyway(listing, None, hour(0))
                .await
                .unwrap(),
            Finished::Unwanted
        );
        assert!(
            tx.replace_occurrences(calendar, stale, &[key], &[])
                .await
                .unwrap()
                .unwanted
        );
        assert!(!tx.set_horizon(calendar, stale, &horizon).await.unwrap());
        assert!(!tx.set_event_token(calendar, stale, "t").await.unwrap());
        assert!(
            !tx.mark_events_failed(calendar, stale, failure(FailureCode::Server))
                .await
                .unwrap()
        );
        assert_eq!(
            tx.stamp_events_checked(&[(calendar, stale)], hour(0))
                .await
                .unwrap(),
            0
        );
        let nonsense = Unreadable {
            id: None,
            why: "?",
            raw: "",
        };
        assert!(
            !tx.put_quarantined(calendar, stale, nonsense, None, hour(0))
                .await
                .unwrap()
        );
        drop(tx);
    };
    refused(&world, &mut listing).await;

    // Both off: all of it goes, at once, but for the history.
    world.put(&[event("a", "moved", 2)]).await;
    world.occur(&[(key, hours(1, 2))]).await;
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    let nonsense = Unreadable {
        id: None,
        why: "?",
        raw: "",
    };
    tx.put_quarantined(world.calendar, generation, nonsense, None, hour(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    tx.set_switches(world.calendar, Some(false), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(
        world.generation().await > generation,
        "what was under way is not wanted"
    );
    assert!(world.stored("a").await.is_none());
    let mut snapshot = world.store.read().await.unwrap();
    assert_eq!(snapshot.occurrences_in(span(-99, 99)).await.unwrap(), []);
    assert_eq!(snapshot.event_states().await.unwrap(), []);
    assert_eq!(snapshot.quarantined().await.unwrap(), []);
    drop(snapshot);
    assert_eq!(world.history("a").await.len(), 1);
    refused(&world, &mut listing).await;
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);

    let mut tx = world.store.write().await.unwrap();
    tx.set_switches(world.calendar, Some(true), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.put(&[event("a", "a", 1)]).await.inserted.len(), 1);
    assert!(world.key("a").await > key, "its number is not used again");
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_aside_until_it_can() {
    let world = World::new().await;
    world.list_all(&[event("a", "a", 1)]).await;
    let generation = world.generation().await;
    let quarantine = async |id: Option<&EventId>, raw: &str, listing: Option<&mut EventListing>| {
        let mut tx = world.store.write().await.unwrap();
        let event = Unreadable {
            id,
            why: "Its end has no date.",
            raw,
        };
        let done = tx
            .put_quarantined(world.calendar, generation, event, listing, hour(2))
            .await;
        assert!(done.unwrap());
        tx.commit().await.unwrap();
    };
    let (a, b) = (id("a"), id("b"));
    quarantine(Some(&a), "{1}", None).await;
    quarantine(Some(&a), "{2}", None).await;
    quarantine(Some(&b), "{3}", None).await;
    quarantine(None, "{4}", None).await;
    quarantine(None, "{5}", None).await;
    quarantine(None, "{5}", None).await;
    let long = "é".repeat(40_000);
    quarantine(None, &long, None).await;
    assert_eq!(
        world.counts().await,
        (1, 5),
        "and the event as it was stays"
    );
    let all = world
        .store
        .read()
        .await
        .unwrap()
        .quarantined()
        .await
        .unwrap();
    assert_eq!((all[0].id.as_ref(), all[0].raw.as_str()), (Some(&a), "{2}"));
    assert_eq!(all[4].raw.len(), 64 * 1024);

    let mut other = beside(world.dir.path()).await;
    let before = data_version(&mut other).await;
    quarantine(Some(&b), "{3}", None).await;
    assert_eq!(
        data_version(&mut other).await,
        before,
        "the same again writes nothing"
    );

    world.put(&[event("a", "a", 1)]).await;
    assert_eq!(world.counts().await, (1, 4), "it can be read again");
    world.remove("b").await;
    assert_eq!(world.counts().await, (1, 3), "it is gone");

    let mut listing = world.begin(PARAMETERS).await;
    quarantine(Some(&a), "{6}", Some(&mut listing)).await;
    assert_eq!(
        world.finish(&listing, None).await,
        Finished::Done {
            removed: vec![],
            series: BTreeSet::new()
        },
        "what is kept aside is mentioned"
    );
    assert_eq!(world.counts().await, (1, 1), "the others are not");
}

#[tokio::test]
async fn the_quarantine_is_bounded() {
    let world = World::new().await;
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    for n in 0..1003 {
        let raw = n.to_string();
        let event = Unreadable {
            id: None,
            why: "?",
            raw: &raw,
        };
        tx.put_quarantined(world.calendar, generation, event, None, hour(0))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let all = world
        .store
        .read()
        .await
        .unwrap()
        .quarantined()
        .await
        .unwrap();
    assert_eq!((all.len(), all[0].raw.as_str()), (1000, "3"));
}

#[tokio::test]
async fn the_history_tells_what_changed_and_when_it_was_noticed() {
    let world = World::new().await;
    let mut choir = event("a", "Choir", 10);
    world.put(&[choir.clone()]).await;
    assert!(world.history("a").await.is_empty(), "new is not changed");
    choir.start = EventTime::Date(NaiveDate::from_ymd_opt(2027, 1, 3).unwrap());
    choir.end = EventTime::Date(NaiveDate::from_ymd_opt(2027, 1, 4).unwrap());
    choir.etag = Some("2".into());
    world.put_at(&[choir.clone()], None, hour(7)).await;
    let key = world.key("a").await;
    let history = world
        .store
        .read()
        .await
        .unwrap()
        .history(key)
        .await
        .unwrap();
    assert_eq!(history, world.history("a").await);
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].noticed_at, history[0].kind),
        (hour(7), ChangeKind::Changed)
    );
    let fields: Vec<Field> = history[0].what.iter().map(|it| it.field).collect();
    assert_eq!(fields, [Field::Start, Field::End]);
    assert_eq!(history[0].what[0].after, json!({ "date": "2027-01-03" }));

    // The version alone is no change.
    choir.etag = Some("3".into());
    assert_eq!(world.put(&[choir.clone()]).await.changed, [key]);
    assert_eq!(world.history("a").await.len(), 1);

    world.remove("a").await;
    let history = world.history("a").await;
    assert_eq!(history[0].kind, ChangeKind::Removed);
    assert_eq!(history[0].what[0].before, json!("Choir"));
    assert_eq!(history.len(), 2, "newest first, also of what is gone");
}

#[tokio::test]
async fn the_history_of_an_event_is_bounded() {
    let world = World::new().await;
    for n in 0..204 {
        let title = n.to_string();
        let rarely = if n % 203 == 0 { &title } else { "b" };
        world
            .put(&[event("a", &title, 1), event("b", rarely, 1)])
            .await;
    }
    let history = world.history("a").await;
    assert_eq!(history.len(), 200, "203 changes");
    assert_eq!(
        history[0].what[0].after,
        json!("203"),
        "the newest are kept"
    );
    assert_eq!(world.history("b").await.len(), 2, "each event has its own");
}

#[tokio::test]
async fn a_token_is_stored_where_it_answers_the_stored_one() {
    let world = World::new().await;
    let generation = world.generation().await;
    let set = async |token: &str| {
        let mut tx = world.store.write().await.unwrap();
        let done = tx
            .set_event_token(world.calendar, generation, token)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        done
    };
    assert!(!set("early").await, "there is none yet");
    world.list_all(&[]).await;
    assert!(set("second").await);
    assert!(!set("second").await, "the same is not written");
    let mut tx = world.store.write().await.unwrap();
    tx.forget_event_token(world.calendar).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!set("late").await, "an answer to a dead token");
}

#[tokio::test]
async fn a_calendars_events_fail_alone_and_heal() {
    let world = World::new().await;
    let generation = world.generation().await;
    let state = async || {
        world
            .store
            .read()
            .await
            .unwrap()
            .event_states()
            .await
            .unwrap()
            .remove(0)
    };
    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.mark_events_failed(world.calendar, generation, failure(FailureCode::Server))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(state().await.last_error, Some(failure(FailureCode::Server)));
    assert_eq!(state().await.listed, Listed::Listing);
    let mut tx = world.store.write().await.unwrap();
    let horizon = Horizon {
        span: span(0, 99),
        zones: "2026e".into(),
    };
    assert!(
        tx.set_horizon(world.calendar, generation, &horizon)
            .await
            .unwrap()
    );
    assert!(
        !tx.set_horizon(world.calendar, generation, &horizon)
            .await
            .unwrap()
    );
    assert_eq!(
        tx.stamp_events_checked(&[(world.calendar, generation)], hour(3))
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
    let now = state().await;
    assert_eq!((now.last_error, now.checked_at), (None, Some(hour(3))));
    assert_eq!(now.horizon, Some(horizon));
}

#[tokio::test]
async fn a_calendar_that_is_gone_takes_everything_of_its_events_along() {
    let world = World::new().await;
    let mut other = World::new().await;
    // The other calendar of the same store.
    let bo = connect(&world.store, "bo@example.com").await;
    other.store = world.store.clone();
    other.calendar = list(&world.store, bo, &[primary("bo@example.com")])
        .await
        .added[0];
    for world in [&world, &other] {
        world.list_all(&[event("a", "Choir", 1)]).await;
        world.put(&[event("a", "Choir!", 1)]).await;
        world.occur(&[(world.key("a").await, hours(1, 2))]).await;
    }
    assert_eq!(world.found("choir").await.len(), 2);
    list(&world.store, world.account, &[]).await;
    let mut snapshot = world.store.read().await.unwrap();
    assert_eq!(snapshot.occurrences_in(span(0, 9)).await.unwrap().len(), 1);
    assert_eq!(snapshot.event_states().await.unwrap().len(), 1);
    drop(snapshot);
    assert!(world.history("a").await.is_empty());
    assert_eq!(world.found("choir").await.len(), 1);
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
    assert!(
        other.stored("a").await.is_some(),
        "the other calendar is as it was"
    );
    assert_eq!(other.history("a").await.len(), 1);
}

#[tokio::test]
async fn a_removed_account_leaves_no_byte_of_its_events() {
    let canary = "canaryq7f3a9c51";
    let world = World::new().await;
    let mut other = World::new().await;
    other.store = world.store.clone();
    let bo = connect(&world.store, "bo@example.com").await;
    other.calendar = list(&world.store, bo, &[primary("bo@example.com")])
        .await
        .added[0];
    other.put(&[event("kept", "kept rehearsal", 1)]).await;
    // Enough to fill leaves of the search index, and inner pages that name their first words.
    let events: Vec<Event> = (0..3000)
        .map(|n| Event {
            location: Some(format!("{canary}{n} hall")),
            attendees: vec![guest(
                &format!("{canary}guest{n}"),
                &format!("{canary}{n}@example.com"),
            )],
            ..event(&format!("{canary}{n}"), &format!("{canary}title{n}"), n)
        })
        .collect();
    world.list_all(&events).await;
    let mut moved = events[7].clone();
    moved.title = format!("{canary}moved");
    moved.etag = None;
    world.put(&[moved]).await;
    world.remove(&format!("{canary}8")).await;
    world
        .occur(&[(world.key(&format!("{canary}9")).await, hours(1, 2))])
        .await;
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    let event = Unreadable {
        id: None,
        why: canary,
        raw: canary,
    };
    tx.put_quarantined(world.calendar, generation, event, None, hour(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.found(&format!("{canary}guest2999")).await.len(), 1);

    let mut tx = world.store.write().await.unwrap();
    assert!(tx.remove_account(world.account).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(
        world.found("rehearsal").await,
        ["kept rehearsal"],
        "the others are still found"
    );
    assert_eq!(world.found(canary).await, [""; 0]);
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        // FTS5 writes a word as what differs from the word before it.
        for part in [canary.as_bytes(), &canary.as_bytes()[4..]] {
            let found = bytes.windows(part.len()).any(|window| window == part);
            assert!(!found, "{} still holds the canary", path.display());
        }
    }
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_any_more_is_replaced_by_what_comes() {
    let world = World::new().await;
    world.put(&[event("a", "a", 1), event("b", "b", 1)]).await;
    let mut other = beside(world.dir.path()).await;
    meddle(
        &mut other,
        "UPDATE external_events SET body = x'7a01' WHERE google_id = 'a'",
    )
    .await;
    let done = world.put(&[event("a", "a", 1), event("b", "b", 1)]).await;
    assert_eq!((done.changed.len(), done.unchanged), (1, 1));
    assert_eq!(world.stored("a").await.unwrap().1, event("a", "a", 1));
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_whole_listing_names_the_series_of_the_exceptions_that_are_gone() {
    let world = World::new().await;
    let all = [
        event("master", "Choir", 1),
        exception("moved", "master", 30),
        exception("orphan", "elsewhere", 40),
        event("single", "Single", 50),
    ];
    world.list_all(&all).await;
    let mut listing = world.begin(PARAMETERS).await;
    world.put_at(&all[..1], Some(&mut listing), hour(1)).await;
    let done = world.finish(&listing, None).await;
    let expect = Finished::Done {
        removed: vec![id("moved"), id("orphan"), id("single")],
        series: BTreeSet::from([id("master"), id("elsewhere")]),
    };
    assert_eq!(done, expect);
}
