//! When the calendars that count are busy: a few questions about all of them, each calendar stored as
//! soon as its answer is whole.

use std::collections::VecDeque;

use duet_google::freebusy::{self, Query};
use duet_model::account::FailureCode;
use duet_model::calendar::Calendar;
use duet_model::when::Interval;
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::ask::{Ask, Failed};
use super::gather::{Gathering, Verdict};
use super::held::{Held, Told};
use super::round::{Ended, Meter, Round};
use super::{IN_FLIGHT, Stop, Tally, count, write};
use crate::decide::{Reach, calendar_rejected, reach};

/// How often a refused request is asked again in halves, to find the calendar it fails for.
const MOST_SPLITS: u32 = 64;

/// Google said `notFound` for it: asked again when a person wants it or with the next full listing, not
/// every few minutes.
pub(super) fn is_lost(calendar: &Calendar) -> bool {
    has_failed_with(calendar, FailureCode::NotFound)
}

/// Google refused a request that held this calendar: it must not spoil those of the others again.
fn is_suspect(calendar: &Calendar) -> bool {
    has_failed_with(calendar, FailureCode::Rejected)
}

fn has_failed_with(calendar: &Calendar, code: FailureCode) -> bool {
    let last = calendar.last_error.as_ref();
    last.is_some_and(|failure| failure.code == code)
}

/// Which questions to ask. Calendars that spoiled a request before are asked for apart.
fn questions(calendars: &[Calendar], span: Interval) -> VecDeque<Query> {
    let ids = |suspect: bool| -> Vec<String> {
        let chosen = calendars
            .iter()
            .filter(|calendar| is_suspect(calendar) == suspect);
        chosen.map(|calendar| calendar.google_id.clone()).collect()
    };
    [ids(false), ids(true)]
        .into_iter()
        .filter(|ids| !ids.is_empty())
        .flat_map(|ids| freebusy::plan(&ids, span.start, span.end))
        .collect()
}

/// Asks when these calendars are busy, and stores the answers that need not wait for events. Calendars
/// that are fresh by them are stamped together at the end, also where the run is stopped.
#[expect(
    clippy::too_many_arguments,
    reason = "what a phase works with and what it reports to"
)]
pub(super) async fn refresh(
    ask: &Ask<'_>,
    calendars: Vec<Calendar>,
    span: Interval,
    gentle: bool,
    held: &mut Held,
    round: &mut Round,
    meter: &Meter<'_>,
    tally: &mut Tally,
) -> Result<(), Stop> {
    let means = ask.means();
    let mut queue = questions(&calendars, span);
    let mut gathering = Gathering::new(calendars, &queue);
    let mut fresh = Vec::new();
    let mut splits = 0;
    // The first answer alone tells whether the trouble is over.
    let mut width = if gentle { 1 } else { IN_FLIGHT };
    let mut under_way = FuturesUnordered::new();
    let result = loop {
        while under_way.len() < width
            && let Some(query) = queue.pop_front()
        {
            under_way.push(async move { (ask.busy(&query).await, query) });
        }
        let Some((answer, query)) = under_way.next().await else {
            break Ok(());
        };
        let complete = match answer {
            Ok(answers) => {
                width = IN_FLIGHT;
                gathering.answered(answers)
            }
            Err(Failed::Request(error)) if reach(&error) == Reach::Request => {
                tracing::warn!(%error, calendars = query.calendars.len(), "a request was refused");
                if query.calendars.len() > 1 && splits < MOST_SPLITS {
                    splits += 1;
                    queue.extend(halves(&query));
                    continue;
                }
                gathering.refused(&query.calendars, &calendar_rejected(&error))
            }
            Err(failed) => break Err(failed.into_stop(ask)),
        };
        for (calendar, verdict) in complete {
            if let Verdict::Busy { blocks, .. } = &verdict {
                meter.blocks(count(blocks.len()));
            }
            let told = Told {
                calendar,
                span,
                verdict,
            };
            if let Some(told) = held.hold(told) {
                let (ended, counts) = write::settle(means, &told).await?;
                tally.blocks(counts);
                if ended == Ended::Fresh {
                    fresh.push((told.calendar.id, told.calendar.generation));
                }
                round.ended(&told.calendar, &ended, tally, meter);
            }
        }
    };
    // Calendars that were complete before the run was stopped are fresh all the same.
    drop(under_way);
    write::stamp(means, &fresh).await?;
    result
}

/// The same question about each half of its calendars.
pub(crate) fn halves(query: &Query) -> [Query; 2] {
    let (first, second) = query.calendars.split_at(query.calendars.len() / 2);
    [first, second].map(|ids| Query {
        calendars: ids.to_vec(),
        ..query.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use duet_model::settings::Window;

    #[test]
    fn fifty_calendars_for_ninety_days_are_two_questions() {
        let ids: Vec<String> = (0..50).map(|n| format!("c{n}@example.com")).collect();
        let span = crate::pull::span("2026-11-22T12:00:00Z".parse().unwrap(), Window::Days90);
        assert_eq!(freebusy::plan(&ids, span.start, span.end).len(), 2);
    }

    #[test]
    fn halves_hold_everything_once() {
        let query = Query {
            time_min: DateTime::UNIX_EPOCH,
            time_max: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            calendars: ["a", "b", "c"].map(String::from).to_vec(),
        };
        let [first, second] = halves(&query);
        assert_eq!(
            [first.calendars, second.calendars].concat(),
            query.calendars
        );
        assert_eq!(second.time_max, query.time_max);
    }
}
