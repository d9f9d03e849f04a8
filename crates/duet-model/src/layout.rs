//! Where a block stands in a day's column: side by side where blocks overlap, never on top.
//!
//! Knows minutes and fractions of a column, no pixels and no zones.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// A block's place across a day's column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Left edge, 0 to 1 of the column.
    pub left: f32,
    /// Width, more than 0 and at most 1.
    pub width: f32,
}

/// Places pieces, given as start and end in minutes, side by side.
///
/// Pieces that overlap, also through others in between, form a cluster and share the column in as
/// many lanes as overlap at once; each then grows to the right as far as nothing stands. A piece
/// shorter than `least` minutes counts as that long, because it is drawn that high: otherwise the
/// next one would cover its text. The result is in the order of the input, and the same pieces are
/// placed the same way in any order (equal ones by their order).
pub fn pack(pieces: &[(u16, u16)], least: u16) -> Vec<Place> {
    let spans: Vec<Span> = pieces
        .iter()
        .map(|&(start, end)| Span {
            start: u32::from(start),
            end: u32::from(end).max(u32::from(start) + u32::from(least.max(1))),
        })
        .collect();
    let (lanes, _) = lanes(&spans);
    let mut places = vec![
        Place {
            left: 0.0,
            width: 1.0
        };
        spans.len()
    ];
    for cluster in clusters(&spans) {
        let count = cluster
            .iter()
            .map(|piece| lanes[*piece] + 1)
            .max()
            .unwrap_or(1);
        // What stands in each lane of this cluster, by start.
        let mut standing: Vec<Vec<Span>> = vec![Vec::new(); count];
        for piece in &cluster {
            standing[lanes[*piece]].push(spans[*piece]);
        }
        for piece in cluster {
            let first = lanes[piece];
            let wide = standing[first + 1..]
                .iter()
                .take_while(|lane| {
                    let next = lane.partition_point(|other| other.end <= spans[piece].start);
                    lane.get(next)
                        .is_none_or(|other| other.start >= spans[piece].end)
                })
                .count();
            let edge = |lane: usize| lane as f32 / count as f32;
            let left = edge(first);
            places[piece] = Place {
                left,
                width: edge(first + 1 + wide) - left,
            };
        }
    }
    places
}

/// Rows for bars that lie on top of each other, such as all-day blocks over several columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The row of each bar, in the order of the input; 0 is the topmost.
    pub of: Vec<u16>,
    /// How many rows are needed.
    pub count: u16,
}

/// Gives each bar, as first column and number of columns, the topmost row that is free for it,
/// earlier and longer bars first. A bar of no columns counts as one.
pub fn rows(bars: &[(u16, u16)]) -> Rows {
    let spans: Vec<Span> = bars
        .iter()
        .map(|&(first, count)| Span {
            start: u32::from(first),
            end: u32::from(first) + u32::from(count.max(1)),
        })
        .collect();
    let (lanes, count) = lanes(&spans);
    let row = |lane: usize| u16::try_from(lane).unwrap_or(u16::MAX);
    Rows {
        of: lanes.into_iter().map(row).collect(),
        count: row(count),
    }
}

/// A half-open span, never empty.
#[derive(Clone, Copy)]
struct Span {
    start: u32,
    end: u32,
}

/// Indices in reading order: by start, longer first.
fn reading_order(spans: &[Span]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|index| (spans[*index].start, Reverse(spans[*index].end)));
    order
}

/// The first free lane for each span, in reading order, and how many lanes that takes: as many as
/// overlap at once at most.
fn lanes(spans: &[Span]) -> (Vec<usize>, usize) {
    let mut lanes = vec![0; spans.len()];
    let mut count = 0;
    let mut free = BTreeSet::new();
    let mut taken = BinaryHeap::new();
    for index in reading_order(spans) {
        while let Some(&Reverse((end, lane))) = taken.peek()
            && end <= spans[index].start
        {
            taken.pop();
            free.insert(lane);
        }
        let lane = free.pop_first().unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        lanes[index] = lane;
        taken.push(Reverse((spans[index].end, lane)));
    }
    (lanes, count)
}

/// Groups of spans that overlap, directly or through others; each in reading order.
fn clusters(spans: &[Span]) -> Vec<Vec<usize>> {
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    let mut reach = 0;
    for index in reading_order(spans) {
        match clusters.last_mut() {
            Some(cluster) if spans[index].start < reach => cluster.push(index),
            _ => clusters.push(vec![index]),
        }
        reach = reach.max(spans[index].end);
    }
    clusters
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EPSILON: f32 = 1e-5;

    fn check(pieces: &[(u16, u16)], expect: &[(f32, f32)], why: &str) {
        let got = pack(pieces, 15);
        assert_eq!(got.len(), expect.len(), "{why}");
        for (got, (left, width)) in got.iter().zip(expect) {
            let close = (got.left - left).abs() < EPSILON && (got.width - width).abs() < EPSILON;
            assert!(close, "{why}: {got:?} is not ({left}, {width})");
        }
    }

    #[test]
    fn side_by_side() {
        let (half, third) = (0.5, 1.0 / 3.0);
        check(&[], &[], "nothing to place");
        check(
            &[(540, 600)],
            &[(0.0, 1.0)],
            "one piece has the column to itself",
        );
        check(
            &[(540, 600), (600, 660)],
            &[(0.0, 1.0), (0.0, 1.0)],
            "touching is not overlapping",
        );
        check(
            &[(540, 600), (570, 630)],
            &[(0.0, half), (half, half)],
            "two share",
        );
        check(
            &[(570, 630), (540, 600)],
            &[(half, half), (0.0, half)],
            "input order is kept",
        );
        check(
            &[(540, 720), (540, 600), (540, 600), (600, 720)],
            &[
                (0.0, third),
                (third, third),
                (2.0 * third, third),
                (third, 2.0 * third),
            ],
            "the last grows into the free lane beside it",
        );
        check(
            &[(540, 545), (550, 600)],
            &[(0.0, half), (half, half)],
            "short ones are drawn higher",
        );
        check(
            &[(540, 545), (555, 600)],
            &[(0.0, 1.0), (0.0, 1.0)],
            "but no higher than that",
        );
        check(
            &[(540, 540), (540, 540)],
            &[(0.0, half), (half, half)],
            "even without any length",
        );
        check(
            &[(1435, 1440), (65_530, 65_535)],
            &[(0.0, 1.0), (0.0, 1.0)],
            "at the ends",
        );
    }

    #[test]
    fn bars_take_the_topmost_free_row() {
        assert_eq!(
            rows(&[]),
            Rows {
                of: vec![],
                count: 0
            }
        );
        let bars = [(0, 1), (0, 7), (2, 2), (1, 1), (3, 1)];
        // The long bar comes first and lies on top, the short ones fill the row below it.
        assert_eq!(
            rows(&bars),
            Rows {
                of: vec![1, 0, 1, 1, 2],
                count: 3
            }
        );
        assert_eq!(
            rows(&[(3, 0), (3, 1)]),
            Rows {
                of: vec![0, 1],
                count: 2
            }
        );
    }

    #[test]
    fn ten_thousand_pieces_at_once_are_placed_in_time() {
        let pieces: Vec<_> = (0..10_000u16).map(|n| (n % 1400, n % 1400 + 40)).collect();
        let begun = std::time::Instant::now();
        assert_eq!(pack(&pieces, 15).len(), pieces.len());
        assert!(begun.elapsed().as_secs() < 5, "took {:?}", begun.elapsed());
    }

    fn pieces() -> impl Strategy<Value = Vec<(u16, u16)>> {
        prop::collection::vec(
            (0u16..1440, 0u16..300).prop_map(|(at, long)| (at, at + long)),
            0..40,
        )
    }

    fn spans(pieces: &[(u16, u16)], least: u16) -> Vec<(u16, u16)> {
        pieces
            .iter()
            .map(|&(start, end)| (start, end.max(start + least.max(1))))
            .collect()
    }

    fn depth(spans: &[(u16, u16)]) -> usize {
        let at_once = |at| {
            spans
                .iter()
                .filter(|(start, end)| *start <= at && at < *end)
                .count()
        };
        spans.iter().map(|span| at_once(span.0)).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn nothing_stands_on_top_of_another(pieces in pieces(), least in 0u16..30) {
            let places = pack(&pieces, least);
            let spans = spans(&pieces, least);
            for (a, place) in places.iter().enumerate() {
                prop_assert!(place.left >= 0.0 && place.width > 0.0);
                prop_assert!(place.left + place.width <= 1.0 + EPSILON);
                for (b, other) in places.iter().enumerate().skip(a + 1) {
                    let meet = spans[a].0 < spans[b].1 && spans[b].0 < spans[a].1;
                    let apart = place.left + place.width <= other.left + EPSILON
                        || other.left + other.width <= place.left + EPSILON;
                    prop_assert!(!meet || apart, "{a} and {b} of {pieces:?}");
                }
            }
        }

        #[test]
        fn no_piece_is_narrower_than_the_crowd_demands(pieces in pieces(), least in 0u16..30) {
            let narrowest = 1.0 / depth(&spans(&pieces, least)).max(1) as f32;
            for place in pack(&pieces, least) {
                prop_assert!(place.width >= narrowest - EPSILON);
            }
        }

        #[test]
        fn no_piece_could_still_grow(pieces in pieces()) {
            let places = pack(&pieces, 15);
            let spans = spans(&pieces, 15);
            for (a, place) in places.iter().enumerate() {
                let edge = place.left + place.width;
                let stopped = edge >= 1.0 - EPSILON || places.iter().enumerate().any(|(b, other)| {
                    b != a && spans[a].0 < spans[b].1 && spans[b].0 < spans[a].1
                        && (other.left - edge).abs() < EPSILON
                });
                prop_assert!(stopped, "{a} of {pieces:?}");
            }
        }

        #[test]
        fn rows_never_collide_and_are_few(
            bars in prop::collection::vec((0u16..7, 1u16..7), 0..30),
        ) {
            let spans: Vec<_> = bars.iter().map(|&(at, long)| (at, at + long)).collect();
            let rows = rows(&bars);
            prop_assert_eq!(usize::from(rows.count), depth(&spans));
            for (a, one) in spans.iter().enumerate() {
                for (b, other) in spans.iter().enumerate().skip(a + 1) {
                    let meet = one.0 < other.1 && other.0 < one.1;
                    prop_assert!(!meet || rows.of[a] != rows.of[b]);
                }
            }
        }
    }
}
