//! The sandbox's clock: a settable instant that advances in real time. Owns no timers.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// Starts at a given instant and runs on with the machine's monotonic clock, so that tokens age as
/// they would at Google while the day stays the one the test wrote down.
#[derive(Debug)]
pub(crate) struct Clock {
    base: DateTime<Utc>,
    since: Instant,
}

impl Clock {
    pub(crate) fn starting_at(base: DateTime<Utc>) -> Clock {
        Clock {
            base,
            since: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.since.elapsed()).unwrap_or(TimeDelta::zero());
        self.base + passed
    }

    pub(crate) fn set(&mut self, now: DateTime<Utc>) {
        *self = Clock::starting_at(now);
    }

    pub(crate) fn advance(&mut self, by: TimeDelta) {
        self.base += by;
    }
}
