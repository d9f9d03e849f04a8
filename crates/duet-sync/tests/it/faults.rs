//! Replies that break off, a network that goes away, lists that are suddenly empty.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use duet_model::account::FailureCode;
use duet_sandbox::{AccessRole, Endpoint, EventSpec, Fault, FaultKind, World};
use duet_wire::status::Outcome;

use crate::rig::{ANA, Rig, until};

/// A world whose replies are small: one person, two calendars, a few events.
fn tiny() -> World {
    let start = "2026-11-25T09:40:00Z"
        .parse::<chrono::DateTime<Utc>>()
        .unwrap();
    let mut world = World::empty(start, 5);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    let team = "team@group.calendar.google.com";
    world.add_calendar(team, "Team", "Europe/Berlin");
    world
        .list_calendar(ANA, team, AccessRole::Owner, true)
        .unwrap();
    for (calendar, hours) in [(ANA, 3), (ANA, 30), (team, 5)] {
        let at = start + TimeDelta::hours(hours);
        let event = EventSpec::between("x", at, at + TimeDelta::hours(1));
        world.add_event(calendar, event).unwrap();
    }
    world
}

/// TRUST F3: cut at every byte of a small reply, nothing of it is applied, and the next try heals.
async fn cut_everywhere(endpoint: Endpoint) {
    let rig = Rig::new(tiny()).await;
    let ana = rig.connect(ANA).await;
    let mut engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    // Something to be learnt, so that a reply that is applied in part would show.
    let at = rig.now() + TimeDelta::hours(50);
    let event = EventSpec::between("New", at, at + TimeDelta::hours(2));
    rig.control.add_event(ANA, "primary", event).unwrap();
    rig.control
        .remove_calendar(ANA, "team@group.calendar.google.com")
        .unwrap();
    let before = rig.stored().await;
    let own = rig.calendar(ana, ANA).await.id;
    let size = {
        let sent = rig.control.requests();
        sent.iter()
            .filter(|request| request.endpoint == endpoint)
            .map(|r| r.bytes)
            .max()
            .unwrap()
    };
    assert!(size > 20, "a reply to cut: {size} bytes");
    for after_bytes in 0..size {
        if after_bytes % 40 == 39 {
            // Another engine has a budget of its own; this one's would make the test wait a minute.
            engine.stop().await;
            engine = rig.on_demand();
        }
        // Every reply, so that a second question's answer does not hide the first one's cut.
        rig.control
            .fault(Fault::always(endpoint, FaultKind::CutBody { after_bytes }));
        if endpoint == Endpoint::Refresh {
            rig.control.expire_access_tokens(ANA);
        }
        let report = rig.sync(&engine, ana).await;
        rig.control.clear_faults();
        if report.outcome == Outcome::Done {
            // The reply was shorter than that this time: an incremental list is.
            break;
        }
        assert_eq!(
            report.outcome,
            Outcome::Failed,
            "cut after {after_bytes}: {report:?}"
        );
        let now = rig.stored().await;
        if endpoint == Endpoint::FreeBusy {
            assert!(now[&own] == before[&own], "cut after {after_bytes}");
        } else {
            assert_eq!(now, before, "cut after {after_bytes}");
            let listed = rig.store.calendars().await.unwrap().len();
            assert_eq!(listed, 2, "cut after {after_bytes}");
        }
        assert_eq!(rig.account(ana).await.revoked_at, None);
    }
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn busy_times_cut_at_every_byte() {
    cut_everywhere(Endpoint::FreeBusy).await;
}

#[tokio::test]
async fn the_list_cut_at_every_byte() {
    cut_everywhere(Endpoint::CalendarList).await;
}

#[tokio::test]
async fn a_token_cut_at_every_byte() {
    cut_everywhere(Endpoint::Refresh).await;
}

/// One of two questions fails: what is known of a part of the days is not taken for the whole.
#[tokio::test]
async fn half_an_answer_changes_nothing() {
    let rig = Rig::new(tiny()).await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = rig.stored().await;
    let at = rig.now() + TimeDelta::days(1);
    for days in [1, 80] {
        let at = at + TimeDelta::days(days);
        let event = EventSpec::between("New", at, at + TimeDelta::hours(2));
        rig.control.add_event(ANA, "primary", event).unwrap();
    }
    rig.control
        .fault(Fault::once(Endpoint::FreeBusy, FaultKind::unavailable()));
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Failed);
    assert_eq!(rig.stored().await, before);
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn a_command_that_met_no_network_leaves_that_behind() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = (rig.stored().await, rig.account(ana).await.last_synced_at);
    rig.control.set_online(false).await;
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Failed);
    assert!(report.error.unwrap().contains("cannot be reached"));
    assert!(engine.state().is_offline());
    let account = rig.account(ana).await;
    let failure = account.last_error.unwrap();
    assert_eq!(failure.code, FailureCode::Offline, "{failure:?}");
    assert!((rig.now() - failure.at).abs() < TimeDelta::minutes(1));
    assert_eq!((rig.stored().await, account.last_synced_at), before);
    rig.control.set_online(true).await;
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    assert!(!engine.state().is_offline());
    assert_eq!(rig.account(ana).await.last_error, None);
    engine.stop().await;
}

#[tokio::test]
async fn in_the_background_offline_is_a_state_and_no_failure_of_the_account() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.control.set_online(false).await;
    let engine = rig.in_background();
    until("the engine notices", || async {
        engine.state().is_offline()
    })
    .await;
    until("it comes to rest", || async { engine.is_idle() }).await;
    assert_eq!(rig.account(ana).await.last_error, None);
    engine.stop().await;
}

/// TRUST F1: the window's engine goes on within seconds of the network's return, in real time.
#[tokio::test]
async fn it_goes_on_within_seconds_of_the_networks_return() {
    use std::sync::atomic::Ordering;
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    rig.control.set_online(false).await;
    rig.wire.0.store(false, Ordering::SeqCst);
    let engine = rig.in_background();
    until("the engine notices", || async {
        engine.state().is_offline()
    })
    .await;
    rig.control.set_online(true).await;
    rig.wire.0.store(true, Ordering::SeqCst);
    let begun = std::time::Instant::now();
    until("it syncs", || async {
        rig.account(ana).await.last_synced_at.is_some()
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    engine.stop().await;
}

#[tokio::test]
async fn a_suddenly_empty_list_removes_nothing() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = (
        rig.stored().await,
        rig.store.calendars().await.unwrap().len(),
    );
    for id in rig.control.calendar_ids(ANA) {
        rig.control.remove_calendar(ANA, &id).unwrap();
    }
    rig.control.expire_list_tokens(ANA).unwrap();
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Failed, "{report:?}");
    let failure = rig.account(ana).await.last_error.unwrap();
    assert_eq!(failure.code, FailureCode::BadAnswer);
    assert_eq!(
        (
            rig.stored().await,
            rig.store.calendars().await.unwrap().len()
        ),
        before
    );
    engine.stop().await;
}
