//! Cutting a window and a list of calendars into questions that Google accepts.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::Query;

/// Google's limit of calendars in one question.
pub const MOST_CALENDARS: usize = 50;

/// The longest span of one question. Google's own limit is not documented; 92 days were seen to
/// work and 100 to be refused, so this leaves a margin.
pub const LONGEST_SPAN: TimeDelta = TimeDelta::days(60);

/// The questions that together ask about each calendar once for every instant of the window.
///
/// Spans come in order of time, and for each span all groups of calendars, so that the near future
/// is known first. A calendar named twice is asked about once; an empty window asks nothing.
pub fn plan(calendars: &[String], from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Query> {
    let mut seen = HashSet::new();
    let calendars: Vec<&String> = calendars.iter().filter(|id| seen.insert(*id)).collect();
    let mut queries = Vec::new();
    let mut start = from;
    while start < to {
        // Beyond the last day that can be counted there is nothing left to cut.
        let end = start
            .checked_add_signed(LONGEST_SPAN)
            .map_or(to, |end| end.min(to));
        for group in calendars.chunks(MOST_CALENDARS) {
            queries.push(Query {
                time_min: start,
                time_max: end,
                calendars: group.iter().map(|id| (*id).clone()).collect(),
            });
        }
        start = end;
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + seconds, 0).unwrap()
    }

    fn ids(numbers: &[u16]) -> Vec<String> {
        numbers
            .iter()
            .map(|n| format!("c{n}@group.calendar.google.com"))
            .collect()
    }

    #[test]
    fn fifty_calendars_for_ninety_days_are_two_questions() {
        let calendars = ids(&(0..50).collect::<Vec<_>>());
        let queries = plan(&calendars, at(0), at(0) + TimeDelta::days(90));
        let spans: Vec<_> = queries
            .iter()
            .map(|q| (q.time_max - q.time_min).num_days())
            .collect();
        assert_eq!(spans, [60, 30]);
    }

    #[test]
    fn edges_ask_nothing_and_end() {
        assert!(plan(&ids(&[1]), at(0), at(0)).is_empty());
        assert!(plan(&ids(&[1]), at(1), at(0)).is_empty());
        assert!(plan(&[], at(0), at(99)).is_empty());
        let end = DateTime::<Utc>::MAX_UTC;
        assert_eq!(plan(&ids(&[1]), end - TimeDelta::days(61), end).len(), 2);
    }

    type Span = (DateTime<Utc>, DateTime<Utc>);

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn every_calendar_is_asked_about_every_instant_once(
            numbers in prop::collection::vec(0_u16..400, 0..180),
            offset in -1000_i64..1000,
            length in 0_i64..(400 * 86_400),
        ) {
            let calendars = ids(&numbers);
            let (from, to) = (at(offset), at(offset + length));
            let queries = plan(&calendars, from, to);
            let mut spans: HashMap<&String, Vec<Span>> = HashMap::new();
            for query in &queries {
                prop_assert!(!query.calendars.is_empty() && query.calendars.len() <= MOST_CALENDARS);
                prop_assert!(query.time_min < query.time_max);
                prop_assert!(query.time_max - query.time_min <= LONGEST_SPAN);
                for id in &query.calendars {
                    spans.entry(id).or_default().push((query.time_min, query.time_max));
                }
            }
            let distinct: HashSet<&String> = calendars.iter().collect();
            prop_assert_eq!(spans.len(), if length == 0 { 0 } else { distinct.len() });
            for (id, spans) in spans {
                let mut next = from;
                for (start, end) in spans {
                    prop_assert_eq!(start, next, "a gap or an overlap for {}", id);
                    next = end;
                }
                prop_assert_eq!(next, to, "the end is missing for {}", id);
            }
        }
    }
}
