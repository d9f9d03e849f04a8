//! The start of a sign-in: the consent page's address, and what must be remembered until it answers.
//!
//! Pure: time and randomness are arguments. A flow can be turned into bytes for the keychain, since
//! a deep link may come back to a Duet that was started by it.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::Tier;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use zeroize::{Zeroize, Zeroizing};

use super::scopes;
use crate::config::Config;

/// How long a person may take on the consent page.
pub const FLOW_TTL: TimeDelta = TimeDelta::minutes(10);

/// What a sign-in is for.
#[derive(Clone, Debug)]
pub struct FlowRequest {
    /// How much to ask for.
    pub tier: Tier,
    /// The account's address, where it is known: on a reconnect, or when asking for more.
    pub login_hint: Option<String>,
    /// Connecting one more account: Google then shows its account chooser first.
    pub add_account: bool,
    /// Where the answer goes: the deep link, or the listener's address with its port.
    pub redirect_uri: String,
}

/// A name for a flow that may be logged and shown. It tells nothing about the flow's secrets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlowId(String);

impl FlowId {
    /// The id as text: 16 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A short digest of the state, so that it needs no randomness of its own and comes out the
    /// same when the flow returns from the keychain. 64 of 256 bits, hashed, help no one to guess.
    pub(super) fn of_state(state: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(b"duet flow id\0")
            .chain_update(state)
            .finalize();
        Self(
            digest[..8]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sign-in whose answer is awaited.
#[derive(Debug)]
pub struct PendingFlow {
    /// Its public name.
    pub id: FlowId,
    /// Where its answer must arrive.
    pub redirect_uri: String,
    /// What was asked for.
    pub tier: Tier,
    /// Whose consent was asked for, where that is known.
    pub login_hint: Option<String>,
    /// When the person set out.
    pub created_at: DateTime<Utc>,
    pub(super) state: SecretString,
    pub(super) verifier: SecretString,
}

/// Starts a sign-in: the address to open in the system browser, and the flow to keep.
///
/// `entropy` must come from the system's secure source; one half becomes the state, the other the
/// PKCE verifier, 256 bits each.
pub fn begin(
    config: &Config,
    request: FlowRequest,
    now: DateTime<Utc>,
    entropy: &[u8; 64],
) -> (Url, PendingFlow) {
    let (first, second) = entropy.split_at(32);
    let state = BASE64_URL_SAFE_NO_PAD.encode(first);
    // 32 bytes are 43 characters, the shortest verifier that RFC 7636 allows.
    let verifier = PkceCodeVerifier::new(BASE64_URL_SAFE_NO_PAD.encode(second));
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let prompt = if request.add_account {
        "select_account consent"
    } else {
        "consent"
    };

    let mut url = config.auth_url.clone();
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", &request.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", &scopes::for_tier(request.tier).join(" "))
            .append_pair("code_challenge", challenge.as_str())
            // Without the method Google assumes `plain`, and the challenge would be the verifier.
            .append_pair("code_challenge_method", challenge.method().as_str())
            .append_pair("state", &state)
            // Both together make Google give out a refresh token again on a reconnect.
            .append_pair("access_type", "offline")
            .append_pair("prompt", prompt);
        if let Some(hint) = &request.login_hint {
            query.append_pair("login_hint", hint);
        }
    }
    let flow = PendingFlow {
        id: FlowId::of_state(&state),
        redirect_uri: request.redirect_uri,
        tier: request.tier,
        login_hint: request.login_hint,
        created_at: now,
        state: state.into(),
        verifier: verifier.into_secret().into(),
    };
    (url, flow)
}

/// Kept bytes are no flow: another version's, or damaged. The sign-in starts anew.
#[derive(Debug, thiserror::Error)]
#[error("the kept sign-in cannot be read")]
pub struct SealedFlowError;

/// The kept form. Only this file sees it, and only on its way to or from the keychain.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: u8,
    state: String,
    verifier: String,
    redirect_uri: String,
    tier: Tier,
    login_hint: Option<String>,
    created_at: DateTime<Utc>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.state.zeroize();
        self.verifier.zeroize();
    }
}

const KEPT_VERSION: u8 = 1;

impl PendingFlow {
    /// Has the person taken too long?
    ///
    /// A flow from further in the future than it may live is as dead: the clock was set back, and
    /// its age cannot be told any more.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        let age = now.signed_duration_since(self.created_at);
        age >= FLOW_TTL || age <= -FLOW_TTL
    }

    /// The flow as bytes for the keychain, secrets included. Never write them anywhere else.
    pub fn to_sealed_bytes(&self) -> Zeroizing<Vec<u8>> {
        let kept = Kept {
            version: KEPT_VERSION,
            state: self.state.expose_secret().to_owned(),
            verifier: self.verifier.expose_secret().to_owned(),
            redirect_uri: self.redirect_uri.clone(),
            tier: self.tier,
            login_hint: self.login_hint.clone(),
            created_at: self.created_at,
        };
        // Room for all of it at once: a vector that grows leaves copies behind that no one wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2048));
        serde_json::to_writer(&mut *bytes, &kept).expect("strings and a date always serialise");
        bytes
    }

    /// The flow that [`Self::to_sealed_bytes`] kept.
    pub fn from_sealed_bytes(bytes: &[u8]) -> Result<Self, SealedFlowError> {
        let mut kept: Kept = serde_json::from_slice(bytes).map_err(|_| SealedFlowError)?;
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let sound = |secret: &str| secret.len() == 43 && secret.bytes().all(legal);
        if kept.version != KEPT_VERSION || !sound(&kept.state) || !sound(&kept.verifier) {
            return Err(SealedFlowError);
        }
        Ok(Self {
            id: FlowId::of_state(&kept.state),
            redirect_uri: std::mem::take(&mut kept.redirect_uri),
            tier: kept.tier,
            login_hint: kept.login_hint.take(),
            created_at: kept.created_at,
            state: std::mem::take(&mut kept.state).into(),
            verifier: std::mem::take(&mut kept.verifier).into(),
        })
    }
}

#[cfg(test)]
mod tests;
