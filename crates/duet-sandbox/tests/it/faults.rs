//! Every scripted fault, as a client feels it.

use std::time::Duration;

use duet_sandbox::{Endpoint, Fault, FaultKind};
use reqwest::Method;

use crate::support::{ANA, BEN, Session, client};

const LIST: &str = "users/me/calendarList";

async fn raw(session: &Session) -> reqwest::Result<(u16, String, String)> {
    let response = session.request(Method::GET, LIST).send().await?;
    let status = response.status().as_u16();
    let kind = response
        .headers()
        .get("content-type")
        .map_or(String::new(), |value| {
            value.to_str().expect("ascii").to_owned()
        });
    Ok((status, kind, response.text().await?))
}

#[tokio::test]
async fn answers_that_are_not_what_they_should_be() {
    let session = Session::small().await;
    let fault = |kind| {
        session
            .control
            .fault(Fault::once(Endpoint::CalendarList, kind))
    };

    fault(FaultKind::rate_limited(Some(7)));
    let response = session
        .request(Method::GET, LIST)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status().as_u16(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let text = response.text().await.expect("a body");
    assert!(
        text.contains("\"rateLimitExceeded\"") && text.contains("\"usageLimits\""),
        "{text}"
    );

    fault(FaultKind::status(502, "", ""));
    let (status, kind, _) = raw(&session).await.expect("an answer");
    assert!(
        status == 502 && kind.starts_with("text/html"),
        "a proxy's page"
    );

    fault(FaultKind::CaptivePortal);
    let (status, kind, body) = raw(&session).await.expect("an answer");
    assert!(status == 200 && kind.starts_with("text/html") && body.contains("Wi-Fi"));

    fault(FaultKind::MalformedJson);
    let (status, kind, body) = raw(&session).await.expect("an answer");
    assert!(status == 200 && kind.starts_with("application/json"));
    assert!(
        serde_json::from_str::<serde_json::Value>(&body).is_err(),
        "cut JSON: {body}"
    );

    fault(FaultKind::EmptyBody);
    assert_eq!(raw(&session).await.expect("an answer").2, "");

    fault(FaultKind::WrongType);
    let (_, _, body) = raw(&session).await.expect("an answer");
    assert!(serde_json::from_str::<serde_json::Value>(&body).expect("JSON")["items"].is_string());

    fault(FaultKind::Redirect);
    let response = session
        .request(Method::GET, LIST)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.status().as_u16(), 302);
    let portal = response.headers()["location"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert!(
        portal.starts_with("http://localhost:"),
        "another host than was asked"
    );
    client()
        .get(portal)
        .send()
        .await
        .expect("the portal is there");
    let last = session
        .control
        .requests()
        .pop()
        .expect("the portal's request");
    assert!(last.path == "/__portal" && !last.authorized);

    assert_eq!(
        raw(&session).await.expect("an answer").0,
        200,
        "all faults are used up"
    );
}

#[tokio::test]
async fn connections_that_break_before_during_and_after() {
    let session = Session::small().await;
    let fault = |kind| session.control.fault(Fault::once(Endpoint::Any, kind));

    fault(FaultKind::DropBefore);
    assert!(raw(&session).await.is_err(), "closed without an answer");

    let whole = raw(&session).await.expect("an answer").2;
    for after_bytes in [0, 1, 100, whole.len() - 1] {
        fault(FaultKind::CutBody { after_bytes });
        let response = session
            .request(Method::GET, LIST)
            .send()
            .await
            .expect("the head arrives");
        assert_eq!(response.status().as_u16(), 200);
        let promised = response.content_length();
        assert_eq!(
            promised,
            Some(whole.len() as u64),
            "the length is promised in full"
        );
        assert!(
            response.bytes().await.is_err(),
            "cut after {after_bytes} bytes"
        );
    }
    fault(FaultKind::CutBody {
        after_bytes: whole.len(),
    });
    assert_eq!(raw(&session).await.expect("not cut").2, whole);

    let revoke = |token: String| {
        client()
            .post(session.sandbox.revoke_url())
            .form(&[("token", token)])
            .send()
    };
    let tokens = session.control.grant(BEN, &["openid"]).expect("ben");
    fault(FaultKind::DropAfter);
    assert!(revoke(tokens.refresh_token).await.is_err(), "no answer");
    assert!(
        session.control.live_refresh_tokens(BEN).is_empty(),
        "but it was processed"
    );
}

#[tokio::test]
async fn a_cut_body_breaks_over_http2_as_well() {
    let session = Session::small().await;
    let http2 = reqwest::Client::builder()
        .http2_prior_knowledge()
        .no_proxy()
        .build()
        .expect("a client");
    let url = format!("{}/{LIST}", session.sandbox.calendar_url());
    let ask = || http2.get(&url).bearer_auth(&session.token).send();
    assert_eq!(ask().await.expect("an answer").status().as_u16(), 200);
    assert!(session.control.requests().last().expect("logged").http2);
    session.control.fault(Fault::once(
        Endpoint::Any,
        FaultKind::CutBody { after_bytes: 50 },
    ));
    let response = ask().await.expect("the head arrives");
    assert!(response.bytes().await.is_err());
    session
        .control
        .fault(Fault::once(Endpoint::Any, FaultKind::DropBefore));
    assert!(ask().await.is_err(), "the stream is reset");
    assert_eq!(
        ask().await.expect("and the next works").status().as_u16(),
        200
    );
}

#[tokio::test]
async fn delay_adds_to_another_fault_and_stall_is_seen_in_the_log() {
    let session = Session::small().await;
    let wait = Duration::from_millis(80);
    session
        .control
        .fault(Fault::once(Endpoint::CalendarList, FaultKind::Delay(wait)));
    session.control.fault(Fault::once(
        Endpoint::CalendarList,
        FaultKind::unavailable(),
    ));
    let before = std::time::Instant::now();
    assert_eq!(raw(&session).await.expect("an answer").0, 503);
    assert!(before.elapsed() >= wait, "and late");

    session.control.clear_requests();
    session
        .control
        .fault(Fault::once(Endpoint::CalendarList, FaultKind::Stall));
    let request = session
        .request(Method::GET, LIST)
        .timeout(Duration::from_secs(30))
        .send();
    let stalled = tokio::spawn(request);
    let seen = |control: &duet_sandbox::Control| control.count(Endpoint::CalendarList) == 1;
    assert!(
        session
            .control
            .wait_until(Duration::from_secs(5), seen)
            .await
    );
    assert_eq!(session.control.requests()[0].status, 0, "no answer yet");
    stalled.abort();
}

#[tokio::test]
async fn faults_meet_their_endpoint_their_calendar_and_their_number() {
    let session = Session::small().await;
    let control = &session.control;
    let (from, to) = ("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
    let unavailable = || FaultKind::unavailable();

    control.fault(Fault::once(Endpoint::FreeBusy, unavailable()).times(2));
    assert_eq!(session.get(LIST).await.status, 200, "another endpoint");
    assert_eq!(session.free_busy(from, to, &[ANA]).await.status, 503);
    assert_eq!(session.free_busy(from, to, &[ANA]).await.status, 503);
    assert_eq!(session.free_busy(from, to, &[ANA]).await.status, 200);

    control.fault(Fault::always(Endpoint::Any, unavailable()).calendar("studio@example.com"));
    assert_eq!(session.free_busy(from, to, &[ANA]).await.status, 200);
    assert_eq!(
        session
            .free_busy(from, to, &[ANA, "studio@example.com"])
            .await
            .status,
        503
    );
    assert_eq!(
        session
            .get("calendars/studio%40example.com/events")
            .await
            .status,
        503
    );
    assert_eq!(
        session
            .get("calendars/primary/events?maxResults=1")
            .await
            .status,
        200
    );
    control.clear_faults();
    assert_eq!(
        session
            .get("calendars/studio%40example.com/events")
            .await
            .status,
        200
    );

    control.fault(Fault::always(
        Endpoint::Refresh,
        FaultKind::status(400, "invalid_grant", ""),
    ));
    let tokens = control.grant(ANA, &["openid"]).expect("ana");
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh_token.as_str()),
        ("client_id", "sandbox-desktop.apps.googleusercontent.com"),
        ("client_secret", "sandbox-secret"),
    ];
    let answer = crate::support::send(client().post(session.sandbox.token_url()).form(&form)).await;
    assert_eq!(
        (answer.status, answer.body["error"].as_str()),
        (400, Some("invalid_grant"))
    );
}

#[tokio::test]
async fn pages_that_are_empty_repeated_endless_or_without_a_sync_token() {
    let session = Session::small().await;
    let fault = |kind| {
        session
            .control
            .fault(Fault::once(Endpoint::CalendarList, kind))
    };
    let list = async |token: &str| match token {
        "" => session.get(&format!("{LIST}?maxResults=2")).await,
        token => {
            session
                .get(&format!("{LIST}?maxResults=2&pageToken={}", escape(token)))
                .await
        }
    };
    let next = |answer: &crate::support::Answer| {
        answer.body["nextPageToken"]
            .as_str()
            .expect("one more page")
            .to_owned()
    };
    let first = list("").await;
    let second = list(&next(&first)).await;

    fault(FaultKind::EmptyPage);
    let empty = list(&next(&first)).await;
    assert!(empty.items().is_empty());
    assert_eq!(
        list(&next(&empty)).await.all("id"),
        second.all("id"),
        "nothing was lost"
    );

    fault(FaultKind::RepeatedPage);
    fault(FaultKind::RepeatedPage);
    let once = list(&next(&first)).await;
    let twice = list(&next(&once)).await;
    assert_eq!(once.all("id"), second.all("id"));
    assert_eq!(
        (next(&twice), twice.all("id")),
        (next(&once), once.all("id"))
    );

    session.control.fault(Fault::always(
        Endpoint::CalendarList,
        FaultKind::EndlessPages,
    ));
    let mut tokens = std::collections::BTreeSet::new();
    let mut token = String::new();
    for _ in 0..5 {
        token = next(&list(&token).await);
        assert!(tokens.insert(token.clone()), "each page has its own token");
    }
    session.control.clear_faults();

    fault(FaultKind::NoSyncToken);
    let whole = session.get(LIST).await;
    assert!(whole.items().len() == 5 && whole.body["nextSyncToken"].is_null());
    fault(FaultKind::EmptyList);
    let gone = session.get(LIST).await;
    assert!(gone.items().is_empty() && gone.body["nextSyncToken"].is_string());
    session
        .control
        .fault(Fault::once(Endpoint::FreeBusy, FaultKind::EmptyList));
    let gone = session
        .free_busy("2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", &[ANA])
        .await;
    assert_eq!(gone.body["calendars"], serde_json::json!({}));
}

#[tokio::test]
async fn a_huge_body_has_no_promised_length() {
    let session = Session::small().await;
    let bytes = 5_000_000;
    session
        .control
        .fault(Fault::once(Endpoint::Any, FaultKind::HugeBody { bytes }));
    let response = session
        .request(Method::GET, LIST)
        .send()
        .await
        .expect("an answer");
    assert_eq!(response.content_length(), None);
    assert!(response.bytes().await.expect("all of it").len() > bytes);
}

fn escape(token: &str) -> String {
    token.replace('=', "%3D")
}
