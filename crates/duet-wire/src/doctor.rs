//! `duet doctor`: what is right and what is not, in plain words, safe to paste.

use serde::{Deserialize, Serialize};

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All is well.
    Ok,
    /// Works, but somebody should know.
    Note,
    /// Does not work.
    Problem,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Stable word: `keychain`, `database`, `account`, `clock`, `client`, …
    pub name: String,
    /// How it came out.
    pub verdict: Verdict,
    /// What was found, and what to do about it. Addresses are masked.
    pub words: String,
}

/// All checks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorReport {
    /// In the order they were made.
    pub checks: Vec<Check>,
    /// Duet's version.
    pub version: String,
}
