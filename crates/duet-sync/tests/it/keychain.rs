//! TRUST F32: a keychain that is locked or away says nothing about the accounts, is asked once, and
//! syncing goes on when it opens.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use duet_model::account::{AccountState, FailureCode};
use duet_sync::Nudge;
use duet_sync::host::{TokenVault, VaultError, token_key};
use duet_wire::status::Outcome;

use crate::rig::{ANA, BEN, Rig, StoppedTime, at_rest};

const HOUR: Duration = Duration::from_secs(3600);
const STEP: Duration = Duration::from_secs(10);

#[tokio::test(start_paused = true)]
async fn it_is_asked_once_and_syncing_goes_on_when_it_opens() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let (ana, ben) = (rig.connect(ANA).await, rig.connect(BEN).await);
    let engine = rig.in_background();
    time.pass(&engine, Duration::from_secs(10), Duration::from_secs(1))
        .await;
    for id in [ana, ben] {
        assert!(rig.account(id).await.last_synced_at.is_some());
    }
    let blocks = rig.stored().await;

    // Locked in the middle of the day; the access tokens run out.
    rig.vault.close(Some(VaultError::Locked));
    rig.vault.gets.store(0, Ordering::SeqCst);
    rig.clock.jump(TimeDelta::hours(2));
    rig.control.advance(TimeDelta::hours(2));
    time.pass(&engine, HOUR * 3, STEP).await;
    assert_eq!(
        rig.vault.gets.load(Ordering::SeqCst),
        1,
        "one question for two accounts"
    );
    assert!(
        rig.vault.looks.load(Ordering::SeqCst) > 100,
        "but it is looked after"
    );
    assert_eq!(
        *rig.ear.keychain.lock().unwrap(),
        [VaultError::Locked],
        "one notice"
    );
    assert!(
        rig.ear.reconnect_needed.lock().unwrap().is_empty(),
        "nobody is signed out"
    );
    assert!(engine.state().keychain_closed);
    for id in [ana, ben] {
        let account = rig.account(id).await;
        assert_eq!(account.revoked_at, None);
        assert_eq!(account.last_error.unwrap().code, FailureCode::Keychain);
    }
    assert_eq!(rig.stored().await, blocks, "what is here stays");

    // A person who asks gets one more question, not a storm.
    engine.nudge(Nudge::User, None);
    at_rest(&engine).await;
    for _ in 0..5 {
        engine.nudge(Nudge::Focus, None);
        at_rest(&engine).await;
    }
    time.pass(&engine, HOUR, STEP).await;
    assert!(
        rig.vault.gets.load(Ordering::SeqCst) <= 2,
        "one per user action"
    );

    rig.vault.close(None);
    time.pass(&engine, Duration::from_secs(125), Duration::from_secs(5))
        .await;
    for id in [ana, ben] {
        let account = rig.account(id).await;
        assert_eq!(
            account.state(),
            AccountState::Connected,
            "{:?}",
            account.last_error
        );
    }
    assert!(!engine.state().keychain_closed);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_asked_again_until_a_person_does() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.vault.close(Some(VaultError::Denied));
    let engine = rig.in_background();
    time.pass(&engine, HOUR * 5, STEP).await;
    // It could be read again, but whether to ask is the person's business.
    rig.vault.close(None);
    time.pass(&engine, HOUR, STEP).await;
    assert_eq!(rig.vault.gets.load(Ordering::SeqCst), 1);
    engine.nudge(Nudge::User, Some(ana));
    at_rest(&engine).await;
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_nobody_can_name_is_tried_again_without_a_person() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.vault
        .close(Some(VaultError::Other("the bus hung up".into())));
    let engine = rig.in_background();
    time.pass(&engine, Duration::from_secs(60), Duration::from_secs(1))
        .await;
    let failure = rig.account(ana).await.last_error.unwrap();
    assert_eq!(failure.code, FailureCode::Keychain);
    let asked = rig.vault.gets.load(Ordering::SeqCst);
    assert!((2..=8).contains(&asked), "{asked} questions in a minute");
    rig.vault.close(None);
    time.pass(&engine, HOUR, STEP).await;
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    engine.stop().await;
}

#[tokio::test]
async fn a_key_that_is_gone_is_told_with_the_way_out() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.vault.delete(&token_key(ANA)).await.unwrap();
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Reconnect);
    let account = rig.account(ana).await;
    assert_eq!(account.revoked_at, None, "Google was not even asked");
    let failure = account.last_error.unwrap();
    assert_eq!(failure.code, FailureCode::Keychain);
    assert!(failure.message.contains(ANA) && failure.message.contains("Reconnect"));
    // Reconnected, it works.
    rig.connect(ANA).await;
    engine.nudge(Nudge::Connected, Some(ana));
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_another_process_puts_back_is_noticed_without_a_person() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.vault.delete(&token_key(ANA)).await.unwrap();
    let engine = rig.in_background();
    time.pass(&engine, STEP, Duration::from_secs(1)).await;
    let failure = rig.account(ana).await.last_error.unwrap();
    assert_eq!(failure.code, FailureCode::Keychain);

    // The command line reconnects it; all that this process hears is that something changed.
    rig.connect(ANA).await;
    engine.nudge(Nudge::Timer, None);
    at_rest(&engine).await;
    let account = rig.account(ana).await;
    assert_eq!(account.state(), AccountState::Connected);
    assert!(account.last_synced_at.is_some(), "and it is kept fresh");
    assert!(engine.state().next_due().is_some());
    engine.stop().await;
}
