//! GOOGLE.md 7.2, row by row, and the answers that are not Google's.

use super::*;
use crate::error::Retry;
use duet_model::account::FailureCode;
use std::time::Duration;

const JSON: Option<&str> = Some("application/json; charset=UTF-8");
const HTML: Option<&str> = Some("text/html; charset=utf-8");

/// An error body as the Calendar API sends it.
fn body(code: u16, reason: &str, message: &str) -> String {
    serde_json::json!({"error": {
        "code": code,
        "message": message,
        "errors": [{"domain": "global", "reason": reason, "message": message}],
    }})
    .to_string()
}

fn check(
    status: u16,
    content_type: Option<&str>,
    body: &str,
    expect: &str,
    retry: Retry,
    code: FailureCode,
) {
    let error = classify(status, content_type, body.as_bytes(), None);
    let got = format!("{error:?}");
    let name = got.split([' ', '(', '{']).next().unwrap_or_default();
    assert_eq!(name, expect, "{status} {body}");
    assert_eq!(error.retry(), retry, "{status} {body}");
    assert_eq!(error.code(), code, "{status} {body}");
}

#[test]
fn each_row_of_the_decision_table() {
    use FailureCode as C;
    let backoff = Retry::After(None);
    let hours = Retry::After(Some(Duration::from_secs(6 * 3600)));
    let day = Retry::After(Some(Duration::from_secs(24 * 3600)));
    let rows = [
        (400, "badRequest", "Rejected", Retry::Never, C::Rejected),
        (400, "invalid", "Rejected", Retry::Never, C::Rejected),
        (400, "required", "Rejected", Retry::Never, C::Rejected),
        (400, "timeRangeEmpty", "Rejected", Retry::Never, C::Rejected),
        (
            400,
            "timeRangeTooLong",
            "Rejected",
            Retry::Never,
            C::Rejected,
        ),
        (401, "authError", "Unauthorized", Retry::Now, C::Rejected),
        (
            403,
            "userRateLimitExceeded",
            "RateLimited",
            backoff,
            C::RateLimited,
        ),
        (
            403,
            "rateLimitExceeded",
            "RateLimited",
            backoff,
            C::RateLimited,
        ),
        (
            429,
            "rateLimitExceeded",
            "RateLimited",
            backoff,
            C::RateLimited,
        ),
        (
            403,
            "quotaExceeded",
            "QuotaExceeded",
            hours,
            C::QuotaExceeded,
        ),
        (
            403,
            "dailyLimitExceeded",
            "DailyLimit",
            day,
            C::QuotaExceeded,
        ),
        (
            403,
            "variableTermLimitExceeded",
            "DailyLimit",
            day,
            C::QuotaExceeded,
        ),
        (
            403,
            "insufficientPermissions",
            "MissingPermission",
            Retry::Never,
            C::MissingPermission,
        ),
        (403, "forbidden", "Forbidden", Retry::Never, C::Rejected),
        (
            403,
            "forbiddenForNonOrganizer",
            "Forbidden",
            Retry::Never,
            C::Rejected,
        ),
        (
            403,
            "notACalendarUser",
            "NoCalendar",
            Retry::Never,
            C::NoCalendar,
        ),
        (
            403,
            "accessNotConfigured",
            "ApiDisabled",
            Retry::Never,
            C::Rejected,
        ),
        (
            403,
            "SERVICE_DISABLED",
            "ApiDisabled",
            Retry::Never,
            C::Rejected,
        ),
        (
            403,
            "RATE_LIMIT_EXCEEDED",
            "RateLimited",
            backoff,
            C::RateLimited,
        ),
        (408, "unknown", "Server", backoff, C::Server),
        (404, "notFound", "NotFound", Retry::Never, C::NotFound),
        (409, "duplicate", "Conflict", Retry::Never, C::Rejected),
        (409, "conflict", "Conflict", Retry::Never, C::Rejected),
        (
            410,
            "fullSyncRequired",
            "ResyncNeeded",
            Retry::Resync,
            C::Rejected,
        ),
        (
            410,
            "updatedMinTooLongAgo",
            "ResyncNeeded",
            Retry::Resync,
            C::Rejected,
        ),
        (410, "deleted", "Deleted", Retry::Never, C::NotFound),
        (412, "conditionNotMet", "Stale", Retry::Never, C::Rejected),
        (500, "backendError", "Server", backoff, C::Server),
        (502, "backendError", "Server", backoff, C::Server),
        (503, "backendError", "Server", backoff, C::Server),
        (504, "backendError", "Server", backoff, C::Server),
    ];
    for (status, reason, expect, retry, code) in rows {
        check(
            status,
            JSON,
            &body(status, reason, "Words."),
            expect,
            retry,
            code,
        );
    }
}

#[test]
fn a_bad_sync_token_is_known_by_its_sentence() {
    let resync = |message| {
        let error = classify(400, JSON, body(400, "invalid", message).as_bytes(), None);
        error.retry() == Retry::Resync
    };
    assert!(resync("Invalid sync token value."));
    assert!(resync("Invalid sync token value"));
    assert!(!resync("Invalid value for: sync"));
}

#[test]
fn a_missing_scope_is_known_by_either_list() {
    let details = r#"{"error":{"code":403,"message":"Request had insufficient authentication scopes.",
        "status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",
        "reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT","domain":"googleapis.com","metadata":{"a":"b"}}]}}"#;
    let both = r#"{"error":{"code":403,"message":"x","errors":[{"reason":"forbidden"}],
        "details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}"#;
    for body in [details, both] {
        check(
            403,
            JSON,
            body,
            "MissingPermission",
            Retry::Never,
            FailureCode::MissingPermission,
        );
    }
}

#[test]
fn what_is_not_google_is_neither_empty_nor_signed_out() {
    let page = "<!doctype html><title>Welcome to the hotel</title>";
    let rows = [
        (200, HTML, page),
        (200, Some("application/xhtml+xml"), "x"),
        (200, None, "  \n<html>"),
        (200, JSON, page),
        (204, HTML, ""),
        (301, None, ""),
        (302, HTML, page),
        (302, JSON, "{}"),
        (307, None, ""),
        (401, HTML, page),
        (403, HTML, page),
        (404, HTML, page),
        (407, HTML, page),
        (407, None, ""),
        (410, HTML, page),
        (511, HTML, page),
        (511, JSON, "{}"),
    ];
    for (status, content_type, body) in rows {
        check(
            status,
            content_type,
            body,
            "CaptivePortal",
            Retry::After(None),
            FailureCode::Interfered,
        );
    }
    // Google's own front ends answer overload with pages.
    check(
        503,
        HTML,
        page,
        "Server",
        Retry::After(None),
        FailureCode::Server,
    );
    check(
        429,
        HTML,
        page,
        "RateLimited",
        Retry::After(None),
        FailureCode::RateLimited,
    );
}

#[test]
fn bodies_without_reasons_leave_the_status_to_decide() {
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"error":"x"}"#,
        r#"{"error":{"errors":5}}"#,
        "\u{0}",
    ] {
        check(
            200,
            JSON,
            body,
            "BadAnswer",
            Retry::After(None),
            FailureCode::BadAnswer,
        );
        check(
            400,
            JSON,
            body,
            "Rejected",
            Retry::Never,
            FailureCode::Rejected,
        );
        check(
            401,
            JSON,
            body,
            "Unauthorized",
            Retry::Now,
            FailureCode::Rejected,
        );
        check(
            403,
            JSON,
            body,
            "Forbidden",
            Retry::Never,
            FailureCode::Rejected,
        );
        check(
            404,
            JSON,
            body,
            "NotFound",
            Retry::Never,
            FailureCode::NotFound,
        );
        check(
            410,
            JSON,
            body,
            "ResyncNeeded",
            Retry::Resync,
            FailureCode::Rejected,
        );
        check(
            418,
            JSON,
            body,
            "Rejected",
            Retry::Never,
            FailureCode::Rejected,
        );
        check(
            429,
            JSON,
            body,
            "RateLimited",
            Retry::After(None),
            FailureCode::RateLimited,
        );
        check(
            500,
            JSON,
            body,
            "Server",
            Retry::After(None),
            FailureCode::Server,
        );
    }
}

#[test]
fn a_wait_that_google_names_is_kept() {
    let wait = Some(Duration::from_secs(7));
    let retry =
        |status, reason| classify(status, JSON, body(status, reason, "").as_bytes(), wait).retry();
    assert_eq!(retry(403, "rateLimitExceeded"), Retry::After(wait));
    assert_eq!(retry(429, "rateLimitExceeded"), Retry::After(wait));
    assert_eq!(retry(503, "backendError"), Retry::After(wait));
    assert_eq!(retry(403, "dailyLimitExceeded"), Retry::After(wait));
    assert_eq!(
        retry(403, "quotaExceeded"),
        Retry::After(Some(Duration::from_secs(6 * 3600))),
        "the anti-abuse cap lasts for hours, whatever one answer says"
    );
}

#[test]
fn foreign_words_are_tamed() {
    let evil = body(418, "a\u{1b}[31m<b>%s\n' OR 1=1", "ana@example.com");
    let error = classify(418, JSON, evil.as_bytes(), None).to_string();
    assert_eq!(error, "Google refused the request (HTTP 418 a31mbsOR11)");
    let long = body(418, &"x".repeat(5000), "");
    assert!(classify(418, JSON, long.as_bytes(), None).to_string().len() < 120);
}
