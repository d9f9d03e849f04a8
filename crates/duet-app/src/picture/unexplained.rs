//! Google's free/busy as a check on the events: time that Google counts as busy and in which no event
//! lies that Google would count.
//!
//! Such time is busy all the same: an event that could not be read, or one that Google counts and
//! does not list, is no free hour. An event explains the time that it takes for who looks, and no
//! more: a whole day that Google counts in the zone of the calendar is busy there too. Where the
//! check is old, or failed since, what it left unexplained is unknown.

use std::collections::HashMap;

use chrono::TimeDelta;
use duet_model::calendar::Health;
use duet_model::verdict::{Rules, Verdict, verdict};
use duet_model::when::Interval;

use super::{Frame, Knowledge, Occurring, Times};

/// Free/busy is told in whole minutes, events may be off by seconds.
const LEAST: TimeDelta = TimeDelta::minutes(1);

/// Google's busy times that no event explains, of calendars that are known by their events, by start.
pub(super) fn times(
    checks: &[Times],
    events: &[Occurring],
    known: &[Knowledge],
    frame: &Frame<'_>,
) -> Vec<Times> {
    let mut busy: HashMap<usize, Vec<Interval>> = HashMap::new();
    for times in checks {
        let known = &known[times.calendar];
        // Of events that are old a check says nothing.
        if known.health == Health::Ok
            && let Some(asked) = known.asked
            && let Some(span) = times.span.intersection(&frame.span)
            && let Some(span) = span.intersection(&asked)
        {
            busy.entry(times.calendar).or_default().push(span);
        }
    }
    // What Google counts, as far as anybody knows (GOOGLE.md 3).
    let google = Rules::default();
    let mut explained: HashMap<usize, Vec<Interval>> = HashMap::new();
    for event in events.iter().filter(|it| busy.contains_key(&it.calendar)) {
        let span = explains(event, &google);
        explained.entry(event.calendar).or_default().extend(span);
    }
    let mut left: Vec<Times> = busy
        .into_iter()
        .flat_map(|(calendar, busy)| {
            let explained = explained.remove(&calendar).unwrap_or_default();
            unexplained(&busy, explained)
                .into_iter()
                .map(move |span| Times { calendar, span })
        })
        .collect();
    left.sort_unstable_by_key(|times| (times.span, times.calendar));
    left
}

/// What an event explains of Google's busy times, whatever the person's own rules make of it; nothing
/// where Google itself does not count it.
fn explains(event: &Occurring, google: &Rules) -> Option<Interval> {
    let counts = verdict(event.facts, &event.title, google).verdict != Verdict::Free;
    event.span().filter(|_| counts)
}

/// The parts of `busy` that no event explains. `explained` may overlap and be in any order.
fn unexplained(busy: &[Interval], mut explained: Vec<Interval>) -> Vec<Interval> {
    explained.sort_unstable();
    let mut rest = Vec::new();
    for block in busy {
        let mut from = block.start;
        for one in &explained {
            if one.start >= block.end {
                break;
            }
            if one.end <= from {
                continue;
            }
            rest.extend(Interval::new(from, one.start));
            from = one.end;
        }
        rest.extend(Interval::new(from, block.end));
    }
    rest.retain(|span| span.duration() >= LEAST);
    rest
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use duet_model::event::{EventKey, Response};
    use duet_model::verdict::{Facts, Judgement, Rule};
    use duet_store::OccurrenceTime;

    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn spans(spans: &[(i64, i64)]) -> Vec<Interval> {
        let span = |(start, end): &(i64, i64)| Interval {
            start: minute(*start),
            end: minute(*end),
        };
        spans.iter().map(span).collect()
    }

    #[test]
    fn only_what_no_event_explains_is_left() {
        // Google's busy times, the events, what is left.
        let rows: [(&[_], &[_], &[_]); 9] = [
            (&[], &[(0, 10)], &[]),
            (&[(0, 10)], &[], &[(0, 10)]),
            (&[(0, 10)], &[(0, 10)], &[]),
            (&[(0, 10)], &[(-5, 15)], &[]),
            (&[(0, 10)], &[(2, 4), (6, 8)], &[(0, 2), (4, 6), (8, 10)]),
            (&[(0, 10)], &[(6, 8), (2, 7)], &[(0, 2), (8, 10)]),
            (&[(0, 10), (20, 30)], &[(5, 25)], &[(0, 5), (25, 30)]),
            (&[(0, 10)], &[(1, 9), (2, 3)], &[(0, 1), (9, 10)]),
            (&[(0, 10)], &[(10, 20), (-5, 0)], &[(0, 10)]),
        ];
        for (busy, events, left) in rows {
            assert_eq!(
                unexplained(&spans(busy), spans(events)),
                spans(left),
                "{busy:?} without {events:?}"
            );
        }
    }

    #[test]
    fn seconds_are_no_disagreement() {
        let busy = spans(&[(0, 10)]);
        let event = Interval {
            start: minute(0) + TimeDelta::seconds(59),
            end: minute(10) - TimeDelta::seconds(30),
        };
        assert_eq!(unexplained(&busy, vec![event]), vec![]);
    }

    fn occurring(facts: Facts) -> Occurring {
        let day = spans(&[(0, 1440)])[0];
        let first = day.start.date_naive();
        Occurring {
            key: EventKey(1),
            calendar: 0,
            time: if facts.all_day {
                OccurrenceTime::Days {
                    first,
                    until: first.succ_opt().unwrap(),
                }
            } else {
                OccurrenceTime::At {
                    start: day.start,
                    end: day.end,
                }
            },
            start: day.start,
            end: day.end,
            title: "".into(),
            facts,
            judgement: Judgement {
                verdict: Verdict::Free,
                rule: Rule::AllDay,
            },
        }
    }

    #[test]
    fn an_event_explains_its_own_time_where_google_counts_it() {
        let plain = Facts::default();
        let with = |response| Facts {
            response: Some(response),
            ..plain
        };
        let day = Facts {
            all_day: true,
            ..plain
        };
        let free = Facts {
            transparent: true,
            ..plain
        };
        for (facts, counts) in [
            (plain, true),
            (day, true),
            (free, false),
            (with(Response::Declined), false),
            (with(Response::NeedsAction), true),
            (with(Response::Tentative), true),
        ] {
            let said = explains(&occurring(facts), &Rules::default());
            let expect = counts.then(|| spans(&[(0, 1440)])[0]);
            assert_eq!(said, expect, "{facts:?}");
        }
    }
}
