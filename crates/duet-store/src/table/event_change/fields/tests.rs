//! One case a line: what is a change, and how much of it is kept.

use duet_model::event::{
    Attendee, Event, EventId, EventStatus, EventTime, EventType, Person, Response, Visibility,
};
use serde_json::{Value, json};

use super::{Field, FieldChange, changes, last_words};

fn event() -> Event {
    let day = |day| EventTime::Date(chrono::NaiveDate::from_ymd_opt(2027, 1, day).unwrap());
    Event {
        id: EventId("a".into()),
        ical_uid: None,
        etag: None,
        status: EventStatus::Confirmed,
        title: "Choir".into(),
        description: None,
        location: None,
        start: day(1),
        end: day(2),
        recurrence: Vec::new(),
        series: None,
        original_start: None,
        transparent: false,
        visibility: Visibility::Default,
        event_type: EventType::Default,
        my_response: None,
        organizer: None,
        attendees: Vec::new(),
        attendees_omitted: false,
        reminders: None,
        conference: None,
        link: None,
        updated: None,
    }
}

fn guest(email: &str, response: Response) -> Attendee {
    Attendee {
        person: Person {
            email: Some(email.into()),
            name: None,
        },
        response,
        me: false,
        optional: false,
        resource: false,
    }
}

#[test]
fn each_field_tells_before_and_after() {
    type Change = fn(&mut Event);
    type Expect = Option<(Field, Value, Value)>;
    let cases: [(Change, Expect); 14] = [
        (
            |e| e.title = "Band".into(),
            Some((Field::Title, json!("Choir"), json!("Band"))),
        ),
        (
            |e| e.start = e.end.clone(),
            Some((
                Field::Start,
                json!({"date": "2027-01-01"}),
                json!({"date": "2027-01-02"}),
            )),
        ),
        (
            |e| e.location = Some("Hall".into()),
            Some((Field::Location, Value::Null, json!("Hall"))),
        ),
        (
            |e| e.recurrence = vec!["RRULE:FREQ=DAILY".into()],
            Some((Field::Recurrence, Value::Null, json!(["RRULE:FREQ=DAILY"]))),
        ),
        (
            |e| e.status = EventStatus::Tentative,
            Some((Field::Status, json!("confirmed"), json!("tentative"))),
        ),
        (
            |e| e.transparent = true,
            Some((Field::Transparent, json!(false), json!(true))),
        ),
        (
            |e| e.visibility = Visibility::Private,
            Some((Field::Visibility, json!("default"), json!("private"))),
        ),
        (
            |e| e.my_response = Some(Response::Declined),
            Some((Field::MyResponse, Value::Null, json!("declined"))),
        ),
        (
            |e| e.conference = Some("https://x".into()),
            Some((Field::Conference, Value::Null, json!("https://x"))),
        ),
        (
            |e| e.event_type = EventType::FocusTime,
            Some((Field::EventType, json!("default"), json!("focusTime"))),
        ),
        (
            |e| {
                e.organizer = Some(Person {
                    email: None,
                    name: Some("Bo".into()),
                })
            },
            Some((Field::Organizer, Value::Null, json!("Bo"))),
        ),
        (|e| e.etag = Some("2".into()), None),
        (|e| e.updated = chrono::DateTime::from_timestamp(1, 0), None),
        (|e| e.link = Some("https://x".into()), None),
    ];
    for (number, (change, expect)) in cases.into_iter().enumerate() {
        let mut after = event();
        change(&mut after);
        let expect: Vec<FieldChange> = expect
            .map(|(field, before, after)| FieldChange {
                field,
                before,
                after,
            })
            .into_iter()
            .collect();
        assert_eq!(changes(&event(), &after), expect, "case {number}");
    }
}

#[test]
fn of_the_guests_only_those_are_named_for_whom_it_changed() {
    let (mut before, mut after) = (event(), event());
    before.attendees = vec![
        guest("same", Response::Accepted),
        guest("late", Response::NeedsAction),
        guest("gone", Response::Declined),
    ];
    after.attendees = vec![
        guest("late", Response::Accepted),
        guest("same", Response::Accepted),
        guest("new", Response::NeedsAction),
    ];
    let found = changes(&before, &after);
    let expect = FieldChange {
        field: Field::Attendees,
        before: json!({ "late": "needsAction", "gone": "declined" }),
        after: json!({ "late": "accepted", "new": "needsAction" }),
    };
    assert_eq!(found, [expect]);
    before.attendees.reverse();
    after.attendees = before.attendees.iter().rev().cloned().collect();
    assert_eq!(changes(&before, &after), [], "their order is no change");
}

#[test]
fn an_entry_stays_small() {
    let mut after = event();
    after.description = Some("é".repeat(100_000));
    after.recurrence = vec!["RDATE:20270101".into(); 10_000];
    after.attendees = (0..10_000)
        .map(|n| guest(&format!("{n}{}", "x".repeat(1000)), Response::Accepted))
        .collect();
    let size: usize = changes(&event(), &after)
        .iter()
        .map(|change| change.after.to_string().len())
        .sum();
    assert!(size < 40_000, "{size} bytes");
}

#[test]
fn what_is_gone_is_remembered_by_what_it_was() {
    let fields: Vec<Field> = last_words(&event()).iter().map(|it| it.field).collect();
    assert_eq!(fields, [Field::Title, Field::Start, Field::End]);
    let cancelled = Event {
        status: EventStatus::Cancelled,
        ..event()
    };
    assert_eq!(
        last_words(&cancelled),
        [],
        "that it is gone was said before"
    );
}
