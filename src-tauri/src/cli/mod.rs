//! The command line: the same application without a window.
//!
//! Results go to stdout, as text for people or `--json` for scripts; errors go to stderr as one
//! plain sentence and a next step. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 an account needs
//! reconnecting, 4 partly done (INTERFACES.md section 2).

mod arguments;
mod blocks;
mod events;
mod face;
mod find;
mod invitations;
mod print;
mod rules;
mod run;
mod times;

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{CommandFactory, Parser};
use duet_app::{App, Opening};
use duet_wire::{ErrorCode, WireError};

use crate::environment::{Environment, cannot_open};
use crate::machine::Machine;
pub(crate) use arguments::{Arguments, Verb};

/// Exit codes that scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    Reconnect = 3,
    Partly = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The code that an error ends with.
    pub(crate) fn of(error: &WireError) -> Self {
        match error.code {
            ErrorCode::Invalid => Self::Usage,
            _ => Self::Failed,
        }
    }
}

/// Reads the arguments.
///
/// # Errors
/// What to print and the code to end with: help and version end well, wrong usage does not.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, ExitCode> {
    Arguments::try_parse_from(arguments).map_err(|error| {
        let exit = if error.use_stderr() {
            Exit::Usage
        } else {
            Exit::Done
        };
        // A closed pipe is no reason to fail twice.
        let _ = error.print();
        exit.into()
    })
}

/// One word for what a process was started to do, without anything that was typed beside it:
/// `link`, `window`, or the name of the command.
pub(crate) fn named(parsed: Option<&Arguments>, words: &[String]) -> String {
    match parsed {
        None => "link".to_owned(),
        Some(Arguments { verb: None, .. }) => "window".to_owned(),
        Some(_) => Arguments::command()
            .get_subcommands()
            .map(clap::Command::get_name)
            // What stands before the command are switches, so the first such word is the command.
            .filter_map(|name| Some((words.iter().position(|word| word == name)?, name)))
            .min()
            .map_or_else(|| "command".to_owned(), |(_, name)| name.to_owned()),
    }
}

/// Runs one command.
pub(crate) fn run(
    environment: &Environment,
    runtime: &tokio::runtime::Runtime,
    verb: Verb,
) -> ExitCode {
    let ended = runtime.block_on(async {
        let app = match (App::open(opening(environment)).await, &verb) {
            (Ok(app), _) => app,
            (Err(error), Verb::Doctor { form }) => {
                let why = cannot_open(&error, &environment.data_dir);
                return run::doctor_without_database(&opening(environment), why, *form).await;
            }
            (Err(error), _) => {
                let why = cannot_open(&error, &environment.data_dir);
                return Err(WireError::new(ErrorCode::Failed, why));
            }
        };
        let ended = run::verb(&app, environment, verb).await;
        app.stop().await;
        ended
    });
    match ended {
        Ok(_) if LOST.load(Ordering::Relaxed) => {
            complain("The result could not be written. Is the disk full?");
            Exit::Failed.into()
        }
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error.message);
            Exit::of(&error).into()
        }
    }
}

fn opening(environment: &Environment) -> Opening {
    let mut config = environment.google();
    // A terminal waits on loopback unless told otherwise: a desktop that would bring a deep link
    // back may not be there (INTERFACES.md section 2).
    if environment.get("GOOGLE_REDIRECT_URI").is_none()
        && let Ok(Some(config)) = &mut config
    {
        config.redirect = duet_google::Redirect::Loopback { port: None };
    }
    let face = face::TerminalFace::new(environment.data_dir.clone());
    Opening {
        host: Arc::new(Machine::new(Arc::new(face))),
        vault: crate::vault::open(environment),
        entropy: Arc::new(crate::machine::SystemEntropy),
        data_dir: environment.data_dir.clone(),
        config,
        zones: crate::environment::zone_data(),
    }
}

/// One sentence on stderr.
pub(crate) fn complain(words: &str) {
    let words = print::plain_lines(words);
    let _ = writeln!(std::io::stderr().lock(), "duet: {words}");
}

/// Set when a result could not be written: a script must not take half an answer for a whole one.
static LOST: AtomicBool = AtomicBool::new(false);

/// One line on stdout; a reader that has gone away ends the output, not the command.
pub(crate) fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{words}").and_then(|()| out.flush());
    if written.is_err_and(|error| error.kind() != std::io::ErrorKind::BrokenPipe) {
        LOST.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_names_the_command_and_nothing_that_was_typed_beside_it() {
        for (line, expect) in [
            ("", "window"),
            ("--hidden", "window"),
            ("status --json", "status"),
            ("--safe-graphics sync --account ana@example.com", "sync"),
            ("disconnect status", "disconnect"),
            ("calendars set team@example.com --busy on", "calendars"),
        ] {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            let all = std::iter::once("duet".to_owned()).chain(words.clone());
            let parsed = Arguments::try_parse_from(all).unwrap();
            assert_eq!(named(Some(&parsed), &words), expect, "{line:?}");
        }
        assert_eq!(named(None, &["duet://sync".to_owned()]), "link");
    }
}
