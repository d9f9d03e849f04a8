//! `external_calendars`: the calendars of each account, their switches and how their sync fares.
//! What Google's list says of them is applied by `calendar_list`.

use chrono::{DateTime, Utc};
use duet_model::account::{AccountId, Failure};
use duet_model::calendar::{AccessRole, Calendar, CalendarId};
use duet_model::topic::Topic;
use duet_model::verdict::Overrides;
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, word_of};
use crate::table::{external_block, external_event, statements};
use crate::tx::Tx;

const TABLE: &str = "external_calendars";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, account_id, google_id, name, color, time_zone, is_primary, access_role,
                hidden, shown, busy, generation, last_synced_at, covered_from, covered_until,
                last_error_code, last_error_message, last_error_at, rules
            FROM external_calendars ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY account_id, is_primary DESC, name COLLATE NOCASE, id");
    OF_ACCOUNT = select!(
        "WHERE account_id = ?1 ORDER BY is_primary DESC, name COLLATE NOCASE, id"
    );
    BY_ID = select!("WHERE id = ?1");
    BY_GOOGLE_ID = select!("WHERE account_id = ?1 AND google_id = ?2");
    // Where it does not count, being shown is what its events are wanted for.
    SET_SHOWN = "UPDATE external_calendars SET
            shown = ?2, generation = generation + (busy = 0)
        WHERE id = ?1 AND shown <> ?2";
    IS_WANTED = "SELECT shown = 1 OR busy = 1 FROM external_calendars WHERE id = ?1";
    SET_RULES = "UPDATE external_calendars SET rules = ?2 WHERE id = ?1 AND rules <> ?2";
    // Whichever way the switch goes, nothing is known of the calendar until the next sync.
    SET_BUSY = "UPDATE external_calendars SET
            busy = ?2, generation = generation + 1,
            last_synced_at = NULL, covered_from = NULL, covered_until = NULL,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE id = ?1 AND busy <> ?2";
    // One statement for a whole run, however many calendars it checked.
    STAMP_CHECKED = "UPDATE external_calendars SET
            last_synced_at = ?2,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE busy = 1
          AND (id, generation) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))";
    FAILED = "UPDATE external_calendars SET
            last_error_code = ?3, last_error_message = ?4, last_error_at = ?5
        WHERE id = ?1 AND generation = ?2 AND busy = 1";
    // Together with its blocks, so that a first sync fills the window while it runs.
    SET_COVERED = "UPDATE external_calendars SET
            covered_from = ?2, covered_until = ?3, last_synced_at = ?4,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE id = ?1";
}

impl Tx {
    /// Turns the person's switches; `None` leaves one as it is. Where "counts as busy" goes off,
    /// the calendar's blocks, coverage and error go with it; where it changes at all, results
    /// under way are no longer wanted. Where both are off, all events go; their history stays, for
    /// a calendar that is switched on again. True where anything changed.
    pub async fn set_switches(
        &mut self,
        id: CalendarId,
        shown: Option<bool>,
        busy: Option<bool>,
    ) -> Result<bool, StoreError> {
        let mut changed = 0;
        if let Some(shown) = shown {
            let done = sqlx::query(SET_SHOWN)
                .bind(id.0)
                .bind(shown)
                .execute(self.conn())
                .await
                .map_err(StoreError::doing("showing or hiding a calendar"))?;
            changed += done.rows_affected();
        }
        if let Some(busy) = busy {
            let done = sqlx::query(SET_BUSY)
                .bind(id.0)
                .bind(busy)
                .execute(self.conn())
                .await
                .map_err(StoreError::doing(
                    "changing whether a calendar counts as busy",
                ))?;
            if done.rows_affected() > 0 {
                changed += done.rows_affected();
                external_block::clear(self.conn(), id).await?;
                self.touch(Topic::ExternalBlocks);
            }
        }
        if changed > 0 {
            self.drop_unwanted_events(id).await?;
            self.touch(Topic::Calendars);
        }
        Ok(changed > 0)
    }

    /// Sets where the calendar's events are treated otherwise than those of others. They are judged
    /// when they are read, so that neither events nor results under way are touched. True where
    /// anything changed.
    pub async fn set_rules(
        &mut self,
        id: CalendarId,
        rules: &Overrides,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(SET_RULES)
            .bind(id.0)
            .bind(json_of(rules))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("setting the rules of a calendar"))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Calendars);
        }
        Ok(done.rows_affected() > 0)
    }

    /// Of a calendar that is neither shown nor counts, no event is kept.
    async fn drop_unwanted_events(&mut self, id: CalendarId) -> Result<(), StoreError> {
        let wanted: Option<bool> = sqlx::query_scalar(IS_WANTED)
            .bind(id.0)
            .fetch_optional(self.conn())
            .await
            .map_err(StoreError::doing("asking whether events are wanted"))?;
        if wanted == Some(false) {
            external_event::clear(self.conn(), id).await?;
        }
        // Also where they stay: which of them count may have changed.
        self.touch(Topic::Events);
        Ok(())
    }

    /// Notes that the busy times of these calendars were just confirmed, each under the
    /// generation it was asked for; others are left alone. Answers how many were stamped.
    pub async fn stamp_checked(
        &mut self,
        checked: &[(CalendarId, i64)],
        at: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let done = sqlx::query(STAMP_CHECKED)
            .bind(json_of(&checked))
            .bind(at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that calendars were checked"))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Calendars);
        }
        Ok(done.rows_affected())
    }

    /// Notes that one calendar failed while the rest went on; its blocks stay. False where the
    /// result is no longer wanted: another generation, gone, or not counting any more.
    pub async fn mark_calendar_failed(
        &mut self,
        id: CalendarId,
        generation: i64,
        failure: Failure,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(FAILED)
            .bind(id.0)
            .bind(generation)
            .bind(word_of(failure.code))
            .bind(failure.message)
            .bind(failure.at.timestamp_millis())
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting that a calendar failed"))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Calendars);
        }
        Ok(done.rows_affected() > 0)
    }

    /// One calendar, as this transaction sees it.
    pub async fn calendar(&mut self, id: CalendarId) -> Result<Option<Calendar>, StoreError> {
        get(self.conn(), id).await
    }
}

/// What is now known of a calendar: checked at `at`, for `covered`.
pub(super) async fn set_covered(
    conn: &mut SqliteConnection,
    id: CalendarId,
    covered: Interval,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(SET_COVERED)
        .bind(id.0)
        .bind(covered.start.timestamp_millis())
        .bind(covered.end.timestamp_millis())
        .bind(at.timestamp_millis())
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing(
            "noting for which span a calendar is known",
        ))
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Calendar>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the calendars"))?;
    rows.into_iter().map(Calendar::try_from).collect()
}

pub(crate) async fn of_account(
    conn: &mut SqliteConnection,
    account: AccountId,
) -> Result<Vec<Calendar>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(OF_ACCOUNT)
        .bind(account.0)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the calendars of an account"))?;
    rows.into_iter().map(Calendar::try_from).collect()
}

pub(crate) async fn get(
    conn: &mut SqliteConnection,
    id: CalendarId,
) -> Result<Option<Calendar>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading a calendar"))?;
    row.map(Calendar::try_from).transpose()
}

pub(crate) async fn by_google_id(
    conn: &mut SqliteConnection,
    account: AccountId,
    google_id: &str,
) -> Result<Option<Calendar>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_GOOGLE_ID)
        .bind(account.0)
        .bind(google_id)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading a calendar by Google's id"))?;
    row.map(Calendar::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    account_id: i64,
    google_id: String,
    name: String,
    color: String,
    time_zone: Option<String>,
    is_primary: bool,
    access_role: String,
    hidden: bool,
    shown: bool,
    busy: bool,
    generation: i64,
    last_synced_at: Option<i64>,
    covered_from: Option<i64>,
    covered_until: Option<i64>,
    last_error_code: Option<String>,
    last_error_message: Option<String>,
    last_error_at: Option<i64>,
    rules: String,
}

impl TryFrom<Row> for Calendar {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        let covered = row.covered_from.zip(row.covered_until);
        Ok(Self {
            id: CalendarId(row.id),
            account: AccountId(row.account_id),
            google_id: row.google_id,
            name: row.name,
            color: row.color,
            time_zone: row.time_zone,
            primary: row.is_primary,
            access_role: AccessRole::parse(&row.access_role),
            hidden: row.hidden,
            shown: row.shown,
            busy: row.busy,
            last_synced_at: origin.instant_or_none("last_synced_at", row.last_synced_at)?,
            covered: covered
                .map(|(from, until)| origin.interval("covered_from", from, until))
                .transpose()?,
            last_error: origin.failure(
                row.last_error_code.as_deref(),
                row.last_error_message,
                row.last_error_at,
            )?,
            rules: origin.json("rules", &row.rules)?,
            generation: row.generation,
        })
    }
}
