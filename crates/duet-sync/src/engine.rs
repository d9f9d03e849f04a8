//! The engine: one task that owns an actor for each account, and the handle that others hold.
//!
//! Whatever wants a sync only nudges; the actor decides by [`crate::schedule`] whether one is due.
//! A sync that fails, stalls or panics concerns its own account alone.

mod actor;
mod asking;
mod footprint;
mod mailbox;
mod people;
mod standing;
mod state;
mod supervisor;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use duet_model::account::{Account, AccountId};
use duet_model::zones::ZoneDb;
use duet_store::{Store, StoreError};
use duet_wire::status::{AccountReport, Outcome, SyncReport};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::host::{Clients, Clock, Entropy, Listener, Network, TokenVault};
use crate::limit::Budget;
use crate::lock::{LockError, SyncLock};
use crate::schedule::Nudge;
use crate::tokens::Tokens;
pub use footprint::{Footprint, Written};
use mailbox::{Mailbox, Order};
pub use people::{MOST_DAYS, MOST_PEOPLE, PersonAnswer, PersonBusy};
pub use state::EngineState;
use state::StateBoard;

/// How long [`Engine::stop`] waits for tasks to end by themselves.
const GRACE: Duration = Duration::from_secs(5);

/// How long a sync that somebody asked for waits for another Duet process by default.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Does the engine act by itself?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Timers, focus, resume: the window.
    On,
    /// Only [`Engine::sync_now`]: the command line.
    Off,
}

/// What the engine is made of.
pub struct Deps {
    /// The database.
    pub store: Store,
    /// The data folder, for the lock.
    pub data_dir: PathBuf,
    /// The keychain.
    pub vault: Arc<dyn TokenVault>,
    /// Google, or the demo.
    pub clients: Arc<dyn Clients>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The zones of the world.
    pub zones: ZoneDb,
    /// Who wants to know.
    pub listener: Arc<dyn Listener>,
    /// The network. [`crate::host::SystemRoutes`] asks the system.
    pub network: Arc<dyn Network>,
    /// Does the engine act by itself?
    pub background: Background,
    /// How long a sync that somebody asked for waits for another process; [`PATIENCE`] as a rule.
    pub patience: Duration,
    /// Is a sync that somebody waits for tried again while it fails in passing? For a command, which
    /// has no timer that would ([`crate::schedule::once_more`]).
    pub persistent: bool,
}

/// What all tasks share.
pub(crate) struct Shared {
    store: Store,
    clients: Arc<dyn Clients>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    zones: ZoneDb,
    listener: Arc<dyn Listener>,
    network: Arc<dyn Network>,
    background: Background,
    patience: Duration,
    persistent: bool,
    tokens: Tokens,
    lock: SyncLock,
    board: StateBoard,
    focused: AtomicBool,
    mailboxes: Mutex<HashMap<AccountId, Arc<Mailbox>>>,
    /// One for each account, whoever sends for it.
    budgets: Mutex<HashMap<AccountId, Arc<Budget>>>,
    /// Nudges for everyone that came before anyone was there: a link starts Duet and asks for a
    /// sync in one breath. `None` once the accounts have been looked at.
    early: Mutex<Option<Vec<Nudge>>>,
    /// Rung when the set of accounts may have changed.
    bell: Notify,
    /// The bell was rung and nobody has looked yet.
    rung: AtomicBool,
    /// How many tasks are in the middle of something.
    stirring: AtomicUsize,
    cancel: CancellationToken,
}

impl Shared {
    fn mailbox(&self, account: AccountId) -> Arc<Mailbox> {
        let mut all = self
            .mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(account).or_default())
    }

    fn budget(&self, account: AccountId) -> Arc<Budget> {
        let mut all = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(account).or_default())
    }

    fn nudge_all(&self, nudge: Nudge) {
        let mut early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(early) = &mut *early {
            early.push(nudge);
        }
        drop(early);
        let all = self
            .mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for mailbox in all.values() {
            mailbox.nudge(nudge);
        }
    }

    /// Everyone is there now: passes on what came before.
    fn everyone_is_there(&self) {
        let early = self
            .early
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        for nudge in early.into_iter().flatten() {
            self.nudge_all(nudge);
        }
    }

    fn ring(&self) {
        self.rung.store(true, Ordering::SeqCst);
        self.bell.notify_one();
    }

    /// Something is being done until the value is dropped.
    fn stir(&self) -> Stir<'_> {
        self.stirring.fetch_add(1, Ordering::SeqCst);
        Stir(&self.stirring)
    }

    fn is_idle(&self) -> bool {
        let all = self
            .mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        !self.rung.load(Ordering::SeqCst)
            && all.values().all(|mailbox| mailbox.is_empty())
            && self.stirring.load(Ordering::SeqCst) == 0
    }

    fn close_mailbox(&self, account: AccountId) {
        self.mailboxes
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&account);
        self.budgets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&account);
    }
}

struct Stir<'a>(&'a AtomicUsize);

impl Drop for Stir<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum SyncNowError {
    /// Another Duet process was syncing all the time.
    #[error("Another Duet is syncing right now. What it fetches is shared; try again in a moment.")]
    Busy,
    /// The engine was stopped.
    #[error("Duet is shutting down.")]
    Stopped,
    /// The accounts could not be read.
    #[error("the accounts could not be read: {0}")]
    Store(#[from] StoreError),
    /// The lock file cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// The running engine. Dropping it stops it without waiting; [`Engine::stop`] waits.
pub struct Engine {
    shared: Arc<Shared>,
    state: watch::Receiver<EngineState>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Starts the engine on the current Tokio runtime.
    pub fn start(deps: Deps) -> Self {
        let tokens = Tokens::new(
            Arc::clone(&deps.vault),
            Arc::clone(&deps.clients),
            Arc::clone(&deps.clock),
            Arc::clone(&deps.listener),
        );
        let (board, state) = StateBoard::new(Arc::clone(&deps.listener));
        let shared = Arc::new(Shared {
            lock: SyncLock::new(Path::new(&deps.data_dir)),
            store: deps.store,
            clients: deps.clients,
            clock: deps.clock,
            entropy: deps.entropy,
            zones: deps.zones,
            listener: deps.listener,
            network: deps.network,
            background: deps.background,
            patience: deps.patience,
            persistent: deps.persistent,
            tokens,
            board,
            focused: AtomicBool::new(false),
            mailboxes: Mutex::default(),
            budgets: Mutex::default(),
            early: Mutex::new(Some(Vec::new())),
            bell: Notify::new(),
            rung: AtomicBool::new(true),
            stirring: AtomicUsize::new(0),
            cancel: CancellationToken::new(),
        });
        let task = tokio::spawn(supervisor::run(Arc::clone(&shared)));
        Self {
            shared,
            state,
            task: Mutex::new(Some(task)),
        }
    }

    /// Tells that a sync may be due: of one account, or of all. Never waits.
    ///
    /// [`Nudge::Connected`] must name the account, after its token and its row are stored.
    pub fn nudge(&self, nudge: Nudge, account: Option<AccountId>) {
        if nudge == Nudge::Focus {
            self.shared.focused.store(true, Ordering::Relaxed);
        }
        if nudge == Nudge::User {
            self.shared.tokens.ask_again();
        }
        match account {
            Some(account) => {
                if nudge == Nudge::Connected {
                    self.shared.tokens.forget(account);
                    self.shared.tokens.ask_again();
                }
                self.shared.mailbox(account).nudge(nudge);
            }
            None => self.shared.nudge_all(nudge),
        }
        self.shared.ring();
    }

    /// Tells whether the window has the person's attention. Gaining it also nudges.
    pub fn set_focused(&self, focused: bool) {
        self.shared.focused.store(focused, Ordering::Relaxed);
        if focused {
            self.nudge(Nudge::Focus, None);
        }
    }

    /// Syncs these accounts now, or all where none are named, and tells how it went. `full` lists all
    /// calendars anew.
    ///
    /// Waits for another process that is syncing, for as long as [`Deps::patience`] says, which
    /// [`EngineState::waiting`] shows.
    ///
    /// # Errors
    /// Where there is no result at all. That an account failed is part of the report.
    pub async fn sync_now(
        &self,
        accounts: &[AccountId],
        full: bool,
    ) -> Result<SyncReport, SyncNowError> {
        self.run_now(accounts, full, false).await
    }

    /// Sends what waits to be written to these accounts now, or to all where none are named, and tells
    /// how it went. Looks for nothing else.
    ///
    /// # Errors
    /// As [`Engine::sync_now`].
    pub async fn push_now(&self, accounts: &[AccountId]) -> Result<SyncReport, SyncNowError> {
        self.run_now(accounts, false, true).await
    }

    async fn run_now(
        &self,
        accounts: &[AccountId],
        full: bool,
        push_only: bool,
    ) -> Result<SyncReport, SyncNowError> {
        let shared = &self.shared;
        let mut chosen = shared.store.accounts().await?;
        chosen.retain(|account| accounts.is_empty() || accounts.contains(&account.id));
        let result = tokio::select! {
            biased;
            () = shared.cancel.cancelled() => Err(SyncNowError::Stopped),
            result = self.order(chosen, full, push_only) => result,
        };
        shared.board.set_waiting(false);
        result
    }

    async fn order(
        &self,
        accounts: Vec<Account>,
        full: bool,
        push_only: bool,
    ) -> Result<SyncReport, SyncNowError> {
        let shared = &self.shared;
        shared.tokens.ask_again();
        // Held until all are done, so that no other process comes between two accounts.
        let taken = shared
            .lock
            .take(shared.patience, || shared.board.set_waiting(true))
            .await;
        shared.board.set_waiting(false);
        let _guard = taken.map_err(|error| match error {
            LockError::Taken => SyncNowError::Busy,
            other => SyncNowError::Lock(other),
        })?;
        let mut answers = Vec::with_capacity(accounts.len());
        for account in accounts {
            let (reply, answer) = oneshot::channel();
            shared.mailbox(account.id).order(Order {
                full,
                push_only,
                reply,
            });
            answers.push((account, answer));
        }
        shared.ring();
        let mut report = SyncReport::default();
        for (account, answer) in answers {
            // The sender is gone only with its account: removed while it waited.
            report
                .accounts
                .push(answer.await.unwrap_or_else(|_| AccountReport {
                    error: Some("The account was disconnected meanwhile.".into()),
                    ..blank_report(account.email, Outcome::Failed)
                }));
        }
        Ok(report)
    }

    /// How syncing stands now.
    pub fn state(&self) -> EngineState {
        self.state.borrow().clone()
    }

    /// The same, to be watched.
    pub fn watch(&self) -> watch::Receiver<EngineState> {
        self.state.clone()
    }

    /// Is nothing under way, and every nudge looked at? What is only planned does not count.
    pub fn is_idle(&self) -> bool {
        self.shared.is_idle()
    }

    /// The access tokens, for whoever else must speak to Google for an account.
    pub fn tokens(&self) -> &Tokens {
        &self.shared.tokens
    }

    /// Ends all syncing. What was written stays whole, what was under way is asked again next time.
    /// Returns when every task has ended, after five seconds by force.
    pub async fn stop(&self) {
        self.shared.cancel.cancel();
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut task) = task else { return };
        if tokio::time::timeout(GRACE, &mut task).await.is_err() {
            tracing::warn!("the engine did not end by itself and is broken off");
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.cancel.cancel();
    }
}

fn blank_report(email: String, outcome: Outcome) -> AccountReport {
    AccountReport {
        email,
        outcome,
        calendars: Default::default(),
        events: Default::default(),
        requests: 0,
        blocks: Default::default(),
        error: None,
        failures: Vec::new(),
        wait_until: None,
        sent: 0,
        stuck: 0,
    }
}
