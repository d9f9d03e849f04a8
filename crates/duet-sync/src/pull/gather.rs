//! Putting answers together: a calendar's busy times are known when every part of the span has been
//! answered for it, and not before. Pure.

use std::collections::HashMap;

use duet_google::freebusy::{CalendarAnswer, Query};
use duet_model::calendar::Calendar;
use duet_model::when::Interval;

use crate::decide::{CalendarTrouble, calendar_absent, calendar_refused, calendar_unreadable};

/// What the answers amount to for a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its busy times over the whole span: in order, apart from each other.
    Busy {
        /// The times.
        blocks: Vec<Interval>,
        /// Why there may be more than these, if so.
        doubt: Option<CalendarTrouble>,
    },
    /// At least one part of the span is not known.
    Unknown(CalendarTrouble),
}

/// The answers that have come so far.
pub(super) struct Gathering {
    waiting: HashMap<String, Parts>,
}

struct Parts {
    calendar: Calendar,
    missing: usize,
    blocks: Vec<Interval>,
    doubt: Option<CalendarTrouble>,
    trouble: Option<CalendarTrouble>,
}

impl Gathering {
    /// Nothing has come; the queries say of how many parts each calendar's answer will consist.
    pub(super) fn new<'q>(
        calendars: Vec<Calendar>,
        queries: impl IntoIterator<Item = &'q Query>,
    ) -> Self {
        let mut waiting: HashMap<String, Parts> = calendars
            .into_iter()
            .map(|calendar| (calendar.google_id.clone(), Parts::of(calendar)))
            .collect();
        for id in queries.into_iter().flat_map(|query| &query.calendars) {
            if let Some(parts) = waiting.get_mut(id) {
                parts.missing += 1;
            }
        }
        Self { waiting }
    }

    /// Takes one reply in; returns the calendars that are complete by it.
    pub(super) fn answered(
        &mut self,
        answers: HashMap<String, CalendarAnswer>,
    ) -> Vec<(Calendar, Verdict)> {
        answers
            .into_iter()
            .filter_map(|(id, answer)| {
                self.part(&id, |parts| match answer {
                    CalendarAnswer::Busy(blocks) => parts.blocks.extend(blocks),
                    CalendarAnswer::Partial { busy, quarantined } => {
                        parts.blocks.extend(busy);
                        parts.doubt = Some(calendar_unreadable(quarantined));
                    }
                    CalendarAnswer::Failed { reasons } => {
                        parts.trouble = Some(calendar_refused(&reasons));
                    }
                    CalendarAnswer::Absent => parts.trouble = Some(calendar_absent()),
                })
            })
            .collect()
    }

    /// A request was refused for these calendars.
    pub(super) fn refused(
        &mut self,
        ids: &[String],
        trouble: &CalendarTrouble,
    ) -> Vec<(Calendar, Verdict)> {
        ids.iter()
            .filter_map(|id| self.part(id, |parts| parts.trouble = Some(trouble.clone())))
            .collect()
    }

    fn part(&mut self, id: &str, take: impl FnOnce(&mut Parts)) -> Option<(Calendar, Verdict)> {
        let parts = self.waiting.get_mut(id)?;
        take(parts);
        parts.missing = parts.missing.saturating_sub(1);
        if parts.missing > 0 {
            return None;
        }
        self.waiting.remove(id).map(Parts::into_verdict)
    }
}

impl Parts {
    fn of(calendar: Calendar) -> Self {
        Self {
            calendar,
            missing: 0,
            blocks: Vec::new(),
            doubt: None,
            trouble: None,
        }
    }

    fn into_verdict(self) -> (Calendar, Verdict) {
        let verdict = match self.trouble {
            Some(trouble) => Verdict::Unknown(trouble),
            None => Verdict::Busy {
                blocks: joined(self.blocks),
                doubt: self.doubt,
            },
        };
        (self.calendar, verdict)
    }
}

/// The same times, in order, with those that touch made one. A meeting across the edge between two
/// questions comes as two halves; tomorrow the edge is elsewhere, and the block should not change.
pub(crate) fn joined(mut blocks: Vec<Interval>) -> Vec<Interval> {
    blocks.sort_unstable();
    let mut joined: Vec<Interval> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match joined.last_mut() {
            Some(last) if block.start <= last.end => last.end = last.end.max(block.end),
            _ => joined.push(block),
        }
    }
    joined
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use duet_model::account::{AccountId, FailureCode};
    use duet_model::calendar::{AccessRole, CalendarId};
    use proptest::prelude::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn block(start: i64, end: i64) -> Interval {
        Interval {
            start: minute(start),
            end: minute(end),
        }
    }

    pub(in crate::pull) fn calendar(google_id: &str) -> Calendar {
        Calendar {
            id: CalendarId(1),
            account: AccountId(1),
            google_id: google_id.into(),
            name: google_id.into(),
            color: "#336699".into(),
            time_zone: None,
            primary: false,
            access_role: AccessRole::Owner,
            hidden: false,
            shown: true,
            busy: true,
            last_synced_at: None,
            covered: None,
            last_error: None,
            rules: Default::default(),
            generation: 0,
        }
    }

    fn query(start: i64, end: i64, ids: &[&str]) -> Query {
        Query {
            time_min: minute(start),
            time_max: minute(end),
            calendars: ids.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    fn reply(answers: &[(&str, CalendarAnswer)]) -> HashMap<String, CalendarAnswer> {
        answers
            .iter()
            .map(|(id, answer)| ((*id).to_owned(), answer.clone()))
            .collect()
    }

    #[test]
    fn nothing_is_complete_before_every_part_has_come() {
        let queries = [query(0, 10, &["a", "b"]), query(10, 20, &["a", "b"])];
        let mut gathering = Gathering::new(vec![calendar("a"), calendar("b")], &queries);
        let busy = |blocks: &[Interval]| CalendarAnswer::Busy(blocks.to_vec());
        let first = reply(&[
            ("a", busy(&[block(12, 15)])),
            (
                "b",
                CalendarAnswer::Failed {
                    reasons: vec!["internalError".into()],
                },
            ),
        ]);
        assert_eq!(gathering.answered(first), vec![]);
        let second = reply(&[("a", busy(&[block(5, 12)])), ("b", busy(&[]))]);
        let mut done = gathering.answered(second);
        done.sort_by(|x, y| x.0.google_id.cmp(&y.0.google_id));
        assert_eq!(
            done[0].1,
            Verdict::Busy {
                blocks: vec![block(5, 15)],
                doubt: None
            }
        );
        assert!(
            matches!(&done[1].1, Verdict::Unknown(trouble) if trouble.code == FailureCode::Server),
            "one unknown part makes the calendar unknown: {:?}",
            done[1].1
        );
    }

    #[test]
    fn what_nobody_asked_for_is_ignored() {
        let mut gathering = Gathering::new(vec![calendar("a")], &[query(0, 10, &["a"])]);
        assert_eq!(
            gathering.answered(reply(&[("x", CalendarAnswer::Absent)])),
            vec![]
        );
        assert_eq!(
            gathering
                .answered(reply(&[("a", CalendarAnswer::Absent)]))
                .len(),
            1
        );
    }

    #[test]
    fn readable_times_are_kept_with_the_doubt() {
        let mut gathering = Gathering::new(vec![calendar("a")], &[query(0, 10, &["a"])]);
        let partial = CalendarAnswer::Partial {
            busy: vec![block(1, 2)],
            quarantined: 3,
        };
        let done = gathering.answered(reply(&[("a", partial)]));
        let Verdict::Busy {
            blocks,
            doubt: Some(doubt),
        } = &done[0].1
        else {
            panic!("expected busy times in doubt, got {:?}", done[0].1);
        };
        assert_eq!(blocks, &[block(1, 2)]);
        assert_eq!(doubt.code, FailureCode::BadAnswer);
    }

    proptest! {
        /// Joining changes no instant's state, whatever order the blocks come in.
        #[test]
        fn joined_blocks_cover_the_same_minutes(spans in prop::collection::vec((0_i64..200, 1_i64..30), 0..30)) {
            let blocks: Vec<_> = spans.iter().map(|(start, len)| block(*start, start + len)).collect();
            let whole = joined(blocks.clone());
            for at in (0..240).map(minute) {
                let before = blocks.iter().any(|block| block.contains(at));
                let after = whole.iter().filter(|block| block.contains(at)).count();
                prop_assert_eq!(after, usize::from(before));
            }
            prop_assert!(whole.windows(2).all(|pair| pair[0].end < pair[1].start), "touching blocks left");
        }
    }
}
