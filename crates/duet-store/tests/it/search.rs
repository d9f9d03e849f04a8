//! Searching: words, beginnings, accents, nearest first, on shown calendars, and hostile input.

use chrono::NaiveDate;
use duet_model::event::{Event, EventStatus, EventTime, Person};
use duet_store::OccurrenceTime;

use crate::common::*;
use crate::events::{event, hours};

#[tokio::test]
async fn words_of_title_place_and_people_are_found() {
    let world = World::new().await;
    let choir = Event {
        location: Some("Gewandhaus, Großer Saal".into()),
        organizer: Some(Person {
            email: Some("zoé.müller@example.com".into()),
            name: Some("Zoé Müller".into()),
        }),
        ..event("a", "Chor-Probe à deux", 1)
    };
    world.put(&[choir, event("b", "Zahnarzt", 2)]).await;
    let cases = [
        ("chor", true),
        ("CHO", true),
        ("probe", true),
        ("a deux", true),
        ("muller", true),
        ("Müller gewand", true),
        ("zoe.muller@example", true),
        ("saal chor", true),
        ("großer", true),
        ("hor", false),
        ("chor zahnarzt", false),
        ("", false),
        ("  \u{0}\t ", false),
        ("- ! * \"", false),
        ("chor -", true),
    ];
    for (text, expect) in cases {
        let found = world
            .found(text)
            .await
            .contains(&"Chor-Probe à deux".to_owned());
        assert_eq!(found, expect, "{text:?}");
    }
}

#[tokio::test]
async fn nothing_that_is_typed_is_an_operator_or_an_error() {
    let world = World::new().await;
    world
        .put(&[event("a", "Chor", 1), event("b", "NEAR title AND", 2)])
        .await;
    for text in [
        "title:chor",
        "chor OR x",
        "NOT chor",
        "chor*",
        "\"chor",
        "chor\"",
        "^chor",
        "(chor",
        "chor)",
        "a + b",
        "NEAR(chor x)",
        "{title}: x",
        "'; DROP TABLE settings; --",
        "chor\u{0}x",
        "\u{301}",
        "é\u{301}",
        "💥",
        "\u{202e}chor",
        "%",
        "_",
        "\\",
        "-chor",
    ] {
        world.found(text).await;
    }
    let long = "wort ".repeat(10_000);
    world.found(&long).await;
    world.found(&"x".repeat(1_000_000)).await;
    assert_eq!(
        world.found("near and").await,
        ["NEAR title AND"],
        "these are words like others"
    );
    assert_eq!(world.found("chor OR zahnarzt").await, [""; 0]);
}

#[tokio::test]
async fn the_nearest_comes_first_and_hidden_calendars_are_left_out() {
    let world = World::new().await;
    let past = NaiveDate::from_ymd_opt(2001, 1, 1).unwrap();
    let all = [
        event("weekly", "x weekly", -9000),
        event("soon", "x soon", 3),
        event("just", "x just", -1),
        event("far", "x far", 5000),
        Event {
            start: EventTime::Date(past),
            end: EventTime::Date(past),
            ..event("past", "x past", 0)
        },
        Event {
            status: EventStatus::Cancelled,
            ..event("cancelled", "x cancelled", 1)
        },
    ];
    world.put(&all).await;
    let weekly = world.key("weekly").await;
    let soon = world.key("soon").await;
    let today = OccurrenceTime::Days {
        first: hour(0).date_naive(),
        until: hour(24).date_naive(),
    };
    world
        .occur(&[
            (weekly, hours(-166, -165)),
            (weekly, hours(2, 3)),
            (weekly, hours(170, 171)),
            (soon, today),
        ])
        .await;
    assert_eq!(
        world.found("x").await,
        ["x soon", "x just", "x weekly", "x far", "x past"],
        "by the nearest occurrence, and by the start where none is stored"
    );
    let mut snapshot = world.store.read().await.unwrap();
    let hits = snapshot.search("x", 4, hour(0)).await.unwrap();
    assert_eq!(hits.len(), 4);
    assert_eq!(
        (hits[0].event, hits[0].nearest),
        (soon, Some(today)),
        "a whole day stays one"
    );
    assert_eq!(hits[1].nearest, None);
    assert_eq!(hits[2].nearest, Some(hours(2, 3)));
    drop(snapshot);

    let mut tx = world.store.write().await.unwrap();
    tx.set_switches(world.calendar, Some(false), None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(world.stored("weekly").await.is_some(), "it still counts");
    assert_eq!(world.found("x").await, [""; 0]);
}

#[tokio::test]
async fn what_changes_is_found_by_what_it_says_now() {
    let world = World::new().await;
    world.put(&[event("a", "Chor", 1)]).await;
    world.put(&[event("a", "Orchester", 1)]).await;
    assert_eq!(world.found("chor").await, [""; 0]);
    assert_eq!(world.found("orchester").await, ["Orchester"]);
    world.remove("a").await;
    assert_eq!(world.found("orchester").await, [""; 0]);
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
}
