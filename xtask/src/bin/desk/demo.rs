//! The story of the demo: connect, sync, open the window, take its picture, write the week down.

use std::{
    fs,
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use chrono::{Datelike, Days, Local};
use duet_desk::{Desk, Options};

/// How long one command of Duet may take, the first start of everything included.
const COMMAND_LIMIT: Duration = Duration::from_secs(120);
/// How long the window may take until it stands still.
const WINDOW_LIMIT: Duration = Duration::from_secs(90);
/// The window counts as drawn when nothing moved for this long.
const STILL: Duration = Duration::from_secs(2);
/// An empty or half-drawn window has fewer colours than a week with blocks in it.
const COLOURS: usize = 40;

/// Runs the demo with the binary `duet` and leaves its results in `out`.
pub(crate) async fn show(duet: &Path, out: &Path) -> Result<()> {
    let data = out.join("data");
    if out.exists() {
        fs::remove_dir_all(out).with_context(|| format!("could not empty {}", out.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("could not create {}", data.display()))?;

    println!("demo: starting a private session: Xvfb, D-Bus, keyring, notifications, tray");
    let folder = data
        .to_str()
        .context("the target folder's path is not UTF-8")?
        .to_owned();
    let env = vec![("DUET_DATA_DIR".to_owned(), folder)];
    let desk = Desk::start(Options {
        env,
        ..Options::default()
    })
    .await?;

    println!("demo: connecting the demo account");
    told(&run(&desk, duet, &["connect", "--demo"]).await?);
    println!("demo: syncing");
    told(&run(&desk, duet, &["sync"]).await?);

    println!("demo: opening the window");
    let log = desk.log_file("duet")?;
    let mut window = desk
        .command(duet)
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("could not start Duet")?;
    let picture = out.join("duet.png");
    let drawn = tokio::select! {
        drawn = desk.wait_for_still_picture(COLOURS, STILL, WINDOW_LIMIT) => drawn,
        ended = window.wait() => {
            let said = fs::read_to_string(desk.log_path("duet")).unwrap_or_default();
            bail!("Duet ended before its window was drawn ({}):\n{said}", ended?);
        }
    };
    if let Err(error) = drawn {
        // The picture of a window that never settled is what one wants to see first.
        desk.screenshot(&picture).await?;
        let said = fs::read_to_string(desk.log_path("duet")).unwrap_or_default();
        return Err(error).with_context(|| {
            format!(
                "the window was never finished; see {}. Duet said:\n{said}",
                picture.display()
            )
        });
    }
    desk.screenshot(&picture).await?;

    let (from, to) = this_week();
    let words = ["agenda", "--from", &from, "--to", &to];
    let text = run(&desk, duet, &words).await?;
    let json = run(&desk, duet, &[&words[..], &["--json"]].concat()).await?;
    let agenda = out.join("agenda.txt");
    fs::write(&agenda, &text.stdout)?;
    fs::write(out.join("agenda.json"), &json.stdout)?;

    println!("demo: this week, {from} to {to}:");
    told(&text);
    println!("demo: the window's picture  {}", picture.display());
    println!("demo: the agenda            {}", agenda.display());
    window.kill().await.ok();
    Ok(())
}

/// Runs one command of Duet in the session. Fails in its own words if it does.
async fn run(desk: &Desk, duet: &Path, words: &[&str]) -> Result<Output> {
    let shown = words.join(" ");
    let mut command = desk.command(duet);
    command
        .args(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let output = tokio::time::timeout(COMMAND_LIMIT, command.output())
        .await
        .with_context(|| format!("`duet {shown}` did not end within {COMMAND_LIMIT:?}"))?
        .context("could not start Duet")?;
    if !output.status.success() {
        bail!(
            "`duet {shown}` failed ({}): {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output)
}

fn told(output: &Output) {
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        println!("  {line}");
    }
}

/// The first and the last day of this week; `--to` with a date includes that day.
fn this_week() -> (String, String) {
    #[expect(clippy::disallowed_methods, reason = "the demo is about today")]
    let today = Local::now().date_naive();
    let monday = today - Days::new(u64::from(today.weekday().num_days_from_monday()));
    (monday.to_string(), (monday + Days::new(6)).to_string())
}
