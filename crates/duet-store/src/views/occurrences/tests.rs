//! That a range is found by the key, and what else must not walk a table.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::calendar::CalendarId;
use duet_model::event::EventKey;
use duet_model::when::Interval;
use sqlx::{AssertSqlSafe, Row};

use super::{WEEKS_IN, occurrences_in};
use crate::table::{
    event_change, event_quarantine, event_times, external_event, external_occurrence,
    occurrence_week,
};
use crate::{OccurrenceTime, Store, views};

/// A calendar that counts, with 51 events.
const WORLD: &[&str] = &[
    "INSERT INTO external_accounts (email, tier, connected_at) VALUES ('a', 'read', 0)",
    "INSERT INTO external_calendars (account_id, google_id, name, color, is_primary,
         access_role, hidden, shown, busy)
     VALUES (1, 1, 1, '#000000', 0, 'owner', 0, 1, 1)",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 51)
     INSERT INTO external_events (calendar_id, google_id, cancelled, start_at, facts, title,
         body)
     SELECT 1, i, 0, 0, 0, 'title ' || i, x'' FROM n",
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
    let plan = plan_of(&store, WEEKS_IN, 3).await;
    let runs = |text: &str| plan.iter().filter(|line| line.contains(text)).count();
    let key = "SEARCH external_occurrence_weeks USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)";
    assert_eq!(runs(key), 3, "{plan:#?}");
    assert_eq!(runs("SCAN external_occurrence_weeks"), 0, "{plan:#?}");
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
        occurrence_week::STATEMENTS,
        event_times::STATEMENTS,
        event_change::STATEMENTS,
        views::event_counts::STATEMENTS,
    ];
    for (name, sql) in all.into_iter().flatten() {
        let arguments = (1..9).filter(|n| sql.contains(&format!("?{n}"))).count();
        let plan = plan_of(&store, sql, arguments).await;
        for table in [
            "external_events",
            "external_occurrence_weeks",
            "external_event_times",
            "event_changes",
            "event",
            "own",
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
async fn rows_come_by_start_whatever_week_they_stand_in() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    // Hours from the epoch, the length as a power of two days, and whole days: mixed, and two that begin together.
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
        let start = DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
        let end = start + TimeDelta::days(1 << class);
        let time = if all_day == 1 {
            OccurrenceTime::Days {
                first: start.date_naive(),
                until: end.date_naive(),
            }
        } else {
            OccurrenceTime::At { start, end }
        };
        let event = EventKey(event);
        tx.replace_occurrences(CalendarId(1), 0, &[event], &[(event, time)])
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let start = DateTime::UNIX_EPOCH;
    let range = Interval::new(start, start + TimeDelta::days(20)).unwrap();
    let mut reader = store.reader().await.unwrap();
    let found = occurrences_in(reader.conn(), range).await.unwrap();
    let titles: Vec<&str> = found.iter().map(|row| row.title.as_str()).collect();
    // What is empty before and after costs nothing.
    let ever = Interval::new(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC).unwrap();
    let all = occurrences_in(reader.conn(), ever).await.unwrap();
    assert_eq!(all, found);
    assert_eq!(
        titles,
        [
            "title 9", "title 2", "title 5", "title 4", "title 1", "title 7", "title 6", "title 8",
            "title 3"
        ]
    );
}

#[tokio::test]
async fn a_week_out_of_two_hundred_thousand_occurrences_costs_what_the_week_costs() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    for sql in WORLD {
        sqlx::query(*sql).execute(tx.conn()).await.unwrap();
    }
    // 50 events an hour of every four, for almost two years; and one that lasts for all of it.
    let at = |hours: i64, seconds: i64| {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours) + TimeDelta::seconds(seconds)
    };
    for event in 1..=51 {
        let rows: Vec<_> = (0..if event == 51 { 1 } else { 4_000 })
            .map(|n| {
                let start = at(4 * n, event);
                let length = TimeDelta::hours(if event == 51 { 16_000 } else { 1 });
                let end = start + length;
                (EventKey(event), OccurrenceTime::At { start, end })
            })
            .collect();
        tx.replace_occurrences(CalendarId(1), 0, &[EventKey(event)], &rows)
            .await
            .unwrap();
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
