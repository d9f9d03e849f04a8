//! `installation`: what this installation calls itself in what it writes to Google.

use crate::error::StoreError;
use crate::table::statements;
use crate::tx::Tx;

statements! {
    NAME_IT = "INSERT INTO installation (id, name) VALUES (1, ?1) ON CONFLICT (id) DO NOTHING";
    NAME = "SELECT name FROM installation WHERE id = 1";
}

impl Tx {
    /// The name of this installation; `fresh`, where it has none yet.
    pub async fn installation(&mut self, fresh: &str) -> Result<String, StoreError> {
        let doing = StoreError::doing("reading the name of this installation");
        sqlx::query(NAME_IT)
            .bind(fresh)
            .execute(self.conn())
            .await
            .map_err(StoreError::doing("naming this installation"))?;
        sqlx::query_scalar(NAME)
            .fetch_one(self.conn())
            .await
            .map_err(doing)
    }
}
