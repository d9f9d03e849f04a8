//! Answers kept and given again, for measuring: what a client costs is to be seen, not what the
//! making of fifty thousand events as JSON costs. Owns which answers may be kept; a change of the
//! world forgets them all. The clock does not, so this is for runs of minutes.

use std::collections::BTreeMap;

use crate::{
    faults::Plan,
    http::{Incoming, Reply},
    route::Endpoint,
    state::State,
};

/// The answers kept so far, by what was asked and by whom, compressed where that was asked for.
#[derive(Debug, Default)]
pub(crate) struct Replays {
    on: bool,
    /// Grows with every change, so that an answer made before one is not kept after it.
    edition: u64,
    kept: BTreeMap<String, Reply>,
}

/// What an answer may be kept under.
#[derive(Debug)]
pub(crate) struct Key {
    edition: u64,
    text: String,
}

impl Replays {
    pub(crate) fn new(on: bool) -> Replays {
        Replays {
            on,
            edition: 0,
            kept: BTreeMap::new(),
        }
    }

    pub(crate) fn forget(&mut self) {
        self.edition += 1;
        self.kept.clear();
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Reply> {
        self.kept.get(&key.text).cloned()
    }

    pub(crate) fn keep(&mut self, key: Key, reply: &Reply) {
        if reply.status == 200 && key.edition == self.edition {
            self.kept.insert(key.text, reply.clone());
        }
    }
}

/// What the answer to a request may be kept under; None where it has to be made. A token is judged anew each time.
pub(crate) fn key(
    state: &State,
    request: &Incoming,
    endpoint: Endpoint,
    plan: &Plan,
) -> Option<Key> {
    let reads = matches!(
        endpoint,
        Endpoint::CalendarList | Endpoint::Events | Endpoint::FreeBusy
    );
    if !(state.replays.on && reads && plan.kind.is_none()) {
        return None;
    }
    let grant = state.grants.check(state.clock.now(), request.bearer()?)?;
    let text = format!(
        "{} {:?} {} {} {} {} {}",
        grant.account,
        grant.scopes,
        request.wants_gzip(),
        request.method,
        request.path,
        request.raw_query,
        String::from_utf8_lossy(&request.body),
    );
    Some(Key {
        edition: state.replays.edition,
        text,
    })
}
