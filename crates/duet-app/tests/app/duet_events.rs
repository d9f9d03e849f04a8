//! Duet's own events out to Google: the commands, the outbox, and what the stand-in has afterwards.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use duet_app::{App, Copy, Pace};
use duet_model::account::Tier;
use duet_model::duet_event::{DuetEventId, Guest, LinkState, Scope};
use duet_model::outbox::{Notify, Op};
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_store::Store;
use duet_wire::ErrorCode;
use duet_wire::availability::When;
use duet_wire::duet_event::{EventChange, EventDraft, Place, ReminderDraft, Typed};
use duet_wire::status::Outcome;
use serde_json::{Value, json};

use crate::machine::{ANA, BEN, Desk};

pub(crate) const TEAM: &str = "c_team_berlin@group.calendar.google.com";

pub(crate) fn wall(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 12, day)
        .unwrap()
        .and_hms_opt(hour, 0, 0)
        .unwrap()
}

pub(crate) fn draft(title: &str, day: u32, hour: u32) -> EventDraft {
    EventDraft {
        title: title.into(),
        start: Typed::Wall(wall(day, hour)),
        end: Typed::Wall(wall(day, hour + 1)),
        location: String::new(),
        notes: String::new(),
        guests: Vec::new(),
        repeat: None,
        reminder: ReminderDraft::Default,
        transparent: false,
        conference: false,
        place: Some(Place {
            account: ANA.into(),
            calendar: ANA.into(),
        }),
    }
}

pub(crate) fn invited(emails: &[&str], draft: EventDraft) -> EventDraft {
    let guest = |email: &&str| Guest {
        email: (*email).into(),
        name: None,
        optional: false,
    };
    EventDraft {
        guests: emails.iter().map(guest).collect(),
        ..draft
    }
}

pub(crate) fn all(id: &DuetEventId, notify: Notify) -> EventChange {
    EventChange {
        id: id.clone(),
        slot: None,
        scope: Scope::All,
        notify,
    }
}

/// Duet at a desk, with its store beside it.
pub(crate) struct Room {
    pub(crate) desk: Desk,
    pub(crate) duet: App,
    pub(crate) store: Store,
}

impl Room {
    pub(crate) async fn new() -> Self {
        let desk = Desk::new().await;
        let duet = desk.connected_at(Tier::Write).await;
        let store = Store::open(desk.path()).await.unwrap();
        desk.control().clear_requests();
        Self { desk, duet, store }
    }

    pub(crate) async fn make(&self, draft: &EventDraft, notify: Notify) -> DuetEventId {
        let made = self.duet.create_event(draft, notify, Pace::AtOnce).await;
        made.unwrap().id.expect("it is there")
    }

    pub(crate) async fn push(&self) -> (u32, u32) {
        let report = self.duet.push_now(None).await.unwrap();
        let account = &report.accounts[0];
        (account.sent, account.stuck)
    }

    pub(crate) async fn sync(&self) {
        let report = self.duet.sync_now(None, false).await.unwrap();
        assert_eq!(report.accounts[0].outcome, Outcome::Done, "{report:?}");
    }

    pub(crate) async fn waiting(&self) -> Vec<Op> {
        self.store.outbox().await.unwrap()
    }

    /// Google's id of an event of Duet's, and how it stands.
    pub(crate) async fn link(&self, id: &DuetEventId) -> Option<(String, LinkState)> {
        let mut snapshot = self.store.read().await.unwrap();
        let link = snapshot.link(id).await.unwrap()?;
        Some((link.external.map(|id| id.0).unwrap_or_default(), link.state))
    }

    /// What the stand-in has of it.
    pub(crate) async fn there(&self, id: &DuetEventId) -> Option<Value> {
        let (external, _) = self.link(id).await?;
        self.desk.control().event(ANA, ANA, &external)
    }

    pub(crate) async fn title(&self, id: &DuetEventId) -> Option<String> {
        let mut snapshot = self.store.read().await.unwrap();
        let event = snapshot.duet_event(id).await.unwrap()?;
        Some(event.content.title)
    }

    pub(crate) fn mails(&self) -> Vec<(String, String)> {
        let mails = self.desk.control().mails();
        mails.into_iter().map(|it| (it.to, it.subject)).collect()
    }

    fn inserts(&self) -> usize {
        let written = self.desk.control().requests();
        let inserts = written.iter().filter(|it| {
            it.endpoint == Endpoint::EventsWrite && it.method == "POST" && it.status < 300
        });
        inserts.count()
    }
}

#[tokio::test]
async fn its_page_and_its_call_are_there_as_soon_as_it_is_sent() {
    let room = Room::new().await;
    let mut call = draft("Call", 1, 18);
    call.conference = true;
    let id = room.make(&call, Notify::None).await;
    assert_eq!(room.push().await, (1, 0));
    let google = room.duet.duet_event(&id, None).await.unwrap().google;
    let google = google.unwrap();
    let (copy, call) = (google.copy.unwrap(), google.conference.unwrap());
    assert!(call.starts_with("https://") && google.link.is_some());

    // It is the same thing twice, and counts and is drawn once; the next sync changes nothing.
    let (from, to) = (wall(1, 17).and_utc(), wall(1, 18).and_utc());
    let drawn = async || {
        let busy = room.duet.busy(from, to).await.unwrap();
        assert_eq!(busy[0].sources.len(), 1, "{busy:?}");
    };
    drawn().await;
    room.sync().await;
    drawn().await;
    let again = room.duet.duet_event(&id, None).await.unwrap();
    assert_eq!(again.google.unwrap().copy, Some(copy));
    assert_eq!(again.history, []);
}

#[tokio::test]
async fn an_event_goes_out_is_changed_and_taken_back() {
    let room = Room::new().await;
    let id = room
        .make(
            &invited(&["ben@example.org"], draft("Choir", 1, 18)),
            Notify::All,
        )
        .await;
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Pending);
    assert!(room.there(&id).await.is_none(), "nothing is sent by itself");
    assert_eq!(room.push().await, (1, 0));
    let there = room.there(&id).await.unwrap();
    assert_eq!(there["summary"], "Choir");
    assert_eq!(there["start"]["timeZone"], "Europe/Berlin");
    assert_eq!(
        there["extendedProperties"]["private"]["duet_id"],
        json!(id.0)
    );
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Synced);
    assert_eq!(
        room.mails(),
        [("ben@example.org".to_owned(), "invitation".to_owned())]
    );

    let later = invited(&["ben@example.org"], draft("Choir, later", 1, 19));
    room.duet
        .change_event(&all(&id, Notify::None), &later, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Choir, later");
    assert_eq!(room.mails().len(), 1, "nobody was to be told");

    room.sync().await;
    assert!(room.waiting().await.is_empty());
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir, later"));

    let (external, _) = room.link(&id).await.unwrap();
    room.duet
        .remove_from_google(&id, Notify::All, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(room.link(&id).await, None);
    assert_eq!(
        room.title(&id).await.as_deref(),
        Some("Choir, later"),
        "here it stays"
    );
    let gone = room.desk.control().event(ANA, ANA, &external).unwrap();
    assert_eq!(gone["status"], "cancelled");
    assert_eq!(room.mails().last().unwrap().1, "cancellation");
}

#[tokio::test]
async fn what_is_taken_back_in_time_is_never_sent() {
    let room = Room::new().await;
    let plan = invited(&["ben@example.org"], draft("Choir", 1, 18));
    let made = room
        .duet
        .create_event(&plan, Notify::All, Pace::Held)
        .await
        .unwrap();
    assert_eq!(made.mailed, ["ben@example.org"]);
    assert!(made.held_until.is_some());
    assert_eq!(room.push().await, (0, 0), "it is held");
    room.duet.undo_event(made.undo).await.unwrap();
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (0, 0));
    assert_eq!(room.title(&made.id.unwrap()).await, None);
    assert!(room.mails().is_empty() && room.waiting().await.is_empty());

    // Not taken back, it goes when the time is over.
    let made = room
        .duet
        .create_event(&plan, Notify::All, Pace::Held)
        .await
        .unwrap();
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (1, 0));

    // A deletion is taken back as well.
    let id = made.id.unwrap();
    let gone = room
        .duet
        .delete_event(&all(&id, Notify::All), Copy::Goes, Pace::Held)
        .await
        .unwrap();
    assert_eq!(room.title(&id).await, None);
    room.duet.undo_event(gone.undo).await.unwrap();
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (0, 0));
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
    assert_eq!(room.there(&id).await.unwrap()["status"], "confirmed");
    assert_eq!(room.mails().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_event_and_no_second_mail() {
    let room = Room::new().await;
    let control = room.desk.control();
    let plan = invited(&["ben@example.org"], draft("Choir", 1, 18));
    control.fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter));
    let id = room.make(&plan, Notify::All).await;
    assert_eq!(room.push().await, (0, 0));
    assert_eq!(room.waiting().await.len(), 1);
    // Edited meanwhile, it goes on behind what nobody knows about.
    let later = invited(&["ben@example.org"], draft("Choir, later", 1, 19));
    room.duet
        .change_event(&all(&id, Notify::None), &later, Pace::AtOnce)
        .await
        .unwrap();
    room.desk.later(TimeDelta::minutes(5));
    assert_eq!(room.push().await, (2, 0));
    assert_eq!(room.inserts(), 1);
    assert_eq!(room.mails().len(), 1);
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Choir, later");

    // The same with a change and with a deletion.
    control.fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter));
    room.duet
        .change_event(&all(&id, Notify::All), &plan, Pace::AtOnce)
        .await
        .unwrap();
    room.push().await;
    room.desk.later(TimeDelta::minutes(5));
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(room.mails().len(), 2, "{:?}", room.mails());
    control.fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter));
    room.duet
        .delete_event(&all(&id, Notify::All), Copy::Goes, Pace::AtOnce)
        .await
        .unwrap();
    room.push().await;
    room.desk.later(TimeDelta::minutes(5));
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(room.mails().len(), 3);
    assert!(room.waiting().await.is_empty());
}

#[tokio::test]
async fn changes_of_both_sides_are_put_together_and_clashes_are_kept() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let (external, _) = room.link(&id).await.unwrap();
    let control = room.desk.control();
    let theirs = json!({"location": "Hall", "colorId": "7", "summary": "Theirs"});
    control.update_event(ANA, ANA, &external, theirs).unwrap();
    let mine = EventDraft {
        notes: "Bring scores".into(),
        ..draft("Mine", 1, 18)
    };
    room.duet
        .change_event(&all(&id, Notify::None), &mine, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (1, 0));
    let there = room.there(&id).await.unwrap();
    assert_eq!(there["location"], "Hall");
    assert_eq!(there["colorId"], "7", "what Duet does not know stays");
    assert_eq!(there["description"], "Bring scores");
    assert_eq!(there["summary"], "Theirs", "others have seen it");
    let conflicts = room.store.conflicts().await.unwrap();
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].1.mine.title, "Mine");
    assert_eq!(room.title(&id).await.as_deref(), Some("Theirs"));
}

#[tokio::test]
async fn changes_made_in_google_come_back() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.sync().await;
    let (external, _) = room.link(&id).await.unwrap();
    let control = room.desk.control();
    control
        .update_event(ANA, ANA, &external, json!({"summary": "Moved"}))
        .unwrap();
    room.sync().await;
    assert_eq!(room.title(&id).await.as_deref(), Some("Moved"));
    control.remove_event(ANA, ANA, &external).unwrap();
    room.sync().await;
    assert_eq!(
        room.title(&id).await,
        None,
        "deleted there, with nothing waiting here"
    );
}

#[tokio::test]
async fn what_was_deleted_in_google_and_changed_here_waits_for_the_person() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let (external, _) = room.link(&id).await.unwrap();
    let control = room.desk.control();
    control.remove_event(ANA, ANA, &external).unwrap();
    room.duet
        .change_event(&all(&id, Notify::None), &draft("Mine", 1, 18), Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (0, 1));
    let waiting = room.waiting().await;
    let why = &waiting[0].stuck.as_ref().unwrap().message;
    assert!(why.contains("deleted there"), "{why}");
    room.sync().await;
    assert_eq!(
        room.title(&id).await.as_deref(),
        Some("Mine"),
        "nothing is lost"
    );

    room.duet.retry_op(waiting[0].id).await.unwrap();
    assert_eq!(room.push().await, (1, 0));
    let (again, state) = room.link(&id).await.unwrap();
    assert_ne!(again, external, "Google keeps a deleted id for ever");
    assert_eq!(state, LinkState::Synced);
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Mine");
}

#[tokio::test]
async fn a_refused_change_can_be_discarded() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let refused = FaultKind::status(403, "forbidden", "Forbidden");
    room.desk
        .control()
        .fault(Fault::once(Endpoint::EventsWrite, refused));
    room.duet
        .change_event(&all(&id, Notify::None), &draft("Mine", 1, 18), Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (0, 1));
    room.duet
        .discard_op(room.waiting().await[0].id)
        .await
        .unwrap();
    assert_eq!(
        room.title(&id).await.as_deref(),
        Some("Choir"),
        "as Google has it"
    );
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Synced);
    assert!(room.waiting().await.is_empty());

    let refused = FaultKind::status(403, "forbidden", "Forbidden");
    room.desk
        .control()
        .fault(Fault::once(Endpoint::EventsWrite, refused));
    let new = room.make(&draft("New", 2, 18), Notify::None).await;
    assert_eq!(room.push().await, (0, 1));
    room.duet
        .discard_op(room.waiting().await[0].id)
        .await
        .unwrap();
    assert_eq!(room.title(&new).await.as_deref(), Some("New"));
    assert_eq!(room.link(&new).await, None, "here alone");
}

#[tokio::test]
async fn a_quota_pauses_all_writes_and_nothing_else() {
    let room = Room::new().await;
    let quota = FaultKind::status(403, "quotaExceeded", "Calendar usage limits exceeded.");
    room.desk
        .control()
        .fault(Fault::once(Endpoint::EventsWrite, quota));
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    assert_eq!(room.push().await, (0, 0));
    assert_eq!(room.store.pauses().await.unwrap().len(), 1);
    room.desk.control().clear_requests();
    room.sync().await;
    assert_eq!(room.desk.control().count(Endpoint::EventsWrite), 0);
    assert!(
        room.desk.control().count(Endpoint::Events) > 0,
        "reading goes on"
    );
    room.desk.later(TimeDelta::hours(7));
    room.sync().await;
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Choir");
    assert!(room.store.pauses().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_may_ask_before_the_quota_is_over() {
    let room = Room::new().await;
    let quota = FaultKind::status(403, "quotaExceeded", "Calendar usage limits exceeded.");
    let twice = Fault::once(Endpoint::EventsWrite, quota).times(2);
    room.desk.control().fault(twice);
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    assert_eq!(room.push().await, (0, 0));
    let waiting = async || room.duet.waiting().await.unwrap().remove(0);
    let first = waiting().await;
    assert!(first.again.is_some() && !first.stuck, "{first:?}");

    room.duet.retry_op(first.id).await.unwrap();
    assert_eq!(room.push().await, (0, 0), "Google says no again");
    assert_eq!(waiting().await.because, first.because, "and it waits again");
    room.duet.retry_op(first.id).await.unwrap();
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(room.there(&id).await.unwrap()["summary"], "Choir");
}

#[tokio::test]
async fn a_series_goes_out_and_is_changed_at_three_scopes() {
    let room = Room::new().await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=6".into()),
        ..draft("Choir", 1, 18)
    };
    let id = room.make(&weekly, Notify::None).await;
    let at = |day: u32| Some(When::Instant(wall(day, 17).and_utc()));
    let change = |day, scope| EventChange {
        slot: at(day),
        scope,
        ..all(&id, Notify::None)
    };
    // One is changed before anything was sent, one is called off.
    room.duet
        .change_event(
            &change(8, Scope::This),
            &draft("Special", 9, 22),
            Pace::AtOnce,
        )
        .await
        .unwrap();
    room.duet
        .delete_event(&change(15, Scope::This), Copy::Goes, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (3, 0));
    let busy = |room: &Room| -> Vec<String> {
        let span = (
            wall(1, 0).and_utc(),
            wall(31, 0).and_utc() + TimeDelta::days(30),
        );
        let busy = room.desk.control().busy(ANA, ANA, span.0, span.1);
        let starts = busy
            .into_iter()
            .map(|(start, _)| start.format("%m-%d %H").to_string());
        starts
            .filter(|it| ["17", "21", "18"].iter().any(|hour| it.ends_with(hour)))
            .collect()
    };
    let there = busy(&room);
    assert!(there.contains(&"12-01 17".into()), "{there:?}");
    assert!(
        there.contains(&"12-09 21".into()) && !there.contains(&"12-08 17".into()),
        "{there:?}"
    );
    assert!(!there.contains(&"12-15 17".into()), "{there:?}");
    room.sync().await;

    // Where none begins nothing is changed; by where it was moved to one is found as well.
    for scope in [Scope::This, Scope::Following] {
        let nowhere = change(23, scope);
        let changed = room
            .duet
            .change_event(&nowhere, &weekly, Pace::AtOnce)
            .await;
        assert_eq!(changed.unwrap_err().code, ErrorCode::NotFound);
        let deleted = room
            .duet
            .delete_event(&nowhere, Copy::Goes, Pace::AtOnce)
            .await;
        assert_eq!(deleted.unwrap_err().code, ErrorCode::NotFound);
    }
    let moved = Some(When::Instant(wall(9, 21).and_utc()));
    let moved = room.duet.duet_event(&id, moved).await.unwrap();
    assert_eq!((moved.title.as_str(), moved.slot), ("Special", at(8)));
    assert!(room.waiting().await.is_empty());

    let split = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=6".into()),
        ..draft("Later", 22, 19)
    };
    let changed = room
        .duet
        .change_event(&change(22, Scope::Following), &split, Pace::AtOnce)
        .await
        .unwrap();
    let new = changed.id.unwrap();
    assert_ne!(new, id, "what follows is a series of its own");
    assert_eq!(room.title(&new).await.as_deref(), Some("Later"));
    assert_eq!(room.push().await, (2, 0), "two calls, in order");
    room.sync().await;
    let there = busy(&room);
    assert!(
        there.contains(&"12-22 18".into()) && !there.contains(&"12-22 17".into()),
        "{there:?}"
    );
    assert!(
        there.contains(&"01-05 18".into()) && !there.contains(&"01-12 18".into()),
        "{there:?}"
    );
    assert!(room.waiting().await.is_empty());
}

#[tokio::test]
async fn an_event_is_moved_to_another_calendar() {
    let room = Room::new().await;
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    room.push().await;
    let (external, _) = room.link(&id).await.unwrap();
    let moved = EventDraft {
        place: Some(Place {
            account: ANA.into(),
            calendar: TEAM.into(),
        }),
        ..draft("Moved", 1, 18)
    };
    room.duet
        .change_event(&all(&id, Notify::None), &moved, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(room.push().await, (2, 0));
    let there = room.desk.control().event(ANA, TEAM, &external).unwrap();
    assert_eq!(there["summary"], "Moved");
    room.sync().await;
    assert_eq!(room.title(&id).await.as_deref(), Some("Moved"));
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Synced);
}

#[tokio::test]
async fn a_plan_is_busy_at_once_and_its_copy_is_not_drawn_beside_it() {
    use duet_model::duet_event::Badge;
    use duet_wire::availability::{BlockState, SourceKind};
    use duet_wire::grid::BlockView;
    let room = Room::new().await;
    let week = async || -> Vec<BlockView> {
        let from = NaiveDate::from_ymd_opt(2026, 12, 21).unwrap();
        let drawn = room.duet.grid(from, 7).await.unwrap().blocks;
        drawn
            .into_iter()
            .filter(|it| it.title.starts_with("Choir"))
            .collect()
    };
    let alone = EventDraft {
        place: None,
        ..draft("Choir alone", 22, 18)
    };
    let here = room.make(&alone, Notify::None).await;
    let drawn = week().await;
    assert_eq!(drawn.len(), 1);
    let own = drawn[0].duet.clone().unwrap();
    assert_eq!((own.id, own.badge), (here.clone(), None));
    assert_eq!(
        (drawn[0].source, drawn[0].state),
        (SourceKind::Duet, BlockState::Busy)
    );

    let id = room.make(&draft("Choir", 23, 18), Notify::None).await;
    let badge = async || {
        let drawn = week().await;
        assert_eq!(drawn.len(), 2, "each once: {drawn:?}");
        drawn[1].duet.clone().unwrap().badge
    };
    assert_eq!(badge().await, Some(Badge::Pending));
    room.push().await;
    assert_eq!(badge().await, Some(Badge::Synced));
    room.sync().await;
    assert_eq!(badge().await, Some(Badge::Synced), "the copy was listed");

    // Changed and not sent, it is where the person put it, and Google's is not looked at.
    room.duet
        .change_event(
            &all(&id, Notify::None),
            &draft("Choir", 23, 20),
            Pace::AtOnce,
        )
        .await
        .unwrap();
    assert_eq!(badge().await, Some(Badge::Pending));
    assert_eq!(week().await[1].wall_start, wall(23, 20));
    room.duet
        .delete_event(&all(&id, Notify::None), Copy::Goes, Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(week().await.len(), 1, "nor where it waits to be deleted");

    let (from, to) = (wall(22, 16).and_utc(), wall(22, 19).and_utc());
    let busy = room.duet.busy(from, to).await.unwrap();
    let named = busy.iter().flat_map(|it| &it.sources);
    let named: Vec<_> = named.map(|it| (it.kind, it.title.as_deref())).collect();
    assert!(
        named.contains(&(SourceKind::Duet, Some("Choir alone"))),
        "{named:?}"
    );
    let why = room.duet.why(from, to).await.unwrap();
    assert!(
        why.reasons.iter().any(|it| it.title == "Choir alone"),
        "{why:?}"
    );
    let agenda = room.duet.agenda(from, to).await.unwrap();
    assert!(
        agenda
            .iter()
            .any(|it| it.id == here.0 && it.kind == SourceKind::Duet)
    );
}

#[tokio::test]
async fn who_was_invited_is_known_the_next_time() {
    let room = Room::new().await;
    let known = async || {
        let guests = room.duet.past_guests().await.unwrap();
        guests.into_iter().map(|it| it.email).collect::<Vec<_>>()
    };
    assert!(known().await.is_empty());
    let first = invited(
        &["ben@example.org", "cy@example.org"],
        draft("Choir", 1, 18),
    );
    room.make(&first, Notify::None).await;
    room.desk.later(TimeDelta::minutes(1));
    let second = invited(
        &["eva@example.org", "BEN@example.org"],
        draft("Walk", 2, 18),
    );
    room.make(&second, Notify::None).await;
    assert_eq!(
        known().await,
        ["eva@example.org", "BEN@example.org", "cy@example.org"]
    );
}

#[tokio::test]
async fn a_guests_answer_comes_back() {
    use duet_model::event::Response;
    let room = Room::new().await;
    let id = room
        .make(
            &invited(&["ben@example.org"], draft("Choir", 1, 18)),
            Notify::All,
        )
        .await;
    room.sync().await;
    let shown = room.duet.duet_event(&id, None).await.unwrap();
    assert_eq!(shown.guests[0].response, Response::NeedsAction);
    let (external, _) = room.link(&id).await.unwrap();
    let yes = json!({"attendees": [{"email": "ben@example.org", "responseStatus": "accepted"}]});
    room.desk
        .control()
        .update_event(ANA, ANA, &external, yes)
        .unwrap();
    room.sync().await;
    let shown = room.duet.duet_event(&id, None).await.unwrap();
    assert_eq!(shown.guests[0].response, Response::Accepted);
    assert!(
        room.waiting().await.is_empty(),
        "that is no change of the event"
    );
    assert_eq!(room.mails().len(), 1);
}

#[tokio::test]
async fn what_waits_is_told_in_words() {
    let room = Room::new().await;
    let refused = FaultKind::status(403, "forbidden", "Forbidden");
    room.desk
        .control()
        .fault(Fault::once(Endpoint::EventsWrite, refused));
    let id = room.make(&draft("Choir", 1, 18), Notify::None).await;
    let waiting = room.duet.waiting().await.unwrap();
    assert!(
        waiting[0].what.starts_with("Add “Choir” to "),
        "{waiting:?}"
    );
    assert_eq!(room.duet.status().await.unwrap().pending, 1);
    room.push().await;
    let status = room.duet.status().await.unwrap();
    assert_eq!((status.pending, status.stuck), (1, 1));
    let shown = room.duet.duet_event(&id, None).await.unwrap();
    let google = shown.google.unwrap();
    assert!(
        google.because.contains("may not write"),
        "{}",
        google.because
    );
    assert_eq!(google.stuck, Some(room.waiting().await[0].id));
}

#[tokio::test]
async fn one_occurrence_of_a_series_that_is_here_alone_goes_alone() {
    let room = Room::new().await;
    let weekly = EventDraft {
        repeat: Some("FREQ=WEEKLY;COUNT=5".into()),
        place: None,
        ..draft("Choir", 1, 18)
    };
    let id = room.make(&weekly, Notify::None).await;
    let change = |day, scope| EventChange {
        slot: Some(When::Instant(wall(day, 17).and_utc())),
        scope,
        ..all(&id, Notify::None)
    };
    let starts = async || {
        let (from, to) = (wall(1, 0).and_utc(), wall(31, 0).and_utc());
        let agenda = room.duet.agenda(from, to).await.unwrap();
        agenda.iter().filter(|it| it.title == "Choir").count()
    };
    assert_eq!(starts().await, 5);
    for (day, scope, left) in [(8, Scope::This, 4), (22, Scope::Following, 2)] {
        let change = change(day, scope);
        let deleted = room
            .duet
            .delete_event(&change, Copy::Stays, Pace::AtOnce)
            .await;
        let deleted = deleted.unwrap();
        assert_eq!((deleted.id, starts().await), (Some(id.clone()), left));
    }
    // Where a series stands is not one occurrence's to say.
    let there = EventDraft {
        place: draft("", 1, 18).place,
        ..weekly.clone()
    };
    for scope in [Scope::This, Scope::Following] {
        let refused = room
            .duet
            .change_event(&change(15, scope), &there, Pace::AtOnce)
            .await;
        assert_eq!(refused.unwrap_err().code, ErrorCode::Invalid);
    }
    assert!(room.waiting().await.is_empty() && room.link(&id).await.is_none());
}

#[tokio::test]
async fn an_event_that_moves_to_another_account_leaves_no_copy_behind() {
    let room = Room::new().await;
    let google = room.desk.control();
    let invite = |draft| invited(&["mo@example.org"], draft);
    let id = room.make(&invite(draft("Choir", 1, 18)), Notify::All).await;
    room.push().await;
    room.desk.connect_as(&room.duet, BEN, Tier::Write).await;
    let moved = EventDraft {
        place: Some(Place {
            account: BEN.into(),
            calendar: BEN.into(),
        }),
        ..invite(draft("Choir", 1, 18))
    };
    let change = all(&id, Notify::All);
    let changed = room.duet.change_event(&change, &moved, Pace::AtOnce).await;
    changed.unwrap();
    room.duet.push_now(None).await.unwrap();
    room.duet.sync_now(None, false).await.unwrap();
    assert!(room.waiting().await.is_empty());
    let standing = |calendar: &str| -> usize {
        let all = google.events(calendar, calendar);
        let own = |it: &&Value| it["summary"] == "Choir" && it["status"] != "cancelled";
        all.iter().filter(own).count()
    };
    assert_eq!((standing(ANA), standing(BEN)), (0, 1), "once, and there");
    assert_eq!(room.link(&id).await.unwrap().1, LinkState::Synced);
    assert_eq!(room.title(&id).await.as_deref(), Some("Choir"));
}
