//! Accounts, calendars, freshness and settings: everything around the grid.

use duet_model::account::{Account, AccountId, AccountState, FailureCode};
use duet_model::calendar::{AccessRole, Calendar, Health};
use duet_model::settings::Settings;
use duet_store::StoreError;
use duet_sync::EngineState;
use duet_sync::lock::SyncLock;
use duet_wire::WireError;
use duet_wire::accounts::{AccountView, CalendarState, CalendarView};
use duet_wire::conflict::ConflictNews;
use duet_wire::status::{Overview, StatusView};

use crate::app::App;
use crate::picture::{Detail, Knowledge, knowledge_of};
use crate::words;

impl App {
    /// Everything around the grid.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn overview(&self) -> Result<Overview, WireError> {
        let inner = &self.inner;
        let rows = self.rows().await.map_err(|error| words::store(&error))?;
        let settings = rows.settings.clone();
        let status = self.status_of(&rows);
        let calendars = self.calendars_of(rows);
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

    /// `duet calendars`: primary first, then by name as people count, grouped by account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn calendars(&self) -> Result<Vec<CalendarView>, WireError> {
        let rows = self.rows().await.map_err(|error| words::store(&error))?;
        Ok(self.calendars_of(rows))
    }

    /// `duet status`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn status(&self) -> Result<StatusView, WireError> {
        let rows = self.rows().await.map_err(|error| words::store(&error))?;
        Ok(self.status_of(&rows))
    }

    /// Accounts and calendars, as of one moment.
    pub(super) async fn standing(&self) -> Result<(StatusView, Vec<CalendarView>), StoreError> {
        let rows = self.rows().await?;
        Ok((self.status_of(&rows), self.calendars_of(rows)))
    }

    /// Everything that the views here are made of, as of one moment.
    async fn rows(&self) -> Result<Rows, StoreError> {
        let mut snapshot = self.inner.store.read().await?;
        let settings = snapshot.settings().await?;
        let accounts = snapshot.accounts().await?;
        let calendars = snapshot.calendars().await?;
        let now = self.inner.host.now();
        let known = knowledge_of(&mut snapshot, &calendars, now).await?;
        let counts = snapshot.event_counts().await?;
        let doubts = snapshot.event_doubts().await?;
        let rows = calendars.into_iter().zip(known).map(|(calendar, known)| {
            let counted = counts.iter().find(|it| it.calendar == calendar.id);
            let doubt = doubts.iter().find(|it| it.calendar == calendar.id);
            CalendarRow {
                events: counted.map_or(0, |it| it.events),
                unreadable: doubt.map_or(0, |it| it.unreadable),
                unfollowed: doubt.map_or(0, |it| it.unfollowed),
                calendar,
                known,
            }
        });
        let outbox = snapshot.outbox().await?;
        let conflicts = snapshot.conflicts().await?;
        let last_conflict = self.conflict_news(&mut snapshot, &conflicts).await?;
        let few = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Rows {
            waiting: few(outbox.len()),
            stuck: few(outbox.iter().filter(|op| op.stuck.is_some()).count()),
            conflicts: few(conflicts.len()),
            last_conflict,
            settings,
            accounts,
            calendars: rows.collect(),
        })
    }

    fn status_of(&self, rows: &Rows) -> StatusView {
        let engine = self.engine_state();
        let now = self.inner.host.now();
        let paused = rows.settings.paused;
        let views: Vec<AccountView> = rows
            .accounts
            .iter()
            .map(|account| {
                let failing = failing(account.id, &rows.calendars);
                account_view(account.clone(), failing, &engine, paused, now)
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
        StatusView {
            last_synced_at: oldest,
            next_sync_at: views
                .iter()
                .filter_map(|account| account.next_sync_at)
                .min(),
            syncing: !engine.syncing.is_empty() || self.syncing_elsewhere(),
            offline: engine.is_offline() || self.was_offline(&views),
            paused,
            pending: rows.waiting,
            stuck: rows.stuck,
            conflicts: rows.conflicts,
            last_conflict: rows.last_conflict.clone(),
            unreadable: rows.calendars.iter().map(|it| it.unreadable).sum(),
            unfollowed: rows.calendars.iter().map(|it| it.unfollowed).sum(),
            accounts: views,
        }
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

    fn calendars_of(&self, rows: Rows) -> Vec<CalendarView> {
        let Rows {
            accounts,
            mut calendars,
            ..
        } = rows;
        calendars.sort_by_cached_key(|row| {
            let calendar = &row.calendar;
            (
                calendar.account,
                !calendar.primary,
                words::natural::natural(&calendar.name),
                calendar.id,
            )
        });
        calendars
            .into_iter()
            .filter_map(|row| {
                let account = accounts.iter().find(|it| it.id == row.calendar.account)?;
                Some(calendar_view(row, &account.email))
            })
            .collect()
    }
}

/// What the views are made of.
struct Rows {
    settings: Settings,
    accounts: Vec<Account>,
    calendars: Vec<CalendarRow>,
    /// Changes in the outbox, and those of them that wait for the person.
    waiting: u32,
    stuck: u32,
    conflicts: u32,
    last_conflict: Option<ConflictNews>,
}

struct CalendarRow {
    calendar: Calendar,
    known: Knowledge,
    events: u64,
    unreadable: u64,
    unfollowed: u64,
}

/// How many of an account's calendars count and failed when they were last checked.
fn failing(account: AccountId, calendars: &[CalendarRow]) -> u32 {
    let failing = calendars
        .iter()
        .filter(|row| row.calendar.account == account && row.calendar.busy)
        .filter(|row| row.known.health == Health::Failing)
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

fn calendar_view(row: CalendarRow, email: &str) -> CalendarView {
    let CalendarRow {
        calendar, known, ..
    } = row;
    let details = known.detail == Detail::Events;
    // A calendar of which nothing is asked has nothing to be stale.
    let asked = calendar.busy || details;
    let state = match (asked, known.health, calendar.access_role) {
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
        last_synced_at: known.as_of,
        last_error: known.failure.map(|failure| failure.message),
        details,
        events: row.events,
        unreadable: row.unreadable,
        unfollowed: row.unfollowed,
        rules: calendar.rules,
    }
}
