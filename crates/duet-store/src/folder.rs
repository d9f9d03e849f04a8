//! The data folder as the store needs it: who may read what, one set-up at a time, where a new
//! database is made, and the way out for a damaged one. Does not know what is inside the files.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::FILE_NAME;
use crate::error::OpenError;

/// What SQLite puts beside the database, by suffix. The write-ahead log is part of the data, and so
/// is the journal of a database that has no such log yet.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Where a new database is made, and a copy of an old one, until it is whole.
const DRAFT: &str = ".new";

/// Held by whoever sets the database up, and by those who look whether that is needed.
const LOCK_NAME: &str = "open.lock";

/// How often and how long the set-up lock is asked for: 30 seconds in all.
const LOCK_TRIES: u32 = 3000;
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Makes the folder where it is missing, for the owner alone, and takes rights away from others
/// where there are any. Returns the path of the database, which may not exist yet.
///
/// A database that exists is never opened here: closing it again would drop the locks that SQLite
/// holds on it in this process, as POSIX wants it.
pub(crate) fn prepare(dir: &Path) -> Result<PathBuf, OpenError> {
    let dir = std::path::absolute(dir).map_err(|source| folder_error(dir, source))?;
    owner_only_dir(&dir).map_err(|source| folder_error(&dir, source))?;
    let path = dir.join(FILE_NAME);
    let log = BESIDE.map(|suffix| beside(&path, suffix));
    let lock = path.with_file_name(LOCK_NAME);
    for path in [path.clone(), lock].into_iter().chain(log) {
        match restrict(&path, 0o600) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(folder_error(&path, source)),
        }
    }
    Ok(path)
}

/// Is there no database yet? Call it under the set-up lock.
///
/// A file of no bytes at all counts as a new one only in a folder where nothing else is: Duet makes
/// its database beside and renames it, so it never leaves one behind, and where there are signs of
/// an earlier life that file has *lost* what it held. Taken for a new one, every hour in it would
/// look free. It is asked before SQLite sees the file, because SQLite removes the log of a file
/// without bytes, and with it the last that is known.
pub(crate) fn is_missing(database: &Path) -> Result<bool, OpenError> {
    let length = match fs::metadata(database) {
        Ok(found) => found.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(source) => return Err(folder_error(database, source)),
    };
    if length == 0
        && let Some(sign) =
            sign_of_life(database).map_err(|source| folder_error(database, source))?
    {
        return Err(OpenError::Emptied {
            path: database.to_owned(),
            sign,
        });
    }
    Ok(false)
}

/// Something beside the database that only an earlier Duet can have left; the first by name.
fn sign_of_life(database: &Path) -> io::Result<Option<PathBuf>> {
    let Some(dir) = database.parent() else {
        return Ok(None);
    };
    let draft = draft_of(database);
    let mut signs = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        if path == database || path == draft || name == LOCK_NAME || hidden {
            continue;
        }
        if !path.is_dir() || holds_something(&path)? {
            signs.push(path);
        }
    }
    Ok(signs.into_iter().min())
}

/// Is there a file with something in it? The log of this very start is there and still empty.
fn holds_something(dir: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(dir)? {
        let found = entry?.metadata()?;
        if found.is_dir() || found.len() > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where the file that is to become `whole` is written until it is that.
pub(crate) fn draft_of(whole: &Path) -> PathBuf {
    beside(whole, DRAFT)
}

/// An empty file for the owner alone, in place of what an interrupted attempt may have left.
///
/// It is made here and not by SQLite, which would make it readable for everyone under the usual
/// umask. SQLite then gives the `-wal` and `-shm` files the rights of the database.
pub(crate) fn new_draft(whole: &Path) -> io::Result<PathBuf> {
    let draft = draft_of(whole);
    remove_draft(&draft)?;
    owner_only_options()
        .write(true)
        .create_new(true)
        .open(&draft)?;
    Ok(draft)
}

/// Takes a draft away, finished or not.
pub(crate) fn remove_draft(draft: &Path) -> io::Result<()> {
    for path in BESIDE
        .map(|suffix| beside(draft, suffix))
        .iter()
        .map(PathBuf::as_path)
        .chain([draft])
    {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Puts a draft that is whole, and that nobody has open, in its place; there for good when this
/// returns.
pub(crate) fn finish_draft(draft: &Path, whole: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    fs::rename(draft, whole)?;
    // The name is in the folder, which has a cache of its own.
    #[cfg(unix)]
    if let Some(dir) = whole.parent() {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// Moves away what belonged to a database that is no longer there: SQLite would read a stranger's
/// log into the new one.
pub(crate) fn clear_for_new(database: &Path) -> io::Result<()> {
    let left: Vec<PathBuf> = BESIDE
        .map(|suffix| beside(database, suffix))
        .into_iter()
        .filter(|path| path.exists())
        .collect();
    let (Some(dir), false) = (database.parent(), left.is_empty()) else {
        return Ok(());
    };
    let home = new_quarantine(dir)?;
    for path in left {
        move_restricted(&path, &home)?;
    }
    Ok(())
}

/// What the set-up lock is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SetUp {
    /// To look: several may, but nobody sets up meanwhile, so that what is seen belongs together.
    Watch,
    /// To set up, alone.
    Do,
}

/// Waits for the set-up lock. It ends with the returned file, and with the process.
pub(crate) async fn lock(database: &Path, set_up: SetUp) -> Result<File, OpenError> {
    let path = database.with_file_name(LOCK_NAME);
    let file = owner_only_options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(|source| folder_error(&path, source))?;
    // Nearly always free, and then not worth a thread.
    match try_lock(&file, set_up) {
        Ok(()) => return Ok(file),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(source)) => return Err(folder_error(&path, source)),
    }
    let database = database.to_owned();
    tokio::task::spawn_blocking(move || wait_for_lock(file, set_up, &database))
        .await
        .map_err(|error| folder_error(&path, io::Error::other(error)))?
}

#[expect(
    clippy::disallowed_methods,
    reason = "runs on a thread for blocking work, and a file lock tells nobody when it is free"
)]
fn wait_for_lock(file: File, set_up: SetUp, database: &Path) -> Result<File, OpenError> {
    for _ in 0..LOCK_TRIES {
        std::thread::sleep(LOCK_PAUSE);
        match try_lock(&file, set_up) {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => return Err(folder_error(database, source)),
        }
    }
    Err(OpenError::Busy {
        path: database.to_owned(),
    })
}

fn try_lock(file: &File, set_up: SetUp) -> Result<(), TryLockError> {
    match set_up {
        SetUp::Watch => file.try_lock_shared(),
        SetUp::Do => file.try_lock(),
    }
}

/// Moves the database and what belongs to it into a new folder `quarantine-N` beside it, and
/// returns the path of the moved database.
///
/// The log goes first: a crash in between then leaves a database without its log, which is an
/// older state, and never a new database beside a stranger's log.
pub(crate) fn quarantine(dir: &Path) -> io::Result<PathBuf> {
    let database = dir.join(FILE_NAME);
    let home = new_quarantine(dir)?;
    for suffix in BESIDE {
        match move_restricted(&beside(&database, suffix), &home) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    move_restricted(&database, &home)
}

fn move_restricted(from: &Path, home: &Path) -> io::Result<PathBuf> {
    restrict(from, 0o600)?;
    let name = from.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let to = home.join(name);
    fs::rename(from, &to)?;
    Ok(to)
}

fn new_quarantine(dir: &Path) -> io::Result<PathBuf> {
    let mut number = 1_u32;
    loop {
        let home = dir.join(format!("quarantine-{number}"));
        match owner_only_builder().create(&home) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
            Ok(()) => return Ok(home),
        }
    }
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

pub(crate) fn folder_error(path: &Path, source: io::Error) -> OpenError {
    OpenError::Folder {
        path: path.to_owned(),
        source,
    }
}

fn owner_only_dir(dir: &Path) -> io::Result<()> {
    let mut builder = owner_only_builder();
    builder.recursive(true).create(dir)?;
    restrict(dir, 0o700)
}

#[cfg(unix)]
fn owner_only_builder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn owner_only_builder() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(unix)]
fn owner_only_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn owner_only_options() -> OpenOptions {
    OpenOptions::new()
}

/// Takes away every right beyond `mode`. By path, for the reason told at [`prepare`].
#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let now = fs::metadata(path)?.permissions().mode() & 0o7777;
    if now & !mode == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(now & mode))
}

/// Elsewhere the profile folder itself is private to the user.
#[cfg(not(unix))]
fn restrict(path: &Path, _mode: u32) -> io::Result<()> {
    fs::metadata(path).map(|_| ())
}
