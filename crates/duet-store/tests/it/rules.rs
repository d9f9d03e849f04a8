//! Rules of a calendar, series in doubt, which events a range far away is worked out from, and bounds.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use duet_model::calendar::Calendar;
use duet_model::event::{Event, EventId, EventKey, EventTime};
use duet_model::topic::Topic;
use duet_model::verdict::{Overrides, Treatment};
use duet_model::when::Interval;
use duet_store::{EventDoubt, Listing, Unfollowed, Unreadable};

use crate::common::*;
use crate::events::event;

impl World {
    async fn read_calendar(&self) -> Calendar {
        self.store.calendar(self.calendar).await.unwrap().unwrap()
    }

    async fn set_rules(&self, rules: &Overrides) -> bool {
        let mut tx = self.store.write().await.unwrap();
        let changed = tx.set_rules(self.calendar, rules).await.unwrap();
        tx.commit().await.unwrap();
        changed
    }

    async fn doubt(&self, events: &[EventKey], doubts: &[(EventKey, &str)]) -> bool {
        let doubts: Vec<_> = doubts
            .iter()
            .map(|(key, why)| (*key, (*why).to_owned()))
            .collect();
        let generation = self.generation().await;
        let mut tx = self.store.write().await.unwrap();
        let changed = tx
            .replace_doubts(self.calendar, generation, events, &doubts)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        changed
    }

    async fn unfollowed(&self) -> Vec<Unfollowed> {
        let mut snapshot = self.store.read().await.unwrap();
        snapshot.unfollowed().await.unwrap()
    }

    async fn event_doubts(&self) -> Vec<EventDoubt> {
        let mut snapshot = self.store.read().await.unwrap();
        snapshot.event_doubts().await.unwrap()
    }

    fn topics(changes: &mut tokio::sync::broadcast::Receiver<BTreeSet<Topic>>) -> BTreeSet<Topic> {
        let mut topics = BTreeSet::new();
        while let Ok(more) = changes.try_recv() {
            topics.extend(more);
        }
        topics
    }
}

#[tokio::test]
async fn the_rules_of_a_calendar_are_the_persons_own() {
    let world = World::new().await;
    let before = world.read_calendar().await;
    assert!(before.rules.is_empty(), "at first it deviates in nothing");
    let rules = Overrides {
        all_day: Some(Treatment::Free),
        keywords: Some(Vec::new()),
        ..Overrides::default()
    };
    let mut changes = world.store.changes();
    assert!(world.set_rules(&rules).await);
    assert_eq!(
        World::topics(&mut changes),
        BTreeSet::from([Topic::Calendars])
    );
    assert!(!world.set_rules(&rules).await, "no change");
    assert_eq!(World::topics(&mut changes), BTreeSet::new());
    let expect = Calendar {
        rules: rules.clone(),
        ..before
    };
    assert_eq!(
        world.read_calendar().await,
        expect,
        "nothing else is touched"
    );

    // What Google's list says of a calendar does not concern them, nor do the switches.
    let mut renamed = primary("ana@example.com");
    renamed.name = "Anna".into();
    let mut tx = world.store.write().await.unwrap();
    tx.apply_calendar_list(world.account, &[renamed], Listing::Full, None, hour(1))
        .await
        .unwrap();
    for on in [false, true] {
        tx.set_switches(world.calendar, Some(on), Some(on))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let after = world.read_calendar().await;
    assert_eq!((after.name.as_str(), after.rules), ("Anna", rules));
    assert!(world.set_rules(&Overrides::default()).await);
    assert!(world.read_calendar().await.rules.is_empty());
}

#[tokio::test]
async fn doubts_are_replaced_for_the_events_that_were_looked_at() {
    let world = World::new().await;
    let events = [event("a", "A", 0), event("b", "B", 1), event("c", "C", 2)];
    let keys = world.put(&events).await.inserted;
    let [a, b, c] = [keys[0], keys[1], keys[2]];
    assert!(!world.doubt(&keys, &[]).await, "nothing is in doubt");
    assert_eq!(world.event_doubts().await, []);
    let mut changes = world.store.changes();
    assert!(world.doubt(&keys, &[(a, "Odd."), (b, "Odder.")]).await);
    assert_eq!(World::topics(&mut changes), BTreeSet::from([Topic::Events]));
    assert!(!world.doubt(&keys, &[(a, "Odd."), (b, "Odder.")]).await);
    assert_eq!(World::topics(&mut changes), BTreeSet::new());
    let said = async || -> Vec<(String, String)> {
        let all = world.unfollowed().await.into_iter();
        all.map(|it| (it.title, it.why)).collect()
    };
    let row = |title: &str, why: &str| (title.to_owned(), why.to_owned());
    assert_eq!(said().await, [row("A", "Odd."), row("B", "Odder.")]);
    // Of those that were not looked at nothing is said, however it is put.
    assert!(world.doubt(&[a, c], &[(a, "Other."), (b, "No.")]).await);
    assert_eq!(said().await, [row("A", "Other."), row("B", "Odder.")]);
    assert!(world.doubt(&[a], &[]).await);
    let all = world.unfollowed().await;
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].event, all[0].id.0.as_str()), (b, "b"));
    assert_eq!(all[0].calendar, world.calendar);

    // Beside what could not be read at all.
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    for raw in ["{1", "{2"] {
        let odd = Unreadable {
            id: None,
            why: "It is no JSON.",
            raw,
        };
        tx.put_quarantined(world.calendar, generation, odd, None, hour(0))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let doubt = |unreadable, unfollowed| EventDoubt {
        calendar: world.calendar,
        unreadable,
        unfollowed,
    };
    assert_eq!(world.event_doubts().await, [doubt(2, 1)]);
    let mut tx = world.store.write().await.unwrap();
    tx.remove_event(world.calendar, generation, &EventId("b".into()), hour(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        world.event_doubts().await,
        [doubt(2, 0)],
        "gone with its event"
    );

    // What was found out under an older generation is not wanted.
    world.doubt(&[a], &[(a, "Odd.")]).await;
    let mut tx = world.store.write().await.unwrap();
    let late = tx
        .replace_doubts(world.calendar, generation - 1, &[a], &[])
        .await
        .unwrap();
    assert!(!late);
    tx.forget_events(world.calendar).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.event_doubts().await, []);
}

#[tokio::test]
async fn a_range_is_worked_out_from_what_is_near_it_and_from_all_series() {
    let world = World::new().await;
    let long = Event {
        end: event("x", "x", 500).end,
        ..event("long", "Long", -5000)
    };
    let day = |n: i64| EventTime::Date(hour(24 * n).date_naive());
    let leave = |id: &str, first: i64, until: i64| Event {
        start: day(first),
        end: day(until),
        ..event(id, id, 0)
    };
    let series = Event {
        recurrence: vec!["RRULE:FREQ=WEEKLY".into()],
        ..event("series", "Series", -9000)
    };
    let of = |id: &str, head: &str, start: i64| Event {
        series: Some(EventId(head.into())),
        original_start: Some(event("x", "x", start).start),
        ..event(id, id, start)
    };
    world
        .put(&[
            event("before", "Before", -100),
            event("near", "Near", 12),
            event("after", "After", 120),
            long,
            leave("day-before", -8, -5),
            leave("day-near", -1, 0),
            leave("day-after", 5, 6),
            series,
            of("moved", "series", -9000),
            of("orphan", "never-seen", 400),
            event("was-a-series", "Was a series", 300),
            of("leftover", "was-a-series", 400),
        ])
        .await;
    let heads = async |range: Interval| -> Vec<(String, Vec<String>)> {
        let mut snapshot = world.store.read().await.unwrap();
        let found = snapshot.series_near(world.calendar, range).await.unwrap();
        let name = |one: &duet_store::StoredEvent| one.event.id.0.clone();
        let mut heads: Vec<_> = found
            .iter()
            .map(|it| {
                let head = it.master.as_ref().map_or("-".to_owned(), name);
                (head, it.exceptions.iter().map(name).collect::<Vec<_>>())
            })
            .collect();
        heads.sort();
        heads
    };
    let row = |head: &str, exceptions: &[&str]| {
        let exceptions = exceptions.iter().map(|it| (*it).to_owned()).collect();
        (head.to_owned(), exceptions)
    };
    let always = [
        row("-", &["orphan"]),
        row("series", &["moved"]),
        row("was-a-series", &["leftover"]),
    ];
    let with = |more: &[&str]| {
        let mut all = always.to_vec();
        all.extend(more.iter().map(|id| row(id, &[])));
        all.sort();
        all
    };
    assert_eq!(
        heads(span(0, 24)).await,
        with(&["near", "long", "day-near"]),
        "two days to spare on either side"
    );
    assert_eq!(
        heads(span(100, 130)).await,
        with(&["after", "long", "day-after"])
    );
    let far = span(0, 1).start + TimeDelta::days(3000);
    let far = Interval {
        start: far,
        end: far + TimeDelta::days(7),
    };
    assert_eq!(heads(far).await, with(&[]));
}

/// A calendar whose events come and go under ever new ids: there is a bound for each event, and that
/// would be none.
#[tokio::test]
async fn the_history_of_a_calendar_is_bounded() {
    let world = World::new().await;
    let mut conn = beside(world.dir.path()).await;
    meddle(
        &mut conn,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24999)
         INSERT INTO event_changes (calendar_id, google_id, noticed_at, kind, what)
         SELECT (SELECT min(id) FROM external_calendars), 'e' || i, i, 'removed', '[]' FROM n",
    )
    .await;
    drop(conn);
    let of = async |id: &str| {
        let mut snapshot = world.store.read().await.unwrap();
        let id = EventId(id.into());
        let history = snapshot.history_of(world.calendar, &id).await;
        history.unwrap().len()
    };
    world.put(&[event("a", "A", 0)]).await;
    assert_eq!((of("e1").await, of("e24999").await), (1, 1));
    world.put(&[event("a", "A!", 0)]).await;
    assert_eq!(
        (of("e5000").await, of("e5001").await),
        (0, 1),
        "the oldest go"
    );
    assert_eq!((of("e24999").await, of("a").await), (1, 1));
}

/// A title is text, whatever is in it; no neighbour in a range suffers.
#[tokio::test]
async fn a_title_with_a_nul_hides_no_other_event() {
    let world = World::new().await;
    let events = [event("a", "Nu\u{0}l\u{1} ü", 1), event("b", "Plain", 2)];
    let keys = world.put(&events).await.inserted;
    let generation = world.generation().await;
    let rows: Vec<_> = keys
        .iter()
        .zip(&events)
        .map(|(key, event)| {
            let time = duet_store::OccurrenceTime::between(&event.start, &event.end);
            (*key, time.unwrap())
        })
        .collect();
    let mut tx = world.store.write().await.unwrap();
    tx.replace_occurrences(world.calendar, generation, &keys, &rows)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    let found = snapshot.occurrences_in(span(0, 9)).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles.len(), 2, "{titles:?}");
    assert_eq!(titles[1], "Plain");
    assert_eq!(titles[0], "Nu\u{0}l\u{1} ü");
}
