//! Reading events: pages, sync tokens, both ways of expanding, what each role sees.

use chrono::NaiveDateTime;
use duet_sandbox::{AccessRole, EventSpec, World, scopes};
use serde_json::{Value, json};

use crate::support::{ANA, Answer, Session};

const EVENTS: &str = "calendars/primary/events";

fn wall(text: &str) -> NaiveDateTime {
    text.parse().expect("a wall time")
}

/// A daily series of five in Berlin with one moved and one deleted occurrence, and a single event.
async fn series() -> Session {
    let mut world = World::empty("2026-03-20T08:00:00Z".parse().expect("an instant"), 1);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    let nine = wall("2026-03-27T09:00:00");
    let specs = [
        EventSpec::at("Daily", "Europe/Berlin", nine, 30)
            .id("daily")
            .repeat("RRULE:FREQ=DAILY;COUNT=5"),
        EventSpec::exception("daily", wall("2026-03-28T09:00:00"))
            .moved_to("Europe/Berlin", wall("2026-03-28T15:00:00"), 30)
            .title("Moved"),
        EventSpec::cancelled("daily", wall("2026-03-30T09:00:00")),
        EventSpec::at("Single", "Europe/Berlin", wall("2026-04-10T12:00:00"), 60).id("single"),
    ];
    for spec in specs {
        world.add_event(ANA, spec).expect("ana's calendar");
    }
    Session::of(world, &[scopes::CALENDAR]).await
}

fn escape(token: &Value) -> String {
    token.as_str().expect("a token").replace('=', "%3D")
}

async fn changes(session: &Session, token: &str) -> Answer {
    session.get(&format!("{EVENTS}?syncToken={token}")).await
}

#[tokio::test]
async fn masters_with_exceptions_or_occurrences_alone() {
    let session = series().await;
    let masters = session.get(EVENTS).await;
    assert_eq!(
        masters.all("id"),
        [
            "daily",
            "daily_20260328T080000Z",
            "daily_20260330T070000Z",
            "single"
        ]
    );
    let hole = &masters.items()[2];
    assert_eq!(
        hole["status"], "cancelled",
        "a deleted occurrence is told without asking"
    );
    assert!(
        hole["start"].is_null() && hole["summary"].is_null(),
        "and is bare"
    );
    assert_eq!(
        hole["originalStartTime"]["dateTime"],
        "2026-03-30T09:00:00+02:00"
    );
    assert_eq!(masters.items()[1]["recurringEventId"], "daily");

    let single = session
        .get(&format!("{EVENTS}?singleEvents=true&orderBy=startTime"))
        .await;
    assert_eq!(
        single.all("id"),
        [
            "daily_20260327T080000Z",
            "daily_20260328T080000Z",
            "daily_20260329T070000Z", // the clock changed
            "daily_20260331T070000Z",
            "single"
        ]
    );
    assert_eq!(
        single.all("summary"),
        ["Daily", "Moved", "Daily", "Daily", "Single"]
    );
    assert!(
        single
            .items()
            .iter()
            .all(|event| event["recurrence"].is_null())
    );
    assert!(
        single.body["nextSyncToken"].is_null(),
        "an ordered list ends without a token"
    );

    let window = "timeMin=2026-03-28T13:00:00Z&timeMax=2026-03-29T08:00:00Z&singleEvents=true";
    let inside = session.get(&format!("{EVENTS}?{window}")).await;
    assert_eq!(
        inside.all("id"),
        ["daily_20260328T080000Z", "daily_20260329T070000Z"]
    );
    let edge = "timeMin=2026-03-27T08:30:00Z&timeMax=2026-03-28T14:00:00Z&singleEvents=true";
    assert!(
        session
            .get(&format!("{EVENTS}?{edge}"))
            .await
            .items()
            .is_empty(),
        "both exclusive"
    );
    let masters = session
        .get(&format!("{EVENTS}?timeMax=2026-04-01T00:00:00Z"))
        .await;
    assert!(!masters.all("id").contains(&"single"));
}

#[tokio::test]
async fn occurrences_are_found_by_get_and_by_instances() {
    let session = series().await;
    let got = session
        .get(&format!("{EVENTS}/daily_20260329T070000Z"))
        .await;
    assert_eq!(got.body["start"]["dateTime"], "2026-03-29T09:00:00+02:00");
    assert_eq!(got.body["start"]["timeZone"], "Europe/Berlin");
    for wrong in [
        "daily_20260329T080000Z",
        "daily_x",
        "single_20260410T100000Z",
        "none",
    ] {
        assert_eq!(
            session.get(&format!("{EVENTS}/{wrong}")).await.status,
            404,
            "{wrong}"
        );
    }
    let instances = session.get(&format!("{EVENTS}/daily/instances")).await;
    assert_eq!(instances.items().len(), 4);
    let all = session
        .get(&format!("{EVENTS}/daily/instances?showDeleted=true"))
        .await;
    assert_eq!(all.items().len(), 5);
    let moved = session
        .get(&format!(
            "{EVENTS}/daily/instances?originalStart=2026-03-28T08:00:00Z"
        ))
        .await;
    assert_eq!(moved.all("summary"), ["Moved"]);
    let none = session
        .get(&format!("{EVENTS}/daily_20260329T070000Z/instances"))
        .await;
    assert_eq!(
        (none.status, none.items().len()),
        (200, 0),
        "on an occurrence: nothing, no error"
    );
    let etag = got.etag.expect("an etag");
    let unchanged = session
        .request(
            reqwest::Method::GET,
            &format!("{EVENTS}/daily_20260329T070000Z"),
        )
        .header("if-none-match", etag);
    assert_eq!(crate::support::send(unchanged).await.status, 304);
}

#[tokio::test]
async fn pages_cover_everything_once_and_only_the_last_has_the_sync_token() {
    let session = Session::of(World::of_size(1, 1000, 60, 3), &[scopes::CALENDAR]).await;
    let mut seen = std::collections::BTreeSet::new();
    let mut token = String::new();
    let mut pages = 0;
    loop {
        let page = session
            .get(&format!("{EVENTS}?maxResults=150{token}"))
            .await;
        pages += 1;
        for id in page.all("id") {
            assert!(seen.insert(id.to_owned()), "{id} came twice");
        }
        if page.body["nextPageToken"].is_null() {
            assert!(page.body["nextSyncToken"].is_string());
            break;
        }
        assert!(
            page.body["nextSyncToken"].is_null(),
            "not before the last page"
        );
        token = format!("&pageToken={}", escape(&page.body["nextPageToken"]));
    }
    assert_eq!((pages, seen.len()), (7, 1000));
}

#[tokio::test]
async fn changes_during_paging_are_told_by_the_token_it_ends_with() {
    let session = Session::of(World::of_size(1, 400, 60, 3), &[scopes::CALENDAR]).await;
    let first = session.get(EVENTS).await;
    let early = first.all("id")[0].to_owned();
    session
        .control
        .update_event(ANA, "primary", &early, json!({"summary": "x"}))
        .expect("there");
    let next = escape(&first.body["nextPageToken"]);
    let last = session.get(&format!("{EVENTS}?pageToken={next}")).await;
    let token = escape(&last.body["nextSyncToken"]);
    assert_eq!(changes(&session, &token).await.all("id"), [early.as_str()]);
}

#[tokio::test]
async fn a_sync_token_tells_additions_edits_and_deletions() {
    let session = series().await;
    let control = &session.control;
    let token = escape(&session.get(EVENTS).await.body["nextSyncToken"]);
    assert!(changes(&session, &token).await.items().is_empty());

    let spec = EventSpec::at("New", "Europe/Berlin", wall("2026-04-01T10:00:00"), 60).id("newone");
    control.add_event(ANA, "primary", spec).expect("ana");
    control
        .remove_event(ANA, "primary", "single")
        .expect("there");
    control
        .update_event(ANA, "primary", "daily", json!({"summary": "Other"}))
        .expect("there");
    control
        .remove_event(ANA, "primary", "daily_20260331T070000Z")
        .expect("an occurrence");
    let delta = changes(&session, &token).await;
    assert_eq!(
        delta.all("id"),
        ["daily", "daily_20260331T070000Z", "newone", "single"]
    );
    assert_eq!(
        delta.all("status"),
        ["confirmed", "cancelled", "confirmed", "cancelled"]
    );

    let token = escape(&delta.body["nextSyncToken"]);
    control
        .remove_event(ANA, "primary", "daily")
        .expect("there");
    let delta = changes(&session, &token).await;
    assert!(
        delta
            .all("status")
            .iter()
            .all(|status| *status == "cancelled")
    );
    let master = delta
        .items()
        .iter()
        .find(|item| item["id"] == "daily")
        .expect("the series");
    assert!(
        master["recurrence"].is_null(),
        "a cancelled master comes without its rule"
    );
    assert!(
        session.get(EVENTS).await.all("id") == ["newone"],
        "its exceptions are gone too"
    );
}

#[tokio::test]
async fn sync_tokens_and_parameters_that_cannot_go_together() {
    let session = series().await;
    let token = escape(&session.get(EVENTS).await.body["nextSyncToken"]);
    let forbidden = [
        "iCalUID=x",
        "orderBy=updated",
        "privateExtendedProperty=a%3Db",
        "q=x",
        "sharedExtendedProperty=a%3Db",
        "timeMin=2026-03-27T00:00:00Z",
        "timeMax=2026-03-27T00:00:00Z",
        "updatedMin=2026-03-20T00:00:00Z",
        "showDeleted=false",
    ];
    for parameter in forbidden {
        let answer = session
            .get(&format!("{EVENTS}?syncToken={token}&{parameter}"))
            .await;
        assert_eq!(answer.status, 400, "{parameter}");
    }
    let other = session
        .get(&format!("{EVENTS}?syncToken={token}&singleEvents=true"))
        .await;
    assert_eq!(other.body["error"]["message"], "Invalid sync token value.");
    let bounded = session
        .get(&format!("{EVENTS}?timeMin=2026-03-27T00:00:00Z"))
        .await;
    assert!(
        bounded.body["nextSyncToken"].is_string(),
        "a bounded first read gives one as well"
    );

    session.control.expire_sync_tokens(ANA).expect("ana");
    let gone = changes(&session, &token).await;
    assert_eq!((gone.status, gone.reason()), (410, "fullSyncRequired"));
    let fresh = escape(&session.get(EVENTS).await.body["nextSyncToken"]);
    assert_eq!(changes(&session, &fresh).await.status, 200);
    let old = session
        .get(&format!("{EVENTS}?updatedMin=2025-01-01T00:00:00Z"))
        .await;
    assert_eq!((old.status, old.reason()), (410, "updatedMinTooLongAgo"));
    let another = Session::of(World::small(crate::support::today()), &[scopes::CALENDAR]).await;
    assert_eq!(
        changes(&another, &fresh).await.status,
        410,
        "a token of another world"
    );
}

#[tokio::test]
async fn bad_parameters() {
    let session = series().await;
    let cases = [
        ("orderBy=startTime", "badRequest"),
        ("orderBy=size", "invalidParameter"),
        ("maxResults=0", "invalidParameter"),
        ("maxResults=x", "invalidParameter"),
        ("timeMin=2026-03-27", "badRequest"),
        ("timeMin=2026-03-27T10:00:00", "badRequest"),
        (
            "timeMin=2026-03-28T00:00:00Z&timeMax=2026-03-27T00:00:00Z",
            "timeRangeEmpty",
        ),
        ("pageToken=garbage", "invalidParameter"),
        ("timeZone=Mars/Olympus", "invalidParameter"),
    ];
    for (query, reason) in cases {
        let answer = session.get(&format!("{EVENTS}?{query}")).await;
        assert_eq!((answer.status, answer.reason()), (400, reason), "{query}");
    }
    assert_eq!(
        session
            .get("calendars/nobody%40example.com/events")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn filters_by_word_type_and_property() {
    let session = series().await;
    let spec = EventSpec::at("Offsite in Łódź", "UTC", wall("2026-04-02T09:00:00"), 60)
        .id("marked")
        .field("extendedProperties", json!({"private": {"duet_id": "7"}}))
        .kind("focusTime");
    session
        .control
        .add_event(ANA, "primary", spec)
        .expect("ana");
    for query in [
        "q=%C5%82%C3%B3d%C5%BA",
        "eventTypes=focusTime",
        "privateExtendedProperty=duet_id%3D7",
    ] {
        let answer = session.get(&format!("{EVENTS}?{query}")).await;
        assert_eq!(answer.all("id"), ["marked"], "{query}");
    }
    let none = session
        .get(&format!("{EVENTS}?privateExtendedProperty=duet_id%3D8"))
        .await;
    assert!(none.items().is_empty());
}

#[tokio::test]
async fn a_role_or_a_scope_that_gives_times_alone_hides_the_rest() {
    let session = Session::small().await;
    let title = |answer: &Answer| {
        answer
            .items()
            .iter()
            .any(|event| event["summary"].is_string())
    };
    let studio = session.get("calendars/studio%40example.com/events").await;
    assert!(
        !studio.items().is_empty() && !title(&studio),
        "freeBusyReader"
    );
    assert_eq!(studio.body["accessRole"], "freeBusyReader");
    assert!(studio.items()[0]["start"]["dateTime"].is_string());

    session
        .control
        .set_access_role(ANA, ANA, AccessRole::Reader)
        .expect("ana's own calendar");
    let all = session.get(&format!("{EVENTS}?maxResults=2500")).await;
    let private: Vec<_> = all
        .items()
        .iter()
        .filter(|event| event["visibility"] == "private")
        .collect();
    assert!(!private.is_empty() && private.iter().all(|event| event["summary"].is_null()));
    assert!(title(&all), "the others keep their titles");

    let times = [scopes::EVENTS_FREEBUSY];
    let session = Session::of(World::small(crate::support::today()), &times).await;
    assert!(!title(&session.get(EVENTS).await), "by scope");
}

#[tokio::test]
async fn self_marks_the_calendar_and_not_the_person() {
    let session = Session::small().await;
    let team = "c_team_berlin@group.calendar.google.com";
    let spec = |id: &str| {
        EventSpec::at("Both", "UTC", wall("2026-11-25T10:00:00"), 30)
            .id(id)
            .guest(ANA, "Ana", "declined")
    };
    session
        .control
        .add_event(ANA, "primary", spec("onprimary"))
        .expect("ana");
    session
        .control
        .add_event(ANA, team, spec("onteam"))
        .expect("team");
    let primary = session.get(&format!("{EVENTS}/onprimary")).await;
    assert_eq!(primary.body["attendees"][0]["self"], true);
    assert_eq!(primary.body["organizer"]["self"], true);
    let team = session
        .get("calendars/c_team_berlin%40group.calendar.google.com/events/onteam")
        .await;
    assert!(
        team.body["attendees"][0]["self"].is_null(),
        "absent on a secondary calendar"
    );
}
