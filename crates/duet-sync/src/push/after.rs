//! What a refused or failed write means for what waits. GOOGLE.md 7.2 for writes, as pure functions.

use std::time::Duration;

use duet_google::{Error, Retry};
use duet_model::account::FailureCode;
use duet_model::outbox::Deed;

use crate::decide::{Trouble, account_trouble};
use crate::schedule::{Remedy, wait_after};

/// How an operation goes on that was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// By itself, in this time.
    Again(Duration),
    /// Not before the person has looked: why, as sentences for people.
    Stuck(FailureCode, String),
    /// With all writes of the account, in this time.
    Pause(Duration, String),
    /// With everything of the account, which is in trouble.
    Trouble(Trouble),
}

/// What a failure means. `attempts` counts the tries of this operation that failed, without this one.
pub(crate) fn after(error: &Error, deed: &Deed, attempts: u32, unit: f64) -> After {
    match error {
        Error::Server { retry_after, .. } => again(attempts, *retry_after, unit),
        Error::TimedOut(_) | Error::Interrupted(_) | Error::BadAnswer { .. } => {
            again(attempts, None, unit)
        }
        Error::QuotaExceeded { .. } | Error::DailyLimit { .. } => {
            let Retry::After(Some(rest)) = error.retry() else {
                return again(attempts, None, unit);
            };
            After::Pause(
                rest,
                "Google takes no more changes from this account for now".into(),
            )
        }
        Error::MissingPermission
        | Error::Forbidden { .. }
        | Error::NotFound
        | Error::Deleted
        | Error::Conflict { .. }
        | Error::Stale
        | Error::ResyncNeeded { .. }
        | Error::Rejected { .. }
        | Error::TooLong
        | Error::EndlessPages => {
            let (code, why) = refusal(error);
            After::Stuck(code, format!("{} {why}", not_done(deed)))
        }
        _ => After::Trouble(account_trouble(error)),
    }
}

fn again(attempts: u32, at_least: Option<Duration>, unit: f64) -> After {
    let remedy = Remedy::TryAgain { at_least };
    // It never answers that no time helps.
    After::Again(wait_after(remedy, attempts.saturating_add(1), unit).unwrap_or_default())
}

/// What was not done, as a sentence.
pub(crate) fn not_done(deed: &Deed) -> &'static str {
    match deed {
        Deed::Insert { .. } => "The event was not added to Google Calendar.",
        Deed::Update { .. } => "The change was not made in Google Calendar.",
        Deed::Delete { .. } => "The event was not deleted in Google Calendar.",
        Deed::Move { .. } => "The event was not moved to the other calendar.",
        Deed::Respond { .. } => "The answer was not sent.",
    }
}

/// Why Google refused, and what a person can do.
fn refusal(error: &Error) -> (FailureCode, &'static str) {
    use FailureCode as Code;
    match error {
        Error::MissingPermission => (
            Code::MissingPermission,
            "Duet may only read this account. Allow it to write, then it is sent.",
        ),
        Error::Forbidden { reason } if reason == "forbiddenForNonOrganizer" => (
            Code::Rejected,
            "Only whoever invites may change this. Discard the change, or ask them.",
        ),
        Error::Forbidden { .. } => (
            Code::Rejected,
            "The account may not write to this calendar. Choose another one, or discard the change.",
        ),
        Error::NotFound | Error::Deleted => (
            Code::NotFound,
            "It is no longer in Google Calendar. Discard the change, or add the event anew.",
        ),
        Error::Stale | Error::Conflict { .. } => (
            Code::Rejected,
            "It kept being changed there at the same time. Try again.",
        ),
        Error::TooLong => (
            Code::BadAnswer,
            "The event is too large to be read. Discard the change.",
        ),
        _ => (
            Code::Rejected,
            "Google refused it, which is a fault of Duet; the log says more. Change the event and try \
             again, or discard the change.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_consequence() {
        let delete = Deed::Delete { seen: None };
        let said = |error: Error| match after(&error, &delete, 0, 0.5) {
            After::Again(wait) => format!("again {}", wait.as_millis()),
            After::Stuck(code, words) => {
                assert!(words.starts_with(not_done(&delete)), "{words}");
                assert!(words.ends_with('.'), "{words}");
                format!("stuck {code:?}")
            }
            After::Pause(rest, _) => format!("pause {}", rest.as_secs() / 3600),
            After::Trouble(trouble) => format!("trouble {:?}", trouble.code),
        };
        let server = |retry_after| Error::Server {
            status: 503,
            retry_after,
        };
        let forbidden = |reason: &str| Error::Forbidden {
            reason: reason.into(),
        };
        let rows = [
            (server(None), "again 500"),
            (server(Some(Duration::from_secs(100))), "again 105000"),
            (
                Error::BadAnswer {
                    what: "it is empty",
                    source: None,
                },
                "again 500",
            ),
            (Error::QuotaExceeded { retry_after: None }, "pause 6"),
            (Error::DailyLimit { retry_after: None }, "pause 24"),
            (
                Error::RateLimited { retry_after: None },
                "trouble RateLimited",
            ),
            (Error::Unauthorized, "trouble Server"),
            (Error::NoCalendar, "trouble NoCalendar"),
            (Error::MissingPermission, "stuck MissingPermission"),
            (forbidden("forbidden"), "stuck Rejected"),
            (forbidden("forbiddenForNonOrganizer"), "stuck Rejected"),
            (Error::NotFound, "stuck NotFound"),
            (Error::Deleted, "stuck NotFound"),
            (Error::Stale, "stuck Rejected"),
            (
                Error::Rejected {
                    status: 400,
                    reason: "invalid".into(),
                },
                "stuck Rejected",
            ),
        ];
        for (error, expect) in rows {
            let name = format!("{error:?}");
            assert_eq!(said(error), expect, "{name}");
        }
    }

    #[test]
    fn tries_grow_rare() {
        let wait = |attempts| {
            let error = Error::Server {
                status: 500,
                retry_after: None,
            };
            match after(&error, &Deed::Delete { seen: None }, attempts, 0.5) {
                After::Again(wait) => wait,
                other => panic!("{other:?}"),
            }
        };
        let waits: Vec<u64> = (0..9).map(|attempts| wait(attempts).as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4, 900, 900, 900, 3600, 3600]);
    }
}
