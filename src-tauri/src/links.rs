//! Addresses that other programs hand to Duet: untrusted, parsed once, into a short list of deeds.
//!
//! A link never changes data without a click (INTERFACES.md section 3). The OAuth return is passed
//! on as it is; who waits for it decides (`duet_app::signin`).

use url::Url;

/// Longer addresses are not looked at (TRUST T6).
const LONGEST: usize = 2048;

/// What a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Come to the front.
    Open,
    /// Sync now.
    Sync,
    /// Show this account's card; the person clicks Reconnect.
    Reconnect(String),
    /// Show this event or block.
    Event(String),
    /// The return of a sign-in, not looked at yet.
    OAuth(String),
}

/// Reads a link; `None` for everything Duet does not know.
pub(crate) fn parse(text: &str) -> Option<Link> {
    if text.len() > LONGEST || text.chars().any(char::is_control) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    if url.scheme().starts_with("com.googleusercontent.apps.") {
        return (url.path() == "/oauth2redirect").then(|| Link::OAuth(text.to_owned()));
    }
    if url.scheme() != "duet"
        || !url.username().is_empty()
        || url.port().is_some()
        || path_as_written(text) != url.path()
    {
        return None;
    }
    let path: Vec<&str> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    match (url.host_str()?, path.as_slice()) {
        ("open", []) => Some(Link::Open),
        ("sync", []) => Some(Link::Sync),
        ("reconnect", []) => {
            let mut accounts = url.query_pairs().filter(|(key, _)| key == "account");
            let (_, email) = accounts.next()?;
            (accounts.next().is_none() && is_address(&email))
                .then(|| Link::Reconnect(email.into_owned()))
        }
        ("event", [id]) => is_id(id).then(|| Link::Event((*id).to_owned())),
        _ => None,
    }
}

/// The path before the parser resolves `.` and `..` in it: Duet makes no addresses that need it.
fn path_as_written(text: &str) -> &str {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    let end = after_scheme.find(['?', '#']).unwrap_or(after_scheme.len());
    let written = &after_scheme[..end];
    written.find('/').map_or("", |at| &written[at..])
}

/// The link among the arguments of a process, wherever it stands.
pub(crate) fn among<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Option<Link> {
    arguments.into_iter().find_map(parse)
}

/// Does this argument look like an address, even one that Duet does not know?
pub(crate) fn is_url(argument: &str) -> bool {
    Url::parse(argument).is_ok_and(|url| {
        url.scheme() == "duet" || url.scheme().starts_with("com.googleusercontent.apps.")
    })
}

fn is_address(text: &str) -> bool {
    text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
        && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn is_id(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_ask_for_what_they_say_and_nothing_else() {
        let oauth = "com.googleusercontent.apps.123-abc:/oauth2redirect?code=4%2F0A&state=x";
        let long = format!("duet://event/{}", "a".repeat(3000));
        for (text, expect) in [
            ("duet://open", Some(Link::Open)),
            ("duet://open/", Some(Link::Open)),
            ("DUET://sync", Some(Link::Sync)),
            (
                "duet://reconnect?account=ana@example.com",
                Some(Link::Reconnect("ana@example.com".into())),
            ),
            (
                "duet://reconnect?account=ana%40example.com",
                Some(Link::Reconnect("ana@example.com".into())),
            ),
            (
                "duet://event/abc-1_2@3",
                Some(Link::Event("abc-1_2@3".into())),
            ),
            (oauth, Some(Link::OAuth(oauth.into()))),
            (
                "com.googleusercontent.apps.123-abc:/elsewhere?code=1&state=2",
                None,
            ),
            ("duet://reconnect", None),
            ("duet://reconnect?account=a@b.c&account=d@e.f", None),
            ("duet://reconnect?account=no-address", None),
            ("duet://reconnect?account=a%00@b.c", None),
            ("duet://event/../settings", None),
            ("duet://event/%2e%2e/settings", None),
            ("duet://event/./settings", None),
            ("duet://event/a%2Fb", None),
            ("duet://event/", None),
            ("duet://event/a/b", None),
            ("duet://disconnect?account=ana@example.com", None),
            ("duet://user@open", None),
            ("duet://open:80", None),
            ("duet:open", None),
            ("https://example.com", None),
            ("javascript:alert(1)", None),
            ("file:///etc/passwd", None),
            ("duet://open\u{0}", None),
            ("--hidden", None),
            ("", None),
            (&long, None),
        ] {
            assert_eq!(parse(text), expect, "{text:?}");
        }
    }

    #[test]
    fn a_link_is_found_among_other_arguments() {
        assert_eq!(among(["duet", "--hidden", "duet://sync"]), Some(Link::Sync));
        assert_eq!(among(["duet", "--hidden"]), None);
    }
}
