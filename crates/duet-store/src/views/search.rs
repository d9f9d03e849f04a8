//! Searching events by words, the nearest to now first.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::occurrence_week::Slot;
use crate::table::{event_times, statements};
use crate::views::occurrences::time_of;

/// What is typed beyond these is not looked for.
const WORDS: usize = 16;
const WORD_CHARS: usize = 64;

statements! {
    FOUND = "SELECT event.id, event.start_at, coalesce(own.times, x'') AS times
        FROM event_search
        CROSS JOIN external_events AS event ON event.id = event_search.rowid
        CROSS JOIN external_calendars AS calendar ON calendar.id = event.calendar_id
        LEFT JOIN external_event_times AS own ON own.event_id = event.id
        WHERE event_search MATCH ?1 AND calendar.shown = 1 AND event.cancelled = 0";
    // Looked up for those that are shown, and in their order.
    TITLES = "SELECT event.id, event.calendar_id, event.title
        FROM json_each(?1) AS one CROSS JOIN external_events AS event ON event.id = one.value
        ORDER BY one.key";
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
    let now = now.timestamp_millis();
    let mut hits = Vec::new();
    // One after the other: all occurrences of all matches are far more than what is kept of them.
    let mut found = sqlx::query_as::<_, (i64, i64, Vec<u8>)>(FOUND)
        .bind(query)
        .fetch(&mut *conn);
    while let Some((event, start, times)) = found
        .try_next()
        .await
        .map_err(StoreError::doing("searching events"))?
    {
        let slot = nearest(&event_times::unpack(event, &times)?, now);
        // What has no occurrence within the horizon counts by its first start.
        let away = slot.map_or(start, |slot| slot.start).abs_diff(now);
        hits.push((away, event, slot));
    }
    drop(found);
    hits.sort_unstable_by_key(|(away, event, _)| (*away, *event));
    hits.truncate(limit.try_into().unwrap_or(usize::MAX));
    let keys: Vec<i64> = hits.iter().map(|(_, event, _)| *event).collect();
    let titles: Vec<(i64, i64, String)> = sqlx::query_as(TITLES)
        .bind(json_of(&keys))
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the events that were found"))?;
    // By number: what was found may be gone by now, where this is no snapshot.
    let slots: HashMap<i64, Option<Slot>> = hits
        .into_iter()
        .map(|(_, event, slot)| (event, slot))
        .collect();
    let hit = |(event, calendar, title): (i64, i64, String)| {
        let origin = Origin {
            table: "external_event_times",
            key: &event,
        };
        let slot = slots.get(&event).copied().flatten();
        Ok(SearchHit {
            event: EventKey(event),
            calendar: CalendarId(calendar),
            title,
            nearest: slot.map(|slot| time_of(origin, slot)).transpose()?,
        })
    };
    titles.into_iter().map(hit).collect()
}

/// Of an event's occurrences, which are in their order, the last that began by now, or the next one,
/// whichever is nearer; of several that begin at once the one that ends last.
fn nearest(slots: &[Slot], now: i64) -> Option<Slot> {
    let next = slots.partition_point(|slot| slot.start <= now);
    let before = next.checked_sub(1).and_then(|at| slots.get(at));
    let after = slots.get(next).and_then(|first| {
        let same = slots[next..].iter();
        same.take_while(|slot| slot.start == first.start).last()
    });
    let away = |slot: &&Slot| slot.start.abs_diff(now);
    before.into_iter().chain(after).min_by_key(away).copied()
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
