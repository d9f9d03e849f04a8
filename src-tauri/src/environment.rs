//! What the process was started with: variables, the data folder, the OAuth client, the zone.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use duet_app::StartError;
use duet_google::Config;
use duet_model::zones::ZoneDb;

use crate::folder;

/// The variables that Duet reads (INTERFACES.md section 1), read once at the start.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    variables: HashMap<String, String>,
    mark: Option<String>,
    /// What a person should know about the data folder.
    pub(crate) warning: Option<String>,
    /// Where everything is kept, except tokens.
    pub(crate) data_dir: PathBuf,
}

/// Why the process cannot start at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvironmentError {
    /// No home folder, no override.
    #[error("there is no home folder to keep data in. Set DUET_DATA_DIR to a folder of your own.")]
    NoHome,
    /// The folder's name is no text. It has to stand in desktop entries and messages as well, so it
    /// could be opened but not named; another folder instead would hide what is kept in this one.
    #[error(
        "DUET_DATA_DIR is {0}, which is not UTF-8 text. Set it to a folder whose name is; nothing \
         was changed."
    )]
    NotText(String),
    /// The data folder would have to be taken away from others.
    #[error(
        "DUET_DATA_DIR is {path}, which is {what}. Duet closes its folder to everybody else, so it \
         needs one of its own; nothing was changed. Set it to {path}/duet, for example."
    )]
    NotOwn {
        /// Which.
        path: String,
        /// Whose it is.
        what: &'static str,
    },
}

impl Environment {
    /// Reads the real environment and makes the data folder. Where that cannot be made, opening
    /// the database will say so.
    ///
    /// # Errors
    /// When there is no folder that Duet may take.
    pub(crate) fn read() -> Result<Self, EnvironmentError> {
        let variables: HashMap<String, String> = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        let usual = directories::ProjectDirs::from("org", "Duet", "duet")
            .map(|dirs| dirs.data_dir().to_owned());
        let chosen = chosen_folder(std::env::var_os("DUET_DATA_DIR"))?;
        let data_dir = match &chosen {
            Some(dir) => PathBuf::from(dir),
            None => usual.clone().ok_or(EnvironmentError::NoHome)?,
        };
        // Absolute, because the process may be asked to open files after its folder changed.
        let data_dir = std::path::absolute(&data_dir).unwrap_or(data_dir);
        let mut warning = None;
        if chosen.is_some() {
            if let Some(what) = folder::not_own(&data_dir) {
                return Err(EnvironmentError::NotOwn {
                    path: data_dir.display().to_string(),
                    what,
                });
            }
            warning = folder::about_closing(&data_dir);
        }
        if folder::make_private(&data_dir).is_err() {
            // Nothing was closed.
            warning = None;
        }
        let mark = folder::mark(&data_dir, usual.as_deref());
        Ok(Self {
            variables,
            mark,
            data_dir,
            warning,
        })
    }

    /// A variable; an empty one counts as unset.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// A short mark of the data folder, if it is not the usual one.
    pub(crate) fn own_folder_mark(&self) -> Option<&str> {
        self.mark.as_deref()
    }

    /// The OAuth client: of the environment, else the one the build was made with.
    pub(crate) fn google(&self) -> Result<Option<Config>, String> {
        let built_in = |name: &str| match name {
            "GOOGLE_CLIENT_ID" => option_env!("DUET_BUILD_GOOGLE_CLIENT_ID").map(str::to_owned),
            "GOOGLE_CLIENT_SECRET" => {
                option_env!("DUET_BUILD_GOOGLE_CLIENT_SECRET").map(str::to_owned)
            }
            _ => None,
        };
        let own = self.get("GOOGLE_CLIENT_ID").is_some();
        // A client of the person's own is never paired with the build's secret.
        Config::from_env(|name| {
            self.get(name)
                .or_else(|| if own { None } else { built_in(name) })
        })
        .map_err(|error| error.to_string())
    }

    /// The custom schemes to register for this process.
    pub(crate) fn reversed_client_scheme(&self) -> Option<String> {
        let id = self
            .get("GOOGLE_CLIENT_ID")
            .or_else(|| option_env!("DUET_BUILD_GOOGLE_CLIENT_ID").map(str::to_owned))?;
        let name = id.strip_suffix(".apps.googleusercontent.com")?;
        Some(format!(
            "com.googleusercontent.apps.{}",
            name.to_ascii_lowercase()
        ))
    }
}

/// The data folder that the variable names; unset and empty name none.
fn chosen_folder(value: Option<OsString>) -> Result<Option<String>, EnvironmentError> {
    value
        .filter(|value| !value.is_empty())
        .map(|value| {
            value
                .into_string()
                .map_err(|raw| EnvironmentError::NotText(raw.to_string_lossy().into_owned()))
        })
        .transpose()
}

/// Why the data folder cannot be used, with the next step.
pub(crate) fn cannot_open(error: &StartError, data_dir: &Path) -> String {
    let StartError::Store(store) = error;
    let what = error.to_string();
    let what = words(what.trim_end_matches('.'));
    if store.says_what_to_do() {
        return what;
    }
    let place = data_dir.display();
    let step = if store.is_corrupt() {
        format!(
            "Nothing was changed. Quit Duet everywhere, move {place} aside and start again; accounts \
             can be connected anew, and blocks made by hand are still in the old folder."
        )
    } else {
        format!(
            "Nothing was changed. Look at the permissions of {place} and the space on its disk, or \
             set DUET_DATA_DIR to another folder."
        )
    };
    format!("{what} {step}")
}

/// A library's half sentence, made whole.
fn words(half: &str) -> String {
    let mut letters = half.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), letters.as_str())
}

/// The newer of the system's zone data and the data built in.
pub(crate) fn zone_data() -> ZoneDb {
    let system = Path::new("/usr/share/zoneinfo");
    ZoneDb::newest(cfg!(unix).then_some(system))
}

/// The IANA name of the zone the person lives in: what `TZ` names, as everywhere on Unix, else the
/// system's; UTC where neither says.
pub(crate) fn zone_name() -> String {
    // The variable cannot change while the process runs; the system's zone can.
    static CHOSEN: OnceLock<Option<String>> = OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| zone_of_variable(&std::env::var("TZ").ok()?));
    match chosen {
        Some(name) => name.clone(),
        None => iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned()),
    }
}

/// The zone that a value of `TZ` names: `Europe/Berlin`, `:Europe/Berlin`, or a file of zone data.
/// Rules spelled out (`CET-1CEST`) name no zone.
fn zone_of_variable(value: &str) -> Option<String> {
    let name = value.strip_prefix(':').unwrap_or(value);
    let name = name
        .rsplit_once("/zoneinfo/")
        .map_or(name, |(_, name)| name);
    let zone = ZoneDb::bundled().zone(name)?;
    Some(zone.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_text_is_refused_and_not_passed_over() {
        use std::os::unix::ffi::OsStringExt;
        let of = |bytes: &[u8]| chosen_folder(Some(OsString::from_vec(bytes.to_vec())));
        assert_eq!(chosen_folder(None).unwrap(), None);
        assert_eq!(of(b"").unwrap(), None);
        assert_eq!(
            of("/home/ana/Zeit für uns".as_bytes()).unwrap().as_deref(),
            Some("/home/ana/Zeit für uns")
        );
        let words = of(b"/tmp/du\xffet").unwrap_err().to_string();
        assert!(
            words.contains("DUET_DATA_DIR") && words.contains("UTF-8"),
            "{words}"
        );
    }

    #[test]
    fn the_variable_names_a_zone_in_the_usual_ways() {
        for (value, expect) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            (":Europe/Berlin", Some("Europe/Berlin")),
            ("/usr/share/zoneinfo/Asia/Kathmandu", Some("Asia/Kathmandu")),
            ("UTC", Some("UTC")),
            ("", None),
            ("CET-1CEST,M3.5.0,M10.5.0/3", None),
            ("Nowhere/Land", None),
            ("/etc/localtime", None),
        ] {
            assert_eq!(zone_of_variable(value).as_deref(), expect, "{value:?}");
        }
    }
}
