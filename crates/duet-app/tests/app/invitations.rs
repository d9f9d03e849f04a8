//! Invitations of others: which wait for an answer, and what an answer does here and in the stand-in.

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use duet_app::{App, Pace};
use duet_model::account::Tier;
use duet_model::availability::State;
use duet_model::event::{EventKey, Response};
use duet_model::outbox::Notify;
use duet_sandbox::{Endpoint, EventSpec, Fault, FaultKind};
use duet_wire::ErrorCode;
use duet_wire::availability::{BlockState, When};
use duet_wire::duet_event::Typed;
use duet_wire::event::EventView;
use duet_wire::invitation::{Answered, InvitationView};
use serde_json::{Value, json};

use crate::duet_events::{Room, TEAM, draft};
use crate::machine::{ANA, BEN, Desk};

const BERLIN: &str = "Europe/Berlin";

fn wall(day: u32, hour: u32) -> NaiveDateTime {
    let date = NaiveDate::from_ymd_opt(2026, 12, day).unwrap();
    date.and_hms_opt(hour, 0, 0).unwrap()
}

/// The same instant: Berlin is an hour ahead of UTC in December.
fn at(day: u32, hour: u32) -> DateTime<Utc> {
    wall(day, hour).and_utc() - TimeDelta::hours(1)
}

fn by_ben(spec: EventSpec) -> EventSpec {
    spec.guest(BEN, "Ben Carvalho", "accepted")
        .guest(ANA, "Ana Lindqvist", "needsAction")
        .guest("mo.adeyemi@example.com", "Mo Adeyemi", "tentative")
        .organizer(BEN, "Ben Carvalho")
}

/// Ben invites to an hour at noon of the fifth of December, in words that Duet does not know.
async fn invited(room: &Room) -> String {
    let lunch = EventSpec::at("Lunch", BERLIN, wall(5, 12), 60).field("colorId", "7");
    let id = room.desk.control().add_event(ANA, ANA, by_ben(lunch));
    room.sync().await;
    room.desk.control().clear_requests();
    id.unwrap()
}

/// He invites to every Thursday noon of December.
async fn invited_weekly(room: &Room) -> String {
    let weekly = EventSpec::at("Review", BERLIN, wall(3, 12), 60);
    let weekly = weekly.repeat("RRULE:FREQ=WEEKLY;COUNT=4");
    let id = room.desk.control().add_event(ANA, ANA, by_ben(weekly));
    room.sync().await;
    room.desk.control().clear_requests();
    id.unwrap()
}

async fn asked(duet: &App, title: &str) -> Option<InvitationView> {
    let all = duet.invitations().await.unwrap();
    let mut found = all.into_iter().filter(|it| it.title == title);
    let one = found.next();
    assert!(found.next().is_none(), "{title} is there once");
    one
}

async fn answer(room: &Room, key: EventKey, alone: Option<When>, response: Response) -> Answered {
    let answered = room.duet.respond(key, alone, response, Pace::AtOnce).await;
    answered.unwrap()
}

/// What Ana is at noon of that day; nothing where she is free.
async fn noon(room: &Room, day: u32) -> Option<State> {
    let busy = room.duet.busy(at(day, 12), at(day, 13)).await.unwrap();
    busy.first().map(|it| it.state)
}

async fn shown(room: &Room, key: EventKey, day: u32) -> EventView {
    let start = Some(When::Instant(at(day, 12)));
    room.duet.event(key, start).await.unwrap()
}

fn patches(room: &Room) -> usize {
    let requests = room.desk.control().requests();
    let writes = requests
        .iter()
        .filter(|it| it.endpoint == Endpoint::EventsWrite);
    writes.filter(|it| it.method == "PATCH").count()
}

/// What a guest of an event in the stand-in has answered.
fn said(event: &Value, guest: &str) -> Value {
    let guests = event["attendees"].as_array().unwrap();
    let found = guests.iter().find(|it| it["email"] == guest);
    found.unwrap()["responseStatus"].clone()
}

#[tokio::test]
async fn what_others_invite_to_is_listed_until_it_is_answered() {
    let room = Room::new().await;
    let before = room.duet.invitations().await.unwrap();
    let titles: Vec<&str> = before.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["Hiring sync"], "of the small world");
    invited(&room).await;
    invited_weekly(&room).await;
    // What asks for nothing: an event of one's own, one that is over, one that was called off.
    let control = room.desk.control();
    let own = EventSpec::at("Own", BERLIN, wall(4, 9), 60).guest(ANA, "Ana", "needsAction");
    control
        .add_event(ANA, ANA, own.organizer(ANA, "Ana"))
        .unwrap();
    let past = EventSpec::at("Past", BERLIN, wall(1, 9) - TimeDelta::days(9), 60);
    control.add_event(ANA, ANA, by_ben(past)).unwrap();
    let yesterday = EventSpec::all_day(
        "Yesterday",
        NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(),
        1,
    );
    control.add_event(ANA, ANA, by_ben(yesterday)).unwrap();
    let gone = EventSpec::at("Gone", BERLIN, wall(4, 9), 60);
    let gone = control.add_event(ANA, ANA, by_ben(gone)).unwrap();
    // In a calendar that is not one's own, others are asked.
    let theirs = EventSpec::at("Theirs", BERLIN, wall(4, 9), 60);
    let theirs = theirs
        .guest(TEAM, "Team", "needsAction")
        .organizer(BEN, "Ben");
    control.add_event(ANA, TEAM, theirs).unwrap();
    room.sync().await;
    control.remove_event(ANA, ANA, &gone).unwrap();
    room.sync().await;
    let all = room.duet.invitations().await.unwrap();
    let told: Vec<_> = all
        .iter()
        .map(|it| (it.title.as_str(), it.repeats))
        .collect();
    assert_eq!(
        told,
        [("Hiring sync", false), ("Review", true), ("Lunch", false)]
    );
    let lunch = &all[2];
    assert_eq!(lunch.start, When::Instant(at(5, 12)));
    assert_eq!(
        (lunch.wall_start, lunch.wall_end),
        (wall(5, 12), wall(5, 13))
    );
    assert_eq!(lunch.organizer.as_deref(), Some("Ben Carvalho"));
    assert_eq!(
        (lunch.account.as_str(), lunch.calendar.as_str()),
        (ANA, ANA)
    );
    assert_eq!(
        lunch.id,
        format!("event-{}-{}", lunch.key.0, at(5, 12).timestamp())
    );
    assert!(lunch.can_answer && lunch.because.is_none());
    assert_eq!(
        all[1].start,
        When::Instant(at(3, 12)),
        "its next occurrence"
    );

    // Weeks later a series is told by another occurrence, and what is over by none.
    room.desk.later(TimeDelta::days(16));
    assert_eq!(asked(&room.duet, "Lunch").await, None);
    let review = asked(&room.duet, "Review").await.unwrap();
    assert_eq!(review.start, When::Instant(at(17, 12)));
}

#[tokio::test]
async fn a_no_frees_the_time_at_once_and_changes_the_own_entry_alone() {
    let room = Room::new().await;
    let id = invited(&room).await;
    let key = asked(&room.duet, "Lunch").await.unwrap().key;
    assert_eq!(noon(&room, 5).await, Some(State::Busy));
    let before = room.desk.control().event(ANA, ANA, &id).unwrap();
    let answered = answer(&room, key, None, Response::Declined).await;
    assert_eq!(answered.before, Response::NeedsAction);
    assert_eq!(answered.organizer.as_deref(), Some("Ben Carvalho"));
    assert!(answered.waits.is_some() && answered.held_until.is_none() && !answered.series);

    // Nothing has left, and everything here goes by it.
    assert_eq!(patches(&room), 0);
    assert_eq!(noon(&room, 5).await, None);
    assert_eq!(asked(&room.duet, "Lunch").await, None);
    let view = shown(&room, key, 5).await;
    assert_eq!(view.my_response, Some(Response::Declined));
    let own = view.guests.iter().find(|guest| guest.me).unwrap();
    assert_eq!(own.response, Response::Declined);
    assert_eq!(view.answer.as_ref().map(|it| it.stuck), Some(false));
    assert!(view.can_respond, "it can be changed");
    let found = room.duet.search("Lunch", 20).await.unwrap();
    let found = found.iter().find(|it| it.event == Some(key)).unwrap();
    assert_eq!(found.state, BlockState::Free);
    let agenda = room.duet.agenda(at(5, 12), at(5, 13)).await.unwrap();
    assert_eq!(agenda[0].rule.as_deref(), Some("declined"));

    assert_eq!(room.push().await, (1, 0));
    assert_eq!(patches(&room), 1);
    let mut after = room.desk.control().event(ANA, ANA, &id).unwrap();
    assert_eq!(said(&after, ANA), "declined");
    let guests = after["attendees"].as_array_mut().unwrap();
    let own = guests.iter_mut().find(|it| it["email"] == ANA).unwrap();
    own["responseStatus"] = json!("needsAction");
    for member in ["attendees", "colorId", "summary", "start", "organizer"] {
        assert_eq!(after[member], before[member], "{member}");
    }
    assert_eq!(room.mails(), [(BEN.to_owned(), "answer".to_owned())]);

    // Also by what Google counts, without another sync.
    assert_eq!(noon(&room, 5).await, None);
    assert!(room.waiting().await.is_empty());
    let view = shown(&room, key, 5).await;
    assert_eq!(view.my_response, Some(Response::Declined));
    assert_eq!(view.answer, None);
    assert_eq!(asked(&room.duet, "Lunch").await, None);
}

#[tokio::test]
async fn the_stored_event_has_the_answer_before_the_next_sync() {
    let room = Room::new().await;
    invited(&room).await;
    let key = asked(&room.duet, "Lunch").await.unwrap().key;
    answer(&room, key, None, Response::Tentative).await;
    // The answer goes out, and nothing that is asked after it comes back.
    let control = room.desk.control();
    let broken = FaultKind::status(403, "accessNotConfigured", "no");
    control.fault(Fault::always(Endpoint::CalendarList, broken));
    let report = room.duet.push_now(None).await.unwrap();
    assert_eq!(report.accounts[0].sent, 1, "{report:?}");
    assert!(room.waiting().await.is_empty());
    let view = shown(&room, key, 5).await;
    assert_eq!(view.my_response, Some(Response::Tentative));
    assert_eq!(asked(&room.duet, "Lunch").await, None);
}

#[tokio::test]
async fn answers_given_offline_become_one_and_no_sync_undoes_them() {
    let room = Room::new().await;
    let id = invited(&room).await;
    let key = asked(&room.duet, "Lunch").await.unwrap().key;
    let maybe = answer(&room, key, None, Response::Tentative).await;
    assert_eq!(noon(&room, 5).await, Some(State::Tentative));
    let yes = answer(&room, key, None, Response::Accepted).await;
    assert_eq!(yes.before, Response::Tentative);
    assert_eq!(yes.waits, maybe.waits, "one change waits");
    let again = answer(&room, key, None, Response::Accepted).await;
    assert_eq!(again.waits, yes.waits);

    // Google does not take it yet and says once more what it had.
    let control = room.desk.control();
    let down = FaultKind::status(503, "backendError", "later");
    control.fault(Fault::always(Endpoint::EventsWrite, down));
    control
        .update_event(ANA, ANA, &id, json!({"location": "Hall"}))
        .unwrap();
    room.sync().await;
    let view = shown(&room, key, 5).await;
    assert_eq!(view.location.as_deref(), Some("Hall"));
    assert_eq!(view.my_response, Some(Response::Accepted));
    assert_eq!(noon(&room, 5).await, Some(State::Busy));
    assert_eq!(asked(&room.duet, "Lunch").await, None);

    control.clear_faults();
    control.clear_requests();
    room.desk.later(TimeDelta::hours(2));
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(patches(&room), 1);
    let there = control.event(ANA, ANA, &id).unwrap();
    assert_eq!(said(&there, ANA), "accepted");
    assert_eq!(there["location"], "Hall");
    assert_eq!(room.mails().len(), 1);
}

#[tokio::test]
async fn an_answer_is_taken_back_until_it_is_sent() {
    let room = Room::new().await;
    invited(&room).await;
    let key = asked(&room.duet, "Lunch").await.unwrap().key;
    let respond = async |response| room.duet.respond(key, None, response, Pace::Held).await;
    let no = respond(Response::Declined).await.unwrap();
    assert!(no.held_until.is_some());
    assert_eq!(room.push().await, (0, 0), "it is held");
    let back = respond(no.before).await.unwrap();
    assert_eq!((back.waits, back.held_until), (None, None));
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (0, 0));
    assert!(asked(&room.duet, "Lunch").await.is_some());
    assert_eq!(noon(&room, 5).await, Some(State::Busy));

    // What has left can be changed, and not be unsaid.
    respond(Response::Declined).await.unwrap();
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (1, 0));
    let refused = respond(Response::NeedsAction).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid);
    respond(Response::Accepted).await.unwrap();
    room.desk.later(TimeDelta::seconds(20));
    assert_eq!(room.push().await, (1, 0));
    assert_eq!(noon(&room, 5).await, Some(State::Busy));
    let same = respond(Response::Accepted).await.unwrap();
    assert_eq!((same.waits, room.waiting().await.len()), (None, 0));
}

#[tokio::test]
async fn one_occurrence_of_a_series_is_answered_alone() {
    let room = Room::new().await;
    let id = invited_weekly(&room).await;
    let key = asked(&room.duet, "Review").await.unwrap().key;
    // The second one is moved by an hour and stands for itself.
    let moved = EventSpec::exception(&id, wall(10, 12)).moved_to(BERLIN, wall(10, 15), 60);
    room.desk.control().add_event(ANA, ANA, moved).unwrap();
    room.sync().await;

    assert!(asked(&room.duet, "Review").await.is_some());

    let yes = answer(&room, key, None, Response::Accepted).await;
    assert!(yes.series);
    assert_eq!(
        room.waiting().await.len(),
        2,
        "the series, and what was moved"
    );
    assert_eq!(asked(&room.duet, "Review").await, None);
    let back = answer(&room, key, None, Response::NeedsAction).await;
    assert_eq!((back.waits, room.waiting().await.len()), (None, 0));
    answer(&room, key, None, Response::Accepted).await;
    let third = Some(When::Instant(at(17, 12)));
    let no = answer(&room, key, third, Response::Declined).await;
    assert_eq!((no.before, no.series), (Response::Accepted, false));
    assert_eq!(room.waiting().await.len(), 3, "three things");
    assert_eq!(noon(&room, 3).await, Some(State::Busy));
    assert_eq!(noon(&room, 17).await, None);
    let elsewhere = Some(When::Instant(at(18, 12)));
    let wrong = room
        .duet
        .respond(key, elsewhere, Response::Declined, Pace::AtOnce);
    assert_eq!(wrong.await.unwrap_err().code, ErrorCode::NotFound);

    room.desk.control().clear_requests();
    assert_eq!(room.push().await, (3, 0));
    assert_eq!(patches(&room), 3);
    let control = room.desk.control();
    assert_eq!(
        said(&control.event(ANA, ANA, &id).unwrap(), ANA),
        "accepted"
    );
    let answered = control
        .events(ANA, ANA)
        .into_iter()
        .filter(|it| it["recurringEventId"] == json!(id) && said(it, ANA) == "declined");
    let answered: Vec<Value> = answered.collect();
    assert_eq!(answered.len(), 1);
    assert_eq!(said(&answered[0], "mo.adeyemi@example.com"), "tentative");
    assert_eq!(noon(&room, 3).await, Some(State::Busy));
    assert_eq!(noon(&room, 17).await, None);
    assert_eq!(noon(&room, 24).await, Some(State::Busy));
    room.sync().await;
    assert_eq!(noon(&room, 17).await, None);
}

#[tokio::test]
async fn an_answer_stays_with_an_occurrence_that_is_moved_meanwhile() {
    let room = Room::new().await;
    let id = invited_weekly(&room).await;
    let key = asked(&room.duet, "Review").await.unwrap().key;
    let third = Some(When::Instant(at(17, 12)));
    answer(&room, key, third, Response::Declined).await;
    let control = room.desk.control();
    let down = FaultKind::status(503, "backendError", "later");
    control.fault(Fault::always(Endpoint::EventsWrite, down));
    let moved = EventSpec::exception(&id, wall(17, 12)).moved_to(BERLIN, wall(17, 20), 60);
    control.add_event(ANA, ANA, moved).unwrap();
    room.sync().await;
    let evening = room.duet.agenda(at(17, 20), at(17, 21)).await.unwrap();
    let line = evening.iter().find(|it| it.title == "Review").unwrap();
    assert_eq!(line.rule.as_deref(), Some("declined"));
    // Answered once more by what it is now, the last word arrives last.
    let found = room.duet.search("Review", 20).await.unwrap();
    let now = found
        .iter()
        .find(|it| it.start == When::Instant(at(17, 20)));
    let now = now.and_then(|it| it.event).unwrap();
    answer(
        &room,
        now,
        Some(When::Instant(at(17, 20))),
        Response::Tentative,
    )
    .await;
    control.clear_faults();
    room.desk.later(TimeDelta::hours(2));
    assert_eq!(room.push().await, (2, 0));
    let events = control.events(ANA, ANA);
    let there = events.iter().find(|it| it["recurringEventId"] == json!(id));
    assert_eq!(said(there.unwrap(), ANA), "tentative");
}

#[tokio::test]
async fn what_google_refuses_is_told_and_discarding_it_brings_the_old_answer_back() {
    let room = Room::new().await;
    let id = invited(&room).await;
    let key = asked(&room.duet, "Lunch").await.unwrap().key;
    answer(&room, key, None, Response::Declined).await;
    let never = FaultKind::status(403, "forbidden", "no");
    room.desk
        .control()
        .fault(Fault::once(Endpoint::EventsWrite, never));
    assert_eq!(room.push().await, (0, 1));
    let view = shown(&room, key, 5).await;
    let waits = view.answer.expect("it waits for the person");
    assert!(waits.stuck && waits.because.starts_with("The answer was not sent."));
    assert_eq!(
        view.my_response,
        Some(Response::Declined),
        "their last word"
    );

    room.duet.discard_op(waits.id).await.unwrap();
    let view = shown(&room, key, 5).await;
    assert_eq!(view.my_response, Some(Response::NeedsAction));
    assert_eq!(view.answer, None);
    assert!(asked(&room.duet, "Lunch").await.is_some());
    assert_eq!(noon(&room, 5).await, Some(State::Busy));
    let there = room.desk.control().event(ANA, ANA, &id).unwrap();
    assert_eq!(said(&there, ANA), "needsAction");
    assert!(room.mails().is_empty());
}

#[tokio::test]
async fn who_may_only_read_is_told_what_helps() {
    let desk = Desk::new().await;
    let duet = desk.connected_at(Tier::Read).await;
    let one = asked(&duet, "Hiring sync").await.unwrap();
    assert!(!one.can_answer);
    assert!(one.because.unwrap().contains("duet connect --tier write"));
    let view = duet.event(one.key, None).await.unwrap();
    assert!(!view.can_respond);
    assert!(view.respond_because.unwrap().contains("--tier write"));
    let refused = duet.respond(one.key, None, Response::Accepted, Pace::AtOnce);
    let refused = refused.await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Invalid);
    assert!(refused.message.contains("duet connect --tier write"));

    // Where nobody asks there is nothing to be explained.
    let own = duet.search("Stand-up", 1).await.unwrap();
    let view = duet.event(own[0].event.unwrap(), None).await.unwrap();
    assert_eq!((view.can_respond, view.respond_because), (false, None));
}

#[tokio::test]
async fn an_invitation_says_whether_one_is_free_then() {
    let room = Room::new().await;
    invited(&room).await;
    let said = async || {
        let lunch = asked(&room.duet, "Lunch").await.unwrap();
        let meanwhile = lunch.meanwhile.unwrap();
        (meanwhile.state, meanwhile.because)
    };
    let free = (BlockState::Free, "You are free then.".to_owned());
    assert_eq!(said().await, free, "the invitation itself is nothing else");

    // What touches it counts, and what follows it does not.
    let mut dentist = draft("Dentist", 5, 11);
    dentist.end = Typed::Wall(wall(5, 12) + TimeDelta::minutes(15));
    room.make(&draft("Walk", 5, 13), Notify::None).await;
    assert_eq!(said().await, free);
    room.make(&dentist, Notify::None).await;
    let busy = (BlockState::Busy, "At the same time: “Dentist”.".to_owned());
    assert_eq!(said().await, busy);
}

#[tokio::test]
async fn where_a_calendar_is_not_known_nobody_is_said_to_be_free() {
    let room = Room::new().await;
    invited(&room).await;
    room.desk.later(TimeDelta::hours(4));
    let lunch = asked(&room.duet, "Lunch").await.unwrap();
    let meanwhile = lunch.meanwhile.unwrap();
    assert_eq!(meanwhile.state, BlockState::Unknown, "{meanwhile:?}");
}
