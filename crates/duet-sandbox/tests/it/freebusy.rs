//! The free/busy query: what counts, how it is merged and clipped, its limits and its errors.

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_sandbox::{AccessRole, EventSpec, World, scopes};
use serde_json::{Value, json};

use crate::support::{ANA, BEN, Session};

const FROM: &str = "2026-03-27T00:00:00Z";
const TO: &str = "2026-03-31T00:00:00Z";

fn wall(text: &str) -> NaiveDateTime {
    text.parse().expect("a wall time")
}

/// A session with one Berlin calendar that holds `events`.
async fn with(events: Vec<EventSpec>) -> Session {
    let mut world = World::empty("2026-03-27T08:00:00Z".parse().expect("an instant"), 1);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    for event in events {
        world.add_event(ANA, event).expect("ana's calendar");
    }
    Session::of(world, &[scopes::CALENDAR_READONLY]).await
}

async fn busy(session: &Session, from: &str, to: &str) -> Vec<(String, String)> {
    let answer = session.free_busy(from, to, &[ANA]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = |value: &Value| value.as_str().expect("a time").to_owned();
    answer.body["calendars"][ANA]["busy"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|block| (text(&block["start"]), text(&block["end"])))
        .collect()
}

fn at(start: &str, minutes: i64) -> EventSpec {
    EventSpec::at("x", "Europe/Berlin", wall(start), minutes)
}

#[tokio::test]
async fn what_counts_and_what_does_not() {
    let nine = "2026-03-27T09:00:00";
    let cases = [
        ("confirmed", at(nine, 60), 1),
        ("tentative", at(nine, 60).tentative(), 1),
        ("unanswered", at(nine, 60).guest(ANA, "", "needsAction"), 1),
        (
            "answered maybe",
            at(nine, 60).guest(ANA, "", "tentative"),
            1,
        ),
        ("declined", at(nine, 60).guest(ANA, "", "declined"), 0),
        (
            "declined by another",
            at(nine, 60).guest(BEN, "", "declined"),
            1,
        ),
        ("transparent", at(nine, 60).transparent(), 0),
        ("cancelled", at(nine, 60).field("status", "cancelled"), 0),
        ("out of office", at(nine, 60).kind("outOfOffice"), 1),
        ("focus time", at(nine, 60).kind("focusTime"), 1),
        ("working location", at(nine, 60).kind("workingLocation"), 0),
        (
            "birthday",
            EventSpec::all_day("x", wall(nine).date(), 1).kind("birthday"),
            0,
        ),
        ("private", at(nine, 60).private(), 1),
        ("all day", EventSpec::all_day("x", wall(nine).date(), 1), 1),
        ("of no length", at(nine, 0), 0),
    ];
    for (name, event, expected) in cases {
        let session = with(vec![event]).await;
        assert_eq!(busy(&session, FROM, TO).await.len(), expected, "{name}");
    }
}

#[tokio::test]
async fn blocks_are_merged_clipped_and_half_open() {
    let session = with(vec![
        at("2026-03-27T09:00:00", 60),
        at("2026-03-27T10:00:00", 60), // touches
        at("2026-03-27T10:30:00", 60), // overlaps
        at("2026-03-27T13:00:00", 60),
    ])
    .await;
    let pair = |a: &str, b: &str| (format!("2026-03-27T{a}:00Z"), format!("2026-03-27T{b}:00Z"));
    assert_eq!(
        busy(&session, FROM, TO).await,
        [pair("08:00", "10:30"), pair("12:00", "13:00")]
    );
    let clipped = busy(&session, "2026-03-27T10:00:00Z", "2026-03-27T12:30:00Z").await;
    assert_eq!(clipped, [pair("10:00", "10:30"), pair("12:00", "12:30")]);
    let between = busy(&session, "2026-03-27T10:30:00Z", "2026-03-27T12:00:00Z").await;
    assert_eq!(between, [], "ends are exclusive on both sides");
}

#[tokio::test]
async fn whole_days_and_series_follow_the_calendars_zone_over_a_clock_change() {
    // Berlin leaves winter time on 2026-03-29.
    let session = with(vec![
        EventSpec::all_day("x", wall("2026-03-29T00:00:00").date(), 1),
        at("2026-03-28T22:00:00", 30).repeat("RRULE:FREQ=DAILY;COUNT=3"),
    ])
    .await;
    let expected = [
        ("2026-03-28T21:00:00Z", "2026-03-28T21:30:00Z"),
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"), // 23 hours, with the evening inside
        ("2026-03-30T20:00:00Z", "2026-03-30T20:30:00Z"), // an hour earlier by UTC
    ];
    let got = busy(&session, FROM, TO).await;
    let got: Vec<_> = got.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(got, expected);
}

#[tokio::test]
async fn an_exception_stands_for_its_slot() {
    let session = with(vec![
        at("2026-03-27T09:00:00", 60)
            .id("series")
            .repeat("RRULE:FREQ=DAILY;COUNT=4"),
        EventSpec::exception("series", wall("2026-03-28T09:00:00")).moved_to(
            "Europe/Berlin",
            wall("2026-03-28T15:00:00"),
            30,
        ),
        EventSpec::cancelled("series", wall("2026-03-29T09:00:00")),
        EventSpec::exception("series", wall("2026-03-30T09:00:00")).transparent(),
    ])
    .await;
    let starts: Vec<_> = busy(&session, FROM, TO)
        .await
        .into_iter()
        .map(|(a, _)| a)
        .collect();
    assert_eq!(starts, ["2026-03-27T08:00:00Z", "2026-03-28T14:00:00Z"]);
}

#[tokio::test]
async fn limits_of_the_query() {
    let session = with(vec![]).await;
    let post = async |body: Value| session.post("freeBusy", body).await;
    let cases = [
        (json!({"timeMax": TO, "items": []}), "required"),
        (json!({"timeMin": FROM, "items": []}), "required"),
        (
            json!({"timeMin": FROM, "timeMax": FROM, "items": []}),
            "timeRangeEmpty",
        ),
        (
            json!({"timeMin": TO, "timeMax": FROM, "items": []}),
            "timeRangeEmpty",
        ),
        (
            json!({"timeMin": "2026-03-27", "timeMax": TO, "items": []}),
            "badRequest",
        ),
        (
            json!({"timeMin": FROM, "timeMax": "2026-07-05T00:00:00Z"}),
            "timeRangeTooLong",
        ),
        (
            json!({"timeMin": FROM, "timeMax": TO, "timeZone": "Mars/Olympus"}),
            "invalid",
        ),
    ];
    for (body, reason) in cases {
        let answer = post(body.clone()).await;
        assert_eq!((answer.status, answer.reason()), (400, reason), "{body}");
    }
    let longest = post(json!({"timeMin": FROM, "timeMax": "2026-06-27T00:00:00Z"})).await;
    assert_eq!(longest.status, 200, "92 days are answered");
    let many: Vec<Value> = (0..51).map(|n| json!({"id": format!("c{n}")})).collect();
    let answer = post(json!({"timeMin": FROM, "timeMax": TO, "items": many})).await;
    let reason = &answer.body["calendars"]["c0"]["errors"][0]["reason"];
    assert_eq!(reason, "tooManyCalendarsRequested");
}

#[tokio::test]
async fn errors_stay_with_their_calendar() {
    let session = Session::small().await;
    let control = &session.control;
    let (from, to) = ("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
    let holidays = "en.german#holiday@group.v.calendar.google.com";
    let studio = "studio@example.com";
    let choir = "c_choir@group.calendar.google.com";
    let ids = [ANA, holidays, studio, BEN, choir, "nobody@example.com"];
    let answer = session.free_busy(from, to, &ids).await;
    let calendars = &answer.body["calendars"];
    assert!(calendars[ANA]["errors"].is_null() && calendars[ANA]["busy"][0].is_object());
    assert_eq!(
        calendars[holidays]["errors"][0]["reason"], "notFound",
        "as holidays always do"
    );
    assert!(calendars[studio]["busy"][0].is_object(), "times are shared");
    assert!(
        calendars[BEN]["busy"][0].is_object(),
        "a colleague's times can be asked for"
    );
    assert_eq!(
        calendars[choir]["errors"][0]["reason"], "notFound",
        "not ana's to see"
    );
    assert_eq!(
        calendars["nobody@example.com"]["errors"][0]["reason"],
        "notFound"
    );

    control
        .freebusy_error(studio, Some("internalError"))
        .expect("studio");
    control.freebusy_absent(BEN, true).expect("ben");
    let answer = session.free_busy(from, to, &ids).await;
    assert_eq!(
        answer.body["calendars"][studio]["errors"][0]["reason"],
        "internalError"
    );
    assert!(
        answer.body["calendars"][BEN].is_null(),
        "missing altogether"
    );
    control.freebusy_error(studio, None).expect("studio");
    let answer = session.free_busy(from, to, &[studio]).await;
    assert!(answer.body["calendars"][studio]["errors"].is_null());
    control
        .set_access_role(ANA, studio, AccessRole::None)
        .expect("studio");
    let answer = session.free_busy(from, to, &[studio]).await;
    assert_eq!(
        answer.body["calendars"][studio]["errors"][0]["reason"],
        "notFound"
    );
}

#[tokio::test]
async fn the_answer_equals_a_minute_by_minute_look_at_the_expanded_events() {
    let session = Session::of(World::of_size(1, 400, 20, 7), &[scopes::CALENDAR_READONLY]).await;
    let (from, to) = ("2026-11-15T00:00:00Z", "2026-11-29T00:00:00Z");
    let parse = |text: &str| DateTime::parse_from_rfc3339(text).expect("a time").to_utc();
    let start = parse(from);
    let minute = |at: DateTime<Utc>| (at - start).num_minutes().clamp(0, 14 * 1440);
    let mut expected = vec![false; 14 * 1440];
    let list = session
        .get(&format!(
            "calendars/primary/events?singleEvents=true&maxResults=2500&timeZone=UTC\
             &timeMin={from}&timeMax={to}"
        ))
        .await;
    assert!(list.items().len() > 100 && list.body["nextPageToken"].is_null());
    for event in list.items() {
        let declined = event["attendees"].as_array().is_some_and(|guests| {
            guests
                .iter()
                .any(|guest| guest["self"] == true && guest["responseStatus"] == "declined")
        });
        if event["transparency"] == "transparent" || declined {
            continue;
        }
        // Whole days begin at midnight in Berlin, an hour before UTC's in November.
        let moment = |value: &Value| match value["date"].as_str() {
            Some(date) => parse(&format!("{date}T00:00:00+01:00")),
            None => parse(value["dateTime"].as_str().expect("a time")),
        };
        for at in minute(moment(&event["start"]))..minute(moment(&event["end"])) {
            expected[usize::try_from(at).expect("not negative")] = true;
        }
    }
    let mut got = vec![false; 14 * 1440];
    for (a, b) in busy(&session, from, to).await {
        for at in minute(parse(&a))..minute(parse(&b)) {
            got[usize::try_from(at).expect("not negative")] = true;
        }
    }
    assert!(got == expected, "free/busy and the events tell the same");
}
