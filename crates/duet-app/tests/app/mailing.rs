//! Who would be mailed, said before anything is done, and who is.

use duet_app::{Copy, Pace};
use duet_model::account::Tier;
use duet_model::duet_event::Scope;
use duet_model::outbox::Notify;
use duet_wire::availability::When;
use duet_wire::duet_event::{EventChange, EventDraft, Place};

use crate::duet_events::{Room, all, draft, invited, wall};
use crate::machine::BEN;

const ZONE: &str = "Europe/Berlin";
const MO: &str = "mo@example.org";
const CY: &str = "cy@example.org";

fn weekly() -> EventDraft {
    EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=4".into()),
        ..invited(&[MO], draft("Choir", 1, 18))
    }
}

#[tokio::test]
async fn what_changes_nothing_mails_nobody_and_saying_so_does_nothing() {
    let room = Room::new().await;
    let choir = invited(&[MO], draft("Choir", 1, 18));
    let new = room.duet.mailing_of_new(&choir, ZONE, Notify::All);
    assert_eq!(new.await.unwrap().mailed, [MO]);
    let new = room.duet.mailing_of_new(&choir, ZONE, Notify::None);
    assert_eq!(new.await.unwrap().untold, [MO]);
    assert!(room.duet.duet_events().await.unwrap().is_empty());
    let id = room.make(&choir, Notify::All).await;
    room.push().await;

    let change = all(&id, Notify::All);
    let same = room.duet.mailing_of_change(&change, &choir, ZONE);
    assert_eq!(same.await.unwrap().mailed, [""; 0]);
    let other = invited(&[CY], draft("Choir", 1, 19));
    let moved = room.duet.mailing_of_change(&change, &other, ZONE);
    assert_eq!(moved.await.unwrap().mailed, [CY, MO]);
    let gone = room.duet.mailing_of_deletion(&change, Copy::Goes);
    assert_eq!(gone.await.unwrap().mailed, [MO]);
    let kept = room.duet.mailing_of_deletion(&change, Copy::Stays);
    assert_eq!(kept.await.unwrap().mailed, [""; 0]);
    let out = room.duet.mailing_of_withdrawal(&id, Notify::All);
    assert_eq!(out.await.unwrap().mailed, [MO]);
    assert!(room.waiting().await.is_empty());
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
}

#[tokio::test]
async fn an_invitation_that_waits_is_not_forgotten_by_a_quiet_change() {
    let room = Room::new().await;
    let id = room
        .make(&invited(&[MO], draft("Choir", 1, 18)), Notify::All)
        .await;
    let later = invited(&[MO], draft("Choir", 1, 19));
    let quiet = all(&id, Notify::None);
    let said = room.duet.mailing_of_change(&quiet, &later, ZONE).await;
    assert_eq!(said.unwrap().mailed, [MO], "the invitation is still to go");
    let changed = room.duet.change_event(&quiet, &later, Pace::AtOnce).await;
    assert_eq!(changed.unwrap().mailed, [MO]);
    room.push().await;
    assert_eq!(room.mails().len(), 1);
}

#[tokio::test]
async fn guests_of_single_occurrences_hear_of_what_becomes_of_them() {
    let room = Room::new().await;
    let id = room.make(&weekly(), Notify::None).await;
    let at = |day: u32, scope| EventChange {
        slot: Some(When::Instant(wall(day, 17).and_utc())),
        scope,
        ..all(&id, Notify::All)
    };
    let with_cy = invited(&[MO, CY], draft("Choir", 8, 18));
    let one = at(8, Scope::This);
    let said = room.duet.mailing_of_change(&one, &with_cy, ZONE).await;
    assert_eq!(said.unwrap().mailed, [MO, CY]);
    let quiet = EventChange {
        notify: Notify::None,
        ..one
    };
    room.duet
        .change_event(&quiet, &with_cy, Pace::AtOnce)
        .await
        .unwrap();
    room.push().await;

    let gone = all(&id, Notify::All);
    let said = room.duet.mailing_of_deletion(&gone, Copy::Goes).await;
    assert_eq!(said.unwrap().mailed, [MO, CY]);
    let later = EventDraft {
        start: draft("", 1, 19).start,
        end: draft("", 1, 19).end,
        ..weekly()
    };
    let said = room.duet.mailing_of_change(&gone, &later, ZONE).await;
    assert_eq!(
        said.unwrap().mailed,
        [MO, CY],
        "it goes back into the series"
    );
    let without = draft("Choir", 15, 18);
    let one = at(15, Scope::This);
    let said = room.duet.mailing_of_change(&one, &without, ZONE).await;
    assert_eq!(said.unwrap().mailed, [MO], "as all the others had");
    let said = room.duet.mailing_of_deletion(&one, Copy::Goes).await;
    assert_eq!(said.unwrap().mailed, [MO]);

    room.duet
        .delete_event(&gone, Copy::Goes, Pace::AtOnce)
        .await
        .unwrap();
    room.push().await;
    let mut mailed: Vec<_> = room.mails().into_iter().map(|(to, _)| to).collect();
    mailed.sort();
    mailed.dedup();
    assert!(mailed.iter().all(|to| [MO, CY].contains(&to.as_str())));
}

#[tokio::test]
async fn who_gets_more_than_one_mail_is_said() {
    let room = Room::new().await;
    room.desk.connect_as(&room.duet, BEN, Tier::Write).await;
    // What was said, and what came.
    let check = async |change: &EventChange, draft: &EventDraft, twice: &[&str]| {
        let before = room.mails().len();
        let said = room.duet.mailing_of_change(change, draft, ZONE).await;
        let said = said.unwrap();
        assert_eq!(said.repeatedly, twice, "{said:?}");
        let changed = room.duet.change_event(change, draft, Pace::AtOnce).await;
        changed.unwrap();
        room.push().await;
        let mut came: Vec<String> = room.mails()[before..]
            .iter()
            .map(|(to, _)| to.clone())
            .collect();
        let mut promised = [said.mailed, said.repeatedly].concat();
        (came.sort(), promised.sort());
        assert_eq!(came, promised);
    };
    let plan = invited(&[MO, CY], draft("Choir", 1, 18));
    let id = room.make(&plan, Notify::All).await;
    room.push().await;
    let elsewhere = |account: &str| {
        Some(Place {
            account: account.into(),
            calendar: account.into(),
        })
    };
    let moved = EventDraft {
        place: elsewhere(BEN),
        ..invited(&[MO], draft("Choir", 1, 18))
    };
    check(&all(&id, Notify::All), &moved, &[MO]).await;

    let id = room.make(&weekly(), Notify::All).await;
    room.push().await;
    let following = EventChange {
        slot: Some(When::Instant(wall(15, 17).and_utc())),
        scope: Scope::Following,
        ..all(&id, Notify::All)
    };
    let renamed = invited(&[MO, CY], draft("Rehearsal", 15, 18));
    let renamed = EventDraft {
        repeat: weekly().repeat,
        ..renamed
    };
    check(&following, &renamed, &[MO]).await;
}
