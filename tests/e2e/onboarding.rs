//! The first minute: a calm screen, the demo account, and blocks by hand without any account.

use anyhow::Result;
use duet_desk::{Keyring, Options};

use crate::support::page::{self, id, of, see, wait_for_blocks};
use crate::support::{LIMIT, Setup, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn a_first_start_offers_google_the_demo_and_blocks_by_hand() -> Result<()> {
    scenario("onboarding", Setup::default(), async |stage| {
        let window = stage.open().await?;
        see(&window, "connect-google").await?;
        see(&window, "try-demo").await?;
        assert!(
            page::blocks(&window).await?.is_empty(),
            "nothing is known yet"
        );
        assert!(
            stage.desk.browser().opened().is_empty(),
            "nobody asked for the browser yet"
        );
        assert!(
            stage.google.requests().is_empty(),
            "nobody asked for Google yet"
        );
        let still = std::time::Duration::from_millis(200);
        stage.desk.wait_for_still_picture(8, still, LIMIT).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dark_desktop_gets_a_dark_window() -> Result<()> {
    let mut brightness = Vec::new();
    for dark in [false, true] {
        let setup = Setup {
            desk: Options {
                dark,
                ..Options::default()
            },
            ..Setup::default()
        };
        scenario(if dark { "dark" } else { "light" }, setup, async |stage| {
            let _window = stage.open().await?;
            let still = std::time::Duration::from_millis(300);
            brightness.push(
                stage
                    .desk
                    .wait_for_still_picture(8, still, LIMIT)
                    .await?
                    .brightness(),
            );
            Ok(())
        })
        .await?;
    }
    assert!(
        brightness[0] > 150.0 && brightness[1] < 100.0,
        "light, dark: {brightness:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_account_fills_the_week() -> Result<()> {
    let setup = Setup {
        google: false,
        ..Setup::default()
    };
    scenario("demo", setup, async |stage| {
        let window = stage.open().await?;
        window.click(&id("try-demo")).await?;
        let blocks = wait_for_blocks(&window, "the demo's week", |blocks| {
            of(blocks, "google") > 3
        })
        .await?;
        assert!(
            blocks.iter().all(|block| block.source == "google"),
            "{blocks:?}"
        );
        assert!(
            stage.desk.browser().opened().is_empty(),
            "the demo needs no browser"
        );
        page::wait_until_idle(&window).await?;
        let blocks = page::blocks(&window).await?;
        let accounts = stage.json(&["accounts"]).await?;
        assert_eq!(accounts[0]["state"], "connected", "{accounts}");
        assert!(
            stage.google.requests().is_empty(),
            "the demo never asks the configured Google"
        );

        window.close().await?;
        let again = stage.open().await?;
        wait_for_blocks(&again, "the same demo after a restart", |after| {
            *after == blocks
        })
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_by_hand_need_no_account() -> Result<()> {
    let setup = Setup {
        google: false,
        desk: Options {
            keyring: Keyring::None,
            ..Options::default()
        },
        ..Setup::default()
    };
    scenario("by-hand", setup, async |stage| {
        let day = stage.started.date_naive();
        stage
            .duet(&[
                "blocks",
                "add",
                "--from",
                &format!("{day}T10:00:00Z"),
                "--to",
                &format!("{day}T11:00:00Z"),
                "--title",
                "Deep work",
            ])
            .await?;
        let window = stage.open().await?;
        let blocks =
            wait_for_blocks(&window, "the block", |blocks| of(blocks, "manual") == 1).await?;
        assert!(blocks[0].text.contains("Deep work"), "{blocks:?}");
        assert_eq!(blocks[0].state, "busy");
        Ok(())
    })
    .await
}
