//! The log: one file a day in the data folder, seven kept, readable by its owner alone.
//!
//! Duet's own lines carry ids and counts, never a token, code, state, sync token or title. Libraries
//! are held at `warn`, because some of them print addresses at `debug`.

use std::path::Path;

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

/// Starts logging. The guard writes what is left when it is dropped.
///
/// A log that cannot be opened is no reason not to start: `None`, and nothing is logged.
pub(crate) fn start(data_dir: &Path, filter: Option<&str>) -> Option<WorkerGuard> {
    let folder = data_dir.join("logs");
    crate::environment::make_private_folder(&folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("duet")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(&folder)
        .ok()?;
    close(&folder);
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = QUIET.iter().fold(
        EnvFilter::try_new(filter.unwrap_or(USUAL)).unwrap_or_else(|_| EnvFilter::new(USUAL)),
        |filter, library| match format!("{library}=warn").parse() {
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
