//! `cargo xtask bundle`: a Debian package, made with dpkg's own tools and nothing downloaded.
//!
//! Tauri's bundler is not used: its desktop entry starts the program without the address it was
//! opened for, which loses every sign-in that returns by deep link. Ours says `Exec=duet %u`.
//! Only the release build and the files around it are made here; publishing is not this file's.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    cmd,
    place::{Place, cargo, on_path},
    setup::system::{self, Purpose},
    ui,
};

/// What the shell loads at run time, where the linker cannot see it.
const LOADED: &[&str] = &["libayatana-appindicator3-1", "xdg-utils"];

/// `cargo xtask bundle [--debug]`: builds the package and checks it. `--debug` packs the debug build,
/// to try the package itself without waiting for a release build.
pub fn command(place: &Place, words: &[String]) -> Result<()> {
    let profile = match words {
        [] => "release",
        [word] if word == "--debug" => "debug",
        _ => bail!("`bundle` takes --debug or nothing"),
    };
    if !cfg!(target_os = "linux") || on_path("dpkg-deb").is_none() {
        bail!("a Debian package is made on Debian or a relative: dpkg-deb is not here");
    }
    system::ensure(&[Purpose::Build, Purpose::Desk])?;
    ui::ensure(place)?;
    let mut build = cargo();
    build
        .args([
            "build",
            "--package",
            "duet",
            "--bin",
            "duet",
            "--features",
            "custom-protocol",
        ])
        .current_dir(&place.root);
    if profile == "release" {
        build.arg("--release");
    }
    cmd::run(&mut build)?;

    let version = version(place)?;
    let architecture = cmd::read(Command::new("dpkg").arg("--print-architecture"))?;
    let work = place.target.join("bundle");
    let tree = work.join("duet");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let binary = tree.join("usr/bin/duet");
    put(&binary, &fs::read(place.program(profile, "duet"))?, 0o755)?;
    // A client that is built in has its own scheme to come back by.
    let client = env::var("GOOGLE_CLIENT_ID").ok();
    let scheme = client.as_deref().map(sign_in_scheme).transpose()?;
    let entry = tree.join("usr/share/applications/org.duet.Duet.desktop");
    put(&entry, desktop_entry(scheme.as_deref()).as_bytes(), 0o644)?;
    for (from, to) in icons(&place.root.join("icons"))? {
        put(
            &tree.join("usr/share/icons/hicolor").join(to),
            &fs::read(from)?,
            0o644,
        )?;
    }
    put(
        &tree.join("usr/share/doc/duet/copyright"),
        COPYRIGHT.as_bytes(),
        0o644,
    )?;

    let control = control(
        &version,
        &architecture,
        &depends(&work, &binary)?,
        size_in_kib(&tree)?,
    );
    put(&tree.join("DEBIAN/control"), control.as_bytes(), 0o644)?;
    put(&tree.join("DEBIAN/md5sums"), sums(&tree)?.as_bytes(), 0o644)?;

    cmd::run(Command::new("desktop-file-validate").arg(&entry))?;
    let package = work.join(format!("duet_{version}_{architecture}.deb"));
    cmd::run(
        Command::new("dpkg-deb")
            .args(["--build", "--root-owner-group"])
            .arg(&tree)
            .arg(&package),
    )?;
    let listing = cmd::read(Command::new("dpkg-deb").arg("--contents").arg(&package))?;
    for needed in [
        "./usr/bin/duet",
        "./usr/share/applications/org.duet.Duet.desktop",
    ] {
        if !listing.lines().any(|line| line.ends_with(needed)) {
            bail!("{} does not contain {needed}", package.display());
        }
    }
    let size = fs::metadata(&package)?.len();
    println!(
        "bundle: {} ({:.1} MB)",
        place.shown(&package),
        size as f64 / 1e6
    );
    println!(
        "bundle: install it with `sudo apt install {}`",
        package.display()
    );
    Ok(())
}

/// `123-abc.apps.googleusercontent.com` comes back by `com.googleusercontent.apps.123-abc:`.
fn sign_in_scheme(client: &str) -> Result<String> {
    let Some(id) = client.strip_suffix(".apps.googleusercontent.com") else {
        bail!("GOOGLE_CLIENT_ID is \"{client}\", which is no Google client id");
    };
    // The desktop compares schemes as they are written, and addresses arrive in lower case.
    Ok(format!("com.googleusercontent.apps.{}", id.to_lowercase()))
}

fn desktop_entry(scheme: Option<&str>) -> String {
    let mut types = "x-scheme-handler/duet;".to_owned();
    if let Some(scheme) = scheme {
        types.push_str(&format!("x-scheme-handler/{scheme};"));
    }
    format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Name=Duet\n\
         GenericName=Calendar\n\
         Comment=A calendar that says when you are free, and why\n\
         Exec=duet %u\n\
         Icon=duet\n\
         Terminal=false\n\
         Categories=Office;Calendar;\n\
         Keywords=availability;busy;free;Google;schedule;\n\
         StartupNotify=true\n\
         StartupWMClass=duet\n\
         MimeType={types}\n"
    )
}

fn control(version: &str, architecture: &str, depends: &str, kib: u64) -> String {
    format!(
        "Package: duet\n\
         Version: {version}\n\
         Architecture: {architecture}\n\
         Maintainer: The Duet authors <duet@localhost>\n\
         Section: utils\n\
         Priority: optional\n\
         Installed-Size: {kib}\n\
         Depends: {depends}\n\
         Recommends: gnome-keyring | kwalletmanager | keepassxc\n\
         Description: calendar that says when you are free, and why\n \
         Duet keeps busy time entered by hand and busy time from Google Calendar in one\n \
         picture, in a local database that is readable offline at once. It says how fresh\n \
         the picture is and never shows as free what it does not know.\n"
    )
}

const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Duet

Files: *
Copyright: The Duet authors
License: MIT or Apache-2.0

License: MIT
 Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
 associated documentation files (the \"Software\"), to deal in the Software without restriction,
 including without limitation the rights to use, copy, modify, merge, publish, distribute,
 sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
 furnished to do so, subject to the following conditions:
 .
 The above copyright notice and this permission notice shall be included in all copies or
 substantial portions of the Software.
 .
 THE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
 NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
 OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.
";

/// The version that the workspace's packages share.
fn version(place: &Place) -> Result<String> {
    let id = cmd::read(
        cargo()
            .args(["pkgid", "--package", "duet"])
            .current_dir(&place.root),
    )?;
    let after = id.rsplit(['#', '@']).next().unwrap_or_default();
    if !after.starts_with(|first: char| first.is_ascii_digit()) {
        bail!("cargo pkgid says \"{id}\", which has no version");
    }
    Ok(after.to_owned())
}

/// What the binary links to, as packages with versions, and what it loads.
fn depends(work: &Path, binary: &Path) -> Result<String> {
    let linked = if on_path("dpkg-shlibdeps").is_some() {
        // It wants to stand in a source package; this one is empty.
        let source = work.join("source");
        put(
            &source.join("debian/control"),
            b"Source: duet\n\nPackage: duet\nArchitecture: any\n",
            0o644,
        )?;
        let line = cmd::read(
            Command::new("dpkg-shlibdeps")
                .arg("-O")
                .arg(binary)
                .current_dir(&source),
        )?;
        line.trim()
            .strip_prefix("shlibs:Depends=")
            .unwrap_or_default()
            .to_owned()
    } else {
        String::new()
    };
    let linked = if linked.is_empty() {
        "libc6, libgtk-3-0 | libgtk-3-0t64, libwebkit2gtk-4.1-0".to_owned()
    } else {
        linked
    };
    Ok(std::iter::once(linked.as_str())
        .chain(LOADED.iter().copied())
        .collect::<Vec<_>>()
        .join(", "))
}

/// Our icons with their places below `hicolor/`.
fn icons(folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    for file in ui::files_below(folder)? {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        if let Some(place) = icon_place(name) {
            found.push((file, place));
        }
    }
    if found.is_empty() {
        bail!(
            "{} holds no application icon (128x128.png, icon.svg, …)",
            folder.display()
        );
    }
    Ok(found)
}

/// Where an icon of this file name belongs; none for tray states and other systems' formats.
fn icon_place(name: &str) -> Option<PathBuf> {
    let place =
        |size: &str, ending: &str| Some(PathBuf::from(format!("{size}/apps/duet.{ending}")));
    if name == "icon.svg" || name == "duet.svg" {
        return place("scalable", "svg");
    }
    let stem = name.strip_suffix(".png")?;
    if stem == "icon" {
        return place("512x512", "png");
    }
    if let Some(half) = stem.strip_suffix("@2x") {
        let side: u32 = half.split_once('x')?.0.parse().ok()?;
        return place(&format!("{0}x{0}", side * 2), "png");
    }
    let (width, height) = stem.split_once('x')?;
    let square = width == height && width.bytes().all(|byte| byte.is_ascii_digit());
    square.then(|| place(stem, "png")).flatten()
}

fn size_in_kib(tree: &Path) -> Result<u64> {
    let mut bytes = 0;
    for file in ui::files_below(tree)? {
        bytes += fs::metadata(file)?.len();
    }
    Ok(bytes.div_ceil(1024))
}

fn sums(tree: &Path) -> Result<String> {
    let below: Vec<PathBuf> = ui::files_below(tree)?
        .into_iter()
        .filter_map(|file| file.strip_prefix(tree).ok().map(Path::to_owned))
        .filter(|file| !file.starts_with("DEBIAN"))
        .collect();
    let text = cmd::read(Command::new("md5sum").args(&below).current_dir(tree))?;
    Ok(format!("{text}\n"))
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let folder = path
        .parent()
        .with_context(|| format!("{} has no folder", path.display()))?;
    fs::create_dir_all(folder)?;
    // Whatever the caller's umask is, a package's folders are readable by all.
    set_mode(folder, 0o755)?;
    fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))?;
    set_mode(path, mode)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .with_context(|| format!("could not set the mode of {}", path.display()))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<()> {
    bail!("a Debian package is made on Debian or a relative")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_entry_takes_the_address_and_both_schemes() {
        let entry = desktop_entry(Some("com.googleusercontent.apps.1-a"));
        assert!(
            entry.contains("\nExec=duet %u\n"),
            "without %u the sign-in is lost: {entry}"
        );
        assert!(
            entry.contains(
                "\nMimeType=x-scheme-handler/duet;x-scheme-handler/com.googleusercontent.apps.1-a;\n"
            ),
            "both ways back: {entry}"
        );
        assert!(
            !desktop_entry(None).contains("googleusercontent"),
            "no client, no scheme of one"
        );
    }

    #[test]
    fn a_client_id_is_turned_into_its_scheme_or_refused() {
        let scheme = sign_in_scheme("12-AbC.apps.googleusercontent.com");
        assert_eq!(
            scheme.ok().as_deref(),
            Some("com.googleusercontent.apps.12-abc"),
            "in lower case"
        );
        assert!(
            sign_in_scheme("sandbox").is_err(),
            "this is no client of Google's"
        );
    }

    #[test]
    fn icons_go_where_desktops_look() {
        let cases = [
            ("128x128.png", Some("128x128/apps/duet.png")),
            ("128x128@2x.png", Some("256x256/apps/duet.png")),
            ("icon.png", Some("512x512/apps/duet.png")),
            ("icon.svg", Some("scalable/apps/duet.svg")),
            ("tray-idle.png", None),
            ("icon.ico", None),
            ("Square30x44Logo.png", None),
        ];
        for (name, place) in cases {
            assert_eq!(icon_place(name).as_deref(), place.map(Path::new), "{name}");
        }
    }

    #[test]
    fn the_control_file_has_what_dpkg_demands() {
        let control = control("1.2.3", "amd64", "libc6", 7);
        for line in [
            "Package: duet",
            "Version: 1.2.3",
            "Architecture: amd64",
            "Installed-Size: 7",
        ] {
            assert!(
                control.lines().any(|other| other == line),
                "{line} in:\n{control}"
            );
        }
        let folded = control
            .lines()
            .skip_while(|line| !line.starts_with("Description"))
            .skip(1);
        assert!(
            folded.clone().count() == 3 && folded.clone().all(|line| line.starts_with(' ')),
            "a description goes on in indented lines:\n{control}"
        );
    }
}
