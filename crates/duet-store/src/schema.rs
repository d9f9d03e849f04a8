//! Whether a database is Duet's, whole, and of this version, and bringing it up to date.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions, Connection};

use crate::error::OpenError;
use crate::{backup, connect, folder};

/// All migrations, compiled in.
pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// `DUET` in ASCII: what the file's header says it belongs to.
const APPLICATION_ID: i64 = 0x4455_4554;

/// The oldest SQLite that is safe with several connections in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Up to this size a database is checked from end to end each time it is opened. Larger ones are
/// only checked where they are read, and by `Store::integrity`: start-up must not wait for it.
/// 10,000 blocks are 0.35 MB, whose check takes 2 ms in a debug build.
const CHECK_UP_TO_BYTES: i64 = 1024 * 1024;

/// The smallest page there is, and so the smallest database, in bytes.
const SMALLEST_DATABASE: u64 = 512;

/// How far a database that is Duet's own is from this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing to do.
    Current,
    /// New, or interrupted while it was set up.
    Behind,
    /// Written by an older version.
    Older,
}

/// Looks without changing anything: everything that must be refused is refused here, while the
/// file is only open for reading, so that a newer database stays as it is byte for byte. Call it
/// under the set-up lock.
pub(crate) async fn inspect(
    conn: &mut SqliteConnection,
    path: &Path,
) -> Result<Standing, OpenError> {
    let sqlite = |attempted| move |source| OpenError::sqlite(path.to_owned(), attempted, source);
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut *conn)
        .await
        .map_err(sqlite("asking SQLite for its version"))?;
    if parse_version(&version) < Some(OLDEST_SQLITE) {
        return Err(OpenError::OldSqlite { found: version });
    }

    let length = std::fs::metadata(path).map_or(0, |found| found.len());
    let application: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut *conn)
        .await
        .map_err(sqlite("reading the file header"))?;
    let objects: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *conn)
        .await
        .map_err(sqlite("reading the schema"))?;
    match (application, objects) {
        (APPLICATION_ID, 1..) => {}
        (APPLICATION_ID, 0) => return Ok(Standing::Behind),
        (0, 0) if length == 0 => return Ok(Standing::Behind),
        // SQLite takes the stump of a file for an empty database.
        (0, 0) if length < SMALLEST_DATABASE => {
            return Err(OpenError::Corrupt {
                path: path.to_owned(),
                detail: format!("the file is cut short after {length} bytes"),
            });
        }
        _ => {
            return Err(OpenError::Foreign {
                path: path.to_owned(),
            });
        }
    }

    // The list is empty where a first set-up was interrupted right after making its table.
    let applied: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT version, checksum FROM _sqlx_migrations ORDER BY version")
            .fetch_all(&mut *conn)
            .await
            .map_err(sqlite("reading the schema version"))?;
    let standing = compare(&applied, path)?;

    let bytes: i64 = sqlx::query_scalar(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    )
    .fetch_one(&mut *conn)
    .await
    .map_err(sqlite("measuring the database"))?;
    if bytes <= CHECK_UP_TO_BYTES {
        // As in `views::integrity`: this connection may have looked before the last update. An older
        // database has no such table, which is not an error.
        let looked = sqlx::query("SELECT rowid FROM event_search LIMIT 1")
            .fetch_optional(&mut *conn)
            .await;
        if let Err(error) = looked {
            tracing::debug!(%error, "no index for searching yet");
        }
        let finding: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut *conn)
            .await
            .map_err(sqlite("checking the database"))?;
        if finding != "ok" {
            return Err(OpenError::Corrupt {
                path: path.to_owned(),
                detail: finding,
            });
        }
    }

    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *conn)
        .await
        .map_err(sqlite("asking for the journal mode"))?;
    Ok(match standing {
        Standing::Current if mode != "wal" => Standing::Behind,
        standing => standing,
    })
}

/// Makes a database, or brings an older one up to date. Call it under the set-up lock.
///
/// A new one is made beside and renamed when it is whole, so that an interrupted set-up leaves no
/// file that could be taken for a database that has lost everything.
pub(crate) async fn bring_up_to_date(path: &Path) -> Result<(), OpenError> {
    if !folder::is_missing(path)? {
        return set_up(path).await;
    }
    let failed = |source| folder::folder_error(path, source);
    folder::clear_for_new(path).map_err(failed)?;
    let draft = folder::new_draft(path).map_err(failed)?;
    set_up(&draft).await?;
    folder::finish_draft(&draft, path).map_err(failed)
}

async fn set_up(path: &Path) -> Result<(), OpenError> {
    let sqlite = |attempted| move |source| OpenError::sqlite(path.to_owned(), attempted, source);
    let mut conn = connect::writer_options(path)
        .connect()
        .await
        .map_err(sqlite("opening the database for writing"))?;
    // Again, and through this connection: another process may have done it all meanwhile, and
    // what was interrupted in the middle of a write can only be read once it is rolled back.
    let standing = inspect(&mut conn, path).await?;
    if standing == Standing::Older {
        // Each migration is all or nothing, but a person may want to go back to the older Duet,
        // or a migration may be wrong: without a copy, blocks made by hand exist nowhere else.
        backup::make(&mut conn, path).await?;
    }
    if standing != Standing::Current {
        // The mark comes before the first table: an interrupted set-up is then known as our own.
        sqlx::query("PRAGMA application_id = 1146438996")
            .execute(&mut conn)
            .await
            .map_err(sqlite("marking the file as Duet's"))?;
        sqlx::query("PRAGMA journal_mode = WAL")
            .execute(&mut conn)
            .await
            .map_err(sqlite("switching to a write-ahead log"))?;
        MIGRATOR
            .run_direct(None, &mut conn, false)
            .await
            .map_err(|source| OpenError::migrate(path.to_owned(), source))?;
    }
    conn.close()
        .await
        .map_err(sqlite("closing the database after setting it up"))
}

/// Compares what was applied with what this build carries.
fn compare(applied: &[(i64, Vec<u8>)], path: &Path) -> Result<Standing, OpenError> {
    for (version, checksum) in applied {
        match MIGRATOR.iter().find(|known| known.version == *version) {
            None => {
                return Err(OpenError::Newer {
                    path: path.to_owned(),
                    found: *version,
                });
            }
            Some(known) if known.checksum.as_ref() != checksum.as_slice() => {
                return Err(OpenError::Altered {
                    path: path.to_owned(),
                    version: *version,
                });
            }
            Some(_) => {}
        }
    }
    Ok(match applied.len() {
        0 => Standing::Behind,
        all if all == MIGRATOR.iter().count() => Standing::Current,
        _ => Standing::Older,
    })
}

fn parse_version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parse_version("3.51.3") == Some(OLDEST_SQLITE));
        assert!(
            parse_version("3.100.0") > Some(OLDEST_SQLITE),
            "100 is more than 51"
        );
        assert!(parse_version("3.46.0") < Some(OLDEST_SQLITE));
        assert!(
            parse_version("unknown") < Some(OLDEST_SQLITE),
            "what cannot be read is refused"
        );
    }

    #[test]
    fn the_mark_in_the_statement_is_the_mark_that_is_checked() {
        assert_eq!(APPLICATION_ID, 1_146_438_996);
        assert_eq!(APPLICATION_ID.to_be_bytes()[4..], *b"DUET");
    }
}
