//! `settings`: one value, stored whole.

use duet_model::settings::Settings;
use duet_model::topic::Topic;
use sqlx::sqlite::SqliteConnection;

use crate::error::StoreError;
use crate::row::{Origin, json_of};
use crate::table::statements;
use crate::tx::Tx;

statements! {
    GET = "SELECT value FROM settings WHERE id = 1";
    // Changes nothing, and is a write all the same.
    TRY = "DELETE FROM settings WHERE id <> 1";
    PUT = "INSERT INTO settings (id, value) VALUES (1, ?1)
        ON CONFLICT (id) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
}

impl Tx {
    /// Stores the settings. True where that is a change.
    pub async fn put_settings(&mut self, settings: &Settings) -> Result<bool, StoreError> {
        let done = sqlx::query(PUT)
            .bind(json_of(settings))
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("storing the settings"))?;
        if done.rows_affected() > 0 {
            self.touch(Topic::Settings);
        }
        Ok(done.rows_affected() > 0)
    }

    /// The settings, as this transaction sees them.
    pub async fn settings(&mut self) -> Result<Settings, StoreError> {
        get(self.conn()).await
    }
}

/// Fails where nothing can be written.
pub(crate) async fn try_write(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::query(TRY)
        .execute(conn)
        .await
        .map(drop)
        .map_err(StoreError::doing("trying to write"))
}

pub(crate) async fn get(conn: &mut SqliteConnection) -> Result<Settings, StoreError> {
    let value: Option<String> = sqlx::query_scalar(GET)
        .fetch_optional(conn)
        .await
        .map_err(StoreError::doing("reading the settings"))?;
    let Some(value) = value else {
        return Ok(Settings::default());
    };
    Origin {
        table: "settings",
        key: &1,
    }
    .json("value", &value)
}
