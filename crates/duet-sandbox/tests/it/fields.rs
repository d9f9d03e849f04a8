//! Partial answers, and answers that are given again.

use duet_sandbox::{EventSpec, Options};
use reqwest::header::{ACCEPT_ENCODING, USER_AGENT};
use serde_json::{Value, json};

use crate::support::{ANA, Session, today};

fn names(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
    // Their order is the JSON library's affair, and another one in a larger build.
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_listing_holds_what_was_asked_for_and_its_tokens_only_when_named() {
    let session = Session::small().await;
    let path =
        "calendars/primary/events?maxResults=2&fields=nextPageToken,items(id,start/dateTime)";
    let page = session.get(path).await;
    assert_eq!(page.status, 200);
    assert_eq!(names(&page.body), ["items", "nextPageToken"]);
    for item in page.items() {
        assert!(
            names(item)
                .iter()
                .all(|name| ["id", "start"].contains(name)),
            "{item}"
        );
        assert!(item["start"].get("timeZone").is_none(), "{item}");
    }
    let bare = session
        .get("calendars/primary/events?fields=items/id")
        .await;
    assert_eq!(names(&bare.body), ["items"], "a token nobody named is lost");

    let list = session
        .get("users/me/calendarList?fields=nextSyncToken,items(id,accessRole)")
        .await;
    assert_eq!(names(&list.body), ["items", "nextSyncToken"]);
    assert_eq!(names(&list.items()[0]), ["accessRole", "id"]);

    let week = json!({"timeMin": "2026-11-23T00:00:00Z", "timeMax": "2026-11-30T00:00:00Z",
        "items": [{"id": ANA}, {"id": "nobody@example.com"}]});
    let busy = session
        .post("freeBusy?fields=calendars/*/busy/start", week.clone())
        .await;
    assert_eq!(names(&busy.body), ["calendars"]);
    let ana = &busy.body["calendars"][ANA];
    assert_eq!(names(ana), ["busy"]);
    assert_eq!(names(&ana["busy"][0]), ["start"]);
    let nobody = &busy.body["calendars"]["nobody@example.com"];
    assert_eq!(names(nobody), ["busy"], "the error was not asked for");
}

#[tokio::test]
async fn an_odd_selector_is_refused_as_google_refuses_it() {
    let session = Session::small().await;
    let rows = [
        ("users/me/calendarList?fields=items(id", "items(id"),
        ("users/me/calendarList?fields=items/colour", "colour"),
        ("calendars/primary/events?fields=items(id,guests)", "guests"),
        ("calendars/primary/events?fields=kind,", ""),
    ];
    for (path, at) in rows {
        let answer = session.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(
            answer.body["error"]["errors"][0],
            json!({"domain": "global", "reason": "invalidParameter",
                "message": format!("Invalid field selection {at}"),
                "locationType": "parameter", "location": "fields"}),
            "{path}"
        );
    }
    let answer = session
        .post(
            "freeBusy?fields=people",
            json!({"timeMin": "2026-11-23T00:00:00Z",
            "timeMax": "2026-11-30T00:00:00Z", "items": [{"id": ANA}]}),
        )
        .await;
    assert_eq!((answer.status, answer.reason()), (400, "invalidParameter"));
}

#[tokio::test]
async fn a_kept_answer_is_the_same_until_something_changes() {
    let options = Options {
        replay: true,
        ..Options::default()
    };
    let session = Session::with(options).await;
    let events = "calendars/primary/events?maxResults=2500";
    let first = session.get(events).await;
    let again = session.get(events).await;
    assert_eq!(first.body, again.body);
    assert_eq!(
        session.control.requests().len(),
        2,
        "a kept answer is logged like any other"
    );

    session
        .request(reqwest::Method::GET, events)
        .header(ACCEPT_ENCODING, "gzip")
        .header(USER_AGENT, "test (gzip)")
        .send()
        .await
        .expect("an answer");
    let sent: Vec<usize> = session
        .control
        .requests()
        .iter()
        .map(|one| one.bytes)
        .collect();
    assert!(
        sent[0] == sent[1] && sent[2] * 4 < sent[1],
        "compressed ones are kept apart: {sent:?}"
    );

    let day = today().and_hms_opt(12, 0, 0).expect("noon");
    session
        .control
        .add_event(ANA, "primary", EventSpec::at("New", "UTC", day, 30))
        .expect("ana has a calendar");
    let changed = session.get(events).await;
    assert_eq!(changed.items().len(), first.items().len() + 1, "by hand");

    let insert = json!({"summary": "Newer", "start": {"date": "2026-11-25"},
        "end": {"date": "2026-11-26"}});
    assert_eq!(
        session
            .post("calendars/primary/events", insert)
            .await
            .status,
        200
    );
    let changed = session.get(events).await;
    assert_eq!(changed.items().len(), first.items().len() + 2, "by the API");

    session.control.revoke(ANA);
    assert_eq!(
        session.get(events).await.status,
        401,
        "a dead token is no key"
    );
}
