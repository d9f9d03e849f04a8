//! Tokens, pages, generations, doubt: each as one small story.

use std::collections::BTreeSet;
use std::time::Duration;

use duet_model::account::FailureCode;
use duet_model::calendar::{AccessRole, Calendar};
use duet_model::topic::Topic;
use duet_store::Listed;
use duet_sync::Stop;
use duet_sync::events::Outcome;

use super::Bench;
use super::fake::Fault;
use super::world::{Entry, World};

const C: &str = "c";

/// A calendar with so many events and a series with two exceptions.
fn fill(world: &mut World, events: i64) {
    for n in 0..events {
        world.single(&format!("s{n:02}"), 24 * n);
    }
    world.series("m", 2, 6);
    world.moved("m-26", "m", 26, 500);
    let hole = Entry::Hole {
        series: "m".to_owned(),
        slot: 50,
    };
    world.put("m-50", hole);
}

async fn filled(events: i64) -> (Bench, Calendar) {
    let bench = Bench::new().await;
    bench.fake.with(C, |world| fill(world, events));
    let calendar = bench.add(C).await;
    (bench, calendar)
}

fn code(outcome: &Outcome) -> Option<FailureCode> {
    match outcome {
        Outcome::Failed(trouble) => Some(trouble.code),
        _ => None,
    }
}

#[tokio::test]
async fn a_first_listing_then_only_changes_then_nothing_at_all() {
    let (bench, calendar) = filled(7).await;
    bench.fake.with(C, |world| world.page_size = 3);
    let tally = bench.pull_well(C).await;
    assert!(
        tally.whole && tally.pages == 4 && tally.added == 10,
        "{tally:?}"
    );
    let state = bench.state(&calendar).await.unwrap();
    assert_eq!(state.listed, Listed::Complete);
    assert!(state.token.is_some() && state.checked_at.is_some() && state.last_error.is_none());

    bench.fake.requests();
    let mut changes = bench.rig.store.changes();
    // Nor does it wait for somebody who writes.
    let writer = bench.rig.store.write().await.unwrap();
    let pull = tokio::time::timeout(Duration::from_secs(20), bench.pull_unstamped(C));
    let tally = pull.await.expect("it needs no writer").unwrap();
    drop(writer);
    assert_eq!((tally.outcome, tally.pages), (Outcome::Fresh, 1));
    assert!(
        changes.try_recv().is_err(),
        "nothing changed, nothing is written"
    );
    let asked = bench.fake.requests();
    assert!(asked.len() == 1 && asked[0].starts_with("1-"), "{asked:?}");

    bench.fake.with(C, |world| {
        world.delete("s01", None);
        world.single("s02", 77);
        world.single("new", 78);
    });
    let tally = bench.pull_well(C).await;
    assert!(!tally.whole);
    assert_eq!((tally.added, tally.changed, tally.removed), (1, 1, 1));
}

/// One commit, in which all that is promised is there: its beginning, its horizon and its events.
#[tokio::test]
async fn a_first_listing_begins_with_its_first_page() {
    let (bench, calendar) = filled(7).await;
    let mut changes = bench.rig.store.changes();
    bench.pull_well(C).await;
    let mut told = 0;
    while let Ok(topics) = changes.try_recv() {
        told += u32::from(topics.contains(&Topic::Events));
    }
    assert_eq!(told, 1);
    let state = bench.state(&calendar).await.unwrap();
    assert!(state.horizon.is_some() && state.listed == Listed::Complete);

    // Who believes that nothing is stored, although another process listed it meanwhile, writes
    // nothing.
    let means = bench.means();
    let ask = duet_sync::Ask::new(&means, &bench.account);
    let errand = duet_sync::Errand::default();
    let late = duet_sync::events::pull_calendar(&ask, &calendar, None, errand, &|_| {}).await;
    assert_eq!(late.unwrap().outcome, Outcome::Unwanted);
    assert_eq!(bench.state(&calendar).await.unwrap(), state);
}

#[tokio::test]
async fn a_token_comes_with_the_last_page_or_not_at_all() {
    let (bench, calendar) = filled(8).await;
    bench.pull_well(C).await;
    let before = bench.state(&calendar).await.unwrap().token;
    bench.fake.with(C, |world| {
        world.page_size = 2;
        for n in 0..8 {
            world.single(&format!("s{n:02}"), 24 * n + 5);
        }
    });
    for fault in [
        Fault::Cut,
        Fault::Unavailable,
        Fault::Malformed,
        Fault::TooMany,
    ] {
        bench.fake.fault(Fault::EmptyPage, 1);
        bench.fake.fault(Fault::NoSyncToken, 1); // a page as any other
        bench.fake.fault(fault, 1);
        let failed = match bench.try_pull(C).await {
            Ok(tally) => tally.outcome != Outcome::Fresh,
            Err(_) => true,
        };
        assert!(failed, "{fault:?}");
        let state = bench.state(&calendar).await.unwrap();
        assert_eq!(state.token, before, "{fault:?}");
    }
    bench.pull_well(C).await;
    assert_ne!(bench.state(&calendar).await.unwrap().token, before);
}

#[tokio::test]
async fn a_dead_token_costs_one_whole_listing_and_no_more() {
    for fault in [Fault::Gone, Fault::Invalid] {
        let (bench, calendar) = filled(5).await;
        bench.pull_well(C).await;
        bench.fake.with(C, |world| world.delete("s03", None));
        bench.fake.requests();
        bench.fake.fault(fault, 1);
        let tally = bench.pull_well(C).await;
        assert!(
            tally.whole && tally.removed == 1 && tally.added == 0,
            "{tally:?}"
        );
        assert_eq!(bench.fake.requests().len(), 2, "one refused, one whole");

        bench.fake.fault(fault, 2);
        let shown = bench.shown(&calendar).await;
        let tally = bench.pull(C).await;
        assert_eq!(code(&tally.outcome), Some(FailureCode::Rejected), "no loop");
        assert_eq!(bench.fake.requests().len(), 2);
        assert_eq!(bench.shown(&calendar).await, shown, "what was there stays");
        bench.pull_well(C).await;
    }
}

#[tokio::test]
async fn a_token_of_another_request_is_not_used() {
    let (bench, calendar) = filled(5).await;
    bench.pull_well(C).await;
    // As an older Duet would have left it.
    let mut tx = bench.rig.store.write().await.unwrap();
    let generation = calendar.generation;
    let listing = tx
        .begin_listing(calendar.id, generation, "old")
        .await
        .unwrap();
    let now = bench.rig.now();
    tx.finish_listing_anyway(&listing.unwrap(), Some("1-3"), now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    bench.fake.requests();
    assert!(bench.pull_well(C).await.whole);
    assert_eq!(bench.fake.requests(), ["all first"]);
}

#[tokio::test]
async fn a_server_without_sync_tokens_is_listed_whole_each_time() {
    let (bench, calendar) = filled(5).await;
    for round in 0..3 {
        bench.fake.fault(Fault::NoSyncToken, 1);
        bench
            .fake
            .with(C, |world| world.single("again", 100 + round));
        let tally = bench.pull_well(C).await;
        assert!(tally.whole, "{tally:?}");
        assert_eq!(tally.added + tally.changed, if round == 0 { 9 } else { 1 });
        assert_eq!(bench.state(&calendar).await.unwrap().token, None);
    }
    // An answer to a token that brings no new one leaves the old one good.
    bench.pull_well(C).await;
    let token = bench.state(&calendar).await.unwrap().token;
    bench.fake.fault(Fault::NoSyncToken, 1);
    bench.fake.with(C, |world| world.single("again", 99));
    assert!(!bench.pull_well(C).await.whole);
    assert_eq!(bench.state(&calendar).await.unwrap().token, token);
}

#[tokio::test]
async fn circles_fail_the_calendar_alone_and_empty_pages_do_not() {
    let (bench, calendar) = filled(5).await;
    bench.fake.with("other", |world| fill(world, 2));
    bench.add("other").await;
    for fault in [Fault::Repeat, Fault::Circle] {
        bench.fake.requests();
        bench.fake.fault(fault, 40);
        let tally = bench.pull(C).await;
        assert_eq!(
            code(&tally.outcome),
            Some(FailureCode::BadAnswer),
            "{fault:?}"
        );
        assert!(bench.fake.requests().len() <= 4, "{fault:?}");
        bench.fake.clear_faults();
        let error = bench.state(&calendar).await.unwrap().last_error.unwrap();
        assert!(error.message.contains("no end"), "{error:?}");
        bench.pull_well("other").await;
    }
    bench.fake.fault(Fault::EmptyPage, 1);
    bench.pull_well(C).await;
    assert_eq!(bench.state(&calendar).await.unwrap().last_error, None);
}

#[tokio::test]
async fn faults_of_one_calendar_and_of_the_account() {
    let (bench, calendar) = filled(3).await;
    bench.fake.fault(Fault::Unavailable, 1);
    let tally = bench.pull(C).await;
    assert_eq!(code(&tally.outcome), Some(FailureCode::Server));
    assert!(bench.state(&calendar).await.unwrap().last_error.is_some());
    bench.fake.fault(Fault::TooMany, 1);
    assert!(
        matches!(bench.try_pull(C).await, Err(Stop::Trouble(_))),
        "the account must wait"
    );
    bench.add("unknown to the server").await;
    let tally = bench.pull("unknown to the server").await;
    assert_eq!(code(&tally.outcome), Some(FailureCode::NotFound));
    bench.pull_well(C).await;
}

#[tokio::test]
async fn a_listing_that_is_suddenly_empty_needs_a_second_one() {
    let (bench, calendar) = filled(12).await;
    bench.pull_well(C).await;
    let shown = bench.shown(&calendar).await;
    bench.fake.fault(Fault::Gone, 1);
    bench.fake.fault(Fault::Empty, 1);
    let tally = bench.pull(C).await;
    assert_eq!(
        code(&tally.outcome),
        Some(FailureCode::BadAnswer),
        "{tally:?}"
    );
    assert_eq!(bench.shown(&calendar).await, shown, "nothing goes");
    let state = bench.state(&calendar).await.unwrap();
    assert!(state.token.is_none() && state.doubted_at.is_some());
    let words = state.last_error.unwrap().message;
    assert!(words.contains("15 of this calendar's 15 events"), "{words}");

    // At once again: no confirmation.
    bench.fake.fault(Fault::Empty, 1);
    assert!(code(&bench.pull(C).await.outcome).is_some());
    assert_eq!(bench.shown(&calendar).await, shown);
    // It was a fault.
    bench.wait(120);
    bench.pull_well(C).await;
    assert_eq!(bench.state(&calendar).await.unwrap().doubted_at, None);

    // It is true.
    bench.fake.fault(Fault::Gone, 1);
    bench.fake.with(C, |world| world.entries.clear());
    assert!(code(&bench.pull(C).await.outcome).is_some());
    assert_eq!(bench.shown(&calendar).await, shown);
    bench.wait(61);
    let tally = bench.pull_well(C).await;
    assert_eq!(tally.removed, 15);
    assert_eq!(bench.state(&calendar).await.unwrap().last_error, None);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_keeps_what_was_known_and_is_counted() {
    let (bench, calendar) = filled(5).await;
    bench.pull_well(C).await;
    let shown = bench.shown(&calendar).await;
    let good = bench.fake.with(C, |world| {
        let good = world.entries["s02"].1.clone();
        world.put("s02", Entry::Bad);
        good
    });
    // By a change, and by a whole listing: mentioned, so not gone.
    for whole in [false, true] {
        bench.fake.fault(Fault::Gone, usize::from(whole));
        let tally = bench.pull(C).await;
        assert_eq!((tally.outcome, tally.quarantined), (Outcome::Fresh, 1));
        assert_eq!(bench.shown(&calendar).await, shown, "whole: {whole}");
        let mut snapshot = bench.rig.store.read().await.unwrap();
        let counts = snapshot.event_counts().await.unwrap();
        let count = counts.iter().find(|it| it.calendar == calendar.id).unwrap();
        assert_eq!(count.quarantined, 1);
    }
    bench.fake.with(C, |world| world.put("s02", good));
    bench.pull_well(C).await;
    let mut snapshot = bench.rig.store.read().await.unwrap();
    assert!(snapshot.quarantined().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_calendar_whose_events_may_not_be_read_keeps_none() {
    let (bench, calendar) = filled(3).await;
    bench.pull_well(C).await;
    bench.fake.fault(Fault::BusyOnly, 1);
    assert_eq!(bench.pull(C).await.outcome, Outcome::BusyOnly);
    assert!(bench.ids(&calendar).await.is_empty() && bench.state(&calendar).await.is_none());
    bench.pull_well(C).await;
    let calendar = bench
        .list_calendar(C, false, AccessRole::FreeBusyReader)
        .await;
    bench.fake.requests();
    assert_eq!(bench.pull(C).await.outcome, Outcome::BusyOnly);
    assert!(bench.fake.requests().is_empty(), "nobody needs to be asked");
    assert!(bench.ids(&calendar).await.is_empty());
}

#[tokio::test]
async fn a_calendar_switched_off_at_every_moment_leaves_nothing() {
    let (bench, _) = filled(8).await;
    bench.fake.with(C, |world| world.page_size = 3);
    let mut unwanted = 0;
    for steps in 0..160 {
        let calendar = bench.calendar(C).await;
        let off = async {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            bench.switch(&calendar, false).await;
        };
        let (tally, ()) = tokio::join!(bench.pull(C), off);
        assert_eq!(code(&tally.outcome), None, "after {steps}: it ends quietly");
        unwanted += u32::from(tally.outcome == Outcome::Unwanted);
        assert!(bench.ids(&calendar).await.is_empty(), "after {steps} steps");
        assert!(
            bench.shown(&calendar).await.is_empty(),
            "after {steps} steps"
        );
        assert_eq!(bench.state(&calendar).await, None, "after {steps} steps");
        bench.switch(&calendar, true).await;
    }
    assert!(unwanted >= 20, "it was met in flight {unwanted} times");
    bench.pull_well(C).await;
}

#[tokio::test]
async fn a_page_that_comes_too_late_is_not_wanted() {
    let (bench, calendar) = filled(4).await;
    for whole in [true, false] {
        if !whole {
            bench.pull_well(C).await;
            bench.fake.with(C, |world| world.delete("s01", None));
        }
        bench.fake.requests();
        bench.fake.hold(true);
        let off = async {
            while bench.fake.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            bench.switch(&calendar, false).await;
            bench.fake.hold(false);
        };
        let (tally, ()) = tokio::join!(bench.pull(C), off);
        assert_eq!(tally.outcome, Outcome::Unwanted, "whole: {whole}");
        assert_eq!(bench.state(&calendar).await, None);
        bench.switch(&calendar, true).await;
    }
}

#[tokio::test]
async fn an_exception_outlives_its_series_also_on_an_earlier_page() {
    for round in 0..12 {
        let (bench, _) = filled(2).await;
        // The server's order is another one in each listing.
        for _ in 0..=round {
            bench.pull_well(C).await;
        }
        bench.fake.with(C, |world| {
            world.page_size = 1;
            for n in 0..round {
                world.single(&format!("s{n}"), 900);
            }
            world.delete("m", Some("m-26"));
        });
        bench.pull_well(C).await;
        bench.fake.fault(Fault::Gone, 1);
        let tally = bench.pull_well(C).await;
        assert_eq!((tally.added, tally.changed, tally.removed), (0, 0, 0));
    }
}

#[tokio::test]
async fn a_listing_shows_the_old_events_until_it_is_complete() {
    let (bench, calendar) = filled(8).await;
    bench.pull_well(C).await;
    bench.fake.with(C, |world| {
        world.page_size = 3;
        world.delete("s00", None);
    });
    let shown = bench.shown(&calendar).await;
    bench.fake.fault(Fault::Gone, 1);
    bench.fake.fault(Fault::NoSyncToken, 2);
    bench.fake.fault(Fault::Cut, 1);
    let _stopped = bench.try_pull(C).await;
    assert_eq!(
        bench.shown(&calendar).await,
        shown,
        "two pages of three came"
    );
    assert_eq!(
        bench.state(&calendar).await.unwrap().listed,
        Listed::Complete
    );
    let mut changes = bench.rig.store.changes();
    bench.pull_well(C).await;
    let mut topics = BTreeSet::new();
    while let Ok(more) = changes.try_recv() {
        topics.extend(more);
    }
    assert!(topics.contains(&Topic::Events));
}
