//! The sign-ins that wait for their answer, and the one place where an answer is believed.
//!
//! A pure state machine: a flow goes in once and comes out at most once, to the one callback that
//! carries its state, arrives where it was sent, and is in time.

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::callback::Callback;
use super::flow::{FlowId, PendingFlow};

/// How many sign-ins may wait at once, unless said otherwise. A person has one browser.
const USUAL_LIMIT: usize = 8;

/// Sign-ins that wait for their answer.
#[derive(Debug)]
pub struct PendingFlows {
    flows: Vec<PendingFlow>,
    limit: usize,
}

/// Why an answer is not believed. The same neutral words serve the browser in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackRefused {
    /// It answers no sign-in that waits: never begun, already answered, or made up.
    #[error("this answer belongs to no sign-in that Duet waits for")]
    Unknown,
    /// The sign-in was begun too long ago.
    #[error("this sign-in took longer than ten minutes; start it again")]
    Expired,
    /// It did not arrive where its sign-in was sent.
    #[error("this answer arrived at another address than its sign-in was sent to")]
    OtherRedirect,
}

impl Default for PendingFlows {
    fn default() -> Self {
        Self::new(USUAL_LIMIT)
    }
}

impl PendingFlows {
    /// Room for `limit` flows, at least one.
    pub fn new(limit: usize) -> Self {
        Self {
            flows: Vec::new(),
            limit: limit.max(1),
        }
    }

    /// Lets a flow wait. Where there is no room, the one that waited longest is given up.
    ///
    /// A flow that waits already is not doubled: after a cold start the same one may come from the
    /// keychain twice.
    pub fn insert(&mut self, flow: PendingFlow) {
        if self.flows.iter().any(|waiting| waiting.id == flow.id) {
            return;
        }
        if self.flows.len() >= self.limit {
            self.flows.remove(0);
        }
        self.flows.push(flow);
    }

    /// Gives out the flow that a callback answers, and forgets it, before anything is exchanged.
    ///
    /// The state is compared with every waiting flow's in constant time, so that the time taken
    /// tells neither which flow came close nor how close.
    pub fn take(
        &mut self,
        callback: &Callback,
        now: DateTime<Utc>,
    ) -> Result<PendingFlow, CallbackRefused> {
        let state = callback.state().expose_secret().as_bytes();
        let mut found = Choice::from(0);
        let mut place = 0_u64;
        for (index, flow) in (0_u64..).zip(&self.flows) {
            let same = flow.state.expose_secret().as_bytes().ct_eq(state);
            place.conditional_assign(&index, same);
            found |= same;
        }
        let taken = bool::from(found)
            .then(|| usize::try_from(place).ok())
            .flatten()
            .filter(|place| *place < self.flows.len())
            .map(|place| self.flows.remove(place));
        self.expire(now);
        let flow = taken.ok_or(CallbackRefused::Unknown)?;
        if flow.is_expired(now) {
            return Err(CallbackRefused::Expired);
        }
        if callback.redirect_uri() != flow.redirect_uri {
            return Err(CallbackRefused::OtherRedirect);
        }
        Ok(flow)
    }

    /// Forgets a flow that the person gave up.
    pub fn remove(&mut self, id: &FlowId) -> Option<PendingFlow> {
        let place = self.flows.iter().position(|flow| flow.id == *id)?;
        Some(self.flows.remove(place))
    }

    /// Forgets the flows that took too long, and says which.
    pub fn expire(&mut self, now: DateTime<Utc>) -> Vec<FlowId> {
        let (dead, alive) = std::mem::take(&mut self.flows)
            .into_iter()
            .partition(|flow| flow.is_expired(now));
        self.flows = alive;
        let dead: Vec<PendingFlow> = dead;
        dead.into_iter().map(|flow| flow.id).collect()
    }

    /// The flows that wait, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &PendingFlow> {
        self.flows.iter()
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Does none wait?
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }
}

#[cfg(test)]
mod tests;
