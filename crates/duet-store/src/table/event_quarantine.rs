//! `event_quarantine`: events that could not be read, kept aside with the reason.

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::EventId;
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::event_listing::EventListing;
use crate::table::{event_state, external_event, statements};
use crate::tx::Tx;

const TABLE: &str = "event_quarantine";

/// More of what was sent is not kept: it is there to find the cause, not to be used.
const RAW_BYTES: usize = 64 * 1024;

statements! {
    // Seen again in the same listing, saying the same: nothing is written.
    PUT = "INSERT INTO event_quarantine (calendar_id, google_id, why, seen_at, listing, raw)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (calendar_id, coalesce(google_id, ''), iif(google_id IS NULL, raw, ''))
        DO UPDATE SET
            why = excluded.why, seen_at = excluded.seen_at, listing = excluded.listing,
            raw = excluded.raw
        WHERE why <> excluded.why OR listing <> excluded.listing OR raw <> excluded.raw";
    // The newest 1000 of each calendar: a server that sends nothing but nonsense fills no disk.
    TRIM = "DELETE FROM event_quarantine
        WHERE calendar_id = ?1
          AND id <= (SELECT id FROM event_quarantine WHERE calendar_id = ?1
                     ORDER BY id DESC LIMIT 1 OFFSET 1000)";
    RELEASE = "DELETE FROM event_quarantine
        WHERE calendar_id = ?1 AND google_id IN (SELECT value FROM json_each(?2))";
    SWEEP = "DELETE FROM event_quarantine WHERE calendar_id = ?1 AND listing < ?2";
    CLEAR = "DELETE FROM event_quarantine WHERE calendar_id = ?1";
    ALL = "SELECT id, calendar_id, google_id, why, seen_at, raw FROM event_quarantine ORDER BY id";
}

/// An event as it came, and why it could not be read.
#[derive(Clone, Copy, Debug)]
pub struct Unreadable<'a> {
    /// Google's id, where that could be read.
    pub id: Option<&'a EventId>,
    /// Why, as a sentence for people.
    pub why: &'a str,
    /// What was sent.
    pub raw: &'a str,
}

/// An event that was kept aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// Whose it is.
    pub calendar: CalendarId,
    /// Google's id, where that could be read.
    pub id: Option<EventId>,
    /// Why it could not be read, as a sentence.
    pub why: String,
    /// When it was last seen.
    pub seen_at: DateTime<Utc>,
    /// What was sent, cut after 64 KiB.
    pub raw: String,
}

impl Tx {
    /// Keeps an event aside that could not be read. What was stored under its id before stays, so
    /// that nothing is lost; during a `listing` it counts as mentioned. It is released when a
    /// readable one of the same id is put, when the event is gone, or when a whole listing no
    /// longer mentions it. False where the result is no longer wanted.
    pub async fn put_quarantined(
        &mut self,
        id: CalendarId,
        generation: i64,
        event: Unreadable<'_>,
        listing: Option<&mut EventListing>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(false);
        }
        let number = event_state::listing_number(self.conn(), id).await?;
        if let (Some(listing), Some(event)) = (listing, event.id) {
            listing.see(event, false);
        }
        let done = sqlx::query(PUT)
            .bind(id.0)
            .bind(event.id.map(|id| id.0.as_str()))
            .bind(event.why)
            .bind(now.timestamp_millis())
            .bind(number)
            .bind(cut(event.raw))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("keeping an unreadable event aside"))?;
        if done.rows_affected() > 0 {
            sqlx::query(TRIM)
                .bind(id.0)
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("dropping old unreadable events"))?;
            self.touch(Topic::Events);
        }
        Ok(true)
    }
}

/// These can be read now, or are gone; answers how many had been kept aside.
pub(super) async fn release(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    events: &[&EventId],
) -> Result<u64, StoreError> {
    sqlx::query(RELEASE)
        .bind(calendar.0)
        .bind(json_of(&events))
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
        .map_err(StoreError::doing("releasing events from quarantine"))
}

/// Removes what the whole listing `listing` no longer mentioned.
pub(super) async fn sweep(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    listing: i64,
) -> Result<u64, StoreError> {
    sqlx::query(SWEEP)
        .bind(calendar.0)
        .bind(listing)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
        .map_err(StoreError::doing(
            "removing unreadable events that are gone",
        ))
}

pub(super) async fn clear(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
) -> Result<(), StoreError> {
    sqlx::query(CLEAR)
        .bind(calendar.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("removing unreadable events"))
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Quarantined>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the unreadable events"))?;
    rows.into_iter().map(Quarantined::try_from).collect()
}

fn cut(raw: &str) -> &str {
    &raw[..raw.floor_char_boundary(RAW_BYTES)]
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    calendar_id: i64,
    google_id: Option<String>,
    why: String,
    seen_at: i64,
    raw: String,
}

impl TryFrom<Row> for Quarantined {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        Ok(Self {
            calendar: CalendarId(row.calendar_id),
            id: row.google_id.map(EventId),
            why: row.why,
            seen_at: origin.instant("seen_at", row.seen_at)?,
            raw: row.raw,
        })
    }
}
