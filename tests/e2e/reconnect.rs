//! Google takes the key back, the network goes away: Duet says so once, keeps what it knows, and
//! finds its way back.

use anyhow::{Context, Result};
use duet_desk::{CloseReason, until};
use duet_sandbox::Endpoint;
use serde_json::json;

use crate::support::page::{self, account_in, id, of, see, wait_for_blocks, wait_for_text};
use crate::support::{ANA, Decision, LIMIT, Setup, Stage, scenario};

const SUMMARY: &str = "Reconnect Google Calendar";

async fn revoke_and_sync(stage: &Stage, window: &duet_desk::Window) -> Result<()> {
    stage.google.revoke(ANA);
    window.click(&id("sync-now")).await?;
    window
        .wait_for(
            &format!("{}[data-email='{ANA}']", id("banner-reconnect")),
            LIMIT,
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_told_once_and_renewed_from_the_notification() -> Result<()> {
    scenario("revoked", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        let before =
            wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        let opened = stage.desk.browser().opened().len();

        revoke_and_sync(stage, &window).await?;
        let daemon = stage.desk.notifications();
        let notice = daemon
            .wait_for(|shown| shown.summary == SUMMARY, LIMIT)
            .await?;
        assert!(notice.body.contains(ANA), "{notice:?}");
        assert!(
            notice.actions.iter().any(|(_, label)| label == "Reconnect"),
            "{notice:?}"
        );
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("reconnect")
        );
        let output = stage.run(&["sync"]).await?;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert_eq!(
            page::blocks(&window).await?.len(),
            before.len(),
            "what was known stays"
        );

        // Told once: further syncs neither tell it again nor ask Google again and again.
        let refreshes = stage.google.count(Endpoint::Refresh);
        for _ in 0..3 {
            window.click(&id("sync-now")).await?;
        }
        page::wait_until_idle(&window).await?;
        assert_eq!(daemon.all().len(), 1, "{:?}", daemon.all());
        assert!(stage.google.count(Endpoint::Refresh) <= refreshes + 3);
        let hinted = |url: &str| url.contains("login_hint=ana%40example.com");
        assert!(
            !stage
                .desk
                .browser()
                .opened()
                .iter()
                .skip(opened)
                .any(|url| hinted(url))
        );

        let button = notice.actions.iter().find(|(key, _)| key != "default");
        let (key, _) = button.context("the notification has no button")?;
        daemon.invoke_action(notice.id, key).await?;
        let back = stage.consent(opened, Decision::Allow(ANA)).await?;
        assert!(
            stage
                .desk
                .browser()
                .opened()
                .last()
                .is_some_and(|url| hinted(url))
        );
        stage.come_back(&back).await?;
        window.wait_for_none(&id("banner-reconnect"), LIMIT).await?;
        page::wait_for_account(stage, ANA, "connected").await?;
        assert!(
            daemon.open().is_empty(),
            "the notification stays: {:?}",
            daemon.open()
        );
        let after = wait_for_blocks(&window, "the same week", |blocks| {
            blocks.iter().all(|block| block.state != "unknown")
        })
        .await?;
        assert_eq!(after, before);

        // A second revocation is news again.
        revoke_and_sync(stage, &window).await?;
        until("the second notification", LIMIT, || async {
            (daemon.open().len() == 1).then_some(())
        })
        .await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banner_reconnects_and_takes_the_notification_back() -> Result<()> {
    scenario("banner", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        revoke_and_sync(stage, &window).await?;
        let daemon = stage.desk.notifications();
        let notice = daemon
            .wait_for(|shown| shown.summary == SUMMARY, LIMIT)
            .await?;
        page::open_settings(&window).await?;
        window
            .wait_for(&account_in(ANA, "reconnect"), LIMIT)
            .await?;

        let opened = stage.desk.browser().opened().len();
        page::reconnect_from_banner(&window).await?;
        let back = stage.consent(opened, Decision::Allow(ANA)).await?;
        stage.come_back(&back).await?;
        window
            .wait_for(&account_in(ANA, "connected"), LIMIT)
            .await?;
        window.wait_for_none(&id("banner-reconnect"), LIMIT).await?;
        daemon
            .wait_for(
                |shown| shown.id == notice.id && shown.closed == Some(CloseReason::Withdrawn),
                LIMIT,
            )
            .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_cannot_take_the_account_over_by_reconnecting() -> Result<()> {
    scenario("other-person", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        let before =
            wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        revoke_and_sync(stage, &window).await?;
        let opened = stage.desk.browser().opened().len();
        page::reconnect_from_banner(&window).await?;
        let back = stage
            .consent(opened, Decision::Allow("ben@example.org"))
            .await?;
        stage.come_back(&back).await?;
        wait_for_text(&window, "ben@example.org", LIMIT).await?;
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("reconnect")
        );
        see(&window, "banner-reconnect").await?;
        let calendars = stage.json(&["calendars"]).await?;
        let mixed = calendars.as_array().is_some_and(|all| {
            all.iter()
                .any(|one| one["account"] == ANA && one["id"] == "ben@example.org")
        });
        assert!(!mixed, "Ben's calendar stands under Ana: {calendars}");
        assert_eq!(page::blocks(&window).await?.len(), before.len());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_from_the_start_everything_is_still_there() -> Result<()> {
    scenario("offline", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        let before =
            wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        page::wait_until_idle(&window).await?;
        window.close().await?;

        stage.google.set_online(false).await;
        let window = stage.open().await?;
        let same = |blocks: &[page::Block]| {
            blocks.len() == before.len()
                && blocks
                    .iter()
                    .zip(&before)
                    .all(|(now, then)| now.id == then.id)
        };
        wait_for_blocks(&window, "the same week, offline", same).await?;
        window.click(&id("sync-now")).await?;
        let says = "return document.querySelector(arguments[0])?.textContent.includes('Offline')";
        window
            .wait_js(
                "the word Offline",
                says,
                vec![json!(id("sync-status"))],
                LIMIT,
            )
            .await?;
        assert!(
            page::blocks(&window).await?.len() == before.len(),
            "nothing vanishes"
        );
        assert_eq!(
            window.count(&id("banner-reconnect")).await?,
            0,
            "offline is not signed out"
        );
        assert!(stage.desk.notifications().all().is_empty());
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("connected")
        );
        // Blocks by hand need no network.
        let day = stage.started.date_naive();
        stage
            .duet(&[
                "blocks",
                "add",
                "--from",
                &format!("{day}T02:00:00Z"),
                "--to",
                &format!("{day}T03:00:00Z"),
            ])
            .await?;
        wait_for_blocks(&window, "the new block", |blocks| of(blocks, "manual") == 1).await?;

        stage.google.set_online(true).await;
        window.click(&id("sync-now")).await?;
        let over = "return !document.querySelector(arguments[0]).textContent.includes('Offline')";
        window
            .wait_js(
                "the network's return",
                over,
                vec![json!(id("sync-status"))],
                LIMIT,
            )
            .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_dies_is_not_a_revocation() -> Result<()> {
    scenario("dead-keyring", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        stage.desk.kill_keyring().await?;
        let window = stage.open().await?;
        let before =
            wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        window.click(&id("sync-now")).await?;
        page::wait_until_idle(&window).await?;
        assert!(
            stage
                .desk
                .notifications()
                .all()
                .iter()
                .all(|shown| shown.summary != SUMMARY),
            "{:?}",
            stage.desk.notifications().all()
        );
        assert_eq!(page::blocks(&window).await?.len(), before.len());
        stage.desk.start_keyring().await?;
        let event = page::add_event(stage, "After")?;
        window.click(&id("sync-now")).await?;
        wait_for_blocks(&window, "the first block with the keyring back", |blocks| {
            blocks.iter().any(|block| page::covers(block, &event))
        })
        .await?;
        Ok(())
    })
    .await
}
