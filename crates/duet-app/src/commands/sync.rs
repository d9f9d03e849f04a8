//! "Sync now", waited for: the command line's `sync`.

use duet_sync::{Background, SyncNowError};
use duet_wire::status::SyncReport;
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
        let ids = match account {
            Some(email) => vec![self.account(email).await?.id],
            None => Vec::new(),
        };
        let synced = self.engine(Background::Off).sync_now(&ids, full).await;
        synced.map_err(|error| match error {
            SyncNowError::Busy => WireError::new(ErrorCode::Busy, error.to_string()),
            SyncNowError::Store(error) => words::store(&error),
            other => words::failed(words::sentence(&other.to_string())),
        })
    }
}
