//! A second try where the Duet that runs already was just ending.
//!
//! A start hands its arguments to the Duet that has the name on the bus. One that ends in that very
//! instant never answers, and the start would fail with it, though the name is free by then. The
//! single-instance plugin only asks once, and only a fresh process can ask it again.

/// How many times this start was begun anew.
const COUNT: &str = "DUET_STARTED_AGAIN";
const MOST: u8 = 2;

/// Takes this process's place with the same start, if that can help. Comes back when not.
pub(super) fn start_again(error: &tauri::Error) {
    let Some(count) = next(error, std::env::var(COUNT).ok().as_deref()) else {
        return;
    };
    tracing::info!(%error, count, "the running Duet did not answer; starting again");
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let Ok(program) = std::env::current_exe() else {
            return;
        };
        let error = std::process::Command::new(program)
            .args(std::env::args_os().skip(1))
            .env(COUNT, count.to_string())
            .exec();
        tracing::warn!(%error, "Duet could not be started again");
    }
}

/// Which try comes next; `None` where another would not help.
fn next(error: &tauri::Error, before: Option<&str>) -> Option<u8> {
    let tauri::Error::PluginInitialization(plugin, _) = error else {
        return None;
    };
    let before = before.and_then(|count| count.parse().ok()).unwrap_or(0);
    (plugin == "single-instance" && before < MOST).then(|| before + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_running_duet_that_does_not_answer_is_asked_again_and_not_for_ever() {
        let of = |plugin: &str| {
            tauri::Error::PluginInitialization(plugin.to_owned(), "NoReply".to_owned())
        };
        let silent = of("single-instance");
        for (before, expect) in [
            (None, Some(1)),
            (Some("1"), Some(2)),
            (Some("2"), None),
            (Some("255"), None),
            (Some("many"), Some(1)),
        ] {
            assert_eq!(next(&silent, before), expect, "{before:?}");
        }
        assert_eq!(next(&of("opener"), None), None);
        assert_eq!(next(&tauri::Error::FailedToReceiveMessage, None), None);
    }
}
