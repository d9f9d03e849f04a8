//! One week of 200 daily series that began ten years ago, on one core.

use std::{hint::black_box, time::Instant};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use duet_model::{event::Event, recurrence::instances, when::Interval, zones::ZoneDb};

use crate::{
    machine::HOME,
    made,
    report::{Budget, Report, median, spread},
};

const SERIES: usize = 200;
const RUNS: usize = 100;
const ZONES: [&str; 4] = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Sydney",
];

/// Measures milliseconds, and that each series has its seven instances.
pub(crate) fn measure(report: &mut Report) -> Result<()> {
    println!("bench: expand, {RUNS} times {SERIES} daily series");
    let begin = DateTime::<Utc>::from_timestamp(1_478_592_000, 0).context("a day in 2016")?;
    let start = begin + TimeDelta::days(3652);
    let week = Interval::new(start, start + TimeDelta::days(7)).context("a week")?;
    let zones = ZoneDb::bundled();
    let home = zones.zone(HOME).context("a known zone")?;
    let world: Vec<Event> = (0..SERIES)
        .zip(ZONES.iter().cycle())
        .map(|(number, zone)| {
            let minutes = i64::try_from(number * 5).unwrap_or_default();
            let mut event = made::event(number, begin + TimeDelta::minutes(minutes), zone);
            event.recurrence = vec!["RRULE:FREQ=DAILY".to_owned()];
            event
        })
        .collect();
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let started = Instant::now();
        let mut found = 0;
        for master in &world {
            let all = instances(black_box(master), &[], &zones, &home, week, 1000);
            found += black_box(all).list.len();
        }
        times.push(started.elapsed().as_secs_f64() * 1e3);
        // One that begins before the week may reach into it, another end in the hour of a change.
        if !(SERIES * 7..=SERIES * 8).contains(&found) {
            bail!("{SERIES} daily series have {found} instances in a week");
        }
    }
    report.add(
        "expand",
        median(&times),
        "ms",
        Budget::AtMost(2.0),
        format!("{}, a week of {SERIES} daily series", spread(&times)),
    );
    Ok(())
}
