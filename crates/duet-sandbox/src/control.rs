//! The test's hand on a running sandbox: clock, faults, log, accounts and consent. Changes of the
//! world's data are in control_world.rs, the same over HTTP in control_http.rs.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{
    clients::{ClientKind, OAuthClient},
    faults::Fault,
    grants::Grant,
    http::parse_pairs,
    log::LoggedRequest,
    oauth,
    route::Endpoint,
    state::{Shared, State},
    world::WorldError,
};

/// A handle on a running sandbox. Cheap to clone; outlives the server harmlessly.
#[derive(Debug, Clone)]
pub struct Control {
    pub(crate) shared: Arc<Shared>,
    address: SocketAddr,
    online: watch::Sender<bool>,
    up: watch::Receiver<bool>,
}

/// Tokens given out without the consent page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IssuedTokens {
    /// For the `Authorization` header.
    pub access_token: String,
    /// For the token endpoint.
    pub refresh_token: String,
    /// Seconds the access token lives.
    pub expires_in: i64,
}

/// A mail Google would have sent to a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The guest.
    pub to: String,
    /// The calendar the event was written to.
    pub calendar: String,
    /// The event.
    pub event: String,
    /// `invitation`, `update`, `cancellation`, or `answer` where a guest wrote.
    pub subject: String,
}

/// The consent page refused the request, or the person did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the consent page refused the request with status {status}")]
pub struct Refused {
    /// The page's HTTP status.
    pub status: u16,
}

impl Control {
    pub(crate) fn new(
        shared: Arc<Shared>,
        address: SocketAddr,
        online: watch::Sender<bool>,
        up: watch::Receiver<bool>,
    ) -> Control {
        Control {
            shared,
            address,
            online,
            up,
        }
    }

    /// The sandbox's time.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.lock().clock.now()
    }

    /// Sets the clock, which then runs on in real time.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.edit(|state| state.clock.set(now));
    }

    /// Moves the clock, back too.
    pub fn advance(&self, by: TimeDelta) {
        self.edit(|state| state.clock.advance(by));
    }

    /// Scripts a fault.
    pub fn fault(&self, fault: Fault) {
        self.edit(|state| state.faults.add(fault));
    }

    /// Forgets all faults that are still to come.
    pub fn clear_faults(&self) {
        self.edit(|state| state.faults.clear());
    }

    /// The faults that are still to come.
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.shared.lock().faults.waiting()
    }

    /// Closes the port and every connection (`false`), or listens again on the same port (`true`);
    /// returns when it is so.
    pub async fn set_online(&self, online: bool) {
        self.online.send_replace(online);
        let mut up = self.up.clone();
        // An error means that the server has stopped: nothing to wait for.
        let _ = up.wait_for(|up| *up == online).await;
    }

    /// What was asked, in order of arrival.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.lock().log.all()
    }

    /// Empties the request log.
    pub fn clear_requests(&self) {
        // Not an edit: it changes nothing that was answered.
        self.shared.lock().log.clear();
        self.shared.changed.notify_waiters();
    }

    /// How many requests met an endpoint.
    pub fn count(&self, endpoint: Endpoint) -> usize {
        self.shared.lock().log.count(endpoint)
    }

    /// Waits until a condition holds, looking again after each request and each change; false when
    /// it does not within `timeout`.
    pub async fn wait_until(
        &self,
        timeout: Duration,
        mut holds: impl FnMut(&Control) -> bool,
    ) -> bool {
        let wait = async {
            loop {
                let changed = self.shared.changed.notified();
                tokio::pin!(changed);
                changed.as_mut().enable();
                if holds(self) {
                    return;
                }
                changed.await;
            }
        };
        tokio::time::timeout(timeout, wait).await.is_ok()
    }

    /// Signs an account in without the consent page, for the Desktop client: tokens with `scopes`.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn grant(&self, email: &str, scopes: &[&str]) -> Result<IssuedTokens, WorldError> {
        self.grant_to(ClientKind::Desktop, email, scopes)
    }

    /// The same, for either client.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn grant_to(
        &self,
        client: ClientKind,
        email: &str,
        scopes: &[&str],
    ) -> Result<IssuedTokens, WorldError> {
        self.edit(|state| {
            state.world.account_mut(email)?;
            let grant = Grant {
                account: email.to_owned(),
                client: OAuthClient::of(client).id,
                scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            };
            let now = state.clock.now();
            let minted = state.grants.issue(now, grant, None, true);
            Ok(IssuedTokens {
                access_token: minted.access_token,
                refresh_token: minted.refresh_token.unwrap_or_default(),
                expires_in: minted.expires_in,
            })
        })
    }

    /// What a person at the consent page sends back when they click "Allow" (or, after
    /// `deny_consent`, "Cancel"): the redirect's address for the authorization address `url`.
    ///
    /// # Errors
    /// When the request is one the page refuses.
    pub fn approve(&self, url: &str) -> Result<String, Refused> {
        let query = url.split_once('?').map_or("", |(_, query)| query);
        let pairs = parse_pairs(query.split('#').next().unwrap_or_default().as_bytes());
        let reply = self.edit(|state| oauth::approve(state, &pairs));
        let location = reply
            .headers
            .into_iter()
            .find(|(name, _)| *name == "location");
        location.map(|(_, to)| to).ok_or(Refused {
            status: reply.status,
        })
    }

    /// The account's owner removes the application's access: every refresh token answers
    /// `invalid_grant`, every access token 401.
    pub fn revoke(&self, email: &str) {
        self.edit(|state| state.grants.revoke_account(email));
    }

    /// The account's access tokens answer 401 until they are refreshed.
    pub fn expire_access_tokens(&self, email: &str) {
        self.edit(|state| state.grants.expire_access(email));
    }

    /// The consent grants at most these scopes (unticked boxes); None grants what is asked.
    pub fn set_granted_scopes(&self, scopes: Option<Vec<String>>) {
        self.edit(|state| state.consent.granted_scopes = scopes);
    }

    /// Whether the person clicks "Cancel".
    pub fn deny_consent(&self, deny: bool) {
        self.edit(|state| state.consent.deny = deny);
    }

    /// Whether the token endpoint leaves the refresh token out.
    pub fn omit_refresh_token(&self, omit: bool) {
        self.edit(|state| state.consent.omit_refresh_token = omit);
    }

    /// Which account signs in at the consent page, whatever the hint says, until changed.
    pub fn sign_in_as(&self, email: &str) {
        self.edit(|state| state.consent.sign_in_as = Some(email.to_owned()));
    }

    /// The account is chosen by the hint again, or is the first.
    pub fn sign_in_as_hinted(&self) {
        self.edit(|state| state.consent.sign_in_as = None);
    }

    /// Whether the authorization address redirects at once instead of showing a page.
    pub fn set_auto_consent(&self, auto: bool) {
        self.edit(|state| state.consent.auto = auto);
    }

    /// Every token and code ever given out, for canary scans.
    pub fn tokens_issued(&self) -> Vec<String> {
        self.shared.lock().grants.minted().to_vec()
    }

    /// How often an access token was refreshed for this account.
    pub fn refresh_count(&self, email: &str) -> usize {
        self.shared.lock().grants.refresh_count(email)
    }

    /// The refresh tokens of this account that still work, oldest first.
    pub fn live_refresh_tokens(&self, email: &str) -> Vec<String> {
        self.shared.lock().grants.live_refresh_tokens(email)
    }

    /// The account's stable id, as in the id token's `sub`.
    pub fn sub(&self, email: &str) -> Option<String> {
        self.shared
            .lock()
            .world
            .account(email)
            .map(|account| account.sub.clone())
    }

    /// The mails that guests would have got.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.lock().mails.clone()
    }

    /// Every event that an insert has made, in order: its calendar and its id. An insert whose answer was
    /// lost is among them, one that was refused is not.
    pub fn creates(&self) -> Vec<(String, String)> {
        self.shared.lock().creates.clone()
    }

    /// Where the sandbox listens (or would, while it is offline).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the state and wakes whoever waits for a change.
    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let out = {
            let mut state = self.shared.lock();
            state.replays.forget();
            change(&mut state)
        };
        self.shared.changed.notify_waiters();
        out
    }
}
