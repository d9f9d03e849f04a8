//! What the engine is doing, for everyone who shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use duet_model::account::AccountId;
use duet_wire::accounts::Progress;
use tokio::sync::watch;

use crate::host::Listener;

/// How syncing stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineState {
    /// The accounts that are being synced, and how far they are.
    pub syncing: BTreeMap<AccountId, Progress>,
    /// The accounts whose last try did not reach Google.
    pub unreached: BTreeSet<AccountId>,
    /// When each account is due next; none where only a person or the keychain brings it on.
    pub due: BTreeMap<AccountId, DateTime<Utc>>,
    /// Another Duet process is syncing, and somebody here waits for it.
    pub waiting: bool,
    /// The keychain is closed, and syncing waits for it.
    pub keychain_closed: bool,
}

impl EngineState {
    /// Is the network away?
    pub fn is_offline(&self) -> bool {
        !self.unreached.is_empty()
    }

    /// When the next sync of any account is due.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.due.values().min().copied()
    }
}

/// Where the state is written, by the engine's tasks alone.
pub(super) struct StateBoard {
    sender: watch::Sender<EngineState>,
    listener: Arc<dyn Listener>,
}

impl StateBoard {
    pub(super) fn new(listener: Arc<dyn Listener>) -> (Self, watch::Receiver<EngineState>) {
        let (sender, receiver) = watch::channel(EngineState::default());
        (Self { sender, listener }, receiver)
    }

    pub(super) fn started(&self, account: AccountId) {
        self.change(|state| {
            state.syncing.insert(account, Progress::default());
        });
    }

    pub(super) fn progressed(&self, account: AccountId, progress: Progress) {
        // Only for a run that is shown: the last report of one that was dropped must not revive it.
        let changed = self
            .sender
            .send_if_modified(|state| match state.syncing.get_mut(&account) {
                Some(shown) if *shown != progress => {
                    *shown = progress;
                    true
                }
                _ => false,
            });
        if changed {
            self.listener.on_progress(account, progress);
        }
    }

    pub(super) fn ended(&self, account: AccountId) {
        self.change(|state| {
            state.syncing.remove(&account);
        });
    }

    pub(super) fn set_reached(&self, account: AccountId, reached: bool) {
        self.change(|state| {
            if reached {
                state.unreached.remove(&account);
            } else {
                state.unreached.insert(account);
            }
        });
    }

    pub(super) fn set_due(&self, account: AccountId, due: Option<DateTime<Utc>>) {
        self.change(|state| {
            match due {
                Some(due) => state.due.insert(account, due),
                None => state.due.remove(&account),
            };
        });
    }

    pub(super) fn set_waiting(&self, waiting: bool) {
        self.change(|state| state.waiting = waiting);
    }

    pub(super) fn set_keychain_closed(&self, closed: bool) {
        self.change(|state| state.keychain_closed = closed);
    }

    /// The account is no longer looked after.
    pub(super) fn gone(&self, account: AccountId) {
        self.change(|state| {
            state.syncing.remove(&account);
            state.unreached.remove(&account);
            state.due.remove(&account);
        });
    }

    pub(super) fn is_offline(&self) -> bool {
        self.sender.borrow().is_offline()
    }

    fn change(&self, change: impl FnOnce(&mut EngineState)) {
        let changed = self.sender.send_if_modified(|state| {
            let before = state.clone();
            change(state);
            *state != before
        });
        if changed {
            self.listener.on_state();
        }
    }
}
