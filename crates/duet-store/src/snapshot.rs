//! The reads. On [`Store`] each is a read of its own; in a [`Snapshot`] they all see the same
//! committed state, which is what a view wants that is put together from several tables.

mod memo;

use chrono::{DateTime, Utc};
use duet_model::account::{Account, AccountId};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::duet_event::{DuetEvent, DuetEventId, Link};
use duet_model::event::{EventId, EventKey};
use duet_model::outbox::Op;
use duet_model::settings::Settings;
use duet_model::when::Interval;

pub(crate) use memo::Memo;
use memo::remembered;

use crate::connect::Reader;
use crate::error::StoreError;
use crate::store::Store;
use crate::table::conflict::{self, Conflict};
use crate::table::event_change::{self, EventChange};
use crate::table::event_quarantine::{self, Quarantined};
use crate::table::event_state::{self, EventState};
use crate::table::external_event::read::{self, StoredEvent, StoredSeries};
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::outbox::{self, Pause};
use crate::table::series_doubt::{self, Unfollowed};
use crate::table::sync_state::SyncState;
use crate::table::{
    account, calendar, duet_event, event_link, external_block, manual_block, settings, sync_state,
};
use crate::views::event_counts::{self, EventCount};
use crate::views::event_doubts::{self, EventDoubt};
use crate::views::occurrences::{self, OccurrenceRow, Title};
use crate::views::range::{self, ExternalBlock};
use crate::views::search::{self, SearchHit};
use crate::views::unanswered;

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

    /// What waits to be written to Google, in the order of sending.
    pub async fn outbox(&self) -> Result<Vec<Op>, StoreError> {
        outbox::all(self.reader().await?.conn()).await
    }

    /// What waits to be written to an account, in the order of sending.
    pub async fn outbox_of(&self, account: AccountId) -> Result<Vec<Op>, StoreError> {
        outbox::of_account(self.reader().await?.conn(), account).await
    }

    /// Until when Google takes no writes of which accounts.
    pub async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        outbox::pauses(self.reader().await?.conn()).await
    }

    /// Where a person and Google changed the same thing at once, by number, newest first.
    pub async fn conflicts(&self) -> Result<Vec<(i64, Conflict)>, StoreError> {
        conflict::all(self.reader().await?.conn()).await
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
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.accounts, account::all(conn)).await
    }

    /// As [`Store::calendars`].
    pub async fn calendars(&mut self) -> Result<Vec<Calendar>, StoreError> {
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.calendars, calendar::all(conn)).await
    }

    /// As [`Store::settings`].
    pub async fn settings(&mut self) -> Result<Settings, StoreError> {
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.settings, settings::get(conn)).await
    }

    /// The blocks made by hand that can have an occurrence in `range`, and perhaps some more: a
    /// week does not wait for the blocks of ten years.
    pub async fn manual_blocks_near(
        &mut self,
        range: Interval,
    ) -> Result<Vec<ManualBlock>, StoreError> {
        manual_block::near(self.reader.conn(), range).await
    }

    /// All of Duet's own events, by start.
    pub async fn duet_events(&mut self) -> Result<Vec<DuetEvent>, StoreError> {
        duet_event::all(self.reader.conn()).await
    }

    /// Duet's own events that can take place in `range`, and perhaps some more: every series is among
    /// them with all its exceptions.
    pub async fn duet_events_near(
        &mut self,
        range: Interval,
    ) -> Result<Vec<DuetEvent>, StoreError> {
        duet_event::near(self.reader.conn(), range).await
    }

    /// One of Duet's own events.
    pub async fn duet_event(&mut self, id: &DuetEventId) -> Result<Option<DuetEvent>, StoreError> {
        duet_event::get(self.reader.conn(), id).await
    }

    /// One of Duet's own events with its exceptions, the master first; nothing where it is gone.
    pub async fn duet_series(&mut self, id: &DuetEventId) -> Result<Vec<DuetEvent>, StoreError> {
        duet_event::series(self.reader.conn(), id).await
    }

    /// Where Duet's own events stand in Google.
    pub async fn links(&mut self) -> Result<Vec<Link>, StoreError> {
        event_link::all(self.reader.conn()).await
    }

    /// Where one of Duet's own events stands in Google.
    pub async fn link(&mut self, event: &DuetEventId) -> Result<Option<Link>, StoreError> {
        event_link::of_event(self.reader.conn(), event).await
    }

    /// The stored events of Google's that are copies of Duet's own, by key: whoever shows both leaves
    /// these out.
    pub async fn hidden_events(&mut self) -> Result<Vec<EventKey>, StoreError> {
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.hidden_events, event_link::hidden(conn)).await
    }

    /// As [`Store::outbox`].
    pub async fn outbox(&mut self) -> Result<Vec<Op>, StoreError> {
        outbox::all(self.reader.conn()).await
    }

    /// As [`Store::conflicts`].
    pub async fn conflicts(&mut self) -> Result<Vec<(i64, Conflict)>, StoreError> {
        conflict::all(self.reader.conn()).await
    }

    /// Those of one event, of a series also those of its exceptions; newest first.
    pub async fn conflicts_of(
        &mut self,
        event: &DuetEventId,
    ) -> Result<Vec<(i64, Conflict)>, StoreError> {
        conflict::of_event(self.reader.conn(), event).await
    }

    /// As [`Store::pauses`].
    pub async fn pauses(&mut self) -> Result<Vec<Pause>, StoreError> {
        outbox::pauses(self.reader.conn()).await
    }

    /// As [`Store::blocks_in`].
    pub async fn blocks_in(&mut self, range: Interval) -> Result<Vec<ExternalBlock>, StoreError> {
        range::blocks_in(self.reader.conn(), range).await
    }

    /// The occurrences of events that share an instant with `range`, by start, whole and not cut to
    /// it, of all calendars that are shown or count; as far as their horizons reach. One without a
    /// length is there where it starts in the range. Whole days that touch the range in any zone on
    /// earth are there: in which one they do is for who looks to say.
    pub async fn occurrences_in(
        &mut self,
        range: Interval,
    ) -> Result<Vec<OccurrenceRow>, StoreError> {
        occurrences::occurrences_in(self.reader.conn(), range).await
    }

    /// Hands out what [`Snapshot::occurrences_in`] gives, in no order, each as soon as it is there and
    /// while the database goes on reading: what is done with the rows takes as long as finding them.
    pub async fn each_occurrence_in(
        &mut self,
        range: Interval,
        each: impl FnMut(OccurrenceRow<Title>),
    ) -> Result<(), StoreError> {
        occurrences::each_occurrence_in(self.reader.conn(), range, each).await
    }

    /// The events of calendars that are shown or count which the person is invited to and has not
    /// answered, each with its stored occurrences in their order.
    pub async fn unanswered(&mut self) -> Result<Vec<(EventKey, Vec<OccurrenceTime>)>, StoreError> {
        unanswered::unanswered(self.reader.conn()).await
    }

    /// One event.
    pub async fn event(&mut self, key: EventKey) -> Result<Option<StoredEvent>, StoreError> {
        read::by_key(self.reader.conn(), key).await
    }

    /// An event of a calendar by Google's id.
    pub async fn event_by_id(
        &mut self,
        calendar: CalendarId,
        id: &EventId,
    ) -> Result<Option<StoredEvent>, StoreError> {
        read::by_id(self.reader.conn(), calendar, id).await
    }

    /// What Google sent for an event, byte for byte.
    pub async fn event_raw(&mut self, key: EventKey) -> Result<Option<String>, StoreError> {
        read::raw(self.reader.conn(), key).await
    }

    /// A master and its exceptions.
    pub async fn series(
        &mut self,
        calendar: CalendarId,
        master: &EventId,
    ) -> Result<StoredSeries, StoreError> {
        read::series(self.reader.conn(), calendar, master).await
    }

    /// Up to `limit` events of a calendar that are not cancelled, by key, from the first above
    /// `after`: for walking through all of them.
    pub async fn event_keys(
        &mut self,
        calendar: CalendarId,
        after: EventKey,
        limit: u32,
    ) -> Result<Vec<EventKey>, StoreError> {
        read::keys(self.reader.conn(), calendar, after, limit).await
    }

    /// The history of a stored event, newest first.
    pub async fn history(&mut self, key: EventKey) -> Result<Vec<EventChange>, StoreError> {
        event_change::of_key(self.reader.conn(), key).await
    }

    /// The history of an event, newest first, also of one that is gone.
    pub async fn history_of(
        &mut self,
        calendar: CalendarId,
        id: &EventId,
    ) -> Result<Vec<EventChange>, StoreError> {
        event_change::of_id(self.reader.conn(), calendar, id).await
    }

    /// Up to `limit` events of shown calendars in whose title, place and people every word of
    /// `text` begins a word, whatever the case and accents; the nearest to `now` first.
    pub async fn search(
        &mut self,
        text: &str,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<SearchHit>, StoreError> {
        search::search(self.reader.conn(), text, limit, now).await
    }

    /// How many events each calendar has that is shown or counts, and how many could not be read.
    pub async fn event_counts(&mut self) -> Result<Vec<EventCount>, StoreError> {
        event_counts::event_counts(self.reader.conn()).await
    }

    /// The events that could not be read, in the order in which they were first seen.
    pub async fn quarantined(&mut self) -> Result<Vec<Quarantined>, StoreError> {
        event_quarantine::all(self.reader.conn()).await
    }

    /// The calendars in which there may be events that nobody can see, by number; the others are not
    /// mentioned.
    pub async fn event_doubts(&mut self) -> Result<Vec<EventDoubt>, StoreError> {
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.event_doubts, event_doubts::event_doubts(conn)).await
    }

    /// The series that are not known altogether, and why: by calendar, then by title.
    pub async fn unfollowed(&mut self) -> Result<Vec<Unfollowed>, StoreError> {
        series_doubt::all(self.reader.conn()).await
    }

    /// The events of a calendar that may take place in `range`, for what lies beyond the stored
    /// occurrences: those that happen once and touch it, whole days with two days to spare on either
    /// side, and every series with its exceptions, whenever it is. As [`Tx::series`] gives them.
    ///
    /// [`Tx::series`]: crate::Tx::series
    pub async fn series_near(
        &mut self,
        calendar: CalendarId,
        range: Interval,
    ) -> Result<Vec<StoredSeries>, StoreError> {
        read::series_near(self.reader.conn(), calendar, range).await
    }

    /// Where the listings of events stopped; nothing of calendars that were never listed.
    pub async fn event_states(&mut self) -> Result<Vec<EventState>, StoreError> {
        let (conn, memo) = self.reader.remembering();
        remembered(&mut memo.event_states, event_state::all(conn)).await
    }
}

#[cfg(test)]
mod tests;
