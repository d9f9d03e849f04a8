//! What a rule becomes when its series is moved.

use super::*;

#[test]
fn the_days_of_a_rule_move_with_the_series() {
    let berlin = ZoneDb::bundled().zone("Europe/Berlin").unwrap();
    let rows = [
        // What fits stays as it is written.
        (
            "FREQ=WEEKLY",
            "11-24 09:00",
            "11-25 10:00",
            Some("FREQ=WEEKLY"),
        ),
        (
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            "11-24 09:00",
            "11-25 09:00",
            Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ),
        (
            "FREQ=WEEKLY;BYDAY=TU",
            "11-24 09:00",
            "11-24 18:00",
            Some("FREQ=WEEKLY;BYDAY=TU"),
        ),
        (
            "FREQ=WEEKLY;BYDAY=TU",
            "11-24 09:00",
            "11-23 09:00",
            Some("FREQ=WEEKLY;BYDAY=MO"),
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=6",
            "11-24 09:00",
            "11-25 09:00",
            Some("FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=WE,FR"),
        ),
        (
            "FREQ=MONTHLY;BYDAY=4TU",
            "11-24 09:00",
            "11-11 09:00",
            Some("FREQ=MONTHLY;BYDAY=2WE"),
        ),
        (
            "FREQ=MONTHLY;BYDAY=-1TU",
            "11-24 09:00",
            "11-27 09:00",
            Some("FREQ=MONTHLY;BYDAY=-1FR"),
        ),
        (
            "FREQ=MONTHLY;BYDAY=4TU",
            "11-24 09:00",
            "12-30 09:00",
            Some("FREQ=MONTHLY;BYDAY=-1WE"),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=24",
            "11-24 09:00",
            "11-26 09:00",
            Some("FREQ=MONTHLY;BYMONTHDAY=26"),
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "11-30 09:00",
            "11-29 09:00",
            Some("FREQ=MONTHLY;BYMONTHDAY=-2"),
        ),
        (
            "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=24",
            "11-24 09:00",
            "12-01 09:00",
            Some("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=1"),
        ),
        // What it was to be then only the person knows.
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,24",
            "11-24 09:00",
            "11-26 09:00",
            None,
        ),
        ("FREQ=DAILY;BYDAY=TU", "11-24 09:00", "11-26 09:00", None),
        // What never fitted is not made worse.
        (
            "FREQ=WEEKLY;BYDAY=WE",
            "11-24 09:00",
            "11-26 09:00",
            Some("FREQ=WEEKLY;BYDAY=WE"),
        ),
        // The last occurrence is not lost, also across a change of the clocks.
        (
            "FREQ=WEEKLY;UNTIL=20261215T080000Z",
            "11-24 09:00",
            "11-24 18:00",
            Some("FREQ=WEEKLY;UNTIL=20261215T170000Z"),
        ),
        (
            "FREQ=WEEKLY;UNTIL=20270413T070000Z",
            "11-24 09:00",
            "11-24 08:30",
            Some("FREQ=WEEKLY;UNTIL=20270413T063000Z"),
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261215",
            "11-24 09:00",
            "11-25 09:00",
            Some("FREQ=WEEKLY;UNTIL=20261216"),
        ),
    ];
    for (rule, from, to, expect) in rows {
        let at = |text: &str| wall(&format!("2026-{text}"));
        let shifted = Repeat::parse(rule).unwrap();
        let shifted = shifted.shifted(at(from), at(to), &berlin);
        let shifted = shifted.map(|rule| rule.to_string());
        assert_eq!(shifted.as_deref(), expect, "{rule} from {from} to {to}");
    }
}
