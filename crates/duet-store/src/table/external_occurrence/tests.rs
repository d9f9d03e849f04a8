//! The classes of lengths, one case a line.

use super::{LONGEST, class_of};
use crate::row::DAY_MILLIS;

#[test]
fn a_class_bounds_the_length() {
    let cases = [
        (0, 0),
        (1, 0),
        (DAY_MILLIS, 0),
        (DAY_MILLIS + 1, 1),
        (2 * DAY_MILLIS, 1),
        (2 * DAY_MILLIS + 1, 2),
        (4 * DAY_MILLIS, 2),
        (7 * DAY_MILLIS, 3),
        (365 * DAY_MILLIS, 9),
        (DAY_MILLIS << LONGEST, LONGEST),
    ];
    for (length, class) in cases {
        assert_eq!(class_of(length), class, "{length}");
        assert!(
            length <= DAY_MILLIS << class,
            "a range reaches back that far"
        );
    }
}
