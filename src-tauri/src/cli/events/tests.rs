//! What is given on the command line, and what is said before somebody is mailed.

use chrono::NaiveDate;
use duet_model::outbox::Mailing;

use super::*;

fn draft() -> EventDraft {
    let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
    EventDraft {
        title: "Choir".into(),
        start: Typed::Wall(day.and_hms_opt(18, 0, 0).unwrap()),
        end: Typed::Wall(day.and_hms_opt(20, 0, 0).unwrap()),
        location: "Hall".into(),
        notes: String::new(),
        guests: vec![Guest {
            email: "ben@example.org".into(),
            name: Some("Ben".into()),
            optional: false,
        }],
        repeat: Some("FREQ=WEEKLY".into()),
        reminder: ReminderDraft::Default,
        transparent: false,
        conference: false,
        place: None,
    }
}

#[test]
fn only_what_is_given_is_put_into_a_draft() {
    let mut same = draft();
    fill(&mut same, &Details::default()).unwrap();
    assert_eq!(same, draft());

    let mut changed = draft();
    let details = Details {
        place: Some(String::new()),
        guests: vec!["BEN@example.org".into(), "cy@example.org".into()],
        repeat: Some("none".into()),
        remind: Some("10".into()),
        show_as: Some(ShowAs::Free),
        call: true,
        ..Details::default()
    };
    fill(&mut changed, &details).unwrap();
    assert_eq!(changed.location, "");
    assert_eq!(changed.guests.len(), 2, "each once");
    assert_eq!(changed.guests[0].name.as_deref(), Some("Ben"));
    assert_eq!(changed.repeat, None);
    assert_eq!(changed.reminder, ReminderDraft::Before(10));
    assert!(changed.transparent && changed.conference);
    let odd = Details {
        remind: Some("soon".into()),
        ..Details::default()
    };
    assert!(fill(&mut changed, &odd).is_err());
}

#[test]
fn who_is_mailed_is_said_before() {
    let told = |mailed: &[&str], untold: &[&str]| {
        let list = |emails: &[&str]| emails.iter().map(|it| (*it).to_owned()).collect();
        let mailing = Mailing {
            mailed: list(mailed),
            repeatedly: vec![],
            untold: list(untold),
        };
        print::mailing(&mailing, "Adding it").join("|")
    };
    let moved = Mailing {
        mailed: vec!["a@b.c".to_owned()],
        repeatedly: vec!["a@b.c".to_owned()],
        untold: vec![],
    };
    assert_eq!(
        print::mailing(&moved, "Changing it").join("|"),
        "Changing it mails 1 guest: a@b.c.|More than one mail goes to a@b.c."
    );
    assert_eq!(told(&[], &[]), "");
    assert_eq!(told(&["a@b.c"], &[]), "Adding it mails 1 guest: a@b.c.");
    assert_eq!(
        told(&["a@b.c"], &["d@e.f", "g@h.i"]),
        "Adding it mails 1 guest: a@b.c.|Not told: 2 guests: d@e.f, g@h.i. Outside Google they hear \
         nothing of it."
    );
    assert_eq!(
        told(&[], &["d@e.f"]),
        "Adding it mails nobody.|Not told: 1 guest: d@e.f. Outside Google they hear nothing of it."
    );
}

#[test]
fn an_event_is_moved_to_exactly_the_times_that_were_given() {
    let zone = duet_model::zones::ZoneDb::bundled()
        .zone("Europe/Berlin")
        .unwrap();
    let at = |text: &str| When::Instant(format!("{text}:00Z").parse().unwrap());
    // 18:00 to 20:00 in Berlin.
    let stands = (at("2026-12-01T17:00"), at("2026-12-01T19:00"));
    let berlin = "Europe/Berlin";
    type Given<'a> = (Option<&'a str>, Option<&'a str>);
    let rows: [(Given<'_>, [&str; 3]); 8] = [
        (
            (None, None),
            ["2026-12-01 18:00", "2026-12-01 20:00", berlin],
        ),
        (
            (Some("2026-12-02T09:00"), None),
            ["2026-12-02 09:00", "2026-12-02 11:00", berlin],
        ),
        (
            (None, Some("2026-12-01T21:00")),
            ["2026-12-01 18:00", "2026-12-01 21:00", berlin],
        ),
        (
            (Some("2026-12-02T09:00Z"), None),
            ["2026-12-02 10:00", "2026-12-02 12:00", berlin],
        ),
        (
            (None, Some("2026-12-01T21:00Z")),
            ["2026-12-01 18:00", "2026-12-01 22:00", berlin],
        ),
        // The clock shows 03:30 then, and it is as long as it was.
        (
            (Some("2027-03-28T02:30"), None),
            ["2027-03-28 02:30", "2027-03-28 05:30", berlin],
        ),
        // The hour that comes twice: the second one.
        (
            (Some("2026-10-25T01:30Z"), None),
            ["2026-10-25 01:30", "2026-10-25 03:30", "UTC"],
        ),
        (
            (Some("2026-10-25T02:30+01:00"), Some("2026-10-25T04:00")),
            ["2026-10-25 01:30", "2026-10-25 03:00", "UTC"],
        ),
    ];
    for (given, expect) in rows {
        let mut draft = draft();
        let on = moved::put(&mut draft, stands, given, false, &zone).unwrap();
        let told = |typed: Typed| match typed {
            Typed::Wall(wall) => wall.format("%Y-%m-%d %H:%M").to_string(),
            Typed::Date(day) => day.to_string(),
        };
        let found = [told(draft.start), told(draft.end), on];
        assert_eq!(found, expect, "{given:?}");
    }
    for given in [
        (Some("2026-12-02T09:00:30"), None),
        (None, Some("2026-12-01T21:00:30Z")),
    ] {
        let refused = moved::put(&mut draft(), stands, given, false, &zone).unwrap_err();
        assert!(refused.message.contains("full minute"), "{given:?}");
    }
    let days = (Some("2026-12-03"), Some("2026-12-04"));
    let mut of_days = draft();
    moved::put(&mut of_days, stands, days, false, &zone).unwrap();
    let day = |day: u32| Typed::Date(NaiveDate::from_ymd_opt(2026, 12, day).unwrap());
    assert_eq!((of_days.start, of_days.end), (day(3), day(5)));
    let series = (Some("2026-10-25T01:30Z"), None);
    let refused = moved::put(&mut draft(), stands, series, true, &zone);
    assert!(refused.is_err(), "no wall clock says that each week");
}
