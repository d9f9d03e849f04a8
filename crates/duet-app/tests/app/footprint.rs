//! Everything that Duet ever wrote to Google: listed, also after a re-installation, and taken back
//! without a mail to anybody.

use duet_app::Pace;
use duet_model::account::Tier;
use duet_model::outbox::Notify;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_wire::footprint::{Traces, WrittenView};
use serde_json::json;

use crate::duet_events::{Room, TEAM, all, draft, invited};
use crate::machine::ANA;

fn titles(written: &[WrittenView]) -> Vec<(&str, bool)> {
    let title = |one: &WrittenView| one.event.is_some();
    let mut all: Vec<(&str, bool)> = written
        .iter()
        .map(|one| (one.title.as_str(), title(one)))
        .collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn what_duet_wrote_is_listed_and_removed_and_nobody_is_mailed() {
    let room = Room::new().await;
    let (duet, google) = (&room.duet, room.desk.control());
    let before = google.events(ANA, ANA).len();
    let choir = invited(&["ben@example.org"], draft("Choir", 21, 18));
    let id = room.make(&choir, Notify::All).await;
    let mut weekly = draft("Yoga", 22, 7);
    weekly.repeat = Some("FREQ=WEEKLY;COUNT=4".into());
    room.make(&weekly, Notify::None).await;
    assert_eq!(room.push().await, (2, 0));
    let mails = google.mails().len();

    let view = duet.footprint().await.unwrap();
    assert_eq!(view.unasked, []);
    assert_eq!(titles(&view.written), [("Choir", true), ("Yoga", true)]);
    let found = |title: &str| {
        let mut all = view.written.iter();
        all.find(|one| one.title == title).unwrap().clone()
    };
    assert_eq!(
        (found("Choir").guests, found("Choir").event),
        (1, Some(id.clone()))
    );
    assert!(found("Yoga").repeats && found("Yoga").wall_start.is_some());

    let one = Traces::These(vec![(
        found("Choir").account,
        found("Choir").calendar,
        found("Choir").id,
    )]);
    let removed = duet.remove_traces(&one).await.unwrap();
    assert_eq!((removed.queued, removed.unasked.len()), (1, 0));
    assert_eq!(duet.remove_traces(&one).await.unwrap().queued, 0, "once");
    room.push().await;
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"), "it stays");
    let left = duet.footprint().await.unwrap();
    assert_eq!(titles(&left.written), [("Yoga", true)]);
    duet.remove_traces(&Traces::All).await.unwrap();
    room.push().await;
    assert_eq!(duet.footprint().await.unwrap().written, []);
    assert_eq!(google.mails().len(), mails, "nobody is mailed");
    let live = google.events(ANA, ANA);
    let live = live.iter().filter(|event| event["status"] != "cancelled");
    assert!(live.count() <= before, "and nothing else was touched");
}

#[tokio::test]
async fn another_installation_finds_what_the_first_one_left_behind() {
    let room = Room::new().await;
    let google = room.desk.control();
    let choir = invited(&["ben@example.org"], draft("Choir", 21, 18));
    room.make(&choir, Notify::All).await;
    room.make(&draft("Walk", 23, 9), Notify::None).await;
    room.push().await;
    let mails = google.mails().len();

    let folder = tempfile::tempdir().unwrap();
    let again = room.desk.duet_in(folder.path()).await;
    room.desk.connect(&again, Tier::Write).await;
    let view = again.footprint().await.unwrap();
    assert_eq!(titles(&view.written), [("Choir", false), ("Walk", false)]);

    // Somebody takes the mark off one of them, between the list and the removal.
    let walk = view.written.iter().find(|one| one.title == "Walk").unwrap();

    assert_eq!(
        again
            .remove_traces(&Traces::LeftBehind)
            .await
            .unwrap()
            .queued,
        2
    );
    google
        .update_event(ANA, ANA, &walk.id, json!({"extendedProperties": null}))
        .unwrap();
    again.push_now(None).await.unwrap();
    room.desk.later(chrono::TimeDelta::hours(1));
    again.push_now(None).await.unwrap();
    assert_eq!(again.waiting().await.unwrap(), []);
    let live = google.events(ANA, ANA);
    let stands = |title: &str| {
        let mut all = live.iter().filter(|event| event["status"] != "cancelled");
        all.any(|event| event["summary"] == title)
    };
    assert!(stands("Walk") && !stands("Choir"));
    assert_eq!(google.mails().len(), mails, "nobody is mailed");
}

#[tokio::test]
async fn where_nobody_knows_it_is_said() {
    let room = Room::new().await;
    room.make(&draft("Choir", 21, 18), Notify::None).await;
    room.push().await;
    let google = room.desk.control();
    google.fault(Fault::always(
        Endpoint::Events,
        FaultKind::status(403, "forbidden", "Forbidden"),
    ));
    let view = room.duet.footprint().await.unwrap();
    assert_eq!(view.written, []);
    assert!(!view.unasked.is_empty());
    assert!(
        view.unasked.iter().all(|it| it.calendar.is_some()),
        "{view:?}"
    );
    google.clear_faults();
    google.revoke(ANA);
    let view = room.duet.footprint().await.unwrap();
    let said = view.unasked.iter().map(|it| (&*it.account, &it.calendar));
    assert_eq!(said.collect::<Vec<_>>(), [(ANA, &None)]);
}

#[tokio::test]
async fn what_is_about_to_move_is_not_left_behind() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 21, 18), Notify::None).await;
    room.push().await;
    let mut moved = draft("Choir", 21, 18);
    if let Some(place) = &mut moved.place {
        place.calendar = TEAM.into();
    }
    room.duet
        .change_event(&all(&id, Notify::None), &moved, Pace::AtOnce)
        .await
        .unwrap();
    let view = room.duet.footprint().await.unwrap();
    assert_eq!(titles(&view.written), [("Choir", true)]);
    let removed = room.duet.remove_traces(&Traces::LeftBehind).await.unwrap();
    assert_eq!(removed.queued, 0);
}
