//! Where an account stands between two syncs: what holds it up, how often it failed, when it is due.
//!
//! Pure: times are handed in. Only in memory; after a start the account's row tells enough.

use std::time::Duration;

use tokio::time::Instant;

use crate::decide::Trouble;
use crate::schedule::{Hold, Nudge, Remedy, admits, cadence, has_stopped, wait_after};

/// Failures that pass are shown from this one in a row on.
const SHOWN_FROM: u32 = 3;
/// Or when they have gone on for this long.
const SHOWN_AFTER: Duration = Duration::from_secs(10 * 60);
/// A little after the start, so that the first picture is painted first.
const START: Duration = Duration::from_secs(1);

/// Where an account stands.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) hold: Hold,
    /// Failures in a row.
    pub(super) attempts: u32,
    /// When the last sync ended.
    ended: Option<Instant>,
    /// When the next one is due.
    pub(super) alarm: Option<Instant>,
    /// Until when Google asked to be left alone, in [`Hold::Asked`].
    pub(super) asked_until: Option<Instant>,
    /// The alarm went off and nothing was to be done about it.
    pub(super) slept_through: bool,
    /// When something last changed at Google.
    changed: Instant,
    /// When the first of the failures in a row was.
    failing_since: Option<Instant>,
    /// Syncs in a row in which some calendar failed in passing.
    partly: u32,
    /// What went wrong last.
    pub(super) trouble: Option<Trouble>,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Aftermath {
    /// Is it to be shown at the account?
    pub(super) shown: bool,
    /// Did Duet stop trying, but for one look each hour?
    pub(super) stopped: bool,
}

impl Standing {
    /// After the start. `synced` is how long ago the account was last synced, `planned` how long until
    /// the sync that was planned before the end, `attempts` the failures in a row until then.
    pub(super) fn at_start(
        now: Instant,
        synced: Option<Duration>,
        planned: Option<Duration>,
        attempts: u32,
        unit: f64,
    ) -> Self {
        let soon = START + START.mul_f64(unit);
        let delay = match (synced, planned) {
            (_, Some(planned)) if attempts > 0 => planned.max(soon),
            (Some(ago), _) => cadence(false, Duration::ZERO, unit)
                .saturating_sub(ago)
                .max(soon),
            (None, _) => Duration::ZERO,
        };
        Self {
            hold: if attempts > 0 {
                Hold::Waiting
            } else {
                Hold::Free
            },
            attempts,
            ended: None,
            alarm: Some(now + delay),
            asked_until: None,
            slept_through: false,
            changed: now,
            failing_since: (attempts > 0).then_some(now),
            partly: 0,
            trouble: None,
        }
    }

    /// Without alarms: syncs only on demand.
    pub(super) fn on_demand(now: Instant, attempts: u32) -> Self {
        Self {
            alarm: None,
            ..Self::at_start(now, None, None, attempts, 0.0)
        }
    }

    /// Has the planned time come?
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.alarm.is_some_and(|alarm| alarm <= now)
    }

    /// Does this nudge lead to a sync now?
    pub(super) fn admits(&self, nudge: Nudge, paused: bool, now: Instant) -> bool {
        let since = self.ended.map(|ended| now.saturating_duration_since(ended));
        // Whoever asks in passing does not shorten a wait.
        (nudge != Nudge::Timer || self.is_due(now))
            && admits(nudge, self.hold_at(now), paused, since)
    }

    /// What holds it up now: what Google asked for ends by itself.
    pub(super) fn hold_at(&self, now: Instant) -> Hold {
        if self.hold == Hold::Asked && self.asked_until.is_none_or(|until| until <= now) {
            Hold::Waiting
        } else {
            self.hold
        }
    }

    /// A sync worked.
    pub(super) fn succeeded(
        &mut self,
        now: Instant,
        changed: bool,
        partly: bool,
        focused: bool,
        unit: f64,
    ) {
        if changed {
            self.changed = now;
        }
        let usual = cadence(focused, now.saturating_duration_since(self.changed), unit);
        self.partly = if partly { self.partly + 1 } else { 0 };
        let again = Remedy::TryAgain { at_least: None };
        let delay = match wait_after(again, self.partly, unit) {
            Some(sooner) if partly && !has_stopped(again, self.partly) => usual.min(sooner),
            _ => usual,
        };
        self.hold = Hold::Free;
        self.asked_until = None;
        self.attempts = 0;
        self.failing_since = None;
        self.trouble = None;
        self.ended = Some(now);
        self.set_alarm(Some(now + delay));
    }

    /// A sync did not work.
    pub(super) fn failed(
        &mut self,
        now: Instant,
        trouble: Trouble,
        by_hand: bool,
        unit: f64,
    ) -> Aftermath {
        let remedy = trouble.remedy;
        // Being offline and failing are counted apart: ten probes are not ten failures.
        if (remedy == Remedy::Probe) == (self.hold == Hold::Offline) {
            self.attempts += 1;
        } else {
            self.attempts = 1;
            self.failing_since = None;
        }
        let counter = self.attempts;
        let since = *self.failing_since.get_or_insert(now);
        self.hold = Hold::after(remedy);
        self.asked_until = remedy.asked().map(|asked| now + asked);
        self.ended = Some(now);
        self.set_alarm(wait_after(remedy, counter, unit).map(|wait| now + wait));
        self.trouble = Some(trouble);
        let lasting = matches!(
            remedy,
            Remedy::Person | Remedy::Keychain | Remedy::Reconnect | Remedy::Rest(_)
        );
        let shown = lasting
            || by_hand
            || counter >= SHOWN_FROM
            || now.saturating_duration_since(since) >= SHOWN_AFTER;
        Aftermath {
            shown: shown && remedy != Remedy::Probe,
            stopped: has_stopped(remedy, counter),
        }
    }

    /// Google asked another process, or this one before it was restarted, to wait until then.
    pub(super) fn told_to_wait(&mut self, until: Instant) {
        if !matches!(
            self.hold,
            Hold::Free | Hold::Waiting | Hold::Offline | Hold::Asked
        ) {
            return;
        }
        self.hold = Hold::Asked;
        self.asked_until = self.asked_until.max(Some(until));
        if let Some(alarm) = self.alarm.filter(|alarm| *alarm < until) {
            tracing::debug!(by = ?(until - alarm), "put off: Google asked to wait");
            self.set_alarm(Some(until));
        }
    }

    /// Another process was busy, or has just done the work: look again later.
    pub(super) fn put_off(&mut self, now: Instant, delay: Duration) {
        self.ended = Some(now);
        self.set_alarm(Some(now + delay));
    }

    /// The person is looking: what was planned for the background is too late.
    pub(super) fn attended(&mut self, now: Instant, unit: f64) {
        if let (Hold::Free, Some(ended), Some(alarm)) = (self.hold, self.ended, self.alarm) {
            let quiet = now.saturating_duration_since(self.changed);
            self.alarm = Some(alarm.min(ended + cadence(true, quiet, unit)));
        }
    }

    /// The key was withdrawn: no time brings it back.
    pub(super) fn revoked(&mut self) {
        self.hold = Hold::Revoked;
        self.set_alarm(None);
    }

    /// What held it up is over: the account was connected anew, or the keychain opened.
    pub(super) fn released(&mut self, now: Instant) {
        self.hold = Hold::Free;
        self.asked_until = None;
        self.attempts = 0;
        self.failing_since = None;
        self.trouble = None;
        self.set_alarm(Some(now));
    }

    pub(super) fn set_alarm(&mut self, alarm: Option<Instant>) {
        self.alarm = alarm;
        self.slept_through = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_model::account::FailureCode;

    fn trouble(remedy: Remedy) -> Trouble {
        Trouble {
            code: FailureCode::Server,
            message: "It broke.".into(),
            remedy,
        }
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test(start_paused = true)]
    async fn passing_failures_are_shown_from_the_third_on_or_after_ten_minutes() {
        let again = Remedy::TryAgain { at_least: None };
        let now = Instant::now();
        let mut standing = Standing::on_demand(now, 0);
        let shown: Vec<bool> = (0..4)
            .map(|_| standing.failed(now, trouble(again), false, 0.5).shown)
            .collect();
        assert_eq!(shown, [false, false, true, true]);

        let mut slow = Standing::on_demand(now, 0);
        assert!(!slow.failed(now, trouble(again), false, 0.5).shown);
        assert!(
            slow.failed(now + secs(600), trouble(again), false, 0.5)
                .shown
        );

        let mut asked = Standing::on_demand(now, 0);
        assert!(
            asked.failed(now, trouble(again), true, 0.5).shown,
            "somebody waits for it"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_only_a_person_can_mend_is_shown_at_once_and_being_offline_never() {
        let now = Instant::now();
        let cases = [
            (Remedy::Person, true),
            (Remedy::Keychain, true),
            (Remedy::Reconnect, true),
            (Remedy::Rest(secs(3600)), true),
            (Remedy::Probe, false),
        ];
        for (remedy, expect) in cases {
            let mut standing = Standing::on_demand(now, 0);
            assert_eq!(
                standing.failed(now, trouble(remedy), false, 0.5).shown,
                expect,
                "{remedy:?}"
            );
        }
        let mut offline = Standing::on_demand(now, 0);
        for _ in 0..20 {
            let after = offline.failed(now, trouble(Remedy::Probe), true, 0.5);
            assert!(!after.shown && !after.stopped);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn probes_are_not_counted_as_failures() {
        let again = Remedy::TryAgain { at_least: None };
        let now = Instant::now();
        let mut standing = Standing::on_demand(now, 0);
        for _ in 0..20 {
            standing.failed(now, trouble(Remedy::Probe), false, 0.5);
        }
        let later = now + secs(3600);
        let after = standing.failed(later, trouble(again), false, 0.5);
        assert!(
            !after.shown && !after.stopped,
            "the first failure after an hour offline"
        );
        assert_eq!(standing.attempts, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn what_google_asked_for_binds_until_it_is_over() {
        let now = Instant::now();
        let mut standing = Standing::on_demand(now, 0);
        let asked = Remedy::SlowDown {
            at_least: Some(secs(100)),
        };
        standing.failed(now, trouble(asked), false, 0.0);
        assert!(!standing.admits(Nudge::User, false, now + secs(99)));
        assert!(!standing.admits(Nudge::Timer, false, now + secs(99)));
        assert!(standing.admits(Nudge::Timer, false, now + secs(100)));
        assert!(standing.admits(Nudge::User, false, now + secs(100)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_another_process_was_asked_for_binds_too() {
        let now = Instant::now();
        let mut standing = Standing::at_start(now, None, None, 0, 0.5);
        standing.told_to_wait(now + secs(100));
        standing.told_to_wait(now + secs(50));
        assert_eq!(standing.alarm, Some(now + secs(100)), "the longer one");
        assert!(!standing.admits(Nudge::User, false, now + secs(99)));
        assert!(standing.admits(Nudge::User, false, now + secs(100)));

        let mut command = Standing::on_demand(now, 0);
        command.told_to_wait(now + secs(100));
        assert_eq!(command.alarm, None, "it never acts by itself");
        assert!(!command.admits(Nudge::User, false, now + secs(99)));

        let mut revoked = Standing::on_demand(now, 0);
        revoked.revoked();
        revoked.told_to_wait(now + secs(100));
        assert_eq!(revoked.hold, Hold::Revoked, "no time mends that");
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_sync_is_at_once_and_a_fresh_account_waits_its_turn() {
        let now = Instant::now();
        let alarm = |synced, planned, attempts| {
            let standing = Standing::at_start(now, synced, planned, attempts, 0.5);
            standing.alarm.unwrap() - now
        };
        assert_eq!(alarm(None, None, 0), Duration::ZERO, "nothing to show yet");
        assert_eq!(
            alarm(Some(secs(60)), None, 0),
            secs(14 * 60),
            "synced a minute ago"
        );
        assert!(
            alarm(Some(secs(86_400)), None, 0) < secs(3),
            "synced yesterday"
        );
        assert_eq!(
            alarm(Some(secs(60)), Some(secs(3000)), 8),
            secs(3000),
            "it had stopped trying"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_calendar_that_fails_in_passing_is_looked_at_sooner_but_not_for_ever() {
        let now = Instant::now();
        let mut standing = Standing::on_demand(now, 0);
        let mut delays = Vec::new();
        for _ in 0..10 {
            standing.succeeded(now, false, true, false, 0.5);
            delays.push(standing.alarm.unwrap() - now);
        }
        assert!(delays[0] <= secs(1), "{delays:?}");
        assert_eq!(delays[9], secs(15 * 60), "{delays:?}");
        standing.succeeded(now, false, false, false, 0.5);
        assert_eq!(standing.partly, 0);
    }
}
