//! Where things are: the checkout and cargo's target folder.
//!
//! The target folder is asked from cargo, never assumed, because a runner may keep it outside of the
//! checkout by `CARGO_TARGET_DIR` or a cargo configuration file.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The two folders every command works in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The checkout's root, where the workspace's Cargo.toml stands.
    pub root: PathBuf,
    /// Cargo's target folder, wherever that is on this machine.
    pub target: PathBuf,
}

impl Place {
    /// Asks cargo where the workspace and its target folder are. Fails outside of the workspace.
    pub fn find() -> Result<Self> {
        // The manifest folder was fixed when xtask was compiled; a moved checkout is recompiled
        // because cargo sees another path, so this cannot point at somebody else's copy.
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(here)
            .output()
            .context("could not start cargo to ask where the workspace is")?;
        if !output.status.success() {
            bail!(
                "cargo could not read the workspace: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)
            .context("cargo metadata did not answer with JSON")?;
        let folder = |key: &str| {
            metadata[key]
                .as_str()
                .map(PathBuf::from)
                .with_context(|| format!("cargo metadata names no {key}"))
        };
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
        })
    }

    /// A program that cargo built, in the folder of `profile` ("debug" or "release").
    #[must_use]
    pub fn program(&self, profile: &str, name: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A path as people should read it: relative to the checkout where it lies inside.
    #[must_use]
    pub fn shown<'p>(&self, path: &'p Path) -> std::path::Display<'p> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

/// A call of the cargo that runs us, so that a `+toolchain` the caller chose stays chosen.
///
/// What cargo told us about ourselves is taken out of its environment: ring's build script watches
/// variables like CARGO_PKG_NAME, so a build from here and one typed by hand would undo each other,
/// and with ring everything above it.
#[must_use]
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if is_about_us(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether cargo sets this variable for the program it runs, and not for cargo itself.
fn is_about_us(name: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_PRIMARY_",
    ]
    .iter()
    .any(|start| name.starts_with(start))
        || name == "OUT_DIR"
}

/// The first program of that name on PATH.
#[must_use]
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_starts_without_what_it_told_us_about_ourselves() {
        // The tests themselves run under cargo, which sets these.
        let command = cargo();
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        assert!(
            removed.iter().any(|name| name == "CARGO_PKG_NAME"),
            "{removed:?}"
        );
        let kept = [
            "CARGO_TARGET_DIR",
            "CARGO_HOME",
            "CARGO_TERM_COLOR",
            "CARGO_BUILD_JOBS",
        ];
        assert!(
            kept.iter().all(|name| !is_about_us(name)),
            "a person's own settings stay"
        );
    }
}
