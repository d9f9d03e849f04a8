//! System packages: the web view's libraries to build against, and a desktop session to test in.
//!
//! On Debian and its relatives they are installed through apt. Elsewhere the presence of each piece
//! is checked by what it provides, and what is missing is named in that family's own words.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, bail};

use crate::{cmd, place::on_path};

/// What a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Compiling and linking the shell.
    Build,
    /// A desktop session without a screen: tests, `run` without a display, `bench`.
    Desk,
    /// Other people's engines of repetition, for `oracle`.
    Oracle,
}

/// Proof, on any distribution, that a piece is there.
#[derive(Debug, Clone, Copy)]
enum Proof {
    /// pkg-config knows this library.
    Library(&'static str),
    /// This program is on PATH.
    Program(&'static str),
    /// Python can import this module.
    Module(&'static str),
    /// This header or file lies under /usr.
    File(&'static str),
}

/// One system package, under Debian's name.
#[derive(Debug)]
struct Piece {
    debian: &'static str,
    purpose: Purpose,
    why: &'static str,
    proof: Proof,
    /// The name on Fedora, Arch and openSUSE, in this order.
    elsewhere: [&'static str; 3],
}

const PIECES: &[Piece] = &[
    Piece {
        debian: "build-essential",
        purpose: Purpose::Build,
        why: "the linker, and the C compiler for SQLite and ring",
        proof: Proof::Program("cc"),
        elsewhere: ["gcc", "base-devel", "gcc"],
    },
    Piece {
        debian: "pkg-config",
        purpose: Purpose::Build,
        why: "finds the libraries below",
        proof: Proof::Program("pkg-config"),
        elsewhere: ["pkgconf-pkg-config", "pkgconf", "pkgconf-pkg-config"],
    },
    Piece {
        debian: "libwebkit2gtk-4.1-dev",
        purpose: Purpose::Build,
        why: "the web view that draws the window",
        proof: Proof::Library("webkit2gtk-4.1"),
        elsewhere: ["webkit2gtk4.1-devel", "webkit2gtk-4.1", "webkit2gtk3-devel"],
    },
    Piece {
        debian: "libayatana-appindicator3-dev",
        purpose: Purpose::Build,
        why: "the tray icon",
        proof: Proof::Library("ayatana-appindicator3-0.1"),
        elsewhere: [
            "libayatana-appindicator-gtk3-devel",
            "libayatana-appindicator",
            "libayatana-appindicator3-devel",
        ],
    },
    Piece {
        debian: "libdbus-1-dev",
        purpose: Purpose::Build,
        why: "the window library's link to the desktop",
        proof: Proof::Library("dbus-1"),
        elsewhere: ["dbus-devel", "dbus", "dbus-1-devel"],
    },
    Piece {
        debian: "librsvg2-dev",
        purpose: Purpose::Build,
        why: "draws scalable icons",
        proof: Proof::Library("librsvg-2.0"),
        elsewhere: ["librsvg2-devel", "librsvg", "librsvg-devel"],
    },
    Piece {
        debian: "libxdo-dev",
        purpose: Purpose::Build,
        why: "menu accelerators of the window library on X",
        proof: Proof::File("include/xdo.h"),
        elsewhere: ["libxdo-devel", "xdotool", "xdotool-devel"],
    },
    Piece {
        debian: "xvfb",
        purpose: Purpose::Desk,
        why: "an X display without a screen",
        proof: Proof::Program("Xvfb"),
        elsewhere: [
            "xorg-x11-server-Xvfb",
            "xorg-server-xvfb",
            "xorg-x11-server-Xvfb",
        ],
    },
    Piece {
        debian: "dbus",
        purpose: Purpose::Desk,
        why: "a private session bus",
        proof: Proof::Program("dbus-daemon"),
        elsewhere: ["dbus-daemon", "dbus", "dbus-1-daemon"],
    },
    Piece {
        debian: "gnome-keyring",
        purpose: Purpose::Desk,
        why: "a real keychain for the tokens",
        proof: Proof::Program("gnome-keyring-daemon"),
        elsewhere: ["gnome-keyring", "gnome-keyring", "gnome-keyring"],
    },
    Piece {
        debian: "webkit2gtk-driver",
        purpose: Purpose::Desk,
        why: "drives the real window in the end-to-end tests",
        proof: Proof::Program("WebKitWebDriver"),
        elsewhere: ["webkit2gtk-driver", "webkit2gtk-4.1", "webkit2gtk-driver"],
    },
    Piece {
        debian: "xdg-utils",
        purpose: Purpose::Desk,
        why: "registers the deep link's scheme",
        proof: Proof::Program("xdg-mime"),
        elsewhere: ["xdg-utils", "xdg-utils", "xdg-utils"],
    },
    Piece {
        debian: "desktop-file-utils",
        purpose: Purpose::Desk,
        why: "checks the desktop entry and updates its database",
        proof: Proof::Program("desktop-file-validate"),
        elsewhere: [
            "desktop-file-utils",
            "desktop-file-utils",
            "desktop-file-utils",
        ],
    },
    Piece {
        debian: "libglib2.0-bin",
        purpose: Purpose::Desk,
        why: "opens addresses by scheme (gio)",
        proof: Proof::Program("gio"),
        elsewhere: ["glib2", "glib2", "glib2-tools"],
    },
    Piece {
        debian: "python3-venv",
        purpose: Purpose::Oracle,
        why: "a Python of the oracle's own, for dateutil and zone data",
        proof: Proof::Module("ensurepip"),
        elsewhere: ["python3", "python", "python3"],
    },
    Piece {
        debian: "nodejs",
        purpose: Purpose::Oracle,
        why: "runs rrule-temporal",
        proof: Proof::Program("node"),
        elsewhere: ["nodejs", "nodejs", "nodejs"],
    },
    Piece {
        debian: "npm",
        purpose: Purpose::Oracle,
        why: "fetches rrule-temporal",
        proof: Proof::Program("npm"),
        elsewhere: ["nodejs-npm", "npm", "npm"],
    },
    Piece {
        debian: "libical-dev",
        purpose: Purpose::Oracle,
        why: "the calendar library that GNOME uses",
        proof: Proof::File("include/libical/ical.h"),
        elsewhere: ["libical-devel", "libical", "libical-devel"],
    },
];

/// Makes sure that the packages for these purposes are there, installing what is missing.
///
/// Does nothing on macOS and Windows, whose web view and keychain are part of the system.
pub fn ensure(purposes: &[Purpose]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let wanted: Vec<&Piece> = PIECES
        .iter()
        .filter(|piece| purposes.contains(&piece.purpose))
        .collect();
    if on_path("apt-get").is_some() && on_path("dpkg-query").is_some() {
        let names: Vec<&str> = wanted.iter().map(|piece| piece.debian).collect();
        let installed = installed_on_debian(&names)?;
        let missing: Vec<(&str, &str)> = wanted
            .iter()
            .filter(|piece| !installed.iter().any(|name| name == piece.debian))
            // Another package may provide the same thing, as pkgconf does for pkg-config.
            .filter(|piece| !proven(piece.proof))
            .map(|piece| (piece.debian, piece.why))
            .collect();
        return apt_install(&missing);
    }
    let missing: Vec<&Piece> = wanted
        .into_iter()
        .filter(|piece| !proven(piece.proof))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "{}",
        advice(
            &missing,
            &std::fs::read_to_string("/etc/os-release").unwrap_or_default()
        )
    )
}

/// Installs Debian packages, each with its reason; as root directly, else through sudo.
pub fn apt_install(packages: &[(&str, &str)]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    println!(
        "setup: installing {} system package(s) through apt:",
        packages.len()
    );
    for (name, why) in packages {
        println!("  {name:<30} {why}");
    }
    let names: Vec<&str> = packages.iter().map(|(name, _)| *name).collect();
    let install = || {
        let mut command = as_root("apt-get")?;
        command
            .args(["install", "--yes", "--no-install-recommends"])
            .args(&names);
        cmd::run(&mut command)
    };
    // A fresh image has no package lists, and old ones name files that are gone; a machine whose
    // lists are good should not wait for new ones. So: try, refresh, try again.
    if lists_are_there() && install().is_ok() {
        return Ok(());
    }
    cmd::run(as_root("apt-get")?.arg("update"))
        .context("apt could not refresh its package lists")?;
    install().with_context(|| {
        format!(
            "install by hand, then try again: apt-get install {}",
            names.join(" ")
        )
    })
}

fn lists_are_there() -> bool {
    std::fs::read_dir("/var/lib/apt/lists").is_ok_and(|lists| {
        lists
            .flatten()
            .any(|file| file.file_name().to_string_lossy().contains("_Packages"))
    })
}

/// A command that runs as root: directly if we are, through sudo if we are not.
fn as_root(program: &str) -> Result<Command> {
    let mut command = if cmd::read(Command::new("id").arg("-u"))? == "0" {
        Command::new(program)
    } else if on_path("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        // sudo drops the environment, so the variable is set on its far side.
        sudo.args(["env", "DEBIAN_FRONTEND=noninteractive", program]);
        sudo
    } else {
        bail!("installing system packages needs root, and there is no sudo here")
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}

/// Which of these Debian packages are installed.
pub fn installed_on_debian(names: &[&str]) -> Result<Vec<String>> {
    // dpkg-query ends with 1 as soon as one name is unknown to it, yet lists the others.
    let output = Command::new("dpkg-query")
        .args(["--show", "--showformat", "${Package} ${db:Status-Status}\n"])
        .args(names)
        .output()
        .context("could not start dpkg-query")?;
    Ok(installed_in(&String::from_utf8_lossy(&output.stdout)))
}

fn installed_in(listing: &str) -> Vec<String> {
    listing
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .map(str::to_owned)
        .collect()
}

fn proven(proof: Proof) -> bool {
    match proof {
        Proof::Program(name) => on_path(name).is_some() || elsewhere_installed(name),
        Proof::Library(name) => {
            cmd::read(Command::new("pkg-config").args(["--exists", name])).is_ok()
        }
        Proof::Module(name) => {
            cmd::read(Command::new("python3").args(["-c", &format!("import {name}")])).is_ok()
        }
        Proof::File(below) => Path::new("/usr").join(below).exists(),
    }
}

/// Some families keep WebKitWebDriver outside of PATH.
fn elsewhere_installed(name: &str) -> bool {
    [
        "/usr/libexec",
        "/usr/lib/webkit2gtk-4.1",
        "/usr/libexec/webkit2gtk-4.1",
    ]
    .iter()
    .any(|folder| Path::new(folder).join(name).exists())
}

/// What to type on this family of distributions.
fn advice(missing: &[&Piece], os_release: &str) -> String {
    let family = |names: &[&str]| {
        os_release
            .lines()
            .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
            .flat_map(|value| value.trim_matches('"').split(' '))
            .any(|id| names.contains(&id))
    };
    let (install, column) = if family(&["fedora", "rhel"]) {
        ("sudo dnf install", 0)
    } else if family(&["arch"]) {
        ("sudo pacman -S --needed", 1)
    } else if family(&["opensuse", "suse", "sles"]) {
        ("sudo zypper install", 2)
    } else {
        let list: Vec<String> = missing
            .iter()
            .map(|piece| format!("  {} ({})", piece.debian, piece.why))
            .collect();
        return format!(
            "these are missing, and this is no distribution whose package names are known here. \
             Under Debian's names:\n{}\nInstall their counterparts, then try again",
            list.join("\n")
        );
    };
    let mut names: Vec<&str> = missing
        .iter()
        .map(|piece| piece.elsewhere[column])
        .collect();
    names.dedup();
    format!(
        "system packages are missing. Type\n  {install} {}\nthen try again",
        names.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fully_installed_packages_count() {
        let listing =
            "xvfb installed\ndbus config-files\nlibxdo-dev half-installed\ngvfs not-installed\n";
        assert_eq!(
            installed_in(listing),
            ["xvfb"],
            "leftover configuration is no package"
        );
    }

    #[test]
    fn advice_speaks_the_familys_words() {
        let pieces: Vec<&Piece> = PIECES
            .iter()
            .filter(|piece| piece.debian == "libwebkit2gtk-4.1-dev")
            .collect();
        let cases = [
            ("ID=fedora\n", "sudo dnf install webkit2gtk4.1-devel"),
            (
                "ID=manjaro\nID_LIKE=arch\n",
                "sudo pacman -S --needed webkit2gtk-4.1",
            ),
            (
                "ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n",
                "sudo zypper install webkit2gtk3-devel",
            ),
            (
                "ID=nixos\n",
                "libwebkit2gtk-4.1-dev (the web view that draws the window)",
            ),
        ];
        for (os_release, expected) in cases {
            let text = advice(&pieces, os_release);
            assert!(text.contains(expected), "for {os_release:?}: {text}");
        }
    }
}
