//! Pages, and what a sync token is bound to.

use super::*;

fn read(body: &str) -> Result<Page, Error> {
    let reader = Reader {
        me: "ana@example.com",
        zones: &ZoneDb::bundled(),
    };
    let listing: Listing<'_> = serde_json::from_str(body).map_err(unexpected)?;
    listing.read(&reader, 1)
}

#[test]
fn how_a_listing_goes_on() {
    let rows = [
        (r#""nextPageToken":"p""#, Next::Page("p".into())),
        // A page token goes before: the listing is complete only without one.
        (
            r#""nextPageToken":"p","nextSyncToken":"s""#,
            Next::Page("p".into()),
        ),
        (
            r#""nextPageToken":"","nextSyncToken":"s""#,
            Next::Done {
                sync_token: Some("s".into()),
            },
        ),
        (
            r#""items":[],"nextSyncToken":"""#,
            Next::Done { sync_token: None },
        ),
        (r#""items":[]"#, Next::Done { sync_token: None }),
    ];
    for (fields, next) in rows {
        let body = format!(r#"{{"kind":"calendar#events",{fields}}}"#);
        let page = read(&body).unwrap();
        assert_eq!((page.next, page.items.len()), (next, 0), "{fields}");
    }
}

#[test]
fn what_is_no_list_of_events_is_no_empty_list() {
    for body in [
        "{}",
        r#"{"items":[]}"#,
        r#"{"kind":"calendar#calendarList","items":[]}"#,
        r#"{"kind":"calendar#events"}"#,
        r#"{"kind":"calendar#events","items":{}}"#,
        r#"{"kind":"calendar#events","items":[],"nextPageToken":5}"#,
    ] {
        let error = read(body).unwrap_err();
        assert!(
            matches!(error, Error::BadAnswer { .. }),
            "{body}: {error:?}"
        );
    }
}

#[test]
fn what_the_account_may_do() {
    let rows = [
        (r#""accessRole":"owner""#, Some(AccessRole::Owner)),
        (
            r#""accessRole":"freeBusyReader""#,
            Some(AccessRole::FreeBusyReader),
        ),
        (r#""accessRole":"superReader""#, Some(AccessRole::Reader)),
        (r#""accessRole":"none""#, None),
        (r#""etag":"x""#, None),
    ];
    for (fields, role) in rows {
        let body = format!(r#"{{"kind":"calendar#events","items":[],{fields}}}"#);
        assert_eq!(read(&body).unwrap().access_role, role, "{fields}");
    }
}

#[test]
fn one_bad_event_fails_alone_and_nothing_is_lost() {
    let body = r#"{"kind":"calendar#events","timeZone":"Asia/Kathmandu","items":[
        null, 5, [], "x",
        {"id":"good1","start":{"dateTime":"2026-11-22T10:00:00"},"end":{"dateTime":"2026-11-22T11:00:00"}},
        {"id":"bad","start":{"date":"2026-13-01"}},
        {"id":"good2","start":{"date":"2026-11-22"},"end":{"date":"2026-11-23"}}
    ],"nextSyncToken":"s"}"#;
    let page = read(body).unwrap();
    let kinds: Vec<String> = page
        .items
        .iter()
        .map(|item| match item {
            Item::Event { event, .. } => event.id.0.clone(),
            Item::Gone(id) => format!("gone {}", id.0),
            Item::Quarantined { id, why, .. } => {
                format!("{} {why}", id.as_ref().map_or("-", |id| &id.0))
            }
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "- it is not an event",
            "- it is not an event",
            "- it is not an event",
            "- it is not an event",
            "good1",
            "bad its start cannot be read",
            "good2",
        ]
    );
    let Item::Event { event, raw } = &page.items[4] else {
        panic!("it is an event");
    };
    assert_eq!(raw, "{}", "the event holds all of it");
    assert!(
        format!("{:?}", event.start).contains("2026-11-22T04:15:00Z"),
        "read in the calendar's zone: {:?}",
        event.start
    );
}

#[test]
fn an_id_with_control_characters_is_none() {
    let times = r#""start":{"date":"2026-11-22"},"end":{"date":"2026-11-23"}"#;
    for odd in [r"a\u0000b", r"\u0001", r"a\nb", r"a\u007f", r"a\u0085"] {
        for body in [
            format!(r#"{{"id":"{odd}",{times}}}"#),
            format!(r#"{{"id":"{odd}","status":"cancelled"}}"#),
            format!(r#"{{"id":"x","recurringEventId":"{odd}",{times}}}"#),
        ] {
            let page = format!(r#"{{"kind":"calendar#events","items":[{body}]}}"#);
            let page = read(&page).unwrap();
            assert!(
                matches!(&page.items[0], Item::Quarantined { why, .. } if why.contains("its id holds")),
                "{body}: {:?}",
                page.items[0]
            );
        }
    }
}

#[test]
fn a_sync_token_is_bound_to_the_parameters() {
    let hash = parameters_hash();
    assert_eq!(hash.len(), 16);
    assert_eq!(
        hash, "926328699bafe589",
        "all calendars will be listed anew; if that is meant, write the new value here"
    );
}

#[test]
fn what_must_be_asked_for_is() {
    let fields = PARAMETERS[3].1;
    for name in [
        "kind,",
        "nextPageToken,",
        "nextSyncToken,",
        "accessRole,",
        "timeZone,",
        "items(id,",
        "recurringEventId,",
        "originalStartTime,",
        "attendeesOmitted,",
        "reminders,",
    ] {
        assert!(fields.contains(name), "{name}");
    }
    assert_eq!(
        fields.matches('(').count(),
        fields.matches(')').count(),
        "an unbalanced selection is refused"
    );
    assert!(!fields.contains(' '), "{fields}");
    for never in ["timeMin", "orderBy", "showDeleted", "syncToken"] {
        assert!(PARAMETERS.iter().all(|(name, _)| *name != never), "{never}");
    }
}
