//! The machine, as `duet-app` sees it: the one place where the real clock, real randomness and
//! fresh ids enter. What differs between a window and a terminal is its [`Face`].

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use duet_app::{Host, Notice};
use duet_google::Config;
use duet_model::account::{Failure, FailureCode};
use duet_sync::host::Entropy;
use duet_wire::Push;

use crate::demo::Demo;
use crate::environment::zone_name;

/// How a person is reached.
pub(crate) trait Face: Send + Sync + 'static {
    /// Opens the system browser.
    fn open_url(&self, url: &str) -> Result<(), String>;
    /// Says something outside the window.
    fn notify(&self, notice: Notice);
    /// Says something to the window.
    fn push(&self, push: Push);
    /// Does Duet start at login?
    fn autostart(&self) -> bool;
    /// Start it at login, or not.
    fn set_autostart(&self, on: bool) -> Result<(), String>;
}

/// The machine with one of its faces.
pub(crate) struct Machine {
    face: Arc<dyn Face>,
    demo: Demo,
}

impl Machine {
    /// The machine behind `face`.
    pub(crate) fn new(face: Arc<dyn Face>) -> Self {
        Self {
            face,
            demo: Demo::default(),
        }
    }
}

/// The real clock.
#[expect(
    clippy::disallowed_methods,
    reason = "the clock enters the program here and nowhere else"
)]
pub(crate) fn now() -> DateTime<Utc> {
    Utc::now()
}

/// Real chance, for jitter.
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "chance enters the program here and nowhere else"
    )]
    fn next_u64(&self) -> u64 {
        rand::random()
    }
}

#[async_trait]
impl Host for Machine {
    fn now(&self) -> DateTime<Utc> {
        now()
    }

    fn entropy(&self) -> [u8; 64] {
        let mut bytes = [0_u8; 64];
        rand::fill(&mut bytes);
        bytes
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "fresh ids enter the program here and nowhere else"
    )]
    fn new_id(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }

    fn zone(&self) -> String {
        zone_name()
    }

    fn open_url(&self, url: &str) -> Result<(), String> {
        self.face.open_url(url)
    }

    fn notify(&self, notice: Notice) {
        self.face.notify(notice);
    }

    fn push(&self, push: Push) {
        self.face.push(push);
    }

    fn autostart(&self) -> bool {
        self.face.autostart()
    }

    fn set_autostart(&self, on: bool) -> Result<(), String> {
        self.face.set_autostart(on)
    }

    async fn demo(&self) -> Result<Config, Failure> {
        self.demo.config().await.map_err(|why| failure(&why))
    }

    async fn demo_running(&self) -> Option<Config> {
        self.demo.running()
    }

    async fn demo_consent(&self, url: &str) -> Result<String, Failure> {
        self.demo.approve(url).map_err(|why| failure(&why))
    }
}

fn failure(why: &str) -> Failure {
    Failure {
        code: FailureCode::Internal,
        message: format!("The demo account cannot be served on this computer: {why}."),
        at: now(),
    }
}
