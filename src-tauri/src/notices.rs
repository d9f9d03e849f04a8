//! Desktop notifications: one per account that must be reconnected, with a button, until answered; and
//! one of the newest invitations.
//!
//! Each shown notification is held by a task of its own, because GNOME removes a notification when
//! its sender goes away. The task ends when the person answers, closes it, or the account works
//! again; a daemon that dies is noticed within a day at the latest and costs nothing until then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify_rust::{Notification, NotificationResponse, Timeout, Urgency};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// Says why there is no window. Does not wait; a desktop without notifications has said it all in
/// the log.
pub(crate) fn cannot_start(why: &str) {
    let mut notification = Notification::new();
    notification
        .appname("Duet")
        .summary("Duet cannot open")
        .body(why)
        .icon("duet");
    if let Err(error) = notification.show() {
        tracing::warn!(%error, "no notification could be shown");
    }
}

/// The action's key; the button says what it does.
const ACTION: &str = "act";
/// Under which the notification of invitations is up: no address is like it.
const INVITATIONS: &str = "invitations";
/// Nobody answers a notification after a day, and a dead daemon never says so.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// By account: which notification it is, counted from the first, and what takes it down.
#[derive(Default)]
struct Up {
    shown: u64,
    of: HashMap<String, (u64, CancellationToken)>,
}

/// The notifications that are up.
#[derive(Clone)]
pub(crate) struct Notices {
    runtime: Handle,
    up: Arc<Mutex<Up>>,
}

impl Notices {
    /// Nothing is up yet.
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            up: Arc::default(),
        }
    }

    /// Shows the notification for this account, unless it is up. `answered` runs when the person
    /// presses the button (or the notification itself, which says the same).
    pub(crate) fn reconnect(&self, email: &str, answered: impl FnOnce(String) + Send + 'static) {
        if self.up().of.contains_key(email) {
            return;
        }
        let account = email.to_owned();
        self.raise(email, reconnect(email), move || answered(account));
    }

    /// Shows that there are new invitations, in place of what was said of earlier ones. `answered` runs
    /// when the person wants to see them.
    pub(crate) fn invited(
        &self,
        count: usize,
        details: Option<&str>,
        answered: impl FnOnce() + Send + 'static,
    ) {
        self.done(INVITATIONS);
        self.raise(INVITATIONS, invited(count, details), answered);
    }

    fn raise(
        &self,
        key: &str,
        notification: Notification,
        answered: impl FnOnce() + Send + 'static,
    ) {
        let gone = CancellationToken::new();
        let number = {
            let mut up = self.up();
            up.shown += 1;
            let number = up.shown;
            up.of.insert(key.to_owned(), (number, gone.clone()));
            number
        };
        let (key, notices) = (key.to_owned(), self.clone());
        self.runtime.spawn(async move {
            if tokio::time::timeout(LONGEST, show(notification, gone)).await == Ok(true) {
                answered();
            }
            let mut up = notices.up();
            // While this one was taken down, another may have come up in its place.
            if up.of.get(&key).is_some_and(|(it, _)| *it == number) {
                up.of.remove(&key);
            }
        });
    }

    /// Takes the notification of this account down.
    pub(crate) fn done(&self, email: &str) {
        if let Some((_, gone)) = self.up().of.remove(email) {
            gone.cancel();
        }
    }

    fn up(&self) -> MutexGuard<'_, Up> {
        self.up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reconnect(email: &str) -> Notification {
    let mut notification = Notification::new();
    notification
        .appname("Duet")
        .summary("Reconnect Google Calendar")
        .body(&format!(
            "Google no longer accepts Duet's key for {email}. What Duet knows stays visible, but \
             it is no longer kept fresh."
        ))
        .icon("duet")
        .action("default", "Reconnect")
        .action(ACTION, "Reconnect")
        .timeout(Timeout::Never);
    #[cfg(all(unix, not(target_os = "macos")))]
    notification
        .hint(notify_rust::Hint::DesktopEntry("duet".to_owned()))
        .urgency(Urgency::Critical);
    notification
}

fn invited(count: usize, details: Option<&str>) -> Notification {
    let mut notification = Notification::new();
    let summary = match count {
        1 => "A new invitation".to_owned(),
        many => format!("{many} new invitations"),
    };
    notification
        .appname("Duet")
        .summary(&summary)
        // Some servers take the body for markup, and titles are written by strangers.
        .body(&plain(details.unwrap_or("It waits for your answer.")))
        .icon("duet")
        .action("default", "Show")
        .action(ACTION, "Show");
    #[cfg(all(unix, not(target_os = "macos")))]
    notification.hint(notify_rust::Hint::DesktopEntry("duet".to_owned()));
    notification
}

/// What a server that reads markup shows as it is written.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Did the person press the button, or the notification itself?
fn is_yes(answer: &NotificationResponse) -> bool {
    match answer {
        NotificationResponse::Default => true,
        NotificationResponse::Action(key) => key == ACTION,
        _ => false,
    }
}

/// Shows it and waits. `true` when the person wants to reconnect.
#[cfg(all(unix, not(target_os = "macos")))]
async fn show(notification: Notification, gone: CancellationToken) -> bool {
    let handle = match notification.show_async().await {
        Ok(handle) => handle,
        Err(error) => {
            // The banner in the window and the tray icon say the same.
            tracing::warn!(%error, "no notification could be shown");
            return false;
        }
    };
    let mut wanted = false;
    let answer = handle.wait_for_action_async(|answer| wanted = is_yes(answer));
    tokio::select! {
        () = gone.cancelled() => {
            handle.close_async().await;
            return false;
        }
        _ = answer => {}
    }
    wanted
}

/// On macOS and Windows the library can only wait blocking, so the notification stays until the
/// person answers; a reconnect in the meantime makes the answer harmless.
#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn show(notification: Notification, gone: CancellationToken) -> bool {
    let shown = tokio::task::spawn_blocking(move || {
        let mut wanted = false;
        let handle = notification.show()?;
        handle.wait_for_response(|answer: &NotificationResponse| wanted = is_yes(answer))?;
        Ok::<_, notify_rust::error::Error>(wanted)
    })
    .await;
    matches!(shown, Ok(Ok(true))) && !gone.is_cancelled()
}
