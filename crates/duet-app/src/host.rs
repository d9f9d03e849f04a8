//! What the application needs from the machine it runs on. The desktop shell implements this over
//! Tauri, the command line over a terminal, a test over plain values.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use duet_google::Config;
use duet_model::account::Failure;
pub use duet_sync::host::{TokenVault, VaultError};
use duet_wire::Push;

/// The machine, seen from the application.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// The time now, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Fresh randomness for one sign-in: 32 bytes become the state, 32 the PKCE verifier.
    fn entropy(&self) -> [u8; 64];

    /// A fresh id for something the person makes.
    fn new_id(&self) -> String;

    /// The IANA name of the zone the person lives in.
    fn zone(&self) -> String;

    /// Opens an address in the system browser, never in a view of our own (GOOGLE.md 1.1).
    ///
    /// # Errors
    /// A sentence for people, when no browser could be started.
    fn open_url(&self, url: &str) -> Result<(), String>;

    /// Tells the person something outside the window.
    fn notify(&self, notice: Notice);

    /// Tells the window something.
    fn push(&self, push: Push);

    /// Does Duet start at login?
    fn autostart(&self) -> bool;

    /// Starts Duet at login, or no longer.
    ///
    /// # Errors
    /// A sentence for people, when the desktop refuses.
    fn set_autostart(&self, on: bool) -> Result<(), String>;

    /// Where the built-in demo account is served, started on first use.
    ///
    /// # Errors
    /// Why the demo cannot be served on this machine.
    async fn demo(&self) -> Result<Config, Failure>;

    /// Where the demo account is served, if it already is.
    async fn demo_running(&self) -> Option<Config>;

    /// Walks the demo account's consent page without a browser and returns the address that the
    /// page would have sent the browser to.
    ///
    /// # Errors
    /// Why the demo cannot be served on this machine.
    async fn demo_consent(&self, url: &str) -> Result<String, Failure>;
}

/// Something worth a desktop notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Google no longer accepts the key of this account. Shown once per revocation, with a button.
    Reconnect {
        /// The account's address.
        email: String,
    },
    /// The account works again: the notice about it can go.
    Reconnected {
        /// The account's address.
        email: String,
    },
    /// Others invite to something that waits for an answer.
    Invited {
        /// How many new invitations there are.
        count: usize,
        /// What they are called; `None` where the person does not want that on the screen.
        details: Option<String>,
    },
}
