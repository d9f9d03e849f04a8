//! `cargo xtask test`: every test there is, after set-up, with the runners' own words on the screen.

use anyhow::Result;

use crate::{
    cmd,
    place::{Place, cargo},
    setup::system::{self, Purpose},
    ui,
};

/// `cargo xtask test [FILTER]`; the words are handed to `cargo test` as they are.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    system::ensure(&[Purpose::Build, Purpose::Desk])?;
    // The end-to-end tests drive the real window, which is embedded into the shell.
    ui::ensure(place)?;
    run(place, words)
}

/// The tests alone, for a caller that has done the set-up.
pub(crate) fn run(place: &Place, words: &[String]) -> Result<()> {
    cmd::run(
        cargo()
            // One failing crate does not hide the others: the list of failures stands at the end.
            .args([
                "test",
                "--workspace",
                "--features",
                "custom-protocol",
                "--no-fail-fast",
            ])
            .args(words)
            .current_dir(&place.root),
    )
}
