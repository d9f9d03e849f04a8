//! The keychain of the system: Secret Service, macOS Keychain, Windows Credential Manager.
//!
//! Goes through `keyring_core::Entry` over a store of our own, because the `keyring` wrapper keeps a
//! failed start for good (an autostarted Duet is often there before the keychain is). All calls
//! block, so they run off the runtime, one after the other, and give up after ten seconds: an
//! unlock question may wait for a person.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use duet_app::host::{TokenVault, VaultError};
use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret, SecretSlice};
use tokio::sync::Mutex;

/// The name under which a person finds Duet's keys in the keychain.
const SERVICE: &str = "Duet";
const PATIENCE: Duration = Duration::from_secs(10);

/// The keychain. The store behind it is opened on first use, and again after it could not be.
pub(crate) struct Keychain {
    store: Arc<Mutex<Option<Arc<CredentialStore>>>>,
    folder: Option<String>,
}

impl Keychain {
    /// The keychain as the data folder with this mark sees it; the usual folder has none.
    ///
    /// A person has one keychain and may have several data folders, with the same address in two of
    /// them. Without the mark each would overwrite, and on disconnecting withdraw, the other's key.
    pub(crate) fn of(folder: Option<&str>) -> Self {
        Self {
            store: Arc::default(),
            folder: folder.map(str::to_owned),
        }
    }

    /// What a key is called in the keychain.
    fn name(&self, key: &str) -> String {
        match &self.folder {
            Some(mark) => format!("{key} (data folder {mark})"),
            None => key.to_owned(),
        }
    }

    async fn with<T: Send + 'static>(
        &self,
        act: impl FnOnce(&CredentialStore) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, VaultError> {
        let store = Arc::clone(&self.store);
        let work = async move {
            // Held across the call: writes of one item from two threads can land out of order.
            let mut store = store.lock_owned().await;
            tokio::task::spawn_blocking(move || {
                let opened = match store.take() {
                    Some(opened) => opened,
                    None => open_store()?,
                };
                let result = act(opened.as_ref());
                // A connection to a service that went away is not kept: the next call starts anew.
                if !matches!(result, Err(VaultError::NoService | VaultError::Other(_))) {
                    *store = Some(opened);
                }
                result
            })
            .await
            .map_err(|error| VaultError::Other(error.to_string()))?
        };
        tokio::time::timeout(PATIENCE, work)
            .await
            .map_err(|_| VaultError::Timeout)?
    }
}

#[async_trait]
impl TokenVault for Keychain {
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError> {
        let key = self.name(key);
        self.with(move |store| {
            let bytes = entry(store, &key)?
                .get_secret()
                .map_err(|error| classify(&error))?;
            Ok(SecretSlice::from(bytes))
        })
        .await
    }

    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError> {
        let key = self.name(key);
        self.with(move |store| {
            entry(store, &key)?
                .set_secret(secret.expose_secret())
                .map_err(|error| classify(&error))
        })
        .await
    }

    async fn delete(&self, key: &str) -> Result<(), VaultError> {
        let key = self.name(key);
        self.with(move |store| match entry(store, &key)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(classify(&error)),
        })
        .await
    }

    async fn ready(&self) -> Result<(), VaultError> {
        let ask = tokio::task::spawn_blocking(ready);
        tokio::time::timeout(PATIENCE, ask)
            .await
            .map_err(|_| VaultError::Timeout)?
            .map_err(|error| VaultError::Other(error.to_string()))?
    }
}

fn entry(store: &CredentialStore, key: &str) -> Result<Entry, VaultError> {
    store
        .build(SERVICE, key, None)
        .map_err(|error| classify(&error))
}

/// Says what a failure means. "No entry" is only believed of an open keychain: a locked one answers
/// the same, and must not look as if somebody had signed out.
fn classify(error: &Error) -> VaultError {
    match error {
        Error::NoEntry => match ready() {
            Ok(()) => VaultError::Missing,
            Err(why) => why,
        },
        Error::TooLong(..) => VaultError::TooLong,
        Error::NoStorageAccess(_) => match ready() {
            Ok(()) => VaultError::Denied,
            Err(why) => why,
        },
        Error::NoDefaultStore => VaultError::NoService,
        Error::PlatformFailure(_) => match ready() {
            Err(why @ (VaultError::NoService | VaultError::Locked)) => why,
            _ => VaultError::Other(error.to_string()),
        },
        other => VaultError::Other(other.to_string()),
    }
}

#[cfg(target_os = "linux")]
fn open_store() -> Result<Arc<CredentialStore>, VaultError> {
    match zbus_secret_service_keyring_store::Store::new() {
        Ok(store) => Ok(store),
        Err(error) => match ready() {
            Err(why) => Err(why),
            Ok(()) => Err(VaultError::Other(error.to_string())),
        },
    }
}

#[cfg(not(target_os = "linux"))]
fn open_store() -> Result<Arc<CredentialStore>, VaultError> {
    // On macOS and Windows the wrapper's start cannot come too early: the service is the system.
    keyring::store_status().map_err(|_| VaultError::NoService)?;
    keyring_core::get_default_store().ok_or(VaultError::NoService)
}

/// Asks the Secret Service, without a prompt, whether its default collection is there and open.
#[cfg(target_os = "linux")]
fn ready() -> Result<(), VaultError> {
    let bus = zbus::blocking::Connection::session().map_err(|_| VaultError::NoService)?;
    let collection = zbus::blocking::Proxy::new(
        &bus,
        "org.freedesktop.secrets",
        "/org/freedesktop/secrets/aliases/default",
        "org.freedesktop.Secret.Collection",
    )
    .map_err(|_| VaultError::NoService)?;
    match collection.get_property::<bool>("Locked") {
        Ok(false) => Ok(()),
        Ok(true) => Err(VaultError::Locked),
        // A service without a default collection cannot keep anything yet.
        Err(_) => Err(VaultError::NoService),
    }
}

#[cfg(not(target_os = "linux"))]
fn ready() -> Result<(), VaultError> {
    keyring::store_status().map_err(|_| VaultError::NoService)
}

#[cfg(test)]
mod tests {
    use super::Keychain;

    #[test]
    fn each_data_folder_has_names_of_its_own_and_the_usual_one_keeps_its() {
        let key = "refresh-token/ana@example.com";
        let (usual, one, two) = (
            Keychain::of(None).name(key),
            Keychain::of(Some("1")).name(key),
            Keychain::of(Some("2")).name(key),
        );
        assert_eq!(usual, key, "or everybody would have to reconnect");
        assert!(one != two && one != usual && two != usual, "{one}, {two}");
        assert!(
            one.contains("ana@example.com"),
            "whose it is stays readable: {one}"
        );
    }
}
