//! A database file without a byte: a beginning in a folder of its own, a loss where Duet lived before.

use std::fs;
use std::path::Path;

use duet_store::{FILE_NAME, OpenError, Store};

use crate::common::*;

async fn refusal(dir: &Path) -> Option<OpenError> {
    Store::open(dir).await.err()
}

/// Everything that stands in a folder, with its bytes.
fn everything(dir: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut all: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).ok())
        })
        .filter(|(name, _)| name != "open.lock")
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn an_emptied_database_is_not_taken_for_a_new_one() {
    for sign in [
        "duet.sqlite3-wal",
        "duet.sqlite3.before-update",
        "logs/duet.2026-11-21.log",
        "sealed/cmVmcmVzaA",
        "quarantine-1/duet.sqlite3",
        "changed",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(sign);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "what an earlier Duet left").unwrap();
        fs::File::create(dir.path().join(FILE_NAME)).unwrap();
        let before = everything(dir.path());

        let error = refusal(dir.path())
            .await
            .unwrap_or_else(|| panic!("{sign}: an empty calendar would look like free time"));
        let words = error.to_string();
        let named = sign.split('/').next().unwrap();
        assert!(
            matches!(error, OpenError::Emptied { .. }),
            "{sign}: {words}"
        );
        assert!(words.contains(named), "{sign}: {words}");
        assert!(
            error.says_what_to_do() && words.contains("Put a copy"),
            "{words}"
        );
        assert_eq!(
            words.contains("from before the last update"),
            sign.ends_with("before-update"),
            "a copy is named where there is one: {words}"
        );
        assert!(
            everything(dir.path()) == before,
            "{sign}: the last that is known stays"
        );

        // The way on that the sentence names.
        fs::remove_file(dir.path().join(FILE_NAME)).unwrap();
        let store = Store::open(dir.path()).await.unwrap();
        assert_eq!(store.accounts().await.unwrap(), [], "{sign}: a new one");
    }
}

#[tokio::test]
async fn an_empty_file_in_an_otherwise_fresh_folder_is_a_beginning() {
    let dir = tempfile::tempdir().unwrap();
    // As this very start has left it before the database is opened.
    fs::create_dir(dir.path().join("logs")).unwrap();
    fs::write(dir.path().join("logs/duet.2026-11-22.log"), "").unwrap();
    fs::write(dir.path().join("open.lock"), "").unwrap();
    fs::write(dir.path().join(".directory"), "[Desktop Entry]").unwrap();
    fs::File::create(dir.path().join(FILE_NAME)).unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    connect(&store, "ana@example.com").await;
}

#[tokio::test]
async fn an_interrupted_first_start_leaves_no_empty_database() {
    let dir = tempfile::tempdir().unwrap();
    // What a kill can leave while the first database is made.
    fs::write(dir.path().join("duet.sqlite3.new"), "half a page").unwrap();
    fs::write(
        dir.path().join("duet.sqlite3.new-journal"),
        "half a journal",
    )
    .unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    connect(&store, "ana@example.com").await;
    store.close().await;
    let names: Vec<_> = everything(dir.path())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, [FILE_NAME]);
}

#[tokio::test]
async fn the_log_of_a_lost_database_is_not_read_into_a_new_one() {
    let world = World::new().await;
    // The database is deleted under a running Duet: its log stays behind.
    let log = world.dir.path().join("duet.sqlite3-wal");
    let last_words = fs::read(&log).unwrap();
    assert!(!last_words.is_empty());
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("duet.sqlite3-wal"), &last_words).unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(store.integrity().await.unwrap(), [""; 0]);
    let kept = fs::read(dir.path().join("quarantine-1/duet.sqlite3-wal")).unwrap();
    assert!(kept == last_words, "what it says can still be looked at");
}
