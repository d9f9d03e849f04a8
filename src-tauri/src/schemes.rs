//! Registers the OAuth scheme for a terminal that asked for a deep link, where no window did it.
//!
//! The window registers through its plugin; a command has no plugin, and needs it only when
//! `GOOGLE_REDIRECT_URI` names the scheme.

use crate::environment::Environment;

/// Makes `duet` the handler of the reversed client id, if the environment asks for a deep link.
pub(crate) fn register_for_terminal(environment: &Environment) {
    let asked = environment
        .get("GOOGLE_REDIRECT_URI")
        .is_some_and(|uri| uri.starts_with("com.googleusercontent.apps."));
    let Some(scheme) = environment.reversed_client_scheme().filter(|_| asked) else {
        return;
    };
    if let Err(error) = register(&scheme) {
        tracing::warn!(%error, "the return may not reach Duet");
    }
}

#[cfg(target_os = "linux")]
fn register(scheme: &str) -> std::io::Result<()> {
    use std::process::{Command, Stdio};
    let folder = directories::BaseDirs::new()
        .ok_or_else(|| std::io::Error::other("there is no home folder"))?
        .data_dir()
        .join("applications");
    std::fs::create_dir_all(&folder)?;
    let program = std::env::current_exe()?;
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Duet (sign-in)\nExec=\"{}\" %u\nNoDisplay=true\n\
         MimeType=x-scheme-handler/{scheme};\n",
        program.display()
    );
    std::fs::write(folder.join("duet-sign-in.desktop"), entry)?;
    let mime = format!("x-scheme-handler/{scheme}");
    for (program, arguments) in [
        (
            "update-desktop-database",
            vec![folder.display().to_string()],
        ),
        (
            "xdg-mime",
            vec![
                "default".to_owned(),
                "duet-sign-in.desktop".to_owned(),
                mime,
            ],
        ),
    ] {
        Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn register(_scheme: &str) -> std::io::Result<()> {
    Err(std::io::Error::other(
        "on this system the installed package registers the scheme",
    ))
}
