//! Registers Duet's schemes for the running binary (Linux, Windows; macOS does it by the bundle).
//!
//! Runs beside the start, because it calls other programs. A packaged Duet is registered by its
//! desktop entry as well; this makes an unpacked one work, and follows it when it moves.

use std::path::PathBuf;

use tauri::AppHandle;
use tauri_plugin_deep_link::DeepLinkExt;

use crate::environment::Environment;

/// What is registered, and for which Duet.
pub(super) struct Schemes {
    schemes: Vec<String>,
    /// The data folder and its mark, where it is not the usual one.
    folder: Option<(PathBuf, String)>,
}

impl Schemes {
    /// `duet:` and the reversed client id, if there is one.
    pub(super) fn of(environment: &Environment) -> Self {
        let mark = environment.own_folder_mark();
        Self {
            schemes: ["duet".to_owned()]
                .into_iter()
                .chain(environment.reversed_client_scheme())
                .collect(),
            folder: mark.map(|mark| (environment.data_dir.clone(), mark.to_owned())),
        }
    }

    /// Registers them, beside the start.
    pub(super) fn start(self, shell: &AppHandle) {
        if cfg!(target_os = "macos") {
            return;
        }
        let shell = shell.clone();
        std::thread::spawn(move || self.register(&shell));
    }

    fn register(&self, shell: &AppHandle) {
        if cfg!(target_os = "linux")
            && let Some((folder, mark)) = &self.folder
        {
            let file = format!("duet-at-{mark}-handler.desktop");
            if let Err(error) = crate::schemes::register(&file, "Duet", &self.schemes, Some(folder))
            {
                tracing::warn!(%error, "links may not reach Duet");
            }
            return;
        }
        for scheme in &self.schemes {
            if let Err(error) = shell.deep_link().register(scheme) {
                tracing::warn!(%error, scheme, "links of this scheme may not reach Duet");
            }
        }
    }
}
