//! The request budget of an account: so many requests in any minute, and no more.
//!
//! It waits, it never refuses: a run that needs 1,000 requests takes its time.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

/// Half of what Google grants a user of one project (GOOGLE.md 7.4), so that the command line beside
/// the window, or a second computer, finds room.
pub const REQUESTS_A_MINUTE: usize = 300;

/// The length of the sliding span.
const SPAN: Duration = Duration::from_secs(60);

/// The budget of one account, shared by everything that sends for it.
///
/// A bucket that refills would let a full bucket and a minute's refill through within one minute,
/// which is twice the budget. Google counts over a sliding minute, so the times of the last requests
/// are kept instead: 300 instants are less than 5 KB.
#[derive(Debug)]
pub struct Budget {
    limit: usize,
    sent: Mutex<VecDeque<Instant>>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(REQUESTS_A_MINUTE)
    }
}

impl Budget {
    /// A budget of `limit` requests in any 60 seconds; at least one.
    pub fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            sent: Mutex::new(VecDeque::new()),
        }
    }

    /// Waits until one more request may leave, and counts it.
    ///
    /// Callers are served in the order in which they came. Dropping the future gives the place up
    /// without counting.
    pub async fn take(&self) {
        // Held while waiting, so that the queue in front of the lock is the queue for the budget.
        let mut sent = self.sent.lock().await;
        loop {
            let now = Instant::now();
            forget_old(&mut sent, now);
            if sent.len() < self.limit {
                sent.push_back(now);
                return;
            }
            // The one that must have aged out before this one fits; later ones matter when
            // `count` went over the limit.
            let blocking = sent[sent.len() - self.limit];
            sleep_until(blocking + SPAN).await;
        }
    }

    /// Counts requests that were sent without asking: the further pages of a listing. Whoever
    /// comes next waits for them.
    pub async fn count(&self, requests: u32) {
        let mut sent = self.sent.lock().await;
        let now = Instant::now();
        sent.extend((0..requests).map(|_| now));
    }
}

fn forget_old(sent: &mut VecDeque<Instant>, now: Instant) {
    while sent
        .front()
        .is_some_and(|at| now.duration_since(*at) >= SPAN)
    {
        sent.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_limit_in_any_minute() {
        let budget = Arc::new(Budget::new(30));
        let begin = Instant::now();
        let mut at = Vec::new();
        for i in 0..200_u32 {
            // An uneven pace, so that the window slides over bursts and pauses.
            if i % 37 == 0 {
                tokio::time::advance(Duration::from_secs(u64::from(i % 50))).await;
            }
            budget.take().await;
            at.push(begin.elapsed());
        }
        for (i, start) in at.iter().enumerate() {
            let within = at[i..].iter().filter(|t| **t < *start + SPAN).count();
            assert!(
                within <= 30,
                "{within} requests within a minute from {start:?}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_free_budget_costs_no_time() {
        let budget = Budget::default();
        let begin = Instant::now();
        for _ in 0..REQUESTS_A_MINUTE {
            budget.take().await;
        }
        assert_eq!(
            begin.elapsed(),
            Duration::ZERO,
            "the first minute's requests are free"
        );
        budget.take().await;
        assert_eq!(
            begin.elapsed(),
            SPAN,
            "the next one waits for the oldest to age out"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn further_pages_are_paid_for_by_who_comes_next() {
        let budget = Budget::new(10);
        let begin = Instant::now();
        budget.count(25).await;
        budget.take().await;
        assert_eq!(begin.elapsed(), SPAN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dropped_wait_is_not_counted() {
        let budget = Arc::new(Budget::new(1));
        budget.take().await;
        let waiting = Arc::clone(&budget);
        let task = tokio::spawn(async move { waiting.take().await });
        tokio::task::yield_now().await;
        task.abort();
        let _ = task.await;
        let begin = Instant::now();
        budget.take().await;
        assert!(begin.elapsed() <= SPAN, "the aborted caller took no place");
    }
}
