//! Statements that write many rows at once.
//!
//! One row in a statement would cost a journey to the database's thread for each. Handed over as one
//! JSON argument, texts were escaped into it and parsed again: half of SQLite's time in a first sync.
//! So the values are bound one by one, in statements of as many rows as fit; their texts are fixed.

use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use crate::error::StoreError;

/// A statement with all its arguments: whatever thread has time for it can make it ready.
pub(crate) type Statement = Query<'static, Sqlite, SqliteArguments>;

/// Statements that differ in how many rows they take: 256, 64, 16, 4 and 1.
pub(crate) type Sizes = [&'static str; 5];

const ROWS: [usize; 5] = [256, 64, 16, 4, 1];

/// The rows of a statement, four times.
macro_rules! four {
    ($rows:expr) => {
        concat!($rows, ", ", $rows, ", ", $rows, ", ", $rows)
    };
}
pub(crate) use four;

/// Makes statements for `rows` ready; `bind` adds the values of one row.
pub(crate) fn statements_of<T>(
    sizes: &Sizes,
    rows: impl IntoIterator<IntoIter: ExactSizeIterator<Item = T>>,
    bind: impl Fn(Statement, T) -> Statement,
) -> Vec<Statement> {
    let mut rows = rows.into_iter();
    let mut statements = Vec::new();
    for (sql, size) in sizes.iter().zip(ROWS) {
        while rows.len() >= size {
            let some = rows.by_ref().take(size);
            statements.push(some.fold(sqlx::query(*sql), &bind));
        }
    }
    statements
}

/// Carries statements out; `doing` is what an error says was attempted.
pub(crate) async fn run(
    conn: &mut SqliteConnection,
    statements: Vec<Statement>,
    doing: &'static str,
) -> Result<(), StoreError> {
    for statement in statements {
        statement
            .execute(&mut *conn)
            .await
            .map_err(StoreError::doing(doing))?;
    }
    Ok(())
}
