//! Accounts that Duet has not reached lately although their time counts: what was checked last still
//! stands as known for a while, so whoever decides by it is told.

use chrono::{DateTime, Utc};
use duet_model::account::AccountState;
use duet_wire::WireError;
use duet_wire::accounts::{AccountView, CalendarView};

use crate::app::App;
use crate::words;

/// An account whose last sync failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreached {
    /// Its address.
    pub email: String,
    /// When it was last reached; `None`: never.
    pub since: Option<DateTime<Utc>>,
}

impl App {
    /// The accounts that could not be reached when they were last asked, among those whose calendars
    /// count; with `chosen`, by account and Google's id, among those of these calendars.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn unreached(
        &self,
        chosen: Option<&[(String, String)]>,
    ) -> Result<Vec<Unreached>, WireError> {
        let (status, calendars) = self
            .standing()
            .await
            .map_err(|error| words::store(&error))?;
        Ok(unreached(&status.accounts, &calendars, chosen))
    }
}

fn unreached(
    accounts: &[AccountView],
    calendars: &[CalendarView],
    chosen: Option<&[(String, String)]>,
) -> Vec<Unreached> {
    let matters = |account: &AccountView| {
        let mut own = calendars.iter().filter(|it| it.account == account.email);
        match chosen {
            Some(chosen) => own.any(|calendar| {
                calendar.busy
                    && chosen.iter().any(|(email, id)| {
                        *id == calendar.id && email.eq_ignore_ascii_case(&account.email)
                    })
            }),
            // Of one that was never reached not even the calendars are known.
            None => account.last_synced_at.is_none() || own.any(|calendar| calendar.busy),
        }
    };
    accounts
        .iter()
        .filter(|account| account.state != AccountState::Connected && matters(account))
        .map(|account| Unreached {
            email: account.email.clone(),
            since: account.last_synced_at,
        })
        .collect()
}
