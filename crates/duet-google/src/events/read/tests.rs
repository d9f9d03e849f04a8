//! Events as Google sends them and as it should not, one case a line.

use super::*;
use crate::events::caps::LINK_CAP;
use duet_model::event::EventTime;
use duet_model::zones::ZoneDb;
use proptest::prelude::*;
use serde_json::{Value, json};

const ME: &str = "ana@example.com";

fn item_of(json: &str) -> Item {
    let reader = Reader {
        me: ME,
        zones: &ZoneDb::bundled(),
    };
    reader.item(json, Some("Europe/Berlin"))
}

/// An ordinary event with some fields changed; null takes a field out.
fn with(changes: Value) -> Value {
    let mut event = json!({
        "id": "abc",
        "status": "confirmed",
        "summary": "Standup",
        "start": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-23T10:30:00+01:00", "timeZone": "Europe/Berlin"},
    });
    let Value::Object(changes) = changes else {
        panic!("fields: {changes}");
    };
    for (name, value) in changes {
        event[name] = value;
    }
    event
}

fn event(changes: Value) -> Event {
    let json = with(changes).to_string();
    match item_of(&json) {
        Item::Event { event, raw } => {
            if json.len() <= RAW_CAP {
                assert!(nothing_is_lost(&json, &raw), "{json}: {raw}");
            }
            *event
        }
        other => panic!("{json}: {other:?}"),
    }
}

/// What is kept beside the event is as it came, and only what the event has a field for is left out.
fn nothing_is_lost(json: &str, raw: &str) -> bool {
    let members = |text| serde_json::from_str::<serde_json::Map<String, Value>>(text).unwrap();
    let (came, kept) = (members(json), members(raw));
    let held = [
        "id",
        "etag",
        "iCalUID",
        "recurringEventId",
        "summary",
        "location",
        "description",
        "htmlLink",
        "start",
        "end",
        "originalStartTime",
        "recurrence",
        "updated",
        "status",
        "transparency",
        "visibility",
        "eventType",
    ];
    came.iter().all(|(name, value)| match kept.get(name) {
        Some(kept) => kept == value,
        None => held.contains(&name.as_str()),
    })
}

/// Why it is quarantined, or what it is else.
fn why(json: &str) -> String {
    match item_of(json) {
        Item::Quarantined { why, .. } => why,
        Item::Gone(id) => format!("gone {}", id.0),
        Item::Event { event, .. } => format!("event {}", event.id.0),
    }
}

#[test]
fn a_whole_event_as_google_documents_it() {
    let got = event(json!({
        "kind": "calendar#event",
        "etag": "\"3181161784712000\"",
        "iCalUID": "abc@google.com",
        "status": "tentative",
        "description": "<b>Bring</b> numbers",
        "location": "Room 4",
        "recurrence": ["RRULE:FREQ=WEEKLY", "EXDATE;TZID=Europe/Berlin:20261130T100000"],
        "transparency": "transparent",
        "visibility": "confidential",
        "eventType": "focusTime",
        "organizer": {"email": "bo@example.com", "displayName": "Bo", "self": false},
        "attendees": [
            {"email": "bo@example.com", "displayName": "Bo", "responseStatus": "accepted", "organizer": true},
            {"email": "Ana@Example.com", "responseStatus": "tentative", "optional": true},
            {"email": "room4@resource.calendar.google.com", "responseStatus": "accepted", "resource": true},
        ],
        "attendeesOmitted": true,
        "conferenceData": {"entryPoints": [
            {"entryPointType": "phone", "uri": "tel:+49-30-1"},
            {"entryPointType": "more", "uri": "https://tel.meet/abc"},
            {"entryPointType": "video", "uri": "https://meet.google.com/abc"},
        ]},
        "hangoutLink": "https://meet.google.com/old",
        "htmlLink": "https://www.google.com/calendar/event?eid=x",
        "updated": "2026-11-01T08:00:00.123Z",
        "reminders": {"useDefault": false, "overrides": [
            {"method": "popup", "minutes": 10},
            {"method": "smoke", "minutes": 5},
            {"method": "email", "minutes": 1440},
        ]},
        "sequence": 4,
        "futureField": [{"deep": []}],
    }));
    let guest = |email: &str, name: Option<&str>, response, me, optional, resource| Attendee {
        person: Person {
            email: Some(email.to_owned()),
            name: name.map(str::to_owned),
        },
        response,
        me,
        optional,
        resource,
    };
    let at = |text: &str| EventTime::At {
        at: text.parse().unwrap(),
        zone: Some("Europe/Berlin".into()),
    };
    let expect = Event {
        id: EventId("abc".into()),
        ical_uid: Some("abc@google.com".into()),
        etag: Some("\"3181161784712000\"".into()),
        status: EventStatus::Tentative,
        title: "Standup".into(),
        description: Some("<b>Bring</b> numbers".into()),
        location: Some("Room 4".into()),
        start: at("2026-11-23T09:00:00Z"),
        end: at("2026-11-23T09:30:00Z"),
        recurrence: vec![
            "RRULE:FREQ=WEEKLY".into(),
            "EXDATE;TZID=Europe/Berlin:20261130T100000".into(),
        ],
        series: None,
        original_start: None,
        transparent: true,
        visibility: Visibility::Private,
        event_type: EventType::FocusTime,
        my_response: Some(Response::Tentative),
        organizer: Some(Person {
            email: Some("bo@example.com".into()),
            name: Some("Bo".into()),
        }),
        attendees: vec![
            guest(
                "bo@example.com",
                Some("Bo"),
                Response::Accepted,
                false,
                false,
                false,
            ),
            guest(
                "Ana@Example.com",
                None,
                Response::Tentative,
                true,
                true,
                false,
            ),
            guest(
                "room4@resource.calendar.google.com",
                None,
                Response::Accepted,
                false,
                false,
                true,
            ),
        ],
        attendees_omitted: true,
        conference: Some("https://meet.google.com/abc".into()),
        link: Some("https://www.google.com/calendar/event?eid=x".into()),
        reminders: Some(Reminders {
            use_default: false,
            overrides: vec![
                Reminder {
                    method: ReminderMethod::Popup,
                    minutes: 10,
                },
                Reminder {
                    method: ReminderMethod::Email,
                    minutes: 1440,
                },
            ],
        }),
        updated: Some("2026-11-01T08:00:00.123Z".parse().unwrap()),
    };
    assert_eq!(got, expect);
    assert!(got.is_master());
}

#[test]
fn words_known_and_unknown() {
    let rows = [
        (json!({}), "Confirmed false Default Default"),
        (json!({"status": null}), "Confirmed false Default Default"),
        (
            json!({"status": "tentative"}),
            "Tentative false Default Default",
        ),
        (
            json!({"status": "rumoured"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"transparency": "transparent"}),
            "Confirmed true Default Default",
        ),
        (
            json!({"transparency": "opaque"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"transparency": "milky"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"transparency": true}),
            "Confirmed false Default Default",
        ),
        (
            json!({"visibility": "public"}),
            "Confirmed false Public Default",
        ),
        (
            json!({"visibility": "private"}),
            "Confirmed false Private Default",
        ),
        (
            json!({"visibility": "confidential"}),
            "Confirmed false Private Default",
        ),
        (
            json!({"visibility": "secret"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"eventType": "default"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"eventType": "outOfOffice"}),
            "Confirmed false Default OutOfOffice",
        ),
        (
            json!({"eventType": "focusTime"}),
            "Confirmed false Default FocusTime",
        ),
        (
            json!({"eventType": "workingLocation"}),
            "Confirmed false Default WorkingLocation",
        ),
        (
            json!({"eventType": "birthday"}),
            "Confirmed false Default Birthday",
        ),
        (
            json!({"eventType": "fromGmail"}),
            "Confirmed false Default FromGmail",
        ),
        (
            json!({"eventType": "siesta"}),
            "Confirmed false Default Default",
        ),
        (
            json!({"eventType": {"new": "shape"}}),
            "Confirmed false Default Default",
        ),
    ];
    for (changes, expect) in rows {
        let Event {
            status,
            transparent,
            visibility,
            event_type,
            ..
        } = event(changes.clone());
        let got = format!("{status:?} {transparent} {visibility:?} {event_type:?}");
        assert_eq!(got, expect, "{changes}");
    }
}

#[test]
fn whose_answer_is_mine() {
    use Response::{Accepted, Declined, NeedsAction, Tentative};
    let guest = |email: &str, response: &str| json!({"email": email, "responseStatus": response});
    let marked = |response: &str| json!({"email": "x@y", "responseStatus": response, "self": true});
    let rows = [
        (json!([]), None, 0),
        (json!(null), None, 0),
        (json!([guest("bo@example.com", "declined")]), None, 0),
        (
            json!([guest("ana@example.com", "declined")]),
            Some(Declined),
            1,
        ),
        (
            json!([guest("ANA@example.COM", "accepted")]),
            Some(Accepted),
            1,
        ),
        (json!([guest("ana@example.com.evil", "declined")]), None, 0),
        (json!([marked("tentative")]), Some(Tentative), 1),
        // The owner of the calendar goes before the address.
        (
            json!([guest(ME, "accepted"), marked("declined")]),
            Some(Declined),
            2,
        ),
        (
            json!([{"email": ME, "self": false, "responseStatus": "declined"}]),
            Some(Declined),
            1,
        ),
        (json!([{"email": ME}]), Some(NeedsAction), 1),
        (
            json!([{"email": ME, "responseStatus": "needsAction"}]),
            Some(NeedsAction),
            1,
        ),
        (
            json!([{"email": ME, "responseStatus": "shrugged"}]),
            Some(NeedsAction),
            1,
        ),
        // One odd guest takes nobody along.
        (
            json!([5, null, [], {"email": 7}, guest(ME, "declined")]),
            Some(Declined),
            1,
        ),
        (json!({"email": ME, "responseStatus": "declined"}), None, 0),
    ];
    for (attendees, response, mine) in rows {
        let got = event(json!({"attendees": attendees}));
        assert_eq!(got.my_response, response, "{attendees}");
        let marked = got.attendees.iter().filter(|guest| guest.me).count();
        assert_eq!(marked, mine, "{attendees}");
    }
    let odd = event(json!({"attendees": [5, {"email": "bo@example.com"}]}));
    assert!(odd.attendees_omitted, "who is left out is said to be");
    assert_eq!(odd.attendees.len(), 1);
    let nobody = Reader {
        me: "",
        zones: &ZoneDb::bundled(),
    };
    let unnamed = with(json!({"attendees": [{"email": ""}]})).to_string();
    let Item::Event { event, .. } = nobody.item(&unnamed, None) else {
        panic!("it is an event");
    };
    assert_eq!(event.my_response, None, "nobody is nobody");
}

#[test]
fn cancelled_and_excepted() {
    let slot = json!({"dateTime": "2026-11-30T10:00:00+01:00", "timeZone": "Europe/Berlin"});
    let bare = json!({"id": "abc_1", "status": "cancelled", "recurringEventId": "abc", "originalStartTime": slot});
    let Item::Event { event: got, .. } = item_of(&bare.to_string()) else {
        panic!("a cancelled exception is kept");
    };
    let at = EventTime::At {
        at: "2026-11-30T09:00:00Z".parse().unwrap(),
        zone: Some("Europe/Berlin".into()),
    };
    assert_eq!(got.status, EventStatus::Cancelled);
    assert_eq!(got.series, Some(EventId("abc".into())));
    assert_eq!((&got.start, &got.end), (&at, &at));
    assert_eq!(got.original_start, Some(at.clone()));

    let day = json!({"id": "abc_1", "status": "cancelled", "recurringEventId": "abc", "originalStartTime": {"date": "2026-11-30"}});
    let Item::Event { event: got, .. } = item_of(&day.to_string()) else {
        panic!("a cancelled exception is kept");
    };
    assert_eq!(
        got.original_start,
        Some(EventTime::Date("2026-11-30".parse().unwrap()))
    );

    // With the details that its organizer still sees, it stands for its slot all the same.
    let full = event(
        json!({"status": "cancelled", "recurringEventId": "series", "originalStartTime": slot}),
    );
    assert_eq!((full.status, &full.start), (EventStatus::Cancelled, &at));

    let moved = event(json!({"recurringEventId": "series", "originalStartTime": slot}));
    assert_eq!(moved.original_start, Some(at));
    assert_ne!(moved.original_start.as_ref(), Some(&moved.start));
    for odd in [json!(null), json!({}), json!({"date": "x"})] {
        let got = event(json!({"recurringEventId": "series", "originalStartTime": odd}));
        assert_eq!(got.original_start.as_ref(), Some(&got.start), "{odd}");
    }
    let single = event(json!({"originalStartTime": slot}));
    assert_eq!((single.series, single.original_start), (None, None));
    let blank = event(json!({"recurringEventId": "", "originalStartTime": slot}));
    assert_eq!((blank.series, blank.original_start), (None, None));
}

#[test]
fn what_is_gone_and_what_is_quarantined_and_why() {
    let long = "a".repeat(ID_CAP + 1);
    let lines: Vec<String> = (0..5000).map(|n| format!("RDATE:{n:016}")).collect();
    let rows = [
        (json!({"id": "x", "status": "cancelled"}), "gone x"),
        (with(json!({"status": "cancelled"})), "gone abc"),
        (
            with(json!({"status": "cancelled", "recurrence": ["RRULE:FREQ=DAILY"]})),
            "gone abc",
        ),
        (
            json!({"id": "x", "status": "cancelled", "recurringEventId": ""}),
            "gone x",
        ),
        (
            json!({"id": "x", "status": "cancelled", "recurringEventId": "y"}),
            "it is a cancelled occurrence that does not say which",
        ),
        (
            json!({"id": "x", "status": "cancelled", "recurringEventId": "y", "originalStartTime": {}}),
            "its originalStartTime cannot be read",
        ),
        (json!({"status": "cancelled"}), "it has no id"),
        (with(json!({"id": null})), "it has no id"),
        (with(json!({"id": ""})), "it has no id"),
        (with(json!({"id": 5})), "its id cannot be read"),
        (
            with(json!({"id": long})),
            "its id is longer than any real one",
        ),
        (
            with(json!({"recurringEventId": long})),
            "its id is longer than any real one",
        ),
        (with(json!({"status": 5})), "its status cannot be read"),
        (
            with(json!({"start": null})),
            "it does not say when it starts",
        ),
        (with(json!({"start": "now"})), "its start cannot be read"),
        (
            with(json!({"start": {"dateTime": 1_795_000_000}})),
            "its start cannot be read",
        ),
        (with(json!({"end": []})), "its end cannot be read"),
        (
            with(json!({"end": {"date": "2026-11-24"}})),
            "it starts with a day and ends with a time, or the other way round",
        ),
        (
            with(json!({"end": {"dateTime": "2026-11-23T08:00:00Z"}})),
            "it ends before it starts",
        ),
        (
            with(json!({"recurrence": "RRULE:FREQ=DAILY"})),
            "its recurrence cannot be read",
        ),
        (
            with(json!({"recurrence": [5]})),
            "its recurrence cannot be read",
        ),
        (
            with(json!({"recurrence": lines})),
            "its repetition is longer than any real one",
        ),
        (
            with(json!({"recurringEventId": 5})),
            "its recurringEventId cannot be read",
        ),
        (with(json!({"end": null})), "event abc"),
        (with(json!({"endTimeUnspecified": true})), "event abc"),
        (with(json!({"recurrence": null})), "event abc"),
        (with(json!({"recurrence": []})), "event abc"),
        (json!([]), "it is not an event"),
        (json!("abc"), "it is not an event"),
        (json!(null), "it is not an event"),
    ];
    for (json, expect) in rows {
        let short: String = json.to_string().chars().take(300).collect();
        assert_eq!(why(&json.to_string()), expect, "{short}");
    }
    for text in [
        "",
        "{",
        "{\"id\":\"abc\"",
        "\u{feff}{}",
        "{\"summary\":\"\\ud800\"}",
    ] {
        assert_eq!(why(text), "it is not an event", "{text}");
    }
    // In the order of the fields, which serde would take for the event itself.
    let mut list = vec![Value::Null; 22];
    list[0] = json!("abc");
    list[7] = json!({"date": "2026-11-22"});
    assert_eq!(why(&Value::from(list).to_string()), "it is not an event");
    let deep = format!(
        "{{\"id\":\"abc\",\"start\":{}{}}}",
        "[".repeat(9999),
        "]".repeat(9999)
    );
    assert_eq!(why(&deep), "it is not an event");
}

#[test]
fn what_is_only_for_show_costs_no_event() {
    for (name, value) in [
        ("summary", json!(5)),
        ("description", json!(["x"])),
        ("location", json!({"street": "x"})),
        ("organizer", json!("bo")),
        ("conferenceData", json!({"entryPoints": "x"})),
        ("hangoutLink", json!(true)),
        ("htmlLink", json!(1)),
        ("updated", json!("yesterday")),
        ("etag", json!(5)),
        ("iCalUID", json!(null)),
        ("attendeesOmitted", json!("yes")),
        ("attendees", json!({})),
        ("sequence", json!("x")),
    ] {
        let got = event(json!({name: value, "location": "Room 4"}));
        assert_eq!(got.location.as_deref(), Some("Room 4"), "{name}");
        if name != "summary" {
            assert_eq!(got.title, "Standup", "{name}");
        }
    }
    let twice = r#"{"id":"abc","summary":"one","summary":"two","start":{"date":"2026-11-22"}}"#;
    assert_eq!(why(twice), "event abc");
}

#[test]
fn hostile_text_is_text() {
    for payload in duet_sandbox::World::hostile_payloads() {
        let got = event(json!({
            "summary": payload, "description": payload, "location": payload,
            "hangoutLink": payload, "htmlLink": payload,
            "organizer": {"email": payload, "displayName": payload},
            "attendees": [{"email": payload, "displayName": payload}],
        }));
        let whole = payload.len() <= LINE_CAP && !payload.trim().is_empty();
        if whole {
            assert_eq!(got.title, payload);
            assert_eq!(got.description.as_ref(), Some(&payload));
            assert_eq!(got.location.as_ref(), Some(&payload));
            assert_eq!(got.attendees[0].person.name.as_ref(), Some(&payload));
        }
        assert_eq!((got.link, got.conference), (None, None), "{payload:?}");
    }
}

#[test]
fn nothing_fills_the_database() {
    let long = "ü".repeat(1024 * 1024);
    let json = with(json!({
        "summary": long, "description": long, "location": long, "etag": long, "iCalUID": long,
        "htmlLink": format!("https://example.com/{}", "a".repeat(LINK_CAP)),
        "organizer": {"displayName": long},
    }))
    .to_string();
    let Item::Event { event: got, raw } = item_of(&json) else {
        panic!("long texts are cut, not refused");
    };
    assert!(got.title.len() <= LINE_CAP && got.title.ends_with("ü…"));
    let description = got.description.unwrap();
    assert!(description.len() <= DESCRIPTION_CAP && description.len() > DESCRIPTION_CAP - 8);
    assert!(got.location.unwrap().len() <= LINE_CAP);
    assert!(got.organizer.unwrap().name.unwrap().len() <= LINE_CAP);
    assert_eq!(
        (got.etag, got.ical_uid, got.link),
        (None, None, None),
        "half of one is another"
    );
    assert_eq!(raw, "", "too long to be kept");
    let Item::Quarantined { raw, .. } = item_of(&format!("[{json}]")) else {
        panic!("a list is no event");
    };
    assert!(raw.len() <= RAW_CAP && raw.len() > RAW_CAP - 4);
}

#[test]
fn of_a_crowd_some_are_kept_and_the_person_always() {
    let mut crowd: Vec<Value> = (0..2000)
        .map(|number| json!({"email": format!("guest{number}@example.com")}))
        .collect();
    crowd.push(json!({"email": ME, "responseStatus": "declined"}));
    let json = with(json!({"attendees": crowd})).to_string();
    let Item::Event { event: got, .. } = item_of(&json) else {
        panic!("it is an event");
    };
    assert_eq!(got.attendees.len(), ATTENDEES_CAP);
    assert!(got.attendees_omitted);
    assert_eq!(got.my_response, Some(Response::Declined));
    let last = got.attendees.last().unwrap();
    assert!(last.me && got.attendees[0].person.email.as_deref() == Some("guest0@example.com"));

    let selves = vec![json!({"self": true}); 2000];
    let json = with(json!({"attendees": selves})).to_string();
    let Item::Event { event: got, .. } = item_of(&json) else {
        panic!("it is an event");
    };
    assert_eq!(got.attendees.len(), ATTENDEES_CAP);

    let few = vec![json!({"email": "bo@example.com"}); ATTENDEES_CAP];
    assert!(!event(json!({"attendees": few})).attendees_omitted);
}

#[test]
fn a_busy_only_event_is_a_time_and_no_more() {
    let json = json!({"id": "abc", "status": "confirmed", "visibility": "private",
        "start": {"date": "2026-11-22"}, "end": {"date": "2026-11-23"}});
    let Item::Event { event: got, .. } = item_of(&json.to_string()) else {
        panic!("it is an event");
    };
    assert_eq!((got.title.as_str(), got.transparent), ("", false));
    assert_eq!(got.visibility, Visibility::Private);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("2026-11-22")),
        Just(json!("2026-11-22T10:00:00Z")),
        Just(json!("cancelled")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![
            Just("date".to_owned()),
            Just("dateTime".to_owned()),
            Just("timeZone".to_owned()),
            Just("email".to_owned()),
            "[a-z]{1,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

const FIELDS: [&str; 14] = [
    "id",
    "status",
    "start",
    "end",
    "recurrence",
    "recurringEventId",
    "originalStartTime",
    "summary",
    "attendees",
    "organizer",
    "conferenceData",
    "transparency",
    "updated",
    "hangoutLink",
];

proptest! {
    /// Whatever a field holds, there is an item, it keeps its id, and what is no event says why.
    #[test]
    fn any_value_in_any_field_is_an_item(name in prop::sample::select(&FIELDS[..]), value in any_json()) {
        let json = with(json!({name: value})).to_string();
        match item_of(&json) {
            Item::Event { event, raw } => {
                prop_assert!(nothing_is_lost(&json, &raw), "{json}: {raw}");
                prop_assert!(event.is_master() || event.series.is_none() == event.original_start.is_none());
            }
            Item::Gone(id) => prop_assert!(!id.0.is_empty()),
            Item::Quarantined { id, why, raw } => {
                prop_assert_eq!(raw, json);
                prop_assert!(!why.is_empty());
                prop_assert!(id.is_some() || name == "id", "{:?}", id);
            }
        }
    }

    #[test]
    fn any_text_is_an_item(text in "\\PC{0,200}") {
        item_of(&text);
    }
}
