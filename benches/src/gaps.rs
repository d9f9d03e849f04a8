//! How long the window's thread is held up while a first sync runs in the same program.
//!
//! Measured inside the page: a message channel calls itself without a pause, so that each turn waits
//! for whatever else the page's thread does: the program of the window, its layout, its painting as far
//! as that is done there. The time between two turns is a gap, and nothing is taken off it.
//! While nothing syncs the same is told for comparison: what the machine itself does to a thread.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use duet_desk::{Launch, Window};
use duet_model::settings::Settings;
use duet_sandbox::World;
use duet_store::Store;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Order,
    furnish::{DRAWN, Room},
    report::{Budget, Report, median, spread},
};

/// No task of the window's thread may take longer, in milliseconds.
const LONGEST: f64 = 50.0;
/// The window has painted, and its program is compiled to the end.
const SETTLE: Duration = Duration::from_secs(10);
/// As long as a first sync takes, about, for the comparison.
const QUIET: Duration = Duration::from_secs(5);
/// After the sync the window draws what has come.
const AFTER: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);

/// Counts turns and keeps the long ones: some hundred thousand turns are a histogram in steps of a
/// tenth of a millisecond, or the list of them would be a load of its own.
const BEGIN: &str =
    "const probe = window.probe = { counts: new Uint32Array(20001), longest: 0, at: 0, on: true };
    const channel = new MessageChannel();
    const begun = performance.now();
    let last = begun;
    channel.port1.onmessage = () => {
        const now = performance.now(), gap = now - last;
        last = now;
        probe.counts[Math.min(20000, Math.ceil(gap * 10))] += 1;
        if (gap > probe.longest) { probe.longest = gap; probe.at = now - begun; }
        if (probe.on) channel.port2.postMessage(0);
    };
    channel.port2.postMessage(0);";
const END: &str = "const probe = window.probe;
    probe.on = false;
    const counts = [...probe.counts].map((count, step) => [step / 10, count]).filter(([, count]) => count > 0);
    return { longest: probe.longest, at: probe.at, counts };";
/// Is it under way, and has one ended?
const STATE: &str = "const status = document.querySelector('[data-testid=sync-status]');
    return [status?.dataset.mood ?? '', status?.dataset.lastSynced ?? ''];";
const CLICK: &str = "document.querySelector('[data-testid=sync-now]').click();";

/// What the page saw.
#[derive(Debug, Deserialize)]
struct Gaps {
    /// The longest, in milliseconds.
    longest: f64,
    /// When it ended, from the start of the counting.
    at: f64,
    /// Length at most, and how many.
    counts: Vec<(f64, u64)>,
}

impl Gaps {
    /// The length that so many of a hundred of the time lie in, counted by time and not by turns: a
    /// thousand short turns weigh as much as one long one that held the window up as long.
    fn by_time(&self, percent: f64) -> f64 {
        let weight = |(length, count): &(f64, u64)| length * precise(*count);
        let whole: f64 = self.counts.iter().map(weight).sum();
        let mut passed = 0.0;
        for row in &self.counts {
            passed += weight(row);
            if passed >= whole * percent / 100.0 {
                return row.0.min(self.longest);
            }
        }
        self.longest
    }

    /// The length that so many of a hundred turns do not exceed.
    fn by_turns(&self, percent: u64) -> f64 {
        let whole: u64 = self.counts.iter().map(|(_, count)| count).sum();
        let mut passed = 0;
        for (length, count) in &self.counts {
            passed += count;
            if passed * 100 >= whole * percent {
                return length.min(self.longest);
            }
        }
        self.longest
    }

    /// How many are longer than the bound.
    fn too_long(&self) -> u64 {
        let long = self.counts.iter().filter(|(length, _)| *length > LONGEST);
        long.map(|(_, count)| count).sum()
    }
}

/// First syncs of 50,000 events in an open window, each into an empty database.
pub(crate) async fn measure(order: &Order, report: &mut Report) -> Result<()> {
    let runs = order.runs.min(3);
    println!("bench: responsive, {runs} first syncs in an open window");
    let (mut longest, mut turns, mut time, mut quiet, mut took) =
        (vec![], vec![], vec![], vec![], vec![]);
    let mut worst = String::new();
    for run in 1..=runs {
        println!("bench: responsive, run {run} of {runs}");
        let room = Room::connected(&order.duet, |today| World::large_around(today, 1)).await?;
        // As many as at a start: nobody looks at fifty at once.
        room.draw(DRAWN).await?;
        pause(room.data()).await?;
        let (before, during, seconds) = once(&room, &order.duet).await?;
        if longest.iter().all(|other| *other < during.longest) {
            worst = format!(
                "{} over {LONGEST:.0} ms, the longest at {:.1} of {seconds:.1} s",
                during.too_long(),
                during.at / 1e3
            );
        }
        quiet.push(before.longest);
        longest.push(during.longest);
        turns.push(during.by_turns(99));
        time.push(during.by_time(99.0));
        took.push(seconds);
    }
    report.tell(
        "responsive, nothing syncs",
        median(&quiet),
        "ms",
        format!(
            "{}, the longest gap in {} s",
            spread(&quiet),
            QUIET.as_secs()
        ),
    );
    report.add(
        "responsive, longest gap",
        longest.iter().copied().fold(0.0, f64::max),
        "ms",
        Budget::AtMost(LONGEST),
        format!(
            "of {runs} first syncs of 50,000 events ({} s), {DRAWN} of 50 calendars drawn, between two turns of a message channel in \
             the page; {}; {worst}",
            spread(&took),
            spread(&longest)
        ),
    );
    report.tell(
        "responsive, 99 of 100 turns",
        median(&turns),
        "ms",
        format!(
            "{}; 99 % of the time is in gaps up to {:.1} ms",
            spread(&turns),
            median(&time)
        ),
    );
    Ok(())
}

/// Background sync is paused, so that the first sync begins when somebody asks for it by hand.
async fn pause(data: &Path) -> Result<()> {
    let store = Store::open(data).await?;
    let mut tx = store.write().await?;
    let settings = Settings {
        paused: true,
        ..Settings::default()
    };
    tx.put_settings(&settings).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

/// The gaps without a sync and with one, and how long the sync took.
async fn once(room: &Room, duet: &Path) -> Result<(Gaps, Gaps, f64)> {
    let launch = Launch {
        program: duet.to_owned(),
        args: Vec::new(),
        env: room.variables(),
    };
    let window = Window::open(&room.desk, &launch).await?;
    let ready = "return document.documentElement.dataset.ready === 'true'";
    window
        .wait_js("the first paint", ready, Vec::new(), LIMIT)
        .await?;
    tokio::time::sleep(SETTLE).await;
    let run = async |script: &str| window.js(script, Vec::new()).await;
    run(BEGIN).await?;
    tokio::time::sleep(QUIET).await;
    let before = gaps(run(END).await?)?;
    if state(run(STATE).await?)? != (String::from("quiet"), String::new()) {
        bail!("the window syncs before it is asked to");
    }
    run(BEGIN).await?;
    let started = Instant::now();
    run(CLICK).await?;
    loop {
        tokio::time::sleep(LOOK).await;
        let (mood, synced) = state(run(STATE).await?)?;
        if !synced.is_empty() && mood != "working" {
            break;
        }
        if started.elapsed() > LIMIT {
            bail!("the first sync did not end: {mood} {synced}");
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    tokio::time::sleep(AFTER).await;
    let during = gaps(run(END).await?)?;
    window.close().await?;
    Ok((before, during, seconds))
}

fn gaps(found: Value) -> Result<Gaps> {
    serde_json::from_value(found).context("the page does not tell its gaps")
}

fn state(found: Value) -> Result<(String, String)> {
    serde_json::from_value(found).context("the page does not tell its state")
}

fn precise(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_gap_weighs_by_its_time() {
        let gaps = Gaps {
            longest: 59.96,
            at: 0.0,
            counts: vec![(0.1, 9_000), (1.0, 40), (60.0, 1)],
        };
        for (percent, expect) in [(50, 0.1), (99, 0.1), (100, 59.96)] {
            assert!((gaps.by_turns(percent) - expect).abs() < 1e-9, "{percent}");
        }
        for (percent, expect) in [(50.0, 0.1), (92.0, 1.0), (99.0, 59.96)] {
            assert!((gaps.by_time(percent) - expect).abs() < 1e-9, "{percent}");
        }
        assert_eq!(gaps.too_long(), 1);
    }
}
