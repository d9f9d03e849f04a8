//! Registers Duet's schemes for the running binary (Linux, Windows; macOS does it by the bundle).
//!
//! Runs beside the start, because it calls other programs. A packaged Duet is registered by its
//! desktop entry as well; this makes an unpacked one work, and follows it when it moves.

use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt;

/// Registers `duet:` and the reversed client id, if there is one.
pub(super) fn start(shell: &AppHandle, reversed_client: Option<String>) {
    if cfg!(target_os = "macos") {
        return;
    }
    let shell = shell.clone();
    std::thread::spawn(move || {
        for scheme in ["duet".to_owned()].into_iter().chain(reversed_client) {
            if let Err(error) = shell.deep_link().register(&scheme) {
                tracing::warn!(%error, scheme, "links of this scheme may not reach Duet");
            }
        }
    });
}
