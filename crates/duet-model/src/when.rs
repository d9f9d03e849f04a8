//! Spans of time: half-open intervals between instants.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// A half-open span of time, start included, end excluded, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// First instant inside.
    pub start: DateTime<Utc>,
    /// First instant outside.
    pub end: DateTime<Utc>,
}

impl Interval {
    /// The span from `start` to `end`, or `None` where it would be empty or reversed.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// Its length.
    pub fn duration(&self) -> TimeDelta {
        self.end - self.start
    }

    /// Do the two share at least one instant?
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Is the instant inside?
    pub fn contains(&self, at: DateTime<Utc>) -> bool {
        self.start <= at && at < self.end
    }

    /// Is all of `other` inside?
    pub fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// What both share.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::new(self.start.max(other.start), self.end.min(other.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn span(start: i64, end: i64) -> Interval {
        Interval {
            start: at(start),
            end: at(end),
        }
    }

    #[test]
    fn an_interval_has_time_in_it() {
        assert_eq!(Interval::new(at(0), at(1)), Some(span(0, 1)));
        assert_eq!(Interval::new(at(1), at(1)), None, "empty");
        assert_eq!(Interval::new(at(2), at(1)), None, "reversed");
        assert_eq!(span(0, 90).duration(), TimeDelta::seconds(90));
    }

    #[test]
    fn starts_are_inside_and_ends_are_not() {
        let one = span(10, 20);
        for (second, inside) in [(9, false), (10, true), (19, true), (20, false)] {
            assert_eq!(one.contains(at(second)), inside, "second {second}");
        }
        // other, overlaps, is covered, what both share
        let cases = [
            (span(0, 10), false, false, None),
            (span(0, 11), true, false, Some(span(10, 11))),
            (span(10, 20), true, true, Some(one)),
            (span(12, 15), true, true, Some(span(12, 15))),
            (span(0, 30), true, false, Some(one)),
            (span(19, 30), true, false, Some(span(19, 20))),
            (span(20, 30), false, false, None),
        ];
        for (other, overlaps, covered, shared) in cases {
            assert_eq!(one.overlaps(&other), overlaps, "{other:?}");
            assert_eq!(other.overlaps(&one), overlaps, "either way, {other:?}");
            assert_eq!(one.covers(&other), covered, "{other:?}");
            assert_eq!(one.intersection(&other), shared, "{other:?}");
            assert_eq!(other.intersection(&one), shared, "either way, {other:?}");
        }
    }
}
