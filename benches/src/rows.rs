//! What a run wrote, found by comparing all rows before and after.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::Result;
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, sqlite::SqliteConnectOptions};

/// All rows of all tables but their stamps, by table: a row that is written shows as another number.
pub(crate) async fn contents(file: &Path, stamps: &[&str]) -> Result<Vec<(String, Vec<u64>)>> {
    let mut database = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .connect()
        .await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
         ORDER BY name",
    )
    .fetch_all(&mut database)
    .await?;
    let mut contents = Vec::new();
    for table in tables {
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info(?1) ORDER BY cid")
                .bind(&table)
                .fetch_all(&mut database)
                .await?;
        let columns: Vec<String> = columns
            .into_iter()
            .filter(|column| !stamps.contains(&column.as_str()))
            .map(|column| format!("quote(\"{column}\")"))
            .collect();
        let rows: Vec<String> = QueryBuilder::<Sqlite>::new(format!(
            "SELECT concat_ws(',', {}) FROM \"{table}\"",
            columns.join(", ")
        ))
        .build_query_scalar()
        .fetch_all(&mut database)
        .await?;
        let mut hashes: Vec<u64> = rows
            .iter()
            .map(|row| {
                let mut hasher = DefaultHasher::new();
                row.hash(&mut hasher);
                hasher.finish()
            })
            .collect();
        hashes.sort_unstable();
        contents.push((table, hashes));
    }
    database.close().await?;
    Ok(contents)
}

/// How many rows are there now that were not there before, and in which tables.
pub(crate) fn written(
    before: &[(String, Vec<u64>)],
    after: &[(String, Vec<u64>)],
) -> Vec<(String, usize)> {
    after
        .iter()
        .map(|(table, rows)| {
            let known = before.iter().find(|(name, _)| name == table);
            let known = known.map(|(_, rows)| rows.as_slice()).unwrap_or_default();
            let new = rows
                .iter()
                .filter(|row| known.binary_search(row).is_err())
                .count();
            (table.clone(), new + known.len().saturating_sub(rows.len()))
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_changed_or_gone_is_counted() {
        let table = |name: &str, rows: &[u64]| (name.to_owned(), rows.to_vec());
        let before = [
            table("a", &[1, 2, 3]),
            table("b", &[1]),
            table("c", &[1, 2]),
        ];
        let after = [
            table("a", &[1, 2, 4]),
            table("b", &[1]),
            table("c", &[1]),
            table("d", &[5]),
        ];
        let counted = |name: &str, count| (name.to_owned(), count);
        assert_eq!(
            written(&before, &after),
            [counted("a", 1), counted("c", 1), counted("d", 1)]
        );
    }
}
