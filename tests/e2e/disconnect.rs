//! Taking an account away: here only, or at Google too.

use anyhow::{Context, Result};
use duet_desk::Window;
use duet_sandbox::Endpoint;

use crate::support::page::{self, account, id, of, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

async fn check_gone(stage: &Stage, window: &Window) -> Result<()> {
    window.wait_for_none(&account(ANA), LIMIT).await?;
    assert_eq!(stage.account_state(ANA).await?, None);
    let blocks = page::blocks(window).await?;
    assert_eq!(
        of(&blocks, "google"),
        0,
        "blocks of the account stay: {blocks:?}"
    );
    let keyring = stage.desk.secret_search(&[]).await?;
    for token in stage.google.tokens_issued() {
        let holds = |secret: &duet_desk::Secret| {
            let value = secret.value.clone().unwrap_or_default();
            String::from_utf8_lossy(&value).contains(&token)
        };
        assert!(!keyring.iter().any(holds), "a token stays in the keyring");
    }
    Ok(())
}

async fn connected(stage: &Stage) -> Result<Window> {
    stage.connect(ANA).await?;
    let window = stage.open().await?;
    wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
    page::open_settings(&window).await?;
    Ok(window)
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_with_the_permission_withdrawn() -> Result<()> {
    scenario("disconnect-revoke", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        page::disconnect(&window, ANA, true).await?;
        check_gone(stage, &window).await?;
        stage.wait_for_requests(Endpoint::Revoke, 0).await?;
        assert!(
            stage.google.live_refresh_tokens(ANA).is_empty(),
            "Google still accepts the key"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_here_only() -> Result<()> {
    scenario("disconnect-keep", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        page::disconnect(&window, ANA, false).await?;
        check_gone(stage, &window).await?;
        assert_eq!(
            stage.google.count(Endpoint::Revoke),
            0,
            "Google was told anyway"
        );
        assert_eq!(stage.google.live_refresh_tokens(ANA).len(), 1);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnecting_on_the_command_line_shows_in_the_window() -> Result<()> {
    scenario("disconnect-cli", Setup::default(), async |stage| {
        stage.connect("ben@example.org").await?;
        let window = connected(stage).await?;
        let unknown = stage.run(&["disconnect", "nobody@example.com"]).await?;
        assert_eq!(unknown.status.code(), Some(1), "{unknown:?}");
        stage.duet(&["disconnect", ANA, "--keep-grant"]).await?;
        window.wait_for_none(&account(ANA), LIMIT).await?;
        window.wait_for(&account("ben@example.org"), LIMIT).await?;
        assert_eq!(stage.google.count(Endpoint::Revoke), 0);
        stage.duet(&["disconnect", "ben@example.org"]).await?;
        window
            .wait_for_none(&account("ben@example.org"), LIMIT)
            .await?;
        assert!(
            stage
                .google
                .live_refresh_tokens("ben@example.org")
                .is_empty()
        );
        check_gone(stage, &window)
            .await
            .context("after the last account")?;
        window.wait_for(&id("connect-google"), LIMIT).await
    })
    .await
}
