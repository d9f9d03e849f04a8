//! What most tests start from: a stand-in Google, a client set up for it, and a signed-in account.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use duet_google::auth::{
    AccessToken, Callback, FlowRequest, PendingFlow, RefreshToken, begin, parse_callback,
};
use duet_google::{Client, Config, Redirect};
use duet_model::account::Tier;
use duet_sandbox::{ClientKind, Control, Options, Sandbox, World};
use secrecy::SecretString;

pub(crate) const ANA: &str = "ana@example.com";
const SCOPE: &str = "https://www.googleapis.com/auth/calendar.readonly";

/// A stand-in Google and our client for it.
pub(crate) struct Setting {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) client: Client,
}

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date")
}

pub(crate) async fn small() -> Setting {
    with(World::small(today()), Options::default()).await
}

pub(crate) async fn with(world: World, options: Options) -> Setting {
    let sandbox = Sandbox::start_with(world, options)
        .await
        .expect("a free port");
    let config = config_of(&sandbox.env());
    let client = Client::new(config).expect("an HTTP client");
    Setting {
        control: sandbox.control(),
        sandbox,
        client,
    }
}

pub(crate) fn config_of(env: &[(&str, String)]) -> Config {
    Config::from_env(|name| {
        env.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.clone())
    })
    .expect("a sound environment")
    .expect("a client id")
}

pub(crate) fn ios() -> Options {
    Options {
        client: ClientKind::Ios,
        ..Options::default()
    }
}

/// A fixed time for flows; the stand-in's clock plays no part in them.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("an instant")
}

impl Setting {
    /// Sets out on a sign-in; with loopback to a port on which no one listens.
    pub(crate) fn set_out(&self, tier: Tier, seed: u8) -> (String, PendingFlow) {
        let config = self.client.config();
        let redirect_uri = match &config.redirect {
            Redirect::DeepLink { uri } => uri.clone(),
            Redirect::Loopback { .. } => "http://127.0.0.1:9/oauth2redirect".to_owned(),
        };
        let request = FlowRequest {
            tier,
            login_hint: None,
            add_account: false,
            redirect_uri,
        };
        let (url, flow) = begin(config, request, now(), &[seed; 64]);
        (url.into(), flow)
    }

    /// The whole way to a code: out, consent, and back.
    pub(crate) fn consent(&self, tier: Tier, seed: u8) -> (PendingFlow, SecretString) {
        let (url, flow) = self.set_out(tier, seed);
        let back = self
            .control
            .approve(&url)
            .expect("a request the page accepts");
        match parse_callback(&back, self.client.config()).expect("a well-formed answer") {
            Callback::Granted { code, .. } => (flow, code),
            refused => panic!("consent was given: {refused:?}"),
        }
    }

    /// An access token of an account that may read.
    pub(crate) fn access(&self, email: &str) -> AccessToken {
        let tokens = self.control.grant(email, &[SCOPE]).expect("an account");
        AccessToken::new(tokens.access_token, Duration::from_secs(3599))
    }

    /// A refresh token of an account that may read.
    pub(crate) fn refresh_token(&self, email: &str) -> RefreshToken {
        RefreshToken::new(
            self.control
                .grant(email, &[SCOPE])
                .expect("an account")
                .refresh_token,
        )
    }
}
