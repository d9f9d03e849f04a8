//! Rules of real calendar files: those that the crate `calcard` brings with its own tests.
//!
//! The files are of many hands and licences, so they are read where cargo unpacks them and never copied
//! here; `calcard` is no dependency of ours, only of a package that is made up in the target folder.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{calendar::Wall, cases::Case, engines::Engines};
use crate::{
    cmd,
    place::{Place, cargo},
};

const MANIFEST: &str = "[package]\nname = \"fixtures\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
    [lib]\npath = \"lib.rs\"\n[dependencies]\n\
    calcard = { version = \"=0.3.14\", default-features = false }\n[workspace]\n";

/// Something in a file that repeats, with all its lines.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Whole {
    /// The start on the clock of `zone`.
    pub(super) start: Wall,
    /// An IANA name, or `-` for whole days.
    pub(super) zone: String,
    /// RRULE, EXRULE, RDATE and EXDATE.
    pub(super) lines: Vec<String>,
}

/// What the files hold.
#[derive(Debug, Default)]
pub(super) struct Fixtures {
    /// The distinct rules.
    pub(super) rules: Vec<Case>,
    /// The distinct series.
    pub(super) series: BTreeSet<Whole>,
}

/// Reads the files; nothing, said loudly, where they cannot be had.
pub(super) fn read(place: &Place, engines: &Engines) -> Result<Fixtures> {
    let mut fixtures = Fixtures::default();
    let folder = match folder(place) {
        Ok(folder) => folder,
        Err(error) => {
            println!("oracle: NO REAL RULES, because the files of calcard are not here: {error:#}");
            return Ok(fixtures);
        }
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)?
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "ics"))
        .collect();
    paths.sort();
    let mut found = BTreeSet::new();
    for path in paths {
        let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for whole in series(&text, &engines.zones) {
            for rule in whole
                .lines
                .iter()
                .filter_map(|line| line.strip_prefix("RRULE:"))
            {
                let (start, zone) = (whole.start, &whole.zone);
                if found.insert((start, zone.clone(), rule.to_owned())) {
                    let name = name.clone().into_owned();
                    fixtures.rules.push(Case::new(name, start, zone, rule, 0));
                }
            }
            fixtures.series.insert(whole);
        }
    }
    Ok(fixtures)
}

/// Where cargo unpacked the files.
fn folder(place: &Place) -> Result<PathBuf> {
    let home = place.target.join("oracle/fixtures");
    fs::create_dir_all(&home)?;
    fs::write(home.join("Cargo.toml"), MANIFEST)?;
    fs::write(home.join("lib.rs"), "")?;
    let metadata = cmd::read(
        cargo()
            .args(["metadata", "--quiet", "--format-version", "1"])
            .current_dir(&home),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    let manifest = packages
        .iter()
        .find(|package| package["name"] == "calcard")
        .and_then(|package| package["manifest_path"].as_str())
        .context("cargo does not say where calcard is")?;
    let folder = PathBuf::from(manifest).with_file_name("resources/ical");
    anyhow::ensure!(folder.is_dir(), "{} is gone", folder.display());
    Ok(folder)
}

/// Everything in a file that repeats, except the changes of a zone. A zone that is not of the world's
/// is read as UTC: it is the same for all engines.
fn series(text: &str, zones: &[String]) -> Vec<Whole> {
    let unfolded = text
        .replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "");
    let (mut start, mut own, mut found) = (None, Vec::new(), Vec::new());
    for line in unfolded.lines() {
        let (head, value) = line.split_once(':').unwrap_or((line, ""));
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        match name.to_ascii_uppercase().as_str() {
            "BEGIN" | "END" => {
                let kind = value.trim().to_ascii_uppercase();
                let lines = std::mem::take(&mut own);
                if let (Some((start, zone)), false) = (start.take(), is_of_zones(&kind))
                    && !lines.is_empty()
                {
                    found.push(Whole { start, zone, lines });
                }
            }
            "DTSTART" => {
                let parameter = parameters
                    .split(';')
                    .find_map(|one| one.strip_prefix("TZID="));
                let named = parameter.filter(|name| zones.iter().any(|zone| zone == name));
                let zone = match named {
                    _ if value.trim().len() == 8 => "-",
                    Some(name) if !value.trim().ends_with('Z') => name,
                    _ => "UTC",
                };
                start = Wall::read(value.trim()).map(|at| (at, zone.to_owned()));
            }
            // A tab would be read as the end of the line.
            "RRULE" | "EXRULE" | "RDATE" | "EXDATE" if !line.contains('\t') => {
                own.push(line.trim_end().to_owned());
            }
            _ => {}
        }
    }
    found
}

fn is_of_zones(component: &str) -> bool {
    ["STANDARD", "DAYLIGHT"].contains(&component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_with_their_starts() {
        let text = "BEGIN:VTIMEZONE\nBEGIN:STANDARD\nDTSTART:19700101T000000\nRRULE:FREQ=YEARLY\n\
                    END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nRRULE:FREQ=WEEKLY;\n COUNT=2\n\
                    DTSTART;TZID=Europe/Berlin:20260101T090000\nBEGIN:VALARM\nEND:VALARM\nEND:VEVENT\n\
                    BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\nEND:VEVENT\n\
                    BEGIN:VEVENT\nDTSTART;TZID=Home:20260101T090000\nEND:VEVENT\n\
                    BEGIN:VEVENT\nDTSTART;TZID=Home:20260101T090000\nRRULE:FREQ=DAILY\n\
                    EXDATE:20260102T090000\nEND:VEVENT\n";
        let found: Vec<String> = series(&text.replace('\n', "\r\n"), &["Europe/Berlin".to_owned()])
            .into_iter()
            .map(|one| format!("{} {} {}", one.start.shown(), one.zone, one.lines.join(" ")))
            .collect();
        assert_eq!(
            found,
            [
                "20260101T090000 Europe/Berlin RRULE:FREQ=WEEKLY;COUNT=2",
                "20260101T000000 - RRULE:FREQ=DAILY",
                "20260101T090000 UTC RRULE:FREQ=DAILY EXDATE:20260102T090000",
            ]
        );
    }
}
