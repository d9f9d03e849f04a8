//! `xtask-desk demo DUET OUT`: Duet's demo account, shown in a desktop session that nobody sees.
//!
//! For machines without a display: what `cargo xtask run` would have shown is left behind as a
//! picture and an agenda. Everything real is in it: an X server, a session bus, a keyring with the
//! demo account's token, the shell and its window. A program of its own because the session's
//! crates take longer to build than xtask may.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]

#[cfg(target_os = "linux")]
mod demo;

use std::{
    env,
    path::{self, PathBuf},
    process::ExitCode,
};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let [command, duet, out] = words.as_slice() else {
        return usage();
    };
    if command != "demo" {
        return usage();
    }
    // The session's programs start in a folder of their own.
    let absolute = |word: &String| path::absolute(word).unwrap_or_else(|_| PathBuf::from(word));
    match show(&absolute(duet), &absolute(out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask-desk: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: xtask-desk demo DUET OUT");
    ExitCode::from(2)
}

#[cfg(target_os = "linux")]
fn show(duet: &std::path::Path, out: &std::path::Path) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(demo::show(duet, out))
}

#[cfg(not(target_os = "linux"))]
fn show(_: &std::path::Path, _: &std::path::Path) -> anyhow::Result<()> {
    anyhow::bail!("a private desktop session exists on Linux only; here Duet opens its window")
}
