//! Giving a change up that waits: whatever became of it at Google, the event stands once.

use chrono::TimeDelta;
use duet_app::{Copy, Pace};
use duet_model::duet_event::{DuetEventId, LinkState, Scope};
use duet_model::outbox::Notify;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_wire::availability::When;
use duet_wire::duet_event::{EventChange, EventDraft};

use crate::duet_events::{Room, TEAM, all, draft, invited, wall};
use crate::machine::ANA;

fn refuse(room: &Room) {
    let refused = FaultKind::status(403, "forbidden", "Forbidden");
    let fault = Fault::once(Endpoint::EventsWrite, refused);
    room.desk.control().fault(fault);
}

/// How many events with this title stand in a calendar.
fn standing(room: &Room, calendar: &str, title: &str) -> usize {
    let all = room.desk.control().events(ANA, calendar);
    let own = all
        .iter()
        .filter(|it| it["summary"] == title && it["status"] != "cancelled");
    own.count()
}

/// An event that Google has, whose answer was lost and whose second try was refused.
async fn lost_and_refused(room: &Room, draft: &EventDraft) -> DuetEventId {
    let lost = Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter);
    room.desk.control().fault(lost);
    let id = room.make(draft, Notify::All).await;
    assert_eq!(room.push().await, (0, 0), "nobody knows");
    assert_eq!(standing(room, ANA, &draft.title), 1);
    refuse(room);
    room.desk.later(TimeDelta::hours(2));
    assert_eq!(room.push().await, (0, 1), "refused");
    id
}

#[tokio::test]
async fn what_may_have_been_added_is_taken_out_again() {
    let room = Room::new().await;
    let choir = invited(&["mo@example.org"], draft("Choir", 1, 18));
    let id = lost_and_refused(&room, &choir).await;
    let waits = room.waiting().await.remove(0).id;
    room.duet.discard_op(waits).await.unwrap();
    assert_eq!(room.waiting().await.len(), 1, "it is looked after");
    room.push().await;
    room.sync().await;
    assert!(room.waiting().await.is_empty());
    assert_eq!(standing(&room, ANA, "Choir"), 0);
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
    assert_eq!(room.link(&id).await, None, "here alone");

    // Added again it stands there once.
    room.duet
        .change_event(&all(&id, Notify::None), &choir, Pace::AtOnce)
        .await
        .unwrap();
    room.push().await;
    room.sync().await;
    assert_eq!(standing(&room, ANA, "Choir"), 1);
}

#[tokio::test]
async fn what_may_have_been_added_is_not_added_elsewhere_as_well() {
    let room = Room::new().await;
    let id = lost_and_refused(&room, &draft("Choir", 1, 18)).await;
    let mut elsewhere = draft("Choir", 1, 18);
    elsewhere.place.as_mut().unwrap().calendar = TEAM.into();
    room.duet
        .change_event(&all(&id, Notify::None), &elsewhere, Pace::AtOnce)
        .await
        .unwrap();
    let stuck: Vec<_> = room.waiting().await;
    room.duet.retry_op(stuck[0].id).await.unwrap();
    room.push().await;
    room.sync().await;
    assert!(room.waiting().await.is_empty());
    let places = (
        standing(&room, ANA, "Choir"),
        standing(&room, TEAM, "Choir"),
    );
    assert_eq!(places, (0, 1));

    // What was refused at once was never added, and simply goes elsewhere.
    refuse(&room);
    let id = room.make(&draft("New", 2, 18), Notify::None).await;
    assert_eq!(room.push().await, (0, 1));
    elsewhere.title = "New".into();
    room.duet
        .change_event(&all(&id, Notify::None), &elsewhere, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (1, 0));
    let places = (standing(&room, ANA, "New"), standing(&room, TEAM, "New"));
    assert_eq!(places, (0, 1));
}

#[tokio::test]
async fn a_series_that_does_not_end_after_all_is_whole_again() {
    let room = Room::new().await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=4".into()),
        ..draft("Choir", 1, 18)
    };
    let id = room.make(&weekly, Notify::None).await;
    room.push().await;
    let later = EventDraft {
        title: "Later".into(),
        ..draft("", 15, 19)
    };
    let following = EventChange {
        slot: Some(When::Instant(wall(15, 17).and_utc())),
        scope: Scope::Following,
        ..all(&id, Notify::None)
    };
    let later = EventDraft {
        repeat: weekly.repeat.clone(),
        ..later
    };
    refuse(&room);
    let split = room
        .duet
        .change_event(&following, &later, Pace::AtOnce)
        .await
        .unwrap();
    let follower = split.id.unwrap();
    assert_eq!(room.push().await, (0, 1), "the first half was refused");
    let stuck = room.waiting().await;
    let stuck = stuck.iter().find(|op| op.stuck.is_some()).unwrap().id;
    room.duet.discard_op(stuck).await.unwrap();
    assert!(room.waiting().await.is_empty());
    assert_eq!(room.title(&follower).await, None);
    let (from, to) = (wall(1, 0).and_utc(), wall(31, 0).and_utc());
    let agenda = room.duet.agenda(from, to).await.unwrap();
    let own: Vec<_> = agenda.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(own.iter().filter(|title| **title == "Choir").count(), 4);
    assert!(!own.contains(&"Later"));
    room.sync().await;
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Synced);
}

#[tokio::test]
async fn what_is_not_taken_out_after_all_is_one_event_with_its_copy() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let known = room.link(&id).await;
    refuse(&room);
    room.duet
        .remove_from_google(&id, Notify::None, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (0, 1));
    let waits = room.waiting().await.remove(0).id;
    room.duet.discard_op(waits).await.unwrap();
    assert_eq!(room.link(&id).await, known);
    room.duet.sync_now(None, true).await.unwrap();
    let (from, to) = (wall(1, 0).and_utc(), wall(2, 0).and_utc());
    let agenda = room.duet.agenda(from, to).await.unwrap();
    let own = agenda.iter().filter(|it| it.title == "Choir");
    assert_eq!(own.count(), 1);

    // Deleted here and not there, it is an event of that calendar like any other.
    refuse(&room);
    let gone = all(&id, Notify::None);
    let delete = room.duet.delete_event(&gone, Copy::Goes, Pace::AtOnce);
    delete.await.unwrap();
    assert_eq!(room.push().await, (0, 1));
    let waits = room.waiting().await.remove(0).id;
    room.duet.discard_op(waits).await.unwrap();
    assert_eq!(room.title(&id).await, None);
    assert_eq!(standing(&room, ANA, "Choir"), 1);
}

#[tokio::test]
async fn what_google_refuses_to_delete_is_not_free() {
    let room = Room::new().await;
    let once = room.make(&draft("Choir", 1, 18), Notify::None).await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=3".into()),
        ..draft("Yoga", 2, 18)
    };
    let series = room.make(&weekly, Notify::None).await;
    room.push().await;
    room.sync().await;
    let standing = async |title: &str| {
        let (from, to) = (wall(1, 0).and_utc(), wall(31, 0).and_utc());
        let agenda = room.duet.agenda(from, to).await.unwrap();
        agenda.iter().filter(|it| it.title == title).count()
    };
    let one = EventChange {
        slot: Some(When::Instant(wall(9, 17).and_utc())),
        scope: Scope::This,
        ..all(&series, Notify::None)
    };
    for (change, title, before, after) in [
        (all(&once, Notify::None), "Choir", 1, 0),
        (one, "Yoga", 3, 2),
    ] {
        let delete = room.duet.delete_event(&change, Copy::Goes, Pace::AtOnce);
        delete.await.unwrap();
        assert_eq!(standing(title).await, after, "as it is to be");
        refuse(&room);
        assert_eq!(room.push().await, (0, 1));
        assert_eq!(standing(title).await, before, "as it is");
        let waits = room.waiting().await.remove(0).id;
        room.duet.retry_op(waits).await.unwrap();
        assert_eq!(room.push().await, (1, 0));
        assert_eq!(standing(title).await, after, "as it became");
    }
}

#[tokio::test]
async fn own_events_are_found_once_wherever_they_stand() {
    let room = Room::new().await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=3".into()),
        location: "Great hall".into(),
        ..draft("Quiresong", 1, 18)
    };
    let series = room.make(&weekly, Notify::None).await;
    let alone = EventDraft {
        place: None,
        ..draft("Quire walk", 5, 18)
    };
    let walk = room.make(&alone, Notify::None).await;
    let found = async |text: &str| {
        let hits = room.duet.search(text, 20).await.unwrap();
        let told = hits.into_iter().map(|hit| (hit.id, hit.calendar.is_some()));
        told.collect::<Vec<_>>()
    };
    let first = format!("{}@{}", series.0, wall(1, 17).and_utc().timestamp());
    let song = (first, true);
    assert_eq!(found("quires").await, std::slice::from_ref(&song));
    room.push().await;
    room.sync().await;
    assert_eq!(found("hall quires").await, std::slice::from_ref(&song));
    assert_eq!(found("quire").await, [song, (walk.0, false)]);
    assert_eq!(found("hallway").await, []);
}
