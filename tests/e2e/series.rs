//! A repeating event of Duet's own in the window: made, and changed and deleted as one, from one on, and
//! as a whole. Each time the line says who is mailed, and Google mails those and nobody else.

use anyhow::{Context, Result};
use chrono::{Days, NaiveDate};
use duet_desk::{Window, until};
use serde_json::Value;

use crate::support::page::{self, id, of, press, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

/// Opens the event of this title on the day shown, in its editor.
async fn edit(window: &Window, title: &str) -> Result<()> {
    page::open_own(window, title).await?;
    window.click(&id("edit-event")).await?;
    window.wait_for(&id("editor"), LIMIT).await
}

/// Presses one of the arrows until this day is shown.
async fn go(window: &Window, arrow: &str, day: NaiveDate) -> Result<()> {
    let shown = format!("[role=gridcell][data-date='{day}']");
    until(&format!("{day} to be shown"), LIMIT, || async {
        if window.count(&shown).await.ok()? > 0 {
            return Some(());
        }
        window.click(&id(arrow)).await.ok()?;
        None
    })
    .await
}

/// Waits until nothing waits, and gives who was mailed since, as `subject address`.
async fn told(stage: &Stage, before: &mut usize) -> Result<Vec<String>> {
    until("everything to be sent", LIMIT, || async {
        let waiting = stage.json(&["events", "waiting"]).await.ok()?;
        (waiting == Value::Array(Vec::new())).then_some(())
    })
    .await?;
    let mails = stage.google.mails();
    let new = mails[*before..].iter();
    let new = new
        .map(|mail| format!("{} {}", mail.subject, mail.to))
        .collect();
    *before = mails.len();
    Ok(new)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_is_changed_at_three_scopes_in_the_window() -> Result<()> {
    scenario("series-window", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let window = page::open_week(stage).await?;
        press(&window, "d").await?;
        window.click(&id("nav-next")).await?;
        let today: NaiveDate = page::today(&window).await?.parse()?;
        let day = today + Days::new(1);
        let mut before = 0;

        press(&window, "n").await?;
        window.wait_for(&id("editor"), LIMIT).await?;
        window.type_into(&id("editor-title"), "Choir").await?;
        page::set_time(&window, "editor-start", &format!("{day}T18:00")).await?;
        page::set_time(&window, "editor-end", &format!("{day}T20:00")).await?;
        page::repeat_weekly(&window).await?;
        window.type_into(&id("editor-count"), "5").await?;
        window.click(&id("editor-google")).await?;
        window
            .type_into(&id("editor-guests"), "ben@example.org")
            .await?;
        page::mail_line(
            &window,
            "editor-mail",
            "Saving mails 1 guest: ben@example.org.",
        )
        .await?;
        page::picture(&window, "series-new").await?;
        window.click(&id("editor-save")).await?;
        wait_for_blocks(&window, "the plan", |blocks| of(blocks, "duet") == 1).await?;
        assert_eq!(
            told(stage, &mut before).await?,
            ["invitation ben@example.org"]
        );

        // Only this one: the second, an hour later.
        let second = day + Days::new(7);
        go(&window, "nav-next", second).await?;
        edit(&window, "Choir").await?;
        window.click(&id("editor-scope-this")).await?;
        page::set_time(&window, "editor-start", &format!("{second}T19:00")).await?;
        page::mail_line(
            &window,
            "editor-mail",
            "Saving mails 1 guest: ben@example.org.",
        )
        .await?;
        page::picture(&window, "series-this").await?;
        window.click(&id("editor-save")).await?;
        assert_eq!(told(stage, &mut before).await?, ["update ben@example.org"]);
        page::open_own(&window, "Choir").await?;
        page::picture(&window, "series-this-details").await?;

        // From the third on: another name.
        let third = second + Days::new(7);
        go(&window, "nav-next", third).await?;
        edit(&window, "Choir").await?;
        window.click(&id("editor-scope-following")).await?;
        window.set_value(&id("editor-title"), "Rehearsal").await?;
        page::mail_line(
            &window,
            "editor-mail",
            "Saving mails 1 guest: ben@example.org.",
        )
        .await?;
        page::picture(&window, "series-following").await?;
        window.click(&id("editor-save")).await?;
        let mails = told(stage, &mut before).await?;
        let expect = ["update ben@example.org", "invitation ben@example.org"];
        assert_eq!(
            mails, expect,
            "the series that ends, and the one that begins"
        );
        page::open_own(&window, "Rehearsal").await?;
        page::picture(&window, "series-following-details").await?;

        // The last is called off.
        let last = day + Days::new(28);
        go(&window, "nav-next", last).await?;
        page::open_own(&window, "Rehearsal").await?;
        window.click(&id("delete-event")).await?;
        window.wait_for(&id("delete-dialog"), LIMIT).await?;
        let words = "Deleting it mails 1 guest: ben@example.org.";
        page::mail_line(&window, "delete-mail", words).await?;
        page::picture(&window, "series-delete").await?;
        window.click(&id("delete-confirm")).await?;
        wait_for_blocks(&window, "nothing", |blocks| of(blocks, "duet") == 0).await?;
        let mails = told(stage, &mut before).await?;
        assert_eq!(mails, ["cancellation ben@example.org"]);

        // The rest of it as a whole, of which nobody is to be told.
        go(&window, "nav-prev", third + Days::new(7)).await?;
        edit(&window, "Rehearsal").await?;
        window.click(&id("editor-scope-all")).await?;
        window.set_value(&id("editor-title"), "Concert").await?;
        window.set_value(&id("editor-notify"), "nobody").await?;
        page::mail_line(&window, "editor-mail", "Saving mails nobody.").await?;
        page::picture(&window, "series-all").await?;
        window.click(&id("editor-save")).await?;
        assert_eq!(told(stage, &mut before).await?, [""; 0]);
        let mut masters: Vec<(String, String)> = stage
            .written()
            .iter()
            .filter(|it| it["recurringEventId"].is_null())
            .map(|it| (it["summary"].to_string(), it["recurrence"].to_string()))
            .collect();
        masters.sort();
        let (first, rest) = (&masters[0], &masters[1]);
        assert_eq!(masters.len(), 2, "one split: {masters:?}");
        assert!(
            first.0.contains("Choir") && first.1.contains("UNTIL"),
            "{first:?}"
        );
        assert!(
            rest.0.contains("Concert") && rest.1.contains("COUNT=3"),
            "{rest:?}"
        );
        let (from, to) = (day.to_string(), last.to_string());
        let agenda = stage
            .json(&["agenda", "--from", &from, "--to", &to])
            .await?;
        let own = |it: &&Value| it["kind"] == "duet";
        let word = |it: &Value, name: &str| it[name].as_str().unwrap_or("").to_owned();
        let own: Vec<String> = agenda
            .as_array()
            .context("a list")?
            .iter()
            .filter(own)
            .map(|it| format!("{} {}", &word(it, "start")[..13], word(it, "title")))
            .collect();
        let expect = [
            (day, 18, "Choir"),
            (second, 19, "Choir"),
            (third, 18, "Concert"),
            (third + Days::new(7), 18, "Concert"),
        ];
        let expect = expect.map(|(day, hour, title)| format!("{day}T{hour} {title}"));
        assert_eq!(own, expect);
        Ok(())
    })
    .await
}
