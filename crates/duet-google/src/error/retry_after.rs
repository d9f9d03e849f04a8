//! `Retry-After`: seconds or a date, honoured where present, never required (GOOGLE.md 7.3).

use std::time::Duration;

use chrono::{DateTime, Utc};

/// No answer may silence Duet for longer than a day, whatever it says.
pub const LONGEST: Duration = Duration::from_hours(24);

/// Reads the header's value; dates are taken relative to `now`, a date gone by is no wait at all.
///
/// The caller passes the answer's own `Date` as `now` where there is one: server time compared with
/// server time is right even where this computer's clock is not.
pub fn parse_retry_after(value: &str, now: Option<DateTime<Utc>>) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More digits than fit are a longer wait than we grant, not a mistake.
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let wait = parse_http_date(value)? - now?;
    Some(wait.to_std().unwrap_or_default().min(LONGEST))
}

/// Reads the date form that HTTP servers must send (`Sun, 22 Nov 2026 08:49:37 GMT`).
///
/// The two obsolete forms are not read: a wait in one of them counts as none given.
pub fn parse_http_date(value: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(value.trim())
        .ok()
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_honoured_and_capped() {
        let now = parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT");
        assert!(now.is_some());
        let cases = [
            ("0", Some(0)),
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Sun, 22 Nov 2026 08:02:05 GMT", Some(125)),
            ("Sun, 22 Nov 2026 07:00:00 GMT", Some(0)),
            ("Sun, 22 Nov 2099 07:00:00 GMT", Some(86_400)),
            ("Sunday", None),
            ("-5", None),
            ("1.5", None),
            ("", None),
        ];
        for (value, expect) in cases {
            let got = parse_retry_after(value, now);
            assert_eq!(got, expect.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn a_date_without_a_known_now_says_nothing() {
        assert_eq!(
            parse_retry_after("Sun, 22 Nov 2026 08:02:05 GMT", None),
            None
        );
        assert_eq!(parse_retry_after("7", None), Some(Duration::from_secs(7)));
    }
}
