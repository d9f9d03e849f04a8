//! The handles: clock, tokens, log, compression, offline, and the same over HTTP.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_sandbox::{ClientKind, Endpoint, Options, Sandbox, World, scopes};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};

use crate::support::{ANA, Session, client, send, today};

const LIST: &str = "users/me/calendarList";

#[tokio::test]
async fn access_tokens_age_by_the_sandboxs_clock_and_can_be_expired() {
    let session = Session::small().await;
    assert_eq!(session.get(LIST).await.status, 200);
    session.control.advance(TimeDelta::seconds(3500));
    assert_eq!(session.get(LIST).await.status, 200);
    session.control.advance(TimeDelta::seconds(100));
    let old = session.get(LIST).await;
    assert_eq!((old.status, old.reason()), (401, "authError"));
    let fresh = session
        .control
        .grant(ANA, &[scopes::CALENDAR])
        .expect("ana")
        .access_token;
    let session = Session {
        token: fresh,
        ..session
    };
    assert_eq!(session.get(LIST).await.status, 200);
    session.control.expire_access_tokens(ANA);
    assert_eq!(session.get(LIST).await.status, 401);
    let bare = send(client().get(format!("{}/{LIST}", session.sandbox.calendar_url()))).await;
    assert_eq!(
        (bare.status, bare.reason()),
        (401, "required"),
        "no token at all"
    );
}

#[tokio::test]
async fn the_date_header_is_the_sandboxs_time() {
    let session = Session::small().await;
    let then: DateTime<Utc> = "2031-01-02T03:04:05Z".parse().expect("an instant");
    session.control.set_now(then);
    let response = session
        .request(Method::GET, LIST)
        .send()
        .await
        .expect("an answer");
    let date = response.headers()["date"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert!(date.starts_with("Thu, 02 Jan 2031 03:04:"), "{date}");
}

#[tokio::test]
async fn gzip_needs_the_header_and_the_user_agent() {
    let session = Session::small().await;
    let ask = async |headers: &[(&'static str, &'static str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().expect("a header"));
        }
        let path = "calendars/primary/events?maxResults=2500";
        let response = session.request(Method::GET, path).headers(map).send().await;
        response.expect("an answer").bytes().await.expect("a body");
        session.control.requests().last().expect("logged").bytes
    };
    let plain = ask(&[("accept-encoding", "gzip"), ("user-agent", "Duet/1.0")]).await;
    assert_eq!(
        ask(&[("user-agent", "Duet/1.0 (gzip)"), ("accept-encoding", "br")]).await,
        plain
    );
    let small = ask(&[
        ("accept-encoding", "gzip"),
        ("user-agent", "Duet/1.0 (gzip)"),
    ])
    .await;
    assert!(small * 3 < plain, "{small} of {plain} bytes");
}

#[tokio::test]
async fn the_log_knows_who_asked_what_and_forgets_secrets() {
    let session = Session::small().await;
    session.get(&format!("{LIST}?maxResults=3")).await;
    session
        .get("calendars/ana%40example.com/events?maxResults=1")
        .await;
    client()
        .get(format!(
            "{}?state=hush&client_id=x",
            session.sandbox.auth_url()
        ))
        .send()
        .await
        .expect("a page");
    let log = session.control.requests();
    assert_eq!(log[0].endpoint, Endpoint::CalendarList);
    assert_eq!((log[0].account.as_deref(), log[0].status), (Some(ANA), 200));
    assert_eq!(log[0].query, "maxResults=3");
    assert_eq!(log[1].calendar.as_deref(), Some(ANA));
    assert!(
        log[2].account.is_none() && !log[2].query.contains("hush"),
        "{}",
        log[2].query
    );
    assert_eq!(session.control.count(Endpoint::Events), 1);
    assert_eq!(session.control.count(Endpoint::Any), 3);
    let text = serde_json::to_string(&log).expect("JSON");
    assert!(!text.contains(&session.token), "no token in the log");
}

#[tokio::test]
async fn offline_refuses_connections_and_comes_back_on_the_same_port() {
    let session = Session::small().await;
    assert_eq!(session.get(LIST).await.status, 200);
    session.control.set_online(false).await;
    let refused = session.request(Method::GET, LIST).send().await;
    assert!(refused.expect_err("nobody listens").is_connect());
    session.control.set_online(true).await;
    assert_eq!(session.get(LIST).await.status, 200);
}

#[tokio::test]
async fn dropping_or_stopping_frees_the_port() {
    let sandbox = Sandbox::start(World::small(today()))
        .await
        .expect("a free port");
    let address = sandbox.control().address();
    sandbox.stop().await;
    let again = Sandbox::start_at(World::small(today()), address, Options::default()).await;
    assert!(again.is_ok(), "the same port again at once");
}

#[tokio::test]
async fn the_environment_names_a_client_and_every_endpoint() {
    let sandbox = Sandbox::start(World::small(today()))
        .await
        .expect("a free port");
    let names: Vec<_> = sandbox.env().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "GOOGLE_AUTH_URL",
            "GOOGLE_TOKEN_URL",
            "GOOGLE_REVOKE_URL",
            "GOOGLE_CALENDAR_URL",
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET"
        ]
    );
    assert!(sandbox.calendar_url().ends_with("/calendar/v3"));
    let options = Options {
        client: ClientKind::Ios,
        ..Options::default()
    };
    let ios = Sandbox::start_with(World::small(today()), options)
        .await
        .expect("a free port");
    assert_eq!(ios.client_secret(), None);
}

#[tokio::test]
async fn the_same_over_http_where_it_is_allowed() {
    let off = Session::small().await;
    let verb = |session: &Session, verb: &str, body: Value| {
        let url = format!("{}/__sandbox/{verb}", session.sandbox.base_url());
        send(client().post(url).json(&body))
    };
    assert_eq!(
        verb(&off, "state", json!({})).await.status,
        404,
        "off unless asked for"
    );

    let on = Session::with(Options {
        control: true,
        ..Options::default()
    })
    .await;
    let state = verb(&on, "state", json!({})).await;
    assert_eq!(state.body["accounts"][0]["email"], ANA);
    let fault = json!({"on": "calendar_list", "kind": {"status":
        {"code": 503, "reason": "backendError", "message": "no"}}});
    assert_eq!(verb(&on, "fault", fault).await.status, 200);
    assert_eq!(on.get(LIST).await.status, 503);
    assert_eq!(on.get(LIST).await.status, 200);
    for kind in [
        json!("drop_before"),
        json!({"cut_body": {"after_bytes": 3}}),
        json!({"delay": {"secs": 1, "nanos": 0}}),
    ] {
        assert_eq!(
            verb(&on, "fault", json!({"on": "any", "kind": kind}))
                .await
                .status,
            200
        );
    }
    assert_eq!(verb(&on, "clear_faults", json!({})).await.status, 200);
    let event = json!({"summary": "By hand", "start": {"dateTime": "2026-11-25T10:00:00Z"},
        "end": {"dateTime": "2026-11-25T11:00:00Z"}});
    let added = json!({"email": ANA, "calendar": "primary", "body": event});
    let added = verb(&on, "add_event", added).await;
    let id = added.body["id"].as_str().expect("an id");
    assert_eq!(
        on.get(&format!("calendars/primary/events/{id}")).await.body["summary"],
        "By hand"
    );
    let requests = verb(&on, "requests", json!({})).await;
    assert!(requests.body.as_array().is_some_and(|log| log.len() == 3));
    let consent = json!({"auto": true, "granted_scopes": null, "sign_in_as": "ben@example.org"});
    assert_eq!(verb(&on, "consent", consent).await.status, 200);
    assert_eq!(verb(&on, "revoke", json!({"email": ANA})).await.status, 200);
    assert_eq!(on.get(LIST).await.status, 401);
    assert_eq!(
        verb(&on, "nonsense", json!({"email": "", "calendar": ""}))
            .await
            .status,
        404
    );
    assert_eq!(verb(&on, "fault", json!({"on": "moon"})).await.status, 400);
    assert_eq!(
        verb(
            &on,
            "remove_event",
            json!({"email": ANA, "calendar": "x", "event": "y"})
        )
        .await
        .status,
        404
    );
}

#[tokio::test]
async fn waiting_for_a_condition_ends_when_it_holds_or_in_time() {
    let session = Session::small().await;
    let control = session.control.clone();
    let waiting = tokio::spawn(async move {
        let two = |control: &duet_sandbox::Control| control.count(Endpoint::CalendarList) == 2;
        control.wait_until(Duration::from_secs(10), two).await
    });
    session.get(LIST).await;
    session.get(LIST).await;
    assert!(waiting.await.expect("no panic"));
    assert!(
        !session
            .control
            .wait_until(Duration::from_millis(20), |_| false)
            .await
    );
}
