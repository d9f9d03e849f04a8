//! Is there a place for a tray icon? Asked of the session bus, and followed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether an icon would be seen right now. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Presence(Arc<AtomicBool>);

impl Presence {
    /// Would it be seen?
    pub(crate) fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self, there: bool) {
        self.0.store(there, Ordering::Relaxed);
    }
}

/// Calls `changed` with whether a tray host is there: now, and whenever that changes.
#[cfg(target_os = "linux")]
pub(super) async fn follow(mut changed: impl FnMut(bool)) -> zbus::Result<()> {
    use futures_util::StreamExt;

    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let bus = zbus::Connection::session().await?;
    let names = zbus::fdo::DBusProxy::new(&bus).await?;
    // Subscribed before the first question, so that no change falls between the two.
    let mut changes = names
        .receive_name_owner_changed_with_args(&[(0, WATCHER)])
        .await?;
    changed(names.name_has_owner(WATCHER.try_into()?).await?);
    while let Some(change) = changes.next().await {
        changed(change.args()?.new_owner().is_some());
    }
    Ok(())
}

/// Elsewhere the system always has one.
#[cfg(not(target_os = "linux"))]
pub(super) async fn follow(mut changed: impl FnMut(bool)) -> Result<(), std::convert::Infallible> {
    changed(true);
    std::future::ready(Ok(())).await
}
