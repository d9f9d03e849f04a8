//! What the tests stand on: a sandbox, a store in a temporary folder, a keychain in memory, a listener
//! that remembers, and two ways to let time pass.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use duet_google::auth::RefreshToken;
use duet_google::{Client, Config};
use duet_model::account::{Account, AccountId, Tier};
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_sandbox::{Control, Options, Sandbox, World, scopes};
use duet_store::{NewAccount, Store};
use duet_sync::host::{Clock, Entropy, Listener, Network, TokenVault, VaultError};
use duet_sync::{Background, Clients, Deps, Engine, store_refresh_token};
use duet_wire::accounts::Progress;
use duet_wire::status::{AccountReport, Outcome};
use secrecy::SecretSlice;
use tempfile::TempDir;
use tokio::time::Instant;

pub(crate) const ANA: &str = "ana@example.com";
pub(crate) const BEN: &str = "ben@example.org";

/// From and to.
pub(crate) type Span = (DateTime<Utc>, DateTime<Utc>);

/// No condition takes longer than this, on the slowest machine.
const LONGEST: Duration = Duration::from_secs(60);

/// A keychain in memory that can be locked, and counts who asks.
#[derive(Default)]
pub(crate) struct MemoryVault {
    secrets: Mutex<BTreeMap<String, Vec<u8>>>,
    pub(crate) closed: Mutex<Option<VaultError>>,
    pub(crate) gets: AtomicUsize,
    pub(crate) looks: AtomicUsize,
}

impl MemoryVault {
    pub(crate) fn close(&self, error: Option<VaultError>) {
        *self.closed.lock().unwrap() = error;
    }

    fn admit(&self) -> Result<(), VaultError> {
        self.closed.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    pub(crate) fn raw(&self, key: &str) -> Option<String> {
        let bytes = self.secrets.lock().unwrap().get(key).cloned()?;
        String::from_utf8(bytes).ok()
    }
}

#[async_trait]
impl TokenVault for MemoryVault {
    async fn get(&self, key: &str) -> Result<SecretSlice<u8>, VaultError> {
        self.gets.fetch_add(1, Ordering::SeqCst);
        self.admit()?;
        let found = self.secrets.lock().unwrap().get(key).cloned();
        found.map(SecretSlice::from).ok_or(VaultError::Missing)
    }

    async fn set(&self, key: &str, secret: SecretSlice<u8>) -> Result<(), VaultError> {
        use secrecy::ExposeSecret;
        self.admit()?;
        self.secrets
            .lock()
            .unwrap()
            .insert(key.to_owned(), secret.expose_secret().to_vec());
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), VaultError> {
        self.admit()?;
        self.secrets.lock().unwrap().remove(key);
        Ok(())
    }

    async fn ready(&self) -> Result<(), VaultError> {
        self.looks.fetch_add(1, Ordering::SeqCst);
        self.admit()
    }
}

/// A wall clock that goes with Tokio's, so that a test that stops the one stops the other.
pub(crate) struct TestClock {
    base: DateTime<Utc>,
    begun: Instant,
    /// By how much the wall clock was set or the computer slept.
    shift: Mutex<TimeDelta>,
}

impl TestClock {
    fn at(base: DateTime<Utc>) -> Self {
        Self {
            base,
            begun: Instant::now(),
            shift: Mutex::default(),
        }
    }

    pub(crate) fn jump(&self, by: TimeDelta) {
        *self.shift.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        let gone = TimeDelta::from_std(self.begun.elapsed()).unwrap();
        self.base + gone + *self.shift.lock().unwrap()
    }
}

/// Chance by seed (SplitMix64), so that a run can be repeated.
pub(crate) struct Dice(AtomicU64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(crate) fn below(&self, n: u64) -> u64 {
        self.next_u64() % n.max(1)
    }
}

impl Entropy for Dice {
    fn next_u64(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Remembers what it was told.
#[derive(Default)]
pub(crate) struct Ear {
    pub(crate) progress: Mutex<Vec<(AccountId, Progress)>>,
    pub(crate) reconnect_needed: Mutex<Vec<String>>,
    pub(crate) reconnected: Mutex<Vec<String>>,
    pub(crate) keychain: Mutex<Vec<VaultError>>,
}

impl Listener for Ear {
    fn on_progress(&self, account: AccountId, progress: Progress) {
        self.progress.lock().unwrap().push((account, progress));
    }

    fn on_reconnect_needed(&self, email: &str) {
        self.reconnect_needed.lock().unwrap().push(email.to_owned());
    }

    fn on_reconnected(&self, email: &str) {
        self.reconnected.lock().unwrap().push(email.to_owned());
    }

    fn on_keychain_blocked(&self, error: &VaultError) {
        self.keychain.lock().unwrap().push(error.clone());
    }
}

/// A route that can be pulled.
pub(crate) struct Wire(pub(crate) AtomicBool);

impl Network for Wire {
    fn has_route(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Everything a test needs.
pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) vault: Arc<MemoryVault>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ear: Arc<Ear>,
    pub(crate) wire: Arc<Wire>,
    pub(crate) client: Client,
    pub(crate) seed: u64,
}

/// The day around which the small world is built.
pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()
}

impl Rig {
    pub(crate) async fn small() -> Self {
        Self::new(World::small(today())).await
    }

    pub(crate) async fn new(world: World) -> Self {
        Self::with(world, Options::default()).await
    }

    pub(crate) async fn with(world: World, options: Options) -> Self {
        let base = world.start();
        let sandbox = Sandbox::start_with(world, options).await.unwrap();
        let dir = fast_folder();
        let store = Store::open(dir.path()).await.unwrap();
        Self {
            control: sandbox.control(),
            client: client_of(&sandbox),
            sandbox,
            dir,
            store,
            vault: Arc::default(),
            clock: Arc::new(TestClock::at(base)),
            ear: Arc::default(),
            wire: Arc::new(Wire(AtomicBool::new(true))),
            seed: 7,
        }
    }

    /// The wall clock's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Connects an account as the sign-in flow does: key first, then the row.
    pub(crate) async fn connect(&self, email: &str) -> AccountId {
        self.connect_at(email, Tier::Read).await
    }

    /// The same, with a permission.
    pub(crate) async fn connect_at(&self, email: &str, tier: Tier) -> AccountId {
        let scopes: &[&str] = match tier {
            Tier::Busy => &[scopes::CALENDAR_LIST_READONLY, scopes::FREEBUSY],
            Tier::Read => &[scopes::CALENDAR_READONLY],
            Tier::Write => &[scopes::CALENDAR_READONLY, scopes::EVENTS],
        };
        let granted = self.control.grant(email, scopes).unwrap();
        let token = RefreshToken::new(granted.refresh_token);
        store_refresh_token(&*self.vault, email, &token)
            .await
            .unwrap();
        let mut tx = self.store.write().await.unwrap();
        let account = NewAccount {
            email: email.to_owned(),
            demo: false,
            tier,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            now: self.now(),
        };
        let id = tx.connect_account(account).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) fn deps(&self, background: Background) -> Deps {
        Deps {
            store: self.store.clone(),
            data_dir: self.dir.path().to_owned(),
            vault: self.vault.clone(),
            clients: Arc::new(self.client.clone()),
            clock: self.clock.clone(),
            entropy: Arc::new(Dice::new(self.seed)),
            zones: ZoneDb::bundled(),
            listener: self.ear.clone(),
            network: self.wire.clone(),
            background,
            patience: Duration::from_secs(30),
            persistent: false,
        }
    }

    /// An engine that does nothing by itself.
    pub(crate) fn on_demand(&self) -> Engine {
        Engine::start(self.deps(Background::Off))
    }

    /// An engine as the window has it.
    pub(crate) fn in_background(&self) -> Engine {
        Engine::start(self.deps(Background::On))
    }

    pub(crate) fn with_clients(&self, background: Background, clients: Arc<dyn Clients>) -> Engine {
        Engine::start(Deps {
            clients,
            ..self.deps(background)
        })
    }

    pub(crate) async fn account(&self, id: AccountId) -> Account {
        self.store
            .account(id)
            .await
            .unwrap()
            .expect("the account is there")
    }

    pub(crate) async fn calendar(&self, account: AccountId, google_id: &str) -> Calendar {
        let found = self
            .store
            .calendar_by_google_id(account, google_id)
            .await
            .unwrap();
        found.unwrap_or_else(|| panic!("{google_id} is listed"))
    }

    pub(crate) async fn set_busy(&self, calendar: &Calendar, busy: bool) {
        let mut tx = self.store.write().await.unwrap();
        tx.set_switches(calendar.id, None, Some(busy))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Both switches: with neither, no event is kept.
    pub(crate) async fn set_wanted(&self, calendar: &Calendar, wanted: bool) {
        let mut tx = self.store.write().await.unwrap();
        tx.set_switches(calendar.id, Some(wanted), Some(wanted))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// The days that a sync at this time covers.
    pub(crate) fn span(&self) -> Interval {
        let day = self
            .now()
            .date_naive()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc();
        Interval {
            start: day - TimeDelta::days(7),
            end: day + TimeDelta::days(90),
        }
    }

    /// All stored blocks, by calendar.
    pub(crate) async fn stored(&self) -> BTreeMap<CalendarId, Vec<Span>> {
        let wide = Interval {
            start: self.span().start - TimeDelta::days(400),
            end: self.span().end + TimeDelta::days(400),
        };
        let mut stored: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for block in self.store.blocks_in(wide).await.unwrap() {
            stored
                .entry(block.calendar)
                .or_default()
                .push((block.span.start, block.span.end));
        }
        stored
    }

    /// The stored blocks of one calendar.
    pub(crate) async fn blocks_of(&self, account: AccountId, google_id: &str) -> Vec<Span> {
        let Some(calendar) = self
            .store
            .calendar_by_google_id(account, google_id)
            .await
            .unwrap()
        else {
            return Vec::new();
        };
        self.stored().await.remove(&calendar.id).unwrap_or_default()
    }

    /// The store holds, for every calendar that counts, exactly what the sandbox says, and nothing for
    /// any other.
    pub(crate) async fn assert_true(&self, id: AccountId) {
        let (account, span) = (self.account(id).await, self.span());
        let stored = self.stored().await;
        for calendar in self.store.calendars_of(id).await.unwrap() {
            let expected = if calendar.busy {
                joined(
                    self.control
                        .busy(&account.email, &calendar.google_id, span.start, span.end),
                )
            } else {
                Vec::new()
            };
            // What was before the span stays as history and is not compared.
            let found: Vec<Span> = stored
                .get(&calendar.id)
                .into_iter()
                .flatten()
                .map(|(start, end)| ((*start).max(span.start), *end))
                .filter(|(start, end)| start < end)
                .collect();
            let at =
                (0..found.len().max(expected.len())).find(|at| found.get(*at) != expected.get(*at));
            if let Some(at) = at {
                panic!(
                    "{}: block {at} is {:?}, Google says {:?}",
                    calendar.google_id,
                    found.get(at),
                    expected.get(at)
                );
            }
        }
    }

    /// One sync of one account.
    pub(crate) async fn sync(&self, engine: &Engine, id: AccountId) -> AccountReport {
        let mut report = engine.sync_now(&[id], false).await.unwrap();
        assert_eq!(report.accounts.len(), 1);
        report.accounts.remove(0)
    }

    /// The same, where it must work.
    pub(crate) async fn sync_well(&self, engine: &Engine, id: AccountId) -> AccountReport {
        let report = self.sync(engine, id).await;
        assert!(
            matches!(report.outcome, Outcome::Done | Outcome::Partial),
            "the sync should work: {report:?}"
        );
        report
    }
}

/// A folder in memory where there is one: every commit waits for the disk, and none of these tests is
/// about power loss.
fn fast_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .unwrap()
}

/// A Google client for the sandbox, as the environment would set it up.
pub(crate) fn client_of(sandbox: &Sandbox) -> Client {
    let env: BTreeMap<_, _> = sandbox.env().into_iter().collect();
    client_from(|name| env.get(name).cloned())
}

pub(crate) fn client_from(get: impl Fn(&str) -> Option<String>) -> Client {
    let config = Config::from_env(get)
        .unwrap()
        .expect("the sandbox names a client");
    Client::new(config).unwrap()
}

/// The same times with those that touch made one, as they are stored.
fn joined(spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// Waits until a condition holds; panics with `what` where it does not in time.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = std::time::Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < LONGEST, "waited in vain: {what}");
        // Real time, whatever Tokio's clock does: sockets and SQLite live in it.
        tokio::task::spawn_blocking(|| std::thread::park_timeout(Duration::from_millis(2)))
            .await
            .unwrap();
    }
}

/// Stops Tokio's clock without letting it jump ahead whenever all tasks wait for a socket or for
/// SQLite: only [`StoppedTime::pass`] moves it. Needs a current-thread runtime that starts paused.
pub(crate) struct StoppedTime {
    _end: std::sync::mpsc::Sender<()>,
}

impl StoppedTime {
    pub(crate) fn hold() -> Self {
        // Tokio does not advance a paused clock by itself while a blocking task runs.
        let (end, ended) = std::sync::mpsc::channel::<()>();
        tokio::task::spawn_blocking(move || ended.recv());
        Self { _end: end }
    }

    /// Lets time pass in steps; after each the engine comes to rest.
    pub(crate) async fn pass(&self, engine: &Engine, time: Duration, step: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let step = step.min(left);
            tokio::time::advance(step).await;
            left -= step;
            at_rest(engine).await;
        }
    }
}

/// Waits until nothing is under way and every nudge has been looked at.
pub(crate) async fn at_rest(engine: &Engine) {
    // Tasks that were woken by the clock or by a commit get to begin.
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
    until("the engine comes to rest", || async { engine.is_idle() }).await;
}

/// A wall clock that starts at a given time, for a process of its own.
pub(crate) fn deps_at(
    store: Store,
    dir: &Path,
    vault: Arc<MemoryVault>,
    client: Client,
    now: DateTime<Utc>,
) -> Deps {
    Deps {
        store,
        data_dir: dir.to_owned(),
        vault,
        clients: Arc::new(client),
        clock: Arc::new(TestClock::at(now)),
        entropy: Arc::new(Dice::new(1)),
        zones: ZoneDb::bundled(),
        listener: Arc::new(()),
        network: Arc::new(Wire(AtomicBool::new(true))),
        background: Background::Off,
        patience: Duration::from_secs(30),
        persistent: false,
    }
}
