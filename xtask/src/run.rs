//! `cargo xtask run`: from a checkout to Duet's open window, or to a picture of it.
//!
//! With a display the window opens and the command ends when Duet does. Without one it says so and
//! shows the demo account in a private desktop session, by the program `xtask-desk`. Words after
//! `--` go to Duet's own command line, wherever that runs.

use std::{env, process::Command};

use anyhow::Result;

use crate::{
    cmd,
    place::{Place, cargo},
    setup::system::{self, Purpose},
    ui,
};

/// `cargo xtask run [--release] [-- ARGS]`.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    let (ours, theirs) = match words.iter().position(|word| word == "--") {
        Some(at) => (&words[..at], &words[at + 1..]),
        None => (words, &[][..]),
    };
    let mut release = false;
    for word in ours {
        match word.as_str() {
            "--release" => release = true,
            other => anyhow::bail!(
                "`run` takes --release, and Duet's own words after --, not \"{other}\""
            ),
        }
    }
    let profile = if release { "release" } else { "debug" };
    // Words for Duet are commands, like `sync`, and those need no display.
    let direct = !theirs.is_empty() || has_display();
    let purposes: &[Purpose] = if direct {
        &[Purpose::Build]
    } else {
        &[Purpose::Build, Purpose::Desk]
    };
    system::ensure(purposes)?;
    ui::ensure(place)?;

    println!("run: building Duet (the first time takes some minutes)");
    let mut build = cargo();
    build.args(["build", "--package", "duet", "--bin", "duet"]);
    if direct {
        build.args(["--features", "custom-protocol"]);
    } else {
        // One call for both, so that the crates they share are compiled once, not twice.
        build.args(["--package", "xtask", "--bin", "xtask-desk"]);
        build.args(["--features", "custom-protocol,xtask/desk"]);
    }
    if release {
        build.arg("--release");
    }
    cmd::quiet(build.current_dir(&place.root))?;

    let duet = place.program(profile, "duet");
    if theirs.is_empty() && env::var_os("GOOGLE_CLIENT_ID").is_none() {
        println!(
            "run: GOOGLE_CLIENT_ID is not set, so Duet offers its demo account. \
             README.md says how to connect a real one."
        );
    }
    if direct {
        if theirs.is_empty() {
            println!("run: opening the window");
        }
        return cmd::quiet(Command::new(duet).args(theirs).current_dir(&place.root));
    }
    println!(
        "run: there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). \
         Showing the demo account in a private session instead."
    );
    cmd::quiet(
        Command::new(place.program(profile, "xtask-desk"))
            .arg("demo")
            .arg(duet)
            .arg(place.target.join("duet-demo")),
    )
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
