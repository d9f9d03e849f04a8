//! Access tokens: one refresh for all who ask, and what is kept where.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use duet_google::auth::{AuthError, RefreshToken};
use duet_sandbox::{Endpoint, Fault, FaultKind, Options, World};
use duet_sync::host::{VaultError, token_key};
use duet_sync::store_refresh_token;
use duet_sync::tokens::{TokenError, Tokens};
use futures_util::future::join_all;

use crate::rig::{ANA, BEN, Rig, today};

fn tokens(rig: &Rig) -> Tokens {
    let clients = Arc::new(rig.client.clone());
    Tokens::new(
        rig.vault.clone(),
        clients,
        rig.clock.clone(),
        rig.ear.clone(),
    )
}

/// TRUST F6 and I16.
#[tokio::test]
async fn fifty_callers_share_one_refresh() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    let keys = join_all((0..50).map(|_| tokens.get(&account))).await;
    assert_eq!(rig.control.count(Endpoint::Refresh), 1);
    let key = keys.into_iter().next().unwrap().unwrap();

    // All fifty are refused with the same token: one more.
    let renewed = join_all((0..50).map(|_| tokens.renew(&account, &key))).await;
    assert!(renewed.iter().all(Result::is_ok));
    assert_eq!(rig.control.count(Endpoint::Refresh), 2);
    // And one who comes late with the old one gets what the others got.
    tokens.renew(&account, &key).await.unwrap();
    assert_eq!(rig.control.count(Endpoint::Refresh), 2);
}

#[tokio::test]
async fn fifty_callers_share_one_refusal() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    rig.control.revoke(ANA);
    let results = join_all((0..50).map(|_| tokens.get(&account))).await;
    assert_eq!(rig.control.count(Endpoint::Refresh), 1);
    for result in results {
        let Err(TokenError::Auth(error)) = result else {
            panic!("{result:?}")
        };
        assert!(matches!(*error, AuthError::InvalidGrant), "{error}");
    }
}

#[tokio::test]
async fn accounts_do_not_wait_for_each_other() {
    let rig = Rig::small().await;
    let (ana, ben) = (rig.connect(ANA).await, rig.connect(BEN).await);
    let (ana, ben) = (rig.account(ana).await, rig.account(ben).await);
    let tokens = tokens(&rig);
    rig.control
        .fault(Fault::once(Endpoint::Refresh, FaultKind::Stall));
    let stalled = tokio::spawn({
        let tokens = tokens.clone();
        async move { tokens.get(&ana).await }
    });
    let seen = rig
        .control
        .wait_until(Duration::from_secs(10), |c| c.count(Endpoint::Refresh) == 1);
    assert!(seen.await);
    tokens
        .get(&ben)
        .await
        .expect("ben's token does not hang on ana's");
    stalled.abort();
}

#[tokio::test]
async fn a_token_is_replaced_when_less_than_five_minutes_are_left() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    tokens.get(&account).await.unwrap();
    rig.clock.jump(TimeDelta::minutes(54));
    tokens.get(&account).await.unwrap();
    assert_eq!(
        rig.control.count(Endpoint::Refresh),
        1,
        "almost six minutes are left"
    );
    rig.clock.jump(TimeDelta::minutes(1));
    tokens.get(&account).await.unwrap();
    assert_eq!(rig.control.count(Endpoint::Refresh), 2);
    // A clock that is set back neither stretches a token's life nor costs a refresh.
    rig.clock.jump(TimeDelta::days(-365));
    tokens.get(&account).await.unwrap();
    assert_eq!(rig.control.count(Endpoint::Refresh), 2);
    // Set forward by a year: one refresh, not one for each request (TRUST F18).
    rig.clock.jump(TimeDelta::days(730));
    for _ in 0..5 {
        tokens.get(&account).await.unwrap();
    }
    assert_eq!(rig.control.count(Endpoint::Refresh), 3);
}

#[tokio::test]
async fn a_short_lived_token_is_used_nevertheless() {
    let options = Options {
        access_token_lifetime: Duration::from_secs(120),
        ..Options::default()
    };
    let rig = Rig::with(World::small(today()), options).await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    for _ in 0..5 {
        tokens.get(&account).await.unwrap();
    }
    assert_eq!(rig.control.count(Endpoint::Refresh), 1);
}

/// A key that was replaced behind our back, by the command line or by the sign-in flow, is found.
#[tokio::test]
async fn an_old_keys_death_is_no_news_where_a_newer_one_is_stored() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    rig.control.revoke(ANA);
    rig.control.fault(Fault::once(
        Endpoint::Refresh,
        FaultKind::Delay(Duration::from_millis(200)),
    ));
    let asking = tokio::spawn({
        let (tokens, account) = (tokens.clone(), account.clone());
        async move { tokens.get(&account).await }
    });
    let seen = rig
        .control
        .wait_until(Duration::from_secs(10), |c| c.count(Endpoint::Refresh) == 1);
    assert!(seen.await);
    let scope = duet_sandbox::scopes::CALENDAR_READONLY;
    let newer = rig.control.grant(ANA, &[scope]).unwrap().refresh_token;
    store_refresh_token(&*rig.vault, ANA, &RefreshToken::new(newer))
        .await
        .unwrap();
    asking.await.unwrap().expect("the newer key is used");
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_break_the_refresh_off() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    let account = rig.account(id).await;
    let tokens = tokens(&rig);
    let delay = FaultKind::Delay(Duration::from_millis(100));
    rig.control.fault(Fault::once(Endpoint::Refresh, delay));
    let asking = tokio::spawn({
        let (tokens, account) = (tokens.clone(), account.clone());
        async move { tokens.get(&account).await }
    });
    let seen = rig
        .control
        .wait_until(Duration::from_secs(10), |c| c.count(Endpoint::Refresh) == 1);
    assert!(seen.await);
    asking.abort();
    tokens.get(&account).await.unwrap();
    assert_eq!(
        rig.control.count(Endpoint::Refresh),
        1,
        "its result was kept"
    );
}

#[tokio::test]
async fn a_missing_key_is_told_as_such() {
    let rig = Rig::small().await;
    let id = rig.connect(ANA).await;
    use duet_sync::host::TokenVault;
    rig.vault.delete(&token_key(ANA)).await.unwrap();
    let account = rig.account(id).await;
    let result = tokens(&rig).get(&account).await;
    assert!(
        matches!(result, Err(TokenError::Vault(VaultError::Missing))),
        "{result:?}"
    );
    assert_eq!(rig.control.count(Endpoint::Refresh), 0);
}

#[tokio::test]
async fn access_tokens_are_nowhere_at_rest() {
    let options = Options {
        token_prefix: "DUETCANARY-".into(),
        ..Options::default()
    };
    let rig = Rig::with(World::small(today()), options).await;
    let id = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, id).await;
    rig.control.revoke(ANA);
    rig.sync(&engine, id).await;
    engine.stop().await;
    assert!(
        rig.vault
            .raw(&token_key(ANA))
            .unwrap()
            .contains("DUETCANARY-"),
        "the canary sings"
    );
    let account = format!("{:?}", rig.account(id).await);
    assert!(!account.contains("DUETCANARY"), "{account}");
    for entry in std::fs::read_dir(rig.dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(10).any(|window| window == b"DUETCANARY");
            assert!(!found, "a token in {}", path.display());
        }
    }
}
