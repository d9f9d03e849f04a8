//! The engine's one task: gives each account an actor, notices that the computer slept or that the
//! network is back, and ends everything together.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::AccountId;
use duet_model::settings::Settings;
use duet_model::topic::Topic;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{Background, Shared, actor};
use crate::schedule::{Nudge, ROUTE_LOOK};

/// The wall clock moving this much more than the monotonic one, either way, is a sleep or a new time.
const JUMP: TimeDelta = TimeDelta::seconds(20);

/// An actor and the way to end it.
struct Worker {
    task: JoinHandle<()>,
    cancel: CancellationToken,
}

pub(super) async fn run(shared: Arc<Shared>) {
    let mut workers: HashMap<AccountId, Worker> = HashMap::new();
    let mut changes = shared.store.changes();
    let mut settings = shared.store.settings().await.unwrap_or_default();
    let mut tick = interval(ROUTE_LOOK);
    // After a sleep one look is enough.
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut watch = Watch::new(&shared);
    employ(&shared, &mut workers).await;
    shared.everyone_is_there();
    loop {
        tokio::select! {
            biased;
            () = shared.cancel.cancelled() => break,
            () = shared.bell.notified() => employ(&shared, &mut workers).await,
            change = changes.recv() => match change {
                Ok(topics) => {
                    if topics.contains(&Topic::Accounts) && concerns(&shared, &workers).await {
                        employ(&shared, &mut workers).await;
                    }
                    if topics.contains(&Topic::Outbox) && shared.background == Background::On {
                        shared.nudge_all(Nudge::Outbox);
                    }
                    if topics.contains(&Topic::Settings) {
                        heed_settings(&shared, &mut settings).await;
                    }
                }
                // Too many to keep up with: look at everything.
                Err(RecvError::Lagged(_)) => {
                    employ(&shared, &mut workers).await;
                    heed_settings(&shared, &mut settings).await;
                }
                Err(RecvError::Closed) => break,
            },
            _ = tick.tick() => {
                watch.look(&shared);
                // An actor ends only with its account, or by a defect: then it is given another.
                if workers.values().any(|worker| worker.task.is_finished()) {
                    employ(&shared, &mut workers).await;
                }
            }
        }
    }
    shared.cancel.cancel();
    for (_, worker) in workers {
        let _ = worker.task.await;
    }
    // Whoever waits for an answer learns that none comes.
    shared
        .mailboxes
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .clear();
}

/// Is an account without an actor, or an actor without an account? Asked instead of acting at once,
/// because each sync of each account is a change of accounts too.
async fn concerns(shared: &Shared, workers: &HashMap<AccountId, Worker>) -> bool {
    let _stir = shared.stir();
    match shared.store.accounts().await {
        Ok(accounts) => {
            accounts.len() != workers.len()
                || accounts
                    .iter()
                    .any(|account| !workers.contains_key(&account.id))
        }
        Err(_) => false,
    }
}

/// Gives every account an actor and takes those away whose account is gone.
async fn employ(shared: &Arc<Shared>, workers: &mut HashMap<AccountId, Worker>) {
    let _stir = shared.stir();
    shared.rung.store(false, Ordering::SeqCst);
    let accounts = match shared.store.accounts().await {
        Ok(accounts) => accounts,
        Err(error) => {
            tracing::error!(%error, "the accounts could not be read");
            return;
        }
    };
    let present = |id: &AccountId| accounts.iter().any(|account| account.id == *id);
    let gone: Vec<_> = workers.keys().filter(|id| !present(id)).copied().collect();
    for id in gone {
        if let Some(worker) = workers.remove(&id) {
            worker.cancel.cancel();
            let _ = worker.task.await;
        }
    }
    let orphans: Vec<_> = {
        let all = shared
            .mailboxes
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        all.keys().filter(|id| !present(id)).copied().collect()
    };
    for id in orphans {
        shared.close_mailbox(id);
        shared.tokens.forget(id);
        shared.board.gone(id);
    }
    workers.retain(|id, worker| {
        if worker.task.is_finished() {
            tracing::error!(
                account = id.0,
                "an actor ended unexpectedly; another takes over"
            );
        }
        !worker.task.is_finished()
    });
    for account in accounts {
        workers.entry(account.id).or_insert_with(|| {
            let cancel = shared.cancel.child_token();
            let mailbox = shared.mailbox(account.id);
            let task = tokio::spawn(actor::live(
                Arc::clone(shared),
                account,
                mailbox,
                cancel.clone(),
            ));
            Worker { task, cancel }
        });
    }
}

/// Settings that concern syncing: an end of the pause, and another span of days.
async fn heed_settings(shared: &Shared, known: &mut Settings) {
    let _stir = shared.stir();
    let Ok(now) = shared.store.settings().await else {
        return;
    };
    if known.paused && !now.paused {
        shared.nudge_all(Nudge::Timer);
    }
    if known.window != now.window {
        shared.nudge_all(Nudge::Selection);
    }
    *known = now;
}

/// What is looked at every few seconds.
struct Watch {
    at: Instant,
    wall: DateTime<Utc>,
    had_route: bool,
}

impl Watch {
    fn new(shared: &Shared) -> Self {
        Self {
            at: Instant::now(),
            wall: shared.clock.now(),
            had_route: true,
        }
    }

    fn look(&mut self, shared: &Shared) {
        if shared.background == Background::Off {
            return;
        }
        let (at, wall) = (Instant::now(), shared.clock.now());
        if has_jumped(at.duration_since(self.at), wall - self.wall) {
            tracing::info!("the computer slept, or its clock was set");
            shared.nudge_all(Nudge::Resume);
        }
        (self.at, self.wall) = (at, wall);
        // Only while nobody is reached: a route says little, its return says enough.
        if !shared.board.is_offline() {
            self.had_route = true;
            return;
        }
        let has_route = shared.network.has_route();
        if has_route && !self.had_route {
            tracing::info!("the network is back");
            shared.nudge_all(Nudge::NetworkUp);
        }
        self.had_route = has_route;
    }
}

fn has_jumped(monotonic: Duration, wall: TimeDelta) -> bool {
    let monotonic = TimeDelta::from_std(monotonic).unwrap_or(TimeDelta::MAX);
    // Where the monotonic clock goes on during sleep the tick comes late instead.
    (wall - monotonic).abs() > JUMP || monotonic > JUMP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_and_a_set_clock_are_noticed() {
        let cases = [
            (3, 3, false),
            (3, 10, false),
            (3, 8 * 3600, true),
            (8 * 3600, 8 * 3600, true),
            (3, -3600, true),
        ];
        for (monotonic, wall, expect) in cases {
            assert_eq!(
                has_jumped(Duration::from_secs(monotonic), TimeDelta::seconds(wall)),
                expect,
                "monotonic {monotonic} s, wall {wall} s"
            );
        }
    }
}
