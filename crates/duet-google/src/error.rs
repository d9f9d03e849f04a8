//! What can go wrong between Duet and Google, and what that means for the next step.
//!
//! No variant keeps an address with a query, a header or a body: a token cannot be printed from
//! here. [`classify`] and [`retry_after`] are pure, so that GOOGLE.md 7.2 is a table in their tests.

pub mod classify;
pub mod retry_after;
mod transport;

use std::time::Duration;

use duet_model::account::FailureCode;

pub use classify::classify;
pub use retry_after::parse_retry_after;
pub(crate) use transport::from_reqwest;

/// How long writes of one kind rest after Google's anti-abuse cap (GOOGLE.md 7.2: "hours").
const QUOTA_PAUSE: Duration = Duration::from_hours(6);
/// How long everything rests after a daily cap, whose reset time is not told.
const DAILY_PAUSE: Duration = Duration::from_hours(24);

/// A request to Google that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// No connection: no network, no such name, nothing listening.
    #[error("Google could not be reached")]
    Offline(#[source] reqwest::Error),
    /// Connected, but no answer in time.
    #[error("Google did not answer in time")]
    TimedOut(#[source] reqwest::Error),
    /// The connection broke before the whole answer was there.
    #[error("the connection to Google broke off in the middle of an answer")]
    Interrupted(#[source] reqwest::Error),
    /// The other end could not prove that it is Google.
    #[error("{}", untrusted_words(*.clock))]
    Untrusted {
        /// The certificate is out of date or not valid yet: the computer's clock may be wrong.
        clock: bool,
        /// What was found.
        #[source]
        source: reqwest::Error,
    },
    /// Something between Duet and Google answered: a sign-in page of a network, a proxy.
    #[error("something on the network answered instead of Google (HTTP {status})")]
    CaptivePortal {
        /// The answer's status.
        status: u16,
    },
    /// 401: the access token is expired or revoked.
    #[error("Google no longer accepts the access token")]
    Unauthorized,
    /// 403 or 429 for too many requests.
    #[error("Google asks for fewer requests")]
    RateLimited {
        /// How long Google asks to wait, where it says so.
        retry_after: Option<Duration>,
    },
    /// 403 `quotaExceeded`: the anti-abuse cap, not a rate.
    #[error("a usage limit of Google Calendar is reached")]
    QuotaExceeded {
        /// How long Google asks to wait, where it says so.
        retry_after: Option<Duration>,
    },
    /// 403 `dailyLimitExceeded` and its like: nothing more today.
    #[error("Duet's daily limit at Google is used up")]
    DailyLimit {
        /// How long Google asks to wait, where it says so.
        retry_after: Option<Duration>,
    },
    /// 403: the scope for this was not granted.
    #[error("Google was not given permission for this")]
    MissingPermission,
    /// 403 on this one resource.
    #[error("the account may not do this with this calendar ({reason})")]
    Forbidden {
        /// Google's word for it.
        reason: String,
    },
    /// 403 `accessNotConfigured`: the project of Duet's client has not switched the API on.
    #[error(
        "the Google Calendar API is not switched on for Duet's client; switch it on for the \
         client's project in the Google Cloud console"
    )]
    ApiDisabled,
    /// 403 `notACalendarUser`.
    #[error("the account has no Google Calendar")]
    NoCalendar,
    /// 404: no such thing, or no access to it.
    #[error("Google does not know this calendar or event, or no longer shares it")]
    NotFound,
    /// 410 `deleted`: it was there and is gone.
    #[error("it was deleted at Google")]
    Deleted,
    /// 410 or 400: a sync token is dead; list everything again.
    #[error("Google asks for a complete new listing ({reason})")]
    ResyncNeeded {
        /// Google's word for it.
        reason: String,
    },
    /// 409: an id exists, or items of a batch clashed.
    #[error("it clashes with what is at Google ({reason})")]
    Conflict {
        /// `duplicate` or `conflict`.
        reason: String,
    },
    /// 412: changed at Google since it was read.
    #[error("it was changed at Google in the meantime")]
    Stale,
    /// 400 and other refusals: a fault of Duet.
    #[error("Google refused the request (HTTP {status} {reason})")]
    Rejected {
        /// The answer's status.
        status: u16,
        /// Google's word for it, or `unknown`.
        reason: String,
    },
    /// 5xx: a fault of Google's own.
    #[error("Google has a fault of its own (HTTP {status})")]
    Server {
        /// The answer's status.
        status: u16,
        /// How long Google asks to wait, where it says so.
        retry_after: Option<Duration>,
    },
    /// The answer is not what Google documents.
    #[error("Google's answer could not be understood: {what}")]
    BadAnswer {
        /// What was wrong, in words of ours.
        what: &'static str,
        /// Where the JSON went wrong. Only place and kind: the parser quotes no values.
        #[source]
        source: Option<Unreadable>,
    },
    /// The answer is longer than any real one.
    #[error("Google's answer is too long")]
    TooLong,
    /// A listing that never ends, or repeats itself.
    #[error("Google's listing does not end")]
    EndlessPages,
}

/// Where and why a body was not the JSON that was expected.
///
/// `serde_json::Error` would quote unexpected values, and values are people's data: only the kind
/// and the place are kept.
#[derive(Debug, thiserror::Error)]
#[error("{category:?} error in JSON at line {line}, column {column}")]
pub struct Unreadable {
    /// Cut off, not JSON, or of another shape.
    pub category: serde_json::error::Category,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
        }
    }
}

/// What a caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Refresh the access token once, then the same request again.
    Now,
    /// Wait at least this long, or the caller's own backoff where nothing is said.
    After(Option<Duration>),
    /// Only the person can help, by signing in again.
    Reauth,
    /// Drop the sync token and list everything; once, not in a loop.
    Resync,
    /// The same request will never work.
    Never,
}

impl Error {
    /// What to do next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unauthorized => Retry::Now,
            Self::Offline(_)
            | Self::TimedOut(_)
            | Self::Interrupted(_)
            | Self::Untrusted { .. }
            | Self::CaptivePortal { .. }
            | Self::BadAnswer { .. } => Retry::After(None),
            Self::RateLimited { retry_after } | Self::Server { retry_after, .. } => {
                Retry::After(*retry_after)
            }
            Self::QuotaExceeded { retry_after } => {
                Retry::After(Some(retry_after.unwrap_or_default().max(QUOTA_PAUSE)))
            }
            Self::DailyLimit { retry_after } => {
                Retry::After(Some(retry_after.unwrap_or(DAILY_PAUSE)))
            }
            Self::ResyncNeeded { .. } => Retry::Resync,
            Self::Setup(_)
            | Self::MissingPermission
            | Self::Forbidden { .. }
            | Self::ApiDisabled
            | Self::NoCalendar
            | Self::NotFound
            | Self::Deleted
            | Self::Conflict { .. }
            | Self::Stale
            | Self::Rejected { .. }
            | Self::TooLong
            | Self::EndlessPages => Retry::Never,
        }
    }

    /// The kind of failure, as the store keeps it and the window branches on it.
    pub fn code(&self) -> FailureCode {
        match self {
            Self::Offline(_) | Self::TimedOut(_) | Self::Interrupted(_) => FailureCode::Offline,
            Self::Untrusted { .. } | Self::CaptivePortal { .. } => FailureCode::Interfered,
            Self::RateLimited { .. } => FailureCode::RateLimited,
            Self::QuotaExceeded { .. } | Self::DailyLimit { .. } => FailureCode::QuotaExceeded,
            Self::MissingPermission => FailureCode::MissingPermission,
            Self::NoCalendar => FailureCode::NoCalendar,
            Self::NotFound | Self::Deleted => FailureCode::NotFound,
            Self::Server { .. } => FailureCode::Server,
            // A refused access token says nothing about the grant; only a refresh does.
            Self::Unauthorized
            | Self::Forbidden { .. }
            | Self::ApiDisabled
            | Self::ResyncNeeded { .. }
            | Self::Conflict { .. }
            | Self::Stale
            | Self::Rejected { .. } => FailureCode::Rejected,
            Self::BadAnswer { .. } | Self::TooLong | Self::EndlessPages => FailureCode::BadAnswer,
            Self::Setup(_) => FailureCode::Internal,
        }
    }

    /// Is there no way to Google at all right now? Then the account is not at fault.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Offline(_))
    }
}

fn untrusted_words(clock: bool) -> &'static str {
    if clock {
        "the other end's certificate is out of date; check this computer's date and time"
    } else {
        "the other end could not prove that it is Google"
    }
}
