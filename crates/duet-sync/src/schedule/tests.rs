//! The numbers of the schedule, as tables.

use super::*;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The longest wait is drawn just below 1.
const MOST: f64 = 1.0 - f64::EPSILON;

#[test]
fn bursts_grow_to_their_cap_and_then_become_rare() {
    let slow = Remedy::SlowDown { at_least: None };
    let again = Remedy::TryAgain { at_least: None };
    let quarter_more = |middle: u64| middle * 5 / 4;
    let cases = [
        // (remedy, attempts, longest wait in seconds)
        (slow, 1, 1),
        (slow, 2, 2),
        (slow, 5, 16),
        (slow, 7, 64),
        (slow, 8, quarter_more(3600)),
        (slow, 99, quarter_more(3600)),
        (again, 1, 1),
        (again, 4, 8),
        (again, 5, quarter_more(900)),
        (again, 7, quarter_more(900)),
        (again, 8, quarter_more(3600)),
        (Remedy::Probe, 1, 1),
        (Remedy::Probe, 7, 64),
        (Remedy::Probe, 10, 64),
        (Remedy::Probe, 11, quarter_more(300)),
    ];
    for (remedy, attempts, longest) in cases {
        let wait = wait_after(remedy, attempts, MOST).unwrap();
        let off = wait.abs_diff(secs(longest));
        assert!(
            off < SECOND,
            "{remedy:?} after {attempts}: {wait:?} instead of {longest} s"
        );
    }
}

#[test]
fn what_google_asks_for_is_honoured_and_spread() {
    for remedy in [
        Remedy::SlowDown {
            at_least: Some(secs(100)),
        },
        Remedy::TryAgain {
            at_least: Some(secs(100)),
        },
    ] {
        for attempts in 1..10 {
            let wait = wait_after(remedy, attempts, 0.0).unwrap();
            assert!(
                wait >= secs(100),
                "{remedy:?}, attempt {attempts}: {wait:?}"
            );
        }
        assert!(
            wait_after(remedy, 1, MOST).unwrap() > secs(105),
            "not all in the same second"
        );
    }
    assert!(wait_after(Remedy::Rest(secs(3600)), 1, 0.0).unwrap() >= secs(3600));
}

#[test]
fn what_no_time_can_mend_is_not_timed() {
    for remedy in [Remedy::Person, Remedy::Keychain, Remedy::Reconnect] {
        assert_eq!(wait_after(remedy, 1, 0.5), None, "{remedy:?}");
    }
}

#[test]
fn it_stops_and_says_so_after_eight_tries() {
    let again = Remedy::TryAgain { at_least: None };
    assert!(!has_stopped(again, STOP_AFTER - 1));
    assert!(has_stopped(again, STOP_AFTER));
    assert!(
        !has_stopped(Remedy::Probe, 100),
        "being offline is no failure"
    );
}

/// TRUST F8: five minutes of "fewer requests, please" cost at most twelve tries.
#[test]
fn five_minutes_of_rate_limits_are_few_tries() {
    for unit in [0.0, 0.1, 0.5, MOST] {
        let (mut at, mut tries) = (Duration::ZERO, 0);
        while at < secs(300) {
            tries += 1;
            at += wait_after(Remedy::SlowDown { at_least: None }, tries, unit).unwrap();
        }
        assert!(tries <= 12, "{tries} tries with jitter {unit}");
    }
}

#[test]
fn whoever_waits_gets_a_few_short_tries() {
    let again = |at_least: Option<u64>| Remedy::TryAgain {
        at_least: at_least.map(secs),
    };
    let slow = |at_least: Option<u64>| Remedy::SlowDown {
        at_least: at_least.map(secs),
    };
    let cases = [
        // (remedy, failed tries, seconds spent, is there another)
        (again(None), 1, 0, true),
        (again(None), 3, 5, true),
        (again(None), 4, 5, false),
        (again(None), 1, 60, false),
        (again(Some(8)), 1, 0, true),
        (again(Some(11)), 1, 0, false),
        (slow(Some(600)), 1, 0, false),
        (slow(None), 2, 1, true),
        (Remedy::Probe, 1, 0, false),
        (Remedy::Rest(SECOND), 1, 0, false),
        (Remedy::Person, 1, 0, false),
        (Remedy::Keychain, 1, 0, false),
        (Remedy::Reconnect, 1, 0, false),
    ];
    for (remedy, tries, spent, expect) in cases {
        for unit in [0.0, MOST] {
            let wait = once_more(remedy, tries, secs(spent), unit);
            assert_eq!(
                wait.is_some(),
                expect,
                "{remedy:?}, {tries} tries, {spent} s"
            );
            assert!(wait.is_none_or(|wait| (LEAST..=secs(10)).contains(&wait)));
        }
    }
}

#[test]
fn the_cadence_follows_attention_and_change() {
    let cases = [
        // (focused, minutes of quiet, expected middle in minutes)
        (true, 0, 2),
        (true, 29, 2),
        (true, 30, 5),
        (true, 10_000, 5),
        (false, 0, 15),
        (false, 179, 15),
        (false, 180, 30),
        (false, 10_000, 30),
    ];
    for (focused, quiet, minutes) in cases {
        let next = |unit| cadence(focused, secs(quiet * 60), unit);
        assert_eq!(
            next(0.5),
            secs(minutes * 60),
            "focused {focused}, quiet {quiet}"
        );
        assert_eq!(next(0.0), secs(minutes * 45), "a quarter less at least");
        assert!(next(MOST) <= secs(minutes * 75), "a quarter more at most");
    }
}

#[test]
fn who_may_start_a_sync_when() {
    use Hold::*;
    use Nudge::*;
    let long = Some(secs(600));
    let just = Some(secs(1));
    let cases = [
        // (nudge, hold, paused, since, expected)
        (Timer, Free, false, long, true),
        (Timer, Waiting, false, just, true),
        (Timer, Asked, false, just, true),
        (Focus, Free, false, long, true),
        (Focus, Free, false, just, false),
        (Focus, Free, false, None, true),
        (Focus, Waiting, false, just, false),
        (Focus, Offline, false, Some(secs(6)), true),
        (Resume, Free, false, long, true),
        (Resume, Waiting, false, long, true),
        (NetworkUp, Offline, false, long, true),
        (NetworkUp, Free, false, just, false),
        (User, Free, false, just, true),
        (User, Waiting, false, just, true),
        (User, Offline, false, just, true),
        (User, Asked, false, long, false),
        (User, Resting, false, just, true),
        (Timer, Resting, false, just, true),
        (Focus, Resting, false, long, false),
        (NetworkUp, Resting, false, long, false),
        (User, Person, false, just, true),
        (User, Keychain, false, just, true),
        (User, Revoked, false, long, false),
        (Selection, Free, false, just, true),
        (Selection, Asked, false, just, false),
        (Selection, Keychain, false, just, false),
        (Focus, Person, false, long, false),
        (Timer, Person, false, long, false),
        (Timer, Keychain, false, long, false),
        (Resume, Revoked, false, long, false),
        (Timer, Revoked, false, long, false),
        (Connected, Revoked, false, just, true),
        (Connected, Asked, false, just, true),
        (Connected, Keychain, true, just, true),
        (Timer, Free, true, long, false),
        (Focus, Free, true, long, false),
        (NetworkUp, Offline, true, long, false),
        (User, Free, true, just, true),
        (Selection, Free, true, just, true),
    ];
    for (nudge, hold, paused, since, expect) in cases {
        assert_eq!(
            admits(nudge, hold, paused, since),
            expect,
            "{nudge:?}, {hold:?}, paused {paused}, since {since:?}"
        );
    }
}

#[test]
fn each_nudge_has_its_own_bit() {
    let all = Nudge::ALL.iter().fold(0_u8, |set, nudge| {
        assert_eq!(set & nudge.bit(), 0, "{nudge:?} shares a bit");
        set | nudge.bit()
    });
    assert_eq!(all.count_ones() as usize, Nudge::ALL.len());
}

proptest! {
    /// Whatever happens: no wait of nothing, none longer than it may be, none that overflows.
    #[test]
    fn waits_stay_within_bounds(attempts in 0_u32.., unit in 0.0_f64..1.0, asked in proptest::option::of(0_u64..86_400)) {
        let at_least = asked.map(secs);
        for remedy in [Remedy::Probe, Remedy::SlowDown { at_least }, Remedy::TryAgain { at_least }] {
            let wait = wait_after(remedy, attempts, unit).unwrap();
            prop_assert!(wait >= LEAST);
            prop_assert!(wait <= secs(86_400 + 8_640).max(secs(4_500)));
        }
    }
}
