//! What a reader remembers between two commits.

use duet_model::account::Account;
use duet_model::calendar::Calendar;
use duet_model::event::EventKey;
use duet_model::settings::Settings;

use crate::error::StoreError;
use crate::table::event_state::EventState;
use crate::views::event_doubts::EventDoubt;

/// What a connection read in a snapshot and may use again as long as nothing was committed: every
/// view needs all calendars, and 250 of them take longer to read than the events of a week; and each
/// question, however small, goes to the database's thread and back.
#[derive(Default)]
pub(crate) struct Memo {
    /// SQLite's count of the commits of others, as the connection sees it.
    version: Option<i64>,
    pub(super) settings: Option<Settings>,
    pub(super) accounts: Option<Vec<Account>>,
    pub(super) calendars: Option<Vec<Calendar>>,
    pub(super) event_states: Option<Vec<EventState>>,
    pub(super) event_doubts: Option<Vec<EventDoubt>>,
    pub(super) hidden_events: Option<Vec<EventKey>>,
}

/// What is remembered, or else is read and remembered.
pub(super) async fn remembered<T: Clone>(
    place: &mut Option<T>,
    read: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match place {
        Some(known) => Ok(known.clone()),
        None => Ok(place.insert(read.await?).clone()),
    }
}

impl Memo {
    /// A snapshot begins at this version: what belongs to another one is forgotten.
    pub(crate) fn hold_for(&mut self, version: i64) {
        if self.version != Some(version) {
            *self = Self {
                version: Some(version),
                ..Self::default()
            };
        }
    }
}
