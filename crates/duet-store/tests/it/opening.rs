//! Opening: who may read the files, and which databases are taken, made, or left alone.

use std::path::Path;

use duet_store::{FILE_NAME, OpenError, Store, StoreError};
use sqlx::{Connection, Row};

use crate::common::*;

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn loosen(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_anything() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("deep/er");
    let store = Store::open(&dir).await.unwrap();
    connect(&store, "ana@example.com").await;
    let files = [
        FILE_NAME,
        "duet.sqlite3-wal",
        "duet.sqlite3-shm",
        "open.lock",
    ];
    assert_eq!(mode(&dir), 0o700);
    for file in files {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }

    // As an earlier version, a backup tool or a careless hand may have left them.
    loosen(&dir, 0o755);
    for file in files {
        loosen(&dir.join(file), 0o644);
    }
    let again = Store::open(&dir).await.unwrap();
    connect(&again, "bo@example.com").await;
    assert_eq!(mode(&dir), 0o700);
    for file in files {
        assert_eq!(mode(&dir.join(file)), 0o600, "{file}");
    }
    store.close().await;
    again.close().await;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn what_was_stored_is_there_after_reopening() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    let (accounts, calendars) = (
        world.store.accounts().await.unwrap(),
        world.store.calendars().await.unwrap(),
    );
    world.store.close().await;
    let store = Store::open(world.dir.path()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), accounts);
    assert_eq!(store.calendars().await.unwrap(), calendars);
    assert_eq!(store.block_count().await.unwrap(), 1);
    assert_eq!(store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let world = World::new().await;
    world.store.close().await;
    assert!(matches!(
        world.store.accounts().await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(world.store.write().await, Err(StoreError::Closed)));
    let files: Vec<_> = std::fs::read_dir(world.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(FILE_NAME))
        .collect();
    assert_eq!(files, [FILE_NAME], "the log is folded in");
}

#[tokio::test]
async fn a_newer_database_is_left_untouched() {
    let world = World::new().await;
    world.store.close().await;
    let mut conn = beside(world.dir.path()).await;
    meddle(
        &mut conn,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (29991231235959, 'from the future', 1, x'00', 1)",
    )
    .await;
    // Left open, as by the newer version that is running: the last words are still in the log.
    let database = world.dir.path().join(FILE_NAME);
    let log = world.dir.path().join("duet.sqlite3-wal");
    let before = (
        std::fs::read(&database).unwrap(),
        std::fs::read(&log).unwrap(),
    );
    let error = Store::open(world.dir.path())
        .await
        .err()
        .expect("it is refused");
    assert!(
        matches!(
            error,
            OpenError::Newer {
                found: 29_991_231_235_959,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("update Duet"), "{error}");
    let after = (
        std::fs::read(&database).unwrap(),
        std::fs::read(&log).unwrap(),
    );
    assert!(before == after, "not a byte changed");
    conn.close().await.unwrap();

    let before = std::fs::read(&database).unwrap();
    assert!(Store::open(world.dir.path()).await.is_err());
    assert!(
        std::fs::read(&database).unwrap() == before,
        "nor with the log folded in"
    );
}

#[tokio::test]
async fn a_changed_migration_is_refused() {
    let world = World::new().await;
    let mut conn = beside(world.dir.path()).await;
    meddle(&mut conn, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    let error = Store::open(world.dir.path())
        .await
        .err()
        .expect("it is refused");
    assert!(matches!(error, OpenError::Altered { .. }), "{error}");
}

#[tokio::test]
async fn a_strangers_file_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::File::create(dir.path().join(FILE_NAME)).unwrap();
    let mut conn = beside(dir.path()).await;
    meddle(
        &mut conn,
        "CREATE TABLE recipes (name TEXT); PRAGMA application_id = 7",
    )
    .await;
    conn.close().await.unwrap();
    let before = std::fs::read(dir.path().join(FILE_NAME)).unwrap();
    let error = Store::open(dir.path()).await.err().expect("it is refused");
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    assert!(std::fs::read(dir.path().join(FILE_NAME)).unwrap() == before);
}

#[tokio::test]
async fn an_interrupted_set_up_is_finished() {
    // Each is what a kill can leave behind: an empty file, a mark, a mark and a table.
    let steps = [
        "",
        "PRAGMA application_id = 1146438996",
        "PRAGMA application_id = 1146438996; PRAGMA journal_mode = WAL",
        "PRAGMA application_id = 1146438996; PRAGMA journal_mode = WAL;
         CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL,
            installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
            checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    ];
    for step in steps {
        let dir = tempfile::tempdir().unwrap();
        std::fs::File::create(dir.path().join(FILE_NAME)).unwrap();
        let mut conn = beside(dir.path()).await;
        if !step.is_empty() {
            meddle(&mut conn, step).await;
        }
        conn.close().await.unwrap();
        let store = Store::open(dir.path())
            .await
            .unwrap_or_else(|error| panic!("{step}: {error}"));
        connect(&store, "ana@example.com").await;
    }
}

#[tokio::test]
async fn a_database_without_a_log_gets_one() {
    let world = World::new().await;
    world.store.close().await;
    let mut conn = beside(world.dir.path()).await;
    meddle(&mut conn, "PRAGMA journal_mode = DELETE").await;
    conn.close().await.unwrap();
    let store = Store::open(world.dir.path()).await.unwrap();
    let mut conn = beside(world.dir.path()).await;
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(mode, "wal");
    assert_eq!(store.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("sub"))
        .await
        .err()
        .expect("a file is no folder");
    assert!(matches!(error, OpenError::Folder { .. }), "{error}");
    assert!(error.to_string().contains("file"), "{error}");
}

#[tokio::test]
async fn the_schema_is_strict_and_has_no_code_in_it() {
    let world = World::new().await;
    let mut conn = beside(world.dir.path()).await;
    let rows =
        sqlx::query("SELECT name, type, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
            .fetch_all(&mut conn)
            .await
            .unwrap();
    let mut tables = Vec::new();
    let mut indexes = Vec::new();
    for row in rows {
        let (name, kind): (String, String) = (row.get(0), row.get(1));
        if kind == "index" {
            indexes.push(name);
            continue;
        }
        assert_eq!(kind, "table", "{name}: no trigger, no view");
        // FTS5 makes the tables of its index itself.
        if name == "_sqlx_migrations" || name.starts_with("event_search") {
            continue;
        }
        assert!(
            row.get::<String, _>(2).contains("STRICT"),
            "{name} is not STRICT"
        );
        tables.push(name);
    }
    tables.sort();
    let expect = [
        "availability_blocks",
        "conflicts",
        "event_changes",
        "event_quarantine",
        "events",
        "external_accounts",
        "external_availability_blocks",
        "external_calendars",
        "external_event_links",
        "external_event_states",
        "external_event_times",
        "external_events",
        "external_occurrence_weeks",
        "external_sync_states",
        "installation",
        "outbox",
        "outbox_pauses",
        "series_doubts",
        "settings",
    ];
    assert_eq!(tables, expect);
    indexes.sort();
    let expect = [
        "conflicts_event",
        "event_changes_event",
        "event_quarantine_one",
        "events_once",
        "external_events_cancelled",
        "external_events_end",
        "external_events_series",
        "external_events_unanswered",
        "external_occurrence_weeks_calendar",
        "outbox_calendar",
        "outbox_event",
        "outbox_thread",
        "series_doubts_event",
    ];
    assert_eq!(indexes, expect, "no index that no query asked for");
}

#[tokio::test]
async fn migration_files_are_dated_and_in_kebab_case() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    for entry in std::fs::read_dir(dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (date, rest) = name
            .split_once('_')
            .unwrap_or_else(|| panic!("{name} has no date"));
        assert!(
            date.len() == 14 && date.bytes().all(|it| it.is_ascii_digit()),
            "{name}"
        );
        let subject = rest
            .strip_suffix(".sql")
            .unwrap_or_else(|| panic!("{name} is not SQL"));
        assert!(
            subject
                .bytes()
                .all(|it| it.is_ascii_lowercase() || it == b'-'),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_write_that_was_interrupted_without_a_log_is_rolled_back() {
    let world = World::new().await;
    world.store.close().await;
    let mut conn = beside(world.dir.path()).await;
    // A cache of a few pages spills: part of the transaction is in the file, and its journal is
    // what takes it out again.
    meddle(
        &mut conn,
        "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 5; BEGIN IMMEDIATE;
         UPDATE external_accounts SET email = 'half@example.com';
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO availability_blocks (id, start_wall, end_wall, zone, created_at, updated_at)
         SELECT i, 'a', 'b', printf('%100d', i), 0, 0 FROM n",
    )
    .await;
    let copy = tempfile::tempdir().unwrap();
    for file in [FILE_NAME, "duet.sqlite3-journal"] {
        std::fs::copy(world.dir.path().join(file), copy.path().join(file)).unwrap();
    }
    let store = Store::open(copy.path()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap()[0].email, "ana@example.com");
    assert_eq!(store.manual_blocks().await.unwrap(), []);
}
