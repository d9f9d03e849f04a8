//! The engines: how they get onto the machine, and how they are asked.
//!
//! Everything they need comes from the package registries (PyPI, npm, apt) and lies in `oracle/` of the
//! target folder. Each is one process that reads questions as lines and answers each with a line.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::PATIENCE;
use crate::{
    cmd,
    place::{Place, cargo},
    python,
    setup::system::{self, Purpose},
};

/// Pinned, because `triage.toml` speaks of these versions.
const DATEUTIL: &str = "python-dateutil==4.0.0";
const TEMPORAL: &str = "rrule-temporal@2.2.8";

/// What one question was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The line.
    Said(String),
    /// The engine does not answer this one, and why.
    Refused(String),
    /// The engine broke or hung over it.
    Lost(String),
}

/// A program that answers lines with lines.
#[derive(Debug)]
pub(super) struct Program {
    words: Vec<PathBuf>,
    /// Does it say something about itself before the first answer?
    greets: bool,
    /// How long it may think about one question.
    patience: Duration,
}

/// One engine of repetition.
#[derive(Debug)]
pub(super) struct Engine {
    /// Its name in `triage.toml`.
    pub(super) name: &'static str,
    /// How it is asked.
    pub(super) program: Program,
}

/// All that can be asked.
#[derive(Debug)]
pub(super) struct Engines {
    /// Those of others, one of each family.
    pub(super) others: Vec<Engine>,
    /// Duet.
    pub(super) duet: Program,
    /// The clocks of zones, by Python and PyPI's zone data.
    pub(super) clock: Program,
    /// The edition of that zone data.
    pub(super) edition: String,
    /// The zones it has.
    pub(super) zones: Vec<String>,
    absent: usize,
}

impl Engines {
    /// Installs what is missing and builds what has to be built.
    ///
    /// # Errors
    ///
    /// Without Python there is no clock to judge by, without Duet nothing to judge. Another engine may
    /// be missing, which is said and counted.
    pub(super) fn ready(place: &Place) -> Result<Self> {
        let home = place.target.join("oracle");
        let drivers = place.root.join("tests/oracle");
        fs::create_dir_all(&home)?;
        if let Err(error) = system::ensure(&[Purpose::Oracle]) {
            println!("oracle: NOT EVERYTHING COULD BE INSTALLED: {error:#}");
        }
        cmd::run(
            cargo()
                .args(["build", "--quiet", "--package", "duet-model"])
                .args(["--example", "answer_series"])
                .current_dir(&place.root),
        )?;
        let python = python::ready(&home, "oracle", &[DATEUTIL, "tzdata"], "dateutil, tzdata")
            .context("without Python there is no clock to judge by")?;
        let names = cmd::read(
            Command::new(&python)
                .arg(drivers.join("clock.py"))
                .arg("names"),
        )?;
        let mut names = names.split_whitespace().map(str::to_owned);
        let edition = names.next().context("PyPI's zone data names no edition")?;
        let attempts: [(&'static str, Result<Vec<PathBuf>>); 3] = [
            (
                "dateutil",
                Ok(vec![python.clone(), drivers.join("dateutil_engine.py")]),
            ),
            ("temporal", temporal(&home, &drivers)),
            ("libical", libical(&home, &drivers)),
        ];
        let (mut others, mut absent) = (Vec::new(), 0);
        for (name, attempt) in attempts {
            match attempt {
                Ok(words) => others.push(Engine {
                    name,
                    program: Program {
                        words,
                        greets: false,
                        patience: PATIENCE,
                    },
                }),
                Err(error) => {
                    absent += 1;
                    println!("oracle: ENGINE ABSENT, {absent} so far: {name}: {error:#}");
                }
            }
        }
        Ok(Self {
            others,
            duet: Program {
                words: vec![place.program("debug/examples", "answer_series")],
                greets: true,
                patience: PATIENCE,
            },
            clock: Program {
                words: vec![python, drivers.join("clock.py")],
                greets: false,
                patience: PATIENCE,
            },
            edition,
            zones: names.collect(),
            absent,
        })
    }

    /// How many engines are missing, where that is a failure: on the hosted runner.
    pub(super) fn absent_count(&self) -> usize {
        if cmd::is_ci() { self.absent } else { 0 }
    }

    /// Can every family speak?
    pub(super) fn are_all_there(&self) -> bool {
        self.absent == 0
    }
}

fn temporal(home: &Path, drivers: &Path) -> Result<Vec<PathBuf>> {
    let npm = home.join("npm");
    fs::create_dir_all(&npm)?;
    let package = npm.join("node_modules/rrule-temporal/package.json");
    let wanted = TEMPORAL.rsplit('@').next().unwrap_or_default();
    let there = fs::read_to_string(&package)
        .is_ok_and(|text| text.contains(&format!("\"version\": \"{wanted}\"")));
    if !there {
        cmd::run(
            Command::new("npm")
                .args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"])
                .arg(&npm)
                .arg(TEMPORAL),
        )?;
    }
    cmd::read(Command::new("node").arg("--version"))?;
    let driver = drivers.join("temporal_engine.mjs");
    Ok(vec![PathBuf::from("node"), driver, package])
}

fn libical(home: &Path, drivers: &Path) -> Result<Vec<PathBuf>> {
    let program = home.join("libical_engine");
    cmd::run(
        Command::new("cc")
            .args(["-O1", "-Wall", "-o"])
            .arg(&program)
            .arg(drivers.join("libical_engine.c"))
            .arg("-lical"),
    )?;
    Ok(vec![program])
}

impl Program {
    /// Asks all questions, in order. A question that is not answered in time, or at which the program
    /// breaks off, is lost, and the rest is asked of a new process.
    pub(super) fn ask(&self, questions: &[String]) -> Result<Vec<Answer>> {
        let mut answers = Vec::with_capacity(questions.len());
        while answers.len() < questions.len() {
            let begun = answers.len();
            let (mut child, lines) = self.start(&questions[begun..])?;
            let mut patience = self.patience * 4; // for starting, too
            let mut greets = self.greets;
            while answers.len() < questions.len() {
                match lines.recv_timeout(patience) {
                    Ok(_) if greets => greets = false,
                    Ok(line) => answers.push(match line.strip_prefix('!') {
                        Some(why) => Answer::Refused(why.to_owned()),
                        None => Answer::Said(line.trim_end().to_owned()),
                    }),
                    Err(RecvTimeoutError::Timeout) => {
                        let why = format!("no answer in {}", cmd::spoken(self.patience));
                        answers.push(Answer::Lost(why));
                        break;
                    }
                    Err(RecvTimeoutError::Disconnected) => {
                        answers.push(Answer::Lost("it broke off".to_owned()));
                        break;
                    }
                }
                patience = self.patience;
            }
            child.kill().ok();
            let status = child.wait()?;
            // One that never starts would otherwise be started again for every question.
            if answers.len() == begun + 1 && begun > 0 && self.is_broken(&answers) {
                bail!(
                    "{} breaks off at every question ({status})",
                    self.words[0].display()
                );
            }
        }
        Ok(answers)
    }

    fn is_broken(&self, answers: &[Answer]) -> bool {
        let broken = Answer::Lost("it broke off".to_owned());
        answers.len() > 5
            && answers[answers.len() - 5..]
                .iter()
                .all(|one| *one == broken)
    }

    fn start(&self, questions: &[String]) -> Result<(Child, Receiver<String>)> {
        let mut child = Command::new(&self.words[0])
            .args(&self.words[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start {}", self.words[0].display()))?;
        let mut input = child.stdin.take().context("no way to ask")?;
        let output = child.stdout.take().context("no way to listen")?;
        let text = questions.join("\n") + "\n";
        // Both ends at once, or the two would wait for each other with full pipes.
        thread::spawn(move || input.write_all(text.as_bytes()));
        let (tell, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        Ok((child, lines))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn ask(script: &str, greets: bool, questions: &[&str]) -> Vec<Answer> {
        let program = Program {
            words: ["sh", "-c", script].map(PathBuf::from).to_vec(),
            greets,
            patience: Duration::from_millis(250),
        };
        let questions: Vec<String> = questions.iter().map(|one| (*one).to_owned()).collect();
        program.ask(&questions).expect("a shell starts")
    }

    fn said(text: &str) -> Answer {
        Answer::Said(text.to_owned())
    }

    fn lost(text: &str) -> Answer {
        Answer::Lost(text.to_owned())
    }

    #[test]
    fn a_program_that_breaks_off_or_hangs_is_asked_the_rest() {
        let script = "while read -r q; do case $q in bad) exit 1;; slow) exec sleep 60;; \
                      no) echo '!never';; *) echo \"<$q>\";; esac; done";
        assert_eq!(
            ask(script, false, &["a", "no", "bad", "b", "slow", "c"]),
            [
                said("<a>"),
                Answer::Refused("never".to_owned()),
                lost("it broke off"),
                said("<b>"),
                lost("no answer in 0.2 s"),
                said("<c>"),
            ]
        );
    }

    #[test]
    fn a_program_that_greets_is_listened_to_after_that() {
        let answers = ask("echo hello; cat", true, &["a"]);
        assert_eq!(answers, [said("a")]);
    }
}
