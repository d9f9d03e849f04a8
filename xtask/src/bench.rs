//! `cargo xtask bench`: builds what is measured, then lets the program `duet-bench` measure it.
//!
//! Everything is a release build from one lock file and one call of cargo, so that Duet and the
//! empty window it is held against are linked to the same libraries with the same features.

use std::process::Command;

use anyhow::Result;

use crate::{
    cmd,
    place::{Place, cargo},
    setup::system::{self, Purpose},
    ui,
};

/// `cargo xtask bench [NAME]…`; the words are handed to `duet-bench`.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    system::ensure(&[Purpose::Build, Purpose::Desk])?;
    ui::ensure(place)?;
    ui::ensure_page(place, &ui::FLOOR)?;
    cmd::run(
        cargo()
            .args(["build", "--release"])
            .args([
                "--package",
                "duet",
                "--package",
                "duet-empty-window",
                "--package",
                "duet-bench",
            ])
            .args([
                "--features",
                "duet/custom-protocol,duet-empty-window/custom-protocol",
            ])
            .current_dir(&place.root),
    )?;
    cmd::run(
        Command::new(place.program("release", "duet-bench"))
            .arg("--duet")
            .arg(place.program("release", "duet"))
            .arg("--empty")
            .arg(place.program("release", "duet-empty-window"))
            .args(words)
            .current_dir(&place.root),
    )
}
