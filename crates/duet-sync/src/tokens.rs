//! Access tokens: in memory only, one refresh at a time, and what their failures mean.
//!
//! The lasting key stays in the vault and is read for each refresh. A vault that is locked or away
//! says nothing about the account; it is asked once and then left alone until it opens or a person
//! asks again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::auth::{AccessToken, AuthError, RefreshToken, refresh};
use duet_model::account::{Account, AccountId, Failure};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;

use crate::host::{Clients, Clock, Listener, TokenVault, VaultError, token_key};

/// A token is replaced when it has less than this left, so that none dies on the way.
const MARGIN: Duration = Duration::from_secs(5 * 60);

/// Reads an account's refresh token from the vault.
///
/// # Errors
/// What the vault says; [`VaultError::Other`] where the secret is not text.
pub async fn load_refresh_token(
    vault: &dyn TokenVault,
    email: &str,
) -> Result<RefreshToken, VaultError> {
    let secret = vault.get(&token_key(email)).await?;
    let text = std::str::from_utf8(secret.expose_secret())
        .map_err(|_| VaultError::Other("what it holds is not a key of Duet's".into()))?;
    Ok(RefreshToken::new(SecretString::from(text)))
}

/// Stores an account's refresh token in the vault. On a reconnect this comes before the account's
/// row is changed: a refresh that fails meanwhile with the old key looks here for a newer one.
///
/// # Errors
/// What the vault says.
pub async fn store_refresh_token(
    vault: &dyn TokenVault,
    email: &str,
    token: &RefreshToken,
) -> Result<(), VaultError> {
    let bytes = token.expose_secret().as_bytes().to_vec();
    vault.set(&token_key(email), SecretSlice::from(bytes)).await
}

/// Why there is no access token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenError {
    /// The vault did not give the refresh token out. The account may be in perfect order.
    #[error("the refresh token could not be read")]
    Vault(#[source] VaultError),
    /// Google, or the way to it. Only [`AuthError::InvalidGrant`] is about the account.
    #[error("no new access token")]
    Auth(#[source] Arc<AuthError>),
    /// There is no client to ask with.
    #[error("no client for this account: {}", .0.message)]
    NoClient(Failure),
    /// The refresh ended without a result: a defect, or the program is stopping.
    #[error("the refresh was broken off")]
    BrokenOff,
}

/// An access token, and which one it is, so that two who were refused with the same one refresh once.
#[derive(Clone, Debug)]
pub struct Key {
    /// The token.
    pub access: AccessToken,
    serial: u64,
}

/// The access tokens of all accounts. Cloning shares them.
#[derive(Clone)]
pub struct Tokens {
    inner: Arc<Inner>,
}

struct Inner {
    vault: Arc<dyn TokenVault>,
    clients: Arc<dyn Clients>,
    clock: Arc<dyn Clock>,
    listener: Arc<dyn Listener>,
    // One question at a time: the second account sees what the first was told.
    asking: tokio::sync::Mutex<()>,
    blocked: Mutex<Option<VaultError>>,
    /// Has the listener been told? Stays so while the vault opens and closes by itself.
    announced: AtomicBool,
    cells: Mutex<HashMap<AccountId, Arc<Cell>>>,
}

#[derive(Default)]
struct Cell {
    /// Token requests that were sent.
    requests: AtomicU64,
    /// Refreshes that have ended. Read before queueing: if it moved meanwhile, that one was ours.
    ended: AtomicU64,
    state: Arc<tokio::sync::Mutex<State>>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    last_failure: Option<TokenError>,
    /// A rotated refresh token that the vault did not take; lost when Duet ends, and better than lost
    /// at once.
    unsaved: Option<RefreshToken>,
    serials: u64,
}

struct Held {
    key: Key,
    /// The truth, on the monotonic clock.
    until: Instant,
    /// The same on the wall clock, because the monotonic one stands still while a computer sleeps.
    until_wall: DateTime<Utc>,
    margin: Duration,
}

impl Held {
    fn new(access: AccessToken, serial: u64, asked: Instant, asked_wall: DateTime<Utc>) -> Self {
        let lives = access.expires_in;
        let lives_wall = TimeDelta::from_std(lives).unwrap_or(TimeDelta::hours(1));
        Self {
            until: asked + lives,
            until_wall: asked_wall + lives_wall,
            // A token that is short-lived by itself would never be fresh enough.
            margin: MARGIN.min(lives / 2),
            key: Key { access, serial },
        }
    }

    fn is_fresh(&self, now: Instant, now_wall: DateTime<Utc>) -> bool {
        let margin_wall = TimeDelta::from_std(self.margin).unwrap_or_default();
        now + self.margin < self.until && now_wall + margin_wall < self.until_wall
    }
}

impl Tokens {
    /// No tokens yet.
    pub fn new(
        vault: Arc<dyn TokenVault>,
        clients: Arc<dyn Clients>,
        clock: Arc<dyn Clock>,
        listener: Arc<dyn Listener>,
    ) -> Self {
        let inner = Inner {
            vault,
            clients,
            clock,
            listener,
            asking: tokio::sync::Mutex::default(),
            blocked: Mutex::default(),
            announced: AtomicBool::default(),
            cells: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// A token that is good for a while; refreshed if need be. However many ask at once, one
    /// refresh is sent and all get its result.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn get(&self, account: &Account) -> Result<Key, TokenError> {
        self.obtain(account, None).await
    }

    /// A token other than the one that was just refused with 401.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn renew(&self, account: &Account, refused: &Key) -> Result<Key, TokenError> {
        self.obtain(account, Some(refused.serial)).await
    }

    /// How many token requests have been sent for an account.
    pub fn requests(&self, account: AccountId) -> u64 {
        lock(&self.inner.cells)
            .get(&account)
            .map_or(0, |cell| cell.requests.load(Ordering::Relaxed))
    }

    /// Drops what is known of an account: it was removed or connected anew.
    pub fn forget(&self, account: AccountId) {
        lock(&self.inner.cells).remove(&account);
    }

    /// A person asked for a sync: the vault may be asked again, once.
    pub fn ask_again(&self) {
        *lock(&self.inner.blocked) = None;
        self.inner.announced.store(false, Ordering::Release);
    }

    /// Why the vault is left alone, if it is.
    pub fn blocked(&self) -> Option<VaultError> {
        lock(&self.inner.blocked).clone()
    }

    /// Looks, without disturbing anyone, whether a closed vault has opened.
    pub async fn vault_has_opened(&self) -> bool {
        match self.blocked() {
            None => return true,
            // Someone said no: looking would not notice the difference, and asking would put the
            // same question up every minute.
            Some(VaultError::Denied) => return false,
            Some(_) => {}
        }
        if self.inner.vault.ready().await.is_err() {
            return false;
        }
        *lock(&self.inner.blocked) = None;
        true
    }

    async fn obtain(&self, account: &Account, refused: Option<u64>) -> Result<Key, TokenError> {
        let cell = Arc::clone(lock(&self.inner.cells).entry(account.id).or_default());
        let ended_before = cell.ended.load(Ordering::Acquire);
        let mut state = Arc::clone(&cell.state).lock_owned().await;
        let (now, now_wall) = (Instant::now(), self.inner.clock.now());
        if let Some(held) = &state.held
            && Some(held.key.serial) != refused
            && held.is_fresh(now, now_wall)
        {
            return Ok(held.key.clone());
        }
        if cell.ended.load(Ordering::Acquire) != ended_before
            && let Some(failure) = &state.last_failure
        {
            return Err(failure.clone());
        }
        state.held = None;
        // A task of its own: a caller that is dropped in the middle must not lose a rotated token
        // between Google's answer and the vault.
        let (inner, account) = (Arc::clone(&self.inner), account.clone());
        let refreshing = tokio::spawn(async move { inner.refresh(&account, &cell, state).await });
        refreshing.await.unwrap_or(Err(TokenError::BrokenOff))
    }
}

impl Inner {
    async fn refresh(
        &self,
        account: &Account,
        cell: &Cell,
        mut state: OwnedMutexGuard<State>,
    ) -> Result<Key, TokenError> {
        let result = self.try_refresh(account, cell, &mut state).await;
        state.last_failure = result.as_ref().err().cloned();
        cell.ended.fetch_add(1, Ordering::AcqRel);
        result
    }

    async fn try_refresh(
        &self,
        account: &Account,
        cell: &Cell,
        state: &mut State,
    ) -> Result<Key, TokenError> {
        let ask = async |token: &RefreshToken, client| {
            cell.requests.fetch_add(1, Ordering::Relaxed);
            refresh(client, token).await
        };
        let client = self
            .clients
            .client(account)
            .await
            .map_err(TokenError::NoClient)?;
        let mut token = match state.unsaved.clone() {
            Some(unsaved) => unsaved,
            None => self.read_vault(&account.email).await?,
        };
        let (asked, asked_wall) = (Instant::now(), self.clock.now());
        let refreshed = match ask(&token, &client).await {
            Err(AuthError::InvalidGrant) => {
                // Another process, or the sign-in flow, may have stored a new key since this one was
                // read; then the old one's death is no news. Where the vault does not say, Google has:
                // taking its word for a closed keychain's would hide that the account is signed out.
                match self.read_vault(&account.email).await {
                    Ok(newer) if newer.expose_secret() != token.expose_secret() => token = newer,
                    _ => return Err(TokenError::Auth(Arc::new(AuthError::InvalidGrant))),
                }
                state.unsaved = None;
                ask(&token, &client).await
            }
            other => other,
        }
        .map_err(|error| TokenError::Auth(Arc::new(error)))?;
        if let Some(rotated) = refreshed.rotated.or_else(|| state.unsaved.take()) {
            if let Err(error) = store_refresh_token(&*self.vault, &account.email, &rotated).await {
                tracing::warn!(account = account.id.0, %error, "a new key could not be stored");
                state.unsaved = Some(rotated);
            } else {
                state.unsaved = None;
            }
        }
        state.serials += 1;
        let held = Held::new(refreshed.access, state.serials, asked, asked_wall);
        let key = held.key.clone();
        state.held = Some(held);
        Ok(key)
    }

    async fn read_vault(&self, email: &str) -> Result<RefreshToken, TokenError> {
        let _one_question = self.asking.lock().await;
        if let Some(error) = lock(&self.blocked).clone() {
            return Err(TokenError::Vault(error));
        }
        match load_refresh_token(&*self.vault, email).await {
            Ok(token) => {
                self.announced.store(false, Ordering::Release);
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "a key could not be read");
                if error.closes_the_keychain() {
                    *lock(&self.blocked) = Some(error.clone());
                    if !self.announced.swap(true, Ordering::AcqRel) {
                        self.listener.on_keychain_blocked(&error);
                    }
                }
                Err(TokenError::Vault(error))
            }
        }
    }
}

/// Nothing that panics runs under these locks, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
