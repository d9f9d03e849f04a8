//! Duet's own events, where they stand in Google, and what waits to be sent there.

use duet_model::account::FailureCode;
use duet_model::calendar::CalendarId;
use duet_model::duet_event::{Content, DuetEvent, DuetEventId, Field, Link, LinkState, Slot};
use duet_model::event::{EventId, EventTime, Visibility};
use duet_model::outbox::{Deed, NewOp, Notify, OpId, Stuck, Target};
use duet_model::topic::Topic;
use duet_store::{Conflict, Store, StoreError};

use crate::common::*;

fn at(hours: i64) -> EventTime {
    EventTime::At {
        at: hour(hours),
        zone: Some("Europe/Berlin".into()),
    }
}

fn content(title: &str) -> Content {
    Content {
        title: title.into(),
        start: at(9),
        end: at(10),
        location: "Hall".into(),
        notes: String::new(),
        guests: Vec::new(),
        recurrence: Vec::new(),
        reminders: None,
        transparent: false,
        visibility: Visibility::Default,
        conference: false,
    }
}

fn event(id: &str) -> DuetEvent {
    DuetEvent {
        id: DuetEventId(id.into()),
        content: content(id),
        slot: None,
        cancelled: false,
        created_at: hour(0),
        updated_at: hour(0),
    }
}

fn series(id: &str) -> DuetEvent {
    let mut event = event(id);
    event.content.recurrence = vec!["RRULE:FREQ=DAILY".into()];
    event
}

fn exception(id: &str, of: &str, hours: i64) -> DuetEvent {
    DuetEvent {
        slot: Some(Slot {
            series: DuetEventId(of.into()),
            original_start: at(hours),
        }),
        ..event(id)
    }
}

fn link(event: &str, calendar: CalendarId, external: Option<&str>) -> Link {
    Link {
        event: DuetEventId(event.into()),
        calendar,
        external: external.map(|id| EventId(id.into())),
        etag: Some("\"1\"".into()),
        base: Some(content("base")),
        state: LinkState::Synced,
    }
}

fn op(event: &str, calendar: CalendarId, deed: Deed) -> NewOp {
    NewOp {
        thread: event.into(),
        event: Some(DuetEventId(event.into())),
        calendar,
        title: event.into(),
        target: Target::Event(EventId("g".into())),
        deed,
        notify: Notify::None,
        not_before: hour(0),
    }
}

fn insert(title: &str) -> Deed {
    Deed::Insert {
        content: content(title),
    }
}

fn update(title: &str) -> Deed {
    Deed::Update {
        content: content(title),
    }
}

async fn put(store: &Store, events: &[DuetEvent]) {
    let mut tx = store.write().await.unwrap();
    for event in events {
        tx.put_duet_event(event).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn queue(store: &Store, new: NewOp, base: Option<&Content>) -> Option<OpId> {
    let mut tx = store.write().await.unwrap();
    let id = tx.queue(new, base, hour(0)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn titles_near(store: &Store, from: i64, until: i64) -> Vec<String> {
    let mut snapshot = store.read().await.unwrap();
    let near = snapshot.duet_events_near(span(from, until)).await.unwrap();
    near.into_iter().map(|event| event.id.0).collect()
}

#[tokio::test]
async fn an_event_is_kept_as_it_was_put() {
    let world = World::new().await;
    let days = DuetEvent {
        content: Content {
            start: EventTime::Date("2027-01-20".parse().unwrap()),
            end: EventTime::Date("2027-01-22".parse().unwrap()),
            ..content("days")
        },
        ..event("days")
    };
    let gone = DuetEvent {
        cancelled: true,
        ..exception("gone", "daily", 33)
    };
    let all = [days.clone(), series("daily"), gone.clone()];
    put(&world.store, &all).await;
    let mut snapshot = world.store.read().await.unwrap();
    for event in &all {
        assert_eq!(
            snapshot.duet_event(&event.id).await.unwrap().as_ref(),
            Some(event)
        );
    }
    assert_eq!(
        snapshot
            .duet_series(&DuetEventId("daily".into()))
            .await
            .unwrap(),
        [series("daily"), gone.clone()]
    );
    drop(snapshot);

    let mut tx = world.store.write().await.unwrap();
    let before = tx
        .delete_duet_event(&DuetEventId("daily".into()))
        .await
        .unwrap();
    assert_eq!(
        before,
        [series("daily"), gone],
        "the series goes with its exceptions"
    );
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    assert_eq!(snapshot.duet_events().await.unwrap(), [days]);
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    let mut backwards = event("a");
    backwards.content.end = at(8);
    let mut mixed = event("b");
    mixed.content.end = EventTime::Date("2099-01-01".parse().unwrap());
    for event in [backwards, mixed] {
        let refused = tx.put_duet_event(&event).await;
        assert!(
            matches!(refused, Err(StoreError::Refused { .. })),
            "{event:?}"
        );
    }
    let twice = [
        series("s"),
        exception("x", "s", 33),
        exception("y", "s", 33),
    ];
    tx.put_duet_event(&twice[0]).await.unwrap();
    tx.put_duet_event(&twice[1]).await.unwrap();
    assert!(
        tx.put_duet_event(&twice[2]).await.is_err(),
        "one exception a slot"
    );
    assert!(
        tx.put_duet_event(&exception("z", "nobody", 9))
            .await
            .is_err(),
        "no exception without a master"
    );
}

#[tokio::test]
async fn a_week_reads_what_can_touch_it() {
    let world = World::new().await;
    let mut far = event("far");
    (far.content.start, far.content.end) = (at(2000), at(2001));
    let mut long = event("long");
    (long.content.start, long.content.end) = (at(-5000), at(5000));
    let all = [
        event("near"),
        far,
        long,
        series("daily"),
        exception("x", "daily", 4000),
    ];
    put(&world.store, &all).await;
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids.join(" ")
    };
    assert_eq!(
        sorted(titles_near(&world.store, 0, 24).await),
        "daily long near x"
    );
    assert_eq!(
        sorted(titles_near(&world.store, 1990, 2000).await),
        "daily far long x"
    );
    // Two days of slack: where a whole day lies is for who looks to say.
    assert_eq!(
        sorted(titles_near(&world.store, 57, 60).await),
        "daily long near x"
    );
    assert_eq!(
        sorted(titles_near(&world.store, 59, 60).await),
        "daily long x"
    );
}

#[tokio::test]
async fn a_link_goes_with_its_calendar_and_the_event_stays() {
    let world = World::new().await;
    put(&world.store, &[event("a"), event("b")]).await;
    let mut tx = world.store.write().await.unwrap();
    let (one, two) = (
        link("a", world.calendar, Some("g1")),
        link("b", world.calendar, None),
    );
    tx.put_link(&one).await.unwrap();
    tx.put_link(&two).await.unwrap();
    tx.commit().await.unwrap();
    queue(&world.store, op("a", world.calendar, update("x")), None).await;
    let mut tx = world.store.write().await.unwrap();
    let found = tx
        .links_of(
            world.calendar,
            &[&EventId("g1".into()), &EventId("g2".into())],
        )
        .await
        .unwrap();
    assert_eq!(found, std::slice::from_ref(&one));
    assert_eq!(tx.link(&one.event).await.unwrap(), Some(one));
    tx.remove_account(world.account).await.unwrap();
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    assert!(snapshot.links().await.unwrap().is_empty());
    assert!(snapshot.outbox().await.unwrap().is_empty());
    assert_eq!(snapshot.duet_events().await.unwrap().len(), 2);
}

#[tokio::test]
async fn changes_are_folded_as_they_come() {
    let world = World::new().await;
    put(&world.store, &[event("a")]).await;
    let calendar = world.calendar;
    let first = queue(&world.store, op("a", calendar, insert("one")), None)
        .await
        .unwrap();
    let second = queue(&world.store, op("a", calendar, update("two")), None).await;
    assert_eq!(second, Some(first), "taken in");
    let other = queue(&world.store, op("b", calendar, insert("other")), None)
        .await
        .unwrap();
    let waiting = world.store.outbox().await.unwrap();
    assert_eq!(waiting.len(), 2);
    assert_eq!(waiting[0].what.deed, insert("two"));

    let mut tx = world.store.write().await.unwrap();
    tx.op_is_sent(first).await.unwrap();
    tx.commit().await.unwrap();
    let third = queue(&world.store, op("a", calendar, update("three")), None)
        .await
        .unwrap();
    assert!(third > other, "behind what was sent");

    assert_eq!(
        queue(
            &world.store,
            op("b", calendar, Deed::Delete { seen: None }),
            None
        )
        .await,
        None
    );
    let ids: Vec<OpId> = world
        .store
        .outbox()
        .await
        .unwrap()
        .iter()
        .map(|op| op.id)
        .collect();
    assert_eq!(ids, [first, third], "nobody was told of the other");
    assert_eq!(world.store.outbox_of(world.account).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_failure_waits_and_a_refusal_waits_for_the_person() {
    let world = World::new().await;
    put(&world.store, &[event("a")]).await;
    let id = queue(&world.store, op("a", world.calendar, insert("a")), None)
        .await
        .unwrap();
    let why = Stuck {
        code: FailureCode::Rejected,
        message: "It was refused.".into(),
        at: hour(3),
    };
    let mut tx = world.store.write().await.unwrap();
    tx.op_failed(id, hour(2)).await.unwrap();
    tx.op_is_stuck(id, &why, false).await.unwrap();
    let stuck = tx.op(id).await.unwrap().unwrap();
    assert_eq!((stuck.attempts, stuck.what.not_before), (2, hour(2)));
    assert_eq!(stuck.stuck, Some(why));
    tx.retry_op(id, hour(4)).await.unwrap();
    let again = tx.op(id).await.unwrap().unwrap();
    assert_eq!((again.attempts, again.stuck), (0, None));
    assert_eq!(again.what.not_before, hour(4));
    tx.remove_op(id).await.unwrap();
    assert_eq!(tx.op(id).await.unwrap(), None);
}

#[tokio::test]
async fn what_the_person_wants_tried_now_waits_for_no_time() {
    let world = World::new().await;
    put(&world.store, &[event("a"), event("b")]).await;
    let mut ids = Vec::new();
    for (name, deed) in [("a", insert("a")), ("a", update("a")), ("b", insert("b"))] {
        let new = op(name, world.calendar, deed);
        ids.push(queue(&world.store, new, None).await.unwrap());
    }
    let mut tx = world.store.write().await.unwrap();
    for id in &ids {
        tx.op_failed(*id, hour(9)).await.unwrap();
    }
    let until = Some((hour(12), "Enough"));
    tx.pause_writes(world.account, until).await.unwrap();
    tx.retry_op(ids[1], hour(4)).await.unwrap();
    let mut then = Vec::new();
    for id in ids {
        then.push(tx.op(id).await.unwrap().unwrap().what.not_before);
    }
    assert_eq!(then, [hour(4), hour(4), hour(9)], "what goes before it too");
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    assert_eq!(snapshot.pauses().await.unwrap(), []);
}

#[tokio::test]
async fn both_sides_of_a_conflict_are_kept() {
    let world = World::new().await;
    let conflict = |hours| Conflict {
        event: DuetEventId("a".into()),
        calendar: world.calendar,
        noticed_at: hour(hours),
        fields: [Field::Title].into(),
        base: content("base"),
        mine: content("mine"),
        theirs: content("theirs"),
    };
    let mut tx = world.store.write().await.unwrap();
    for hours in [0, 24 * 100, 24 * 181] {
        tx.add_conflict(&conflict(hours)).await.unwrap();
    }
    tx.remove_account(world.account).await.unwrap();
    tx.commit().await.unwrap();
    let kept: Vec<Conflict> = world
        .store
        .conflicts()
        .await
        .unwrap()
        .into_iter()
        .map(|(_, it)| it)
        .collect();
    assert_eq!(kept, [conflict(24 * 181), conflict(24 * 100)]);
}

#[tokio::test]
async fn the_conflicts_of_a_series_are_those_of_its_exceptions_too() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    for event in ["aa", "aa_20261124", "aa_20261124T180000Z", "aab", "a", "ab"] {
        let conflict = Conflict {
            event: DuetEventId(event.into()),
            calendar: world.calendar,
            noticed_at: hour(1),
            fields: [Field::Title].into(),
            base: content("base"),
            mine: content("mine"),
            theirs: content("theirs"),
        };
        tx.add_conflict(&conflict).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    let found = snapshot.conflicts_of(&DuetEventId("aa".into())).await;
    let found: Vec<String> = found
        .unwrap()
        .into_iter()
        .map(|(_, it)| it.event.0)
        .collect();
    assert_eq!(found, ["aa_20261124T180000Z", "aa_20261124", "aa"]);
}

#[tokio::test]
async fn writes_pause_until_google_takes_them_again() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.pause_writes(world.account, Some((hour(6), "Enough.")))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let pauses = world.store.pauses().await.unwrap();
    assert_eq!(pauses.len(), 1);
    assert_eq!(
        (pauses[0].until, pauses[0].message.as_str()),
        (hour(6), "Enough.")
    );
    let mut tx = world.store.write().await.unwrap();
    tx.pause_writes(world.account, None).await.unwrap();
    tx.commit().await.unwrap();
    assert!(world.store.pauses().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_installation_is_named_once() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    assert_eq!(tx.installation("first").await.unwrap(), "first");
    tx.commit().await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    assert_eq!(tx.installation("second").await.unwrap(), "first");
}

#[tokio::test]
async fn each_write_says_what_it_changed() {
    let world = World::new().await;
    let mut changes = world.store.changes();
    put(&world.store, &[event("a")]).await;
    assert!(changes.try_recv().unwrap().contains(&Topic::DuetEvents));
    queue(&world.store, op("a", world.calendar, insert("a")), None).await;
    assert!(changes.try_recv().unwrap().contains(&Topic::Outbox));
}

#[tokio::test]
async fn copies_of_ones_own_events_are_hidden() {
    let world = World::new().await;
    let other = list(
        &world.store,
        world.account,
        &[primary("ana@example.com"), secondary("work")],
    )
    .await
    .added[0];
    let mut names = Vec::new();
    for name in ["linked", "deleted", "moved", "answered", "foreign"] {
        names.push(crate::events::event(name, name, 9));
    }
    // An exception of a linked series is one of its copies.
    names.push(crate::events::exception("later", "linked", 33));
    world.list_all(&names).await;
    put(&world.store, &[event("a"), event("m")]).await;
    let mut tx = world.store.write().await.unwrap();
    tx.put_link(&link("a", world.calendar, Some("linked")))
        .await
        .unwrap();
    tx.put_link(&link("m", other, Some("moved"))).await.unwrap();
    tx.commit().await.unwrap();
    let about = |id: &str, event: Option<&str>, deed: Deed| NewOp {
        event: event.map(|id| DuetEventId(id.into())),
        target: Target::Event(EventId(id.into())),
        ..op(id, world.calendar, deed)
    };
    let answer = Deed::Respond {
        response: duet_model::event::Response::Accepted,
    };
    for new in [
        about("deleted", Some("gone"), Deed::Delete { seen: None }),
        about("moved", Some("m"), Deed::Move { to: other }),
        about("answered", None, answer),
    ] {
        queue(&world.store, new, None).await;
    }
    let mut snapshot = world.store.read().await.unwrap();
    let hidden = snapshot.hidden_events().await.unwrap();
    drop(snapshot);
    let mut expect = Vec::new();
    for name in ["linked", "deleted", "moved", "later"] {
        expect.push(world.key(name).await);
    }
    expect.sort();
    assert_eq!(hidden, expect);

    // What Google refuses to delete stands, and takes up its time.
    let why = Stuck {
        code: FailureCode::Rejected,
        message: "No.".into(),
        at: hour(1),
    };
    let mut tx = world.store.write().await.unwrap();
    for op in world.store.outbox().await.unwrap() {
        tx.op_is_stuck(op.id, &why, false).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    let hidden = snapshot.hidden_events().await.unwrap();
    drop(snapshot);
    let deleted = world.key("deleted").await;
    expect.retain(|key| *key != deleted);
    assert_eq!(hidden, expect);
}
