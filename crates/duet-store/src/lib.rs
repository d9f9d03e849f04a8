//! SQLite: the one file in which Duet keeps what it knows, and the only crate that names `sqlx`.
//!
//! - Every change goes through a [`Tx`], of which there is one at a time; what it changed is
//!   announced as topics after the commit, never before and never on a rollback.
//! - Reads run beside it on connections of their own, singly on [`Store`] or together, as one
//!   committed state, in a [`Snapshot`].
//! - Times and ids are arguments; the store reads no clock and makes no random number.
//!
//! Instants are stored as integer milliseconds since the Unix epoch, in UTC. Tokens are not here:
//! they live in the keychain.

mod backup;
mod connect;
mod error;
mod folder;
mod row;
mod schema;
mod snapshot;
mod store;
mod table;
mod tx;
mod views;

pub use error::{OpenError, StoreError};
pub use snapshot::Snapshot;
pub use store::Store;
pub use table::account::NewAccount;
pub use table::calendar_list::{ListChanges, ListedCalendar, Listing};
pub use table::conflict::Conflict;
pub use table::event_change::{ChangeKind, EventChange, Field, FieldChange};
pub use table::event_listing::{EventListing, Finished};
pub use table::event_quarantine::{Quarantined, Unreadable};
pub use table::event_state::{EventState, Horizon, Listed};
pub use table::external_block::Replaced;
pub use table::external_event::body::EventBody;
pub use table::external_event::first::FirstPage;
pub use table::external_event::read::{StoredEvent, StoredSeries};
pub use table::external_event::{NewEvent, PutEvents};
pub use table::external_occurrence::{OccurrenceTime, ReplacedOccurrences};
pub use table::outbox::Pause;
pub use table::series_doubt::Unfollowed;
pub use table::sync_state::SyncState;
pub use tx::Tx;
pub use views::event_counts::EventCount;
pub use views::event_doubts::EventDoubt;
pub use views::occurrences::{OccurrenceRow, Title, occurrence_order};
pub use views::range::ExternalBlock;
pub use views::search::SearchHit;

/// The name of the database inside the data folder.
pub const FILE_NAME: &str = "duet.sqlite3";
