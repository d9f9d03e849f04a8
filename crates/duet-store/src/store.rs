//! The store as a whole: opening and closing, who may write, what changed, and whether the file
//! is sound. The reads are in `snapshot`, the writes in the tables.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use duet_model::event::EventKey;
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{Mutex as AsyncMutex, broadcast};

use crate::backup;
use crate::connect::{Reader, Readers, Writer};
use crate::error::{OpenError, StoreError};
use crate::folder::{self, SetUp};
use crate::schema::{self, Standing};
use crate::table::external_event::write::set_aside;
use crate::table::settings;
use crate::tx::{Lasts, Tx};
use crate::views;

/// How many numbers of events are set aside at once: each time costs a commit.
const NUMBERS_AT_ONCE: i64 = 16_384;

/// How many announcements may wait for a slow receiver before it is told that it missed some.
const ANNOUNCEMENTS: usize = 256;

/// The database of one data folder. Cheap to clone; all clones are the same store.
///
/// Several processes may have the same folder open at once.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
}

/// What all clones, transactions and snapshots of a store share.
pub(crate) struct Shared {
    path: PathBuf,
    pub(crate) readers: Arc<Readers>,
    pub(crate) writer: Writer,
    changes: broadcast::Sender<BTreeSet<Topic>>,
    /// Something was deleted whose traces are still to be wiped.
    purge_owed: AtomicBool,
    /// Numbers that are set aside for events of this process.
    event_numbers: AsyncMutex<Range<i64>>,
    /// SQLite's `data_version` when other processes' commits were last looked for.
    seen_elsewhere: Mutex<Option<i64>>,
}

impl Store {
    /// Opens the database in `dir`, making the folder and the file where they are missing.
    ///
    /// The folder is for the owner alone (0700) and so are the files (0600), whatever they were
    /// before. A database that is not Duet's, newer, damaged or emptied is refused and not changed.
    /// Of an older one a copy is kept, `duet.sqlite3.before-update`, until the next update, or until
    /// an account is removed, of which nothing may be left.
    pub async fn open(dir: &Path) -> Result<Self, OpenError> {
        let path = folder::prepare(dir)?;
        // The common case opens a single connection, which then serves the first reads.
        let readers = Readers::new(&path);
        if look(&readers, &path).await? != Standing::Current {
            set_up(&path).await?;
            if look(&readers, &path).await? != Standing::Current {
                // All that can still be missing is the write-ahead log: SQLite keeps the old mode
                // without a word where the file system has no shared memory for it.
                return Err(OpenError::NoLog { path });
            }
        }
        let shared = Arc::new(Shared {
            readers,
            writer: Writer::new(&path),
            path,
            changes: broadcast::Sender::new(ANNOUNCEMENTS),
            purge_owed: AtomicBool::new(false),
            event_numbers: AsyncMutex::default(),
            seen_elsewhere: Mutex::new(None),
        });
        Ok(Self { shared })
    }

    /// Moves a damaged database and what belongs to it out of the way, into a new folder
    /// `quarantine-N` in `dir`, and returns where it is now. [`Store::open`] then makes a new one.
    ///
    /// Not while a store has this folder open.
    pub fn quarantine(dir: &Path) -> io::Result<PathBuf> {
        folder::quarantine(dir)
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// What every later commit changes. A receiver that lags behind by more than 256 commits is
    /// told so and should read everything again.
    pub fn changes(&self) -> broadcast::Receiver<BTreeSet<Topic>> {
        self.shared.changes.subscribe()
    }

    /// Waits for the one writer and begins a transaction.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Tx::begin(self.shared.clone(), Lasts::AtOnce).await
    }

    /// As [`Store::write`], for what costs nothing but time where a power cut takes it: events that
    /// are listed for the first time are listed again.
    ///
    /// The commit does not wait for the disk. Transactions keep their order: whatever is there after
    /// a power cut, all before it is there too, and every later commit of [`Store::write`] makes this
    /// one durable as well.
    pub async fn write_repeatable(&self) -> Result<Tx, StoreError> {
        Tx::begin(self.shared.clone(), Lasts::Later).await
    }

    /// Sets `count` numbers aside, one after the other, for events of a
    /// [`FirstPage`](crate::FirstPage); answers the first. No event ever has or had them; those that
    /// are not used are lost.
    pub async fn number_events(&self, count: usize) -> Result<EventKey, StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let mut numbers = self.shared.event_numbers.lock().await;
        if numbers.end - numbers.start < count {
            let more = count.max(NUMBERS_AT_ONCE);
            let mut tx = self.write_repeatable().await?;
            let last = set_aside(tx.conn(), more).await?;
            tx.commit().await?;
            *numbers = last - more + 1..last + 1;
        }
        let first = numbers.start;
        numbers.start += count;
        Ok(EventKey(first))
    }

    /// Did another process commit something since this was last asked? If so, all topics are
    /// announced, because it is not known what it was. The first answer is always yes.
    pub async fn notice_elsewhere(&self) -> Result<bool, StoreError> {
        // On the writer's connection only: SQLite counts other connections' commits, and those
        // of this process all happen there.
        let mut pen = self.shared.writer.take().await?;
        let version: i64 = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut pen.conn)
            .await
            .map_err(StoreError::doing("asking for other processes' changes"))?;
        pen.put_back();
        let before = {
            let mut seen = self
                .shared
                .seen_elsewhere
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            seen.replace(version)
        };
        let changed = before != Some(version);
        if changed {
            self.shared.announce(BTreeSet::from([
                Topic::Accounts,
                Topic::Calendars,
                Topic::ExternalBlocks,
                Topic::Events,
                Topic::ManualBlocks,
                Topic::DuetEvents,
                Topic::Outbox,
                Topic::Settings,
            ]));
        }
        Ok(changed)
    }

    /// Could something be written now? Begins a transaction and gives it up.
    ///
    /// # Errors
    /// What keeps it from being written: a file or folder that may only be read, a disk that failed.
    pub async fn try_write(&self) -> Result<(), StoreError> {
        // Beginning is no proof: of a file that may only be read SQLite begins a read instead.
        let mut tx = self.write().await?;
        settings::try_write(tx.conn()).await
    }

    /// Everything that is wrong with the file, one sentence each; empty where all is well. Reads
    /// the whole file.
    pub async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut reader = self.reader().await?;
        reader.begin_snapshot().await?;
        views::integrity::findings(reader.conn()).await
    }

    /// Waits for what is under way and closes all connections; later calls answer
    /// [`StoreError::Closed`]. Without it they close when the last clone is dropped.
    pub async fn close(&self) {
        self.shared.readers.close().await;
        // What a read kept from being wiped can be wiped now, unless another process reads.
        if self.shared.purge_owed.load(Ordering::Acquire)
            && let Ok(mut pen) = self.shared.writer.take().await
        {
            self.shared.purge_if_owed(&mut pen.conn).await;
            pen.put_back();
        }
        // Last, because only the writer may fold the log into the database.
        self.shared.writer.close().await;
    }

    pub(crate) async fn reader(&self) -> Result<Reader, StoreError> {
        self.shared.readers.take().await
    }
}

impl Shared {
    pub(crate) fn announce(&self, topics: BTreeSet<Topic>) {
        // An error only says that nobody listens.
        drop(self.changes.send(topics));
    }

    pub(crate) fn owe_purge(&self) {
        self.purge_owed.store(true, Ordering::Release);
    }

    /// Wipes what deleted rows left behind. `secure_delete` has zeroed them in their pages; here
    /// the free pages go, and the log, which still holds the pages as they were.
    ///
    /// The rows are gone either way, so a failure is logged and made up for after the next
    /// commit: a long read holds the log, or the disk is full.
    pub(crate) async fn purge_if_owed(&self, conn: &mut SqliteConnection) {
        if !self.purge_owed.load(Ordering::Acquire) {
            return;
        }
        if let Err(error) = backup::remove(&self.path) {
            tracing::warn!(%error, "the copy from before the last update still has what was deleted");
            return;
        }
        match purge(conn).await {
            Ok(true) => self.purge_owed.store(false, Ordering::Release),
            Ok(false) => tracing::info!("a read holds the log; it is wiped after the next write"),
            Err(error) => tracing::warn!(%error, "wiping deleted data failed; tried again later"),
        }
    }
}

/// Answers whether the log could be emptied.
async fn purge(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    sqlx::query("VACUUM").execute(&mut *conn).await?;
    let (busy, _log, _done): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(conn)
        .await?;
    Ok(busy == 0)
}

async fn look(readers: &Arc<Readers>, path: &Path) -> Result<Standing, OpenError> {
    // Looking takes several reads. Without the lock, one that began on an empty file could end on
    // another process's finished schema, and take it for a stranger's.
    let _lock = folder::lock(path, SetUp::Watch).await?;
    if folder::is_missing(path)? {
        return Ok(Standing::Behind);
    }
    let mut reader = readers.take().await.map_err(|error| match error {
        StoreError::Sqlite { attempted, source } => {
            OpenError::sqlite(path.to_owned(), attempted, source)
        }
        other => unreachable!("opening a connection fails by SQLite alone, not by {other}"),
    })?;
    match schema::inspect(reader.conn(), path).await {
        // A write was interrupted before there was a log, and only a writer may roll it back.
        Err(error) if error.needs_writer() => Ok(Standing::Behind),
        looked => looked,
    }
}

/// Sets up or migrates, one process at a time: switching to a write-ahead log and migrating are
/// the two things that SQLite's own waiting does not cover.
async fn set_up(path: &Path) -> Result<(), OpenError> {
    let _lock = folder::lock(path, SetUp::Do).await?;
    schema::bring_up_to_date(path).await
}

#[cfg(test)]
mod tests;
