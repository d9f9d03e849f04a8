//! Announcements: what a commit changed, after it is there to be read, and never on a rollback.

use std::collections::BTreeSet;

use duet_model::account::FailureCode;
use duet_model::settings::Settings;
use duet_model::topic::Topic;
use duet_store::Tx;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::common::*;
use crate::manual::block;

fn heard(changes: &mut Receiver<BTreeSet<Topic>>) -> Vec<Topic> {
    changes
        .try_recv()
        .expect("the commit was announced")
        .into_iter()
        .collect()
}

#[tokio::test]
async fn each_write_names_what_it_changed() {
    use Topic::{Accounts, Calendars, Events, ExternalBlocks, ManualBlocks};
    let world = World::new().await;
    let mut changes = world.store.changes();
    let commit = async |tx: Tx| tx.commit().await.unwrap();
    let begin = async || world.store.write().await.unwrap();
    let generation = world.generation().await;

    let mut tx = begin().await;
    tx.put_manual_block(&block("a")).await.unwrap();
    assert_eq!(
        changes.try_recv(),
        Err(TryRecvError::Empty),
        "not before the commit"
    );
    commit(tx).await;
    assert_eq!(heard(&mut changes), [ManualBlocks]);

    let mut tx = begin().await;
    let window = span(0, 24);
    tx.replace_blocks(world.calendar, generation, window, &[span(1, 2)], hour(0))
        .await
        .unwrap();
    commit(tx).await;
    assert_eq!(heard(&mut changes), [Calendars, ExternalBlocks]);

    let mut tx = begin().await;
    tx.stamp_checked(&[(world.calendar, generation)], hour(1))
        .await
        .unwrap();
    tx.mark_synced(world.account, hour(1), None).await.unwrap();
    commit(tx).await;
    assert_eq!(
        heard(&mut changes),
        [Accounts, Calendars],
        "one announcement for both"
    );

    let mut tx = begin().await;
    tx.set_switches(world.calendar, Some(false), None)
        .await
        .unwrap();
    commit(tx).await;
    assert_eq!(heard(&mut changes), [Calendars, Events]);

    let mut tx = begin().await;
    tx.put_settings(&Settings {
        paused: true,
        ..Settings::default()
    })
    .await
    .unwrap();
    commit(tx).await;
    assert_eq!(heard(&mut changes), [Topic::Settings]);

    let mut tx = begin().await;
    tx.mark_revoked(world.account, 0, hour(1), failure(FailureCode::Reconnect))
        .await
        .unwrap();
    commit(tx).await;
    assert_eq!(heard(&mut changes), [Accounts, Calendars]);

    let mut tx = begin().await;
    tx.remove_account(world.account).await.unwrap();
    commit(tx).await;
    assert_eq!(
        heard(&mut changes),
        [Accounts, Calendars, ExternalBlocks, Events]
    );

    commit(begin().await).await;
    assert_eq!(
        changes.try_recv(),
        Err(TryRecvError::Empty),
        "no change, no announcement"
    );
}

#[tokio::test]
async fn a_dropped_transaction_did_not_happen() {
    let world = World::new().await;
    let mut changes = world.store.changes();
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&block("a")).await.unwrap();
    tx.remove_account(world.account).await.unwrap();
    drop(tx);
    // The next writer waits for the rollback, so this also shows that the writer comes back.
    let mut tx = world.store.write().await.unwrap();
    assert_eq!(tx.manual_block(&block("a").id).await.unwrap(), None);
    assert!(tx.account(world.account).await.unwrap().is_some());
    tx.commit().await.unwrap();
    assert_eq!(
        changes.try_recv(),
        Err(TryRecvError::Empty),
        "nothing was announced"
    );
    assert_eq!(world.store.manual_blocks().await.unwrap(), []);
}

#[tokio::test]
async fn a_listener_reads_what_it_was_told_of() {
    let world = World::new().await;
    let mut changes = world.store.changes();
    let store = world.store.clone();
    let listener = tokio::spawn(async move {
        for expect in 1..=50 {
            changes.recv().await.unwrap();
            let found = store.manual_blocks().await.unwrap().len();
            assert!(found >= expect, "told of {expect}, found {found}");
        }
    });
    for number in 0..50 {
        let mut tx = world.store.write().await.unwrap();
        tx.put_manual_block(&block(&number.to_string()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    listener.await.unwrap();
}

#[tokio::test]
async fn a_commit_that_nobody_waits_for_is_whole_and_announced() {
    let world = World::new().await;
    for number in 0..50_u32 {
        let mut changes = world.store.changes();
        let mut tx = world.store.write().await.unwrap();
        tx.put_manual_block(&block(&number.to_string()))
            .await
            .unwrap();
        // Polled a few times and then given up, as by a caller that was cancelled.
        let mut commit = Box::pin(tx.commit());
        for _ in 0..number % 4 {
            let waker = std::task::Waker::noop();
            let mut context = std::task::Context::from_waker(waker);
            if commit.as_mut().poll(&mut context).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(commit);
        // Whoever writes next waits for what became of it.
        drop(world.store.write().await.unwrap());
        let there = world
            .store
            .manual_block(&block(&number.to_string()).id)
            .await
            .unwrap()
            .is_some();
        assert_eq!(
            there,
            changes.try_recv().is_ok(),
            "round {number}: there, and announced"
        );
        assert_eq!(
            there,
            number % 4 != 0,
            "round {number}: once begun, a commit is carried out"
        );
    }
}

#[tokio::test]
async fn another_process_is_noticed_once() {
    let world = World::new().await;
    assert!(
        world.store.notice_elsewhere().await.unwrap(),
        "the first answer is yes"
    );
    let mut changes = world.store.changes();
    assert!(!world.store.notice_elsewhere().await.unwrap());
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&block("own")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(heard(&mut changes), [Topic::ManualBlocks]);
    assert!(
        !world.store.notice_elsewhere().await.unwrap(),
        "its own commits do not count"
    );

    let mut other = beside(world.dir.path()).await;
    meddle(&mut other, "DELETE FROM availability_blocks").await;
    assert!(world.store.notice_elsewhere().await.unwrap());
    assert_eq!(
        heard(&mut changes).len(),
        8,
        "what it was is not known, so it is everything"
    );
    assert!(!world.store.notice_elsewhere().await.unwrap(), "once");
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_does_not_time_the_database_out() {
    // sqlx's pool fails here: the clock jumps to its limits while SQLite's thread is at work.
    let world = World::new().await;
    for _ in 0..20 {
        world.replace(span(0, 24), &[span(1, 2)]).await;
        world.replace(span(0, 24), &[]).await;
    }
    let mut tasks = tokio::task::JoinSet::new();
    for store in std::iter::repeat_n(world.store.clone(), 20) {
        tasks.spawn(async move { store.accounts().await.unwrap().len() });
    }
    assert_eq!(tasks.join_all().await, [1; 20]);
}
