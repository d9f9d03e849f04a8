//! `external_event_times`: when one event takes place, all its occurrences within the horizon packed
//! into one value. It tells in which weeks an event stands, and which occurrence is nearest.

use duet_model::event::EventKey;
use sqlx::sqlite::SqliteConnection;

use super::occurrence_week::Slot;
use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::rows::{self, Sizes, Statement, four, statements_of};
use crate::table::statements;

/// Start, end and kind.
const SIZE: usize = 8 + 8 + 1;

macro_rules! put {
    ($rows:expr) => {
        concat!(
            "INSERT INTO external_event_times (event_id, times) VALUES ",
            $rows,
            " ON CONFLICT (event_id) DO UPDATE SET times = excluded.times"
        )
    };
}

statements! {
    PUT_256 = put!(four!(four!(four!(four!("(?, ?)")))));
    PUT_64 = put!(four!(four!(four!("(?, ?)"))));
    PUT_16 = put!(four!(four!("(?, ?)")));
    PUT_4 = put!(four!("(?, ?)"));
    PUT_1 = put!("(?, ?)");
    DELETE = "DELETE FROM external_event_times
        WHERE event_id IN (SELECT value FROM json_each(?1))";
}

const PUT: Sizes = [PUT_256, PUT_64, PUT_16, PUT_4, PUT_1];

/// What an error says was attempted.
pub(super) const STORING: &str = "storing when events take place";

/// The occurrences of an event, in their order. Nothing is packed as nothing.
pub(crate) fn unpack(event: i64, packed: &[u8]) -> Result<Vec<Slot>, StoreError> {
    let (all, rest) = packed.as_chunks::<SIZE>();
    if !rest.is_empty() {
        let origin = Origin {
            table: "external_event_times",
            key: &event,
        };
        return Err(origin.broken("times", "they cannot be taken apart"));
    }
    let number = |one: &[u8; SIZE], at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&one[at..at + 8]);
        i64::from_le_bytes(bytes)
    };
    let slot = |one: &[u8; SIZE]| Slot {
        start: number(one, 0),
        end: number(one, 8),
        all_day: one[16] != 0,
    };
    Ok(all.iter().map(slot).collect())
}

fn pack(slots: &[Slot]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(slots.len() * SIZE);
    for slot in slots {
        packed.extend_from_slice(&slot.start.to_le_bytes());
        packed.extend_from_slice(&slot.end.to_le_bytes());
        packed.push(u8::from(slot.all_day));
    }
    packed
}

/// Statements that say when these events take place; each does, in order.
pub(super) fn statements(events: &[(EventKey, &[Slot])]) -> Vec<Statement> {
    statements_of(&PUT, events, |statement, (event, slots)| {
        statement.bind(event.0).bind(pack(slots))
    })
}

/// Says when these events take place, sorted; where that is never, nothing stays.
pub(super) async fn write<'a>(
    conn: &mut SqliteConnection,
    events: impl IntoIterator<Item = (EventKey, &'a [Slot])>,
) -> Result<(), StoreError> {
    let (put, delete): (Vec<_>, Vec<_>) =
        events.into_iter().partition(|(_, slots)| !slots.is_empty());
    rows::run(&mut *conn, statements(&put), STORING).await?;
    if !delete.is_empty() {
        let keys: Vec<EventKey> = delete.into_iter().map(|(event, _)| event).collect();
        sqlx::query(DELETE)
            .bind(json_of(&keys))
            .execute(conn)
            .await
            .map_err(StoreError::doing("removing when events took place"))?;
    }
    Ok(())
}
