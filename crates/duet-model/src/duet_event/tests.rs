//! Versions of an event told apart and put together, and what is taken over from Google.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::event::{Attendee, Person, Reminders, Response};

fn at(hour: i64) -> EventTime {
    EventTime::At {
        at: DateTime::UNIX_EPOCH + TimeDelta::hours(hour),
        zone: Some("Europe/Berlin".into()),
    }
}

fn content() -> Content {
    Content {
        title: "Choir".into(),
        start: at(18),
        end: at(20),
        location: String::new(),
        notes: String::new(),
        guests: Vec::new(),
        recurrence: Vec::new(),
        reminders: None,
        transparent: false,
        visibility: crate::event::Visibility::Default,
        conference: false,
    }
}

fn guests(emails: &[&str]) -> Vec<Guest> {
    let guest = |email: &&str| Guest {
        email: (*email).into(),
        name: None,
        optional: false,
    };
    emails.iter().map(guest).collect()
}

fn event() -> DuetEvent {
    DuetEvent {
        id: DuetEventId("6f2c1a9e-0000-4000-8000-00000000ABCD".into()),
        content: content(),
        slot: None,
        cancelled: false,
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn an_id_is_what_google_takes() {
    let id = external_id(&event().id.0);
    assert_eq!(id.0, "6f2c1a9e00004000800000000000abcd");
    assert!(id.0.chars().all(|c| matches!(c, 'a'..='v' | '0'..='9')));
}

#[test]
fn an_exception_names_its_series_and_its_slot() {
    let plain = event().as_event(Some("ana@example.com"));
    assert_eq!(plain.series, None);
    assert_eq!(plain.status, EventStatus::Confirmed);
    assert_eq!(plain.my_response, None, "who invites need not answer");
    let exception = DuetEvent {
        slot: Some(Slot {
            series: DuetEventId("s".into()),
            original_start: at(18),
        }),
        cancelled: true,
        ..event()
    };
    let one = exception.as_event(None);
    assert_eq!(exception.head().0, "s");
    let named = exception.slot.as_ref().map(|slot| slot.event().series());
    assert_eq!(named, Some(exception.head().clone()));
    assert_eq!(event().id.series(), event().id);
    assert_eq!(one.series, Some(EventId("s".into())));
    assert_eq!(one.original_start, Some(at(18)));
    assert_eq!(one.status, EventStatus::Cancelled);
}

#[test]
fn what_goes_out_comes_back() {
    let full = Content {
        location: "Hall".into(),
        notes: "Bring scores".into(),
        guests: guests(&["ben@example.com"]),
        recurrence: vec!["RRULE:FREQ=WEEKLY".into()],
        transparent: true,
        ..content()
    };
    let event = full.as_event(Some("ana@example.com"));
    assert_eq!(Content::of(&event), full);
}

#[test]
fn ones_own_entry_and_rooms_are_no_guests() {
    let attendee = |email: &str, me, resource| Attendee {
        person: Person {
            email: Some(email.into()),
            name: None,
        },
        response: Response::Accepted,
        me,
        optional: false,
        resource,
    };
    let event = Event {
        attendees: vec![
            attendee("ana@example.com", true, false),
            attendee("room@resource", false, true),
            attendee("ben@example.com", false, false),
        ],
        reminders: Some(Reminders {
            use_default: true,
            overrides: Vec::new(),
        }),
        ..content().as_event(None)
    };
    let read = Content::of(&event);
    assert_eq!(read.guests, guests(&["ben@example.com"]));
    assert_eq!(read.reminders, None, "left to the calendar");
}

#[test]
fn the_badge_says_the_worst() {
    use LinkState::{Gone, Pending, Synced};
    let rows = [
        (Pending, false, false, Badge::Pending),
        (Pending, true, false, Badge::Pending),
        (Pending, true, true, Badge::Failed),
        (Synced, false, false, Badge::Synced),
        (Synced, true, false, Badge::Pending),
        (Synced, true, true, Badge::Failed),
        (Gone, false, false, Badge::Failed),
        (Gone, true, false, Badge::Pending),
    ];
    for (state, waiting, stuck, expect) in rows {
        let row = format!("{state:?} {waiting} {stuck}");
        assert_eq!(badge(state, waiting, stuck), expect, "{row}");
    }
}

#[test]
fn a_copy_is_taken_over_unless_it_is_known_or_a_change_waits() {
    let link = Link {
        event: event().id,
        calendar: CalendarId(1),
        external: Some(EventId("a".into())),
        etag: Some("\"1\"".into()),
        base: Some(content()),
        state: LinkState::Synced,
    };
    let remote = |etag: Option<&str>| Event {
        etag: etag.map(str::to_owned),
        title: "Moved".into(),
        ..content().as_event(None)
    };
    let taken = |etag, waiting| adopted(&link, &remote(etag), waiting).is_some();
    assert!(!taken(Some("\"1\""), false), "one's own write comes back");
    assert!(taken(Some("\"2\""), false));
    assert!(taken(None, false));
    assert!(!taken(Some("\"2\""), true), "they meet on the way out");
}

#[test]
fn versions_are_merged_field_by_field() {
    type Change = fn(&mut Content);
    let nothing: Change = |_| {};
    let title: Change = |it| it.title = "Mine".into();
    let other: Change = |it| it.title = "Theirs".into();
    let later: Change = |it| (it.start, it.end) = (at(19), at(21));
    let place: Change = |it| it.location = "Hall".into();
    // Mine, theirs, what is to be written, what clashes.
    let rows: [(Change, Change, &[Field], &[Field]); 9] = [
        (nothing, nothing, &[], &[]),
        (title, nothing, &[Field::Title], &[]),
        (nothing, title, &[], &[]),
        (title, title, &[], &[]),
        (title, other, &[], &[Field::Title]),
        (title, later, &[Field::Title], &[]),
        (later, place, &[Field::When], &[]),
        (
            |it| {
                it.title = "Mine".into();
                it.location = "Hall".into();
            },
            other,
            &[Field::Location],
            &[Field::Title],
        ),
        (
            later,
            |it| it.recurrence = vec!["RRULE:FREQ=DAILY".into()],
            &[],
            &[Field::When],
        ),
    ];
    for (number, (mine, theirs, write, clashes)) in rows.into_iter().enumerate() {
        let (base, mut one, mut two) = (content(), content(), content());
        mine(&mut one);
        theirs(&mut two);
        let merged = merge(&base, &one, &two);
        let as_list = |set: &std::collections::BTreeSet<Field>| -> Vec<Field> {
            set.iter().copied().collect()
        };
        assert_eq!(as_list(&merged.write), write, "row {number}");
        assert_eq!(as_list(&merged.clashes), clashes, "row {number}");
        for field in clashes {
            assert!(
                !merged.content.differs(&two).contains(field),
                "row {number}: Google's stays"
            );
        }
    }
}

#[test]
fn guests_come_and_go_one_by_one() {
    // Base, mine, theirs, what comes of it.
    type List = &'static [&'static str];
    let rows: [(List, List, List, List); 6] = [
        (&["a"], &["a", "b"], &["a"], &["a", "b"]),
        (&["a"], &["a", "b"], &["a", "c"], &["a", "c", "b"]),
        (&["a", "b"], &["a"], &["a", "b", "c"], &["a", "c"]),
        (&["a", "b"], &["a", "b", "c"], &["b"], &["b", "c"]),
        (&["a"], &["A", "b"], &["a"], &["a", "b"]),
        (&[], &["a"], &["A"], &["A"]),
    ];
    for (base, mine, theirs, expect) in rows {
        let with = |emails: &[&str]| Content {
            guests: guests(emails),
            ..content()
        };
        let merged = merge(&with(base), &with(mine), &with(theirs));
        assert_eq!(
            merged.content.guests,
            guests(expect),
            "{base:?} {mine:?} {theirs:?}"
        );
        assert!(merged.clashes.is_empty());
    }
}

#[test]
fn a_zone_that_google_does_not_repeat_is_no_change() {
    let bare = |mut it: Content| {
        if let EventTime::At { zone, .. } = &mut it.start {
            *zone = None;
        }
        it
    };
    assert!(bare(content()).differs(&content()).is_empty());
    let utc = |mut it: Content, name: &str| {
        if let EventTime::At { zone, .. } = &mut it.start {
            *zone = Some(name.into());
        }
        it
    };
    assert!(utc(content(), "UTC").differs(&content()).is_empty());
    let series = Content {
        recurrence: vec!["RRULE:FREQ=DAILY".into()],
        ..content()
    };
    assert!(
        !utc(series.clone(), "UTC").differs(&series).is_empty(),
        "a series repeats in its zone"
    );
}

fn versions() -> impl Strategy<Value = Content> {
    (0..3_u8, 0..3_i64, 0..3_u8, 0..8_u8, any::<bool>()).prop_map(
        |(title, hour, place, guest, transparent)| Content {
            title: format!("T{title}"),
            start: at(18 + hour),
            end: at(20 + hour),
            location: format!("P{place}"),
            guests: (0..3)
                .filter(|bit| guest >> bit & 1 == 1)
                .flat_map(|bit| guests(&[["a", "b", "c"][bit]]))
                .collect(),
            transparent,
            ..content()
        },
    )
}

proptest! {
    #[test]
    fn merging_loses_nothing(base in versions(), mine in versions(), theirs in versions()) {
        let merged = merge(&base, &mine, &theirs);
        for field in Field::ALL {
            let mine_changed = mine.differs(&base).contains(&field);
            let theirs_changed = theirs.differs(&base).contains(&field);
            let says = |version: &Content| !merged.content.differs(version).contains(&field);
            match (mine_changed, theirs_changed) {
                (false, _) => prop_assert!(says(&theirs), "{field:?}: untouched here"),
                (true, false) => prop_assert!(says(&mine), "{field:?}: untouched there"),
                // Both: one is there and the other noted, or they are put together.
                (true, true) => prop_assert!(
                    says(&theirs) || field == Field::Guests,
                    "{field:?}: Google's stays"
                ),
            }
            let clash = merged.clashes.contains(&field);
            prop_assert!(!clash || mine_changed && theirs_changed);
        }
        // Once written, there is nothing left to write.
        let again = merge(&merged.content, &merged.content, &merged.content);
        prop_assert!(again.write.is_empty() && again.clashes.is_empty());
    }

    #[test]
    fn with_no_change_of_ones_own_google_is_right(base in versions(), theirs in versions()) {
        let merged = merge(&base, &base, &theirs);
        prop_assert!(merged.write.is_empty());
        prop_assert_eq!(merged.content, theirs);
    }
}
