//! Accounts: connecting, connecting again, revocation, the fate of syncs, removal without a trace.

use duet_model::account::{Account, AccountId, AccountState, FailureCode, Tier};

use crate::common::*;

async fn account(world: &World) -> Account {
    world
        .store
        .account(world.account)
        .await
        .unwrap()
        .expect("it is connected")
}

#[tokio::test]
async fn what_is_connected_is_what_is_read() {
    let world = World::new().await;
    let expect = Account {
        id: world.account,
        email: "ana@example.com".into(),
        demo: false,
        tier: Tier::Read,
        scopes: vec!["https://www.googleapis.com/auth/calendar.readonly".into()],
        connected_at: hour(0),
        revoked_at: None,
        last_synced_at: None,
        last_error: None,
        next_sync_at: None,
        attempts: 0,
        wait_until: None,
        generation: 0,
    };
    assert_eq!(account(&world).await, expect);
    assert_eq!(
        world.store.accounts().await.unwrap(),
        std::slice::from_ref(&expect)
    );
    let by_email = world
        .store
        .account_by_email("Ana@Example.COM")
        .await
        .unwrap();
    assert_eq!(
        by_email,
        Some(expect),
        "an address is found whatever its case"
    );
    assert_eq!(
        world
            .store
            .account_by_email("bo@example.com")
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn connecting_again_keeps_the_data_and_heals_the_account() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    tx.mark_revoked(world.account, 0, hour(1), failure(FailureCode::Reconnect))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let mut again = new_account("ANA@example.com");
    again.tier = Tier::Write;
    again.now = hour(9);
    let mut tx = world.store.write().await.unwrap();
    let id = tx.connect_account(again).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(id, world.account, "the same address is the same account");
    let now = account(&world).await;
    assert_eq!(now.state(), AccountState::Connected);
    assert_eq!((now.tier, now.connected_at), (Tier::Write, hour(0)));
    assert_eq!(world.spans().await, [span(1, 2)], "the blocks stay");
    assert!(
        world.generation().await > generation,
        "what was under way is no longer wanted"
    );
}

#[tokio::test]
async fn a_revocation_is_news_once_and_nothing_talks_over_it() {
    let world = World::new().await;
    let revoke = async || {
        let generation = account(&world).await.generation;
        let mut tx = world.store.write().await.unwrap();
        let news = tx
            .mark_revoked(
                world.account,
                generation,
                hour(1),
                failure(FailureCode::Reconnect),
            )
            .await
            .unwrap();
        tx.commit().await.unwrap();
        news
    };
    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.set_next_sync(world.account, Some(hour(2)))
            .await
            .unwrap()
    );
    assert!(
        !tx.set_next_sync(world.account, Some(hour(2)))
            .await
            .unwrap(),
        "no change"
    );
    tx.commit().await.unwrap();

    assert!(revoke().await, "the first time is news");
    assert!(!revoke().await, "the second is not: one notification");

    let mut tx = world.store.write().await.unwrap();
    assert!(
        !tx.mark_synced(world.account, hour(3), Some(hour(4)))
            .await
            .unwrap()
    );
    let late = failure(FailureCode::Offline);
    assert!(
        !tx.mark_failed(world.account, late, 3, Some(hour(4)))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let now = account(&world).await;
    assert_eq!(now.state(), AccountState::Reconnect);
    assert_eq!(now.revoked_at, Some(hour(1)));
    assert_eq!(now.last_error, Some(failure(FailureCode::Reconnect)));
    assert_eq!(now.next_sync_at, None, "its timer is stopped");

    connect(&world.store, "ana@example.com").await;
    assert!(revoke().await, "after connecting again it is news again");
}

#[tokio::test]
async fn the_refusal_of_an_earlier_connections_key_is_no_revocation() {
    let world = World::new().await;
    let old = account(&world).await.generation;
    connect(&world.store, "ana@example.com").await;
    let mut tx = world.store.write().await.unwrap();
    let late = failure(FailureCode::Reconnect);
    let news = tx.mark_revoked(world.account, old, hour(1), late).await;
    assert!(!news.unwrap(), "it was connected again meanwhile");
    tx.commit().await.unwrap();
    assert_eq!(account(&world).await.state(), AccountState::Connected);
}

#[tokio::test]
async fn a_wait_lasts_until_a_sync_works_or_the_account_is_connected_again() {
    let world = World::new().await;
    let wait = async || {
        let mut tx = world.store.write().await.unwrap();
        let news = tx.set_wait(world.account, Some(hour(2))).await.unwrap();
        assert!(news && !tx.set_wait(world.account, Some(hour(2))).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(account(&world).await.wait_until, Some(hour(2)));
    };
    wait().await;
    let mut tx = world.store.write().await.unwrap();
    let failed = failure(FailureCode::Server);
    tx.mark_failed(world.account, failed, 2, None)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let kept = account(&world).await.wait_until;
    assert_eq!(kept, Some(hour(2)), "a failure says nothing about it");

    let mut tx = world.store.write().await.unwrap();
    tx.mark_synced(world.account, hour(3), None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(account(&world).await.wait_until, None);

    wait().await;
    connect(&world.store, "ana@example.com").await;
    assert_eq!(account(&world).await.wait_until, None);
}

#[tokio::test]
async fn failures_are_kept_until_a_sync_works() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    let failed = failure(FailureCode::RateLimited);
    assert!(
        tx.mark_failed(world.account, failed.clone(), 3, Some(hour(5)))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let now = account(&world).await;
    assert_eq!((now.state(), now.attempts), (AccountState::Error, 3));
    assert_eq!(
        (now.last_error, now.next_sync_at),
        (Some(failed), Some(hour(5)))
    );

    let mut tx = world.store.write().await.unwrap();
    assert!(tx.mark_synced(world.account, hour(6), None).await.unwrap());
    tx.commit().await.unwrap();
    let now = account(&world).await;
    assert_eq!((now.state(), now.attempts), (AccountState::Connected, 0));
    assert_eq!(
        (now.last_synced_at, now.next_sync_at),
        (Some(hour(6)), None)
    );

    let mut tx = world.store.write().await.unwrap();
    let nobody = AccountId(999);
    assert!(
        !tx.mark_synced(nobody, hour(6), None).await.unwrap(),
        "nobody is not an error"
    );
    assert!(!tx.remove_account(nobody).await.unwrap());
}

#[tokio::test]
async fn every_kind_of_failure_survives_the_file() {
    use FailureCode::*;
    let world = World::new().await;
    let codes = [
        Offline,
        Interfered,
        Reconnect,
        MissingPermission,
        RateLimited,
        QuotaExceeded,
        Server,
        NotFound,
        Absent,
        Keychain,
        NoCalendar,
        Rejected,
        BadAnswer,
        Storage,
        Internal,
    ];
    for code in codes {
        let mut tx = world.store.write().await.unwrap();
        tx.mark_failed(world.account, failure(code), 1, None)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(account(&world).await.last_error, Some(failure(code)));
    }
}

#[tokio::test]
async fn a_removed_account_leaves_no_row_and_no_byte() {
    let canary = "canary-7f3a9c51";
    let world = World::new().await;
    let other = connect(&world.store, "bo@example.com").await;
    let mut entry = primary(&format!("{canary}@example.com"));
    entry.name = format!("{canary} name");
    let gone = connect(&world.store, &format!("{canary}@example.com")).await;
    let listed = list(&world.store, gone, &[entry]).await;
    let busy: Vec<_> = (0..500).map(|i| span(2 * i, 2 * i + 1)).collect();
    let mut tx = world.store.write().await.unwrap();
    let calendar = listed.added[0];
    let generation = tx.calendar(calendar).await.unwrap().unwrap().generation;
    tx.replace_blocks(calendar, generation, span(0, 2000), &busy, hour(0))
        .await
        .unwrap();
    let mut lost = failure(FailureCode::Server);
    lost.message = format!("{canary} message");
    tx.mark_failed(gone, lost, 1, None).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.store.block_count().await.unwrap(), 500);

    let mut tx = world.store.write().await.unwrap();
    assert!(tx.remove_account(gone).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(world.store.account(gone).await.unwrap(), None);
    assert_eq!(world.store.calendars_of(gone).await.unwrap(), []);
    assert_eq!(world.store.block_count().await.unwrap(), 0);
    assert_eq!(
        world.store.sync_state(gone).await.unwrap(),
        Default::default()
    );
    assert!(
        world.store.account(other).await.unwrap().is_some(),
        "the others stay"
    );
    let fresh = connect(&world.store, &format!("{canary}@example.com")).await;
    assert!(fresh > gone, "its number is not used again");
    let mut tx = world.store.write().await.unwrap();
    assert!(tx.remove_account(fresh).await.unwrap());
    tx.commit().await.unwrap();

    let free: i64 = sqlx::query_scalar("PRAGMA freelist_count")
        .fetch_one(&mut beside(world.dir.path()).await)
        .await
        .unwrap();
    assert_eq!(free, 0, "the room it took is given back");

    // Not closed: the log must be clean while the store is open, and a reader of the raw file
    // must not be helped by the last checkpoint.
    for entry in std::fs::read_dir(world.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let found = bytes
            .windows(canary.len())
            .any(|window| window == canary.as_bytes());
        assert!(!found, "{} still holds the canary", path.display());
    }
}
