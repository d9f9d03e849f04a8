//! Opaque page and sync tokens: what the server remembers in the client's hands. Owns the encoding
//! and the rule that a token is bound to a world, an account and a listing.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A position in a listing. `scope` names account, collection and the parameters that must not
/// change; `epoch` the world, so that a token of another run is answered with a full resync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) epoch: u64,
    pub(crate) scope: String,
    /// The change number the listing started at.
    pub(crate) change: u64,
    /// The last sort key handed out; empty for a sync token.
    pub(crate) after: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Page,
    Sync,
}

impl Token {
    pub(crate) fn encode(&self) -> String {
        let kind = match self.kind {
            Kind::Page => "page",
            Kind::Sync => "sync",
        };
        let Token {
            epoch,
            scope,
            change,
            after,
            ..
        } = self;
        let text = format!("{kind}\n{epoch:x}\n{change}\n{scope}\n{after}");
        // Google's page and sync tokens end in a padding that has to be escaped in a query: a client
        // that builds query strings by hand is found out here.
        format!("{}==", URL_SAFE_NO_PAD.encode(text))
    }

    pub(crate) fn decode(text: &str) -> Option<Token> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_suffix("==")?).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(5, '\n');
        let kind = match parts.next()? {
            "page" => Kind::Page,
            "sync" => Kind::Sync,
            _ => return None,
        };
        let epoch = u64::from_str_radix(parts.next()?, 16).ok()?;
        let change = parts.next()?.parse().ok()?;
        let scope = parts.next()?.to_owned();
        let after = parts.next()?.to_owned();
        Some(Token {
            kind,
            epoch,
            scope,
            change,
            after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_was_and_garbage_does_not() {
        let token = Token {
            kind: Kind::Page,
            epoch: 7,
            scope: "ana@example.com events work single".to_owned(),
            change: 42,
            after: "2026\n_id".to_owned(),
        };
        assert_eq!(Token::decode(&token.encode()), Some(token));
        for garbage in ["", "==", "abc==", "Cg==", "CAEQAA"] {
            assert_eq!(Token::decode(garbage), None, "{garbage}");
        }
    }
}
