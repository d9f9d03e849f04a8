//! Writing events: ids, preconditions, series, guests' rights, mails.

use chrono::NaiveDateTime;
use duet_sandbox::{AccessRole, Endpoint, EventSpec, Fault, FaultKind};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ANA, Answer, Session, send};

const EVENTS: &str = "calendars/primary/events";
const TEAM: &str = "c_team_berlin@group.calendar.google.com";

fn timed(extra: Value) -> Value {
    let mut body = json!({
        "summary": "Written",
        "start": {"dateTime": "2026-11-25T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-25T11:00:00+01:00", "timeZone": "Europe/Berlin"},
    });
    let Value::Object(extra) = extra else {
        panic!("an event is an object");
    };
    for (name, value) in extra {
        body[name] = value;
    }
    body
}

async fn write(
    session: &Session,
    method: Method,
    path: &str,
    etag: Option<&str>,
    body: Value,
) -> Answer {
    let mut request = session.request(method, path);
    if let Some(etag) = etag {
        request = request.header("if-match", etag);
    }
    if !body.is_null() {
        request = request.json(&body);
    }
    send(request).await
}

#[tokio::test]
async fn an_insert_is_checked_and_completed() {
    let session = Session::small().await;
    let made = session
        .post(
            EVENTS,
            timed(json!({"id": "abcde", "x-unknown": {"kept": 1}})),
        )
        .await;
    assert_eq!(made.status, 200);
    assert_eq!(made.body["organizer"]["self"], true);
    assert_eq!(made.body["status"], "confirmed");
    assert_eq!(made.body["iCalUID"], "abcde@google.com");
    assert_eq!(
        made.body["x-unknown"]["kept"], 1,
        "what is not understood is kept"
    );
    assert_eq!(made.body["etag"].as_str(), made.etag.as_deref());
    let read = session.get(&format!("{EVENTS}/abcde")).await;
    assert_eq!(read.body, made.body, "reads back as it was answered");

    let bad = [
        (json!({"id": "abcdw"}), "invalid"),
        (json!({"id": "abc"}), "invalid"),
        (json!({"id": "ABCDE"}), "invalid"),
        (json!({"end": null}), "required"),
        (json!({"end": {"date": "2026-11-26"}}), "invalid"),
        (
            json!({"end": {"dateTime": "2026-11-25T09:00:00+01:00"}}),
            "timeRangeEmpty",
        ),
        (
            json!({"start": {"date": "2026-11-25", "dateTime": "2026-11-25T10:00:00Z"}}),
            "invalid",
        ),
        (
            json!({"start": {"dateTime": "2026-11-25T10:00:00", "timeZone": "Mars/X"}}),
            "invalid",
        ),
        (json!({"recurrence": ["RRULE:FREQ=SOMETIMES"]}), "invalid"),
        (
            json!({"recurrence": ["RRULE:FREQ=DAILY"], "start": {"dateTime": "2026-11-25T10:00:00Z"}}),
            "required",
        ),
        (json!({"attendees": [{"email": "nobody"}]}), "invalid"),
        (json!({"eventType": "fromGmail"}), "invalid"),
    ];
    for (extra, reason) in bad {
        let answer = session.post(EVENTS, timed(extra.clone())).await;
        assert_eq!((answer.status, answer.reason()), (400, reason), "{extra}");
    }
    let long = json!({"extendedProperties": {"private": {
        "duet_id": "7", "a-key-that-is-longer-than-forty-four-characters": "x", "big": "é".repeat(2000)}}});
    let made = session.post(EVENTS, timed(long)).await;
    let private = made.body["extendedProperties"]["private"]
        .as_object()
        .expect("an object");
    assert_eq!(private.len(), 2, "a long key is dropped without a word");
    assert_eq!(
        private["big"].as_str().map(|text| text.chars().count()),
        Some(1024)
    );
    let meet = json!({"conferenceData": {"createRequest": {"requestId": "r1"}}});
    let without = session.post(EVENTS, timed(meet.clone())).await;
    assert!(
        without.body["conferenceData"].is_null(),
        "ignored without the version"
    );
    let with = session
        .post(&format!("{EVENTS}?conferenceDataVersion=1"), timed(meet))
        .await;
    assert_eq!(with.body["hangoutLink"], "https://meet.google.com/r1");
}

#[tokio::test]
async fn an_id_is_taken_for_ever() {
    let session = Session::small().await;
    let body = timed(json!({"id": "once0"}));
    assert_eq!(session.post(EVENTS, body.clone()).await.status, 200);
    let again = session.post(EVENTS, body.clone()).await;
    assert_eq!((again.status, again.reason()), (409, "duplicate"));
    let path = format!("{EVENTS}/once0");
    assert_eq!(
        write(&session, Method::DELETE, &path, None, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        session.post(EVENTS, body.clone()).await.status,
        409,
        "a deleted event keeps its id"
    );
    let gone = write(&session, Method::DELETE, &path, None, Value::Null).await;
    assert_eq!((gone.status, gone.reason()), (410, "deleted"));
    let never = write(
        &session,
        Method::DELETE,
        &format!("{EVENTS}/never"),
        None,
        Value::Null,
    )
    .await;
    assert_eq!(never.status, 404);
    let back = timed(json!({"status": "confirmed"}));
    assert_eq!(
        write(&session, Method::PUT, &path, None, back).await.status,
        200,
        "brought back"
    );
}

#[tokio::test]
async fn a_lost_answer_leaves_one_event() {
    let session = Session::small().await;
    let before = session.control.live_events(ANA, "primary");
    session
        .control
        .fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter));
    let body = timed(json!({"id": "lost0"}));
    let lost = session
        .request(Method::POST, EVENTS)
        .json(&body)
        .send()
        .await;
    assert!(lost.is_err());
    assert_eq!(
        session.post(EVENTS, body).await.status,
        409,
        "the retry learns that it is there"
    );
    assert_eq!(session.control.live_events(ANA, "primary"), before + 1);
}

#[tokio::test]
async fn a_stale_etag_is_refused_and_the_current_one_works() {
    let session = Session::small().await;
    let made = session.post(EVENTS, timed(json!({"id": "etags"}))).await;
    let first = made.etag.expect("an etag");
    assert!(
        first.starts_with('"') && first.ends_with('"'),
        "quotes belong to it"
    );
    let path = format!("{EVENTS}/etags");
    let patched = write(
        &session,
        Method::PATCH,
        &path,
        Some(&first),
        json!({"summary": "Two"}),
    )
    .await;
    assert_eq!(patched.status, 200);
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let stale = write(
            &session,
            method.clone(),
            &path,
            Some(&first),
            timed(json!({})),
        )
        .await;
        assert_eq!(
            (stale.status, stale.reason()),
            (412, "conditionNotMet"),
            "{method}"
        );
    }
    let second = patched.etag.expect("an etag");
    assert_ne!(first, second);
    let forced = write(
        &session,
        Method::PATCH,
        &path,
        Some("*"),
        json!({"summary": "Three"}),
    )
    .await;
    assert_eq!(forced.status, 200, "* forces");
    let last = forced.etag.expect("an etag");
    assert_eq!(
        write(&session, Method::DELETE, &path, Some(&last), Value::Null)
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn patch_keeps_and_put_replaces() {
    let session = Session::small().await;
    let extra = json!({"id": "fields", "location": "Here", "colorId": "5",
        "extendedProperties": {"private": {"a": "1", "b": "2"}}});
    session.post(EVENTS, timed(extra)).await;
    let path = format!("{EVENTS}/fields");
    let change = json!({"location": null, "summary": "New",
        "extendedProperties": {"private": {"a": null, "c": "3"}}});
    let patched = write(&session, Method::PATCH, &path, None, change).await;
    assert_eq!(patched.body["summary"], "New");
    assert!(patched.body["location"].is_null(), "null removes");
    assert_eq!(patched.body["colorId"], "5", "what is not named stays");
    assert_eq!(
        patched.body["extendedProperties"]["private"],
        json!({"b": "2", "c": "3"})
    );
    assert_eq!(patched.body["sequence"], 0, "nothing moved");
    let same = json!({"start": {"dateTime": "2026-11-25T09:00:00Z", "timeZone": "Europe/Berlin"}});
    let same = write(&session, Method::PATCH, &path, None, same).await;
    assert_eq!(same.body["sequence"], 0, "the same time in other words");

    let moved = json!({"start": {"dateTime": "2026-11-25T12:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-25T13:00:00+01:00", "timeZone": "Europe/Berlin"}});
    let replaced = write(&session, Method::PUT, &path, None, moved).await;
    assert!(replaced.body["summary"].is_null() && replaced.body["colorId"].is_null());
    assert_eq!(replaced.body["sequence"], 1);
    assert_eq!(
        replaced.body["iCalUID"], "fields@google.com",
        "identity stays"
    );
    assert_eq!(
        write(&session, Method::PUT, &path, None, json!({"summary": "x"}))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn one_occurrence_can_be_changed_and_deleted() {
    let session = Session::small().await;
    let rule = json!({"id": "serie", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]});
    session.post(EVENTS, timed(rule)).await;
    let second = format!("{EVENTS}/serie_20261202T090000Z");
    let renamed = write(
        &session,
        Method::PATCH,
        &second,
        None,
        json!({"summary": "Other"}),
    )
    .await;
    assert_eq!(renamed.status, 200);
    assert_eq!(renamed.body["recurringEventId"], "serie");
    let third = format!("{EVENTS}/serie_20261209T090000Z");
    assert_eq!(
        write(&session, Method::DELETE, &third, None, Value::Null)
            .await
            .status,
        204
    );
    let all = session.get(&format!("{EVENTS}/serie/instances")).await;
    assert_eq!(all.all("summary"), ["Written", "Other", "Written"]);
    let off = format!("{EVENTS}/serie_20261203T090000Z");
    assert_eq!(
        write(&session, Method::PATCH, &off, None, json!({"summary": "x"}))
            .await
            .status,
        404
    );
    let shorter = json!({"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20261201T000000Z"]});
    write(
        &session,
        Method::PATCH,
        &format!("{EVENTS}/serie"),
        None,
        shorter,
    )
    .await;
    let busy = session.control.busy(
        ANA,
        "primary",
        "2026-12-16T09:00:00Z".parse().expect("an instant"),
        "2026-12-16T09:30:00Z".parse().expect("an instant"),
    );
    assert!(busy.is_empty(), "the rest of the series has ended");
}

#[tokio::test]
async fn a_guest_may_answer_but_not_change_what_others_see() {
    let session = Session::small().await;
    let wall: NaiveDateTime = "2026-11-26T10:00:00".parse().expect("a wall time");
    let spec = EventSpec::at("Theirs", "Europe/Berlin", wall, 60)
        .id("theirs")
        .organizer("mo@example.com", "Mo")
        .guest(ANA, "Ana", "needsAction")
        .guest("li@example.com", "Li", "accepted");
    session
        .control
        .add_event(ANA, "primary", spec)
        .expect("ana");
    let path = format!("{EVENTS}/theirs");
    let answer = json!({"attendeesOmitted": true,
        "attendees": [{"email": ANA, "responseStatus": "accepted"}]});
    let answered = write(&session, Method::PATCH, &path, None, answer).await;
    assert_eq!(answered.status, 200);
    assert_eq!(answered.body["attendees"].as_array().map(Vec::len), Some(2));
    assert_eq!(answered.body["attendees"][0]["responseStatus"], "accepted");
    let private = json!({"colorId": "3", "reminders": {"useDefault": false}});
    assert_eq!(
        write(&session, Method::PATCH, &path, None, private)
            .await
            .status,
        200
    );
    let moved =
        json!({"end": {"dateTime": "2026-11-26T12:00:00+01:00", "timeZone": "Europe/Berlin"}});
    let refused = write(&session, Method::PATCH, &path, None, moved).await;
    assert_eq!(
        (refused.status, refused.reason()),
        (403, "forbiddenForNonOrganizer")
    );
    let replaced = write(&session, Method::PUT, &path, None, timed(json!({}))).await;
    assert_eq!(
        replaced.reason(),
        "forbiddenForNonOrganizer",
        "a PUT drops the guests"
    );
}

#[tokio::test]
async fn mails_are_sent_only_when_asked_for() {
    let session = Session::small().await;
    let guests =
        json!([{"email": ANA}, {"email": "li@example.com"}, {"email": "out@elsewhere.test"}]);
    let body = |id: &str| timed(json!({"id": id, "attendees": guests}));
    session.post(EVENTS, body("quiet")).await;
    session
        .post(&format!("{EVENTS}?sendUpdates=none"), body("quiet2"))
        .await;
    assert!(session.control.mails().is_empty());
    session
        .post(&format!("{EVENTS}?sendUpdates=all"), body("aloud"))
        .await;
    let to = |n: usize| {
        session.control.mails()[n..]
            .iter()
            .map(|mail| mail.to.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        to(0),
        ["li@example.com", "out@elsewhere.test"],
        "not to oneself"
    );
    let path = format!("{EVENTS}/aloud?sendUpdates=externalOnly");
    write(
        &session,
        Method::PATCH,
        &path,
        None,
        json!({"summary": "x"}),
    )
    .await;
    assert_eq!(to(2), ["out@elsewhere.test"]);
    write(
        &session,
        Method::DELETE,
        &format!("{EVENTS}/aloud?sendUpdates=all"),
        None,
        Value::Null,
    )
    .await;
    assert_eq!(session.control.mails()[3].subject, "cancellation");
    assert_eq!(session.control.mails().len(), 5);
}

#[tokio::test]
async fn roles_and_calendars_limit_writes_and_moves() {
    let session = Session::small().await;
    let studio = session
        .post("calendars/studio%40example.com/events", timed(json!({})))
        .await;
    assert_eq!(
        (studio.status, studio.reason()),
        (403, "requiredAccessLevel")
    );
    let made = session.post(EVENTS, timed(json!({"id": "mover"}))).await;
    let team = TEAM.replace('@', "%40");
    let path = format!("{EVENTS}/mover/move?destination={team}");
    let stale = write(&session, Method::POST, &path, Some("\"1\""), Value::Null).await;
    assert_eq!(stale.status, 412);
    let moved = write(
        &session,
        Method::POST,
        &path,
        made.etag.as_deref(),
        Value::Null,
    )
    .await;
    assert_eq!(moved.status, 200);
    assert_eq!(moved.body["organizer"]["email"], TEAM);
    assert_eq!(
        session.get(&format!("{EVENTS}/mover")).await.body["status"],
        "cancelled"
    );
    assert_eq!(
        session
            .get(&format!("calendars/{team}/events/mover"))
            .await
            .status,
        200
    );
    session
        .control
        .set_access_role(ANA, TEAM, AccessRole::Reader)
        .expect("team");
    let path = format!("calendars/{team}/events/mover");
    assert_eq!(
        write(&session, Method::DELETE, &path, None, Value::Null)
            .await
            .status,
        403
    );
}

/// Who was mailed, and what, from the `n`th mail on.
fn mailed(session: &Session, n: usize) -> Vec<(String, String)> {
    let mails = session.control.mails();
    let rest = mails.into_iter().skip(n);
    rest.map(|mail| (mail.to, mail.subject)).collect()
}

#[tokio::test]
async fn each_guest_is_told_what_concerns_them() {
    let session = Session::small().await;
    let pair = |to: &str, subject: &str| (to.to_owned(), subject.to_owned());
    let guests =
        |emails: &[&str]| -> Value { emails.iter().map(|it| json!({"email": it})).collect() };
    let body =
        timed(json!({"id": "feast", "attendees": guests(&["li@example.com", "mo@example.com"])}));
    session
        .post(&format!("{EVENTS}?sendUpdates=all"), body)
        .await;
    let path = format!("{EVENTS}/feast?sendUpdates=all");
    let change = json!({"attendees": [{"email": "mo@example.com"}, {"email": "new@example.com"},
        {"email": "room@example.com", "resource": true}]});
    write(&session, Method::PATCH, &path, None, change).await;
    assert_eq!(
        mailed(&session, 2),
        [
            pair("mo@example.com", "update"),
            pair("new@example.com", "invitation"),
            pair("li@example.com", "cancellation"),
        ],
        "who was taken out is told, and a room reads no mail"
    );

    // A guest who answers tells the organiser and nobody else.
    let wall: NaiveDateTime = "2026-11-26T10:00:00".parse().expect("a wall time");
    let spec = EventSpec::at("Theirs", "Europe/Berlin", wall, 60)
        .id("theirs")
        .organizer("mo@example.com", "Mo")
        .guest(ANA, "Ana", "needsAction")
        .guest("li@example.com", "Li", "accepted");
    session
        .control
        .add_event(ANA, "primary", spec)
        .expect("ana");
    let answer = json!({"attendeesOmitted": true,
        "attendees": [{"email": ANA, "responseStatus": "accepted"}]});
    let path = format!("{EVENTS}/theirs?sendUpdates=all");
    write(&session, Method::PATCH, &path, None, answer).await;
    assert_eq!(mailed(&session, 5), [pair("mo@example.com", "answer")]);
}

#[tokio::test]
async fn a_series_moves_with_its_exceptions() {
    let session = Session::small().await;
    let rule = json!({"id": "serie", "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4"]});
    session.post(EVENTS, timed(rule)).await;
    let second = format!("{EVENTS}/serie_20261202T090000Z");
    write(
        &session,
        Method::PATCH,
        &second,
        None,
        json!({"summary": "Other"}),
    )
    .await;
    let third = format!("{EVENTS}/serie_20261209T090000Z");
    write(&session, Method::DELETE, &third, None, Value::Null).await;
    let team = TEAM.replace('@', "%40");
    let path = format!("{EVENTS}/serie/move?destination={team}");
    assert_eq!(
        write(&session, Method::POST, &path, None, Value::Null)
            .await
            .status,
        200
    );
    let there = session
        .get(&format!("calendars/{team}/events/serie/instances"))
        .await;
    assert_eq!(there.all("summary"), ["Written", "Other", "Written"]);
    let here = session.get(&format!("{EVENTS}/serie/instances")).await;
    assert!(here.items().is_empty(), "nothing of it stays");
}

#[tokio::test]
async fn a_slot_is_found_by_where_it_began() {
    let session = Session::small().await;
    let rule = json!({"id": "serie", "recurrence": ["RRULE:FREQ=WEEKLY"]});
    session.post(EVENTS, timed(rule)).await;
    let days = json!({"id": "dates", "summary": "Days", "recurrence": ["RRULE:FREQ=DAILY"],
        "start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}});
    session.post(EVENTS, days).await;
    let off = format!("{EVENTS}/serie_20261202T090000Z");
    write(&session, Method::DELETE, &off, None, Value::Null).await;
    // series, what is asked for, the ids that are found
    let cases = [
        (
            "serie",
            "2026-12-09T09:00:00Z",
            vec!["serie_20261209T090000Z"],
        ),
        (
            "serie",
            "2026-12-09T10:00:00%2B01:00",
            vec!["serie_20261209T090000Z"],
        ),
        ("serie", "2026-12-09T09:30:00Z", vec![]),
        ("serie", "2026-12-02T09:00:00Z", vec![]),
        (
            "serie",
            "2026-12-02T09:00:00Z&showDeleted=true",
            vec!["serie_20261202T090000Z"],
        ),
        // Summer: the wall clock stays. Years ahead, where no listing reaches.
        (
            "serie",
            "2037-06-10T08:00:00Z",
            vec!["serie_20370610T080000Z"],
        ),
        ("dates", "2026-12-24", vec!["dates_20261224"]),
        ("dates", "2026-11-24", vec![]),
    ];
    for (series, slot, ids) in cases {
        let path = format!("{EVENTS}/{series}/instances?originalStart={slot}");
        assert_eq!(session.get(&path).await.all("id"), ids, "{slot}");
    }
}

#[tokio::test]
async fn what_was_made_is_counted_and_all_there_is_can_be_read() {
    let session = Session::small().await;
    let control = &session.control;
    let before = control.events(ANA, "primary").len();
    control.fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropAfter));
    let body = timed(json!({"id": "once0", "attendees": [{"email": "li@example.com"}]}));
    let lost = session
        .request(Method::POST, EVENTS)
        .json(&body)
        .send()
        .await;
    assert!(lost.is_err());
    assert_eq!(session.post(EVENTS, body.clone()).await.status, 409);
    control.fault(Fault::once(Endpoint::EventsWrite, FaultKind::DropBefore));
    let never = timed(json!({"id": "never"}));
    assert!(
        session
            .request(Method::POST, EVENTS)
            .json(&never)
            .send()
            .await
            .is_err()
    );
    assert_eq!(control.creates(), [(ANA.to_owned(), "once0".to_owned())]);

    let read = session.get(&format!("{EVENTS}/once0")).await;
    control
        .answer(ANA, "primary", "once0", "li@example.com", "declined")
        .expect("it is there");
    let path = format!("{EVENTS}/once0");
    let stale = write(
        &session,
        Method::PATCH,
        &path,
        read.etag.as_deref(),
        json!({}),
    )
    .await;
    assert_eq!(stale.status, 412, "an answer makes another version");
    let now = session.get(&path).await;
    assert_eq!(now.body["attendees"][0]["responseStatus"], "declined");
    write(&session, Method::DELETE, &path, None, Value::Null).await;
    let all = control.events(ANA, "primary");
    assert_eq!(all.len(), before + 1);
    let gone = all
        .iter()
        .find(|event| event["id"] == "once0")
        .expect("also what is deleted");
    assert_eq!(gone["status"], "cancelled");
    assert!(gone["etag"].is_string());
}
