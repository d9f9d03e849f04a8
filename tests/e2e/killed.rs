//! Duet is killed at every exchange with Google, before and after Google has done what it was asked for.
//! What it had taken on is there in the end, once, and each guest has heard of it once.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{Days, NaiveDate};
use duet_sandbox::{Endpoint, Fault, FaultKind};

use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

const GUEST: &str = "ben@example.org";
/// More requests than any of these takes.
const MOST: usize = 12;

/// What is under way when Duet is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Deed {
    Add,
    Change,
    Split,
    Remove,
}

impl Deed {
    /// The command; `id` is empty for what is yet to be made.
    fn command(self, id: &str, title: &str, day: NaiveDate) -> Vec<String> {
        let at = |day: NaiveDate, hour: u32| format!("{day}T{hour:02}:00");
        let (from, to, third) = (at(day, 18), at(day, 19), at(day + Days::new(14), 18));
        let new = format!("{title}, new");
        let args: &[&str] = match self {
            Self::Add => &[
                "add", "--from", &from, "--to", &to, "--title", title, "--google", "--guest", GUEST,
            ],
            Self::Change => &["edit", id, "--title", &new],
            Self::Split => &[
                "edit",
                id,
                "--occurrence",
                &third,
                "--scope",
                "following",
                "--title",
                &new,
            ],
            Self::Remove => &["remove", id, "--google"],
        };
        let args = ["events"]
            .iter()
            .chain(args)
            .chain(&["--notify", "all", "--yes"]);
        args.map(|arg| (*arg).to_owned()).collect()
    }

    /// The titles that stand in the end.
    fn stands(self, title: &str) -> Vec<String> {
        let new = format!("{title}, new");
        match self {
            Self::Add => vec![title.to_owned()],
            Self::Change => vec![new],
            Self::Split => vec![title.to_owned(), new],
            Self::Remove => Vec::new(),
        }
    }

    /// What the guest hears.
    fn heard(self) -> &'static [&'static str] {
        match self {
            Self::Add => &["invitation"],
            Self::Change => &["update"],
            Self::Split => &["invitation", "update"],
            Self::Remove => &["cancellation"],
        }
    }
}

/// Kills Duet while it waits for the answer to the request of this number; `false` where it sends fewer.
async fn kill_at(stage: &Stage, args: &[String], number: usize, how: &FaultKind) -> Result<bool> {
    let google = &stage.google;
    if let Ok(before @ 1..) = u32::try_from(number) {
        // Of no consequence to anything that is not a listing.
        google.fault(Fault::once(Endpoint::Any, FaultKind::NoSyncToken).times(before));
    }
    google.fault(Fault::once(Endpoint::Any, how.clone()));
    let before = google.count(Endpoint::Any);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut running = stage
        .command(&args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let waits = async {
        loop {
            if google.count(Endpoint::Any) > before + number {
                return Ok::<_, anyhow::Error>(true);
            }
            if let Some(status) = running.try_wait()? {
                ensure!(status.success(), "{args:?} ended with {status}");
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let waits = tokio::time::timeout(LIMIT, waits).await??;
    if waits {
        // Until Google has done it, where it does.
        tokio::time::sleep(Duration::from_millis(20)).await;
        running.kill().await?;
    }
    google.clear_faults();
    Ok(waits)
}

async fn killed_everywhere(stage: &Stage, deed: Deed, series: bool) -> Result<usize> {
    let day = stage.started.date_naive() + Days::new(2);
    let mut kills = 0;
    for number in 0..MOST {
        let mut any = false;
        for how in [FaultKind::Stall, FaultKind::StallAfter] {
            let title = format!("{deed:?} {number} {how:?}");
            let mut id = String::new();
            if deed != Deed::Add {
                let mut add = Deed::Add.command("", &title, day);
                add.push("--json".into());
                if series {
                    add.extend(["--repeat".into(), "FREQ=WEEKLY;COUNT=6".into()]);
                }
                let add: Vec<&str> = add.iter().map(String::as_str).collect();
                let made = stage.duet(&add).await?;
                let made: serde_json::Value = serde_json::from_str(&made)?;
                id = made["id"].as_str().context("an id")?.to_owned();
            }
            let told = stage.google.mails().len();
            let args = deed.command(&id, &title, day);
            let killed = kill_at(stage, &args, number, &how).await?;
            (any, kills) = (any || killed, kills + usize::from(killed));
            stage.duet(&["sync"]).await?;

            let what = format!("{args:?} killed at request {number} by {how:?}");
            let left = stage.json(&["status"]).await?;
            assert_eq!(left["pending"], 0, "{what}");
            let live = stage.google.events(ANA, ANA);
            let live = live.iter().filter(|it| it["status"] != "cancelled");
            let titles = live.filter_map(|it| it["summary"].as_str());
            let mut stand: Vec<&str> = titles
                .filter(|it| it.split(',').next() == Some(&title))
                .collect();
            stand.sort_unstable();
            assert_eq!(stand, deed.stands(&title), "{what}");
            let mails = stage.google.mails();
            let mut heard: Vec<&str> = mails[told..].iter().map(|it| it.subject.as_str()).collect();
            heard.sort_unstable();
            assert_eq!(heard, deed.heard(), "{what}");
        }
        if !any {
            return Ok(kills);
        }
    }
    anyhow::bail!("more than {MOST} requests")
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_adds_changes_or_removes_it_ends_what_it_began() -> Result<()> {
    scenario("killed", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        // A token and a request; for a change the event is read first.
        for (deed, least) in [(Deed::Add, 4), (Deed::Change, 6), (Deed::Remove, 4)] {
            let kills = killed_everywhere(stage, deed, false).await?;
            assert!(kills >= least, "{kills}");
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_the_two_halves_of_a_split_it_heals() -> Result<()> {
    scenario("killed-split", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let kills = killed_everywhere(stage, Deed::Split, true).await?;
        assert!(kills >= 8, "{kills}");
        Ok(())
    })
    .await
}
