//! Each field as it is written, each kind of guest, the mark and the slot, as tables.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta};
use duet_model::duet_event::DuetEventId;
use duet_model::event::Reminder;
use duet_model::zones::ZoneDb;
use proptest::prelude::*;

use super::super::*;
use crate::events::{Found, Reader};

const ME: &str = "ana@example.com";
/// What makes JSON an event.
const PLAIN: &str = r#""id":"abc01","etag":"\"1\"","start":{"dateTime":"2026-11-25T09:00:00Z"},"end":{"dateTime":"2026-11-25T10:00:00Z"}"#;

fn mark() -> Mark {
    Mark {
        event: DuetEventId("7-7".into()),
        install: "desk".into(),
    }
}

fn time(text: &str, zone: Option<&str>) -> EventTime {
    EventTime::At {
        at: DateTime::parse_from_rfc3339(text).unwrap().to_utc(),
        zone: zone.map(str::to_owned),
    }
}

fn day(text: &str) -> EventTime {
    EventTime::Date(text.parse::<NaiveDate>().unwrap())
}

fn guest(email: &str) -> Guest {
    Guest {
        email: email.into(),
        name: None,
        optional: false,
    }
}

fn choir() -> Content {
    Content {
        title: "Choir".into(),
        start: time("2026-11-25T18:00:00+01:00", Some("Europe/Berlin")),
        end: time("2026-11-25T19:30:00+01:00", Some("Europe/Berlin")),
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

fn reader() -> Reader<'static> {
    static ZONES: LazyLock<ZoneDb> = LazyLock::new(ZoneDb::bundled);
    Reader {
        me: ME,
        zones: &ZONES,
    }
}

fn resource(json: &str) -> Resource {
    match reader().found(json.to_owned()).unwrap() {
        Found::There(resource) => resource,
        Found::CalledOff { .. } => panic!("it takes place"),
    }
}

/// An event with these members more.
fn with(members: &str) -> Resource {
    let comma = if members.is_empty() { "" } else { "," };
    resource(&format!("{{{PLAIN}{comma}{members}}}"))
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_new_event_says_what_it_says_and_bears_the_mark() {
    let id = EventId("abc01".into());
    let properties = json!({"private": {"duet": "1", "duet_id": "7-7", "duet_install": "desk"}});
    let least = json!({
        "id": "abc01",
        "summary": "Choir",
        "start": {"dateTime": "2026-11-25T17:00:00Z", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-11-25T18:30:00Z", "timeZone": "Europe/Berlin"},
        "reminders": {"useDefault": true},
        "extendedProperties": properties,
    });
    assert_eq!(value(&new_body(&choir(), &id, &mark())), least);

    let most = Content {
        title: "Ünder \"quotes\" \u{202e}\u{0}".into(),
        start: day("2026-11-25"),
        end: day("2026-11-27"),
        location: "Hall".into(),
        notes: "Bring\nscores".into(),
        guests: vec![
            guest("ben@example.org"),
            Guest {
                email: "cy@example.org".into(),
                name: Some("Cy \u{202e}\u{0}\"</b>".into()),
                optional: true,
            },
        ],
        recurrence: vec![
            "RRULE:FREQ=WEEKLY".into(),
            "EXDATE;VALUE=DATE:20261202".into(),
        ],
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
        transparent: true,
        visibility: Visibility::Private,
        conference: true,
    };
    let expect = json!({
        "id": "abc01",
        "summary": "Ünder \"quotes\" \u{202e}\u{0}",
        "start": {"date": "2026-11-25"},
        "end": {"date": "2026-11-27"},
        "recurrence": ["RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20261202"],
        "location": "Hall",
        "description": "Bring\nscores",
        "attendees": [
            {"email": "ben@example.org"},
            {"email": "cy@example.org", "displayName": "Cy \u{202e}\u{0}\"</b>", "optional": true},
        ],
        "reminders": {"useDefault": false, "overrides": [
            {"method": "popup", "minutes": 10}, {"method": "email", "minutes": 1440}]},
        "transparency": "transparent",
        "visibility": "private",
        "conferenceData": {"createRequest": {
            "requestId": "abc01", "conferenceSolutionKey": {"type": "hangoutsMeet"}}},
        "extendedProperties": properties,
    });
    assert_eq!(value(&new_body(&most, &id, &mark())), expect);
}

#[test]
fn a_change_replaces_what_it_is_about_and_nothing_else() {
    let moved = Content {
        start: day("2026-11-25"),
        end: day("2026-11-26"),
        ..choir()
    };
    let late = Content {
        start: time("2026-11-25T20:00:00Z", None),
        end: time("2026-11-25T21:00:00Z", None),
        ..choir()
    };
    let called = Content {
        conference: true,
        ..choir()
    };
    let full = Content {
        location: "Hall".into(),
        notes: "Scores".into(),
        transparent: true,
        visibility: Visibility::Public,
        reminders: Some(Reminders {
            use_default: false,
            overrides: Vec::new(),
        }),
        recurrence: vec!["RRULE:FREQ=DAILY".into()],
        ..choir()
    };
    // The members besides id, etag, start and end; what is changed to what; the members then.
    let cases: Vec<(&str, Field, &Content, Value)> = vec![
        (
            r#""summary":"Old","x":1e400"#,
            Field::Title,
            &full,
            json!({"summary": "Choir"}),
        ),
        (
            r#""location":"A""#,
            Field::Location,
            &full,
            json!({"location": "Hall"}),
        ),
        (
            r#""location":"A""#,
            Field::Location,
            &late,
            json!({"location": null}),
        ),
        (
            r#""description":"A""#,
            Field::Notes,
            &full,
            json!({"description": "Scores"}),
        ),
        (
            r#""description":"A""#,
            Field::Notes,
            &late,
            json!({"description": null}),
        ),
        (
            "",
            Field::Transparency,
            &full,
            json!({"transparency": "transparent"}),
        ),
        (
            r#""transparency":"transparent""#,
            Field::Transparency,
            &late,
            json!({"transparency": null}),
        ),
        (
            "",
            Field::Visibility,
            &full,
            json!({"visibility": "public"}),
        ),
        (
            r#""visibility":"confidential""#,
            Field::Visibility,
            &late,
            json!({"visibility": null}),
        ),
        (
            "",
            Field::Reminders,
            &full,
            json!({"reminders": {"useDefault": false, "overrides": []}}),
        ),
        (
            r#""reminders":{"useDefault":false,"overrides":[]}"#,
            Field::Reminders,
            &late,
            json!({"reminders": {"useDefault": true}}),
        ),
        // Of another kind, with nothing of the old one left.
        (
            r#""recurrence":["RRULE:FREQ=DAILY"],"endTimeUnspecified":true"#,
            Field::When,
            &moved,
            json!({"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"},
                "recurrence": null, "endTimeUnspecified": null}),
        ),
        (
            "",
            Field::When,
            &late,
            json!({"start": {"dateTime": "2026-11-25T20:00:00Z"},
                "end": {"dateTime": "2026-11-25T21:00:00Z"}}),
        ),
        (
            "",
            Field::When,
            &full,
            json!({"start": {"dateTime": "2026-11-25T17:00:00Z", "timeZone": "Europe/Berlin"},
                "end": {"dateTime": "2026-11-25T18:30:00Z", "timeZone": "Europe/Berlin"},
                "recurrence": ["RRULE:FREQ=DAILY"]}),
        ),
        (
            "",
            Field::Conference,
            &called,
            json!({"conferenceData": {"createRequest": {"requestId": "abc01",
                "conferenceSolutionKey": {"type": "hangoutsMeet"}}}}),
        ),
        (
            r#""conferenceData":{"conferenceId":"x"},"hangoutLink":"https://meet.google.com/x""#,
            Field::Conference,
            &full,
            json!({"conferenceData": null, "hangoutLink": null}),
        ),
    ];
    for (members, field, content, change) in cases {
        // 1e400 is no number that Rust can hold: it is taken out before both are compared.
        let before = with(members);
        let body = changed_body(&before, content, &BTreeSet::from([field]), None).unwrap();
        let mut expect = value(&before.raw().replace("1e400", "1"));
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(expect.as_object_mut().unwrap().remove(name)),
                value => expect[name] = value.clone(),
            }
        }
        assert_eq!(
            value(&body.replace("1e400", "1")),
            expect,
            "{field:?} {members}"
        );
        if members.contains("1e400") {
            assert!(body.contains(r#""x":1e400"#), "as it came: {body}");
        }
    }
    let nothing = changed_body(&with(r#""x" : [ 1,2 ]"#), &full, &BTreeSet::new(), None).unwrap();
    assert_eq!(nothing, format!(r#"{{{PLAIN},"x":[ 1,2 ]}}"#));
}

#[test]
fn who_stays_who_comes_and_who_goes() {
    let li = r#"{"email":"Li@Example.com","responseStatus":"accepted","comment":"\u0041 1e400","x":1e400}"#;
    let own =
        r#"{"email":"ana@example.com","self":true,"organizer":true,"responseStatus":"accepted"}"#;
    let room = r#"{"email":"room@example.com","resource":true}"#;
    let nameless = r#"{"id":"4711","displayName":"Somebody"}"#;
    let long = format!(r#"{{"email":"{}@example.com"}}"#, "a".repeat(LINE_CAP));
    let cut = Content::of(&with(&format!(r#""attendees":[{long}]"#)).event).guests;
    assert_eq!(cut.len(), 1);
    let optional = Guest {
        optional: true,
        ..guest("li@example.com")
    };
    let joined = |some: &[&str]| some.join(",");
    // before, the guests that are wanted, after
    let cases: Vec<(String, Vec<Guest>, String)> = vec![
        (
            joined(&[own, li]),
            vec![guest("li@example.com")],
            joined(&[own, li]),
        ),
        (
            joined(&[own, li, room, nameless]),
            vec![],
            joined(&[own, room, nameless]),
        ),
        (
            joined(&[li]),
            vec![guest("new@example.com"), guest("li@example.com")],
            joined(&[li, r#"{"email":"new@example.com"}"#]),
        ),
        (
            joined(&[li]),
            vec![optional],
            li.replace(r#","x":1e400}"#, r#","x":1e400,"optional":true}"#),
        ),
        (
            r#"{"email":"li@example.com","optional":true,"a":1}"#.into(),
            vec![guest("li@example.com")],
            r#"{"email":"li@example.com","a":1}"#.into(),
        ),
        // The account among the guests of a calendar that is no person's: Google marks nobody.
        (
            joined(&[r#"{"email":"ANA@example.com"}"#, li]),
            vec![],
            r#"{"email":"ANA@example.com"}"#.into(),
        ),
        // Who invites cannot be taken out.
        (
            r#"{"email":"mo@example.com","organizer":true}"#.into(),
            vec![],
            r#"{"email":"mo@example.com","organizer":true}"#.into(),
        ),
        // Read as shorter than it is, and still the same.
        (long.clone(), cut, long),
    ];
    for (before, wanted, after) in cases {
        let before = with(&format!(r#""attendees":[{before}]"#));
        let content = Content {
            guests: wanted,
            ..choir()
        };
        let body = changed_body(&before, &content, &BTreeSet::from([Field::Guests]), None);
        let expect = format!(r#"{{{PLAIN},"attendees":[{after}]}}"#);
        assert_eq!(body.unwrap(), expect);
    }
    let alone = changed_body(
        &with(&format!(r#""attendees":[{li}]"#)),
        &choir(),
        &BTreeSet::from([Field::Guests]),
        None,
    );
    assert_eq!(
        alone.unwrap(),
        format!("{{{PLAIN}}}"),
        "without guests there is no list"
    );
}

#[test]
fn guests_that_are_not_listed_are_never_written_over() {
    let content = Content {
        guests: vec![guest("new@example.com")],
        ..choir()
    };
    let omitted =
        r#""attendeesOmitted":true,"attendees":[{"email":"ana@example.com","self":true}]"#;
    let crowd: Vec<String> = (0..260)
        .map(|n| format!(r#"{{"email":"g{n}@example.com"}}"#))
        .collect();
    for members in [
        omitted.to_owned(),
        format!(r#""attendees":[{}]"#, crowd.join(",")),
        // One of them is no guest that Duet can read.
        r#""attendees":[5,{"email":"li@example.com"}]"#.to_owned(),
    ] {
        let before = with(&members);
        let change = |field| changed_body(&before, &content, &BTreeSet::from([field]), None);
        assert_eq!(change(Field::Guests), Err(Refused::GuestsOmitted));
        let rest = change(Field::Title).unwrap();
        assert!(rest.contains(&members), "all else can be changed: {rest}");
    }
}

#[test]
fn an_answer_changes_the_own_entry_alone() {
    let li = r#"{"email":"li@example.com","responseStatus":"accepted","x":1e400}"#;
    let ana = |answer: &str| format!(r#"{{"email":"Ana@example.com","comment":"\u0041"{answer}}}"#);
    let marked = |answer: &str| format!(r#"{{"email":"team@example.com","self":true{answer}}}"#);
    let no = r#","responseStatus":"declined""#;
    let yes = r#","responseStatus":"accepted""#;
    let cases = [
        (
            format!("{li},{}", ana(yes)),
            Ok(format!("{li},{}", ana(no))),
        ),
        (format!("{},{li}", ana("")), Ok(format!("{},{li}", ana(no)))),
        // Google's mark goes before the address, as it does where answers are read.
        (
            format!("{},{}", ana(yes), marked(yes)),
            Ok(format!("{},{}", ana(yes), marked(no))),
        ),
        (li.to_owned(), Err(Refused::NotAGuest)),
        (String::new(), Err(Refused::NotAGuest)),
    ];
    for (before, after) in cases {
        let before = with(&format!(r#""attendees":[{before}]"#));
        let expect = after.map(|after| format!(r#"{{"attendees":[{after}]}}"#));
        assert_eq!(own_answer_body(&before, ME, Response::Declined), expect);
    }
    let omitted = format!(r#""attendeesOmitted":true,"attendees":[{li},{}]"#, ana(yes));
    assert_eq!(
        own_answer_body(&with(&omitted), ME, Response::Tentative).unwrap(),
        format!(
            r#"{{"attendeesOmitted":true,"attendees":[{}]}}"#,
            ana(r#","responseStatus":"tentative""#)
        )
    );
    let words = [
        (Response::NeedsAction, "needsAction"),
        (Response::Accepted, "accepted"),
    ];
    for (response, word) in words {
        let before = with(&format!(r#""attendees":[{}]"#, ana("")));
        let body = own_answer_body(&before, ME, response).unwrap();
        assert_eq!(value(&body)["attendees"][0]["responseStatus"], word);
    }
}

#[test]
fn the_mark_is_put_among_what_others_keep_there() {
    let own = r#""duet":"1","duet_id":"7-7","duet_install":"desk""#;
    let cases = [
        ("", format!(r#"{{"private":{{{own}}}}}"#)),
        (
            r#"{"shared":{"a":"\u0041"},"private":{"b" : 1e400,"duet_id":"old","duet":"1"}}"#,
            format!(r#"{{"shared":{{"a":"\u0041"}},"private":{{"b":1e400,{own}}}}}"#),
        ),
        (r#"{"private":[]}"#, format!(r#"{{"private":{{{own}}}}}"#)),
        ("null", format!(r#"{{"private":{{{own}}}}}"#)),
    ];
    for (before, after) in cases {
        let members = match before {
            "" => String::new(),
            before => format!(r#""extendedProperties":{before}"#),
        };
        let before = with(&members);
        let body = changed_body(&before, &choir(), &BTreeSet::new(), Some(&mark())).unwrap();
        assert_eq!(body, format!(r#"{{{PLAIN},"extendedProperties":{after}}}"#));
        assert_eq!(resource(&body).mark, Some(mark()), "and is read again");
    }
    // properties, whose
    let cases = [
        (r#"{"private":{"duet":"1","duet_id":"a"}}"#, Some(("a", ""))),
        (
            r#"{"private":{"duet":"1","duet_id":"a","duet_install":"b","c":1e400}}"#,
            Some(("a", "b")),
        ),
        (r#"{"private":{"duet":"2","duet_id":"a"}}"#, None),
        (r#"{"private":{"duet":1,"duet_id":"a"}}"#, None),
        // Of what is there twice the later counts, as with other readers.
        (
            r#"{"private":{"duet":"2","duet":"1","duet_id":"b","duet_id":"a"}}"#,
            Some(("a", "")),
        ),
        (r#"{"private":{"duet":"1","duet":"2","duet_id":"a"}}"#, None),
        (r#"{"private":{"duet_id":"a"}}"#, None),
        (r#"{"private":{"duet":"1"}}"#, None),
        (r#"{"shared":{"duet":"1","duet_id":"a"}}"#, None),
        ("[]", None),
    ];
    for (properties, expect) in cases {
        let read = with(&format!(r#""extendedProperties":{properties}"#)).mark;
        let expect = expect.map(|(event, install)| Mark {
            event: DuetEventId(event.into()),
            install: install.into(),
        });
        assert_eq!(read, expect, "{properties}");
    }
}

#[test]
fn what_is_found_under_an_id() {
    let reader = reader();
    let bad = [
        "{}",
        "[]",
        r#"{"id":"abc01"}"#,
        r#"{"kind":"calendar#events","items":[]}"#,
        r#"{"id":"abc01","start":{"date":"2026-11-25"},"end":{"date":"2026-11-26"}}"#,
        r#"{"id":"abc01","etag":"","start":{"date":"2026-11-25"},"end":{"date":"2026-11-26"}}"#,
    ];
    for json in bad {
        let error = reader.found(json.to_owned()).unwrap_err();
        assert!(matches!(error, crate::Error::BadAnswer { .. }), "{json}");
    }
    let properties =
        r#""extendedProperties":{"private":{"duet":"1","duet_id":"7-7","duet_install":"desk"}}"#;
    let gone = format!(r#"{{"id":"abc01","status":"cancelled",{properties}}}"#);
    let hole = r#"{"id":"abc01","status":"cancelled","recurringEventId":"s","originalStartTime":{"date":"2026-11-25"}}"#;
    for (json, mark) in [(gone.as_str(), Some(mark())), (hole, None)] {
        let id = EventId("abc01".into());
        assert_eq!(
            reader.found(json.to_owned()).unwrap(),
            Found::CalledOff { id, mark }
        );
    }
    let there = with(r#""x":1e400"#);
    assert_eq!(
        (there.etag(), there.raw().contains("1e400")),
        ("\"1\"", true)
    );
}

#[test]
fn which_slot_an_occurrence_stands_for() {
    let slot =
        |start: &str| format!(r#"{{{PLAIN},"recurringEventId":"s","originalStartTime":{start}}}"#);
    let day = day("2026-11-25");
    let at = time("2026-11-25T17:00:00Z", Some("Europe/Berlin"));
    // the occurrence, the slot, does it stand for it
    let cases = [
        (slot(r#"{"dateTime":"2026-11-25T18:00:00+01:00"}"#), &at, true),
        (slot(r#"{"dateTime":"2026-11-25T18:00:00Z"}"#), &at, false),
        (slot(r#"{"date":"2026-11-25"}"#), &day, true),
        (slot(r#"{"date":"2026-11-26"}"#), &day, false),
        (slot(r#"{"date":"2026-11-25"}"#), &at, false),
        (format!("{{{PLAIN}}}"), &time("2026-11-25T09:00:00Z", None), false),
        (
            r#"{"id":"a","status":"cancelled","recurringEventId":"s","originalStartTime":{"date":"2026-11-25"}}"#.into(),
            &day,
            true,
        ),
        (r#"{"id":"a","status":"cancelled"}"#.into(), &day, false),
        // It may be the one: that nobody knows has to be said.
        (r#"{"id":"a","recurringEventId":"s"}"#.into(), &day, true),
    ];
    for (json, slot, stands) in cases {
        assert_eq!(reader().stands_for(&json, slot), stands, "{json} {slot:?}");
    }
}

/// JSON of any kind, written in any way.
fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e400".to_owned()),
        Just("-0.0".to_owned()),
        Just("12345678901234567890123".to_owned()),
        Just(r#""\u00e9\u0000\ud83d\ude00""#.to_owned()),
        Just(r#""é""#.to_owned()),
        ".{0,12}".prop_map(|text| Value::from(text).to_string()),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let pairs = prop::collection::vec(("[a-z \\\\\"]{0,4}", inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|all| format!("[ {}]", all.join(" ,"))),
            pairs.prop_map(|all| {
                let all = all
                    .into_iter()
                    .map(|(name, value)| format!("{} :{value}", Value::from(name)));
                format!("{{{}\n}}", all.collect::<Vec<_>>().join(", "))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn what_duet_does_not_know_stays_byte_for_byte(
        members in prop::collection::vec(("x[A-Za-z0-9]{0,6}", json_text()), 0..6),
        fields in prop::collection::btree_set(prop::sample::select(Field::ALL.to_vec()), 0..9),
        title in ".{0,20}",
        hours in 1_i64..48,
    ) {
        let unknown: Vec<String> = members
            .iter()
            .map(|(name, value)| format!(r#""{name}":{value}"#))
            .collect();
        let before = with(&unknown.join(","));
        let start = time("2026-11-25T09:00:00Z", Some("Europe/Berlin"));
        let EventTime::At { at, zone } = &start else { unreachable!() };
        let end = EventTime::At { at: *at + TimeDelta::hours(hours), zone: zone.clone() };
        let content = Content {
            title,
            start: start.clone(),
            end,
            guests: vec![guest("li@example.com")],
            ..choir()
        };
        let body = changed_body(&before, &content, &fields, Some(&mark())).unwrap();
        let read = Members::of(&body).unwrap();
        let kept: Vec<String> = read
            .0
            .iter()
            .filter(|(name, _)| name.starts_with('x'))
            .map(|(name, value)| format!(r#""{name}":{}"#, value.get()))
            .collect();
        prop_assert_eq!(kept, unknown);
        // Each member once, and what was written reads as what was meant.
        let mut names: Vec<&str> = read.0.iter().map(|(name, _)| name.as_ref()).collect();
        names.retain(|name| !name.starts_with('x'));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        prop_assert_eq!(names.len(), all);
        let after = resource(&body);
        let said = Content::of(&after.event);
        let meant = merge_fields(&Content::of(&before.event), &content, &fields);
        // A call is there when Google has made it, and a blank title is none.
        let conference = BTreeSet::from([Field::Conference]);
        let missed: BTreeSet<Field> = said.differs(&meant).difference(&conference).copied().collect();
        prop_assert!(missed.is_empty(), "{:?}: {}", missed, body);
    }
}

/// `before`, with `fields` as in `after`.
fn merge_fields(before: &Content, after: &Content, fields: &BTreeSet<Field>) -> Content {
    let pick = |field, before: &Content, after: &Content| match fields.contains(&field) {
        true => after.clone(),
        false => before.clone(),
    };
    let when = pick(Field::When, before, after);
    Content {
        title: pick(Field::Title, before, after).title,
        start: when.start,
        end: when.end,
        recurrence: when.recurrence,
        location: pick(Field::Location, before, after).location,
        notes: pick(Field::Notes, before, after).notes,
        guests: pick(Field::Guests, before, after).guests,
        reminders: pick(Field::Reminders, before, after).reminders,
        transparent: pick(Field::Transparency, before, after).transparent,
        visibility: pick(Field::Visibility, before, after).visibility,
        conference: pick(Field::Conference, before, after).conference,
    }
}
