//! Connecting a Google account in the window: by deep link in every way one can arrive, by
//! loopback, and every way it can go wrong at the consent page.

use anyhow::{Context, Result};
use duet_desk::{Keyring, Options, until};
use duet_sandbox::{ClientKind, Endpoint};

use crate::support::page::{self, account_in, id, of, see, wait_for_blocks};
use crate::support::{ANA, Decision, LIMIT, Setup, Stage, scenario};

fn deep_link() -> Setup {
    Setup {
        client: ClientKind::Ios,
        ..Setup::default()
    }
}

/// What is true after every successful connect.
async fn check_connected(stage: &Stage, window: &duet_desk::Window) -> Result<()> {
    wait_for_blocks(window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
    assert_eq!(
        stage.account_state(ANA).await?.as_deref(),
        Some("connected")
    );
    assert_eq!(
        stage.google.count(Endpoint::Token),
        1,
        "one code, one exchange"
    );
    page::open_settings(window).await?;
    window
        .wait_for(&account_in(ANA, "connected"), LIMIT)
        .await?;

    let keyring = stage.desk.secret_search(&[]).await?;
    let refresh = stage.google.live_refresh_tokens(ANA);
    assert_eq!(refresh.len(), 1);
    let kept = |secret: &duet_desk::Secret| {
        let value = secret.value.clone().unwrap_or_default();
        String::from_utf8_lossy(&value).contains(&refresh[0])
    };
    assert!(
        keyring.iter().any(kept),
        "the refresh token is not in the keyring: {keyring:?}"
    );
    // It was said, and the line goes by itself.
    window.wait_for_none(&id("toast"), LIMIT).await
}

/// What is drawn as busy in Ana's own calendar is what Google says, no more and no less.
async fn check_truth(stage: &Stage, window: &duet_desk::Window) -> Result<()> {
    let week = chrono::Duration::days(7);
    let (from, to) = (stage.started - week, stage.started + week);
    let truth = stage.google.busy(ANA, ANA, from, to);
    let drawn = page::blocks(window).await?;
    let counts = |block: &&page::Block| {
        block.calendar.as_deref() == Some(ANA) && ["busy", "tentative"].contains(&&*block.state)
    };
    let mut busy = Vec::new();
    for block in drawn.iter().filter(counts) {
        let span = page::span(block)?;
        let inside = |(start, end): &(_, _)| *start <= span.0 && span.1 <= *end;
        assert!(truth.iter().any(inside), "{block:?} is not among {truth:?}");
        busy.push(span);
    }
    assert!(
        !busy.is_empty(),
        "nothing of Ana's own calendar is drawn: {drawn:?}"
    );
    let (first, last) = (busy.iter().min().copied(), busy.iter().max().copied());
    let between = truth.iter().filter(|span| {
        first.is_some_and(|it| it.0 <= span.0) && last.is_some_and(|it| span.0 <= it.0)
    });
    for (start, _) in between {
        assert!(
            busy.iter().any(|(from, to)| from <= start && start < to),
            "Google is busy at {start} and nothing is drawn: {drawn:?}"
        );
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn by_deep_link_through_the_registered_handler() -> Result<()> {
    scenario("deep-link", deep_link(), async |stage| {
        let window = stage.open().await?;
        page::start_connecting(stage, &window).await?;
        let back = stage.consent(0, Decision::Allow(ANA)).await?;
        assert!(
            back.starts_with("com.googleusercontent.apps.sandbox:/oauth2redirect?"),
            "{back}"
        );
        // The desktop finds the handler that Duet registered when it started.
        stage.come_back(&back).await?;
        // What has arrived is drawn, so the week fills in calendar by calendar.
        let own = |block: &page::Block| block.calendar.as_deref() == Some(ANA);
        wait_for_blocks(&window, "Ana's week", |blocks| blocks.iter().any(own)).await?;
        page::wait_until_idle(&window).await?;
        check_truth(stage, &window).await?;
        check_connected(stage, &window).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn by_loopback() -> Result<()> {
    scenario("loopback", Setup::default(), async |stage| {
        let window = stage.open().await?;
        page::start_connecting(stage, &window).await?;
        let back = stage.consent(0, Decision::Allow(ANA)).await?;
        assert!(back.starts_with("http://127.0.0.1:"), "{back}");
        stage.come_back(&back).await?;
        // What has arrived is drawn, so the week fills in calendar by calendar.
        let own = |block: &page::Block| block.calendar.as_deref() == Some(ANA);
        wait_for_blocks(&window, "Ana's week", |blocks| blocks.iter().any(own)).await?;
        page::wait_until_idle(&window).await?;
        check_truth(stage, &window).await?;
        check_connected(stage, &window).await?;
        // The listener is gone, and the code is spent.
        assert!(
            stage.come_back(&back).await.is_err(),
            "the port is still open"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_or_repeated_return_asks_google_for_nothing() -> Result<()> {
    scenario("forged", deep_link(), async |stage| {
        let window = stage.open().await?;
        let scheme = "com.googleusercontent.apps.sandbox:/oauth2redirect";
        let forged = |state: &str| format!("{scheme}?state={state}&code=stolen&scope=x");
        // Nobody is signing in yet: the window says so, in the place of the button.
        stage.run(&[&forged("guess")]).await?;
        page::wait_for_failure(&window).await?;
        page::start_connecting(stage, &window).await?;
        let back = stage.consent(0, Decision::Allow(ANA)).await?;
        for link in [
            forged("guess"),
            forged(""),
            format!("{scheme}?code=stolen"),
            format!("{scheme}?state={}", "A".repeat(4_000)),
            back.replace(
                "com.googleusercontent.apps.sandbox",
                "com.googleusercontent.apps.other",
            ),
        ] {
            stage.run(&[&link]).await?;
        }
        assert_eq!(
            stage.google.count(Endpoint::Token),
            0,
            "a forged return reached Google"
        );

        stage.run(&[&back]).await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        for _ in 0..3 {
            stage.run(&[&back]).await?;
        }
        assert_eq!(
            stage.google.count(Endpoint::Token),
            1,
            "the return works once"
        );
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("connected")
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_starts_duet_is_not_lost() -> Result<()> {
    scenario("cold-link", deep_link(), async |stage| {
        stage.connect(ANA).await?;
        let before = stage.google.count(Endpoint::FreeBusy);
        // duet://sync as the very first argument: the window opens and the order is carried out.
        let window = stage.open_with(&["duet://sync"]).await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        stage.wait_for_requests(Endpoint::FreeBusy, before).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_starts_a_duet_that_was_closed_meanwhile() -> Result<()> {
    scenario("cold-return", deep_link(), async |stage| {
        let window = stage.open().await?;
        page::start_connecting(stage, &window).await?;
        window.close().await?;
        let back = stage.consent(0, Decision::Allow(ANA)).await?;
        stage.come_back(&back).await?;
        page::wait_for_account(stage, ANA, "connected").await?;
        assert_eq!(stage.google.count(Endpoint::Token), 1);
        page::wait_for_shown(stage).await?;
        let code = url::Url::parse(&back)?
            .query_pairs()
            .find(|(name, _)| name == "code")
            .map(|(_, value)| value.into_owned())
            .context("a return without a code")?;
        let logs = stage.logs();
        // As it stands in the address, where `/` is written `%2F`, and as it is meant.
        let end = code.rsplit('/').next().unwrap_or(&code);
        assert!(!logs.contains(end), "the code is in the log: {logs}");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_at_google_is_said_in_words_and_can_be_tried_again() -> Result<()> {
    scenario("cancelled", Setup::default(), async |stage| {
        let window = stage.open().await?;
        page::start_connecting(stage, &window).await?;
        let back = stage.consent(0, Decision::Cancel).await?;
        assert!(back.contains("error=access_denied"), "{back}");
        stage.come_back(&back).await?;
        let no_code = "return !/access_denied|invalid_grant|error=/.test(document.body.innerText)";
        page::wait_for_failure(&window).await?;
        assert_eq!(
            window.js(no_code, Vec::new()).await?,
            true,
            "a code stands where words should"
        );
        assert_eq!(stage.google.count(Endpoint::Token), 0);

        page::start_connecting(stage, &window).await?;
        let back = stage.consent(1, Decision::Allow(ANA)).await?;
        stage.come_back(&back).await?;
        check_connected(stage, &window).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn unticked_permissions_are_named_and_leave_no_half_account() -> Result<()> {
    scenario("unticked", Setup::default(), async |stage| {
        let window = stage.open().await?;
        window.click(&id("tier-busy")).await?;
        page::start_connecting(stage, &window).await?;
        // The list of calendars, but not when they are busy.
        let only_the_list = Decision::AllowOnly(ANA, "calendar.calendarlist.readonly");
        let back = stage.consent(0, only_the_list).await?;
        stage.come_back(&back).await?;
        page::wait_for_failure(&window).await?;
        let words = window
            .texts(&id("connect-failed"))
            .await?
            .concat()
            .to_lowercase();
        assert!(
            words.contains("box") || words.contains("tick"),
            "what to tick is not said: {words}"
        );
        assert_ne!(
            stage.account_state(ANA).await?.as_deref(),
            Some("connected")
        );
        assert_eq!(
            stage.google.count(Endpoint::FreeBusy),
            0,
            "it cannot ask without permission"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_stand_side_by_side() -> Result<()> {
    scenario("two-accounts", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        page::open_settings(&window).await?;
        let seen = stage.desk.browser().opened().len();
        page::start_connecting(stage, &window).await?;
        let back = stage
            .consent(seen, Decision::Allow("ben@example.org"))
            .await?;
        stage.come_back(&back).await?;
        window
            .wait_for(&account_in("ben@example.org", "connected"), LIMIT)
            .await?;
        window
            .wait_for(&account_in(ANA, "connected"), LIMIT)
            .await?;
        let calendars = stage.json(&["calendars"]).await?;
        let of_account = |email: &str| {
            calendars.as_array().map_or(0, |all| {
                all.iter()
                    .filter(|calendar| calendar["account"] == email)
                    .count()
            })
        };
        assert!(
            of_account(ANA) > 1 && of_account("ben@example.org") > 1,
            "{calendars}"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_keys_the_browser_does_not_open() -> Result<()> {
    let desk = Options {
        keyring: Keyring::None,
        ..Options::default()
    };
    scenario(
        "no-keyring",
        Setup {
            desk,
            ..Setup::default()
        },
        async |stage| {
            let output = stage.run(&["connect"]).await?;
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let words = String::from_utf8(output.stderr)?;
            assert!(
                words.to_lowercase().contains("keyring") || words.contains("keychain"),
                "{words}"
            );
            assert!(
                words.contains("TOKEN_ENCRYPTION_KEY"),
                "what to do is not said: {words}"
            );
            assert!(stage.desk.browser().opened().is_empty());
            let window = stage.open().await?;
            see(&window, "try-demo").await?;
            Ok(())
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_comes_late_is_found() -> Result<()> {
    let desk = Options {
        keyring: Keyring::None,
        ..Options::default()
    };
    scenario(
        "late-keyring",
        Setup {
            desk,
            ..Setup::default()
        },
        async |stage| {
            let window = stage.open().await?;
            stage.desk.start_keyring().await?;
            page::start_connecting(stage, &window).await?;
            let back = stage
                .consent(0, Decision::Allow(ANA))
                .await
                .context("after the keyring came")?;
            stage.come_back(&back).await?;
            until("the connection", LIMIT, || async {
                let state = stage.account_state(ANA).await.ok()??;
                (state == "connected").then_some(())
            })
            .await?;
            assert_eq!(window.count(&id("banner-reconnect")).await?, 0);
            Ok(())
        },
    )
    .await
}
