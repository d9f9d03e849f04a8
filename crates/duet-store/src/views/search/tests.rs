//! What is typed, in the language of FTS5: one case a line; and that no table is walked.

use sqlx::{AssertSqlSafe, Row};

use super::{FOUND, nearest, query_of};
use crate::Store;
use crate::table::occurrence_week::Slot;

#[test]
fn every_word_is_a_quoted_beginning() {
    let cases = [
        ("", None),
        (" \t\n", None),
        ("-*\"!", None),
        ("choir", Some("\"choir\"*")),
        ("  choir   hall ", Some("\"choir\"* \"hall\"*")),
        ("a\"b", Some("\"a\"* \"b\"*")),
        ("a\u{0}b", Some("\"a\"* \"b\"*")),
        ("title:x OR", Some("\"title:x\"* \"OR\"*")),
        ("bo@example.com", Some("\"bo@example.com\"*")),
        ("choir - hall", Some("\"choir\"* \"hall\"*")),
    ];
    for (text, expect) in cases {
        assert_eq!(query_of(text).as_deref(), expect, "{text:?}");
    }
    assert_eq!(query_of(&"a ".repeat(99)).unwrap().matches('a').count(), 16);
    assert_eq!(query_of(&"é".repeat(99)).unwrap().matches('é').count(), 64);
}

#[tokio::test]
async fn searching_starts_from_the_index_and_walks_no_table() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut reader = store.reader().await.unwrap();
    let plan: Vec<String> = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {FOUND}")))
        .bind("\"x\"*")
        .fetch_all(reader.conn())
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("detail"))
        .collect();
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(has("SCAN event_search VIRTUAL TABLE INDEX"), "{plan:#?}");
    assert!(has("SEARCH event USING INTEGER PRIMARY KEY"), "{plan:#?}");
    assert!(has("SEARCH own USING INTEGER PRIMARY KEY"), "{plan:#?}");
    assert!(!has("SCAN event ") && !has("SCAN own"), "{plan:#?}");
}

#[test]
fn the_nearest_occurrence_is_the_last_that_began_or_the_next() {
    let slots = |starts: &[(i64, i64)]| -> Vec<Slot> {
        let slot = |&(start, end)| Slot {
            start,
            end,
            all_day: false,
        };
        starts.iter().map(slot).collect()
    };
    let cases = [
        (vec![], 5, None),
        (vec![(0, 1)], 5, Some((0, 1))),
        (vec![(9, 10)], 5, Some((9, 10))),
        (vec![(0, 1), (9, 10)], 5, Some((9, 10))),
        (vec![(0, 1), (10, 11)], 5, Some((0, 1))),
        (vec![(5, 6), (6, 7)], 5, Some((5, 6))),
        (vec![(9, 10), (9, 12), (20, 21)], 5, Some((9, 12))),
        (vec![(1, 2), (1, 8)], 5, Some((1, 8))),
    ];
    for (all, now, expect) in cases {
        let found = nearest(&slots(&all), now).map(|slot| (slot.start, slot.end));
        assert_eq!(found, expect, "{all:?}");
    }
}
