//! Running other programs: announced, with their output passed through, failing in words.

use std::{
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

/// How a command would be typed, for announcements and errors.
#[must_use]
pub fn shown(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    // The full path of a toolchain's cargo tells nobody anything.
    if let Some(name) = line.rsplit(['/', '\\']).next() {
        line = name.to_owned();
    }
    for word in command.get_args() {
        line.push(' ');
        line.push_str(&word.to_string_lossy());
    }
    line
}

/// Announces and runs a command, its output going straight to ours. Fails if it does.
pub fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    quiet(command)
}

/// Runs a command without announcing it, its output going straight to ours. Fails if it does.
pub fn quiet(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("could not start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command and gives what it wrote to standard output, without the last line break.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("could not start `{}`", shown(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}): {}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}

/// What became of a command that was given a time limit.
#[derive(Debug)]
pub enum Limited {
    /// It ended by itself.
    Ended(Output),
    /// It was still running at the limit and was stopped.
    TimedOut,
}

/// Runs a command with its output captured, and stops it when `limit` has passed.
pub fn limited(command: &mut Command, limit: Duration) -> Result<Limited> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{}`", shown(command)))?;
    let started = Instant::now();
    // Polling is enough here: the callers' limits are seconds, their output is a few lines, far
    // below what a pipe holds, so the child cannot block on us.
    while child.try_wait()?.is_none() {
        if started.elapsed() > limit {
            child.kill().ok();
            child.wait()?;
            return Ok(Limited::TimedOut);
        }
        pause();
    }
    Ok(Limited::Ended(child.wait_with_output()?))
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask has no runtime whose worker it could block"
)]
fn pause() {
    thread::sleep(Duration::from_millis(20));
}

/// Is this the hosted runner, where nothing may be left out?
#[must_use]
pub fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true")
}

/// Seconds or minutes as people say them: "0.4 s", "12 s", "3 min 05 s".
#[must_use]
pub fn spoken(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        let cases = [
            (400, "0.4 s"),
            (12_300, "12 s"),
            (59_999, "59 s"),
            (185_000, "3 min 05 s"),
        ];
        for (millis, expected) in cases {
            assert_eq!(
                spoken(Duration::from_millis(millis)),
                expected,
                "{millis} ms"
            );
        }
    }

    #[test]
    fn a_command_is_shown_without_its_folder() {
        let mut command = Command::new("/opt/tools/cargo");
        command.args(["test", "--workspace"]);
        assert_eq!(
            shown(&command),
            "cargo test --workspace",
            "the folder is noise to a reader"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_command_over_its_limit_is_stopped() {
        let started = Instant::now();
        let ended = limited(
            Command::new("sh").args(["-c", "exec sleep 30"]),
            Duration::from_millis(50),
        );
        assert!(
            matches!(ended, Ok(Limited::TimedOut)),
            "the limit must be reported: {ended:?}"
        );
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "and not waited out"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_failing_command_says_what_it_said() {
        let error = read(Command::new("sh").args(["-c", "echo no room >&2; exit 3"])).unwrap_err();
        assert!(
            error.to_string().contains("no room"),
            "the cause is passed on: {error}"
        );
    }
}
