//! When to look for news and how long to wait after a failure: numbers and tables, no waiting.
//!
//! Everything is pure. Chance comes in as `unit`, a number from 0 up to 1; times come in as spans
//! of the monotonic clock, so that a wall clock that jumps moves nothing.

use std::time::Duration;

/// Why a sync may be due. Everything that wants one only nudges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nudge {
    /// The planned time came, or somebody who cannot know better asks in passing.
    Timer,
    /// The window came to the front.
    Focus,
    /// The computer woke up.
    Resume,
    /// The network is back.
    NetworkUp,
    /// A person pressed "Sync now".
    User,
    /// A calendar was switched on or off, or the window of days changed.
    Selection,
    /// An account was connected, or reconnected.
    Connected,
    /// Something is to be written to Google.
    Outbox,
}

impl Nudge {
    /// All of them, in the order of [`Self::bit`].
    pub const ALL: [Self; 8] = [
        Self::Timer,
        Self::Focus,
        Self::Resume,
        Self::NetworkUp,
        Self::User,
        Self::Selection,
        Self::Connected,
        Self::Outbox,
    ];

    /// Its bit in a set of nudges.
    pub fn bit(self) -> u8 {
        1 << self as u8
    }

    /// Does a person stand behind it, who waits for the result?
    pub fn is_by_hand(self) -> bool {
        matches!(self, Self::User | Self::Selection | Self::Connected)
    }
}

/// What a failure calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// The network is away: probe, and go on at once when it is back.
    Probe,
    /// Too many requests: grow the waits, at least what Google asks for.
    SlowDown {
        /// What Google asks for, if it does.
        at_least: Option<Duration>,
    },
    /// A fault that passes: try again soon, then rarely, then show that it stopped.
    TryAgain {
        /// What Google asks for, if it does.
        at_least: Option<Duration>,
    },
    /// A quota: nothing before this is over.
    Rest(Duration),
    /// Only a person can change it: a missing permission, no calendar at all.
    Person,
    /// Only the keychain's opening changes it.
    Keychain,
    /// Only a new consent changes it.
    Reconnect,
}

impl Remedy {
    /// How long Google asked to be left alone, if it did.
    pub fn asked(self) -> Option<Duration> {
        match self {
            Self::SlowDown { at_least } | Self::TryAgain { at_least } => at_least,
            _ => None,
        }
    }
}

/// The tries in a row after which Duet stops trying by itself, but for one each hour.
pub const STOP_AFTER: u32 = 8;

/// The longest wait within a burst.
const BURST_CAP: Duration = Duration::from_secs(64);
/// The waits of a burst: 1, 2, 4 … 64 seconds at most.
const BURST: u32 = 7;
/// Faults of Google's own: after this many in a row one probe at a time (TRUST F13).
const CIRCUIT: u32 = 5;
/// The network being away is no fault and costs nothing, so the burst is longer.
const PROBES: u32 = 10;
const AFTER_BURST: Duration = Duration::from_secs(15 * 60);
const AFTER_PROBES: Duration = Duration::from_secs(5 * 60);
const AFTER_STOP: Duration = Duration::from_secs(60 * 60);
/// Full jitter may draw nothing at all; a try that follows at once is no better than a loop.
const LEAST: Duration = Duration::from_millis(250);

/// How often an open keychain is looked for while it is closed.
pub const KEYCHAIN_LOOK: Duration = Duration::from_secs(60);
/// How often a route to the network is looked for while there is none.
pub const ROUTE_LOOK: Duration = Duration::from_secs(3);

/// How long until the next try after a failure; `None` means that no time brings it.
///
/// `attempts` counts the failures in a row including this one, from 1. Full jitter within bursts,
/// a quarter either way beyond (GOOGLE.md 7.3).
pub fn wait_after(remedy: Remedy, attempts: u32, unit: f64) -> Option<Duration> {
    let attempts = attempts.max(1);
    match remedy {
        Remedy::Probe if attempts <= PROBES => Some(burst(attempts, unit)),
        Remedy::Probe => Some(quarter_around(AFTER_PROBES, unit)),
        Remedy::SlowDown { at_least } => Some(retry(attempts, BURST + 1, at_least, unit)),
        Remedy::TryAgain { at_least } => Some(retry(attempts, CIRCUIT, at_least, unit)),
        Remedy::Rest(rest) => Some(rest + rest.mul_f64(unit / 4.0)),
        Remedy::Person | Remedy::Keychain | Remedy::Reconnect => None,
    }
}

/// The tries after the first that somebody who waits is worth.
pub const TRIES_BY_HAND: u32 = 3;
/// The longest wait between them; whoever is asked to wait longer is told so instead.
const PATIENCE_BY_HAND: Duration = Duration::from_secs(10);
/// How long all of it may take until the last of them begins.
const WHOLE_BY_HAND: Duration = Duration::from_secs(30);

/// How long until the next try of a sync that somebody waits for; `None` where waiting longer is not
/// worth it. `tries` counts the failed ones, from 1; `spent` is the time since the first began.
pub fn once_more(remedy: Remedy, tries: u32, spent: Duration, unit: f64) -> Option<Duration> {
    let passes = matches!(remedy, Remedy::SlowDown { .. } | Remedy::TryAgain { .. });
    wait_after(remedy, tries, unit).filter(|wait| {
        passes
            && tries <= TRIES_BY_HAND
            && *wait <= PATIENCE_BY_HAND
            && spent + *wait <= WHOLE_BY_HAND
    })
}

/// Has Duet stopped trying by itself, but for one look each hour?
pub fn has_stopped(remedy: Remedy, attempts: u32) -> bool {
    matches!(remedy, Remedy::SlowDown { .. } | Remedy::TryAgain { .. }) && attempts >= STOP_AFTER
}

fn retry(attempts: u32, rare_from: u32, at_least: Option<Duration>, unit: f64) -> Duration {
    let own = match attempts {
        STOP_AFTER.. => quarter_around(AFTER_STOP, unit),
        _ if attempts >= rare_from => quarter_around(AFTER_BURST, unit),
        _ => burst(attempts, unit),
    };
    match at_least {
        // Everyone who was told the same second would come back in the same second.
        Some(asked) => own.max(asked + asked.mul_f64(unit / 10.0)),
        None => own,
    }
}

fn burst(attempts: u32, unit: f64) -> Duration {
    let cap = Duration::from_secs(1 << (attempts - 1).min(6)).min(BURST_CAP);
    cap.mul_f64(unit).max(LEAST)
}

fn quarter_around(middle: Duration, unit: f64) -> Duration {
    middle.mul_f64(0.75 + unit / 2.0)
}

/// How long until the next look while all is well.
///
/// `quiet` is how long nothing has changed at Google. All Duets share one quota (GOOGLE.md 7.4), so
/// nobody asks more often than a person could notice.
pub fn cadence(focused: bool, quiet: Duration, unit: f64) -> Duration {
    const MINUTE: u64 = 60;
    let minutes = match (focused, quiet.as_secs() / MINUTE) {
        (true, 0..30) => 2,
        (true, _) => 5,
        (false, 0..180) => 15,
        (false, _) => 30,
    };
    quarter_around(Duration::from_secs(minutes * MINUTE), unit)
}

/// What keeps an account from being synced whenever someone likes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Nothing; the last sync worked, or there was none.
    Free,
    /// It failed and waits for the next try.
    Waiting,
    /// The network is away.
    Offline,
    /// Google asked to wait, and the time is not over.
    Asked,
    /// A quota or a lasting refusal: nothing happens in passing.
    Resting,
    /// Only a person can change it.
    Person,
    /// The keychain is closed.
    Keychain,
    /// The key was withdrawn.
    Revoked,
}

impl Hold {
    /// What follows from a failure's remedy.
    pub fn after(remedy: Remedy) -> Self {
        match remedy {
            Remedy::Probe => Self::Offline,
            Remedy::SlowDown { at_least: Some(_) } | Remedy::TryAgain { at_least: Some(_) } => {
                Self::Asked
            }
            Remedy::Rest(_) => Self::Resting,
            Remedy::SlowDown { at_least: None } | Remedy::TryAgain { at_least: None } => {
                Self::Waiting
            }
            Remedy::Person => Self::Person,
            Remedy::Keychain => Self::Keychain,
            Remedy::Reconnect => Self::Revoked,
        }
    }
}

/// Coming back to the window again and again is no reason to ask again and again.
const BETWEEN_FOCUSES: Duration = Duration::from_secs(60);
/// Networks flap; each flap is one nudge.
const BETWEEN_NETWORKS: Duration = Duration::from_secs(5);

/// Does this nudge lead to a sync now? `since` is the time since the last one ended.
///
/// [`Nudge::Timer`] stands for the planned time having come, which the caller watches over: where
/// something is on hold, the plan has already taken it into account.
pub fn admits(nudge: Nudge, hold: Hold, paused: bool, since: Option<Duration>) -> bool {
    let at_least = |span| since.is_none_or(|since| since >= span);
    match (hold, nudge) {
        // A new consent ends whatever there was.
        (_, Nudge::Connected) => true,
        (Hold::Revoked, _) => false,
        _ if paused && !nudge.is_by_hand() => false,
        // Not even a person: Google counts the request, and would only ask for more patience.
        (Hold::Asked, _) => nudge == Nudge::Timer,
        (Hold::Person | Hold::Keychain, _) => nudge == Nudge::User,
        (Hold::Resting, _) => matches!(nudge, Nudge::Timer | Nudge::User),
        (_, Nudge::User | Nudge::Selection | Nudge::Timer) => true,
        // What failed is tried again as planned; a change more is no reason to ask at once.
        (hold, Nudge::Outbox) => hold == Hold::Free,
        (_, Nudge::NetworkUp) => at_least(BETWEEN_NETWORKS),
        (Hold::Offline, Nudge::Resume | Nudge::Focus) => at_least(BETWEEN_NETWORKS),
        (Hold::Free | Hold::Waiting, Nudge::Resume | Nudge::Focus) => at_least(BETWEEN_FOCUSES),
    }
}

#[cfg(test)]
mod tests;
