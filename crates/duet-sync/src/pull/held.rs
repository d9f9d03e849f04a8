//! Answers of free/busy that wait for their calendar's events.
//!
//! Where events are known they speak for their calendar, and free/busy is a check on them: time that
//! is busy and in which no event lies is drawn as busy without a name. So that no such block appears
//! and goes while a meeting is on its way into the store, both come together: what is no longer busy
//! goes with the first page of events, the rest comes with the last (`Told::put`). Where the events
//! say nothing new, or fail, the answer is stored by itself.
//!
//! That Google has no busy times of a calendar (`notFound`; its holiday calendars are like that) is no
//! failure where its events can be read: they tell more. What free/busy said before is forgotten
//! then, so that nothing old is held against them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use duet_model::account::Failure;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::when::Interval;
use duet_store::{EventState, Listed, Replaced, StoreError, Tx};
use duet_wire::status::BlockCounts;

use super::gather::Verdict;
use super::round::{Ended, Meter, Round};
use super::{Means, Tally, count, write};
use crate::decide::calendar_refused;

/// What free/busy says of one calendar.
pub(crate) struct Told {
    pub(super) calendar: Calendar,
    pub(super) span: Interval,
    pub(super) verdict: Verdict,
}

/// The answers that wait.
pub(super) struct Held {
    /// The calendars whose events are asked for in this run: are all of them known already?
    asked: HashMap<CalendarId, bool>,
    waiting: HashMap<CalendarId, Arc<Told>>,
    /// Calendars whose busy times are known to be right, each under its generation.
    fresh: Vec<(CalendarId, i64)>,
}

/// Must this answer wait for the events? `complete` says whether they are all known, and `None` that
/// they are not asked for.
///
/// A first listing is waited for by nobody: the busy times are the first picture.
fn waits(complete: Option<bool>, verdict: &Verdict) -> bool {
    match complete {
        None => false,
        Some(true) => true,
        Some(false) => has_none(verdict),
    }
}

/// Did Google answer that it has no busy times of the calendar at all? A request that it refused is no
/// such answer.
fn has_none(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Unknown(trouble) if *trouble == calendar_refused(&["notFound"]))
}

impl Held {
    /// Nothing waits yet. `asked` are the calendars whose events will be asked for.
    pub(super) fn new(asked: &[Calendar], states: &HashMap<CalendarId, EventState>) -> Self {
        let complete = |id| {
            states
                .get(&id)
                .is_some_and(|state| state.listed == Listed::Complete && state.horizon.is_some())
        };
        Self {
            asked: asked.iter().map(|it| (it.id, complete(it.id))).collect(),
            waiting: HashMap::new(),
            fresh: Vec::new(),
        }
    }

    /// Are the events of this calendar asked for?
    pub(super) fn asks(&self, calendar: CalendarId) -> bool {
        self.asked.contains_key(&calendar)
    }

    /// Keeps an answer that must wait; gives back one that need not.
    pub(super) fn hold(&mut self, told: Told) -> Option<Told> {
        let id = told.calendar.id;
        if !waits(self.asked.get(&id).copied(), &told.verdict) {
            return Some(told);
        }
        self.waiting.insert(id, Arc::new(told));
        None
    }

    /// The answer that waits for the events of this calendar.
    pub(super) fn told(&self, calendar: CalendarId) -> Option<Arc<Told>> {
        self.waiting.get(&calendar).cloned()
    }

    /// The answer of this calendar is settled; says how free/busy ended for it.
    pub(super) fn settled(&mut self, calendar: &Calendar, settled: Settled) -> Ended {
        self.waiting.remove(&calendar.id);
        if settled.stamp {
            self.fresh.push((calendar.id, calendar.generation));
        }
        settled.ended
    }

    /// The run is over: stores what still waits because it was stopped, and stamps what is fresh.
    pub(super) async fn end(
        &mut self,
        means: &Means<'_>,
        round: &mut Round,
        meter: &Meter<'_>,
        tally: &mut Tally,
    ) -> Result<(), StoreError> {
        for (_, told) in std::mem::take(&mut self.waiting) {
            // The events may well speak for it; nobody has asked.
            if has_none(&told.verdict) {
                continue;
            }
            let settled = told.settle(means, false).await?;
            tally.blocks(settled.counts);
            let ended = self.settled(&told.calendar, settled);
            round.ended(&told.calendar, &ended, tally, meter);
        }
        write::stamp(means, &std::mem::take(&mut self.fresh)).await
    }
}

/// How free/busy ended for a calendar.
pub(super) struct Settled {
    ended: Ended,
    pub(super) counts: BlockCounts,
    /// Are its busy times known to be right?
    stamp: bool,
}

impl Told {
    /// The events of the calendar are done, and `speak` for it or do not: whatever of the answer was
    /// not stored with them is stored now.
    pub(super) async fn settle(
        &self,
        means: &Means<'_>,
        speak: bool,
    ) -> Result<Settled, StoreError> {
        if speak && has_none(&self.verdict) {
            write::forget_times(means, &self.calendar).await?;
            return Ok(Settled {
                ended: Ended::Fresh,
                counts: BlockCounts::default(),
                stamp: false,
            });
        }
        let (ended, counts) = write::settle(means, self).await?;
        Ok(Settled {
            stamp: ended == Ended::Fresh,
            ended,
            counts,
        })
    }

    /// Stores the answer within a larger transaction; with `last` all of it, else only what is no
    /// longer busy. Where it is no answer, nothing.
    pub(crate) async fn put(
        &self,
        tx: &mut Tx,
        last: bool,
        now: DateTime<Utc>,
    ) -> Result<BlockCounts, StoreError> {
        let Verdict::Busy { blocks, .. } = &self.verdict else {
            return Ok(BlockCounts::default());
        };
        let replaced = if last {
            self.replace(tx, now).await?
        } else {
            let (id, generation) = (self.calendar.id, self.calendar.generation);
            tx.narrow_blocks(id, generation, self.span, blocks).await?
        };
        Ok(counts(replaced))
    }

    /// Stores the whole answer, with the doubt about it.
    pub(super) async fn replace(
        &self,
        tx: &mut Tx,
        now: DateTime<Utc>,
    ) -> Result<Replaced, StoreError> {
        let Verdict::Busy { blocks, doubt } = &self.verdict else {
            return Ok(Replaced::default());
        };
        let (id, generation) = (self.calendar.id, self.calendar.generation);
        let replaced = tx
            .replace_blocks(id, generation, self.span, blocks, now)
            .await?;
        // Storing noted it as fresh where anything was new.
        if let (false, Some(trouble)) = (replaced.unwanted, doubt) {
            let failure = Failure {
                code: trouble.code,
                message: trouble.message.clone(),
                at: now,
            };
            tx.mark_calendar_failed(id, generation, failure).await?;
        }
        Ok(replaced)
    }
}

pub(super) fn counts(replaced: Replaced) -> BlockCounts {
    BlockCounts {
        added: count(replaced.added),
        removed: count(replaced.removed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::{CalendarTrouble, calendar_absent};

    #[test]
    fn which_answers_wait() {
        let busy = |doubt: Option<CalendarTrouble>| Verdict::Busy {
            blocks: Vec::new(),
            doubt,
        };
        let gone = Verdict::Unknown(calendar_refused(&["notFound"]));
        let fault = Verdict::Unknown(calendar_refused(&["internalError"]));
        // An answer; does it wait where events are not asked for, for the first time, anew.
        let rows = [
            (busy(None), [false, false, true]),
            (busy(Some(calendar_absent())), [false, false, true]),
            (gone, [false, true, true]),
            (fault, [false, false, true]),
        ];
        for (verdict, expect) in rows {
            let found = [None, Some(false), Some(true)].map(|it| waits(it, &verdict));
            assert_eq!(found, expect, "{verdict:?}");
        }
    }
}
