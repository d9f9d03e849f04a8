//! Answers that are right, odd, hostile or silent: what is not known is never free.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn query(ids: &[&str]) -> Query {
    Query {
        time_min: at("2026-11-22T00:00:00Z"),
        time_max: at("2026-11-23T00:00:00Z"),
        calendars: ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

fn answer(calendars: Value, ids: &[&str]) -> HashMap<String, CalendarAnswer> {
    let mut reply = json!({
        "kind": "calendar#freeBusy",
        "timeMin": "2026-11-22T00:00:00.000Z",
        "timeMax": "2026-11-23T01:00:00.000+01:00",
    });
    reply["calendars"] = calendars;
    read(serde_json::from_value(reply).unwrap(), &query(ids)).unwrap()
}

fn one(calendar: Value) -> CalendarAnswer {
    answer(Value::from_iter([("a", calendar)]), &["a"])
        .remove("a")
        .unwrap()
}

fn time(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

#[test]
fn busy_times_are_read_whatever_their_offset() {
    let busy = json!({"busy": [
        {"start": "2026-11-22T15:00:00+01:00", "end": "2026-11-22T16:00:00+01:00"},
        {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T10:30:00Z"},
    ]});
    let expect = vec![
        time("2026-11-22T09:00:00Z", "2026-11-22T10:30:00Z"),
        time("2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z"),
    ];
    assert_eq!(one(busy), CalendarAnswer::Busy(expect));
    assert_eq!(
        one(json!({"busy": []})),
        CalendarAnswer::Busy(vec![]),
        "wholly free"
    );
}

#[test]
fn times_are_clipped_to_the_span_asked_about() {
    let busy = json!({"busy": [
        {"start": "2026-11-21T09:00:00Z", "end": "2026-11-22T08:00:00Z"},
        {"start": "2026-11-22T23:00:00Z", "end": "2026-11-25T00:00:00Z"},
        {"start": "2026-11-26T00:00:00Z", "end": "2026-11-27T00:00:00Z"},
    ]});
    let expect = vec![
        time("2026-11-22T00:00:00Z", "2026-11-22T08:00:00Z"),
        time("2026-11-22T23:00:00Z", "2026-11-23T00:00:00Z"),
    ];
    assert_eq!(one(busy), CalendarAnswer::Busy(expect));
}

#[test]
fn a_bad_time_is_quarantined_and_the_others_kept() {
    let good = json!({"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T10:00:00Z"});
    let kept = vec![time("2026-11-22T09:00:00Z", "2026-11-22T10:00:00Z")];
    for bad in [
        json!({"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T09:00:00Z"}),
        json!({"start": "tomorrow", "end": "2026-11-22T09:00:00Z"}),
        json!({"start": "2026-11-22", "end": "2026-11-23"}),
        json!({"start": "2026-11-22T10:00:00", "end": "2026-11-22T11:00:00"}),
        json!({"end": "2026-11-22T09:00:00Z"}),
        json!({"start": 5, "end": 6}),
        json!("busy"),
        json!(null),
    ] {
        assert_eq!(
            one(json!({"busy": [bad, good]})),
            CalendarAnswer::Partial {
                busy: kept.clone(),
                quarantined: 1
            },
            "{bad}"
        );
    }
    let empty = json!({"start": "2026-11-22T10:00:00Z", "end": "2026-11-22T10:00:00Z"});
    assert_eq!(
        one(json!({"busy": [empty, good]})),
        CalendarAnswer::Busy(kept),
        "no time at all"
    );
}

#[test]
fn an_error_outweighs_busy_times() {
    let failed = one(json!({
        "busy": [{"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T10:00:00Z"}],
        "errors": [{"domain": "global", "reason": "internalError"}, {}],
    }));
    let reasons = vec!["internalError".to_owned(), "unknown".to_owned()];
    assert_eq!(failed, CalendarAnswer::Failed { reasons });
    let gone = one(json!({"errors": [{"domain": "global", "reason": "notFound"}]}));
    let reasons = vec!["notFound".to_owned()];
    assert_eq!(gone, CalendarAnswer::Failed { reasons });
    for odd in [
        json!(null),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"errors": []}),
        json!({"busy": null}),
        json!({"busy": 5}),
        json!({"busy": {}, "errors": 1}),
    ] {
        let got = one(odd.clone());
        assert!(
            matches!(got, CalendarAnswer::Failed { .. }),
            "{odd}: {got:?}"
        );
    }
}

#[test]
fn a_calendar_that_is_not_mentioned_is_absent_and_not_free() {
    let got = answer(
        json!({"a": {"busy": []}, "stranger": {"busy": []}}),
        &["a", "b", "a"],
    );
    assert_eq!(got.len(), 2, "exactly the calendars that were asked about");
    assert_eq!(got["a"], CalendarAnswer::Busy(vec![]));
    assert_eq!(got["b"], CalendarAnswer::Absent);
}

#[test]
fn another_span_is_no_answer() {
    let min = "2026-11-22T00:00:00Z";
    let max = "2026-11-23T00:00:00Z";
    let cases = [
        (json!(min), json!(max), true),
        (json!("2026-11-22T00:00:00.999Z"), json!(max), true),
        (json!("2026-11-22T00:00:02Z"), json!(max), false),
        (json!(min), json!("2026-11-22T12:00:00Z"), false),
        (json!(min), json!("2027-11-23T00:00:00Z"), false),
        (json!(null), json!(max), false),
        (json!(min), json!(null), false),
    ];
    for (min, max, fine) in cases {
        let reply = json!({"timeMin": min, "timeMax": max, "calendars": {}});
        let got = read(serde_json::from_value(reply).unwrap(), &query(&["a"]));
        assert_eq!(got.is_ok(), fine, "{min} to {max}");
    }
}

/// JSON of any shape, made of the words and values that mean something in an answer.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        prop::sample::select(vec![
            "2026-11-22T09:00:00Z",
            "2026-11-22T10:00:00+14:00",
            "-262143-01-01T00:00:00Z",
            "+262142-12-31T23:59:59Z",
            "2026-11-22",
            "notFound",
            "",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(vec!["busy", "errors", "start", "end", "reason", "x"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5000))]

    #[test]
    fn no_shape_of_json_panics_or_invents_free_time(calendar in any_json()) {
        let got = one(calendar.clone());
        let span = Interval::new(at("2026-11-22T00:00:00Z"), at("2026-11-23T00:00:00Z")).unwrap();
        match got {
            CalendarAnswer::Busy(busy) => {
                prop_assert!(calendar["busy"].is_array(), "free or busy only where it is said");
                prop_assert!(busy.iter().all(|time| span.covers(time)));
                prop_assert!(busy.is_sorted());
            }
            CalendarAnswer::Partial { busy, quarantined } => {
                prop_assert!(quarantined > 0 && busy.iter().all(|time| span.covers(time)));
            }
            CalendarAnswer::Failed { reasons } => prop_assert!(!reasons.is_empty()),
            CalendarAnswer::Absent => prop_assert!(false, "it was mentioned"),
        }
    }
}
