//! A connected Google account: who it is, what it was granted, how it fares.
//!
//! Tokens are not here: they live in the keychain and are known to `duet-google` alone.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The local number of an account. Never reused, so that a late result of a removed account
/// cannot land in a newer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub i64);

/// The permission ladder: what a person allows Duet to see and do (GOOGLE.md 1.7).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// The list of calendars and when they are busy; no titles. Two non-sensitive scopes.
    Busy,
    /// Everything readable, nothing writable: `calendar.readonly`. The default.
    #[default]
    Read,
    /// Read, and write events.
    Write,
}

/// How an account fares, in the words of the command line's `accounts` and of `data-state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// The last sync worked, or none was needed yet.
    Connected,
    /// Google no longer accepts Duet's key (`invalid_grant`); only the person can mend it.
    Reconnect,
    /// The last sync failed for another reason; Duet tries again by itself.
    Error,
}

/// One connected account as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Local number.
    pub id: AccountId,
    /// The address of the account: the id of its primary calendar (GOOGLE.md 1.4), which is also
    /// what a reconnect is compared with.
    pub email: String,
    /// Is this the built-in demo account, served by the embedded sandbox?
    pub demo: bool,
    /// What the granted scopes amount to.
    pub tier: Tier,
    /// The scopes Google granted, never those that were asked for.
    pub scopes: Vec<String>,
    /// When the account was first connected.
    pub connected_at: DateTime<Utc>,
    /// When Google said `invalid_grant`; `None` while the key works.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When a sync of this account last completed without any failure.
    pub last_synced_at: Option<DateTime<Utc>>,
    /// What went wrong last, until a sync works again.
    pub last_error: Option<Failure>,
    /// When the next sync is due, if one is planned.
    pub next_sync_at: Option<DateTime<Utc>>,
    /// Failed tries in a row; 0 after a success.
    pub attempts: u32,
    /// Until when Google asked for no request of this account, if it did.
    pub wait_until: Option<DateTime<Utc>>,
    /// Rises each time the account is connected.
    pub generation: i64,
}

impl Account {
    /// The one word that sums an account up.
    pub fn state(&self) -> AccountState {
        match (&self.revoked_at, &self.last_error) {
            (Some(_), _) => AccountState::Reconnect,
            (None, Some(_)) => AccountState::Error,
            (None, None) => AccountState::Connected,
        }
    }
}

/// Why something failed, kept until it works again: a code to branch on and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind of failure it was.
    pub code: FailureCode,
    /// What happened, what still works and what to do, in one or two sentences.
    pub message: String,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// The kinds of failure that something branches on: an icon, a button, a waiting time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// No network, or the server could not be reached.
    Offline,
    /// Something between Duet and Google answered instead of Google (a captive portal).
    Interfered,
    /// The key was revoked or has expired for good.
    Reconnect,
    /// A box was not ticked on the consent page.
    MissingPermission,
    /// Google asks for fewer requests.
    RateLimited,
    /// A daily or long-term quota is used up.
    QuotaExceeded,
    /// Google had a fault of its own.
    Server,
    /// The calendar is gone or no longer shared.
    NotFound,
    /// Google answered without mentioning the calendar.
    Absent,
    /// The keychain is locked, missing or refused.
    Keychain,
    /// The account has no Google Calendar.
    NoCalendar,
    /// Google refused the request itself; a fault of Duet.
    Rejected,
    /// The answer could not be understood.
    BadAnswer,
    /// The local database could not be written.
    Storage,
    /// A defect in Duet itself, caught at the edge of a task.
    Internal,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        Account {
            id: AccountId(1),
            email: "ana@example.com".into(),
            demo: false,
            tier: Tier::default(),
            scopes: Vec::new(),
            connected_at: at,
            revoked_at: None,
            last_synced_at: Some(at),
            last_error: None,
            next_sync_at: None,
            attempts: 0,
            wait_until: None,
            generation: 0,
        }
    }

    #[test]
    fn a_revoked_key_outweighs_any_other_failure() {
        let at = account().connected_at;
        let failed = Failure {
            code: FailureCode::Offline,
            message: "No network.".into(),
            at,
        };
        let cases = [
            (None, None, AccountState::Connected),
            (None, Some(failed.clone()), AccountState::Error),
            (Some(at), None, AccountState::Reconnect),
            (Some(at), Some(failed), AccountState::Reconnect),
        ];
        for (revoked_at, last_error, expect) in cases {
            let account = Account {
                revoked_at,
                last_error,
                ..account()
            };
            assert_eq!(account.state(), expect, "{account:?}");
        }
    }

    #[test]
    fn words_that_others_branch_on_do_not_change() {
        // The store keeps these words and the window and scripts compare them.
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned).unwrap();
        let code = |code: FailureCode| word(serde_json::to_value(code).unwrap());
        assert_eq!(code(FailureCode::MissingPermission), "missing_permission");
        assert_eq!(code(FailureCode::Offline), "offline");
        let state = |state: AccountState| word(serde_json::to_value(state).unwrap());
        assert_eq!(state(AccountState::Connected), "connected");
        assert_eq!(state(AccountState::Reconnect), "reconnect");
        assert_eq!(state(AccountState::Error), "error");
        let tier = |tier: Tier| word(serde_json::to_value(tier).unwrap());
        assert_eq!(
            [Tier::Busy, Tier::Read, Tier::Write].map(tier),
            ["busy", "read", "write"]
        );
        assert!(
            Tier::Busy < Tier::Read && Tier::Read < Tier::Write,
            "a ladder"
        );
        assert_eq!(Tier::default(), Tier::Read);
    }
}
