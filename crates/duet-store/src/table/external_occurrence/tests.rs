//! How a time becomes milliseconds, one case a line.

use chrono::{DateTime, NaiveDate, TimeDelta};

use super::*;

#[test]
fn times_are_rounded_outwards_and_do_not_run_backwards() {
    let at = |nanos: i64| DateTime::from_timestamp_nanos(nanos);
    let day = |day| NaiveDate::from_ymd_opt(1970, 1, day).unwrap();
    let span = |start, end| OccurrenceTime::At { start, end };
    let cases = [
        (span(at(0), at(2_000_000)), (0, 2, false)),
        (span(at(1_500_000), at(1_600_000)), (1, 2, false)),
        (span(at(5_000_000), at(1_000_000)), (5, 5, false)),
        (
            span(at(0), at(0) + TimeDelta::days(5_000_000)),
            (0, LONGEST_MILLIS, false),
        ),
        (
            OccurrenceTime::Days {
                first: day(2),
                until: day(4),
            },
            (DAY_MILLIS, 3 * DAY_MILLIS, true),
        ),
    ];
    for (time, (start, end, all_day)) in cases {
        let expect = Slot {
            start,
            end,
            all_day,
        };
        assert_eq!(time.slot(), expect, "{time:?}");
    }
}
