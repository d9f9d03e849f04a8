//! Set-up: what a machine needs before it can build, run and test Duet.
//!
//! Each part looks first and installs only what is missing, so that the second call costs
//! milliseconds; it says what it installs and why before doing it. It does not build anything.

pub mod system;
pub mod wasm;

use std::process::Command;

use anyhow::Result;

use crate::{cmd, place::Place};

/// `cargo xtask setup`: everything for building and for testing.
pub fn everything(place: &Place) -> Result<()> {
    system::ensure(&[system::Purpose::Build, system::Purpose::Desk])?;
    let toolchain = wasm::ensure(place, wasm::Attempt::Again)?;
    println!("setup: the window is compiled by {toolchain}");
    for (component, command) in missing_components() {
        println!(
            "setup: {component} is missing, which `cargo xtask ci` needs. \
             With rustup: `rustup component add {component}`; else your distribution's {command}."
        );
    }
    println!("setup: ready");
    Ok(())
}

/// Rust's formatter and linter come with most toolchains, yet not with a minimal one.
fn missing_components() -> Vec<(&'static str, &'static str)> {
    [("rustfmt", "cargo-fmt"), ("clippy", "cargo-clippy")]
        .into_iter()
        .filter(|(_, program)| cmd::read(Command::new(program).arg("--version")).is_err())
        .collect()
}
