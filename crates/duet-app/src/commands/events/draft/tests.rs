//! What can be typed, and what of it is refused.

use chrono::{NaiveDate, TimeDelta};
use duet_model::zones::ZoneDb;
use duet_wire::duet_event::Place;

use super::*;

fn berlin() -> Zone {
    ZoneDb::bundled().zone("Europe/Berlin").unwrap()
}

fn wall(text: &str) -> Typed {
    Typed::Wall(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

fn day(text: &str) -> Typed {
    Typed::Date(text.parse().unwrap())
}

/// Made in Berlin.
fn stood(before: &Content) -> Option<Before<'_>> {
    static BERLIN: std::sync::LazyLock<Zone> = std::sync::LazyLock::new(berlin);
    Some(Before {
        content: before,
        clock: &BERLIN,
    })
}

fn draft() -> EventDraft {
    EventDraft {
        title: " Choir ".into(),
        start: wall("2026-11-24 18:00"),
        end: wall("2026-11-24 20:00"),
        location: String::new(),
        notes: String::new(),
        guests: Vec::new(),
        repeat: None,
        reminder: ReminderDraft::Default,
        transparent: false,
        conference: false,
        place: None,
    }
}

fn place() -> Option<Place> {
    Some(Place {
        account: "ana@example.com".into(),
        calendar: "ana@example.com".into(),
    })
}

fn guest(email: &str) -> Guest {
    Guest {
        email: email.into(),
        name: None,
        optional: false,
    }
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    type Change = fn(&mut EventDraft);
    let invited: Change = |it| {
        it.place = place();
        it.guests = vec![guest("ben@example.org")];
    };
    let rows: [(Change, bool); 20] = [
        (|_| {}, true),
        (|it| it.title.clear(), true),
        (|it| it.end = wall("2026-11-24 18:00"), false),
        (|it| it.end = wall("2026-11-24 17:00"), false),
        (|it| it.end = day("2026-11-25"), false),
        (
            |it| (it.start, it.end) = (day("2026-11-24"), day("2026-11-25")),
            true,
        ),
        (
            |it| (it.start, it.end) = (day("2026-11-24"), day("2026-11-24")),
            false,
        ),
        (|it| it.end = wall("2027-12-24 20:00"), false),
        (
            |it| {
                it.start = wall("1850-11-24 18:00");
                it.end = wall("1850-11-24 19:00");
            },
            false,
        ),
        (|it| it.title = "x".repeat(1_001), false),
        (|it| it.location = "x".repeat(1_001), false),
        (|it| it.notes = "ä".repeat(4_001), false),
        (|it| it.repeat = Some("FREQ=WEEKLY;BYDAY=TU".into()), true),
        (|it| it.repeat = Some("FREQ=WEEKLY;BYDAY=WE".into()), false),
        (
            |it| it.repeat = Some("FREQ=DAILY;UNTIL=20261101".into()),
            false,
        ),
        (|it| it.repeat = Some("every day".into()), false),
        (invited, true),
        (|it| it.guests = vec![guest("ben@example.org")], false),
        (
            |it| {
                it.place = place();
                it.guests = vec![guest("ben")];
            },
            false,
        ),
        (|it| it.reminder = ReminderDraft::Before(40_321), false),
    ];
    for (number, (change, fine)) in rows.into_iter().enumerate() {
        let mut draft = draft();
        change(&mut draft);
        let said = content(&draft, &berlin(), None);
        assert_eq!(said.is_ok(), fine, "row {number}: {said:?}");
        if let Err(error) = said {
            assert_eq!(error.code, ErrorCode::Invalid);
            assert!(error.message.ends_with('.'), "{}", error.message);
        }
    }
}

#[test]
fn an_address_has_a_name_and_a_domain() {
    let rows = [
        ("ben@example.org", true),
        (" Ben@Example.org ", true),
        ("ben+choir@mail.example.co.uk", true),
        ("ünï@exämple.org", true),
        ("ben", false),
        ("@example.org", false),
        ("ben@example", false),
        ("ben@.org", false),
        ("ben@@example.org", false),
        ("ben@example.org, cy@example.org", false),
        ("<ben@example.org>", false),
        ("ben@exam\u{0}ple.org", false),
        ("ben@example.org\n", true),
        ("ben\n@example.org", false),
        ("ben\u{202e}@example.org", false),
        ("b\u{200b}en@example.org", false),
        ("ben@ex\u{feff}ample.org", false),
    ];
    for (email, fine) in rows {
        assert_eq!(guests(&[guest(email)]).is_ok(), fine, "{email:?}");
    }
    let twice = guests(&[guest("ben@example.org"), guest(" BEN@example.org")]).unwrap();
    assert_eq!(twice, [guest("ben@example.org")], "each once");
}

#[test]
fn an_event_that_lost_its_calendar_can_still_be_changed() {
    let invited = EventDraft {
        place: place(),
        guests: vec![guest("ben@example.org")],
        ..draft()
    };
    let before = content(&invited, &berlin(), None).unwrap();
    let alone = EventDraft {
        place: None,
        ..invited
    };
    let said = content(&alone, &berlin(), stood(&before)).unwrap();
    assert_eq!(said.guests, [], "here alone nobody is invited");
    let more = EventDraft {
        guests: vec![guest("ben@example.org"), guest("cy@example.org")],
        ..alone
    };
    assert!(content(&more, &berlin(), stood(&before)).is_err());
}

#[test]
fn what_cannot_be_seen_is_not_kept() {
    let typed = EventDraft {
        title: "Choir\u{7}\u{202e} \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f468}\u{200d}\u{1f469}".into(),
        location: "Hall\n2\u{2066}".into(),
        notes: "one\r\ntwo\u{0}\n\tthree\u{202a}".into(),
        ..draft()
    };
    let said = content(&typed, &berlin(), None).unwrap();
    assert_eq!(
        said.title,
        "Choir  \u{5e9}\u{5dc}\u{5d5}\u{5dd} \u{1f468}\u{200d}\u{1f469}"
    );
    assert_eq!(said.location, "Hall 2");
    assert_eq!(words::plain::text(&said.notes), "one\ntwo\n three");
}

#[test]
fn a_time_that_was_not_touched_stays_where_it_is() {
    // The second 02:30 of the night in which the clocks go back, written in another zone.
    let second = EventTime::At {
        at: "2026-10-25T01:30:00Z".parse().unwrap(),
        zone: Some("Europe/London".into()),
    };
    let before = Content {
        start: second.clone(),
        end: EventTime::At {
            at: "2026-10-25T03:00:00Z".parse().unwrap(),
            zone: Some("Europe/London".into()),
        },
        ..content(&draft(), &berlin(), None).unwrap()
    };
    let typed = |start: Typed| EventDraft {
        start,
        end: wall("2026-10-25 04:00"),
        ..draft()
    };
    let kept = content(&typed(wall("2026-10-25 02:30")), &berlin(), stood(&before)).unwrap();
    assert_eq!((&kept.start, &kept.end), (&second, &before.end));
    let moved = content(&typed(wall("2026-10-25 02:00")), &berlin(), stood(&before)).unwrap();
    let expect = EventTime::At {
        at: "2026-10-25T00:00:00Z".parse().unwrap(),
        zone: Some("Europe/Berlin".into()),
    };
    assert_eq!(moved.start, expect, "a new time is one of the display zone");
}

#[test]
fn a_series_of_another_zone_is_moved_on_its_own_clock() {
    let zone = |name: &str| ZoneDb::bundled().zone(name).unwrap();
    let (berlin, auckland) = (berlin(), zone("Pacific/Auckland"));
    let weekly = EventDraft {
        start: wall("2026-11-25 08:00"),
        end: wall("2026-11-25 09:00"),
        repeat: Some("FREQ=WEEKLY;BYDAY=WE".into()),
        ..draft()
    };
    let before = content(&weekly, &auckland, None).unwrap();
    // In Berlin it is the evening of the day before.
    let moved = EventDraft {
        start: wall("2026-11-24 21:00"),
        end: wall("2026-11-24 22:00"),
        ..weekly
    };
    let said = Before {
        content: &before,
        clock: &auckland,
    };
    let expect = EventTime::At {
        at: "2026-11-24T20:00:00Z".parse().unwrap(),
        zone: Some("Pacific/Auckland".into()),
    };
    let kept = content(&moved, &berlin, Some(said)).unwrap();
    assert_eq!(kept.start, expect);
    assert_eq!(kept.recurrence, before.recurrence);
    // What is typed as a new rule has to fit there as well.
    for (rule, fine) in [
        ("FREQ=DAILY;BYDAY=WE", true),
        ("FREQ=DAILY;BYDAY=TU", false),
    ] {
        let ruled = EventDraft {
            repeat: Some(rule.into()),
            ..moved.clone()
        };
        let ruled = content(&ruled, &berlin, Some(said));
        assert_eq!(ruled.is_ok(), fine, "{rule}");
    }
}

#[test]
fn what_a_draft_cannot_say_is_kept() {
    let before = Content {
        visibility: Visibility::Private,
        recurrence: vec![
            "RRULE:FREQ=WEEKLY;BYSETPOS=1;BYDAY=TU".into(),
            "EXDATE:20261201T170000Z".into(),
        ],
        reminders: Some(Reminders {
            use_default: false,
            overrides: vec![
                Reminder {
                    method: ReminderMethod::Email,
                    minutes: 60,
                },
                Reminder {
                    method: ReminderMethod::Popup,
                    minutes: 5,
                },
            ],
        }),
        ..content(&draft(), &berlin(), None).unwrap()
    };
    let kept = EventDraft {
        repeat: Some("FREQ=WEEKLY;BYSETPOS=1;BYDAY=TU".into()),
        reminder: reminder_draft(before.reminders.as_ref()),
        ..draft()
    };
    let said = content(&kept, &berlin(), stood(&before)).unwrap();
    assert_eq!(said, before);
    let daily = EventDraft {
        repeat: Some("FREQ=DAILY".into()),
        ..kept
    };
    let said = content(&daily, &berlin(), stood(&before)).unwrap();
    assert_eq!(
        said.recurrence,
        ["RRULE:FREQ=DAILY", "EXDATE:20261201T170000Z"]
    );
}

#[test]
fn markup_in_notes_outlives_a_change_of_something_else() {
    let noted = |notes: &str, before: Option<&Content>| {
        let draft = EventDraft {
            notes: notes.into(),
            ..draft()
        };
        content(&draft, &berlin(), before.and_then(stood)).unwrap()
    };
    let rich = Content {
        notes: "<b>Bring</b> the score<br>".into(),
        ..noted("", None)
    };
    assert_eq!(noted("Bring the score", Some(&rich)).notes, rich.notes);
    assert_eq!(noted("Bring tea", Some(&rich)).notes, "Bring tea");
    assert_eq!(
        noted("<b>", None).notes,
        "&lt;b&gt;",
        "typed, and so not markup"
    );
}

#[test]
fn reminders_are_shown_as_they_are_said() {
    for draft in [
        ReminderDraft::Default,
        ReminderDraft::Never,
        ReminderDraft::Before(0),
        ReminderDraft::Before(40_320),
    ] {
        let stored = reminders(draft, None).unwrap();
        assert_eq!(reminder_draft(stored.as_ref()), draft);
    }
}

#[test]
fn a_year_of_days_is_the_longest() {
    let start = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for (days, fine) in [(366, true), (367, false)] {
        let draft = EventDraft {
            start: Typed::Date(start),
            end: Typed::Date(start + TimeDelta::days(days)),
            ..draft()
        };
        assert_eq!(content(&draft, &berlin(), None).is_ok(), fine, "{days}");
    }
}

/// In Berlin the hour from 02:00 is skipped on 2027-03-28; what lies in it comes out an hour later.
#[test]
fn a_time_that_the_clock_skips_is_read_later_and_a_refusal_says_so() {
    let told = |from: &str, to: &str| {
        let day = |time: &str| wall(&format!("2027-03-28 {time}"));
        let draft = EventDraft {
            start: day(from),
            end: day(to),
            ..draft()
        };
        let walls = |time: EventTime| match time {
            EventTime::At { at, .. } => berlin().to_wall(at).format("%H:%M").to_string(),
            EventTime::Date(_) => String::new(),
        };
        match content(&draft, &berlin(), None) {
            Ok(content) => format!("{} {}", walls(content.start), walls(content.end)),
            Err(error) => error.message,
        }
    };
    for (from, to, expect) in [
        ("02:30", "05:00", "03:30 05:00"),
        ("01:30", "02:30", "01:30 03:30"),
        ("02:15", "02:45", "03:15 03:45"),
        ("03:45", "02:15", "The end must be after the start."),
    ] {
        assert_eq!(told(from, to), expect, "{from} {to}");
    }
    for to in ["03:00", "03:30"] {
        assert_eq!(
            told("02:30", to),
            "The clocks in Europe/Berlin go forward on 2027-03-28 and never show 02:30, so it means 03:30. \
             The end must be after that."
        );
    }
}
