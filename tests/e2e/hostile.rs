//! Names and titles that attack: each is shown as the text it is, in every view, and nothing of it
//! runs, loads or opens.

use anyhow::{Context, Result};
use duet_desk::Window;
use duet_sandbox::{Endpoint, World};
use serde_json::json;

use crate::support::page::{self, id, of, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

/// WebDriver's character for the Escape key.
const ESCAPE: &str = "\u{e00c}";

/// What every payload tries to leave behind, and what the page may have loaded.
const TRACES: &str = r#"return {
    marks: Object.keys(window).filter(name => /pwn|xss|hacked|owned/i.test(name)),
    foreign: performance.getEntriesByType('resource').map(entry => entry.name)
        .filter(name => !/^(tauri|ipc|data|blob):|^https?:\/\/(tauri|ipc)\.localhost/.test(name)),
    markup: [...document.querySelectorAll('iframe, object, embed, base, form[action], [onerror], ' +
        '[onload], [onclick], [onmouseover], [onfocus], [srcdoc], body script, a[href^="javascript:"]')]
        .map(element => element.outerHTML.slice(0, 200)),
    images: [...document.images].map(image => image.src).filter(src => !/^(tauri|data):/.test(src)),
    title: document.title,
}"#;

async fn check_unharmed(stage: &Stage, window: &Window, view: &str) -> Result<()> {
    page::no_dialog(window)
        .await
        .with_context(|| view.to_owned())?;
    let traces = window.js(TRACES, Vec::new()).await?;
    for kind in ["marks", "foreign", "markup", "images"] {
        assert_eq!(traces[kind], json!([]), "{view}: {traces}");
    }
    assert_eq!(
        stage.google.count(Endpoint::Other),
        0,
        "{view}: a payload reached the server"
    );
    assert!(
        stage.desk.browser().opened().len() <= 1,
        "{view}: a payload opened the browser"
    );
    Ok(())
}

/// The page's text as a reader gets it: white space is folded by HTML itself, and what has no shape
/// may be left out.
fn folded(text: &str) -> String {
    let shaped: String = text
        .chars()
        .filter(|char| !char.is_control() || char.is_whitespace())
        .collect();
    shaped.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_titles_are_text() -> Result<()> {
    let setup = Setup {
        world: World::hostile_around,
        ..Setup::default()
    };
    scenario("hostile", setup, async |stage| {
        stage.connect(ANA).await?;
        let calendars = stage.json(&["calendars"]).await?;
        let names: Vec<String> = calendars
            .as_array()
            .context("a list of calendars")?
            .iter()
            .filter_map(|calendar| calendar["name"].as_str().map(str::to_owned))
            .collect();
        let payloads = World::hostile_payloads();
        assert_eq!(payloads.len(), 60);
        let named = payloads
            .iter()
            .filter(|payload| names.contains(payload))
            .count();
        assert!(
            named >= 15,
            "only {named} hostile calendars came through as they are: {names:?}"
        );

        // Every payload as the title of a block, spread over the week.
        let day = stage.started.date_naive();
        let monday = day
            - chrono::Days::new(
                chrono::Datelike::weekday(&day)
                    .num_days_from_monday()
                    .into(),
            );
        let mut titles = Vec::new();
        for (number, name) in payloads.iter().enumerate() {
            let date = monday + chrono::Days::new(number as u64 % 7);
            let hour = 2 + number / 7 * 2 % 22;
            let from = format!("{date}T{hour:02}:00");
            let to = format!("{date}T{hour:02}:45");
            // No argument can hold a NUL; the calendars carry it all the same.
            let title = format!("--title={}", name.replace('\0', ""));
            let added = stage
                .run(&["blocks", "add", "--from", &from, "--to", &to, &title])
                .await?;
            assert!(
                matches!(added.status.code(), Some(0 | 2)),
                "{name:?} breaks the command line: {added:?}"
            );
            if added.status.success() {
                titles.push(name);
            }
        }
        assert!(
            titles.len() >= 55,
            "only {} payloads were taken as titles",
            titles.len()
        );

        let window = stage.open().await?;
        wait_for_blocks(&window, "the payloads", |blocks| {
            of(blocks, "manual") >= titles.len()
        })
        .await?;
        check_unharmed(stage, &window, "week").await?;
        let page_text = folded(
            window
                .js("return document.body.textContent", Vec::new())
                .await?
                .as_str()
                .unwrap_or_default(),
        );
        let missing: Vec<&&String> = titles
            .iter()
            .filter(|title| {
                // A very long title may be cut, but what stands there is its own beginning.
                let start: String = folded(title).chars().take(40).collect();
                !page_text.contains(&start)
            })
            .collect();
        assert!(missing.is_empty(), "not shown as they are: {missing:?}");

        for view in ["view-day", "view-month", "view-agenda", "view-week"] {
            window.click(&id(view)).await?;
            check_unharmed(stage, &window, view).await?;
        }
        for block in page::blocks(&window)
            .await?
            .iter()
            .filter(|block| block.source == "manual")
            .take(8)
        {
            page::open_details(&window, &block.id).await?;
            check_unharmed(stage, &window, &format!("details of {}", block.text)).await?;
            page::press(&window, ESCAPE).await?;
            window.wait_for_none(&id("details"), LIMIT).await?;
        }
        page::open_settings(&window).await?;
        check_unharmed(stage, &window, "settings").await
    })
    .await
}
