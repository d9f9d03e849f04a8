//! Who is told what: commits become [`Push::Changed`], the engine's steps become [`Push::Status`],
//! a withdrawn key becomes one notice.

pub(crate) mod invited;

use std::collections::BTreeSet;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use chrono::{DateTime, Utc};
use duet_model::account::{AccountId, AccountState};
use duet_model::topic::Topic;
use duet_sync::host::{Clock, Listener, VaultError};
use duet_wire::Push;
use duet_wire::accounts::Progress;
use duet_wire::status::StatusView;
use tokio::sync::broadcast::error::RecvError;

use crate::app::{App, Inner};
use crate::host::Notice;

/// A first sync reports each calendar; the window needs no more than ten pictures a second.
const STATUS_PACE: Duration = Duration::from_millis(100);

/// How often a status is read that turns out to be older than what was said meanwhile.
const READS: usize = 3;

const ALL: [Topic; 8] = [
    Topic::Accounts,
    Topic::Calendars,
    Topic::ExternalBlocks,
    Topic::Events,
    Topic::ManualBlocks,
    Topic::DuetEvents,
    Topic::Outbox,
    Topic::Settings,
];

/// Starts passing on. The tasks end with the application.
pub(crate) fn start(app: &App) {
    let mut changes = app.inner.store.changes();
    let (host, cancel) = (Arc::clone(&app.inner.host), app.inner.cancel.clone());
    app.inner.tasks.spawn(async move {
        let pass = |changed: Result<Vec<Topic>, RecvError>| match changed {
            Ok(topics) => host.push(Push::Changed { topics }),
            Err(RecvError::Lagged(_)) => host.push(Push::Changed {
                topics: ALL.to_vec(),
            }),
            Err(RecvError::Closed) => {}
        };
        loop {
            tokio::select! {
                biased;
                changed = changes.recv() => {
                    let closed = matches!(changed, Err(RecvError::Closed));
                    pass(changed.map(|topics| topics.into_iter().collect()));
                    if closed {
                        break;
                    }
                }
                // After what was committed has been passed on.
                () = cancel.cancelled() => break,
            }
        }
    });
    let (bell, cancel) = (Arc::clone(&app.inner.status_bell), app.inner.cancel.clone());
    let inner = Arc::downgrade(&app.inner);
    app.inner.tasks.spawn(async move {
        loop {
            tokio::select! {
                () = cancel.cancelled() => break,
                () = bell.notified() => {}
            }
            let Some(app) = upgrade(&inner) else { break };
            if !app.engine_state().keychain_closed {
                app.look_again_at_keychain().await;
            }
            if let Ok(status) = app.status().await {
                app.push(Push::Status { status });
            }
            drop(app);
            tokio::time::sleep(STATUS_PACE).await;
        }
    });
}

fn upgrade(inner: &Weak<Inner>) -> Option<App> {
    inner.upgrade().map(|inner| App { inner })
}

impl App {
    /// Another Duet process committed something: look what it means here.
    pub async fn changed_elsewhere(&self) {
        // The store announces what it finds, and the window reads again.
        match self.inner.store.notice_elsewhere().await {
            Ok(false) => return,
            Ok(true) => {}
            Err(error) => tracing::warn!(%error, "another process's changes could not be read"),
        }
        // What the engine says meanwhile is newer than what was read: then it is read again.
        for _ in 0..READS {
            let heard = self.told().by_engine;
            let Ok(status) = self.status().await else {
                break;
            };
            if self.tell_of_revocations(&status, heard) {
                break;
            }
        }
        // Accounts or switches may have come or gone.
        self.nudge(duet_sync::Nudge::Timer, None);
    }

    /// Remembers which accounts are revoked, without telling anybody: a start is no news.
    pub(crate) fn know_revoked(&self, status: &StatusView) {
        self.told().revoked = revoked(status);
    }

    /// Tells of the accounts that another process found revoked, or reconnected. False where the
    /// engine has told something since `heard`, so that the status may be older than that.
    fn tell_of_revocations(&self, status: &StatusView, heard: u64) -> bool {
        let mut told = self.told();
        if told.by_engine != heard {
            return false;
        }
        let now = revoked(status);
        // Told under the lock, so that nothing newer can be told in between.
        for email in now.difference(&told.revoked).cloned() {
            self.inner.host.notify(Notice::Reconnect { email });
        }
        for email in told.revoked.difference(&now).cloned() {
            self.inner.host.notify(Notice::Reconnected { email });
        }
        told.revoked = now;
        true
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.inner)
    }
}

/// What the person was told about withdrawn keys.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The accounts that are known to be revoked.
    revoked: BTreeSet<String>,
    /// Rises when the engine tells of one.
    by_engine: u64,
}

fn lock(inner: &Inner) -> MutexGuard<'_, Told> {
    inner.told.lock().unwrap_or_else(PoisonError::into_inner)
}

fn revoked(status: &StatusView) -> BTreeSet<String> {
    status
        .accounts
        .iter()
        .filter(|account| account.state == AccountState::Reconnect)
        .map(|account| account.email.clone())
        .collect()
}

/// What the engine sees of the application: a clock, and someone to tell. Holds no application, so
/// that neither keeps the other alive.
pub(crate) struct EngineSide {
    inner: Weak<Inner>,
    host: Arc<dyn crate::Host>,
    bell: Arc<tokio::sync::Notify>,
}

impl EngineSide {
    pub(crate) fn new(app: &App) -> Arc<Self> {
        Arc::new(Self {
            inner: Arc::downgrade(&app.inner),
            host: Arc::clone(&app.inner.host),
            bell: Arc::clone(&app.inner.status_bell),
        })
    }
}

impl Clock for EngineSide {
    fn now(&self) -> DateTime<Utc> {
        self.host.now()
    }
}

impl Listener for EngineSide {
    fn on_progress(&self, _account: AccountId, _progress: Progress) {
        self.bell.notify_one();
    }

    fn on_state(&self) {
        self.bell.notify_one();
    }

    fn on_reconnect_needed(&self, email: &str) {
        let inner = self.inner.upgrade();
        // Held until it is told, so that nothing older is told after it.
        let mut told = inner.as_deref().map(lock);
        if let Some(told) = &mut told {
            told.revoked.insert(email.to_owned());
            told.by_engine += 1;
        }
        self.host.notify(Notice::Reconnect {
            email: email.to_owned(),
        });
    }

    fn on_reconnected(&self, email: &str) {
        self.host.notify(Notice::Reconnected {
            email: email.to_owned(),
        });
    }

    fn on_keychain_blocked(&self, error: &VaultError) {
        let Some(app) = upgrade(&self.inner) else {
            return;
        };
        let words = error.words();
        app.inner.tasks.clone().spawn(async move {
            *app.inner.keychain.write().await = Some(words);
            app.push(Push::Changed {
                topics: vec![Topic::Accounts],
            });
        });
    }
}
