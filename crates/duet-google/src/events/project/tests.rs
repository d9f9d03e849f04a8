//! Changes as they are written, and what stays byte for byte.

mod tables;

use duet_model::duet_event::DuetEventId;
use duet_model::event::Reminder;
use duet_model::zones::ZoneDb;
use proptest::prelude::*;

use super::super::Reader;
use super::super::resource::Found;
use super::*;

const ME: &str = "ana@example.com";

fn content() -> Content {
    let at = |text: &str| EventTime::At {
        at: text.parse().unwrap(),
        zone: Some("Europe/Berlin".into()),
    };
    Content {
        title: "Choir".into(),
        start: at("2026-12-01T17:00:00Z"),
        end: at("2026-12-01T18:00:00Z"),
        location: String::new(),
        notes: String::new(),
        guests: Vec::new(),
        recurrence: Vec::new(),
        reminders: None,
        transparent: false,
        visibility: Visibility::Default,
        conference: false,
    }
}

fn guest(email: &str) -> Guest {
    Guest {
        email: email.into(),
        name: None,
        optional: false,
    }
}

fn mark() -> Mark {
    Mark {
        event: DuetEventId("d1".into()),
        install: "i1".into(),
    }
}

fn resource(json: &str) -> Resource {
    let reader = Reader {
        me: ME,
        zones: &ZoneDb::bundled(),
    };
    match reader.found(json.to_owned()).unwrap() {
        Found::There(resource) => resource,
        other @ Found::CalledOff { .. } => panic!("{other:?}"),
    }
}

fn parsed(json: &str) -> Value {
    // No reader of values knows a number like that.
    serde_json::from_str(&json.replace("1e400", "1")).unwrap()
}

const THERE: &str = r#"{ "id":"abc12", "etag": "\"7\"", "summary" : "Choir",
 "start":{"dateTime":"2026-12-01T18:00:00+01:00","timeZone":"Europe/Berlin"},
 "end":{"dateTime":"2026-12-01T19:00:00+01:00"}, "sequence": 3e0, "colorId":"\u0037",
 "attendees":[{"email":"ana@example.com","self":true,"responseStatus":"accepted","comment":"\u00e4"},
   {"email":"Ben@Example.org","responseStatus":"tentative","additionalGuests":2.0},
   {"email":"room@resource.example.com","resource":true}],
 "extendedProperties":{"shared":{"x":"1"},"private":{"other":"\u0041","duet_id":"old"}},
 "unknownMember":[1e400, {"deep":null}] }"#;

#[test]
fn an_event_goes_out_and_comes_back_as_it_was() {
    let full = Content {
        title: "\u{202e}\"Choir\" <b>".into(),
        location: "Hall".into(),
        notes: "Bring scores\nand water".into(),
        guests: vec![
            guest("ben@example.org"),
            Guest {
                name: Some("Cy \" , ; \u{202e}".into()),
                optional: true,
                ..guest("cy@example.org")
            },
        ],
        recurrence: vec!["RRULE:FREQ=WEEKLY".into()],
        reminders: Some(Reminders {
            use_default: false,
            overrides: vec![Reminder {
                method: ReminderMethod::Popup,
                minutes: 10,
            }],
        }),
        transparent: true,
        visibility: Visibility::Private,
        ..content()
    };
    let days = Content {
        start: EventTime::Date("2026-12-01".parse().unwrap()),
        end: EventTime::Date("2026-12-03".parse().unwrap()),
        ..content()
    };
    for content in [content(), full, days] {
        let body = new_body(&content, &EventId("abc12".into()), &mark());
        let mut sent = parsed(&body);
        sent["etag"] = "\"1\"".into();
        let back = resource(&sent.to_string());
        assert_eq!(Content::of(&back.event), content, "{body}");
        assert_eq!(back.mark, Some(mark()));
        assert_eq!(back.event.id.0, "abc12");
    }
}

#[test]
fn a_call_is_asked_for_once() {
    let wanted = Content {
        conference: true,
        ..content()
    };
    let body = parsed(&new_body(&wanted, &EventId("abc12".into()), &mark()));
    let request = &body["conferenceData"]["createRequest"];
    assert_eq!(request["requestId"], "abc12");
    assert_eq!(request["conferenceSolutionKey"]["type"], "hangoutsMeet");
    let body = parsed(&new_body(&content(), &EventId("abc12".into()), &mark()));
    assert_eq!(body.get("conferenceData"), None);
}

#[test]
fn what_is_not_changed_stays_byte_for_byte() {
    let there = resource(THERE);
    let changed = Content {
        title: "Rehearsal".into(),
        ..Content::of(&there.event)
    };
    let body = changed_body(&there, &changed, &[Field::Title].into(), Some(&mark())).unwrap();
    assert!(
        body.starts_with(r#"{"id":"abc12","etag":"\"7\"","start":"#),
        "{body}"
    );
    for kept in [
        r#""sequence":3e0"#,
        r#""colorId":"\u0037""#,
        r#""comment":"\u00e4""#,
        r#""additionalGuests":2.0"#,
        r#""unknownMember":[1e400, {"deep":null}]"#,
        r#""shared":{"x":"1"}"#,
        r#""other":"\u0041""#,
        r#""dateTime":"2026-12-01T18:00:00+01:00""#,
    ] {
        assert!(body.contains(kept), "{kept} in {body}");
    }
    assert!(body.contains(r#""summary":"Rehearsal""#) && !body.contains("Choir"));
    assert!(body.contains(r#""duet_id":"d1""#) && !body.contains(r#""old""#));
    let plain = changed_body(&there, &changed, &[Field::Title].into(), None).unwrap();
    assert!(
        plain.contains(r#""duet_id":"old""#),
        "of an event of others nothing is marked"
    );
}

#[test]
fn guests_come_and_go_and_the_others_stay_as_they_are() {
    let there = resource(THERE);
    let guests = |wanted: Vec<Guest>| {
        let changed = Content {
            guests: wanted,
            ..Content::of(&there.event)
        };
        let body = changed_body(&there, &changed, &[Field::Guests].into(), None).unwrap();
        parsed(&body)["attendees"].clone()
    };
    let emails = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|it| it["email"].as_str().unwrap().to_owned())
            .collect()
    };
    let more = guests(vec![guest("ben@example.org"), guest("cy@example.org")]);
    assert_eq!(
        emails(&more),
        [
            "ana@example.com",
            "Ben@Example.org",
            "room@resource.example.com",
            "cy@example.org"
        ]
    );
    assert_eq!(
        more[1]["responseStatus"], "tentative",
        "an answer is not taken back"
    );
    assert_eq!(
        emails(&guests(Vec::new())),
        ["ana@example.com", "room@resource.example.com"]
    );
    let optional = Guest {
        optional: true,
        ..guest("ben@example.org")
    };
    assert_eq!(guests(vec![optional])[1]["optional"], true);

    let omitted = THERE.replacen(
        "\"attendees\":",
        "\"attendeesOmitted\":true,\"attendees\":",
        1,
    );
    let there = resource(&omitted);
    let refused = changed_body(&there, &content(), &[Field::Guests].into(), None);
    assert_eq!(refused, Err(Refused::GuestsOmitted));
    assert!(changed_body(&there, &content(), &[Field::Title].into(), None).is_ok());
}

#[test]
fn a_time_becomes_a_day_and_nothing_of_the_time_is_left() {
    let there = resource(THERE);
    let days = Content {
        start: EventTime::Date("2026-12-01".parse().unwrap()),
        end: EventTime::Date("2026-12-02".parse().unwrap()),
        ..content()
    };
    let body = changed_body(&there, &days, &[Field::When].into(), None).unwrap();
    let body = parsed(&body);
    assert_eq!(body["start"], json!({"date": "2026-12-01"}));
    assert_eq!(body["end"], json!({"date": "2026-12-02"}));
    assert_eq!(body.get("recurrence"), None);
}

#[test]
fn an_answer_changes_the_own_entry_alone() {
    let there = resource(THERE);
    let body = own_answer_body(&there, ME, Response::Declined).unwrap();
    let guests = &parsed(&body)["attendees"];
    assert_eq!(guests[0]["responseStatus"], "declined");
    assert_eq!(guests[1]["responseStatus"], "tentative");
    assert_eq!(guests.as_array().unwrap().len(), 3);
    assert!(body.contains(r#""comment":"\u00e4""#));
    assert_eq!(
        parsed(&body).as_object().unwrap().len(),
        1,
        "and nothing else"
    );

    let marked = THERE.replacen("\"self\":true,", "", 1);
    let by_address = own_answer_body(&resource(&marked), "ANA@example.com", Response::Accepted);
    assert!(by_address.is_ok());
    let nobody = own_answer_body(&resource(&marked), "di@example.com", Response::Accepted);
    assert_eq!(nobody, Err(Refused::NotAGuest));

    let omitted = THERE.replacen(
        "\"attendees\":",
        "\"attendeesOmitted\":true,\"attendees\":",
        1,
    );
    let body = own_answer_body(&resource(&omitted), ME, Response::Tentative).unwrap();
    let body = parsed(&body);
    assert_eq!(body["attendeesOmitted"], true);
    assert_eq!(body["attendees"].as_array().unwrap().len(), 1);
}

/// JSON as it may come, written as it may be written.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "-?[1-9][0-9]{0,30}(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,4})?",
        "\"([a-z ]|\\\\u00[0-7][0-9a-f]|\\\\n|\\\\\"|ä|\u{202e})*\"",
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|list| format!("[ {} ]", list.join(" ,"))),
            proptest::collection::vec(("[a-z]{1,6}", inner), 0..4).prop_map(|members| {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("\"{name}\" :{value}"))
                    .collect();
                format!("{{{}}}", members.join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn unknown_members_survive_a_change(
        members in proptest::collection::vec(("x[A-Za-z]{1,10}", json_text()), 0..8),
        title in "[a-zA-Z<>\"\\\\ ]{1,20}",
    ) {
        let mut raw = r#"{"id":"abc12","etag":"\"1\"","start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"}"#.to_owned();
        for (name, value) in &members {
            raw.push_str(&format!(",\"{name}\":{value}"));
        }
        raw.push('}');
        let there = resource(&raw);
        let changed = Content { title: title.clone(), ..Content::of(&there.event) };
        let body = changed_body(&there, &changed, &[Field::Title].into(), Some(&mark())).unwrap();
        for (name, value) in &members {
            let member = format!("\"{name}\":{value}");
            prop_assert!(body.contains(&member), "{} in {}", member, body);
        }
        let kept = Members::of(&body).unwrap();
        let said: String = serde_json::from_str(kept.get("summary").unwrap()).unwrap();
        prop_assert_eq!(said, title);
    }
}
