//! Every statement of the crate against the real schema, and that there are no others.

use std::fs;
use std::path::Path;

use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

use super::{
    account, calendar, calendar_list, conflict, duet_event, event_change, event_link,
    event_quarantine, event_search, event_state, event_times, external_block, external_event,
    external_occurrence, installation, manual_block, occurrence_week, outbox, series_doubt,
    settings, sync_state,
};
use crate::{Store, views};

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let mut tx = store.write().await.unwrap();
    let all = [
        account::STATEMENTS,
        calendar::STATEMENTS,
        calendar_list::STATEMENTS,
        conflict::STATEMENTS,
        duet_event::STATEMENTS,
        event_change::STATEMENTS,
        event_link::STATEMENTS,
        event_quarantine::STATEMENTS,
        event_search::STATEMENTS,
        event_times::STATEMENTS,
        occurrence_week::STATEMENTS,
        event_state::STATEMENTS,
        external_block::STATEMENTS,
        external_event::STATEMENTS,
        external_event::read::STATEMENTS,
        external_event::write::STATEMENTS,
        external_occurrence::STATEMENTS,
        installation::STATEMENTS,
        manual_block::STATEMENTS,
        outbox::STATEMENTS,
        series_doubt::STATEMENTS,
        settings::STATEMENTS,
        sync_state::STATEMENTS,
        views::event_counts::STATEMENTS,
        views::event_doubts::STATEMENTS,
        views::integrity::STATEMENTS,
        views::occurrences::STATEMENTS,
        views::range::STATEMENTS,
        views::search::STATEMENTS,
        views::unanswered::STATEMENTS,
    ];
    for (name, sql) in all.into_iter().flatten() {
        let prepared = tx.conn().prepare(AssertSqlSafe(*sql).into_sql_str()).await;
        assert!(prepared.is_ok(), "{name}: {:?}", prepared.err());
    }
}

/// Statements have names and fixed texts, so that the test above sees them all and none is ever
/// put together from data.
#[test]
fn no_statement_is_made_anywhere_else() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in rust_files(&source) {
        if path.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        assert!(
            !text.contains(concat!("Assert", "SqlSafe")),
            "{}",
            path.display()
        );
        if path.starts_with(source.join("table")) || path.starts_with(source.join("views")) {
            for literal in ["query(\"", "query_as(\"", "query_scalar(\""] {
                assert!(!text.contains(literal), "{}: {literal}", path.display());
            }
        }
    }
}

fn rust_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}
