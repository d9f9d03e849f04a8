//! Writing against the stand-in Google: what is there afterwards, who was mailed, and what each
//! refusal is read as.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use duet_google::auth::AccessToken;
use duet_google::error::Error;
use duet_google::events::{
    Address, Found, Mark, Next, Reader, Resource, changed_body, delete, get, insert, move_to,
    new_body, occurrence, own_answer_body, patch, update, written_by_duet,
};
use duet_model::duet_event::{Content, DuetEventId, Field, Guest};
use duet_model::event::{EventId, EventTime, Response, Visibility};
use duet_model::outbox::Notify;
use duet_model::zones::ZoneDb;
use duet_sandbox::{Endpoint, EventSpec, Fault, FaultKind, scopes};
use serde_json::{Value, json};

use crate::setting::{ANA, Setting, small};

const TEAM: &str = "c_team_berlin@group.calendar.google.com";
const LI: &str = "li@example.com";

fn reader() -> Reader<'static> {
    static ZONES: LazyLock<ZoneDb> = LazyLock::new(ZoneDb::bundled);
    Reader {
        me: ANA,
        zones: &ZONES,
    }
}

fn mark() -> Mark {
    Mark {
        event: DuetEventId("7-7".into()),
        install: "desk".into(),
    }
}

fn at(text: &str) -> EventTime {
    EventTime::At {
        at: text.parse::<DateTime<Utc>>().expect("an instant"),
        zone: Some("Europe/Berlin".into()),
    }
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
        start: at("2026-11-25T17:00:00Z"),
        end: at("2026-11-25T18:30:00Z"),
        location: "Hall".into(),
        notes: "Scores".into(),
        guests: vec![guest(LI)],
        recurrence: Vec::new(),
        reminders: None,
        transparent: true,
        visibility: Visibility::Private,
        conference: false,
    }
}

/// A client that may write, and the requests it makes.
struct Desk {
    setting: Setting,
    token: AccessToken,
}

impl Desk {
    async fn new() -> Self {
        let setting = small().await;
        let tokens = setting
            .control
            .grant(ANA, &[scopes::CALENDAR])
            .expect("ana");
        let token = AccessToken::new(tokens.access_token, Duration::from_secs(3599));
        Self { setting, token }
    }

    async fn insert(&self, id: &str, content: &Content, notify: Notify) -> Result<Resource, Error> {
        let body = new_body(content, &EventId(id.into()), &mark());
        let client = &self.setting.client;
        insert(client, &self.token, ANA, &body, notify, &reader()).await
    }

    async fn get(&self, calendar: &str, id: &str) -> Result<Found, Error> {
        let event = EventId(id.into());
        let at = Address {
            calendar,
            event: &event,
        };
        get(&self.setting.client, &self.token, at, &reader()).await
    }

    async fn there(&self, calendar: &str, id: &str) -> Resource {
        match self.get(calendar, id).await {
            Ok(Found::There(resource)) => resource,
            other => panic!("it is there: {other:?}"),
        }
    }

    async fn update(
        &self,
        from: &Resource,
        content: &Content,
        fields: &[Field],
        notify: Notify,
    ) -> Result<Resource, Error> {
        let fields: BTreeSet<Field> = fields.iter().copied().collect();
        let body = changed_body(from, content, &fields, Some(&mark())).expect("all guests");
        let at = Address {
            calendar: ANA,
            event: &from.event.id,
        };
        let client = &self.setting.client;
        update(
            client,
            &self.token,
            at,
            from.etag(),
            &body,
            notify,
            &reader(),
        )
        .await
    }

    async fn delete(&self, id: &str, etag: Option<&str>) -> Result<(), Error> {
        let event = EventId(id.into());
        let at = Address {
            calendar: ANA,
            event: &event,
        };
        delete(&self.setting.client, &self.token, at, etag, Notify::All).await
    }

    async fn occurrence(&self, series: &str, slot: &EventTime) -> Result<Option<Found>, Error> {
        let event = EventId(series.into());
        let at = Address {
            calendar: ANA,
            event: &event,
        };
        occurrence(&self.setting.client, &self.token, at, slot, &reader()).await
    }

    /// Who was mailed so far, and what.
    fn mails(&self) -> Vec<(String, String)> {
        let mails = self.setting.control.mails();
        mails.into_iter().map(|it| (it.to, it.subject)).collect()
    }

    fn fault(&self, on: Endpoint, kind: FaultKind) {
        self.setting.control.fault(Fault::once(on, kind));
    }
}

fn mail(to: &str, subject: &str) -> (String, String) {
    (to.to_owned(), subject.to_owned())
}

#[tokio::test]
async fn an_event_is_made_read_changed_and_deleted() {
    let desk = Desk::new().await;
    let made = desk.insert("abc01", &choir(), Notify::None).await.unwrap();
    assert_eq!(
        Content::of(&made.event),
        choir(),
        "it reads back as it was meant"
    );
    assert_eq!(made.mark, Some(mark()));
    assert_eq!(made.event.etag.as_deref(), Some(made.etag()));
    assert_eq!(desk.there(ANA, "abc01").await, made);

    let series = Content {
        title: "Days".into(),
        start: EventTime::Date("2026-11-25".parse().unwrap()),
        end: EventTime::Date("2026-11-26".parse().unwrap()),
        recurrence: vec!["RRULE:FREQ=WEEKLY;COUNT=3".into()],
        guests: vec![guest(LI), guest("out@elsewhere.test")],
        transparent: false,
        ..choir()
    };
    let fields = [
        Field::Title,
        Field::When,
        Field::Guests,
        Field::Transparency,
    ];
    let changed = desk
        .update(&made, &series, &fields, Notify::External)
        .await
        .unwrap();
    assert_eq!(Content::of(&changed.event), series);
    assert_eq!(desk.mails(), [mail("out@elsewhere.test", "invitation")]);
    let back = desk
        .update(&changed, &choir(), &fields, Notify::All)
        .await
        .unwrap();
    assert_eq!(
        Content::of(&back.event),
        choir(),
        "of another kind, and of one again"
    );

    desk.delete("abc01", Some(back.etag())).await.unwrap();
    let id = EventId("abc01".into());
    let gone = Found::CalledOff {
        id,
        mark: Some(mark()),
    };
    assert_eq!(desk.get(ANA, "abc01").await.unwrap(), gone);
    assert_eq!(
        desk.mails()[1..],
        [
            mail(LI, "update"),
            mail("out@elsewhere.test", "cancellation"),
            mail(LI, "cancellation"),
        ]
    );
}

#[tokio::test]
async fn what_others_keep_in_an_event_survives_a_change() {
    let desk = Desk::new().await;
    let theirs = json!({
        "id": "theirs", "summary": "Old", "colorId": "7", "x-new": {"kept": [1.5, null, "é\u{202e}"]},
        "start": {"dateTime": "2026-11-25T09:00:00Z", "x": 1}, "end": {"dateTime": "2026-11-25T10:00:00Z"},
        "attachments": [{"fileUrl": "https://example.com/a"}], "source": {"url": "https://example.com"},
        "guestsCanModify": true, "sequence": 4,
        "extendedProperties": {"private": {"other": "1"}, "shared": {"app": "2"}},
        "attendees": [{"email": LI, "responseStatus": "accepted", "comment": "Yes", "additionalGuests": 2}],
    });
    let control = &desk.setting.control;
    control
        .add_event(ANA, ANA, EventSpec::from_json(theirs))
        .unwrap();
    let before = desk.there(ANA, "theirs").await;
    let content = Content {
        guests: vec![guest(LI), guest("new@example.com")],
        ..choir()
    };
    let written = desk
        .update(
            &before,
            &content,
            &[Field::Title, Field::Guests],
            Notify::None,
        )
        .await
        .unwrap();
    let mut expect: Value = serde_json::from_str(before.raw()).unwrap();
    let now: Value = serde_json::from_str(written.raw()).unwrap();
    expect["summary"] = json!("Choir");
    expect["attendees"] = json!([expect["attendees"][0],
        {"email": "new@example.com", "responseStatus": "needsAction"}]);
    expect["extendedProperties"]["private"] =
        json!({"other": "1", "duet": "1", "duet_id": "7-7", "duet_install": "desk"});
    for name in ["etag", "updated"] {
        expect[name] = now[name].clone();
    }
    assert_eq!(now, expect);
    assert!(desk.mails().is_empty());
}

#[tokio::test]
async fn names_and_titles_that_mean_harm_are_only_text() {
    let desk = Desk::new().await;
    let hostile = [
        "\"}],\"id\":\"other\"".to_owned(),
        "\u{202e}gro.elpmaxe\u{0}\u{7}".to_owned(),
        "</script><b>\\u0000\\".to_owned(),
        "ä".repeat(10 * 1024),
    ];
    for (n, name) in hostile.iter().enumerate() {
        let named = Guest {
            name: Some(name.clone()),
            ..guest(LI)
        };
        let content = Content {
            title: name.clone(),
            guests: vec![named],
            ..choir()
        };
        let id = format!("abc0{n}");
        desk.insert(&id, &content, Notify::None).await.unwrap();
        let there = desk
            .setting
            .control
            .event(ANA, ANA, &id)
            .expect("it is there");
        assert_eq!(there["summary"], *name);
        assert_eq!(there["attendees"][0]["displayName"], *name);
        // Read, changed and written, it is still the same text.
        let read = desk.there(ANA, &id).await;
        let moved = Content {
            location: name.clone(),
            ..choir()
        };
        desk.update(&read, &moved, &[Field::Location], Notify::None)
            .await
            .unwrap();
        let there = desk
            .setting
            .control
            .event(ANA, ANA, &id)
            .expect("it is there");
        assert_eq!(there["attendees"][0]["displayName"], *name);
        assert_eq!(
            (&there["summary"], &there["location"]),
            (&json!(name), &json!(name))
        );
    }
}

#[tokio::test]
async fn what_each_refusal_is_read_as() {
    let desk = Desk::new().await;
    let made = desk.insert("abc01", &choir(), Notify::None).await.unwrap();
    let again = desk
        .insert("abc01", &choir(), Notify::None)
        .await
        .unwrap_err();
    assert!(
        matches!(again, Error::Conflict { ref reason } if reason == "duplicate"),
        "{again:?}"
    );
    let control = &desk.setting.control;
    control.answer(ANA, ANA, "abc01", LI, "declined").unwrap();
    let stale = desk
        .update(&made, &choir(), &[Field::Title], Notify::None)
        .await
        .unwrap_err();
    assert!(matches!(stale, Error::Stale), "{stale:?}");
    let stale = desk.delete("abc01", Some(made.etag())).await.unwrap_err();
    assert!(matches!(stale, Error::Stale), "{stale:?}");
    let event = EventId("abc01".into());
    let at = Address {
        calendar: ANA,
        event: &event,
    };
    let (client, token) = (&desk.setting.client, &desk.token);
    let old = made.etag();
    let stale = patch(client, token, at, old, "{}", Notify::None, &reader())
        .await
        .unwrap_err();
    assert!(matches!(stale, Error::Stale), "{stale:?}");
    let stale = move_to(client, token, at, TEAM, old, Notify::None)
        .await
        .unwrap_err();
    assert!(matches!(stale, Error::Stale), "{stale:?}");

    desk.delete("abc01", None).await.unwrap();
    let gone = desk.delete("abc01", None).await.unwrap_err();
    assert!(matches!(gone, Error::Deleted), "{gone:?}");
    let never = desk.delete("never0", None).await.unwrap_err();
    assert!(matches!(never, Error::NotFound), "{never:?}");
    let taken = desk
        .insert("abc01", &choir(), Notify::None)
        .await
        .unwrap_err();
    assert!(
        matches!(taken, Error::Conflict { .. }),
        "for ever: {taken:?}"
    );
    let never = desk.get(ANA, "never0").await.unwrap_err();
    assert!(matches!(never, Error::NotFound), "{never:?}");

    let reading = AccessToken::new(
        control
            .grant(ANA, &[scopes::CALENDAR_READONLY])
            .expect("ana")
            .access_token,
        Duration::from_secs(3599),
    );
    let body = new_body(&choir(), &EventId("abc02".into()), &mark());
    let refused = insert(client, &reading, ANA, &body, Notify::None, &reader()).await;
    assert!(
        matches!(refused, Err(Error::MissingPermission)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_did_not_arrive_or_was_not_answered_is_sent_once_and_said() {
    let desk = Desk::new().await;
    let control = &desk.setting.control;
    // The connection is in use already, so that one that dies is found out by the write.
    desk.insert("first", &choir(), Notify::None).await.unwrap();
    for (n, kind) in [
        FaultKind::DropBefore,
        FaultKind::DropAfter,
        FaultKind::CutBody { after_bytes: 40 },
        FaultKind::MalformedJson,
        FaultKind::EmptyBody,
        FaultKind::WrongType,
        FaultKind::CaptivePortal,
        FaultKind::Redirect,
        FaultKind::unavailable(),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("abc0{n}");
        control.clear_requests();
        desk.fault(Endpoint::EventsWrite, kind.clone());
        let lost = desk.insert(&id, &choir(), Notify::All).await;
        assert!(lost.is_err(), "{kind:?}: {lost:?}");
        assert_eq!(
            control.count(Endpoint::EventsWrite),
            1,
            "{kind:?}: sent once"
        );
        match desk.insert(&id, &choir(), Notify::All).await {
            Ok(_) | Err(Error::Conflict { .. }) => {}
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
        let made = control
            .creates()
            .iter()
            .filter(|(_, made)| *made == id)
            .count();
        assert_eq!(made, 1, "{kind:?}");
        let read = desk.there(ANA, &id).await;
        // A change that was carried out and not answered is stale when it is sent again.
        desk.fault(Endpoint::EventsWrite, kind.clone());
        let later = Content {
            title: "Later".into(),
            ..choir()
        };
        let lost = desk
            .update(&read, &later, &[Field::Title], Notify::All)
            .await;
        assert!(lost.is_err(), "{kind:?}: {lost:?}");
        match desk
            .update(&read, &later, &[Field::Title], Notify::All)
            .await
        {
            Ok(_) | Err(Error::Stale) => {}
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
        assert_eq!(desk.there(ANA, &id).await.event.title, "Later", "{kind:?}");
        // No answer but "no content" says that it is gone.
        desk.fault(Endpoint::EventsWrite, kind.clone());
        let lost = desk.delete(&id, None).await;
        let cut = matches!(kind, FaultKind::CutBody { .. });
        assert!(lost.is_err() || cut, "{kind:?}: {lost:?}");
        match desk.delete(&id, None).await {
            Ok(()) | Err(Error::Deleted) => {}
            Err(error) => panic!("{kind:?}: {error:?}"),
        }
        let mails = desk.mails();
        let told: Vec<&str> = mails
            .iter()
            .skip(3 * n)
            .map(|(_, what)| what.as_str())
            .collect();
        assert_eq!(
            told,
            ["invitation", "update", "cancellation"],
            "{kind:?}: once each"
        );
    }
}

#[tokio::test]
async fn a_call_is_made_once_and_taken_out_again() {
    let desk = Desk::new().await;
    let made = desk.insert("abc01", &choir(), Notify::None).await.unwrap();
    assert_eq!(made.event.conference, None);
    let called = Content {
        conference: true,
        ..choir()
    };
    let made = desk
        .update(&made, &called, &[Field::Conference], Notify::None)
        .await
        .unwrap();
    let link = made.event.conference.clone();
    assert_eq!(link.as_deref(), Some("https://meet.google.com/abc01"));
    let again = desk
        .update(&made, &called, &[Field::Title], Notify::None)
        .await
        .unwrap();
    assert_eq!(again.event.conference, link, "another change leaves it");
    let without = desk
        .update(&again, &choir(), &[Field::Conference], Notify::None)
        .await
        .unwrap();
    assert_eq!(without.event.conference, None);
    let from_the_start = desk.insert("abc02", &called, Notify::None).await.unwrap();
    assert!(from_the_start.event.conference.is_some());
}

#[tokio::test]
async fn an_invitation_of_somebody_else_is_answered() {
    let desk = Desk::new().await;
    let wall: NaiveDateTime = "2026-11-26T10:00:00".parse().unwrap();
    let spec = EventSpec::at("Theirs", "Europe/Berlin", wall, 60)
        .id("theirs")
        .organizer("mo@example.com", "Mo")
        .guest(LI, "Li", "accepted")
        .guest(ANA, "Ana", "needsAction");
    let control = &desk.setting.control;
    control.add_event(ANA, ANA, spec).unwrap();
    let read = desk.there(ANA, "theirs").await;
    let event = read.event.id.clone();
    let at = Address {
        calendar: ANA,
        event: &event,
    };
    let (client, token) = (&desk.setting.client, &desk.token);
    let body = own_answer_body(&read, ANA, Response::Accepted).unwrap();
    let said = patch(
        client,
        token,
        at,
        read.etag(),
        &body,
        Notify::All,
        &reader(),
    )
    .await
    .unwrap();
    assert_eq!(said.event.my_response, Some(Response::Accepted));
    let there = control.event(ANA, ANA, "theirs").unwrap();
    assert_eq!(
        there["attendees"][0]["responseStatus"], "accepted",
        "the others are as they were"
    );
    assert_eq!(there["summary"], "Theirs");
    assert_eq!(desk.mails(), [mail("mo@example.com", "answer")]);
    let moved = desk
        .update(&said, &choir(), &[Field::When], Notify::None)
        .await
        .unwrap_err();
    assert!(matches!(moved, Error::Forbidden { .. }), "{moved:?}");
}

#[tokio::test]
async fn an_event_moves_and_is_found_there() {
    let desk = Desk::new().await;
    let made = desk.insert("abc01", &choir(), Notify::None).await.unwrap();
    let event = made.event.id.clone();
    let at = Address {
        calendar: ANA,
        event: &event,
    };
    let (client, token) = (&desk.setting.client, &desk.token);
    move_to(client, token, at, TEAM, made.etag(), Notify::All)
        .await
        .unwrap();
    assert_eq!(desk.mails(), [mail(LI, "update")]);
    let there = desk.there(TEAM, "abc01").await;
    assert_eq!(
        (Content::of(&there.event), there.mark),
        (choir(), Some(mark()))
    );
    assert!(matches!(
        desk.get(ANA, "abc01").await,
        Ok(Found::CalledOff { .. })
    ));
}

#[tokio::test]
async fn an_occurrence_is_found_by_its_slot() {
    let desk = Desk::new().await;
    let series = Content {
        recurrence: vec!["RRULE:FREQ=WEEKLY;COUNT=20".into()],
        ..choir()
    };
    desk.insert("serie", &series, Notify::None).await.unwrap();
    let days = Content {
        start: EventTime::Date("2026-11-25".parse().unwrap()),
        end: EventTime::Date("2026-11-26".parse().unwrap()),
        ..series.clone()
    };
    desk.insert("dates", &days, Notify::None).await.unwrap();
    let slot = at("2026-12-02T17:00:00Z");
    let Some(Found::There(second)) = desk.occurrence("serie", &slot).await.unwrap() else {
        panic!("the second week");
    };
    assert_eq!(second.event.series, Some(EventId("serie".into())));
    assert_eq!(second.event.original_start, Some(slot.clone()));
    // Moved away, it still stands for its slot.
    let later = Content {
        start: at("2026-12-03T17:00:00Z"),
        end: at("2026-12-03T18:00:00Z"),
        ..choir()
    };
    let moved = desk
        .update(&second, &later, &[Field::When], Notify::None)
        .await
        .unwrap();
    let found = desk.occurrence("serie", &slot).await.unwrap();
    assert_eq!(found, Some(Found::There(moved)));
    // An empty page in front of it is not the end.
    desk.fault(Endpoint::Events, FaultKind::EmptyPage);
    assert!(desk.occurrence("serie", &slot).await.unwrap().is_some());
    desk.fault(Endpoint::Events, FaultKind::RepeatedPage);
    assert!(
        desk.occurrence("serie", &slot).await.unwrap().is_some(),
        "it was on it"
    );
    for kind in [
        FaultKind::WrongType,
        FaultKind::EmptyBody,
        FaultKind::MalformedJson,
        FaultKind::status(200, "odd", "no list"),
    ] {
        desk.fault(Endpoint::Events, kind.clone());
        let nothing = desk.occurrence("serie", &slot).await;
        assert!(
            matches!(nothing, Err(Error::BadAnswer { .. })),
            "{kind:?}: {nothing:?}"
        );
    }
    desk.setting
        .control
        .fault(Fault::always(Endpoint::Events, FaultKind::EndlessPages));
    let nothing = desk.occurrence("serie", &slot).await;
    assert!(matches!(nothing, Err(Error::EndlessPages)), "{nothing:?}");
    desk.setting.control.clear_faults();

    let day = EventTime::Date("2026-12-09".parse().unwrap());
    let Some(Found::There(third)) = desk.occurrence("dates", &day).await.unwrap() else {
        panic!("the third day");
    };
    assert_eq!(third.event.original_start, Some(day.clone()));
    desk.delete(&third.event.id.0, Some(third.etag()))
        .await
        .unwrap();
    let off = desk.occurrence("dates", &day).await.unwrap();
    assert!(matches!(off, Some(Found::CalledOff { .. })), "{off:?}");

    let no_slot = desk
        .occurrence("serie", &at("2026-12-02T17:30:00Z"))
        .await
        .unwrap();
    assert_eq!(no_slot, None);
    let none = desk.occurrence("never0", &slot).await.unwrap_err();
    assert!(matches!(none, Error::NotFound), "{none:?}");
}

#[tokio::test]
async fn all_that_duet_ever_wrote_is_found() {
    let desk = Desk::new().await;
    let (client, token) = (&desk.setting.client, &desk.token);
    for n in 0..260 {
        let body = json!({"id": format!("duet{n}"), "summary": "Mine",
            "start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"},
            "extendedProperties": {"private": {"duet": "1", "duet_id": format!("{n}")}}});
        desk.setting
            .control
            .add_event(ANA, ANA, EventSpec::from_json(body))
            .unwrap();
    }
    // It says that it is Duet's, and not what.
    let stray = json!({"id": "stray", "start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"},
        "extendedProperties": {"private": {"duet": "1"}}});
    desk.setting
        .control
        .add_event(ANA, ANA, EventSpec::from_json(stray))
        .unwrap();
    // What nobody can read is Duet's all the same.
    let odd = json!({"id": "odd00", "start": {"date": "2026-13-45"}, "end": {"date": "2026-13-46"},
        "extendedProperties": {"private": {"duet": "1", "duet_id": "odd"}}});
    desk.setting
        .control
        .add_event(ANA, ANA, EventSpec::from_json(odd))
        .unwrap();
    desk.delete("duet7", None).await.unwrap();
    // The first page is empty, and more follow.
    desk.fault(Endpoint::Events, FaultKind::EmptyPage);
    let (mut found, mut next, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let asked = next.as_deref();
        let (page, then) = written_by_duet(client, token, ANA, asked, &reader())
            .await
            .unwrap();
        pages += 1;
        let odd = page.iter().filter(|it| it.resource.is_none());
        assert!(odd.into_iter().all(|it| it.id.0 == "odd00"));
        found.extend(page.into_iter().map(|it| it.id.0));
        match then {
            Next::Page(token) => next = Some(token),
            Next::Done { .. } => break,
        }
    }
    let ids: BTreeSet<&String> = found.iter().collect();
    assert_eq!(
        (found.len(), ids.len(), pages),
        (260, 260, 3),
        "each once, and nobody else's"
    );
    assert!(
        !ids.contains(&"duet7".to_owned()),
        "what is deleted is gone"
    );

    desk.setting
        .control
        .fault(Fault::always(Endpoint::Events, FaultKind::RepeatedPage));
    let (_, again) = written_by_duet(client, token, ANA, None, &reader())
        .await
        .unwrap();
    let Next::Page(again) = again else {
        panic!("it leads on")
    };
    let circle = written_by_duet(client, token, ANA, Some(&again), &reader()).await;
    assert!(matches!(circle, Err(Error::EndlessPages)), "{circle:?}");
}

#[tokio::test]
async fn every_write_says_whom_to_tell_and_asks_for_calls() {
    let desk = Desk::new().await;
    let control = &desk.setting.control;
    control.clear_requests();
    let made = desk.insert("abc01", &choir(), Notify::None).await.unwrap();
    let made = desk
        .update(&made, &choir(), &[], Notify::External)
        .await
        .unwrap();
    let event = EventId("abc01".into());
    let at = Address {
        calendar: ANA,
        event: &event,
    };
    let (client, token) = (&desk.setting.client, &desk.token);
    let body = r#"{"colorId":"3"}"#;
    let made = patch(client, token, at, made.etag(), body, Notify::All, &reader())
        .await
        .unwrap();
    move_to(client, token, at, TEAM, made.etag(), Notify::None)
        .await
        .unwrap();
    let said = |query: &str, name: &str| -> Vec<String> {
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let named = pairs.filter(|(said, _)| said == name);
        named.map(|(_, value)| value.into_owned()).collect()
    };
    let writes: Vec<_> = control
        .requests()
        .into_iter()
        .filter(|request| request.endpoint == Endpoint::EventsWrite)
        .collect();
    let whom: Vec<_> = writes
        .iter()
        .map(|it| said(&it.query, "sendUpdates"))
        .collect();
    assert_eq!(
        whom,
        [["none"], ["externalOnly"], ["all"], ["none"]],
        "also where nobody is told"
    );
    for write in writes.iter().take(3) {
        assert_eq!(
            said(&write.query, "conferenceDataVersion"),
            ["1"],
            "{}",
            write.method
        );
    }
}
