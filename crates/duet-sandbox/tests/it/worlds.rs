//! The ready-made worlds: sizes, determinism, and that the small one looks alive.

use std::collections::BTreeSet;

use duet_sandbox::{World, scopes};
use serde_json::Value;

use crate::support::{ANA, BEN, Session, today};

async fn week(session: &Session, calendar: &str) -> Vec<Value> {
    let path = format!(
        "calendars/{calendar}/events?singleEvents=true&orderBy=startTime&maxResults=2500\
         &timeMin=2026-11-23T00:00:00Z&timeMax=2026-11-30T00:00:00Z"
    );
    session.get(&path).await.items().to_vec()
}

#[tokio::test]
async fn the_small_world_shows_every_kind_in_the_week_of_its_day() {
    let session = Session::small().await;
    let week = week(&session, "primary").await;
    assert!(week.len() >= 15, "a full week, not {}", week.len());
    let has = |name: &str, test: &dyn Fn(&Value) -> bool| {
        assert!(week.iter().any(test), "the week shows {name}");
    };
    let reply = |event: &Value, answer: &str| {
        event["attendees"].as_array().is_some_and(|guests| {
            guests
                .iter()
                .any(|guest| guest["self"] == true && guest["responseStatus"] == answer)
        })
    };
    has("an all-day event", &|event| {
        event["start"]["date"].is_string()
    });
    has("a declined one", &|event| reply(event, "declined"));
    has("an unanswered one", &|event| reply(event, "needsAction"));
    has("a tentative one", &|event| event["status"] == "tentative");
    has("a transparent one", &|event| {
        event["transparency"] == "transparent"
    });
    has("focus time", &|event| event["eventType"] == "focusTime");
    has("a working location", &|event| {
        event["eventType"] == "workingLocation"
    });
    has("a birthday", &|event| event["eventType"] == "birthday");
    has("a private one", &|event| event["visibility"] == "private");
    has("an exception", &|event| {
        event["summary"] == "Stand-up (later today)"
    });
    has("a video link", &|event| event["conferenceData"].is_object());
    let titles: BTreeSet<_> = week
        .iter()
        .filter_map(|event| event["summary"].as_str())
        .collect();
    for title in [
        "Design review",
        "Focus time",
        "1:1 with Ben",
        "Board numbers due",
    ] {
        assert!(titles.contains(title), "{title} is in the week: {titles:?}");
    }
}

#[test]
fn the_small_world_is_whole_on_every_weekday_and_around_the_year() {
    let size = World::small(today()).event_count();
    assert!(size > 60, "{size} events and exceptions");
    for days in (0..400).step_by(5) {
        let world = World::small(today() + chrono::Days::new(days));
        assert_eq!(world.emails(), [ANA, BEN]);
        assert_eq!(world.event_count(), size, "built whole {days} days on");
    }
}

#[test]
fn large_worlds_have_their_size_and_repeat_by_seed() {
    let large = World::large(1);
    assert_eq!(large.event_count(), 50_000);
    assert_eq!(large.calendar_ids(ANA).len(), 50);
    assert_eq!(World::many_calendars(50, 90, 1).calendar_ids(ANA).len(), 50);
}

#[tokio::test]
async fn a_large_world_is_mixed_like_a_real_one_and_paged_whole() {
    let session = Session::of(World::of_size(1, 3000, 700, 5), &[scopes::CALENDAR]).await;
    let mut items = Vec::new();
    let mut token = String::new();
    for size in [7, 1000, 2500] {
        let page = session
            .get(&format!(
                "calendars/primary/events?maxResults={size}{token}"
            ))
            .await;
        items.extend(page.items().to_vec());
        if let Some(next) = page.body["nextPageToken"].as_str() {
            token = format!("&pageToken={}", next.replace('=', "%3D"));
        } else {
            assert!(page.body["nextSyncToken"].is_string(), "the last page");
        }
    }
    let ids: BTreeSet<_> = items.iter().map(|event| event["id"].as_str()).collect();
    assert_eq!((items.len(), ids.len()), (3000, 3000), "each once");
    let share = |name: &str, test: &dyn Fn(&Value) -> bool, percent: std::ops::Range<usize>| {
        let found = items.iter().filter(|event| test(event)).count() * 100 / items.len();
        assert!(percent.contains(&found), "{found} % are {name}");
    };
    share("series", &|event| event["recurrence"].is_array(), 12..18);
    share(
        "exceptions",
        &|event| event["recurringEventId"].is_string(),
        10..18,
    );
    share("cancelled", &|event| event["status"] == "cancelled", 2..8);
    share(
        "of whole days",
        &|event| event["start"]["date"].is_string(),
        4..9,
    );
    share(
        "with guests",
        &|event| event["attendees"].is_array(),
        25..45,
    );
}

#[tokio::test]
async fn a_seed_makes_the_same_events_and_another_seed_others() {
    let ids = async |seed: u64| {
        let session = Session::of(World::of_size(2, 200, 90, seed), &[scopes::CALENDAR]).await;
        let list = session
            .get("calendars/primary/events?maxResults=2500")
            .await;
        list.items()
            .iter()
            .map(|event| format!("{}{}", event["id"], event["start"]))
            .collect::<Vec<_>>()
    };
    let (first, again, other) = (ids(1).await, ids(1).await, ids(2).await);
    assert_eq!(first.len(), 200);
    assert_eq!(first, again);
    assert_ne!(first, other);
}

#[tokio::test]
async fn sixty_hostile_payloads_reach_the_client_unchanged() {
    let payloads = World::hostile_payloads();
    assert_eq!(payloads.iter().collect::<BTreeSet<_>>().len(), 60);
    let session = Session::of(World::hostile(), &[scopes::CALENDAR]).await;
    let mut seen = BTreeSet::new();
    let calendars = session.get("users/me/calendarList?maxResults=250").await;
    assert_eq!(calendars.items().len(), 21);
    for id in calendars.all("id") {
        let events = session
            .get(&format!("calendars/{}/events", crate::support::segment(id)))
            .await;
        for event in events.items() {
            for field in ["summary", "description", "location"] {
                assert_eq!(
                    event[field], event["summary"],
                    "the same payload in {field}"
                );
            }
            seen.insert(event["summary"].as_str().expect("a title").to_owned());
        }
    }
    assert_eq!(seen, payloads.into_iter().collect());
}
