//! Where tokens rest: the keychain of the system, or, where there is none, records sealed with a
//! key that the person provides. Never plain text, and never silently the weaker of the two.

mod keychain;
mod sealed;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use duet_app::host::{TokenVault, VaultError};
use secrecy::SecretSlice;

pub(crate) use keychain::Keychain;
pub(crate) use sealed::{KeyError, SealedVault};

use crate::environment::Environment;

/// The vault that the environment asks for (INTERFACES.md: `DUET_KEYCHAIN`, `TOKEN_ENCRYPTION_KEY`).
///
/// Where it cannot be had, every use of it says why: what needs no key, like reading, goes on.
pub(crate) fn open(environment: &Environment) -> Arc<dyn TokenVault> {
    choose(environment).unwrap_or_else(|error| {
        let why = error.to_string();
        Arc::new(NoVault(why.trim_end_matches('.').to_owned()))
    })
}

fn choose(environment: &Environment) -> Result<Arc<dyn TokenVault>, KeyError> {
    let sealed = match environment.get("TOKEN_ENCRYPTION_KEY") {
        Some(key) => Some(SealedVault::new(
            sealed_folder(&environment.data_dir),
            &key,
        )?),
        None => None,
    };
    let choice = environment.get("DUET_KEYCHAIN");
    let keychain = || Keychain::of(environment.own_folder_mark());
    match (choice.as_deref(), sealed) {
        (Some("sealed"), Some(sealed)) => Ok(Arc::new(sealed)),
        (Some("sealed"), None) => Err(KeyError::Unset),
        (None | Some("os" | ""), None) => Ok(Arc::new(keychain())),
        (None | Some("os" | ""), Some(sealed)) => Ok(Arc::new(KeychainFirst {
            keychain: keychain(),
            sealed,
        })),
        (Some(other), _) => Err(KeyError::Choice(other.to_owned())),
    }
}

/// No place for keys, and why.
struct NoVault(String);

impl NoVault {
    fn why<T>(&self) -> Result<T, VaultError> {
        Err(VaultError::Other(self.0.clone()))
    }
}

#[async_trait]
impl TokenVault for NoVault {
    async fn get(&self, _key: &str) -> Result<SecretSlice<u8>, VaultError> {
        self.why()
    }

    async fn set(&self, _key: &str, _secret: SecretSlice<u8>) -> Result<(), VaultError> {
        self.why()
    }

    async fn delete(&self, _key: &str) -> Result<(), VaultError> {
        self.why()
    }

    async fn ready(&self) -> Result<(), VaultError> {
        self.why()
    }
}

fn sealed_folder(data_dir: &Path) -> std::path::PathBuf {
    data_dir.join("sealed")
}

/// The keychain, and sealed records only where the session has no keychain at all. A keychain that
/// is locked or that says no is not gone around.
struct KeychainFirst {
    keychain: Keychain,
    sealed: SealedVault,
}

#[async_trait]
impl TokenVault for KeychainFirst {
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError> {
        match self.keychain.get(key).await {
            // The secret may have been sealed on a day when the keychain was not there.
            Err(VaultError::NoService | VaultError::Missing) => self.sealed.get(key).await,
            other => other,
        }
    }

    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError> {
        match self.keychain.set(key, secret.clone()).await {
            Err(VaultError::NoService) => self.sealed.set(key, secret).await,
            Ok(()) => self.sealed.delete(key).await,
            other => other,
        }
    }

    async fn delete(&self, key: &str) -> Result<(), VaultError> {
        let sealed = self.sealed.delete(key).await;
        match self.keychain.delete(key).await {
            Err(VaultError::NoService) => sealed,
            other => other.and(sealed),
        }
    }

    async fn ready(&self) -> Result<(), VaultError> {
        match self.keychain.ready().await {
            Err(VaultError::NoService) => self.sealed.ready().await,
            other => other,
        }
    }
}
