//! Several writers at once: in one process, in two stores on one folder, and in two processes.

use std::process::{Command, Stdio};

use duet_store::Store;

use crate::common::*;
use crate::manual::block;

/// Reads and writes that hurt each other if anything does. Nothing is tried twice here: waiting
/// is the store's business.
async fn work(store: Store, name: String, rounds: usize) {
    for round in 0..rounds {
        let mut tx = store
            .write()
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut counter = tx.settings().await.unwrap();
        counter.paused = !counter.paused;
        tx.put_settings(&counter).await.unwrap();
        tx.put_manual_block(&block(&format!("{name}-{round}")))
            .await
            .unwrap();
        tx.commit()
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        if round % 10 == 0 {
            store
                .manual_blocks()
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_folder_never_find_it_locked() {
    let dir = tempfile::tempdir().unwrap();
    // Both at once on a folder that does not exist yet, as at a first start.
    let dir = dir.path().join("new");
    let (first, second) = tokio::join!(Store::open(&dir), Store::open(&dir));
    let stores = [first.unwrap(), second.unwrap()];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        tasks.spawn(work(stores[task % 2].clone(), format!("task-{task}"), 500));
    }
    tasks.join_all().await;
    assert_eq!(stores[0].manual_blocks().await.unwrap().len(), 2000);
    assert!(
        !stores[1].settings().await.unwrap().paused,
        "2000 turns of a switch leave it off"
    );
    assert_eq!(stores[0].integrity().await.unwrap(), [""; 0]);
}

/// The folder that a child process of the next test works in.
const CHILD_DIR: &str = "DUET_STORE_TEST_DIR";

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_on_one_folder_never_find_it_locked() {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        let store = Store::open(dir.as_ref()).await.unwrap();
        work(
            store.clone(),
            format!("process-{}", std::process::id()),
            200,
        )
        .await;
        store.close().await;
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..3)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "sharing::two_processes_on_one_folder_never_find_it_locked",
                ])
                .env(CHILD_DIR, dir.path().join("new"))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = tokio::task::spawn_blocking(|| child.wait_with_output())
            .await
            .unwrap()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let store = Store::open(&dir.path().join("new")).await.unwrap();
    assert_eq!(store.manual_blocks().await.unwrap().len(), 600);
    assert!(
        !store.settings().await.unwrap().paused,
        "600 turns of a switch leave it off"
    );
    assert_eq!(store.integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer_and_see_only_what_is_committed() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&block("a")).await.unwrap();
    assert_eq!(world.store.manual_blocks().await.unwrap(), []);
    tx.commit().await.unwrap();
    assert_eq!(world.store.manual_blocks().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_first_starts_at_once_agree_on_one_set_up() {
    for round in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let mut starts = tokio::task::JoinSet::new();
        for number in 0..6 {
            let dir = dir.path().join("new");
            starts.spawn(async move {
                let store = Store::open(&dir)
                    .await
                    .unwrap_or_else(|error| panic!("round {round}, start {number}: {error}"));
                connect(&store, &format!("{number}@example.com")).await;
            });
        }
        starts.join_all().await;
        let store = Store::open(&dir.path().join("new")).await.unwrap();
        assert_eq!(store.accounts().await.unwrap().len(), 6);
    }
}

#[tokio::test]
async fn a_new_read_sees_what_anybody_committed_meanwhile_and_an_old_one_does_not() {
    let world = World::new().await;
    let (store, id) = (world.store.clone(), world.calendar);
    let other = Store::open(world.dir.path()).await.unwrap();
    let busy = async |store: &Store| {
        let mut snapshot = store.read().await.unwrap();
        let calendars = snapshot.calendars().await.unwrap();
        (snapshot, calendars.iter().any(|it| it.busy))
    };
    // All readers of both have looked, so that each remembers.
    for store in [&store, &other] {
        let looked = tokio::join!(busy(store), busy(store), busy(store), busy(store));
        assert!(looked.0.1 && looked.1.1 && looked.2.1 && looked.3.1);
    }
    for (by, on) in [(&store, false), (&other, true), (&other, false)] {
        let (mut before, was) = busy(&store).await;
        let mut tx = by.write().await.unwrap();
        tx.set_switches(id, None, Some(on)).await.unwrap();
        tx.commit().await.unwrap();
        let still = before.calendars().await.unwrap();
        assert_eq!(
            still.iter().any(|it| it.busy),
            was,
            "a snapshot is one state"
        );
        drop(before);
        for store in [&store, &other] {
            let looked = tokio::join!(busy(store), busy(store), busy(store), busy(store));
            let all = [looked.0.1, looked.1.1, looked.2.1, looked.3.1];
            assert_eq!(all, [on; 4]);
        }
    }
}
