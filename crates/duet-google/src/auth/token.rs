//! The three requests about a grant: exchange a code, refresh, revoke.
//!
//! The `oauth2` crate builds and reads the requests; the transfer is ours, so that an answer is
//! first asked whether it comes from Google's token endpoint at all. Only a 4xx with OAuth's own
//! error object may end a grant; everything else is a failed transfer and leaves it alone.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use duet_model::account::Tier;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    TokenResponse, TokenUrl,
};
use reqwest::header::CONTENT_TYPE;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::error::AuthError;
use super::flow::PendingFlow;
use super::scopes;
use super::secret::{AccessToken, RefreshToken};
use crate::client::{Answer, Client, send};
use crate::config::Config;
use crate::error::classify::plain;
use crate::error::{Error, from_reqwest};

/// How long a token is taken to live where Google does not say. It always says; being short here
/// costs a refresh, being long would cost failed requests.
const UNSAID_LIFETIME: Duration = Duration::from_mins(10);

/// What a completed sign-in gives.
#[derive(Debug)]
pub struct Grant {
    /// The lasting key, for the keychain.
    pub refresh_token: RefreshToken,
    /// The first short-lived key.
    pub access: AccessToken,
    /// The scopes that were granted, which may be fewer than asked for.
    pub scopes: Vec<String>,
    /// What they amount to.
    pub tier: Tier,
}

/// What a refresh gives.
#[derive(Debug)]
pub struct Refreshed {
    /// The new short-lived key.
    pub access: AccessToken,
    /// A new lasting key, which then replaces the stored one. Google sends none as a rule.
    pub rotated: Option<RefreshToken>,
    /// The scopes, where the answer names them.
    pub scopes: Option<Vec<String>>,
}

/// Turns the code of a sign-in into a grant. Uses the flow up: a code works once.
///
/// Fails with [`AuthError::MissingScopes`] where not even busy times may be read, and with
/// [`AuthError::NoRefreshToken`] where the connection would not last.
pub async fn exchange(
    client: &Client,
    flow: PendingFlow,
    code: &SecretString,
) -> Result<Grant, AuthError> {
    let config = client.config();
    let PendingFlow {
        redirect_uri,
        tier: asked,
        verifier,
        ..
    } = flow;
    let redirect = RedirectUrl::new(redirect_uri).map_err(|_| {
        // Cannot happen: the flow's answer arrived at this very address.
        AuthError::Refused {
            error: "redirect_uri".into(),
            description: None,
        }
    })?;
    let oauth = oauth_client(config).set_redirect_uri(redirect);
    let reply = oauth
        .exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()))
        .request_async(&Wire(client))
        .await
        .map_err(|error| refusal(error, AuthError::CodeRefused))?;
    let scopes = granted(&reply).unwrap_or_else(|| {
        scopes::for_tier(asked)
            .iter()
            .map(|s| (*s).to_owned())
            .collect()
    });
    let access = access(&reply);
    let Some(tier) = scopes::tier_of(&scopes) else {
        let missing = scopes::missing(asked, &scopes);
        return Err(AuthError::MissingScopes {
            missing: missing.into_iter().map(str::to_owned).collect(),
        });
    };
    let refresh_token = lasting(&reply).ok_or(AuthError::NoRefreshToken)?;
    Ok(Grant {
        refresh_token,
        access,
        scopes,
        tier,
    })
}

/// Gets a new access token. One at a time per account is the caller's business.
///
/// [`AuthError::InvalidGrant`] is final for the account; no other failure says anything about it.
pub async fn refresh(client: &Client, token: &RefreshToken) -> Result<Refreshed, AuthError> {
    let oauth = oauth_client(client.config());
    let token = oauth2::RefreshToken::new(token.expose_secret().to_owned());
    let reply = oauth
        .exchange_refresh_token(&token)
        .request_async(&Wire(client))
        .await
        .map_err(|error| refusal(error, AuthError::InvalidGrant))?;
    Ok(Refreshed {
        access: access(&reply),
        rotated: lasting(&reply),
        scopes: granted(&reply),
    })
}

/// Gives the grant back to Google. A token that is dead already is given back.
///
/// This ends Duet's access on every computer of the person: Google revokes the whole grant.
pub async fn revoke(client: &Client, token: &RefreshToken) -> Result<(), AuthError> {
    // Not the crate's own revocation request: it refuses a stand-in on this computer without TLS.
    let request = client
        .oauth()
        .post(client.config().revoke_url.clone())
        .form(&[("token", token.expose_secret())]);
    let answer = send(request).await?;
    tracing::debug!(request = "revoke", status = answer.status);
    match (answer.status, oauth_error(&answer)) {
        (200..300, _) if answer.is_success() => Ok(()),
        (_, Some(error)) if matches!(&*error.error, "invalid_token" | "invalid_grant") => Ok(()),
        (_, Some(error)) => Err(error.into_refusal()),
        (_, None) => Err(answer.error().into()),
    }
}

type OauthClient =
    BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn oauth_client(config: &Config) -> OauthClient {
    let client = BasicClient::new(ClientId::new(config.client_id.clone()))
        .set_token_uri(TokenUrl::from_url(config.token_url.clone()))
        // Google takes the client in the body; the header form is the crate's default.
        .set_auth_type(AuthType::RequestBody);
    match &config.client_secret {
        Some(secret) => {
            client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        }
        None => client,
    }
}

/// Our transfer for the `oauth2` crate.
struct Wire<'a>(&'a Client);

impl<'c> AsyncHttpClient<'c> for Wire<'_> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(from_reqwest)?;
            let response = self
                .0
                .oauth()
                .execute(request)
                .await
                .map_err(from_reqwest)?;
            let answer = Answer::read(response).await?;
            tracing::debug!(request = "token", status = answer.status);
            if !answer.is_success() && oauth_error(&answer).is_none() {
                return Err(answer.error());
            }
            // The crate insists on a JSON type; whether it is JSON has been seen to above, or is
            // about to be seen.
            let mut response = HttpResponse::new(answer.body);
            *response.status_mut() = oauth2::http::StatusCode::from_u16(answer.status)
                .expect("the status came from a response");
            response.headers_mut().insert(
                CONTENT_TYPE,
                reqwest::header::HeaderValue::from_static("application/json"),
            );
            Ok(response)
        })
    }
}

/// OAuth's own error object, which only a 4xx of the endpoint itself carries.
#[derive(Deserialize)]
struct OauthError {
    error: String,
    error_description: Option<String>,
}

impl OauthError {
    fn into_refusal(self) -> AuthError {
        sort(
            &self.error,
            self.error_description.as_deref(),
            AuthError::InvalidGrant,
        )
    }
}

/// Reads OAuth's error object; `None` means that the status decides alone.
fn oauth_error(answer: &Answer) -> Option<OauthError> {
    // A 429 or 5xx may carry the object too, but it never ends a grant.
    matches!(answer.status, 400..=428)
        .then(|| serde_json::from_slice(&answer.body).ok())
        .flatten()
}

/// Sorts what the `oauth2` crate reports. `invalid_grant` is what that means for this request.
fn refusal(
    error: RequestTokenError<Error, BasicErrorResponse>,
    invalid_grant: AuthError,
) -> AuthError {
    match error {
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::ServerResponse(reply) => sort(
            reply.error().as_ref(),
            reply.error_description().map(String::as_str),
            invalid_grant,
        ),
        // Neither variant's own words or bytes are kept: they may quote a token.
        RequestTokenError::Parse(path, _) => Error::BadAnswer {
            what: "the token reply is not what OAuth prescribes",
            source: Some(path.into_inner().into()),
        }
        .into(),
        RequestTokenError::Other(_) => Error::BadAnswer {
            what: "the token reply is empty",
            source: None,
        }
        .into(),
    }
}

fn sort(error: &str, description: Option<&str>, invalid_grant: AuthError) -> AuthError {
    let description = description.map(sentence).filter(|words| !words.is_empty());
    match error {
        "invalid_grant" => invalid_grant,
        // Seen at sign-in when a whole project asks at once (GOOGLE.md 8, no. 20).
        "rate_limit_exceeded" => Error::RateLimited { retry_after: None }.into(),
        "temporarily_unavailable" | "server_error" | "internal_failure" => Error::Server {
            status: 503,
            retry_after: None,
        }
        .into(),
        "invalid_client"
        | "unauthorized_client"
        | "deleted_client"
        | "disabled_client"
        | "invalid_request"
        | "redirect_uri_mismatch" => AuthError::ClientRefused {
            error: plain(error),
            description,
        },
        _ => AuthError::Refused {
            error: plain(error),
            description,
        },
    }
}

/// Makes a foreign sentence fit to show: printable, at most 200 characters, no final stop.
fn sentence(words: &str) -> String {
    let kept: String = words
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    kept.trim().trim_end_matches('.').to_owned()
}

fn access(reply: &BasicTokenResponse) -> AccessToken {
    let lives = reply.expires_in().unwrap_or(UNSAID_LIFETIME);
    AccessToken::new(reply.access_token().secret().to_owned(), lives)
}

fn lasting(reply: &BasicTokenResponse) -> Option<RefreshToken> {
    let token = reply.refresh_token()?.secret();
    (!token.is_empty()).then(|| RefreshToken::new(token.to_owned()))
}

fn granted(reply: &BasicTokenResponse) -> Option<Vec<String>> {
    let scopes = reply.scopes()?;
    Some(
        scopes
            .iter()
            .map(|scope| scope.to_string())
            .filter(|scope| !scope.is_empty())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oauth_errors_are_sorted_by_whose_fault_they_are() {
        // (error, expected variant)
        let cases = [
            ("invalid_grant", "InvalidGrant"),
            ("invalid_client", "ClientRefused"),
            ("deleted_client", "ClientRefused"),
            ("invalid_request", "ClientRefused"),
            ("unauthorized_client", "ClientRefused"),
            ("admin_policy_enforced", "Refused"),
            ("access_denied", "Refused"),
            ("rate_limit_exceeded", "Transport(RateLimited"),
            ("internal_failure", "Transport(Server"),
            ("<script>", "Refused { error: \"script\""),
        ];
        for (error, expect) in cases {
            let got = format!("{:?}", sort(error, None, AuthError::InvalidGrant));
            assert!(got.starts_with(expect), "{error}: {got}");
        }
        let code = sort("invalid_grant", None, AuthError::CodeRefused);
        assert!(
            matches!(code, AuthError::CodeRefused),
            "an exchange does not end a grant"
        );
    }

    #[test]
    fn foreign_sentences_are_tamed() {
        assert_eq!(sentence("Bad\u{1b}[31m code.\n"), "Bad[31m code");
        assert_eq!(sentence(&"x".repeat(5000)).len(), 200);
    }
}
