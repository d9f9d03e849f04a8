//! That what is remembered between two commits is forgotten at the next.

use chrono::DateTime;
use duet_model::account::Tier;
use duet_model::settings::Settings;

use crate::{NewAccount, Store};

/// How many accounts, calendars, listings and doubts a view sees, and whether it is paused.
async fn seen(store: &Store) -> (usize, usize, usize, usize, bool) {
    let mut snapshot = store.read().await.unwrap();
    let seen = (
        snapshot.accounts().await.unwrap().len(),
        snapshot.calendars().await.unwrap().len(),
        snapshot.event_states().await.unwrap().len(),
        snapshot.event_doubts().await.unwrap().len(),
        snapshot.settings().await.unwrap().paused,
    );
    drop(snapshot);
    // The reader goes back by itself, and the next look is to be by the same one.
    tokio::task::yield_now().await;
    seen
}

#[tokio::test]
async fn what_every_view_needs_is_read_anew_after_a_commit() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    // Each of the readers remembers for itself.
    let look = async || {
        let first = seen(&store).await;
        for _ in 0..8 {
            assert_eq!(seen(&store).await, first);
        }
        first
    };
    assert_eq!(look().await, (0, 0, 0, 0, false));

    let mut tx = store.write().await.unwrap();
    let new = NewAccount {
        email: "ana@example.com".to_owned(),
        demo: false,
        tier: Tier::Read,
        scopes: Vec::new(),
        now: DateTime::UNIX_EPOCH,
    };
    tx.connect_account(new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look().await, (1, 0, 0, 0, false));

    let mut tx = store.write().await.unwrap();
    let paused = Settings {
        paused: true,
        ..Settings::default()
    };
    tx.put_settings(&paused).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look().await, (1, 0, 0, 0, true));

    let mut tx = store.write().await.unwrap();
    for sql in [
        "INSERT INTO external_calendars (account_id, google_id, name, color, is_primary,
             access_role, hidden, shown, busy)
         VALUES (1, 1, 1, '#000000', 0, 'owner', 0, 1, 1)",
        "INSERT INTO external_events (calendar_id, google_id, cancelled, start_at, facts, title,
             body)
         VALUES (1, 1, 0, 0, 0, 'title', x'')",
        "INSERT INTO series_doubts (calendar_id, event_id, why) VALUES (1, 1, 'why')",
    ] {
        sqlx::query(sql).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let (accounts, calendars, _, doubts, _) = look().await;
    assert_eq!((accounts, calendars, doubts), (1, 1, 1));
}
