//! Syncs with events: whose come, whose do not, what they cost, and that each calendar fails alone.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use duet_model::account::{AccountId, FailureCode, Tier};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::topic::Topic;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_sandbox::{AccessRole, Endpoint, EventSpec, Fault, FaultKind, World};
use duet_store::{EventState, OccurrenceRow, OccurrenceTime};
use duet_sync::engine::{MOST_DAYS, MOST_PEOPLE, PersonAnswer};
use duet_sync::events::beyond;
use duet_wire::status::{EventCounts, Outcome};

use crate::rig::{ANA, BEN, Rig, Span, StoppedTime};

const TEAM: &str = "c_team_berlin@group.calendar.google.com";

/// Where the listings of events stopped.
async fn states(rig: &Rig) -> BTreeMap<CalendarId, EventState> {
    let mut snapshot = rig.store.read().await.unwrap();
    let states = snapshot.event_states().await.unwrap();
    states.into_iter().map(|it| (it.calendar, it)).collect()
}

async fn occurrences(rig: &Rig, days: i64) -> Vec<OccurrenceRow> {
    let mut snapshot = rig.store.read().await.unwrap();
    let now = rig.now();
    let range = Interval {
        start: now - TimeDelta::days(days),
        end: now + TimeDelta::days(days),
    };
    snapshot.occurrences_in(range).await.unwrap()
}

async fn titles(rig: &Rig) -> BTreeSet<String> {
    let rows = occurrences(rig, 30).await;
    rows.into_iter().map(|row| row.title).collect()
}

/// Every calendar that may be read has all its events, by count.
async fn assert_listed(rig: &Rig, id: AccountId, email: &str) {
    let states = states(rig).await;
    for calendar in rig.store.calendars_of(id).await.unwrap() {
        let wanted = calendar.shown || calendar.busy;
        let readable = calendar.access_role != duet_model::calendar::AccessRole::FreeBusyReader;
        let name = &calendar.google_id;
        assert_eq!(
            states.contains_key(&calendar.id),
            wanted && readable,
            "{name}"
        );
        let expected = if wanted && readable {
            rig.control.live_events(email, name)
        } else {
            0
        };
        let mut snapshot = rig.store.read().await.unwrap();
        let keys = snapshot
            .event_keys(calendar.id, EventKey(0), 100_000)
            .await
            .unwrap();
        assert_eq!(keys.len(), expected, "the events of {name}");
    }
}

#[tokio::test]
async fn events_arrive_change_and_go() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    let report = rig.sync_well(&engine, ana).await;
    assert!(report.events.upserted > 20, "{report:?}");
    assert_listed(&rig, ana, ANA).await;
    rig.assert_true(ana).await;
    assert!(occurrences(&rig, 30).await.len() > 50, "series are there");
    let progress = rig.ear.progress.lock().unwrap().clone();
    let last = progress.last().unwrap().1;
    assert_eq!(last.events, report.events.upserted);
    assert_eq!((last.done, last.total), (5, 5), "each calendar once");
    assert!(progress.iter().all(|(_, it)| it.done <= it.total));

    let start = rig.now() + TimeDelta::days(3);
    let meeting = EventSpec::between("Lantern", start, start + TimeDelta::minutes(37));
    let event = rig.control.add_event(ANA, TEAM, meeting).unwrap();
    let report = rig.sync_well(&engine, ana).await;
    let upserted = |n| EventCounts {
        upserted: n,
        ..EventCounts::default()
    };
    assert_eq!(report.events, upserted(1));
    assert!(titles(&rig).await.contains("Lantern"));

    rig.control.remove_event(ANA, TEAM, &event).unwrap();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!((report.events.upserted, report.events.removed), (0, 1));
    assert!(!titles(&rig).await.contains("Lantern"));

    // A whole sync lists all events anew, and finds them as they are.
    rig.control.clear_requests();
    let report = engine.sync_now(&[ana], true).await.unwrap();
    assert_eq!(report.accounts[0].events, upserted(0));
    let asked = rig.control.requests();
    let tokens = asked
        .iter()
        .filter(|it| it.endpoint == Endpoint::Events && it.query.contains("syncToken"));
    assert_eq!(tokens.count(), 0, "{asked:?}");
    assert_listed(&rig, ana, ANA).await;
    engine.stop().await;
}

/// What a sync costs that brings nothing: a list, two questions, one request for each calendar, and
/// nothing is written but when it was.
#[tokio::test]
async fn a_sync_without_a_change_asks_little_and_writes_stamps() {
    let rig = Rig::new(World::many_calendars(30, 2, 3)).await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = states(&rig).await;
    let seen = occurrences(&rig, 90).await;
    rig.control.clear_requests();
    rig.clock.jump(TimeDelta::minutes(10));
    let mut changes = rig.store.changes();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!(report.events, EventCounts::default());
    assert_eq!(report.calendars.ok, 30);
    assert_eq!(rig.control.count(Endpoint::Events), 30);
    assert_eq!(rig.control.requests().len(), 33, "a list and two questions");
    let mut topics = BTreeSet::new();
    while let Ok(more) = changes.try_recv() {
        topics.extend(more);
    }
    assert_eq!(topics, BTreeSet::from([Topic::Accounts, Topic::Calendars]));
    let mut after = states(&rig).await;
    for (id, state) in &mut after {
        assert!(state.checked_at > before[id].checked_at, "stamped");
        state.checked_at = before[id].checked_at;
    }
    assert_eq!(after, before, "nothing else was written");
    assert_eq!(occurrences(&rig, 90).await, seen);
    engine.stop().await;
}

#[tokio::test]
async fn with_a_permission_for_busy_times_there_are_busy_times_alone() {
    let rig = Rig::small().await;
    let ana = rig.connect_at(ANA, Tier::Busy).await;
    let engine = rig.on_demand();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    assert_eq!(rig.control.count(Endpoint::Events), 0);
    assert_eq!((states(&rig).await.len(), report.events.upserted), (0, 0));
    rig.assert_true(ana).await;

    // With a higher one they come...
    rig.connect_at(ANA, Tier::Read).await;
    engine.nudge(duet_sync::Nudge::Connected, Some(ana));
    crate::rig::at_rest(&engine).await;
    rig.sync_well(&engine, ana).await;
    assert_listed(&rig, ana, ANA).await;
    assert!(!occurrences(&rig, 30).await.is_empty());

    // ...and with the lower one again they go, but not the busy times.
    rig.connect_at(ANA, Tier::Busy).await;
    engine.nudge(duet_sync::Nudge::Connected, Some(ana));
    crate::rig::at_rest(&engine).await;
    rig.control.clear_requests();
    let report = rig.sync_well(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Done, "{report:?}");
    assert_eq!(rig.control.count(Endpoint::Events), 0);
    assert_eq!(states(&rig).await, BTreeMap::new());
    assert_eq!(occurrences(&rig, 30).await, []);
    rig.assert_true(ana).await;
    assert!(!rig.stored().await.is_empty());
    engine.stop().await;
}

#[tokio::test]
async fn a_calendar_that_shows_only_its_times_by_now_keeps_no_events() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let team = rig.calendar(ana, TEAM).await.id;
    assert!(
        occurrences(&rig, 30)
            .await
            .iter()
            .any(|it| it.calendar == team)
    );
    rig.control
        .set_access_role(ANA, TEAM, AccessRole::FreeBusyReader)
        .unwrap();
    let report = engine.sync_now(&[ana], true).await.unwrap();
    assert_eq!(report.accounts[0].outcome, Outcome::Done);
    assert!(
        occurrences(&rig, 30)
            .await
            .iter()
            .all(|it| it.calendar != team)
    );
    assert!(!states(&rig).await.contains_key(&team));
    rig.assert_true(ana).await;
    engine.stop().await;
}

/// A list of what changed does not tell what an account may do with a calendar; the calendar itself
/// does, by its answer or by refusing one.
#[tokio::test(start_paused = true)]
async fn that_only_times_are_shown_by_now_is_noticed_without_the_daily_list() {
    for refuses in [false, true] {
        let time = StoppedTime::hold();
        let rig = Rig::small().await;
        let ana = rig.connect(ANA).await;
        let engine = rig.in_background();
        let second = std::time::Duration::from_secs(1);
        time.pass(&engine, 5 * second, second).await;
        let team = rig.calendar(ana, TEAM).await;
        assert!(states(&rig).await.contains_key(&team.id));

        rig.control
            .set_access_role(ANA, TEAM, AccessRole::FreeBusyReader)
            .unwrap();
        if refuses {
            let refused = FaultKind::status(403, "forbidden", "Forbidden");
            rig.control
                .fault(Fault::always(Endpoint::Events, refused).calendar(TEAM));
        }
        rig.control.clear_requests();
        time.pass(&engine, 2 * 3600 * second, 10 * second).await;
        let asked = rig.control.requests();
        let of_team = asked
            .iter()
            .filter(|it| it.endpoint == Endpoint::Events && it.calendar.as_deref() == Some(TEAM));
        assert_eq!(
            of_team.count(),
            1,
            "refuses: {refuses}; asked once, in vain"
        );
        let whole = asked
            .iter()
            .filter(|it| it.endpoint == Endpoint::CalendarList && !it.query.contains("syncToken"));
        assert_eq!(whole.count(), 1, "refuses: {refuses}; one whole list");
        let role = rig.calendar(ana, TEAM).await.access_role;
        assert_eq!(role, duet_model::calendar::AccessRole::FreeBusyReader);
        assert!(!states(&rig).await.contains_key(&team.id));
        let rows = occurrences(&rig, 30).await;
        assert!(rows.iter().all(|it| it.calendar != team.id));
        rig.assert_true(ana).await;

        // That it may be read again is told by no answer. Whoever asks by hand sees it at once.
        rig.control.clear_faults();
        rig.control
            .set_access_role(ANA, TEAM, AccessRole::Reader)
            .unwrap();
        let report = rig.sync_well(&engine, ana).await;
        assert!(report.events.upserted > 0, "{report:?}");
        assert_listed(&rig, ana, ANA).await;
        engine.stop().await;
    }
}

#[tokio::test]
async fn a_calendar_whose_events_fail_does_so_alone_and_is_named_once() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let team = rig.calendar(ana, TEAM).await.id;
    let start = rig.now() + TimeDelta::days(2);
    let note = EventSpec::between("Lantern", start, start + TimeDelta::hours(1));
    rig.control.add_event(ANA, "primary", note).unwrap();
    for (kind, code) in [
        (FaultKind::unavailable(), FailureCode::Server),
        (
            FaultKind::status(404, "notFound", "Not Found"),
            FailureCode::NotFound,
        ),
    ] {
        let seen = occurrences(&rig, 30).await;
        rig.control
            .fault(Fault::always(Endpoint::Events, kind.clone()).calendar(TEAM));
        // Its busy times are refused as well.
        rig.control
            .freebusy_error(TEAM, Some("internalError"))
            .unwrap();
        rig.clock.jump(TimeDelta::minutes(1));
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.outcome, Outcome::Partial, "{report:?}");
        assert_eq!((report.calendars.ok, report.calendars.failed), (4, 1));
        let names: Vec<&str> = report.failures.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(names, [TEAM]);
        assert!(titles(&rig).await.contains("Lantern"), "the others go on");
        for (id, state) in states(&rig).await {
            let error = state.last_error.map(|error| error.code);
            assert_eq!(error, (id == team).then_some(code), "{kind:?}");
            let fresh = state.checked_at.unwrap() >= rig.now() - TimeDelta::seconds(30);
            assert_eq!(fresh, id != team, "what is fresh is stamped");
        }
        let of_team = |rows: &[OccurrenceRow]| {
            let rows = rows.iter().filter(|row| row.calendar == team);
            rows.cloned().collect::<Vec<_>>()
        };
        let now = occurrences(&rig, 30).await;
        assert_eq!(of_team(&now), of_team(&seen), "what is there stays");
        rig.control.clear_faults();
        rig.control.freebusy_error(TEAM, None).unwrap();
    }
    // Its events alone, too, make it one that is not well.
    rig.control
        .fault(Fault::once(Endpoint::Events, FaultKind::unavailable()).calendar(TEAM));
    let report = rig.sync(&engine, ana).await;
    assert_eq!((report.calendars.ok, report.calendars.failed), (4, 1));
    let mut changes = rig.store.changes();
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    let mut topics = BTreeSet::new();
    while let Ok(more) = changes.try_recv() {
        topics.extend(more);
    }
    assert!(
        topics.contains(&Topic::Calendars),
        "that it is well is told"
    );
    assert!(
        states(&rig)
            .await
            .values()
            .all(|it| it.last_error.is_none())
    );
    engine.stop().await;
}

/// What is gone for good is asked about when a person asks, and with the daily list; not every few
/// minutes.
#[tokio::test(start_paused = true)]
async fn a_calendar_whose_events_are_gone_is_asked_about_now_and_then() {
    let time = StoppedTime::hold();
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let gone = FaultKind::status(404, "notFound", "Not Found");
    rig.control
        .fault(Fault::always(Endpoint::Events, gone).calendar(TEAM));
    let engine = rig.in_background();
    let second = std::time::Duration::from_secs(1);
    time.pass(&engine, 5 * second, second).await;
    let asked = || {
        let all = rig.control.requests();
        all.iter()
            .filter(|it| it.endpoint == Endpoint::Events && it.calendar.as_deref() == Some(TEAM))
            .count()
    };
    assert_eq!(asked(), 1);
    let lists = rig.control.count(Endpoint::CalendarList);
    time.pass(&engine, 2 * 3600 * second, 10 * second).await;
    assert!(rig.control.count(Endpoint::CalendarList) > lists + 2);
    assert_eq!(asked(), 1, "not by the timer");
    assert_eq!(rig.account(ana).await.last_error, None, "a calendar's own");
    let report = rig.sync(&engine, ana).await;
    assert_eq!((asked(), report.calendars.failed), (2, 1), "{report:?}");
    engine.stop().await;
}

#[tokio::test]
async fn calendar_after_calendar_failing_is_the_accounts_trouble() {
    let rig = Rig::new(World::many_calendars(40, 2, 3)).await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.control
        .fault(Fault::always(Endpoint::Events, FaultKind::unavailable()));
    let report = rig.sync(&engine, ana).await;
    assert_eq!(report.outcome, Outcome::Failed, "{report:?}");
    let asked = rig.control.count(Endpoint::Events);
    assert!((5..=9).contains(&asked), "{asked} instead of 40");
    assert_eq!(
        rig.account(ana).await.last_error.map(|it| it.code),
        Some(FailureCode::Server)
    );
    rig.assert_true(ana).await;
    assert!(!rig.stored().await.is_empty(), "busy times are here");

    rig.control.clear_faults();
    let report = rig.sync(&engine, ana).await;
    assert_eq!((report.outcome, report.calendars.ok), (Outcome::Done, 40));
    assert_listed(&rig, ana, ANA).await;
    engine.stop().await;
}

/// A series begun now, looked at years ahead, where no occurrences are stored, and across the edge.
#[tokio::test]
async fn what_lies_beyond_the_horizon_is_worked_out_and_nothing_is_there_twice() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let monday = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
    let at = |day: NaiveDate, hour| day.and_hms_opt(hour, 0, 0).unwrap();
    let weekly =
        EventSpec::at("Weekly", "Europe/Berlin", at(monday, 9), 60).repeat("RRULE:FREQ=WEEKLY");
    let series = rig.control.add_event(ANA, "primary", weekly).unwrap();
    let skipped = NaiveDate::from_ymd_opt(2031, 3, 10).unwrap();
    let cancelled = EventSpec::cancelled(&series, at(skipped, 9));
    rig.control.add_event(ANA, "primary", cancelled).unwrap();
    let far = NaiveDate::from_ymd_opt(2031, 3, 12).unwrap();
    let once = EventSpec::at("Once", "Europe/Berlin", at(far, 15), 30);
    rig.control.add_event(ANA, "primary", once).unwrap();
    let edge = NaiveDate::from_ymd_opt(2029, 2, 28).unwrap();
    let across = EventSpec::at("Across", "Europe/Berlin", at(edge, 12), 48 * 60);
    rig.control.add_event(ANA, "primary", across).unwrap();
    let leave = EventSpec::all_day("Leave", edge, 5);
    rig.control.add_event(ANA, "primary", leave).unwrap();
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;

    let calendar = rig.calendar(ana, ANA).await;
    let horizon = states(&rig).await[&calendar.id].horizon.clone().unwrap();
    let day = |day: NaiveDate| at(day, 0).and_utc();
    assert_eq!(horizon.span.end, day(edge) + TimeDelta::days(1));
    let zones = ZoneDb::bundled();
    let of = async |from: DateTime<Utc>, days: i64| {
        let range = Interval {
            start: from,
            end: from + TimeDelta::days(days),
        };
        let mut snapshot = rig.store.read().await.unwrap();
        let mut stored = snapshot.occurrences_in(range).await.unwrap();
        stored.retain(|row| row.calendar == calendar.id);
        let found = beyond(
            &mut snapshot,
            &calendar,
            horizon.span,
            &stored,
            &zones,
            range,
        );
        let found = found.await.unwrap();
        drop(snapshot);
        (stored, found)
    };
    let named = |rows: &[OccurrenceRow], title: &str| {
        let rows = rows.iter().filter(|row| row.title == title);
        rows.cloned().collect::<Vec<_>>()
    };

    let week = NaiveDate::from_ymd_opt(2031, 3, 3).unwrap();
    let (stored, found) = of(day(week), 28).await;
    assert_eq!(stored, []);
    let starts: Vec<_> = named(&found.rows, "Weekly")
        .into_iter()
        .map(|row| match row.time {
            OccurrenceTime::At { start, .. } => start.date_naive().day(),
            OccurrenceTime::Days { first, .. } => first.day(),
        })
        .collect();
    assert_eq!(starts, [3, 17, 24], "without the one that is called off");
    let once = named(&found.rows, "Once");
    assert_eq!(once.len(), 1);
    let noon = day(far) + TimeDelta::hours(14);
    let time = OccurrenceTime::At {
        start: noon,
        end: noon + TimeDelta::minutes(30),
    };
    assert_eq!((once[0].time, once[0].calendar), (time, calendar.id));
    assert!(found.whole);

    // Inside, there is nothing to be worked out.
    let (stored, found) = of(rig.now(), 7).await;
    assert!(!stored.is_empty() && found.rows.is_empty() && found.whole);

    // Across the edge, both together are what a whole horizon would hold.
    let (stored, found) = of(day(edge) - TimeDelta::days(14), 42).await;
    for (title, here, there) in [("Across", 1, 0), ("Leave", 1, 0), ("Weekly", 2, 4)] {
        assert_eq!(named(&stored, title).len(), here, "{title}");
        assert_eq!(named(&found.rows, title).len(), there, "{title}");
    }
    let order: Vec<_> = found.rows.iter().map(|row| row.event).collect();
    let (_, again) = of(day(edge) - TimeDelta::days(14), 42).await;
    assert_eq!(
        again.rows.iter().map(|row| row.event).collect::<Vec<_>>(),
        order
    );

    // More than is worked out at once is not promised.
    let (_, found) = of(day(week), 800).await;
    assert!(!found.whole && !found.rows.is_empty());
    engine.stop().await;
}

#[tokio::test]
async fn a_series_that_cannot_be_followed_is_in_doubt_until_it_can() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let doubts = async || {
        let mut snapshot = rig.store.read().await.unwrap();
        let doubts = snapshot.event_doubts().await.unwrap();
        (doubts, snapshot.unfollowed().await.unwrap())
    };
    let before = doubts().await;
    let start = rig.now() + TimeDelta::days(1);
    let odd =
        EventSpec::between("Odd", start, start + TimeDelta::hours(1)).repeat("RRULE:FREQ=SECONDLY");
    let id = rig.control.add_event(ANA, TEAM, odd).unwrap();
    rig.sync_well(&engine, ana).await;
    let (calendars, series) = doubts().await;
    let team = rig.calendar(ana, TEAM).await;
    let doubt = calendars.iter().find(|it| it.calendar == team.id).unwrap();
    assert_eq!((doubt.unfollowed, doubt.unreadable), (1, 0));
    let new: Vec<_> = series.iter().filter(|it| !before.1.contains(it)).collect();
    assert_eq!(new.len(), 1);
    assert_eq!((new[0].title.as_str(), new[0].calendar), ("Odd", team.id));
    assert!(new[0].why.contains("SECONDLY"), "{}", new[0].why);
    let mut snapshot = rig.store.read().await.unwrap();
    let range = Interval {
        start: rig.now() + TimeDelta::days(2000),
        end: rig.now() + TimeDelta::days(2007),
    };
    let zones = ZoneDb::bundled();
    let states = snapshot.event_states().await.unwrap();
    let state = states.into_iter().find(|it| it.calendar == team.id);
    let horizon = state.unwrap().horizon.unwrap().span;
    let found = beyond(&mut snapshot, &team, horizon, &[], &zones, range);
    let found = found.await.unwrap();
    assert!(!found.whole, "nor is it known years ahead");
    drop(snapshot);

    let sane = r#"{"recurrence": ["RRULE:FREQ=DAILY"]}"#.parse().unwrap();
    rig.control.update_event(ANA, TEAM, &id, sane).unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(doubts().await, before);

    // It goes with its event.
    let odd =
        EventSpec::between("Odd", start, start + TimeDelta::hours(1)).repeat("RRULE:FREQ=SECONDLY");
    let id = rig.control.add_event(ANA, TEAM, odd).unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(doubts().await.1.len(), before.1.len() + 1);
    rig.control.remove_event(ANA, TEAM, &id).unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(doubts().await, before);
    engine.stop().await;
}

#[tokio::test]
async fn people_are_asked_by_address_also_beside_a_sync() {
    let rig = Rig::small().await;
    let ben = rig.connect(BEN).await;
    let engine = rig.on_demand();
    let span = Interval {
        start: rig.now(),
        end: rig.now() + TimeDelta::days(150),
    };
    let addresses = [ANA, "nobody@example.com", " "].map(String::from);
    // Nothing was synced, and nothing has to be.
    let only = [ben];
    let (found, report) = tokio::join!(
        engine.people(ben, &addresses, span),
        engine.sync_now(&only, false)
    );
    assert_eq!(report.unwrap().accounts[0].outcome, Outcome::Done);
    let found = found.unwrap();
    let order: Vec<&String> = found.iter().map(|it| &it.address).collect();
    assert_eq!(order, addresses.iter().collect::<Vec<_>>());
    let said = rig.control.busy(BEN, ANA, span.start, span.end);
    let known: Vec<Span> = match &found[0].answer {
        PersonAnswer::Known(busy) => busy.iter().map(|it| (it.start, it.end)).collect(),
        other => panic!("her times are open: {other:?}"),
    };
    assert!(known.len() > 20 && known.windows(2).all(|pair| pair[0].1 < pair[1].0));
    let length = |all: &[Span]| -> TimeDelta { all.iter().map(|(a, b)| *b - *a).sum() };
    assert_eq!(length(&known), length(&said));
    for (answer, word) in [(&found[1].answer, "shared"), (&found[2].answer, "address")] {
        assert!(
            matches!(answer, PersonAnswer::Unknown(why) if why.contains(word)),
            "{answer:?}"
        );
    }
    // One request for sixty days.
    rig.control.clear_requests();
    engine.people(ben, &addresses[..1], span).await.unwrap();
    assert_eq!(rig.control.requests().len(), 3);

    let crowd = vec![ANA.to_owned(); MOST_PEOPLE + 1];
    let refused = engine.people(ben, &crowd, span).await.unwrap_err();
    assert!(refused.contains("50 people"), "{refused}");
    let ages = Interval {
        end: span.start + TimeDelta::days(MOST_DAYS + 1),
        ..span
    };
    let refused = engine.people(ben, &addresses, ages).await.unwrap_err();
    assert!(refused.contains("370 days"), "{refused}");
    assert_eq!(rig.control.requests().len(), 3, "neither was asked");

    // What Google asks to wait binds a sync, too.
    let limited = FaultKind::rate_limited(Some(300));
    rig.control.fault(Fault::once(Endpoint::FreeBusy, limited));
    let refused = engine.people(ben, &addresses, span).await.unwrap_err();
    assert!(refused.contains("fewer requests"), "{refused}");
    assert!(rig.account(ben).await.wait_until.is_some());
    let refused = engine.people(ben, &addresses, span).await.unwrap_err();
    assert!(refused.contains("asked Duet to wait"), "{refused}");
    rig.clock.jump(TimeDelta::seconds(301));

    rig.control.revoke(BEN);
    let refused = engine.people(ben, &addresses, span).await.unwrap_err();
    assert!(refused.contains("Reconnect the account"), "{refused}");
    let gone = engine.people(AccountId(999), &addresses, span).await;
    assert!(gone.unwrap_err().contains("no longer there"));
    engine.stop().await;
}
