//! Rules about the documents: what they link to in this repository is there.

use std::collections::BTreeSet;

use super::{Finding, Text};

/// Every relative link of a document must lead to a file or a folder of the repository. `paths` is
/// everything that git tracks, pictures included.
#[must_use]
pub fn dead(files: &[Text], paths: &[String]) -> Vec<Finding> {
    let folders: BTreeSet<&str> = paths
        .iter()
        .flat_map(|path| path.match_indices('/').map(|(at, _)| &path[..at]))
        .collect();
    let known = |path: &str| {
        path.is_empty() || folders.contains(path) || paths.iter().any(|known| known == path)
    };
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, link) in links(&file.text) {
            let leads_to = target(&file.path, link);
            if !leads_to.as_deref().is_some_and(known) {
                findings.push(Finding::new(
                    format!("{}:{line}", file.path),
                    format!("links to {link}, which is not in the repository"),
                ));
            }
        }
    }
    findings
}

/// The relative links of a document with the number of their line. Code is no link.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        // Between backticks is every second piece.
        for piece in line.split('`').step_by(2) {
            for rest in piece.split("](").skip(1) {
                let link = rest.split([')', ' ']).next().unwrap_or_default();
                let elsewhere = link.contains("://") || link.starts_with("mailto:");
                if !elsewhere && !link.starts_with('#') {
                    found.push((index + 1, link));
                }
            }
        }
    }
    found
}

/// Where a link of the document at `from` leads, as a path from the root; `None` outside of it.
fn target(from: &str, link: &str) -> Option<String> {
    let link = link.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = match link.strip_prefix('/') {
        Some(_) => return None,
        None => from.split('/').collect(),
    };
    if link.is_empty() {
        return Some(from.to_owned());
    }
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let paths: Vec<String> = ["README.md", "docs/A.md", "docs/a b.png", "docs/week.png"]
            .map(str::to_owned)
            .to_vec();
        let found = |path: &str, text: &str| {
            let file = Text {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            dead(&[file], &paths)
                .into_iter()
                .map(|finding| finding.to_string())
                .collect::<Vec<_>>()
        };
        let fine = "[a](docs/A.md) [b](docs/A.md#part) ![p](docs/week.png) [f](docs) [f](docs/)\n\
                    [web](https://example.com/x.md) [mail](mailto:a@example.com) [here](#part)\n\
                    `[code](nowhere.md)`\n```\n[code](nowhere.md)\n```\n";
        assert_eq!(found("README.md", fine), [""; 0]);
        assert_eq!(
            found("docs/A.md", "[up](../README.md) [it](week.png)"),
            [""; 0]
        );
        for (path, text, line) in [
            ("README.md", "one\n[a](docs/B.md)", "README.md:2"),
            ("README.md", "![p](docs/gone.png \"title\")", "README.md:1"),
            ("docs/A.md", "[a](docs/A.md)", "docs/A.md:1"),
            ("docs/A.md", "[out](../../elsewhere.md)", "docs/A.md:1"),
            ("docs/A.md", "[root](/README.md)", "docs/A.md:1"),
        ] {
            let found = found(path, text);
            assert_eq!(found.len(), 1, "{path}: {text}");
            assert!(found[0].starts_with(line), "{found:?}");
        }
        assert_eq!(
            found("src/lib.rs", "[a](nowhere.md)"),
            [""; 0],
            "a comment's links are rustdoc's"
        );
    }
}
