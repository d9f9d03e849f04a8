//! The desktop process: plugins, window, tray, links, and the two ways between window and core.

mod again;
mod boot;
mod face;
mod schemes;
mod tray;
mod tray_host;

use std::sync::{Arc, OnceLock};

use duet_app::{App, Opening};
use duet_wire::push::Place;
use duet_wire::{Answer, Push, Request, WireError};
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};

use crate::environment::{Environment, cannot_open};
use crate::links::{self, Link};
use crate::machine::Machine;
use face::WindowFace;

/// The label of the one window, named by the capability file.
pub(crate) const LABEL: &str = "main";

/// The one command of the window. What can be asked stands in `duet_wire::request`.
#[tauri::command]
async fn rpc(
    app: tauri::State<'_, App>,
    face: tauri::State<'_, Arc<WindowFace>>,
    request: Request,
) -> Result<Answer, WireError> {
    face.asked();
    app.handle(request).await
}

/// Runs the desktop process until it is quit.
///
/// # Errors
/// When Duet cannot start at all; the sentence says why.
pub(crate) fn run(
    environment: &Environment,
    runtime: &tokio::runtime::Runtime,
    arguments: &[String],
) -> Result<(), String> {
    tauri::async_runtime::set(runtime.handle().clone());
    let face = Arc::new(WindowFace::new(
        runtime.handle().clone(),
        environment.data_dir.clone(),
    ));
    let opening = Opening {
        host: Arc::new(Machine::new(Arc::clone(&face) as _)),
        vault: crate::vault::open(environment),
        entropy: Arc::new(crate::machine::SystemEntropy),
        data_dir: environment.data_dir.clone(),
        config: environment.google(),
        zones: crate::environment::zone_data(),
    };
    // The database opens while GTK starts; both are needed before the window can be filled.
    let opening = runtime.spawn(async move {
        let app = App::open(opening).await?;
        let boot = app.boot().await;
        Ok::<_, duet_app::StartError>((app, boot))
    });

    let link = links::among(arguments.iter().map(String::as_str));
    let hidden = arguments.iter().any(|argument| argument == "--hidden");
    let schemes = schemes::Schemes::of(environment);
    let data_dir = environment.data_dir.clone();
    let handle = runtime.handle().clone();
    let setup_face = Arc::clone(&face);
    let not_opened = Arc::new(OnceLock::new());
    let set_not_opened = Arc::clone(&not_opened);

    #[expect(
        clippy::disallowed_methods,
        reason = "Tauri's macro ends the process when its own file of settings is wrong"
    )]
    let shell = tauri::Builder::default()
        // First, so that a second instance ends before it has done anything.
        .plugin(single_instance(environment))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(
            tauri_plugin_opener::Builder::new()
                .open_js_links_on_click(false)
                .build(),
        )
        .plugin(
            tauri_plugin_autostart::Builder::new()
                .arg("--hidden")
                .app_name("Duet")
                .build(),
        )
        .plugin(boot::window_state())
        .invoke_handler(tauri::generate_handler![rpc])
        .setup(move |shell| {
            let (app, boot) = match handle.block_on(opening)? {
                Ok(opened) => opened,
                Err(error) => {
                    // An error from here would be taken for a defect: Tauri panics with it.
                    let why = cannot_open(&error, &data_dir);
                    // Nobody else sets it.
                    let _ = set_not_opened.set(why);
                    shell.handle().exit(1);
                    return Ok(());
                }
            };
            // This is the window system's thread; what starts here spawns tasks of the runtime.
            let _inside = handle.enter();
            shell.manage(app.clone());
            shell.manage(Arc::clone(&setup_face));
            setup_face.attach(shell.handle().clone(), app.clone());
            boot::window(shell, boot.as_ref(), hidden)?;
            tracing::info!(hidden, "the window opened");
            tray::prepare(shell.handle());
            face::listen(&app, &data_dir, &handle);
            let shell = shell.handle().clone();
            // What is not seen waits until the first picture is: on a small machine the two would
            // compete for the processor.
            handle.clone().spawn(async move {
                setup_face.heard().await;
                tray::start(&shell, &app, &handle);
                schemes.start(&shell);
                app.start();
                let focused = shell
                    .get_webview_window(LABEL)
                    .is_some_and(|window| window.is_focused().unwrap_or_default());
                app.focused(focused);
                if let Some(link) = link {
                    follow(&shell, link);
                }
            });
            Ok(())
        })
        .on_window_event(|window, event| match event {
            // Without a tray there would be no way back to a hidden window.
            WindowEvent::CloseRequested { api, .. }
                if window.state::<tray_host::Presence>().is_there() =>
            {
                api.prevent_close();
                let _ = window.hide();
            }
            WindowEvent::Focused(focused) => {
                window.state::<App>().focused(*focused);
            }
            _ => {}
        })
        .build(tauri::generate_context!())
        .map_err(|error| {
            again::start_again(&error);
            format!("The window could not be opened: {error}")
        })?;

    let code = shell.run_return(|shell, event| {
        // macOS brings links here and not as an argument.
        #[cfg(target_os = "macos")]
        if let RunEvent::Opened { urls } = &event {
            for link in urls.iter().filter_map(|url| links::parse(url.as_str())) {
                follow(shell, link);
            }
        }
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = &event
            && shell.state::<tray_host::Presence>().is_there()
        {
            // The last window was closed; the tray is still there.
            api.prevent_exit();
        }
    });
    if let Some(app) = face.app() {
        runtime.block_on(app.stop());
    }
    if let Some(why) = not_opened.get() {
        Err(why.clone())
    } else if code == 0 {
        Ok(())
    } else {
        Err(format!("the window ended with code {code}"))
    }
}

/// One window for each data folder: a Duet on a folder of its own is another Duet.
fn single_instance(environment: &Environment) -> tauri::plugin::TauriPlugin<tauri::Wry> {
    let plugin = tauri_plugin_single_instance::Builder::new().callback(|shell, arguments, _| {
        second_instance(shell, &arguments);
    });
    match environment.own_folder_mark() {
        Some(mark) => plugin.dbus_id(format!("org.duet.Duet.at{mark}")).build(),
        None => plugin.build(),
    }
}

/// Another Duet was started: this one comes to the front and does what the other was asked to.
fn second_instance(shell: &AppHandle, arguments: &[String]) {
    match links::among(arguments.iter().map(String::as_str)) {
        Some(link) => follow(shell, link),
        None if arguments.iter().any(|argument| argument == "--hidden") => {}
        None => show(shell),
    }
}

/// Does what a link asks for.
pub(crate) fn follow(shell: &AppHandle, link: Link) {
    let Some(app) = shell.try_state::<App>().map(|state| state.inner().clone()) else {
        return;
    };
    let go = |place| {
        app.push(Push::Go { place });
        show(shell);
    };
    match link {
        Link::Open => show(shell),
        Link::Sync => {
            app.sync_soon();
            show(shell);
        }
        Link::Reconnect(email) => go(Place::Account { email }),
        Link::Event(id) => go(Place::Event { id }),
        Link::OAuth(url) => {
            show(shell);
            tauri::async_runtime::spawn(async move { app.callback(&url).await });
        }
    }
}

/// Brings the window to the front.
pub(crate) fn show(shell: &AppHandle) {
    let Some(window) = shell.get_webview_window(LABEL) else {
        return;
    };
    for step in [window.show(), window.unminimize(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}
