//! What is told of how things stand: the doctor's findings and the plan for the next sync.

use chrono::TimeDelta;
use duet_store::Store;
use duet_sync::host::token_key;
use duet_wire::doctor::{Check, Verdict};

use crate::machine::{ANA, Desk};

fn key_of(checks: &[Check]) -> Verdict {
    let key = checks.iter().find(|check| check.name == "key");
    key.expect("the key is looked for").verdict
}

#[tokio::test]
async fn the_doctor_misses_a_key_and_quotes_neither_key_nor_address() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    assert_eq!(key_of(&duet.doctor().await.checks), Verdict::Ok);
    let key = desk.vault.secrets.lock().unwrap().remove(&token_key(ANA));
    let key = String::from_utf8(key.unwrap()).unwrap();
    let report = duet.doctor().await;
    assert_eq!(key_of(&report.checks), Verdict::Problem);
    for check in &report.checks {
        assert!(!check.words.contains(ANA), "{}", check.words);
        assert!(!check.words.contains(&key), "{}", check.words);
    }
    assert!(desk.vault.keys().is_empty(), "and what it tried is gone");
}

#[tokio::test]
async fn only_what_will_happen_is_planned() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let now = *desk.machine.now.lock().unwrap();
    let next = async || duet.status().await.unwrap().next_sync_at;
    for (planned, expect) in [(5, true), (-5, false)] {
        let planned = now + TimeDelta::minutes(planned);
        let store = Store::open(desk.path()).await.unwrap();
        let account = store.accounts().await.unwrap().remove(0);
        let mut tx = store.write().await.unwrap();
        tx.set_next_sync(account.id, Some(planned)).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        let told = next().await;
        assert_eq!(
            told,
            expect.then_some(planned),
            "a plan of the past is none"
        );
        duet.toggle_paused().await.unwrap();
        assert_eq!(next().await, None, "and in a pause there is none");
        duet.toggle_paused().await.unwrap();
    }
}
