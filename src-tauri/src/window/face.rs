//! How the desktop process reaches the person: browser, notifications, the event bridge.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use duet_app::{App, Notice};
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
}

impl WindowFace {
    pub(super) fn new(runtime: Handle, data_dir: PathBuf) -> Self {
        Self {
            attached: OnceLock::new(),
            notices: Notices::new(runtime),
            data_dir,
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
        if let Err(error) = shell.emit_to(LABEL, EVENT, &push) {
            tracing::warn!(%error, "the window could not be told of a change");
        }
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
