//! One sync at a time on a data folder, across processes: the window, the command line, a cron job.
//!
//! The lock is on an open file and dies with its holder, however that ends; there is no stale lock
//! to clean up. Within a process the accounts share one hold of it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

/// The file in the data folder. It stays there, empty.
pub const LOCK_FILE: &str = "sync.lock";

/// How often a taken lock is tried again.
///
/// The system's own waiting cannot be given up half-way, which would leave a thread behind for each
/// wait that timed out.
const TRY_EVERY: Duration = Duration::from_millis(100);

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process held it all the time.
    #[error("another Duet is syncing")]
    Taken,
    /// The file could not be opened or locked.
    #[error("the lock file {} cannot be used", .path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The lock of one data folder, as seen from this process.
#[derive(Debug)]
pub struct SyncLock {
    path: PathBuf,
    // Held while waiting, so that only one task of this process tries and the others share.
    held: Mutex<Weak<Held>>,
}

/// A share in the hold of the lock; the last one dropped lets go.
#[derive(Clone, Debug)]
pub struct SyncGuard {
    _held: Arc<Held>,
}

#[derive(Debug)]
struct Held {
    // Closing the file unlocks it.
    _file: File,
}

impl SyncLock {
    /// The lock of a data folder. Touches nothing yet.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            path: data_dir.join(LOCK_FILE),
            held: Mutex::new(Weak::new()),
        }
    }

    /// Takes the lock, or a share if this process has it, trying for at most `patience`.
    /// `on_wait` is called once when another process has it.
    ///
    /// # Errors
    /// [`LockError::Taken`] after `patience`, [`LockError::Unusable`] at once.
    pub async fn take(
        &self,
        patience: Duration,
        on_wait: impl FnOnce(),
    ) -> Result<SyncGuard, LockError> {
        let deadline = Instant::now() + patience;
        let mut held = self.held.lock().await;
        if let Some(shared) = held.upgrade() {
            return Ok(SyncGuard { _held: shared });
        }
        let file = self.open()?;
        let mut on_wait = Some(on_wait);
        loop {
            match file.try_lock() {
                Ok(()) => {
                    let shared = Arc::new(Held { _file: file });
                    *held = Arc::downgrade(&shared);
                    return Ok(SyncGuard { _held: shared });
                }
                Err(TryLockError::Error(source)) => return Err(self.unusable(source)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                    return Err(LockError::Taken);
                }
                Err(TryLockError::WouldBlock) => {
                    if let Some(tell) = on_wait.take() {
                        tell();
                    }
                    sleep(TRY_EVERY).await;
                }
            }
        }
    }

    /// Does some process hold the lock right now? For showing only: it may change at once.
    pub fn is_taken(&self) -> bool {
        // A lock that cannot be looked at is nobody's.
        self.open()
            .is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn open(&self) -> Result<File, LockError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&self.path)
            .map_err(|source| self.unusable(source))
    }

    fn unusable(&self, source: io::Error) -> LockError {
        LockError::Unusable {
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    /// Two `SyncLock` values stand for two processes: the lock belongs to the open file.
    #[tokio::test(start_paused = true)]
    async fn a_second_process_waits_and_then_gives_up() {
        let dir = tempfile::tempdir().unwrap();
        let (window, cli) = (SyncLock::new(dir.path()), SyncLock::new(dir.path()));
        let guard = window.take(NOW, || {}).await.unwrap();
        let mut told = 0;
        let begin = Instant::now();
        let refused = cli.take(Duration::from_secs(30), || told += 1).await;
        assert!(matches!(refused, Err(LockError::Taken)));
        assert_eq!(told, 1, "the wait is announced once");
        assert!(begin.elapsed() >= Duration::from_secs(30));
        drop(guard);
        cli.take(NOW, || {})
            .await
            .expect("free once its holder let go");
    }

    #[tokio::test]
    async fn accounts_of_one_process_share_it() {
        let dir = tempfile::tempdir().unwrap();
        let (window, cli) = (SyncLock::new(dir.path()), SyncLock::new(dir.path()));
        let first = window.take(NOW, || {}).await.unwrap();
        let second = window.take(NOW, || {}).await.unwrap();
        drop(first);
        assert!(cli.take(NOW, || {}).await.is_err(), "one share is left");
        drop(second);
        assert!(cli.take(NOW, || {}).await.is_ok());
    }

    #[tokio::test]
    async fn another_folder_is_another_lock() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let _guard = SyncLock::new(here.path()).take(NOW, || {}).await.unwrap();
        assert!(SyncLock::new(there.path()).take(NOW, || {}).await.is_ok());
    }

    #[tokio::test]
    async fn a_missing_folder_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let lock = SyncLock::new(&dir.path().join("gone"));
        assert!(matches!(
            lock.take(NOW, || {}).await,
            Err(LockError::Unusable { .. })
        ));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let _guard = SyncLock::new(dir.path()).take(NOW, || {}).await.unwrap();
        let mode = std::fs::metadata(dir.path().join(LOCK_FILE))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
