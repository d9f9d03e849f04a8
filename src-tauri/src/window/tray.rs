//! The tray: next event, "Sync now", "Pause sync", "Open Duet", "Quit", and an icon with three
//! states. Appears and goes with the tray host; Duet works without one.

use std::sync::Mutex;

use duet_app::App;
use duet_model::account::AccountState;
use duet_wire::Push;
use duet_wire::status::StatusView;
use tauri::image::Image;
use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};
use tokio::runtime::Handle;

use super::{LABEL, show, tray_host};

const IDLE: Image<'_> = tauri::include_image!("./icons/tray-idle.png");
const SYNCING: Image<'_> = tauri::include_image!("./icons/tray-syncing.png");
const ATTENTION: Image<'_> = tauri::include_image!("./icons/tray-attention.png");

/// How often the line about what comes next is looked at while nothing happens.
const PASSING: std::time::Duration = std::time::Duration::from_secs(60);

/// What the icon says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Idle,
    Syncing,
    Attention,
}

impl Look {
    fn of(status: &StatusView) -> Self {
        let attention = status
            .accounts
            .iter()
            .any(|account| account.state != AccountState::Connected);
        match (attention, status.syncing) {
            (_, true) => Self::Syncing,
            (true, false) => Self::Attention,
            (false, false) => Self::Idle,
        }
    }

    fn image(self) -> Image<'static> {
        match self {
            Self::Idle => IDLE,
            Self::Syncing => SYNCING,
            Self::Attention => ATTENTION,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Idle => "Duet",
            Self::Syncing => "Duet: syncing",
            Self::Attention => "Duet needs attention",
        }
    }
}

/// The tray as it stands, kept as state of the shell.
#[derive(Default)]
struct Tray {
    shown: Mutex<Option<Shown>>,
}

struct Shown {
    icon: TrayIcon<Wry>,
    next: MenuItem<Wry>,
    pause: MenuItem<Wry>,
    look: Look,
}

/// Makes the states that the rest of the window asks for; until [`start`] there is no tray.
pub(super) fn prepare(shell: &AppHandle) {
    shell.manage(tray_host::Presence::default());
    shell.manage(Tray::default());
}

/// Puts the icon up whenever there is a place for it.
pub(super) fn start(shell: &AppHandle, app: &App, runtime: &Handle) {
    let presence = shell.state::<tray_host::Presence>().inner().clone();
    let (shell, app) = (shell.clone(), app.clone());
    let (passing, watched) = (shell.clone(), app.clone());
    runtime.spawn(async move {
        // "Busy until 10:30" is no longer true at 10:30, although nothing was changed.
        loop {
            tokio::time::sleep(PASSING).await;
            refresh(&passing, &watched);
        }
    });
    runtime.spawn(async move {
        let followed = tray_host::follow(|there| {
            presence.set(there);
            let (main, app) = (shell.clone(), app.clone());
            let placed = shell.run_on_main_thread(move || place(&main, &app, there));
            if let Err(error) = placed {
                tracing::warn!(%error, "the tray could not be reached");
            }
        });
        if let Err(error) = followed.await {
            tracing::info!(%error, "no tray on this desktop");
        }
        presence.set(false);
        let main = shell.clone();
        let _ = shell.run_on_main_thread(move || not_lost(&main));
    });
}

/// Without a tray there is no way to a hidden window, so it is shown: after a start with `--hidden`
/// on a desktop that has none, and when the tray's host goes away.
fn not_lost(shell: &AppHandle) {
    let window = shell.get_webview_window(LABEL);
    if window.is_some_and(|window| window.is_visible().is_ok_and(|visible| !visible)) {
        show(shell);
    }
}

fn place(shell: &AppHandle, app: &App, there: bool) {
    let tray = shell.state::<Tray>();
    let mut shown = tray
        .shown
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if !there {
        *shown = None;
        drop(shown);
        not_lost(shell);
        return;
    }
    match build(shell, app) {
        Ok(built) => {
            *shown = Some(built);
            drop(shown);
            refresh(shell, app);
        }
        Err(error) => {
            tracing::warn!(%error, "no tray icon");
            shell.state::<tray_host::Presence>().set(false);
        }
    }
}

fn build(shell: &AppHandle, app: &App) -> tauri::Result<Shown> {
    let next = MenuItem::with_id(shell, "next", "Nothing planned", false, None::<&str>)?;
    let sync = MenuItem::with_id(shell, "sync", "Sync now", true, None::<&str>)?;
    let pause = MenuItem::with_id(shell, "pause", "Pause sync", true, None::<&str>)?;
    let open = MenuItem::with_id(shell, "open", "Open Duet", true, None::<&str>)?;
    let quit = MenuItem::with_id(shell, "quit", "Quit", true, None::<&str>)?;
    let line = || PredefinedMenuItem::separator(shell);
    let menu = Menu::with_items(
        shell,
        &[&next, &line()?, &sync, &pause, &line()?, &open, &quit],
    )?;
    let (for_menu, for_click) = (app.clone(), shell.clone());
    let icon = TrayIconBuilder::with_id("duet")
        .icon(IDLE)
        .tooltip("Duet")
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |shell, event| chosen(shell, &for_menu, event.id().as_ref()))
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                show(&for_click);
            }
        })
        .build(shell)?;
    Ok(Shown {
        icon,
        next,
        pause,
        look: Look::Idle,
    })
}

fn chosen(shell: &AppHandle, app: &App, id: &str) {
    match id {
        "sync" => app.sync_soon(),
        "pause" => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = app.toggle_paused().await {
                    tracing::warn!(%error, "sync could not be paused");
                }
            });
        }
        "open" => show(shell),
        "quit" => shell.exit(0),
        _ => {}
    }
}

/// Keeps the tray in step with what the window is told.
pub(super) fn follow(shell: &AppHandle, app: &App, push: &Push) {
    if matches!(push, Push::Changed { .. } | Push::Status { .. }) {
        refresh(shell, app);
    }
}

fn refresh(shell: &AppHandle, app: &App) {
    let (shell, app) = (shell.clone(), app.clone());
    tauri::async_runtime::spawn(async move {
        let (Ok(status), next) = (app.status().await, app.next_line().await) else {
            return;
        };
        let main = shell.clone();
        let _ = shell.run_on_main_thread(move || dress(&main, &status, &next));
    });
}

fn dress(shell: &AppHandle, status: &StatusView, next: &str) {
    let Some(tray) = shell.try_state::<Tray>() else {
        return;
    };
    let mut shown = tray
        .shown
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some(shown) = shown.as_mut() else { return };
    let pause = if status.paused {
        "Resume sync"
    } else {
        "Pause sync"
    };
    let mut steps = vec![shown.next.set_text(next), shown.pause.set_text(pause)];
    let look = Look::of(status);
    if look != shown.look {
        steps.push(shown.icon.set_icon(Some(look.image())));
        steps.push(shown.icon.set_tooltip(Some(look.words())));
        shown.look = look;
    }
    for error in steps.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "the tray could not be updated");
    }
}
