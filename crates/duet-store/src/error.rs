//! What can go wrong with the database, opening and running apart, in words a person can use.

use std::io;
use std::path::{Path, PathBuf};

use crate::backup;

/// Why the store could not be opened. Nothing was changed unless the variant says so.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder or a file in it could not be made, or its access rights not be set.
    #[error("Duet's data folder cannot be used: {}: {source}", path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A newer Duet wrote this database; it was left untouched.
    #[error(
        "the data in {} was written by a newer version of Duet (schema {found}). \
         Nothing was changed. Please update Duet.",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// The newest migration it carries.
        found: i64,
    },
    /// The file is a database of some other program; it was left untouched.
    #[error("{} is not a Duet database. It was left alone.", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file has no bytes, in a folder where Duet lived before: what it held is lost, and an
    /// empty calendar would look like free time.
    #[error(
        "the database {} is empty, and {} beside it shows that Duet was used here before: what it \
         held is lost. Nothing was changed; the keys to your accounts and everything at Google \
         are still there. Put a copy of the file back{}, or move the empty file away to start \
         anew: accounts are then connected again, blocks made by hand are gone",
        path.display(), sign.display(), copy_beside(path)
    )]
    Emptied {
        /// The database.
        path: PathBuf,
        /// What shows it.
        sign: PathBuf,
    },
    /// The file is damaged. [`crate::Store::quarantine`] moves it aside, so that a new one can be
    /// made and filled again from Google.
    #[error("the database {} is damaged ({detail})", path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// What SQLite found.
        detail: String,
    },
    /// A migration that was applied has other contents in this build: a defect of the build.
    #[error(
        "migration {version} of {} differs from the one this Duet was built with",
        path.display()
    )]
    Altered {
        /// The database.
        path: PathBuf,
        /// The migration.
        version: i64,
    },
    /// Another Duet process is setting the database up and did not finish in time.
    #[error("another Duet process is still setting up {}", path.display())]
    Busy {
        /// The database.
        path: PathBuf,
    },
    /// The file system cannot hold a write-ahead log, as is the case for network drives.
    #[error(
        "{} lies on a file system that SQLite cannot use safely, such as a network drive. \
         Please set DUET_DATA_DIR to a folder on this computer.",
        path.display()
    )]
    NoLog {
        /// The database.
        path: PathBuf,
    },
    /// The database is older than this build, and the copy that is made before it is brought up to
    /// date could not be written; it was left untouched.
    #[error(
        "the data in {} was written by an older version of Duet, and the copy that is made before \
         it is brought up to date could not be written to {}: {source}. Nothing was changed. Make \
         room on that disk (as much as the database has) and start again; the older version still \
         works",
        path.display(), copy.display()
    )]
    Backup {
        /// The database.
        path: PathBuf,
        /// The copy that was to be made.
        copy: PathBuf,
        /// What went wrong.
        source: sqlx::Error,
    },
    /// The schema could not be brought up to date; each migration is all or nothing.
    #[error("the database {} could not be brought up to date: {source}", path.display())]
    Migrate {
        /// The database.
        path: PathBuf,
        /// What went wrong.
        source: Box<sqlx::migrate::MigrateError>,
    },
    /// The SQLite in this build is too old to be trusted with several connections in WAL mode
    /// (before 3.51.3 a checkpoint could corrupt the file): a defect of the build.
    #[error("this build carries SQLite {found}; 3.51.3 is the oldest that is safe")]
    OldSqlite {
        /// Its version.
        found: String,
    },
    /// SQLite refused while something else was attempted.
    #[error("{attempted} failed for {}: {source}", path.display())]
    Sqlite {
        /// The database.
        path: PathBuf,
        /// What was attempted.
        attempted: &'static str,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

impl OpenError {
    /// Is the file itself damaged, so that moving it aside is the way on?
    pub fn is_corrupt(&self) -> bool {
        matches!(self, Self::Corrupt { .. })
    }

    /// Does its sentence already say what was kept and what to do?
    pub fn says_what_to_do(&self) -> bool {
        matches!(
            self,
            Self::Newer { .. } | Self::Emptied { .. } | Self::NoLog { .. } | Self::Backup { .. }
        )
    }

    /// Is the disk full?
    pub fn is_full(&self) -> bool {
        match self {
            Self::Backup {
                source: sqlx::Error::Io(source),
                ..
            } => source.kind() == io::ErrorKind::StorageFull,
            Self::Backup { source, .. } => code(source) == Some(FULL),
            Self::Sqlite { source, .. } => code(source) == Some(FULL),
            Self::Migrate { source, .. } => migrate_cause(source).and_then(code) == Some(FULL),
            Self::Folder { source, .. } => source.kind() == io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    /// Could SQLite not even read, because something would have to be written first?
    pub(crate) fn needs_writer(&self) -> bool {
        matches!(self, Self::Sqlite { source, .. } if code(source) == Some(READONLY))
    }

    /// Sorts an error of SQLite: a damaged file is a case of its own.
    pub(crate) fn sqlite(path: PathBuf, attempted: &'static str, source: sqlx::Error) -> Self {
        if is_corrupt(&source) {
            return Self::Corrupt {
                path,
                detail: detail(&source),
            };
        }
        Self::Sqlite {
            path,
            attempted,
            source,
        }
    }

    /// The same for an error of the migrator.
    pub(crate) fn migrate(path: PathBuf, source: sqlx::migrate::MigrateError) -> Self {
        match migrate_cause(&source).filter(|cause| is_corrupt(cause)) {
            Some(cause) => Self::Corrupt {
                path,
                detail: detail(cause),
            },
            None => Self::Migrate {
                path,
                source: Box::new(source),
            },
        }
    }
}

/// Why a read or a write failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("{attempted} failed: {source}")]
    Sqlite {
        /// What was attempted.
        attempted: &'static str,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// A row holds something Duet never writes.
    #[error("table {table}, row {row}, column {column}: {detail}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The key of the row.
        row: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The caller offered a value that may not be stored: a defect of the caller.
    #[error("table {table}, column {column}: {reason}")]
    Refused {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// The store was closed.
    #[error("the database is closed")]
    Closed,
    /// The task that carried out a commit ended before it could say how it went: the program is
    /// shutting down.
    #[error("the commit was interrupted: {source}")]
    Interrupted {
        /// What the runtime said.
        source: tokio::task::JoinError,
    },
}

impl StoreError {
    /// Did somebody else hold the database for too long? Trying the whole transaction again helps.
    pub fn is_busy(&self) -> bool {
        matches!(self.code(), Some(BUSY | LOCKED))
    }

    /// Is the disk full?
    pub fn is_full(&self) -> bool {
        self.code() == Some(FULL)
    }

    /// May the file only be read?
    pub fn is_read_only(&self) -> bool {
        matches!(self.code(), Some(READONLY | CANTOPEN | PERM))
    }

    /// Is the file damaged? Opening it again will say so too, and offers a way out.
    pub fn is_corrupt(&self) -> bool {
        matches!(self.code(), Some(CORRUPT | NOTADB))
    }

    /// For `map_err`: what was being done when SQLite refused.
    pub(crate) fn doing(attempted: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Sqlite { attempted, source }
    }

    /// Must the connection be given up? After these it is unknown what reached the disk.
    pub(crate) fn ends_connection(&self) -> bool {
        match self {
            Self::Sqlite {
                source: sqlx::Error::WorkerCrashed,
                ..
            } => true,
            _ => matches!(self.code(), Some(IOERR | CORRUPT | NOTADB)),
        }
    }

    fn code(&self) -> Option<i32> {
        match self {
            Self::Sqlite { source, .. } => code(source),
            _ => None,
        }
    }
}

// SQLite's primary result codes, https://www.sqlite.org/rescode.html.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
const PERM: i32 = 3;
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// Names the copy from before the last update, where there is one.
fn copy_beside(database: &Path) -> String {
    let copy = backup::copy_of(database);
    if copy.exists() {
        format!(" ({} is one from before the last update)", copy.display())
    } else {
        String::new()
    }
}

/// Did somebody else hold a lock?
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(BUSY | LOCKED))
}

fn is_corrupt(error: &sqlx::Error) -> bool {
    matches!(code(error), Some(CORRUPT | NOTADB))
}

/// The primary result code; sqlx hands out the extended one, whose low byte it is.
fn code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn detail(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .map_or_else(|| error.to_string(), |inner| inner.message().to_owned())
}

fn migrate_cause(error: &sqlx::migrate::MigrateError) -> Option<&sqlx::Error> {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => Some(source),
        _ => None,
    }
}
