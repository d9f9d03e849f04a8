//! What ends up in the store when all goes well, and how little it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use duet_model::account::{FailureCode, Tier};
use duet_model::topic::Topic;
use duet_sandbox::{AccessRole, Endpoint, EventSpec, World};
use duet_sync::Nudge;
use duet_wire::status::Outcome;

use crate::rig::{ANA, BEN, Rig, StoppedTime, at_rest};

#[tokio::test]
async fn a_first_sync_stores_what_google_says_and_shows_how_far_it_is() {
    let rig = Rig::small().await;
    let (ana, ben) = (rig.connect(ANA).await, rig.connect(BEN).await);
    let engine = rig.on_demand();
    let report = engine.sync_now(&[], false).await.unwrap();
    assert_eq!(report.accounts.len(), 2);
    for account in &report.accounts {
        assert_eq!(account.outcome, Outcome::Done, "{account:?}");
        assert!(
            account.blocks.added > 0 && account.calendars.ok > 0,
            "{account:?}"
        );
        let read = events_asked(&rig, &account.email);
        assert_eq!(
            account.requests as usize,
            4 + read,
            "a token, one list, two questions, and the events: {account:?}"
        );
        assert!(read > 0, "{account:?}");
    }
    rig.assert_true(ana).await;
    rig.assert_true(ben).await;
    for id in [ana, ben] {
        let account = rig.account(id).await;
        assert!(account.last_synced_at.is_some() && account.last_error.is_none());
        for calendar in rig.store.calendars_of(id).await.unwrap() {
            assert_eq!(
                calendar.covered.is_some(),
                calendar.busy,
                "{}",
                calendar.google_id
            );
        }
    }
    let progress = rig.ear.progress.lock().unwrap().clone();
    let last = progress.iter().rev().find(|(id, _)| *id == ana).unwrap().1;
    assert!(
        last.total > 0 && last.done == last.total && last.blocks > 0,
        "{last:?}"
    );
    engine.stop().await;
}

#[tokio::test]
async fn changes_at_google_arrive_and_a_repeated_sync_writes_no_block() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;

    let start = rig.now() + TimeDelta::days(3);
    let meeting = EventSpec::between("Meeting", start, start + TimeDelta::minutes(37));
    let event = rig.control.add_event(ANA, "primary", meeting).unwrap();
    let report = rig.sync_well(&engine, ana).await;
    assert!(report.blocks.added > 0, "{report:?}");
    rig.assert_true(ana).await;

    let mut changes = rig.store.changes();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!((report.blocks.added, report.blocks.removed), (0, 0));
    let mut topics = BTreeSet::new();
    while let Ok(more) = changes.try_recv() {
        topics.extend(more);
    }
    assert!(
        !topics.contains(&Topic::ExternalBlocks),
        "nothing to draw anew: {topics:?}"
    );

    rig.control.remove_event(ANA, "primary", &event).unwrap();
    let report = rig.sync_well(&engine, ana).await;
    assert!(report.blocks.removed > 0, "{report:?}");
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn fifty_calendars_for_ninety_days_are_two_questions() {
    let rig = Rig::new(World::many_calendars(50, 20, 3)).await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!(report.calendars.ok, 50, "{report:?}");
    assert_eq!(rig.control.count(Endpoint::FreeBusy), 2);
    rig.assert_true(ana).await;

    rig.control.clear_requests();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!((report.blocks.added, report.blocks.removed), (0, 0));
    assert_eq!(rig.control.count(Endpoint::FreeBusy), 2);

    // Suddenly there are more than fit into one question.
    for n in 0..7 {
        let id = format!("late{n}@group.calendar.google.com");
        rig.control
            .add_calendar(ANA, &id, "Late", "Europe/Berlin", AccessRole::Owner)
            .unwrap();
        let start = rig.now() + TimeDelta::hours(n);
        let event = EventSpec::between("x", start, start + TimeDelta::hours(1));
        rig.control.add_event(ANA, &id, event).unwrap();
    }
    rig.control.clear_requests();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!(report.calendars.ok, 57, "{report:?}");
    assert_eq!(rig.control.count(Endpoint::FreeBusy), 4);
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn a_calendar_that_fails_or_is_not_mentioned_is_unknown_and_the_others_go_on() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = rig.stored().await;
    let [failing, absent]: [_; 2] = {
        let mut counted = rig.store.calendars_of(ana).await.unwrap();
        counted.retain(|calendar| calendar.busy && !calendar.primary);
        counted.truncate(2);
        counted
            .try_into()
            .expect("two calendars beside the primary one count")
    };
    rig.control
        .freebusy_error(&failing.google_id, Some("internalError"))
        .unwrap();
    rig.control
        .freebusy_absent(&absent.google_id, true)
        .unwrap();
    let start = rig.now() + TimeDelta::hours(36);
    for calendar in ["primary", &failing.google_id] {
        let event = EventSpec::between("New", start, start + TimeDelta::minutes(11));
        rig.control.add_event(ANA, calendar, event).unwrap();
    }
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Partial);
    assert_eq!(report.calendars.failed, 2, "{report:?}");
    let named: BTreeSet<&str> = report.failures.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        named,
        BTreeSet::from([failing.name.as_str(), absent.name.as_str()])
    );
    assert!(report.failures.iter().all(|f| f.error.contains("unknown")));
    let first = &report.failures[0].name;
    assert!(report.error.unwrap().starts_with(first), "it is named");
    let now = rig.stored().await;
    for (calendar, code) in [
        (&failing, FailureCode::Server),
        (&absent, FailureCode::Absent),
    ] {
        let id = &calendar.google_id;
        assert_eq!(
            now.get(&calendar.id),
            before.get(&calendar.id),
            "{id} keeps what was known"
        );
        let error = rig
            .calendar(ana, id)
            .await
            .last_error
            .expect("and says that it is not known");
        assert_eq!(error.code, code);
    }
    let own = rig.calendar(ana, ANA).await;
    assert!(
        now[&own.id] != before[&own.id],
        "the primary calendar is fresh"
    );
    assert_eq!(own.last_error, None);
    assert_eq!(
        rig.account(ana).await.last_error,
        None,
        "the account itself is in order"
    );

    rig.control
        .freebusy_error(&failing.google_id, None)
        .unwrap();
    rig.control
        .freebusy_absent(&absent.google_id, false)
        .unwrap();
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    rig.assert_true(ana).await;
    assert_eq!(rig.calendar(ana, &failing.google_id).await.last_error, None);
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_calendar_without_busy_times_is_asked_again_by_a_person_or_with_the_full_list() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    // Where events may be read, they speak for it.
    let ana = rig.connect_at(ANA, Tier::Busy).await;
    let engine = rig.in_background();
    time.pass(&engine, Duration::from_secs(5), Duration::from_secs(1))
        .await;
    let mut calendars = rig.store.calendars_of(ana).await.unwrap();
    let lost = calendars.remove(calendars.iter().position(|c| c.busy && !c.primary).unwrap());
    let sync = async |nudge| {
        engine.nudge(nudge, Some(ana));
        at_rest(&engine).await;
        let failure = rig.calendar(ana, &lost.google_id).await.last_error;
        failure.map(|failure| failure.code)
    };
    let lose = || {
        rig.control
            .freebusy_error(&lost.google_id, Some("notFound"))
            .unwrap();
    };
    let find = || rig.control.freebusy_error(&lost.google_id, None).unwrap();
    lose();
    assert_eq!(sync(Nudge::Selection).await, Some(FailureCode::NotFound));

    // It works again, but nobody asks before somebody wants it.
    find();
    assert_eq!(sync(Nudge::Selection).await, Some(FailureCode::NotFound));
    assert_eq!(sync(Nudge::User).await, None, "a person asked");
    lose();
    assert_eq!(sync(Nudge::Selection).await, Some(FailureCode::NotFound));
    find();
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Done, "so did a command");

    // And so it is a day later without anyone's doing.
    lose();
    assert_eq!(sync(Nudge::Selection).await, Some(FailureCode::NotFound));
    find();
    rig.clock.jump(TimeDelta::hours(25));
    rig.control.advance(TimeDelta::hours(25));
    assert_eq!(sync(Nudge::Selection).await, None, "with the whole list");
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn calendars_come_and_go_with_the_list() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let id = "new@group.calendar.google.com";
    rig.control
        .add_calendar(ANA, id, "New", "Europe/Berlin", AccessRole::Owner)
        .unwrap();
    let start = rig.now();
    let event = EventSpec::between("x", start, start + TimeDelta::hours(1));
    rig.control.add_event(ANA, id, event).unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(rig.blocks_of(ana, id).await.len(), 1);
    let blocks = rig.store.block_count().await.unwrap();
    rig.control.remove_calendar(ANA, id).unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(
        rig.store.block_count().await.unwrap(),
        blocks - 1,
        "its blocks went with it"
    );
    assert_eq!(
        rig.store.calendar_by_google_id(ana, id).await.unwrap(),
        None
    );

    // A dead list token costs one full listing.
    rig.control.expire_list_tokens(ANA).unwrap();
    rig.control.clear_requests();
    engine.nudge(Nudge::Selection, Some(ana));
    at_rest(&engine).await;
    assert_eq!(rig.account(ana).await.last_error, None);
    assert_eq!(
        rig.control.count(Endpoint::CalendarList),
        2,
        "one refused, one full"
    );
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn the_window_rolls_and_history_stays() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let first = rig.span();
    rig.clock.jump(TimeDelta::days(10));
    rig.control.advance(TimeDelta::days(10));
    rig.sync_well(&engine, ana).await;
    let covered = rig.calendar(ana, ANA).await.covered.unwrap();
    assert_eq!(covered.start, first.start, "what was known stays known");
    assert_eq!(covered.end, first.end + TimeDelta::days(10));
    let stored = rig.blocks_of(ana, ANA).await;
    assert!(
        stored.iter().any(|block| block.1 <= rig.span().start),
        "past blocks stay"
    );
    engine.stop().await;
}

/// How many requests for events an account has sent.
fn events_asked(rig: &Rig, email: &str) -> usize {
    let all = rig.control.requests();
    all.iter()
        .filter(|it| it.endpoint == Endpoint::Events && it.account.as_deref() == Some(email))
        .count()
}
