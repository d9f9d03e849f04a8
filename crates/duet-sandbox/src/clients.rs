//! The two OAuth clients registered at the sandbox, and which redirects each type accepts.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The console's client types that matter to a desktop program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// "Desktop app": loopback redirects on any port, and a secret that is demanded.
    #[default]
    Desktop,
    /// "iOS": the reversed client id as a scheme, one slash after the colon, no secret.
    Ios,
}

/// One registered client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OAuthClient {
    pub(crate) id: &'static str,
    pub(crate) secret: Option<&'static str>,
    pub(crate) kind: ClientKind,
}

const DESKTOP: OAuthClient = OAuthClient {
    id: "sandbox-desktop.apps.googleusercontent.com",
    secret: Some("sandbox-secret"),
    kind: ClientKind::Desktop,
};

const IOS: OAuthClient = OAuthClient {
    id: "sandbox.apps.googleusercontent.com",
    secret: None,
    kind: ClientKind::Ios,
};

impl OAuthClient {
    pub(crate) fn of(kind: ClientKind) -> OAuthClient {
        match kind {
            ClientKind::Desktop => DESKTOP,
            ClientKind::Ios => IOS,
        }
    }

    pub(crate) fn by_id(id: &str) -> Option<OAuthClient> {
        [DESKTOP, IOS].into_iter().find(|client| client.id == id)
    }

    pub(crate) fn accepts_redirect(&self, uri: &str) -> bool {
        match self.kind {
            ClientKind::Desktop => Url::parse(uri).is_ok_and(|url| {
                let loopback = match url.host() {
                    Some(Host::Ipv4(ip)) => ip.is_loopback(),
                    Some(Host::Ipv6(ip)) => ip.is_loopback(),
                    Some(Host::Domain(name)) => name == "localhost",
                    None => false,
                };
                url.scheme() == "http" && loopback && url.fragment().is_none()
            }),
            ClientKind::Ios => {
                let prefix = self.id.trim_end_matches(".apps.googleusercontent.com");
                uri.strip_prefix(&format!("com.googleusercontent.apps.{prefix}:/"))
                    .is_some_and(|path| !path.starts_with('/') && !path.contains('#'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_type_takes_its_own_redirects_only() {
        let cases = [
            (
                ClientKind::Desktop,
                "http://127.0.0.1:4711/oauth2redirect",
                true,
            ),
            (ClientKind::Desktop, "http://127.0.0.1", true),
            (ClientKind::Desktop, "http://[::1]:80/cb/x", true),
            (ClientKind::Desktop, "http://localhost:9", true),
            (ClientKind::Desktop, "https://127.0.0.1/", false),
            (ClientKind::Desktop, "http://127.0.0.1.evil.test/", false),
            (ClientKind::Desktop, "duet://oauth", false),
            (
                ClientKind::Desktop,
                "com.googleusercontent.apps.sandbox-desktop:/x",
                false,
            ),
            (
                ClientKind::Ios,
                "com.googleusercontent.apps.sandbox:/oauth2redirect",
                true,
            ),
            (
                ClientKind::Ios,
                "com.googleusercontent.apps.sandbox://oauth2redirect",
                false,
            ),
            (
                ClientKind::Ios,
                "com.googleusercontent.apps.other:/oauth2redirect",
                false,
            ),
            (ClientKind::Ios, "http://127.0.0.1:1/", false),
            (ClientKind::Ios, "duet://oauth", false),
        ];
        for (kind, uri, expected) in cases {
            assert_eq!(
                OAuthClient::of(kind).accepts_redirect(uri),
                expected,
                "{kind:?} {uri}"
            );
        }
    }
}
