//! The reads. On [`Store`] each is a read of its own; in a [`Snapshot`] they all see the same
//! committed state, which is what a view wants that is put together from several tables.

use duet_model::account::{Account, AccountId};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::settings::Settings;
use duet_model::when::Interval;

use crate::connect::Reader;
use crate::error::StoreError;
use crate::store::Store;
use crate::table::sync_state::SyncState;
use crate::table::{account, calendar, external_block, manual_block, settings, sync_state};
use crate::views::range::{self, ExternalBlock};

/// Reads that belong together: from the first one on they see one committed state, whatever is
/// committed meanwhile. Drop it soon; while it lives, the log cannot be folded into the database.
pub struct Snapshot {
    reader: Reader,
}

impl Store {
    /// Begins reads that belong together.
    pub async fn read(&self) -> Result<Snapshot, StoreError> {
        let mut reader = self.reader().await?;
        reader.begin_snapshot().await?;
        Ok(Snapshot { reader })
    }

    /// All accounts, in the order they were first connected.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        account::all(self.reader().await?.conn()).await
    }

    /// One account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        account::get(self.reader().await?.conn(), id).await
    }

    /// The account with this address, whatever its case.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        account::by_email(self.reader().await?.conn(), email).await
    }

    /// All calendars: by account, the primary one first, then by name.
    pub async fn calendars(&self) -> Result<Vec<Calendar>, StoreError> {
        calendar::all(self.reader().await?.conn()).await
    }

    /// The calendars of one account, the primary one first, then by name.
    pub async fn calendars_of(&self, account: AccountId) -> Result<Vec<Calendar>, StoreError> {
        calendar::of_account(self.reader().await?.conn(), account).await
    }

    /// One calendar.
    pub async fn calendar(&self, id: CalendarId) -> Result<Option<Calendar>, StoreError> {
        calendar::get(self.reader().await?.conn(), id).await
    }

    /// A calendar of an account by Google's id.
    pub async fn calendar_by_google_id(
        &self,
        account: AccountId,
        google_id: &str,
    ) -> Result<Option<Calendar>, StoreError> {
        calendar::by_google_id(self.reader().await?.conn(), account, google_id).await
    }

    /// Where the account's listings stopped; empty for an account that was never listed.
    pub async fn sync_state(&self, account: AccountId) -> Result<SyncState, StoreError> {
        sync_state::get(self.reader().await?.conn(), account).await
    }

    /// The settings; the defaults where nothing was set yet.
    pub async fn settings(&self) -> Result<Settings, StoreError> {
        settings::get(self.reader().await?.conn()).await
    }

    /// All blocks made by hand, by their first start on the wall clock.
    pub async fn manual_blocks(&self) -> Result<Vec<ManualBlock>, StoreError> {
        manual_block::all(self.reader().await?.conn()).await
    }

    /// One block made by hand.
    pub async fn manual_block(&self, id: &BlockId) -> Result<Option<ManualBlock>, StoreError> {
        manual_block::get(self.reader().await?.conn(), id).await
    }

    /// The external blocks that share at least one instant with `range`, by start, whole and not
    /// cut to it: those of all calendars that are shown or count as busy.
    pub async fn blocks_in(&self, range: Interval) -> Result<Vec<ExternalBlock>, StoreError> {
        range::blocks_in(self.reader().await?.conn(), range).await
    }

    /// How many external blocks are stored.
    pub async fn block_count(&self) -> Result<u64, StoreError> {
        external_block::count(self.reader().await?.conn()).await
    }
}

impl Snapshot {
    /// As [`Store::accounts`].
    pub async fn accounts(&mut self) -> Result<Vec<Account>, StoreError> {
        account::all(self.reader.conn()).await
    }

    /// As [`Store::calendars`].
    pub async fn calendars(&mut self) -> Result<Vec<Calendar>, StoreError> {
        calendar::all(self.reader.conn()).await
    }

    /// As [`Store::settings`].
    pub async fn settings(&mut self) -> Result<Settings, StoreError> {
        settings::get(self.reader.conn()).await
    }

    /// The blocks made by hand that can have an occurrence in `range`, and perhaps some more: a
    /// week does not wait for the blocks of ten years.
    pub async fn manual_blocks_near(
        &mut self,
        range: Interval,
    ) -> Result<Vec<ManualBlock>, StoreError> {
        manual_block::near(self.reader.conn(), range).await
    }

    /// As [`Store::blocks_in`].
    pub async fn blocks_in(&mut self, range: Interval) -> Result<Vec<ExternalBlock>, StoreError> {
        range::blocks_in(self.reader.conn(), range).await
    }
}
