//! One Duet for one person: a second start brings the first to the front, and links do what they
//! say and nothing else.

use anyhow::{Context, Result};
use duet_sandbox::Endpoint;
use futures_util::StreamExt;
use serde_json::json;

use crate::support::page::{self, account, id, of, wait_for_blocks};
use crate::support::{ANA, LIMIT, Setup, scenario};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_focuses_the_first() -> Result<()> {
    scenario("second", Setup::default(), async |stage| {
        let window = stage.open().await?;
        let windows = stage.desk.windows()?.iter().filter(|top| top.shown).count();
        stage.desk.unfocus()?;
        let second = stage.run(&[]).await?;
        assert!(second.status.success(), "{second:?}");
        page::wait_for_front(stage).await?;
        assert_eq!(
            stage.desk.windows()?.iter().filter(|top| top.shown).count(),
            windows
        );

        // Also when it was closed into the tray.
        stage.desk.tray().wait_for_item(LIMIT).await?;
        page::close_by_title_bar(stage)?;
        page::wait_for_hidden(stage).await?;
        assert!(stage.run(&[]).await?.status.success());
        page::wait_for_shown(stage).await?;
        assert_eq!(
            window
                .js("return document.visibilityState", Vec::new())
                .await?,
            json!("visible")
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn links_focus_and_act() -> Result<()> {
    scenario("links", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        page::wait_until_idle(&window).await?;

        stage.desk.unfocus()?;
        stage.open_link("duet://open").await?;
        page::wait_for_front(stage).await?;

        let event = page::add_event(stage, "Linked")?;
        stage.open_link("duet://sync").await?;
        wait_for_blocks(&window, "what the link fetched", |blocks| {
            blocks.iter().any(|block| page::covers(block, &event))
        })
        .await?;

        let blocks = page::blocks(&window).await?;
        let block = blocks
            .iter()
            .find(|block| page::covers(block, &event))
            .context("it is drawn")?;
        stage
            .open_link(&format!("duet://event/{}", block.id))
            .await?;
        let details = format!("{}[data-id='{}']", id("details"), block.id);
        window.wait_for(&details, LIMIT).await?;

        // It shows the card; the browser opens only after a click.
        stage
            .open_link(&format!("duet://reconnect?account={ANA}"))
            .await?;
        window.wait_for(&account(ANA), LIMIT).await?;
        assert_eq!(
            stage.desk.browser().opened().len(),
            1,
            "only the first connect's page"
        );
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_links_change_nothing() -> Result<()> {
    scenario("hostile-links", Setup::default(), async |stage| {
        stage.connect(ANA).await?;
        let window = stage.open().await?;
        let before =
            wait_for_blocks(&window, "Ana's week", |blocks| of(blocks, "google") > 0).await?;
        page::wait_until_idle(&window).await?;
        let place = window.js("return location.href", Vec::new()).await?;
        let requests = stage.google.count(Endpoint::Any);
        let long = format!("duet://open?{}", "x".repeat(10_000));
        for link in [
            "duet://disconnect?account=ana@example.com",
            "duet://delete/everything",
            "duet://event/../../../etc/passwd",
            "duet://event/%00%0a<script>alert(1)</script>",
            "duet://reconnect?account=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
            "duet://reconnect?account=nobody@example.com",
            "duet://open@evil.example/path",
            "duet:javascript:alert(1)",
            "duet://",
            "duet:",
            long.as_str(),
        ] {
            let output = stage.run(&[link]).await.with_context(|| link.to_owned())?;
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!words.contains("panicked"), "{link}: {words}");
        }
        assert_eq!(window.js("return location.href", Vec::new()).await?, place);
        assert_eq!(
            stage.google.count(Endpoint::Any),
            requests,
            "a link asked Google"
        );
        assert_eq!(
            stage.desk.browser().opened().len(),
            1,
            "a link opened the browser"
        );
        assert_eq!(
            stage.account_state(ANA).await?.as_deref(),
            Some("connected")
        );
        page::no_dialog(&window).await?;
        page::leave_settings(&window).await?;
        wait_for_blocks(&window, "the same week", |blocks| *blocks == before).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_beside_a_duet_that_is_just_ending_is_a_start() -> Result<()> {
    scenario("ending", Setup::default(), async |stage| {
        let window = stage.open().await?;
        let bus = zbus::fdo::DBusProxy::new(stage.desk.bus()?).await?;
        let names = bus.list_names().await?;
        let name = names
            .iter()
            .map(ToString::to_string)
            .find(|name| name.ends_with(".SingleInstance"))
            .context("the running Duet has no name")?;
        window.close().await?;

        // Has the name, takes the question, and is gone before it answers.
        let mut env = stage.desk.env().iter();
        let (_, address) = env
            .find(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS")
            .context("a session bus")?;
        let ending = zbus::connection::Builder::address(address.as_str())?
            .name(name)?
            .build()
            .await?;
        let mut questions = zbus::MessageStream::from(&ending);
        let end = tokio::spawn(async move {
            while let Some(Ok(message)) = questions.next().await {
                let header = message.header();
                if header.interface().map(|name| name.as_str()) == Some("org.SingleInstance.DBus") {
                    break;
                }
            }
            drop(questions);
            ending.close().await
        });
        stage.open().await?;
        tokio::time::timeout(LIMIT, end).await???;
        Ok(())
    })
    .await
}
