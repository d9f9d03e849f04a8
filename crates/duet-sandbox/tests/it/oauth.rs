//! Consent, exchange, refresh and revocation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use duet_sandbox::{ClientKind, Options, Sandbox, World, scopes};
use reqwest::Url;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::{ANA, Answer, BEN, client, send, today};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const DESKTOP: &str = "sandbox-desktop.apps.googleusercontent.com";
const IOS: &str = "sandbox.apps.googleusercontent.com";
const LOOPBACK: &str = "http://127.0.0.1:4711/oauth2redirect";
const DEEP_LINK: &str = "com.googleusercontent.apps.sandbox:/oauth2redirect";

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER.as_bytes()))
}

async fn start(options: Options) -> Sandbox {
    Sandbox::start_with(World::small(today()), options)
        .await
        .expect("a free port")
}

/// The authorization parameters of a correct client, each of which a test may replace.
fn parameters() -> Vec<(&'static str, String)> {
    vec![
        ("client_id", DESKTOP.to_owned()),
        ("redirect_uri", LOOPBACK.to_owned()),
        ("response_type", "code".to_owned()),
        (
            "scope",
            format!("{} {}", scopes::CALENDAR_READONLY, scopes::OPENID),
        ),
        ("state", "s-1 &".to_owned()),
        ("code_challenge", challenge()),
        ("code_challenge_method", "S256".to_owned()),
        ("access_type", "offline".to_owned()),
        ("prompt", "consent".to_owned()),
    ]
}

fn url(sandbox: &Sandbox, changes: &[(&'static str, &str)]) -> String {
    let mut pairs = parameters();
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, (*value).to_owned()));
        }
    }
    Url::parse_with_params(&sandbox.auth_url(), pairs)
        .expect("an address")
        .into()
}

fn pair(location: &str, name: &str) -> Option<String> {
    let url = Url::parse(location).expect("an address");
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn code(sandbox: &Sandbox, changes: &[(&'static str, &str)]) -> String {
    let location = sandbox
        .control()
        .approve(&url(sandbox, changes))
        .expect("a good request");
    pair(&location, "code").expect("a code")
}

async fn token(sandbox: &Sandbox, changes: &[(&'static str, &str)]) -> Answer {
    let mut form = vec![
        ("client_id", DESKTOP),
        ("client_secret", "sandbox-secret"),
        ("grant_type", "authorization_code"),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    send(client().post(sandbox.token_url()).form(&form)).await
}

async fn refresh(sandbox: &Sandbox, refresh_token: &str) -> Answer {
    let changes = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    token(sandbox, &changes).await
}

fn claims(id_token: &Value) -> Value {
    let part = id_token
        .as_str()
        .and_then(|text| text.split('.').nth(1))
        .expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON claims")
}

#[tokio::test]
async fn bad_requests_are_refused_on_a_page_and_never_redirected() {
    let sandbox = start(Options::default()).await;
    let cases: [(&[(&'static str, &str)], u16); 15] = [
        (&[("client_id", "")], 400),
        (&[("client_id", "someone.apps.googleusercontent.com")], 401),
        (&[("redirect_uri", "duet://oauth")], 400),
        (&[("redirect_uri", DEEP_LINK)], 400),
        (&[("client_id", IOS)], 400),
        (
            &[
                ("client_id", IOS),
                (
                    "redirect_uri",
                    "com.googleusercontent.apps.sandbox://oauth2redirect",
                ),
            ],
            400,
        ),
        (&[("response_type", "token")], 400),
        (&[("scope", "")], 400),
        (
            &[("scope", "https://www.googleapis.com/auth/nonsense")],
            400,
        ),
        (&[("code_challenge", "")], 400),
        (&[("code_challenge", "short")], 400),
        (&[("code_challenge_method", "")], 400),
        (&[("code_challenge_method", "plain")], 400),
        (&[("prompt", "consent none")], 400),
        (&[("access_type", "forever")], 400),
    ];
    for (changes, status) in cases {
        let response = client()
            .get(url(&sandbox, changes))
            .send()
            .await
            .expect("a page");
        assert_eq!(response.status().as_u16(), status, "{changes:?}");
        assert!(
            response.headers().get("location").is_none(),
            "{changes:?} must not redirect"
        );
        let page = response.text().await.expect("a body");
        assert!(
            page.contains("Access blocked"),
            "{changes:?} says so to the person"
        );
    }
}

#[tokio::test]
async fn the_consent_page_offers_accounts_and_boxes_and_answers_once() {
    let sandbox = start(Options::default()).await;
    let http = client();
    let page = http.get(url(&sandbox, &[])).send().await.expect("a page");
    assert_eq!(page.status().as_u16(), 200);
    let html = page.text().await.expect("a body");
    assert!(
        html.contains(ANA) && html.contains(BEN),
        "both accounts can be chosen"
    );
    assert!(
        html.contains(scopes::CALENDAR_READONLY),
        "each scope has its box"
    );
    let request = html
        .split("name=\"request\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("the form names its request");
    // Ben unticks the calendar.
    let form = [
        ("request", request),
        ("account", BEN),
        ("scope", scopes::OPENID),
        ("decision", "allow"),
    ];
    let decide = || {
        http.post(format!("{}/decision", sandbox.auth_url()))
            .form(&form)
            .send()
    };
    let answer = decide().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 302);
    let location = answer.headers()["location"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert_eq!(
        pair(&location, "state").as_deref(),
        Some("s-1 &"),
        "state comes back unchanged"
    );
    assert_eq!(pair(&location, "scope").as_deref(), Some(scopes::OPENID));
    let again = decide().await.expect("an answer");
    assert_eq!(again.status().as_u16(), 400, "a page is answered once");
    let tokens = token(
        &sandbox,
        &[("code", &pair(&location, "code").expect("a code"))],
    )
    .await;
    assert_eq!(
        tokens.body["scope"],
        scopes::OPENID,
        "the answer says what was granted"
    );
    let ben = sandbox.control().sub(BEN).expect("ben");
    assert_eq!(claims(&tokens.body["id_token"])["sub"], ben.as_str());
}

#[tokio::test]
async fn cancel_and_denial_come_back_as_access_denied() {
    let sandbox = start(Options {
        auto_consent: true,
        ..Options::default()
    })
    .await;
    sandbox.control().deny_consent(true);
    let answer = client()
        .get(url(&sandbox, &[]))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 302);
    let location = answer.headers()["location"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert_eq!(pair(&location, "error").as_deref(), Some("access_denied"));
    assert_eq!(pair(&location, "state").as_deref(), Some("s-1 &"));
    assert_eq!(pair(&location, "code"), None);
}

/// Parameters of a token request that differ from a right one's.
type Changes<'a> = &'a [(&'static str, &'a str)];

#[tokio::test]
async fn a_code_is_exchanged_once_and_only_by_who_asked() {
    let sandbox = start(Options::default()).await;
    let good = token(&sandbox, &[("code", &code(&sandbox, &[]))]).await;
    assert_eq!(good.status, 200);
    assert_eq!(good.body["expires_in"], 3599);
    assert_eq!(good.body["token_type"], "Bearer");
    assert!(
        good.body["refresh_token"].is_string(),
        "offline and consent give a refresh token"
    );

    let cases: [(Changes<'_>, u16, &str); 9] = [
        (
            &[("code_verifier", "x".repeat(43).leak())],
            400,
            "invalid_grant",
        ),
        (&[("code_verifier", "")], 400, "invalid_grant"),
        (&[("code_verifier", "short")], 400, "invalid_grant"),
        (
            &[("redirect_uri", "http://127.0.0.1:4712/oauth2redirect")],
            400,
            "redirect_uri_mismatch",
        ),
        (&[("client_secret", "")], 400, "invalid_request"),
        (&[("client_secret", "wrong")], 401, "invalid_client"),
        (
            &[("client_id", "gone.apps.googleusercontent.com")],
            401,
            "invalid_client",
        ),
        (
            &[("client_id", IOS), ("client_secret", "")],
            400,
            "invalid_grant",
        ),
        (&[("grant_type", "password")], 400, "unsupported_grant_type"),
    ];
    for (changes, status, error) in cases {
        let code = code(&sandbox, &[]);
        let mut all = changes.to_vec();
        all.push(("code", &code));
        let answer = token(&sandbox, &all).await;
        assert_eq!(
            (answer.status, answer.body["error"].as_str()),
            (status, Some(error)),
            "{changes:?}"
        );
    }
    let words = token(&sandbox, &[("client_secret", ""), ("code", "x")]).await;
    assert_eq!(words.body["error_description"], "client_secret is missing.");

    let code = code(&sandbox, &[]);
    assert_eq!(token(&sandbox, &[("code", &code)]).await.status, 200);
    let again = token(&sandbox, &[("code", &code)]).await;
    assert_eq!(again.body["error"], "invalid_grant", "a code works once");
}

#[tokio::test]
async fn a_code_dies_after_ten_minutes() {
    let sandbox = start(Options::default()).await;
    let code = code(&sandbox, &[]);
    sandbox.control().advance(chrono::TimeDelta::minutes(11));
    assert_eq!(
        token(&sandbox, &[("code", &code)]).await.body["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn the_ios_client_needs_no_secret_and_comes_back_by_its_own_scheme() {
    let sandbox = start(Options {
        client: ClientKind::Ios,
        ..Options::default()
    })
    .await;
    assert!(
        sandbox
            .env()
            .iter()
            .all(|(name, _)| *name != "GOOGLE_CLIENT_SECRET")
    );
    let address = url(&sandbox, &[("client_id", IOS), ("redirect_uri", DEEP_LINK)]);
    let location = sandbox.control().approve(&address).expect("a good request");
    assert!(location.starts_with(&format!("{DEEP_LINK}?")), "{location}");
    let code = pair(&location, "code").expect("a code");
    let changes = [
        ("client_id", IOS),
        ("client_secret", ""),
        ("redirect_uri", DEEP_LINK),
        ("code", code.as_str()),
    ];
    assert_eq!(token(&sandbox, &changes).await.status, 200);
}

#[tokio::test]
async fn client_and_secret_may_come_as_basic_authentication() {
    let sandbox = start(Options::default()).await;
    let code = code(&sandbox, &[]);
    let form = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", LOOPBACK),
        ("code_verifier", VERIFIER),
        ("code", &code),
    ];
    let request = client()
        .post(sandbox.token_url())
        .basic_auth(DESKTOP, Some("sandbox-secret"));
    assert_eq!(send(request.form(&form)).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_works_until_it_is_revoked_and_comes_only_when_due() {
    let sandbox = start(Options::default()).await;
    let control = sandbox.control();
    let first = token(&sandbox, &[("code", &code(&sandbox, &[]))]).await;
    let refresh_token = first.body["refresh_token"]
        .as_str()
        .expect("a refresh token")
        .to_owned();

    let second = refresh(&sandbox, &refresh_token).await;
    assert_eq!(second.status, 200);
    assert!(
        second.body["refresh_token"].is_null(),
        "a refresh answer carries none"
    );
    assert_ne!(second.body["access_token"], first.body["access_token"]);
    assert_eq!(control.refresh_count(ANA), 1);

    let quiet = token(&sandbox, &[("code", &code(&sandbox, &[("prompt", "")]))]).await;
    assert!(
        quiet.body["refresh_token"].is_null(),
        "without consent only the first time"
    );
    let online = token(
        &sandbox,
        &[("code", &code(&sandbox, &[("access_type", "")]))],
    )
    .await;
    assert!(
        online.body["refresh_token"].is_null(),
        "online access has none"
    );
    control.omit_refresh_token(true);
    let omitted = token(&sandbox, &[("code", &code(&sandbox, &[]))]).await;
    assert!(
        omitted.body["refresh_token"].is_null(),
        "as observed in the field"
    );

    control.revoke(ANA);
    let dead = refresh(&sandbox, &refresh_token).await;
    assert_eq!(
        (dead.status, dead.body["error"].as_str()),
        (400, Some("invalid_grant"))
    );
    assert_eq!(
        dead.body["error_description"],
        "Token has been expired or revoked."
    );
    assert!(control.live_refresh_tokens(ANA).is_empty());
}

#[tokio::test]
async fn revoking_any_token_ends_the_whole_grant() {
    let sandbox = start(Options::default()).await;
    let control = sandbox.control();
    let revoke = |token: String| {
        send(
            client()
                .post(sandbox.revoke_url())
                .form(&[("token", token)]),
        )
    };
    let one = control.grant(ANA, &[scopes::CALENDAR]).expect("ana");
    let two = control.grant(ANA, &[scopes::CALENDAR]).expect("ana");
    assert_eq!(revoke(one.access_token.clone()).await.status, 200);
    assert_eq!(
        refresh(&sandbox, &one.refresh_token).await.body["error"],
        "invalid_grant"
    );
    assert_eq!(
        refresh(&sandbox, &two.refresh_token).await.body["error"],
        "invalid_grant"
    );
    let again = revoke(one.access_token).await;
    assert_eq!(
        (again.status, again.body["error"].as_str()),
        (400, Some("invalid_token"))
    );
}

#[tokio::test]
async fn the_hundred_and_first_refresh_token_kills_the_first() {
    let sandbox = start(Options::default()).await;
    let control = sandbox.control();
    let tokens: Vec<_> = (0..101)
        .map(|_| {
            control
                .grant(ANA, &[scopes::CALENDAR])
                .expect("ana")
                .refresh_token
        })
        .collect();
    assert_eq!(
        refresh(&sandbox, &tokens[0]).await.body["error"],
        "invalid_grant"
    );
    assert_eq!(refresh(&sandbox, &tokens[1]).await.status, 200);
    assert_eq!(control.live_refresh_tokens(ANA).len(), 100);
}

#[tokio::test]
async fn hints_choosers_and_prompt_none_decide_who_signs_in() {
    let sandbox = start(Options::default()).await;
    let control = sandbox.control();
    let who = async |changes: &[(&'static str, &str)]| {
        let tokens = token(&sandbox, &[("code", &code(&sandbox, changes))]).await;
        claims(&tokens.body["id_token"])["sub"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(
        who(&[]).await,
        control.sub(ANA),
        "the first account without a hint"
    );
    assert_eq!(who(&[("login_hint", BEN)]).await, control.sub(BEN));
    control.sign_in_as(ANA);
    assert_eq!(
        who(&[("login_hint", BEN)]).await,
        control.sub(ANA),
        "somebody else signs in"
    );
    control.sign_in_as_hinted();

    let silent = url(&sandbox, &[("prompt", "none"), ("login_hint", BEN)]);
    let location = client()
        .get(silent)
        .send()
        .await
        .expect("an answer")
        .headers()["location"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert!(pair(&location, "code").is_some(), "ben consented before");
    control.revoke(BEN);
    let silent = url(&sandbox, &[("prompt", "none"), ("login_hint", BEN)]);
    let location = client()
        .get(silent)
        .send()
        .await
        .expect("an answer")
        .headers()["location"]
        .to_str()
        .expect("ascii")
        .to_owned();
    assert_eq!(
        pair(&location, "error").as_deref(),
        Some("consent_required")
    );
}

#[tokio::test]
async fn unticked_boxes_grant_less_than_was_asked() {
    let sandbox = start(Options::default()).await;
    let control = sandbox.control();
    control.set_granted_scopes(Some(vec![scopes::OPENID.to_owned()]));
    let tokens = token(&sandbox, &[("code", &code(&sandbox, &[]))]).await;
    assert_eq!(tokens.body["scope"], scopes::OPENID);
    let access = tokens.body["access_token"].as_str().expect("a token");
    let list = format!("{}/users/me/calendarList", sandbox.calendar_url());
    let refused = send(client().get(list).bearer_auth(access)).await;
    assert_eq!(
        (refused.status, refused.reason()),
        (403, "insufficientPermissions")
    );
}

#[tokio::test]
async fn every_token_carries_the_canary_prefix_and_is_remembered() {
    let options = Options {
        token_prefix: "DUETCANARY-".to_owned(),
        ..Options::default()
    };
    let sandbox = start(options).await;
    let code = code(&sandbox, &[]);
    let tokens = token(&sandbox, &[("code", &code)]).await;
    let issued = sandbox.control().tokens_issued();
    for value in [
        &code,
        tokens.body["access_token"].as_str().expect("a token"),
    ] {
        assert!(value.starts_with("DUETCANARY-"), "{value}");
        assert!(
            issued.iter().any(|known| known == value),
            "{value} is in the list for scans"
        );
    }
}

#[tokio::test]
async fn a_durable_grant_outlives_the_sandbox_and_a_usual_one_does_not() {
    for (durable, status) in [(true, 200), (false, 400)] {
        let options = Options {
            durable_grants: durable,
            ..Options::default()
        };
        let first = start(options.clone()).await;
        let granted = first
            .control()
            .grant(ANA, &[scopes::CALENDAR])
            .expect("ana");
        first.stop().await;
        let second = start(options).await;
        let answer = refresh(&second, &granted.refresh_token).await;
        assert_eq!(answer.status, status, "durable: {durable}");
        if durable {
            second.control().revoke(ANA);
            assert_eq!(
                refresh(&second, &granted.refresh_token).await.status,
                400,
                "revoked"
            );
        }
    }
}
