//! When a listing is doubted, one case a line.

use std::collections::BTreeMap;

use duet_model::event::EventId;

use super::Lack;

fn id(number: usize) -> EventId {
    EventId(number.to_string())
}

#[test]
fn a_tenth_or_a_few_may_go() {
    // There before, mentioned of those, new; doubted?
    let cases = [
        (0, 0, 0, false),
        (9, 0, 0, false),
        (10, 1, 0, false),
        (10, 0, 0, true),
        (100, 90, 0, false),
        (100, 89, 0, true),
        (109, 99, 0, false),
        (50_000, 45_000, 0, false),
        (50_000, 44_999, 9_000, true),
        (11, 1, 1_000, true),
    ];
    for (there, mentioned, new, doubted) in cases {
        let stored: Vec<EventId> = (0..there + new).map(id).collect();
        let seen: BTreeMap<EventId, bool> = (0..mentioned)
            .map(|n| (id(n), false))
            .chain((there..there + new).map(|n| (id(n), true)))
            .collect();
        let lack = Lack::of(stored, &seen);
        let case = (there, mentioned, new);
        assert_eq!(
            (lack.missing.len(), lack.of),
            (there - mentioned, there),
            "{case:?}"
        );
        assert_eq!(lack.is_doubtful(), doubted, "{case:?}");
    }
}
