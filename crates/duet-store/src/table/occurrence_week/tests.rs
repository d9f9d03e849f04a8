//! Which weeks an occurrence stands in, one case a line, and that what is packed is read again.

use super::*;

const HOUR: i64 = DAY_MILLIS / 24;

fn slot(start: i64, end: i64) -> Slot {
    Slot {
        start,
        end,
        all_day: false,
    }
}

#[test]
fn an_occurrence_stands_in_its_weeks() {
    let week = WEEK_MILLIS;
    let cases = [
        (slot(0, 0), vec![0]),
        (slot(0, HOUR), vec![0]),
        (slot(-1, 0), vec![-1]),
        (slot(-1, 1), vec![-1, 0]),
        (slot(week - 1, week), vec![0]),
        (slot(week - 1, week + 1), vec![0, 1]),
        (slot(0, 2 * week), vec![0, 1]),
        (slot(0, 2 * week + 1), vec![LONG]),
        (slot(week - 1, 2 * week + 1), vec![LONG]),
    ];
    for (slot, expect) in cases {
        assert_eq!(slot.weeks().collect::<Vec<_>>(), expect, "{slot:?}");
    }
}

#[test]
fn a_range_touches_its_weeks() {
    let week = WEEK_MILLIS;
    let cases = [
        ((0, 1), 0..=0),
        ((0, week), 0..=0),
        ((0, week + 1), 0..=1),
        ((-1, 1), -1..=0),
        ((5, 5), 0..=0),
    ];
    for ((from, until), expect) in cases {
        assert_eq!(weeks_of(from, until), expect, "{from} {until}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let titles = ["", "Choir", " \n\0 ", "é💥", "0 0 0"];
    let entries: BTreeSet<Entry<'_>> = (0_i64..)
        .zip(titles)
        .map(|(n, title)| Entry {
            slot: Slot {
                start: -n,
                end: n << 40,
                all_day: n % 2 == 1,
            },
            event: i64::MAX - n,
            facts: u32::MAX,
            title,
        })
        .collect();
    let bytes = pack(7, &entries);
    assert_eq!(unpack(&bytes), Some(entries));
    for cut in [1, 8, 36, bytes.len() - 1] {
        assert_eq!(unpack(&bytes[..cut]), None, "{cut}");
    }
    assert_eq!(packed::entry(&bytes, 0).map(|it| it.calendar), Some(7));
    assert_eq!(unpack(&[]), Some(BTreeSet::new()));
}

#[test]
fn weeks_of_all_calendars_lie_together() {
    let calendars = [1, 2, u32::MAX];
    for week in [LONG, -1, 0, 2968] {
        for calendar in calendars {
            let place = place_of(week, calendar);
            // As the range asks.
            assert!((week << 32..=(week << 32) | 4_294_967_295).contains(&place));
            assert_eq!(place >> 32, week);
        }
    }
}
