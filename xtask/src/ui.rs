//! The window's bundle: `ui/` compiled to WebAssembly, with its page and styles, in `ui/dist`.
//!
//! Trunk is not used: it wants a newer compiler and downloads its own wasm-bindgen. Here the macro
//! and the tool are one version through Cargo.lock. The page's Content Security Policy admits no
//! inline script, so nothing here writes one: `index.html` names `./start.js`, a file of `ui/static`.
//!
//! ```text
//! ui/index.html    -> ui/dist/index.html  (its style sheets become one: each file is a round trip)
//! ui/styles/*      -> ui/dist/styles.css
//! ui/static/*      -> ui/dist/*           (start.js: imports ./duet-ui.js and calls its default)
//! package duet-ui  -> ui/dist/duet-ui.js, ui/dist/duet-ui_bg.wasm
//! ```

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail};

use crate::{
    cmd,
    place::{Place, cargo},
    setup::wasm::{self, Attempt, TARGET, Toolchain},
};

/// The profile of the root Cargo.toml. There is one: what is tested is what ships.
const PROFILE: &str = "wasm";

/// What `--fast` changes in it: two seconds instead of half a minute after an edit of the window,
/// for a bundle three times as large. Nothing else uses it; the next `test` builds the real one.
const FAST: &[&str] = &[
    "--config=profile.wasm.lto=false",
    "--config=profile.wasm.opt-level=1",
    "--config=profile.wasm.codegen-units=16",
    "--config=profile.wasm.incremental=true",
];

/// A page compiled from Rust: its package, its folder, and what else it is made of.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The package, and the name of its JavaScript and WebAssembly files.
    pub package: &'static str,
    /// Its folder below the root; the result goes to `dist` in there.
    pub folder: &'static str,
    /// What it is compiled from besides that folder and the lock file.
    pub sources: &'static [&'static str],
}

/// The window.
pub const WINDOW: Page = Page {
    package: "duet-ui",
    folder: "ui",
    sources: &["crates/duet-model", "crates/duet-wire"],
};

/// The page of the empty window that `bench` measures against.
pub const FLOOR: Page = Page {
    package: "duet-empty-page",
    folder: "benches/empty-window/page",
    sources: &[],
};

/// What every page depends on: when none of all this changed, nothing is built.
const COMMON: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "xtask/src/ui.rs",
    "xtask/src/bin/wasm.rs",
];

/// `cargo xtask ui [--force] [--fast] [PACKAGE]`.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    let mut force = false;
    let mut flags: &[&str] = &[];
    let mut page = &WINDOW;
    for word in words {
        match word.as_str() {
            "--force" => force = true,
            "--fast" => flags = FAST,
            // Accepted because people type it: every bundle is an optimised one.
            "--release" => {}
            name => match [&WINDOW, &FLOOR]
                .into_iter()
                .find(|page| page.package == name)
            {
                Some(found) => page = found,
                None => bail!("`ui` takes --force, --fast and a page's package, not \"{name}\""),
            },
        }
    }
    let toolchain = wasm::ensure(place, Attempt::Once)?;
    build(place, page, &toolchain, flags, force)
}

/// Sets up the compiler and builds the window's bundle if anything it is made of has changed.
pub fn ensure(place: &Place) -> Result<()> {
    ensure_page(place, &WINDOW)
}

/// The same for any page.
pub fn ensure_page(place: &Place, page: &Page) -> Result<()> {
    let toolchain = wasm::ensure(place, Attempt::Once)?;
    build(place, page, &toolchain, &[], false)
}

fn build(
    place: &Place,
    page: &Page,
    toolchain: &Toolchain,
    flags: &[&str],
    force: bool,
) -> Result<()> {
    let started = Instant::now();
    let name = page.package;
    let work = place.target.join("wasm");
    let folder = place.root.join(page.folder);
    let dist = folder.join("dist");
    let stamp = work.join(format!("{name}.stamp"));
    let fingerprint = fingerprint(&place.root, page, &format!("{toolchain} {flags:?}"))?;
    let complete =
        dist.join("index.html").is_file() && dist.join(format!("{name}_bg.wasm")).is_file();
    if !force && complete && fs::read_to_string(&stamp).is_ok_and(|text| text == fingerprint) {
        println!("ui: {name} is up to date");
        return Ok(());
    }
    println!("ui: compiling {name} with {toolchain}");
    // A folder of its own: two compilers that share one would throw away each other's work, and the
    // window can be built while the shell is.
    cmd::quiet(
        toolchain
            .cargo_build()
            .args(["--package", name, "--bin", name, "--profile", PROFILE])
            .args(flags)
            .arg("--target-dir")
            .arg(&work)
            .current_dir(&place.root),
    )?;
    let wasm = work.join(TARGET).join(PROFILE).join(format!("{name}.wasm"));

    let staged = work.join("dist").join(name);
    if staged.exists() {
        fs::remove_dir_all(&staged)
            .with_context(|| format!("could not empty {}", staged.display()))?;
    }
    fs::create_dir_all(&staged)?;
    cmd::quiet(cargo().current_dir(&place.root).args([
        "build",
        "--quiet",
        "--package",
        "xtask",
        "--bin",
        "xtask-wasm",
        "--features",
        "wasm",
    ]))?;
    let bind = place.program("debug", "xtask-wasm");
    cmd::quiet(Command::new(bind).arg(name).arg(&wasm).arg(&staged))?;
    copy_sources(&folder, &staged)?;
    publish(&staged, &dist)?;
    fs::write(&stamp, &fingerprint)?;

    let size = fs::metadata(dist.join(format!("{name}_bg.wasm")))?.len();
    println!(
        "ui: {} ready, {} KB of WebAssembly, {}",
        place.shown(&dist),
        size / 1000,
        cmd::spoken(started.elapsed())
    );
    Ok(())
}

/// The hand-written files: the page, the styles, and what is copied as it is.
fn copy_sources(ui: &Path, staged: &Path) -> Result<()> {
    let page = ui.join("index.html");
    let page = fs::read_to_string(&page)
        .with_context(|| format!("the window's page {} is missing", page.display()))?;
    let (page, sheets) = one_sheet(&page);
    fs::write(staged.join("index.html"), page)?;
    let mut css = String::new();
    for sheet in &sheets {
        css += &fs::read_to_string(ui.join(sheet))
            .with_context(|| format!("the page names {sheet}, which is not there"))?;
    }
    if !sheets.is_empty() {
        fs::write(staged.join("styles.css"), css)?;
    }
    let from = ui.join("static");
    for file in files_below(&from)? {
        let target = staged.join(file.strip_prefix(&from)?);
        fs::create_dir_all(target.parent().unwrap_or(staged))?;
        fs::copy(&file, &target).with_context(|| format!("could not copy {}", file.display()))?;
    }
    Ok(())
}

/// The page with one style sheet in place of those it names, and their names in order.
fn one_sheet(page: &str) -> (String, Vec<String>) {
    const LINK: &str = "<link rel=\"stylesheet\" href=\"./";
    let mut sheets = Vec::new();
    let mut lines = Vec::new();
    for line in page.lines() {
        let Some((indent, rest)) = line.split_once(LINK) else {
            lines.push(line.to_owned());
            continue;
        };
        if sheets.is_empty() {
            lines.push(format!("{indent}{LINK}styles.css\">"));
        }
        sheets.extend(rest.split('"').next().map(str::to_owned));
    }
    (lines.join("\n") + "\n", sheets)
}

/// Makes `dist` equal to `staged`, touching only files that differ: the shell embeds them, and cargo
/// would rebuild it for a file that is merely newer.
fn publish(staged: &Path, dist: &Path) -> Result<()> {
    let wanted = contents(staged)?;
    let there = contents(dist)?;
    for (below, bytes) in &wanted {
        if there.get(below) != Some(bytes) {
            let target = dist.join(below);
            fs::create_dir_all(target.parent().unwrap_or(dist))?;
            fs::write(&target, bytes)
                .with_context(|| format!("could not write {}", target.display()))?;
        }
    }
    for below in there.keys().filter(|below| !wanted.contains_key(*below)) {
        fs::remove_file(dist.join(below))?;
    }
    Ok(())
}

fn contents(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    files_below(folder)?
        .into_iter()
        .map(|file| Ok((file.strip_prefix(folder)?.to_owned(), fs::read(&file)?)))
        .collect()
}

/// All files below a folder, sorted; none if the folder is not there.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(entries) = fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn fingerprint(root: &Path, page: &Page, compiler: &str) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    // Two checkouts may share one target folder; their bundles are not each other's.
    root.hash(&mut hasher);
    compiler.hash(&mut hasher);
    let dist = root.join(page.folder).join("dist");
    for input in [page.folder].iter().chain(page.sources).chain(COMMON) {
        let path = root.join(input);
        let files = if path.is_file() {
            vec![path]
        } else {
            files_below(&path)?
        };
        for file in files.iter().filter(|file| !file.starts_with(&dist)) {
            file.hash(&mut hasher);
            fs::read(file)
                .with_context(|| format!("could not read {}", file.display()))?
                .hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder under the system's temporary one that goes when the test ends.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let folder =
                std::env::temp_dir().join(format!("duet-xtask-{}-{name}", std::process::id()));
            fs::remove_dir_all(&folder).ok();
            fs::create_dir_all(&folder).expect("the temporary folder is writable");
            Self(folder)
        }

        fn write(&self, below: &str, text: &str) -> PathBuf {
            let path = self.0.join(below);
            fs::create_dir_all(path.parent().expect("below the scratch folder")).expect("writable");
            fs::write(&path, text).expect("writable");
            path
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn a_page_gets_one_style_sheet_where_its_first_one_stood() {
        let page = "<a>\n  <link rel=\"stylesheet\" href=\"./styles/b.css\">\n  <link rel=\"stylesheet\" href=\"./styles/a.css\">\n<b>\n";
        let (page, sheets) = one_sheet(page);
        assert_eq!(
            page,
            "<a>\n  <link rel=\"stylesheet\" href=\"./styles.css\">\n<b>\n"
        );
        assert_eq!(sheets, ["styles/b.css", "styles/a.css"]);
        assert_eq!(one_sheet("<a>\n"), ("<a>\n".to_owned(), Vec::new()));
    }

    #[test]
    fn publishing_touches_only_what_differs() {
        let scratch = Scratch::new("publish");
        scratch.write("staged/index.html", "new");
        scratch.write("staged/styles/base.css", "same");
        scratch.write("dist/index.html", "old");
        let same = scratch.write("dist/styles/base.css", "same");
        scratch.write("dist/gone.js", "left over");
        let before = fs::metadata(&same)
            .and_then(|meta| meta.modified())
            .expect("it exists");
        publish(&scratch.0.join("staged"), &scratch.0.join("dist")).expect("publishing works");
        let after = fs::metadata(&same)
            .and_then(|meta| meta.modified())
            .expect("it still exists");
        assert_eq!(
            before, after,
            "an equal file keeps its time, or the shell is built again"
        );
        assert_eq!(
            contents(&scratch.0.join("dist")).expect("readable").len(),
            2,
            "what is no longer wanted is gone"
        );
        let page = fs::read_to_string(scratch.0.join("dist/index.html")).expect("readable");
        assert_eq!(page, "new", "what differs is replaced");
    }

    #[test]
    fn the_fingerprint_follows_sources_and_compiler_but_not_its_own_output() {
        let scratch = Scratch::new("fingerprint");
        for input in [
            "Cargo.toml",
            "Cargo.lock",
            "xtask/src/ui.rs",
            "xtask/src/bin/wasm.rs",
        ] {
            scratch.write(input, "");
        }
        scratch.write("ui/src/main.rs", "one");
        let first = fingerprint(&scratch.0, &WINDOW, "rustc 1").expect("readable");
        scratch.write("ui/dist/index.html", "output");
        assert_eq!(
            fingerprint(&scratch.0, &WINDOW, "rustc 1").expect("readable"),
            first,
            "output is no input"
        );
        let other = fingerprint(&scratch.0, &WINDOW, "rustc 2").expect("readable");
        assert_ne!(other, first, "another compiler makes another bundle");
        scratch.write("crates/duet-wire/src/lib.rs", "changed");
        assert_ne!(
            fingerprint(&scratch.0, &WINDOW, "rustc 1").expect("readable"),
            first,
            "wire types are in it"
        );
    }
}
