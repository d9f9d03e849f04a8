//! Reading what came back from the browser. Untrusted: any page and any program can send it.
//!
//! Nothing is believed here but the form. Whether the answer belongs to a sign-in of ours is decided
//! by [`super::PendingFlows::take`].

use secrecy::SecretString;
use url::form_urlencoded;

use super::flow::FlowId;
use crate::config::{Config, REDIRECT_PATH, Redirect};

/// The longest address that is looked at. Google's are about 300 bytes long.
pub const LONGEST: usize = 2048;

/// A well-formed answer of the consent page.
#[derive(Debug)]
pub enum Callback {
    /// The person agreed.
    Granted {
        /// To be exchanged, once.
        code: SecretString,
        /// Which sign-in it answers.
        state: SecretString,
        /// What the address says was granted. Informative; the token reply decides.
        scope: Option<String>,
        /// The address without its query, as it arrived.
        redirect_uri: String,
    },
    /// The person said no, or Google did.
    Refused {
        /// Google's word for it, such as `access_denied`: letters, digits and `_` only.
        error: String,
        /// Which sign-in it answers.
        state: SecretString,
        /// The address without its query, as it arrived.
        redirect_uri: String,
    },
}

impl Callback {
    /// Which sign-in it claims to answer.
    pub fn state(&self) -> &SecretString {
        match self {
            Self::Granted { state, .. } | Self::Refused { state, .. } => state,
        }
    }

    /// Where it arrived.
    pub fn redirect_uri(&self) -> &str {
        match self {
            Self::Granted { redirect_uri, .. } | Self::Refused { redirect_uri, .. } => redirect_uri,
        }
    }
}

/// Why an address is no answer of the consent page. It is never quoted: it may hold a code.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Longer than [`LONGEST`].
    #[error("the returned address is too long")]
    TooLong,
    /// Control characters, spaces or non-ASCII, in it or hidden by percent-encoding.
    #[error("the returned address holds characters that do not belong there")]
    Characters,
    /// Not an address, or not the one that was registered.
    #[error("the returned address is not the one Duet waits for")]
    OtherAddress,
    /// A parameter stands in it twice.
    #[error("the returned address says something twice")]
    Duplicate,
    /// No state.
    #[error("the returned address does not say which sign-in it answers")]
    NoState,
    /// Neither a code nor an error, or both.
    #[error("the returned address is neither a yes nor a no")]
    NoAnswer,
    /// Another authorisation server speaks.
    #[error("the returned address names another issuer than Google")]
    OtherIssuer,
}

/// Reads an address that arrived by deep link or at the listener.
pub fn parse_callback(url: &str, config: &Config) -> Result<Callback, CallbackError> {
    if url.len() > LONGEST {
        return Err(CallbackError::TooLong);
    }
    if !url.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CallbackError::Characters);
    }
    // Compared as text and before any URL parser: parsers fold `/x/../`, `0x7f.1` and letter case
    // into the address that was registered, and only that very address is ever sent by Google.
    let (rest, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    // Some browsers leave an empty fragment behind; a filled one is nothing that Google sends.
    if !is_ours(address, &config.redirect) || !fragment.is_empty() {
        return Err(CallbackError::OtherAddress);
    }
    let mut answer = Parameters::default();
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if value
            .chars()
            .any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
        {
            return Err(CallbackError::Characters);
        }
        answer.put(&key, value.into_owned())?;
    }
    if answer
        .iss
        .is_some_and(|iss| iss.trim_end_matches('/') != config.issuer())
    {
        return Err(CallbackError::OtherIssuer);
    }
    let state = answer
        .state
        .filter(|s| !s.is_empty())
        .ok_or(CallbackError::NoState)?
        .into();
    let redirect_uri = address.to_owned();
    match (answer.code.filter(|code| !code.is_empty()), answer.error) {
        (Some(code), None) => Ok(Callback::Granted {
            code: code.into(),
            state,
            scope: answer.scope,
            redirect_uri,
        }),
        (None, Some(error)) => {
            let error = crate::error::classify::plain(&error);
            Ok(Callback::Refused {
                error,
                state,
                redirect_uri,
            })
        }
        _ => Err(CallbackError::NoAnswer),
    }
}

/// Which sign-in a returned address claims to answer, by the name under which it may be logged.
///
/// For a second process that hands the address to the one that waits: it needs neither the client
/// nor the flow. Nothing is proven by it. `None` where the address is too long or carries no single
/// state.
pub fn flow_id_of(url: &str) -> Option<FlowId> {
    if url.len() > LONGEST {
        return None;
    }
    let query = url
        .split_once('#')
        .map_or(url, |(rest, _)| rest)
        .split_once('?')?
        .1;
    let mut states = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == "state");
    match (states.next(), states.next()) {
        (Some((_, state)), None) if !state.is_empty() => Some(FlowId::of_state(&state)),
        _ => None,
    }
}

/// The parameters that mean something here. Others (`authuser`, `hd`, `prompt`) may be there.
#[derive(Default)]
struct Parameters {
    code: Option<String>,
    state: Option<String>,
    scope: Option<String>,
    error: Option<String>,
    iss: Option<String>,
    others: Vec<String>,
}

impl Parameters {
    fn put(&mut self, key: &str, value: String) -> Result<(), CallbackError> {
        let slot = match key {
            "code" => &mut self.code,
            "state" => &mut self.state,
            "scope" => &mut self.scope,
            "error" => &mut self.error,
            "iss" => &mut self.iss,
            other => {
                if self.others.iter().any(|seen| seen == other) {
                    return Err(CallbackError::Duplicate);
                }
                self.others.push(other.to_owned());
                return Ok(());
            }
        };
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(CallbackError::Duplicate),
        }
    }
}

/// Is it exactly the address that was registered, apart from the query?
fn is_ours(address: &str, redirect: &Redirect) -> bool {
    match redirect {
        Redirect::DeepLink { uri } => address == uri,
        Redirect::Loopback { port } => address
            .strip_prefix("http://127.0.0.1:")
            .and_then(|rest| rest.strip_suffix(REDIRECT_PATH))
            .filter(|digits| !digits.starts_with('+'))
            .and_then(|digits| digits.parse::<u16>().ok())
            .is_some_and(|arrived| port.is_none_or(|port| port == arrived)),
    }
}

#[cfg(test)]
mod tests;
