//! What an actor writes into its account's row, and the times it says there.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::{Account, Failure};
use duet_store::StoreError;
use tokio::time::Instant;

use super::Actor;
use crate::decide::{Reader, still_asked};
use crate::engine::Background;
use crate::pull::try_again_if_busy;
use crate::schedule::Hold;

impl Actor {
    /// Somebody asked while Google wants to be left alone: what was not worth showing now is.
    pub(super) async fn show_the_wait(&self, account: &Account, now: Instant) {
        if self.standing.hold_at(now) != Hold::Asked || account.last_error.is_some() {
            return;
        }
        let trouble = self.standing.trouble.clone().unwrap_or_else(still_asked);
        let failure = Failure {
            code: trouble.code,
            message: trouble.words(Reader::Anyone),
            at: self.shared.clock.now(),
        };
        if let Err(error) = self.record_failure(account, Some(&failure)).await {
            tracing::error!(account = self.id.0, %error, "the wait could not be recorded");
        }
    }

    pub(super) async fn record_success(&self, account: &Account) -> Result<(), StoreError> {
        let (shared, next) = (&self.shared, self.next_for_row(account));
        let now = shared.clock.now();
        try_again_if_busy(&*shared.entropy, || async {
            let mut tx = shared.store.write().await?;
            tx.mark_synced(self.id, now, next).await?;
            tx.commit().await
        })
        .await
    }

    /// False where the account was connected again since the refused key was read.
    pub(super) async fn record_revoked(
        &mut self,
        account: &Account,
        failure: &Failure,
    ) -> Result<bool, StoreError> {
        self.standing.revoked();
        let shared = Arc::clone(&self.shared);
        let (first, now) = try_again_if_busy(&*shared.entropy, || async {
            let mut tx = shared.store.write().await?;
            let first = tx
                .mark_revoked(self.id, account.generation, failure.at, failure.clone())
                .await?;
            let now = tx.account(self.id).await?;
            tx.commit().await?;
            Ok((first, now))
        })
        .await?;
        if first {
            shared.listener.on_reconnect_needed(&account.email);
        }
        Ok(now.is_none_or(|now| now.revoked_at.is_some()))
    }

    pub(super) async fn record_failure(
        &self,
        account: &Account,
        shown: Option<&Failure>,
    ) -> Result<(), StoreError> {
        let (shared, next) = (&self.shared, self.next_for_row(account));
        let wait = self.wait_until();
        try_again_if_busy(&*shared.entropy, || async {
            let mut tx = shared.store.write().await?;
            tx.set_wait(self.id, wait).await?;
            match shown.cloned() {
                Some(failure) => {
                    tx.mark_failed(self.id, failure, self.standing.attempts, next)
                        .await?
                }
                None => tx.set_next_sync(self.id, next).await?,
            };
            tx.commit().await
        })
        .await
    }

    /// The alarm on the wall clock.
    pub(super) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.on_the_wall(self.standing.alarm?)
    }

    /// Until when Google asked to be left alone, on the wall clock.
    pub(super) fn wait_until(&self) -> Option<DateTime<Utc>> {
        self.on_the_wall(self.standing.asked_until?)
    }

    pub(super) fn on_the_wall(&self, at: Instant) -> Option<DateTime<Utc>> {
        let ahead = at.saturating_duration_since(Instant::now());
        TimeDelta::from_std(ahead)
            .ok()
            .map(|ahead| self.shared.clock.now() + ahead)
    }

    /// What the row says is next: an engine that only acts on demand leaves the window's plan alone.
    pub(super) fn next_for_row(&self, account: &Account) -> Option<DateTime<Utc>> {
        match self.shared.background {
            Background::On => self.next_at(),
            Background::Off => account
                .next_sync_at
                .filter(|at| *at > self.shared.clock.now()),
        }
    }
}
