//! What is told of how things stand: the doctor's findings and the plan for the next sync.

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::{AccountState, FailureCode};
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_store::Store;
use duet_sync::host::token_key;
use duet_wire::blocks::BlockDraft;
use duet_wire::doctor::{Check, Verdict};
use duet_wire::status::Outcome;

use crate::machine::{ANA, BEN, Desk};

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

/// The key may rest in the keychain or sealed in the data folder; nobody here knows which.
#[tokio::test]
async fn the_doctor_counts_in_plain_words_and_does_not_guess_where_a_key_rests() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    duet.sync_now(None, false).await.unwrap();
    *desk.machine.now.lock().unwrap() += TimeDelta::minutes(1);
    let checks = duet.doctor().await.checks;
    let words = |name: &str| {
        let found = checks.iter().find(|check| check.name == name);
        found.expect("it is checked").words.clone()
    };
    let account = words("account");
    assert!(
        account.contains("synced 1 minute ago, 1 permission granted"),
        "{account}"
    );
    assert!(!words("key").contains("keychain"), "{}", words("key"));
}

/// "Synced just now" must not sound as if every calendar were known.
#[tokio::test]
async fn an_account_tells_how_many_of_its_calendars_fail() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    duet.sync_now(None, false).await.unwrap();
    let failing = async || {
        let status = duet.status().await.unwrap();
        assert!(status.accounts[0].last_synced_at.is_some());
        let listed = duet.accounts().await.unwrap()[0].failing;
        assert_eq!(listed, status.accounts[0].failing);
        listed
    };
    assert_eq!(failing().await, 0);
    desk.control()
        .freebusy_error("studio@example.com", Some("internalError"))
        .unwrap();
    duet.sync_now(None, false).await.unwrap();
    assert_eq!(failing().await, 1);
    duet.set_calendar(None, "studio@example.com", None, Some(false))
        .await
        .unwrap();
    assert_eq!(failing().await, 0, "what does not count keeps nothing open");
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

/// `duet sync` and then, in a process of its own, `duet status`.
#[tokio::test]
async fn what_a_command_met_is_told_by_the_next_one() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    desk.control().set_online(false).await;
    let report = duet.sync_now(None, false).await.unwrap();
    assert_eq!(report.accounts[0].outcome, Outcome::Failed);
    duet.stop().await;
    let next = desk.duet().await;
    let status = next.status().await.unwrap();
    let account = &status.accounts[0];
    assert!(status.offline);
    assert_eq!(account.last_error_code, Some(FailureCode::Offline));
    assert_eq!(
        account.last_error_at,
        Some(*desk.machine.now.lock().unwrap())
    );

    desk.control().set_online(true).await;
    next.sync_now(None, false).await.unwrap();
    next.stop().await;
    assert!(!desk.duet().await.status().await.unwrap().offline);
}

#[tokio::test]
async fn who_asks_too_soon_is_told_until_when_google_wants_to_wait() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let limited = FaultKind::rate_limited(Some(600));
    desk.control()
        .fault(Fault::once(Endpoint::CalendarList, limited));
    let told = duet.sync_now(None, false).await.unwrap().accounts.remove(0);
    let until: DateTime<Utc> = told.wait_until.unwrap();
    let clock = duet.zone().to_wall(until).format("%H:%M:%S").to_string();
    let words = told.error.unwrap();
    assert!(words.contains(&clock), "{words} should say {clock}");
    duet.stop().await;

    let asked = desk.control().count(Endpoint::Any);
    let next = desk.duet().await;
    let again = next.sync_now(None, false).await.unwrap().accounts.remove(0);
    let words = again.error.unwrap();
    assert!(words.contains("Google asked Duet to wait until"), "{words}");
    assert_eq!(desk.control().count(Endpoint::Any), asked);
    next.stop().await;
}

#[tokio::test]
async fn the_age_of_the_picture_is_that_of_its_oldest_account_that_syncs() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let first = *desk.machine.now.lock().unwrap();
    desk.later(TimeDelta::minutes(20));
    desk.control().sign_in_as(BEN);
    let wish = duet_app::signin::Wish::default();
    duet.connect(wish).await.unwrap();
    assert!(duet.callback(&desk.allow()).await);
    assert_eq!(duet.connected().await.unwrap(), BEN);
    duet.sync_now(Some(BEN), false).await.unwrap();
    let age = async || duet.status().await.unwrap().last_synced_at;
    assert_eq!(age().await, Some(first), "Ana's is the older one");

    // Its banner tells; the age would stand still for ever.
    desk.control().revoke(ANA);
    duet.sync_now(None, false).await.unwrap();
    let status = duet.status().await.unwrap();
    let ana = status.accounts.iter().find(|it| it.email == ANA).unwrap();
    assert_eq!(
        (ana.state, ana.last_synced_at),
        (AccountState::Reconnect, Some(first))
    );
    assert_eq!(
        status.last_synced_at,
        Some(first + TimeDelta::minutes(20)),
        "the age of what can be synced"
    );
}

#[tokio::test]
async fn the_tray_says_what_comes_next_and_where_that_is_known_to_end() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    for calendar in duet.calendars().await.unwrap() {
        duet.set_calendar(Some(ANA), &calendar.id, None, Some(calendar.primary))
            .await
            .unwrap();
    }
    // Four hours later the calendar that counts is unknown; it is Wednesday, 16:00 in Berlin.
    desk.later(TimeDelta::hours(4));
    assert_eq!(duet.next_line().await, "Unknown for the next 24 hours");
    let block = async |from: &str, to: &str| {
        let at = |time: &str| format!("2026-11-25T{time}:00").parse().unwrap();
        let draft = BlockDraft {
            title: String::new(),
            start: at(from),
            end: at(to),
            repeat: None,
        };
        duet.create_block(draft).await.unwrap();
    };
    block("15:30", "16:30").await;
    assert_eq!(
        duet.next_line().await,
        "Busy until 16:30",
        "unknown is not busy"
    );
    block("16:30", "17:15").await;
    assert_eq!(
        duet.next_line().await,
        "Busy until 17:15",
        "neighbours are one"
    );
    for calendar in duet.calendars().await.unwrap() {
        duet.set_calendar(Some(ANA), &calendar.id, None, Some(false))
            .await
            .unwrap();
    }
    desk.later(TimeDelta::minutes(75));
    assert_eq!(duet.next_line().await, "Free for the next 24 hours");
    block("18:00", "18:30").await;
    assert_eq!(duet.next_line().await, "Free until 18:00");
}

/// A file that nobody may write, also not root, for as long as this lives.
struct Untouchable(std::path::PathBuf);

impl Untouchable {
    /// `None` where this user, or this file system, cannot make one.
    fn new(path: std::path::PathBuf) -> Option<Self> {
        let set = std::process::Command::new("chattr")
            .arg("+i")
            .arg(&path)
            .status();
        let this = Self(path);
        let fails = std::fs::OpenOptions::new()
            .append(true)
            .open(&this.0)
            .is_err();
        (set.is_ok_and(|set| set.success()) && fails).then_some(this)
    }
}

impl Drop for Untouchable {
    fn drop(&mut self) {
        let _ = std::process::Command::new("chattr")
            .arg("-i")
            .arg(&self.0)
            .status();
    }
}

#[tokio::test]
async fn a_database_that_may_only_be_read_is_a_problem() {
    let desk = Desk::new().await;
    let path = desk.path().join(duet_store::FILE_NAME);
    desk.duet().await.stop().await;
    let Some(_locked) = Untouchable::new(path) else {
        // Where no such file can be made there is nothing to see.
        return;
    };
    let duet = desk.duet().await;
    let checks = duet.doctor().await.checks;
    let database = checks
        .iter()
        .find(|check| check.name == "database")
        .unwrap();
    assert_eq!(database.verdict, Verdict::Problem, "{database:?}");
    assert!(
        database.words.contains("may not write"),
        "{}",
        database.words
    );
    let at = |hour| {
        chrono::NaiveDate::from_ymd_opt(2026, 11, 26)
            .unwrap()
            .and_hms_opt(hour, 0, 0)
    };
    let draft = BlockDraft {
        title: "Gym".into(),
        start: at(9).unwrap(),
        end: at(10).unwrap(),
        repeat: None,
    };
    let refused = duet.create_block(draft).await.unwrap_err();
    assert!(
        refused.message.contains("nothing was changed"),
        "{}",
        refused.message
    );
    assert!(!refused.message.contains("code:"), "{}", refused.message);
}
