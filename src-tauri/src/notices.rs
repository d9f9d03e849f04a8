//! Desktop notifications: one per account that must be reconnected, with a button, until answered.
//!
//! Each shown notification is held by a task of its own, because GNOME removes a notification when
//! its sender goes away. The task ends when the person answers, closes it, or the account works
//! again; a daemon that dies is noticed within a day at the latest and costs nothing until then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
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

/// The action's key; the button says "Reconnect".
const RECONNECT: &str = "reconnect";
/// Nobody answers a notification after a day, and a dead daemon never says so.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The notifications that are up.
#[derive(Clone)]
pub(crate) struct Notices {
    runtime: Handle,
    up: Arc<Mutex<HashMap<String, CancellationToken>>>,
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
        let gone = CancellationToken::new();
        {
            let mut up = self.up.lock().unwrap_or_else(PoisonError::into_inner);
            if up.contains_key(email) {
                return;
            }
            up.insert(email.to_owned(), gone.clone());
        }
        let (email, notices) = (email.to_owned(), self.clone());
        self.runtime.spawn(async move {
            if tokio::time::timeout(LONGEST, show(&email, gone)).await == Ok(true) {
                answered(email.clone());
            }
            notices
                .up
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&email);
        });
    }

    /// Takes the notification of this account down.
    pub(crate) fn done(&self, email: &str) {
        if let Some(gone) = self
            .up
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(email)
        {
            gone.cancel();
        }
    }
}

fn notification(email: &str) -> Notification {
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
        .action(RECONNECT, "Reconnect")
        .timeout(Timeout::Never);
    #[cfg(all(unix, not(target_os = "macos")))]
    notification
        .hint(notify_rust::Hint::DesktopEntry("duet".to_owned()))
        .urgency(Urgency::Critical);
    notification
}

/// Did the person press the button, or the notification itself?
fn is_yes(answer: &NotificationResponse) -> bool {
    match answer {
        NotificationResponse::Default => true,
        NotificationResponse::Action(key) => key == RECONNECT,
        _ => false,
    }
}

/// Shows it and waits. `true` when the person wants to reconnect.
#[cfg(all(unix, not(target_os = "macos")))]
async fn show(email: &str, gone: CancellationToken) -> bool {
    let handle = match notification(email).show_async().await {
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
async fn show(email: &str, gone: CancellationToken) -> bool {
    let notification = notification(email);
    let shown = tokio::task::spawn_blocking(move || {
        let mut wanted = false;
        let handle = notification.show()?;
        handle.wait_for_response(|answer: &NotificationResponse| wanted = is_yes(answer))?;
        Ok::<_, notify_rust::error::Error>(wanted)
    })
    .await;
    matches!(shown, Ok(Ok(true))) && !gone.is_cancelled()
}
