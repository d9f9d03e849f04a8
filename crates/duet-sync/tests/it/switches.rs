//! TRUST F33: a calendar switched off, or an account removed, at any moment of a sync leaves nothing
//! behind; what is switched on again is fetched again.

use duet_model::account::AccountId;
use duet_sandbox::Endpoint;
use duet_sync::{Engine, Nudge};
use duet_wire::status::Outcome;

use crate::rig::{ANA, Rig, at_rest, until};

/// How many scheduling points into a sync the switch is turned, at most. A sync has fewer.
const MOMENTS: usize = 120;

async fn after_steps(steps: usize) {
    for _ in 0..steps {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_calendar_switched_off_at_every_moment_leaves_no_block() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let mut engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    for steps in 0..MOMENTS {
        if steps % 15 == 14 {
            // Another engine has a budget of its own; this one's would make the test wait a minute.
            engine.stop().await;
            engine = rig.on_demand();
        }
        let calendar = rig.calendar(ana, ANA).await;
        // Each round starts without its blocks, so that the sync has something to bring.
        rig.set_busy(&calendar, false).await;
        rig.set_busy(&calendar, true).await;
        let off = async {
            after_steps(steps).await;
            rig.set_busy(&calendar, false).await;
        };
        let (report, ()) = tokio::join!(rig.sync(&engine, ana), off);
        assert_ne!(
            report.outcome,
            Outcome::Failed,
            "after {steps} steps: {report:?}"
        );
        let left = rig.blocks_of(ana, ANA).await;
        assert_eq!(left.len(), 0, "blocks left, off after {steps} steps");
        let left = rig.calendar(ana, ANA).await;
        assert!(
            left.covered.is_none() && left.last_error.is_none(),
            "after {steps} steps: {left:?}"
        );
        rig.set_busy(&calendar, true).await;
        rig.sync_well(&engine, ana).await;
        rig.assert_true(ana).await;
    }
    engine.stop().await;
}

#[tokio::test]
async fn an_account_removed_at_every_moment_leaves_nothing() {
    let rig = Rig::small().await;
    for steps in (0..MOMENTS).step_by(2) {
        let ana = rig.connect(ANA).await;
        let (engine, only) = (rig.on_demand(), [ana]);
        let gone = async {
            after_steps(steps).await;
            let mut tx = rig.store.write().await.unwrap();
            tx.remove_account(ana).await.unwrap();
            tx.commit().await.unwrap();
        };
        let (report, ()) = tokio::join!(engine.sync_now(&only, false), gone);
        report.expect("an answer comes, whatever it is");
        assert_eq!(rig.store.account(ana).await.unwrap(), None);
        assert!(
            rig.store.calendars().await.unwrap().is_empty(),
            "after {steps} steps"
        );
        assert_eq!(
            rig.store.block_count().await.unwrap(),
            0,
            "after {steps} steps"
        );
        until("its actor goes", || async {
            !engine.state().due.contains_key(&ana)
        })
        .await;
        engine.stop().await;
    }
}

/// As `duet disconnect` does beside a running sync: the key is withdrawn at Google as well.
#[tokio::test]
async fn a_sync_of_an_account_that_goes_says_so_and_calls_nobody() {
    let rig = Rig::small().await;
    for steps in (0..MOMENTS).step_by(5) {
        let ana = rig.connect(ANA).await;
        let engine = rig.on_demand();
        let gone = async {
            after_steps(steps).await;
            rig.control.revoke(ANA);
            let mut tx = rig.store.write().await.unwrap();
            tx.remove_account(ana).await.unwrap();
            tx.commit().await.unwrap();
        };
        let only = [ana];
        let (report, ()) = tokio::join!(engine.sync_now(&only, false), gone);
        if let Some(account) = report.unwrap().accounts.first() {
            let words = account.error.clone().unwrap_or_default();
            assert_ne!(
                account.outcome,
                Outcome::Reconnect,
                "after {steps} steps: {words}"
            );
            assert!(!words.contains("Reconnect"), "after {steps} steps: {words}");
        }
        engine.stop().await;
    }
    assert!(rig.ear.reconnect_needed.lock().unwrap().is_empty());
}

async fn count_of(engine: &Engine, rig: &Rig, ana: AccountId) -> usize {
    rig.control.clear_requests();
    rig.sync_well(engine, ana).await;
    let asked = rig.control.requests();
    asked
        .iter()
        .filter(|request| request.endpoint == Endpoint::FreeBusy)
        .count()
}

#[tokio::test]
async fn a_calendar_that_does_not_count_is_not_asked_for() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    for calendar in rig.store.calendars_of(ana).await.unwrap() {
        rig.set_busy(&calendar, false).await;
    }
    assert_eq!(
        count_of(&engine, &rig, ana).await,
        0,
        "nothing counts, nothing is asked"
    );
    assert_eq!(rig.store.block_count().await.unwrap(), 0);
    engine.stop().await;
}

#[tokio::test]
async fn a_selection_change_syncs_at_once() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.in_background();
    until("the first sync", || async {
        rig.account(ana).await.last_synced_at.is_some()
    })
    .await;
    at_rest(&engine).await;
    let calendar = rig.calendar(ana, ANA).await;
    rig.set_busy(&calendar, false).await;
    assert!(rig.blocks_of(ana, ANA).await.is_empty());
    rig.set_busy(&calendar, true).await;
    engine.nudge(Nudge::Selection, Some(ana));
    until("its blocks are back", || async {
        !rig.blocks_of(ana, ANA).await.is_empty()
    })
    .await;
    engine.stop().await;
}
