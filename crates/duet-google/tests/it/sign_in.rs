//! Signing in against the stand-in Google: both ways back, every tier, every box, every refusal.

use duet_google::auth::loopback::Listener;
use duet_google::auth::{
    AuthError, Callback, FlowRequest, PendingFlow, PendingFlows, begin, exchange, parse_callback,
    refresh, scopes,
};
use duet_google::{Client, Config, Redirect};
use duet_model::account::{FailureCode, Tier};
use duet_sandbox::{Endpoint, Options};
use secrecy::ExposeSecret;

use crate::setting::{config_of, ios, now, small, today, with};

#[tokio::test]
async fn each_tier_by_deep_link() {
    let setting = with(duet_sandbox::World::small(today()), ios()).await;
    assert!(matches!(
        setting.client.config().redirect,
        Redirect::DeepLink { .. }
    ));
    for (seed, tier) in [(1, Tier::Busy), (2, Tier::Read), (3, Tier::Write)] {
        let (flow, code) = setting.consent(tier, seed);
        // As after a cold start: the flow comes out of the keychain.
        let flow = PendingFlow::from_sealed_bytes(&flow.to_sealed_bytes()).unwrap();
        let grant = exchange(&setting.client, flow, &code).await.unwrap();
        assert_eq!(grant.tier, tier);
        let mut granted = grant.scopes.clone();
        granted.sort_unstable();
        let mut asked = scopes::for_tier(tier).to_vec();
        asked.sort_unstable();
        assert_eq!(granted, asked, "the scopes of the reply are kept");
        assert_eq!(
            grant.access.expires_in.as_secs(),
            3599,
            "as Google says, not 3600"
        );
        let refreshed = refresh(&setting.client, &grant.refresh_token)
            .await
            .unwrap();
        assert!(refreshed.rotated.is_none());
        assert_ne!(
            refreshed.access.secret().expose_secret(),
            grant.access.secret().expose_secret()
        );
    }
}

#[tokio::test]
async fn by_loopback_through_a_real_listener() {
    let setting = small().await;
    let listener = Listener::bind(None).await.unwrap();
    let request = FlowRequest {
        tier: Tier::Read,
        login_hint: Some("ben@example.org".into()),
        add_account: true,
        redirect_uri: listener.redirect_uri(),
    };
    let config = setting.client.config().clone();
    let (url, flow) = begin(&config, request, now(), &[7; 64]);
    let mut pending = PendingFlows::default();
    pending.insert(flow);
    let waiting = tokio::spawn(listener.receive(move |url| {
        let callback = parse_callback(url, &config).ok()?;
        let flow = pending.take(&callback, now()).ok()?;
        Some((flow, callback))
    }));
    let back = setting.control.approve(url.as_str()).unwrap();
    let forged = back.replace("state=", "state=x");
    assert_eq!(
        reqwest::get(&forged).await.unwrap().status(),
        400,
        "a forged answer"
    );
    assert_eq!(
        reqwest::get(&back).await.unwrap().status(),
        200,
        "the right one"
    );
    let (flow, callback) = waiting.await.unwrap().unwrap();
    let Callback::Granted { code, .. } = callback else {
        panic!("consent was given")
    };
    assert_eq!(
        setting.control.count(Endpoint::Token),
        0,
        "no request left for the forged one"
    );
    let grant = exchange(&setting.client, flow, &code).await.unwrap();
    assert_eq!(grant.tier, Tier::Read);
    assert_eq!(
        setting.control.live_refresh_tokens("ben@example.org").len(),
        1,
        "as hinted"
    );
}

#[tokio::test]
async fn unticked_boxes_degrade_or_are_named() {
    let setting = small().await;
    let mut seed = 0;
    for tier in [Tier::Busy, Tier::Read, Tier::Write] {
        let asked = scopes::for_tier(tier);
        // Every subset that leaves at least one box ticked; with none Google gives no code.
        for bits in 1..(1_u32 << asked.len()) {
            let ticked: Vec<String> = (0..asked.len())
                .filter(|box_| bits & (1 << box_) != 0)
                .map(|box_| asked[box_].to_owned())
                .collect();
            setting.control.set_granted_scopes(Some(ticked.clone()));
            seed += 1;
            let (flow, code) = setting.consent(tier, seed);
            match (
                scopes::tier_of(&ticked),
                exchange(&setting.client, flow, &code).await,
            ) {
                (Some(expect), Ok(grant)) => assert_eq!(grant.tier, expect, "{ticked:?}"),
                (None, Err(AuthError::MissingScopes { missing })) => {
                    assert_eq!(missing.len() + ticked.len(), asked.len(), "{missing:?}");
                    let error = AuthError::MissingScopes { missing };
                    assert_eq!(error.code(), FailureCode::MissingPermission);
                    assert!(error.to_string().contains("tick"), "{error}");
                }
                (expect, got) => panic!("{ticked:?} amounts to {expect:?}, got {got:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_no_is_a_no() {
    let setting = small().await;
    setting.control.deny_consent(true);
    let (url, flow) = setting.set_out(Tier::Read, 1);
    let back = setting.control.approve(&url).unwrap();
    let callback = parse_callback(&back, setting.client.config()).unwrap();
    assert!(matches!(&callback, Callback::Refused { error, .. } if error == "access_denied"));
    let mut pending = PendingFlows::default();
    pending.insert(flow);
    assert!(pending.take(&callback, now()).is_ok(), "and ends its flow");
}

#[tokio::test]
async fn without_a_lasting_key_connecting_fails() {
    let setting = small().await;
    setting.control.omit_refresh_token(true);
    let (flow, code) = setting.consent(Tier::Read, 1);
    let error = exchange(&setting.client, flow, &code).await.unwrap_err();
    assert!(matches!(error, AuthError::NoRefreshToken), "{error:?}");
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_without_the_verifier() {
    let setting = small().await;
    let (_, code) = setting.consent(Tier::Read, 1);
    let (_, thiefs_flow) = setting.set_out(Tier::Read, 2);
    let error = exchange(&setting.client, thiefs_flow, &code)
        .await
        .unwrap_err();
    assert!(matches!(error, AuthError::CodeRefused), "{error:?}");
    assert!(
        setting
            .control
            .live_refresh_tokens(crate::setting::ANA)
            .is_empty()
    );
}

#[tokio::test]
async fn a_code_works_once() {
    let setting = small().await;
    let (flow, code) = setting.consent(Tier::Read, 1);
    let again = PendingFlow::from_sealed_bytes(&flow.to_sealed_bytes()).unwrap();
    exchange(&setting.client, flow, &code).await.unwrap();
    let error = exchange(&setting.client, again, &code).await.unwrap_err();
    assert!(matches!(error, AuthError::CodeRefused), "{error:?}");
}

#[tokio::test]
async fn a_client_that_google_refuses_is_not_the_persons_fault() {
    type Change = fn(&mut Config);
    let setting = small().await;
    let changed = |change: Change| {
        let mut config = setting.client.config().clone();
        change(&mut config);
        Client::new(config).unwrap()
    };
    let cases: [(Change, &str); 3] = [
        (
            |config| config.client_secret = None,
            "set GOOGLE_CLIENT_SECRET",
        ),
        (
            |config| config.client_secret = Some("wrong".into()),
            "check GOOGLE_CLIENT_ID",
        ),
        (
            |config| config.client_id = "nobody".into(),
            "check GOOGLE_CLIENT_ID",
        ),
    ];
    let token = setting.refresh_token(crate::setting::ANA);
    for (change, advice) in cases {
        let error = refresh(&changed(change), &token).await.unwrap_err();
        assert!(
            matches!(error, AuthError::ClientRefused { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains(advice), "{error}");
        assert_eq!(
            error.code(),
            FailureCode::Rejected,
            "nobody is asked to sign in again"
        );
    }
}

#[tokio::test]
async fn the_environment_of_either_client_chooses_its_way_back() {
    for (options, deep) in [(Options::default(), false), (ios(), true)] {
        let setting = with(duet_sandbox::World::small(today()), options).await;
        let config = config_of(&setting.sandbox.env());
        assert_eq!(config.redirect.scheme().is_some(), deep);
        assert_eq!(config.client_secret.is_some(), !deep);
    }
}
