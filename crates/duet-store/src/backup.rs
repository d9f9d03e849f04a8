//! The copy of a database from before it was last brought up to date: made, and taken away again.
//! Does not know when either is due.

use std::io;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;

use crate::error::OpenError;
use crate::folder;

/// What the copy is called, behind the name of the database.
const SUFFIX: &str = ".before-update";

/// Where the copy of a database lies.
pub(crate) fn copy_of(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// Copies the database as `conn` sees it, in place of the last copy. It is written beside and
/// renamed: when the disk is full, the last copy is still there.
pub(crate) async fn make(conn: &mut SqliteConnection, database: &Path) -> Result<(), OpenError> {
    let copy = copy_of(database);
    write(conn, &copy).await.map_err(|source| {
        if let Err(error) = folder::remove_draft(&folder::draft_of(&copy)) {
            tracing::warn!(%error, "what there is of a copy stays");
        }
        OpenError::Backup {
            path: database.to_owned(),
            copy,
            source,
        }
    })
}

async fn write(conn: &mut SqliteConnection, copy: &Path) -> Result<(), sqlx::Error> {
    let draft = folder::new_draft(copy)?;
    // SQLite takes an empty file for the copy, and keeps its rights.
    let name = draft
        .to_str()
        .ok_or_else(|| io::Error::other("the folder's name is not Unicode"))?;
    sqlx::query("VACUUM INTO ?1")
        .bind(name)
        .execute(conn)
        .await?;
    folder::finish_draft(&draft, copy)?;
    Ok(())
}

/// Takes the copy away: it still has what a person wants gone.
pub(crate) fn remove(database: &Path) -> io::Result<()> {
    folder::remove_draft(&copy_of(database))
}
