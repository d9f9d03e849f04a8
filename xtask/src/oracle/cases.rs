//! What is asked: a rule, where it starts, and the window it is looked at through.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::calendar::Wall;
use super::table;

/// How far a window reaches when nothing else is said.
const YEARS: i64 = 12;

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Case {
    /// Where it comes from, for people.
    pub(super) origin: String,
    /// The start on the clock of `zone`.
    pub(super) start: Wall,
    /// An IANA name, or `-` for whole days.
    pub(super) zone: String,
    /// The value of the RRULE.
    pub(super) rule: String,
    /// The window on the clock of `zone`, start included, end excluded.
    pub(super) window: (Wall, Wall),
}

impl Case {
    /// A case whose window begins some days after the start.
    pub(super) fn new(origin: String, start: Wall, zone: &str, rule: &str, later: i64) -> Self {
        let from = start.plus_days(later);
        Self {
            origin,
            start,
            zone: zone.to_owned(),
            rule: rule.to_owned(),
            window: (from, from.plus_days(YEARS * 366)),
        }
    }
}

/// The rules of our own table.
pub(super) fn from_table(path: &Path) -> Result<Vec<Case>> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    parse(&text).with_context(|| format!("{}", path.display()))
}

fn parse(text: &str) -> Result<Vec<Case>> {
    let entries = table::entries(text, &["about", "start", "zone", "rule", "later"])?;
    let case = |entry: &table::Entry| {
        let start = Wall::read(entry.need("start")?)
            .with_context(|| format!("line {}: the start is no time", entry.line))?;
        let later = entry.get("later").unwrap_or("0").parse()?;
        let origin = format!("rules.toml: {}", entry.need("about")?);
        let (zone, rule) = (entry.need("zone")?, entry.need("rule")?);
        Ok(Case::new(origin, start, zone, rule, later))
    };
    entries.iter().map(case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_case() {
        let row = "[[rule]]\nabout = 'tea'\nstart = '20260101T090000'\nzone = 'Europe/Berlin'\n\
                   rule = 'FREQ=DAILY'\nlater = '10'\n";
        let case = parse(row).unwrap().remove(0);
        assert_eq!(case.origin, "rules.toml: tea");
        assert_eq!(case.window.0.shown(), "20260111T090000");
        let broken = row.replace("20260101T", "2026-01-01 ");
        assert!(parse(&broken).unwrap_err().to_string().contains("line 1"));
    }
}
