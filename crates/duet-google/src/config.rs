//! Which OAuth client Duet is, how its browser sign-in returns, and where Google's endpoints are.
//!
//! Everything is read from environment variables through a function that the caller passes, so that
//! nothing here touches the process environment and every message can be tested as a table.

use secrecy::SecretString;
use url::Url;

/// The path on which both kinds of return arrive.
pub const REDIRECT_PATH: &str = "/oauth2redirect";

const CLIENT_ID_SUFFIX: &str = ".apps.googleusercontent.com";
const DEEP_LINK_PREFIX: &str = "com.googleusercontent.apps.";
const LOOPBACK_PREFIX: &str = "http://127.0.0.1";

/// Google's own endpoints, each replaceable by the variable of the same name.
const ENDPOINTS: [(&str, &str); 4] = [
    (
        "GOOGLE_AUTH_URL",
        "https://accounts.google.com/o/oauth2/v2/auth",
    ),
    ("GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token"),
    ("GOOGLE_REVOKE_URL", "https://oauth2.googleapis.com/revoke"),
    (
        "GOOGLE_CALENDAR_URL",
        "https://www.googleapis.com/calendar/v3",
    ),
];

/// Who Duet is to Google, and where Google is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The OAuth client's id.
    pub client_id: String,
    /// Its secret; "Desktop app" clients are refused without it, iOS-type clients have none.
    pub client_secret: Option<SecretString>,
    /// The consent page, opened in the system browser.
    pub auth_url: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_url: Url,
    /// Where a grant is given back.
    pub revoke_url: Url,
    /// The base of the Calendar API, ending in `/calendar/v3`.
    pub calendar_url: Url,
    /// How the browser hands the answer back to Duet.
    pub redirect: Redirect,
}

/// How the browser hands the answer of the consent page back to Duet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redirect {
    /// A link in the reversed-client-id scheme, which the system hands to Duet.
    DeepLink {
        /// `com.googleusercontent.apps.<id>:/oauth2redirect`, one slash, no authority.
        uri: String,
    },
    /// A listener on 127.0.0.1 that lives for one sign-in.
    Loopback {
        /// The port to listen on; `None` takes any free one, which Google allows.
        port: Option<u16>,
    },
}

impl Redirect {
    /// The scheme to register with the system, where the return is a deep link.
    pub fn scheme(&self) -> Option<&str> {
        match self {
            Self::DeepLink { uri } => uri.split_once(':').map(|(scheme, _)| scheme),
            Self::Loopback { .. } => None,
        }
    }
}

/// What is wrong with the environment, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The client id cannot be one.
    #[error(
        "GOOGLE_CLIENT_ID contains a space or a character that no client id has. Copy the id again \
         from the Google Cloud console; it ends in .apps.googleusercontent.com."
    )]
    ClientId,
    /// There is neither a secret nor an id from which a deep link could be built.
    #[error(
        "No way back from the browser can be chosen: GOOGLE_CLIENT_ID does not end in \
         .apps.googleusercontent.com and no GOOGLE_CLIENT_SECRET is set. For a \"Desktop app\" \
         client set GOOGLE_CLIENT_SECRET; else check the id, or set GOOGLE_REDIRECT_URI."
    )]
    NoRedirect,
    /// The redirect is neither of the two forms that work.
    #[error(
        "GOOGLE_REDIRECT_URI must be com.googleusercontent.apps.<id>:/oauth2redirect (one slash \
         after the colon) or http://127.0.0.1[:port]/oauth2redirect. Correct it, or unset it to \
         let Duet choose."
    )]
    Redirect,
    /// The redirect's scheme belongs to another client; Google would refuse it.
    #[error(
        "GOOGLE_REDIRECT_URI belongs to another client than GOOGLE_CLIENT_ID, so Google would \
         refuse it. For this client it is {expected}."
    )]
    ForeignRedirect {
        /// The deep link that fits the client id.
        expected: String,
    },
    /// An endpoint is not an address.
    #[error("{name} is not a web address. Correct it, or unset it to use Google's own.")]
    BadUrl {
        /// The variable.
        name: &'static str,
        /// What the parser said.
        #[source]
        source: url::ParseError,
    },
    /// An endpoint carries something that must not be in it.
    #[error(
        "{name} may hold neither a user name, nor a password, nor a part after #. Remove it, or \
         unset the variable to use Google's own address."
    )]
    LoadedUrl {
        /// The variable.
        name: &'static str,
    },
    /// An endpoint would send tokens in the clear.
    #[error(
        "{name} must start with https://, because tokens travel there; http:// is accepted only \
         for this computer itself (127.0.0.1). Correct it, or unset it to use Google's own."
    )]
    InsecureUrl {
        /// The variable.
        name: &'static str,
    },
}

impl Config {
    /// Reads the configuration through `get`, which looks a variable up.
    ///
    /// Variables that are unset, empty or blank count as not set. `Ok(None)` means that there is no
    /// `GOOGLE_CLIENT_ID`: connecting then explains how to get one, and offers the demo account.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let read = |name: &str| {
            get(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let Some(client_id) = read("GOOGLE_CLIENT_ID") else {
            return Ok(None);
        };
        if !client_id.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ConfigError::ClientId);
        }
        let client_secret = read("GOOGLE_CLIENT_SECRET").map(SecretString::from);
        let redirect = match read("GOOGLE_REDIRECT_URI") {
            Some(uri) => parse_redirect(&uri, &client_id)?,
            None if client_secret.is_some() => Redirect::Loopback { port: None },
            None => Redirect::DeepLink {
                uri: deep_link_for(&client_id).ok_or(ConfigError::NoRedirect)?,
            },
        };
        let endpoint = |index: usize| {
            let (name, default) = ENDPOINTS[index];
            endpoint(name, read(name).as_deref().unwrap_or(default))
        };
        Ok(Some(Self {
            client_id,
            client_secret,
            auth_url: endpoint(0)?,
            token_url: endpoint(1)?,
            revoke_url: endpoint(2)?,
            calendar_url: endpoint(3)?,
            redirect,
        }))
    }

    /// The issuer that answers of the consent page may name (RFC 9207): the origin of the page.
    pub fn issuer(&self) -> String {
        self.auth_url.origin().ascii_serialization()
    }
}

/// The deep link that belongs to a client id, if the id has Google's form.
///
/// Lower case throughout: URL parsers lower-case schemes, and the system's registry compares them
/// byte by byte.
fn deep_link_for(client_id: &str) -> Option<String> {
    let id = client_id
        .strip_suffix(CLIENT_ID_SUFFIX)?
        .to_ascii_lowercase();
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (!id.is_empty() && id.bytes().all(legal))
        .then(|| format!("{DEEP_LINK_PREFIX}{id}:{REDIRECT_PATH}"))
}

fn parse_redirect(uri: &str, client_id: &str) -> Result<Redirect, ConfigError> {
    if let Some(rest) = uri.strip_prefix(LOOPBACK_PREFIX) {
        let port = rest
            .strip_suffix(REDIRECT_PATH)
            .ok_or(ConfigError::Redirect)?;
        if port.is_empty() {
            return Ok(Redirect::Loopback { port: None });
        }
        let digits = port.strip_prefix(':').ok_or(ConfigError::Redirect)?;
        // `u16::from_str` would also take "+80".
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ConfigError::Redirect);
        }
        return match digits.parse() {
            Ok(0) | Err(_) => Err(ConfigError::Redirect),
            Ok(port) => Ok(Redirect::Loopback { port: Some(port) }),
        };
    }
    if !uri.starts_with(DEEP_LINK_PREFIX) || !uri.ends_with(&format!(":{REDIRECT_PATH}")) {
        return Err(ConfigError::Redirect);
    }
    match deep_link_for(client_id) {
        Some(expected) if expected == uri => Ok(Redirect::DeepLink { uri: expected }),
        Some(expected) => Err(ConfigError::ForeignRedirect { expected }),
        None => Err(ConfigError::NoRedirect),
    }
}

fn endpoint(name: &'static str, value: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(value).map_err(|source| ConfigError::BadUrl { name, source })?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(ConfigError::LoadedUrl { name });
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(ConfigError::InsecureUrl { name }),
    }
}

/// Does the address name this computer itself?
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "123-abc.apps.googleusercontent.com";

    fn read(pairs: &[(&str, &str)]) -> Result<Option<Config>, ConfigError> {
        Config::from_env(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_a_client_id_there_is_no_configuration() {
        assert!(read(&[]).unwrap().is_none());
        assert!(
            read(&[("GOOGLE_CLIENT_ID", "  "), ("GOOGLE_TOKEN_URL", "nonsense")])
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn google_is_the_default() {
        let config = read(&[("GOOGLE_CLIENT_ID", ID)]).unwrap().unwrap();
        assert_eq!(
            config.token_url.as_str(),
            "https://oauth2.googleapis.com/token"
        );
        assert_eq!(
            config.calendar_url.as_str(),
            "https://www.googleapis.com/calendar/v3"
        );
        assert_eq!(config.issuer(), "https://accounts.google.com");
    }

    #[test]
    fn the_redirect_follows_the_client_type() {
        let deep = |uri: &str| Some(Redirect::DeepLink { uri: uri.into() });
        let loopback = |port| Some(Redirect::Loopback { port });
        let own = "com.googleusercontent.apps.123-abc:/oauth2redirect";
        // (secret, GOOGLE_REDIRECT_URI, what is chosen; None = an error)
        let cases: &[(&str, &str, Option<Redirect>)] = &[
            ("", "", deep(own)),
            ("s", "", loopback(None)),
            ("s", own, deep(own)),
            ("", own, deep(own)),
            ("", "http://127.0.0.1/oauth2redirect", loopback(None)),
            (
                "s",
                "http://127.0.0.1:8123/oauth2redirect",
                loopback(Some(8123)),
            ),
            (
                "s",
                "http://127.0.0.1:80/oauth2redirect",
                loopback(Some(80)),
            ),
            ("s", "http://127.0.0.1:0/oauth2redirect", None),
            ("s", "http://127.0.0.1:+80/oauth2redirect", None),
            ("s", "http://127.0.0.1:99999/oauth2redirect", None),
            ("s", "http://127.0.0.1.evil.example/oauth2redirect", None),
            ("s", "http://127.0.0.1:80@evil.example/oauth2redirect", None),
            ("s", "http://localhost:8123/oauth2redirect", None),
            ("s", "http://127.0.0.1:8123/other", None),
            ("s", "http://127.0.0.1:8123/oauth2redirect?x=1", None),
            (
                "",
                "com.googleusercontent.apps.123-abc://oauth2redirect",
                None,
            ),
            (
                "",
                "com.googleusercontent.apps.999-zzz:/oauth2redirect",
                None,
            ),
            ("", "duet://oauth2redirect", None),
            ("", "https://example.com/oauth2redirect", None),
        ];
        for (secret, uri, expect) in cases {
            let got = read(&[
                ("GOOGLE_CLIENT_ID", ID),
                ("GOOGLE_CLIENT_SECRET", secret),
                ("GOOGLE_REDIRECT_URI", uri),
            ]);
            let got = got.ok().flatten().map(|config| config.redirect);
            assert_eq!(got, *expect, "secret {secret:?}, redirect {uri:?}");
        }
    }

    #[test]
    fn an_id_of_another_form_needs_help() {
        let error = read(&[("GOOGLE_CLIENT_ID", "my-client")]).unwrap_err();
        assert!(matches!(error, ConfigError::NoRedirect), "{error}");
        let error = read(&[("GOOGLE_CLIENT_ID", "my client")]).unwrap_err();
        assert!(matches!(error, ConfigError::ClientId), "{error}");
        let odd = [
            ("GOOGLE_CLIENT_ID", "my-client"),
            ("GOOGLE_CLIENT_SECRET", "s"),
        ];
        assert!(
            read(&odd).unwrap().is_some(),
            "with a secret the loopback listener serves any id"
        );
    }

    #[test]
    fn endpoints_are_https_or_this_computer() {
        let cases = [
            ("https://example.com/token", true),
            ("http://127.0.0.1:4000/token", true),
            ("http://localhost:4000/token", true),
            ("http://[::1]:4000/token", true),
            ("http://example.com/token", false),
            ("http://127.0.0.1.evil.example/token", false),
            ("https://user:pw@example.com/token", false),
            ("https://example.com/token#x", false),
            ("ftp://example.com/token", false),
            ("data:text/html,hello", false),
            ("token", false),
        ];
        for (value, fine) in cases {
            let got = read(&[("GOOGLE_CLIENT_ID", ID), ("GOOGLE_TOKEN_URL", value)]);
            assert_eq!(got.is_ok(), fine, "{value}");
            if let Err(error) = got {
                let words = error.to_string();
                assert!(
                    words.starts_with("GOOGLE_TOKEN_URL"),
                    "names the variable: {words}"
                );
                assert!(
                    !words.contains(value),
                    "a wrong address may hold a secret: {words}"
                );
            }
        }
    }

    #[test]
    fn the_secret_does_not_print() {
        let pairs = [
            ("GOOGLE_CLIENT_ID", ID),
            ("GOOGLE_CLIENT_SECRET", "DUETCANARY-secret"),
        ];
        let config = read(&pairs).unwrap().unwrap();
        assert!(!format!("{config:?}").contains("DUETCANARY"));
    }
}
