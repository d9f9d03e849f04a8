//! `external_event_states`: where the listing of each calendar's events stopped, how it fares, and
//! how far its occurrences reach. Whole listings are begun and finished in `event_listing`.

use chrono::{DateTime, Utc};
use duet_model::account::Failure;
use duet_model::calendar::CalendarId;
use duet_model::topic::Topic;
use duet_model::when::Interval;
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, millis_around, word_of};
use crate::table::{external_event, statements};
use crate::tx::Tx;

const TABLE: &str = "external_event_states";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT calendar_id, state, token, parameters, full_at, checked_at, doubted_at,
                last_error_code, last_error_message, last_error_at,
                horizon_from, horizon_until, horizon_zones
            FROM external_event_states ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY calendar_id");
    OF_CALENDAR = select!("WHERE calendar_id = ?1");
    LISTING = "SELECT listing, parameters FROM external_event_states WHERE calendar_id = ?1";
    BEGIN = "INSERT INTO external_event_states (calendar_id, listing) VALUES (?1, 1)
        ON CONFLICT (calendar_id) DO UPDATE SET listing = listing + 1, token = NULL
        RETURNING listing, parameters";
    FINISH = "UPDATE external_event_states SET
            state = 'complete', token = ?2, parameters = ?3, full_at = ?4, checked_at = ?4,
            doubted_at = NULL, last_error_code = NULL, last_error_message = NULL,
            last_error_at = NULL
        WHERE calendar_id = ?1";
    DOUBT = "UPDATE external_event_states SET doubted_at = coalesce(doubted_at, ?2)
        WHERE calendar_id = ?1
        RETURNING doubted_at";
    // An answer to a token that is forgotten by now brings no new one.
    SET_TOKEN = "UPDATE external_event_states SET token = ?2
        WHERE calendar_id = ?1 AND token IS NOT NULL AND token <> ?2";
    FORGET_TOKEN = "UPDATE external_event_states SET token = NULL
        WHERE calendar_id = ?1 AND token IS NOT NULL";
    // One statement for a whole run, however many calendars it checked.
    STAMP_CHECKED = "UPDATE external_event_states SET
            checked_at = ?2,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE calendar_id IN (
            SELECT calendar.id FROM json_each(?1) CROSS JOIN external_calendars AS calendar
            WHERE calendar.id = value ->> 0 AND calendar.generation = value ->> 1
              AND (calendar.shown = 1 OR calendar.busy = 1))";
    FAILED = "INSERT INTO external_event_states
            (calendar_id, last_error_code, last_error_message, last_error_at)
        VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (calendar_id) DO UPDATE SET
            last_error_code = excluded.last_error_code,
            last_error_message = excluded.last_error_message,
            last_error_at = excluded.last_error_at";
    SET_HORIZON = "INSERT INTO external_event_states
            (calendar_id, horizon_from, horizon_until, horizon_zones)
        VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (calendar_id) DO UPDATE SET
            horizon_from = excluded.horizon_from, horizon_until = excluded.horizon_until,
            horizon_zones = excluded.horizon_zones
        WHERE horizon_from IS NOT excluded.horizon_from
           OR horizon_until IS NOT excluded.horizon_until
           OR horizon_zones IS NOT excluded.horizon_zones";
    CLEAR = "DELETE FROM external_event_states WHERE calendar_id = ?1";
}

/// How much of a calendar's events is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed {
    /// A first whole listing is under way, or was interrupted.
    Listing,
    /// All that the last whole listing said, and what changed since. Stays so while a new one is
    /// under way.
    Complete,
}

/// The span for which the occurrences of a calendar are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Horizon {
    /// The span, in whole milliseconds.
    pub span: Interval,
    /// The edition of the zone data they were worked out with.
    pub zones: String,
}

/// Where the listing of a calendar's events stopped. A calendar that was never listed has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventState {
    /// Which calendar.
    pub calendar: CalendarId,
    /// How much is there.
    pub listed: Listed,
    /// Google's token for what changed since; `None` asks for a whole listing.
    pub token: Option<String>,
    /// Which request the events came from.
    pub parameters: String,
    /// When the last whole listing was finished.
    pub full_at: Option<DateTime<Utc>>,
    /// When changes were last asked for with success.
    pub checked_at: Option<DateTime<Utc>>,
    /// Since when whole listings lack so much that they are not believed.
    pub doubted_at: Option<DateTime<Utc>>,
    /// What went wrong last with this calendar's events alone.
    pub last_error: Option<Failure>,
    /// How far the stored occurrences reach; `None` where there are none.
    pub horizon: Option<Horizon>,
}

impl EventState {
    /// The token, where it belongs to a request with these parameters.
    pub fn token_for(&self, parameters: &str) -> Option<&str> {
        let token = self.token.as_deref();
        token.filter(|_| self.parameters == parameters)
    }
}

impl Tx {
    /// Stores the token that came at the end of an answer to the stored one, together with what
    /// that answer said. False where it was not written: it is the same, or the stored one was
    /// forgotten meanwhile, or the result is no longer wanted.
    pub async fn set_event_token(
        &mut self,
        id: CalendarId,
        generation: i64,
        token: &str,
    ) -> Result<bool, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(false);
        }
        let done = sqlx::query(SET_TOKEN)
            .bind(id.0)
            .bind(token)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("storing where an event listing stopped"))?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets a calendar's event token, so that the next listing is a whole one: Google no longer
    /// takes it. The events stay until that listing says otherwise.
    pub async fn forget_event_token(&mut self, id: CalendarId) -> Result<(), StoreError> {
        sqlx::query(FORGET_TOKEN)
            .bind(id.0)
            .execute(self.conn())
            .await
            .map(|_| ())
            .map_err(StoreError::doing("forgetting an event token"))
    }

    /// Notes that the events of these calendars were just asked for with success, each under its
    /// generation; others are left alone. Answers how many were stamped.
    ///
    /// It says how calendars fare and nothing of what is in them, so that is what is announced: a
    /// sync that brought nothing has nobody read events again.
    pub async fn stamp_events_checked(
        &mut self,
        checked: &[(CalendarId, i64)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(STAMP_CHECKED)
            .bind(json_of(&checked))
            .bind(at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that events were checked"))?;
        Ok(self.touched(done.rows_affected(), Topic::Calendars))
    }

    /// Notes that the events of one calendar failed while the rest went on; what is stored stays.
    /// False where the result is no longer wanted.
    pub async fn mark_events_failed(
        &mut self,
        id: CalendarId,
        generation: i64,
        failure: Failure,
    ) -> Result<bool, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(false);
        }
        let done = sqlx::query(FAILED)
            .bind(id.0)
            .bind(word_of(failure.code))
            .bind(failure.message)
            .bind(failure.at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that a calendar's events failed"))?;
        Ok(self.touched(done.rows_affected(), Topic::Calendars) > 0)
    }

    /// Notes for which span the calendar's occurrences are stored, together with them. True where
    /// that is a change; false also where the result is no longer wanted.
    pub async fn set_horizon(
        &mut self,
        id: CalendarId,
        generation: i64,
        horizon: &Horizon,
    ) -> Result<bool, StoreError> {
        if !external_event::wanted(self.conn(), id, generation).await? {
            return Ok(false);
        }
        // Inwards: outside of it nobody vouches for anything.
        let until = horizon.span.end.timestamp_millis();
        let (from, _) = millis_around(horizon.span);
        let done = sqlx::query(SET_HORIZON)
            .bind(id.0)
            .bind(from)
            .bind(until)
            .bind(&horizon.zones)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting how far occurrences reach"))?;
        Ok(self.touched(done.rows_affected(), Topic::Events) > 0)
    }

    /// Where the listing of a calendar's events stopped, as this transaction sees it.
    pub async fn event_state(&mut self, id: CalendarId) -> Result<Option<EventState>, StoreError> {
        of_calendar(self.conn(), id).await
    }

    fn touched(&mut self, rows: u64, topic: Topic) -> u64 {
        if rows > 0 {
            self.touch(topic);
        }
        rows
    }
}

/// Counts a new whole listing; answers its number, and which request the stored events came from.
pub(super) async fn begin(
    conn: &mut SqliteConnection,
    id: CalendarId,
) -> Result<(i64, String), StoreError> {
    sqlx::query_as(BEGIN)
        .bind(id.0)
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("beginning to list events"))
}

pub(super) async fn finish(
    conn: &mut SqliteConnection,
    id: CalendarId,
    token: Option<&str>,
    parameters: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(FINISH)
        .bind(id.0)
        .bind(token)
        .bind(parameters)
        .bind(now.timestamp_millis())
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("noting that all events are listed"))
}

/// Since when the listings are doubted.
pub(super) async fn doubt(
    conn: &mut SqliteConnection,
    id: CalendarId,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, StoreError> {
    let since: i64 = sqlx::query_scalar(DOUBT)
        .bind(id.0)
        .bind(now.timestamp_millis())
        .fetch_one(conn)
        .await
        .map_err(StoreError::doing("noting a listing that is not believed"))?;
    let origin = Origin {
        table: TABLE,
        key: &id.0,
    };
    origin.instant("doubted_at", since)
}

/// The number of the whole listing that was begun last; 0 before the first.
pub(super) async fn listing_number(
    conn: &mut SqliteConnection,
    id: CalendarId,
) -> Result<i64, StoreError> {
    let found: Option<(i64, String)> = sqlx::query_as(LISTING)
        .bind(id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading which listing is under way"))?;
    Ok(found.map_or(0, |(number, _)| number))
}

pub(super) async fn clear(conn: &mut SqliteConnection, id: CalendarId) -> Result<(), StoreError> {
    sqlx::query(CLEAR)
        .bind(id.0)
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing(
            "forgetting where an event listing stopped",
        ))
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<EventState>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading where event listings stopped"))?;
    rows.into_iter().map(EventState::try_from).collect()
}

pub(crate) async fn of_calendar(
    conn: &mut SqliteConnection,
    id: CalendarId,
) -> Result<Option<EventState>, StoreError> {
    let row: Option<Row> = sqlx::query_as(OF_CALENDAR)
        .bind(id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading where an event listing stopped"))?;
    row.map(EventState::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct Row {
    calendar_id: i64,
    state: String,
    token: Option<String>,
    parameters: String,
    full_at: Option<i64>,
    checked_at: Option<i64>,
    doubted_at: Option<i64>,
    last_error_code: Option<String>,
    last_error_message: Option<String>,
    last_error_at: Option<i64>,
    horizon_from: Option<i64>,
    horizon_until: Option<i64>,
    horizon_zones: Option<String>,
}

impl TryFrom<Row> for EventState {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.calendar_id,
        };
        let span = row.horizon_from.zip(row.horizon_until);
        let horizon = span.zip(row.horizon_zones);
        Ok(Self {
            calendar: CalendarId(row.calendar_id),
            listed: origin.word("state", &row.state)?,
            token: row.token,
            parameters: row.parameters,
            full_at: origin.instant_or_none("full_at", row.full_at)?,
            checked_at: origin.instant_or_none("checked_at", row.checked_at)?,
            doubted_at: origin.instant_or_none("doubted_at", row.doubted_at)?,
            last_error: origin.failure(
                row.last_error_code.as_deref(),
                row.last_error_message,
                row.last_error_at,
            )?,
            horizon: horizon
                .map(|((from, until), zones)| {
                    let span = origin.interval("horizon_from", from, until)?;
                    Ok::<_, StoreError>(Horizon { span, zones })
                })
                .transpose()?,
        })
    }
}
