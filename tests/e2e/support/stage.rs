//! One test's stage: a private desk, a stand-in Google, an empty data folder, and Duet on it as a
//! person uses it: the window, the command line, the browser.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use chrono::{DateTime, Utc};
use duet_desk::{Desk, Launch, Window, until};
use duet_sandbox::{ClientKind, Control, Sandbox, World};
use serde_json::Value;

use super::consent::{self, Decision};
use super::http;

/// How long the slowest honest answer may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);
/// The account that most tests connect.
pub(crate) const ANA: &str = "ana@example.com";

/// The return address of the stand-in's iOS-type client.
const DEEP_LINK: &str = "com.googleusercontent.apps.sandbox:/oauth2redirect";

/// What a test needs that is not the ordinary.
pub(crate) struct Setup {
    pub(crate) desk: duet_desk::Options,
    pub(crate) world: fn(chrono::NaiveDate) -> World,
    pub(crate) client: ClientKind,
    /// What every token and code begins with.
    pub(crate) token_prefix: &'static str,
    /// Whether Duet has an OAuth client at all.
    pub(crate) google: bool,
    /// Further variables for Duet.
    pub(crate) env: &'static [(&'static str, &'static str)],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            desk: duet_desk::Options::default(),
            world: World::small,
            client: ClientKind::Desktop,
            token_prefix: "",
            google: true,
            env: &[],
        }
    }
}

/// Everything one test plays with.
pub(crate) struct Stage {
    pub(crate) desk: Desk,
    _sandbox: Sandbox,
    pub(crate) google: Control,
    env: Vec<(String, String)>,
    client: ClientKind,
    data: tempfile::TempDir,
    pub(crate) started: DateTime<Utc>,
}

impl Stage {
    pub(crate) async fn set_up(setup: Setup) -> Result<Self> {
        let started = now();
        let options = duet_sandbox::Options {
            client: setup.client,
            clock: Some(started),
            token_prefix: setup.token_prefix.into(),
            ..duet_sandbox::Options::default()
        };
        let world = (setup.world)(started.date_naive());
        let sandbox = Sandbox::start_at(world, ([127, 0, 0, 1], 0).into(), options).await?;
        let desk = Desk::start(setup.desk).await?;
        let data = tempfile::Builder::new().prefix("duet-e2e-").tempdir()?;
        let mut env = vec![
            (
                "DUET_DATA_DIR".to_owned(),
                data.path().join("duet").display().to_string(),
            ),
            ("DUET_LOG".to_owned(), "duet=trace,info".to_owned()),
        ];
        if setup.google {
            env.extend(
                sandbox
                    .env()
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
        }
        let more = setup
            .env
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        env.extend(more);
        let google = sandbox.control();
        Ok(Self {
            desk,
            _sandbox: sandbox,
            google,
            env,
            client: setup.client,
            data,
            started,
        })
    }

    /// Changes one of Duet's variables from the next start on.
    pub(crate) fn set_env(&mut self, name: &str, value: &str) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
    }

    /// Where Duet keeps everything.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.data.path().join("duet")
    }

    /// Opens Duet's window and waits until it has painted.
    pub(crate) async fn open(&self) -> Result<Window> {
        self.open_with(&[]).await
    }

    /// The same with arguments: a deep link, or `--hidden`.
    pub(crate) async fn open_with(&self, args: &[&str]) -> Result<Window> {
        ensure!(
            cfg!(feature = "custom-protocol"),
            "the window is not inside the binary: run the tests with `cargo xtask test`"
        );
        let launch = Launch {
            program: duet().into(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            env: self.env.clone(),
        };
        let window = Window::open(&self.desk, &launch).await?;
        let ready = "return document.documentElement.dataset.ready === 'true'";
        window
            .wait_js("the first paint", ready, Vec::new(), LIMIT)
            .await?;
        Ok(window)
    }

    /// A Duet command, ready to run beside the window.
    pub(crate) fn command(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = self.desk.command(duet());
        command
            .args(args)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        if self.client == ClientKind::Ios {
            // A command waits on loopback unless it is told that the client only takes deep links.
            command.env("GOOGLE_REDIRECT_URI", DEEP_LINK);
        }
        command
    }

    /// Runs `duet ARGS` to its end.
    pub(crate) async fn run(&self, args: &[&str]) -> Result<Output> {
        let output = self.command(args).output();
        match tokio::time::timeout(LIMIT * 2, output).await {
            Ok(output) => Ok(output?),
            Err(_) => bail!("`duet {}` does not end", args.join(" ")),
        }
    }

    /// Runs `duet ARGS`, which must succeed, and gives what it prints.
    pub(crate) async fn duet(&self, args: &[&str]) -> Result<String> {
        let output = self.run(args).await?;
        ensure!(
            output.status.success(),
            "`duet {}` ended with {}: {}{}",
            args.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs `duet ARGS --json`.
    pub(crate) async fn json(&self, args: &[&str]) -> Result<Value> {
        let mut args = args.to_vec();
        args.push("--json");
        let text = self.duet(&args).await?;
        serde_json::from_str(&text).with_context(|| format!("`duet {}`: {text}", args.join(" ")))
    }

    /// Decides on a consent page, and gives the address of the return.
    pub(crate) async fn decide(&self, page: &str, decision: Decision<'_>) -> Result<String> {
        consent::decide(page, decision).await
    }

    /// Decides on the consent page that Duet opens next, and gives the address of the return.
    pub(crate) async fn consent(&self, seen: usize, decision: Decision<'_>) -> Result<String> {
        let page = self.desk.browser().wait_for_more_than(seen, LIMIT).await?;
        consent::decide(&page, decision).await
    }

    /// Takes the browser to the return address: over HTTP to the loopback listener, or by the
    /// system's handler of the deep link.
    pub(crate) async fn come_back(&self, url: &str) -> Result<()> {
        if url.starts_with("http://") {
            let page = http::get(url).await?;
            ensure!(
                page.status == 200,
                "the return page answers {}: {}",
                page.status,
                page.body
            );
            return Ok(());
        }
        self.open_link(url).await
    }

    /// Opens a link as a desktop does: with whatever program registered itself for its scheme.
    pub(crate) async fn open_link(&self, url: &str) -> Result<()> {
        // A desktop knows nothing of one Duet's folder: the entry that Duet registered has to.
        let known = self.env.iter().filter(|(name, _)| name != "DUET_DATA_DIR");
        // Not through pipes: a program that the link starts would hold them open.
        let status = self
            .desk
            .command("gio")
            .args(["open", url])
            .envs(known.map(|(name, value)| (name, value)))
            .stdout(self.desk.log_file("gio")?)
            .stderr(self.desk.log_file("gio")?)
            .status();
        let status = tokio::time::timeout(LIMIT, status).await??;
        ensure!(status.success(), "gio open {url} ended with {status}");
        Ok(())
    }

    /// Connects an account on the command line, with a person at the browser, and syncs.
    pub(crate) async fn connect(&self, email: &str) -> Result<()> {
        self.connect_with(email, &[]).await
    }

    /// The same, with more said on the command line.
    pub(crate) async fn connect_with(&self, email: &str, more: &[&str]) -> Result<()> {
        let seen = self.desk.browser().opened().len();
        let mut connect = self.command(&[&["connect"], more].concat());
        let running = connect
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let back = self.consent(seen, Decision::Allow(email)).await?;
        self.come_back(&back).await?;
        let output = tokio::time::timeout(LIMIT, running.wait_with_output()).await??;
        ensure!(
            output.status.success(),
            "`duet connect`: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        self.duet(&["sync"]).await?;
        Ok(())
    }

    /// The state of an account as `duet accounts --json` has it.
    pub(crate) async fn account_state(&self, email: &str) -> Result<Option<String>> {
        let accounts = self.json(&["accounts"]).await?;
        let accounts = accounts.as_array().context("a list of accounts")?;
        Ok(accounts
            .iter()
            .find(|account| account["email"] == email)
            .and_then(|account| account["state"].as_str())
            .map(str::to_owned))
    }

    /// Waits until the sandbox has been asked something more than `before` times.
    pub(crate) async fn wait_for_requests(
        &self,
        endpoint: duet_sandbox::Endpoint,
        before: usize,
    ) -> Result<()> {
        until("a request to Google", LIMIT, || async {
            (self.google.count(endpoint) > before).then_some(())
        })
        .await
    }

    /// What Duet wrote into Ana's calendar at Google and stands there.
    pub(crate) fn written(&self) -> Vec<Value> {
        let own = |event: &Value| {
            event["extendedProperties"]["private"]["duet"] == "1" && event["status"] != "cancelled"
        };
        let events = self.google.events(ANA, ANA).into_iter();
        events.filter(own).collect()
    }

    /// Everything Duet logged, for the message of a failed test.
    pub(crate) fn logs(&self) -> String {
        let mut text = String::new();
        for folder in [
            self.data_dir(),
            self.data_dir().join("logs"),
            self.desk.folder().join("logs"),
        ] {
            for file in files(&folder) {
                let name = file.display().to_string();
                if !name.contains("log") || name.contains("sqlite") {
                    continue;
                }
                let bytes = std::fs::read(&file).unwrap_or_default();
                let tail = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(8_000)..]);
                text.push_str(&format!("\n--- {name} ---\n{tail}"));
            }
        }
        text
    }
}

/// The files right in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.is_file())
                .collect()
        })
        .unwrap_or_default()
}

/// The program under test.
pub(crate) fn duet() -> &'static str {
    env!("CARGO_BIN_EXE_duet")
}

/// The real time: the window under test lives in it.
#[expect(
    clippy::disallowed_methods,
    reason = "the test's own edge, where time enters"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
