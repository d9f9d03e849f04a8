//! `external_availability_blocks`: busy times from Google, replaced per calendar by difference.

mod diff;

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::topic::Topic;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{json_of, millis_around};
use crate::table::{calendar, statements};
use crate::tx::Tx;

statements! {
    // What shares an instant with the window or touches its start, and everything after it.
    FROM_WINDOW = "SELECT start_at, end_at FROM external_availability_blocks
        WHERE calendar_id = ?1
          AND start_at >= coalesce(
              (SELECT max(start_at) FROM external_availability_blocks
               WHERE calendar_id = ?1 AND start_at <= ?2), ?2)
          AND end_at >= ?2
        ORDER BY start_at";
    DELETE = "DELETE FROM external_availability_blocks
        WHERE calendar_id = ?1 AND start_at IN (SELECT value FROM json_each(?2))";
    INSERT = "INSERT INTO external_availability_blocks (calendar_id, start_at, end_at, source)
        SELECT ?1, value ->> 0, value ->> 1, 'GOOGLE' FROM json_each(?2)";
    // Nothing where nothing is known, or where the result is no longer wanted.
    FORGET = "UPDATE external_calendars SET
            last_synced_at = NULL, covered_from = NULL, covered_until = NULL,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE id = ?1 AND generation = ?2 AND busy = 1
          AND (last_synced_at IS NOT NULL OR covered_from IS NOT NULL
               OR last_error_code IS NOT NULL)";
    CLEAR = "DELETE FROM external_availability_blocks WHERE calendar_id = ?1";
    COUNT = "SELECT count(*) FROM external_availability_blocks";
}

/// What a replacement changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Blocks that were not there before. A block whose end moved counts as removed and added.
    pub added: usize,
    /// Blocks that are no longer there.
    pub removed: usize,
    /// The calendar is gone, no longer counts, or is of another generation: nothing was written.
    pub unwanted: bool,
}

impl Tx {
    /// Makes `busy`, in any order, what is known of a calendar for the whole of `window`.
    ///
    /// What `busy` says of the time outside the window is ignored, as nobody asked about it.
    /// What was known of the time before the window stays, as history; what was known of the time
    /// after it goes, because nobody vouches for it any more. Blocks that overlap or touch are
    /// joined. Only differences are written, and where there are none, nothing is: then
    /// [`Tx::stamp_checked`] is what notes that the calendar was checked.
    pub async fn replace_blocks(
        &mut self,
        id: CalendarId,
        generation: i64,
        window: Interval,
        busy: &[Interval],
        now: DateTime<Utc>,
    ) -> Result<Replaced, StoreError> {
        let calendar = calendar::get(self.conn(), id).await?;
        let Some(calendar) = calendar.filter(|it| it.busy && it.generation == generation) else {
            return Ok(Replaced {
                unwanted: true,
                ..Replaced::default()
            });
        };
        let bounds = millis_around(window);
        let stored = from_window(self.conn(), id, bounds).await?;
        let fresh: Vec<(i64, i64)> = busy.iter().copied().map(millis_around).collect();
        let diff = diff::plan(&stored, bounds, &fresh);
        self.apply(id, &diff).await?;

        let covered = extend(calendar.covered, window);
        let news = !diff.is_empty() || calendar.covered != Some(covered);
        if news {
            self.touch(Topic::ExternalBlocks);
        }
        if news || calendar.last_synced_at.is_none() || calendar.last_error.is_some() {
            calendar::set_covered(self.conn(), id, covered, now).await?;
            self.touch(Topic::Calendars);
        }
        Ok(Replaced {
            added: diff.add.len(),
            removed: diff.remove.len(),
            unwanted: false,
        })
    }

    /// Takes out what is stored inside `window` and is not in `busy` any more; what is newly busy does
    /// not come yet, and for which time the calendar is known stays as it is.
    ///
    /// For the middle of a larger change, at the end of which [`Tx::replace_blocks`] is called:
    /// between the two, busy times hold nothing that was not busy before and is not after.
    pub async fn narrow_blocks(
        &mut self,
        id: CalendarId,
        generation: i64,
        window: Interval,
        busy: &[Interval],
    ) -> Result<Replaced, StoreError> {
        let calendar = calendar::get(self.conn(), id).await?;
        if calendar.is_none_or(|it| !it.busy || it.generation != generation) {
            return Ok(Replaced {
                unwanted: true,
                ..Replaced::default()
            });
        }
        let bounds = millis_around(window);
        let stored = from_window(self.conn(), id, bounds).await?;
        let fresh: Vec<(i64, i64)> = busy.iter().copied().map(millis_around).collect();
        let diff = diff::narrow(&stored, bounds, &fresh);
        self.apply(id, &diff).await?;
        if !diff.is_empty() {
            self.touch(Topic::ExternalBlocks);
        }
        Ok(Replaced {
            added: diff.add.len(),
            removed: diff.remove.len(),
            unwanted: false,
        })
    }

    /// Forgets all that free/busy ever said of a calendar, its failures as well: Google has none of
    /// it, and the calendar's events speak for it. False where there was nothing to forget, or the
    /// result is no longer wanted.
    pub async fn forget_blocks(
        &mut self,
        id: CalendarId,
        generation: i64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(FORGET)
            .bind(id.0)
            .bind(generation)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("forgetting when a calendar is busy"))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        clear(self.conn(), id).await?;
        self.touch(Topic::ExternalBlocks);
        self.touch(Topic::Calendars);
        Ok(true)
    }

    async fn apply(&mut self, id: CalendarId, diff: &diff::Diff) -> Result<(), StoreError> {
        // Whole lists travel as one JSON argument: a first sync of thousands of blocks is then two
        // statements, and the text of a statement never depends on data.
        if !diff.remove.is_empty() {
            sqlx::query(DELETE)
                .bind(id.0)
                .bind(json_of(&diff.remove))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("removing busy times that are gone"))?;
        }
        if !diff.add.is_empty() {
            sqlx::query(INSERT)
                .bind(id.0)
                .bind(json_of(&diff.add))
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("storing new busy times"))?;
        }
        Ok(())
    }
}

/// What is stored of a calendar from the start of a window on, a block that ends there included.
async fn from_window(
    conn: &mut SqliteConnection,
    id: CalendarId,
    window: (i64, i64),
) -> Result<Vec<(i64, i64)>, StoreError> {
    sqlx::query_as(FROM_WINDOW)
        .bind(id.0)
        .bind(window.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the busy times of a calendar"))
}

/// All blocks of a calendar go.
pub(super) async fn clear(conn: &mut SqliteConnection, id: CalendarId) -> Result<(), StoreError> {
    sqlx::query(CLEAR)
        .bind(id.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("removing the busy times of a calendar"))
}

pub(crate) async fn count(conn: &mut SqliteConnection) -> Result<u64, StoreError> {
    let count: i64 = sqlx::query_scalar(COUNT)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("counting busy times"))?;
    Ok(count.unsigned_abs())
}

/// What is known after `window` was asked for: history before it stays known where it joins up,
/// and nothing is known after it. In whole milliseconds, as it is stored.
fn extend(covered: Option<Interval>, window: Interval) -> Interval {
    let to_millis =
        |at: DateTime<Utc>| DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at);
    let (start, end) = (to_millis(window.start), to_millis(window.end));
    let start = match covered {
        Some(before) if before.start < start && start <= before.end => before.start,
        _ => start,
    };
    Interval { start, end }
}
