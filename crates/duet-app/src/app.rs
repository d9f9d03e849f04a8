//! The application: one value that answers requests, owns the engine and announces changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex as SyncMutex, OnceLock};
use std::time::Duration;

use chrono::NaiveDate;
use duet_google::Config;
use duet_model::account::{AccountId, Failure};
use duet_model::topic::Topic;
use duet_model::zones::{Zone, ZoneDb};
use duet_store::{OpenError, Store};
use duet_sync::host::{Entropy, SystemRoutes, TokenVault, VaultError};
use duet_sync::{Background, Deps, Engine, EngineState, Nudge, PATIENCE};
use duet_wire::grid::GridView;
use duet_wire::status::Overview;
use duet_wire::{ErrorCode, Push, WireError};
use serde::Serialize;
use tokio::sync::{Mutex, Notify, RwLock};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clients::ClientPool;
use crate::commands::blocks::Deleted;
use crate::commands::events::Undo;
use crate::host::Host;
use crate::people::People;
use crate::signin::SignIn;
use crate::{announce, words};

/// How long [`App::stop`] waits for tasks to end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// What the application is opened with.
pub struct Opening {
    /// The machine.
    pub host: Arc<dyn Host>,
    /// Where tokens live.
    pub vault: Arc<dyn TokenVault>,
    /// Chance, for jitter.
    pub entropy: Arc<dyn Entropy>,
    /// Where everything but tokens lives.
    pub data_dir: PathBuf,
    /// The OAuth client of the environment: none, one, or why it cannot be used.
    pub config: Result<Option<Config>, String>,
    /// Zone data.
    pub zones: ZoneDb,
}

/// Why the application could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenError),
}

/// What the window paints before it has asked for anything.
#[derive(Debug, Serialize)]
pub struct Boot {
    /// Everything around the grid.
    pub overview: Overview,
    /// The first week.
    pub grid: GridView,
}

/// The application. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) vault: Arc<dyn TokenVault>,
    pub(crate) store: Store,
    pub(crate) zones: ZoneDb,
    pub(crate) data_dir: PathBuf,
    pub(crate) config: Result<Option<Config>, String>,
    pub(crate) clients: Arc<ClientPool>,
    pub(crate) signin: SignIn,
    /// Why tokens cannot be kept, as far as that is known.
    pub(crate) keychain: RwLock<Option<String>>,
    /// Held while the keychain is tried out: two at once would take each other's secret away.
    probing: Mutex<()>,
    /// The last deletions of this run, for undo.
    pub(crate) deleted: Mutex<Vec<Deleted>>,
    /// The last changes of Duet's own events in this run, for undo.
    pub(crate) undone: Mutex<Vec<Undo>>,
    /// Busy times of other people, asked for in this run.
    pub(crate) people: Mutex<People>,
    /// What was told of withdrawn keys, so that each is announced once and in order.
    pub(crate) told: SyncMutex<announce::Told>,
    pub(crate) status_bell: Arc<Notify>,
    pub(crate) tasks: TaskTracker,
    pub(crate) cancel: CancellationToken,
    entropy: Arc<dyn Entropy>,
    engine: OnceLock<Engine>,
}

impl App {
    /// Opens the store and is ready to answer. No sync runs yet, so that the window can paint
    /// first.
    ///
    /// # Errors
    /// When the data folder or the database in it cannot be used; the error says what to do.
    pub async fn open(opening: Opening) -> Result<Self, StartError> {
        let store = Store::open(&opening.data_dir).await?;
        let config = opening.config.clone().ok().flatten();
        let inner = Inner {
            clients: Arc::new(ClientPool::new(Arc::clone(&opening.host), config)),
            host: opening.host,
            vault: opening.vault,
            store,
            zones: opening.zones,
            data_dir: opening.data_dir,
            config: opening.config,
            signin: SignIn::default(),
            keychain: RwLock::new(None),
            probing: Mutex::default(),
            deleted: Mutex::new(Vec::new()),
            undone: Mutex::default(),
            people: Mutex::default(),
            told: SyncMutex::default(),
            status_bell: Arc::new(Notify::new()),
            tasks: TaskTracker::new(),
            cancel: CancellationToken::new(),
            entropy: opening.entropy,
            engine: OnceLock::new(),
        };
        let app = Self {
            inner: Arc::new(inner),
        };
        announce::start(&app);
        Ok(app)
    }

    /// Starts background sync: timers, focus, resume. Needs a Tokio runtime around it.
    pub fn start(&self) {
        self.engine(Background::On);
        let app = self.clone();
        self.inner
            .tasks
            .spawn(async move { app.look_at_keychain().await });
        self.inner.tasks.spawn(announce::invited::watch(self));
    }

    /// Ends everything that runs, and closes the database. Whoever quits does not wait for Google:
    /// a sign-in in its last step has five seconds, and is started again otherwise.
    pub async fn stop(&self) {
        if let Some(engine) = self.inner.engine.get() {
            engine.stop().await;
        }
        self.inner.cancel.cancel();
        self.inner.tasks.close();
        if tokio::time::timeout(GRACE, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("something was still under way and is broken off");
        }
        self.inner.store.close().await;
    }

    /// What the window paints first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn boot(&self) -> Result<Boot, WireError> {
        let from = self.this_week().await?;
        let (overview, grid) = tokio::try_join!(self.overview(), self.grid(from, 7))?;
        self.know_revoked(&overview.status);
        Ok(Boot { overview, grid })
    }

    /// Sends something to the window.
    pub fn push(&self, push: Push) {
        self.inner.host.push(push);
    }

    /// The window gained or lost the person's attention.
    pub fn focused(&self, focused: bool) {
        if let Some(engine) = self.inner.engine.get() {
            engine.set_focused(focused);
        }
        if focused {
            // Who comes back may just have unlocked the keychain. Rung, not spawned: the window
            // system calls from a thread of its own.
            self.inner.status_bell.notify_one();
        }
    }

    /// "Sync now", without waiting for it.
    pub fn sync_soon(&self) {
        self.nudge(Nudge::User, None);
    }

    /// The zone that days and wall clocks are shown in. Where the system's zone is unknown to the
    /// zone data, UTC.
    pub fn zone(&self) -> Zone {
        self.inner
            .zones
            .zone(&self.inner.host.zone())
            .unwrap_or_else(Zone::utc)
    }

    /// The date of today in the display zone.
    pub fn today(&self) -> NaiveDate {
        self.zone().to_wall(self.inner.host.now()).date()
    }

    pub(crate) fn nudge(&self, nudge: Nudge, account: Option<AccountId>) {
        if let Some(engine) = self.inner.engine.get() {
            engine.nudge(nudge, account);
        }
    }

    pub(crate) fn engine(&self, background: Background) -> &Engine {
        self.inner.engine.get_or_init(|| {
            let side = announce::EngineSide::new(self);
            Engine::start(Deps {
                store: self.inner.store.clone(),
                data_dir: self.inner.data_dir.clone(),
                vault: Arc::clone(&self.inner.vault),
                clients: Arc::clone(&self.inner.clients) as _,
                clock: Arc::clone(&side) as _,
                entropy: Arc::clone(&self.inner.entropy),
                zones: self.inner.zones.clone(),
                listener: side,
                network: Arc::new(SystemRoutes),
                background,
                patience: PATIENCE,
                persistent: background == Background::Off,
            })
        })
    }

    pub(crate) fn has_engine(&self) -> bool {
        self.inner.engine.get().is_some()
    }

    pub(crate) fn engine_state(&self) -> EngineState {
        self.inner
            .engine
            .get()
            .map(Engine::state)
            .unwrap_or_default()
    }

    /// Drops what the engine keeps in memory of an account.
    pub(crate) fn forget_account(&self, id: AccountId) {
        if let Some(engine) = self.inner.engine.get() {
            engine.tokens().forget(id);
        }
    }

    pub(crate) async fn client_for(&self, demo: bool) -> Result<duet_google::Client, Failure> {
        self.inner.clients.get(demo).await
    }

    /// Looks once, without a question to the person, whether tokens can be kept.
    async fn look_at_keychain(&self) {
        let ready = self.inner.vault.ready().await;
        self.keychain_is(ready.err().map(|error| error.words()))
            .await;
    }

    /// The same, if it could not be used when it was last heard of.
    pub(crate) async fn look_again_at_keychain(&self) {
        if self.inner.keychain.read().await.is_some() {
            self.look_at_keychain().await;
        }
    }

    async fn keychain_is(&self, why: Option<String>) {
        let changed = {
            let mut known = self.inner.keychain.write().await;
            let changed = *known != why;
            *known = why;
            changed
        };
        if changed {
            self.push(Push::Changed {
                topics: vec![Topic::Accounts],
            });
        }
    }

    /// Refuses to open a browser when the key could not be kept afterwards.
    pub(crate) async fn check_keychain(&self) -> Result<(), WireError> {
        self.probe_keychain()
            .await
            .map_err(|error| WireError::new(ErrorCode::Keychain, words::not_kept(&error)))
    }

    /// Tries the keychain out, and remembers how that went.
    pub(crate) async fn probe_keychain(&self) -> Result<(), VaultError> {
        let _alone = self.inner.probing.lock().await;
        let probed = words::probe(&self.inner.vault).await;
        self.keychain_is(probed.as_ref().err().map(words::not_kept))
            .await;
        probed
    }
}
