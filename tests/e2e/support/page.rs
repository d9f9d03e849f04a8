//! Duet's window through its test ids (INTERFACES.md, section 5): what a test says about a page in
//! one line.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_desk::{Window, until};
use duet_sandbox::EventSpec;
use serde::Deserialize;
use serde_json::json;

use super::stage::{ANA, LIMIT, Stage};

/// The settings page.
const SETTINGS: &str = "[data-testid='settings']";

/// A block as it is drawn. One block over midnight is drawn in pieces with the same id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Block {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) calendar: Option<String>,
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) state: String,
    pub(crate) text: String,
}

/// The selector of a test id.
pub(crate) fn id(name: &str) -> String {
    format!("[data-testid='{name}']")
}

/// An account's card.
pub(crate) fn account(email: &str) -> String {
    format!("[data-testid='account'][data-email='{email}']")
}

/// An account's card in a state.
pub(crate) fn account_in(email: &str, state: &str) -> String {
    format!("{}[data-state='{state}']", account(email))
}

/// A switch of a calendar.
pub(crate) fn switch(calendar: &str, name: &str) -> String {
    format!("[data-testid='calendar-row'][data-calendar-id='{calendar}'] [data-testid='{name}']")
}

/// Every drawn block, sorted, without repetition.
pub(crate) async fn blocks(window: &Window) -> Result<Vec<Block>> {
    let script = "return [...document.querySelectorAll('[data-testid=block]')].map(e => ({
        id: e.dataset.id, source: e.dataset.source, calendar: e.dataset.calendarId ?? null,
        start: e.dataset.start, end: e.dataset.end, state: e.dataset.state,
        text: e.textContent }))";
    let mut blocks: Vec<Block> = serde_json::from_value(window.js(script, Vec::new()).await?)?;
    blocks.sort();
    blocks.dedup();
    Ok(blocks)
}

/// Waits until the drawn blocks satisfy `wanted` and gives them.
pub(crate) async fn wait_for_blocks(
    window: &Window,
    what: &str,
    wanted: impl Fn(&[Block]) -> bool,
) -> Result<Vec<Block>> {
    let found = until(what, LIMIT, || async {
        blocks(window).await.ok().filter(|blocks| wanted(blocks))
    })
    .await;
    match found {
        Ok(blocks) => Ok(blocks),
        Err(error) => Err(error)
            .with_context(|| format!("what is drawn instead is beside this: {what}"))
            .context(format!("{:#?}", blocks(window).await)),
    }
}

/// How many blocks of a source are among these.
pub(crate) fn of(blocks: &[Block], source: &str) -> usize {
    blocks.iter().filter(|block| block.source == source).count()
}

/// Waits until something with this test id is there.
pub(crate) async fn see(window: &Window, name: &str) -> Result<()> {
    window.wait_for(&id(name), LIMIT).await
}

/// Goes to the settings page, unless it is open.
pub(crate) async fn open_settings(window: &Window) -> Result<()> {
    if window.count(SETTINGS).await? == 0 {
        window.click(&id("settings-open")).await?;
        window.wait_for(SETTINGS, LIMIT).await?;
    }
    Ok(())
}

/// Leaves the settings page, if it is open.
pub(crate) async fn leave_settings(window: &Window) -> Result<()> {
    if window.count(SETTINGS).await? > 0 {
        window.click(&id("settings-close")).await?;
        window.wait_for_none(SETTINGS, LIMIT).await?;
    }
    Ok(())
}

/// Presses "Connect Google Calendar", in the onboarding or in the settings, and waits for the
/// browser.
pub(crate) async fn start_connecting(stage: &Stage, window: &Window) -> Result<()> {
    let seen = stage.desk.browser().opened().len();
    if window.count(&id("connect-failed")).await? > 0 {
        window.click(&id("connect-cancel")).await?;
    }
    window.click(&id("connect-google")).await?;
    stage
        .desk
        .browser()
        .wait_for_more_than(seen, LIMIT)
        .await
        .map(drop)
}

/// Presses "Reconnect" in the banner.
pub(crate) async fn reconnect_from_banner(window: &Window) -> Result<()> {
    window
        .click(&format!("{} button", id("banner-reconnect")))
        .await
}

/// Waits until the window says in words that connecting did not work.
pub(crate) async fn wait_for_failure(window: &Window) -> Result<()> {
    window.wait_for(&id("connect-failed"), LIMIT).await
}

/// Waits until no sync is under way.
pub(crate) async fn wait_until_idle(window: &Window) -> Result<()> {
    let idle = "const status = document.querySelector(arguments[0]);
        return status !== null && !status.textContent.includes('Syncing')";
    // Two looks with a pause between them: an order takes a moment to become a sync.
    let status = vec![json!(id("sync-status"))];
    for _ in 0..2 {
        window
            .wait_js("the end of the sync", idle, status.clone(), LIMIT)
            .await?;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    window
        .wait_js("the end of the sync", idle, status, LIMIT)
        .await
        .map(drop)
}

/// Waits until `duet accounts` gives this state.
pub(crate) async fn wait_for_account(stage: &Stage, email: &str, state: &str) -> Result<()> {
    until(&format!("{email} to be {state}"), LIMIT, || async {
        (stage.account_state(email).await.ok()?? == state).then_some(())
    })
    .await
}

/// Waits until the page's text contains `words`.
pub(crate) async fn wait_for_text(window: &Window, words: &str, limit: Duration) -> Result<()> {
    let script = "return document.body.innerText.includes(arguments[0])";
    window
        .wait_js(words, script, vec![json!(words)], limit)
        .await
        .map(drop)
}

/// Presses a key where nothing has the focus.
pub(crate) async fn press(window: &Window, key: &str) -> Result<()> {
    window.press("body", key).await
}

/// Opens the window on the week, past the onboarding.
pub(crate) async fn open_week(stage: &Stage) -> Result<Window> {
    let window = stage.open().await?;
    if window.count(&id("by-hand")).await? > 0 {
        window.click(&id("by-hand")).await?;
    }
    see(&window, "new-block").await?;
    Ok(window)
}

/// Today's date in the zone that the window shows.
pub(crate) async fn today(window: &Window) -> Result<String> {
    // The machine's own clock and zone: what the window shows is checked against it.
    let script = "const now = new Date(); const two = n => String(n).padStart(2, '0');
        return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`";
    let day = window.js(script, Vec::new()).await?;
    Ok(day.as_str().context("a date")?.to_owned())
}

/// Types one of the editor's times, `2026-11-22T10:00` on the wall clock.
pub(crate) async fn set_time(window: &Window, field: &str, wall: &str) -> Result<()> {
    window.type_into(&id(field), wall).await
}

/// Start and end of a drawn block.
pub(crate) fn span(block: &Block) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let read = |text: &str| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    Ok((read(&block.start)?, read(&block.end)?))
}

/// Puts an event of twenty minutes into Ana's own calendar at Google, at a time of this week when
/// nothing else is there, and gives its start and end.
pub(crate) fn add_event(stage: &Stage, title: &str) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    let day = stage.started.date_naive();
    let taken = stage.google.busy(
        ANA,
        ANA,
        stage.started - TimeDelta::days(1),
        stage.started + TimeDelta::days(2),
    );
    let (start, end) = (0..24 * 3)
        .map(|step| {
            let start = day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(step * 20);
            (start, start + TimeDelta::minutes(20))
        })
        // With some room around it: freebusy merges what touches.
        .find(|(start, end)| {
            let room = TimeDelta::minutes(10);
            taken
                .iter()
                .all(|(from, to)| *to + room <= *start || *end + room <= *from)
        })
        .context("Ana has no twenty minutes today")?;
    stage
        .google
        .add_event(ANA, "primary", EventSpec::between(title, start, end))?;
    Ok((start, end))
}

/// Whether a block stands for this time, by itself or merged with its neighbours.
pub(crate) fn covers(block: &Block, (start, end): &(DateTime<Utc>, DateTime<Utc>)) -> bool {
    block.calendar.as_deref() == Some(ANA)
        && span(block).is_ok_and(|(from, to)| from <= *start && *end <= to)
}

/// Presses the close button of Duet's window.
pub(crate) fn close_by_title_bar(stage: &Stage) -> Result<()> {
    let shown = stage
        .desk
        .windows()?
        .into_iter()
        .find(|top| top.shown && top.title == "Duet");
    stage
        .desk
        .close_window(shown.context("Duet's window is not on the screen")?.id)
}

/// Waits until Duet's window is on the screen and has the keyboard.
pub(crate) async fn wait_for_front(stage: &Stage) -> Result<()> {
    let at_front = |top: &duet_desk::TopLevel| top.shown && top.focused;
    until("the window at the front", LIMIT, || async {
        stage
            .desk
            .windows()
            .ok()?
            .iter()
            .any(at_front)
            .then_some(())
    })
    .await
    .with_context(|| format!("the windows are {:?}", stage.desk.windows()))
}

/// Waits until Duet's window is on the screen. Without a window manager, which a desk has not, a
/// window that was just mapped does not get the keyboard by itself.
pub(crate) async fn wait_for_shown(stage: &Stage) -> Result<()> {
    until("the window on the screen", LIMIT, || async {
        stage
            .desk
            .windows()
            .ok()?
            .iter()
            .any(|top| top.shown)
            .then_some(())
    })
    .await
    .with_context(|| format!("the windows are {:?}", stage.desk.windows()))
}

/// Waits until Duet's window is nowhere on the screen.
pub(crate) async fn wait_for_hidden(stage: &Stage) -> Result<()> {
    until("the window to hide", LIMIT, || async {
        stage
            .desk
            .windows()
            .ok()?
            .iter()
            .all(|top| !top.shown)
            .then_some(())
    })
    .await
    .with_context(|| format!("the windows are {:?}", stage.desk.windows()))
}

/// Waits until no window and no process of Duet is left.
pub(crate) async fn wait_for_end(stage: &Stage) -> Result<()> {
    until("Duet's end", LIMIT, || async {
        let duet = |process: &duet_desk::Process| process.title().starts_with(super::stage::duet());
        (!stage.desk.processes().iter().any(duet)).then_some(())
    })
    .await
}

/// Asks in the settings to take an account away, up to the question how.
pub(crate) async fn ask_disconnect(window: &Window, email: &str) -> Result<()> {
    window
        .click(&format!("{} [data-testid='disconnect']", account(email)))
        .await?;
    window.wait_for(&id("disconnect-dialog"), LIMIT).await
}

/// Takes an account away in the settings.
pub(crate) async fn disconnect(window: &Window, email: &str, revoke: bool) -> Result<()> {
    ask_disconnect(window, email).await?;
    let choice = if revoke {
        "disconnect-revoke"
    } else {
        "disconnect-keep"
    };
    window.click(&id(choice)).await
}

/// Opens a block's details: scrolls to it, as a person would, and clicks.
pub(crate) async fn open_details(window: &Window, block: &str) -> Result<()> {
    let css = format!("[data-testid='block'][data-id='{block}']");
    let scroll = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
    window.js(scroll, vec![json!(css)]).await?;
    window.click(&css).await?;
    see(window, "details").await
}

/// Opens the editor of the drawn manual block with this title.
pub(crate) async fn edit(window: &Window, title: &str) -> Result<()> {
    // What was just made is drawn at once, and anew when it is stored, with the id that it has then.
    until(&format!("the block {title:?} to open"), LIMIT, || async {
        let blocks = blocks(window).await.ok()?;
        let fits = |block: &&Block| block.source == "manual" && block.text.contains(title);
        let id = &blocks.iter().find(fits)?.id;
        open_details(window, id).await.ok()
    })
    .await?;
    window.click(&id("edit-block")).await?;
    window.wait_for(&id("editor"), LIMIT).await
}

/// Chooses "weekly" in the editor.
pub(crate) async fn repeat_weekly(window: &Window) -> Result<()> {
    window.set_value(&id("editor-repeat"), "weekly").await
}

/// Deletes only the occurrence that the editor shows.
pub(crate) async fn delete_only_this(window: &Window) -> Result<()> {
    window.click(&id("editor-scope-this")).await?;
    window.click(&id("editor-delete")).await
}

/// Takes the last deletion back.
pub(crate) async fn undo(window: &Window) -> Result<()> {
    window.click(&id("undo")).await
}

/// Opens the details of one of Duet's own events, with what the core knows of it.
pub(crate) async fn open_own(window: &Window, title: &str) -> Result<()> {
    until(&format!("the event {title:?} to open"), LIMIT, || async {
        let blocks = blocks(window).await.ok()?;
        let own = |block: &&Block| block.source == "duet" && block.text.contains(title);
        open_details(window, &blocks.iter().find(own)?.id)
            .await
            .ok()
    })
    .await?;
    window.wait_for(&id("edit-event"), LIMIT).await
}

/// The line that says who is mailed, once it says something like this: it is asked for while one types.
pub(crate) async fn mail_line(window: &Window, testid: &str, expect: &str) -> Result<String> {
    until(expect, LIMIT, || async {
        let words = window.texts(&id(testid)).await.ok()?.join(" ");
        words.starts_with(expect).then_some(words)
    })
    .await
}

/// Sweeps over `minutes` of the empty grid with the mouse.
pub(crate) async fn sweep(window: &Window, minutes: i64) -> Result<()> {
    let place =
        "const cell = document.querySelector('[role=gridcell][data-date]').getBoundingClientRect();
        return [cell.left + cell.width / 2, Math.max(cell.top, innerHeight / 2), cell.height]";
    drag(window, place, Vec::new(), minutes).await
}

/// Takes a block of the week by its middle and lets it go `minutes` further down.
pub(crate) async fn carry(window: &Window, block: &str, minutes: i64) -> Result<()> {
    let place = "const block = document.querySelector(`.column [data-testid=block][data-id='${arguments[0]}']`);
        block.scrollIntoView({block: 'center'});
        const box = block.getBoundingClientRect();
        const cell = block.closest('.column').getBoundingClientRect();
        return [box.left + box.width / 2, box.top + box.height / 2, cell.height]";
    drag(window, place, vec![block.into()], minutes).await
}

/// With the mouse, from the place that the script says down by `minutes` of a day of its height.
async fn drag(
    window: &Window,
    place: &str,
    args: Vec<serde_json::Value>,
    minutes: i64,
) -> Result<()> {
    let place: (f64, f64, f64) = serde_json::from_value(window.js(place, args).await?)?;
    let (x, y) = (place.0 as i64, place.1 as i64);
    let down = (place.2 * minutes as f64 / 1440.0) as i64;
    window
        .driver()
        .action_chain()
        .move_to(x, y)
        .click_and_hold()
        .move_to(x, y + down / 2)
        .move_to(x, y + down)
        .release()
        .perform()
        .await?;
    Ok(())
}

/// Draws the window into the folder that `DUET_E2E_PICTURES` names, to be looked at; without it, nothing.
pub(crate) async fn picture(window: &Window, name: &str) -> Result<()> {
    let Some(folder) = std::env::var_os("DUET_E2E_PICTURES") else {
        return Ok(());
    };
    // Once what arrives has arrived. WebDriver waits for the next frame, and a window that stands still has
    // none until the minute is over.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let frames = "const dot = document.body.appendChild(document.createElement('i'));
        let left = 90;
        const frame = () => {
            dot.style.cssText = `position:fixed;right:0;bottom:0;width:1px;height:1px;background:rgb(0 0 0 / ${left % 2 ? 1 : 2}%)`;
            if (left--) requestAnimationFrame(frame); else dot.remove();
        };
        frame()";
    window.js(frames, Vec::new()).await?;
    let path = std::path::PathBuf::from(folder).join(format!("{name}.png"));
    window.screenshot(&path).await
}

/// No dialog of the page is open: no payload called `alert`, `confirm` or `prompt`.
pub(crate) async fn no_dialog(window: &Window) -> Result<()> {
    match window.driver().get_alert_text().await {
        Ok(text) => bail!("a dialog is open: {text}"),
        Err(_) => Ok(()),
    }
}
