//! Answers to invitations that wait to be sent: from the moment they are given they hold here, whatever
//! Google still says. Nothing is written over what Google said; an answer that is discarded leaves
//! everything as it was, and no sync can undo one that waits.

use duet_model::calendar::CalendarId;
use duet_model::event::{EventKey, EventTime, Response};
use duet_model::outbox::{Deed, Op, Target};
use duet_model::verdict::Facts;
use duet_store::{OccurrenceTime, Snapshot, StoreError};

/// The answers that wait.
#[derive(Default)]
pub(crate) struct Answers {
    /// In the order of sending.
    list: Vec<Answer>,
}

/// One of them.
struct Answer {
    event: EventKey,
    /// Which occurrence of a series alone.
    slot: Option<EventTime>,
    response: Response,
    op: Op,
}

impl Answers {
    /// Reads those whose events are known here.
    pub(crate) async fn read(snapshot: &mut Snapshot) -> Result<Self, StoreError> {
        let mut answers = Self::default();
        for op in snapshot.outbox().await? {
            let Deed::Respond { response } = op.what.deed else {
                continue;
            };
            let about = about(snapshot, op.what.calendar, &op.what.target).await?;
            answers.list.extend(about.map(|(event, slot)| Answer {
                event,
                slot,
                response,
                op,
            }));
        }
        Ok(answers)
    }

    /// Does none wait?
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The facts of an occurrence with the answer that waits for it.
    pub(crate) fn over(&self, event: EventKey, time: &OccurrenceTime, facts: Facts) -> Facts {
        match self.to(event, time) {
            Some((response, _)) => Facts {
                response: Some(response),
                ..facts
            },
            None => facts,
        }
    }

    /// The answer that waits for an occurrence, and its operation: its own before its series'.
    pub(crate) fn to(&self, event: EventKey, time: &OccurrenceTime) -> Option<(Response, &Op)> {
        let its = |alone: bool| {
            let mut latest = self.list.iter().rev();
            latest.find(|answer| {
                answer.event == event
                    && match &answer.slot {
                        Some(slot) => alone && time.starts_at(slot),
                        None => !alone,
                    }
            })
        };
        let answer = its(true).or_else(|| its(false))?;
        Some((answer.response, &answer.op))
    }

    /// The answer that has to go before this one, if there is one.
    pub(crate) fn before(&self, op: &Op) -> Option<&Op> {
        op.first(self.list.iter().map(|answer| &answer.op))
    }
}

/// Which stored event an answer is about, and which of its occurrences. `None` where it is gone.
async fn about(
    snapshot: &mut Snapshot,
    calendar: CalendarId,
    target: &Target,
) -> Result<Option<(EventKey, Option<EventTime>)>, StoreError> {
    Ok(match target {
        Target::Event(id) => {
            let stored = snapshot.event_by_id(calendar, id).await?;
            stored.map(|stored| (stored.key, None))
        }
        Target::Occurrence {
            series,
            original_start,
        } => {
            let series = snapshot.series(calendar, series).await?;
            // It may have become an event of its own since.
            let exception = series.exceptions.into_iter().find(|it| {
                let slot = it.event.original_start.as_ref();
                slot.is_some_and(|slot| slot.is_at(original_start))
            });
            match (exception, series.master) {
                (Some(exception), _) => Some((exception.key, None)),
                (None, Some(master)) => Some((master.key, Some(original_start.clone()))),
                (None, None) => None,
            }
        }
    })
}
