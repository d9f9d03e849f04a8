//! From an HTTP answer that is no success to an [`Error`]: GOOGLE.md 7.2 as one pure function.
//!
//! The order of the questions matters. First: is this Google at all? A hotel's sign-in page or a
//! proxy's refusal must neither sign anyone out nor empty a calendar. Then the reason in the body,
//! because one status has several meanings (403 alone has seven), and only then the bare status.

use std::time::Duration;

use serde::Deserialize;

use super::Error;

/// Sorts an answer that the caller could not use.
///
/// `status` is the HTTP status, `content_type` the header as sent, `body` what was read of the body,
/// `retry_after` the parsed header. Success statuses may be passed too: they are then an answer that
/// is not JSON, which is a captive portal when it is a page and a bad answer when it is not.
pub fn classify(
    status: u16,
    content_type: Option<&str>,
    body: &[u8],
    retry_after: Option<Duration>,
) -> Error {
    let page = is_page(content_type, body);
    match status {
        // The API never redirects; 511 is the status made for captive portals.
        300..=303 | 305..=399 | 511 => return Error::CaptivePortal { status },
        // Google's own front ends answer overload and faults with pages too.
        429 => return Error::RateLimited { retry_after },
        408 | 500..=599 => {
            return Error::Server {
                status,
                retry_after,
            };
        }
        // 407 comes from a proxy by definition.
        407 => return Error::CaptivePortal { status },
        _ if page => return Error::CaptivePortal { status },
        200..=299 => {
            return Error::BadAnswer {
                what: "it is not JSON",
                source: None,
            };
        }
        _ => {}
    }
    let refusal = Refusal::read(body);
    match (status, refusal.reason.as_str()) {
        (401, _) => Error::Unauthorized,
        (400, _) if refusal.is_dead_sync_token() => Error::ResyncNeeded {
            reason: "invalidSyncToken".into(),
        },
        (403, "userRateLimitExceeded" | "rateLimitExceeded" | "RATE_LIMIT_EXCEEDED") => {
            Error::RateLimited { retry_after }
        }
        (403, "quotaExceeded") => Error::QuotaExceeded { retry_after },
        (403, "dailyLimitExceeded" | "variableTermLimitExceeded") => {
            Error::DailyLimit { retry_after }
        }
        (403, "insufficientPermissions" | "ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
            Error::MissingPermission
        }
        (403, "notACalendarUser") => Error::NoCalendar,
        (403, "accessNotConfigured" | "SERVICE_DISABLED") => Error::ApiDisabled,
        (403, _) => Error::Forbidden {
            reason: refusal.reason,
        },
        (404, _) => Error::NotFound,
        (409, _) => Error::Conflict {
            reason: refusal.reason,
        },
        // Decided by the reason, not by the status: a deleted event is no reason to list anew. A
        // 410 without a reason is taken for the listing, where doing too much is the safe side.
        (410, "deleted") => Error::Deleted,
        (410, _) => Error::ResyncNeeded {
            reason: refusal.reason,
        },
        (412, _) => Error::Stale,
        _ => Error::Rejected {
            status,
            reason: refusal.reason,
        },
    }
}

/// Is the body a web page, by its declared type or by how it starts?
pub(crate) fn is_page(content_type: Option<&str>, body: &[u8]) -> bool {
    let declared = content_type
        .unwrap_or_default()
        .trim_start()
        .to_ascii_lowercase();
    declared.starts_with("text/html")
        || declared.starts_with("application/xhtml")
        || body.trim_ascii_start().first() == Some(&b'<')
}

/// What an error body says, as far as anything branches on it.
struct Refusal {
    /// The first reason; `unknown` where none can be read.
    reason: String,
    message: String,
}

#[derive(Deserialize)]
struct Body {
    error: Inner,
}

#[derive(Deserialize)]
struct Inner {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Item>,
    #[serde(default)]
    details: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    reason: String,
}

impl Refusal {
    /// Reads the body; anything unreadable leaves the status to decide alone.
    fn read(body: &[u8]) -> Self {
        let Ok(Body { error }) = serde_json::from_slice(body) else {
            return Self {
                reason: "unknown".into(),
                message: String::new(),
            };
        };
        // `details` carries the only mention of a missing scope in newer bodies, and a rate limit in
        // the older `errors` list must not be hidden by it: the old list first, the new one where
        // the old is silent or says no more than the status does.
        let first = |items: &[Item]| {
            items
                .iter()
                .map(|item| plain(&item.reason))
                .find(|reason| !reason.is_empty())
        };
        let (old, new) = (first(&error.errors), first(&error.details));
        let reason = match (old, new) {
            (Some(old), Some(new)) if old == "forbidden" => new,
            (Some(old), _) => old,
            (None, Some(new)) => new,
            (None, None) => "unknown".into(),
        };
        Self {
            reason,
            message: error.message,
        }
    }

    fn is_dead_sync_token(&self) -> bool {
        // The one place where Google gives no reason of its own, only a sentence (GOOGLE.md 4.2).
        self.message
            .trim_end_matches('.')
            .eq_ignore_ascii_case("Invalid sync token value")
            || self.reason == "invalidSyncToken"
    }
}

/// Keeps of a foreign word what may stand in a log line: letters, digits, `_`, at most 64.
pub(crate) fn plain(word: &str) -> String {
    word.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(64)
        .collect()
}

#[cfg(test)]
mod tests;
