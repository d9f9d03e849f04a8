//! `external_accounts`: who is connected, what was granted, how its sync fares.

use chrono::{DateTime, Utc};
use duet_model::account::{Account, AccountId, Failure, Tier};
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of, millis, word_of};
use crate::table::{event_search, statements};
use crate::tx::Tx;

const TABLE: &str = "external_accounts";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, email, demo, tier, scopes, connected_at, revoked_at, last_synced_at,
                last_error_code, last_error_message, last_error_at, next_sync_at, attempts,
                wait_until, generation
            FROM external_accounts ",
            $rest
        )
    };
}

statements! {
    ALL = select!("ORDER BY id");
    BY_ID = select!("WHERE id = ?1");
    BY_EMAIL = select!("WHERE email = ?1");
    // The first connection's date stays, and so do the calendars and their blocks.
    CONNECT = "INSERT INTO external_accounts (email, demo, tier, scopes, connected_at)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (email) DO UPDATE SET
            demo = excluded.demo, tier = excluded.tier, scopes = excluded.scopes,
            revoked_at = NULL, last_error_code = NULL, last_error_message = NULL,
            last_error_at = NULL, next_sync_at = NULL, attempts = 0, wait_until = NULL,
            generation = generation + 1
        RETURNING id";
    // Once per connection: the second request that meets the revoked key changes nothing, and one
    // that met the key of an earlier connection says nothing about this one.
    REVOKE = "UPDATE external_accounts SET
            revoked_at = ?2, last_error_code = ?3, last_error_message = ?4, last_error_at = ?5,
            next_sync_at = NULL, wait_until = NULL
        WHERE id = ?1 AND revoked_at IS NULL AND generation = ?6";
    // A late result must not talk over the revocation that came before it.
    SYNCED = "UPDATE external_accounts SET
            last_synced_at = ?2, next_sync_at = ?3, attempts = 0, wait_until = NULL,
            last_error_code = NULL, last_error_message = NULL, last_error_at = NULL
        WHERE id = ?1 AND revoked_at IS NULL";
    FAILED = "UPDATE external_accounts SET
            last_error_code = ?2, last_error_message = ?3, last_error_at = ?4,
            attempts = ?5, next_sync_at = ?6
        WHERE id = ?1 AND revoked_at IS NULL";
    SET_NEXT_SYNC = "UPDATE external_accounts SET next_sync_at = ?2
        WHERE id = ?1 AND next_sync_at IS NOT ?2";
    SET_WAIT = "UPDATE external_accounts SET wait_until = ?2
        WHERE id = ?1 AND wait_until IS NOT ?2";
    // What is under way for any calendar of the account is no longer wanted.
    BUMP_GENERATIONS = "UPDATE external_calendars SET generation = generation + 1
        WHERE account_id = ?1";
    // Calendars, their blocks and the sync state go with it, by their foreign keys.
    REMOVE = "DELETE FROM external_accounts WHERE id = ?1";
}

/// What is known of an account at the moment it is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// The id of its primary calendar.
    pub email: String,
    /// Is it the built-in demo account?
    pub demo: bool,
    /// What the granted scopes amount to.
    pub tier: Tier,
    /// The scopes that were granted.
    pub scopes: Vec<String>,
    /// The moment.
    pub now: DateTime<Utc>,
}

impl Tx {
    /// Stores a connected account. One with the same address (whatever its case) is connected
    /// again: it keeps its number and all its data, takes the new tier and scopes, and is no
    /// longer revoked or in error. What was under way for it is no longer wanted.
    pub async fn connect_account(&mut self, new: NewAccount) -> Result<AccountId, StoreError> {
        let id: i64 = sqlx::query_scalar(CONNECT)
            .bind(new.email)
            .bind(new.demo)
            .bind(word_of(new.tier))
            .bind(json_of(&new.scopes))
            .bind(new.now.timestamp_millis())
            .fetch_one(self.conn())
            .await
            .map_err(StoreError::doing("storing a connected account"))?;
        self.bump_generations(AccountId(id)).await?;
        self.touch(Topic::Accounts);
        Ok(AccountId(id))
    }

    /// Notes that Google no longer accepts the account's key, and plans no further sync. True only
    /// the first time since the last connection, so that one notification comes of it.
    ///
    /// `generation` is the account's before the refused key was read. Where it was connected again
    /// since, another key was refused than the one it has now, and nothing is noted.
    pub async fn mark_revoked(
        &mut self,
        id: AccountId,
        generation: i64,
        at: DateTime<Utc>,
        failure: Failure,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(REVOKE)
            .bind(id.0)
            .bind(at.timestamp_millis())
            .bind(word_of(failure.code))
            .bind(failure.message)
            .bind(failure.at.timestamp_millis())
            .bind(generation)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("marking an account as revoked"))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.bump_generations(id).await?;
        self.touch(Topic::Accounts);
        Ok(true)
    }

    /// Notes a sync that completed without any failure. False where the account is gone or was
    /// revoked meanwhile; then nothing is noted.
    pub async fn mark_synced(
        &mut self,
        id: AccountId,
        at: DateTime<Utc>,
        next: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(SYNCED)
            .bind(id.0)
            .bind(at.timestamp_millis())
            .bind(millis(next))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting a sync"))?;
        Ok(self.touched_account(done.rows_affected()))
    }

    /// Notes a sync that failed, how many did so in a row, and when the next try is due. False
    /// where the account is gone or was revoked meanwhile; then nothing is noted.
    pub async fn mark_failed(
        &mut self,
        id: AccountId,
        failure: Failure,
        attempts: u32,
        next: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(FAILED)
            .bind(id.0)
            .bind(word_of(failure.code))
            .bind(failure.message)
            .bind(failure.at.timestamp_millis())
            .bind(attempts)
            .bind(millis(next))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting a failed sync"))?;
        Ok(self.touched_account(done.rows_affected()))
    }

    /// Plans the next sync, or none. True where that is a change.
    pub async fn set_next_sync(
        &mut self,
        id: AccountId,
        next: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(SET_NEXT_SYNC)
            .bind(id.0)
            .bind(millis(next))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("planning the next sync"))?;
        Ok(self.touched_account(done.rows_affected()))
    }

    /// Notes until when Google asked for no request, or that it no longer does. True where that is a
    /// change. A sync that works, a revocation and a new connection end the wait as well.
    pub async fn set_wait(
        &mut self,
        id: AccountId,
        until: Option<DateTime<Utc>>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(SET_WAIT)
            .bind(id.0)
            .bind(millis(until))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("noting how long Google asked to wait"))?;
        Ok(self.touched_account(done.rows_affected()))
    }

    /// Removes the account and everything of it: calendars, blocks, events, sync state. After the commit
    /// its bytes are wiped from the file and the log as well. False where it was gone already.
    pub async fn remove_account(&mut self, id: AccountId) -> Result<bool, StoreError> {
        event_search::remove_account(self.conn(), id).await?;
        let done = sqlx::query(REMOVE)
            .bind(id.0)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("removing an account"))?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        event_search::merge(self.conn()).await?;
        for topic in [
            Topic::Accounts,
            Topic::Calendars,
            Topic::ExternalBlocks,
            Topic::Events,
        ] {
            self.touch(topic);
        }
        self.purge_after_commit();
        Ok(true)
    }

    /// One account, as this transaction sees it.
    pub async fn account(&mut self, id: AccountId) -> Result<Option<Account>, StoreError> {
        get(self.conn(), id).await
    }

    async fn bump_generations(&mut self, id: AccountId) -> Result<(), StoreError> {
        let done = sqlx::query(BUMP_GENERATIONS)
            .bind(id.0)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing(
                "calling off what is under way for an account",
            ))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Calendars);
        }
        Ok(())
    }

    fn touched_account(&mut self, rows: u64) -> bool {
        if rows > 0 {
            self.touch(Topic::Accounts);
        }
        rows > 0
    }
}

pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL)
        .fetch_all(conn)
        .await
        .map_err(StoreError::doing("reading the accounts"))?;
    rows.into_iter().map(Account::try_from).collect()
}

pub(crate) async fn get(
    conn: &mut SqliteConnection,
    id: AccountId,
) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_ID)
        .bind(id.0)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading an account"))?;
    row.map(Account::try_from).transpose()
}

pub(crate) async fn by_email(
    conn: &mut SqliteConnection,
    email: &str,
) -> Result<Option<Account>, StoreError> {
    let row: Option<Row> = sqlx::query_as(BY_EMAIL)
        .bind(email)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading an account by its address"))?;
    row.map(Account::try_from).transpose()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    email: String,
    demo: bool,
    tier: String,
    scopes: String,
    connected_at: i64,
    revoked_at: Option<i64>,
    last_synced_at: Option<i64>,
    last_error_code: Option<String>,
    last_error_message: Option<String>,
    last_error_at: Option<i64>,
    next_sync_at: Option<i64>,
    attempts: i64,
    wait_until: Option<i64>,
    generation: i64,
}

impl TryFrom<Row> for Account {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let origin = Origin {
            table: TABLE,
            key: &row.id,
        };
        Ok(Self {
            id: AccountId(row.id),
            demo: row.demo,
            tier: origin.word("tier", &row.tier)?,
            scopes: origin.json("scopes", &row.scopes)?,
            connected_at: origin.instant("connected_at", row.connected_at)?,
            revoked_at: origin.instant_or_none("revoked_at", row.revoked_at)?,
            last_synced_at: origin.instant_or_none("last_synced_at", row.last_synced_at)?,
            last_error: origin.failure(
                row.last_error_code.as_deref(),
                row.last_error_message,
                row.last_error_at,
            )?,
            next_sync_at: origin.instant_or_none("next_sync_at", row.next_sync_at)?,
            attempts: u32::try_from(row.attempts)
                .map_err(|error| origin.broken("attempts", error.to_string()))?,
            wait_until: origin.instant_or_none("wait_until", row.wait_until)?,
            generation: row.generation,
            email: row.email,
        })
    }
}
