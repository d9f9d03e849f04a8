//! Searching events by words, the nearest to now first.

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::Origin;
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::statements;
use crate::views::occurrences::time_of;

const TABLE: &str = "external_occurrences";

/// What is typed beyond these is not looked for.
const WORDS: usize = 16;
const WORD_CHARS: usize = 64;

statements! {
    // For each match its occurrence that is nearest: the last that began by now, or the next one.
    // What has no occurrence within the horizon counts by its first start.
    SEARCH = "WITH found AS MATERIALIZED (
            SELECT event.id, event.calendar_id, event.title, event.start_at,
                (SELECT max(start_at) FROM external_occurrences
                 WHERE event_id = event.id AND start_at <= ?2) AS before,
                (SELECT min(start_at) FROM external_occurrences
                 WHERE event_id = event.id AND start_at > ?2) AS after
            FROM event_search
            CROSS JOIN external_events AS event ON event.id = event_search.rowid
            CROSS JOIN external_calendars AS calendar ON calendar.id = event.calendar_id
            WHERE event_search MATCH ?1 AND calendar.shown = 1 AND event.cancelled = 0),
        nearest AS (
            SELECT id, calendar_id, title, before IS NOT NULL OR after IS NOT NULL AS occurs,
                CASE WHEN before IS NULL THEN coalesce(after, start_at)
                     WHEN after IS NULL OR ?2 - before <= after - ?2 THEN before
                     ELSE after END AS at
            FROM found
            ORDER BY abs(at - ?2), id LIMIT ?3)
        SELECT nearest.id, nearest.calendar_id, nearest.title, nearest.at,
            (SELECT all_day FROM external_occurrences
             WHERE event_id = nearest.id AND start_at = nearest.at LIMIT 1) AS all_day,
            (SELECT max(end_at) FROM external_occurrences
             WHERE event_id = nearest.id AND start_at = nearest.at) AS end_at
        FROM nearest ORDER BY abs(nearest.at - ?2), nearest.id";
}

/// An event that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// Which event.
    pub event: EventKey,
    /// Whose it is.
    pub calendar: CalendarId,
    /// Its title.
    pub title: String,
    /// The occurrence that is nearest to now; `None` where none lies within the horizon.
    pub nearest: Option<OccurrenceTime>,
}

/// Up to `limit` events of shown calendars in whose title, place and people all words of `text`
/// stand, each at least as a beginning, whatever the case and accents.
pub(crate) async fn search(
    conn: &mut SqliteConnection,
    text: &str,
    limit: u32,
    now: DateTime<Utc>,
) -> Result<Vec<SearchHit>, StoreError> {
    let Some(query) = query_of(text) else {
        return Ok(Vec::new());
    };
    let rows: Vec<Row> = sqlx::query_as(SEARCH)
        .bind(query)
        .bind(now.timestamp_millis())
        .bind(limit)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("searching events"))?;
    rows.into_iter().map(read).collect()
}

/// Event, calendar, title, start, all day, end.
type Row = (i64, i64, String, i64, Option<i64>, Option<i64>);

fn read((event, calendar, title, at, all_day, end): Row) -> Result<SearchHit, StoreError> {
    let origin = Origin {
        table: TABLE,
        key: &event,
    };
    let nearest = all_day
        .zip(end)
        .map(|(all_day, end)| time_of(origin, all_day != 0, at, end))
        .transpose()?;
    Ok(SearchHit {
        event: EventKey(event),
        calendar: CalendarId(calendar),
        title,
        nearest,
    })
}

/// What a person typed, in the language of FTS5: each word a quoted prefix, so that nothing in it
/// is an operator. `None` where there is no word in it.
fn query_of(text: &str) -> Option<String> {
    let words: Vec<String> = text
        .split(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        // Without a letter or digit there is nothing to look for, and FTS5 would find nothing.
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .take(WORDS)
        .map(|word| format!("\"{}\"*", word.chars().take(WORD_CHARS).collect::<String>()))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests;
