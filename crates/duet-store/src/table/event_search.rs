//! `event_search`: the words of titles, places and people. Kept in step by
//! whoever writes or deletes events. How it is asked is in `views::search`.

use duet_model::account::AccountId;
use duet_model::calendar::CalendarId;
use duet_model::event::{EventId, EventKey};
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::json_of;
use crate::table::statements;

statements! {
    // Guests and organizer by name and address.
    ADD = "INSERT INTO event_search (rowid, title, location, people)
            SELECT id, title, event ->> '$.location',
                concat_ws(' ', event ->> '$.organizer.name', event ->> '$.organizer.email',
                    (SELECT group_concat(concat_ws(' ',
                        value ->> '$.person.name', value ->> '$.person.email'), ' ')
                     FROM json_each(event, '$.attendees')))
            FROM external_events
            WHERE cancelled = 0
              AND calendar_id = ?1 AND google_id IN (SELECT value FROM json_each(?2))";
    REMOVE = "DELETE FROM event_search WHERE rowid IN (SELECT value FROM json_each(?1))";
    REMOVE_CALENDAR = "DELETE FROM event_search
        WHERE rowid IN (SELECT id FROM external_events WHERE calendar_id = ?1)";
    REMOVE_ACCOUNT = "DELETE FROM event_search
        WHERE rowid IN (SELECT event.id
            FROM external_calendars AS calendar
            CROSS JOIN external_events AS event ON event.calendar_id = calendar.id
            WHERE calendar.account_id = ?1)";
    REBUILD = "INSERT INTO event_search (event_search) VALUES ('rebuild')";
}

/// Adds the words of stored events that are not in the index.
pub(super) async fn add(
    conn: &mut SqliteConnection,
    calendar: CalendarId,
    events: &[&EventId],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    sqlx::query(ADD)
        .bind(calendar.0)
        .bind(json_of(&events))
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("indexing events for searching"))
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

/// Makes the index anew from its own texts, so that nothing of deleted ones is left in it.
pub(super) async fn rebuild(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(REBUILD)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("making the index for searching anew"))
}
