//! The window's program falls: it gets up again with what is true now, and says so if it cannot.

use anyhow::Result;

use crate::support::page::{self, id, of, wait_for_blocks};
use crate::support::{LIMIT, Setup, scenario};

/// What the web view reports when WebAssembly traps. `scenario` knows the word "planted".
const FALL: &str = "globalThis.__DUET_PANIC__ = 'planted';
    dispatchEvent(new ErrorEvent('error', { error: new WebAssembly.RuntimeError('unreachable') }))";

#[tokio::test(flavor = "multi_thread")]
async fn a_fallen_window_comes_back_and_tells_when_it_cannot() -> Result<()> {
    scenario("fallen", Setup::default(), async |stage| {
        let window = page::open_week(stage).await?;
        let day = page::today(&window).await?;
        stage
            .duet(&["blocks", "add", "--from", &format!("{day}T09:00"), "--to", &format!("{day}T10:00"), "--title", "Gym"])
            .await?;
        wait_for_blocks(&window, "the gym", |blocks| of(blocks, "manual") > 0).await?;
        for _ in 0..2 {
            window.js("window.__before = true", Vec::new()).await?;
            window.js(FALL, Vec::new()).await?;
            window
                .wait_js(
                    "a fresh page",
                    "return window.__before === undefined && document.documentElement.dataset.ready === 'true'",
                    Vec::new(),
                    LIMIT,
                )
                .await?;
            // Not the week that the window was opened with, which was empty.
            wait_for_blocks(&window, "the gym again", |blocks| of(blocks, "manual") > 0).await?;
        }
        window.js(FALL, Vec::new()).await?;
        window.wait_for("p.failure[role=alert]", LIMIT).await?;
        assert!(stage.logs().contains("planted"), "the log names the place");
        window.wait_for_none(&id("nav-today"), LIMIT).await
    })
    .await
}
