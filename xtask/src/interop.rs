//! `cargo xtask interop`: events written by Duet, read through Google's own client library.
//!
//! The library and the sandbox were written by different people from the same documents: where they
//! agree about what Duet wrote, a mistake would have to be made twice. The comparisons stand in
//! `tests/interop/google_client.py`.

use std::{fs, process::Command, time::Instant};

use anyhow::{Context, Result};

use crate::{
    cmd,
    place::{Place, cargo},
    python,
    setup::system::{self, Purpose},
    ui,
};

/// Pinned, so that a new edition is somebody's decision.
const CLIENT: &str = "google-api-python-client==2.202.0";
const DATEUTIL: &str = "python-dateutil==4.0.0";

/// Builds Duet and the sandbox, and runs the comparisons.
pub fn command(place: &Place) -> Result<()> {
    system::ensure(&[Purpose::Build, Purpose::Oracle])?;
    ui::ensure(place)?;
    let home = place.target.join("interop");
    fs::create_dir_all(&home)?;
    let begun = Instant::now();
    let packages = [CLIENT, DATEUTIL, "tzdata"];
    let python = python::ready(
        &home,
        "interop",
        &packages,
        "googleapiclient, dateutil, tzdata",
    )
    .context("without Google's client library there is nothing to compare with")?;
    cmd::run(
        cargo()
            // As the tests build the programs beside them, so that nothing is compiled a second time.
            .args(["test", "--no-run", "--quiet", "--workspace"])
            .args([
                "--features",
                "custom-protocol",
                "--test",
                "e2e",
                "--test",
                "it",
            ])
            .current_dir(&place.root),
    )?;
    println!("interop: set up in {}", cmd::spoken(begun.elapsed()));
    cmd::run(
        Command::new(python)
            .arg(place.root.join("tests/interop/google_client.py"))
            .arg(place.program("debug", "duet"))
            .arg(place.program("debug", "duet-sandbox")),
    )
}
