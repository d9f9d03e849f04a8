//! "Sync now", waited for: the command line's `sync`.

use chrono::{DateTime, Utc};
use duet_model::account::AccountId;
use duet_model::zones::Zone;
use duet_sync::{Background, SyncNowError};
use duet_wire::status::{AccountReport, SyncReport};
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::words;

impl App {
    /// Syncs one account, or all, and tells how it went. Safe beside a running window: one of the
    /// two waits for the other.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] for an account that is not connected, [`ErrorCode::Busy`] when
    /// another Duet keeps syncing; that an account fails is part of the report.
    pub async fn sync_now(
        &self,
        account: Option<&str>,
        full: bool,
    ) -> Result<SyncReport, WireError> {
        let ids = self.ids(account).await?;
        let synced = self.engine(Background::Off).sync_now(&ids, full).await;
        self.report_on(synced)
    }

    /// Sends what waits to be written to one account, or to all, and tells how it went. Looks for
    /// nothing else.
    ///
    /// # Errors
    /// As [`App::sync_now`].
    pub async fn push_now(&self, account: Option<&str>) -> Result<SyncReport, WireError> {
        let ids = self.ids(account).await?;
        let pushed = self.engine(Background::Off).push_now(&ids).await;
        self.report_on(pushed)
    }

    async fn ids(&self, account: Option<&str>) -> Result<Vec<AccountId>, WireError> {
        Ok(match account {
            Some(email) => vec![self.account(email).await?.id],
            None => Vec::new(),
        })
    }

    fn report_on(&self, synced: Result<SyncReport, SyncNowError>) -> Result<SyncReport, WireError> {
        let (zone, now) = (self.zone(), self.inner.host.now());
        let told = |mut report: SyncReport| {
            for account in &mut report.accounts {
                tell_the_wait(account, &zone, now);
            }
            report
        };
        synced.map(told).map_err(|error| match error {
            SyncNowError::Busy => WireError::new(ErrorCode::Busy, error.to_string()),
            SyncNowError::Store(error) => words::store(&error),
            other => words::failed(words::sentence(&other.to_string())),
        })
    }
}

/// Where Google asked to be left alone, what helps is to know until when.
fn tell_the_wait(report: &mut AccountReport, zone: &Zone, now: DateTime<Utc>) {
    let Some(until) = report.wait_until.filter(|until| *until > now) else {
        return;
    };
    let (today, wall) = (zone.to_wall(now).date(), zone.to_wall(until));
    let form = if wall.date() == today {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    report.error = Some(format!(
        "Google asked Duet to wait until {}. What is already here stays visible; run `duet sync` \
         again after that.",
        wall.format(form)
    ));
}
