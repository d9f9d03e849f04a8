//! The log: one file a day in the data folder, seven kept, readable by its owner alone.
//!
//! Duet's own lines carry ids and counts, never a token, code, state, sync token or title. Libraries
//! are held at `warn`, because some of them print addresses at `debug`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

const KEPT: usize = 7;
const USUAL: &str = "info";
/// Whatever the filter says, these do not go below: they log whole requests.
const QUIET: [&str; 8] = [
    "hyper",
    "hyper_util",
    "reqwest",
    "rustls",
    "h2",
    "sqlx",
    "zbus",
    "duet_sandbox",
];

/// Says nothing at all: it prints whole deep links, and with them the code of a sign-in, as a warning.
const SILENT: &str = "tauri_plugin_deep_link=off";

/// Starts logging. The guard writes what is left when it is dropped.
///
/// A log that cannot be opened is no reason not to start: `None`, and nothing is logged.
pub(crate) fn start(data_dir: &Path, filter: Option<&str>) -> Option<WorkerGuard> {
    let folder = data_dir.join("logs");
    crate::folder::make_private(&folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("duet")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(&folder)
        .ok()?;
    close(&folder);
    let file = Private {
        day: crate::machine::now().date_naive(),
        file,
        folder,
    };
    let (writer, guard) = tracing_appender::non_blocking(file);
    let quiet = QUIET
        .iter()
        .map(|library| format!("{library}=warn"))
        .chain([SILENT.to_owned()]);
    let filter = quiet.fold(
        EnvFilter::try_new(filter.unwrap_or(USUAL)).unwrap_or_else(|_| EnvFilter::new(USUAL)),
        |filter, directive| match directive.parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        },
    );
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false)
        .with_target(true);
    tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init()
        .ok()?;
    Some(guard)
}

/// The log of a process that lives over midnight: the file of the new day is closed as well.
struct Private {
    file: RollingFileAppender,
    folder: PathBuf,
    /// The day in UTC, by which the appender changes files, that was closed last.
    day: NaiveDate,
}

impl Write for Private {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        let today = crate::machine::now().date_naive();
        if today != self.day {
            close(&self.folder);
            self.day = today;
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The appender creates its files by the umask; the folder is closed already, the files follow.
#[cfg(unix)]
fn close(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let _ = std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o600));
    }
}

#[cfg(not(unix))]
fn close(_folder: &Path) {}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_of_a_new_day_is_closed_too() {
        let dir = tempfile::tempdir().unwrap();
        let build = RollingFileAppender::builder().filename_prefix("duet");
        let mut log = Private {
            file: build.build(dir.path()).unwrap(),
            folder: dir.path().to_owned(),
            day: NaiveDate::MIN,
        };
        let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap();
        let path = file.unwrap().path();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        log.write_all(b"a line\n").unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
