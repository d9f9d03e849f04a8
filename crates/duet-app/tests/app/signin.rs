//! Signing in: the one right answer connects, everything else leaves no trace and sends nothing.

use chrono::TimeDelta;
use duet_app::Notice;
use duet_app::signin::{Wish, handoff};
use duet_model::account::{AccountState, Tier};
use duet_sandbox::{ClientKind, Endpoint, Fault, FaultKind};
use duet_wire::ErrorCode;
use duet_wire::connect::ConnectView;

use crate::machine::{ANA, BEN, Desk};

#[tokio::test]
async fn the_right_answer_connects_and_the_key_is_in_the_vault_alone() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let accounts = duet.accounts().await.unwrap();
    assert_eq!(accounts.len(), 1);
    assert_eq!(
        (accounts[0].email.as_str(), accounts[0].state),
        (ANA, AccountState::Connected)
    );
    assert_eq!(accounts[0].tier, Tier::Read);
    assert_eq!(
        desk.vault.keys(),
        ["refresh-token/ana@example.com"],
        "and nothing else is kept"
    );
    let calendars = duet.calendars().await.unwrap();
    assert!(
        calendars
            .iter()
            .any(|calendar| calendar.primary && calendar.busy && calendar.shown)
    );
    assert_eq!(desk.control().count(Endpoint::Token), 1);
}

#[tokio::test]
async fn a_callback_in_a_hundred_copies_is_one_token_request() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let answer = desk.allow();
    let copies = (0..100).map(|_| {
        let (duet, answer) = (duet.clone(), answer.clone());
        tokio::spawn(async move { duet.callback(&answer).await })
    });
    let mut taken = 0;
    for copy in copies.collect::<Vec<_>>() {
        taken += u32::from(copy.await.unwrap());
    }
    assert_eq!(taken, 1, "one of them was the answer");
    assert_eq!(
        desk.control().count(Endpoint::Token),
        1,
        "and one request left"
    );
    assert_eq!(duet.connected().await.unwrap(), ANA);
}

#[tokio::test]
async fn a_wrong_answer_sends_nothing_and_the_right_one_still_works() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let right = desk.allow();
    let (base, _) = right.split_once('?').unwrap();
    for wrong in [
        format!("{base}?code=thief&state={}", "A".repeat(43)),
        format!("{base}?code=thief"),
        format!("{base}?state=x"),
        format!("{right}&state=twice"),
        right.replace("oauth2redirect", "elsewhere"),
        right.replace(
            "com.googleusercontent.apps.sandbox",
            "com.googleusercontent.apps.other",
        ),
        String::new(),
        format!("{base}?{}", "x".repeat(5000)),
    ] {
        assert!(!duet.callback(&wrong).await, "{wrong:?}");
    }
    assert_eq!(
        desk.control().count(Endpoint::Token),
        0,
        "no token request left"
    );
    assert!(
        duet.callback(&right).await,
        "the waiting flow was not disturbed"
    );
}

#[tokio::test]
async fn an_answer_after_ten_minutes_is_too_late() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let answer = desk.allow();
    desk.later(TimeDelta::minutes(11));
    assert!(!duet.callback(&answer).await);
    assert_eq!(desk.control().count(Endpoint::Token), 0);
    let failed = duet.connected().await.unwrap_err();
    assert!(failed.message.contains("ten minutes"), "{}", failed.message);
}

#[tokio::test]
async fn nobody_coming_back_ends_the_wait_in_words() {
    let desk = Desk::with(ClientKind::Desktop).await;
    let duet = desk.duet().await;
    // Listener and flow end at the same instant, and either may be noticed first.
    for _ in 0..8 {
        duet.connect(Wish::default()).await.unwrap();
        tokio::task::yield_now().await;
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(601)).await;
        // A clock that stands jumps to the next limit whenever this thread waits for the database.
        tokio::time::resume();
        let ended = tokio::time::timeout(std::time::Duration::from_secs(60), duet.connected());
        let failed = ended.await.expect("the wait ends").unwrap_err();
        assert!(failed.message.contains("ten minutes"), "{}", failed.message);
    }
}

#[tokio::test]
async fn a_keychain_that_opens_is_noticed_by_whoever_comes_back() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let locked = |locked| {
        desk.vault
            .locked
            .store(locked, std::sync::atomic::Ordering::Relaxed);
    };
    let told = |expect: bool| {
        let duet = &duet;
        async move {
            let asked = async {
                while duet
                    .overview()
                    .await
                    .unwrap()
                    .keychain_unavailable
                    .is_some()
                    != expect
                {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(std::time::Duration::from_secs(10), asked)
                .await
                .expect("the window is told");
        }
    };
    locked(true);
    duet.start();
    told(true).await;
    locked(false);
    duet.focused(true);
    told(false).await;
    duet.stop().await;
}

#[tokio::test]
async fn an_answer_to_the_duet_that_was_quit_meanwhile_still_connects_once() {
    let desk = Desk::new().await;
    let before = desk.duet().await;
    before.connect(Wish::default()).await.unwrap();
    let answer = desk.allow();
    before.stop().await;
    drop(before);

    let after = desk.duet().await;
    assert!(
        after.callback(&answer).await,
        "the flow was kept in the vault"
    );
    assert_eq!(after.connected().await.unwrap(), ANA);
    assert!(!after.callback(&answer).await, "and it was used up");
    assert_eq!(desk.vault.keys(), ["refresh-token/ana@example.com"]);
}

#[tokio::test]
async fn a_link_that_reaches_another_process_is_handed_over() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let answer = desk.allow();
    // The waiting task posts its port as soon as it runs.
    while !handoff::deliver(desk.path(), &answer).await {
        tokio::task::yield_now().await;
    }
    assert_eq!(duet.connected().await.unwrap(), ANA);
}

#[tokio::test]
async fn loopback_connects_by_real_http() {
    let desk = Desk::with(ClientKind::Desktop).await;
    assert_eq!(desk.client(), ClientKind::Desktop);
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let answer = desk.allow();
    assert!(answer.starts_with("http://127.0.0.1:"), "{answer}");
    let page = reqwest::get(&answer).await.unwrap();
    assert!(page.status().is_success(), "the browser gets a page");
    assert_eq!(duet.connected().await.unwrap(), ANA);
}

#[tokio::test]
async fn another_person_than_the_one_to_reconnect_changes_nothing() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let before = duet.calendars().await.unwrap();
    let wish = Wish {
        account: Some(ANA.to_owned()),
        ..Wish::default()
    };
    duet.connect(wish).await.unwrap();
    desk.control().sign_in_as(BEN);
    assert!(duet.callback(&desk.allow()).await);
    let failed = duet.connected().await.unwrap_err();
    assert!(
        failed.message.contains(BEN) && failed.message.contains(ANA),
        "{}",
        failed.message
    );
    assert_eq!(duet.accounts().await.unwrap().len(), 1);
    assert_eq!(duet.calendars().await.unwrap(), before);
    assert_eq!(
        desk.control().count(Endpoint::Revoke),
        0,
        "withdrawing would end their connections elsewhere"
    );
    assert_eq!(desk.vault.keys(), ["refresh-token/ana@example.com"]);
    assert_eq!(
        desk.control().live_refresh_tokens(ANA).len(),
        1,
        "and the good one was not"
    );
}

#[tokio::test]
async fn a_reconnect_keeps_the_data_and_takes_the_notice_down() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    duet.set_calendar(None, "studio@example.com", Some(false), None)
        .await
        .unwrap();
    let before = duet.calendars().await.unwrap();
    desk.control().revoke(ANA);
    let report = duet.sync_now(None, false).await.unwrap();
    assert_eq!(
        report.accounts[0].outcome,
        duet_wire::status::Outcome::Reconnect
    );
    assert_eq!(
        duet.accounts().await.unwrap()[0].state,
        AccountState::Reconnect
    );
    duet.sync_now(None, false).await.unwrap();
    let needed = Notice::Reconnect {
        email: ANA.to_owned(),
    };
    let count = desk
        .machine
        .notices
        .lock()
        .unwrap()
        .iter()
        .filter(|n| **n == needed)
        .count();
    assert_eq!(count, 1, "one notification for one revocation");

    duet.reconnect(ANA).await;
    assert!(
        desk.page().contains("login_hint"),
        "the page is told who it is about"
    );
    assert!(duet.callback(&desk.allow()).await);
    duet.connected().await.unwrap();
    assert_eq!(
        duet.accounts().await.unwrap()[0].state,
        AccountState::Connected
    );
    let switches = |calendars: Vec<duet_wire::accounts::CalendarView>| {
        calendars
            .into_iter()
            .map(|c| (c.id, c.busy, c.shown))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        switches(duet.calendars().await.unwrap()),
        switches(before),
        "switches are the person's"
    );
    let gone = Notice::Reconnected {
        email: ANA.to_owned(),
    };
    assert!(desk.machine.notices.lock().unwrap().contains(&gone));
}

#[tokio::test]
async fn no_lasting_key_is_no_connection() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    desk.control().omit_refresh_token(true);
    duet.connect(Wish::default()).await.unwrap();
    duet.callback(&desk.allow()).await;
    assert!(duet.connected().await.is_err());
    assert!(duet.accounts().await.unwrap().is_empty());
    assert!(desk.vault.keys().is_empty());
}

#[tokio::test]
async fn every_subset_of_permissions_ends_in_a_tier_or_in_words() {
    const READ: &str = "https://www.googleapis.com/auth/calendar.readonly";
    const LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
    const TIMES: &str = "https://www.googleapis.com/auth/calendar.events.freebusy";
    for (asked, granted, expect) in [
        (Tier::Read, &[READ][..], Ok(Tier::Read)),
        // Nothing ticked at all is what Google calls a refusal.
        (Tier::Read, &[], Err("chose not")),
        (Tier::Busy, &[LIST, TIMES], Ok(Tier::Busy)),
        (Tier::Busy, &[LIST], Err("tick that box")),
        (Tier::Busy, &[TIMES], Err("tick that box")),
        (Tier::Busy, &[], Err("chose not")),
        (Tier::Write, &[READ], Ok(Tier::Read)),
    ] {
        let desk = Desk::new().await;
        let duet = desk.duet().await;
        let scopes = granted.iter().map(|scope| (*scope).to_owned()).collect();
        desk.control().set_granted_scopes(Some(scopes));
        duet.connect(Wish {
            tier: asked,
            ..Wish::default()
        })
        .await
        .unwrap();
        duet.callback(&desk.allow()).await;
        match (duet.connected().await, expect) {
            (Ok(_), Ok(tier)) => {
                assert_eq!(duet.accounts().await.unwrap()[0].tier, tier, "{granted:?}");
            }
            (Err(error), Err(words)) => {
                assert!(
                    error.message.contains(words),
                    "{granted:?}: {}",
                    error.message
                );
                assert!(duet.accounts().await.unwrap().is_empty(), "{granted:?}");
            }
            (result, expect) => panic!("{granted:?}: {result:?} instead of {expect:?}"),
        }
        assert!(
            desk.control().count(Endpoint::Token) <= 1,
            "nothing is tried again"
        );
    }
}

#[tokio::test]
async fn saying_no_at_google_changes_nothing() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    desk.control().deny_consent(true);
    duet.connect(Wish::default()).await.unwrap();
    duet.callback(&desk.allow()).await;
    let failed = duet.connected().await.unwrap_err();
    assert!(failed.message.contains("chose not"), "{}", failed.message);
    assert_eq!(desk.control().count(Endpoint::Token), 0);
}

#[tokio::test]
async fn a_locked_keychain_is_found_out_before_the_browser_opens() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    desk.vault
        .locked
        .store(true, std::sync::atomic::Ordering::Relaxed);
    let error = duet.connect(Wish::default()).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Keychain);
    assert!(desk.machine.opened.lock().unwrap().is_empty());
}

#[tokio::test]
async fn giving_up_and_starting_again_leaves_one_flow() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish::default()).await.unwrap();
    let first = desk.allow();
    duet.connect(Wish {
        tier: Tier::Busy,
        ..Wish::default()
    })
    .await
    .unwrap();
    let second = desk.allow();
    assert!(!duet.callback(&first).await, "the first was given up");
    duet.connect_cancel().await;
    assert!(!duet.callback(&second).await, "and so was the second");
    assert_eq!(desk.control().count(Endpoint::Token), 0);
    assert!(
        desk.vault.keys().is_empty(),
        "nothing is kept of a flow that was given up"
    );
}

#[tokio::test]
async fn the_busy_tier_asks_for_two_permissions_and_fills_the_week() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.connect(Wish {
        tier: Tier::Busy,
        ..Wish::default()
    })
    .await
    .unwrap();
    let page = desk.page();
    let scopes = page
        .split('&')
        .find(|pair| pair.starts_with("scope="))
        .unwrap();
    assert_eq!(scopes.matches("auth%2F").count(), 2, "{scopes}");
    duet.callback(&desk.allow()).await;
    duet.connected().await.unwrap();
    let report = duet.sync_now(None, false).await.unwrap();
    assert!(report.accounts[0].blocks.added > 0, "{report:?}");
}

#[tokio::test]
async fn disconnecting_leaves_nothing_and_revokes_only_when_asked() {
    for revoke in [true, false] {
        let desk = Desk::new().await;
        let duet = desk.connected().await;
        assert_eq!(duet.disconnect(ANA, revoke).await.unwrap(), None);
        assert_eq!(desk.control().count(Endpoint::Revoke), usize::from(revoke));
        assert_eq!(desk.control().live_refresh_tokens(ANA).is_empty(), revoke);
        assert!(desk.vault.keys().is_empty(), "the key is gone");
        assert!(duet.calendars().await.unwrap().is_empty());
        let missing = duet.disconnect(ANA, revoke).await.unwrap_err();
        assert_eq!(missing.code, ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn disconnecting_offline_works_here_and_says_what_is_left_to_do() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    desk.control()
        .fault(Fault::once(Endpoint::Revoke, FaultKind::DropBefore));
    let but = duet
        .disconnect(ANA, true)
        .await
        .unwrap()
        .expect("Google could not be told");
    assert!(but.contains("myaccount.google.com"), "{but}");
    assert!(
        duet.accounts().await.unwrap().is_empty(),
        "here it is gone all the same"
    );
}

#[tokio::test]
async fn a_stray_answer_at_a_cold_start_is_explained() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let stray = "com.googleusercontent.apps.sandbox:/oauth2redirect?code=x&state=y";
    assert!(!duet.callback(stray).await);
    let overview = duet.overview().await.unwrap();
    assert!(
        matches!(overview.connect, ConnectView::Failed { .. }),
        "{:?}",
        overview.connect
    );
}

#[tokio::test]
async fn what_another_process_does_is_told_once_and_only_where_something_changed() {
    let desk = Desk::new().await;
    let window = desk.connected().await;
    window.boot().await.unwrap();
    let command = desk.duet().await;
    let told = || std::mem::take(&mut *desk.machine.notices.lock().unwrap());
    told();

    let flip = async |on| {
        command
            .set_calendar(None, "studio@example.com", None, Some(on))
            .await
            .unwrap();
        window.changed_elsewhere().await;
    };
    flip(false).await;
    assert_eq!(
        told(),
        [],
        "a notice that came up meanwhile would be taken down"
    );

    desk.control().revoke(ANA);
    command.sync_now(None, false).await.unwrap();
    told();
    let email = ANA.to_owned();
    window.changed_elsewhere().await;
    assert_eq!(
        told(),
        [Notice::Reconnect {
            email: email.clone()
        }]
    );
    flip(true).await;
    assert_eq!(told(), [], "told once");

    command.reconnect(ANA).await;
    assert!(command.callback(&desk.allow()).await);
    command.connected().await.unwrap();
    told();
    window.changed_elsewhere().await;
    assert_eq!(told(), [Notice::Reconnected { email }]);
}
