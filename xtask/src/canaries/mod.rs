//! `cargo xtask canaries`: do the sync tests notice bugs?
//!
//! A test that passes says little unless it is known to fail. Each bug of the list is planted in a copy
//! of the sources, and the test that it names has to fail there, by an assertion of its own; without any
//! bug all of them have to pass. The copy and its build stay in the target folder, so that a bug costs
//! the crates that it changes and not all of them.

mod bugs;
mod plant;

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::bugs::{BUGS, Bug};
use self::plant::Copy;
use crate::{
    cmd,
    place::{Place, cargo},
};

/// How long a test may take. The longest stops of itself after two minutes.
const PATIENCE: Duration = Duration::from_secs(600);
/// Where the tests are that have to notice: an assertion there, and no crash elsewhere.
const TESTS: &str = "crates/duet-sync/tests/it/";

/// What a test said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Passed,
    /// By an assertion, with its first line.
    Failed(String),
    /// It failed otherwise than by an assertion of the tests.
    Crashed,
    /// It was still running at the limit.
    Hung,
}

/// `cargo xtask canaries [NAME…]`.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    let bugs = chosen(words)?;
    let home = place.target.join("canaries");
    let copy = Copy::of(&place.root, &place.target, home.join("source"))?;
    // A run that was broken off may have left one planted; copying has mended it.
    let begun = Instant::now();
    println!("canaries: building the copy (the first time takes some minutes)");
    let sound = build(&copy, &home)?;
    println!("canaries: built in {}", cmd::spoken(begun.elapsed()));

    let tests: BTreeSet<&str> = bugs.iter().map(|bug| bug.caught_by).collect();
    for test in tests {
        let begun = Instant::now();
        let said = run(&sound, &home, test, "sound")?;
        if said != Said::Passed {
            bail!("without any bug {test} should pass, but it said: {said:?}");
        }
        let took = cmd::spoken(begun.elapsed());
        println!("canaries: {test} passes without a bug ({took})");
    }
    let mut missed = Vec::new();
    for bug in &bugs {
        let begun = Instant::now();
        copy.plant(bug)?;
        let said = build(&copy, &home)
            .with_context(|| format!("with the bug \"{}\" Duet does not build", bug.name))
            .and_then(|program| run(&program, &home, bug.caught_by, bug.name));
        copy.mend(bug)?;
        let took = cmd::spoken(begun.elapsed());
        match said? {
            Said::Failed(words) => {
                println!(
                    "  caught  {:<27} {took:>12}  {}\n          {words}",
                    bug.name, bug.means
                );
            }
            said => {
                println!(
                    "  MISSED  {:<27} {took:>12}  {}\n          {said:?}",
                    bug.name, bug.means
                );
                missed.push(bug.name);
            }
        }
    }
    if !missed.is_empty() {
        bail!(
            "{} of {} bugs went unnoticed: {}. What the tests wrote is in {}",
            missed.len(),
            bugs.len(),
            missed.join(", "),
            place.shown(&home)
        );
    }
    println!("canaries: all {} bugs were caught", bugs.len());
    Ok(())
}

/// The bugs of these names; all where none is named.
fn chosen(words: &[String]) -> Result<Vec<&'static Bug>> {
    if let Some(word) = words
        .iter()
        .find(|word| BUGS.iter().all(|bug| bug.name != **word))
    {
        let names: Vec<_> = BUGS.iter().map(|bug| bug.name).collect();
        bail!("there is no bug \"{word}\"; there are {}", names.join(", "));
    }
    let is_chosen = |bug: &&Bug| words.is_empty() || words.iter().any(|word| word == bug.name);
    Ok(BUGS.iter().filter(is_chosen).collect())
}

/// Builds the tests of the copy; answers the program.
fn build(copy: &Copy<'_>, home: &Path) -> Result<PathBuf> {
    let log = home.join("build.log");
    let file = File::create(&log).context("could not write what the compiler says")?;
    let built = cargo()
        .args(["test", "--quiet", "--package", "duet-sync", "--test", "it"])
        .args(["--no-run", "--message-format", "json-render-diagnostics"])
        .env("CARGO_TARGET_DIR", home.join("build"))
        .current_dir(copy.root())
        .stdin(Stdio::null())
        .stderr(file)
        .output()
        .context("could not start cargo")?;
    if !built.status.success() {
        bail!(
            "the compiler refuses it, see {}:\n{}",
            log.display(),
            fs::read_to_string(&log).unwrap_or_default()
        );
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let program = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.context("cargo did not say where the tests are")
}

/// Runs one test; what it writes goes to a file, because it may be more than a pipe holds.
fn run(program: &Path, home: &Path, test: &str, log: &str) -> Result<Said> {
    let log = home.join(format!("{log}.log"));
    let file = File::create(&log).context("could not write what a test says")?;
    let mut child = Command::new(program)
        .args(["--exact", test])
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .spawn()
        .context("could not start a test")?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().ok();
            child.wait()?;
            return Ok(Said::Hung);
        }
        pause();
    };
    let words = fs::read_to_string(&log).context("could not read what a test said")?;
    judge(status.success(), &words)
}

/// What a test said, by how it ended and what it wrote.
fn judge(success: bool, words: &str) -> Result<Said> {
    if !words.contains("running 1 test") {
        bail!("the test is not there, or something else went wrong:\n{words}");
    }
    if success {
        return Ok(Said::Passed);
    }
    let mut lines = words.lines();
    let panicked = lines.find(|line| line.contains("panicked at "));
    Ok(match panicked {
        Some(line) if line.contains(TESTS) => {
            Said::Failed(lines.next().unwrap_or_default().to_owned())
        }
        _ => Said::Crashed,
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no runtime whose worker it could block"
)]
fn pause() {
    thread::sleep(Duration::from_millis(100));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_assertion_of_the_tests_counts_as_caught() {
        let at = |path: &str| {
            format!(
                "running 1 test\nF\nthread 'x' (7) panicked at {path}:9:5:\nleft and right\nmore\n"
            )
        };
        let caught = Said::Failed("left and right".to_owned());
        let rows = [
            (true, "running 1 test\n.\n".to_owned(), Said::Passed),
            (false, at("crates/duet-sync/tests/it/events.rs"), caught),
            (false, at("crates/duet-sync/src/events.rs"), Said::Crashed),
            (false, "running 1 test\nkilled".to_owned(), Said::Crashed),
        ];
        for (success, words, expected) in rows {
            assert_eq!(judge(success, &words).unwrap(), expected, "{words}");
        }
        assert!(judge(true, "running 0 tests\n").is_err(), "nothing was run");
        assert!(judge(false, "error[E0308]: mismatched").is_err(), "no test");
    }

    #[test]
    fn an_unknown_name_is_refused_and_the_others_are_named() {
        let error = chosen(&["nonsense".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("token-before-page"), "{error}");
        let one = chosen(&["token-before-page".to_owned()]).unwrap();
        assert_eq!(one.len(), 1, "only what is named");
        assert_eq!(chosen(&[]).unwrap().len(), BUGS.len(), "or all");
    }
}
