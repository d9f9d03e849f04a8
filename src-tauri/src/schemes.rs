//! Registers Duet as the handler of its links, where Tauri's plugin does not.
//!
//! The window registers through that plugin. A command has no plugin, and needs it only when
//! `GOOGLE_REDIRECT_URI` names the scheme. And a Duet on a data folder of its own has to be started
//! with that folder, which the plugin's entry cannot say: a sign-in would come back to another Duet,
//! which knows nothing of it.

use std::path::Path;

use crate::environment::Environment;

/// Makes `duet` the handler of the reversed client id, if the environment asks for a deep link.
pub(crate) fn register_for_terminal(environment: &Environment) {
    let asked = environment
        .get("GOOGLE_REDIRECT_URI")
        .is_some_and(|uri| uri.starts_with("com.googleusercontent.apps."));
    let Some(scheme) = environment.reversed_client_scheme().filter(|_| asked) else {
        return;
    };
    let folder = environment
        .own_folder_mark()
        .map(|_| environment.data_dir.as_path());
    if let Err(error) = register("duet-sign-in.desktop", "Duet (sign-in)", &[scheme], folder) {
        tracing::warn!(%error, "the return may not reach Duet");
    }
}

/// Makes this program, on `folder` where that is not the usual one, the handler of `schemes`, by an
/// entry called `file`.
#[cfg(target_os = "linux")]
pub(crate) fn register(
    file: &str,
    name: &str,
    schemes: &[String],
    folder: Option<&Path>,
) -> std::io::Result<()> {
    use std::process::{Command, Stdio};
    let entries = directories::BaseDirs::new()
        .ok_or_else(|| std::io::Error::other("there is no home folder"))?
        .data_dir()
        .join("applications");
    std::fs::create_dir_all(&entries)?;
    let exec = exec(&std::env::current_exe()?, folder);
    let types: Vec<String> = schemes
        .iter()
        .map(|scheme| format!("x-scheme-handler/{scheme}"))
        .collect();
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName={name}\nExec={exec}\nNoDisplay=true\n\
         MimeType={};\n",
        types.join(";")
    );
    std::fs::write(entries.join(file), entry)?;
    let place = entries.display().to_string();
    let update = ("update-desktop-database", vec![place.as_str()]);
    let defaults = types
        .iter()
        .map(|kind| ("xdg-mime", vec!["default", file, kind.as_str()]));
    for (program, arguments) in std::iter::once(update).chain(defaults) {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
    }
    Ok(())
}

/// The Exec line of an entry.
#[cfg(any(target_os = "linux", test))]
fn exec(program: &Path, folder: Option<&Path>) -> String {
    let program = quoted(&program.display().to_string());
    match folder {
        Some(folder) => {
            let variable = quoted(&format!("DUET_DATA_DIR={}", folder.display()));
            format!("env {variable} {program} %u")
        }
        None => format!("{program} %u"),
    }
}

/// One argument by the rules of desktop entries: quoted, then escaped as every value of an entry
/// is, so that a backslash becomes four. A percent sign would begin a field code.
#[cfg(any(target_os = "linux", test))]
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' => text.extend(['\\', '\\', letter]),
            '\\' => text.push_str(r"\\\\"),
            '%' => text.push_str("%%"),
            '\n' => text.push_str(r"\n"),
            '\t' => text.push_str(r"\t"),
            '\r' => text.push_str(r"\r"),
            letter => text.push(letter),
        }
    }
    text.push('"');
    text
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn register(
    _file: &str,
    _name: &str,
    _schemes: &[String],
    _folder: Option<&Path>,
) -> std::io::Result<()> {
    Err(std::io::Error::other(
        "on this system the installed package registers the scheme",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_starts_duet_follows_the_rules_of_desktop_entries() {
        let program = Path::new("/opt/duet/duet");
        for (folder, expect) in [
            (None, r#""/opt/duet/duet" %u"#),
            (
                Some("/home/ana/My Duet"),
                r#"env "DUET_DATA_DIR=/home/ana/My Duet" "/opt/duet/duet" %u"#,
            ),
            // "Enclosing in double quotes […] escaping the double quote, backtick, dollar sign and
            // backslash by a preceding backslash", and each backslash doubled as in any value.
            (
                Some(r#"/a"b`c$d\e%f"#),
                r#"env "DUET_DATA_DIR=/a\\"b\\`c\\$d\\\\e%%f" "/opt/duet/duet" %u"#,
            ),
        ] {
            assert_eq!(exec(program, folder.map(Path::new)), expect, "{folder:?}");
        }
    }
}
