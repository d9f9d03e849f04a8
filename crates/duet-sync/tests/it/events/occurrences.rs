//! Occurrences follow the events: exceptions before their master, slots that are put back, a horizon
//! that moves, zones that change.

use chrono::TimeDelta;
use duet_sync::events::span;

use super::Bench;
use super::fake::Fault;
use super::world::Entry;

const C: &str = "c";

#[tokio::test]
async fn exceptions_come_before_their_master_and_stand_alone_until_then() {
    let bench = Bench::new().await;
    let calendar = bench.add(C).await;
    bench.fake.with(C, |world| world.moved("m-26", "m", 26, 40));
    bench.pull_well(C).await;
    assert_eq!(bench.shown(&calendar).await.len(), 1);
    bench.fake.with(C, |world| world.series("m", 2, 4));
    bench.pull_well(C).await;
    assert_eq!(bench.shown(&calendar).await.len(), 4);
    let hole = Entry::Hole {
        series: "m".to_owned(),
        slot: 50,
    };
    bench.fake.with(C, |world| world.put("m-50", hole));
    bench.pull_well(C).await;
    assert_eq!(bench.shown(&calendar).await.len(), 3);
}

#[tokio::test]
async fn a_slot_that_is_put_back_is_the_series_again() {
    for whole in [false, true] {
        let bench = Bench::new().await;
        let calendar = bench.add(C).await;
        bench.fake.with(C, |world| {
            world.series("m", 2, 4);
            world.moved("m-26", "m", 26, 500);
        });
        bench.pull_well(C).await;
        bench.fake.with(C, |world| world.put("m-26", Entry::Dead));
        bench.fake.fault(Fault::Gone, usize::from(whole));
        bench.pull_well(C).await;
        assert_eq!(bench.shown(&calendar).await.len(), 4, "whole: {whole}");
    }
}

#[tokio::test]
async fn the_horizon_moves_with_the_month_and_needs_no_answer() {
    let bench = Bench::new().await;
    let calendar = bench.add(C).await;
    bench.fake.with(C, |world| {
        // Daily for longer than any horizon, with an exception at each end of time.
        world.series("m", 2, 3000);
        world.moved("m-26", "m", 26, 40);
        world.single("late", 24 * 830);
    });
    bench.pull(C).await;
    let rows = async |from: i64| {
        let range = duet_model::when::Interval {
            start: bench.rig.now() + TimeDelta::days(from),
            end: bench.rig.now() + TimeDelta::days(from + 40),
        };
        let mut snapshot = bench.rig.store.read().await.unwrap();
        snapshot.occurrences_in(range).await.unwrap().len()
    };
    assert_eq!(rows(-20).await, 31, "since the world began");
    let before = bench.state(&calendar).await.unwrap().horizon.unwrap();
    assert_eq!(before.span, span(bench.rig.now()));

    bench.rig.clock.jump(TimeDelta::days(500));
    bench.fake.fault(Fault::Unavailable, 1);
    bench.pull(C).await;
    let after = bench.state(&calendar).await.unwrap().horizon.unwrap();
    assert_eq!(
        after.span,
        span(bench.rig.now()),
        "also where Google does not answer"
    );
    assert_eq!(after.zones, before.zones);
    assert_eq!(rows(700).await, 40, "further ahead than before");
    assert_eq!(rows(-510).await, 0, "and not so far back");
    assert_eq!(
        rows(300).await,
        41,
        "and what happens once, which had been too far off"
    );
}

#[tokio::test]
async fn another_edition_of_the_zones_works_everything_out_again() {
    let bench = Bench::new().await;
    let calendar = bench.add(C).await;
    bench.fake.with(C, |world| {
        world.series("m", 2, 4);
        world.single("s", 7);
    });
    bench.pull_well(C).await;
    // As older zone data left it: an occurrence where none belongs, none where one does.
    let mut tx = bench.rig.store.write().await.unwrap();
    let horizon = bench.state(&calendar).await.unwrap().horizon.unwrap();
    let stored = tx
        .event_by_id(calendar.id, &duet_model::event::EventId("m".to_owned()))
        .await;
    let key = stored.unwrap().unwrap().key;
    tx.replace_occurrences(calendar.id, calendar.generation, &[key], &[])
        .await
        .unwrap();
    let old = duet_store::Horizon {
        zones: "1999a".to_owned(),
        ..horizon.clone()
    };
    tx.set_horizon(calendar.id, calendar.generation, &old)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bench.shown(&calendar).await.len(), 1);
    bench.pull_well(C).await;
    assert_eq!(bench.state(&calendar).await.unwrap().horizon, Some(horizon));
}
