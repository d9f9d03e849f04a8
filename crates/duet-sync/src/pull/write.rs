//! Storing what came for a calendar, in one transaction, or not at all when nobody wants it any more.

use std::future::Future;
use std::time::Duration;

use duet_model::account::Failure;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::when::Interval;
use duet_store::StoreError;

use super::gather::Verdict;
use super::round::Ended;
use super::{Means, Tally, count};
use crate::decide::CalendarTrouble;
use crate::host::Entropy;

/// How often a whole transaction is tried when another process has the database.
const TRIES: u32 = 3;
/// The first wait between them; doubled each time, with full jitter. The store itself has already
/// waited for seconds each time.
const PAUSE: Duration = Duration::from_millis(100);

/// Stores one calendar's verdict; says how it ended for the calendar. Calendars that are fresh by it go to `fresh`, to be stamped
/// together at the end: when nothing changed, that stamp is all that is written.
pub(super) async fn settle(
    means: &Means<'_>,
    calendar: &Calendar,
    verdict: Verdict,
    span: Interval,
    fresh: &mut Vec<(CalendarId, i64)>,
    tally: &mut Tally,
) -> Result<Ended, StoreError> {
    match verdict {
        Verdict::Unknown(trouble) => {
            fail(means, calendar, &trouble).await?;
            Ok(Ended::Failed(trouble))
        }
        Verdict::Busy { blocks, doubt } => {
            let now = means.clock.now();
            let replaced = try_again_if_busy(means.entropy, || async {
                let mut tx = means.store.write().await?;
                let replaced = tx
                    .replace_blocks(calendar.id, calendar.generation, span, &blocks, now)
                    .await?;
                // Storing noted it as fresh where anything was new.
                if let (false, Some(trouble)) = (replaced.unwanted, &doubt) {
                    let failure = failure(means, trouble);
                    tx.mark_calendar_failed(calendar.id, calendar.generation, failure)
                        .await?;
                }
                tx.commit().await?;
                Ok(replaced)
            })
            .await?;
            if replaced.unwanted {
                tracing::debug!(
                    calendar = calendar.id.0,
                    "came too late, not wanted any more"
                );
                return Ok(Ended::Unwanted);
            }
            tally.blocks.added += count(replaced.added);
            tally.blocks.removed += count(replaced.removed);
            tally.changed |= replaced.added + replaced.removed > 0;
            if let Some(trouble) = doubt {
                return Ok(Ended::Failed(trouble));
            }
            fresh.push((calendar.id, calendar.generation));
            Ok(Ended::Fresh)
        }
    }
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
    let failure = failure(means, trouble);
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.mark_calendar_failed(calendar.id, calendar.generation, failure.clone())
            .await?;
        tx.commit().await
    })
    .await
}

fn failure(means: &Means<'_>, trouble: &CalendarTrouble) -> Failure {
    Failure {
        code: trouble.code,
        message: trouble.message.clone(),
        at: means.clock.now(),
    }
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
