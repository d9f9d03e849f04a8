//! The freshness of zone data: Duet's newest against PyPI's, for every zone, from a year ago to three
//! years ahead.

use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::{
    calendar::DAY,
    engines::{Answer, Engines},
    table::Triage,
};

/// Compares all zones; how many differ without a reason.
pub(super) fn gate(engines: &Engines, triage: &mut Triage) -> Result<usize> {
    let today = now()? / DAY * DAY;
    let (from, to) = (today - 366 * DAY, today + 3 * 366 * DAY);
    let questions: Vec<String> = engines
        .zones
        .iter()
        .map(|zone| format!("changes\t{zone}\t{from} {to}"))
        .collect();
    let theirs = engines.clock.ask(&questions)?;
    let ours: Vec<String> = questions.iter().map(|one| one.replace(' ', "\t")).collect();
    let ours = engines.duet.ask(&ours)?;
    let (mut differ, mut known) = (0, 0);
    for ((zone, ours), theirs) in engines.zones.iter().zip(&ours).zip(&theirs) {
        if ours == theirs && matches!(ours, Answer::Said(text) if text != "unknown") {
            continue;
        }
        if triage.explains_zone(zone) {
            known += 1;
            continue;
        }
        differ += 1;
        println!("oracle: the zone {zone} differs\n  Duet {ours:?}\n  PyPI {theirs:?}");
    }
    println!(
        "oracle: {} zones against PyPI's {}: {} the same, {known} known to differ, {differ} not",
        engines.zones.len(),
        engines.edition,
        engines.zones.len() - known - differ
    );
    if engines.zones.len() < 500 {
        bail!("PyPI's zone data lists only {} zones", engines.zones.len());
    }
    Ok(differ)
}

#[expect(
    clippy::disallowed_methods,
    reason = "how fresh something is depends on the day it is asked"
)]
fn now() -> Result<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let since = since.context("the clock of this machine stands before 1970")?;
    Ok(i64::try_from(since.as_secs())?)
}
