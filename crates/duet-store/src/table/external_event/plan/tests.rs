//! What is written for an event, by what is stored of it: one case a line.

use std::collections::BTreeMap;

use duet_model::event::{Event, EventId, EventKey, EventStatus};
use serde_json::json;

use super::super::EventBody;
use super::{Before, NewEvent, plan};
use crate::row::json_of;

fn event() -> Event {
    serde_json::from_value(json!({
        "id": "a", "ical_uid": null, "etag": "1", "status": "confirmed", "title": "Choir",
        "description": null, "location": null, "start": { "date": "2027-01-01" },
        "end": { "date": "2027-01-02" }, "recurrence": [], "series": null,
        "original_start": null, "transparent": false, "visibility": "default",
        "event_type": "default", "my_response": null, "organizer": null, "attendees": [],
        "attendees_omitted": false, "conference": null, "link": null, "updated": null,
    }))
    .unwrap()
}

fn before(event: &Event) -> Before {
    Before {
        key: EventKey(7),
        facts: 1,
        body: EventBody::of(event, "{}"),
    }
}

/// Written, unchanged, noticed, words out, words in.
type Counts = (usize, usize, usize, usize, usize);

fn check(stored: Option<&Before>, now: &Event, facts: u32, raw: &str, refresh: bool) -> Counts {
    let stored: BTreeMap<EventId, Before> = stored
        .into_iter()
        .map(|it| (EventId("a".into()), it.clone()))
        .collect();
    let new = NewEvent {
        event: now,
        facts,
        body: &EventBody::of(now, raw),
    };
    let plan = plan(&[new], &stored, refresh);
    (
        plan.write.len(),
        plan.unchanged,
        plan.noticed.len(),
        plan.unfound.len(),
        plan.found.len(),
    )
}

#[test]
fn what_is_written_depends_on_what_is_stored() {
    let plain = event();
    let cancelled = Event {
        status: EventStatus::Cancelled,
        ..event()
    };
    let retitled = Event {
        title: "Band".into(),
        ..event()
    };
    let moved = Event {
        start: plain.end.clone(),
        ..event()
    };
    let version = Event {
        etag: Some("2".into()),
        ..event()
    };
    let unversioned = Event {
        etag: None,
        ..event()
    };
    let broken = Before {
        body: EventBody::stored(b"p{}\n{}".to_vec()),
        ..before(&plain)
    };
    let broken_off = Before {
        body: EventBody::stored(b"z".to_vec()),
        ..before(&plain)
    };
    let otherwise_packed = Before {
        body: EventBody::stored(format!("p{}\n{{}}", json_of(&plain)).into_bytes()),
        ..before(&plain)
    };
    let raw = before(&unversioned);
    let stored = before(&plain);
    let off = before(&cancelled);
    let cases = [
        ("new", check(None, &plain, 1, "{}", false), (1, 0, 0, 0, 1)),
        (
            "new, cancelled",
            check(None, &cancelled, 1, "{}", false),
            (1, 0, 0, 0, 0),
        ),
        (
            "the same",
            check(Some(&stored), &plain, 1, "{}", false),
            (0, 1, 0, 0, 0),
        ),
        (
            "the same, refreshed",
            check(Some(&stored), &plain, 1, "{}", true),
            (1, 0, 0, 0, 0),
        ),
        (
            "other facts",
            check(Some(&stored), &plain, 2, "{}", false),
            (1, 0, 0, 0, 0),
        ),
        (
            "other title",
            check(Some(&stored), &retitled, 1, "{}", false),
            (1, 0, 1, 1, 1),
        ),
        (
            "moved",
            check(Some(&stored), &moved, 1, "{}", false),
            (1, 0, 1, 0, 0),
        ),
        (
            "other version",
            check(Some(&stored), &version, 1, "{}", false),
            (1, 0, 0, 0, 0),
        ),
        (
            "taken out",
            check(Some(&stored), &cancelled, 1, "{}", false),
            (1, 0, 1, 1, 0),
        ),
        (
            "back again",
            check(Some(&off), &plain, 1, "{}", false),
            (1, 0, 1, 0, 1),
        ),
        (
            "unreadable",
            check(Some(&broken), &plain, 1, "{}", false),
            (1, 0, 0, 1, 1),
        ),
        (
            "broken off",
            check(Some(&broken_off), &plain, 1, "{}", false),
            (1, 0, 0, 1, 1),
        ),
        (
            "the same, packed in another way",
            check(Some(&otherwise_packed), &plain, 1, "{}", false),
            (0, 1, 0, 0, 0),
        ),
        (
            "the same version, sent in another order",
            check(Some(&stored), &plain, 1, "{1}", false),
            (0, 1, 0, 0, 0),
        ),
        (
            "no version, same",
            check(Some(&raw), &unversioned, 1, "{}", false),
            (0, 1, 0, 0, 0),
        ),
        (
            "no version, other",
            check(Some(&raw), &unversioned, 1, "{1}", false),
            (1, 0, 0, 0, 0),
        ),
    ];
    for (name, found, expect) in cases {
        assert_eq!(found, expect, "{name}");
    }
}
