//! Drivers that show an empty window, and desktops that are not there.

use std::process::{Command, ExitCode};

/// Set on the second start, so that there is no third.
const DONE: &str = "DUET_GRAPHICS_PREPARED";

/// Starts Duet again with the variables that a troublesome driver needs, which must be there before
/// GTK is (DEPENDENCIES.md 2.7). `None`: nothing to do, go on.
pub(crate) fn prepare(safe: bool) -> Option<ExitCode> {
    if !cfg!(target_os = "linux") || std::env::var_os(DONE).is_some() {
        return None;
    }
    let wanted = wanted(safe, std::path::Path::new("/proc/driver/nvidia").exists());
    let missing: Vec<_> = wanted
        .into_iter()
        .filter(|(name, _)| std::env::var_os(name).is_none())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let mut again = Command::new(program);
    again
        .args(std::env::args_os().skip(1))
        .envs(missing)
        .env(DONE, "1");
    start(again)
}

#[cfg(unix)]
fn start(mut again: Command) -> Option<ExitCode> {
    // Takes this process's place; only comes back when it could not.
    let error = std::os::unix::process::CommandExt::exec(&mut again);
    tracing::warn!(%error, "Duet could not be started with safe graphics");
    None
}

#[cfg(not(unix))]
fn start(_again: Command) -> Option<ExitCode> {
    None
}

fn wanted(safe: bool, nvidia: bool) -> Vec<(&'static str, &'static str)> {
    let mut wanted = Vec::new();
    if safe || nvidia {
        wanted.push(("WEBKIT_DISABLE_DMABUF_RENDERER", "1"));
    }
    if nvidia {
        wanted.push(("__NV_DISABLE_EXPLICIT_SYNC", "1"));
    }
    if safe {
        wanted.push(("WEBKIT_DISABLE_COMPOSITING_MODE", "1"));
    }
    wanted
}

/// Is there a display to open a window on?
pub(crate) fn is_there() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(test)]
mod tests {
    use super::wanted;

    #[test]
    fn an_ordinary_driver_needs_nothing() {
        assert!(wanted(false, false).is_empty());
        assert_eq!(wanted(true, true).len(), 3);
    }
}
