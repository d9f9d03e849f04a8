//! The one request that the listener looks at, recognised from its head and nothing else.

use crate::config::REDIRECT_PATH;

/// The target (path and query) of `GET /oauth2redirect` on this listener; `None` for all else.
///
/// The `Host` must be this listener's own address, once: a page that points its own name at
/// 127.0.0.1 (DNS rebinding) sends its own name.
pub(super) fn target(head: &str, port: u16) -> Option<&str> {
    let mut lines = head.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if method != "GET" || words.next().is_some() || !version.starts_with("HTTP/1.") {
        return None;
    }
    let query = target.strip_prefix(REDIRECT_PATH)?;
    if !(query.is_empty() || query.starts_with('?')) {
        return None;
    }
    let mut hosts = lines.filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("host").then(|| value.trim())
    });
    let host = hosts.next()?;
    if hosts.next().is_some() {
        return None;
    }
    // Browsers leave out a port of 80.
    let own = host.strip_prefix("127.0.0.1")?;
    let own = own == format!(":{port}") || (own.is_empty() && port == 80);
    own.then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_request_is_recognised() {
        let good = "GET /oauth2redirect?code=4%2F0A&state=x HTTP/1.1\r\nHost: 127.0.0.1:8123";
        assert_eq!(
            target(good, 8123),
            Some("/oauth2redirect?code=4%2F0A&state=x")
        );
        let cases = [
            (
                "GET /oauth2redirect HTTP/1.1\r\nhost:127.0.0.1:8123\r\nA: b",
                true,
            ),
            (
                "GET /oauth2redirect?x HTTP/1.0\r\nHOST: 127.0.0.1:8123 ",
                true,
            ),
            (
                "POST /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            (
                "HEAD /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            (
                "GET /oauth2redirect2 HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            (
                "GET /oauth2redirect/ HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            (
                "GET //oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            (
                "GET http://127.0.0.1:8123/oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            ("GET /favicon.ico HTTP/1.1\r\nHost: 127.0.0.1:8123", false),
            ("GET /oauth2redirect HTTP/2\r\nHost: 127.0.0.1:8123", false),
            (
                "GET /oauth2redirect a HTTP/1.1\r\nHost: 127.0.0.1:8123",
                false,
            ),
            ("GET /oauth2redirect", false),
            ("", false),
            ("GET /oauth2redirect HTTP/1.1", false),
            (
                "GET /oauth2redirect HTTP/1.1\r\nHost: evil.example:8123",
                false,
            ),
            (
                "GET /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1.evil.example:8123",
                false,
            ),
            (
                "GET /oauth2redirect HTTP/1.1\r\nHost: localhost:8123",
                false,
            ),
            (
                "GET /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:9999",
                false,
            ),
            ("GET /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1", false),
            (
                "GET /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1:8123\r\nHost: evil.example",
                false,
            ),
        ];
        for (head, ours) in cases {
            assert_eq!(target(head, 8123).is_some(), ours, "{head:?}");
        }
        let bare = "GET /oauth2redirect HTTP/1.1\r\nHost: 127.0.0.1";
        assert!(
            target(bare, 80).is_some(),
            "browsers leave out the usual port"
        );
    }
}
