//! Duet's own events: made on the command line and in the window, out to Google with invitations and
//! back again.

use anyhow::{Context, Result};
use duet_desk::{Window, until};
use duet_sandbox::{Endpoint, Fault, FaultKind};
use serde_json::Value;

use crate::support::page::{self, id, of, press, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_made_sent_changed_and_taken_out_without_a_window() -> Result<()> {
    scenario("own-events-cli", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive() + chrono::Days::new(9);
        let at = |hour: u32| format!("{day}T{hour:02}:00");
        let (from, to) = (at(18), at(20));
        let add = |more: &[&str]| -> Vec<String> {
            let mut args = vec![
                "events", "add", "--from", &from, "--to", &to, "--title", "Choir",
            ];
            args.extend(more);
            args.into_iter().map(str::to_owned).collect()
        };
        let run = async |args: Vec<String>| {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            stage.run(&args).await
        };
        let live = || stage.written();

        // Nobody is mailed by a script that did not say so.
        let odd = [
            "events",
            "add",
            "--from",
            &from,
            "--to",
            &format!("{to}:30"),
        ];
        let refused = stage.run(&odd).await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8(refused.stderr)?.contains("full minute"));
        let invite = ["--google", "--guest", "ben@example.org"];
        let refused = run(add(&invite)).await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let words = String::from_utf8(refused.stderr)?;
        assert!(words.contains("mails 1 guest: ben@example.org"), "{words}");
        assert!(words.contains("--yes"), "{words}");
        assert!(live().is_empty() && stage.google.mails().is_empty());
        assert_eq!(
            stage.json(&["events", "list"]).await?,
            Value::Array(Vec::new())
        );

        let made = run(add(&[&invite[..], &["--yes", "--json"]].concat())).await?;
        assert_eq!(made.status.code(), Some(0), "{made:?}");
        let made: Value = serde_json::from_slice(&made.stdout)?;
        let id = made["id"].as_str().context("an id")?.to_owned();
        assert_eq!(made["google"]["badge"], "synced", "{made}");
        assert_eq!(live().len(), 1);
        assert_eq!(stage.google.mails().len(), 1);

        // It is busy like anything else, once, and by its own name.
        stage.duet(&["sync"]).await?;
        let busy = stage.json(&["busy", "--from", &from, "--to", &to]).await?;
        let sources = busy[0]["sources"].as_array().context("sources")?;
        let named: Vec<&Value> = sources.iter().filter(|it| it["title"] == "Choir").collect();
        assert_eq!(named.len(), 1, "{busy}");
        assert_eq!(
            (&named[0]["kind"], &named[0]["event"]),
            (&"duet".into(), &made["id"])
        );

        // Offline it is changed all the same, and sent when there is a way.
        stage
            .google
            .fault(Fault::always(Endpoint::Any, FaultKind::unavailable()));
        let edit = [
            "events",
            "edit",
            &id,
            "--title",
            "Rehearsal",
            "--notify",
            "none",
        ];
        let changed = stage.run(&edit).await?;
        assert_eq!(changed.status.code(), Some(4), "{changed:?}");
        assert_eq!(stage.json(&["status"]).await?["pending"], 1);
        stage.google.clear_faults();
        stage.google.advance(chrono::TimeDelta::minutes(30));
        let waiting = stage.json(&["events", "waiting"]).await?;
        let number = waiting[0]["id"].to_string();
        stage.duet(&["events", "retry", &number]).await?;
        assert_eq!(live()[0]["summary"], "Rehearsal");
        assert_eq!(stage.google.mails().len(), 1, "nobody was to be told");

        // What Google refused of another event is no failure of this one.
        let refusal = FaultKind::status(403, "forbidden", "Forbidden");
        stage
            .google
            .fault(Fault::once(Endpoint::EventsWrite, refusal));
        let edit = [
            "events", "edit", &id, "--title", "Choir", "--notify", "none",
        ];
        assert_eq!(stage.run(&edit).await?.status.code(), Some(4));
        let (from, to) = (at(21), at(22));
        let add = [
            "events", "add", "--from", &from, "--to", &to, "--title", "Walk", "--google",
        ];
        let added = stage.run(&add).await?;
        assert_eq!(added.status.code(), Some(0), "{added:?}");
        let words = String::from_utf8(added.stdout)?;
        assert!(words.contains("Google Calendar has it so"), "{words}");
        assert!(String::from_utf8(added.stderr)?.contains("Another change waits"));
        let status = stage.duet(&["status"]).await?;
        assert!(
            status.contains("0 changes waiting, 1 change refused"),
            "{status}"
        );
        let walk = words.lines().last().context("an id")?;
        stage.duet(&["events", "remove", walk, "--google"]).await?;
        let waiting = stage.json(&["events", "waiting"]).await?;
        let number = waiting[0]["id"].to_string();
        stage.duet(&["events", "discard", &number]).await?;

        // Taken out of Google it stays here; removed, it is gone.
        stage
            .duet(&["events", "withdraw", &id, "--notify", "all", "--yes"])
            .await?;
        assert!(live().is_empty());
        assert_eq!(stage.google.mails().len(), 2);
        let here = stage.json(&["events", "show", &id]).await?;
        assert_eq!(
            (&here["title"], &here["google"]),
            (&"Rehearsal".into(), &Value::Null)
        );
        stage.duet(&["events", "remove", &id]).await?;
        assert_eq!(
            stage.json(&["events", "list"]).await?,
            Value::Array(Vec::new())
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_never_heard_of_is_not_lost_without_a_word() -> Result<()> {
    scenario("own-events-disconnect", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        stage
            .google
            .fault(Fault::always(Endpoint::Any, FaultKind::unavailable()));
        let day = stage.started.date_naive() + chrono::Days::new(9);
        let (from, to) = (format!("{day}T18:00"), format!("{day}T20:00"));
        let add = [
            "events", "add", "--from", &from, "--to", &to, "--title", "Choir", "--google",
        ];
        assert_eq!(stage.run(&add).await?.status.code(), Some(4));

        let refused = stage.run(&["disconnect", ANA, "--keep-grant"]).await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let words = String::from_utf8(refused.stderr)?;
        for part in ["1 change that waits", ANA, "Add “Choir”", "--yes"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert_eq!(
            stage.json(&["status"]).await?["pending"],
            1,
            "nothing was done"
        );

        let gone = stage
            .run(&["disconnect", ANA, "--keep-grant", "--yes"])
            .await?;
        assert_eq!(gone.status.code(), Some(0), "{gone:?}");
        let words = String::from_utf8(gone.stderr)?;
        assert!(
            words.contains("would be lost"),
            "said all the same: {words}"
        );
        assert_eq!(stage.account_state(ANA).await?, None);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_was_never_sent_nothing_is_said_to_be_in_google() -> Result<()> {
    scenario("own-events-unsent", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive() + chrono::Days::new(9);
        let (from, to) = (format!("{day}T18:00"), format!("{day}T20:00"));
        let add = [
            "events", "add", "--from", &from, "--to", &to, "--title", "Choir", "--google",
        ];
        for (more, says) in [
            (&["withdraw"][..], "alone; it was not in Google Calendar."),
            (&["remove"], "it was not in Google Calendar."),
            (&["remove", "--google"], "it was not in Google Calendar."),
        ] {
            let refusal = FaultKind::status(403, "forbidden", "Forbidden");
            stage.google.clear_faults();
            stage
                .google
                .fault(Fault::once(Endpoint::EventsWrite, refusal));
            assert_eq!(stage.run(&add).await?.status.code(), Some(4));
            let waiting = stage.json(&["events", "waiting"]).await?;
            let id = waiting[0]["event"].as_str().context("an id")?.to_owned();
            let mut args = vec!["events", more[0], &id];
            args.extend(&more[1..]);
            let words = stage.duet(&args).await?;
            assert!(
                words.contains(says) && !words.contains("has it so"),
                "{words}"
            );
            let waiting = stage.json(&["events", "waiting"]).await?;
            assert_eq!(waiting, Value::Array(Vec::new()));
        }
        assert!(stage.written().is_empty());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_time_undoes_is_said_and_asked_before() -> Result<()> {
    scenario("own-events-series", Setup::default(), async |stage| {
        let day = |weeks: u64| stage.started.date_naive() + chrono::Days::new(9 + 7 * weeks);
        let at = |weeks, hour: u32| format!("{}T{hour:02}:00", day(weeks));
        let (from, to) = (at(0, 18), at(0, 20));
        let add = [
            "events",
            "add",
            "--from",
            &from,
            "--to",
            &to,
            "--title",
            "Choir",
            "--repeat",
            "FREQ=WEEKLY;COUNT=4",
        ];
        let added = stage.duet(&add).await?;
        let id = added.lines().last().context("an id")?;
        let slot = at(1, 18);
        stage
            .duet(&["events", "remove", id, "--occurrence", &slot])
            .await?;
        let agenda = async || {
            let (from, to) = (day(0).to_string(), day(3).to_string());
            let all = stage
                .json(&["agenda", "--from", &from, "--to", &to])
                .await?;
            let all = all.as_array().context("a list")?.clone();
            anyhow::Ok(all.iter().filter(|it| it["title"] == "Choir").count())
        };
        assert_eq!(agenda().await?, 3);
        let from = at(0, 19);
        let refused = stage.run(&["events", "edit", id, "--from", &from]).await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let words = String::from_utf8(refused.stderr)?;
        for part in ["brings 1 occurrence back that was removed", "--yes"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert_eq!(agenda().await?, 3, "nothing was done");
        stage
            .duet(&["events", "edit", id, "--from", &from, "--yes"])
            .await?;
        assert_eq!(agenda().await?, 4);
        // What undoes nothing is not asked about.
        stage
            .duet(&["events", "edit", id, "--title", "Choir", "--where", "Hall"])
            .await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_in_google_is_told_and_taken_back() -> Result<()> {
    scenario("own-events-deleted", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive() + chrono::Days::new(9);
        let (from, to) = (format!("{day}T18:00"), format!("{day}T20:00"));
        let add = [
            "events", "add", "--from", &from, "--to", &to, "--title", "Choir", "--google",
        ];
        let id = stage.duet(&add).await?;
        let id = id.lines().last().context("an id")?;
        stage.duet(&["sync"]).await?;
        let copy = stage.written().remove(0);
        let copy = copy["id"].as_str().context("its id")?;
        stage.google.remove_event(ANA, ANA, copy)?;
        let synced = stage.run(&["sync"]).await?;
        let words = String::from_utf8(synced.stderr)?;
        assert!(words.contains("“Choir”: Deleted in Google"), "{words}");
        let conflicts = stage.json(&["conflicts"]).await?;
        let number = conflicts[0]["id"].to_string();
        let apply = ["conflicts", "apply", &number, "--keep", "mine"];
        assert!(
            words.contains(&format!("duet {}", apply.join(" "))),
            "{words}"
        );
        assert_eq!(
            stage.run(&["events", "show", id]).await?.status.code(),
            Some(1)
        );
        stage.duet(&apply).await?;
        let back = stage.json(&["events", "show", id]).await?;
        assert_eq!(
            (&back["title"], &back["google"]),
            (&"Choir".into(), &Value::Null)
        );
        let again = stage.duet(&apply).await?;
        assert!(again.contains("says so already"), "{again}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_permission_nothing_is_written_and_it_is_said() -> Result<()> {
    scenario("own-events-read", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let add = [
            "events",
            "add",
            "--from",
            "2026-12-01",
            "--to",
            "2026-12-02",
            "--title",
            "Fair",
        ];
        let refused = stage.run(&[&add[..], &["--google"]].concat()).await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let words = String::from_utf8(refused.stderr)?;
        assert!(words.contains("--tier write"), "{words}");
        stage.duet(&add).await?;
        let agenda = ["agenda", "--from", "2026-12-01", "--to", "2026-12-02"];
        let agenda = stage.json(&agenda).await?;
        let fair = agenda
            .as_array()
            .context("lines")?
            .iter()
            .find(|it| it["title"] == "Fair");
        let fair = fair.context("it is listed")?;
        assert_eq!(
            (&fair["kind"], &fair["all_day"]),
            (&"duet".into(), &true.into())
        );
        assert_eq!(
            (&fair["start"], &fair["end"]),
            (&"2026-12-01".into(), &"2026-12-03".into())
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_duet_ever_wrote_is_listed_and_taken_back_without_a_mail() -> Result<()> {
    scenario("footprint", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive() + chrono::Days::new(9);
        for (title, hour) in [("Choir", 18), ("Walk", 8)] {
            let (from, to) = (
                format!("{day}T{hour:02}:00"),
                format!("{day}T{:02}:00", hour + 1),
            );
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
                "--guest",
                "ben@example.org",
                "--yes",
            ];
            stage.duet(&add).await?;
        }
        let told = stage.google.mails().len();
        // A copy that is left in Google is Duet's all the same.
        let list = stage.json(&["events", "list"]).await?;
        let walk = list.as_array().context("events")?;
        let walk = walk.iter().find(|it| it["title"] == "Walk");
        let walk = walk.and_then(|it| it["id"].as_str()).context("an id")?;
        stage.duet(&["events", "remove", walk]).await?;
        let all = stage.json(&["events", "footprint"]).await?;
        let left: Vec<(&Value, bool)> = all["written"]
            .as_array()
            .context("a list")?
            .iter()
            .map(|it| (&it["title"], it["event"].is_null()))
            .collect();
        assert_eq!(left, [(&"Walk".into(), true), (&"Choir".into(), false)]);

        let refused = stage
            .run(&["events", "footprint", "--left-behind", "--remove"])
            .await?;
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(String::from_utf8(refused.stderr)?.contains("--yes"));
        assert_eq!(stage.written().len(), 2);
        stage
            .duet(&["events", "footprint", "--left-behind", "--remove", "--yes"])
            .await?;
        assert_eq!(stage.written().len(), 1);

        let window = page::open_week(stage).await?;
        page::open_settings(&window).await?;
        window.click(&id("footprint-show")).await?;
        window.wait_for(&id("trace"), LIMIT).await?;
        let said = window.texts(&id("trace")).await?.join(" ");
        assert!(said.contains("Choir") && !said.contains("Walk"), "{said}");
        page::picture(&window, "footprint").await?;
        window.click(&id("footprint-all")).await?;
        window.click(&id("footprint-remove")).await?;
        page::picture(&window, "footprint-sure").await?;
        window.click(&id("footprint-confirm")).await?;
        until("Google to have nothing", LIMIT, || async {
            stage.written().is_empty().then_some(())
        })
        .await?;
        window.wait_for_none(&id("trace"), LIMIT).await?;
        assert_eq!(stage.google.mails().len(), told, "nobody was mailed");
        let here = stage.json(&["events", "list"]).await?;
        assert_eq!(here.as_array().map(Vec::len), Some(1), "Choir stays here");
        Ok(())
    })
    .await
}

async fn badge(window: &Window, state: &str) -> Result<()> {
    let css = format!("[data-testid='badge-synced'][data-state='{state}']");
    window.wait_for(&css, LIMIT).await
}

/// Fills the editor with Choir, tomorrow from six to eight, with two guests in Google Calendar.
async fn fill_in_choir(window: &Window) -> Result<()> {
    press(window, "n").await?;
    window.wait_for(&id("editor"), LIMIT).await?;
    window.type_into(&id("editor-title"), "Choir").await?;
    let today: chrono::NaiveDate = page::today(window).await?.parse()?;
    let day = today + chrono::Days::new(1);
    page::set_time(window, "editor-start", &format!("{day}T18:00")).await?;
    page::set_time(window, "editor-end", &format!("{day}T20:00")).await?;
    window.click(&id("editor-google")).await?;
    window
        .type_into(&id("editor-guests"), "ben@example.org, eva@example.net")
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_made_invited_to_taken_back_and_withdrawn_in_the_window() -> Result<()> {
    scenario("own-events-window", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let window = page::open_week(stage).await?;
        page::press(&window, "d").await?;
        window.click(&id("nav-next")).await?;

        // Before anything leaves, one line says who hears of it.
        fill_in_choir(&window).await?;
        let words = "Saving mails 2 guests: ben@example.org, eva@example.net.";
        assert_eq!(page::mail_line(&window, "editor-mail", words).await?, words);
        page::picture(&window, "editor").await?;
        window.set_value(&id("editor-notify"), "nobody").await?;
        page::mail_line(&window, "editor-mail", "Saving mails nobody.").await?;
        window.set_value(&id("editor-notify"), "all guests").await?;

        // Taken back in time, nothing was sent and nobody was mailed.
        window.click(&id("editor-save")).await?;
        wait_for_blocks(&window, "the plan", |blocks| of(blocks, "duet") == 1).await?;
        page::picture(&window, "saved").await?;
        page::undo(&window).await?;
        wait_for_blocks(&window, "no plan", |blocks| of(blocks, "duet") == 0).await?;
        stage.duet(&["sync"]).await?;
        assert!(stage.written().is_empty() && stage.google.mails().is_empty());
        assert_eq!(stage.google.creates(), []);

        fill_in_choir(&window).await?;
        window.click(&id("editor-save")).await?;
        page::open_own(&window, "Choir").await?;
        badge(&window, "pending").await?;
        page::picture(&window, "pending").await?;
        badge(&window, "synced").await?;
        page::picture(&window, "synced").await?;
        assert_eq!(stage.written().len(), 1);
        let told: Vec<String> = stage
            .google
            .mails()
            .into_iter()
            .map(|mail| mail.to)
            .collect();
        assert_eq!(told, ["ben@example.org", "eva@example.net"]);

        // A change that Google refuses waits for the person, and loses nothing.
        stage.google.fault(Fault::always(
            Endpoint::EventsWrite,
            FaultKind::status(403, "forbidden", "Forbidden"),
        ));
        window.click(&id("edit-event")).await?;
        window.wait_for(&id("editor"), LIMIT).await?;
        page::mail_line(&window, "editor-mail", "Saving mails nobody.").await?;
        window.set_value(&id("editor-title"), "Rehearsal").await?;
        window.set_value(&id("editor-notify"), "nobody").await?;
        page::picture(&window, "change").await?;
        window.click(&id("editor-save")).await?;
        page::open_own(&window, "Rehearsal").await?;
        badge(&window, "failed").await?;
        page::picture(&window, "failed").await?;
        assert_eq!(stage.written()[0]["summary"], "Choir");
        stage.google.clear_faults();
        // With the account it would be lost, which is said before.
        page::open_settings(&window).await?;
        page::ask_disconnect(&window, ANA).await?;
        window.wait_for(&id("disconnect-lost"), LIMIT).await?;
        let lost = window.texts(&id("disconnect-lost")).await?.join(" ");
        assert!(lost.contains("Change “Rehearsal”"), "{lost}");
        page::picture(&window, "lost").await?;
        page::press(&window, "\u{e00c}").await?;
        window
            .wait_for_none(&id("disconnect-dialog"), LIMIT)
            .await?;
        page::leave_settings(&window).await?;
        // What is refused is said in the header as well, and can be decided there.
        window.click(".status .look").await?;
        let refused = format!("{}[data-state=refused]", id("change"));
        window.wait_for(&refused, LIMIT).await?;
        page::picture(&window, "refused").await?;
        window
            .click(&format!("{} {}", id("changes"), id("op-retry")))
            .await?;
        window.wait_for(&id("changes-none"), LIMIT).await?;
        page::open_own(&window, "Rehearsal").await?;
        badge(&window, "synced").await?;
        assert_eq!(stage.written()[0]["summary"], "Rehearsal");
        assert_eq!(stage.google.mails().len(), 2, "nobody was to be told");

        // Out of Google: the guests hear of it, and the plan stays.
        window.click(&id("remove-from-google")).await?;
        window.wait_for(&id("withdraw-dialog"), LIMIT).await?;
        let words = "Taking it out mails 2 guests: ben@example.org, eva@example.net.";
        page::mail_line(&window, "withdraw-mail", words).await?;
        page::picture(&window, "withdraw").await?;
        window.click(&id("withdraw-confirm")).await?;
        until("Google to have nothing", LIMIT, || async {
            stage.written().is_empty().then_some(())
        })
        .await?;
        assert_eq!(stage.google.mails().len(), 4);
        page::open_own(&window, "Rehearsal").await?;
        window.wait_for_none(&id("badge-synced"), LIMIT).await?;

        // Deleted, and brought back.
        window.click(&id("delete-event")).await?;
        window.wait_for(&id("delete-dialog"), LIMIT).await?;
        page::picture(&window, "delete").await?;
        window.click(&id("delete-confirm")).await?;
        wait_for_blocks(&window, "no plan", |blocks| of(blocks, "duet") == 0).await?;
        page::undo(&window).await?;
        wait_for_blocks(&window, "the plan", |blocks| of(blocks, "duet") == 1)
            .await
            .map(drop)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_moved_by_hand_and_where_guests_are_concerned_it_is_asked() -> Result<()> {
    scenario("own-events-drag", Setup::default(), async |stage| {
        stage.connect_with(ANA, &["--tier", "write"]).await?;
        let day = stage.started.date_naive();
        let add = async |title: &str, hour: u32, more: &[&str]| {
            let at = |hour: u32| format!("{day}T{hour:02}:00");
            let (from, to) = (at(hour), at(hour + 1));
            let add = [
                "events", "add", "--from", &from, "--to", &to, "--title", title, "--google",
            ];
            stage.duet(&[&add[..], more].concat()).await
        };
        add("Walk", 6, &[]).await?;
        add("Choir", 20, &["--guest", "ben@example.org", "--yes"]).await?;
        let told = stage.google.mails().len();
        let start = |title: &str| {
            let all = stage.written();
            let one = all.into_iter().find(|it| it["summary"] == title);
            one.and_then(|it| it["start"]["dateTime"].as_str().map(str::to_owned))
        };
        let (walk, choir) = (start("Walk"), start("Choir"));

        let window = page::open_week(stage).await?;
        let find = async |title: &str| -> Result<String> {
            let blocks = wait_for_blocks(&window, title, |blocks| {
                blocks.iter().any(|it| it.text.contains(title))
            })
            .await?;
            let mut blocks = blocks.into_iter();
            let one = blocks.find(|it| it.source == "duet" && it.text.contains(title));
            Ok(one.context("a block")?.id)
        };
        page::carry(&window, &find("Walk").await?, 120).await?;
        until("Google to have it two hours later", LIMIT, || async {
            (start("Walk") != walk).then_some(())
        })
        .await?;
        page::picture(&window, "moved").await?;

        // Nobody is mailed by a slip of the hand.
        page::carry(&window, &find("Choir").await?, -120).await?;
        window.wait_for(&id("editor"), LIMIT).await?;
        let words = "Saving mails 1 guest: ben@example.org.";
        page::mail_line(&window, "editor-mail", words).await?;
        page::picture(&window, "moved-guests").await?;
        window.click(&id("editor-cancel")).await?;
        stage.duet(&["sync"]).await?;
        assert_eq!(
            (start("Choir"), stage.google.mails().len()),
            (choir.clone(), told)
        );
        page::carry(&window, &find("Choir").await?, -120).await?;
        window.wait_for(&id("editor"), LIMIT).await?;
        window.click(&id("editor-save")).await?;
        until("Google to have it two hours earlier", LIMIT, || async {
            (start("Choir") != choir).then_some(())
        })
        .await?;
        assert_eq!(stage.google.mails().len(), told + 1);
        Ok(())
    })
    .await
}
