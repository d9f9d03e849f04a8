//! Invitations of others: listed beside the calendar, answered there and in the details, and taken back
//! before anybody hears of it.

use anyhow::{Context, Result};
use chrono::TimeDelta;
use duet_desk::{Window, until};
use duet_sandbox::EventSpec;
use serde_json::Value;

use crate::support::page::{self, id, press};
use crate::support::{ANA, Decision, LIMIT, Setup, Stage, scenario};

const TITLE: &str = "Hiring sync";

/// What Google has as Ana's answer.
fn answer(stage: &Stage) -> Option<String> {
    let events = stage.google.events(ANA, ANA);
    let event = events
        .iter()
        .find(|event| event["summary"] == TITLE && event["recurringEventId"].is_null())?;
    let guests = event["attendees"].as_array()?;
    let me = guests.iter().find(|it| it["email"] == ANA)?;
    me["responseStatus"].as_str().map(str::to_owned)
}

async fn wait_for_answer(stage: &Stage, expect: &str) -> Result<()> {
    until(
        &format!("Google to have the answer {expect}"),
        LIMIT,
        || async { (answer(stage)? == expect).then_some(()) },
    )
    .await
}

async fn pressed(window: &Window, testid: &str) -> Result<()> {
    let css = format!("{}[aria-pressed='true']", id(testid));
    window.wait_for(&css, LIMIT).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_listed_answered_taken_back_and_answered_again() -> Result<()> {
    scenario("invitations", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let told = stage.json(&["invitations"]).await?;
        let told: Vec<&Value> = told.as_array().context("a list")?.iter().collect();
        assert_eq!((told.len(), &told[0]["title"]), (1, &TITLE.into()));
        assert_eq!(answer(stage).as_deref(), Some("needsAction"));

        let window = page::open_week(stage).await?;
        window.wait_for(&id("invitations-open"), LIMIT).await?;
        press(&window, "i").await?;
        window.wait_for(&id("invitation"), LIMIT).await?;
        let said = window.texts(&id("invitation")).await?.join(" ");
        assert!(said.contains(TITLE) && said.contains("From "), "{said}");
        let free = window.texts(&id("invitation-meanwhile")).await?;
        assert_eq!(
            free.len(),
            window.count(&id("invitation")).await?,
            "{free:?}"
        );
        page::picture(&window, "invitations").await?;

        // Taken back in time, nobody hears of it.
        window.click(&id("rsvp-no")).await?;
        window.wait_for(&id("invitations-none"), LIMIT).await?;
        page::picture(&window, "answered").await?;
        page::undo(&window).await?;
        window.wait_for(&id("invitation"), LIMIT).await?;
        stage.duet(&["sync"]).await?;
        assert_eq!(answer(stage).as_deref(), Some("needsAction"));

        // In the details it is answered as well, and Google hears of it after a moment.
        window.click(".invitation-title").await?;
        window.wait_for(&id("details"), LIMIT).await?;
        window.wait_for(&id("rsvp"), LIMIT).await?;
        page::picture(&window, "rsvp").await?;
        window
            .click(&format!("{} {}", id("details"), id("rsvp-maybe")))
            .await?;
        pressed(&window, "rsvp-maybe").await?;
        window.wait_for(&id("rsvp-waits"), LIMIT).await?;
        wait_for_answer(stage, "tentative").await?;
        window.wait_for_none(&id("rsvp-waits"), LIMIT).await?;
        window.wait_for(&id("invitations-none"), LIMIT).await?;
        assert!(stage.json(&["invitations"]).await? == Value::Array(Vec::new()));

        // Another answer replaces it.
        window
            .click(&format!("{} {}", id("details"), id("rsvp-yes")))
            .await?;
        pressed(&window, "rsvp-yes").await?;
        wait_for_answer(stage, "accepted").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_an_invitation_says_what_helps() -> Result<()> {
    scenario("invitations-read", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = page::open_week(stage).await?;
        window.click(&id("invitations-open")).await?;
        window.wait_for(&id("invitation"), LIMIT).await?;
        let said = window.texts(&id("invitation")).await?.join(" ");
        assert!(said.contains("may only read"), "{said}");
        window.wait_for_none(&id("rsvp-yes"), LIMIT).await?;

        // What helps is one button away, and the answers are there.
        page::open_settings(&window).await?;
        page::picture(&window, "permission").await?;
        let seen = stage.desk.browser().opened().len();
        window.click(&id("enable-write")).await?;
        // A box left unticked changes nothing, and is said.
        let partly = Decision::AllowOnly(ANA, "calendar.readonly");
        let back = stage.consent(seen, partly).await?;
        stage.come_back(&back).await?;
        page::wait_for_failure(&window).await?;
        let said = window.texts(&id("connect-failed")).await?.join(" ");
        assert!(said.contains("Nothing was changed"), "{said}");
        page::picture(&window, "permission-partly").await?;
        window.click(&id("connect-cancel")).await?;

        let seen = stage.desk.browser().opened().len();
        window.click(&id("enable-write")).await?;
        let back = stage.consent(seen, Decision::Allow(ANA)).await?;
        stage.come_back(&back).await?;
        window.wait_for_none(&id("enable-write"), LIMIT).await?;
        page::leave_settings(&window).await?;
        window.click(&id("invitations-open")).await?;
        window.wait_for(&id("rsvp-yes"), LIMIT).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_invitation_is_told_and_its_title_only_to_who_wants_it() -> Result<()> {
    scenario("invited", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let window = page::open_week(stage).await?;
        window.wait_for(&id("invitations-open"), LIMIT).await?;
        page::wait_until_idle(&window).await?;
        let daemon = stage.desk.notifications();
        assert!(daemon.all().is_empty(), "what is there already is no news");

        invite(stage, "Lunch")?;
        window.click(&id("sync-now")).await?;
        let notice = daemon
            .wait_for(|shown| shown.summary == "A new invitation", LIMIT)
            .await?;
        assert!(!notice.body.contains("Lunch"), "{notice:?}");
        let button = notice.actions.iter().find(|(key, _)| key != "default");
        let (key, _) = button.context("the notification has no button")?;
        // Nobody presses a button in the moment in which it comes up.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        daemon.invoke_action(notice.id, key).await?;
        window.wait_for(&id("invitation"), LIMIT).await?;
        let said = window.texts(&id("invitation")).await?.join(" ");
        assert!(said.contains("Lunch") && said.contains(TITLE), "{said}");

        page::open_settings(&window).await?;
        window
            .set_value(&id("setting-invitations"), "titles")
            .await?;
        invite(stage, "<b>Dinner</b>")?;
        window.click(&id("sync-now")).await?;
        let notice = daemon
            .wait_for(|shown| shown.body.contains("Dinner"), LIMIT)
            .await?;
        assert!(!notice.body.contains("<b>"), "{notice:?}");

        // Without a wish to hear of them there is silence; and each was told once.
        window.set_value(&id("setting-invitations"), "off").await?;
        invite(stage, "Breakfast")?;
        window.click(&id("sync-now")).await?;
        page::leave_settings(&window).await?;
        window.wait_for(&id("invitations-open"), LIMIT).await?;
        press(&window, "i").await?;
        until("the third invitation", LIMIT, || async {
            let said = window.texts(&id("invitation")).await.ok()?.join(" ");
            said.contains("Breakfast").then_some(())
        })
        .await?;
        page::wait_until_idle(&window).await?;
        assert_eq!(daemon.all().len(), 2, "{:?}", daemon.all());
        Ok(())
    })
    .await
}

/// Ben invites Ana to an hour of tomorrow.
fn invite(stage: &Stage, title: &str) -> Result<()> {
    let start = stage.started + TimeDelta::days(1);
    let spec = EventSpec::between(title, start, start + TimeDelta::hours(1));
    let spec = spec
        .guest("ben@example.com", "Ben Carvalho", "accepted")
        .guest(ANA, "Ana Lindqvist", "needsAction")
        .organizer("ben@example.com", "Ben Carvalho");
    stage.google.add_event(ANA, "primary", spec)?;
    Ok(())
}
