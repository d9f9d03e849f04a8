//! Storing what came for a calendar, in one transaction, or not at all when nobody wants it any more.

use std::future::Future;
use std::time::Duration;

use duet_model::account::Failure;
use duet_model::calendar::{Calendar, CalendarId};
use duet_store::StoreError;
use duet_wire::status::BlockCounts;

use super::Means;
use super::gather::Verdict;
use super::held::{Told, counts};
use super::round::Ended;
use crate::decide::CalendarTrouble;
use crate::host::Entropy;

/// How often a whole transaction is tried when another process has the database.
const TRIES: u32 = 3;
/// The first wait between them; doubled each time, with full jitter. The store itself has already
/// waited for seconds each time.
const PAUSE: Duration = Duration::from_millis(100);

/// Stores what free/busy says of a calendar; says how it ended for the calendar, and what changed. A
/// calendar that is fresh by it is to be stamped ([`stamp`]), all of them together: when nothing
/// changed, that stamp is all that is written.
pub(super) async fn settle(
    means: &Means<'_>,
    told: &Told,
) -> Result<(Ended, BlockCounts), StoreError> {
    let doubt = match &told.verdict {
        Verdict::Unknown(trouble) => {
            fail(means, &told.calendar, trouble).await?;
            return Ok((Ended::Failed(trouble.clone()), BlockCounts::default()));
        }
        Verdict::Busy { doubt, .. } => doubt,
    };
    let now = means.clock.now();
    let replaced = try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        let replaced = told.replace(&mut tx, now).await?;
        tx.commit().await?;
        Ok(replaced)
    })
    .await?;
    let ended = match doubt {
        _ if replaced.unwanted => {
            let calendar = told.calendar.id.0;
            tracing::debug!(calendar, "came too late, not wanted any more");
            Ended::Unwanted
        }
        Some(trouble) => Ended::Failed(trouble.clone()),
        None => Ended::Fresh,
    };
    Ok((ended, counts(replaced)))
}

/// Forgets what free/busy said of a calendar, where it ever said anything.
pub(super) async fn forget_times(means: &Means<'_>, calendar: &Calendar) -> Result<(), StoreError> {
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.forget_blocks(calendar.id, calendar.generation).await?;
        tx.commit().await
    })
    .await
}

/// Stamps what was found to be fresh: one statement for all.
pub(super) async fn stamp(
    means: &Means<'_>,
    fresh: &[(CalendarId, i64)],
) -> Result<(), StoreError> {
    if fresh.is_empty() {
        return Ok(());
    }
    let now = means.clock.now();
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.stamp_checked(fresh, now).await?;
        tx.commit().await
    })
    .await
}

async fn fail(
    means: &Means<'_>,
    calendar: &Calendar,
    trouble: &CalendarTrouble,
) -> Result<(), StoreError> {
    let failure = Failure {
        code: trouble.code,
        message: trouble.message.clone(),
        at: means.clock.now(),
    };
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.mark_calendar_failed(calendar.id, calendar.generation, failure.clone())
            .await?;
        tx.commit().await
    })
    .await
}

/// Runs a whole transaction again while another process has the database.
pub(crate) async fn try_again_if_busy<T, F>(
    entropy: &dyn Entropy,
    mut transaction: impl FnMut() -> F,
) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match transaction().await {
            Err(error) if error.is_busy() => {
                tokio::time::sleep(pause.mul_f64(entropy.unit())).await;
                pause *= 2;
            }
            other => return other,
        }
    }
    transaction().await
}
