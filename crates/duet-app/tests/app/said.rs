//! What a person is told of a change: before it is made, while it waits, and once it is done.

use duet_app::{Copy, Pace};
use duet_model::account::Tier;
use duet_model::duet_event::Scope;
use duet_model::outbox::Notify;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_wire::ErrorCode;
use duet_wire::availability::When;
use duet_wire::conflict::Kept;
use duet_wire::duet_event::{EventChange, EventDraft};
use duet_wire::footprint::Traces;

use crate::duet_events::{Room, all, draft, wall};
use crate::machine::ANA;

fn refuse(room: &Room) {
    let refused = FaultKind::status(403, "forbidden", "Forbidden");
    let fault = Fault::once(Endpoint::EventsWrite, refused);
    room.desk.control().fault(fault);
}

fn weekly(count: u32) -> EventDraft {
    EventDraft {
        repeat: Some(format!("FREQ=WEEKLY;COUNT={count}")),
        ..draft("Choir", 1, 18)
    }
}

#[tokio::test]
async fn what_waits_behind_a_refused_change_says_so() {
    let room = Room::new().await;
    let id = room.make(&weekly(4), Notify::None).await;
    room.push().await;
    let following = EventChange {
        slot: Some(When::Instant(wall(15, 17).and_utc())),
        scope: Scope::Following,
        ..all(&id, Notify::None)
    };
    let later = EventDraft {
        repeat: weekly(4).repeat,
        ..draft("Later", 15, 19)
    };
    refuse(&room);
    let split = room
        .duet
        .change_event(&following, &later, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (0, 1), "the first half was refused");
    let waiting = room.duet.waiting().await.unwrap();
    let told: Vec<_> = waiting.iter().map(|it| (it.stuck, &*it.because)).collect();
    let [(true, _), (false, behind)] = told[..] else {
        panic!("one refused, one behind it: {told:?}");
    };
    let expect = "It is sent after the change before it, which Google refused.";
    assert_eq!(behind, expect);
    let shown = room
        .duet
        .duet_event(&split.id.unwrap(), None)
        .await
        .unwrap();
    assert_eq!(
        shown.google.unwrap().because,
        expect,
        "of the event as well"
    );
}

#[tokio::test]
async fn what_is_lost_with_an_account_is_known_before() {
    let room = Room::new().await;
    let lost = async || {
        let lost = room.duet.lost_with(ANA).await.unwrap();
        lost.into_iter().map(|it| it.what).collect::<Vec<_>>()
    };
    assert!(lost().await.is_empty());
    room.make(&draft("Choir", 1, 18), Notify::None).await;
    assert_eq!(lost().await.len(), 1);
    room.push().await;
    assert!(lost().await.is_empty(), "it was sent");
    let nobody = room.duet.lost_with("nobody@example.com").await;
    assert_eq!(nobody.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_series_of_another_zone_tells_its_own_time() {
    let room = Room::new().await;
    let home = async |zone: &str, draft: &EventDraft| {
        let made = room
            .duet
            .create_event_in(draft, zone, Notify::None, Pace::AtOnce)
            .await;
        let id = made.unwrap().id.unwrap();
        let view = room.duet.duet_event(&id, None).await.unwrap();
        let told = view
            .home
            .map(|(zone, there)| format!("{} in {zone}", there.format("%H:%M")));
        (told, id)
    };
    let alone = EventDraft {
        place: None,
        ..weekly(4)
    };
    let (told, id) = home("America/New_York", &alone).await;
    assert_eq!(told.as_deref(), Some("18:00 in America/New_York"));
    // Read back from Google it is the same.
    room.duet
        .change_event_in(
            &all(&id, Notify::None),
            &weekly(4),
            "America/New_York",
            Pace::AtOnce,
        )
        .await
        .unwrap();
    room.push().await;
    room.sync().await;
    let there = room.there(&id).await.unwrap();
    assert_eq!(there["start"]["timeZone"], "America/New_York");
    let at = Some(When::Instant(wall(8, 23).and_utc()));
    let view = room.duet.duet_event(&id, at).await.unwrap();
    assert_eq!(view.home.unwrap().0, "America/New_York");

    // The clocks show the same on that day, but not all year.
    let (told, _) = home("Africa/Lagos", &alone).await;
    assert_eq!(told.as_deref(), Some("18:00 in Africa/Lagos"));
    let (told, _) = home("Europe/Vienna", &alone).await;
    assert_eq!(told, None, "they never differ");
    let once = EventDraft {
        repeat: None,
        ..alone
    };
    let (told, _) = home("Africa/Lagos", &once).await;
    assert_eq!(
        told, None,
        "what happens once happens at the same time there"
    );
}

#[tokio::test]
async fn what_a_new_time_undoes_is_known_before() {
    let room = Room::new().await;
    let alone = EventDraft {
        place: None,
        ..weekly(6)
    };
    let id = room.make(&alone, Notify::None).await;
    let change = |day: u32, scope| EventChange {
        slot: Some(When::Instant(wall(day, 17).and_utc())),
        scope,
        ..all(&id, Notify::None)
    };
    let undone = async |change: &EventChange, draft: &EventDraft| {
        let zone = "Europe/Berlin";
        let undone = room.duet.undone_by_change(change, draft, zone).await;
        let undone = undone.unwrap();
        (undone.removed, undone.changed)
    };
    let later = EventDraft {
        repeat: alone.repeat.clone(),
        place: None,
        ..draft("Choir", 1, 20)
    };
    let whole = all(&id, Notify::None);
    assert_eq!(undone(&whole, &later).await, (0, 0), "all are alike");

    let special = EventDraft {
        place: None,
        ..draft("Special", 9, 20)
    };
    let one = change(8, Scope::This);
    let special = room.duet.change_event(&one, &special, Pace::AtOnce);
    special.await.unwrap();
    let away = change(15, Scope::This);
    let away = room.duet.delete_event(&away, Copy::Goes, Pace::AtOnce);
    away.await.unwrap();
    assert_eq!(undone(&whole, &later).await, (1, 1));
    let renamed = EventDraft {
        title: "Yoga".into(),
        ..alone.clone()
    };
    assert_eq!(undone(&whole, &renamed).await, (0, 0), "at the same times");
    let once = EventDraft {
        repeat: None,
        ..alone.clone()
    };
    assert_eq!(
        undone(&whole, &once).await,
        (0, 1),
        "none takes place again"
    );
    let from_then = EventDraft {
        repeat: alone.repeat.clone(),
        place: None,
        ..draft("Choir", 15, 20)
    };
    // One that was called off begins a series of its own; what was changed before stays.
    assert_eq!(
        undone(&change(15, Scope::Following), &from_then).await,
        (1, 0)
    );
    assert_eq!(undone(&change(8, Scope::This), &alone).await, (0, 0));

    // And this is what becomes of it.
    let moved = room.duet.change_event(&whole, &later, Pace::AtOnce);
    moved.await.unwrap();
    let (from, to) = (wall(1, 0).and_utc(), wall(16, 0).and_utc());
    let agenda = room.duet.agenda(from, to).await.unwrap();
    let own = agenda.iter().filter(|it| it.title == "Choir");
    assert_eq!(own.count(), 3, "the first, the changed and the removed one");
}

#[tokio::test]
async fn what_was_deleted_is_counted_as_that() {
    let room = Room::new().await;
    let control = room.desk.control();
    let counted = async || {
        let report = room.duet.sync_now(None, false).await.unwrap();
        let events = report.accounts[0].events;
        (events.upserted, events.removed)
    };
    room.sync().await;
    assert_eq!(counted().await, (0, 0));
    let made = async || {
        let id = room.make(&weekly(4), Notify::None).await;
        let at = |day: u32| EventChange {
            slot: Some(When::Instant(wall(day, 17).and_utc())),
            scope: Scope::This,
            ..all(&id, Notify::None)
        };
        let (changed, special) = (at(8), draft("Special", 9, 20));
        let changed = room.duet.change_event(&changed, &special, Pace::AtOnce);
        changed.await.unwrap();
        let away = at(15);
        let away = room.duet.delete_event(&away, Copy::Goes, Pace::AtOnce);
        away.await.unwrap();
        room.push().await;
        room.sync().await;
        id
    };
    let id = made().await;
    let once = room.make(&draft("Walk", 3, 18), Notify::None).await;
    room.push().await;
    room.sync().await;
    let (series, _) = room.link(&id).await.unwrap();
    let (walk, _) = room.link(&once).await.unwrap();

    control.remove_event(ANA, ANA, &walk).unwrap();
    assert_eq!(counted().await, (0, 1));
    let one = format!("{series}_20261222T170000Z");
    control.remove_event(ANA, ANA, &one).unwrap();
    assert_eq!(
        counted().await,
        (0, 1),
        "an occurrence that is called off is gone"
    );
    control.remove_event(ANA, ANA, &series).unwrap();
    assert_eq!(counted().await, (0, 1), "and its occurrences are not new");

    // What was deleted from here is no news.
    let id = made().await;
    let gone = all(&id, Notify::None);
    let delete = room.duet.delete_event(&gone, Copy::Goes, Pace::AtOnce);
    delete.await.unwrap();
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(counted().await, (0, 0));
}

#[tokio::test]
async fn what_another_duet_takes_out_of_google_is_told_and_can_be_taken_back() {
    let room = Room::new().await;
    let id = room.make(&weekly(4), Notify::None).await;
    room.push().await;
    room.sync().await;

    // Another computer of the same person takes back all that Duet ever wrote.
    let folder = tempfile::tempdir().unwrap();
    let other = room.desk.duet_in(folder.path()).await;
    room.desk.connect(&other, Tier::Write).await;
    other.remove_traces(&Traces::All).await.unwrap();
    other.push_now(None).await.unwrap();

    room.sync().await;
    assert_eq!(room.title(&id).await, None, "it was deleted in Google");
    let conflicts = room.duet.conflicts().await.unwrap();
    let [told] = &conflicts[..] else {
        panic!("it is told once: {conflicts:?}");
    };
    assert!(told.is_deletion());
    assert_eq!((told.title.as_str(), told.kept), ("Choir", Kept::Theirs));
    for words in ["Deleted in Google", "Tue 1 Dec 18:00–19:00", "every week"] {
        assert!(told.because.contains(words), "{words}: {}", told.because);
    }
    let news = room.duet.status().await.unwrap().last_conflict.unwrap();
    assert!(news.words.starts_with("“Choir”: Deleted"), "{}", news.words);

    let back = room.duet.restore_event(told.id).await.unwrap();
    assert_eq!(back, id);
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
    assert_eq!(room.link(&id).await, None, "here alone");
    assert!(room.waiting().await.is_empty(), "nothing is sent");
    room.sync().await;
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
    let told = room.duet.conflicts().await.unwrap().remove(0);
    assert_eq!(told.kept, Kept::Mine);
    assert!(told.because.contains("taken back"), "{}", told.because);
    assert!(room.duet.restore_event(told.id + 1).await.is_err());

    // What is deleted from here is no news.
    let mine = room.make(&draft("Walk", 3, 18), Notify::None).await;
    room.push().await;
    let gone = all(&mine, Notify::None);
    let delete = room.duet.delete_event(&gone, Copy::Goes, Pace::AtOnce);
    delete.await.unwrap();
    room.push().await;
    room.sync().await;
    assert_eq!(room.duet.conflicts().await.unwrap().len(), 1);
}
