//! `event_search`: the words of titles, places and people. Kept in step by
//! whoever writes or deletes events. How it is asked is in `views::search`.

use duet_model::account::AccountId;
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventKey};
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::json_of;
use crate::table::rows::{self, Statement};
use crate::table::statements;

statements! {
    // One statement for all: FTS5 writes out what it has gathered whenever another one begins that can
    // fail half way, and pieces of 64 rows each are merged again and again.
    ADD = "INSERT INTO event_search (rowid, title, location, people)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)";
    REMOVE = "DELETE FROM event_search WHERE rowid IN (SELECT value FROM json_each(?1))";
    REMOVE_CALENDAR = "DELETE FROM event_search
        WHERE rowid IN (SELECT id FROM external_events WHERE calendar_id = ?1)";
    REMOVE_ACCOUNT = "DELETE FROM event_search
        WHERE rowid IN (SELECT event.id
            FROM external_calendars AS calendar
            CROSS JOIN external_events AS event ON event.calendar_id = calendar.id
            WHERE calendar.account_id = ?1)";
    MERGE = "INSERT INTO event_search (event_search) VALUES ('optimize')";
}

/// What an error says was attempted.
pub(super) const INDEXING: &str = "indexing events for searching";

/// Adds the words of events that are not in the index.
pub(super) async fn add(
    conn: &mut SqliteConnection,
    events: &[(EventKey, &Event)],
) -> Result<(), StoreError> {
    rows::run(conn, statement(events).into_iter().collect(), INDEXING).await
}

/// The statement that does; `None` where there is nothing to be done.
pub(super) fn statement(events: &[(EventKey, &Event)]) -> Option<Statement> {
    let words = |(key, event): &(EventKey, &Event)| {
        // JSON of SQLite's ends a text at a NUL, and to the index it is a space anyway.
        let text = |text: &str| text.replace('\0', " ");
        let location = event.location.as_deref().unwrap_or_default();
        (
            key.0,
            text(&event.title),
            text(location),
            text(&people(event)),
        )
    };
    let words: Vec<_> = events.iter().map(words).collect();
    (!words.is_empty()).then(|| sqlx::query(ADD).bind(json_of(&words)))
}

/// Organizer and guests by name and address.
fn people(event: &Event) -> String {
    let guests = event.attendees.iter().map(|guest| &guest.person);
    let words: Vec<&str> = event
        .organizer
        .iter()
        .chain(guests)
        .flat_map(|person| [&person.name, &person.email])
        .flatten()
        .map(String::as_str)
        .collect();
    words.join(" ")
}

/// Takes the words of events out.
pub(super) async fn remove(
    conn: &mut SqliteConnection,
    keys: &[EventKey],
) -> Result<(), StoreError> {
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query(REMOVE)
        .bind(json_of(&keys))
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("taking events out of the search"))
}

/// Takes the words of all events of a calendar out, before those go.
pub(super) async fn remove_calendar(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
) -> Result<(), StoreError> {
    sqlx::query(REMOVE_CALENDAR)
        .bind(calendar.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing(
            "taking the events of a calendar out of the search",
        ))
}

/// Takes the words of all events of an account out, before those go.
pub(super) async fn remove_account(
    conn: &mut SqliteConnection,
    account: AccountId,
) -> Result<(), StoreError> {
    sqlx::query(REMOVE_ACCOUNT)
        .bind(account.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing(
            "taking the events of an account out of the search",
        ))
}

/// Merges all parts of the index into one, so that nothing of deleted events is left in it.
pub(super) async fn merge(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(MERGE)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("merging the index for searching"))
}
