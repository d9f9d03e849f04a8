//! What was changed here and in Google at once is told, and either version can be taken.

use anyhow::{Context, Result};
use duet_desk::{Window, until};
use serde_json::{Value, json};

use crate::support::page::{self, id};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

/// Choir as Google has it.
fn there(stage: &Stage) -> Result<Value> {
    let all = stage.google.events(ANA, ANA);
    let mut own = all.into_iter().filter(|event| {
        let private = &event["extendedProperties"]["private"];
        private["duet_id"].is_string() && event["status"] != "cancelled"
    });
    own.next().context("the event in Google")
}

async fn change_title(window: &Window, before: &str, after: &str) -> Result<()> {
    page::open_own(window, before).await?;
    window.click(&id("edit-event")).await?;
    window.wait_for(&id("editor"), LIMIT).await?;
    window.set_value(&id("editor-title"), after).await?;
    window.click(&id("editor-save")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_at_both_ends_is_told_and_can_be_taken_again() -> Result<()> {
    scenario("own-events-conflict", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive() + chrono::Days::new(1);
        let (from, to) = (format!("{day}T18:00"), format!("{day}T19:00"));
        let add = [
            "events",
            "add",
            "--from",
            &from,
            "--to",
            &to,
            "--title",
            "Choir",
            "--google",
            "--guest",
            "ben@example.org",
            "--yes",
        ];
        stage.duet(&add).await?;
        let told = stage.google.mails().len();
        let window = page::open_week(stage).await?;
        page::press(&window, "d").await?;
        window.click(&id("nav-next")).await?;
        page::open_own(&window, "Choir").await?;

        let key = there(stage)?["id"].as_str().context("an id")?.to_owned();
        let theirs = json!({"summary": "Choir in the garden"});
        stage.google.update_event(ANA, ANA, &key, theirs)?;
        change_title(&window, "Choir", "Choir in the hall").await?;

        // It comes up by itself, and leads to both versions.
        window.wait_for(&id("toast-show"), LIMIT).await?;
        page::picture(&window, "told").await?;
        assert_eq!(there(stage)?["summary"], "Choir in the garden");
        window.click(&id("toast-show")).await?;
        let listed = format!("{} {}", id("changes"), id("conflict"));
        window.wait_for(&listed, LIMIT).await?;
        let words = window.texts(&listed).await?.join(" ");
        assert!(words.contains("yours was “Choir in the hall”"), "{words}");
        page::picture(&window, "list").await?;
        page::press(&window, "\u{e00c}").await?;

        page::open_own(&window, "Choir in the garden").await?;
        let shown = format!("{} {}", id("details"), id("conflict-mine"));
        window.wait_for(&shown, LIMIT).await?;
        page::picture(&window, "details").await?;
        window.click(&shown).await?;
        window.wait_for(&id("conflict-mail"), LIMIT).await?;
        page::picture(&window, "choice").await?;
        window.click(&id("conflict-take")).await?;
        until("Google to have the own version", LIMIT, || async {
            let is_mine = there(stage).ok()?["summary"] == "Choir in the hall";
            is_mine.then_some(())
        })
        .await?;
        assert!(stage.google.mails().len() > told);

        // What somebody deletes there is gone here as well, and can be had back.
        stage.google.remove_event(ANA, ANA, &key)?;
        window.click(&id("sync-now")).await?;
        window.wait_for(&id("toast-show"), LIMIT).await?;
        window.click(&id("toast-show")).await?;
        window.wait_for(&id("conflict-restore"), LIMIT).await?;
        page::picture(&window, "deleted").await?;
        window.click(&id("conflict-restore")).await?;
        page::open_own(&window, "Choir in the hall").await?;
        window.wait_for_none(&id("badge-synced"), LIMIT).await?;

        // And the command line tells the same.
        let all = stage.json(&["conflicts"]).await?;
        assert_eq!(
            all[0]["because"]
                .as_str()
                .map(|it| it.contains("taken back")),
            Some(true)
        );
        assert_eq!((&all[1]["kept"], &all[2]), (&json!("mine"), &Value::Null));
        Ok(())
    })
    .await
}
