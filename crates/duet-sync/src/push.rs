//! Sending what waits in the outbox of an account: each operation once a run, in the order of its
//! thread.
//!
//! That an operation is sent is written down before it leaves, and what came of it in one transaction
//! afterwards. Between the two anything may break: a repeated insert finds its own id, a repeated
//! change finds that nothing is left to be changed, a repeated deletion finds nothing (TRUST I4).

mod after;
mod carry;
mod due;
mod settle;

use std::collections::HashSet;

use chrono::TimeDelta;
use duet_model::account::{FailureCode, Tier};
use duet_model::outbox::{Op, OpId, Stuck};

use self::after::{After, after, not_done};
use self::carry::{Job, Missed, Outcome, carry_out};
pub(crate) use self::due::due;
use crate::pull::{Ask, Failed, Stop, Tally, try_again_if_busy};

/// After this many failures in a row nothing more is sent for now: it is not about the operations.
const FAULTS: u32 = 3;

/// What became of one operation.
enum Sent {
    /// Google has carried it out.
    Done,
    /// Google has the answer to an invitation.
    Answered,
    /// It is not wanted any more, or not yet.
    Skipped,
    /// It is tried again by itself.
    Waits,
    /// It waits for the person.
    Stuck,
    /// Google takes no writes for now.
    Paused,
}

/// Sends what may be sent now.
pub(crate) async fn run(ask: &Ask<'_>, tally: &mut Tally) -> Result<(), Stop> {
    let (means, account) = (ask.means(), ask.account());
    let (mut tried, mut faults) = (HashSet::new(), 0);
    loop {
        let ops = means.store.outbox_of(account.id).await?;
        if ops.is_empty() || is_paused(ask).await? {
            return Ok(());
        }
        let due = due(&ops, means.clock.now());
        let Some(id) = due.now.into_iter().find(|id| tried.insert(*id)) else {
            return Ok(());
        };
        let sent = send(ask, id).await?;
        tally.answered |= matches!(sent, Sent::Answered);
        match sent {
            Sent::Done | Sent::Answered => {
                tally.sent += 1;
                tally.changed = true;
                faults = 0;
            }
            Sent::Skipped => {}
            Sent::Stuck => tally.stuck += 1,
            Sent::Waits => faults += 1,
            Sent::Paused => return Ok(()),
        }
        if faults >= FAULTS {
            return Ok(());
        }
    }
}

/// Does Google take no writes of the account for now? A pause that is over is forgotten.
async fn is_paused(ask: &Ask<'_>) -> Result<bool, Stop> {
    let (store, id) = (ask.means().store, ask.account().id);
    let pauses = store.pauses().await?;
    let Some(pause) = pauses.iter().find(|pause| pause.account == id) else {
        return Ok(false);
    };
    let over = pause.until <= ask.means().clock.now();
    if over {
        let mut tx = store.write().await?;
        tx.pause_writes(id, None).await?;
        tx.commit().await?;
    }
    Ok(!over)
}

async fn send(ask: &Ask<'_>, id: OpId) -> Result<Sent, Stop> {
    let means = ask.means();
    let Some(job) = take(ask, id).await? else {
        return Ok(Sent::Skipped);
    };
    if ask.account().tier != Tier::Write {
        let why = after(
            &duet_google::Error::MissingPermission,
            &job.op.what.deed,
            0,
            0.0,
        );
        return missed(ask, &job.op, why).await;
    }
    let mut job = job;
    for again in [true, false] {
        match carry_out(ask, &job).await {
            Ok(outcome) => {
                try_again_if_busy(means.entropy, || settle::done(means, &job, &outcome)).await?;
                let is_answer = matches!(outcome, Outcome::Answered { .. });
                return Ok(if is_answer {
                    Sent::Answered
                } else {
                    Sent::Done
                });
            }
            Err(Missed::Taken) if again => job = settle::rename(means, job).await?,
            Err(Missed::Taken) => {
                let message = format!(
                    "{} Its id is taken there; try again.",
                    not_done(&job.op.what.deed)
                );
                let why = After::Stuck(FailureCode::Rejected, message);
                return missed(ask, &job.op, why).await;
            }
            Err(Missed::Stuck(stuck)) => {
                if let Some(deed) = &stuck.restated {
                    settle::restate(means, &job.op, deed).await?;
                }
                let message = format!("{} {}", not_done(&job.op.what.deed), stuck.why);
                return missed(ask, &job.op, After::Stuck(stuck.code, message)).await;
            }
            Err(Missed::Failed(Failed::Request(error))) => {
                tracing::info!(op = id.0, %error, "a change could not be sent");
                let unit = means.entropy.unit();
                let why = after(&error, &job.op.what.deed, job.op.attempts, unit);
                return missed(ask, &job.op, why).await;
            }
            Err(Missed::Failed(token)) => return Err(token.into_stop(ask)),
            Err(Missed::Store(error)) => return Err(error.into()),
        }
    }
    Ok(Sent::Waits)
}

/// What is to be sent, as it stands now, with a note that it is sent; `None` where it is not wanted any
/// more, or not yet.
async fn take(ask: &Ask<'_>, id: OpId) -> Result<Option<Job>, Stop> {
    let means = ask.means();
    let now = means.clock.now();
    let name = format!("{:016x}", means.entropy.next_u64());
    let mut tx = means.store.write().await?;
    let Some(op) = tx.op(id).await? else {
        return Ok(None);
    };
    if op.stuck.is_some() || op.what.not_before > now {
        return Ok(None);
    }
    let calendars = means.store.calendars_of(ask.account().id).await?;
    let Some(job) = Job::of(&mut tx, op, &calendars, &name).await? else {
        // Its calendar is gone, and takes it along.
        return Ok(None);
    };
    if ask.account().tier == Tier::Write {
        tx.op_is_sent(id).await?;
        tx.commit().await?;
    }
    Ok(Some(job))
}

/// Writes down that an operation was not carried out, and what follows.
async fn missed(ask: &Ask<'_>, op: &Op, why: After) -> Result<Sent, Stop> {
    let means = ask.means();
    let now = means.clock.now();
    let mut tx = means.store.write().await?;
    let sent = match why {
        After::Again(wait) => {
            let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::days(1));
            tx.op_failed(op.id, now + wait).await?;
            Sent::Waits
        }
        After::Stuck(code, message) => {
            tracing::warn!(op = op.id.0, ?code, "a change was refused");
            let at = now;
            // As it was before this try, which was not carried out.
            tx.op_is_stuck(op.id, &Stuck { code, message, at }, op.sent)
                .await?;
            Sent::Stuck
        }
        After::Pause(rest, message) => {
            let rest = TimeDelta::from_std(rest).unwrap_or(TimeDelta::days(1));
            tx.pause_writes(ask.account().id, Some((now + rest, &message)))
                .await?;
            Sent::Paused
        }
        After::Trouble(trouble) => return Err(Stop::Trouble(trouble)),
    };
    tx.commit().await?;
    Ok(sent)
}
