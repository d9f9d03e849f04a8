//! Google's free/busy as a check on the events: time that Google counts as busy and in which no event
//! lies that Google would count.
//!
//! Such time is busy all the same: an event that could not be read, or one that Google counts and
//! does not list, is no free hour. An event explains the time that it takes for who looks, and no
//! more: what Google counts of a whole day in the zone of its calendar is busy there too. But it is no
//! riddle, so that day names it. Where the check is old, or failed since, what it left unexplained is
//! unknown.

use std::collections::HashMap;

use chrono::TimeDelta;
use duet_model::calendar::{Calendar, Health};
use duet_model::verdict::{Rules, Verdict, verdict};
use duet_model::when::Interval;
use duet_model::zones::{Zone, ZoneDb};

use super::events::Days;
use super::{Knowledge, Occurring, Times};

/// Free/busy is told in whole minutes, events may be off by seconds.
const LEAST: TimeDelta = TimeDelta::minutes(1);

/// The zones in which calendars stand that are not that of the person who looks.
pub(super) struct Zones {
    /// Each once; calendars share theirs.
    zones: Vec<Zone>,
    /// For each calendar, in their order, which of them; `None` where it is the person's, or unknown.
    of: Vec<Option<usize>>,
}

impl Zones {
    pub(super) fn of(calendars: &[Calendar], db: &ZoneDb, own: &Zone) -> Self {
        let mut zones: Vec<Zone> = Vec::new();
        let mut seen: HashMap<&str, Option<usize>> = HashMap::new();
        let of = calendars.iter().map(|calendar| {
            let name = calendar.time_zone.as_deref()?;
            *seen.entry(name).or_insert_with(|| {
                let zone = db.zone(name)?;
                (zone != *own).then(|| {
                    zones.push(zone);
                    zones.len() - 1
                })
            })
        });
        let of = of.collect();
        Self { zones, of }
    }
}

/// Google's busy times of a whole day in the zone of its calendar, beside that day for who looks.
pub(crate) struct Elsewhere {
    /// When.
    pub(crate) times: Times,
    /// The whole day.
    pub(crate) day: Occurring,
}

/// What no event explains.
#[derive(Default)]
pub(super) struct Left {
    /// By start.
    pub(super) nameless: Vec<Times>,
    /// By start.
    pub(super) elsewhere: Vec<Elsewhere>,
}

/// Google's busy times in a span that no event explains, of calendars that are known by their events.
/// `beside` are whole days that do not touch the span for who looks.
pub(super) fn times(
    checks: &[Times],
    (events, beside): (&[Occurring], &[Occurring]),
    known: &[Knowledge],
    zones: &Zones,
    span: Interval,
) -> Left {
    let mut busy: HashMap<usize, Vec<Interval>> = HashMap::new();
    for times in checks {
        let known = &known[times.calendar];
        // Of events that are old a check says nothing.
        if known.health == Health::Ok
            && let Some(asked) = known.asked
            && let Some(span) = times.span.intersection(&span)
            && let Some(span) = span.intersection(&asked)
        {
            busy.entry(times.calendar).or_default().push(span);
        }
    }
    // What Google counts, as far as anybody knows (GOOGLE.md 3).
    let google = Rules::default();
    let mut there: Vec<Days<'_>> = zones.zones.iter().map(Days::new).collect();
    let mut explained: HashMap<usize, Vec<Interval>> = HashMap::new();
    let mut days: HashMap<usize, Vec<(Interval, &Occurring)>> = HashMap::new();
    for event in events.iter().chain(beside) {
        let calendar = event.calendar;
        if busy.contains_key(&calendar)
            && let Some(span) = explains(event, &google)
        {
            explained.entry(calendar).or_default().push(span);
            if event.facts.all_day
                && let Some(zone) = zones.of[calendar]
                && let (start, end) = there[zone].instants(&event.time)
                && let Some(span) = Interval::new(start, end)
            {
                days.entry(calendar).or_default().push((span, event));
            }
        }
    }
    let mut left = Left::default();
    for (calendar, busy) in busy {
        let explained = explained.remove(&calendar).unwrap_or_default();
        let days = days.remove(&calendar).unwrap_or_default();
        let (nameless, named) = named(unexplained(&busy, explained), &days);
        let times = |span| Times { calendar, span };
        left.nameless.extend(nameless.into_iter().map(times));
        left.elsewhere
            .extend(named.into_iter().map(|(span, day)| Elsewhere {
                times: times(span),
                day: day.clone(),
            }));
    }
    left.nameless
        .sort_unstable_by_key(|times| (times.span, times.calendar));
    left.elsewhere.sort_unstable_by_key(|it| {
        let Times { calendar, span } = it.times;
        (span, calendar, it.day.key)
    });
    left
}

/// What of the stretches lies in none of the days, and what in which.
fn named<'a>(
    stretches: Vec<Interval>,
    days: &[(Interval, &'a Occurring)],
) -> (Vec<Interval>, Vec<(Interval, &'a Occurring)>) {
    if days.is_empty() {
        return (stretches, Vec::new());
    }
    let mut inside = Vec::new();
    for stretch in &stretches {
        let parts = days
            .iter()
            .filter_map(|(span, day)| Some((stretch.intersection(span)?, *day)));
        inside.extend(parts.filter(|(span, _)| span.duration() >= LEAST));
    }
    let taken = inside.iter().map(|(span, _)| *span).collect();
    (unexplained(&stretches, taken), inside)
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

    #[test]
    fn what_lies_in_a_whole_day_elsewhere_is_named_by_it() {
        let day = occurring(Facts {
            all_day: true,
            ..Facts::default()
        });
        // Stretches, days, what is left without a name, what is named.
        type Spans = &'static [(i64, i64)];
        let rows: [(Spans, Spans, Spans, Spans); 5] = [
            (&[(0, 10)], &[], &[(0, 10)], &[]),
            (&[(0, 10)], &[(0, 10)], &[], &[(0, 10)]),
            (&[(0, 10)], &[(5, 20)], &[(0, 5)], &[(5, 10)]),
            (&[(0, 10)], &[(20, 30)], &[(0, 10)], &[]),
            (
                &[(0, 10), (20, 30)],
                &[(5, 25), (8, 12)],
                &[(0, 5), (25, 30)],
                &[(5, 10), (8, 10), (20, 25)],
            ),
        ];
        for (stretches, days, nameless, expect) in rows {
            let days: Vec<_> = spans(days).into_iter().map(|it| (it, &day)).collect();
            let (left, inside) = named(spans(stretches), &days);
            let inside: Vec<_> = inside.into_iter().map(|(span, _)| span).collect();
            assert_eq!(
                (left, inside),
                (spans(nameless), spans(expect)),
                "{stretches:?}"
            );
        }
    }
}
