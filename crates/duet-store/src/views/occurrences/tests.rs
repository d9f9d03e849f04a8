//! That a range is found by the key, and what else must not walk a table.

use std::time::Instant;

use chrono::{DateTime, TimeDelta};
use duet_model::when::Interval;
use sqlx::{AssertSqlSafe, Row};

use super::{OCCURRENCES_IN, occurrences_in};
use crate::table::{event_change, event_quarantine, external_event, external_occurrence};
use crate::{Store, views};

/// A calendar that counts, with 51 events.
const WORLD: &[&str] = &[
    "INSERT INTO external_accounts (email, tier, connected_at) VALUES ('a', 'read', 0)",
    "INSERT INTO external_calendars (account_id, google_id, name, color, is_primary,
         access_role, hidden, shown, busy)
     VALUES (1, 1, 1, '#000000', 0, 'owner', 0, 1, 1)",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 51)
     INSERT INTO external_events (calendar_id, google_id, cancelled, start_at, facts, title,
         event, raw)
     SELECT 1, i, 0, 0, 0, 'title ' || i, '{}', '' FROM n",
];

async fn plan_of(store: &Store, sql: &str, arguments: usize) -> Vec<String> {
    let mut reader = store.reader().await.unwrap();
    let mut query = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
    for _ in 0..arguments {
        query = query.bind("[]");
    }
    let rows = query.fetch_all(reader.conn()).await.unwrap();
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn the_range_query_descends_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let plan = plan_of(&store, OCCURRENCES_IN, 3).await;
    assert!(
        plan.iter().any(|line| line.contains(
            "SEARCH o USING PRIMARY KEY (all_day=? AND class=? AND start_at>? AND start_at<?)"
        )),
        "{plan:#?}"
    );
    assert!(
        !plan.iter().any(|line| line.contains("SCAN o")),
        "{plan:#?}"
    );
}

/// The tables of events are wide or long: whatever is asked or written, none of them is walked.
#[tokio::test]
async fn no_statement_about_events_walks_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let all = [
        external_event::STATEMENTS,
        external_event::read::STATEMENTS,
        external_occurrence::STATEMENTS,
        event_change::STATEMENTS,
        views::event_counts::STATEMENTS,
    ];
    for (name, sql) in all.into_iter().flatten() {
        let arguments = (1..9).filter(|n| sql.contains(&format!("?{n}"))).count();
        let plan = plan_of(&store, sql, arguments).await;
        for table in [
            "external_events",
            "external_occurrences",
            "event_changes",
            "event",
            "o",
        ] {
            let walk = format!("SCAN {table}");
            let walks = plan
                .iter()
                .any(|line| *line == walk || line.starts_with(&format!("{walk} ")));
            assert!(!walks, "{name}: {plan:#?}");
        }
    }
    // The quarantine is bounded; only listing all of it may walk it.
    for (name, sql) in event_quarantine::STATEMENTS {
        let arguments = (1..9).filter(|n| sql.contains(&format!("?{n}"))).count();
        let plan = plan_of(&store, sql, arguments).await;
        let walks = plan
            .iter()
            .any(|line| line.starts_with("SCAN event_quarantine"));
        assert_eq!(walks, *name == "ALL", "{name}: {plan:#?}");
    }
}

#[tokio::test]
async fn rows_come_by_start_whatever_class_and_piece_they_are_of() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    // Hours from the epoch, and the class: mixed, and two that begin together.
    let rows = [
        (30, 0, 0),
        (5, 0, 0),
        (200, 0, 0),
        (24, 0, 1),
        (6, 3, 0),
        (100, 2, 0),
        (48, 1, 1),
        (100, 0, 0),
        (-20, 0, 0),
    ];
    for sql in WORLD {
        sqlx::query(*sql).execute(tx.conn()).await.unwrap();
    }
    for (event, (hour, class, all_day)) in (1..).zip(rows) {
        let start = hour * 3_600_000_i64;
        let end = start + (86_400_000 << class);
        let sql = format!(
            "INSERT INTO external_occurrences VALUES ({all_day}, {class}, {start}, {end}, {event}, \
             1, '{all_day} {start} {end} {event} 1 0 2 t{event}')"
        );
        sqlx::query(AssertSqlSafe(sql))
            .execute(tx.conn())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let start = DateTime::UNIX_EPOCH;
    let range = Interval::new(start, start + TimeDelta::days(20)).unwrap();
    let mut reader = store.reader().await.unwrap();
    let found = occurrences_in(reader.conn(), range).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(
        titles,
        ["t9", "t2", "t5", "t4", "t1", "t7", "t6", "t8", "t3"]
    );
}

#[tokio::test]
async fn a_week_out_of_two_hundred_thousand_occurrences_costs_what_the_week_costs() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    // 50 events an hour of every four, for almost two years; and one that lasts for all of it.
    for sql in WORLD {
        sqlx::query(*sql).execute(tx.conn()).await.unwrap();
    }
    for sql in [
        "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3999)
         INSERT INTO external_occurrences (all_day, class, start_at, end_at, event_id,
             calendar_id, line)
         SELECT 0, 0, at, at + 3600000, id, 1,
             concat_ws(' ', 0, at, at + 3600000, id, 1, 0, octet_length(title), title)
         FROM (SELECT i * 14400000 + id * 1000 AS at, id, title
               FROM external_events CROSS JOIN n WHERE id <= 50)",
        "INSERT INTO external_occurrences
         VALUES (0, 10, 0, 57600000000, 51, 1, '0 0 57600000000 51 1 0 4 long')",
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
            found = occurrences_in(reader.conn(), range).await.unwrap().len();
            best = best.min(begun.elapsed().as_secs_f64());
        }
        (found, best)
    };
    let (all, everything) = timed(-1, 100_000).await;
    let (middle, week) = timed(8_000, 168).await;
    assert_eq!(all, 200_001);
    assert!((50 * 42 + 1..=50 * 43 + 1).contains(&middle), "{middle}");
    assert!(
        week < everything / 10.0,
        "1 % of the occurrences took {week} s, all of them {everything} s"
    );
}
