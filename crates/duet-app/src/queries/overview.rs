//! Accounts, calendars, freshness and settings: everything around the grid.

use duet_model::account::{Account, AccountId, AccountState, FailureCode};
use duet_model::calendar::{AccessRole, Calendar, Health};
use duet_store::StoreError;
use duet_sync::EngineState;
use duet_sync::lock::SyncLock;
use duet_wire::WireError;
use duet_wire::accounts::{AccountView, CalendarState, CalendarView};
use duet_wire::status::{Overview, StatusView};

use crate::app::App;
use crate::words;

impl App {
    /// Everything around the grid.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn overview(&self) -> Result<Overview, WireError> {
        let inner = &self.inner;
        let (status, calendars, settings) = tokio::try_join!(
            self.status_rows(),
            self.calendar_rows(),
            inner.store.settings()
        )
        .map_err(|error| words::store(&error))?;
        let google_unavailable = match &inner.config {
            Ok(Some(_)) => None,
            Ok(None) => Some(words::NO_CLIENT.to_owned()),
            Err(why) => Some(why.clone()),
        };
        Ok(Overview {
            status,
            calendars,
            settings,
            autostart: inner.host.autostart(),
            connect: inner.signin.view(),
            google_unavailable,
            keychain_unavailable: inner.keychain.read().await.clone(),
            zone: inner.host.zone(),
            now: inner.host.now(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    /// `duet accounts`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn accounts(&self) -> Result<Vec<AccountView>, WireError> {
        Ok(self.status().await?.accounts)
    }

    /// `duet calendars`: primary first, then by name, grouped by account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn calendars(&self) -> Result<Vec<CalendarView>, WireError> {
        self.calendar_rows()
            .await
            .map_err(|error| words::store(&error))
    }

    /// `duet status`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn status(&self) -> Result<StatusView, WireError> {
        self.status_rows()
            .await
            .map_err(|error| words::store(&error))
    }

    async fn status_rows(&self) -> Result<StatusView, StoreError> {
        let store = &self.inner.store;
        let (accounts, calendars, settings) =
            tokio::try_join!(store.accounts(), store.calendars(), store.settings())?;
        let engine = self.engine_state();
        let now = self.inner.host.now();
        let views: Vec<AccountView> = accounts
            .into_iter()
            .map(|account| {
                let failing = failing(account.id, &calendars, now);
                account_view(account, failing, &engine, settings.paused, now)
            })
            .collect();
        // The age of the whole picture is the age of its oldest part. Accounts that must be
        // reconnected have a banner of their own and would otherwise freeze the age for ever.
        let oldest = views
            .iter()
            .filter(|account| account.state != AccountState::Reconnect)
            .map(|account| account.last_synced_at)
            .min()
            .flatten();
        Ok(StatusView {
            last_synced_at: oldest,
            next_sync_at: views
                .iter()
                .filter_map(|account| account.next_sync_at)
                .min(),
            syncing: !engine.syncing.is_empty() || self.syncing_elsewhere(),
            offline: engine.is_offline() || self.was_offline(&views),
            paused: settings.paused,
            pending: 0,
            conflicts: 0,
            accounts: views,
        })
    }

    /// A process without an engine of its own, such as `duet status`, looks at what others do.
    fn syncing_elsewhere(&self) -> bool {
        !self.has_engine() && SyncLock::new(&self.inner.data_dir).is_taken()
    }

    /// A process without an engine of its own tells what the last one met.
    fn was_offline(&self, accounts: &[AccountView]) -> bool {
        !self.has_engine()
            && accounts
                .iter()
                .any(|account| account.last_error_code == Some(FailureCode::Offline))
    }

    async fn calendar_rows(&self) -> Result<Vec<CalendarView>, StoreError> {
        let store = &self.inner.store;
        let (accounts, mut calendars) = tokio::try_join!(store.accounts(), store.calendars())?;
        calendars.sort_by_key(|calendar| {
            (
                calendar.account,
                !calendar.primary,
                calendar.name.to_lowercase(),
                calendar.id,
            )
        });
        let now = self.inner.host.now();
        Ok(calendars
            .into_iter()
            .filter_map(|calendar| {
                let account = accounts
                    .iter()
                    .find(|account| account.id == calendar.account)?;
                Some(calendar_view(calendar, &account.email, now))
            })
            .collect())
    }
}

/// How many of an account's calendars count and failed when they were last checked.
fn failing(account: AccountId, calendars: &[Calendar], now: chrono::DateTime<chrono::Utc>) -> u32 {
    let failing = calendars
        .iter()
        .filter(|calendar| calendar.account == account && calendar.busy)
        .filter(|calendar| calendar.health(now) == Health::Failing)
        .count();
    u32::try_from(failing).unwrap_or(u32::MAX)
}

fn account_view(
    account: Account,
    failing: u32,
    engine: &EngineState,
    paused: bool,
    now: chrono::DateTime<chrono::Utc>,
) -> AccountView {
    let progress = engine.syncing.get(&account.id).copied();
    // The row tells the plan of a window that may have been quit since.
    let planned = account.next_sync_at.filter(|at| *at > now);
    AccountView {
        state: account.state(),
        email: account.email,
        tier: account.tier,
        scopes: account.scopes,
        last_synced_at: account.last_synced_at,
        next_sync_at: engine
            .due
            .get(&account.id)
            .copied()
            .or(planned)
            .filter(|_| !paused),
        last_error_at: account.last_error.as_ref().map(|failure| failure.at),
        last_error_code: account.last_error.as_ref().map(|failure| failure.code),
        last_error: account.last_error.map(|failure| failure.message),
        revoked_at: account.revoked_at,
        demo: account.demo,
        syncing: progress.is_some(),
        progress,
        failing,
    }
}

fn calendar_view(
    calendar: Calendar,
    email: &str,
    now: chrono::DateTime<chrono::Utc>,
) -> CalendarView {
    let state = match (calendar.busy, calendar.health(now), calendar.access_role) {
        // A calendar that does not count is not checked, so there is nothing to be stale.
        (false, _, AccessRole::FreeBusyReader) | (true, Health::Ok, AccessRole::FreeBusyReader) => {
            CalendarState::BusyOnly
        }
        (false, ..) | (true, Health::Ok, _) => CalendarState::Ok,
        (true, Health::Stale, _) => CalendarState::Stale,
        (true, Health::Failing, _) => CalendarState::Failing,
    };
    CalendarView {
        id: calendar.google_id,
        account: email.to_owned(),
        name: calendar.name,
        color: calendar.color,
        primary: calendar.primary,
        access_role: calendar.access_role,
        busy: calendar.busy,
        shown: calendar.shown,
        hidden: calendar.hidden,
        state,
        last_synced_at: calendar.last_synced_at,
        last_error: calendar.last_error.map(|failure| failure.message),
    }
}
