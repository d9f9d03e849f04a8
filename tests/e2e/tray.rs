//! The tray: its menu, its icon's states, and what closing the window means with and without it.

use anyhow::{Context, Result};
use duet_desk::{MenuEntry, Options};
use duet_sandbox::{Endpoint, Fault, FaultKind};

use crate::support::page::{self, of, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn sync_now_in_the_tray_brings_what_is_new() -> Result<()> {
    scenario("tray-sync", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        stage.desk.tray().wait_for_item(LIMIT).await?;
        let labels = stage.desk.tray().labels().await?;
        for label in ["Sync now", "Pause sync", "Open Duet", "Quit"] {
            assert!(
                labels.iter().any(|shown| shown == label),
                "{label} is not in {labels:?}"
            );
        }
        let first = &stage.desk.tray().menu().await?[0];
        assert!(
            !first.enabled,
            "the next event is a line to read, not to click: {first:?}"
        );

        let event = page::add_event(stage, "Tray")?;
        stage.desk.tray().click("Sync now").await?;
        wait_for_blocks(&window, "the new block", |blocks| {
            blocks.iter().any(|block| page::covers(block, &event))
        })
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_shows_idle_syncing_and_attention() -> Result<()> {
    scenario("tray-icon", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        stage.desk.tray().wait_for_item(LIMIT).await?;
        page::wait_until_idle(&window).await?;
        let tray = stage.desk.tray();
        let picture = |icon: &duet_desk::TrayIcon| icon.picture().map(<[u8]>::to_vec);
        let idle = tray
            .wait_for_icon(|icon| icon.picture().is_some(), LIMIT)
            .await?;
        let idle = picture(&idle);

        let slow = FaultKind::Delay(std::time::Duration::from_secs(3));
        stage.google.fault(Fault::once(Endpoint::FreeBusy, slow));
        tray.click("Sync now").await?;
        let syncing = tray
            .wait_for_icon(|icon| picture(icon) != idle, LIMIT)
            .await?;
        let syncing = picture(&syncing);
        tray.wait_for_icon(|icon| picture(icon) == idle, LIMIT)
            .await?;

        stage.google.revoke(ANA);
        tray.click("Sync now").await?;
        let third = |icon: &duet_desk::TrayIcon| ![&idle, &syncing].contains(&&picture(icon));
        tray.wait_for_icon(third, LIMIT)
            .await
            .context("the icon that asks for attention")?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn pausing_in_the_tray_is_seen_and_outlives_the_program() -> Result<()> {
    let paused = |menu: &[MenuEntry]| menu.iter().any(|entry| entry.label == "Resume sync");
    scenario("tray-pause", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        stage.desk.tray().wait_for_item(LIMIT).await?;
        stage.desk.tray().click("Pause sync").await?;
        stage.desk.tray().wait_for_menu(paused, LIMIT).await?;
        window.close().await?;
        // It is a setting, so it outlives the program. The menu is there before the settings are read.
        let _again = stage.open().await?;
        stage.desk.tray().wait_for_item(LIMIT).await?;
        stage.desk.tray().wait_for_menu(paused, LIMIT).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_window_waits_in_the_tray_and_comes_back() -> Result<()> {
    scenario("tray-open", Setup::default(), async |stage| {
        let _window = stage.open().await?;
        stage.desk.tray().wait_for_item(LIMIT).await?;
        page::close_by_title_bar(stage)?;
        page::wait_for_hidden(stage).await?;
        assert_eq!(stage.desk.tray().count(), 1, "it waits in the tray");
        stage.desk.tray().click("Open Duet").await?;
        page::wait_for_shown(stage).await?;
        stage.desk.tray().click("Quit").await?;
        stage.desk.tray().wait_for_none(LIMIT).await?;
        page::wait_for_end(stage).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tray_the_only_window_is_not_hidden() -> Result<()> {
    let desk = Options {
        tray_host: false,
        ..Options::default()
    };
    scenario(
        "no-tray",
        Setup {
            desk,
            ..Setup::default()
        },
        async |stage| {
            let _window = stage.open().await?;
            page::close_by_title_bar(stage)?;
            // Either the program ends or its window stays: never a program without any way in.
            page::wait_for_end(stage).await
        },
    )
    .await
}
