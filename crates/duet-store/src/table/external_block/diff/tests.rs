//! The difference as a table, and against brute force.

use super::{Diff, Span, join, narrow, plan};
use proptest::prelude::*;

#[test]
fn cases() {
    let diff = |remove: &[i64], add: &[Span]| Diff {
        remove: remove.to_vec(),
        add: add.to_vec(),
    };
    let window = (100, 200);
    let cases: [(&str, &[Span], &[Span], Diff); 12] = [
        ("nothing", &[], &[], diff(&[], &[])),
        (
            "first",
            &[],
            &[(110, 120), (130, 140)],
            diff(&[], &[(110, 120), (130, 140)]),
        ),
        ("same", &[(110, 120)], &[(110, 120)], diff(&[], &[])),
        ("gone", &[(110, 120)], &[], diff(&[110], &[])),
        (
            "longer",
            &[(110, 120)],
            &[(110, 125)],
            diff(&[110], &[(110, 125)]),
        ),
        ("history that touches", &[(90, 100)], &[], diff(&[], &[])),
        (
            "history goes on",
            &[(90, 100)],
            &[(100, 110)],
            diff(&[90], &[(90, 110)]),
        ),
        (
            "under the edge",
            &[(90, 110)],
            &[(100, 110)],
            diff(&[], &[]),
        ),
        (
            "cut at the edge",
            &[(90, 110)],
            &[],
            diff(&[90], &[(90, 100)]),
        ),
        (
            "beyond the end",
            &[(150, 160), (200, 300)],
            &[(150, 160)],
            diff(&[200], &[]),
        ),
        (
            "not asked for",
            &[],
            &[(10, 20), (90, 100), (200, 210)],
            diff(&[], &[]),
        ),
        (
            "all over it",
            &[(90, 95), (110, 120)],
            &[(50, 300)],
            diff(&[110], &[(100, 200)]),
        ),
    ];
    for (name, stored, fresh, expect) in cases {
        assert_eq!(plan(stored, window, fresh), expect, "{name}");
    }
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    let span = (0_i64..60, 1_i64..12).prop_map(|(start, length)| (start, start + length));
    proptest::collection::vec(span, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn joining_keeps_every_instant_and_leaves_gaps(input in spans()) {
        let joined = join(input.clone());
        for at in 0..80 {
            let inside = |spans: &[Span]| spans.iter().any(|it| it.0 <= at && at < it.1);
            prop_assert_eq!(inside(&input), inside(&joined), "at {}", at);
        }
        prop_assert!(joined.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", joined);
        prop_assert_eq!(join(joined.clone()), joined, "joining twice is joining once");
    }

    #[test]
    fn applying_the_plan_leaves_nothing_to_plan(
        stored in spans(), fresh in spans(), from in 0_i64..60, length in 1_i64..40,
    ) {
        let window = (from, from + length);
        let stored: Vec<Span> =
            join(stored).into_iter().filter(|it| it.1 >= window.0).collect();
        let diff = plan(&stored, window, &fresh);
        let mut after: Vec<Span> =
            stored.into_iter().filter(|it| !diff.remove.contains(&it.0)).collect();
        after.extend(&diff.add);
        after.sort_unstable();
        prop_assert!(after.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", after);
        after.retain(|it| it.1 >= window.0);
        prop_assert!(plan(&after, window, &fresh).is_empty());
    }
}

#[test]
fn narrowing_only_takes_away_and_only_inside() {
    let window = (100, 200);
    // What is stored, what is busy, what is stored then.
    let cases: [(&[Span], &[Span], &[Span]); 9] = [
        (&[], &[(110, 120)], &[]),
        (&[(110, 120)], &[], &[]),
        (&[(110, 120)], &[(110, 120)], &[(110, 120)]),
        (&[(110, 120)], &[(105, 130)], &[(110, 120)]),
        (
            &[(110, 150)],
            &[(100, 120), (130, 140)],
            &[(110, 120), (130, 140)],
        ),
        (&[(110, 150)], &[(100, 130), (120, 140)], &[(110, 140)]),
        (&[(90, 110)], &[], &[(90, 100)]),
        (&[(90, 110)], &[(100, 105)], &[(90, 105)]),
        (&[(190, 210), (220, 230)], &[], &[(200, 210), (220, 230)]),
    ];
    for (stored, fresh, expect) in cases {
        let diff = narrow(stored, window, fresh);
        let left = stored.iter().filter(|span| !diff.remove.contains(&span.0));
        let mut left: Vec<Span> = left.chain(&diff.add).copied().collect();
        left.sort_unstable();
        assert_eq!(left, expect, "{stored:?} with {fresh:?}");
    }
}
