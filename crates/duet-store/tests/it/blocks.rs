//! Busy times: what a replacement keeps, writes and forgets, and which blocks a range has.

use chrono::TimeDelta;
use duet_model::when::Interval;

use crate::common::*;

#[tokio::test]
async fn only_differences_are_written() {
    let world = World::new().await;
    assert_eq!(
        world.replace(span(0, 100), &[span(1, 2), span(5, 6)]).await,
        (2, 0)
    );
    let mut eyes = beside(world.dir.path()).await;
    let mut changes = world.store.changes();
    let before = data_version(&mut eyes).await;
    assert_eq!(
        world.replace(span(0, 100), &[span(5, 6), span(1, 2)]).await,
        (0, 0),
        "the same in another order"
    );
    assert_eq!(
        data_version(&mut eyes).await,
        before,
        "not a page was written"
    );
    assert!(changes.try_recv().is_err(), "and nothing announced");

    assert_eq!(
        world.replace(span(0, 100), &[span(1, 3), span(7, 8)]).await,
        (2, 2)
    );
    assert_eq!(world.spans().await, [span(1, 3), span(7, 8)]);
    assert_eq!(world.replace(span(0, 100), &[]).await, (0, 2));
    assert_eq!(world.spans().await, []);
}

#[tokio::test]
async fn overlapping_and_touching_blocks_are_joined() {
    let world = World::new().await;
    let busy = [span(4, 6), span(1, 2), span(2, 3), span(5, 9), span(6, 7)];
    world.replace(span(0, 100), &busy).await;
    assert_eq!(world.spans().await, [span(1, 3), span(4, 9)]);
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn history_before_a_rolling_window_stays() {
    let world = World::new().await;
    world
        .replace(span(0, 48), &[span(1, 2), span(20, 30), span(40, 41)])
        .await;
    // A day later: Google clips the block under the window's edge, and one meeting was called off.
    assert_eq!(world.replace(span(24, 72), &[span(24, 30)]).await, (0, 1));
    assert_eq!(world.spans().await, [span(1, 2), span(20, 30)]);
    assert_eq!(world.covered().await, Some(span(0, 72)));
    // The part inside the window is called off: what was, was.
    world.replace(span(24, 72), &[]).await;
    assert_eq!(world.spans().await, [span(1, 2), span(20, 24)]);
    // Whole, as a server that does not clip would say it: only the window was asked about.
    world
        .replace(span(24, 72), &[span(18, 30), span(70, 80)])
        .await;
    assert_eq!(
        world.spans().await,
        [span(1, 2), span(20, 30), span(70, 72)]
    );
}

#[tokio::test]
async fn a_shorter_window_forgets_what_nobody_vouches_for() {
    let world = World::new().await;
    world
        .replace(span(0, 90), &[span(10, 11), span(55, 65), span(70, 71)])
        .await;
    world
        .replace(span(0, 60), &[span(10, 11), span(55, 60)])
        .await;
    assert_eq!(world.spans().await, [span(10, 11), span(55, 60)]);
    assert_eq!(world.covered().await, Some(span(0, 60)));
    // After a long sleep the old span does not join up: the gap must not pass for known.
    world.replace(span(200, 260), &[]).await;
    assert_eq!(world.covered().await, Some(span(200, 260)));
}

#[tokio::test]
async fn fractions_of_a_millisecond_are_rounded_outwards() {
    let world = World::new().await;
    let tiny = Interval::new(
        hour(1) + TimeDelta::nanoseconds(10),
        hour(1) + TimeDelta::nanoseconds(20),
    )
    .unwrap();
    world.replace(span(0, 24), &[tiny]).await;
    let stored = world.spans().await;
    assert_eq!(stored.len(), 1, "however short, it is not lost");
    assert!(stored[0].covers(&tiny));
    assert_eq!(world.replace(span(0, 24), &[tiny]).await, (0, 0));
}

#[tokio::test]
async fn a_range_has_what_shares_an_instant_with_it() {
    let world = World::new().await;
    world
        .replace(span(0, 1000), &[span(1, 5), span(10, 500), span(600, 601)])
        .await;
    let cases: [(Interval, &[Interval]); 7] = [
        (span(0, 1), &[]),
        (span(0, 2), &[span(1, 5)]),
        (span(5, 10), &[]),
        (span(4, 11), &[span(1, 5), span(10, 500)]),
        (span(200, 201), &[span(10, 500)]),
        (span(10, 11), &[span(10, 500)]),
        (span(500, 600), &[]),
    ];
    for (range, expect) in cases {
        let found: Vec<_> = world
            .store
            .blocks_in(range)
            .await
            .unwrap()
            .iter()
            .map(|it| it.span)
            .collect();
        assert_eq!(found, expect, "{range:?}");
    }
}

#[tokio::test]
async fn a_range_is_ordered_across_calendars_and_a_snapshot_sees_one_state() {
    let world = World::new().await;
    let bo = connect(&world.store, "bo@example.com").await;
    let other = list(&world.store, bo, &[primary("bo@example.com")])
        .await
        .added[0];
    world.replace(span(0, 24), &[span(1, 2), span(5, 6)]).await;
    let generation = world
        .store
        .calendar(other)
        .await
        .unwrap()
        .unwrap()
        .generation;
    let mut tx = world.store.write().await.unwrap();
    let busy = [span(0, 1), span(3, 4), span(5, 6)];
    tx.replace_blocks(other, generation, span(0, 24), &busy, hour(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    let found = snapshot.blocks_in(span(0, 24)).await.unwrap();
    let starts: Vec<_> = found
        .iter()
        .map(|it| (it.span.start, it.calendar))
        .collect();
    let (ana, bo) = (world.calendar, other);
    let expect = [
        (hour(0), bo),
        (hour(1), ana),
        (hour(3), bo),
        (hour(5), ana),
        (hour(5), bo),
    ];
    assert_eq!(starts, expect);

    world.replace(span(0, 24), &[]).await;
    assert_eq!(
        snapshot.blocks_in(span(0, 24)).await.unwrap(),
        found,
        "still the same state"
    );
    assert_eq!(snapshot.calendars().await.unwrap().len(), 2);
    drop(snapshot);
    assert_eq!(world.store.blocks_in(span(0, 24)).await.unwrap().len(), 3);
}
