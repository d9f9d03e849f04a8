//! Opens the system browser: what `BROWSER` names, else what the desktop prefers.

use std::process::{Command, Stdio};

/// Opens an address and does not wait for the browser to end.
///
/// # Errors
/// A sentence for people when nothing could be started.
pub(crate) fn open(url: &str) -> Result<(), String> {
    let chosen = std::env::var_os("BROWSER").filter(|name| !name.is_empty());
    if let Some(browser) = chosen
        && start(Command::new(browser).arg(url)).is_ok()
    {
        return Ok(());
    }
    // The error is not passed on: it quotes the command, and with it the address and its state,
    // and what is said here is logged.
    tauri_plugin_opener::open_url(url, None::<&str>)
        .map_err(|_| "No browser could be opened. Open the address yourself.".to_owned())
}

fn start(command: &mut Command) -> std::io::Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // Waited for, so that a browser that ends leaves no zombie behind.
    std::thread::spawn(move || child.wait());
    Ok(())
}
