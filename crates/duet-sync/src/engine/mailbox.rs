//! What waits for an account's actor: nudges, which fall together, and orders, which are answered.

use std::sync::{Mutex, PoisonError};

use duet_wire::status::AccountReport;
use tokio::sync::{Notify, oneshot};

use crate::schedule::Nudge;

/// A sync that somebody waits for.
pub(super) struct Order {
    pub(super) full: bool,
    /// Send what waits, and look for nothing.
    pub(super) push_only: bool,
    pub(super) reply: oneshot::Sender<AccountReport>,
}

/// What has come since the last look.
#[derive(Default)]
pub(super) struct Mail {
    nudges: u8,
    pub(super) orders: Vec<Order>,
}

impl Mail {
    pub(super) fn of(nudge: Nudge) -> Self {
        Self {
            nudges: nudge.bit(),
            orders: Vec::new(),
        }
    }

    pub(super) fn nudges(&self) -> impl Iterator<Item = Nudge> {
        let set = self.nudges;
        Nudge::ALL
            .into_iter()
            .filter(move |nudge| set & nudge.bit() != 0)
    }

    pub(super) fn has(&self, nudge: Nudge) -> bool {
        self.nudges & nudge.bit() != 0
    }

    /// Is this all that came?
    pub(super) fn is_only(&self, nudge: Nudge) -> bool {
        self.nudges == nudge.bit() && self.orders.is_empty()
    }

    fn is_empty(&self) -> bool {
        self.nudges == 0 && self.orders.is_empty()
    }
}

/// The place where mail waits.
///
/// A channel of length one would drop a person's "Sync now" behind a passing focus; a longer one would
/// run a sync for each of a hundred nudges. A set of kinds does neither: any number of nudges is one
/// wake-up, and no kind is lost.
#[derive(Default)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    bell: Notify,
}

impl Mailbox {
    pub(super) fn nudge(&self, nudge: Nudge) {
        self.mail
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .nudges |= nudge.bit();
        self.bell.notify_one();
    }

    pub(super) fn order(&self, order: Order) {
        self.mail
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .orders
            .push(order);
        self.bell.notify_one();
    }

    /// Waits until there is mail and takes all of it. Dropping the future takes nothing.
    pub(super) async fn next(&self) -> Mail {
        loop {
            let mail = self.take();
            if !mail.is_empty() {
                return mail;
            }
            self.bell.notified().await;
        }
    }

    /// Is nothing waiting?
    pub(super) fn is_empty(&self) -> bool {
        self.mail
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }

    /// Is a nudge of this kind waiting?
    pub(super) fn peek(&self, nudge: Nudge) -> bool {
        self.mail
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .has(nudge)
    }

    /// What is there now.
    pub(super) fn take(&self) -> Mail {
        std::mem::take(&mut *self.mail.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hundred_nudges_are_one_wake_up_and_no_kind_is_lost() {
        let mailbox = Mailbox::default();
        for _ in 0..100 {
            mailbox.nudge(Nudge::Focus);
        }
        mailbox.nudge(Nudge::User);
        let mail = mailbox.next().await;
        assert_eq!(
            mail.nudges().collect::<Vec<_>>(),
            [Nudge::Focus, Nudge::User]
        );
        assert!(mailbox.take().is_empty());
    }

    #[tokio::test]
    async fn mail_that_came_before_the_wait_is_seen() {
        let mailbox = Mailbox::default();
        mailbox.nudge(Nudge::Timer);
        drop(mailbox.next());
        assert!(mailbox.next().await.has(Nudge::Timer));
    }
}
