//! The sentences that more than one place says. What happened, what still works, what to do.

use std::sync::Arc;

use duet_store::StoreError;
use duet_sync::host::{TokenVault, VaultError};
use duet_wire::{ErrorCode, WireError};
use secrecy::{ExposeSecret, SecretSlice};

/// Why connecting is not possible without an OAuth client.
pub(crate) const NO_CLIENT: &str = "This copy of Duet has no Google client of its own. Set \
     GOOGLE_CLIENT_ID to a client from your Google Cloud project (the README shows how, step by \
     step), or try the demo account.";

/// A failure with nothing to branch on.
pub(crate) fn failed(message: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::Failed, message)
}

/// The database could not be read or written.
pub(crate) fn store(error: &StoreError) -> WireError {
    tracing::error!(%error, "store");
    failed(format!(
        "Duet could not use its database: {error}. Nothing was changed. `duet doctor` tells more."
    ))
}

/// A vault that cannot be used.
pub(crate) fn vault(error: &VaultError) -> WireError {
    WireError::new(ErrorCode::Keychain, error.words())
}

/// A library's half sentence, made whole.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.trim_end_matches('.').chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// Stores, reads and removes a secret: a keychain that only looks open is found out before a
/// browser opens, and not after.
pub(crate) async fn probe(vault: &Arc<dyn TokenVault>) -> Result<(), VaultError> {
    const KEY: &str = "probe";
    const VALUE: &[u8] = b"duet";
    vault.set(KEY, SecretSlice::from(VALUE.to_vec())).await?;
    let back = vault.get(KEY).await?;
    vault.delete(KEY).await?;
    if back.expose_secret() == VALUE {
        Ok(())
    } else {
        Err(VaultError::Other(
            "it gave back something else than it was given".to_owned(),
        ))
    }
}

/// Keeps an address recognisable for its owner, and useless for a stranger: `a…@example.com`.
pub(crate) fn mask(email: &str) -> String {
    match email.split_once('@') {
        Some((name, host)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}…@{host}")
        }
        None => email.chars().take(1).chain("…".chars()).collect(),
    }
}

/// A sentence with the address in it masked.
pub(crate) fn hide(words: &str, email: &str) -> String {
    words.replace(email, &mask(email))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_keeps_one_letter_and_the_host() {
        for (email, expect) in [
            ("ana@example.com", "a…@example.com"),
            ("@example.com", "…@example.com"),
            ("group", "g…"),
            ("ärger@x.org", "ä…@x.org"),
        ] {
            assert_eq!(mask(email), expect);
        }
        assert_eq!(
            hide("key of ana@example.com.", "ana@example.com"),
            "key of a…@example.com."
        );
    }

    #[test]
    fn half_sentences_become_whole() {
        assert_eq!(sentence("no way back"), "No way back.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), "");
    }
}
