//! The invitations that wait for an answer, kept up with the core.

use duet_wire::WireError;
use duet_wire::invitation::InvitationView;

use crate::state::shared::Shared;

/// What is known of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Invitations {
    list: Option<Shared<Vec<InvitationView>>>,
    failure: Option<WireError>,
    /// Is a request under way?
    asked: bool,
    /// Is what is known, or is under way, no longer all?
    outdated: bool,
}

impl Invitations {
    /// By start; nothing until the core has said it.
    pub(crate) fn list(&self) -> &[InvitationView] {
        self.list.as_ref().map_or(&[], |list| list.as_slice())
    }

    /// Has the core said which there are?
    pub(crate) fn known(&self) -> bool {
        self.list.is_some()
    }

    /// Why the newest could not be read.
    pub(crate) fn failure(&self) -> Option<&WireError> {
        self.failure.as_ref()
    }

    /// Is there something to ask?
    pub(crate) fn wanted(&self) -> bool {
        let never = self.list.is_none() && self.failure.is_none();
        !self.asked && (self.outdated || never)
    }

    /// A request leaves.
    pub(crate) fn started(&mut self) {
        self.asked = true;
        self.outdated = false;
    }

    /// Its answer. After a failure the old list stays: it is better than none.
    pub(crate) fn arrived(&mut self, answer: Result<Vec<InvitationView>, WireError>) {
        self.asked = false;
        match answer {
            Ok(list) => {
                self.list = Some(Shared::new(list));
                self.failure = None;
            }
            Err(error) => self.failure = Some(error),
        }
    }

    /// Something changed that may concern them.
    pub(crate) fn outdate(&mut self) {
        self.outdated = true;
    }
}

#[cfg(test)]
mod tests {
    use duet_wire::ErrorCode;

    use super::*;

    #[test]
    fn they_are_asked_for_once_and_again_when_something_changed() {
        let mut it = Invitations::default();
        assert!(it.wanted() && !it.known());
        it.started();
        assert!(!it.wanted(), "one request at a time");
        it.outdate();
        it.arrived(Ok(Vec::new()));
        assert!(it.wanted(), "it changed while it was asked for");
        it.started();
        it.arrived(Ok(Vec::new()));
        assert!(!it.wanted() && it.known());
    }

    #[test]
    fn a_failure_is_told_and_not_asked_again_by_itself() {
        let mut it = Invitations::default();
        it.started();
        it.arrived(Err(WireError::new(ErrorCode::Failed, "The disk is full.")));
        assert!(!it.wanted() && it.failure().is_some());
        it.outdate();
        assert!(it.wanted());
    }
}
