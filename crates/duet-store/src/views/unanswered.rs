//! The events that the person is invited to and has not answered, each with when it takes place.

use duet_model::event::EventKey;
use sqlx::sqlite::SqliteConnection;

use super::occurrences::time_of;
use crate::error::StoreError;
use crate::row::Origin;
use crate::table::external_occurrence::OccurrenceTime;
use crate::table::{event_times, statements};

statements! {
    // Driven by the index of just these events.
    UNANSWERED = "SELECT event.id, own.times
        FROM external_events AS event INDEXED BY external_events_unanswered
        CROSS JOIN external_event_times AS own ON own.event_id = event.id
        CROSS JOIN external_calendars AS calendar ON calendar.id = event.calendar_id
        WHERE event.cancelled = 0 AND (event.facts & 56) = 8
          AND (calendar.shown = 1 OR calendar.busy = 1)
        ORDER BY event.id";
}

pub(crate) async fn unanswered(
    conn: &mut SqliteConnection,
) -> Result<Vec<(EventKey, Vec<OccurrenceTime>)>, StoreError> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(UNANSWERED)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading invitations"))?;
    let event = |(id, packed): (i64, Vec<u8>)| {
        let origin = || Origin {
            table: "external_event_times",
            key: &id,
        };
        let slots = event_times::unpack(id, &packed)?;
        let times = slots.into_iter().map(|slot| time_of(origin(), slot));
        Ok((EventKey(id), times.collect::<Result<_, _>>()?))
    };
    rows.into_iter().map(event).collect()
}

#[cfg(test)]
mod tests {
    use duet_model::event::Response;
    use duet_model::verdict::Facts;

    /// The statement and its index say the numbers that the model packs.
    #[test]
    fn not_answered_is_what_the_index_says() {
        let said = |response| {
            let facts = Facts {
                all_day: true,
                transparent: true,
                tentative: true,
                response,
                event_type: duet_model::event::EventType::FromGmail,
            };
            facts.code() & 56 == 8
        };
        assert!(said(Some(Response::NeedsAction)));
        for other in [Response::Accepted, Response::Tentative, Response::Declined] {
            assert!(!said(Some(other)), "{other:?}");
        }
        assert!(!said(None));
    }
}
