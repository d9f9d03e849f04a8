//! The engine left alone for hours, with Tokio's clock in the test's hand: how often it asks, when it
//! stops, what wakes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use duet_google::Client;
use duet_model::account::{Account, AccountState, Failure, FailureCode};
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_sync::{Background, Clients, Nudge};
use duet_wire::status::Outcome;

use crate::rig::{ANA, BEN, Rig, StoppedTime, at_rest, until};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// Longer steps would look like a computer that slept.
const STEP: Duration = Duration::from_secs(10);

/// `duet://sync` starts Duet and asks for a sync before any account has been looked at.
#[tokio::test(start_paused = true)]
async fn a_nudge_that_comes_with_the_start_is_not_lost() {
    let _time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let before = rig.on_demand();
    rig.sync_well(&before, ana).await;
    before.stop().await;
    let asked = rig.control.count(Endpoint::FreeBusy);
    let engine = rig.in_background();
    engine.nudge(Nudge::User, None);
    at_rest(&engine).await;
    assert!(
        rig.control.count(Endpoint::FreeBusy) > asked,
        "its turn would only come in a quarter of an hour"
    );
    engine.stop().await;
}

/// TRUST F7: revoked means one notification, no loop, nothing lost; a reconnect ends it.
#[tokio::test(start_paused = true)]
async fn a_revoked_key_is_told_once_and_never_tried_again() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.in_background();
    time.pass(&engine, 5 * SECOND, SECOND).await;
    let blocks = rig.stored().await;
    assert!(!blocks.is_empty());

    rig.control.revoke(ANA);
    rig.control.clear_requests();
    time.pass(&engine, 24 * HOUR, STEP).await;
    for nudge in [
        Nudge::Focus,
        Nudge::User,
        Nudge::NetworkUp,
        Nudge::Resume,
        Nudge::Selection,
    ] {
        engine.nudge(nudge, None);
        at_rest(&engine).await;
    }
    assert_eq!(
        rig.control.count(Endpoint::Refresh),
        1,
        "{:?}",
        rig.control.requests()
    );
    assert!(rig.control.count(Endpoint::CalendarList) <= 1);
    assert_eq!(*rig.ear.reconnect_needed.lock().unwrap(), [ANA]);
    let account = rig.account(ana).await;
    assert_eq!(account.state(), AccountState::Reconnect);
    assert_eq!(account.next_sync_at, None, "no timer runs");
    assert_eq!(engine.state().next_due(), None);
    assert_eq!(account.last_error.unwrap().code, FailureCode::Reconnect);
    assert_eq!(rig.stored().await, blocks, "nothing is lost");
    let report = rig.sync(&engine, ana).await;
    assert_eq!((report.outcome, report.requests), (Outcome::Reconnect, 0));

    rig.connect(ANA).await;
    engine.nudge(Nudge::Connected, Some(ana));
    until("it syncs again", || async {
        !rig.ear.reconnected.lock().unwrap().is_empty()
    })
    .await;
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    assert_eq!(*rig.ear.reconnected.lock().unwrap(), [ANA]);
    // A second revocation is news again.
    rig.control.revoke(ANA);
    time.pass(&engine, HOUR, STEP).await;
    assert_eq!(rig.ear.reconnect_needed.lock().unwrap().len(), 2);
    engine.stop().await;
}

/// TRUST F8: five minutes of rate limits cost at most twelve tries, 429 and 403 alike.
#[tokio::test(start_paused = true)]
async fn five_minutes_of_rate_limits_cost_few_tries() {
    let time = StoppedTime::hold();
    for (status, reason) in [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded")] {
        for endpoint in [Endpoint::FreeBusy, Endpoint::CalendarList] {
            let rig = Rig::small().await;
            let ana = rig.connect(ANA).await;
            rig.control.fault(Fault::always(
                endpoint,
                FaultKind::status(status, reason, ""),
            ));
            let engine = rig.in_background();
            time.pass(&engine, 5 * MINUTE, SECOND).await;
            let tries = rig.control.count(endpoint);
            assert!(
                (3..=12).contains(&tries),
                "{tries} tries of {endpoint:?} with {status}"
            );
            assert_eq!(
                rig.account(ana).await.last_error.unwrap().code,
                FailureCode::RateLimited,
                "by now it is shown"
            );
            rig.control.clear_faults();
            time.pass(&engine, 90 * MINUTE, STEP).await;
            assert_eq!(
                rig.account(ana).await.last_error,
                None,
                "it heals by itself"
            );
            rig.assert_true(ana).await;
            engine.stop().await;
        }
    }
}

/// TRUST I16: never more than 300 requests in any minute, whoever presses how often.
#[tokio::test(start_paused = true)]
async fn the_budget_holds_across_syncs() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = Arc::new(rig.on_demand());
    let sent = || {
        let all = [Endpoint::CalendarList, Endpoint::FreeBusy, Endpoint::Events];
        all.map(|endpoint| rig.control.count(endpoint))
            .iter()
            .sum::<usize>()
    };
    // A list, two questions, and the events of each calendar.
    rig.sync_well(&engine, ana).await;
    let each = sent();
    assert!(each > 3, "{each}");
    for _ in 1..300 / each {
        rig.sync_well(&engine, ana).await;
    }
    let whole = 300 / each * each;
    assert_eq!(sent(), whole);
    let one_more = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.sync_now(&[ana], false).await }
    });
    until("it is under way", || async {
        !engine.state().syncing.is_empty()
    })
    .await;
    until("it has sent what it may", || async { sent() >= 300 }).await;
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sent(), 300, "it waits for its turn");
    time.pass(&engine, MINUTE, MINUTE).await;
    one_more.await.unwrap().unwrap();
    assert_eq!(sent(), whole + each);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_google_asks_for_is_waited_even_when_a_person_presses() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let limited = FaultKind::rate_limited(Some(600));
    rig.control
        .fault(Fault::once(Endpoint::CalendarList, limited));
    let engine = rig.in_background();
    time.pass(&engine, 9 * MINUTE, 10 * SECOND).await;
    let report = rig.sync(&engine, ana).await;
    assert_eq!(
        (report.outcome, report.requests),
        (Outcome::Failed, 0),
        "{report:?}"
    );
    assert_eq!(rig.control.count(Endpoint::CalendarList), 1);
    time.pass(&engine, 3 * MINUTE, 10 * SECOND).await;
    assert_eq!(rig.account(ana).await.last_error, None);
    rig.assert_true(ana).await;
    engine.stop().await;
}

/// TRUST F13: a storm of 503 is met with a short burst and then single probes.
#[tokio::test(start_paused = true)]
async fn a_storm_of_server_faults_gets_single_probes_and_then_one_an_hour() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.control
        .fault(Fault::always(Endpoint::Any, FaultKind::unavailable()));
    let engine = rig.in_background();
    time.pass(&engine, 2 * MINUTE, SECOND).await;
    assert_eq!(rig.control.count(Endpoint::Any), 5, "a burst of five");
    time.pass(&engine, HOUR, 10 * SECOND).await;
    assert_eq!(
        rig.control.count(Endpoint::Any),
        8,
        "then one each quarter of an hour"
    );
    let failure = rig.account(ana).await.last_error.unwrap();
    assert!(
        failure.message.contains("once an hour"),
        "{}",
        failure.message
    );
    time.pass(&engine, 5 * HOUR, STEP).await;
    let tries = rig.control.count(Endpoint::Any);
    assert!((12..=15).contains(&tries), "{tries} after six hours");
    rig.control.clear_faults();
    engine.nudge(Nudge::User, None);
    at_rest(&engine).await;
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    engine.stop().await;
}

/// TRUST I22: when nothing changes and nobody looks, hardly anything is sent.
#[tokio::test(start_paused = true)]
async fn the_cadence_is_slow_in_the_background_and_faster_in_front() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    rig.connect(ANA).await;
    let engine = rig.in_background();
    time.pass(&engine, MINUTE, SECOND).await;
    rig.control.clear_requests();
    time.pass(&engine, 10 * HOUR, STEP).await;
    let lists = rig.control.count(Endpoint::CalendarList);
    assert!(
        (18..=40).contains(&lists),
        "{lists} syncs in ten quiet hours"
    );

    engine.set_focused(true);
    at_rest(&engine).await;
    rig.control.clear_requests();
    time.pass(&engine, HOUR, 10 * SECOND).await;
    let lists = rig.control.count(Endpoint::CalendarList);
    assert!(
        (9..=16).contains(&lists),
        "{lists} syncs in an hour in front"
    );

    // Alt-tabbing is no reason to ask.
    rig.control.clear_requests();
    for _ in 0..50 {
        engine.set_focused(false);
        engine.set_focused(true);
        at_rest(&engine).await;
    }
    assert!(rig.control.count(Endpoint::CalendarList) <= 1);
    engine.stop().await;
}

/// TRUST F17 and F19: a sleep and a set clock lead to one sync soon, and to no burst.
#[tokio::test(start_paused = true)]
async fn a_sleep_of_eight_hours_and_set_clocks() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.in_background();
    time.pass(&engine, 5 * MINUTE, SECOND).await;
    for jump in [
        TimeDelta::hours(8),
        TimeDelta::hours(-1),
        TimeDelta::days(-365),
    ] {
        rig.control.clear_requests();
        rig.clock.jump(jump);
        if jump > TimeDelta::zero() {
            rig.control.advance(jump);
        }
        time.pass(&engine, 10 * SECOND, SECOND).await;
        assert_eq!(
            rig.control.count(Endpoint::CalendarList),
            1,
            "within ten seconds of {jump}"
        );
        time.pass(&engine, 2 * MINUTE, SECOND).await;
        assert_eq!(
            rig.control.count(Endpoint::CalendarList),
            1,
            "and no burst after {jump}"
        );
    }
    assert_eq!(rig.account(ana).await.last_error, None);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn paused_means_only_by_hand() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    set_paused(&rig, true).await;
    let engine = rig.in_background();
    time.pass(&engine, 3 * HOUR, STEP).await;
    engine.nudge(Nudge::Focus, None);
    engine.nudge(Nudge::Resume, None);
    at_rest(&engine).await;
    assert_eq!(rig.control.count(Endpoint::Any), 0);
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    set_paused(&rig, false).await;
    time.pass(&engine, HOUR, STEP).await;
    assert!(
        rig.control.count(Endpoint::CalendarList) >= 3,
        "it goes on by itself"
    );
    engine.stop().await;
}

async fn set_paused(rig: &Rig, paused: bool) {
    let mut settings = rig.store.settings().await.unwrap();
    settings.paused = paused;
    let mut tx = rig.store.write().await.unwrap();
    tx.put_settings(&settings).await.unwrap();
    tx.commit().await.unwrap();
}

/// Panics for one account, as long as it is told to.
struct Bomb {
    client: Client,
    armed: AtomicBool,
}

#[async_trait]
impl Clients for Bomb {
    async fn client(&self, account: &Account) -> Result<Client, Failure> {
        assert!(
            account.email != ANA || !self.armed.load(Ordering::SeqCst),
            "a panic that the test wants"
        );
        Ok(self.client.clone())
    }
}

/// TRUST F36: a panic concerns its account alone and heals by itself.
#[tokio::test(start_paused = true)]
async fn a_panic_marks_its_account_and_spares_the_others() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let (ana, ben) = (rig.connect(ANA).await, rig.connect(BEN).await);
    let bomb = Arc::new(Bomb {
        client: rig.client.clone(),
        armed: AtomicBool::new(true),
    });
    let engine = rig.with_clients(Background::On, bomb.clone());
    time.pass(&engine, 30 * SECOND, SECOND).await;
    assert_eq!(rig.account(ben).await.state(), AccountState::Connected);
    assert_eq!(
        rig.account(ana).await.last_error.unwrap().code,
        FailureCode::Internal
    );
    bomb.armed.store(false, Ordering::SeqCst);
    time.pass(&engine, HOUR, 10 * SECOND).await;
    assert_eq!(rig.account(ana).await.state(), AccountState::Connected);
    engine.stop().await;
}

#[tokio::test]
async fn stopping_is_quick_whatever_is_under_way() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.control
        .fault(Fault::always(Endpoint::Any, FaultKind::Stall));
    let engine = Arc::new(rig.in_background());
    until("a sync is under way", || async {
        !engine.state().syncing.is_empty()
    })
    .await;
    let waiting = tokio::spawn({
        let engine = Arc::clone(&engine);
        async move { engine.sync_now(&[ana], false).await }
    });
    tokio::task::yield_now().await;
    let begun = std::time::Instant::now();
    engine.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert!(waiting.await.unwrap().is_err(), "who waited is told");
    engine.stop().await;
}

/// An account connected while the engine runs is taken on, one removed is let go.
#[tokio::test]
async fn accounts_come_and_go() {
    let rig = Rig::small().await;
    let engine = rig.in_background();
    let ana = rig.connect(ANA).await;
    engine.nudge(Nudge::Connected, Some(ana));
    until("it is synced", || async {
        rig.account(ana).await.last_synced_at.is_some()
    })
    .await;
    until("and planned", || async {
        engine.state().next_due().is_some()
    })
    .await;
    let mut tx = rig.store.write().await.unwrap();
    tx.remove_account(ana).await.unwrap();
    tx.commit().await.unwrap();
    until("it is let go", || async {
        engine.state().next_due().is_none()
    })
    .await;
    engine.stop().await;
}
