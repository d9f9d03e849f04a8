//! `external_sync_states`: where an account's listings stopped.

use chrono::{DateTime, Utc};
use duet_model::account::AccountId;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, millis};
use crate::table::statements;
use crate::tx::Tx;

const TABLE: &str = "external_sync_states";

statements! {
    GET = "SELECT list_token, list_full_at FROM external_sync_states WHERE account_id = ?1";
    // The last WHERE keeps a token that did not change from being written again.
    PUT_LIST = "INSERT INTO external_sync_states (account_id, list_token, list_full_at)
        VALUES (?1, ?2, ?3)
        ON CONFLICT (account_id) DO UPDATE SET
            list_token = excluded.list_token,
            list_full_at = coalesce(excluded.list_full_at, list_full_at)
        WHERE list_token IS NOT excluded.list_token
           OR list_full_at IS NOT coalesce(excluded.list_full_at, list_full_at)";
    FORGET_TOKEN = "UPDATE external_sync_states SET list_token = NULL
        WHERE account_id = ?1 AND list_token IS NOT NULL";
}

/// Where an account's listings stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncState {
    /// Google's token for what changed since; `None` asks for the whole list.
    pub list_token: Option<String>,
    /// When the whole list was last read.
    pub list_full_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Forgets the calendar list's token, so that the next listing is a full one: Google no
    /// longer takes it. The calendars stay until the full listing says otherwise.
    pub async fn forget_list_token(&mut self, account: AccountId) -> Result<(), StoreError> {
        sqlx::query(FORGET_TOKEN)
            .bind(account.0)
            .execute(self.conn())
            .await
            .map(|_| ())
            .map_err(StoreError::doing("forgetting a sync token"))
    }
}

pub(crate) async fn get(
    conn: &mut SqliteConnection,
    account: AccountId,
) -> Result<SyncState, StoreError> {
    let row: Option<Row> = sqlx::query_as(GET)
        .bind(account.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading where a listing stopped"))?;
    let Some(row) = row else {
        return Ok(SyncState::default());
    };
    let origin = Origin {
        table: TABLE,
        key: &account.0,
    };
    Ok(SyncState {
        list_token: row.list_token,
        list_full_at: origin.instant_or_none("list_full_at", row.list_full_at)?,
    })
}

/// `full_at` of `None` keeps the stored time.
pub(super) async fn put_list(
    conn: &mut SqliteConnection,
    account: AccountId,
    token: Option<&str>,
    full_at: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    sqlx::query(PUT_LIST)
        .bind(account.0)
        .bind(token)
        .bind(millis(full_at))
        .execute(conn)
        .await
        .map(|_| ())
        .map_err(StoreError::doing("storing where a listing stopped"))
}

#[derive(sqlx::FromRow)]
struct Row {
    list_token: Option<String>,
    list_full_at: Option<i64>,
}
