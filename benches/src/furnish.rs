//! A room to measure in: a private session, a stand-in Google, and a Duet whose database is full.
//!
//! The account is connected the way a person connects one, so that a start does everything that a
//! start does: opens the keychain, finds the token, syncs. Blocks made by hand fill the rest.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Days, Local, NaiveDate, TimeDelta, Utc};
use duet_desk::{Desk, Options};
use duet_model::block::{BlockId, ManualBlock};
use duet_sandbox::{Sandbox, World};
use duet_store::Store;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::Command,
    time::timeout,
};

/// As many blocks as the rivals were measured with.
pub(crate) const BLOCKS: usize = 10_000;
/// They lie in as many days before and after today.
const DAYS: u64 = 730;
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
    /// Starts the session, connects an account, syncs it once and fills the database.
    pub(crate) async fn furnish(duet: &Path) -> Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "the week that is shown is this one"
        )]
        let (now, today) = (Utc::now(), Local::now().date_naive());
        println!("bench: furnishing a private session with {BLOCKS} blocks");
        let options = duet_sandbox::Options {
            clock: Some(now),
            ..duet_sandbox::Options::default()
        };
        let sandbox = Sandbox::start_with(World::small(today), options)
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
        room.finish(room.duet(duet).arg("sync")).await?;
        room.fill(now, today).await?;
        Ok(room)
    }

    /// A command of Duet's in this room.
    pub(crate) fn duet(&self, duet: &Path) -> Command {
        let mut command = self.desk.command(duet);
        command.envs(self.google.iter().map(|(name, value)| (name, value)));
        command.env("DUET_DATA_DIR", &self.data);
        command
    }

    async fn connect(&self, duet: &Path) -> Result<()> {
        let mut child = self
            .duet(duet)
            .args(["connect", "--no-browser"])
            .stdout(Stdio::piped())
            .spawn()
            .context("could not start Duet")?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut lines = BufReader::new(out).lines();
        let address = timeout(LIMIT, async {
            while let Some(line) = lines.next_line().await? {
                if line.starts_with("http") {
                    return anyhow::Ok(line);
                }
            }
            bail!("`duet connect` ended without an address to open")
        })
        .await
        .context("`duet connect` printed no address")??;
        let back = self
            .sandbox
            .control()
            .approve(&address)
            .map_err(|refused| anyhow::anyhow!("the consent page refused: {refused:?}"))?;
        visit(&back).await?;
        // It may write more; a closed pipe would end it.
        let rest = tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let status = timeout(LIMIT, child.wait())
            .await
            .context("`duet connect` did not end")??;
        rest.abort();
        if !status.success() {
            bail!("`duet connect` failed ({status})");
        }
        Ok(())
    }

    async fn finish(&self, command: &mut Command) -> Result<()> {
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
