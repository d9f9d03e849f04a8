//! `event_search`: the words of titles, places and people. Kept in step by
//! whoever writes or deletes events. How it is asked is in `views::search`.

use duet_model::account::AccountId;
use duet_model::calendar::CalendarId;
use duet_model::event::{Event, EventKey};
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::json_of;
use crate::table::{eight, statements};

macro_rules! add {
    ($rows:expr) => {
        concat!(
            "INSERT INTO event_search (rowid, title, location, people) VALUES ",
            $rows
        )
    };
}

statements! {
    ADD_64 = add!(eight!(eight!("(?, ?, ?, ?)")));
    ADD_8 = add!(eight!("(?, ?, ?, ?)"));
    ADD_1 = add!("(?, ?, ?, ?)");
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

/// Adds the words of events that are not in the index.
pub(super) async fn add(
    conn: &mut SqliteConnection,
    mut events: &[(EventKey, &Event)],
) -> Result<(), StoreError> {
    for (sql, size) in [(ADD_64, 64), (ADD_8, 8), (ADD_1, 1)] {
        while let Some((some, rest)) = events.split_at_checked(size) {
            let mut query = sqlx::query(sql);
            for (key, event) in some {
                query = query
                    .bind(key.0)
                    .bind(event.title.as_str())
                    .bind(event.location.as_deref())
                    .bind(people(event));
            }
            query
                .execute(&mut *conn)
                .await
                .map_err(StoreError::doing("indexing events for searching"))?;
            events = rest;
        }
    }
    Ok(())
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

/// Makes the index anew from its own texts, so that nothing of deleted ones is left in it.
pub(super) async fn rebuild(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(REBUILD)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("making the index for searching anew"))
}
