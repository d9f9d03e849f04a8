//! What can go wrong with the grant itself: at sign-in, at refresh, at giving it back.

use duet_model::account::FailureCode;

use super::scopes::describe;
use crate::error::{Error, Retry};

/// A token request that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// No usable answer from the token endpoint: offline, a fault of Google's, a captive portal.
    /// Says nothing about the grant.
    #[error(transparent)]
    Transport(#[from] Error),
    /// `invalid_grant` on a refresh: the grant is gone for good. Signing in again is the only way.
    #[error("Google no longer accepts Duet's key to this account")]
    InvalidGrant,
    /// `invalid_grant` on an exchange: the code was used, too old, or not ours.
    #[error("Google did not accept this sign-in's code; start the sign-in again")]
    CodeRefused,
    /// Google does not accept Duet itself: wrong or deleted client, or a missing secret. Not the
    /// person's doing, and no sign-in can mend it.
    #[error("Google does not accept Duet's client ({error}{}); {}", detail(.description), client_hint(.description))]
    ClientRefused {
        /// OAuth's word for it.
        error: String,
        /// Google's sentence, where there is one.
        description: Option<String>,
    },
    /// Another refusal, such as an administrator's policy.
    #[error("Google refused the sign-in ({error}{})", detail(.description))]
    Refused {
        /// OAuth's word for it.
        error: String,
        /// Google's sentence, where there is one.
        description: Option<String>,
    },
    /// Google gave no refresh token: Duet would be signed out within the hour.
    #[error(
        "Google gave no lasting key. Remove Duet under \"Third-party apps\" in the Google \
         account's settings, then connect again"
    )]
    NoRefreshToken,
    /// Boxes on the consent page were not ticked, and not even busy times can be read.
    #[error("Duet was not allowed to {}. Connect again and tick that box on Google's page", boxes(.missing))]
    MissingScopes {
        /// The scopes that were asked for and not granted.
        missing: Vec<String>,
    },
}

impl AuthError {
    /// What to do next.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Transport(error) => error.retry(),
            Self::InvalidGrant => Retry::Reauth,
            Self::CodeRefused
            | Self::ClientRefused { .. }
            | Self::Refused { .. }
            | Self::NoRefreshToken
            | Self::MissingScopes { .. } => Retry::Never,
        }
    }

    /// The kind of failure, as the store keeps it and the window branches on it.
    pub fn code(&self) -> FailureCode {
        match self {
            Self::Transport(error) => error.code(),
            Self::InvalidGrant => FailureCode::Reconnect,
            Self::MissingScopes { .. } => FailureCode::MissingPermission,
            Self::CodeRefused
            | Self::ClientRefused { .. }
            | Self::Refused { .. }
            | Self::NoRefreshToken => FailureCode::Rejected,
        }
    }

    /// Is there no way to Google at all right now? Then the grant is not at fault.
    pub fn is_offline(&self) -> bool {
        matches!(self, Self::Transport(error) if error.is_offline())
    }
}

fn detail(description: &Option<String>) -> String {
    description
        .as_ref()
        .map(|words| format!(": {words}"))
        .unwrap_or_default()
}

fn client_hint(description: &Option<String>) -> &'static str {
    if description
        .as_ref()
        .is_some_and(|words| words.contains("client_secret is missing"))
    {
        "set GOOGLE_CLIENT_SECRET, which \"Desktop app\" clients need"
    } else {
        "check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET against the Google Cloud console"
    }
}

fn boxes(missing: &[String]) -> String {
    let words: Vec<_> = missing.iter().map(|scope| describe(scope)).collect();
    words.join(" and to ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_says_what_to_do() {
        let refused = |description: Option<&str>| AuthError::ClientRefused {
            error: "invalid_request".into(),
            description: description.map(Into::into),
        };
        let cases: [(AuthError, Retry, FailureCode, &str); 6] = [
            (
                AuthError::InvalidGrant,
                Retry::Reauth,
                FailureCode::Reconnect,
                "no longer accepts",
            ),
            (
                refused(Some("client_secret is missing.")),
                Retry::Never,
                FailureCode::Rejected,
                "set GOOGLE_CLIENT_SECRET",
            ),
            (
                refused(None),
                Retry::Never,
                FailureCode::Rejected,
                "check GOOGLE_CLIENT_ID",
            ),
            (
                AuthError::NoRefreshToken,
                Retry::Never,
                FailureCode::Rejected,
                "connect again",
            ),
            (
                AuthError::MissingScopes {
                    missing: vec!["https://www.googleapis.com/auth/calendar.readonly".into()],
                },
                Retry::Never,
                FailureCode::MissingPermission,
                "see your calendars and their events",
            ),
            (
                Error::Server {
                    status: 503,
                    retry_after: None,
                }
                .into(),
                Retry::After(None),
                FailureCode::Server,
                "fault of its own",
            ),
        ];
        for (error, retry, code, words) in cases {
            assert_eq!(error.retry(), retry, "{error}");
            assert_eq!(error.code(), code, "{error}");
            assert!(
                error.to_string().contains(words),
                "{error} should say {words:?}"
            );
        }
    }
}
