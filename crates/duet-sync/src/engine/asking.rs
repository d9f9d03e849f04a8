//! Questions to Google that are no sync: they take no lock, may run beside one, and keep nothing but how
//! long Google asks to wait.

use std::future::Future;

use chrono::TimeDelta;
use duet_model::account::{Account, AccountId};

use super::{Background, Engine, Shared};
use crate::decide::{Reader, Trouble, reconnect, still_asked, storage_trouble};
use crate::pull::{Ask, Means, Stop};
use crate::schedule::Remedy;

impl Engine {
    /// The answer, or why there is none as a sentence.
    pub(super) async fn in_words<T>(
        &self,
        asked: impl Future<Output = Result<T, Stop>>,
    ) -> Result<T, String> {
        let asked = tokio::select! {
            biased;
            () = self.shared.cancel.cancelled() => return Err("Duet is shutting down.".to_owned()),
            asked = asked => asked,
        };
        let reader = match self.shared.background {
            Background::On => Reader::Anyone,
            Background::Off => Reader::Terminal,
        };
        asked.map_err(|stop| match stop {
            Stop::Trouble(trouble) => trouble.words(reader),
            Stop::Gone => "The account is no longer there.".to_owned(),
        })
    }
}

impl Shared {
    /// Asks something for an account, under its budget, where it may be asked now. How long Google asks
    /// to wait is noted.
    pub(super) async fn asking<T>(
        &self,
        id: AccountId,
        questions: impl AsyncFnOnce(&Ask<'_>) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        let Some(account) = self.store.account(id).await? else {
            return Err(Stop::Gone);
        };
        self.may_ask(&account)?;
        let client = self.clients.client(&account).await;
        let client = client.map_err(|failure| Trouble {
            code: failure.code,
            message: failure.message,
            remedy: Remedy::Person,
        })?;
        let budget = self.budget(id);
        let means = Means {
            store: &self.store,
            tokens: &self.tokens,
            client,
            budget: &budget,
            clock: &*self.clock,
            entropy: &*self.entropy,
            zones: &self.zones,
            on_progress: &|_| {},
        };
        let asked = questions(&Ask::new(&means, &account)).await;
        if let Err(stop) = &asked {
            self.note_wait(id, stop).await?;
        }
        asked
    }

    fn may_ask(&self, account: &Account) -> Result<(), Trouble> {
        if account.revoked_at.is_some() {
            return Err(reconnect(&account.email));
        }
        match super::actor::wait_left(account, self.clock.now()) {
            Some(_) => Err(still_asked()),
            None => Ok(()),
        }
    }

    /// What Google asks for binds whoever sends next, a sync too.
    async fn note_wait(&self, id: AccountId, stop: &Stop) -> Result<(), Stop> {
        let Stop::Trouble(trouble) = stop else {
            return Ok(());
        };
        let asked = trouble.remedy.asked();
        let Some(asked) = asked.and_then(|asked| TimeDelta::from_std(asked).ok()) else {
            return Ok(());
        };
        let noted = async {
            let mut tx = self.store.write().await?;
            tx.set_wait(id, Some(self.clock.now() + asked)).await?;
            tx.commit().await
        };
        noted.await.map_err(|error: duet_store::StoreError| {
            Stop::Trouble(storage_trouble(error.is_full()))
        })
    }
}
