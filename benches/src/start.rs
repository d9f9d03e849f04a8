//! Start and memory: Duet with a full database beside an empty window, in turn.
//!
//! "Complete" is when the days of the week last changed; for the empty window when anything did. The
//! pairs are interleaved and their order alternates, so that whatever else the machine does falls
//! on both. Memory is the proportional share of all processes, a little after.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::{
    Order,
    furnish::{BLOCKS, DRAWN, Room},
    report::{Budget, Report, median, spread},
    screen::{Area, EVERYTHING, Screen, THE_WEEK},
    tree,
};

/// A window that does not change for this long is complete. Long, because a busy machine may leave
/// a half-drawn one alone for a second.
const STILL: Duration = Duration::from_secs(3);
/// A start that takes longer is broken.
const LIMIT: Duration = Duration::from_secs(60);
/// What one start gave.
#[derive(Debug)]
struct Sample {
    seconds: f64,
    memory: BTreeMap<String, f64>,
}

/// Measures pairs and reports ratios.
pub(crate) async fn measure(room: &Room, order: &Order, report: &mut Report) -> Result<()> {
    let (mut duet, mut empty) = (Vec::new(), Vec::new());
    // The first pair warms the file cache and is thrown away.
    for run in 0..=order.runs {
        println!("bench: start, pair {run} of {}", order.runs);
        for side in [run % 2, (run + 1) % 2] {
            let sample = if side == 0 {
                once(room, room.duet(&order.duet), THE_WEEK)
                    .await
                    .context("Duet")?
            } else {
                once(room, room.desk.command(&order.empty), EVERYTHING)
                    .await
                    .context("the empty window")?
            };
            if run > 0 {
                if side == 0 {
                    duet.push(sample)
                } else {
                    empty.push(sample)
                }
            }
        }
    }
    let seconds = |samples: &[Sample]| {
        samples
            .iter()
            .map(|sample| sample.seconds)
            .collect::<Vec<_>>()
    };
    let memory = |samples: &[Sample]| {
        samples
            .iter()
            .map(|sample| sample.memory.values().sum())
            .collect::<Vec<_>>()
    };
    let (ours, floor) = (seconds(&duet), seconds(&empty));
    report.tell("start, empty window", median(&floor), "s", spread(&floor));
    report.tell(
        "start, complete week",
        median(&ours),
        "s",
        format!(
            "{}, 100,000 events, {DRAWN} calendars drawn, {BLOCKS} blocks",
            spread(&ours)
        ),
    );
    report.add(
        "start, ratio",
        median(&ours) / median(&floor),
        "x",
        Budget::AtMost(1.25),
        format!("{} pairs", order.runs),
    );
    let (ours, floor) = (memory(&duet), memory(&empty));
    report.tell(
        "memory, empty window",
        median(&floor),
        "MiB",
        shares(&empty),
    );
    report.tell("memory, Duet", median(&ours), "MiB", shares(&duet));
    report.add(
        "memory, ratio",
        median(&ours) / median(&floor),
        "x",
        Budget::AtMost(1.15),
        "proportional share of all processes".to_owned(),
    );
    Ok(())
}

/// The same start with all 250 calendars drawn, which is only told: a crowd is slow to draw.
pub(crate) async fn crowded(room: &Room, order: &Order, report: &mut Report) -> Result<()> {
    println!("bench: start-crowded, {} times", order.runs);
    room.draw(usize::MAX).await?;
    let mut seconds = Vec::new();
    for _ in 0..order.runs {
        let sample = once(room, room.duet(&order.duet), THE_WEEK)
            .await
            .context("Duet")?;
        seconds.push(sample.seconds);
    }
    room.draw(DRAWN).await?;
    report.tell(
        "start, 250 calendars drawn",
        median(&seconds),
        "s",
        spread(&seconds),
    );
    Ok(())
}

/// Which program takes how much, in the last start.
fn shares(samples: &[Sample]) -> String {
    let last = samples.last().into_iter().flat_map(|sample| &sample.memory);
    last.map(|(name, mebibytes)| format!("{name} {mebibytes:.0}"))
        .collect::<Vec<_>>()
        .join(", ")
}

async fn once(room: &Room, command: Command, area: Area) -> Result<Sample> {
    let (mut child, started, complete) = open(room, command, area).await?;
    let memory = tree::memory(child.id().context("it ended")?)?;
    close(&mut child).await?;
    Ok(Sample {
        seconds: (complete - started).as_secs_f64(),
        memory,
    })
}

/// Starts a program and waits until its window is complete.
pub(crate) async fn open(
    room: &Room,
    mut command: Command,
    area: Area,
) -> Result<(Child, Instant, Instant)> {
    let screen = Screen::open(room.desk.folder())?;
    let before = screen.print_of(area)?;
    let log = room.desk.log_file("bench")?;
    command.stdout(log.try_clone()?).stderr(log);
    let started = Instant::now();
    let mut child = command.spawn().context("it did not start")?;
    tokio::select! {
        complete = complete(room, &screen, area, before) => {
            let complete = complete.with_context(|| said(room))?;
            Ok((child, started, complete))
        }
        ended = child.wait() => bail!("it ended early ({}): {}", ended?, said(room)),
    }
}

/// When the area last changed, with in it what makes it complete.
async fn complete(room: &Room, screen: &Screen, area: Area, before: u64) -> Result<Instant> {
    let mut before = before;
    loop {
        let at = screen.settled(area, before, STILL, LIMIT).await?;
        if room.desk.picture().await?.colors() >= area.colours {
            return Ok(at);
        }
        // A blank window that stands still, because the machine is busy elsewhere.
        before = screen.print_of(area)?;
    }
}

fn said(room: &Room) -> String {
    std::fs::read_to_string(room.desk.log_path("bench")).unwrap_or_default()
}

/// Ends a program and waits until the last of its processes is gone.
pub(crate) async fn close(child: &mut Child) -> Result<()> {
    let members = tree::members(child.id().context("it ended")?)?;
    child.kill().await?;
    duet_desk::until("its processes to end", LIMIT, || async {
        members
            .iter()
            .all(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists())
            .then_some(())
    })
    .await
}
