//! The sentences that more than one place says. What happened, what still works, what to do.

pub(crate) mod changes;
pub(crate) mod conflicts;
pub(crate) mod natural;
pub(crate) mod outbox;
pub(crate) mod plain;
pub(crate) mod reasons;
pub(crate) mod reminders;
pub(crate) mod repeats;
pub(crate) mod times;

use std::sync::Arc;

use duet_model::account::Tier;
use duet_store::StoreError;
use duet_sync::host::{TokenVault, VaultError};
use duet_wire::{ErrorCode, WireError};
use secrecy::{ExposeSecret, SecretSlice};

/// Why connecting is not possible without an OAuth client.
pub(crate) const NO_CLIENT: &str = "This copy of Duet has no Google client of its own. Set \
     GOOGLE_CLIENT_ID to a client from your Google Cloud project (the README shows how, step by \
     step), or try the demo account.";

/// The database may be read and not written.
const READ_ONLY: &str = "Duet may not write to its database, so nothing was changed. What is already \
     here stays visible. See that the data folder and the files in it belong to you and may be \
     written, then try again.";

/// There is no room.
const FULL: &str = "The disk is full, so nothing was changed. What is already here stays visible. Make \
     room, then try again.";

/// A failure with nothing to branch on.
pub(crate) fn failed(message: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::Failed, message)
}

/// The database could not be read or written.
pub(crate) fn store(error: &StoreError) -> WireError {
    tracing::error!(%error, "store");
    if error.is_read_only() {
        return failed(READ_ONLY.to_owned());
    }
    if error.is_full() {
        return failed(FULL.to_owned());
    }
    failed(format!(
        "Duet could not use its database: {error}. Nothing was changed. `duet doctor` tells more."
    ))
}

/// Google granted less than was asked for, and the account keeps what it has.
pub(crate) fn fewer(email: &str, asked: Tier, has: Tier) -> String {
    format!(
        "Google did not give Duet the permission to {}: a box on its page was left unticked. {} To allow \
         it, start again and tick every box.",
        may(asked),
        still(email, has)
    )
}

/// What an account that is left alone goes on with.
pub(crate) fn still(email: &str, has: Tier) -> String {
    format!(
        "Nothing was changed: Duet may still {} of {email}.",
        may(has)
    )
}

/// Google granted less than was asked for, and this is what the account has from now on: what is missing,
/// what works, and how to allow the rest.
pub(crate) fn lesser(email: &str, asked: Tier, has: Tier) -> String {
    let missing = match (asked, has) {
        (Tier::Write, Tier::Read) => "change events",
        (Tier::Write, _) => "read or change events",
        _ => "read events",
    };
    let alone = match asked {
        Tier::Write => {
            " What you plan in Duet stays in Duet, and invitations cannot be answered from here."
        }
        Tier::Read | Tier::Busy => "",
    };
    let word = match asked {
        Tier::Busy => "busy",
        Tier::Read => "read",
        Tier::Write => "write",
    };
    format!(
        "Google did not give Duet the permission to {missing}: a box on its page was left unticked. Duet may \
         {} of {email}.{alone} To allow the rest, run `duet connect --tier {word} --account {email}` and tick \
         every box.",
        may(has)
    )
}

fn may(tier: Tier) -> &'static str {
    match tier {
        Tier::Busy => "see the busy times",
        Tier::Read => "read the events",
        Tier::Write => "read and write the events",
    }
}

/// Why a key could not be kept, for whoever is connecting an account.
pub(crate) fn not_kept(error: &VaultError) -> String {
    match error {
        VaultError::Locked => "The keychain is locked, so Duet has no place for its key. Unlock \
                               it, then connect again."
            .to_owned(),
        VaultError::Denied => "Access to the keychain was refused, so Duet has no place for its \
                               key. Connect again and allow it."
            .to_owned(),
        VaultError::Timeout => "The keychain did not answer. If it shows a question, answer it, \
                                then connect again."
            .to_owned(),
        VaultError::Missing => "The keychain did not keep what Duet stored in it. Connect again; \
                                if it stays so, `duet doctor` tells more."
            .to_owned(),
        VaultError::Other(why) => {
            format!("The keychain failed: {why}. Connect again to try once more.")
        }
        VaultError::NoService | VaultError::TooLong => error.words(),
    }
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
/// browser opens, and not after. One at a time in each process.
pub(crate) async fn probe(vault: &Arc<dyn TokenVault>) -> Result<(), VaultError> {
    const VALUE: &[u8] = b"duet";
    // A name of this process's own: `duet doctor` may run beside a window that connects.
    let key = format!("probe-{}", std::process::id());
    vault.set(&key, SecretSlice::from(VALUE.to_vec())).await?;
    let back = vault.get(&key).await;
    vault.delete(&key).await?;
    if back?.expose_secret() == VALUE {
        Ok(())
    } else {
        Err(VaultError::Other(
            "it gave back something else than it was given".to_owned(),
        ))
    }
}

/// A number of things: `1 minute`, `0 minutes`.
pub(crate) fn count(number: impl TryInto<i64>, thing: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
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
    fn one_is_no_plural() {
        for (number, expect) in [(0, "0 minutes"), (1, "1 minute"), (2, "2 minutes")] {
            assert_eq!(count(number, "minute"), expect);
        }
    }

    #[test]
    fn half_sentences_become_whole() {
        assert_eq!(sentence("no way back"), "No way back.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence(""), "");
    }
}
