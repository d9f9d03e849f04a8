//! A machine made of plain values: a clock that is set, a vault in memory, a browser that notes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use duet_app::host::{TokenVault, VaultError};
use duet_app::{App, Host, Notice, Opening};
use duet_google::Config;
use duet_model::account::{Failure, FailureCode, Tier};
use duet_model::zones::ZoneDb;
use duet_sandbox::{ClientKind, Control, Options, Sandbox, World};
use duet_sync::host::Entropy;
use duet_wire::Push;
use secrecy::{ExposeSecret, SecretSlice};

pub(crate) const ANA: &str = "ana@example.com";
pub(crate) const BEN: &str = "ben@example.org";

#[derive(Default)]
pub(crate) struct MemoryVault {
    pub(crate) secrets: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) locked: AtomicBool,
}

impl MemoryVault {
    fn open(&self) -> Result<(), VaultError> {
        if self.locked.load(Ordering::Relaxed) {
            Err(VaultError::Locked)
        } else {
            Ok(())
        }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.secrets.lock().unwrap().keys().cloned().collect()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError> {
        self.open()?;
        let secrets = self.secrets.lock().unwrap();
        secrets
            .get(key)
            .cloned()
            .map(SecretSlice::from)
            .ok_or(VaultError::Missing)
    }

    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError> {
        self.open()?;
        self.secrets
            .lock()
            .unwrap()
            .insert(key.to_owned(), secret.expose_secret().to_vec());
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), VaultError> {
        self.open()?;
        self.secrets.lock().unwrap().remove(key);
        Ok(())
    }

    async fn ready(&self) -> Result<(), VaultError> {
        self.open()
    }
}

pub(crate) struct Machine {
    pub(crate) now: Mutex<DateTime<Utc>>,
    pub(crate) opened: Mutex<Vec<String>>,
    pub(crate) notices: Mutex<Vec<Notice>>,
    counter: AtomicU64,
}

#[async_trait]
impl Host for Machine {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn entropy(&self) -> [u8; 64] {
        let round = self.counter.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        std::array::from_fn(|index| round[index % 8] ^ u8::try_from(index).unwrap())
    }

    fn new_id(&self) -> String {
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        format!("{number:08x}-0000-4000-8000-000000000000")
    }

    fn zone(&self) -> String {
        "Europe/Berlin".to_owned()
    }

    fn open_url(&self, url: &str) -> Result<(), String> {
        self.opened.lock().unwrap().push(url.to_owned());
        Ok(())
    }

    fn notify(&self, notice: Notice) {
        self.notices.lock().unwrap().push(notice);
    }

    fn push(&self, _push: Push) {}

    fn autostart(&self) -> bool {
        false
    }

    fn set_autostart(&self, _on: bool) -> Result<(), String> {
        Ok(())
    }

    async fn demo(&self) -> Result<Config, Failure> {
        Err(Failure {
            code: FailureCode::Internal,
            message: "There is no demo in this test.".to_owned(),
            at: self.now(),
        })
    }

    async fn demo_running(&self) -> Option<Config> {
        None
    }

    async fn demo_consent(&self, _url: &str) -> Result<String, Failure> {
        Err(self.demo().await.unwrap_err())
    }
}

struct Dice(AtomicU64);

impl Entropy for Dice {
    fn next_u64(&self) -> u64 {
        self.0.fetch_add(0x9E37_79B9_7F4A_7C15, Ordering::Relaxed)
    }
}

/// Where a commit waits for no disk.
fn fast_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .unwrap()
}

/// Google, a machine and what persists between two runs of Duet on it.
pub(crate) struct Desk {
    pub(crate) sandbox: Sandbox,
    pub(crate) machine: Arc<Machine>,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) dir: tempfile::TempDir,
    client: ClientKind,
}

impl Desk {
    pub(crate) async fn with(client: ClientKind) -> Self {
        // A Wednesday, so that the week has days before and after it.
        let now = DateTime::parse_from_rfc3339("2026-11-25T11:00:00Z")
            .unwrap()
            .to_utc();
        Self::around(World::small(now.date_naive()), now, client).await
    }

    /// A desk before a world of one's own.
    pub(crate) async fn around(world: World, now: DateTime<Utc>, client: ClientKind) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = Options {
            clock: Some(now),
            client,
            ..Options::default()
        };
        let sandbox = Sandbox::start_with(world, options).await.unwrap();
        sandbox.control().sign_in_as(ANA);
        Self {
            sandbox,
            machine: Arc::new(Machine {
                now: Mutex::new(now),
                opened: Mutex::default(),
                notices: Mutex::default(),
                counter: AtomicU64::new(1),
            }),
            vault: Arc::default(),
            dir: fast_folder(),
            client,
        }
    }

    /// Duets that come back by deep link.
    pub(crate) async fn new() -> Self {
        Self::with(ClientKind::Ios).await
    }

    pub(crate) fn control(&self) -> Control {
        self.sandbox.control()
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Starts Duet.
    pub(crate) async fn duet(&self) -> App {
        self.duet_in(self.path()).await
    }

    /// Starts Duet on another data folder: the same person's, after a re-installation.
    pub(crate) async fn duet_in(&self, path: &Path) -> App {
        let variables = self.sandbox.env();
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.clone())
        };
        App::open(Opening {
            host: Arc::clone(&self.machine) as _,
            vault: Arc::clone(&self.vault) as _,
            entropy: Arc::new(Dice(AtomicU64::new(7))),
            data_dir: path.to_owned(),
            config: Config::from_env(lookup).map_err(|error| error.to_string()),
            zones: ZoneDb::bundled(),
        })
        .await
        .unwrap()
    }

    /// The address that the browser was last sent to.
    pub(crate) fn page(&self) -> String {
        self.machine
            .opened
            .lock()
            .unwrap()
            .last()
            .cloned()
            .expect("a browser was opened")
    }

    /// The address that Google's page sends the browser back to.
    pub(crate) fn allow(&self) -> String {
        self.control()
            .approve(&self.page())
            .expect("the page is a good one")
    }

    /// Duet with Ana's account, synced.
    pub(crate) async fn connected(&self) -> App {
        self.connected_at(Tier::Read).await
    }

    /// The same, with a permission.
    pub(crate) async fn connected_at(&self, tier: Tier) -> App {
        let duet = self.duet().await;
        self.connect(&duet, tier).await;
        duet
    }

    /// Connects Ana's account and syncs it.
    pub(crate) async fn connect(&self, duet: &App, tier: Tier) {
        self.connect_as(duet, ANA, tier).await;
    }

    /// Connects an account and syncs it.
    pub(crate) async fn connect_as(&self, duet: &App, email: &str, tier: Tier) {
        self.control().sign_in_as(email);
        let wish = duet_app::signin::Wish {
            tier,
            ..duet_app::signin::Wish::default()
        };
        duet.connect(wish).await.unwrap();
        assert!(
            duet.callback(&self.allow()).await,
            "the answer was the right one"
        );
        assert_eq!(duet.connected().await.unwrap(), email);
        duet.sync_now(None, false).await.unwrap();
    }

    pub(crate) fn later(&self, by: chrono::TimeDelta) {
        *self.machine.now.lock().unwrap() += by;
        self.control().advance(by);
    }

    pub(crate) fn client(&self) -> ClientKind {
        self.client
    }
}
