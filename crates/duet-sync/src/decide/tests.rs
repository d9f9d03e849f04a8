//! GOOGLE.md 7.2, a row a line, from the raw answer to the decision.

use std::time::Duration;

use duet_google::error::classify;

use super::*;

/// An error body as the Calendar API sends it.
fn body(reason: &str, message: &str) -> String {
    format!(
        r#"{{"error":{{"message":"{message}","errors":[{{"domain":"x","reason":"{reason}"}}]}}}}"#
    )
}

fn answered(status: u16, reason: &str, message: &str, retry_after: Option<u64>) -> Error {
    let body = body(reason, message);
    let retry_after = retry_after.map(Duration::from_secs);
    classify(
        status,
        Some("application/json; charset=UTF-8"),
        body.as_bytes(),
        retry_after,
    )
}

const AGAIN: Remedy = Remedy::TryAgain { at_least: None };
const SLOW: Remedy = Remedy::SlowDown { at_least: None };

#[test]
fn each_row_of_the_table_for_the_whole_account() {
    use FailureCode as Code;
    let hours = |n: u64| Remedy::Rest(Duration::from_secs(n * 3600));
    let rows = [
        // (status, reason, code, remedy)
        (400, "badRequest", Code::Rejected, hours(1)),
        (400, "timeRangeTooLong", Code::Rejected, hours(1)),
        (401, "authError", Code::Server, AGAIN),
        (403, "userRateLimitExceeded", Code::RateLimited, SLOW),
        (403, "rateLimitExceeded", Code::RateLimited, SLOW),
        (429, "rateLimitExceeded", Code::RateLimited, SLOW),
        (403, "quotaExceeded", Code::QuotaExceeded, hours(6)),
        (403, "dailyLimitExceeded", Code::QuotaExceeded, hours(24)),
        (
            403,
            "variableTermLimitExceeded",
            Code::QuotaExceeded,
            hours(24),
        ),
        (
            403,
            "insufficientPermissions",
            Code::MissingPermission,
            Remedy::Person,
        ),
        (
            403,
            "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            Code::MissingPermission,
            Remedy::Person,
        ),
        (403, "notACalendarUser", Code::NoCalendar, Remedy::Person),
        (403, "accessNotConfigured", Code::Rejected, hours(1)),
        (403, "forbidden", Code::Rejected, hours(1)),
        (404, "notFound", Code::Rejected, hours(1)),
        (409, "conflict", Code::Rejected, hours(1)),
        (410, "fullSyncRequired", Code::Rejected, hours(1)),
        (412, "conditionNotMet", Code::Rejected, hours(1)),
        (500, "backendError", Code::Server, AGAIN),
        (502, "", Code::Server, AGAIN),
        (503, "backendError", Code::Server, AGAIN),
        (504, "", Code::Server, AGAIN),
    ];
    for (status, reason, code, remedy) in rows {
        let trouble = account_trouble(&answered(status, reason, "", None));
        assert_eq!(
            (trouble.code, trouble.remedy),
            (code, remedy),
            "{status} {reason}"
        );
    }
}

#[test]
fn retry_after_is_passed_on() {
    let asked = Some(Duration::from_secs(77));
    for (status, reason, remedy) in [
        (
            429,
            "rateLimitExceeded",
            Remedy::SlowDown { at_least: asked },
        ),
        (
            403,
            "userRateLimitExceeded",
            Remedy::SlowDown { at_least: asked },
        ),
        (503, "backendError", Remedy::TryAgain { at_least: asked }),
    ] {
        let trouble = account_trouble(&answered(status, reason, "", Some(77)));
        assert_eq!(trouble.remedy, remedy, "{status} {reason}");
    }
}

#[test]
fn a_page_instead_of_google_signs_nobody_out() {
    let page = b"<!doctype html><title>Free Wi-Fi</title>";
    for status in [200, 302, 307, 401, 403, 404, 511] {
        let trouble = account_trouble(&classify(status, Some("text/html"), page, None));
        assert_eq!(trouble.code, FailureCode::Interfered, "HTTP {status}");
        assert_eq!(trouble.remedy, AGAIN, "HTTP {status}");
    }
}

#[test]
fn whom_a_refused_question_concerns() {
    let cases = [
        (400, "badRequest", Reach::Request),
        (400, "timeRangeTooLong", Reach::Request),
        (403, "forbidden", Reach::Request),
        (404, "notFound", Reach::Request),
        (410, "deleted", Reach::Request),
        (401, "authError", Reach::Account),
        (403, "insufficientPermissions", Reach::Account),
        (403, "rateLimitExceeded", Reach::Account),
        (403, "quotaExceeded", Reach::Account),
        (429, "rateLimitExceeded", Reach::Account),
        (503, "backendError", Reach::Account),
    ];
    for (status, reason, expect) in cases {
        assert_eq!(
            reach(&answered(status, reason, "", None)),
            expect,
            "{status} {reason}"
        );
    }
}

#[test]
fn what_a_calendars_own_errors_mean() {
    use FailureCode as Code;
    let cases: [(&[&str], Code); 7] = [
        (&["notFound"], Code::NotFound),
        (&["internalError"], Code::Server),
        (&["notFound", "internalError"], Code::Server),
        (&["tooManyCalendarsRequested"], Code::Rejected),
        (&["groupTooBig"], Code::Rejected),
        (&["somethingNew"], Code::Server),
        (&[], Code::Server),
    ];
    for (reasons, code) in cases {
        assert_eq!(calendar_refused(reasons).code, code, "{reasons:?}");
    }
    assert_eq!(calendar_absent().code, Code::Absent);
    let lost = calendar_rejected(&answered(404, "notFound", "", None));
    assert_eq!(lost.code, Code::NotFound);
    let refused = calendar_rejected(&answered(400, "badRequest", "", None));
    assert_eq!(refused.code, Code::Rejected);
}

#[test]
fn only_invalid_grant_ends_a_grant() {
    let client = AuthError::ClientRefused {
        error: "invalid_client".into(),
        description: None,
    };
    let cases = [
        (AuthError::InvalidGrant, FailureCode::Reconnect),
        (client, FailureCode::Rejected),
        (
            AuthError::Transport(answered(503, "", "", None)),
            FailureCode::Server,
        ),
        (
            AuthError::Transport(answered(429, "", "", None)),
            FailureCode::RateLimited,
        ),
        (
            AuthError::Transport(classify(200, Some("text/html"), b"<p>", None)),
            FailureCode::Interfered,
        ),
    ];
    for (error, code) in cases {
        let trouble = auth_trouble(&error, "ana@example.com");
        assert_eq!(trouble.code, code, "{error}");
        assert_eq!(
            trouble.remedy == Remedy::Reconnect,
            code == FailureCode::Reconnect,
            "{error}"
        );
    }
}

#[test]
fn a_closed_keychain_is_not_a_lost_key() {
    let email = "ana@example.com";
    for error in [
        VaultError::NoService,
        VaultError::Locked,
        VaultError::Denied,
        VaultError::Timeout,
    ] {
        let trouble = vault_trouble(&error, email);
        assert_eq!(trouble.remedy, Remedy::Keychain, "{error}");
        assert_eq!(trouble.code, FailureCode::Keychain, "{error}");
    }
    let odd = vault_trouble(&VaultError::Other("odd".into()), email);
    assert_eq!((odd.code, odd.remedy), (FailureCode::Keychain, AGAIN));
    let lost = vault_trouble(&VaultError::Missing, email);
    assert_eq!(lost.remedy, Remedy::Person);
    assert!(lost.message.contains(email) && lost.message.contains("Reconnect"));
}

#[test]
fn every_failure_is_told_in_whole_sentences_without_codes() {
    let errors = [
        (401, "authError"),
        (403, "forbidden"),
        (403, "quotaExceeded"),
        (429, ""),
        (503, ""),
    ];
    for (status, reason) in errors {
        let trouble = account_trouble(&answered(status, reason, "", None));
        for words in [Reader::Anyone, Reader::Terminal].map(|reader| trouble.words(reader)) {
            assert!(words.ends_with('.'), "{words}");
            assert!(
                !words.chars().any(|c| c.is_ascii_digit()),
                "a raw code in {words:?}"
            );
        }
    }
}

#[test]
fn only_where_a_timer_runs_it_goes_on_by_itself() {
    let cases = [
        // (remedy, what is kept says, what the terminal says)
        (AGAIN, "While it runs", "Run `duet sync` again."),
        (SLOW, "While it runs", "then run `duet sync` again."),
        (Remedy::Probe, "While it runs", "when the network is back."),
        (Remedy::Person, "It broke.", "It broke."),
        (Remedy::Keychain, "It broke.", "It broke."),
        (Remedy::Reconnect, "It broke.", "It broke."),
        (Remedy::Rest(HOUR), "It broke.", "It broke."),
    ];
    for (remedy, kept, said) in cases {
        let trouble = Trouble {
            code: FailureCode::Server,
            message: "It broke.".into(),
            remedy,
        };
        let words = trouble.words(Reader::Anyone);
        assert!(words.contains(kept), "{remedy:?}: {words}");
        let words = trouble.words(Reader::Terminal);
        assert!(words.ends_with(said), "{remedy:?}: {words}");
        assert!(!words.contains("by itself"), "{remedy:?}: {words}");
    }
}
