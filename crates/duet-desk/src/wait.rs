//! Waiting for a condition with a time limit: the one place that sleeps between two looks.

use std::future::Future;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

const BETWEEN_LOOKS: Duration = Duration::from_millis(25);

/// Looks again and again until `look` gives a value.
///
/// # Errors
/// When `limit` passes first; the error names `what` was waited for.
pub async fn until<T, F, Fut>(what: &str, limit: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        if Instant::now() >= end {
            bail!("waited {limit:?} in vain for {what}");
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
