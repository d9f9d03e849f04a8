//! That the week of a large database is found by the key, and not by walking.

use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use duet_model::when::Interval;
use sqlx::{AssertSqlSafe, Row};

use super::{BLOCKS_IN, blocks_in};
use crate::Store;

#[tokio::test]
async fn the_week_query_descends_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut reader = store.reader().await.unwrap();
    let explain = format!("EXPLAIN QUERY PLAN {BLOCKS_IN}");
    let plan: Vec<String> = sqlx::query(AssertSqlSafe(explain))
        .bind(0_i64)
        .bind(1_i64)
        .fetch_all(reader.conn())
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("detail"))
        .collect();
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(
        has("SEARCH block USING PRIMARY KEY (calendar_id=? AND start_at>? AND start_at<?)"),
        "{plan:#?}"
    );
    assert!(
        has("SEARCH earlier USING PRIMARY KEY (calendar_id=? AND start_at<?)"),
        "{plan:#?}"
    );
    assert!(!has("SCAN block") && !has("SCAN earlier"), "{plan:#?}");
}

#[tokio::test]
async fn a_week_out_of_two_hundred_thousand_blocks_costs_what_the_week_costs() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    // 50 calendars with an hour of every four taken, for almost two years.
    for sql in [
        "INSERT INTO external_accounts (email, tier, connected_at) VALUES ('a', 'read', 0)",
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
         INSERT INTO external_calendars (account_id, google_id, name, color, is_primary,
             access_role, hidden, shown, busy)
         SELECT 1, i, i, '#000000', 0, 'owner', 0, 1, 1 FROM n",
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3999)
         INSERT INTO external_availability_blocks (calendar_id, start_at, end_at)
         SELECT id, i * 14400000 + id * 1000, i * 14400000 + id * 1000 + 3600000
         FROM external_calendars CROSS JOIN n",
    ] {
        sqlx::query(sql).execute(tx.conn()).await.unwrap();
    }
    tx.commit().await.unwrap();

    let mut reader = store.reader().await.unwrap();
    let mut timed = async |hours: i64, length: i64| {
        let start = DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
        let range = Interval::new(start, start + TimeDelta::hours(length)).unwrap();
        // The best of several: the machine may be busy with other tests.
        let mut best = f64::INFINITY;
        let mut found = 0;
        for _ in 0..5 {
            let begun = Instant::now();
            found = blocks_in(reader.conn(), range).await.unwrap().len();
            best = best.min(begun.elapsed().as_secs_f64());
        }
        (found, best)
    };
    let (all, everything) = timed(-1, 100_000).await;
    let (first, _) = timed(0, 168).await;
    let (middle, week) = timed(8_000, 168).await;
    assert_eq!((all, first), (200_000, 50 * 42));
    assert!((50 * 42..=50 * 43).contains(&middle), "{middle}");
    assert!(
        week < everything / 10.0,
        "1 % of the blocks took {week} s, all of them {everything} s"
    );
}
