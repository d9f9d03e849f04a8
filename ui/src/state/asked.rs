//! One question to the core at a time, and its answer: what is shown while the next one is on its
//! way, and that an answer that was overtaken is dropped.

use std::rc::Rc;

use duet_wire::{Query, WireError};
use yew::Reducible;

use crate::state::shared::Shared;

/// What was asked and what is known.
#[derive(Debug)]
pub(crate) struct Asked<T> {
    /// Names the newest question; answers to older ones are dropped.
    ticket: u32,
    /// The newest question.
    query: Option<Query>,
    /// The question that `answer` is the answer to.
    answered: Option<Query>,
    answer: Option<Shared<T>>,
    failure: Option<WireError>,
    waiting: bool,
}

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self {
            ticket: 0,
            query: None,
            answered: None,
            answer: None,
            failure: None,
            waiting: false,
        }
    }
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        Self {
            ticket: self.ticket,
            query: self.query.clone(),
            answered: self.answered.clone(),
            answer: self.answer.clone(),
            failure: self.failure.clone(),
            waiting: self.waiting,
        }
    }
}

/// What happens to a question.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// It leaves.
    Ask(u32, Query),
    /// Its answer, or why there is none.
    Answer(u32, Result<T, WireError>),
    /// Nothing is asked any more.
    Forget,
}

impl<T> Asked<T> {
    /// The answer that stands there: of the newest question, or until that comes of the one before.
    pub(crate) fn shown(&self) -> Option<&Shared<T>> {
        self.answer.as_ref()
    }

    /// The answer, if it is the one to this very question. What is typed can be ahead of what was
    /// asked.
    pub(crate) fn exact(&self, query: &Query) -> Option<&Shared<T>> {
        self.answer
            .as_ref()
            .filter(|_| self.answered.as_ref() == Some(query))
    }

    /// Why the newest question has no answer.
    pub(crate) fn failure(&self) -> Option<&WireError> {
        self.failure.as_ref()
    }

    /// Is an answer on its way?
    pub(crate) fn waiting(&self) -> bool {
        self.waiting
    }

    fn step(&mut self, step: Step<T>) {
        match step {
            Step::Ask(ticket, query) => {
                // Of the same question again the old failure is as true as the old answer.
                if self.query.as_ref() != Some(&query) {
                    self.failure = None;
                }
                self.ticket = ticket;
                self.query = Some(query);
                self.waiting = true;
            }
            Step::Answer(ticket, _) if ticket != self.ticket || !self.waiting => {}
            Step::Answer(_, answer) => {
                self.waiting = false;
                match answer {
                    Ok(answer) => {
                        self.answer = Some(Shared::new(answer));
                        self.answered = self.query.clone();
                        self.failure = None;
                    }
                    Err(failure) => self.failure = Some(failure),
                }
            }
            Step::Forget => {
                *self = Self {
                    ticket: self.ticket,
                    ..Self::default()
                };
            }
        }
    }
}

impl<T> Reducible for Asked<T> {
    type Action = Step<T>;

    fn reduce(self: Rc<Self>, step: Step<T>) -> Rc<Self> {
        let mut asked = Self::clone(&self);
        asked.step(step);
        Rc::new(asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::ErrorCode;

    fn search(text: &str) -> Query {
        Query::Search {
            text: text.to_owned(),
            limit: 10,
        }
    }

    fn after(steps: impl IntoIterator<Item = Step<u8>>) -> Asked<u8> {
        let mut asked = Asked::default();
        for step in steps {
            asked.step(step);
        }
        asked
    }

    fn refused() -> WireError {
        WireError::new(ErrorCode::Failed, "No.")
    }

    #[test]
    fn an_answer_that_was_overtaken_is_dropped() {
        let asked = after([
            Step::Ask(1, search("s")),
            Step::Ask(2, search("st")),
            Step::Answer(1, Ok(1)),
        ]);
        assert!(
            asked.shown().is_none(),
            "“s” is not what stands in the field"
        );
        assert!(asked.waiting());
        let asked = after([
            Step::Ask(1, search("s")),
            Step::Ask(2, search("st")),
            Step::Answer(2, Ok(2)),
            Step::Answer(1, Ok(1)),
        ]);
        assert_eq!(asked.exact(&search("st")).map(|answer| **answer), Some(2));
        assert!(!asked.waiting());
    }

    #[test]
    fn the_answer_before_stays_until_the_next_but_is_not_taken_for_it() {
        let asked = after([
            Step::Ask(1, search("s")),
            Step::Answer(1, Ok(1)),
            Step::Ask(2, search("st")),
        ]);
        assert_eq!(asked.shown().map(|answer| **answer), Some(1));
        assert!(asked.exact(&search("st")).is_none());
        assert!(asked.exact(&search("s")).is_some());
        let again = after([
            Step::Ask(1, search("s")),
            Step::Answer(1, Ok(1)),
            Step::Ask(2, search("s")),
        ]);
        assert!(
            again.exact(&search("s")).is_some(),
            "the same question again, because something changed"
        );
    }

    #[test]
    fn a_failure_is_of_its_own_question_only() {
        let asked = after([
            Step::Ask(1, search("s")),
            Step::Answer(1, Ok(1)),
            Step::Ask(2, search("st")),
            Step::Answer(2, Err(refused())),
        ]);
        assert_eq!(asked.failure(), Some(&refused()));
        assert!(asked.exact(&search("st")).is_none());
        let mut next = asked;
        next.step(Step::Ask(3, search("sta")));
        assert_eq!(next.failure(), None);
    }

    #[test]
    fn what_was_forgotten_does_not_come_back() {
        let asked = after([
            Step::Ask(1, search("s")),
            Step::Forget,
            Step::Answer(1, Ok(1)),
        ]);
        assert!(asked.shown().is_none() && !asked.waiting());
    }
}
