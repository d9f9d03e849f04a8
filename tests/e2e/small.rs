//! The smallest window Duet promises: nothing is cut there, and nothing hides what it is about.

use anyhow::{Context, Result};
use duet_desk::{Window, until};
use serde::Deserialize;
use serde_json::json;

use crate::support::page::{self, id, press, wait_for_blocks, wait_until_idle};
use crate::support::{ANA, LIMIT, Setup, scenario};

/// Keys that are no characters, as WebDriver names them.
const ESCAPE: &str = "\u{e00c}";

fn small() -> Setup {
    let mut setup = Setup::default();
    setup.desk.screen = (720, 480);
    setup
}

/// How the sync status stands in the header.
#[derive(Debug, Deserialize)]
struct Status {
    /// Is any of its words that is drawn cut?
    cut: bool,
    /// Is the dot whole, and in the window?
    dot: bool,
    /// What is read aloud.
    heard: String,
    /// What is in the tooltip.
    title: String,
}

async fn status(window: &Window) -> Result<Status> {
    let script = "const status = document.querySelector(arguments[0]);
        const box = status.getBoundingClientRect();
        const dot = status.querySelector('.dot').getBoundingClientRect();
        const span = [...status.querySelectorAll('span')].at(-1);
        const words = span.getBoundingClientRect();
        const drawn = words.top < box.bottom;
        const shortened = span.scrollWidth > span.clientWidth + 1;
        return {
            cut: drawn && (shortened || words.right > box.right + 1 || words.left < box.left),
            dot: dot.width > 4 && dot.left >= box.left && dot.right <= box.right && box.right <= innerWidth,
            heard: status.textContent, title: status.title };";
    let found = window.js(script, vec![json!(id("sync-status"))]).await?;
    Ok(serde_json::from_value(found)?)
}

/// How much of the grid's width and height nothing covers, in pixels.
async fn uncovered(window: &Window) -> Result<(f64, f64)> {
    let script = "const grid = document.querySelector('.timegrid').getBoundingClientRect();
        const panel = document.querySelector('.panel')?.getBoundingClientRect();
        const right = Math.min(grid.right, innerWidth), bottom = Math.min(grid.bottom, innerHeight);
        if (!panel) return [right - grid.left, bottom - grid.top];
        const beside = panel.left >= right - 1;
        return [right - grid.left, beside ? bottom - grid.top : Math.min(bottom, panel.top) - grid.top]";
    Ok(serde_json::from_value(
        window.js(script, Vec::new()).await?,
    )?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_window_cuts_no_words_and_hides_no_grid() -> Result<()> {
    scenario("small", small(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| !blocks.is_empty()).await?;
        wait_until_idle(&window).await?;
        let seen = status(&window).await?;
        assert!(!seen.cut && seen.dot, "{seen:?}");
        assert!(seen.heard.starts_with("Synced"), "{seen:?}");
        assert!(
            seen.title.starts_with(&seen.heard),
            "the words are in the tooltip: {seen:?}"
        );

        let whole = uncovered(&window).await?;
        press(&window, "f").await?;
        window.wait_for(&id("find-slot"), LIMIT).await?;
        let left = uncovered(&window).await?;
        assert!(
            left.0 >= 300.0 && left.1 >= 200.0,
            "the calendar is seen beside the panel: {left:?} of {whole:?}"
        );
        // Also from inside of a field that is being typed in.
        window.press(&id("find-people"), ESCAPE).await?;
        window.wait_for_none(&id("find"), LIMIT).await?;
        assert_eq!(uncovered(&window).await?, whole, "all of it is back");

        stage.google.revoke(ANA);
        window.click(&id("sync-now")).await?;
        window.wait_for(&id("banner-reconnect"), LIMIT).await?;
        wait_until_idle(&window).await?;
        let seen = status(&window).await?;
        assert!(!seen.cut && seen.dot, "{seen:?}");
        window
            .click(&format!("{} .look", id("sync-status")))
            .await?;
        window.wait_for(&id("settings"), LIMIT).await
    })
    .await
}

/// How the header lies in the window, with some title and some words for the status.
#[derive(Debug, Deserialize)]
struct Header {
    /// In how many pixels.
    height: f64,
    /// How far its last button is from the window's right edge.
    room: f64,
    /// Are the words of the status drawn?
    words: bool,
    /// Where what stands right of the words is.
    right: Vec<f64>,
}

async fn header(window: &Window, title: &str, words: &str) -> Result<Header> {
    let script = "const header = document.querySelector('.header');
        const box = element => element.getBoundingClientRect();
        const status = document.querySelector(arguments[0]);
        const span = [...status.querySelectorAll('span')].at(-1);
        header.querySelector('.title').firstChild.data = arguments[1];
        span.textContent = arguments[2];
        const drawn = [...header.children].filter(child => box(child).width > 0);
        return {
            height: box(header).height,
            room: innerWidth - Math.max(...drawn.map(child => box(child).right)),
            words: box(span).top < box(status).bottom,
            right: drawn.slice(drawn.indexOf(status) + 1).map(child => box(child).left) };";
    let given = vec![json!(id("sync-status")), json!(title), json!(words)];
    Ok(serde_json::from_value(window.js(script, given).await?)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_is_one_line_that_stands_still() -> Result<()> {
    let mut setup = Setup::default();
    setup.desk.screen = (1400, 700);
    scenario("header", setup, async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| !blocks.is_empty()).await?;
        wait_until_idle(&window).await?;
        for width in [720, 800, 900, 1000, 1100, 1190, 1280, 1350] {
            window.driver().set_window_rect(0, 0, width, 700).await?;
            until("the window to have that width", LIMIT, || async {
                let now = window.js("return innerWidth", Vec::new()).await.ok()?;
                (now == json!(width)).then_some(())
            })
            .await?;
            let usual = header(&window, "May 2026", "Syncing…").await?;
            for (title, words) in [
                ("September 2026", "Synced 12 min ago"),
                ("Dec 2026 – Jan 2027", "Synced just now"),
                ("Dec 2026 – Jan 2027", "12 calendars unknown"),
            ] {
                let seen = header(&window, title, words).await?;
                let at = format!("{width} px, {title}, {words}: {seen:?}, {usual:?}");
                assert!(seen.height < 60.0 && seen.room >= 7.0, "{at}");
                assert_eq!(seen.height, usual.height, "{at}");
                assert_eq!(seen.right, usual.right, "no button moves: {at}");
                assert!(
                    seen.words || width < 800 || words.starts_with("12"),
                    "how fresh it is is read: {at}"
                );
            }
        }
        Ok(())
    })
    .await
}

/// Parts of these that one cannot see whole, or reach, in the window.
async fn out_of_sight(window: &Window, testids: &[&str]) -> Result<Vec<String>> {
    let script = "return arguments[0].filter(testid => {
            const element = document.querySelector(`[data-testid=${testid}]`);
            if (!element) return true;
            const box = element.getBoundingClientRect();
            const inside = box.width > 0 && box.left >= 0 && box.right <= innerWidth
                && box.top >= 0 && box.bottom <= innerHeight;
            const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
            return !(inside && top && (element.contains(top) || top.contains(element)));
        })";
    let found = window.js(script, vec![json!(testids)]).await?;
    Ok(serde_json::from_value(found)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_smallest_window_every_dialog_says_who_is_mailed_and_has_its_buttons() -> Result<()>
{
    let mut setup = small();
    setup.desk.dark = true;
    scenario("small-dialogs", setup, async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive();
        let (from, to) = (format!("{day}T14:00"), format!("{day}T15:30"));
        let title = "Rehearsal of the whole choir with all four soloists and the orchestra";
        let add = [
            "events",
            "add",
            "--from",
            &from,
            "--to",
            &to,
            "--title",
            title,
            "--google",
            "--yes",
            "--where",
            "Church of Saint Bartholomew, lower hall, entrance from the garden",
            "--guest",
            "bartholomew.featherstonehaugh@choir.example.org",
            "--guest",
            "eva@example.net",
            "--guest",
            "mo.adeyemi@example.com",
            "--guest",
            "li.wei@example.org",
            "--repeat",
            "FREQ=WEEKLY;COUNT=8",
            "--notify",
            "none",
        ];
        stage.duet(&add).await?;
        let listed = stage.json(&["events", "list"]).await?;
        let series = listed[0]["id"].as_str().context("an id")?.to_owned();
        let skipped = format!("{}T14:00", day + chrono::Days::new(14));
        let skip = [
            "events",
            "remove",
            &series,
            "--occurrence",
            &skipped,
            "--google",
            "--notify",
            "none",
        ];
        stage.duet(&skip).await?;
        let window = page::open_week(stage).await?;
        press(&window, "d").await?;
        page::open_own(&window, "Rehearsal").await?;
        page::picture(&window, "small-details").await?;
        let buttons = ["edit-event", "delete-event", "remove-from-google"];
        assert_eq!(out_of_sight(&window, &buttons).await?, [""; 0]);

        window.click(&id("edit-event")).await?;
        window.wait_for(&id("editor"), LIMIT).await?;
        window
            .type_into(&id("editor-title"), " in the hall")
            .await?;
        window.wait_for(&id("editor-mail"), LIMIT).await?;
        page::picture(&window, "small-editor").await?;
        // Another time for all takes single ones back, which is said before.
        window.click(&id("editor-scope-all")).await?;
        let later = format!("{day}T13:00");
        page::set_time(&window, "editor-start", &later).await?;
        window.wait_for(&id("editor-undone"), LIMIT).await?;
        let words = window.texts(&id("editor-undone")).await?.join(" ");
        assert_eq!(words, "Saving brings 1 occurrence back that was removed.");
        page::picture(&window, "small-undone").await?;
        let foot = [
            "editor-mail",
            "editor-notify",
            "editor-save",
            "editor-delete",
            "editor-cancel",
        ];
        assert_eq!(out_of_sight(&window, &foot).await?, [""; 0]);
        window.click(&id("editor-delete")).await?;
        window.wait_for(&id("delete-dialog"), LIMIT).await?;
        window.wait_for(&id("delete-mail"), LIMIT).await?;
        page::picture(&window, "small-delete").await?;
        let foot = ["delete-mail", "delete-confirm"];
        assert_eq!(out_of_sight(&window, &foot).await?, [""; 0]);
        press(&window, ESCAPE).await?;
        window.wait_for_none(&id("delete-dialog"), LIMIT).await?;

        page::open_own(&window, "Rehearsal").await?;
        window.click(&id("remove-from-google")).await?;
        window.wait_for(&id("withdraw-dialog"), LIMIT).await?;
        window.wait_for(&id("withdraw-mail"), LIMIT).await?;
        page::picture(&window, "small-withdraw").await?;
        let foot = ["withdraw-mail", "withdraw-confirm"];
        assert_eq!(out_of_sight(&window, &foot).await?, [""; 0]);
        press(&window, ESCAPE).await?;
        window.wait_for_none(&id("withdraw-dialog"), LIMIT).await?;

        press(&window, "i").await?;
        window.wait_for(&id("invitation"), LIMIT).await?;
        page::picture(&window, "small-invitations").await?;
        let answers = ["rsvp-yes", "rsvp-maybe", "rsvp-no", "invitation-meanwhile"];
        assert_eq!(out_of_sight(&window, &answers).await?, [""; 0]);
        window.click(".invitation-title").await?;
        window
            .wait_for(&format!("{} {}", id("details"), id("rsvp")), LIMIT)
            .await?;
        page::picture(&window, "small-rsvp").await?;
        press(&window, ESCAPE).await?;

        page::open_settings(&window).await?;
        window.click(&id("footprint-show")).await?;
        window.wait_for(&id("trace"), LIMIT).await?;
        window.click(&id("footprint-all")).await?;
        window.click(&id("footprint-remove")).await?;
        window.wait_for(&id("footprint-confirm"), LIMIT).await?;
        page::picture(&window, "small-footprint").await?;
        assert_eq!(
            out_of_sight(&window, &["footprint-confirm"]).await?,
            [""; 0]
        );
        Ok(())
    })
    .await
}
