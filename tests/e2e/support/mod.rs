//! What every scenario needs: the stage, the person at the browser, the window's test ids.

mod consent;
mod http;
pub(crate) mod page;
mod stage;

pub(crate) use consent::Decision;
pub(crate) use stage::{ANA, LIMIT, Setup, Stage};

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use tokio::sync::Semaphore;

/// A desk with a window is a dozen processes: as many at once as the machine can carry.
static DESKS: Semaphore = Semaphore::const_new(2);

/// Plays one scenario on a stage of its own. When it fails, the message carries Duet's logs, and a
/// picture of the screen is left in cargo's temporary folder.
pub(crate) async fn scenario<F>(name: &str, setup: Setup, play: F) -> Result<()>
where
    F: AsyncFnOnce(&mut Stage) -> Result<()>,
{
    let _place = DESKS.acquire().await?;
    let mut stage = Stage::set_up(setup).await?;
    let played = AssertUnwindSafe(play(&mut stage)).catch_unwind().await;
    // The window gets up again after a fault, so a scene may end well in spite of one.
    let fallen = stage.logs().lines().any(|line| {
        line.contains("the window met a fault of its own") && !line.contains("planted")
    });
    if matches!(played, Ok(Ok(()))) && !fallen {
        return Ok(());
    }
    let picture = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
    let seen = match stage.desk.screenshot(&picture).await {
        Ok(()) => format!("the screen is in {}", picture.display()),
        Err(error) => format!("no picture of the screen: {error}"),
    };
    let requests: String = stage
        .google
        .requests()
        .iter()
        .map(|request| format!("\n  {} {} {}", request.method, request.path, request.status))
        .collect();
    let report = format!(
        "{name}: {seen}\nrequests to Google:{requests}\n{}",
        stage.logs()
    );
    match played {
        Ok(Ok(())) => Err(anyhow::anyhow!("the window's program fell")).context(report),
        Ok(result) => result.context(report),
        Err(panic) => {
            // A closed stderr must not hide the panic itself.
            let _ = writeln!(std::io::stderr(), "{report}");
            std::panic::resume_unwind(panic)
        }
    }
}
