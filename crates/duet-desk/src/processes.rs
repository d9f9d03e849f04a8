//! The processes of a desk: every program started in it carries a marker in its environment, which
//! its children inherit. So all of them can be listed, and none outlives the desk.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// The environment variable that marks a desk's processes.
pub(crate) const MARKER: &str = "DUET_DESK";

/// One running process of a desk, as /proc shows it to every other process of the same user.
#[derive(Clone, Debug)]
pub struct Process {
    /// The process id.
    pub pid: i32,
    /// The arguments, separated by NUL bytes.
    pub command_line: Vec<u8>,
    /// The environment it was started with, separated by NUL bytes.
    pub environment: Vec<u8>,
}

impl Process {
    /// The command line with spaces, for messages.
    pub fn title(&self) -> String {
        String::from_utf8_lossy(&self.command_line)
            .replace('\0', " ")
            .trim()
            .to_owned()
    }
}

/// Every living process that carries the marker `DUET_DESK=<id>`.
pub(crate) fn marked(id: &str) -> Vec<Process> {
    let marker = format!("{MARKER}={id}").into_bytes();
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            let environment = std::fs::read(entry.path().join("environ")).ok()?;
            if !environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == marker)
            {
                return None;
            }
            let command_line = std::fs::read(entry.path().join("cmdline")).ok()?;
            Some(Process {
                pid,
                command_line,
                environment,
            })
        })
        .collect()
}

/// Kills every process group in `groups` and everything that carries the marker, and looks until
/// nothing is left: a program may have started another between the look and the blow.
#[expect(
    clippy::disallowed_methods,
    reason = "a destructor cannot await, and must not return before the programs are gone"
)]
pub(crate) fn kill_all(id: &str, groups: &[u32]) {
    for group in groups {
        kill_group(*group);
    }
    let end = Instant::now() + Duration::from_secs(3);
    loop {
        let left = marked(id);
        if left.is_empty() || Instant::now() >= end {
            return;
        }
        for process in left {
            if let Some(pid) = Pid::from_raw(process.pid) {
                // It may have ended by itself since the look: that is what was wanted.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Kills the process group led by `leader`; nothing happens when it is gone.
pub(crate) fn kill_group(leader: u32) {
    if let Some(pid) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Whether a process of the group led by `leader` still runs. A killed one does so for a moment: it
/// holds its names on the bus and its locks until its memory is given back.
#[cfg(feature = "window")]
pub(crate) fn group_lives(leader: u32) -> bool {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return false;
    };
    entries.flatten().any(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // pid (name) state parent group …; the name may hold spaces and brackets.
        let mut fields = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace();
        let state = fields.next();
        let group = fields.nth(1).and_then(|group| group.parse::<u32>().ok());
        if group != Some(leader) {
            return false;
        }
        // The first thread of a killed program is a zombie while the others are still ending.
        let threads = std::fs::read_dir(entry.path().join("task")).map_or(0, Iterator::count);
        !matches!(state, Some("Z" | "X")) || threads > 1
    })
}

/// Cleans up after a desk whose owner died without running destructors (`kill -9`, Ctrl-C in a
/// test run): a shell waits for the end of its input, which only we hold open, then kills what
/// carries the marker and removes the desk's folder.
#[derive(Debug)]
pub(crate) struct Watchdog {
    input: Option<ChildStdin>,
    child: std::process::Child,
}

const WATCHDOG: &str = r#"
while read -r _; do :; done
for p in /proc/[0-9]*; do
  if tr '\0' '\n' 2>/dev/null <"$p/environ" | grep -qxF "$1"; then kill -9 "${p#/proc/}" 2>/dev/null; fi
done
rm -rf -- "$2"
"#;

impl Watchdog {
    pub(crate) fn start(id: &str, folder: &Path) -> Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args([
                "-c",
                WATCHDOG,
                "duet-desk-watchdog",
                &format!("{MARKER}={id}"),
            ])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C in the terminal must not reach it.
            .spawn()
            .context("starting the desk's watchdog")?;
        Ok(Self {
            input: child.stdin.take(),
            child,
        })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(mut input) = self.input.take() {
            let _ = input.flush();
        }
        // Its input has ended, so it ends by itself in the time of one look over /proc.
        let _ = self.child.wait();
    }
}
