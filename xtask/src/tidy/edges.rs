//! Which package may use which: our own edges, and who may name a third-party crate.

use serde_json::Value;

use super::{Finding, Text};

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In the product, or in a build script.
    Product,
    /// In tests, examples and benches only.
    Dev,
}

/// One package of the workspace with its direct dependencies.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its manifest's path from the root, with forward slashes.
    pub manifest: String,
    /// Names and kinds of what it depends on directly.
    pub uses: Vec<(String, Kind)>,
}

/// The allowed edges between our packages, as docs/ARCHITECTURE.md draws them.
const EDGES: &[(&str, &[&str])] = &[
    ("duet-model", &[]),
    ("duet-wire", &["duet-model"]),
    ("duet-google", &["duet-model"]),
    ("duet-store", &["duet-model"]),
    (
        "duet-sync",
        &["duet-model", "duet-wire", "duet-google", "duet-store"],
    ),
    (
        "duet-app",
        &[
            "duet-model",
            "duet-wire",
            "duet-google",
            "duet-store",
            "duet-sync",
        ],
    ),
    ("duet-sandbox", &["duet-model"]),
    ("duet-desk", &[]),
    ("duet-ui", &["duet-model", "duet-wire"]),
    // The shell is where everything is put together, so it sees everything but the window and desk.
    (
        "duet",
        &[
            "duet-model",
            "duet-wire",
            "duet-google",
            "duet-store",
            "duet-sync",
            "duet-app",
            "duet-sandbox",
        ],
    ),
    // Measures any of them, and ships with none.
    (
        "duet-bench",
        &[
            "duet-model",
            "duet-wire",
            "duet-google",
            "duet-store",
            "duet-sync",
            "duet-app",
            "duet-sandbox",
            "duet-desk",
        ],
    ),
    ("duet-empty-window", &[]),
    ("duet-empty-page", &[]),
    ("xtask", &["duet-desk"]),
];

/// In tests anyone may have a stand-in Google, and the shell's tests a desktop session.
const DEV_EDGES: &[(&str, &str)] = &[("*", "duet-sandbox"), ("duet", "duet-desk")];

/// Third-party crates that only some packages may name: the crate (a `*` at its end matches any
/// ending), its owners, and whether tests of other packages may use it.
const OWNERS: &[(&str, &[&str], bool)] = &[
    ("tauri*", &["duet", "duet-empty-window"], false),
    // The bench holds a sync against the least that it could be: the same two, and nothing between.
    ("sqlx*", &["duet-store", "duet-bench"], false),
    ("reqwest", &["duet-google", "duet-bench"], true),
    ("oauth2", &["duet-google"], false),
    ("yew*", &["duet-ui", "duet-empty-page"], false),
    ("web-sys", &["duet-ui", "duet-empty-page"], false),
    ("wasm-bindgen-cli-support", &["xtask"], false),
    ("wasm-bindgen*", &["duet-ui", "duet-empty-page"], false),
    ("keyring*", &["duet"], false),
    ("notify-rust", &["duet"], false),
    ("zbus*", &["duet", "duet-desk"], true),
    // The stand-in converts zones with code of its own, so that one mistake does not hide another.
    ("jiff*", &["duet-model", "duet-sandbox"], true),
    ("rrule", &["duet-model"], false),
    ("anyhow", &["xtask", "duet-desk", "duet-bench"], true),
    // Its zone data is a year behind; jiff answers zone questions, in one module.
    ("chrono-tz", &[], false),
];

/// Reads the workspace's packages out of `cargo metadata`.
#[must_use]
pub fn packages(metadata: &Value) -> Vec<Package> {
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let members: Vec<&str> = metadata["workspace_members"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|package| {
            package["id"]
                .as_str()
                .is_some_and(|id| members.contains(&id))
        })
        .map(|package| Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            manifest: package["manifest_path"]
                .as_str()
                .unwrap_or_default()
                .trim_start_matches(root)
                .trim_start_matches(['/', '\\'])
                .replace('\\', "/"),
            uses: package["dependencies"]
                .as_array()
                .into_iter()
                .flatten()
                .map(dependency)
                .collect(),
        })
        .collect()
}

fn dependency(value: &Value) -> (String, Kind) {
    let kind = if value["kind"] == "dev" {
        Kind::Dev
    } else {
        Kind::Product
    };
    (value["name"].as_str().unwrap_or_default().to_owned(), kind)
}

/// Our packages use each other only along the allowed edges.
#[must_use]
pub fn between_ours(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == package.name) else {
            findings.push(Finding::new(
                &package.name,
                "a new package: give it a line in docs/ARCHITECTURE.md and in xtask's table of edges",
            ));
            continue;
        };
        for (used, kind) in &package.uses {
            let ours = packages.iter().any(|other| other.name == *used);
            let in_tests = *kind == Kind::Dev
                && DEV_EDGES
                    .iter()
                    .any(|(from, to)| (*from == "*" || *from == package.name) && to == used);
            // A package may name itself in its tests, to switch its own features on.
            let itself = *kind == Kind::Dev && *used == package.name;
            if ours && !in_tests && !itself && !allowed.contains(&used.as_str()) {
                findings.push(Finding::new(
                    &package.name,
                    format!(
                        "depends on {used}, an edge that docs/ARCHITECTURE.md does not draw; move the \
                         code to where it may be, or argue for the edge there"
                    ),
                ));
            }
        }
    }
    findings
}

/// Third-party crates stay with their owners.
#[must_use]
pub fn restricted(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        for (used, kind) in &package.uses {
            // The first row that matches counts: a narrow name stands before its wildcard.
            let row = OWNERS.iter().find(|(pattern, ..)| matches(pattern, used));
            let Some((_, owners, in_tests)) = row else {
                continue;
            };
            let allowed =
                owners.contains(&package.name.as_str()) || *in_tests && *kind == Kind::Dev;
            if !allowed {
                let place = match owners {
                    [] => "nobody may".to_owned(),
                    owners => format!("only {} may", owners.join(" and ")),
                };
                findings.push(Finding::new(
                    &package.name,
                    format!("names {used}, which {place}"),
                ));
            }
        }
    }
    findings
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

/// Every package takes the workspace's lints.
#[must_use]
pub fn inherit_lints(packages: &[Package], files: &[Text]) -> Vec<Finding> {
    packages
        .iter()
        .filter_map(|package| files.iter().find(|file| file.path == package.manifest))
        .filter(|file| {
            let mut lines = file.text.lines().map(str::trim);
            !(lines.any(|line| line == "[lints]") && lines.next() == Some("workspace = true"))
        })
        .map(|file| {
            Finding::new(
                &file.path,
                "takes no workspace lints; add [lints] workspace = true",
            )
        })
        .collect()
}

/// The living architecture document names every package.
#[must_use]
pub fn documented(packages: &[Package], document: &str) -> Vec<Finding> {
    packages
        .iter()
        .filter(|package| {
            let short = package.name.strip_prefix("duet-").unwrap_or(&package.name);
            !document.contains(&package.name) && !document.contains(&format!("{short}/"))
        })
        .map(|package| {
            Finding::new(
                "docs/ARCHITECTURE.md",
                format!("does not say what {} is for", package.name),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, uses: &[(&str, Kind)]) -> Package {
        Package {
            name: name.into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            uses: uses
                .iter()
                .map(|(used, kind)| ((*used).to_owned(), *kind))
                .collect(),
        }
    }

    #[test]
    fn metadata_is_read_with_kinds_and_members_only() {
        let metadata = json!({
            "workspace_root": "/src",
            "workspace_members": ["a"],
            "packages": [
                {"id": "a", "name": "duet-sync", "manifest_path": "/src/crates/duet-sync/Cargo.toml",
                 "dependencies": [{"name": "tokio", "kind": null}, {"name": "proptest", "kind": "dev"},
                                  {"name": "cc", "kind": "build"}]},
                {"id": "b", "name": "tokio", "manifest_path": "/elsewhere/Cargo.toml", "dependencies": []}
            ]
        });
        let found = packages(&metadata);
        assert_eq!(found.len(), 1, "a dependency is no package of ours");
        assert_eq!(
            found[0].manifest, "crates/duet-sync/Cargo.toml",
            "paths start at the root"
        );
        let kinds: Vec<Kind> = found[0].uses.iter().map(|(_, kind)| *kind).collect();
        assert_eq!(
            kinds,
            [Kind::Product, Kind::Dev, Kind::Product],
            "build scripts ship with us"
        );
    }

    #[test]
    fn an_edge_against_the_stream_is_found() {
        let model = package("duet-model", &[]);
        let store = package("duet-store", &[]);
        let cases = [
            (
                package("duet-ui", &[("duet-store", Kind::Product)]),
                1,
                "the window reads no database",
            ),
            (
                package("duet-ui", &[("duet-store", Kind::Dev)]),
                1,
                "not in its tests either",
            ),
            (
                package("duet-ui", &[("duet-model", Kind::Product)]),
                0,
                "an allowed edge",
            ),
            (
                package("duet-novel", &[]),
                1,
                "a package that no one has heard of",
            ),
            (
                package("duet-sync", &[("duet-store", Kind::Product)]),
                0,
                "an allowed edge",
            ),
        ];
        for (candidate, count, why) in cases {
            let found = between_ours(&[model.clone(), store.clone(), candidate]);
            assert_eq!(found.len(), count, "{why}: {found:?}");
        }
    }

    #[test]
    fn the_stand_in_google_is_for_every_test_and_the_shell() {
        let sandbox = package("duet-sandbox", &[]);
        let desk = package("duet-desk", &[]);
        let cases = [
            (
                package("duet-app", &[("duet-sandbox", Kind::Dev)]),
                0,
                "tests may",
            ),
            (
                package("duet-app", &[("duet-sandbox", Kind::Product)]),
                1,
                "the product may not",
            ),
            (
                package("duet", &[("duet-sandbox", Kind::Product)]),
                0,
                "the demo account",
            ),
            (
                package("duet", &[("duet-desk", Kind::Dev)]),
                0,
                "the end-to-end tests",
            ),
            (
                package("duet", &[("duet-desk", Kind::Product)]),
                1,
                "never shipped",
            ),
            (
                package("duet-app", &[("duet-desk", Kind::Dev)]),
                1,
                "host-free code needs no desktop",
            ),
        ];
        for (candidate, count, why) in cases {
            let found = between_ours(&[sandbox.clone(), desk.clone(), candidate]);
            assert_eq!(found.len(), count, "{why}: {found:?}");
        }
    }

    #[test]
    fn a_crate_outside_of_its_owner_is_found() {
        let cases = [
            ("duet-app", "tauri", Kind::Product, 1),
            ("duet-app", "tauri-plugin-opener", Kind::Dev, 1),
            ("duet", "tauri-build", Kind::Product, 0),
            ("duet-app", "sqlx", Kind::Dev, 1),
            ("duet-store", "sqlx", Kind::Product, 0),
            ("duet-sandbox", "reqwest", Kind::Dev, 0),
            ("duet-sandbox", "reqwest", Kind::Product, 1),
            ("duet-wire", "web-sys", Kind::Product, 1),
            ("xtask", "wasm-bindgen-cli-support", Kind::Product, 0),
            ("duet-ui", "wasm-bindgen-cli-support", Kind::Product, 1),
            ("duet-model", "chrono-tz", Kind::Product, 1),
            ("duet-sync", "anyhow", Kind::Product, 1),
            ("duet-sync", "serde", Kind::Product, 0),
        ];
        for (name, used, kind, count) in cases {
            let found = restricted(&[package(name, &[(used, kind)])]);
            assert_eq!(found.len(), count, "{name} -> {used} ({kind:?}): {found:?}");
        }
    }

    #[test]
    fn a_package_without_the_workspaces_lints_is_found() {
        let packages = [package("duet-app", &[])];
        let manifest = |text: &str| {
            [Text {
                path: "crates/duet-app/Cargo.toml".into(),
                text: text.into(),
            }]
        };
        let good = manifest("[package]\n\n[lints]\nworkspace = true\n");
        assert!(inherit_lints(&packages, &good).is_empty(), "this one does");
        let bad = manifest("[package]\nversion.workspace = true\n");
        assert_eq!(inherit_lints(&packages, &bad).len(), 1, "this one does not");
    }

    #[test]
    fn a_package_without_a_word_in_the_document_is_found() {
        let packages = [package("duet-app", &[]), package("duet-desk", &[])];
        let found = documented(&packages, "duet-app is host-free.");
        assert_eq!(found.len(), 1, "duet-desk is not explained: {found:?}");
    }
}
