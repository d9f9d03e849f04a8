//! Blocks by hand: made, changed, deleted, brought back and repeated, in the window and beside it.

use anyhow::{Context, Result};
use duet_desk::Window;
use serde_json::Value;

use crate::support::page::{self, id, of, wait_for_blocks};
use crate::support::{LIMIT, Setup, Stage, scenario};

/// Opens the editor for a new block of today, wall clock as shown.
async fn new_block(window: &Window, title: &str, from: &str, to: &str) -> Result<()> {
    window.click(&id("new-block")).await?;
    window.wait_for(&id("editor"), LIMIT).await?;
    window.type_into(&id("editor-title"), title).await?;
    page::set_time(window, "editor-start", from).await?;
    page::set_time(window, "editor-end", to).await
}

async fn stored(stage: &Stage) -> Result<Vec<Value>> {
    Ok(stage
        .json(&["blocks", "list"])
        .await?
        .as_array()
        .context("a list of blocks")?
        .clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_made_changed_deleted_and_brought_back() -> Result<()> {
    scenario(
        "block",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let window = page::open_week(stage).await?;
            let day = page::today(&window).await?;
            new_block(
                &window,
                "Deep work",
                &format!("{day}T10:00"),
                &format!("{day}T11:30"),
            )
            .await?;
            window.click(&id("editor-save")).await?;
            window.wait_for_none(&id("editor"), LIMIT).await?;
            let blocks =
                wait_for_blocks(&window, "the block", |blocks| of(blocks, "manual") == 1).await?;
            assert!(blocks[0].text.contains("Deep work"), "{blocks:?}");
            assert_eq!(blocks[0].state, "busy");
            let (start, end) = page::span(&blocks[0])?;
            assert_eq!((end - start).num_minutes(), 90);
            let kept = stored(stage).await?;
            assert_eq!(
                (kept.len(), kept[0]["title"].as_str()),
                (1, Some("Deep work")),
                "{kept:?}"
            );

            page::edit(&window, "Deep work").await?;
            window.type_into(&id("editor-title"), "Deeper work").await?;
            page::set_time(&window, "editor-end", &format!("{day}T12:00")).await?;
            window.click(&id("editor-save")).await?;
            let changed = wait_for_blocks(&window, "the change", |blocks| {
                blocks
                    .iter()
                    .any(|block| block.text.contains("Deeper work"))
            })
            .await?;
            let (start, end) = page::span(&changed[0])?;
            assert_eq!(
                (changed.len(), (end - start).num_minutes()),
                (1, 120),
                "{changed:?}"
            );

            page::edit(&window, "Deeper work").await?;
            window.click(&id("editor-delete")).await?;
            wait_for_blocks(&window, "the deletion", |blocks| blocks.is_empty()).await?;
            page::undo(&window).await?;
            wait_for_blocks(&window, "the undo", |blocks| of(blocks, "manual") == 1).await?;
            assert_eq!(stored(stage).await?.len(), 1);

            // What the window says is saved outlives the window.
            window.close().await?;
            let again = stage.open().await?;
            wait_for_blocks(&again, "the block after a restart", |blocks| {
                of(blocks, "manual") == 1
            })
            .await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_ends_before_it_starts_is_refused_in_words() -> Result<()> {
    scenario(
        "block-refused",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let window = page::open_week(stage).await?;
            let day = page::today(&window).await?;
            new_block(
                &window,
                "Backwards",
                &format!("{day}T11:00"),
                &format!("{day}T10:00"),
            )
            .await?;
            window.click(&id("editor-save")).await?;
            let alert = format!("{} [role='alert']", id("editor"));
            window.wait_for(&alert, LIMIT).await?;
            let words = window.texts(&alert).await?.concat();
            assert!(words.to_lowercase().contains("end"), "{words}");
            assert!(stored(stage).await?.is_empty());
            let refused = stage
                .run(&[
                    "blocks",
                    "add",
                    "--from",
                    &format!("{day}T11:00"),
                    "--to",
                    &format!("{day}T10:00"),
                ])
                .await?;
            assert_eq!(refused.status.code(), Some(2), "{refused:?}");
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weekly_block_repeats_and_one_occurrence_goes_alone() -> Result<()> {
    scenario(
        "block-weekly",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let window = page::open_week(stage).await?;
            let day = page::today(&window).await?;
            new_block(
                &window,
                "Every week",
                &format!("{day}T10:00"),
                &format!("{day}T11:00"),
            )
            .await?;
            page::repeat_weekly(&window).await?;
            window.click(&id("editor-save")).await?;
            let first =
                wait_for_blocks(&window, "this week", |blocks| of(blocks, "manual") == 1).await?;
            assert!(
                stored(stage).await?[0]["repeat"]
                    .as_str()
                    .is_some_and(|rule| rule.contains("WEEKLY"))
            );

            window.click(&id("nav-next")).await?;
            let next = wait_for_blocks(&window, "next week", |blocks| {
                blocks.len() == 1 && blocks[0].start != first[0].start
            })
            .await?;
            let apart = page::span(&next[0])?.0 - page::span(&first[0])?.0;
            assert!(
                (apart.num_hours() - 7 * 24).abs() <= 1,
                "a week apart, but for a clock change"
            );

            page::edit(&window, "Every week").await?;
            page::delete_only_this(&window).await?;
            wait_for_blocks(&window, "next week without it", |blocks| blocks.is_empty()).await?;
            window.click(&id("nav-next")).await?;
            wait_for_blocks(&window, "the week after", |blocks| {
                of(blocks, "manual") == 1
            })
            .await?;
            window.click(&id("nav-today")).await?;
            wait_for_blocks(&window, "this week again", |blocks| {
                of(blocks, "manual") == 1
            })
            .await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sweeping_over_the_empty_grid_blocks_time() -> Result<()> {
    scenario(
        "block-sweep",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let window = page::open_week(stage).await?;
            page::sweep(&window, 60).await?;
            window.wait_for(&id("editor"), LIMIT).await?;
            window.type_into(&id("editor-title"), "Swept").await?;
            window.click(&id("editor-save")).await?;
            let blocks = wait_for_blocks(&window, "the swept block", |blocks| {
                of(blocks, "manual") == 1
            })
            .await?;
            let (start, end) = page::span(&blocks[0])?;
            assert!(
                end > start && (end - start).num_minutes() % 15 == 0,
                "{blocks:?}"
            );
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_blocks_the_window_shows() -> Result<()> {
    scenario(
        "block-cli",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let window = page::open_week(stage).await?;
            let day = page::today(&window).await?;
            let (from, to) = (format!("{day}T14:00"), format!("{day}T15:00"));
            stage
                .duet(&[
                    "blocks",
                    "add",
                    "--from",
                    &from,
                    "--to",
                    &to,
                    "--title",
                    "From outside",
                ])
                .await?;
            let blocks =
                wait_for_blocks(&window, "the block", |blocks| of(blocks, "manual") == 1).await?;
            assert!(blocks[0].text.contains("From outside"), "{blocks:?}");
            let kept = stored(stage).await?;
            let block = kept[0]["id"].as_str().context("an id")?;
            stage
                .duet(&["blocks", "edit", block, "--title", "Renamed"])
                .await?;
            wait_for_blocks(&window, "its new title", |blocks| {
                blocks.iter().any(|block| block.text.contains("Renamed"))
            })
            .await?;
            stage.duet(&["blocks", "remove", block]).await?;
            wait_for_blocks(&window, "its end", |blocks| blocks.is_empty()).await?;
            let gone = stage.run(&["blocks", "remove", block]).await?;
            assert_eq!(gone.status.code(), Some(1), "{gone:?}");
            let edit = ["blocks", "edit", block, "--title", "Gone"];
            let gone = stage.run(&edit).await?;
            assert_eq!(gone.status.code(), Some(1), "{gone:?}");
            Ok(())
        },
    )
    .await
}
