//! The two tokens as values that neither print nor serialise, and are wiped when dropped.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

/// The long-lived key to an account. At rest only in the keychain, or sealed.
#[derive(Clone, Debug)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Wraps what the keychain gave back.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }

    /// The token itself, for the keychain and for no one else.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The short-lived key that goes with each request. Kept in memory only.
#[derive(Clone, Debug)]
pub struct AccessToken {
    secret: SecretString,
    /// How long Google said it lives, counted from the answer. Measure it on a monotonic clock: the
    /// wall clock may be wrong or be set.
    pub expires_in: Duration,
}

impl AccessToken {
    /// Wraps a token that lives for `expires_in` from now.
    pub fn new(secret: impl Into<SecretString>, expires_in: Duration) -> Self {
        Self {
            secret: secret.into(),
            expires_in,
        }
    }

    /// The token itself, for the `Authorization` header.
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_do_not_print() {
        let refresh = RefreshToken::new("DUETCANARY-1");
        let access = AccessToken::new("DUETCANARY-2", Duration::from_secs(1));
        assert!(!format!("{refresh:?} {access:?}").contains("DUETCANARY"));
        assert_eq!(refresh.expose_secret(), "DUETCANARY-1");
    }
}
