//! Disconnecting, and what follows a connect.

use duet_google::auth::{self, RefreshToken};
use duet_model::account::{Account, AccountId};
use duet_sync::Nudge;
use duet_sync::host::{VaultError, token_key};
use duet_wire::duet_event::WaitingView;
use duet_wire::{ErrorCode, WireError};
use secrecy::{ExposeSecret, SecretSlice};

use crate::app::App;
use crate::host::Notice;
use crate::words;

impl App {
    /// The connected account with that address.
    pub(crate) async fn account(&self, email: &str) -> Result<Account, WireError> {
        self.inner
            .store
            .account_by_email(email)
            .await
            .map_err(|error| words::store(&error))?
            .ok_or_else(|| {
                WireError::new(
                    ErrorCode::NotFound,
                    format!("{email} is not connected. `duet accounts` lists those that are."),
                )
            })
    }

    /// What would be lost if an account were removed: the changes that wait to be sent to it.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is not connected; otherwise when the database cannot be read.
    pub async fn lost_with(&self, email: &str) -> Result<Vec<WaitingView>, WireError> {
        let account = self.account(email).await?;
        let mut waiting = self.waiting().await?;
        waiting.retain(|change| change.account == account.email);
        Ok(waiting)
    }

    /// Removes an account and everything that came from it. With `revoke`, Duet's permission at
    /// Google is then withdrawn, which also ends it for the person's other devices.
    ///
    /// Returns a sentence when the account is gone here but Google could not be told.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when it is not connected; otherwise when the database cannot be
    /// written, and then nothing was removed.
    pub async fn disconnect(&self, email: &str, revoke: bool) -> Result<Option<String>, WireError> {
        let account = self.account(email).await?;
        let key = token_key(&account.email);
        let token = self.inner.vault.get(&key).await;
        // Here first: nothing can run for the account any more when Google is told, and nobody
        // waits for Google to see it gone.
        self.forget_account(account.id);
        // What others shared with this account is no longer to be used.
        self.inner.people.lock().await.clear();
        let removal = async {
            let mut tx = self.inner.store.write().await?;
            tx.remove_account(account.id).await?;
            tx.commit().await
        };
        removal.await.map_err(|error| words::store(&error))?;
        tracing::info!(
            account = account.id.0,
            revoke,
            "an account was disconnected"
        );
        self.inner.host.notify(Notice::Reconnected {
            email: account.email.clone(),
        });
        let kept = match self.inner.vault.delete(&key).await {
            Ok(()) | Err(VaultError::Missing) => None,
            Err(error) => {
                tracing::warn!(%error, "the key of a removed account stays in the keychain");
                Some(format!(
                    "{email} is disconnected, but its key could not be removed from the keychain \
                     ({error}). Remove it there yourself: it is the entry of Duet with that address."
                ))
            }
        };
        let told = if revoke {
            self.revoke(&account, token).await
        } else {
            None
        };
        Ok(match (told, kept) {
            (Some(told), Some(kept)) => Some(format!("{told} {kept}")),
            (told, kept) => told.or(kept),
        })
    }

    /// Withdraws the permission; `Some` is what to tell the person when that did not work.
    async fn revoke(
        &self,
        account: &Account,
        token: Result<SecretSlice<u8>, VaultError>,
    ) -> Option<String> {
        let by_hand = "You can withdraw it yourself at myaccount.google.com, under Security, \
                       third-party access.";
        let token = match token {
            Ok(bytes) => String::from_utf8(bytes.expose_secret().to_vec()).ok()?,
            // Without a key there is nothing that could be withdrawn from here.
            Err(VaultError::Missing) => return None,
            Err(error) => {
                return Some(format!(
                    "{} is disconnected here, but Duet's permission at Google stays: {} {by_hand}",
                    account.email,
                    error.words()
                ));
            }
        };
        let client = match self.client_for(account.demo).await {
            Ok(client) => client,
            Err(failure) => return Some(failure.message),
        };
        match auth::revoke(&client, &RefreshToken::new(token)).await {
            Ok(()) => None,
            Err(error) => Some(format!(
                "{} is disconnected here, but Google could not be told: {error}. {by_hand}",
                account.email
            )),
        }
    }

    /// A freshly connected account: its first sync starts at once.
    pub(crate) fn account_connected(&self, id: AccountId) {
        self.nudge(Nudge::Connected, Some(id));
    }
}
