//! Occurrences of a range against brute force, whole days, and what replacing writes.

use chrono::{DateTime, NaiveDate, TimeDelta};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::when::Interval;
use duet_store::OccurrenceTime;
use proptest::prelude::*;

use crate::common::*;
use crate::events::{event, hours};

fn day(number: i64) -> NaiveDate {
    hour(24 * number).date_naive()
}

fn days(first: i64, until: i64) -> OccurrenceTime {
    OccurrenceTime::Days {
        first: day(first),
        until: day(until),
    }
}

async fn world_with(events: usize) -> (World, Vec<EventKey>) {
    let world = World::new().await;
    let all: Vec<_> = (0..events)
        .map(|n| event(&format!("e{n}"), &format!("t{n}"), 0))
        .collect();
    let keys = world.put(&all).await.inserted;
    (world, keys)
}

async fn read(world: &World, range: Interval) -> Vec<(EventKey, OccurrenceTime)> {
    let mut snapshot = world.store.read().await.unwrap();
    let rows = snapshot.occurrences_in(range).await.unwrap();
    assert!(rows.iter().all(|row| row.calendar == world.calendar));
    rows.into_iter().map(|row| (row.event, row.time)).collect()
}

#[tokio::test]
async fn a_range_has_what_touches_it() {
    let (world, keys) = world_with(1).await;
    // The range is hours 24 to 48, which is day 1 in UTC.
    let cases = [
        (hours(23, 24), false),
        (hours(23, 25), true),
        (hours(24, 25), true),
        (hours(47, 48), true),
        (hours(48, 49), false),
        (hours(0, 100), true),
        (hours(-50_000, 25), true),
        (hours(-50_000, 24), false),
        // Without a length.
        (hours(24, 24), true),
        (hours(30, 30), true),
        (hours(48, 48), false),
        (hours(23, 23), false),
        // Day 0 still is at hour 24 where the clock is behind, day 2 begins before hour 48 where
        // it is ahead; day -1 and day 3 are nowhere in between.
        (days(0, 1), true),
        (days(1, 2), true),
        (days(2, 3), true),
        (days(-1, 0), false),
        (days(3, 4), false),
        (days(-900, 1), true),
        (days(-900, 0), false),
    ];
    for (time, expect) in cases {
        world.occur(&[(keys[0], time)]).await;
        let found = read(&world, span(24, 48)).await;
        assert_eq!(
            found,
            if expect {
                vec![(keys[0], time)]
            } else {
                vec![]
            },
            "{time:?}"
        );
    }
}

#[tokio::test]
async fn only_differences_are_written_and_only_of_these_events() {
    let (world, keys) = world_with(3).await;
    assert_eq!(
        world
            .occur(&[(keys[0], hours(0, 1)), (keys[0], hours(24, 25))])
            .await,
        (2, 0)
    );
    assert_eq!(world.occur(&[(keys[1], hours(0, 1))]).await, (1, 0));
    let mut other = beside(world.dir.path()).await;
    let before = data_version(&mut other).await;
    assert_eq!(
        world
            .occur(&[(keys[0], hours(24, 25)), (keys[0], hours(0, 1))])
            .await,
        (0, 0)
    );
    assert_eq!(
        data_version(&mut other).await,
        before,
        "the same again writes nothing"
    );
    assert_eq!(world.occur(&[(keys[0], hours(0, 2))]).await, (1, 2));
    assert_eq!(read(&world, span(0, 99)).await.len(), 2);

    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    let rows = [(keys[2], hours(0, 1)), (EventKey(999), hours(0, 1))];
    let done = tx
        .replace_occurrences(world.calendar, generation, &[keys[0], EventKey(999)], &rows)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        (done.added, done.removed),
        (0, 1),
        "nobody's and others' rows are ignored"
    );
    assert_eq!(read(&world, span(0, 99)).await, [(keys[1], hours(0, 1))]);
}

#[tokio::test]
async fn one_calendar_cannot_touch_the_occurrences_of_another() {
    let (world, keys) = world_with(1).await;
    world.occur(&[(keys[0], hours(0, 1))]).await;
    let listed = [primary("ana@example.com"), secondary("second")];
    let second = list(&world.store, world.account, &listed).await.added[0];
    let mut tx = world.store.write().await.unwrap();
    let generation = tx.calendar(second).await.unwrap().unwrap().generation;
    let done = tx
        .replace_occurrences(second, generation, &keys, &[(keys[0], hours(5, 6))])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!((done.added, done.removed), (0, 0));
    assert_eq!(read(&world, span(0, 99)).await, [(keys[0], hours(0, 1))]);
    assert_ne!(second, CalendarId(0));
}

#[tokio::test]
async fn odd_times_are_stored_as_something_that_can_be_read() {
    let (world, keys) = world_with(1).await;
    let long = OccurrenceTime::At {
        start: DateTime::<chrono::Utc>::MIN_UTC + TimeDelta::days(1),
        end: DateTime::<chrono::Utc>::MAX_UTC - TimeDelta::days(1),
    };
    world.occur(&[(keys[0], long)]).await;
    world.occur(&[(keys[0], hours(5, 4))]).await;
    assert_eq!(
        read(&world, span(5, 6)).await,
        [(keys[0], hours(5, 5))],
        "an end before the start is the start"
    );
    let fraction = OccurrenceTime::At {
        start: hour(0),
        end: hour(1) + TimeDelta::nanoseconds(1),
    };
    world.occur(&[(keys[0], fraction)]).await;
    let late = Interval::new(hour(1), hour(2)).unwrap();
    assert_eq!(
        read(&world, late).await.len(),
        1,
        "outwards, so that nothing busy is lost"
    );
}

fn time() -> impl Strategy<Value = OccurrenceTime> {
    let length = prop_oneof![
        4 => 0..30_i64,
        2 => 0..400_i64,
        1 => 0..100_000_i64,
        1 => (0..12_u32).prop_map(|n| 24 << n),
    ];
    (-2000..2000_i64, length, any::<bool>()).prop_map(|(start, length, whole)| {
        if whole {
            days(start / 24, start / 24 + 1 + length / 24)
        } else {
            hours(start, start + length)
        }
    })
}

/// Does it touch the range in some zone between 15 hours behind and 15 hours ahead?
fn touches(time: &OccurrenceTime, range: Interval) -> bool {
    let (start, end, slack) = match time {
        OccurrenceTime::At { start, end } => (*start, *end, TimeDelta::zero()),
        OccurrenceTime::Days { first, until } => {
            let midnight = |day: &NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
            (midnight(first), midnight(until), TimeDelta::hours(15))
        }
    };
    let (from, until) = (range.start - slack, range.end + slack);
    start < until && (end > from || (start == end && start >= from))
}

#[test]
fn a_range_agrees_with_brute_force() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (world, keys) = runtime.block_on(world_with(8));
    let config = ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..Default::default()
    };
    let rows = proptest::collection::vec((0..8_usize, time()), 0..60);
    let asked = proptest::collection::vec((-2500..2500_i64, 1..800_i64), 8);
    proptest!(config, |(rows in rows, asked in asked)| {
        runtime.block_on(async {
            let rows: Vec<_> = rows.iter().map(|(n, time)| (keys[*n], *time)).collect();
            let generation = world.generation().await;
            let mut tx = world.store.write().await.unwrap();
            tx.replace_occurrences(world.calendar, generation, &keys, &rows).await.unwrap();
            tx.commit().await.unwrap();
            for (from, length) in asked {
                let range = span(from, from + length);
                let mut found = read(&world, range).await;
                let mut expect: Vec<_> =
                    rows.iter().copied().filter(|(_, time)| touches(time, range)).collect();
                found.sort_unstable();
                expect.sort_unstable();
                expect.dedup();
                prop_assert_eq!(found, expect);
            }
            Ok(())
        })?;
    });
}
