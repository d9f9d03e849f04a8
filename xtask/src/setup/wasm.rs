//! The compiler for the window: rustup's wasm target, or the distribution's Rust that builds its own.
//!
//! rustup's target is the normal way and tried first. Where that download cannot be reached, Debian's
//! `rustc-web`, `cargo-web` and `rust-web-src` serve: they build the standard library for wasm from
//! source, once. A `rust-toolchain.toml` that lists the target would make every cargo call fail on
//! such a machine, which is why there is none.

use std::{
    fmt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use super::system;
use crate::{
    cmd::{self, Limited},
    place::{Place, cargo, on_path},
};

/// The target triple of the window.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// rustup gets this long: its download is 20 MB, and where it is blocked it may hang, not fail.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

const FALLBACK: &[(&str, &str)] = &[
    (
        "rustc-web",
        "compiles the window where rustup has no wasm target",
    ),
    ("cargo-web", "the cargo that belongs to it"),
    (
        "rust-web-src",
        "the standard library's source, built once for wasm",
    ),
];

/// Whether a rustup download that failed before is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// Yes: a person asked for set-up by name.
    Again,
    /// No: the failure of this toolchain is remembered, so that each build starts at once.
    Once,
}

/// A compiler that can build the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Toolchain {
    /// The toolchain in use has the wasm target.
    Target {
        /// `rustc --version` of that toolchain.
        version: String,
    },
    /// The distribution's Rust, building its own standard library.
    Packaged {
        /// `rustc --version` of the packaged compiler.
        version: String,
        /// The linker: those packages bring none.
        linker: PathBuf,
    },
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target { version } => write!(f, "{version} with the target {TARGET}"),
            Self::Packaged { version, .. } => {
                write!(
                    f,
                    "the packaged {version}, building its own standard library"
                )
            }
        }
    }
}

impl Toolchain {
    /// A `cargo build` for the window, without package and profile.
    #[must_use]
    pub fn cargo_build(&self) -> Command {
        match self {
            Self::Target { .. } => {
                let mut command = cargo();
                command.args(["build", "--target", TARGET]);
                command
            }
            Self::Packaged { linker, .. } => {
                let mut command = Command::new("/usr/bin/cargo");
                command
                    .args(["build", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
                    .env("PATH", packaged_first())
                    .env("RUSTC", "/usr/bin/rustc")
                    .env("RUSTC_BOOTSTRAP", "1") // -Zbuild-std on a stable compiler
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                // What rustup's cargo set for us belongs to the other compiler.
                for name in [
                    "RUSTUP_TOOLCHAIN",
                    "CARGO",
                    "LD_LIBRARY_PATH",
                    "RUSTDOC",
                    "RUSTC_WRAPPER",
                ] {
                    command.env_remove(name);
                }
                command
            }
        }
    }
}

fn packaged_first() -> std::ffi::OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap_or(path)
}

/// Finds a compiler for the window, installing one if there is none.
pub fn ensure(place: &Place, attempt: Attempt) -> Result<Toolchain> {
    let version = cmd::read(rustc().arg("--version")).context("there is no working rustc")?;
    let sysroot = PathBuf::from(cmd::read(rustc().args(["--print", "sysroot"]))?);
    let target = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if target.is_dir() {
        return Ok(Toolchain::Target { version });
    }
    let memory = place.target.join("xtask").join("rustup-failed");
    let failed_before = std::fs::read_to_string(&memory).is_ok_and(|text| text == version);
    if attempt == Attempt::Again || !failed_before {
        match add_target() {
            Ok(()) if target.is_dir() => return Ok(Toolchain::Target { version }),
            Ok(()) => {
                println!("setup: rustup added {TARGET}, but to another toolchain than {version}")
            }
            Err(error) => println!("setup: {error:#}"),
        }
        std::fs::create_dir_all(memory.parent().unwrap_or(&place.target))?;
        std::fs::write(&memory, &version)?;
    }
    packaged(&sysroot)
}

fn add_target() -> Result<()> {
    if on_path("rustup").is_none() {
        bail!("there is no rustup to add the target {TARGET}; looking for the packaged compiler");
    }
    println!("setup: rustup target add {TARGET} (the window is WebAssembly)");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", TARGET])
        .env("RUSTUP_MAX_RETRIES", "1");
    match cmd::limited(&mut rustup, RUSTUP_LIMIT)? {
        Limited::Ended(output) if output.status.success() => Ok(()),
        Limited::Ended(output) => bail!(
            "rustup could not fetch it ({}); taking the packaged compiler instead",
            last_line(&String::from_utf8_lossy(&output.stderr))
        ),
        Limited::TimedOut => bail!(
            "rustup did not fetch it within {}; taking the packaged compiler instead",
            cmd::spoken(RUSTUP_LIMIT)
        ),
    }
}

fn last_line(text: &str) -> &str {
    text.lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("no reason given")
}

fn packaged(sysroot: &Path) -> Result<Toolchain> {
    if on_path("apt-get").is_none() || on_path("dpkg-query").is_none() {
        bail!(
            "no compiler for the window: the target {TARGET} is missing. With rustup: \
             `rustup target add {TARGET}`; Fedora: `sudo dnf install rust-std-static-{TARGET}`; \
             Arch: `sudo pacman -S rust-wasm`. Then try again"
        );
    }
    let names: Vec<&str> = FALLBACK.iter().map(|(name, _)| *name).collect();
    let installed = system::installed_on_debian(&names)?;
    let missing: Vec<(&str, &str)> = FALLBACK
        .iter()
        .copied()
        .filter(|(name, _)| !installed.iter().any(|there| there == name))
        .collect();
    system::apt_install(&missing)?;
    let version = cmd::read(
        Command::new("/usr/bin/rustc")
            .arg("--version")
            .env_remove("RUSTUP_TOOLCHAIN"),
    )
    .context("the packaged rustc does not start")?;
    let linker = match linker(sysroot) {
        Some(linker) => linker,
        None => {
            system::apt_install(&[(
                "lld",
                "links the window: the packaged compiler brings no linker",
            )])?;
            on_path("wasm-ld").context("the package lld brought no wasm-ld")?
        }
    };
    Ok(Toolchain::Packaged { version, linker })
}

/// rust-lld of the toolchain in use, else a wasm-ld of the system.
fn linker(sysroot: &Path) -> Option<PathBuf> {
    let hosts = std::fs::read_dir(sysroot.join("lib/rustlib")).ok()?;
    hosts
        .flatten()
        .map(|host| host.path().join("bin/rust-lld"))
        .find(|candidate| candidate.is_file())
        .or_else(|| on_path("wasm-ld"))
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_rustups_last_words() {
        let text = "info: downloading\nerror: could not reach the server\n\n";
        assert_eq!(
            last_line(text),
            "error: could not reach the server",
            "not its progress"
        );
        assert_eq!(last_line("\n"), "no reason given", "silence is said too");
    }

    #[test]
    fn the_packaged_compiler_never_sees_rustups_variables() {
        let toolchain = Toolchain::Packaged {
            version: "rustc".into(),
            linker: "/usr/bin/wasm-ld".into(),
        };
        let command = toolchain.cargo_build();
        let removed: Vec<_> = command
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name)
            .collect();
        for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "CARGO"] {
            assert!(
                removed.contains(&name.as_ref()),
                "{name} would mix two compilers"
            );
        }
        assert_eq!(
            command.get_program(),
            "/usr/bin/cargo",
            "a rustup proxy may stand first on PATH"
        );
    }
}
