//! One run of a command of Duet's: how long it took, what processor time and what memory.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::{furnish::Room, tree};

/// How often it is looked at. The peak is the kernel's own, so that nothing is missed but the last
/// moments.
const LOOK: Duration = Duration::from_millis(2);
const LIMIT: Duration = Duration::from_secs(300);

/// What a run cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// From the start of the process to its end.
    pub(crate) seconds: f64,
    /// Processor time of all its threads, in steps of 10 ms.
    pub(crate) processor: f64,
    /// MiB at the moment that was to be marked.
    pub(crate) before: f64,
    /// MiB at most.
    pub(crate) peak: f64,
}

/// Runs a command to its end; memory counts from when `begun` says so for the first time.
pub(crate) async fn run(room: &Room, command: Command, begun: impl Fn() -> bool) -> Result<Run> {
    let mut command = command.into_std();
    let log = room.desk.log_file("bench")?;
    command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log);
    let started = Instant::now();
    let mut child = command.spawn().context("Duet did not start")?;
    let (mut before, mut peak) = (None, 0.0_f64);
    // A process that has ended keeps its times until it is waited for, but not its memory.
    while !tree::ended(child.id())? {
        if let Some(now) = tree::peak_memory(child.id()) {
            peak = now;
            if before.is_none() && begun() {
                before = Some(now);
            }
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("Duet did not end within {LIMIT:?}");
        }
        tokio::time::sleep(LOOK).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let processor = tree::processor_seconds(child.id())?;
    let status = child.wait()?;
    if !status.success() {
        let words = fs::read_to_string(room.desk.log_path("bench")).unwrap_or_default();
        bail!("Duet failed ({status}): {}", words.trim());
    }
    Ok(Run {
        seconds,
        processor,
        before: before.unwrap_or(peak),
        peak,
    })
}
