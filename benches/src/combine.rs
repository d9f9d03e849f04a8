//! Combining a million intervals of fifty calendars into one picture, on one core.

use std::time::Instant;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, TimeDelta};
use duet_model::{
    availability::{Claim, State, combine},
    when::Interval,
};

use crate::{
    dice::Dice,
    report::{Budget, Report, median, spread},
};

const CALENDARS: usize = 50;
const EACH: usize = 20_000;
const RUNS: usize = 9;

/// Measures intervals a second, and that every source of every stretch is still named.
pub(crate) fn measure(report: &mut Report) -> Result<()> {
    println!(
        "bench: combine, {RUNS} times {} intervals",
        CALENDARS * EACH
    );
    let (tracks, window) = tracks().context("the intervals are in order")?;
    let slices: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
    let mut speeds = Vec::new();
    let mut stretches = 0;
    for _ in 0..RUNS {
        let started = Instant::now();
        let picture = combine(&slices, window);
        speeds.push(millions(CALENDARS * EACH) / started.elapsed().as_secs_f64());
        stretches = picture.len();
        let named: usize = picture
            .stretches()
            .map(|stretch| stretch.sources().count())
            .sum();
        if named < stretches || stretches == 0 {
            bail!("{stretches} stretches name only {named} sources");
        }
    }
    report.add(
        "combine",
        median(&speeds),
        "M/s",
        Budget::AtLeast(10.0),
        format!("{}, {stretches} stretches, sources kept", spread(&speeds)),
    );
    Ok(())
}

fn millions(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / 1e6
}

/// Calendars whose claims are sorted and odd, as the database hands them out; the same every time.
fn tracks() -> Option<(Vec<Vec<Claim>>, Interval)> {
    let epoch = DateTime::from_timestamp(1_800_000_000, 0)?;
    let mut dice = Dice::new();
    let mut roll = |below: i64| dice.below(below);
    let mut end = epoch;
    let mut tracks = Vec::with_capacity(CALENDARS);
    for _ in 0..CALENDARS {
        let mut at = epoch;
        let mut track = Vec::with_capacity(EACH);
        for _ in 0..EACH {
            let start = at + TimeDelta::minutes(1 + roll(90));
            at = start + TimeDelta::minutes(5 + roll(120));
            let state = match roll(10) {
                0 => State::Unknown,
                1 => State::Tentative,
                _ => State::Busy,
            };
            track.push(Claim {
                span: Interval::new(start, at)?,
                state,
            });
        }
        end = end.max(at);
        tracks.push(track);
    }
    Some((tracks, Interval::new(epoch, end)?))
}
