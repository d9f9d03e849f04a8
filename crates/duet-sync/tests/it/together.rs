//! Events and busy times of one calendar come into the store together: whoever reads between two
//! commits sees no busy time without an event that neither was there before nor will be there.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_model::account::{AccountId, FailureCode, Tier};
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::when::Interval;
use duet_sandbox::{Endpoint, EventSpec, Fault, FaultKind, World};
use duet_store::{OccurrenceTime, Store};
use duet_sync::Engine;
use duet_wire::status::Outcome;

use crate::rig::{ANA, Rig, Span};

const NEW: &str = "c_new@group.calendar.google.com";

/// A world with one calendar more, which counts, is empty and has been synced.
async fn with_calendar() -> (Rig, AccountId, Engine) {
    let rig = Rig::small().await;
    rig.control
        .add_calendar(
            ANA,
            NEW,
            "New",
            "Europe/Berlin",
            duet_sandbox::AccessRole::Owner,
        )
        .unwrap();
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    (rig, ana, engine)
}

fn meeting(title: &str, start: DateTime<Utc>) -> EventSpec {
    EventSpec::between(title, start, start + TimeDelta::hours(1))
}

/// What is stored of a calendar at one moment: its busy times, when its events take place, and the
/// busy times in which no event lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Moment {
    times: Vec<Span>,
    events: Vec<Span>,
    unexplained: Vec<Span>,
}

impl Moment {
    async fn read(store: &Store, calendar: CalendarId, range: Interval) -> Self {
        let mut snapshot = store.read().await.unwrap();
        let blocks = snapshot.blocks_in(range).await.unwrap();
        let rows = snapshot.occurrences_in(range).await.unwrap();
        let of = |time: OccurrenceTime| match time {
            OccurrenceTime::At { start, end } => (start, end),
            OccurrenceTime::Days { first, until } => (
                first.and_time(NaiveTime::MIN).and_utc(),
                until.and_time(NaiveTime::MIN).and_utc(),
            ),
        };
        let rows = rows.iter().filter(|row| row.calendar == calendar);
        let mut events: Vec<Span> = rows.map(|row| of(row.time)).collect();
        events.sort_unstable();
        let blocks = blocks.iter().filter(|block| block.calendar == calendar);
        let times: Vec<Span> = blocks.map(|it| (it.span.start, it.span.end)).collect();
        let unexplained = times.iter().flat_map(|&(mut from, end)| {
            let mut rest = Vec::new();
            for &(start, until) in events.iter().filter(|it| it.0 < end) {
                if start > from {
                    rest.push((from, start));
                }
                from = from.max(until);
            }
            rest.extend((from < end).then_some((from, end)));
            rest
        });
        Self {
            unexplained: unexplained.collect(),
            times,
            events,
        }
    }
}

/// Every committed state of a calendar while `work` runs, from the one before to the one after.
///
/// Whoever waits for the writer is served in turn. So this takes a turn again and again: after each
/// commit it is next, and the following one waits until it has read.
async fn watch<T>(
    rig: &Rig,
    calendar: CalendarId,
    work: impl Future<Output = T>,
) -> (T, Vec<Moment>) {
    let range = Interval {
        start: rig.now() - TimeDelta::days(30),
        end: rig.now() + TimeDelta::days(80),
    };
    let over = Arc::new(AtomicBool::new(false));
    let (store, ended) = (rig.store.clone(), over.clone());
    let mut moments = vec![Moment::read(&store, calendar, range).await];
    let watching = tokio::spawn(async move {
        loop {
            let last = ended.load(Ordering::SeqCst);
            let turn = store.write().await.unwrap();
            let moment = Moment::read(&store, calendar, range).await;
            drop(turn);
            if moments.last() != Some(&moment) {
                moments.push(moment);
            }
            if last {
                break moments;
            }
        }
    });
    let done = work.await;
    over.store(true, Ordering::SeqCst);
    (done, watching.await.unwrap())
}

/// In no moment is there busy time without an event.
fn assert_explained(moments: &[Moment]) {
    for (at, moment) in moments.iter().enumerate() {
        assert_eq!(
            moment.unexplained,
            [],
            "moment {at} of {}: {moment:#?}",
            moments.len()
        );
    }
}

#[tokio::test]
async fn no_busy_time_without_an_event_comes_and_goes() {
    let (rig, ana, engine) = with_calendar().await;
    let id = rig.calendar(ana, NEW).await.id;
    let base = rig.span().start + TimeDelta::days(7);
    let at = |hours| base + TimeDelta::hours(hours);
    let add = |title: &str, hours| {
        rig.control
            .add_event(ANA, NEW, meeting(title, at(hours)))
            .unwrap()
    };
    let (moved, gone) = (add("Moved", 24), add("Gone", 48));
    add("Stays", 72);

    // All of them come for the first time...
    let (_, moments) = watch(&rig, id, rig.sync_well(&engine, ana)).await;
    assert_explained(&moments);
    let last = moments.last().unwrap();
    assert_eq!((last.times.len(), last.events.len()), (3, 3));

    // ...and then one comes, one moves and one goes, apart and at once.
    let later = |hours: i64| {
        let time = |hours: i64| format!(r#"{{"dateTime": "{}"}}"#, at(hours).to_rfc3339());
        format!(
            r#"{{"start": {}, "end": {}}}"#,
            time(hours),
            time(hours + 1)
        )
    };
    for step in 0..4 {
        if step == 0 || step == 3 {
            let hours = 96 + step;
            let new = meeting("New", at(hours));
            rig.control.add_event(ANA, NEW, new).unwrap();
        }
        if step == 1 || step == 3 {
            let patch = later(120 + 2 * step).parse().unwrap();
            rig.control.update_event(ANA, NEW, &moved, patch).unwrap();
        }
        if step == 2 {
            rig.control.remove_event(ANA, NEW, &gone).unwrap();
        }
        let (report, moments) = watch(&rig, id, rig.sync_well(&engine, ana)).await;
        assert_explained(&moments);
        assert_eq!(moments.len(), 2, "at once: {moments:#?}");
        assert_ne!(report.blocks.added + report.blocks.removed, 0, "counted");
        rig.assert_true(ana).await;
    }
    engine.stop().await;
}

/// More changes than fit on a page: what is gone goes with the first one, what is new comes with the
/// last.
#[tokio::test]
async fn also_over_several_pages() {
    let (rig, ana, engine) = with_calendar().await;
    let id = rig.calendar(ana, NEW).await.id;
    let at = |minutes| rig.now() + TimeDelta::minutes(minutes);
    let mut old = Vec::new();
    for hour in 1..4 {
        let event = meeting("Old", at(60 * 24 * hour));
        old.push(rig.control.add_event(ANA, NEW, event).unwrap());
    }
    rig.sync_well(&engine, ana).await;
    for event in &old {
        rig.control.remove_event(ANA, NEW, event).unwrap();
    }
    for minute in 0..2600 {
        let start = at(60 * 24 * 7 + 10 * minute);
        let event = EventSpec::between("x", start, start + TimeDelta::minutes(1));
        rig.control.add_event(ANA, NEW, event).unwrap();
    }
    let (_, moments) = watch(&rig, id, rig.sync_well(&engine, ana)).await;
    assert_explained(&moments);
    let events: HashSet<usize> = moments.iter().map(|it| it.events.len()).collect();
    assert!(events.len() > 2, "it was seen in between: {events:?}");
    engine.stop().await;
}

/// The first picture is there before the first events are.
#[tokio::test]
async fn a_first_listing_is_waited_for_by_nobody() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    // Listed, so that it is known by its number, and nothing else.
    rig.control.fault(Fault::once(
        Endpoint::FreeBusy,
        FaultKind::rate_limited(Some(3600)),
    ));
    rig.sync(&engine, ana).await;
    engine.stop().await;
    rig.clock.jump(TimeDelta::seconds(3601));
    let engine = rig.on_demand();
    let id = rig.calendar(ana, ANA).await.id;
    let (_, moments) = watch(&rig, id, rig.sync_well(&engine, ana)).await;
    assert_eq!((moments[0].times.len(), moments[0].events.len()), (0, 0));
    let counts = (moments[1].times.is_empty(), moments[1].events.len());
    assert_eq!(counts, (false, 0), "busy times are there, events are not");
    rig.assert_true(ana).await;
    engine.stop().await;
}

/// Busy times are written where the events fail: for one calendar, or for all of them.
#[tokio::test]
async fn busy_times_come_also_where_events_do_not() {
    let rig = Rig::new(World::many_calendars(12, 2, 3)).await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let calendars = rig.store.calendars_of(ana).await.unwrap();
    let chosen: &Calendar = &calendars[3];
    for fault in [
        Fault::always(Endpoint::Events, FaultKind::unavailable()).calendar(&chosen.google_id),
        Fault::always(Endpoint::Events, FaultKind::unavailable()),
        Fault::always(Endpoint::Events, FaultKind::rate_limited(None)),
    ] {
        for calendar in &calendars {
            let start = rig.now() + TimeDelta::days(20);
            let event = meeting("New", start);
            rig.control
                .add_event(ANA, &calendar.google_id, event)
                .unwrap();
        }
        rig.control.fault(fault);
        assert_ne!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
        rig.assert_true(ana).await;
        rig.control.clear_faults();
        rig.clock.jump(TimeDelta::minutes(30));
        rig.control.advance(TimeDelta::minutes(30));
    }
    engine.stop().await;
}

/// Google's holiday calendars have events and no busy times.
#[tokio::test]
async fn a_calendar_without_busy_times_is_well_where_its_events_are() {
    let (rig, ana, engine) = with_calendar().await;
    let start = rig.now() + TimeDelta::days(1);
    rig.control
        .add_event(ANA, NEW, meeting("Holiday", start))
        .unwrap();
    rig.sync_well(&engine, ana).await;
    assert_eq!(rig.blocks_of(ana, NEW).await.len(), 1);
    rig.control.freebusy_error(NEW, Some("notFound")).unwrap();

    // It is well, and what free/busy said once is held against nobody.
    let well = async || {
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.outcome, Outcome::Done, "{report:?}");
        assert_eq!((report.calendars.ok, report.calendars.failed), (6, 0));
        let calendar = rig.calendar(ana, NEW).await;
        let known = (
            calendar.last_error,
            calendar.last_synced_at,
            calendar.covered,
        );
        assert_eq!(known, (None, None, None));
        assert_eq!(rig.blocks_of(ana, NEW).await, []);
    };
    well().await;
    let mut changes = rig.store.changes();
    well().await;
    while let Ok(topics) = changes.try_recv() {
        let blocks = topics.contains(&duet_model::topic::Topic::ExternalBlocks);
        assert!(!blocks, "there is nothing to forget twice");
    }

    // Where its events fail as well, nothing speaks for it; once they come, they do.
    let fault = Fault::once(Endpoint::Events, FaultKind::unavailable()).calendar(NEW);
    rig.control.fault(fault);
    let report = rig.sync(&engine, ana).await;
    assert_eq!((report.calendars.ok, report.calendars.failed), (5, 1));
    let error = rig.calendar(ana, NEW).await.last_error;
    assert_eq!(error.map(|it| it.code), Some(FailureCode::NotFound));
    well().await;
    engine.stop().await;

    // From the first sync on, too; and where only busy times may be read, it has failed.
    for (tier, ok) in [(Tier::Read, 6), (Tier::Busy, 4)] {
        let rig = Rig::small().await;
        rig.control
            .add_calendar(
                ANA,
                NEW,
                "New",
                "Europe/Berlin",
                duet_sandbox::AccessRole::Owner,
            )
            .unwrap();
        rig.control.freebusy_error(NEW, Some("notFound")).unwrap();
        let ana = rig.connect_at(ANA, tier).await;
        let engine = rig.on_demand();
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.calendars.ok, ok, "{tier:?}: {report:?}");
        let failed = rig.calendar(ana, NEW).await.last_error.is_some();
        assert_eq!(failed, tier == Tier::Busy);
        engine.stop().await;
    }
}
