//! Who may do what: codes, access and refresh tokens, their ages and their ends. Owns every token
//! string ever minted, so that tests can look for leaks; HTTP is oauth.rs's.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use crate::clients::OAuthClient;

/// Google kills the oldest refresh token silently above this number per account and client.
const LIVE_REFRESH_TOKENS: usize = 100;
const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Stands in front of a refresh token that can be read back after a restart (see `Options`).
const DURABLE: &str = "durable.";

pub(crate) type Scopes = BTreeSet<String>;

/// Something an account allowed a client to do.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) account: String,
    pub(crate) client: &'static str,
    pub(crate) scopes: Scopes,
}

/// A one-time authorization code, with all that its exchange must match.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: String,
    pub(crate) nonce: Option<String>,
    pub(crate) with_refresh_token: bool,
    expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Access {
    grant: Grant,
    expires_at: DateTime<Utc>,
}

#[derive(Debug, Clone)]
struct Refresh {
    grant: Grant,
    number: u64,
}

/// All grants of one sandbox.
#[derive(Debug)]
pub(crate) struct Grants {
    seed: u64,
    prefix: String,
    durable: bool,
    lifetime: TimeDelta,
    minted: Vec<String>,
    codes: BTreeMap<String, Code>,
    access: BTreeMap<String, Access>,
    refresh: BTreeMap<String, Refresh>,
    /// Refresh tokens that have ended, so that a durable one does not come back to life.
    ended: BTreeSet<String>,
    refreshes: BTreeMap<String, usize>,
}

/// What the token endpoint hands out.
#[derive(Debug, Clone)]
pub(crate) struct Minted {
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) expires_in: i64,
    pub(crate) grant: Grant,
    pub(crate) nonce: Option<String>,
}

impl Grants {
    pub(crate) fn new(seed: u64, prefix: &str, durable: bool, lifetime: TimeDelta) -> Grants {
        Grants {
            seed,
            prefix: prefix.to_owned(),
            durable,
            lifetime,
            minted: Vec::new(),
            codes: BTreeMap::new(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
            ended: BTreeSet::new(),
            refreshes: BTreeMap::new(),
        }
    }

    pub(crate) fn issue_code(
        &mut self,
        now: DateTime<Utc>,
        grant: Grant,
        redirect_uri: &str,
        challenge: &str,
        nonce: Option<String>,
        with_refresh_token: bool,
    ) -> String {
        let code = self.mint("4/0A");
        let entry = Code {
            grant,
            redirect_uri: redirect_uri.to_owned(),
            challenge: challenge.to_owned(),
            nonce,
            with_refresh_token,
            expires_at: now + CODE_LIFETIME,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Takes a code out of circulation, whether or not the exchange then succeeds.
    pub(crate) fn take_code(&mut self, now: DateTime<Utc>, code: &str) -> Option<Code> {
        self.codes
            .remove(code)
            .filter(|entry| entry.expires_at > now)
    }

    pub(crate) fn issue(
        &mut self,
        now: DateTime<Utc>,
        grant: Grant,
        nonce: Option<String>,
        with_refresh_token: bool,
    ) -> Minted {
        let refresh_token = with_refresh_token.then(|| self.issue_refresh(&grant));
        let access_token = self.issue_access(now, &grant);
        let expires_in = self.lifetime.num_seconds();
        Minted {
            access_token,
            refresh_token,
            expires_in,
            grant,
            nonce,
        }
    }

    /// A new access token for a live refresh token of this client.
    pub(crate) fn refresh(
        &mut self,
        now: DateTime<Utc>,
        client: OAuthClient,
        token: &str,
    ) -> Option<Minted> {
        if !self.refresh.contains_key(token) {
            self.revive(token);
        }
        let grant = self.refresh.get(token)?.grant.clone();
        if grant.client != client.id {
            return None;
        }
        *self.refreshes.entry(grant.account.clone()).or_default() += 1;
        let access_token = self.issue_access(now, &grant);
        let expires_in = self.lifetime.num_seconds();
        Some(Minted {
            access_token,
            refresh_token: None,
            expires_in,
            grant,
            nonce: None,
        })
    }

    /// The grant behind an access token that is still good.
    pub(crate) fn check(&self, now: DateTime<Utc>, token: &str) -> Option<&Grant> {
        self.access
            .get(token)
            .filter(|entry| entry.expires_at > now)
            .map(|entry| &entry.grant)
    }

    /// Ends everything the account ever allowed this client, by any of its tokens. False when the
    /// token means nothing (any more).
    pub(crate) fn revoke_token(&mut self, token: &str) -> bool {
        self.revive(token);
        let grant = self
            .refresh
            .get(token)
            .map(|entry| entry.grant.clone())
            .or_else(|| self.access.get(token).map(|entry| entry.grant.clone()));
        let Some(grant) = grant else { return false };
        self.end(|other| other.account == grant.account && other.client == grant.client);
        true
    }

    /// Ends everything the account ever allowed anyone, as its owner can at Google.
    pub(crate) fn revoke_account(&mut self, account: &str) {
        self.end(|grant| grant.account == account);
    }

    pub(crate) fn expire_access(&mut self, account: &str) {
        self.access
            .retain(|_, entry| entry.grant.account != account);
    }

    pub(crate) fn has_live_grant(&self, account: &str, client: &str) -> bool {
        self.refresh
            .values()
            .any(|entry| entry.grant.account == account && entry.grant.client == client)
    }

    pub(crate) fn live_refresh_tokens(&self, account: &str) -> Vec<String> {
        let mut live: Vec<_> = self
            .refresh
            .iter()
            .filter(|(_, entry)| entry.grant.account == account)
            .collect();
        live.sort_by_key(|(_, entry)| entry.number);
        live.into_iter().map(|(token, _)| token.clone()).collect()
    }

    pub(crate) fn refresh_count(&self, account: &str) -> usize {
        self.refreshes.get(account).copied().unwrap_or(0)
    }

    pub(crate) fn minted(&self) -> &[String] {
        &self.minted
    }

    fn end(&mut self, ends: impl Fn(&Grant) -> bool) {
        self.access.retain(|_, entry| !ends(&entry.grant));
        self.codes.retain(|_, entry| !ends(&entry.grant));
        let ended: Vec<_> = self
            .refresh
            .iter()
            .filter(|(_, entry)| ends(&entry.grant))
            .map(|(token, _)| token.clone())
            .collect();
        for token in ended {
            self.refresh.remove(&token);
            self.ended.insert(token);
        }
    }

    fn issue_access(&mut self, now: DateTime<Utc>, grant: &Grant) -> String {
        let token = self.mint("ya29.a0");
        let expires_at = now + self.lifetime;
        self.access.insert(
            token.clone(),
            Access {
                grant: grant.clone(),
                expires_at,
            },
        );
        token
    }

    fn issue_refresh(&mut self, grant: &Grant) -> String {
        let mut token = self.mint("1//0");
        if self.durable {
            let scopes: Vec<_> = grant.scopes.iter().map(String::as_str).collect();
            let text = format!("{}\n{}\n{}", grant.account, grant.client, scopes.join(" "));
            token = format!("{token}.{DURABLE}{}", URL_SAFE_NO_PAD.encode(text));
            self.minted.push(token.clone());
        }
        self.keep_refresh(token.clone(), grant.clone());
        token
    }

    fn keep_refresh(&mut self, token: String, grant: Grant) {
        let number = self.minted.len() as u64;
        let mut same: Vec<_> = self
            .refresh
            .iter()
            .filter(|(_, entry)| {
                entry.grant.account == grant.account && entry.grant.client == grant.client
            })
            .map(|(token, entry)| (entry.number, token.clone()))
            .collect();
        same.sort();
        if same.len() >= LIVE_REFRESH_TOKENS
            && let Some((_, oldest)) = same.into_iter().next()
        {
            self.refresh.remove(&oldest);
            self.ended.insert(oldest);
        }
        self.refresh.insert(token, Refresh { grant, number });
    }

    /// Honours a durable refresh token minted by an earlier run of the demo.
    fn revive(&mut self, token: &str) {
        if !self.durable || self.ended.contains(token) || self.refresh.contains_key(token) {
            return;
        }
        let Some(grant) = read_durable(token) else {
            return;
        };
        self.minted.push(token.to_owned());
        self.keep_refresh(token.to_owned(), grant);
    }

    fn mint(&mut self, kind: &str) -> String {
        let count = self.minted.len() as u64;
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(count.to_le_bytes());
        hash.update(kind.as_bytes());
        let token = format!(
            "{}{kind}{}",
            self.prefix,
            URL_SAFE_NO_PAD.encode(hash.finalize())
        );
        self.minted.push(token.clone());
        token
    }
}

fn read_durable(token: &str) -> Option<Grant> {
    let (_, encoded) = token.split_once(&format!(".{DURABLE}"))?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    let mut lines = text.split('\n');
    let account = lines.next()?.to_owned();
    let client = OAuthClient::by_id(lines.next()?)?.id;
    let scopes = lines.next()?.split(' ').map(str::to_owned).collect();
    Some(Grant {
        account,
        client,
        scopes,
    })
}

/// The S256 challenge of a verifier, as the exchange compares it.
pub(crate) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}
