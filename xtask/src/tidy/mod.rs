//! `cargo xtask tidy`: the rules of docs/ARCHITECTURE.md that no compiler checks.
//!
//! Each rule is a pure function from what was read to a list of findings, with a test in which it
//! finds something; only this file touches the disk and cargo. A finding names the place, what is
//! wrong there and what to do. To change a rule, change its table and say why in the commit.

pub mod config;
pub mod edges;
pub mod links;
pub mod policy;
pub mod source;

use std::{fmt, fs, path::Path, process::Command};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    cmd,
    place::{Place, cargo},
};

/// One broken rule at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A file, a `file:line`, or a package.
    pub place: String,
    /// What is wrong and what to do, in a sentence.
    pub what: String,
}

impl Finding {
    /// A finding at a place.
    pub fn new(place: impl fmt::Display, what: impl fmt::Display) -> Self {
        Self {
            place: place.to_string(),
            what: what.to_string(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// A text file of the repository.
#[derive(Debug, Clone)]
pub struct Text {
    /// Its path from the root, with forward slashes.
    pub path: String,
    /// Its whole content.
    pub text: String,
}

/// `cargo xtask tidy`: checks everything, prints every finding, fails if there is one.
pub fn command(place: &Place) -> Result<()> {
    let paths = tracked(&place.root)?;
    let files = texts(&place.root, &paths)?;
    let metadata = metadata(place)?;
    let packages = edges::packages(&metadata);
    let mut findings = Vec::new();
    let mut read = |below: &str| {
        let text = fs::read_to_string(place.root.join(below));
        if let Err(error) = &text {
            findings.push(Finding::new(
                below,
                format!("tidy compares this file, and: {error}"),
            ));
        }
        text.ok()
    };
    let document = read("docs/ARCHITECTURE.md");
    let shell = read("tauri.conf.json");
    let deny = read("deny.toml");

    findings.extend(edges::between_ours(&packages));
    findings.extend(edges::restricted(&packages));
    findings.extend(edges::inherit_lints(&packages, &files));
    findings.extend(
        document
            .iter()
            .flat_map(|text| edges::documented(&packages, text)),
    );
    findings.extend(source::all(&files));
    findings.extend(links::dead(&files, &paths));
    findings.extend(shell.iter().flat_map(|text| config::shell(text)));
    findings.extend(config::capabilities(&files));
    findings.extend(config::migrations(&files));
    findings.extend(deny.iter().flat_map(|text| policy::all(text, &metadata)));

    if findings.is_empty() {
        println!(
            "tidy: {} files and {} packages in order",
            files.len(),
            packages.len()
        );
        return Ok(());
    }
    for finding in &findings {
        println!("tidy: {finding}");
    }
    bail!("{} finding(s)", findings.len())
}

/// Every file that git tracks or would track, so that a new file is checked before its commit.
fn tracked(root: &Path) -> Result<Vec<String>> {
    let listing = cmd::read(
        Command::new("git")
            .args([
                "ls-files",
                "--cached",
                "--others",
                "--exclude-standard",
                "-z",
            ])
            .current_dir(root),
    )
    .context("tidy asks git for the list of files")?;
    let mut paths: Vec<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        // Deleted but not yet committed; a folder is somebody's nested checkout.
        .filter(|path| root.join(path).is_file())
        .map(|path| path.replace('\\', "/"))
        .collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Those of them that are text: pictures and other binary files have no rules here.
fn texts(root: &Path, paths: &[String]) -> Result<Vec<Text>> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = fs::read(root.join(path)).with_context(|| format!("could not read {path}"))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(Text {
                path: path.clone(),
                text,
            });
        }
    }
    Ok(files)
}

/// What cargo knows about this workspace and its dependencies on this machine's kind of system.
fn metadata(place: &Place) -> Result<Value> {
    let host = cmd::read(Command::new("rustc").arg("-vV"))?
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .context("rustc does not name its host")?;
    let text = cmd::read(
        cargo()
            .args([
                "metadata",
                "--format-version",
                "1",
                "--filter-platform",
                &host,
            ])
            .current_dir(&place.root),
    )?;
    serde_json::from_str(&text).context("cargo metadata did not answer with JSON")
}
