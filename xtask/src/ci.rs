//! `cargo xtask ci`: the one gate. The hosted runner and a person at a desk run this and nothing else.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::{
    cmd, interop, oracle,
    place::{Place, cargo},
    setup::system::{self, Purpose},
    test, tidy, ui,
};

type Step = (&'static str, fn(&Place) -> Result<()>);

/// In the order in which they are quick to fail.
const STEPS: &[Step] = &[
    ("fmt", fmt),
    ("tidy", tidy::command),
    ("setup", |_| {
        system::ensure(&[Purpose::Build, Purpose::Desk])
    }),
    ("ui", ui::ensure),
    ("clippy", clippy),
    ("test", |place| test::run(place, &[])),
    ("oracle", |place| oracle::command(place, &[])),
    ("interop", interop::command),
];

/// Runs every step, stops at the first that fails, and says how long each took.
pub fn command(place: &Place) -> Result<()> {
    let mut times: Vec<(&str, Duration)> = Vec::new();
    for (name, step) in STEPS {
        println!("── ci: {name}");
        let started = Instant::now();
        let outcome = step(place);
        times.push((name, started.elapsed()));
        if outcome.is_err() {
            report(&times);
        }
        outcome.with_context(|| format!("the step \"{name}\" failed"))?;
    }
    report(&times);
    println!("ci: green");
    Ok(())
}

fn report(times: &[(&str, Duration)]) {
    println!("── ci: times");
    for (name, time) in times {
        println!("  {name:<8} {:>12}", cmd::spoken(*time));
    }
}

fn fmt(place: &Place) -> Result<()> {
    cmd::run(
        cargo()
            .args(["fmt", "--all", "--check"])
            .current_dir(&place.root),
    )
}

fn clippy(place: &Place) -> Result<()> {
    cmd::run(
        cargo()
            .args(["clippy", "--workspace", "--all-targets"])
            .args(["--features", "custom-protocol,xtask/wasm,xtask/desk"])
            .args(["--", "-D", "warnings"])
            .current_dir(&place.root),
    )
}
