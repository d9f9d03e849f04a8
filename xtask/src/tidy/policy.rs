//! Supply: which licences, sources and crates may come in, by the words of deny.toml.
//!
//! cargo-deny reads the same file where it is installed. Here the part of it that needs no network
//! and no database is checked everywhere, so that a banned crate does not wait for a hosted runner.

use serde_json::Value;

use super::Finding;

/// Bans, licences and sources, over every package of the resolved graph.
#[must_use]
pub fn all(deny: &str, metadata: &Value) -> Vec<Finding> {
    let banned = names_in(deny, "bans", "deny");
    let licences = names_in(deny, "licenses", "allow");
    let registries = names_in(deny, "sources", "allow-registry");
    if banned.is_empty() || licences.is_empty() || registries.is_empty() {
        return vec![Finding::new(
            "deny.toml",
            "names no bans, licences or sources that tidy can read",
        )];
    }
    let mut findings = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let name = package["name"].as_str().unwrap_or_default();
        if banned.iter().any(|ban| ban == name) {
            findings.push(Finding::new(name, "is banned by deny.toml; see there why"));
        }
        // Our own packages have no source.
        let Some(source) = package["source"].as_str() else {
            continue;
        };
        let from = source
            .split_once('+')
            .map_or(source, |(_, address)| address);
        if !registries.iter().any(|registry| registry == from) {
            findings.push(Finding::new(
                name,
                format!("comes from {from}, which deny.toml does not list"),
            ));
        }
        match package["license"].as_str() {
            Some(licence) if allowed(licence, &licences) => {}
            Some(licence) => findings.push(Finding::new(
                name,
                format!("is under \"{licence}\", which deny.toml does not allow"),
            )),
            None => findings.push(Finding::new(name, "names no licence")),
        }
    }
    findings
}

/// The strings of one array in one section of deny.toml; of tables in it, their `crate` or `name`.
///
/// This reads the few shapes that our own file uses, not TOML: a parser would double the time that
/// xtask takes to build on a bare machine.
fn names_in(deny: &str, section: &str, key: &str) -> Vec<String> {
    let mut inside = false;
    let mut array: Option<String> = None;
    for line in deny.lines() {
        // A `#` inside of a string would need a parser; none of our names has one.
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(open) = &mut array {
            open.push_str(line);
            if line.starts_with(']') {
                break;
            }
        } else if line.starts_with('[') {
            inside = line == format!("[{section}]");
        } else if inside && line.split('=').next().map(str::trim) == Some(key) {
            array = Some(
                line.split_once('=')
                    .map_or("", |(_, value)| value)
                    .to_owned(),
            );
            if line.ends_with(']') {
                break;
            }
        }
    }
    let array = array.unwrap_or_default();
    let mut names = Vec::new();
    for (position, part) in array.split('"').enumerate() {
        // Odd parts lie between quotation marks. In a table only the name counts, not its reason.
        if position % 2 == 1 {
            let before = array
                .split('"')
                .nth(position - 1)
                .unwrap_or_default()
                .trim();
            if before.ends_with('=') && !before.ends_with("crate =") && !before.ends_with("name =")
            {
                continue;
            }
            names.push(part.to_owned());
        }
    }
    names
}

/// Whether an SPDX expression can be satisfied with the allowed licences.
fn allowed(expression: &str, licences: &[String]) -> bool {
    // Old manifests write a slash for OR.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        licences,
    };
    let answer = reader.either();
    answer && reader.words.is_empty()
}

struct Reader<'w> {
    words: &'w [&'w str],
    licences: &'w [String],
}

impl Reader<'_> {
    fn take(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn takes(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.words = &self.words[1..];
        }
        there
    }

    fn either(&mut self) -> bool {
        let mut answer = self.both();
        while self.takes("OR") {
            // Both sides are read in any case, to find the expression's end.
            answer |= self.both();
        }
        answer
    }

    fn both(&mut self) -> bool {
        let mut answer = self.one();
        while self.takes("AND") {
            answer &= self.one();
        }
        answer
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let answer = self.either();
            return self.takes(")") && answer;
        }
        let Some(licence) = self.take().map(str::to_owned) else {
            return false;
        };
        let whole = if self.takes("WITH") {
            let exception = self.take().unwrap_or_default().to_owned();
            format!("{licence} WITH {exception}")
        } else {
            licence
        };
        self.licences.contains(&whole)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DENY: &str = r#"
[licenses]
allow = [
  "MIT", # the usual one
  "Apache-2.0",
  "Apache-2.0 WITH LLVM-exception",
]

[bans]
multiple-versions = "allow"
deny = [
  { crate = "openssl", reason = "one TLS stack" },
  { name = "native-tls" },
]

[sources]
allow-registry = ["https://github.com/rust-lang/crates.io-index"]
"#;

    #[test]
    fn the_shapes_of_our_file_are_read() {
        assert_eq!(
            names_in(DENY, "bans", "deny"),
            ["openssl", "native-tls"],
            "not their reasons"
        );
        assert_eq!(
            names_in(DENY, "licenses", "allow").len(),
            3,
            "comments are no licences"
        );
        assert_eq!(
            names_in(DENY, "sources", "allow-registry").len(),
            1,
            "an array on one line"
        );
        assert!(
            names_in(DENY, "sources", "allow").is_empty(),
            "a key is matched whole"
        );
    }

    #[test]
    fn expressions_are_satisfied_or_not() {
        let licences = names_in(DENY, "licenses", "allow");
        let cases = [
            ("MIT", true),
            ("MIT OR Apache-2.0", true),
            ("MIT/Apache-2.0", true),
            ("GPL-3.0 OR MIT", true),
            ("GPL-3.0 AND MIT", false),
            ("GPL-3.0", false),
            ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
            ("MIT AND (GPL-2.0 OR LGPL-3.0)", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            ("", false),
            ("MIT )", false),
        ];
        for (expression, answer) in cases {
            assert_eq!(allowed(expression, &licences), answer, "{expression:?}");
        }
    }

    #[test]
    fn a_banned_crate_a_foreign_source_and_a_bad_licence_are_found() {
        let package = |name: &str, source: &str, licence: Value| json!({"packages": [{"name": name, "source": source, "license": licence}]});
        let good = "registry+https://github.com/rust-lang/crates.io-index";
        let cases = [
            (package("serde", good, json!("MIT")), 0, "a usual one"),
            (
                package("openssl", good, json!("MIT")),
                1,
                "a second TLS stack",
            ),
            (
                package("serde", "git+https://example.org/serde", json!("MIT")),
                1,
                "not from the registry",
            ),
            (
                package("serde", good, json!("GPL-3.0")),
                1,
                "a licence that binds us",
            ),
            (package("serde", good, Value::Null), 1, "no licence"),
        ];
        for (metadata, count, why) in cases {
            let found = all(DENY, &metadata);
            assert_eq!(found.len(), count, "{why}: {found:?}");
        }
        assert_eq!(
            all("", &json!({"packages": []})).len(),
            1,
            "a policy that says nothing is no policy"
        );
    }
}
