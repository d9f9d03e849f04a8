//! A stand-in for the system browser: a script on the desk's PATH that writes down the addresses
//! it is asked to open. What a person does on the page is up to the test.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::wait::until;

/// The names under which a program looks for the system browser.
const NAMES: &[&str] = &[
    "xdg-open",
    "x-www-browser",
    "sensible-browser",
    "www-browser",
];

const SCRIPT: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >>\"$DUET_DESK_BROWSER_LOG\"\n";

/// The addresses that programs in the desk opened in "the system browser".
#[derive(Clone, Debug)]
pub struct Browser {
    log: PathBuf,
}

impl Browser {
    pub(crate) fn install(bin: &Path, log: PathBuf) -> Result<Self> {
        for name in NAMES {
            write_script(&bin.join(name), SCRIPT)?;
        }
        Ok(Self { log })
    }

    pub(crate) fn env(&self, bin: &Path) -> Vec<(String, String)> {
        vec![
            ("BROWSER".into(), bin.join(NAMES[0]).display().to_string()),
            (
                "DUET_DESK_BROWSER_LOG".into(),
                self.log.display().to_string(),
            ),
        ]
    }

    /// Every address opened so far, in order.
    pub fn opened(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        // A line without its end is still being written.
        text.split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
            .map(str::to_owned)
            .collect()
    }

    /// Waits until more than `seen` addresses were opened and gives the newest.
    ///
    /// # Errors
    /// When no further address is opened within `limit`.
    pub async fn wait_for_more_than(&self, seen: usize, limit: Duration) -> Result<String> {
        until("an address opened in the browser", limit, || async {
            let opened = self.opened();
            (opened.len() > seen)
                .then(|| opened.last().cloned())
                .flatten()
        })
        .await
    }
}

/// Writes an executable shell script.
pub(crate) fn write_script(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}
