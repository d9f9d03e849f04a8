//! The life of one account in the engine: waits for mail and for its alarm, syncs, and writes down how
//! the account stands.

mod outbox;
mod record;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::account::{Account, AccountId, Failure, FailureCode};
use duet_wire::status::{AccountReport, BlockCounts, EventCounts, Outcome};
use futures_util::FutureExt;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::mailbox::{Mail, Mailbox};
use super::standing::Standing;
use super::{Background, Shared, blank_report};
use crate::decide::{Reader, Trouble, panic_trouble, reconnect, still_asked, storage_trouble};
use crate::limit::Budget;
use crate::lock::LockError;
use crate::pull::{self, Errand, Means, Stop, Tally};
use crate::schedule::{Hold, KEYCHAIN_LOOK, Nudge, Remedy, once_more};

/// How long a sync in the background waits for another process before it comes again later.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(5);
/// How much later.
const LATER: Duration = Duration::from_secs(30);

/// A wait that was noted for longer than Google can ask for was noted under another clock.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(24);

/// What led to a sync.
#[derive(Clone, Copy)]
struct Occasion {
    /// List everything anew.
    full: bool,
    /// A person waits for it.
    by_hand: bool,
    /// A person asked for just this.
    asked_for: bool,
    /// The computer slept, or is in another network: connections of before are dead without
    /// knowing it.
    elsewhere: bool,
    /// Something is to be written, and nothing else is asked for.
    push_only: bool,
}

struct Actor {
    shared: Arc<Shared>,
    id: AccountId,
    budget: Arc<Budget>,
    standing: Standing,
    /// When something that waits to be written may be sent by itself.
    outbox: Option<Instant>,
}

/// Lives until the account is gone or the engine stops. A sync that is under way then is dropped.
pub(super) async fn live(
    shared: Arc<Shared>,
    account: Account,
    mailbox: Arc<Mailbox>,
    cancel: CancellationToken,
) {
    let id = account.id;
    let board = Arc::clone(&shared);
    let mut actor = Actor::begin(shared, &account);
    let life = async {
        loop {
            let mail = actor.wait(&mailbox).await;
            actor.heed(mail, &mailbox).await;
        }
    };
    tokio::select! {
        biased;
        () = cancel.cancelled() => {}
        () = life => {}
    }
    board.board.gone(id);
}

impl Actor {
    fn begin(shared: Arc<Shared>, account: &Account) -> Self {
        let (now, wall) = (Instant::now(), shared.clock.now());
        let ago = |at: DateTime<Utc>| (wall - at).to_std().ok();
        let ahead = |at: DateTime<Utc>| {
            // A clock that was set meanwhile must not put the next sync off for long.
            (at - wall).min(TimeDelta::hours(1)).to_std().ok()
        };
        let mut standing = match shared.background {
            Background::Off => Standing::on_demand(now, account.attempts),
            Background::On => Standing::at_start(
                now,
                account.last_synced_at.and_then(ago),
                account.next_sync_at.and_then(ahead),
                account.attempts,
                shared.entropy.unit(),
            ),
        };
        if account.revoked_at.is_some() {
            standing.revoked();
        }
        if let Some(left) = wait_left(account, wall) {
            standing.told_to_wait(now + left);
        }
        let actor = Self {
            id: account.id,
            budget: shared.budget(account.id),
            standing,
            outbox: None,
            shared,
        };
        actor.shared.board.set_due(actor.id, actor.next_at());
        actor
    }

    /// The next occasion.
    async fn wait(&mut self, mailbox: &Mailbox) -> Mail {
        loop {
            let alarm = self.standing.alarm.filter(|_| !self.standing.slept_through);
            // What failed is sent with the next sync instead, when that is due.
            let outbox = self.outbox.filter(|_| self.standing.hold == Hold::Free);
            let keychain_closed =
                self.standing.hold == Hold::Keychain && self.shared.background == Background::On;
            tokio::select! {
                biased;
                mail = mailbox.next() => return mail,
                () = sleep_until(alarm.unwrap_or_else(Instant::now)), if alarm.is_some() => {
                    return Mail::of(Nudge::Timer);
                }
                () = sleep_until(outbox.unwrap_or_else(Instant::now)), if outbox.is_some() => {
                    self.outbox = None;
                    return Mail::of(Nudge::Outbox);
                }
                () = sleep(KEYCHAIN_LOOK), if keychain_closed => {
                    let _stir = self.shared.stir();
                    if self.shared.tokens.vault_has_opened().await {
                        self.standing.released(Instant::now());
                        return Mail::of(Nudge::Timer);
                    }
                }
            }
        }
    }

    /// Decides whether the occasion leads to a sync, and answers whoever waits.
    async fn heed(&mut self, mail: Mail, mailbox: &Mailbox) {
        let shared = Arc::clone(&self.shared);
        let _stir = shared.stir();
        let account = match self.shared.store.account(self.id).await {
            Ok(Some(account)) => account,
            // The supervisor is about to notice. Dropping the orders answers them.
            Ok(None) => {
                self.standing.set_alarm(None);
                return;
            }
            Err(error) => {
                tracing::error!(account = self.id.0, %error, "the account could not be read");
                let trouble = storage_trouble(error.is_full());
                let message = trouble.words(self.reader());
                self.standing
                    .failed(Instant::now(), trouble, false, self.shared.entropy.unit());
                for order in mail.orders {
                    let report = blank_report(String::new(), Outcome::Failed);
                    let _ = order.reply.send(AccountReport {
                        error: Some(message.clone()),
                        ..report
                    });
                }
                return;
            }
        };
        let push_only = mail.is_only(Nudge::Outbox);
        if !self.plan_outbox().await && push_only {
            return;
        }
        let now = Instant::now();
        let was_revoked = self.standing.hold == Hold::Revoked;
        // Another process reconnected it, or synced it after a person had put things right.
        let was_mended = self.standing.hold == Hold::Person && account.last_error.is_none();
        match account.revoked_at {
            Some(_) => self.standing.revoked(),
            None if was_revoked || was_mended || mail.has(Nudge::Connected) => {
                self.standing.released(now);
            }
            None => {}
        }
        if let Some(left) = wait_left(&account, self.shared.clock.now()) {
            self.standing.told_to_wait(now + left);
        }
        let paused = self
            .shared
            .store
            .settings()
            .await
            .is_ok_and(|settings| settings.paused);
        let ordered = !mail.orders.is_empty();
        let admitted = account.revoked_at.is_none()
            && (mail
                .nudges()
                .any(|nudge| self.standing.admits(nudge, paused, now))
                || ordered && self.standing.admits(Nudge::User, paused, now));
        let asked_for = ordered || mail.has(Nudge::User);
        let report = if admitted {
            let occasion = Occasion {
                full: mail.orders.iter().any(|order| order.full),
                by_hand: ordered || mail.nudges().any(Nudge::is_by_hand),
                asked_for,
                elsewhere: mail.has(Nudge::Resume) || mail.has(Nudge::NetworkUp),
                push_only: push_only || mail.orders.iter().any(|order| order.push_only),
            };
            let report = self.sync(&account, occasion, mailbox).await;
            self.plan_outbox().await;
            if ordered && self.shared.persistent {
                self.try_again(report, now, occasion, mailbox).await
            } else {
                report
            }
        } else {
            self.standing.slept_through = self.standing.is_due(now);
            if mail.has(Nudge::Focus) {
                self.standing.attended(now, self.shared.entropy.unit());
            }
            if asked_for {
                self.show_the_wait(&account, now).await;
            }
            self.refusal(&account, now)
        };
        self.shared.board.set_due(self.id, self.next_at());
        if was_revoked
            && let Some(report) = &report
            && matches!(report.outcome, Outcome::Done | Outcome::Partial)
        {
            self.shared.listener.on_reconnected(&account.email);
        }
        if let Some(report) = report {
            for order in mail.orders {
                let _ = order.reply.send(report.clone());
            }
        }
    }

    /// For somebody who waits: a failure that passes is given a few more tries.
    async fn try_again(
        &mut self,
        mut report: Option<AccountReport>,
        begun: Instant,
        occasion: Occasion,
        mailbox: &Mailbox,
    ) -> Option<AccountReport> {
        for tries in 1.. {
            let Some(failed) = report.as_ref().filter(|r| r.outcome == Outcome::Failed) else {
                break;
            };
            let unit = self.shared.entropy.unit();
            let trouble = self.standing.trouble.as_ref();
            let Some(wait) =
                trouble.and_then(|t| once_more(t.remedy, tries, begun.elapsed(), unit))
            else {
                break;
            };
            tracing::info!(
                account = self.id.0,
                ?wait,
                "a sync failed in passing and is tried again"
            );
            sleep(wait).await;
            let Ok(Some(account)) = self.shared.store.account(self.id).await else {
                break;
            };
            let Some(next) = self.sync(&account, occasion, mailbox).await else {
                break;
            };
            report = Some(AccountReport {
                requests: failed.requests + next.requests,
                sent: failed.sent + next.sent,
                blocks: BlockCounts {
                    added: failed.blocks.added + next.blocks.added,
                    removed: failed.blocks.removed + next.blocks.removed,
                },
                events: EventCounts {
                    upserted: failed.events.upserted + next.events.upserted,
                    removed: failed.events.removed + next.events.removed,
                    quarantined: failed.events.quarantined + next.events.quarantined,
                },
                ..next
            });
        }
        report
    }

    /// One sync, under the lock. `None` where another process was busy with it all the time.
    async fn sync(
        &mut self,
        account: &Account,
        occasion: Occasion,
        mailbox: &Mailbox,
    ) -> Option<AccountReport> {
        let by_hand = occasion.by_hand;
        let shared = Arc::clone(&self.shared);
        let patience = if by_hand {
            shared.patience
        } else {
            BACKGROUND_PATIENCE
        };
        let mut waited = false;
        let taken = shared.lock.take(patience, || waited = true).await;
        let _guard = match taken {
            Ok(guard) => guard,
            Err(LockError::Taken) => {
                self.standing.put_off(Instant::now(), LATER);
                return None;
            }
            Err(error) => {
                tracing::error!(%error, "the lock cannot be used");
                let ended = Err(Stop::Trouble(storage_trouble(false)));
                return Some(
                    self.conclude(account, ended, Tally::default(), by_hand, mailbox)
                        .await,
                );
            }
        };
        if waited && !by_hand && !occasion.push_only && self.was_synced_since(account).await {
            // The other process has just done the work.
            let delay = crate::schedule::cadence(self.is_focused(), Duration::ZERO, 0.5);
            self.standing.put_off(Instant::now(), delay);
            return None;
        }
        shared.board.started(self.id);
        let mut tally = Tally::default();
        let run = AssertUnwindSafe(self.run(account, occasion, &mut tally)).catch_unwind();
        let mut ended = run.await.unwrap_or_else(|_| {
            // The payload may quote anything; the hook has already written where it happened.
            tracing::error!(account = self.id.0, "a sync panicked");
            Err(Stop::Trouble(panic_trouble()))
        });
        if matches!(ended, Err(Stop::Trouble(_)))
            && matches!(shared.store.account(self.id).await, Ok(None))
        {
            // Another process disconnected it: what went wrong since is no trouble of anybody's.
            ended = Err(Stop::Gone);
        }
        let report = if occasion.push_only && !tally.answered && ended.is_ok() {
            // Nothing was looked for: how fresh the picture is has not changed.
            AccountReport {
                requests: tally.requests,
                sent: tally.sent,
                stuck: tally.stuck,
                ..blank_report(account.email.clone(), Outcome::Done)
            }
        } else {
            self.conclude(account, ended, tally, by_hand, mailbox).await
        };
        shared.board.ended(self.id);
        Some(report)
    }

    async fn run(
        &self,
        account: &Account,
        occasion: Occasion,
        tally: &mut Tally,
    ) -> Result<(), Stop> {
        let shared = &self.shared;
        let client = shared
            .clients
            .client(account)
            .await
            .map_err(|failure| Trouble {
                code: failure.code,
                message: failure.message,
                remedy: Remedy::Person,
            })?;
        if occasion.elsewhere {
            client.forget_connections();
        }
        let errand = Errand {
            full: occasion.full,
            thorough: occasion.asked_for && !occasion.push_only,
            push_only: occasion.push_only,
            gentle: self.standing.attempts > 0,
        };
        let means = Means {
            store: &shared.store,
            tokens: &shared.tokens,
            client,
            budget: &self.budget,
            clock: &*shared.clock,
            entropy: &*shared.entropy,
            zones: &shared.zones,
            on_progress: &|progress| shared.board.progressed(self.id, progress),
        };
        pull::run(&means, account, errand, tally).await
    }

    async fn was_synced_since(&self, before: &Account) -> bool {
        let now = self.shared.store.account(self.id).await;
        now.is_ok_and(|now| now.is_some_and(|now| now.last_synced_at > before.last_synced_at))
    }

    /// Plans the next sync, writes down how the account stands, and puts the report together.
    async fn conclude(
        &mut self,
        account: &Account,
        ended: Result<(), Stop>,
        tally: Tally,
        by_hand: bool,
        mailbox: &Mailbox,
    ) -> AccountReport {
        let unit = self.shared.entropy.unit();
        let now = Instant::now();
        let report = AccountReport {
            calendars: tally.calendars,
            requests: tally.requests,
            blocks: tally.blocks,
            events: tally.events,
            sent: tally.sent,
            stuck: tally.stuck,
            ..blank_report(account.email.clone(), Outcome::Done)
        };
        match ended {
            Ok(()) => {
                let partly = tally.failed_in_passing;
                self.standing
                    .succeeded(now, tally.changed, partly, self.is_focused(), unit);
                self.rest_on_demand();
                self.shared.board.set_reached(self.id, true);
                self.note_keychain();
                if let Err(error) = self.record_success(account).await {
                    tracing::error!(account = self.id.0, %error, "the sync could not be recorded");
                    let message = storage_trouble(error.is_full()).message;
                    return AccountReport {
                        outcome: Outcome::Failed,
                        error: Some(message),
                        ..report
                    };
                }
                let outcome = if tally.calendars.failed > 0 {
                    Outcome::Partial
                } else {
                    Outcome::Done
                };
                let first = tally.failures.first();
                AccountReport {
                    outcome,
                    error: first.map(|failure| format!("{}: {}", failure.name, failure.error)),
                    failures: tally.failures,
                    ..report
                }
            }
            Err(Stop::Gone) => AccountReport {
                outcome: Outcome::Failed,
                error: Some("The account was disconnected meanwhile.".into()),
                ..report
            },
            Err(Stop::Trouble(trouble)) => {
                // Connected anew while the old key was being refused: what was refused is history.
                let history = trouble.remedy == Remedy::Reconnect && mailbox.peek(Nudge::Connected);
                if history || !self.suffer(account, &trouble, by_hand, unit).await {
                    self.standing.released(now);
                    self.rest_on_demand();
                    return AccountReport {
                        outcome: Outcome::Failed,
                        error: Some("The account was connected anew meanwhile. Sync again.".into()),
                        ..report
                    };
                }
                AccountReport {
                    outcome: outcome_of(&trouble),
                    error: Some(trouble.words(self.reader())),
                    failures: tally.failures,
                    wait_until: self.wait_until(),
                    ..report
                }
            }
        }
    }

    /// Takes the failure down. False where it turns out to be one of an earlier connection.
    async fn suffer(
        &mut self,
        account: &Account,
        trouble: &Trouble,
        by_hand: bool,
        unit: f64,
    ) -> bool {
        tracing::info!(account = self.id.0, code = ?trouble.code, remedy = ?trouble.remedy, "a sync failed");
        let board = &self.shared.board;
        board.set_reached(self.id, trouble.remedy != Remedy::Probe);
        self.note_keychain();
        let aftermath = self
            .standing
            .failed(Instant::now(), trouble.clone(), by_hand, unit);
        self.rest_on_demand();
        let on_demand = self.shared.background == Background::Off;
        let mut message = trouble.words(Reader::Anyone);
        if aftermath.stopped && !on_demand {
            message.push_str(
                " After eight tries in a row Duet now looks only once an hour; Sync now tries at \
                 once.",
            );
        }
        let failure = Failure {
            code: trouble.code,
            message,
            at: self.shared.clock.now(),
        };
        let recorded = if trouble.remedy == Remedy::Reconnect {
            self.record_revoked(account, &failure).await
        } else {
            // A window shows by itself that it is offline; a command has only the row to leave behind.
            let shown = aftermath.shown || on_demand;
            let recorded = self
                .record_failure(account, shown.then_some(&failure))
                .await;
            recorded.map(|()| true)
        };
        recorded.unwrap_or_else(|error| {
            tracing::error!(account = self.id.0, %error, "the failure could not be recorded");
            if trouble.remedy == Remedy::Reconnect {
                // Nobody knows of it but this task, and nothing else would bring it back to it.
                self.standing.put_off(Instant::now(), LATER);
                self.rest_on_demand();
            }
            true
        })
    }

    /// Why there was no sync, for those who asked for one.
    fn refusal(&self, account: &Account, now: Instant) -> Option<AccountReport> {
        let asked = self.standing.hold_at(now) == Hold::Asked;
        let known = self.standing.trouble.clone();
        let trouble = match account.revoked_at {
            Some(_) => reconnect(&account.email),
            None if asked => known
                .filter(|known| known.remedy.asked().is_some())
                .unwrap_or_else(still_asked),
            None => known?,
        };
        Some(AccountReport {
            error: Some(trouble.words(self.reader())),
            wait_until: self.wait_until().filter(|_| asked),
            ..blank_report(account.email.clone(), outcome_of(&trouble))
        })
    }

    fn is_focused(&self) -> bool {
        self.shared.focused.load(Ordering::Relaxed)
    }

    /// Not from this account's own result: a token that is still good needs no keychain.
    fn note_keychain(&self) {
        self.shared
            .board
            .set_keychain_closed(self.shared.tokens.blocked().is_some());
    }

    /// Who reads this engine's reports.
    fn reader(&self) -> Reader {
        match self.shared.background {
            Background::On => Reader::Anyone,
            Background::Off => Reader::Terminal,
        }
    }

    /// An engine that only acts on demand has no alarms.
    fn rest_on_demand(&mut self) {
        if self.shared.background == Background::Off {
            self.standing.set_alarm(None);
        }
    }
}

/// How much is left of the wait that Google asked for.
pub(super) fn wait_left(account: &Account, wall: DateTime<Utc>) -> Option<Duration> {
    let left = account.wait_until? - wall;
    left.to_std().ok().filter(|_| left <= LONGEST_WAIT)
}

/// How a sync ended that ended in trouble. All three want the person at the consent page.
fn outcome_of(trouble: &Trouble) -> Outcome {
    match (trouble.code, trouble.remedy) {
        (FailureCode::Reconnect | FailureCode::MissingPermission, _)
        | (FailureCode::Keychain, Remedy::Person) => Outcome::Reconnect,
        _ => Outcome::Failed,
    }
}
