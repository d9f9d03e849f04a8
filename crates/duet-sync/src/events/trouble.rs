//! What a failed listing of events means: whom it concerns, and the words for its calendar.

use duet_google::Error;
use duet_model::account::FailureCode;

use crate::decide::{self, CalendarTrouble, Reach, calendar_rejected};

/// Whom does a failed listing of a calendar's events concern?
///
/// Unlike a question about busy times, which is about fifty calendars at once, it is about one: an
/// answer that makes no sense, pages without end and a fault of Google's that names no time to wait
/// may be this calendar's alone. Whether they meet calendar after calendar is for the caller to see.
pub(crate) fn reach(error: &Error) -> Reach {
    match error {
        Error::BadAnswer { .. }
        | Error::EndlessPages
        | Error::Server {
            retry_after: None, ..
        } => Reach::Request,
        _ => decide::reach(error),
    }
}

/// The words for a calendar whose events could not be listed.
pub(crate) fn of(error: &Error) -> CalendarTrouble {
    let (code, message) = match error {
        Error::TooLong => (
            FailureCode::BadAnswer,
            "Google's list of this calendar's events is longer than Duet reads.",
        ),
        Error::EndlessPages => (
            FailureCode::BadAnswer,
            "Google's list of this calendar's events has no end.",
        ),
        Error::BadAnswer { .. } => (
            FailureCode::BadAnswer,
            "Google's list of this calendar's events could not be understood.",
        ),
        Error::Server { .. } => (
            FailureCode::Server,
            "Google could not list this calendar's events.",
        ),
        Error::ResyncNeeded { .. } => (
            FailureCode::Rejected,
            "Google asks for all of this calendar's events again and again.",
        ),
        _ => return calendar_rejected(error),
    };
    CalendarTrouble {
        code,
        message: format!(
            "{message} What is already here stays; what has changed since is unknown."
        ),
    }
}

/// A whole listing lacks so much that it is not believed yet.
pub(super) fn doubtful(missing: usize, of: usize) -> CalendarTrouble {
    CalendarTrouble {
        code: FailureCode::BadAnswer,
        message: format!(
            "Google suddenly lists {missing} of this calendar's {of} events no more. They stay here \
             until it says so again."
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn whom_a_failed_listing_concerns() {
        let server = |retry_after| Error::Server {
            status: 503,
            retry_after,
        };
        let bad = Error::BadAnswer {
            what: "x",
            source: None,
        };
        let reason = || "x".to_owned();
        let rows = [
            (bad, Reach::Request, Some(FailureCode::BadAnswer)),
            (
                Error::EndlessPages,
                Reach::Request,
                Some(FailureCode::BadAnswer),
            ),
            (Error::TooLong, Reach::Request, Some(FailureCode::BadAnswer)),
            (server(None), Reach::Request, Some(FailureCode::Server)),
            (server(Some(Duration::from_secs(9))), Reach::Account, None),
            (Error::NotFound, Reach::Request, Some(FailureCode::NotFound)),
            (
                Error::Forbidden { reason: reason() },
                Reach::Request,
                Some(FailureCode::NotFound),
            ),
            (
                Error::ResyncNeeded { reason: reason() },
                Reach::Request,
                Some(FailureCode::Rejected),
            ),
            (Error::Unauthorized, Reach::Account, None),
            (
                Error::RateLimited { retry_after: None },
                Reach::Account,
                None,
            ),
            (Error::CaptivePortal { status: 200 }, Reach::Account, None),
        ];
        for (error, whom, code) in rows {
            assert_eq!(reach(&error), whom, "{error}");
            if let Some(code) = code {
                assert_eq!(of(&error).code, code, "{error}");
            }
        }
    }
}
