//! The two switches of a calendar.

use duet_model::account::Account;
use duet_model::calendar::Calendar;
use duet_sync::Nudge;
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::words;

impl App {
    /// Flips a calendar's switches and returns the account's address. A calendar that no longer counts loses its stored times in the
    /// same transaction; one that counts from now on is unknown until the sync that this starts.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] when the account or calendar is not there, [`ErrorCode::Invalid`]
    /// when no account is named and several list the calendar; otherwise when the database cannot
    /// be written.
    pub async fn set_calendar(
        &self,
        account: Option<&str>,
        calendar: &str,
        shown: Option<bool>,
        busy: Option<bool>,
    ) -> Result<String, WireError> {
        let (account, calendar) = self.find_calendar(account, calendar).await?;
        let change = async {
            let mut tx = self.inner.store.write().await?;
            tx.set_switches(calendar.id, shown, busy).await?;
            tx.commit().await
        };
        change.await.map_err(|error| words::store(&error))?;
        if busy.is_some_and(|busy| busy != calendar.busy) {
            self.nudge(Nudge::Selection, Some(account.id));
        }
        Ok(account.email)
    }

    pub(crate) async fn find_calendar(
        &self,
        account: Option<&str>,
        calendar: &str,
    ) -> Result<(Account, Calendar), WireError> {
        let accounts = match account {
            Some(email) => vec![self.account(email).await?],
            None => self
                .inner
                .store
                .accounts()
                .await
                .map_err(|error| words::store(&error))?,
        };
        let mut found = Vec::new();
        for account in accounts {
            let calendar = self
                .inner
                .store
                .calendar_by_google_id(account.id, calendar)
                .await;
            if let Some(calendar) = calendar.map_err(|error| words::store(&error))? {
                found.push((account, calendar));
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some((last, _)), false) => Err(WireError::new(
                ErrorCode::Invalid,
                format!(
                    "Several accounts list this calendar. Say which one you mean, for example \
                     --account {}.",
                    last.email
                ),
            )),
            (None, _) => Err(WireError::new(
                ErrorCode::NotFound,
                format!(
                    "There is no calendar with the id {calendar}. `duet calendars` lists them \
                     with their ids."
                ),
            )),
        }
    }
}
