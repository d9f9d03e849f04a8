//! A first page that was made ready leaves what the ordinary road leaves, and an older database's
//! events are read as they were.

use duet_model::event::{Event, EventKey};
use duet_store::{EventBody, FirstPage, NewEvent, OccurrenceTime, PutEvents, Store};
use proptest::prelude::*;
use sqlx::Row;

use crate::common::*;
use crate::events::{PARAMETERS, body_of, cancelled, event, exception, hours};

/// What the tables hold that a page goes into, row by row.
const TABLES: [&str; 5] = [
    "SELECT quote(id) || quote(calendar_id) || quote(google_id) || quote(series)
        || quote(original_start) || quote(cancelled) || quote(start_at) || quote(facts)
        || quote(title) || quote(end_at) || quote(body) FROM external_events ORDER BY id",
    "SELECT quote(event_id) || quote(times) FROM external_event_times ORDER BY event_id",
    "SELECT quote(place) || quote(calendar_id) || quote(entries)
        FROM external_occurrence_weeks ORDER BY place",
    "SELECT quote(state) || quote(token) || quote(listing) FROM external_event_states",
    "SELECT quote(rowid) FROM event_search WHERE event_search MATCH 'title OR other' ORDER BY rowid",
];

async fn contents(world: &World) -> Vec<Vec<String>> {
    let mut conn = beside(world.dir.path()).await;
    let mut all = Vec::new();
    for sql in TABLES {
        let rows = sqlx::query(sql).fetch_all(&mut conn).await.unwrap();
        all.push(rows.iter().map(|row| row.get(0)).collect());
    }
    all
}

fn numbered<'a>(
    first: EventKey,
    events: &'a [Event],
    bodies: &'a [EventBody],
) -> Vec<(EventKey, NewEvent<'a>)> {
    let new = events.iter().zip(bodies).map(|(event, body)| NewEvent {
        event,
        facts: u32::from(event.transparent),
        body,
    });
    (first.0..).map(EventKey).zip(new).collect()
}

impl World {
    /// Stores a page as the first one, with the occurrences of the event at each index.
    async fn put_first(
        &self,
        events: &[Event],
        occurrences: &[(usize, OccurrenceTime)],
    ) -> PutEvents {
        let generation = self.generation().await;
        let first = self.store.number_events(events.len()).await.unwrap();
        let bodies: Vec<EventBody> = events.iter().map(body_of).collect();
        let numbered = numbered(first, events, &bodies);
        let rows: Vec<_> = occurrences
            .iter()
            .map(|(index, time)| (numbered[*index].0, *time))
            .collect();
        let page = FirstPage::new(self.calendar, &numbered, &rows).unwrap();
        let mut tx = self.store.write_repeatable().await.unwrap();
        let listing = tx
            .begin_listing(self.calendar, generation, PARAMETERS)
            .await
            .unwrap()
            .unwrap();
        let done = tx.put_first_page(page, generation).await.unwrap();
        tx.finish_listing(&listing, Some("token"), hour(5))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        done.expect("it is the first page")
    }

    /// Stores the same on the ordinary road.
    async fn put_ordinarily(&self, events: &[Event], occurrences: &[(usize, OccurrenceTime)]) {
        self.list_all(events).await;
        let mut rows = Vec::new();
        let mut keys = Vec::new();
        for event in events {
            keys.push(self.key(&event.id.0).await);
        }
        for (index, time) in occurrences {
            rows.push((keys[*index], *time));
        }
        let generation = self.generation().await;
        let mut tx = self.store.write().await.unwrap();
        tx.replace_occurrences(self.calendar, generation, &keys, &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    (0..4, 0..100_i64, "[a-z]{0,5}").prop_map(|(kind, start, word)| match kind {
        0 => event("id", &format!("title {word}"), start),
        1 => Event {
            recurrence: vec!["RRULE:FREQ=DAILY".into()],
            ..event("id", &format!("other {word}"), start)
        },
        2 => exception("id", "master", start),
        _ => cancelled("id", "master", start),
    })
}

fn any_time() -> impl Strategy<Value = OccurrenceTime> {
    (-2_000..2_000_i64, 0..400_i64).prop_map(|(start, length)| hours(start, start + length))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn it_leaves_what_the_ordinary_road_leaves(
        mut events in prop::collection::vec(any_event(), 0..90),
        times in prop::collection::vec((any::<prop::sample::Index>(), any_time()), 0..300),
    ) {
        for (n, event) in events.iter_mut().enumerate() {
            event.id.0 = format!("e{n:03}");
        }
        let occurrences: Vec<(usize, OccurrenceTime)> = if events.is_empty() {
            Vec::new()
        } else {
            let some = times.iter().map(|(at, time)| (at.index(events.len()), *time));
            // Some of them twice.
            some.clone().chain(some.take(3)).collect()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (one, other) = runtime.block_on(async {
            let (one, other) = (World::new().await, World::new().await);
            let done = one.put_first(&events, &occurrences).await;
            assert_eq!(done.inserted.len(), events.len());
            other.put_ordinarily(&events, &occurrences).await;
            assert_eq!(one.store.integrity().await.unwrap(), [""; 0]);
            (contents(&one).await, contents(&other).await)
        });
        prop_assert_eq!(one, other);
    }
}

#[tokio::test]
async fn it_is_none_where_something_is_stored_and_nothing_where_nobody_wants_it() {
    let world = World::new().await;
    world.put(&[event("a", "title", 1)]).await;
    let before = contents(&world).await[0].clone();
    let generation = world.generation().await;
    let new = event("b", "b", 1);
    let (first, body) = (world.store.number_events(1).await.unwrap(), body_of(&new));
    let page = FirstPage::new(
        world.calendar,
        &numbered(first, &[new], &[body]),
        &[(first, hours(1, 2))],
    );
    let mut tx = world.store.write().await.unwrap();
    let done = tx.put_first_page(page.unwrap(), generation).await.unwrap();
    assert_eq!(done, None);
    tx.commit().await.unwrap();
    assert_eq!(contents(&world).await[0], before);

    let world = World::new().await;
    let stale = world.generation().await + 1;
    let page = FirstPage::new(world.calendar, &[], &[]).unwrap();
    let mut tx = world.store.write().await.unwrap();
    let done = tx.put_first_page(page, stale).await.unwrap().unwrap();
    assert!(done.unwanted);
}

#[tokio::test]
async fn a_number_is_given_once() {
    let world = World::new().await;
    let other = Store::open(world.dir.path()).await.unwrap();
    let mut given: Vec<i64> = Vec::new();
    for count in [3, 0, 20_000, 1] {
        for store in [&world.store, &other] {
            let first = store.number_events(count).await.unwrap().0;
            given.extend(first..first + i64::try_from(count).unwrap());
        }
    }
    let put = world.put(&[event("a", "a", 1)]).await;
    given.extend(put.inserted.iter().map(|key| key.0));
    let count = given.len();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), count, "each number once");
    assert_eq!(given[0], 1, "numbers begin with one");
}

#[tokio::test]
async fn what_an_older_duet_stored_is_read_as_it_was() {
    let world = World::new().await;
    let mut choir = event("a", "Chœur\n\"à\" deux", 1);
    choir.location = Some("Où?".into());
    world.put(&[choir.clone()]).await;
    let key = world.key("a").await;
    let raw = |world: &World| {
        let store = world.store.clone();
        async move {
            let mut snapshot = store.read().await.unwrap();
            snapshot.event_raw(key).await.unwrap().unwrap()
        }
    };
    let sent = raw(&world).await;
    world.store.close().await;
    let mut conn = beside(world.dir.path()).await;
    // As it was before event and raw became one.
    meddle(
        &mut conn,
        "ALTER TABLE external_events ADD COLUMN event TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(event));
         ALTER TABLE external_events ADD COLUMN raw TEXT NOT NULL DEFAULT ''",
    )
    .await;
    sqlx::query("UPDATE external_events SET event = ?1, raw = ?2")
        .bind(serde_json::to_string(&choir).unwrap())
        .bind(&sent)
        .execute(&mut conn)
        .await
        .unwrap();
    meddle(
        &mut conn,
        "ALTER TABLE external_events DROP COLUMN body;
         DELETE FROM _sqlx_migrations WHERE version = 20261123040000",
    )
    .await;
    let store = Store::open(world.dir.path()).await.unwrap();
    let world = World { store, ..world };
    assert_eq!(world.stored("a").await.unwrap(), (key, choir.clone()));
    assert_eq!(raw(&world).await, sent);
    let done = world.put(&[choir]).await;
    assert_eq!(done.unchanged, 1, "the same is not written again");
}
