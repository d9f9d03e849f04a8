//! The desk itself: starts the screen, the bus, the keyring, the notification daemon and the tray,
//! hands out an environment in which programs see only these, and takes everything down again.

use std::ffi::OsStr;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use zbus::Connection;

use crate::browser::Browser;
use crate::bus::{self, PATIENCE};
use crate::keyring::{Client, SERVICE, Secret};
use crate::notifications::NotificationDaemon;
use crate::picture::Picture;
use crate::processes::{self, MARKER, Process, Watchdog};
use crate::programs::locate;
use crate::tray::TrayHost;
use crate::wait::until;

/// The password of the desk's keyring. It protects nothing: the keyring dies with the desk.
const PASSWORD: &[u8] = b"desk";

/// The longest folder for temporary files that leaves room for the names of sockets in a desk.
const LONGEST_BASE: usize = 40;

/// The state of the keyring when the desk is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// There, and open: what a person has after signing in.
    Unlocked,
    /// There, but locked, and nobody to type the password.
    Locked,
    /// No Secret Service at all.
    None,
}

/// What stands on the desk.
#[derive(Clone, Debug)]
pub struct Options {
    /// Width and height of the screen in pixels.
    pub screen: (u32, u32),
    /// The keyring; needs the bus.
    pub keyring: Keyring,
    /// A session bus. Without it there is no keyring, no notification and no tray either.
    pub bus: bool,
    /// A notification daemon.
    pub notifications: bool,
    /// A tray host.
    pub tray_host: bool,
    /// Whether programs see a dark desktop.
    pub dark: bool,
    /// Further variables for every program in the desk.
    pub env: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            screen: (1280, 800),
            keyring: Keyring::Unlocked,
            bus: true,
            notifications: true,
            tray_host: true,
            dark: false,
            env: Vec::new(),
        }
    }
}

/// A running private desktop session. Dropping it kills every program that was started in it.
#[derive(Debug)]
pub struct Desk {
    // Dropped last to first in meaning: `Drop` kills the programs, then these fields fall.
    env: Vec<(String, String)>,
    id: String,
    address: Option<String>,
    bus: Option<Connection>,
    notifications: Option<NotificationDaemon>,
    tray: Option<TrayHost>,
    browser: Browser,
    daemons: Vec<Child>,
    keyring: Option<Child>,
    _watchdog: Watchdog,
    folder: tempfile::TempDir,
}

impl Desk {
    /// Starts a desk and waits until everything on it answers.
    ///
    /// # Errors
    /// When a program is missing (the error names its Debian package) or does not come up.
    pub async fn start(options: Options) -> Result<Self> {
        // Short, because a socket's path may not exceed 107 bytes.
        let mut base = std::env::temp_dir();
        if base.as_os_str().len() > LONGEST_BASE {
            base = "/tmp".into();
        }
        let folder = tempfile::Builder::new()
            .prefix("desk-")
            .tempdir_in(&base)
            .with_context(|| format!("a folder in {}", base.display()))?;
        let id = folder
            .path()
            .file_name()
            .and_then(OsStr::to_str)
            .context("the desk's folder has no plain name")?
            .to_owned();
        for part in [
            "run",
            "home",
            "bin",
            "screen",
            "logs",
            "home/data",
            "home/config",
            "home/cache",
        ] {
            private_folder(&folder.path().join(part))?;
        }
        let watchdog = Watchdog::start(&id, folder.path())?;
        let browser =
            Browser::install(&folder.path().join("bin"), folder.path().join("opened.txt"))?;
        let mut desk = Self {
            env: Vec::new(),
            id,
            address: None,
            bus: None,
            notifications: None,
            tray: None,
            browser,
            daemons: Vec::new(),
            keyring: None,
            _watchdog: watchdog,
            folder,
        };
        desk.env = desk.base_env(&options)?;
        desk.start_screen(options.screen).await?;
        if options.bus {
            desk.start_bus().await?;
            if options.keyring != Keyring::None {
                desk.start_keyring().await?;
            }
            if options.keyring == Keyring::Locked {
                desk.lock_keyring().await?;
            }
            let address = desk.address.clone().context("the bus has no address")?;
            if options.notifications {
                desk.notifications = Some(NotificationDaemon::start(&address).await?);
            }
            if options.tray_host {
                desk.tray = Some(TrayHost::start(&address).await?);
            }
        }
        Ok(desk)
    }

    /// The environment of the desk's programs.
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    /// The folder that goes away with the desk; logs are in `logs/`.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder that stands first on the desk's PATH.
    pub fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    /// Puts an executable shell script on the desk's PATH, before everything else.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn install_script(&self, name: &str, text: &str) -> Result<()> {
        crate::browser::write_script(&self.bin().join(name), text)
    }

    /// A command that runs in the desk: its environment alone, its own process group, no input,
    /// killed when its handle is dropped.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path().join("home"))
            .stdin(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        command
    }

    /// A file in the desk's log folder, opened for appending.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn log_file(&self, name: &str) -> Result<File> {
        let path = self.log_path(name);
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .with_context(|| format!("opening {}", path.display()))
    }

    /// Where the log of this name stands.
    pub fn log_path(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(format!("{name}.log"))
    }

    /// What the screen shows now.
    ///
    /// # Errors
    /// When Xvfb's frame buffer cannot be read.
    pub async fn picture(&self) -> Result<Picture> {
        let path = self.folder.path().join("screen/Xvfb_screen0");
        let bytes = tokio::fs::read(&path).await.context("reading the screen")?;
        Picture::from_xwd(&bytes)
    }

    /// Writes what the screen shows as a PNG file.
    ///
    /// # Errors
    /// When the screen cannot be read or the file not written.
    pub async fn screenshot(&self, path: impl AsRef<Path>) -> Result<()> {
        self.picture().await?.write_png(path.as_ref())
    }

    /// Waits until the screen shows more than `colors` colours and has not changed for `still`.
    ///
    /// # Errors
    /// When that does not happen within `limit`.
    pub async fn wait_for_still_picture(
        &self,
        colors: usize,
        still: Duration,
        limit: Duration,
    ) -> Result<Picture> {
        let last = std::sync::Mutex::new((tokio::time::Instant::now(), self.picture().await?));
        until("a picture that stands still", limit, || async {
            let now = self.picture().await.ok()?;
            let mut last = last
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if last.1 != now {
                *last = (tokio::time::Instant::now(), now);
                return None;
            }
            (last.0.elapsed() >= still && now.colors() > colors).then_some(now)
        })
        .await
    }

    /// The notification daemon.
    ///
    /// # Panics
    /// When the desk was started without one.
    pub fn notifications(&self) -> &NotificationDaemon {
        self.notifications
            .as_ref()
            .expect("the desk was started without notifications")
    }

    /// The tray host.
    ///
    /// # Panics
    /// When the desk was started without one.
    pub fn tray(&self) -> &TrayHost {
        self.tray
            .as_ref()
            .expect("the desk was started without a tray host")
    }

    /// The stand-in for the system browser.
    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// A connection to the desk's bus, for whatever else a test wants to ask there.
    ///
    /// # Errors
    /// When the desk has no bus.
    pub fn bus(&self) -> Result<&Connection> {
        self.bus
            .as_ref()
            .context("the desk was started without a bus")
    }

    /// Every process that was started in the desk and lives, with arguments and environment.
    pub fn processes(&self) -> Vec<Process> {
        processes::marked(&self.id)
    }

    /// Starts the keyring daemon and opens its collection; the way back after
    /// [`Desk::kill_keyring`] and [`Desk::lock_keyring`] alike.
    ///
    /// # Errors
    /// When it does not come up.
    pub async fn start_keyring(&mut self) -> Result<()> {
        if self.keyring.is_some() {
            self.kill_keyring().await?;
        }
        let mut child = self
            .command(locate("gnome-keyring-daemon")?)
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(self.log_file("keyring")?)
            .stderr(self.log_file("keyring")?)
            .spawn()
            .context("starting gnome-keyring-daemon")?;
        let mut input = child.stdin.take().context("the keyring has no input")?;
        input.write_all(PASSWORD).await?;
        drop(input); // The password ends with the input.
        self.keyring = Some(child);
        bus::wait_for_name(self.bus()?, SERVICE).await?;
        until("the keyring to be open", PATIENCE, || async {
            let client = Client::new(self.bus().ok()?).await.ok()?;
            (!client.is_locked().await.ok()?).then_some(())
        })
        .await
    }

    /// Kills the keyring daemon, as a crash would.
    ///
    /// # Errors
    /// When there is none, or its name stays on the bus.
    pub async fn kill_keyring(&mut self) -> Result<()> {
        let mut child = self.keyring.take().context("the desk has no keyring")?;
        child.kill().await?;
        bus::wait_for_no_name(self.bus()?, SERVICE).await
    }

    /// Locks the keyring; there is no prompt on a desk, so it stays so.
    ///
    /// # Errors
    /// When there is none.
    pub async fn lock_keyring(&self) -> Result<()> {
        Client::new(self.bus()?).await?.lock().await
    }

    /// Everything in the keyring whose attributes contain these; none given = everything.
    ///
    /// # Errors
    /// When there is no keyring.
    pub async fn secret_search(&self, attributes: &[(&str, &str)]) -> Result<Vec<Secret>> {
        Client::new(self.bus()?).await?.search(attributes).await
    }

    /// Stores a secret as another program would.
    ///
    /// # Errors
    /// When there is no keyring or it is locked.
    pub async fn secret_store(
        &self,
        label: &str,
        attributes: &[(&str, &str)],
        value: &[u8],
    ) -> Result<()> {
        Client::new(self.bus()?)
            .await?
            .store(label, attributes, value)
            .await
    }

    fn base_env(&self, options: &Options) -> Result<Vec<(String, String)>> {
        let folder = self.folder.path();
        let home = folder.join("home");
        let text = |path: &Path| path.display().to_string();
        let path = std::env::var("PATH").context("PATH is not set")?;
        let mut env: Vec<(String, String)> = [
            (MARKER, self.id.clone()),
            ("PATH", format!("{}:{path}", text(&self.bin()))),
            ("HOME", text(&home)),
            ("XDG_RUNTIME_DIR", text(&folder.join("run"))),
            ("XDG_DATA_HOME", text(&home.join("data"))),
            ("XDG_CONFIG_HOME", text(&home.join("config"))),
            ("XDG_CACHE_HOME", text(&home.join("cache"))),
            ("XDG_SESSION_TYPE", "x11".into()),
            (
                "USER",
                std::env::var("USER").unwrap_or_else(|_| "desk".into()),
            ),
            ("LANG", "C.UTF-8".into()),
            ("GDK_BACKEND", "x11".into()),
            // No accessibility bus, settings daemon or virtual file systems: none is on this bus,
            // and GTK would wait for each in turn.
            ("NO_AT_BRIDGE", "1".into()),
            ("GTK_A11Y", "none".into()),
            ("GSETTINGS_BACKEND", "memory".into()),
            ("GIO_USE_VFS", "local".into()),
            // libdbus would start a bus of its own for a display that has none.
            (
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={}", text(&folder.join("no-bus"))),
            ),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        if let Ok(backtrace) = std::env::var("RUST_BACKTRACE") {
            env.push(("RUST_BACKTRACE".into(), backtrace));
        }
        env.extend(self.browser.env(&self.bin()));
        let settings = home.join("config/gtk-3.0");
        private_folder(&settings)?;
        std::fs::write(
            settings.join("settings.ini"),
            format!(
                "[Settings]\ngtk-theme-name=Adwaita\ngtk-application-prefer-dark-theme={}\n",
                u8::from(options.dark)
            ),
        )?;
        if options.dark {
            env.push(("GTK_THEME".into(), "Adwaita:dark".into()));
        }
        env.extend(options.env.iter().cloned());
        Ok(env)
    }

    fn set_env(&mut self, name: &str, value: String) {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value));
    }

    async fn start_screen(&mut self, (width, height): (u32, u32)) -> Result<()> {
        let child = self
            .command(locate("Xvfb")?)
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                &format!("{width}x{height}x24"),
            ])
            .args(["-nolisten", "tcp", "-noreset", "-fbdir"])
            .arg(self.folder.path().join("screen"))
            .stdout(Stdio::piped())
            .stderr(self.log_file("xvfb")?)
            .spawn()
            .context("starting Xvfb")?;
        let number = self.first_line(child, "Xvfb").await?;
        self.set_env("DISPLAY", format!(":{number}"));
        Ok(())
    }

    async fn start_bus(&mut self) -> Result<()> {
        let config = bus::configure(self.folder.path())?;
        let child = self
            .command(locate("dbus-daemon")?)
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(self.log_file("dbus")?)
            .spawn()
            .context("starting dbus-daemon")?;
        let address = self.first_line(child, "dbus-daemon").await?;
        self.bus = Some(bus::connect(&address).await?);
        self.set_env("DBUS_SESSION_BUS_ADDRESS", address.clone());
        self.address = Some(address);
        Ok(())
    }

    /// Keeps a daemon and gives the first line it prints, which is how both say that they are up.
    async fn first_line(&mut self, mut child: Child, name: &str) -> Result<String> {
        let output = child
            .stdout
            .take()
            .with_context(|| format!("{name} has no output"))?;
        self.daemons.push(child);
        let mut line = String::new();
        let mut output = BufReader::new(output);
        match tokio::time::timeout(PATIENCE, output.read_line(&mut line)).await {
            Ok(Ok(count)) if count > 0 => Ok(line.trim().to_owned()),
            Ok(_) | Err(_) => bail!("{name} did not start: {}", self.log_tail(name)),
        }
    }

    /// The end of every log, for an error message.
    pub(crate) fn log_tail(&self, name: &str) -> String {
        let Ok(entries) = std::fs::read_dir(self.folder.path().join("logs")) else {
            return format!("no log of {name}");
        };
        entries
            .flatten()
            .filter_map(|entry| {
                let text = std::fs::read(entry.path()).ok()?;
                let text = String::from_utf8_lossy(&text[text.len().saturating_sub(4_000)..]);
                let text = text.trim();
                (!text.is_empty())
                    .then(|| format!("\n--- {} ---\n{text}", entry.file_name().display()))
            })
            .collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let groups: Vec<u32> = self
            .daemons
            .iter()
            .chain(&self.keyring)
            .filter_map(Child::id)
            .collect();
        processes::kill_all(&self.id, &groups);
    }
}

fn private_folder(path: &Path) -> Result<()> {
    DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(path)
        .with_context(|| format!("creating {}", path.display()))
}
