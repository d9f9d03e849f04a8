//! An older database: a copy before it is brought up to date, and no update without one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use duet_store::{FILE_NAME, OpenError, Store};
use sqlx::Connection;

use crate::common::*;
use crate::manual::block;

/// Undoes one migration, as if an older Duet had written the database.
const AGE: &str =
    "DROP TABLE settings; DELETE FROM _sqlx_migrations WHERE version = 20261122120500";

/// An older database with an account and a block in it. `size` bytes of it are a title.
async fn older(dir: &Path, size: usize) {
    let store = Store::open(dir).await.unwrap();
    connect(&store, "ana@example.com").await;
    let mut tx = store.write().await.unwrap();
    let mut choir = block("choir");
    choir.title = "x".repeat(size);
    tx.put_manual_block(&choir).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let mut conn = beside(dir).await;
    meddle(&mut conn, AGE).await;
    conn.close().await.unwrap();
}

fn copy(dir: &Path) -> PathBuf {
    dir.join("duet.sqlite3.before-update")
}

async fn migrations(dir: &Path) -> i64 {
    let mut conn = beside(dir).await;
    sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations")
        .fetch_one(&mut conn)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_copy_is_kept_of_what_was_there_before_an_update() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 1).await;
    fs::write(copy(dir.path()), "the copy of an earlier update").unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.manual_blocks().await.unwrap().len(), 1);
    store.settings().await.expect("it is up to date");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(copy(dir.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "it is as private as the database");
    }
    store.close().await;
    let before = fs::read(copy(dir.path())).unwrap();
    Store::open(dir.path()).await.unwrap().close().await;
    assert!(
        fs::read(copy(dir.path())).unwrap() == before,
        "opening what is up to date copies nothing"
    );

    // The copy is a whole database.
    let back = tempfile::tempdir().unwrap();
    fs::copy(copy(dir.path()), back.path().join(FILE_NAME)).unwrap();
    assert_eq!(
        migrations(back.path()).await,
        migrations(dir.path()).await - 1
    );
    let store = Store::open(back.path()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap()[0].email, "ana@example.com");
}

#[tokio::test]
async fn a_new_database_has_no_copy() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    store.close().await;
    let copied = fs::read_dir(dir.path()).unwrap().any(|entry| {
        let name = entry.unwrap().file_name();
        name.to_string_lossy().contains("before-update")
    });
    assert!(!copied, "there was nothing to copy");
}

#[tokio::test]
async fn who_disconnects_is_in_no_copy_either() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 1).await;
    let store = Store::open(dir.path()).await.unwrap();
    assert!(copy(dir.path()).exists());
    let id = store.accounts().await.unwrap()[0].id;
    let mut tx = store.write().await.unwrap();
    tx.remove_account(id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!copy(dir.path()).exists(), "“nothing of it is left here”");
}

async fn refused_untouched(dir: &Path) -> OpenError {
    let before = fs::read(dir.join(FILE_NAME)).unwrap();
    let error = Store::open(dir)
        .await
        .err()
        .expect("no update without a copy");
    let words = error.to_string();
    assert!(matches!(error, OpenError::Backup { .. }), "{words}");
    assert!(
        error.says_what_to_do() && words.contains("Nothing was changed"),
        "{words}"
    );
    assert!(
        fs::read(dir.join(FILE_NAME)).unwrap() == before,
        "the older Duet still finds what it wrote"
    );
    error
}

#[tokio::test]
async fn without_a_copy_nothing_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    older(dir.path(), 1).await;
    // A folder cannot be replaced by a file.
    fs::create_dir(copy(dir.path())).unwrap();
    let error = refused_untouched(dir.path()).await;
    assert!(!error.is_full(), "{error}");
    fs::remove_dir(copy(dir.path())).unwrap();
    Store::open(dir.path()).await.unwrap().close().await;
}

/// A disk of its own, as small as a test wants it. `None` where this user may not mount one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(bytes: usize) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={bytes}"), "none"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(dir))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("--lazy")
            .arg(self.0.path())
            .output();
    }
}

#[tokio::test]
async fn a_full_disk_is_no_place_for_an_update() {
    let Some(disk) = SmallDisk::new(1_150_000) else {
        // The test before this one covers the refusal itself.
        return;
    };
    let dir = disk.0.path();
    older(dir, 300_000).await;
    // Room enough to read, and to make the log that reading needs.
    fs::write(dir.join(".ballast"), vec![0; 490_000]).unwrap();
    let error = refused_untouched(dir).await;
    assert!(error.is_full(), "{error}");
    assert!(!copy(dir).exists() && !dir.join("duet.sqlite3.before-update.new").exists());
    fs::remove_file(dir.join(".ballast")).unwrap();
    let store = Store::open(dir).await.unwrap();
    assert_eq!(store.manual_blocks().await.unwrap().len(), 1);
    store.close().await;
}
