//! What outlives a process or a moment: a wait that Google asked for, a withdrawn key, a short fault that
//! somebody sits in front of.

use std::time::Duration;

use chrono::TimeDelta;
use duet_model::account::{Account, AccountId, AccountState, Tier};
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_store::NewAccount;
use duet_sync::host::VaultError;
use duet_sync::{Background, Deps, Engine, Nudge};
use duet_wire::status::{AccountReport, Outcome};

use crate::rig::{ANA, Rig, StoppedTime, at_rest, until};

/// An engine as `duet sync` has it.
fn command(rig: &Rig) -> Engine {
    Engine::start(Deps {
        persistent: true,
        ..rig.deps(Background::Off)
    })
}

/// One run of `duet sync`, each with an engine of its own.
async fn run(rig: &Rig, id: AccountId) -> AccountReport {
    let engine = command(rig);
    let report = rig.sync(&engine, id).await;
    engine.stop().await;
    report
}

#[tokio::test]
async fn what_google_asked_one_command_binds_the_next() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let limited = FaultKind::rate_limited(Some(600));
    rig.control
        .fault(Fault::once(Endpoint::CalendarList, limited));
    let told = run(&rig, ana).await;
    assert_eq!(told.outcome, Outcome::Failed);
    let left = told.wait_until.unwrap() - rig.now();
    assert!((590..=600).contains(&left.num_seconds()), "{left}");

    let refused = run(&rig, ana).await;
    assert_eq!((refused.outcome, refused.requests), (Outcome::Failed, 0));
    assert!(refused.error.unwrap().contains("Google asked Duet to wait"));
    let differ = (refused.wait_until.unwrap() - told.wait_until.unwrap()).abs();
    assert!(differ < TimeDelta::seconds(1), "{differ}");
    assert_eq!(rig.control.count(Endpoint::CalendarList), 1);

    rig.clock.jump(TimeDelta::seconds(601));
    assert_eq!(run(&rig, ana).await.outcome, Outcome::Done);
    assert_eq!(rig.account(ana).await.wait_until, None);
}

#[tokio::test]
async fn a_wait_from_under_another_clock_does_not_bind() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let mut tx = rig.store.write().await.unwrap();
    let year = rig.now() + TimeDelta::days(365);
    tx.set_wait(ana, Some(year)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run(&rig, ana).await.outcome, Outcome::Done);
}

#[tokio::test(start_paused = true)]
async fn a_window_heeds_what_a_command_was_asked_and_shows_it_when_asked() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.in_background();
    time.pass(&engine, Duration::from_secs(5), Duration::from_secs(1))
        .await;
    let lists = rig.control.count(Endpoint::CalendarList);
    let mut tx = rig.store.write().await.unwrap();
    let until = rig.now() + TimeDelta::minutes(30);
    tx.set_wait(ana, Some(until)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(rig.account(ana).await.last_error, None);
    engine.nudge(Nudge::User, None);
    at_rest(&engine).await;
    assert_eq!(rig.control.count(Endpoint::CalendarList), lists);
    let failure = rig.account(ana).await.last_error.expect("it is said why");
    assert!(failure.message.contains("asked Duet to wait"));
    let minute = Duration::from_secs(60);
    time.pass(&engine, 29 * minute, minute / 6).await;
    assert_eq!(rig.control.count(Endpoint::CalendarList), lists);
    time.pass(&engine, 5 * minute, minute / 6).await;
    assert!(rig.control.count(Endpoint::CalendarList) > lists);
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    engine.stop().await;
}

#[tokio::test]
async fn a_command_sits_a_short_fault_out() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.control.fault(Fault::once(
        Endpoint::CalendarList,
        FaultKind::unavailable(),
    ));
    let report = run(&rig, ana).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    let read = rig.control.count(Endpoint::Events);
    assert_eq!(
        report.requests as usize,
        5 + read,
        "a token, two lists, two questions, and the events"
    );

    // A lasting one is given up after a few tries, with words that are true.
    rig.control.clear_requests();
    rig.control.fault(Fault::always(
        Endpoint::CalendarList,
        FaultKind::unavailable(),
    ));
    let report = run(&rig, ana).await;
    assert_eq!(report.outcome, Outcome::Failed);
    assert_eq!(rig.control.count(Endpoint::CalendarList), 4);
    let words = report.error.unwrap();
    assert!(words.ends_with("Run `duet sync` again."), "{words}");
}

/// Revokes the key, lets `meanwhile` happen while Google is being asked, and tells how it ended.
async fn refused(rig: &Rig, id: AccountId, meanwhile: impl AsyncFnOnce()) -> AccountReport {
    let engine = rig.on_demand();
    rig.sync_well(&engine, id).await;
    rig.control.revoke(ANA);
    let refreshes = rig.control.count(Endpoint::Refresh);
    let slow = FaultKind::Delay(Duration::from_millis(300));
    rig.control.fault(Fault::once(Endpoint::Refresh, slow));
    let (report, ()) = tokio::join!(rig.sync(&engine, id), async {
        until("Google is asked", || async {
            rig.control.count(Endpoint::Refresh) > refreshes
        })
        .await;
        meanwhile().await;
    });
    engine.stop().await;
    report
}

/// Google has said that the key is dead. That the keychain then does not say whether there is a newer one
/// must not turn it into a closed keychain, which nobody is asked to reconnect for.
#[tokio::test]
async fn a_withdrawn_key_is_told_also_where_the_keychain_fails_at_that_moment() {
    for error in [
        VaultError::Timeout,
        VaultError::Locked,
        VaultError::Other("odd".into()),
    ] {
        let rig = Rig::small().await;
        let ana = rig.connect(ANA).await;
        let report = refused(&rig, ana, async || rig.vault.close(Some(error.clone()))).await;
        assert_eq!(report.outcome, Outcome::Reconnect, "{error}: {report:?}");
        let account: Account = rig.account(ana).await;
        assert_eq!(account.state(), AccountState::Reconnect, "{error}");
        assert_eq!(*rig.ear.reconnect_needed.lock().unwrap(), [ANA], "{error}");
    }
}

#[tokio::test]
async fn a_refusal_that_comes_after_a_new_connection_revokes_nothing() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let report = refused(&rig, ana, async || {
        // The row alone: what this engine reads from the keychain is still the old key.
        let mut tx = rig.store.write().await.unwrap();
        let account = NewAccount {
            email: ANA.to_owned(),
            demo: false,
            tier: Tier::Read,
            scopes: Vec::new(),
            now: rig.now(),
        };
        tx.connect_account(account).await.unwrap();
        tx.commit().await.unwrap();
    })
    .await;
    assert_eq!(report.outcome, Outcome::Failed, "{report:?}");
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    assert!(rig.ear.reconnect_needed.lock().unwrap().is_empty());
}
