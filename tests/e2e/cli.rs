//! The command line alone, from the first connect to the disconnect, without any window.

use std::process::Stdio;

use anyhow::{Context, Result};
use duet_sandbox::ClientKind;
use serde_json::Value;

use crate::support::{ANA, Decision, LIMIT, Setup, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_can_do_everything_without_a_window() -> Result<()> {
    scenario("cli", Setup::default(), async |stage| {
        assert_eq!(stage.json(&["accounts"]).await?, Value::Array(Vec::new()));
        stage.connect(ANA).await?;
        let status = stage.json(&["status"]).await?;
        assert_eq!(status["accounts"][0]["email"], ANA, "{status}");
        assert_eq!(status["accounts"][0]["state"], "connected");
        assert!(status["accounts"][0]["last_synced_at"].is_string());
        assert_eq!(
            (&status["syncing"], &status["offline"]),
            (&false.into(), &false.into())
        );

        let calendars = stage.json(&["calendars"]).await?;
        let calendars = calendars.as_array().context("a list of calendars")?;
        assert!(
            calendars
                .iter()
                .any(|one| one["id"] == ANA && one["primary"] == true)
        );
        let roles: Vec<&str> = calendars
            .iter()
            .filter_map(|one| one["access_role"].as_str())
            .collect();
        assert!(
            roles.contains(&"freeBusyReader") || roles.contains(&"free_busy_reader"),
            "{roles:?}"
        );

        let day = stage.started.date_naive();
        let week = (day + chrono::Days::new(7)).to_string();
        let span = ["--from", &day.to_string(), "--to", &week];
        let ask = async |command: &str, more: &[&str]| -> Result<Vec<Value>> {
            let args: Vec<&str> = [&[command], span.as_slice(), more].concat();
            Ok(stage
                .json(&args)
                .await?
                .as_array()
                .context("a list")?
                .clone())
        };
        let busy = ask("busy", &[]).await?;
        assert!(!busy.is_empty());
        for pair in busy.windows(2) {
            assert!(
                pair[0]["end"].as_str() <= pair[1]["start"].as_str(),
                "{pair:?}"
            );
        }
        let known = |stretch: &Value| {
            stretch["sources"].as_array().is_some_and(|sources| {
                !sources.is_empty() && sources.iter().all(|source| source["rule"].is_string())
            })
        };
        assert!(busy.iter().all(known), "{busy:?}");
        let free = ask("free", &["--duration", "45m"]).await?;
        assert!(free.iter().any(|slot| slot["certain"] == true), "{free:?}");
        let agenda = ask("agenda", &[]).await?;
        assert!(
            agenda.iter().any(|line| line["kind"] == "google"),
            "{agenda:?}"
        );

        stage
            .duet(&["calendars", "set", ANA, "--busy", "off"])
            .await?;
        let less = ask("busy", &[]).await?;
        assert!(
            less.len() < busy.len() || less != busy,
            "the calendar still counts"
        );
        stage
            .duet(&["calendars", "set", ANA, "--busy", "on"])
            .await?;
        let report = stage.json(&["sync"]).await?;
        assert_eq!(report["accounts"][0]["outcome"], "done", "{report}");
        assert_eq!(ask("busy", &[]).await?.len(), busy.len());

        let doctor = stage.duet(&["doctor"]).await?;
        assert!(
            !doctor.contains(ANA),
            "the report is to be pasted, so it masks addresses"
        );
        let words = stage.duet(&["status"]).await?;
        assert!(words.contains(ANA), "{words}");
        stage.duet(&["disconnect", ANA]).await?;
        assert_eq!(stage.json(&["accounts"]).await?, Value::Array(Vec::new()));
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn exit_codes_say_what_happened() -> Result<()> {
    scenario("exit-codes", Setup::default(), async |stage| {
        for wrong in [
            &["frobnicate"][..],
            &["busy", "--from", "yesterday-ish", "--to", "2026-01-01"],
            &["busy"],
            &["sync", "--no-such-option"],
        ] {
            let output = stage.run(wrong).await?;
            assert_eq!(output.status.code(), Some(2), "{wrong:?}: {output:?}");
            assert!(!output.stderr.is_empty(), "{wrong:?} says nothing");
        }
        // Less than was asked for is no full success, and what is missing is said.
        let read = "https://www.googleapis.com/auth/calendar.readonly";
        stage.google.set_granted_scopes(Some(vec![read.to_owned()]));
        let short = stage.connect_with(ANA, &["--tier", "write"]).await;
        let short = short.err().context("it ended well")?.to_string();
        for words in ["is connected", "permission to change events", "may read"] {
            assert!(short.contains(words), "{words}: {short}");
        }
        stage.google.set_granted_scopes(None);
        stage.connect(ANA).await?;
        stage.google.freebusy_error(ANA, Some("internalError"))?;
        let partly = stage.run(&["sync", "--json"]).await?;
        assert_eq!(partly.status.code(), Some(4), "{partly:?}");
        stage.google.freebusy_error(ANA, None)?;
        stage.google.set_online(false).await;
        let offline = stage.run(&["sync"]).await?;
        assert_eq!(offline.status.code(), Some(1), "{offline:?}");
        let words = String::from_utf8(offline.stderr)?;
        assert!(
            !words.contains("panicked") && !words.contains("http"),
            "{words}"
        );
        stage.google.set_online(true).await;
        stage.google.revoke(ANA);
        let revoked = stage.run(&["sync"]).await?;
        assert_eq!(revoked.status.code(), Some(3), "{revoked:?}");
        let words = String::from_utf8(revoked.stderr)?;
        assert!(
            words.to_lowercase().contains("reconnect"),
            "the next step is not said: {words}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_prints_the_address_where_no_browser_is_wanted() -> Result<()> {
    scenario("no-browser", Setup::default(), async |stage| {
        let mut connect = stage.command(&["connect", "--no-browser", "--tier", "busy"]);
        let mut running = connect
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let output = running.stdout.take().context("its output")?;
        let mut lines = tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(output));
        let mut address = None;
        while let Some(line) = tokio::time::timeout(LIMIT, lines.next_line()).await?? {
            if line.starts_with("http") {
                address = Some(line);
                break;
            }
        }
        let address = address.context("no address on a line of its own")?;
        assert!(address.contains("calendar.events.freebusy"), "{address}");
        assert!(
            !address.contains("calendar.readonly"),
            "tier busy asks for too much: {address}"
        );
        let back = stage.decide(&address, Decision::Allow(ANA)).await?;
        stage.come_back(&back).await?;
        let status = tokio::time::timeout(LIMIT, running.wait()).await??;
        assert!(status.success());
        assert!(stage.desk.browser().opened().is_empty());
        let accounts = stage.json(&["accounts"]).await?;
        assert_eq!(accounts[0]["tier"], "busy", "{accounts}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deep_link_finds_the_command_line_that_waits_for_it() -> Result<()> {
    let setup = Setup {
        client: ClientKind::Ios,
        ..Setup::default()
    };
    scenario("cli-deep-link", setup, async |stage| {
        let seen = stage.desk.browser().opened().len();
        let mut connect = stage.command(&["connect"]);
        let running = connect
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let back = stage.consent(seen, Decision::Allow(ANA)).await?;
        assert!(
            back.starts_with("com.googleusercontent.apps.sandbox:/"),
            "{back}"
        );
        stage.run(&[&back]).await?;
        let output = tokio::time::timeout(LIMIT, running.wait_with_output()).await??;
        assert!(output.status.success(), "{output:?}");
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("connected")
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_connects_without_google() -> Result<()> {
    scenario(
        "cli-demo",
        Setup {
            google: false,
            ..Setup::default()
        },
        async |stage| {
            let refused = stage.run(&["connect"]).await?;
            assert_eq!(refused.status.code(), Some(1), "{refused:?}");
            let words = String::from_utf8(refused.stderr)?;
            assert!(
                words.contains("GOOGLE_CLIENT_ID") && words.contains("demo"),
                "{words}"
            );
            stage.duet(&["connect", "--demo"]).await?;
            stage.duet(&["sync"]).await?;
            let day = stage.started.date_naive();
            let week = (day + chrono::Days::new(7)).to_string();
            let agenda = stage
                .json(&["agenda", "--from", &day.to_string(), "--to", &week])
                .await?;
            assert!(
                agenda.as_array().is_some_and(|lines| lines.len() > 3),
                "{agenda}"
            );
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_data_folder_is_for_its_owner_alone() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    scenario("modes", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let _window = stage.open().await?;
        let mode = |path: &std::path::Path| -> Result<u32> {
            Ok(path.metadata()?.permissions().mode() & 0o777)
        };
        let mut folders = vec![stage.data_dir()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            assert_eq!(mode(&folder)?, 0o700, "{}", folder.display());
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    assert_eq!(mode(&path)?, 0o600, "{}", path.display());
                    files += 1;
                }
            }
        }
        assert!(files > 0 && stage.data_dir().join("duet.sqlite3").exists());
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_is_said_and_the_doctor_comes_all_the_same() -> Result<()> {
    scenario("lost-database", Setup::default(), async |stage| {
        stage.duet(&["blocks", "list"]).await?;
        std::fs::write(stage.data_dir().join("duet.sqlite3"), "")?;
        let span = ["--from", "2026-11-23", "--to", "2026-11-24"];
        let output = stage.run(&[&["busy"], span.as_slice()].concat()).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(output.stdout.is_empty(), "nothing may look like free time");
        let words = String::from_utf8(output.stderr)?;
        assert!(words.contains("Put a copy of the file back"), "{words}");

        let output = stage.run(&["doctor", "--json"]).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let report: Value = serde_json::from_slice(&output.stdout)?;
        let checks = report["checks"].as_array().context("checks")?;
        let verdict = |name: &str| {
            let check = checks.iter().find(|check| check["name"] == name);
            check.map(|check| check["verdict"].clone())
        };
        assert_eq!(verdict("database"), Some("problem".into()), "{report}");
        for other in ["client", "keychain", "zone"] {
            assert_eq!(verdict(other), Some("ok".into()), "{other}: {report}");
        }
        // A window says the same and ends; it is no defect.
        let output = stage.run(&[]).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let words = String::from_utf8(output.stderr)?;
        assert!(
            words.contains("Put a copy of the file back") && !words.contains("defect"),
            "{words}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_keys_reading_goes_on() -> Result<()> {
    let setup = Setup {
        env: &[("DUET_KEYCHAIN", "sealed")],
        ..Setup::default()
    };
    scenario("no-sealing-key", setup, async |stage| {
        let span = ["--from", "2026-11-23", "--to", "2026-11-24"];
        for read in ["agenda", "busy", "free"] {
            stage.duet(&[&[read], span.as_slice()].concat()).await?;
        }
        stage.duet(&["blocks", "list"]).await?;
        let output = stage.run(&["connect"]).await?;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let words = String::from_utf8(output.stderr)?;
        assert!(words.contains("TOKEN_ENCRYPTION_KEY"), "{words}");
        assert!(
            stage.desk.browser().opened().is_empty(),
            "the key could not be kept afterwards"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_today_only_what_is_to_come_is_offered() -> Result<()> {
    scenario("cli-to-come", Setup::default(), async |stage| {
        let today = stage.started.date_naive();
        let to = (today + chrono::Days::new(1)).to_string();
        let today = today.to_string();
        let args = ["free", "--from", &today, "--to", &to, "--duration", "1m"];
        let slots = stage.json(&args).await?;
        let start: chrono::DateTime<chrono::Utc> =
            serde_json::from_value(slots[0]["start"].clone())?;
        assert!(start >= stage.started, "{slots:#}");
        assert_eq!(start.timestamp() % 60, 0, "a full minute: {slots:#}");
        let midnight = format!("{today}T00:00Z");
        let args = [
            "free",
            "--from",
            &midnight,
            "--to",
            &today,
            "--duration",
            "1m",
        ];
        let slots = stage.json(&args).await?;
        assert_eq!(
            slots[0]["start"],
            format!("{today}T00:00:00Z"),
            "as it stands"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_decides_by_old_times_is_warned() -> Result<()> {
    scenario("cli-unreached", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let from = stage.started.date_naive() + chrono::Days::new(1);
        let to = (from + chrono::Days::new(1)).to_string();
        let from = from.to_string();
        let span = ["--from", &from, "--to", &to];
        let free = [&["free"], span.as_slice(), &["--duration", "15m", "--json"]].concat();
        let busy = [&["busy"], span.as_slice()].concat();
        let agenda = [&["agenda"], span.as_slice()].concat();
        for args in [&free, &busy, &agenda] {
            let output = stage.run(args).await?;
            assert!(output.stderr.is_empty(), "{args:?}: {output:?}");
        }
        stage.google.revoke(ANA);
        let output = stage.run(&["sync"]).await?;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        for args in [&free, &busy, &agenda] {
            let output = stage.run(args).await?;
            assert_eq!(output.status.code(), Some(0), "{args:?}: {output:?}");
            let told = String::from_utf8(output.stderr)?;
            assert_eq!(told.lines().count(), 1, "{args:?}: {told}");
            let begin = format!("duet: {ANA} has not been reached since ");
            assert!(told.starts_with(&begin), "{args:?}: {told}");
        }
        let slots = stage.json(&free[..free.len() - 1]).await?;
        assert_eq!(slots[0]["unreached"], serde_json::json!([ANA]), "{slots:#}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_name_is_not_nobody() -> Result<()> {
    scenario("with-nobody", Setup::default(), async |stage| {
        let free = [
            "free",
            "--from",
            "2026-12-01",
            "--to",
            "2026-12-02",
            "--with",
        ];
        for who in ["", " ", "ben"] {
            let refused = stage.run(&[&free[..], &[who]].concat()).await?;
            assert_eq!(refused.status.code(), Some(2), "{who:?}: {refused:?}");
            assert!(refused.stdout.is_empty(), "nothing may look like free time");
        }
        Ok(())
    })
    .await
}
