//! Which operation is sent next. Pure.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use duet_model::outbox::{Op, OpId};

/// What can be done about an outbox now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Due {
    /// To be sent, in this order; no two of one thread.
    pub(crate) now: Vec<OpId>,
    /// When the next one may be sent by itself.
    pub(crate) next: Option<DateTime<Utc>>,
}

/// Looks through what waits, which is in the order of sending. Only the first of a thread is ever sent:
/// where it waits, or is stuck, all behind it wait as well (TRUST I8).
pub(crate) fn due(ops: &[Op], now: DateTime<Utc>) -> Due {
    let mut threads = HashSet::new();
    let mut due = Due::default();
    for op in ops {
        if !threads.insert(op.what.thread.as_str()) || op.stuck.is_some() {
            continue;
        }
        let at = op.what.not_before;
        if at <= now {
            due.now.push(op.id);
        } else {
            due.next = Some(due.next.map_or(at, |next| next.min(at)));
        }
    }
    due
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use duet_model::account::FailureCode;
    use duet_model::calendar::CalendarId;
    use duet_model::event::EventId;
    use duet_model::outbox::{Deed, NewOp, Notify, Stuck, Target};

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn op(id: i64, thread: &str, not_before: i64, stuck: bool) -> Op {
        Op {
            id: OpId(id),
            what: NewOp {
                thread: thread.into(),
                event: None,
                calendar: CalendarId(1),
                title: String::new(),
                target: Target::Event(EventId("e".into())),
                deed: Deed::Delete { seen: None },
                notify: Notify::None,
                not_before: at(not_before),
            },
            attempts: 0,
            sent: false,
            stuck: stuck.then(|| Stuck {
                code: FailureCode::Rejected,
                message: String::new(),
                at: at(0),
            }),
            created_at: at(0),
        }
    }

    #[test]
    fn the_first_of_each_thread_is_sent_and_holds_up_the_others() {
        // Threads with their times and refusals, what is sent at 10, when the next is.
        type Row = (Vec<(&'static str, i64, bool)>, Vec<i64>, Option<i64>);
        let rows: [Row; 7] = [
            (vec![], vec![], None),
            (vec![("a", 0, false), ("b", 10, false)], vec![1, 2], None),
            (vec![("a", 0, false), ("a", 0, false)], vec![1], None),
            (vec![("a", 11, false), ("a", 0, false)], vec![], Some(11)),
            (vec![("a", 0, true), ("a", 0, false)], vec![], None),
            (
                vec![("a", 0, true), ("b", 0, false), ("a", 0, false)],
                vec![2],
                None,
            ),
            (
                vec![("a", 30, false), ("b", 20, false), ("c", 40, false)],
                vec![],
                Some(20),
            ),
        ];
        for (ops, now, next) in rows {
            let all: Vec<Op> = (1..)
                .zip(&ops)
                .map(|(id, (thread, at, stuck))| op(id, thread, *at, *stuck))
                .collect();
            let found = due(&all, at(10));
            assert_eq!(
                found.now,
                now.into_iter().map(OpId).collect::<Vec<_>>(),
                "{ops:?}"
            );
            assert_eq!(found.next, next.map(at), "{ops:?}");
        }
    }
}
