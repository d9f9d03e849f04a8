//! What a failure means: whom it concerns, what is shown, what is done about it.
//!
//! GOOGLE.md 7.2 as pure functions. Nothing here waits, writes or asks; the words are for people and
//! say what happened, what still works, and what to do.

use std::time::Duration;

use duet_google::auth::AuthError;
use duet_google::{Error, Retry};
use duet_model::account::FailureCode;

use crate::host::VaultError;
use crate::schedule::Remedy;

/// A failure that concerns the whole account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Its kind.
    pub code: FailureCode,
    /// What happened and what a person can do, for people. What Duet does is told by [`Self::words`].
    pub message: String,
    /// What to do.
    pub remedy: Remedy,
}

/// Who reads what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// Anyone, later: where the words are kept.
    Anyone,
    /// Whoever ran `duet sync`, which ends and leaves nothing behind that could try again.
    Terminal,
}

impl Trouble {
    /// What happened and how it goes on, in whole sentences.
    pub fn words(&self, reader: Reader) -> String {
        let message = &self.message;
        let next = match (self.remedy, reader) {
            (Remedy::TryAgain { .. }, Reader::Anyone) => {
                "While it runs, Duet tries again by itself."
            }
            (Remedy::TryAgain { .. }, Reader::Terminal) => "Run `duet sync` again.",
            (Remedy::SlowDown { .. }, Reader::Anyone) => {
                "While it runs, Duet waits and tries again by itself."
            }
            (Remedy::SlowDown { .. }, Reader::Terminal) => {
                "Wait a little, then run `duet sync` again."
            }
            (Remedy::Probe, Reader::Anyone) => {
                "While it runs, Duet goes on when the network is back."
            }
            (Remedy::Probe, Reader::Terminal) => "Run `duet sync` again when the network is back.",
            // Time alone, or Duet alone, mends none of these: their words end with what does.
            (Remedy::Rest(_) | Remedy::Person | Remedy::Keychain | Remedy::Reconnect, _) => {
                return message.clone();
            }
        };
        format!("{message} {next}")
    }
}

/// A failure that concerns one calendar; the others go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarTrouble {
    /// Its kind. [`FailureCode::NotFound`] is asked again when a person wants it, or with
    /// the next full listing.
    pub code: FailureCode,
    /// What happened, for people.
    pub message: String,
}

/// Whom a failed free/busy request concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Everyone: no other request of this account would fare better.
    Account,
    /// Something in this very request. Asking for fewer calendars at once finds out which.
    Request,
}

/// Whom does a failed free/busy request concern?
pub fn reach(error: &Error) -> Reach {
    match error {
        // One id that Google does not accept must not hide the other 49.
        Error::Rejected { .. }
        | Error::NotFound
        | Error::Forbidden { .. }
        | Error::Deleted
        | Error::Conflict { .. }
        | Error::Stale
        | Error::ResyncNeeded { .. }
        | Error::TooLong => Reach::Request,
        _ => Reach::Account,
    }
}

/// A request failed in a way that concerns the whole account.
pub fn account_trouble(error: &Error) -> Trouble {
    use FailureCode as Code;
    let again = Remedy::TryAgain { at_least: None };
    let (code, message, remedy) = match error {
        Error::Offline(_) => (
            Code::Offline,
            "Google cannot be reached. What is already here stays visible.".to_owned(),
            Remedy::Probe,
        ),
        Error::TimedOut(_) | Error::Interrupted(_) => (
            Code::Offline,
            "The connection to Google broke off. What is already here stays visible.".into(),
            again,
        ),
        Error::CaptivePortal { .. } => (
            Code::Interfered,
            "Something on the network answers instead of Google, often a sign-in page. Open a web \
             page in your browser and sign in to the network; nothing was changed here."
                .into(),
            again,
        ),
        Error::Untrusted { clock: true, .. } => (
            Code::Interfered,
            "The connection to Google is not trusted because dates do not match. Check this \
             computer's date and time; nothing was changed here."
                .into(),
            again,
        ),
        Error::Untrusted { clock: false, .. } => (
            Code::Interfered,
            "The other end could not prove that it is Google. Check the network you are in; \
             nothing was sent or changed."
                .into(),
            again,
        ),
        // Only after a fresh token was refused as well; the key itself still works.
        Error::Unauthorized => (
            Code::Server,
            "Google refuses a key that it has just issued.".into(),
            again,
        ),
        Error::RateLimited { retry_after } => (
            Code::RateLimited,
            "Google asks for fewer requests. What is already here stays visible.".into(),
            Remedy::SlowDown { at_least: *retry_after },
        ),
        Error::QuotaExceeded { .. } | Error::DailyLimit { .. } => (
            Code::QuotaExceeded,
            "A usage limit at Google is used up. What is already here stays visible. The limit is \
             lifted by itself, usually within a day."
                .into(),
            Remedy::Rest(asked(error)),
        ),
        Error::MissingPermission => (
            Code::MissingPermission,
            "Google was not given permission to read calendars. Reconnect the account and leave \
             every box ticked."
                .into(),
            Remedy::Person,
        ),
        Error::ApiDisabled => (
            Code::Rejected,
            "The Google Calendar API is not switched on for Duet's client. Switch it on for the \
             client's project in the Google Cloud console, then press Sync now; what is already \
             here stays visible."
                .into(),
            Remedy::Rest(HOUR),
        ),
        Error::NoCalendar => (
            Code::NoCalendar,
            "This account has no Google Calendar. Open calendar.google.com once with it, or \
             disconnect it here."
                .into(),
            Remedy::Person,
        ),
        Error::Server { retry_after, .. } => return faulty_server(*retry_after),
        Error::BadAnswer { .. } | Error::TooLong | Error::EndlessPages => (
            Code::BadAnswer,
            "Google's answer could not be understood, so nothing was changed.".into(),
            again,
        ),
        Error::Setup(_) => (
            Code::Internal,
            "Duet could not set up a secure connection on this computer. Restart Duet; if it stays \
             so, the log says more."
                .into(),
            Remedy::Rest(HOUR),
        ),
        // 400, 404, 409, 410, 412 to a request for the list of calendars: a fault of ours that no
        // repetition mends, so not a tight loop either.
        _ => (
            Code::Rejected,
            "Google refused a request of Duet, which is a fault of Duet. What is already here \
             stays visible; the log says more."
                .into(),
            Remedy::Rest(HOUR),
        ),
    };
    Trouble {
        code,
        message,
        remedy,
    }
}

/// Google has a fault of its own, with one request that stands for all or with one after the other.
pub fn faulty_server(retry_after: Option<Duration>) -> Trouble {
    Trouble {
        code: FailureCode::Server,
        message: "Google has a fault of its own. What is already here stays visible.".into(),
        remedy: Remedy::TryAgain {
            at_least: retry_after,
        },
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

fn asked(error: &Error) -> Duration {
    match error.retry() {
        Retry::After(Some(asked)) => asked,
        _ => HOUR,
    }
}

/// A new access token was refused.
pub fn auth_trouble(error: &AuthError, email: &str) -> Trouble {
    match error {
        AuthError::InvalidGrant => reconnect(email),
        AuthError::Transport(error) => account_trouble(error),
        // The client or an administrator's policy: not the person's doing, and signing in again
        // would end the same way.
        other => Trouble {
            code: other.code(),
            message: format!("{other}. What is already here stays visible."),
            remedy: Remedy::Rest(HOUR),
        },
    }
}

/// Google said `invalid_grant`.
pub fn reconnect(email: &str) -> Trouble {
    Trouble {
        code: FailureCode::Reconnect,
        message: format!(
            "Google no longer accepts Duet's key to {email}. Reconnect the account; what is already \
             here stays visible."
        ),
        remedy: Remedy::Reconnect,
    }
}

/// The keychain did not give the key out.
///
/// None of this means that the account is signed out: Google was not even asked.
pub fn vault_trouble(error: &VaultError, email: &str) -> Trouble {
    let message = match error {
        VaultError::Missing => format!(
            "Duet's key to {email} is no longer in the keychain. Reconnect the account; what is \
             already here stays visible."
        ),
        other => other.words(),
    };
    let remedy = match error {
        VaultError::Missing | VaultError::TooLong => Remedy::Person,
        // Nobody knows what it was, so nobody knows that it stays: the service may have restarted.
        VaultError::Other(_) => Remedy::TryAgain { at_least: None },
        VaultError::NoService | VaultError::Locked | VaultError::Denied | VaultError::Timeout => {
            Remedy::Keychain
        }
    };
    Trouble {
        code: FailureCode::Keychain,
        message,
        remedy,
    }
}

/// The database could not be written or read.
pub fn storage_trouble(full: bool) -> Trouble {
    let message = if full {
        "The disk is full, so nothing new can be kept. Make room, then sync again."
    } else {
        "Duet's database could not be written. If this stays so, `duet doctor` says more."
    };
    Trouble {
        code: FailureCode::Storage,
        message: message.into(),
        remedy: Remedy::Rest(FIVE_MINUTES),
    }
}

/// A defect in Duet itself, caught at the edge of a task.
pub fn panic_trouble() -> Trouble {
    Trouble {
        code: FailureCode::Internal,
        message:
            "Duet stumbled over a fault of its own while syncing this account. Others are not \
             affected; the log says more."
                .into(),
        remedy: Remedy::TryAgain { at_least: None },
    }
}

/// Google asked to wait, and an earlier process was told: all that is known is until when.
pub fn still_asked() -> Trouble {
    Trouble {
        code: FailureCode::RateLimited,
        message: "Google asked Duet to wait. What is already here stays visible.".into(),
        remedy: Remedy::SlowDown { at_least: None },
    }
}

/// A full listing without the account's own calendar, which Google always lists.
pub fn implausible_list() -> Trouble {
    Trouble {
        code: FailureCode::BadAnswer,
        message: "Google suddenly listed no calendars of this account, so nothing was removed \
                  here."
            .into(),
        remedy: Remedy::TryAgain { at_least: None },
    }
}

/// Google answered for a calendar with errors.
pub fn calendar_refused<S: AsRef<str>>(reasons: &[S]) -> CalendarTrouble {
    let has = |reason: &str| reasons.iter().any(|r| r.as_ref() == reason);
    // A passing fault beside a lasting one: the lasting one has the last word only when it is alone.
    let passing = reasons.iter().any(|r| r.as_ref() != "notFound");
    let (code, message) = if has("notFound") && !passing {
        (
            FailureCode::NotFound,
            "Google gives no busy times for this calendar: it is gone, no longer shared, or of a \
             kind that has none, like holidays.",
        )
    } else if has("tooManyCalendarsRequested") || has("groupTooBig") {
        (
            FailureCode::Rejected,
            "Google was asked for too many calendars at once; until it is asked again, what this \
             one's events do not tell is unknown.",
        )
    } else {
        (
            FailureCode::Server,
            "Google could not say when this calendar is busy; until it is asked again, what its \
             events do not tell is unknown.",
        )
    };
    CalendarTrouble {
        code,
        message: message.into(),
    }
}

/// Google answered without a word about a calendar.
pub fn calendar_absent() -> CalendarTrouble {
    CalendarTrouble {
        code: FailureCode::Absent,
        message:
            "Google answered without mentioning this calendar; until it is asked again, what its \
             events do not tell is unknown."
                .into(),
    }
}

/// Google answered for a calendar, and some of it could not be read.
pub fn calendar_unreadable(quarantined: u32) -> CalendarTrouble {
    let what = match quarantined {
        1 => "One of this calendar's busy times".to_owned(),
        many => format!("{many} of this calendar's busy times"),
    };
    CalendarTrouble {
        code: FailureCode::BadAnswer,
        message: format!("{what} could not be read, so what is not marked busy is unknown."),
    }
}

/// A request for one calendar alone was refused.
pub fn calendar_rejected(error: &Error) -> CalendarTrouble {
    match error {
        Error::NotFound | Error::Deleted | Error::Forbidden { .. } => CalendarTrouble {
            code: FailureCode::NotFound,
            message: "Google no longer shares this calendar with this account, or it is gone."
                .into(),
        },
        _ => CalendarTrouble {
            code: FailureCode::Rejected,
            message: "Google refuses to answer for this calendar. Its times are unknown; the \
                      others are not affected."
                .into(),
        },
    }
}

#[cfg(test)]
mod tests;
