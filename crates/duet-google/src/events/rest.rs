//! What an event says beyond what Duet understands of it.
//!
//! It is kept for what Duet will write or show later. What the event itself holds whole is left out:
//! of 50,000 events everything twice is half of the database, and of the time that storing them takes.

use super::caps::{DESCRIPTION_CAP, ID_CAP, LINE_CAP, LINK_CAP};
use super::members::{Members, Object};

/// Members of which the event holds all there is to know, unless they were longer than this many
/// bytes and may have been cut.
const HELD: [(&str, usize); 13] = [
    ("id", ID_CAP),
    ("etag", ID_CAP),
    ("iCalUID", ID_CAP),
    ("recurringEventId", ID_CAP),
    ("summary", LINE_CAP),
    ("location", LINE_CAP),
    ("description", DESCRIPTION_CAP),
    ("htmlLink", LINK_CAP),
    ("start", usize::MAX),
    ("end", usize::MAX),
    ("originalStartTime", usize::MAX),
    ("recurrence", usize::MAX),
    ("updated", usize::MAX),
];

/// Words that Duet knows; others are read as the default and stand for more.
const WORDS: [(&str, &[&str]); 4] = [
    (
        "status",
        &[r#""confirmed""#, r#""tentative""#, r#""cancelled""#],
    ),
    ("transparency", &[r#""opaque""#, r#""transparent""#]),
    (
        "visibility",
        &[r#""default""#, r#""public""#, r#""private""#],
    ),
    (
        "eventType",
        &[
            r#""default""#,
            r#""outOfOffice""#,
            r#""focusTime""#,
            r#""workingLocation""#,
            r#""birthday""#,
            r#""fromGmail""#,
        ],
    ),
];

fn is_held(name: &str, value: &str) -> bool {
    let whole = HELD
        .iter()
        .any(|(held, cap)| *held == name && value.len() <= *cap && value != r#""""#);
    let known = WORDS
        .iter()
        .any(|(held, words)| *held == name && words.contains(&value));
    whole || known
}

/// The object without the members that the event holds. `None` where it is no object.
pub(super) fn rest(json: &str) -> Option<String> {
    let Members(members) = Members::of(json)?;
    let mut rest = Object::default();
    for (name, value) in &members {
        if !is_held(name, value.get()) {
            rest.put(name, value.get());
        }
    }
    Some(rest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_event_holds_is_left_out_and_the_rest_is_as_it_came() {
        let long = format!(r#"{{"summary":"{}"}}"#, "a".repeat(LINE_CAP));
        let cases = [
            ("{}", Some("{}")),
            (
                r#"{"id":"a","summary":"Choir","start":{"date":"2026-11-22"}}"#,
                Some("{}"),
            ),
            (
                r#"{ "id" : "a", "sequence" : 0 , "colorId": "7",
                    "extendedProperties":{ "private" :{"x":"\u0041"}}}"#,
                Some(
                    r#"{"sequence":0,"colorId":"7","extendedProperties":{ "private" :{"x":"\u0041"}}}"#,
                ),
            ),
            // Words that may mean more than what they are read as.
            (
                r#"{"status":"confirmed","eventType":"party","visibility":"confidential"}"#,
                Some(r#"{"eventType":"party","visibility":"confidential"}"#),
            ),
            (r#"{"sta\u0074us":"confirmed"}"#, Some("{}")),
            (r#"{"transparency":5}"#, Some(r#"{"transparency":5}"#)),
            (r#"{"summary":""}"#, Some(r#"{"summary":""}"#)),
            // It may have been cut.
            (&long, Some(&long)),
            ("[]", None),
            ("{", None),
        ];
        for (json, expect) in cases {
            assert_eq!(rest(json).as_deref(), expect, "{json}");
        }
    }
}
