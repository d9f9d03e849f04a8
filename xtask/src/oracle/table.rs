//! The files that people write: the table of rules and the list of known differences.
//!
//! They are TOML of the plainest kind (tables of strings), read here in a few lines, because xtask has
//! to stay small enough to start on a bare machine.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result, bail};

/// One `[[name]]` with its keys.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The word in brackets.
    pub(super) kind: String,
    /// Where it begins.
    pub(super) line: usize,
    keys: BTreeMap<String, String>,
}

impl Entry {
    /// A key that may be missing.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.keys.get(key).map(String::as_str)
    }

    /// A key that has to be there, with something in it.
    pub(super) fn need(&self, key: &str) -> Result<&str> {
        self.get(key)
            .filter(|value| !value.is_empty())
            .with_context(|| {
                format!(
                    "the [[{}]] of line {} lacks \"{key}\"",
                    self.kind, self.line
                )
            })
    }
}

/// Reads `[[name]]`, `key = "text"` or `key = 'text'`, comments and empty lines; nothing else.
pub(super) fn entries(text: &str, known: &[&str]) -> Result<Vec<Entry>> {
    let mut entries: Vec<Entry> = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let head = content
            .strip_prefix("[[")
            .and_then(|c| c.strip_suffix("]]"));
        if let Some(kind) = head {
            entries.push(Entry {
                kind: kind.to_owned(),
                line,
                keys: BTreeMap::new(),
            });
            continue;
        }
        let pair = content.split_once('=').and_then(|(key, value)| {
            let (key, value) = (key.trim(), value.trim());
            let quote = value.chars().next().filter(|c| "\"'".contains(*c))?;
            let inner = value.get(1..)?.strip_suffix(quote)?;
            let plain = !inner.contains([quote, '\\']);
            (plain && known.contains(&key)).then_some((key, inner))
        });
        let (Some((key, value)), Some(entry)) = (pair, entries.last_mut()) else {
            bail!("line {line} is not understood: {content}");
        };
        if entry
            .keys
            .insert(key.to_owned(), value.to_owned())
            .is_some()
        {
            bail!("line {line} says \"{key}\" a second time");
        }
    }
    Ok(entries)
}

/// The known differences.
#[derive(Debug, Default)]
pub(super) struct Triage {
    entries: Vec<(Entry, usize)>,
}

impl Triage {
    /// Reads the file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let known = ["rule", "start", "zone", "engines", "reason", "decision"];
        let entries = entries(text, &known)?;
        for entry in &entries {
            let needed: &[&str] = match entry.kind.as_str() {
                "case" => &["rule", "engines", "reason", "decision"],
                "zone" => &["zone", "reason", "decision"],
                other => bail!("line {}: there is no [[{other}]]", entry.line),
            };
            for key in needed {
                entry.need(key)?;
            }
        }
        Ok(Self {
            entries: entries.into_iter().map(|entry| (entry, 0)).collect(),
        })
    }

    /// Is it known that these engines (by name) differ from Duet on a rule?
    pub(super) fn explains(&mut self, rule: &str, start: &str, dissent: &[&str]) -> bool {
        self.settle(|entry| {
            let engines = entry.get("engines").unwrap_or_default();
            let known = |name: &&str| engines.split(',').any(|one| one.trim() == *name);
            entry.kind == "case"
                && fits(entry.get("rule").unwrap_or_default(), rule)
                && entry
                    .get("start")
                    .is_none_or(|pattern| fits(pattern, start))
                && dissent.iter().all(known)
        })
    }

    /// Is it known that a zone differs?
    pub(super) fn explains_zone(&mut self, zone: &str) -> bool {
        self.settle(|entry| entry.kind == "zone" && entry.get("zone") == Some(zone))
    }

    fn settle(&mut self, is_it: impl Fn(&Entry) -> bool) -> bool {
        let entry = self.entries.iter_mut().find(|(entry, _)| is_it(entry));
        match entry {
            Some((_, used)) => {
                *used += 1;
                true
            }
            None => false,
        }
    }

    /// The entries that explained nothing. libical is the system's, of any version, and another version
    /// may err less.
    pub(super) fn unused(&self) -> Vec<String> {
        let pinned = |entry: &Entry| entry.get("engines") != Some("libical");
        let unused = self.entries.iter();
        unused
            .filter(|(entry, used)| *used == 0 && pinned(entry))
            .map(|(entry, _)| {
                let name = entry.get("rule").or(entry.get("zone")).unwrap_or_default();
                format!("line {}, {name}", entry.line)
            })
            .collect()
    }
}

/// Does a text fit a pattern, in which `*` stands for anything?
fn fits(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(left) = text.strip_prefix(head) else {
        return false;
    };
    (0..=left.len())
        .filter(|at| left.is_char_boundary(*at))
        .any(|at| fits(rest, &left[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_leave_room() {
        let cases = [
            ("FREQ=DAILY", "FREQ=DAILY", true),
            ("FREQ=DAILY", "FREQ=DAILY;COUNT=2", false),
            ("FREQ=*", "FREQ=DAILY", true),
            ("*COUNT=-*", "FREQ=DAILY;COUNT=-1", true),
            ("*COUNT=-*", "FREQ=DAILY;COUNT=1", false),
            ("*;BYDAY=*SU", "FREQ=WEEKLY;BYDAY=MO,SU", true),
            ("*;BYDAY=*SU", "FREQ=WEEKLY;BYDAY=SU,MO", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(fits(pattern, text), expected, "{pattern} and {text}");
        }
    }

    const KNOWN: &str = "[[case]]\nrule = 'FREQ=WEEKLY*'\nstart = '2026*'\nengines = 'libical, dateutil'\n\
                         reason = \"they err\"\ndecision = \"stays\"\n\n# gone in 2027\n[[zone]]\n\
                         zone = 'Mars/Olympus'\nreason = 'far'\ndecision = 'wait'\n";

    #[test]
    fn a_difference_is_known_for_its_rule_its_start_and_its_engines() {
        let mut triage = Triage::parse(KNOWN).unwrap();
        let start = "20260101T090000";
        assert_eq!(triage.unused().len(), 2, "nothing was asked yet");
        assert!(triage.explains("FREQ=WEEKLY;COUNT=2", start, &["libical"]));
        assert!(triage.explains("FREQ=WEEKLY", start, &["dateutil", "libical"]));
        assert!(
            !triage.explains("FREQ=WEEKLY", start, &["libical", "temporal"]),
            "one more engine"
        );
        assert!(
            !triage.explains("FREQ=WEEKLY", start, &["temporal"]),
            "another engine"
        );
        assert!(
            !triage.explains("FREQ=DAILY", start, &["libical"]),
            "another rule"
        );
        assert!(
            !triage.explains("FREQ=WEEKLY", "20250101T090000", &["libical"]),
            "another start"
        );
        assert_eq!(triage.unused(), ["line 9, Mars/Olympus"]);
        assert!(triage.explains_zone("Mars/Olympus"));
        assert!(triage.unused().is_empty());
        let libical = KNOWN.replace("libical, dateutil", "libical");
        let triage = Triage::parse(&libical).unwrap();
        assert_eq!(
            triage.unused(),
            ["line 9, Mars/Olympus"],
            "another libical may be right"
        );
    }

    #[test]
    fn what_is_not_understood_is_not_overlooked() {
        let cases = [
            ("rule = 'x'", "line 1"),
            ("[[case]]\nrule = 'x", "line 2"),
            ("[[case]]\nrule = 'x'\nrule = 'y'", "line 3"),
            (
                "[[case]]\nrule = 'x'\nengines = 'libical'\ndecision = 'y'",
                "lacks \"reason\"",
            ),
            (
                "[[zone]]\nzone = 'x'\nreason = ''\ndecision = 'y'",
                "lacks \"reason\"",
            ),
            ("[[case]]\nrules = 'x'", "line 2"),
            ("[[other]]", "no [[other]]"),
        ];
        for (text, expected) in cases {
            let error = Triage::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
