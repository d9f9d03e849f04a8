//! The second half of a sign-in: the exchange, who it is, and storing both at once.

use duet_google::auth::{self, AuthError, Callback, Grant, PendingFlow};
use duet_google::calendar_list;
use duet_google::{Client, Config};
use duet_model::account::{Account, AccountId, Tier};
use duet_store::{NewAccount, StoreError};
use duet_sync::host::token_key;
use duet_sync::{listed_calendar, store_refresh_token, whole_listing};
use duet_wire::connect::ConnectView;

use crate::app::App;
use crate::host::Notice;
use crate::words;

impl App {
    /// Exchanges the code, finds out who signed in, and stores the account. Whatever fails on the
    /// way leaves everything as it was, and says so.
    pub(super) async fn finish(&self, config: &Config, flow: PendingFlow, callback: Callback) {
        self.show(ConnectView::Finishing);
        let wanted = flow.login_hint.clone();
        let view = match self.try_finish(config, flow, callback).await {
            Ok((id, email)) => {
                tracing::info!(account = id.0, "an account was connected");
                self.inner.host.notify(Notice::Reconnected {
                    email: email.clone(),
                });
                self.account_connected(id);
                ConnectView::Done { email }
            }
            Err(why) => {
                tracing::warn!(reconnect = wanted.is_some(), "a sign-in failed");
                ConnectView::Failed { message: why }
            }
        };
        self.show(view);
    }

    async fn try_finish(
        &self,
        config: &Config,
        flow: PendingFlow,
        callback: Callback,
    ) -> Result<(AccountId, String), String> {
        let code = match callback {
            Callback::Granted { code, .. } => code,
            Callback::Refused { error, .. } => return Err(refused(&error)),
        };
        let (expected, asked) = (flow.login_hint.clone(), flow.tier);
        let demo = self.inner.host.demo_running().await.is_some_and(|demo| {
            demo.token_url == config.token_url && demo.client_id == config.client_id
        });
        let client = self
            .client_for(demo)
            .await
            .map_err(|failure| failure.message)?;
        let grant = match auth::exchange(&client, flow, &code).await {
            Ok(grant) => grant,
            Err(error) => return Err(self.not_exchanged(&error, expected.as_deref()).await),
        };
        let (email, listed) = self.identify(&client, &grant).await?;
        if let Some(expected) = expected.filter(|expected| !expected.eq_ignore_ascii_case(&email)) {
            // The stray key is dropped, not withdrawn: that would end this person's connections on
            // all their devices (GOOGLE.md 1.6).
            return Err(format!(
                "You signed in as {email}, but this was to be {expected}. Nothing was changed. \
                 Start again and choose {expected} in the browser, or connect {email} as another \
                 account."
            ));
        }
        let before = self.inner.store.account_by_email(&email).await;
        let before = before.map_err(|error| words::store(&error).message)?;
        if let Some(before) = &before
            && keeps_more(before, asked, grant.tier)
        {
            // Dropped like a stray key: the account's own goes on working.
            return Err(words::fewer(&email, asked, before.tier));
        }
        let id = self
            .store_account(&grant, &email, before.as_ref(), demo, listed)
            .await?;
        Ok((id, email))
    }

    /// Why there is no key. Where boxes were left unticked, also what the account goes on with.
    async fn not_exchanged(&self, error: &AuthError, expected: Option<&str>) -> String {
        let why = words::sentence(&error.to_string());
        let AuthError::MissingScopes { .. } = error else {
            return why;
        };
        let Some(email) = expected else {
            return why;
        };
        match self.inner.store.account_by_email(email).await {
            Ok(Some(account)) if account.revoked_at.is_none() => {
                format!("{why} {}", words::still(&account.email, account.tier))
            }
            _ => why,
        }
    }

    /// Who signed in: the primary calendar's id is the address (GOOGLE.md 1.4), known at every
    /// tier, without asking for more permissions.
    async fn identify(
        &self,
        client: &Client,
        grant: &Grant,
    ) -> Result<(String, calendar_list::ListAnswer), String> {
        let answer = calendar_list::list(client, &grant.access, None)
            .await
            .map_err(|error| {
                format!(
                    "Google accepted the sign-in, but the list of calendars did not come: {error}. \
                 Nothing was stored; try again."
                )
            })?;
        let primary = answer
            .entries
            .iter()
            .find(|entry| entry.primary)
            .ok_or_else(|| {
                "This Google account has no calendar of its own, so there is nothing to connect. \
             Open calendar.google.com with it once, then try again."
                    .to_owned()
            })?;
        Ok((primary.id.clone(), answer))
    }

    /// The key first, then the account: an account without its key would look connected and be
    /// useless, a key without its account is merely overwritten by the next try.
    async fn store_account(
        &self,
        grant: &Grant,
        email: &str,
        before: Option<&Account>,
        demo: bool,
        answer: calendar_list::ListAnswer,
    ) -> Result<AccountId, String> {
        // An account keeps the address it was first stored with, whatever case Google writes today.
        let kept_as = before.map_or(email, |account| &account.email);
        store_refresh_token(&*self.inner.vault, kept_as, &grant.refresh_token)
            .await
            .map_err(|error| words::not_kept(&error))?;
        let now = self.inner.host.now();
        let stored = async {
            let mut tx = self.inner.store.write().await?;
            let id = tx
                .connect_account(NewAccount {
                    email: email.to_owned(),
                    tier: grant.tier,
                    scopes: grant.scopes.clone(),
                    demo,
                    now,
                })
                .await?;
            let listing = whole_listing(&answer);
            let listed: Vec<_> = answer.entries.into_iter().map(listed_calendar).collect();
            let token = answer.next_sync_token.as_deref();
            tx.apply_calendar_list(id, &listed, listing, token, now)
                .await?;
            if grant.tier == Tier::Write {
                tx.retry_permitted(id, now).await?;
            }
            tx.commit().await?;
            Ok::<_, StoreError>(id)
        }
        .await;
        match stored {
            Ok(id) => Ok(id),
            Err(error) => {
                // The key of an account that was there before stays: it is the newer one.
                if before.is_none()
                    && let Err(error) = self.inner.vault.delete(&token_key(kept_as)).await
                {
                    tracing::warn!(%error, "an unused key stays in the keychain");
                }
                Err(words::store(&error).message)
            }
        }
    }
}

/// Was less granted than was asked for, while the account works with as much or more? Whoever leaves a
/// box unticked has declined, and loses nothing by it. A key that is withdrawn is better replaced by a
/// lesser one than by none.
fn keeps_more(before: &Account, asked: Tier, granted: Tier) -> bool {
    let works = before.revoked_at.is_none();
    works && granted < asked && granted <= before.tier
}

fn refused(error: &str) -> String {
    match error {
        "access_denied" => "You chose not to give Duet access. Nothing was changed; you can \
                            connect whenever you like."
            .to_owned(),
        "admin_policy_enforced" => "The administrator of this Google account does not allow \
                                    Duet. Nothing was changed; ask them, or connect another \
                                    account."
            .to_owned(),
        other => format!(
            "Google ended the sign-in ({other}). Nothing was changed; try again, and if it stays \
             so, `duet doctor` shows what Duet is set up with."
        ),
    }
}
