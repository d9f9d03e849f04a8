//! Events in the window: drawn with what they make of their time, explained, found, and what a rule
//! would change told before it is saved.

use anyhow::{Context, Result};
use duet_desk::{Window, until};
use duet_sandbox::EventSpec;
use serde_json::json;

use crate::support::page::{self, Block, id, of, press, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, Stage, scenario};

/// Somebody who shares their times with everyone.
const BEN: &str = "ben@example.org";

/// Keys that are no characters, as WebDriver names them.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const UP: &str = "\u{e013}";

async fn connected(stage: &Stage) -> Result<Window> {
    stage.connect(ANA).await?;
    let window = stage.open().await?;
    wait_for_blocks(&window, "Ana's week", |blocks| {
        titled(blocks, "Lunch with Mo").is_some()
    })
    .await?;
    page::wait_until_idle(&window).await?;
    Ok(window)
}

fn titled<'a>(blocks: &'a [Block], title: &str) -> Option<&'a Block> {
    blocks.iter().find(|block| block.text.contains(title))
}

async fn drawn(window: &Window, title: &str) -> Result<Block> {
    let blocks = page::blocks(window).await?;
    let found = titled(&blocks, title).cloned();
    found.with_context(|| format!("{title} is not drawn: {blocks:#?}"))
}

/// Waits until an element's text holds some words.
async fn says(window: &Window, name: &str, words: &str) -> Result<()> {
    let text = || async { window.texts(&id(name)).await.unwrap_or_default().join("\n") };
    let found = until(words, LIMIT, || async {
        text().await.contains(words).then_some(())
    })
    .await;
    match found {
        Ok(()) => Ok(()),
        Err(error) => Err(error).context(format!("{name} says instead: {}", text().await)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_shows_what_it_makes_of_its_time() -> Result<()> {
    scenario("event-states", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        for (title, state) in [
            ("Stand-up", "busy"),
            ("Roadmap", "tentative"),
            ("Lunch walk", "free"),
            ("All hands", "free"),
            ("Hiring sync", "busy"),
            ("Grandparents visit", "busy"),
            ("Office", "free"),
        ] {
            let block = drawn(&window, title).await?;
            assert_eq!(block.state, state, "{block:?}");
            assert_eq!(block.source, "google");
        }
        // Whole days are dates, their end exclusive.
        let visit = drawn(&window, "Grandparents visit").await?;
        let day = |text: &str| text.parse::<chrono::NaiveDate>();
        assert_eq!((day(&visit.end)? - day(&visit.start)?).num_days(), 2);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn details_tell_guests_and_reasons_and_what_changed() -> Result<()> {
    scenario("event-details", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        let call = drawn(&window, "Customer call").await?;
        page::open_details(&window, &call.id).await?;
        says(&window, "event-guests", "J. Buyer").await?;
        says(&window, "details-because", "Events count as busy").await?;
        let usual = "The calendar's default reminders";
        says(&window, "event-reminders", usual).await?;
        // The call's own address goes to the browser, from the core's memory and not the page's.
        let seen = stage.desk.browser().opened().len();
        window.click(&id("event-join")).await?;
        let page = stage.desk.browser().wait_for_more_than(seen, LIMIT).await?;
        assert_eq!(page, "https://meet.google.com/xyz-abcd-efg");
        press(&window, ESCAPE).await?;
        window.wait_for_none(&id("details"), LIMIT).await?;

        let start = stage
            .started
            .date_naive()
            .and_time(chrono::NaiveTime::MIN)
            .and_utc();
        let start = start + chrono::TimeDelta::hours(3);
        let end = start + chrono::TimeDelta::minutes(30);
        let popup = json!({"useDefault": false, "overrides": [{"method": "popup", "minutes": 10}]});
        let spec = EventSpec::between("Tea with Kim", start, end).id("teawithkim");
        let spec = spec.field("reminders", popup);
        stage.google.add_event(ANA, ANA, spec)?;
        stage.duet(&["sync"]).await?;
        let tea = |blocks: &[Block]| titled(blocks, "Tea with Kim").is_some();
        wait_for_blocks(&window, "the new event", tea).await?;
        let change = json!({"summary": "Coffee with Kim"});
        stage.google.update_event(ANA, ANA, "teawithkim", change)?;
        stage.duet(&["sync"]).await?;
        let coffee = |blocks: &[Block]| titled(blocks, "Coffee with Kim").is_some();
        wait_for_blocks(&window, "its new title", coffee).await?;
        let block = drawn(&window, "Coffee with Kim").await?;
        assert_eq!(page::span(&block)?, (start, end));
        page::open_details(&window, &block.id).await?;
        says(&window, "event-reminders", "10 minutes before, by pop-up").await?;
        let shown = stage.json(&["show", &block.id]).await?;
        assert_eq!(
            shown["reminders"],
            json!([{"words": "10 minutes before, by pop-up", "method": "popup", "minutes": 10}])
        );
        let shown = stage.duet(&["show", &block.id]).await?;
        assert!(
            shown.contains("Reminder: 10 minutes before, by pop-up"),
            "{shown}"
        );
        says(
            &window,
            "event-history",
            "“Tea with Kim” → “Coffee with Kim”",
        )
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn why_explains_and_a_rule_is_tried_before_it_is_saved() -> Result<()> {
    scenario("why", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        let office = drawn(&window, "Office").await?;
        page::open_details(&window, &office.id).await?;
        window.click(&id("why-open")).await?;
        window.wait_for(&id("why"), LIMIT).await?;
        says(&window, "why-reason", "Office").await?;
        says(
            &window,
            "why",
            "It only says where somebody works, so it does not count.",
        )
        .await?;

        let own = format!("{}[data-rule='working_location']", id("why-reason"));
        window.click(&format!("{own} {}", id("why-change"))).await?;
        window.set_value(&id("why-treatment"), "busy").await?;
        says(&window, "rules-preview", "Blocks").await?;
        assert_eq!(
            drawn(&window, "Office").await?.state,
            "free",
            "nothing is saved yet"
        );
        window.click(&id("why-save")).await?;
        wait_for_blocks(&window, "the office to count", |blocks| {
            titled(blocks, "Office").is_some_and(|block| block.state == "busy")
        })
        .await?;
        let rules = stage.json(&["rules"]).await?;
        assert_eq!(
            rules["calendars"][0]["rules"]["working_location"], "busy",
            "{rules:#}"
        );
        assert_eq!(
            rules["rules"]["working_location"], "free",
            "for that calendar alone: {rules:#}"
        );
        press(&window, ESCAPE).await?;
        window.wait_for_none(&id("why"), LIMIT).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_the_month_opens_in_place() -> Result<()> {
    scenario("month-more", Setup::default(), async |stage| {
        for n in 0..12 {
            let start = stage
                .started
                .date_naive()
                .and_time(chrono::NaiveTime::MIN)
                .and_utc();
            let start = start + chrono::TimeDelta::minutes(30 * n);
            let end = start + chrono::TimeDelta::minutes(30);
            let spec = EventSpec::between(&format!("Crowd {n}"), start, end);
            stage.google.add_event(ANA, ANA, spec)?;
        }
        let window = connected(stage).await?;
        window.click(&id("view-month")).await?;
        window.wait_for(&id("month-more"), LIMIT).await?;
        let more = window.texts(&id("month-more")).await?;
        assert!(more.iter().any(|text| text.contains("more")), "{more:?}");
        // The one of today, which holds the crowd, among others.
        let day = stage.started.date_naive();
        let css = format!("[data-date='{day}'] {}", id("month-more"));
        window.click(&css).await?;
        says(&window, "month-day", "Crowd 11").await?;
        press(&window, ESCAPE).await?;
        window.wait_for_none(&id("month-day"), LIMIT).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_free_minute_says_who_vouches_for_it() -> Result<()> {
    scenario("why-free", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        // The key asks about where the keyboard stands in the grid.
        let grid = ".timegrid [data-spot]";
        window.wait_for(grid, LIMIT).await?;
        // Up to midnight, when nobody has an appointment.
        for _ in 0..50 {
            window.press(grid, UP).await?;
        }
        window.press(grid, ".").await?;
        window.wait_for(&id("why"), LIMIT).await?;
        until("an answer", LIMIT, || async {
            let text = window.texts(&id("why-because")).await.ok()?.join("");
            (!text.is_empty()).then_some(())
        })
        .await?;
        let because = window.texts(&id("why-because")).await?.join("");
        if because.starts_with("Free") {
            says(&window, "why", "Studio").await?;
        } else {
            // On a weekend somebody visits all day.
            says(&window, "why-reason", "Family").await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_found_and_opened() -> Result<()> {
    scenario("search", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        press(&window, "/").await?;
        window.wait_for(&id("search-field"), LIMIT).await?;
        window
            .type_into(&id("search-field"), "quarter plan")
            .await?;
        says(&window, "search-hit", "Quarter planning").await?;
        window.press(&id("search-field"), ENTER).await?;
        window.wait_for(&id("details"), LIMIT).await?;
        says(&window, "details", "Quarter planning").await?;
        let found = drawn(&window, "Quarter planning").await?;
        assert_eq!(
            found.calendar.as_deref(),
            Some(ANA),
            "and the week is turned to"
        );
        press(&window, ESCAPE).await?;
        press(&window, "/").await?;
        window.wait_for(&id("search-field"), LIMIT).await?;
        window
            .type_into(&id("search-field"), "zzz <img src=x>")
            .await?;
        says(&window, "search-status", "Nothing found").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_found_with_somebody_else() -> Result<()> {
    scenario("find-time", Setup::default(), async |stage| {
        let window = connected(stage).await?;
        press(&window, "f").await?;
        window.wait_for(&id("find"), LIMIT).await?;
        window.wait_for(&id("find-slot"), LIMIT).await?;
        window.wait_for(&id("find-copy"), LIMIT).await?;
        // What is seen of the list from the question to its answer; it is over too soon to be looked
        // at from outside.
        let watch = "const list = document.querySelector(arguments[0]); window.seen = [];
            new MutationObserver(() => window.seen.push({
                busy: list.getAttribute('aria-busy'),
                dimmed: getComputedStyle(list).opacity < 1,
                copy: list.querySelector(arguments[1])?.disabled,
            })).observe(list, { attributes: true, subtree: true, childList: true, characterData: true })";
        let names = vec![json!(id("find-slots")), json!(id("find-copy"))];
        window.js(watch, names).await?;
        window.set_value(&id("find-days"), "14").await?;
        let asked = json!({"busy": "true", "dimmed": true, "copy": true});
        let answered = json!({"busy": "false", "dimmed": false, "copy": false});
        until("the answer", LIMIT, || async {
            let seen = window.js("return window.seen", Vec::new()).await.ok()?;
            let seen = seen.as_array()?;
            let first = seen.iter().position(|one| *one == asked)?;
            seen[first..].contains(&answered).then_some(())
        })
        .await
        .context("the former answer is not marked as such until the next one comes")?;
        window.type_into(&id("find-people"), BEN).await?;
        window.press(&id("find-people"), ENTER).await?;
        window
            .wait_for(
                &format!("{}[data-state='known']", id("find-person-state")),
                LIMIT,
            )
            .await?;
        window.wait_for(&id("find-slot"), LIMIT).await?;
        window
            .type_into(&id("find-people"), "nobody@example.net")
            .await?;
        window.press(&id("find-people"), ENTER).await?;
        says(&window, "find", "Not certain").await?;
        says(&window, "find", "nobody@example.net").await?;
        assert_eq!(of(&page::blocks(&window).await?, "duet"), 0);
        Ok(())
    })
    .await
}
