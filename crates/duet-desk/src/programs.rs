//! Finding the programs a desk is made of, and saying which package brings a missing one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Debian's package for each program that a desk may start.
const PACKAGES: &[(&str, &str)] = &[
    ("Xvfb", "xvfb"),
    ("dbus-daemon", "dbus-daemon"),
    ("gnome-keyring-daemon", "gnome-keyring"),
    ("WebKitWebDriver", "webkit2gtk-driver"),
    ("gio", "libglib2.0-bin"),
    ("xdg-mime", "xdg-utils"),
    ("update-desktop-database", "desktop-file-utils"),
];

/// Where `name` stands on this process's PATH.
///
/// # Errors
/// When it is not installed; the error says which Debian package to install.
pub(crate) fn locate(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").context("PATH is not set")?;
    if let Some(found) = search(&path, name) {
        return Ok(found);
    }
    let package = PACKAGES
        .iter()
        .find(|(program, _)| *program == name)
        .map(|(_, package)| package);
    match package {
        Some(package) => bail!(
            "{name} is not installed. It comes in the Debian package {package}: \
             apt-get install {package}"
        ),
        None => bail!("{name} is not on the PATH"),
    }
}

fn search(path: &OsStr, name: &str) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|dir| dir.join(name))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_names_its_package() {
        assert!(search(OsStr::new("/nowhere"), "Xvfb").is_none());
        let error = locate("no-such-program-at-all").expect_err("it does not exist");
        assert!(error.to_string().contains("not on the PATH"), "{error}");
        for (program, package) in PACKAGES {
            assert!(!package.is_empty(), "{program} has no package");
        }
    }

    #[test]
    fn an_ordinary_program_is_found() {
        assert!(locate("sh").expect("every system has sh").is_absolute());
    }
}
