//! A change made by one Duet process rings at the others: a file in the data folder is rewritten,
//! and a window watches it. Nothing polls.

use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

/// The file; its contents only say who rang last.
const FILE: &str = "changed";

/// Tells other Duet processes that something was committed.
pub(crate) fn ring(data_dir: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let rung = options.open(data_dir.join(FILE)).and_then(|mut file| {
        std::io::Write::write_all(&mut file, std::process::id().to_string().as_bytes())
    });
    if let Err(error) = rung {
        tracing::warn!(%error, "other Duet processes could not be told of a change");
    }
}

/// Listens for others; dropping it ends the listening.
pub(crate) struct Doorbell {
    _watcher: RecommendedWatcher,
    rings: mpsc::Receiver<()>,
}

impl Doorbell {
    /// Listens in this data folder.
    pub(crate) fn listen(data_dir: &Path) -> notify::Result<Self> {
        let (sender, rings) = mpsc::channel(1);
        let file: PathBuf = data_dir.join(FILE);
        // Created first, so that it can be watched by itself: watching the folder would wake this
        // process at each write to the database's log.
        if !file.exists() {
            ring(data_dir);
        }
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if event.is_ok_and(|event| matches!(event.kind, EventKind::Modify(_))) {
                    // A ring that is already waiting says it all.
                    let _ = sender.try_send(());
                }
            })?;
        watcher.watch(&file, RecursiveMode::NonRecursive)?;
        Ok(Self {
            _watcher: watcher,
            rings,
        })
    }

    /// Waits for the next change made elsewhere.
    pub(crate) async fn rang(&mut self) -> Option<()> {
        self.rings.recv().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_ring_is_heard() {
        let dir = tempfile::tempdir().unwrap();
        let mut bell = Doorbell::listen(dir.path()).unwrap();
        ring(dir.path());
        let heard = tokio::time::timeout(std::time::Duration::from_secs(5), bell.rang()).await;
        assert_eq!(heard, Ok(Some(())));
    }
}
