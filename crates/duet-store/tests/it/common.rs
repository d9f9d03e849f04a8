//! A store in a temporary folder, times to write down, and a second pair of eyes on the file.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::{AccountId, Failure, FailureCode, Tier};
use duet_model::calendar::{AccessRole, CalendarId};
use duet_model::when::Interval;
use duet_store::{ListChanges, ListedCalendar, Listing, NewAccount, Store};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions};
use tempfile::TempDir;

/// An account with one calendar that counts.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) store: Store,
    pub(crate) account: AccountId,
    pub(crate) calendar: CalendarId,
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let store = Store::open(dir.path()).await.expect("a new folder opens");
        let account = connect(&store, "ana@example.com").await;
        let changes = list(&store, account, &[primary("ana@example.com")]).await;
        let calendar = changes.added[0];
        Self {
            dir,
            store,
            account,
            calendar,
        }
    }

    pub(crate) async fn generation(&self) -> i64 {
        self.store
            .calendar(self.calendar)
            .await
            .unwrap()
            .expect("it exists")
            .generation
    }

    pub(crate) async fn covered(&self) -> Option<Interval> {
        self.store
            .calendar(self.calendar)
            .await
            .unwrap()
            .expect("it exists")
            .covered
    }

    /// Replaces the blocks of the calendar under its present generation.
    pub(crate) async fn replace(&self, window: Interval, busy: &[Interval]) -> (usize, usize) {
        let generation = self.generation().await;
        let mut tx = self.store.write().await.unwrap();
        let done = tx
            .replace_blocks(self.calendar, generation, window, busy, hour(0))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(
            !done.unwanted,
            "the calendar counts and its generation was just read"
        );
        (done.added, done.removed)
    }

    pub(crate) async fn spans(&self) -> Vec<Interval> {
        let all = span(-1_000_000, 1_000_000);
        self.store
            .blocks_in(all)
            .await
            .unwrap()
            .into_iter()
            .map(|block| block.span)
            .collect()
    }
}

/// Hours after an arbitrary midnight.
pub(crate) fn hour(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_057_600, 0).expect("in range") + TimeDelta::hours(hours)
}

pub(crate) fn span(from: i64, until: i64) -> Interval {
    Interval::new(hour(from), hour(until)).expect("from < until")
}

pub(crate) fn new_account(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        demo: false,
        tier: Tier::Read,
        scopes: vec!["https://www.googleapis.com/auth/calendar.readonly".into()],
        now: hour(0),
    }
}

pub(crate) async fn connect(store: &Store, email: &str) -> AccountId {
    let mut tx = store.write().await.unwrap();
    let id = tx.connect_account(new_account(email)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

pub(crate) fn primary(google_id: &str) -> ListedCalendar {
    ListedCalendar {
        google_id: google_id.into(),
        name: "Ana".into(),
        color: "#336699".into(),
        time_zone: Some("Europe/Berlin".into()),
        primary: true,
        access_role: AccessRole::Owner,
        hidden: false,
        selected: true,
        deleted: false,
    }
}

pub(crate) fn secondary(google_id: &str) -> ListedCalendar {
    ListedCalendar {
        primary: false,
        name: google_id.into(),
        ..primary(google_id)
    }
}

pub(crate) async fn list(
    store: &Store,
    account: AccountId,
    listed: &[ListedCalendar],
) -> ListChanges {
    let mut tx = store.write().await.unwrap();
    let changes = tx
        .apply_calendar_list(account, listed, Listing::Full, Some("token"), hour(0))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    changes
}

pub(crate) fn failure(code: FailureCode) -> Failure {
    Failure {
        code,
        message: format!("It was {code:?}."),
        at: hour(1),
    }
}

/// A connection beside the store's own, as another program would have it.
pub(crate) async fn beside(dir: &Path) -> SqliteConnection {
    SqliteConnectOptions::new()
        .filename(dir.join(duet_store::FILE_NAME))
        .connect()
        .await
        .expect("the database can be opened beside the store")
}

/// Changes whenever anybody else commits a change, and only then.
pub(crate) async fn data_version(conn: &mut SqliteConnection) -> i64 {
    sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(conn)
        .await
        .unwrap()
}

/// SQL that the store itself would never say. Only with texts from the tests.
pub(crate) async fn meddle(conn: &mut SqliteConnection, sql: impl Into<String>) {
    sqlx::raw_sql(AssertSqlSafe(sql.into()))
        .execute(conn)
        .await
        .unwrap();
}
