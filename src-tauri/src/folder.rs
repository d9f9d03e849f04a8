//! The data folder: whose it is, how it is closed to others, and how it is told from another one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What Duet itself puts into its folder, by how the names begin.
const OURS: [&str; 8] = [
    "duet.sqlite3",
    "open.lock",
    "sync.lock",
    "changed",
    "flows",
    "logs",
    "sealed",
    "quarantine-",
];

/// Makes a folder that only its owner can look into, and closes one that others can.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut make = fs::DirBuilder::new();
    make.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
    make.create(path)?;
    #[cfg(unix)]
    if is_open(path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Why a folder that somebody named cannot become Duet's: it is a place where others, people or
/// programs, keep things as well, and would be closed to them.
pub(crate) fn not_own(path: &Path) -> Option<&'static str> {
    let path = fs::canonicalize(path).ok()?;
    let is = |other: Option<PathBuf>| {
        other.and_then(|other| fs::canonicalize(other).ok()) == Some(path.clone())
    };
    if path.parent().is_none() {
        return Some("the root of a disk");
    }
    if is(directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())) {
        return Some("your home folder");
    }
    if is(Some(std::env::temp_dir())) || is_shared(&path) {
        return Some("a folder that others use too");
    }
    None
}

/// What to say before a folder with things of others in it is closed; `None` where nothing is.
pub(crate) fn about_closing(path: &Path) -> Option<String> {
    if !is_open(path) {
        return None;
    }
    let foreign = fs::read_dir(path)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !OURS.iter().any(|ours| name.starts_with(ours)))
        .min()?;
    Some(format!(
        "{} was open to other users and holds more than Duet's files ({foreign}, for one). Only you \
         can look into it now, because Duet keeps your calendar there. If others need what is in \
         it, set DUET_DATA_DIR to a folder of Duet's own and run `chmod 755` on this one.",
        path.display()
    ))
}

/// May others than the owner do anything with it?
#[cfg(unix)]
fn is_open(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// Elsewhere the profile folder itself is private to the user.
#[cfg(not(unix))]
fn is_open(_path: &Path) -> bool {
    false
}

/// Do others write into it, as into `/tmp` and `/var/tmp`? These carry the sticky bit.
#[cfg(unix)]
fn is_shared(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|found| {
        let mode = found.permissions().mode();
        mode & 0o1000 != 0 && mode & 0o002 != 0
    })
}

#[cfg(not(unix))]
fn is_shared(_path: &Path) -> bool {
    false
}

/// A short mark of a data folder, if it is not the usual one: the same for every way to write it,
/// and in every build, because keys rest under it.
pub(crate) fn mark(path: &Path, usual: Option<&Path>) -> Option<String> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let path = real(path);
    if usual.is_some_and(|usual| real(usual) == path) {
        return None;
    }
    // FNV-1a. The standard library's hash may be another one in the next compiler.
    let hash = path
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    Some(format!("{hash:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_of_others_is_not_taken() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let own = dir.path().join("duet");
        assert_eq!(not_own(&own), None, "it does not exist yet");
        fs::create_dir(&own).unwrap();
        assert_eq!(not_own(&own), None);
        fs::set_permissions(&own, fs::Permissions::from_mode(0o1777)).unwrap();
        assert!(not_own(&own).is_some(), "like /tmp");
        let home = directories::BaseDirs::new().unwrap();
        for place in [Path::new("/"), home.home_dir(), &std::env::temp_dir()] {
            assert!(not_own(place).is_some(), "{}", place.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn closing_a_folder_with_other_things_in_it_is_said() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let open = |mode| {
            fs::set_permissions(dir.path(), fs::Permissions::from_mode(mode)).unwrap();
        };
        open(0o755);
        fs::write(dir.path().join("duet.sqlite3-wal"), "").unwrap();
        assert_eq!(about_closing(dir.path()), None, "only Duet's");
        fs::write(dir.path().join("thesis.tex"), "").unwrap();
        let words = about_closing(dir.path()).expect("others may need it");
        assert!(
            words.contains("thesis.tex") && words.contains("DUET_DATA_DIR"),
            "{words}"
        );
        open(0o700);
        assert_eq!(about_closing(dir.path()), None, "it is closed already");
    }

    #[test]
    fn a_folder_is_marked_by_where_it_is_and_not_by_how_it_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        fs::create_dir(&one).unwrap();
        fs::create_dir(&two).unwrap();
        let usual = Some(one.as_path());
        assert_eq!(mark(&one, usual), None, "today's names stay");
        assert_eq!(mark(&two.join("../one"), usual), None);
        let marked = mark(&two, usual);
        assert_eq!(marked.as_deref().map(str::len), Some(16));
        assert_eq!(mark(&one.join("../two"), usual), marked);
        assert_ne!(mark(&one, None), marked);
        // As computed by hand: another value would lose every key under it.
        assert_eq!(
            mark(Path::new("/nowhere/duet"), None).as_deref(),
            Some("4645191e92b7e1ab")
        );
    }
}
