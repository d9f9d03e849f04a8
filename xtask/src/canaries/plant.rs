//! The copy of the sources into which bugs are planted, so that the working tree stays as it is.
//!
//! A file is written only where it says something else, so that cargo builds anew what changed and
//! nothing more.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::bugs::Bug;

/// What stands at the root and is no part of a build: made by one, or large and never read by it.
const LEFT_OUT: &[&str] = &["target", "gen", "docs"];

/// The text of a file with a bug in it.
pub(super) fn planted(bug: &Bug, text: &str) -> Result<String> {
    match text.matches(bug.find).count() {
        1 => Ok(text.replacen(bug.find, bug.plant, 1)),
        found => bail!(
            "the bug \"{}\" cannot be planted: the text that it replaces stands {found} times in {} \
             and not once. Where the code was rewritten, say in xtask/src/canaries/bugs.rs how the \
             same bug would look now",
            bug.name,
            bug.file
        ),
    }
}

/// A copy of the checkout.
pub(super) struct Copy<'a> {
    from: &'a Path,
    to: PathBuf,
}

impl<'a> Copy<'a> {
    /// Copies what changed since the last time, and takes out what is gone. `target` is cargo's
    /// folder, wherever it is.
    pub(super) fn of(from: &'a Path, target: &Path, to: PathBuf) -> Result<Self> {
        let mut wanted = BTreeSet::new();
        files(from, Path::new(""), target, &mut wanted)?;
        let mut there = BTreeSet::new();
        if to.is_dir() {
            files(&to, Path::new(""), target, &mut there)?;
        }
        for gone in there.difference(&wanted) {
            fs::remove_file(to.join(gone)).context("could not remove a file from the copy")?;
        }
        for path in &wanted {
            let bytes = fs::read(from.join(path))
                .with_context(|| format!("could not read {}", path.display()))?;
            write(&to.join(path), &bytes)?;
        }
        Ok(Self { from, to })
    }

    /// Where the copy is.
    pub(super) fn root(&self) -> &Path {
        &self.to
    }

    /// Plants a bug in the copy.
    pub(super) fn plant(&self, bug: &Bug) -> Result<()> {
        let text = self.sound(bug)?;
        write(&self.to.join(bug.file), planted(bug, &text)?.as_bytes())
    }

    /// Takes a bug out again.
    pub(super) fn mend(&self, bug: &Bug) -> Result<()> {
        write(&self.to.join(bug.file), self.sound(bug)?.as_bytes())
    }

    fn sound(&self, bug: &Bug) -> Result<String> {
        fs::read_to_string(self.from.join(bug.file))
            .with_context(|| format!("could not read {}", bug.file))
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let written = match path.parent() {
        Some(folder) => fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes)),
        None => fs::write(path, bytes),
    };
    written.with_context(|| format!("could not write {}", path.display()))
}

/// The files below `root`, each by its path from there.
fn files(root: &Path, below: &Path, target: &Path, found: &mut BTreeSet<PathBuf>) -> Result<()> {
    let folder = root.join(below);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let left_out = below == Path::new("") && LEFT_OUT.contains(&&*name);
        if left_out || name.starts_with('.') || entry.path() == target {
            continue;
        }
        let path = below.join(&*name);
        let kind = entry.file_type()?;
        if kind.is_dir() {
            files(root, &path, target, found)?;
        } else if kind.is_file() {
            found.insert(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUG: Bug = Bug {
        name: "b",
        means: "m",
        file: "src/a.rs",
        find: "good",
        plant: "bad",
        caught_by: "t",
    };

    #[test]
    fn a_bug_is_planted_where_its_text_stands_once() {
        assert_eq!(planted(&BUG, "all good here").unwrap(), "all bad here");
        for (text, times) in [("nothing", 0), ("good and good", 2)] {
            let error = planted(&BUG, text).unwrap_err().to_string();
            assert!(error.contains(&format!("stands {times} times")), "{error}");
            assert!(error.contains("src/a.rs"), "{error}");
        }
    }

    #[test]
    fn the_copy_follows_the_sources_and_touches_only_what_changed() {
        let folder = std::env::temp_dir().join(format!("duet-canaries-{}", std::process::id()));
        let (from, to) = (folder.join("from"), folder.join("to"));
        let put = |path: &str, text: &str| write(&from.join(path), text.as_bytes()).unwrap();
        let read = |path: &str| fs::read_to_string(to.join(path)).ok();
        put("src/a.rs", "good");
        put("src/b.rs", "b");
        put("target/x", "built");
        put(".git/x", "history");
        let copy = || Copy::of(&from, Path::new("elsewhere"), to.clone()).unwrap();
        copy().plant(&BUG).unwrap();
        assert_eq!(read("src/a.rs").as_deref(), Some("bad"));
        assert_eq!(fs::read_to_string(from.join("src/a.rs")).unwrap(), "good");
        assert_eq!((read("target/x"), read(".git/x")), (None, None));
        copy().mend(&BUG).unwrap();
        assert_eq!(read("src/a.rs").as_deref(), Some("good"));

        let time = |path: &str| fs::metadata(to.join(path)).unwrap().modified().unwrap();
        let before = time("src/a.rs");
        fs::remove_file(from.join("src/b.rs")).unwrap();
        copy();
        assert_eq!(read("src/b.rs"), None, "gone here, gone there");
        assert_eq!(time("src/a.rs"), before, "not written anew");
        fs::remove_dir_all(&folder).unwrap();
    }
}
