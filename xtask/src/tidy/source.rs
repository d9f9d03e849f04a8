//! Rules about the text of the source: openings, sizes, words that must not stand there.
//!
//! The needles are put together with `concat!`, or this file would find itself.

use super::{Finding, Text};

/// Above this many lines outside of tests a file is split by verb.
const LONGEST: usize = 600;

/// Words that stand nowhere: what, why.
const NOWHERE: &[(&str, &str)] = &[
    (
        concat!("#[ig", "nore"),
        "a test that is not run proves nothing; make it run or remove it",
    ),
    (concat!("to", "do!("), "finish it or open an issue"),
    (concat!("unimple", "mented!("), "finish it or open an issue"),
    (concat!("db", "g!("), "left over from a hunt; use tracing"),
    (
        concat!("#[al", "low("),
        "use #[expect(lint, reason = \"…\")], which complains when it is stale",
    ),
    (
        concat!("#![al", "low("),
        "use #![expect(lint, reason = \"…\")], which complains when it is stale",
    ),
    (
        concat!("std::process::", "abort"),
        "it runs no destructors: the database and the lock need theirs",
    ),
];

/// Words that would let text from a calendar become code in the window.
const NOT_IN_THE_WINDOW: &[&str] = &[
    concat!("from_html_un", "checked"),
    concat!("set_inner", "_html"),
    concat!("set_outer", "_html"),
    concat!("insert_adjacent", "_html"),
    concat!("inner", "HTML"),
    concat!("outer", "HTML"),
    concat!("insertAdjacent", "HTML"),
    concat!("document.", "write"),
    concat!("ev", "al("),
    concat!("Function::", "new"),
    concat!("new ", "Function"),
    concat!("java", "script:"),
];

/// The one file where `unsafe` may stand: it sets variables before there is a second thread.
const UNSAFE_ONLY_IN: &str = "src-tauri/src/graphics.rs";

/// Folders of one machine, which mean nothing on another.
const MACHINE_PATHS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/home/", "user/"),
    concat!("/tmp/", "plan"),
];

/// All rules about source text.
#[must_use]
pub fn all(files: &[Text]) -> Vec<Finding> {
    let rules: [fn(&Text) -> Vec<Finding>; 9] = [
        openings,
        sizes,
        nowhere,
        window,
        raw_sql,
        auth_only,
        machine_paths,
        names,
        no_unsafe,
    ];
    files
        .iter()
        .flat_map(|file| rules.iter().flat_map(move |rule| rule(file)))
        .collect()
}

/// The lint denies it and can be silenced; this cannot.
fn no_unsafe(file: &Text) -> Vec<Finding> {
    if !is_rust(file) || file.path == UNSAFE_ONLY_IN {
        return Vec::new();
    }
    all_lines(file)
        .filter(|(_, line)| !is_comment(line) && line.contains(concat!("unsafe", "_code")))
        .map(|(number, _)| {
            Finding::new(
                at(file, number),
                format!("unsafe code stands in {UNSAFE_ONLY_IN} alone"),
            )
        })
        .collect()
}

fn is_rust(file: &Text) -> bool {
    file.path.ends_with(".rs")
}

/// Whole files that are tests or benches.
fn is_test_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || path
            .split('/')
            .any(|part| part == "tests" || part == "benches")
}

/// A file's lines up to its block of tests, numbered from 1.
fn product_lines(file: &Text) -> impl Iterator<Item = (usize, &str)> {
    let lines: Vec<&str> = file.text.lines().collect();
    let end = lines
        .windows(2)
        .position(|pair| {
            pair[0].trim() == "#[cfg(test)]"
                && pair[1].trim_start().starts_with("mod ")
                && pair[1].trim_end().ends_with('{')
        })
        .unwrap_or(lines.len());
    let end = if is_test_file(&file.path) { 0 } else { end };
    lines
        .into_iter()
        .take(end)
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

fn all_lines(file: &Text) -> impl Iterator<Item = (usize, &str)> {
    file.text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

/// Whether a line is a comment as a whole: words may be spoken about.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// Every file opens with what it owns.
fn openings(file: &Text) -> Vec<Finding> {
    let opened = file.text.lines().find(|line| !line.trim().is_empty());
    if is_rust(file) && !opened.is_some_and(|line| line.starts_with("//!")) {
        return vec![Finding::new(
            &file.path,
            "open it with //!: what it owns, and what it does not",
        )];
    }
    Vec::new()
}

/// No file is a giant.
fn sizes(file: &Text) -> Vec<Finding> {
    let lines = product_lines(file).count();
    if is_rust(file) && lines > LONGEST {
        let what =
            format!("{lines} lines without its tests, the limit is {LONGEST}; split it by verb");
        return vec![Finding::new(&file.path, what)];
    }
    Vec::new()
}

fn nowhere(file: &Text) -> Vec<Finding> {
    if !is_rust(file) {
        return Vec::new();
    }
    all_lines(file)
        .filter(|(_, line)| !is_comment(line))
        .flat_map(|(number, line)| {
            NOWHERE
                .iter()
                .filter(move |(needle, _)| line.contains(needle))
                .map(move |(needle, why)| {
                    Finding::new(at(file, number), format!("`{needle}`: {why}"))
                })
        })
        .collect()
}

/// The window draws text as text.
fn window(file: &Text) -> Vec<Finding> {
    let code = [".rs", ".js", ".html"]
        .iter()
        .any(|ending| file.path.ends_with(ending));
    if !file.path.starts_with("ui/") || !code {
        return Vec::new();
    }
    all_lines(file)
        .filter(|(_, line)| !is_comment(line))
        .flat_map(|(number, line)| {
            NOT_IN_THE_WINDOW
                .iter()
                .filter(move |needle| line.contains(*needle))
                .map(move |needle| {
                    let what =
                        format!("`{needle}` could turn a hostile title into code; use text nodes");
                    Finding::new(at(file, number), what)
                })
        })
        .collect()
}

/// SQL is a literal; only a migration, which runs files, may say otherwise.
fn raw_sql(file: &Text) -> Vec<Finding> {
    let needle = concat!("Assert", "SqlSafe");
    if !is_rust(file) || file.path.starts_with("crates/duet-store/src/migrat") {
        return Vec::new();
    }
    product_lines(file)
        .filter(|(_, line)| line.contains(needle) && !is_comment(line))
        .map(|(number, _)| {
            Finding::new(
                at(file, number),
                format!("{needle} outside of migrations and tests; bind values"),
            )
        })
        .collect()
}

/// The application signs people in, and leaves the calendar's HTTP to the engine.
///
/// Signing in may read the calendar list, because who an account belongs to is the primary
/// calendar's id: the scopes that Duet asks for give no other answer.
fn auth_only(file: &Text) -> Vec<Finding> {
    const MODULE: &str = "duet_google::";
    const ALLOWED: &[&str] = &["auth", "error", "Error", "Client", "Config", "Redirect"];
    if !file.path.starts_with("crates/duet-app/src/") {
        return Vec::new();
    }
    let signing_in = file.path.starts_with("crates/duet-app/src/signin");
    let may = |name: &str| ALLOWED.contains(&name) || (signing_in && name == "calendar_list");
    product_lines(file)
        .filter(|(_, line)| !is_comment(line))
        .filter(|(_, line)| {
            line.match_indices(MODULE)
                .any(|(start, _)| !named(&line[start + MODULE.len()..]).all(may))
        })
        .map(|(number, _)| {
            Finding::new(
                at(file, number),
                "duet-app signs in through duet_google::auth; the rest is the engine's",
            )
        })
        .collect()
}

/// The names that follow a path: the first one, or each of a list in braces.
fn named(after: &str) -> impl Iterator<Item = &str> {
    let list = match after.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or(list),
        None => after.split([',', ';', ')', ' ']).next().unwrap_or(after),
    };
    list.split(',')
        .map(|item| {
            item.trim()
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap_or("")
        })
        .filter(|name| !name.is_empty())
}

/// Nothing points into the folders of one machine.
fn machine_paths(file: &Text) -> Vec<Finding> {
    all_lines(file)
        .filter_map(|(number, line)| {
            let needle = MACHINE_PATHS
                .iter()
                .find(|needle| starts_a_path(line, needle))?;
            Some(Finding::new(
                at(file, number),
                format!("`{needle}` exists on one machine only"),
            ))
        })
        .collect()
}

/// Whether the needle stands at the start of a path, and not inside of a longer one.
fn starts_a_path(line: &str, needle: &str) -> bool {
    line.match_indices(needle).any(|(start, _)| {
        !line[..start].ends_with(|before: char| {
            before.is_alphanumeric() || matches!(before, '.' | '-' | '_' | '/' | '}' | '*')
        })
    })
}

/// Things are named by what they are, not by the pattern they are made after.
fn names(file: &Text) -> Vec<Finding> {
    const VAGUE: &[&str] = &["Manager", "Helper", "Helpers", "Util", "Utils", "Processor"];
    if !is_rust(file) {
        return Vec::new();
    }
    all_lines(file)
        .filter_map(|(number, line)| {
            let mut words = line
                .trim_start()
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub ")
                .split_whitespace();
            let keyword = words.next()?;
            let name = words
                .next()?
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()?;
            let vague = match keyword {
                "struct" | "enum" | "trait" | "type" => VAGUE.iter().any(|end| name.ends_with(end)),
                "mod" => matches!(name, "util" | "utils" | "helper" | "helpers" | "manager"),
                _ => false,
            };
            vague.then(|| {
                Finding::new(
                    at(file, number),
                    format!("`{name}` says nothing; name the domain's noun"),
                )
            })
        })
        .collect()
}

fn at(file: &Text, line: usize) -> String {
    format!("{}:{line}", file.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &str, text: impl Into<String>) -> Text {
        Text {
            path: path.into(),
            text: text.into(),
        }
    }

    #[test]
    fn a_file_without_an_opening_is_found() {
        let cases = [
            ("//! Owns blocks.\nfn a() {}\n", 0),
            ("\n//! After a blank line.\n", 0),
            ("fn a() {}\n", 1),
            ("// not a module comment\nfn a() {}\n", 1),
            ("", 1),
        ];
        for (source, count) in cases {
            assert_eq!(openings(&text("a.rs", source)).len(), count, "{source:?}");
        }
        assert!(
            openings(&text("a.css", "body {}")).is_empty(),
            "only Rust opens so"
        );
    }

    #[test]
    fn a_giant_is_found_but_its_tests_do_not_count() {
        let long = "fn a() {}\n".repeat(LONGEST);
        let tested = format!(
            "{long}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn t() {}\n".repeat(500)
        );
        assert!(
            sizes(&text("a.rs", &long)).is_empty(),
            "exactly the limit is within it"
        );
        assert!(sizes(&text("a.rs", tested)).is_empty(), "tests may be long");
        let longer = format!("{long}fn b() {{}}\n");
        assert_eq!(
            sizes(&text("a.rs", &longer)).len(),
            1,
            "one line more is over it"
        );
        assert!(
            sizes(&text("crates/x/tests/a.rs", &longer)).is_empty(),
            "a whole file of tests"
        );
        let declared = format!("#[cfg(test)]\nmod tests;\n{longer}");
        assert_eq!(
            sizes(&text("a.rs", declared)).len(),
            1,
            "a mere declaration ends nothing"
        );
    }

    #[test]
    fn what_is_unsafe_stands_in_one_file() {
        let source = concat!("//! Doc.\n#[expect(unsafe", "_code, reason = \"\")]\n");
        assert_eq!(no_unsafe(&text("crates/a/src/lib.rs", source)).len(), 1);
        assert!(no_unsafe(&text(UNSAFE_ONLY_IN, source)).is_empty());
    }

    #[test]
    fn unfinished_or_hidden_work_is_found() {
        for (needle, _) in NOWHERE {
            let source = format!("//! Doc.\n    {needle}x)]\n// {needle} in a comment\n");
            let found = nowhere(&text("a.rs", source));
            assert_eq!(
                found.len(),
                1,
                "{needle}: in code, not in a comment: {found:?}"
            );
            assert!(
                found[0].place.ends_with(":2"),
                "the line is named: {found:?}"
            );
        }
    }

    #[test]
    fn markup_from_strings_is_found_in_the_window_only() {
        for needle in NOT_IN_THE_WINDOW {
            let source = format!("let x = {needle}y);\n");
            assert_eq!(
                window(&text("ui/src/a.rs", &source)).len(),
                1,
                "{needle} in the window"
            );
            assert_eq!(
                window(&text("ui/static/a.js", &source)).len(),
                1,
                "{needle} in its scripts"
            );
            assert!(
                window(&text("tests/e2e/a.rs", &source)).is_empty(),
                "a test injects on purpose"
            );
        }
    }

    #[test]
    fn sql_that_is_put_together_is_found_outside_of_migrations_and_tests() {
        let source = format!("query({}(x));\n", concat!("Assert", "SqlSafe"));
        let cases = [
            ("crates/duet-store/src/blocks.rs", 1),
            ("crates/duet-store/src/migrate.rs", 0),
            ("crates/duet-store/tests/statements.rs", 0),
        ];
        for (path, count) in cases {
            assert_eq!(raw_sql(&text(path, &source)).len(), count, "{path}");
        }
    }

    #[test]
    fn the_application_reaching_for_calendar_http_is_found() {
        let cases = [
            ("use duet_google::auth::Flow;", 0),
            ("use duet_google::freebusy::query;", 1),
            ("use duet_google::{auth, freebusy};", 1),
            ("use duet_google::{Client, Config};", 0),
            ("use duet_google::auth::{self, Grant};", 0),
            ("use duet_google::calendar_list::list;", 1),
            ("// duet_google::freebusy is not ours", 0),
        ];
        for (source, count) in cases {
            let found = auth_only(&text("crates/duet-app/src/connect.rs", source));
            assert_eq!(found.len(), count, "{source}: {found:?}");
            assert!(
                auth_only(&text("crates/duet-sync/src/pull.rs", source)).is_empty(),
                "sync may"
            );
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let own = concat!("/wo", "rk/");
        let cases = [
            (format!("see {own}main"), 1),
            (format!("\"{own}x\""), 1),
            (format!("docs{own}x"), 0),
            (format!("$HOME{own}x"), 0),
            ("the working copy".to_owned(), 0),
        ];
        for (line, count) in cases {
            assert_eq!(
                machine_paths(&text("README.md", &line)).len(),
                count,
                "{line}"
            );
        }
    }

    #[test]
    fn a_vague_name_is_found() {
        let cases = [
            (concat!("pub struct Token", "Manager;"), 1),
            (concat!("pub(crate) mod ut", "ils;"), 1),
            (concat!("trait Date", "Helper {"), 1),
            ("struct TokenVault;", 0),
            ("let manager = 1;", 0),
        ];
        for (line, count) in cases {
            assert_eq!(names(&text("a.rs", line)).len(), count, "{line}");
        }
    }
}
