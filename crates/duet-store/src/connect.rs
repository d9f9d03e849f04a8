//! Connections: how they are set up, the few readers and the one writer. Does not know a table.
//!
//! Duet does not use sqlx's pool. Its waiting is bounded by tokio's clock, so under a paused test
//! clock every acquisition "times out" while SQLite's own thread is still working; and a pool
//! would give the writer's transaction no way to outlive a cancelled caller. What is needed is
//! small: a semaphore with a stack of idle readers, and a mutex around one writer.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::error::StoreError;
use crate::snapshot::Memo;

/// How many reads run at once. Reads are short; more would only cost memory.
pub(crate) const READERS: u32 = 4;

/// Reads only. Rows come over in larger batches, since a range can be thousands of them.
fn reader_options(path: &Path) -> SqliteConnectOptions {
    common_options(path).read_only(true).row_buffer_size(512)
}

/// Reads and writes; every commit is on the disk when it returns, because what a person was told
/// is saved must survive a power cut. Deleted rows are overwritten. WAL mode is not set here: it
/// is a property of the file, and setting it is the one thing that cannot wait for another
/// process, so it is done once, under the set-up lock.
pub(crate) fn writer_options(path: &Path) -> SqliteConnectOptions {
    let options = common_options(path)
        .synchronous(SqliteSynchronous::Full)
        // The end of a listing reads the ids of all that is stored: in batches of 50, each of which
        // waits until somebody is awake to take it, that was a tenth of a first sync.
        .row_buffer_size(1024)
        .pragma("secure_delete", "ON")
        // A full page of events changes more pages than SQLite's two megabytes hold: they would go into
        // the log half done, come back, and go there again. It fills only as far as pages are used.
        .pragma("cache_size", "-16384")
        // A first sync writes a page of events after the other, and most of them touch the same pages of
        // the indexes: those are copied from the log into the file, with two flushes, every 64 MiB.
        .pragma("wal_autocheckpoint", "16384")
        // A first sync leaves a long log; afterwards it is cut back to 4 MiB.
        .pragma("journal_size_limit", "4194304");
    if cfg!(target_os = "macos") {
        return options
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON");
    }
    options
}

fn common_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        // A schema that was tampered with must not call functions with side effects.
        .pragma("trusted_schema", "OFF")
        .pragma("cell_size_check", "ON")
        // A damaged file is an error code that way, not a SIGBUS.
        .pragma("mmap_size", "0")
        // Sorting and VACUUM must not leave calendar data in /tmp.
        .pragma("temp_store", "MEMORY")
        // Statements are never logged: they are fixed texts, and their arguments are private.
        .disable_statement_logging()
}

/// Ends a transaction nobody committed and hands the connection on, or closes it where that is
/// not possible: closing rolls back as well. Drop cannot wait, so this runs as a task of its own.
fn roll_back(mut conn: SqliteConnection, then: impl FnOnce(SqliteConnection) + Send + 'static) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    runtime.spawn(async move {
        match sqlx::query("ROLLBACK").execute(&mut conn).await {
            Ok(_) => then(conn),
            // Also where the transaction had not begun yet; a new connection costs little.
            Err(error) => tracing::debug!(%error, "rolling back by closing"),
        }
    });
}

/// The readers: opened when first needed, kept for the next one.
pub(crate) struct Readers {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<(SqliteConnection, Memo)>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(path: &Path) -> Arc<Self> {
        Arc::new(Self {
            options: reader_options(path),
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(READERS as usize)),
        })
    }

    /// Waits for a free reader.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Reader, StoreError> {
        let permit = self
            .permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_closed| StoreError::Closed)?;
        let idle = self.idle().pop();
        let (conn, memo) = match idle {
            Some(kept) => kept,
            None => {
                let conn = self.options.connect().await;
                let conn = conn.map_err(StoreError::doing("opening the database for reading"))?;
                (conn, Memo::default())
            }
        };
        let home = self.clone();
        Ok(Reader {
            loan: Some(Loan {
                conn,
                memo,
                home,
                permit,
            }),
            in_snapshot: false,
        })
    }

    /// Waits for the reads under way and closes all connections.
    pub(crate) async fn close(&self) {
        let all = self.permits.acquire_many(READERS).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for (conn, _) in idle {
            if let Err(error) = conn.close().await {
                tracing::debug!(%error, "closing a reader");
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(SqliteConnection, Memo)>> {
        // A panic cannot leave a half-changed Vec behind here.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader on loan; goes back when dropped.
pub(crate) struct Reader {
    loan: Option<Loan>,
    in_snapshot: bool,
}

struct Loan {
    conn: SqliteConnection,
    memo: Memo,
    home: Arc<Readers>,
    permit: OwnedSemaphorePermit,
}

impl Reader {
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.loan.as_mut().expect("only Drop ends the loan").conn
    }

    /// From here on every read sees one committed state, until the reader goes back.
    pub(crate) async fn begin_snapshot(&mut self) -> Result<(), StoreError> {
        self.in_snapshot = true;
        sqlx::query("BEGIN")
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("beginning a read"))?;
        // It opens the snapshot, so what it says holds for all that is read in it.
        let version: i64 = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(self.conn())
            .await
            .map_err(StoreError::doing("beginning a read"))?;
        self.remembering().1.hold_for(version);
        Ok(())
    }

    /// The connection, and what it may use again; only within a snapshot.
    pub(crate) fn remembering(&mut self) -> (&mut SqliteConnection, &mut Memo) {
        debug_assert!(self.in_snapshot, "outside of a snapshot nothing stays true");
        let loan = self.loan.as_mut().expect("only Drop ends the loan");
        (&mut loan.conn, &mut loan.memo)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(Loan {
            conn,
            memo,
            home,
            permit,
        }) = self.loan.take()
        else {
            return;
        };
        if !self.in_snapshot {
            home.idle().push((conn, memo));
            return;
        }
        roll_back(conn, move |conn| {
            home.idle().push((conn, memo));
            drop(permit);
        });
    }
}

/// The one writer: opened when first needed. Waiting callers are served in the order they came.
pub(crate) struct Writer {
    options: SqliteConnectOptions,
    slot: Arc<AsyncMutex<Slot>>,
}

/// What the writer's mutex guards.
#[derive(Default)]
struct Slot {
    conn: Option<SqliteConnection>,
    closed: bool,
}

impl Writer {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            options: writer_options(path),
            slot: Arc::default(),
        }
    }

    /// Waits for the writer.
    pub(crate) async fn take(&self) -> Result<Pen, StoreError> {
        let mut slot = self.slot.clone().lock_owned().await;
        if slot.closed {
            return Err(StoreError::Closed);
        }
        let conn = match slot.conn.take() {
            Some(conn) => conn,
            None => self
                .options
                .connect()
                .await
                .map_err(StoreError::doing("opening the database for writing"))?,
        };
        Ok(Pen { conn, slot })
    }

    /// Waits for the transaction under way and closes the connection.
    pub(crate) async fn close(&self) {
        let mut slot = self.slot.lock().await;
        slot.closed = true;
        if let Some(conn) = slot.conn.take()
            && let Err(error) = conn.close().await
        {
            tracing::debug!(%error, "closing the writer");
        }
    }
}

/// The writer's connection, while one caller has it. Dropped without [`Pen::put_back`], the
/// connection closes and the next caller opens another.
pub(crate) struct Pen {
    pub(crate) conn: SqliteConnection,
    slot: OwnedMutexGuard<Slot>,
}

impl Pen {
    /// Leaves the connection, which must not be in a transaction, to the next caller.
    pub(crate) fn put_back(mut self) {
        self.slot.conn = Some(self.conn);
    }

    /// Ends the transaction under way without effect; the next caller waits for that.
    pub(crate) fn roll_back(self) {
        let Self { conn, mut slot } = self;
        roll_back(conn, move |conn| slot.conn = Some(conn));
    }
}
