//! The two HTTP clients, their limits, and the one way an answer is read.
//!
//! API and OAuth requests use separate clients, so that nothing learned from one (cookies are off,
//! but connections and their failures are not) leaks into the other. Neither follows redirects: a
//! bearer token goes to the configured host and nowhere else.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use url::Url;

use crate::auth::AccessToken;
use crate::config::{Config, is_loopback};
use crate::error::classify::is_page;
use crate::error::retry_after::{parse_http_date, parse_retry_after};
use crate::error::{Error, classify, from_reqwest};

/// Google compresses only for clients that say "gzip" here as well as in `Accept-Encoding`.
const USER_AGENT: &str = concat!(
    "Duet/",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR"),
    " (gzip)"
);

/// Time to reach the server.
const CONNECT: Duration = Duration::from_secs(10);
/// Time without a single byte of an answer.
const READ_IDLE: Duration = Duration::from_secs(30);
/// Time for a request and its whole answer.
const TOTAL: Duration = Duration::from_secs(60);
/// How often a quiet HTTP/2 connection under use is asked whether it still lives.
const PING: Duration = Duration::from_secs(20);
/// The largest body that is read, after decompression.
pub const BODY_CAP: usize = 32 * 1024 * 1024;

/// A connection to Google for any number of accounts. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    http: RwLock<Http>,
}

/// The two clients with their connections. Cloning shares them.
#[derive(Clone, Debug)]
struct Http {
    api: reqwest::Client,
    oauth: reqwest::Client,
}

impl Http {
    fn new(config: &Config) -> Result<Self, Error> {
        let api = limits(&[&config.calendar_url])
            .build()
            .map_err(from_reqwest)?;
        let oauth = limits(&[&config.token_url, &config.revoke_url]).build();
        Ok(Self {
            api,
            oauth: oauth.map_err(from_reqwest)?,
        })
    }
}

/// An answer that has been read to its end, of whatever status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Sets both HTTP clients up. Nothing is sent yet.
    ///
    /// Fails with [`Error::Setup`] where the system's TLS trust store cannot be used.
    pub fn new(config: Config) -> Result<Self, Error> {
        // The process may have chosen a provider already; any provider is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = RwLock::new(Http::new(&config)?);
        Ok(Self {
            inner: Arc::new(Inner { config, http }),
        })
    }

    /// Opens new connections from now on; requests under way keep theirs.
    ///
    /// For the moment after a sleep or a change of network: the timers that find dead connections
    /// do not count the sleep, and the first request would wait for 20 seconds on one.
    pub fn forget_connections(&self) {
        // What could be set up once can be set up again; else the old connections have to do.
        if let Ok(http) = Http::new(&self.inner.config) {
            *self
                .inner
                .http
                .write()
                .unwrap_or_else(PoisonError::into_inner) = http;
        }
    }

    /// What the client was set up with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The HTTP client for token, refresh and revoke requests.
    pub(crate) fn oauth(&self) -> reqwest::Client {
        self.http().oauth
    }

    fn http(&self) -> Http {
        self.inner
            .http
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The address below the Calendar API's base; each segment is percent-encoded.
    pub(crate) fn calendar_url(&self, segments: &[&str]) -> Url {
        let mut url = self.inner.config.calendar_url.clone();
        // Only addresses like `mailto:` have no segments, and the configuration admits none.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    pub(crate) fn get(&self, token: &AccessToken, url: Url) -> RequestBuilder {
        self.http()
            .api
            .get(url)
            .bearer_auth(token.secret().expose_secret())
    }

    pub(crate) fn put(&self, token: &AccessToken, url: Url) -> RequestBuilder {
        self.http()
            .api
            .put(url)
            .bearer_auth(token.secret().expose_secret())
    }

    pub(crate) fn patch(&self, token: &AccessToken, url: Url) -> RequestBuilder {
        self.http()
            .api
            .patch(url)
            .bearer_auth(token.secret().expose_secret())
    }

    pub(crate) fn delete(&self, token: &AccessToken, url: Url) -> RequestBuilder {
        self.http()
            .api
            .delete(url)
            .bearer_auth(token.secret().expose_secret())
    }

    pub(crate) fn post(&self, token: &AccessToken, url: Url) -> RequestBuilder {
        self.http()
            .api
            .post(url)
            .bearer_auth(token.secret().expose_secret())
    }
}

/// Sends a Calendar request and reads its JSON; `what` names the request in the log.
pub(crate) async fn fetch<T: DeserializeOwned>(
    request: RequestBuilder,
    what: &'static str,
) -> Result<T, Error> {
    ask(request, what).await?.json()
}

/// Sends a Calendar request and reads the answer to its end; `what` names the request in the log.
pub(crate) async fn ask(request: RequestBuilder, what: &'static str) -> Result<Answer, Error> {
    let answer = send(request).await?;
    // Ids, tokens and addresses stay out of the log: name, status and size are enough to reason.
    tracing::debug!(
        request = what,
        status = answer.status,
        bytes = answer.body.len()
    );
    Ok(answer)
}

/// Sends a request and reads the answer to its end.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, Error> {
    let response = request.send().await.map_err(from_reqwest)?;
    Answer::read(response).await
}

impl Answer {
    /// Reads the body, at most [`BODY_CAP`] bytes of it.
    pub(crate) async fn read(mut response: Response) -> Result<Self, Error> {
        let status = response.status().as_u16();
        let text = |headers: &HeaderMap, name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let headers = response.headers();
        let content_type = text(headers, CONTENT_TYPE);
        let now = text(headers, DATE).and_then(|date| parse_http_date(&date));
        let retry_after =
            text(headers, RETRY_AFTER).and_then(|value| parse_retry_after(&value, now));
        if response
            .content_length()
            .is_some_and(|length| length > BODY_CAP as u64)
        {
            return Err(Error::TooLong);
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > BODY_CAP => {
                    return Err(Error::TooLong);
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                // A refusal is a refusal even where its body was cut; a success is nothing then.
                Err(_) if status >= 400 => break,
                Err(error) => return Err(from_reqwest(error)),
            }
        }
        Ok(Self {
            status,
            content_type,
            retry_after,
            body,
        })
    }

    /// The error that the answer amounts to.
    pub(crate) fn error(&self) -> Error {
        classify(
            self.status,
            self.content_type.as_deref(),
            &self.body,
            self.retry_after,
        )
    }

    /// Is it a success that could be JSON, as opposed to a page or a refusal?
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status) && !is_page(self.content_type.as_deref(), &self.body)
    }

    /// The JSON of a success, or what the answer amounts to otherwise.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(self.object()?).map_err(unexpected)
    }

    /// The body of a success that starts as a JSON object, or what the answer amounts to otherwise.
    pub(crate) fn object(&self) -> Result<&[u8], Error> {
        if !self.is_success() {
            return Err(self.error());
        }
        if self.body.trim_ascii().is_empty() {
            return Err(Error::BadAnswer {
                what: "it is empty",
                source: None,
            });
        }
        // Every answer of Google's is an object. Serde also reads a list as a struct, field by field,
        // and what is missing from it as nothing.
        if self.body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Error::BadAnswer {
                what: "it is not a JSON object",
                source: None,
            });
        }
        Ok(&self.body)
    }
}

/// A success whose JSON is broken or of another shape.
pub(crate) fn unexpected(error: serde_json::Error) -> Error {
    Error::BadAnswer {
        what: "it is not the JSON that was expected",
        source: Some(error.into()),
    }
}

/// The settings that all requests to these addresses share.
fn limits(targets: &[&Url]) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .gzip(true)
        .connect_timeout(CONNECT)
        .read_timeout(READ_IDLE)
        .timeout(TOTAL)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING)
        .tcp_nodelay(true)
        .https_only(targets.iter().all(|target| target.scheme() == "https"));
    // A proxy of the system has no business between two programs of one computer, and would break
    // the demo account; Google itself is reached through it as the system says.
    if targets.iter().all(|target| is_loopback(target)) {
        builder.no_proxy()
    } else {
        builder
    }
}
