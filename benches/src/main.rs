//! `duet-bench --duet PROGRAM --empty PROGRAM [--runs N] [NAME]…`; the names stand in [`NAMES`].
//!
//! Where the product's figures come from. What depends on the machine is measured as a ratio, both
//! sides in turn within one run, in a private session on the same screen; what does not is measured
//! alone. Every figure stands beside its budget, and a figure over its budget fails the run.
//! `cargo xtask bench` builds the programs and calls this.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]

#[cfg(target_os = "linux")]
mod child;
#[cfg(target_os = "linux")]
mod combine;
#[cfg(target_os = "linux")]
mod dice;
#[cfg(target_os = "linux")]
mod expand;
#[cfg(target_os = "linux")]
mod floor;
#[cfg(target_os = "linux")]
mod furnish;
#[cfg(target_os = "linux")]
mod gaps;
#[cfg(target_os = "linux")]
mod idle;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod made;
#[cfg(target_os = "linux")]
mod report;
#[cfg(target_os = "linux")]
mod rows;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod start;
#[cfg(target_os = "linux")]
mod stored;
#[cfg(target_os = "linux")]
mod sync;
#[cfg(target_os = "linux")]
mod tree;
#[cfg(target_os = "linux")]
mod views;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};

/// What to measure, and with what.
#[derive(Debug)]
struct Order {
    duet: PathBuf,
    empty: PathBuf,
    runs: usize,
    names: Vec<String>,
}

impl Order {
    fn wants(&self, name: &str) -> bool {
        self.names.iter().any(|other| other == name)
    }
}

const NAMES: &[&str] = &[
    "combine",
    "expand",
    "week",
    "month",
    "find-time",
    "first-sync",
    "responsive",
    "resync",
    "start",
    "idle",
    "start-crowded",
];

fn main() -> ExitCode {
    match order(std::env::args().skip(1)).and_then(|order| measure(&order)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: a figure is over its budget");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn order(words: impl Iterator<Item = String>) -> Result<Order> {
    let (mut duet, mut empty, mut runs, mut names) = (None, None, 9, Vec::new());
    let mut words = words;
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .with_context(|| format!("{word} needs a value"))
        };
        match word.as_str() {
            // Absolute: the session's programs start in a folder of their own.
            "--duet" => duet = Some(std::path::absolute(value()?)?),
            "--empty" => empty = Some(std::path::absolute(value()?)?),
            "--runs" => runs = value()?.parse().context("--runs needs a number")?,
            name if NAMES.contains(&name) => names.push(word),
            other => bail!(
                "there is no benchmark \"{other}\", only {}",
                NAMES.join(", ")
            ),
        }
    }
    if names.is_empty() {
        names = NAMES.iter().map(|name| (*name).to_owned()).collect();
    }
    Ok(Order {
        duet: duet.context("--duet names Duet's program")?,
        empty: empty.context("--empty names the empty window's program")?,
        runs: runs.max(1),
        names,
    })
}

#[cfg(target_os = "linux")]
fn measure(order: &Order) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut report = report::Report::default();
    let wants = |name| order.wants(name);
    if wants("combine") {
        combine::measure(&mut report)?;
    }
    if wants("expand") {
        expand::measure(&mut report)?;
    }
    runtime.block_on(async {
        views::measure(order, &mut report).await?;
        if wants("first-sync") {
            // The floor's client finds its encryption as Duet's does, though nothing is encrypted.
            let _ = rustls::crypto::ring::default_provider().install_default();
            sync::first(order, &mut report).await?;
        }
        if wants("responsive") {
            gaps::measure(order, &mut report).await?;
        }
        if ["resync", "start", "idle", "start-crowded"]
            .into_iter()
            .any(wants)
        {
            let room = furnish::Room::furnish(&order.duet).await?;
            if wants("resync") {
                sync::again(&room, order, &mut report).await?;
            }
            if wants("start") {
                start::measure(&room, order, &mut report).await?;
            }
            if wants("idle") {
                idle::measure(&room, order, &mut report).await?;
            }
            if wants("start-crowded") {
                start::crowded(&room, order, &mut report).await?;
            }
        }
        anyhow::Ok(())
    })?;
    print!("{report}");
    Ok(report.within_budget())
}

#[cfg(not(target_os = "linux"))]
fn measure(order: &Order) -> Result<bool> {
    bail!("measuring {order:?} needs /proc and Xvfb: on Linux only")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_or_refused() {
        let read = |line: &str| order(line.split_whitespace().map(str::to_owned));
        let all = read("--duet d --empty e").expect("both programs are named");
        assert_eq!(all.names, NAMES, "no name means all of them");
        assert_eq!(
            read("--duet d --empty e --runs 3 idle").expect("fine").runs,
            3,
            "as asked"
        );
        assert!(read("--empty e").is_err(), "nothing to measure");
        assert!(
            read("--duet d --empty e speed").is_err(),
            "no such benchmark"
        );
        assert!(
            read("--duet d --empty e --runs").is_err(),
            "a value is missing"
        );
    }
}
