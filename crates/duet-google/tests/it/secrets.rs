//! No token, code or verifier in anything that is printed or logged (T10).

use std::error::Error as StdError;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use duet_google::auth::{exchange, refresh, revoke};
use duet_google::calendar_list::list;
use duet_model::account::Tier;
use duet_sandbox::{Endpoint, Fault, FaultKind, Options, World};
use tracing_subscriber::fmt::MakeWriter;

use crate::setting::{ANA, today, with};

const CANARY: &str = "DUETCANARY-";

/// Collects everything that is logged.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no panic in between")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// An error as it could reach a log: its words, its shape, and those of all its sources.
fn everything(error: &dyn StdError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn nothing_that_prints_holds_a_secret() {
    let sink = Sink::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(sink.clone())
        .finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let options = Options {
        token_prefix: CANARY.into(),
        ..Options::default()
    };
    let setting = with(World::small(today()), options).await;

    let (flow, code) = setting.consent(Tier::Read, 1);
    let mut printed = format!("{flow:?} {code:?}");
    let grant = exchange(&setting.client, flow, &code).await.unwrap();
    assert!(
        grant.refresh_token.expose_secret().starts_with(CANARY),
        "the canary is alive"
    );
    printed += &format!("{grant:?} {:?}", setting.client);
    let kinds = [
        FaultKind::status(500, "backendError", ""),
        FaultKind::status(401, "authError", ""),
        FaultKind::rate_limited(Some(1)),
        FaultKind::CaptivePortal,
        FaultKind::Redirect,
        FaultKind::MalformedJson,
        FaultKind::WrongType,
        FaultKind::EmptyBody,
        FaultKind::DropBefore,
        FaultKind::DropAfter,
        FaultKind::CutBody { after_bytes: 60 },
    ];
    for (seed, kind) in (2..).zip(kinds) {
        setting.control.clear_faults();
        let (flow, code) = setting.consent(Tier::Read, seed);
        setting
            .control
            .fault(Fault::always(Endpoint::Any, kind.clone()));
        let sync_token = format!("{CANARY}sync");
        let errors: [Box<dyn StdError>; 4] = [
            Box::new(
                exchange(&setting.client, flow, &code)
                    .await
                    .expect_err("a fault"),
            ),
            Box::new(
                refresh(&setting.client, &grant.refresh_token)
                    .await
                    .expect_err("a fault"),
            ),
            Box::new(
                list(&setting.client, &grant.access, Some(&sync_token))
                    .await
                    .expect_err("a fault"),
            ),
            match revoke(&setting.client, &grant.refresh_token).await {
                Err(error) => Box::new(error),
                // A return needs no body: an empty or odd success is a success.
                Ok(()) => Box::new(io::Error::other("returned")),
            },
        ];
        for error in errors {
            printed += &everything(error.as_ref());
        }
    }
    setting.control.clear_faults();
    setting.control.revoke(ANA);
    let dead = refresh(&setting.client, &grant.refresh_token)
        .await
        .expect_err("revoked");
    printed += &everything(&dead);

    let logged = String::from_utf8_lossy(&sink.0.lock().expect("no panic in between")).into_owned();
    assert!(logged.contains("status="), "the log was really caught");
    for (place, text) in [("printed", &printed), ("logged", &logged)] {
        let leak = text
            .find(CANARY)
            .map(|at| &text[at.saturating_sub(200)..at]);
        assert_eq!(leak, None, "a secret was {place} after this");
    }
}
