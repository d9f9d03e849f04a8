//! One write transaction: begun at once, committed or rolled back as a whole, and announced when
//! it is committed. What can be written is told by the tables.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::connect::Pen;
use crate::error::{StoreError, is_busy};
use crate::store::Shared;

/// How often SQLite's five seconds of waiting are asked for before the caller is told. SQLite's
/// waiting is not fair between processes: one that commits in a tight loop can starve another for
/// longer than five seconds, and at this point nothing was done that could not be done again.
const BEGIN_TRIES: u32 = 6;

/// A write transaction. Dropping it rolls everything back.
pub struct Tx {
    pen: Option<Pen>,
    shared: Arc<Shared>,
    topics: BTreeSet<Topic>,
    purges: bool,
    lasts: Lasts,
    /// What occurrences repeat of events that are new in this transaction, and of which none are
    /// stored: a first listing brings nothing else.
    pub(crate) fresh: HashMap<EventKey, Fresh>,
}

/// An event that is new in a transaction.
pub(crate) struct Fresh {
    pub(crate) calendar: CalendarId,
    pub(crate) facts: u32,
    pub(crate) title: String,
}

/// When a commit is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// When it returns.
    AtOnce,
    /// With the next one that is there at once, or when the log is copied into the file.
    Later,
}

impl Tx {
    /// Waits for the writer and begins.
    pub(crate) async fn begin(shared: Arc<Shared>, lasts: Lasts) -> Result<Self, StoreError> {
        let pen = shared.writer.take().await?;
        // From here on a cancelled caller rolls back, by Drop.
        let mut tx = Self {
            pen: Some(pen),
            shared,
            topics: BTreeSet::new(),
            purges: false,
            lasts,
            fresh: HashMap::new(),
        };
        if lasts == Lasts::Later {
            sqlx::query("PRAGMA synchronous = NORMAL")
                .execute(tx.conn())
                .await
                .map_err(StoreError::doing("preparing a write"))?;
        }
        let mut tries = 1;
        loop {
            // IMMEDIATE takes the write lock now: a transaction that only took it at its first
            // write could fail half way, when its reads are already out of date.
            match sqlx::query("BEGIN IMMEDIATE").execute(tx.conn()).await {
                Ok(_) => return Ok(tx),
                Err(error) if is_busy(&error) && tries < BEGIN_TRIES => tries += 1,
                Err(source) => {
                    let error = StoreError::doing("beginning a write")(source);
                    if let Some(pen) = tx.pen.take()
                        && tx.lasts == Lasts::AtOnce
                        && !error.ends_connection()
                    {
                        pen.put_back();
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Makes all changes durable, then announces their topics.
    ///
    /// Runs to its end also where the caller stops waiting: what is on the disk is announced, and
    /// what was announced is on the disk.
    ///
    /// # Errors
    /// After an error nothing of the transaction was announced. Where the disk failed it is
    /// unknown whether it is there; the next transaction opens the file anew and will see.
    pub async fn commit(self) -> Result<(), StoreError> {
        match tokio::spawn(self.finish()).await {
            Ok(done) => done,
            Err(source) => Err(StoreError::Interrupted { source }),
        }
    }

    async fn finish(mut self) -> Result<(), StoreError> {
        if let Err(source) = sqlx::query("COMMIT").execute(self.conn()).await {
            let error = StoreError::doing("committing")(source);
            if error.ends_connection() {
                self.pen = None;
            }
            return Err(error);
        }
        let Some(mut pen) = self.pen.take() else {
            return Err(StoreError::Closed);
        };
        if !self.topics.is_empty() {
            self.shared.announce(std::mem::take(&mut self.topics));
        }
        if self.purges {
            self.shared.owe_purge();
        }
        self.shared.purge_if_owed(&mut pen.conn).await;
        // Who comes next relies on it; where it fails, they open the file anew.
        if self.lasts == Lasts::AtOnce
            || sqlx::query("PRAGMA synchronous = FULL")
                .execute(&mut pen.conn)
                .await
                .is_ok()
        {
            pen.put_back();
        }
        Ok(())
    }

    /// The connection that the transaction runs on.
    pub(crate) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self
            .pen
            .as_mut()
            .expect("only commit and Drop give the writer back")
            .conn
    }

    /// To be announced after the commit.
    pub(crate) fn touch(&mut self, topic: Topic) {
        self.topics.insert(topic);
    }

    /// After the commit, wipe what was deleted from the log and the free pages as well.
    pub(crate) fn purge_after_commit(&mut self) {
        self.purges = true;
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        // Of one that lasts later the connection is closed, which rolls back as well: the next
        // commit is to be there at once.
        if let Some(pen) = self.pen.take()
            && self.lasts == Lasts::AtOnce
        {
            pen.roll_back();
        }
    }
}
