//! How a command reaches the person: the system browser, and the doorbell of a running window.

use std::path::PathBuf;

use duet_app::Notice;
use duet_wire::Push;

use crate::doorbell;
use crate::machine::Face;

/// The face of a process without a window.
pub(super) struct TerminalFace {
    data_dir: PathBuf,
}

impl TerminalFace {
    pub(super) fn new(data_dir: PathBuf) -> Self {
        Self { data_dir }
    }
}

impl Face for TerminalFace {
    fn open_url(&self, url: &str) -> Result<(), String> {
        crate::browser::open(url)
    }

    /// A command says what it has to say on stderr and by its exit code; a running window sees the
    /// change and notifies.
    fn notify(&self, _notice: Notice) {}

    fn push(&self, push: Push) {
        if matches!(push, Push::Changed { .. }) {
            doorbell::ring(&self.data_dir);
        }
    }

    fn autostart(&self) -> bool {
        false
    }

    fn set_autostart(&self, _on: bool) -> Result<(), String> {
        Err("Starting at login is set in the window.".to_owned())
    }
}
