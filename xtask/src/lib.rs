//! The project's commands: set-up, window, run, test, ci, tidy, oracle, interop, canaries, bundle, bench.
//!
//! One list of steps for a newcomer, for the hosted runner and for the release: nothing happens in a
//! workflow file or a shell script that `cargo xtask` does not do. This library must build from pure
//! Rust in seconds, because on a bare machine it is what installs everything else. What needs more
//! (wasm-bindgen, a private desktop) lives in the sibling programs `xtask-wasm` and `xtask-desk`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]

pub mod bench;
pub mod bundle;
pub mod canaries;
pub mod ci;
pub mod cmd;
pub mod interop;
pub mod oracle;
pub mod place;
mod python;
pub mod run;
pub mod setup;
pub mod test;
pub mod tidy;
pub mod ui;

use std::process::ExitCode;

use anyhow::{Result, bail};
use place::Place;

const USAGE: &str = "\
cargo xtask <command>

  run [--release] [-- ARGS]  set up, build and open Duet; without a display, a demo with a screenshot
  test [FILTER]              set up, build the window, run every test: unit, property, engine, end to end
  ci                         fmt, tidy, clippy, test, oracle, interop, in the order and with the flags of the hosted runner
  setup                      install what building and testing needs, and say what and why
  ui [--fast]                build the window's WebAssembly bundle into ui/dist
  tidy                       check the rules of docs/ARCHITECTURE.md that a compiler does not
  oracle [--seed N] [--random N]
                             hold repetition and zones against dateutil, rrule-temporal, libical, PyPI
  interop                    read what Duet writes through Google's client library for Python
  canaries [NAME]            plant bugs in a copy of the sync code, and see that its tests notice each
  bundle                     build a Debian package into the target folder
  bench [NAME]               measure start, memory, idle, syncs, views and the pure parts, with floors in one run
";

/// Runs one command given by its words, and says in one sentence what went wrong if it did.
pub fn run(words: impl IntoIterator<Item = String>) -> ExitCode {
    let words: Vec<String> = words.into_iter().collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<()> {
    let Some((command, rest)) = words.split_first() else {
        eprint!("{USAGE}");
        bail!("which command?");
    };
    match command.as_str() {
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return Ok(());
        }
        _ => {}
    }
    let place = Place::find()?;
    match command.as_str() {
        "setup" => {
            no_more(rest)?;
            setup::everything(&place)
        }
        "ui" => ui::command(&place, rest),
        "interop" => {
            no_more(rest)?;
            interop::command(&place)
        }
        "run" => run::command(&place, rest),
        "test" => test::command(&place, rest),
        "ci" => {
            no_more(rest)?;
            ci::command(&place)
        }
        "tidy" => {
            no_more(rest)?;
            tidy::command(&place)
        }
        "oracle" => oracle::command(&place, rest),
        "canaries" => canaries::command(&place, rest),
        "bundle" => bundle::command(&place, rest),
        "bench" => bench::command(&place, rest),
        other => {
            eprint!("{USAGE}");
            bail!("there is no command \"{other}\"")
        }
    }
}

fn no_more(rest: &[String]) -> Result<()> {
    match rest.first() {
        None => Ok(()),
        Some(word) => bail!("this command takes no argument, but was given \"{word}\""),
    }
}
