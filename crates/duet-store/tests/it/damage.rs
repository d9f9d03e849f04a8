//! Damaged files: an error in words or a working store, never a crash; and the way out.

use std::fs;
use std::path::Path;

use duet_store::{FILE_NAME, OpenError, Store, StoreError};

use crate::common::*;
use crate::manual::block;

/// A closed database with some of everything in it.
async fn furnished() -> (tempfile::TempDir, Vec<u8>) {
    let world = World::new().await;
    let busy: Vec<_> = (0..2000).map(|i| span(2 * i, 2 * i + 1)).collect();
    world.replace(span(0, 5000), &busy).await;
    for number in 0..50 {
        let mut tx = world.store.write().await.unwrap();
        tx.put_manual_block(&block(&number.to_string()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
    world.store.close().await;
    let bytes = fs::read(world.dir.path().join(FILE_NAME)).unwrap();
    (world.dir, bytes)
}

/// Everything a window would read and write; any answer will do, as long as it is one.
async fn use_it(dir: &Path) -> Result<(), String> {
    let store = Store::open(dir).await.map_err(|error| error.to_string())?;
    let outcome = async {
        store.accounts().await?;
        store.calendars().await?;
        store.settings().await?;
        store.manual_blocks().await?;
        store.blocks_in(span(0, 200)).await?;
        let mut tx = store.write().await?;
        tx.put_manual_block(&block("after")).await?;
        tx.commit().await?;
        store.integrity().await
    }
    .await;
    store.close().await;
    match outcome {
        Ok(_) => Ok(()),
        Err(StoreError::Closed) => panic!("the store closed itself"),
        Err(error) => Err(error.to_string()),
    }
}

/// A small generator with a printed seed: which bytes are hit is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[tokio::test]
async fn flipped_bytes_are_found_or_harmless() {
    let (dir, bytes) = furnished().await;
    let mut dice = Dice(0x5eed);
    let (mut found, mut harmless) = (0, 0);
    for _ in 0..300 {
        let mut damaged = bytes.clone();
        // The header often, because everything hangs on it.
        let limit = if dice.below(3) == 0 { 100 } else { bytes.len() };
        let offset = dice.below(limit);
        damaged[offset] ^= 1 << dice.below(8);
        renew(dir.path(), &damaged);
        match use_it(dir.path()).await {
            Ok(()) => harmless += 1,
            Err(words) => {
                assert!(!words.is_empty(), "byte {offset}");
                found += 1;
            }
        }
    }
    assert!(
        found > 30,
        "only {found} of 300 were noticed, {harmless} were not"
    );
}

#[tokio::test]
async fn a_truncated_file_is_found() {
    let (dir, bytes) = furnished().await;
    for keep in [
        1,
        99,
        100,
        511,
        512,
        1000,
        4095,
        4096,
        8192,
        bytes.len() / 2,
        bytes.len() - 4096,
    ] {
        renew(dir.path(), &bytes[..keep]);
        let outcome = use_it(dir.path()).await;
        assert!(
            outcome.is_err(),
            "with {keep} bytes left something is missing"
        );
    }
}

#[tokio::test]
async fn a_ruined_header_is_corruption_and_quarantine_is_the_way_out() {
    let (dir, mut bytes) = furnished().await;
    bytes[..16].copy_from_slice(b"not a database!!");
    renew(dir.path(), &bytes);
    fs::write(dir.path().join("duet.sqlite3-wal"), "a log").unwrap();
    let error = Store::open(dir.path()).await.err().expect("it is refused");
    assert!(
        matches!(error, OpenError::Corrupt { .. }) && error.is_corrupt(),
        "{error}"
    );
    let untouched = fs::read(dir.path().join(FILE_NAME)).unwrap();
    assert!(untouched == bytes, "refusing changes nothing");

    let moved = Store::quarantine(dir.path()).unwrap();
    assert_eq!(moved, dir.path().join("quarantine-1").join(FILE_NAME));
    assert!(fs::read(&moved).unwrap() == bytes);
    assert!(!dir.path().join(FILE_NAME).exists());
    assert!(
        !dir.path().join("duet.sqlite3-wal").exists(),
        "the log moves along"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&moved), mode(moved.parent().unwrap())),
            (0o600, 0o700)
        );
    }

    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [], "a new one");
    store.close().await;
    let second = Store::quarantine(dir.path()).unwrap();
    assert!(
        second.starts_with(dir.path().join("quarantine-2")),
        "nothing is overwritten"
    );
}

#[tokio::test]
async fn a_broken_row_is_named() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&block("a")).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = beside(world.dir.path()).await;
    meddle(
        &mut conn,
        "UPDATE availability_blocks SET end_wall = 'soon'",
    )
    .await;
    let error = world.store.manual_blocks().await.unwrap_err();
    let StoreError::Inconsistent {
        table, column, row, ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(
        (*table, *column, row.as_str()),
        ("availability_blocks", "end_wall", "a")
    );

    meddle(
        &mut conn,
        "UPDATE external_accounts SET last_error_code = 'gremlins', last_error_message = '',
            last_error_at = 0",
    )
    .await;
    let error = world.store.accounts().await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Inconsistent {
                column: "last_error_code",
                ..
            }
        ),
        "{error}"
    );
    meddle(
        &mut conn,
        "UPDATE external_calendars SET last_synced_at = 9223372036854775807",
    )
    .await;
    let error = world.store.calendars().await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Inconsistent {
                column: "last_synced_at",
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn overlapping_and_dangling_rows_are_findings() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 5)]).await;
    assert_eq!(world.store.integrity().await.unwrap(), [""; 0]);
    let mut conn = beside(world.dir.path()).await;
    meddle(
        &mut conn,
        "PRAGMA foreign_keys = OFF;
         INSERT INTO external_availability_blocks (calendar_id, start_at, end_at)
            SELECT calendar_id, start_at + 1, end_at FROM external_availability_blocks;
         INSERT INTO external_availability_blocks (calendar_id, start_at, end_at)
            VALUES (404, 1, 2)",
    )
    .await;
    let findings = world.store.integrity().await.unwrap();
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings[0].contains("refers to"), "{findings:?}");
    assert!(findings[1].contains("overlap"), "{findings:?}");
}

/// A closed folder again, with these bytes for a database.
fn renew(dir: &Path, bytes: &[u8]) {
    for suffix in ["-wal", "-shm"] {
        let _ = fs::remove_file(dir.join(format!("{FILE_NAME}{suffix}")));
    }
    fs::write(dir.join(FILE_NAME), bytes).unwrap();
}
