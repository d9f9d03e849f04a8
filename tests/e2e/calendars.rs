//! Switches: what counts as busy, what is shown, external and manual as a whole. And trouble with
//! one calendar, which must not look like free time.

use anyhow::{Context, Result};
use duet_desk::Window;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use serde_json::Value;

use crate::support::page::{self, Block, id, of, switch, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

/// A calendar that Ana sees the times of and no more.
const STUDIO: &str = "studio@example.com";

async fn connected(stage: &Stage) -> Result<(Window, Vec<Block>)> {
    stage.connect(ANA).await?;
    let window = stage.open().await?;
    let blocks = wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
    Ok((window, blocks))
}

fn of_calendar(blocks: &[Block], calendar: &str) -> usize {
    blocks
        .iter()
        .filter(|block| block.calendar.as_deref() == Some(calendar))
        .count()
}

fn of_calendar_in(blocks: &[Block], calendar: &str, state: &str) -> usize {
    let there = |block: &&Block| block.calendar.as_deref() == Some(calendar);
    let own = blocks.iter().filter(there);
    own.filter(|block| block.state == state).count()
}

async fn busy_of(stage: &Stage, calendar: &str) -> Result<usize> {
    let day = stage.started.date_naive();
    let (from, to) = (day - chrono::Days::new(6), day + chrono::Days::new(30));
    let busy = stage
        .json(&["busy", "--from", &from.to_string(), "--to", &to.to_string()])
        .await?;
    let stretches = busy.as_array().context("a list of stretches")?;
    let names_it = |stretch: &&Value| {
        stretch["sources"]
            .as_array()
            .is_some_and(|sources| sources.iter().any(|source| source["calendar"] == calendar))
    };
    Ok(stretches.iter().filter(names_it).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_that_no_longer_counts_takes_up_no_time() -> Result<()> {
    scenario("toggle-busy", Setup::default(), async |stage| {
        let (window, before) = connected(stage).await?;
        assert!(of_calendar(&before, ANA) > 0, "{before:?}");
        assert!(busy_of(stage, ANA).await? > 0);
        window.click(&switch(ANA, "toggle-busy")).await?;
        // Its events still stand there; none of them takes up its time.
        wait_for_blocks(&window, "Ana's own calendar without weight", |blocks| {
            of_calendar(blocks, ANA) > 0
                && of_calendar_in(blocks, ANA, "free") == of_calendar(blocks, ANA)
        })
        .await?;
        assert_eq!(busy_of(stage, ANA).await?, 0, "the picture still counts it");
        window
            .wait_for(
                &format!("{}[aria-checked='false']", switch(ANA, "toggle-busy")),
                LIMIT,
            )
            .await?;

        let asked = stage.google.count(Endpoint::FreeBusy);
        window.click(&switch(ANA, "toggle-busy")).await?;
        wait_for_blocks(&window, "its weight again", |blocks| {
            of_calendar_in(blocks, ANA, "busy") == of_calendar_in(&before, ANA, "busy")
        })
        .await?;
        assert!(
            stage.google.count(Endpoint::FreeBusy) > asked,
            "Google is asked anew"
        );
        // Of one that shares its times alone nothing is left to show.
        assert!(of_calendar(&before, STUDIO) > 0, "{before:?}");
        window.click(&switch(STUDIO, "toggle-busy")).await?;
        wait_for_blocks(&window, "no block of the studio", |blocks| {
            of_calendar(blocks, STUDIO) == 0
        })
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_calendar_still_counts() -> Result<()> {
    scenario("toggle-shown", Setup::default(), async |stage| {
        let (window, before) = connected(stage).await?;
        let counted = busy_of(stage, ANA).await?;
        window.click(&switch(ANA, "toggle-shown")).await?;
        wait_for_blocks(&window, "nothing drawn of it", |blocks| {
            of_calendar(blocks, ANA) == 0
        })
        .await?;
        assert_eq!(busy_of(stage, ANA).await?, counted, "hiding is not freeing");
        window.click(&switch(ANA, "toggle-shown")).await?;
        wait_for_blocks(&window, "drawn again", |blocks| {
            of_calendar(blocks, ANA) == of_calendar(&before, ANA)
        })
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn external_and_manual_are_shown_or_hidden_as_a_whole() -> Result<()> {
    scenario("toggle-all", Setup::default(), async |stage| {
        let day = stage.started.date_naive();
        stage
            .duet(&[
                "blocks",
                "add",
                "--from",
                &format!("{day}T02:00:00Z"),
                "--to",
                &format!("{day}T03:00:00Z"),
                "--title",
                "Mine",
            ])
            .await?;
        let (window, before) = connected(stage).await?;
        assert!(
            of(&before, "manual") == 1 && of(&before, "google") > 0,
            "{before:?}"
        );
        for (name, gone, stays) in [
            ("toggle-external", "google", "manual"),
            ("toggle-manual", "manual", "google"),
        ] {
            window.click(&id(name)).await?;
            window
                .wait_for(&format!("{}[aria-checked='false']", id(name)), LIMIT)
                .await?;
            let left = wait_for_blocks(&window, name, |blocks| of(blocks, gone) == 0).await?;
            assert_eq!(
                of(&left, stays),
                of(&before, stays),
                "{name} took the others too"
            );
            window.click(&id(name)).await?;
            let all = wait_for_blocks(&window, name, |blocks| of(blocks, gone) > 0).await?;
            assert_eq!(all, before);
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_in_trouble_is_unknown_and_not_free() -> Result<()> {
    scenario("unknown", Setup::default(), async |stage| {
        let (window, before) = connected(stage).await?;
        let broken = FaultKind::status(500, "", "");
        stage
            .google
            .fault(Fault::always(Endpoint::Events, broken).calendar(ANA));
        window.click(&id("sync-now")).await?;
        let after = wait_for_blocks(&window, "unknown blocks", |blocks| {
            blocks
                .iter()
                .filter(|block| block.calendar.as_deref() == Some(ANA))
                .all(|block| block.state == "unknown")
        })
        .await?;
        assert_eq!(
            of_calendar(&after, ANA),
            of_calendar(&before, ANA),
            "the last blocks stay"
        );
        let fine =
            |block: &&Block| block.source == "google" && block.calendar.as_deref() != Some(ANA);
        assert!(
            after
                .iter()
                .filter(fine)
                .all(|block| block.state != "unknown"),
            "{after:?}"
        );
        stage.google.clear_faults();
        window.click(&id("sync-now")).await?;
        wait_for_blocks(&window, "known again", |blocks| {
            blocks.iter().all(|block| block.state != "unknown")
        })
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_beside_the_window_shows_in_it_within_a_second() -> Result<()> {
    scenario("beside", Setup::default(), async |stage| {
        let (window, before) = connected(stage).await?;
        let event = page::add_event(stage, "Beside")?;
        stage.duet(&["sync"]).await?;
        let second = std::time::Duration::from_secs(1);
        let drawn = tokio::time::timeout(
            // Two looks of slack on a machine that runs other tests too.
            second * 3,
            wait_for_blocks(&window, "the new block", |blocks| {
                blocks.iter().any(|block| page::covers(block, &event))
            }),
        )
        .await
        .context("the window did not notice")??;
        assert!(drawn.len() >= before.len(), "{drawn:?}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn far_away_nothing_is_known_and_today_is_one_key_away() -> Result<()> {
    scenario("far-away", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        window.click(&id("view-agenda")).await?;
        for _ in 0..6 {
            window.click(&id("nav-next")).await?;
        }
        page::see(&window, "agenda-unknown").await?;
        let empty = window.js(
            "return document.body.innerText.includes('Nothing stands')",
            Vec::new(),
        );
        assert_eq!(
            empty.await?,
            serde_json::json!(false),
            "unknown days are not empty ones"
        );
        window.click(&id("nav-today")).await?;
        wait_for_blocks(&window, "today's agenda", |blocks| of(blocks, "google") > 0).await?;
        Ok(())
    })
    .await
}
