//! Packing and taking apart, and that what was stored once can always be read.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn event(title: &str) -> Event {
    serde_json::from_value(json!({
        "id": "a", "title": title, "start": { "date": "2027-01-01" },
        "end": { "date": "2027-01-02" },
    }))
    .unwrap()
}

proptest! {
    #[test]
    fn what_is_packed_comes_back(title in any::<String>(), raw in any::<String>()) {
        let event = event(&title);
        let body = EventBody::of(&event, &raw).unpack().unwrap();
        prop_assert_eq!(body.event(), json_of(&event));
        prop_assert_eq!(body.raw(), raw);
    }

    /// Whatever stands in the file: an answer, and no panic.
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for first in [PLAIN, PACKED] {
            let all = [&[first], bytes.as_slice()].concat();
            let _ = EventBody::stored(all).unpack();
        }
        let _ = EventBody::stored(bytes).unpack();
    }
}

/// Both as some Duet wrote them. When this fails, events that people have stored cannot be read.
#[test]
fn what_was_stored_once_can_be_read() {
    let packed = [
        122, 99, 0, 0, 0, 3, 94, 2, 23, 97, 23, 2, 82, 67, 104, 111, 105, 114, 115, 4, 17, 114,
        209, 1, 0, 212, 0, 9, 211, 0, 15, 239, 2, 8, 240, 4, 50, 34, 125, 125, 10, 123, 34, 115,
        101, 113, 117, 101, 110, 99, 101, 34, 58, 48, 125,
    ];
    for bytes in [
        br#"p{"id":"a","title":"Choir"}
{"sequence":0}"#
            .to_vec(),
        packed.to_vec(),
    ] {
        let body = EventBody::stored(bytes).unpack().unwrap();
        assert!(body.event().contains(r#""title":"Choir""#));
        assert_eq!(body.raw(), r#"{"sequence":0}"#);
    }
}

#[test]
fn what_cannot_be_taken_apart_is_said() {
    let whole = EventBody::of(&event("Choir"), "{}").0;
    let cut = whole[..whole.len() - 3].to_vec();
    let mut longer = whole;
    longer[1..5].copy_from_slice(&u32::MAX.to_le_bytes());
    let rows = [
        (vec![], "it is of no kind that is known"),
        (vec![b'q'], "it is of no kind that is known"),
        (vec![PACKED, 1], "it is cut short"),
        (longer, "it is longer than any event"),
        (cut, "it cannot be unpacked"),
        (vec![PLAIN, 0xff], "it is not a text"),
        (b"p{}".to_vec(), "its event does not end"),
    ];
    for (bytes, why) in rows {
        assert_eq!(
            EventBody::stored(bytes.clone()).unpack(),
            Err(why),
            "{bytes:?}"
        );
    }
}

/// FNV-1a: whatever word is changed, something that people have stored refers to it.
#[test]
fn the_words_are_what_they_were() {
    let sum = WORDS.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(sum, 70_119_608_171_400_961);
}

/// A usual event, as Google sends it: the words that it is packed against must fit it.
#[test]
fn a_usual_event_becomes_less_than_half() {
    let event: Event = serde_json::from_value(json!({
        "id": "2menp2opgjhiht37udh0pqngni", "ical_uid": "2menp2opgjhiht37udh0pqngni@google.com",
        "etag": "\"3000000000000244\"", "title": "Rehearsal",
        "start": {"at": {"at": "2027-08-04T13:00:00Z", "zone": "Europe/Berlin"}},
        "end": {"at": {"at": "2027-08-04T14:00:00Z", "zone": "Europe/Berlin"}},
        "organizer": {"email": "ana@example.com"},
        "link": "https://www.google.com/calendar/event?eid=2menp2opgjhiht37udh0pqngni",
        "reminders": {"use_default": true}, "updated": "2026-11-23T09:40:00Z",
    }))
    .unwrap();
    let raw = r#"{"creator":{"email":"ana@example.com","self":true},"organizer":{"email":"ana@example.com","self":true},"reminders":{"useDefault":true},"sequence":0}"#;
    let plain = json_of(&event).len() + raw.len();
    let packed = EventBody::of(&event, raw).bytes().len();
    assert!(packed * 2 < plain, "{packed} of {plain}");
}
