//! How the desktop process reaches the person: browser, notifications, the event bridge.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use duet_app::{App, Notice};
use duet_model::topic::Topic;
use duet_wire::push::Place;
use duet_wire::{EVENT, Push};
use tauri::{AppHandle, Emitter};
use tauri_plugin_autostart::ManagerExt;
use tokio::runtime::Handle;

use super::{LABEL, show, tray};
use crate::doorbell::{self, Doorbell};
use crate::machine::Face;
use crate::notices::Notices;

/// The face of a process with a window. Silent until the window is attached.
pub(super) struct WindowFace {
    attached: OnceLock<(AppHandle, App)>,
    notices: Notices,
    data_dir: PathBuf,
    /// `None` once the window has asked for something.
    unheard: Mutex<Option<Unheard>>,
    /// Rung with the window's first question.
    first: tokio::sync::Notify,
}

/// A window that has asked nothing by then will not be waited for.
const FIRST_QUESTION: std::time::Duration = std::time::Duration::from_secs(2);

/// What was said since the page's first picture was taken and perhaps before the page listened: a
/// link that started Duet, the return of a sign-in, a first sync.
#[derive(Default)]
struct Unheard {
    changed: BTreeSet<Topic>,
    connect: Option<Push>,
    go: Option<Push>,
}

impl Unheard {
    /// Only the last of each counts. The state of syncing is said again often enough.
    fn note(&mut self, push: &Push) {
        match push {
            Push::Changed { topics } => self.changed.extend(topics),
            Push::Connect { .. } => self.connect = Some(push.clone()),
            Push::Go { .. } => self.go = Some(push.clone()),
            Push::Status { .. } => {}
        }
    }

    fn again(self) -> impl Iterator<Item = Push> {
        let topics: Vec<Topic> = self.changed.into_iter().collect();
        let changed = (!topics.is_empty()).then_some(Push::Changed { topics });
        [changed, self.connect, self.go].into_iter().flatten()
    }
}

impl WindowFace {
    pub(super) fn new(runtime: Handle, data_dir: PathBuf) -> Self {
        Self {
            attached: OnceLock::new(),
            notices: Notices::new(runtime),
            data_dir,
            unheard: Mutex::new(Some(Unheard::default())),
            first: tokio::sync::Notify::new(),
        }
    }

    /// The window asks, so it listens by now: what it may have missed is said once more.
    pub(super) fn asked(&self) {
        let unheard = self
            .unheard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if unheard.is_some() {
            self.first.notify_one();
        }
        for push in unheard.into_iter().flat_map(Unheard::again) {
            self.say(&push);
        }
    }

    /// Waits until the window has painted its first picture, which it does before it asks for
    /// anything, or until it should have.
    pub(super) async fn heard(&self) {
        let _ = tokio::time::timeout(FIRST_QUESTION, self.first.notified()).await;
    }

    fn say(&self, push: &Push) {
        if let Some((shell, _)) = self.attached.get()
            && let Err(error) = shell.emit_to(LABEL, EVENT, push)
        {
            tracing::warn!(%error, "the window could not be told of a change");
        }
    }

    /// From now on there is a window to talk to.
    pub(super) fn attach(&self, shell: AppHandle, app: App) {
        // Set-up runs once; a second call would only repeat the first.
        let _ = self.attached.set((shell, app));
    }

    pub(super) fn app(&self) -> Option<App> {
        self.attached.get().map(|(_, app)| app.clone())
    }
}

impl Face for WindowFace {
    fn open_url(&self, url: &str) -> Result<(), String> {
        crate::browser::open(url)
    }

    fn notify(&self, notice: Notice) {
        let Some((shell, app)) = self.attached.get() else {
            return;
        };
        match notice {
            Notice::Reconnect { email } => {
                let (shell, app) = (shell.clone(), app.clone());
                self.notices.reconnect(&email, move |email| {
                    show(&shell);
                    tauri::async_runtime::spawn(async move { app.reconnect(&email).await });
                });
            }
            Notice::Reconnected { email } => self.notices.done(&email),
            Notice::Invited { count, details } => {
                let (shell, app) = (shell.clone(), app.clone());
                self.notices.invited(count, details.as_deref(), move || {
                    show(&shell);
                    let place = Place::Invitations;
                    app.push(Push::Go { place });
                });
            }
        }
    }

    fn push(&self, push: Push) {
        let Some((shell, app)) = self.attached.get() else {
            return;
        };
        if matches!(push, Push::Changed { .. }) {
            doorbell::ring(&self.data_dir);
        }
        tray::follow(shell, app, &push);
        if let Some(unheard) = &mut *self.unheard.lock().unwrap_or_else(PoisonError::into_inner) {
            unheard.note(&push);
        }
        self.say(&push);
    }

    fn autostart(&self) -> bool {
        let Some((shell, _)) = self.attached.get() else {
            return false;
        };
        shell.autolaunch().is_enabled().unwrap_or(false)
    }

    fn set_autostart(&self, on: bool) -> Result<(), String> {
        let (shell, _) = self.attached.get().ok_or("the window is not there yet")?;
        let autostart = shell.autolaunch();
        let done = if on {
            autostart.enable()
        } else {
            autostart.disable()
        };
        done.map_err(|error| format!("The desktop did not take the change: {error}."))
    }
}

/// Passes on what other Duet processes commit.
pub(super) fn listen(app: &App, data_dir: &Path, runtime: &Handle) {
    let mut bell = match Doorbell::listen(data_dir) {
        Ok(bell) => bell,
        Err(error) => {
            tracing::warn!(%error, "changes of other Duet processes show at the next sync only");
            return;
        }
    };
    let app = app.clone();
    runtime.spawn(async move {
        while bell.rang().await.is_some() {
            app.changed_elsewhere().await;
        }
    });
}

#[cfg(test)]
mod tests {
    use duet_wire::connect::ConnectView;

    use super::*;

    #[test]
    fn what_was_not_heard_is_said_again_in_short() {
        let connect = |connect| Push::Connect { connect };
        let changed = |topics: &[Topic]| Push::Changed {
            topics: topics.to_vec(),
        };
        let mut unheard = Unheard::default();
        for push in [
            Push::Go {
                place: Place::Settings,
            },
            connect(ConnectView::Finishing),
            changed(&[Topic::Accounts]),
            changed(&[Topic::Accounts, Topic::Calendars]),
            connect(ConnectView::Idle),
        ] {
            unheard.note(&push);
        }
        let again: Vec<Push> = unheard.again().collect();
        assert_eq!(
            again,
            [
                changed(&[Topic::Accounts, Topic::Calendars]),
                connect(ConnectView::Idle),
                Push::Go {
                    place: Place::Settings
                },
            ]
        );
        assert_eq!(Unheard::default().again().count(), 0);
    }
}
