//! The OAuth endpoints: authorize, the consent decision, token and revocation. Owns their rules
//! (client types, PKCE S256, one-time codes, granted scopes); tokens themselves live in grants.rs.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde_json::json;
use url::Url;

use crate::{
    clients::{ClientKind, OAuthClient},
    consent::{self, Choice},
    error::OAuthFailure,
    grants::{Grant, Minted, Scopes, challenge_of},
    http::{Incoming, Reply, field},
    scopes,
    state::State,
};

/// How the person at the consent page behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConsentPlan {
    pub(crate) auto: bool,
    pub(crate) deny: bool,
    pub(crate) omit_refresh_token: bool,
    pub(crate) sign_in_as: Option<String>,
    pub(crate) granted_scopes: Option<Vec<String>>,
}

/// An authorization request that passed every check and waits for a decision.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    client: OAuthClient,
    redirect_uri: String,
    scopes: Vec<String>,
    state: Option<String>,
    challenge: String,
    nonce: Option<String>,
    offline: bool,
    prompt: Vec<String>,
    login_hint: Option<String>,
}

/// A refusal shown to the person, because the redirect cannot be trusted.
struct Blocked(u16, &'static str, String);

impl From<Blocked> for Reply {
    fn from(Blocked(code, error, detail): Blocked) -> Reply {
        Reply::html(code, consent::refusal_page(code, error, &detail))
    }
}

/// `GET /o/oauth2/v2/auth`.
pub(crate) fn authorize(state: &mut State, query: &[(String, String)]) -> Reply {
    match read_request(query) {
        Ok(pending) if pending.prompt.iter().any(|word| word == "none") => silent(state, &pending),
        Ok(pending) if state.consent.auto => decide_alone(state, &pending),
        Ok(pending) => {
            let page = show(state, &pending);
            Reply::html(200, page)
        }
        Err(blocked) => blocked.into(),
    }
}

/// `POST /o/oauth2/v2/auth/decision`, from the consent page's form.
pub(crate) fn decision(state: &mut State, request: &Incoming) -> Reply {
    let form = request.form();
    let Some(pending) = field(&form, "request").and_then(|id| state.pending_consents.remove(id))
    else {
        let detail = "This page has been answered already. Start again in the application.";
        return Blocked(400, "invalid_request", detail.to_owned()).into();
    };
    if field(&form, "decision") != Some("allow") {
        return refuse(&pending, "access_denied");
    }
    let account = field(&form, "account").unwrap_or_default();
    if state.world.account(account).is_none() {
        return refuse(&pending, "access_denied");
    }
    let ticked: Vec<&str> = form
        .iter()
        .filter(|(key, _)| key == "scope")
        .map(|(_, value)| value.as_str())
        .collect();
    let granted = pending
        .scopes
        .iter()
        .filter(|scope| ticked.contains(&scope.as_str()))
        .cloned();
    let granted = limit(state, granted);
    let account = account.to_owned();
    allow(state, &pending, &account, granted)
}

/// `POST /token`.
pub(crate) fn token(state: &mut State, request: &Incoming) -> Reply {
    match exchange(state, request) {
        Ok(minted) => token_reply(state, &minted),
        Err(failure) => failure.into(),
    }
}

/// `POST /revoke`.
pub(crate) fn revoke(state: &mut State, request: &Incoming) -> Reply {
    let form = request.form();
    let token = field(&form, "token")
        .or_else(|| request.param("token"))
        .unwrap_or_default();
    if state.grants.revoke_token(token) {
        Reply::json(200, &json!({}))
    } else {
        OAuthFailure::new(400, "invalid_token", "Token expired or revoked").into()
    }
}

/// What a person who clicks "Allow" sends back, in one step: the redirect's address.
pub(crate) fn approve(state: &mut State, query: &[(String, String)]) -> Reply {
    match read_request(query) {
        Ok(pending) => decide_alone(state, &pending),
        Err(blocked) => blocked.into(),
    }
}

fn read_request(query: &[(String, String)]) -> Result<Pending, Blocked> {
    let need = |name: &str| {
        field(query, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Blocked(
                    400,
                    "invalid_request",
                    format!("Missing required parameter: {name}"),
                )
            })
    };
    let client = OAuthClient::by_id(need("client_id")?).ok_or_else(|| {
        Blocked(
            401,
            "invalid_client",
            "The OAuth client was not found.".into(),
        )
    })?;
    let redirect_uri = need("redirect_uri")?;
    if !client.accepts_redirect(redirect_uri) {
        let rule = match client.kind {
            ClientKind::Desktop => "A Desktop client takes http://127.0.0.1:PORT only.",
            ClientKind::Ios => "An iOS client takes its reversed id with one slash only.",
        };
        return Err(Blocked(
            400,
            "redirect_uri_mismatch",
            format!("{rule} Got: {redirect_uri}"),
        ));
    }
    if need("response_type")? != "code" {
        let detail = "Only response_type=code is supported for this client.";
        return Err(Blocked(400, "unsupported_response_type", detail.into()));
    }
    let scopes: Vec<String> = need("scope")?
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if let Some(unknown) = scopes.iter().find(|scope| !scopes::known(scope)) {
        return Err(Blocked(
            400,
            "invalid_scope",
            format!("Some scopes are invalid: {unknown}"),
        ));
    }
    let challenge = need("code_challenge")?;
    // Google takes a missing method for "plain". Nobody should rely on that, so here it is an error.
    if field(query, "code_challenge_method") != Some("S256") {
        let detail = "code_challenge_method must be S256 (missing means plain).";
        return Err(Blocked(400, "invalid_request", detail.into()));
    }
    let right_alphabet = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if challenge.len() != 43 || !challenge.chars().all(right_alphabet) {
        let detail = "code_challenge is not a base64url SHA-256 without padding.";
        return Err(Blocked(400, "invalid_request", detail.into()));
    }
    let access_type = field(query, "access_type").unwrap_or("online");
    if !matches!(access_type, "online" | "offline") {
        let detail = format!("Invalid parameter value for access_type: {access_type}");
        return Err(Blocked(400, "invalid_request", detail));
    }
    let prompt: Vec<String> = field(query, "prompt")
        .unwrap_or("")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let known = |word: &String| matches!(word.as_str(), "none" | "consent" | "select_account");
    if !prompt.iter().all(known) || (prompt.len() > 1 && prompt.iter().any(|word| word == "none")) {
        let detail = format!("Invalid parameter value for prompt: {}", prompt.join(" "));
        return Err(Blocked(400, "invalid_request", detail));
    }
    let text = |name| field(query, name).map(str::to_owned);
    Ok(Pending {
        client,
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        state: text("state"),
        challenge: challenge.to_owned(),
        nonce: text("nonce"),
        offline: access_type == "offline",
        prompt,
        login_hint: text("login_hint"),
    })
}

fn show(state: &mut State, pending: &Pending) -> String {
    let chosen = likely_account(state, pending);
    let forced = state.consent.sign_in_as.is_some();
    let hinted =
        pending.login_hint.is_some() && !pending.prompt.iter().any(|word| word == "select_account");
    let choices: Vec<_> = state
        .world
        .accounts()
        .filter(|account| !(forced || hinted) || chosen.as_deref() == Some(&account.email))
        .map(|account| Choice {
            email: &account.email,
            name: &account.name,
            chosen: chosen.as_deref() == Some(&account.email),
        })
        .collect();
    let id = format!("consent-{}", state.next_consent);
    let page = consent::consent_page(&id, &choices, &pending.scopes);
    state.next_consent += 1;
    state.pending_consents.insert(id, pending.clone());
    page
}

/// The decision of a person who reads nothing and allows (or, if told so, denies) at once.
fn decide_alone(state: &mut State, pending: &Pending) -> Reply {
    if state.consent.deny {
        return refuse(pending, "access_denied");
    }
    let Some(account) = likely_account(state, pending) else {
        return refuse(pending, "access_denied");
    };
    let granted = limit(state, pending.scopes.iter().cloned());
    allow(state, pending, &account, granted)
}

/// `prompt=none`: only what was allowed before, and never a page.
fn silent(state: &mut State, pending: &Pending) -> Reply {
    match likely_account(state, pending) {
        None => refuse(pending, "login_required"),
        Some(account) if state.grants.has_live_grant(&account, pending.client.id) => {
            let granted = limit(state, pending.scopes.iter().cloned());
            allow(state, pending, &account, granted)
        }
        Some(_) => refuse(pending, "consent_required"),
    }
}

fn likely_account(state: &State, pending: &Pending) -> Option<String> {
    let hint = pending.login_hint.as_deref();
    let by_hint = state
        .world
        .accounts()
        .find(|account| Some(account.email.as_str()) == hint || Some(account.sub.as_str()) == hint)
        .map(|account| account.email.clone());
    state.consent.sign_in_as.clone().or(by_hint).or_else(|| {
        state
            .world
            .accounts()
            .next()
            .map(|account| account.email.clone())
    })
}

/// What is granted of `asked`, given the boxes this person leaves unticked.
fn limit(state: &State, asked: impl Iterator<Item = String>) -> Scopes {
    let allowed = state.consent.granted_scopes.as_ref();
    asked
        .filter(|scope| allowed.is_none_or(|list| list.contains(scope)))
        .collect()
}

fn allow(state: &mut State, pending: &Pending, account: &str, granted: Scopes) -> Reply {
    if granted.is_empty() {
        return refuse(pending, "access_denied");
    }
    let consented = pending.prompt.iter().any(|word| word == "consent")
        || !state.grants.has_live_grant(account, pending.client.id);
    let with_refresh_token = pending.offline && consented && !state.consent.omit_refresh_token;
    let scope = granted
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let grant = Grant {
        account: account.to_owned(),
        client: pending.client.id,
        scopes: granted,
    };
    let now = state.clock.now();
    let code = state.grants.issue_code(
        now,
        grant,
        &pending.redirect_uri,
        &pending.challenge,
        pending.nonce.clone(),
        with_refresh_token,
    );
    back(pending, &[("code", &code), ("scope", &scope)])
}

fn refuse(pending: &Pending, error: &str) -> Reply {
    back(pending, &[("error", error)])
}

fn back(pending: &Pending, pairs: &[(&str, &str)]) -> Reply {
    // The redirect was checked when the request came in; a scheme without authority parses too.
    let Ok(mut url) = Url::parse(&pending.redirect_uri) else {
        return Blocked(400, "invalid_request", "The redirect is no address.".into()).into();
    };
    {
        let mut query = url.query_pairs_mut();
        if let Some(state) = &pending.state {
            query.append_pair("state", state);
        }
        query.extend_pairs(pairs);
    }
    Reply::redirect(url.into())
}

fn exchange(state: &mut State, request: &Incoming) -> Result<Minted, OAuthFailure> {
    let form = request.form();
    let client = check_client(request, &form)?;
    match field(&form, "grant_type") {
        Some("authorization_code") => redeem_code(state, client, &form),
        Some("refresh_token") => {
            let token = field(&form, "refresh_token")
                .filter(|token| !token.is_empty())
                .ok_or_else(|| {
                    OAuthFailure::invalid_request("Missing required parameter: refresh_token")
                })?;
            let now = state.clock.now();
            let dead = || OAuthFailure::invalid_grant("Token has been expired or revoked.");
            let minted = state.grants.refresh(now, client, token).ok_or_else(dead)?;
            if state.world.account(&minted.grant.account).is_none() {
                return Err(dead());
            }
            Ok(minted)
        }
        Some(other) => Err(OAuthFailure::new(
            400,
            "unsupported_grant_type",
            &format!("Invalid grant_type: {other}"),
        )),
        None => Err(OAuthFailure::invalid_request(
            "Missing required parameter: grant_type",
        )),
    }
}

fn check_client(
    request: &Incoming,
    form: &[(String, String)],
) -> Result<OAuthClient, OAuthFailure> {
    let basic = request.basic();
    let id = field(form, "client_id")
        .or_else(|| basic.as_ref().map(|(id, _)| id.as_str()))
        .ok_or_else(|| {
            OAuthFailure::invalid_request("Could not determine client ID from request.")
        })?;
    let secret = field(form, "client_secret")
        .or_else(|| basic.as_ref().map(|(_, secret)| secret.as_str()))
        .filter(|secret| !secret.is_empty());
    let client = OAuthClient::by_id(id).ok_or_else(|| {
        OAuthFailure::new(401, "invalid_client", "The OAuth client was not found.")
    })?;
    match (client.secret, secret) {
        (Some(_), None) => Err(OAuthFailure::invalid_request("client_secret is missing.")),
        (Some(right), Some(given)) if right != given => Err(OAuthFailure::new(
            401,
            "invalid_client",
            "The provided client secret is invalid.",
        )),
        (None, Some(_)) => Err(OAuthFailure::new(401, "invalid_client", "Unauthorized")),
        _ => Ok(client),
    }
}

fn redeem_code(
    state: &mut State,
    client: OAuthClient,
    form: &[(String, String)],
) -> Result<Minted, OAuthFailure> {
    let missing =
        |name: &str| OAuthFailure::invalid_request(&format!("Missing required parameter: {name}"));
    let code = field(form, "code").ok_or_else(|| missing("code"))?;
    let redirect_uri = field(form, "redirect_uri").ok_or_else(|| missing("redirect_uri"))?;
    let now = state.clock.now();
    // Taken at the first try: a thief's failing exchange burns the code for everybody.
    let entry = state
        .grants
        .take_code(now, code)
        .filter(|entry| entry.grant.client == client.id)
        .ok_or_else(|| OAuthFailure::invalid_grant("Malformed auth code."))?;
    if entry.redirect_uri != redirect_uri {
        return Err(OAuthFailure::new(
            400,
            "redirect_uri_mismatch",
            "Bad Request",
        ));
    }
    let verifier = field(form, "code_verifier")
        .ok_or_else(|| OAuthFailure::invalid_grant("Missing code verifier."))?;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    let well_formed = (43..=128).contains(&verifier.len()) && verifier.chars().all(legal);
    if !well_formed || challenge_of(verifier) != entry.challenge {
        return Err(OAuthFailure::invalid_grant("Invalid code verifier."));
    }
    Ok(state
        .grants
        .issue(now, entry.grant, entry.nonce, entry.with_refresh_token))
}

fn token_reply(state: &State, minted: &Minted) -> Reply {
    let Minted {
        access_token,
        refresh_token,
        expires_in,
        grant,
        nonce,
    } = minted;
    let scope = grant
        .scopes
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let mut body = json!({
        "access_token": access_token,
        "expires_in": expires_in,
        "scope": scope,
        "token_type": "Bearer",
    });
    if let Some(token) = refresh_token {
        body["refresh_token"] = json!(token);
    }
    if grant.scopes.contains(scopes::OPENID) {
        body["id_token"] = json!(id_token(state, grant, nonce.as_deref(), state.clock.now()));
    }
    Reply::json(200, &body).with(
        "cache-control",
        "no-cache, no-store, max-age=0, must-revalidate",
    )
}

/// An id token with real claims and a signature nobody can check: it comes over the same connection
/// as the access token, which is why a client may take it as it is.
fn id_token(state: &State, grant: &Grant, nonce: Option<&str>, now: DateTime<Utc>) -> String {
    let mut claims = json!({
        "iss": "https://accounts.google.com",
        "aud": grant.client,
        "azp": grant.client,
        "iat": now.timestamp(),
        "exp": now.timestamp() + 3600,
    });
    if let Some(account) = state.world.account(&grant.account) {
        claims["sub"] = json!(account.sub);
        if grant.scopes.contains(scopes::EMAIL) || grant.scopes.contains(scopes::USERINFO_EMAIL) {
            claims["email"] = json!(account.email);
            claims["email_verified"] = json!(true);
        }
        if grant.scopes.contains(scopes::PROFILE) {
            claims["name"] = json!(account.name);
        }
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    let header = json!({"alg": "RS256", "kid": "sandbox", "typ": "JWT"});
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signed = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let signature = challenge_of(&signed);
    format!("{signed}.{signature}")
}
