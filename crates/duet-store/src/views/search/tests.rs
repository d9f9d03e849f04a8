//! What is typed, in the language of FTS5: one case a line; and that no table is walked.

use sqlx::{AssertSqlSafe, Row};

use super::{SEARCH, query_of};
use crate::Store;

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
    let plan: Vec<String> = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {SEARCH}")))
        .bind("\"x\"*")
        .bind(0_i64)
        .bind(9_i64)
        .fetch_all(reader.conn())
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("detail"))
        .collect();
    let has = |text: &str| plan.iter().any(|line| line.contains(text));
    assert!(has("SCAN event_search VIRTUAL TABLE INDEX"), "{plan:#?}");
    assert!(has("SEARCH event USING INTEGER PRIMARY KEY"), "{plan:#?}");
    assert!(
        has("external_occurrences_event (event_id=? AND start_at<?)")
            && has("external_occurrences_event (event_id=? AND start_at>?)")
            && has("external_occurrences_event (event_id=? AND start_at=?)"),
        "{plan:#?}"
    );
    assert!(
        !has("SCAN event ") && !has("SCAN external_occurrences"),
        "{plan:#?}"
    );
}
