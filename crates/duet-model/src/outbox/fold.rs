//! How a new change and what still waits of the same event become one.

use super::{Deed, NewOp, Op, OpId};
use crate::duet_event::Content;

/// What becomes of a new change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fold {
    /// It waits behind the others.
    Append(NewOp),
    /// It takes the place of one that waits.
    Replace(OpId, NewOp),
    /// It and these come to nothing: Google has seen none of them.
    Cancel(Vec<OpId>),
}

/// Folds a change into what waits of the same event, in the order of sending. `base` is what Google is
/// known to have of it.
///
/// Only what was never sent is touched: of anything else nobody knows whether it was carried out, and
/// the change goes behind it. An operation that is stuck is stated anew instead, since it would be sent
/// again in any case; but what may stand in one calendar is not looked for in another.
pub fn fold(waiting: &[Op], new: NewOp, base: Option<&Content>) -> Fold {
    let Some(last) = waiting.last() else {
        return if changes_nothing(&new, base) {
            Fold::Cancel(Vec::new())
        } else {
            Fold::Append(new)
        };
    };
    if last.sent && last.stuck.is_none() {
        return Fold::Append(new);
    }
    let first = waiting.len() == 1;
    match (&last.what.deed, &new.deed) {
        (Deed::Insert { .. }, Deed::Update { content }) => {
            let deed = Deed::Insert {
                content: content.clone(),
            };
            replace(last, NewOp { deed, ..new })
        }
        (Deed::Insert { .. }, Deed::Move { to }) if !last.sent => {
            let what = NewOp {
                calendar: *to,
                not_before: new.not_before,
                ..last.what.clone()
            };
            Fold::Replace(last.id, what)
        }
        (Deed::Insert { .. }, Deed::Delete { .. }) if !last.sent => Fold::Cancel(vec![last.id]),
        (Deed::Update { .. }, Deed::Update { .. }) if first && changes_nothing(&new, base) => {
            Fold::Cancel(vec![last.id])
        }
        (Deed::Update { .. }, Deed::Update { .. }) => replace(last, new),
        // Nobody needs to hear first of a change and then that there is nothing left.
        (Deed::Insert { .. } | Deed::Update { .. } | Deed::Delete { .. }, Deed::Delete { .. })
        | (Deed::Respond { .. }, Deed::Respond { .. }) => Fold::Replace(last.id, new),
        (Deed::Move { .. }, Deed::Move { to }) if *to == last.what.calendar => {
            Fold::Cancel(vec![last.id])
        }
        (Deed::Move { .. }, Deed::Move { .. }) => {
            let calendar = last.what.calendar;
            Fold::Replace(last.id, NewOp { calendar, ..new })
        }
        // What was deleted and is wanted again: as if nothing had been asked for.
        (Deed::Delete { .. }, Deed::Update { .. }) if changes_nothing(&new, base) => {
            Fold::Cancel(vec![last.id])
        }
        (Deed::Delete { .. }, Deed::Update { .. }) => Fold::Replace(last.id, new),
        _ => Fold::Append(new),
    }
}

/// The new one in the place of the old. Whoever was to hear of the old one still is: it is part of
/// the new one now.
fn replace(old: &Op, new: NewOp) -> Fold {
    let notify = old.what.notify.max(new.notify);
    Fold::Replace(old.id, NewOp { notify, ..new })
}

fn changes_nothing(new: &NewOp, base: Option<&Content>) -> bool {
    match (&new.deed, base) {
        (Deed::Update { content }, Some(base)) => content.differs(base).is_empty(),
        _ => false,
    }
}
