//! What was changed here and in Google at once: told in words, listed, and taken again by an ordinary change.

use duet_app::{Copy, Pace};
use duet_model::duet_event::{DuetEventId, Scope};
use duet_model::outbox::Notify;
use duet_wire::availability::When;
use duet_wire::conflict::{Again, ConflictView, Kept};
use duet_wire::duet_event::{EventChange, EventDraft, Typed};
use serde_json::{Value, json};

use crate::duet_events::{Room, all, draft, wall};
use crate::machine::ANA;

impl Room {
    async fn google_says(&self, id: &DuetEventId, what: Value) {
        let (external, _) = self.link(id).await.unwrap();
        let control = self.desk.control();
        control.update_event(ANA, ANA, &external, what).unwrap();
    }

    async fn take(&self, again: &Again) {
        let changed = self
            .duet
            .change_event(&again.change, &again.draft, Pace::AtOnce)
            .await;
        changed.unwrap();
        assert_eq!(self.push().await, (1, 0));
    }

    async fn only_conflict(&self) -> ConflictView {
        let mut all = self.duet.conflicts().await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

fn words(conflict: &ConflictView) -> Vec<[&str; 3]> {
    let fields = conflict.fields.iter();
    fields
        .map(|it| [it.name.as_str(), it.mine.as_str(), it.theirs.as_str()])
        .collect()
}

#[tokio::test]
async fn both_versions_are_told_and_either_can_be_taken_again() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let quiet = room.duet.status().await.unwrap();
    assert_eq!((quiet.conflicts, quiet.last_conflict), (0, None));
    let moved = json!({
        "summary": "Theirs", "location": "Hall",
        "start": {"dateTime": "2026-12-01T19:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-12-01T21:00:00+01:00", "timeZone": "Europe/Berlin"},
    });
    room.google_says(&id, moved).await;
    let mine = EventDraft {
        notes: "Bring scores".into(),
        start: Typed::Wall(wall(1, 17)),
        ..draft("Mine", 1, 18)
    };
    room.duet
        .change_event(&all(&id, Notify::None), &mine, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (1, 0));

    let conflict = room.only_conflict().await;
    assert_eq!((&conflict.event, conflict.kept), (&id, Kept::Theirs));
    assert_eq!(
        words(&conflict),
        [
            ["title", "“Mine”", "“Theirs”"],
            ["time", "Tue 1 Dec 17:00–19:00", "Tue 1 Dec 19:00–21:00"],
        ]
    );
    assert!(
        conflict.because.ends_with(
            ": title and time. Google’s are kept; yours were title “Mine” and time Tue 1 Dec 17:00–19:00."
        ),
        "{}",
        conflict.because
    );
    let view = room.duet.duet_event(&id, None).await.unwrap();
    assert_eq!(view.conflicts, std::slice::from_ref(&conflict));
    let status = room.duet.status().await.unwrap();
    let news = status.last_conflict.unwrap();
    assert_eq!((status.conflicts, news.id), (1, conflict.id));
    assert_eq!(news.words, format!("“Theirs”: {}", conflict.because));

    // Only what clashed is taken again: the rest stays as both sides made it.
    assert_eq!(conflict.theirs, None, "it stands");
    room.take(&conflict.mine.unwrap()).await;
    let there = room.there(&id).await.unwrap();
    assert_eq!(
        (&there["summary"], &there["location"], &there["description"]),
        (&json!("Mine"), &json!("Hall"), &json!("Bring scores"))
    );
    let start = there["start"]["dateTime"].as_str().unwrap();
    let start: chrono::DateTime<chrono::FixedOffset> = start.parse().unwrap();
    assert_eq!(start.to_utc(), wall(1, 16).and_utc());
    let conflict = room.only_conflict().await;
    assert_eq!((conflict.kept, &conflict.mine), (Kept::Mine, &None));
    assert!(
        conflict.because.contains("Yours are taken"),
        "{}",
        conflict.because
    );

    room.take(&conflict.theirs.unwrap()).await;
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Theirs");
    assert_eq!(room.only_conflict().await.kept, Kept::Theirs);

    // Both are kept when the event is gone, and nothing is offered that cannot be.
    room.duet
        .delete_event(&all(&id, Notify::None), Copy::Goes, Pace::AtOnce)
        .await
        .unwrap();
    let conflict = room.only_conflict().await;
    assert_eq!(
        (conflict.kept, conflict.title.as_str()),
        (Kept::Neither, "Theirs")
    );
    assert_eq!((conflict.mine, conflict.theirs), (None, None));
}

#[tokio::test]
async fn the_conflict_of_one_occurrence_is_its_own() {
    let room = Room::new().await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=4".into()),
        ..draft("Choir", 1, 18)
    };
    let id = room.make(&weekly, Notify::None).await;
    room.push().await;
    let slot = |day| When::Instant((wall(day, 18) - chrono::TimeDelta::hours(1)).and_utc());
    let change = |day| EventChange {
        id: id.clone(),
        slot: Some(slot(day)),
        scope: Scope::This,
        notify: Notify::None,
    };
    let titled = |title: &str, day| EventDraft {
        title: title.into(),
        start: Typed::Wall(wall(day, 18)),
        end: Typed::Wall(wall(day, 19)),
        ..weekly.clone()
    };
    let edit = async |title: &str| {
        let (change, draft) = (change(8), titled(title, 8));
        let changed = room.duet.change_event(&change, &draft, Pace::AtOnce).await;
        changed.unwrap();
    };
    edit("Rehearsal").await;
    room.push().await;
    let exception = DuetEventId(format!("{}_20261208T170000Z", id.0));
    room.google_says(&exception, json!({"summary": "Theirs"}))
        .await;
    edit("Mine").await;
    room.push().await;

    let conflict = room.only_conflict().await;
    assert_eq!((&conflict.event, conflict.slot), (&id, Some(slot(8))));
    assert_eq!(words(&conflict), [["title", "“Mine”", "“Theirs”"]]);
    let told = async |slot| {
        let view = room.duet.duet_event(&id, slot).await.unwrap();
        view.conflicts.len()
    };
    assert_eq!(told(Some(slot(8))).await, 1);
    assert_eq!(told(Some(slot(15))).await, 0, "another occurrence");
    assert_eq!(told(None).await, 1, "the series");

    room.take(&conflict.mine.unwrap()).await;
    assert_eq!(room.there(&exception).await.unwrap()["summary"], "Mine");
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Choir");
    let view = room.duet.duet_event(&id, None).await.unwrap();
    assert_eq!(view.repeat.as_deref(), Some("FREQ=WEEKLY;COUNT=4"));
}

#[tokio::test]
async fn it_is_told_whether_an_event_is_in_google_at_all() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    let there = async || {
        let view = room.duet.duet_event(&id, None).await.unwrap();
        view.google.unwrap().there
    };
    assert!(!there().await, "it waits to be added");
    room.push().await;
    assert!(there().await);
    room.duet
        .change_event(&all(&id, Notify::None), &draft("Mine", 1, 18), Pace::AtOnce)
        .await
        .unwrap();
    assert!(there().await, "as it was");
    let (external, _) = room.link(&id).await.unwrap();
    room.desk
        .control()
        .remove_event(ANA, ANA, &external)
        .unwrap();
    assert_eq!(room.push().await, (0, 1));
    assert!(!there().await, "it was deleted there");
}
