//! Everything one sandbox knows, behind one lock. Owns no behaviour beyond putting it together.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::TimeDelta;
use tokio::sync::Notify;

use crate::{
    clock::Clock,
    control::Mail,
    faults::Faults,
    grants::Grants,
    log::Log,
    oauth::{ConsentPlan, Pending},
    replay::Replays,
    server::Options,
    world::World,
};

/// The state of a sandbox.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) grants: Grants,
    pub(crate) consent: ConsentPlan,
    pub(crate) pending_consents: BTreeMap<String, Pending>,
    pub(crate) next_consent: u64,
    pub(crate) faults: Faults,
    pub(crate) log: Log,
    pub(crate) mails: Vec<Mail>,
    /// Every event that an insert has made: its calendar and its id.
    pub(crate) creates: Vec<(String, String)>,
    pub(crate) in_flight: usize,
    pub(crate) replays: Replays,
}

/// The state and what waits for it to change.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    /// Rung after every request and every change by a test.
    pub(crate) changed: Notify,
    pub(crate) started: Instant,
}

impl Shared {
    pub(crate) fn new(world: World, options: &Options) -> Shared {
        let lifetime = TimeDelta::from_std(options.access_token_lifetime)
            .unwrap_or_else(|_| TimeDelta::seconds(3599));
        let state = State {
            clock: Clock::starting_at(options.clock.unwrap_or_else(|| world.start())),
            grants: Grants::new(
                options.seed,
                &options.token_prefix,
                options.durable_grants,
                lifetime,
            ),
            consent: ConsentPlan {
                auto: options.auto_consent,
                ..ConsentPlan::default()
            },
            pending_consents: BTreeMap::new(),
            next_consent: 1,
            faults: Faults::default(),
            log: Log::default(),
            mails: Vec::new(),
            creates: Vec::new(),
            in_flight: 0,
            replays: Replays::new(options.replay),
            world,
        };
        Shared {
            state: Mutex::new(state),
            changed: Notify::new(),
            started: Instant::now(),
        }
    }

    /// A panic in one request must not take the whole server with it, so a poisoned lock is used on.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
