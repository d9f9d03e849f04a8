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
            untold: list(untold),
        };
        print::mailing(&mailing, "Adding it").join("|")
    };
    assert_eq!(told(&[], &[]), "");
    assert_eq!(told(&["a@b.c"], &[]), "Adding it mails 1 guest: a@b.c.");
    assert_eq!(
        told(&["a@b.c"], &["d@e.f", "g@h.i"]),
        "Adding it mails 1 guest: a@b.c.|Adding it tells nothing to 2 guests: d@e.f, g@h.i. Outside \
         Google they hear nothing of it."
    );
}
