//! What the engine needs from the machine it runs on: time, chance, the keychain, and someone to tell.
//!
//! The desktop shell, the command line and every test bring their own. Nothing here does anything;
//! monotonic waiting is not part of it, because Tokio's timers already are replaceable in tests.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use duet_google::Client;
use duet_model::account::{Account, AccountId, Failure};
use duet_wire::accounts::Progress;
use secrecy::SecretSlice;

/// The wall clock.
pub trait Clock: Send + Sync + 'static {
    /// The time now, UTC. May jump in either direction: nothing that waits is measured with it.
    fn now(&self) -> DateTime<Utc>;
}

/// Where chance comes from, so that a test can repeat a run by its seed.
pub trait Entropy: Send + Sync + 'static {
    /// The next 64 random bits.
    fn next_u64(&self) -> u64;

    /// A number from 0 up to, and without, 1.
    fn unit(&self) -> f64 {
        // 53 bits are what a double holds exactly, so every value is equally likely and 1.0 is not
        // among them.
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The place where secrets rest: the keychain of the system, or sealed records.
///
/// Keys are made by [`token_key`]. Implementations keep blocking calls off the runtime and give up
/// after ten seconds with [`VaultError::Timeout`].
#[async_trait]
pub trait TokenVault: Send + Sync + 'static {
    /// Reads a secret. May ask the person to unlock the keychain.
    ///
    /// # Errors
    /// [`VaultError::Missing`] where there is no such secret; the others where nobody can know.
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError>;

    /// Stores a secret, replacing what was there.
    ///
    /// # Errors
    /// Whatever keeps it from being stored for good.
    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError>;

    /// Removes a secret; that it is not there is no error.
    ///
    /// # Errors
    /// Whatever keeps it from being removed.
    async fn delete(&self, key: &str) -> Result<(), VaultError>;

    /// Could a secret be read now without asking the person anything?
    ///
    /// The engine asks this once a minute while the keychain is locked or away, to go on by itself
    /// when it opens. It must never put up a prompt: where one cannot know without, the answer is
    /// [`VaultError::Locked`].
    ///
    /// # Errors
    /// Why not.
    async fn ready(&self) -> Result<(), VaultError>;
}

/// Why the keychain did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The system has no keychain, or it does not answer.
    #[error("there is no keychain service")]
    NoService,
    /// It is there and locked.
    #[error("the keychain is locked")]
    Locked,
    /// The person, or the system, said no.
    #[error("access to the keychain was refused")]
    Denied,
    /// It is open, and this secret is not in it.
    #[error("the secret is not in the keychain")]
    Missing,
    /// It does not take secrets of this length.
    #[error("the secret is too long for the keychain")]
    TooLong,
    /// No answer in time; possibly a prompt that nobody answers.
    #[error("the keychain did not answer in time")]
    Timeout,
    /// Something else; the text names no secret.
    #[error("the keychain failed: {0}")]
    Other(String),
}

impl VaultError {
    /// What happened and what to do, for people.
    pub fn words(&self) -> String {
        match self {
            Self::NoService => "There is no keychain service in this session, so Duet cannot read \
                                its keys. Start one (GNOME Keyring, KWallet), or set \
                                TOKEN_ENCRYPTION_KEY to keep them sealed in the data folder."
                .into(),
            Self::Locked => {
                "The keychain is locked. Unlock it and press Sync now; what is already \
                             here stays visible."
                    .into()
            }
            Self::Denied => "Access to the keychain was refused. Press Sync now and allow it; \
                             what is already here stays visible."
                .into(),
            Self::Missing => {
                "Duet's key is no longer in the keychain. Reconnect the account.".into()
            }
            Self::TooLong => "The keychain does not take a key of this length. Set \
                              TOKEN_ENCRYPTION_KEY to keep it sealed in the data folder instead."
                .into(),
            Self::Timeout => {
                "The keychain did not answer. If it shows a question, answer it, then \
                              press Sync now."
                    .into()
            }
            Self::Other(text) => {
                format!("The keychain failed: {text}. What is already here stays visible.")
            }
        }
    }

    /// Does the keychain as a whole stay as it is until a person, or its service, does something? Then
    /// it is asked once and left alone. A failure nobody can name may pass like any other.
    pub fn closes_the_keychain(&self) -> bool {
        !matches!(self, Self::Missing | Self::TooLong | Self::Other(_))
    }
}

/// The name under which the refresh token of an account rests in the vault.
///
/// By address and not by number: a person who looks into the keychain sees whose key it is, and it
/// can be stored before the account has a row.
pub fn token_key(email: &str) -> String {
    format!("refresh-token/{email}")
}

/// Which Google an account belongs to: the real one, or the built-in demo.
#[async_trait]
pub trait Clients: Send + Sync + 'static {
    /// The client to reach this account's calendars with.
    ///
    /// # Errors
    /// Why there is none; the failure is shown at the account as it is.
    async fn client(&self, account: &Account) -> Result<Client, Failure>;
}

/// One Google for all accounts.
#[async_trait]
impl Clients for Client {
    async fn client(&self, _account: &Account) -> Result<Client, Failure> {
        Ok(self.clone())
    }
}

/// Someone who wants to know how syncing goes. Called from the engine's tasks: must not block.
pub trait Listener: Send + Sync + 'static {
    /// A sync of this account took a step.
    fn on_progress(&self, account: AccountId, progress: Progress) {
        let _ = (account, progress);
    }

    /// The engine's state changed; read it with [`crate::Engine::state`].
    fn on_state(&self) {}

    /// Google withdrew the key of this account. Called once for each revocation.
    fn on_reconnect_needed(&self, email: &str) {
        let _ = email;
    }

    /// An account whose key had been withdrawn syncs again.
    fn on_reconnected(&self, email: &str) {
        let _ = email;
    }

    /// The keychain cannot be read and syncing waits for it. Called once, however many accounts
    /// wait, until a person asks for a sync again or the keychain opens.
    fn on_keychain_blocked(&self, error: &VaultError) {
        let _ = error;
    }
}

/// Nobody listens.
impl Listener for () {}

/// Can this machine send anything at all right now?
///
/// Asked every few seconds while Google cannot be reached, so that syncing goes on within seconds of
/// the network's return instead of after the next probe.
pub trait Network: Send + Sync + 'static {
    /// Is there a route to the internet? Sends nothing.
    fn has_route(&self) -> bool;
}

/// Asks the system's routing table.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRoutes;

impl Network for SystemRoutes {
    fn has_route(&self) -> bool {
        // Connecting a UDP socket only looks the route up; no packet leaves. The addresses only
        // have to be global ones; nobody is asked.
        [
            ("0.0.0.0:0", "8.8.8.8:53"),
            ("[::]:0", "[2001:4860:4860::8888]:53"),
        ]
        .iter()
        .any(|(from, to)| {
            std::net::UdpSocket::bind(from).is_ok_and(|socket| socket.connect(to).is_ok())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u64);

    impl Entropy for Fixed {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    #[test]
    fn a_unit_is_never_one() {
        assert_eq!(Fixed(0).unit(), 0.0);
        assert!(
            Fixed(u64::MAX).unit() < 1.0,
            "full jitter must stay below its cap"
        );
    }

    #[test]
    fn words_say_what_to_do() {
        for error in [
            VaultError::NoService,
            VaultError::Locked,
            VaultError::Denied,
            VaultError::Missing,
            VaultError::TooLong,
            VaultError::Timeout,
            VaultError::Other("odd".into()),
        ] {
            let words = error.words();
            assert!(
                words.ends_with('.') && words.contains(". "),
                "no next step in {words:?}"
            );
        }
    }
}
