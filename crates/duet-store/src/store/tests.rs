//! A full disk, a database that somebody else holds, damage that only reading finds, and wiping
//! that had to wait. Needs the writer's connection, and so stands inside the crate.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use chrono::DateTime;
use duet_model::account::{AccountId, Tier};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::when::Interval;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::connect::READERS;
use crate::folder::{self, SetUp};
use crate::table::account::NewAccount;
use crate::tx::Tx;
use crate::{FILE_NAME, Store};

fn account(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        demo: false,
        tier: Tier::Read,
        scopes: Vec::new(),
        now: DateTime::UNIX_EPOCH,
    }
}

fn block(id: &str, title: String) -> ManualBlock {
    let start = DateTime::UNIX_EPOCH.naive_utc();
    ManualBlock {
        id: BlockId(id.into()),
        title,
        start,
        end: start + chrono::TimeDelta::hours(1),
        zone: "Europe/Berlin".into(),
        repeat: None,
        except: Vec::new(),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
    }
}

/// Says something to the writer that no transaction would.
async fn tell_writer(store: &Store, sql: &str) {
    let mut pen = store.shared.writer.take().await.unwrap();
    sqlx::query(AssertSqlSafe(sql))
        .execute(&mut pen.conn)
        .await
        .unwrap();
    pen.put_back();
}

#[tokio::test]
async fn a_full_disk_is_told_apart_and_writing_goes_on_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut changes = store.changes();
    // SQLite then answers as it does when the system has no room left.
    tell_writer(&store, "PRAGMA max_page_count = 30").await;
    let mut tx = store.write().await.unwrap();
    let error = tx
        .put_manual_block(&block("large", "x".repeat(500_000)))
        .await
        .expect_err("no room");
    assert!(
        error.is_full() && !error.is_busy() && !error.is_corrupt(),
        "{error}"
    );
    drop(tx);

    let mut tx = store.write().await.unwrap();
    tx.put_manual_block(&block("small", "x".into()))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        store.manual_blocks().await.unwrap().len(),
        1,
        "only what was committed"
    );
    assert!(changes.try_recv().is_ok());
    assert!(
        changes.try_recv().is_err(),
        "one announcement for one commit"
    );
}

#[tokio::test]
async fn a_database_that_somebody_holds_for_too_long_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    // Five seconds of patience, six times, would be long for a test.
    tell_writer(&store, "PRAGMA busy_timeout = 1").await;
    let mut holder = SqliteConnectOptions::new()
        .filename(dir.path().join(FILE_NAME))
        .connect()
        .await
        .unwrap();
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut holder)
        .await
        .unwrap();
    let error = store.write().await.err().expect("it is held");
    assert!(error.is_busy() && !error.is_full(), "{error}");
    assert_eq!(store.accounts().await.unwrap(), [], "reading goes on");
    sqlx::query("ROLLBACK").execute(&mut holder).await.unwrap();
    let mut tx = store.write().await.unwrap();
    tx.connect_account(account("ana@example.com"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn damage_in_a_large_database_is_found_where_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let id = tx
        .connect_account(account("ana@example.com"))
        .await
        .unwrap();
    for sql in [
        "INSERT INTO external_calendars (account_id, google_id, name, color, is_primary,
             access_role, hidden, shown, busy)
         VALUES (1, 'a', 'a', '#000000', 0, 'owner', 0, 1, 1)",
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
         INSERT INTO external_availability_blocks (calendar_id, start_at, end_at)
         SELECT 1, i * 7200000, i * 7200000 + 3600000 FROM n",
    ] {
        sqlx::query(sql).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
    store.close().await;

    let path = dir.path().join(FILE_NAME);
    let length = std::fs::metadata(&path).unwrap().len();
    assert!(length > 2_000_000, "more than is checked when it is opened");
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.seek(SeekFrom::Start(length / 2 / 4096 * 4096))
        .unwrap();
    file.write_all(&[0xa5; 8192]).unwrap();
    drop(file);

    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(
        store
            .account(id)
            .await
            .unwrap()
            .expect("its page is whole")
            .id,
        id
    );
    let always = Interval {
        start: DateTime::UNIX_EPOCH,
        end: DateTime::from_timestamp(1 << 33, 0).unwrap(),
    };
    let error = store
        .blocks_in(always)
        .await
        .expect_err("two pages are garbage");
    assert!(error.is_corrupt(), "{error}");
    match store.integrity().await {
        Ok(findings) => assert!(!findings.is_empty()),
        Err(error) => assert!(error.is_corrupt(), "{error}"),
    }
}

fn holds(dir: &Path, canary: &str) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes())
    })
}

#[tokio::test]
async fn wiping_that_a_read_held_up_is_made_up_for() {
    let canary = "canary-20c4";
    for close in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        // Five seconds of waiting for the read would be long for a test.
        tell_writer(&store, "PRAGMA busy_timeout = 1").await;
        let mut tx = store.write().await.unwrap();
        let id: AccountId = tx.connect_account(account(canary)).await.unwrap();
        tx.commit().await.unwrap();
        let mut snapshot = store.read().await.unwrap();
        assert_eq!(snapshot.accounts().await.unwrap().len(), 1);
        let mut tx = store.write().await.unwrap();
        tx.remove_account(id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            snapshot.accounts().await.unwrap().len(),
            1,
            "it still sees its own state"
        );
        assert!(
            holds(dir.path(), canary),
            "and so its bytes are still there"
        );

        drop(snapshot);
        if close {
            store.close().await;
        } else {
            // All readers at once: so the one that held the log has let go of it.
            let mut all = Vec::new();
            for _ in 0..READERS {
                all.push(store.read().await.unwrap());
            }
            drop(all);
            let mut tx = store.write().await.unwrap();
            tx.put_manual_block(&block("a", String::new()))
                .await
                .unwrap();
            tx.commit().await.unwrap();
        }
        assert!(!holds(dir.path(), canary), "closing: {close}");
    }
}

#[tokio::test]
async fn opening_waits_for_a_set_up_under_way() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let lock = folder::lock(store.path(), SetUp::Do).await.unwrap();
    let mut opening = Box::pin(Store::open(dir.path()));
    let limit = Duration::from_millis(300);
    let early = tokio::time::timeout(limit, &mut opening).await;
    assert!(
        early.is_err(),
        "what it saw could be half of the old and half of the new"
    );
    drop(lock);
    assert!(opening.await.is_ok(), "and goes on when it is done");
}

/// What a person was told is saved is on the disk, whoever wrote before in whatever way.
#[tokio::test]
async fn only_what_can_be_repeated_may_come_to_the_disk_later() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let setting = async |mut tx: Tx, commit: bool| {
        let setting: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        if commit {
            tx.commit().await.unwrap();
        }
        setting
    };
    for commit in [true, false, true] {
        let later = store.write_repeatable().await.unwrap();
        assert_eq!(setting(later, commit).await, 1, "NORMAL");
        let at_once = store.write().await.unwrap();
        assert_eq!(setting(at_once, commit).await, 2, "FULL");
    }
}
