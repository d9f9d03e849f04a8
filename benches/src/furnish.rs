//! A room to measure in: a private session, a stand-in Google, and a Duet with an account.
//!
//! The account is connected the way a person connects one, so that a start does everything that a
//! start does: opens the keychain, finds the token, syncs. For a start the database is full: of what
//! a sync brings of 100,000 events, and of blocks made by hand.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Days, Local, NaiveDate, TimeDelta, Utc};
use duet_desk::{Desk, Options};
use duet_model::block::{BlockId, ManualBlock};
use duet_sandbox::{Control, Endpoint, Fault, FaultKind, Sandbox, World};
use duet_store::Store;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
    time::timeout,
};

/// As many blocks as the rivals were measured with.
pub(crate) const BLOCKS: usize = 10_000;
/// The blocks lie in as many days before and after today.
const DAYS: u64 = 730;
/// Calendars whose events the window draws, of all those that it reads.
pub(crate) const DRAWN: usize = 10;
/// How long one command of Duet may take.
const LIMIT: Duration = Duration::from_secs(120);

/// The session, and what lives as long as it does.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) desk: Desk,
    data: PathBuf,
    google: Vec<(String, String)>,
    sandbox: Sandbox,
}

impl Room {
    /// Starts the session and connects an account whose events are all still to come.
    pub(crate) async fn connected(
        duet: &Path,
        world: impl FnOnce(NaiveDate) -> World,
    ) -> Result<Self> {
        let (now, today) = now();
        let options = duet_sandbox::Options {
            clock: Some(now),
            // What Duet costs is measured, not what its server costs.
            replay: true,
            ..duet_sandbox::Options::default()
        };
        let sandbox = Sandbox::start_with(world(today), options)
            .await
            .context("the stand-in Google did not start")?;
        let google = sandbox
            .env()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let desk = Desk::start(Options::default()).await?;
        // It goes away with the session.
        let data = desk.folder().join("home/data/bench");
        let room = Self {
            desk,
            data,
            google,
            sandbox,
        };
        room.connect(duet).await?;
        Ok(room)
    }

    /// The same with everything there: 100,000 events and their occurrences, and blocks made by hand.
    /// All 250 calendars count and [`DRAWN`] of them are drawn: nobody looks at 250 at once.
    pub(crate) async fn furnish(duet: &Path) -> Result<Self> {
        println!("bench: furnishing a private session with 100,000 events and {BLOCKS} blocks");
        let room = Self::connected(duet, |today| World::huge_around(today, 1)).await?;
        room.draw(DRAWN).await?;
        room.finish(room.duet(duet).arg("sync")).await?;
        let (now, today) = now();
        room.fill(now, today).await?;
        Ok(room)
    }

    /// Shows so many calendars, and counts all.
    pub(crate) async fn draw(&self, calendars: usize) -> Result<()> {
        let store = Store::open(&self.data).await?;
        let listed = store.calendars().await?;
        let mut tx = store.write().await?;
        for (number, calendar) in listed.iter().enumerate() {
            tx.set_switches(calendar.id, Some(number < calendars), Some(true))
                .await?;
        }
        tx.commit().await?;
        store.close().await;
        Ok(())
    }

    /// Where Duet keeps its data in this room.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The stand-in Google's controls.
    pub(crate) fn control(&self) -> Control {
        self.sandbox.control()
    }

    /// Where the stand-in listens, with the scheme.
    pub(crate) fn google(&self) -> String {
        format!("http://{}", self.control().address())
    }

    /// What a window of Duet's needs in this room, besides the session's own.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let data = self.data.to_string_lossy().into_owned();
        let own = ("DUET_DATA_DIR".to_owned(), data);
        self.google.iter().cloned().chain([own]).collect()
    }

    /// A command of Duet's in this room.
    pub(crate) fn duet(&self, duet: &Path) -> Command {
        let mut command = self.desk.command(duet);
        command.envs(self.google.iter().map(|(name, value)| (name, value)));
        command.env("DUET_DATA_DIR", &self.data);
        command
    }

    /// Connects, and breaks off the sync that follows before anything is downloaded.
    async fn connect(&self, duet: &Path) -> Result<()> {
        let control = self.control();
        for endpoint in [Endpoint::FreeBusy, Endpoint::Events] {
            control.fault(Fault::always(endpoint, FaultKind::Stall));
        }
        let mut child = self
            .duet(duet)
            .args(["connect", "--no-browser"])
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start Duet")?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(out).lines();
        timeout(LIMIT, async {
            while let Some(line) = lines.next_line().await? {
                if line.starts_with("http") {
                    let back = control.approve(&line).map_err(|refused| {
                        anyhow::anyhow!("the consent page refused: {refused:?}")
                    })?;
                    visit(&back).await?;
                } else if line.ends_with("is connected.") {
                    return Ok(());
                }
            }
            bail!("`duet connect` ended without an account")
        })
        .await
        .context("`duet connect` did not connect")??;
        duet_desk::until("its calendars to be listed", LIMIT, || async {
            let asked = control.count(Endpoint::FreeBusy) + control.count(Endpoint::Events);
            (asked > 0).then_some(())
        })
        .await?;
        child.kill().await?;
        control.clear_faults();
        Ok(())
    }

    /// Runs a command of Duet's to its end.
    pub(crate) async fn finish(&self, command: &mut Command) -> Result<()> {
        let output = timeout(LIMIT, command.output())
            .await
            .context("Duet did not end")??;
        if !output.status.success() {
            bail!(
                "Duet failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        Ok(())
    }

    async fn fill(&self, now: DateTime<Utc>, today: NaiveDate) -> Result<()> {
        let store = Store::open(&self.data).await?;
        let mut tx = store.write().await?;
        for block in blocks(now, today) {
            tx.put_manual_block(&block).await?;
        }
        tx.commit().await?;
        store.close().await;
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the week that is shown is this one"
)]
fn now() -> (DateTime<Utc>, NaiveDate) {
    (Utc::now(), Local::now().date_naive())
}

/// Blocks of a busy person: some fourteen a day, at odd minutes, with names.
fn blocks(now: DateTime<Utc>, today: NaiveDate) -> impl Iterator<Item = ManualBlock> {
    let first = today - Days::new(DAYS);
    let days = usize::try_from(2 * DAYS).unwrap_or(usize::MAX);
    (0..BLOCKS).map(move |index| {
        let day = first + Days::new(u64::try_from(index % days).unwrap_or_default());
        let turn = i64::try_from(index / days).unwrap_or_default();
        // Every day has one at each of these turns: from six in the morning, 130 minutes apart.
        let start = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(360 + turn * 130);
        let length = 25 + i64::try_from(index * 7 % 60).unwrap_or_default();
        ManualBlock {
            id: BlockId(format!("bench-{index:05}")),
            title: format!("Focus {index}"),
            start,
            end: start + TimeDelta::minutes(length),
            zone: "UTC".to_owned(),
            repeat: None,
            except: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    })
}

/// Fetches a loopback address, as the browser does that comes back from the consent page.
async fn visit(address: &str) -> Result<()> {
    let rest = address
        .strip_prefix("http://")
        .with_context(|| format!("the way back is no loopback address: {address}"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)
        .await
        .context("Duet does not listen")?;
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut answer))
        .await
        .context("Duet did not answer")??;
    Ok(())
}
