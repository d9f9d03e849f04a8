//! The one error shape that crosses the boundary: a code to branch on and a sentence for people.

use serde::{Deserialize, Serialize};

/// What went wrong, for code. A variant exists only where somebody branches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The person asked for something that cannot be: bad input, wrong usage. Exit code 2.
    Invalid,
    /// The thing asked for does not exist (any more).
    NotFound,
    /// Connecting needs an OAuth client (`GOOGLE_CLIENT_ID`), or the demo account.
    NoClient,
    /// The keychain cannot be used and no key for sealing is set.
    Keychain,
    /// Another Duet is syncing right now.
    Busy,
    /// Everything else; the message says what.
    Failed,
}

/// An error as people and code on the other side see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct WireError {
    /// For code.
    pub code: ErrorCode,
    /// For people: what happened, what still works, what to do. Never a secret, never a raw code.
    pub message: String,
}

impl WireError {
    /// An error with its sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}
