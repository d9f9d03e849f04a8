//! Where the all-day bars of one week of the month stand: rows from the top, so that a bar over
//! several days is one bar and nothing beneath it is covered.

use duet_wire::grid::{Bar, GridView};

/// How many days a week has.
pub(crate) const WEEK: usize = 7;

/// A bar within one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Index into the view's blocks.
    pub(crate) block: u32,
    /// First day, 0 to 6.
    pub(crate) column: usize,
    /// How many days.
    pub(crate) span: usize,
    /// Row from the top.
    pub(crate) row: usize,
    /// Did it begin before this week?
    pub(crate) from_before: bool,
    /// Does it go on after it?
    pub(crate) goes_on: bool,
}

impl Segment {
    /// Does it lie over this day of the week?
    pub(crate) fn covers(&self, column: usize) -> bool {
        (self.column..self.column + self.span).contains(&column)
    }
}

/// The bars of a week, each in the first row that is free for all of its days. The view's own rows
/// are those of all six weeks together and would leave gaps.
pub(crate) fn segments(grid: &GridView, week: usize) -> Vec<Segment> {
    let first = week * WEEK;
    let mut placed: Vec<Segment> = Vec::new();
    let mut bars: Vec<&Bar> = grid.bars.iter().collect();
    bars.sort_by_key(|bar| (bar.column, std::cmp::Reverse(bar.span), bar.row));
    for bar in bars {
        let (from, after) = (
            usize::from(bar.column),
            usize::from(bar.column) + usize::from(bar.span),
        );
        let (start, end) = (from.max(first), after.min(first + WEEK));
        if start >= end {
            continue;
        }
        let mut segment = Segment {
            block: bar.block,
            column: start - first,
            span: end - start,
            row: 0,
            from_before: bar.from_before || from < first,
            goes_on: bar.goes_on || after > first + WEEK,
        };
        let taken = |row: usize| {
            placed.iter().any(|other| {
                other.row == row
                    && (segment.column..segment.column + segment.span)
                        .any(|column| other.covers(column))
            })
        };
        segment.row = (0..).find(|row| !taken(*row)).unwrap_or(0);
        placed.push(segment);
    }
    placed
}

/// How many lines fit into a day of six weeks, from the window's height in CSS pixels: below the header
/// and the names of the days each has its date and its bar. In a low window all of it is lower, as in
/// `styles/month.css`.
pub(crate) fn room(height: f64) -> usize {
    let (frame, date, line) = if height <= 544.0 {
        (76.0, 27.0, 18.0)
    } else {
        (90.0, 34.0, 20.0)
    };
    let lines = ((height - frame) / 6.0 - date) / line;
    (lines.floor().max(1.0) as usize).min(12)
}

/// How a day of the month fills its lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Rows that the bars take from the top.
    pub(crate) rows: usize,
    /// How many of the day's timed blocks are listed.
    pub(crate) listed: usize,
    /// How many blocks and bars are left for "+n more".
    pub(crate) more: usize,
}

/// Shares `room` lines of each day among the week's bars and the day's timed blocks (`timed` of
/// them). Gives the bars that are drawn and the days' lines. A bar is drawn on all of its days or on
/// none; where not all of a day fits, one line says how many are left.
pub(crate) fn fill(
    segments: Vec<Segment>,
    timed: [usize; WEEK],
    room: usize,
) -> (Vec<Segment>, [Lines; WEEK]) {
    let fits = |column: usize| {
        let over = segments.iter().filter(|one| one.covers(column));
        let rows = over.map(|one| one.row + 1).max().unwrap_or(0);
        rows + timed[column] <= room
    };
    let whole: [bool; WEEK] = std::array::from_fn(fits);
    let (drawn, hidden): (Vec<Segment>, Vec<Segment>) = segments.into_iter().partition(|one| {
        one.row + 1 < room
            || (one.row < room && (0..WEEK).all(|day| !one.covers(day) || whole[day]))
    });
    let lines = std::array::from_fn(|column| {
        let rows = drawn.iter().filter(|one| one.covers(column));
        let rows = rows.map(|one| one.row + 1).max().unwrap_or(0);
        let hidden = hidden.iter().filter(|one| one.covers(column)).count();
        let (free, timed) = (room.saturating_sub(rows), timed[column]);
        let listed = if hidden == 0 && timed <= free {
            timed
        } else {
            timed.min(free.saturating_sub(1))
        };
        Lines {
            rows,
            listed,
            more: hidden + timed - listed,
        }
    });
    (drawn, lines)
}

/// Everything that stands on a day, as indices into the view's blocks: what lasts whole days first, in
/// the order of its rows, then by time. A block that is drawn in two pieces stands there once.
pub(crate) fn of_day(grid: &GridView, day: usize) -> Vec<u32> {
    let over = |bar: &&Bar| {
        let from = usize::from(bar.column);
        (from..from + usize::from(bar.span)).contains(&day)
    };
    let mut bars: Vec<&Bar> = grid.bars.iter().filter(over).collect();
    bars.sort_by_key(|bar| bar.row);
    let timed = grid.days.get(day).map_or(&[][..], |day| &day.pieces);
    let mut blocks: Vec<u32> = Vec::with_capacity(bars.len() + timed.len());
    let all = bars.iter().map(|bar| bar.block);
    for block in all.chain(timed.iter().map(|piece| piece.block)) {
        if !blocks.contains(&block) {
            blocks.push(block);
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::view::Span;
    use duet_wire::grid::Piece;

    fn grid(bars: &[(u16, u16)]) -> GridView {
        let mut grid = Span {
            from: "2026-10-26".parse().unwrap(),
            days: 42,
        }
        .blank(None);
        grid.bars = bars
            .iter()
            .enumerate()
            .map(|(index, &(column, span))| Bar {
                block: index as u32,
                column,
                span,
                row: index as u16,
                from_before: false,
                goes_on: false,
            })
            .collect();
        grid
    }

    #[test]
    fn a_bar_over_weeks_is_one_bar_in_each() {
        let grid = grid(&[(5, 4), (8, 1), (9, 2)]);
        let first = segments(&grid, 0);
        assert_eq!(first.len(), 1);
        assert_eq!((first[0].column, first[0].span), (5, 2));
        assert!(!first[0].from_before && first[0].goes_on);
        let second = segments(&grid, 1);
        let places: Vec<_> = second
            .iter()
            .map(|one| (one.block, one.column, one.span, one.row))
            .collect();
        assert_eq!(
            places,
            [(0, 0, 2, 0), (1, 1, 1, 1), (2, 2, 2, 0)],
            "rows are those of this week, the first that is free"
        );
        assert!(second[0].from_before && !second[0].goes_on);
        assert_eq!(segments(&grid, 2), []);
    }

    #[test]
    fn nothing_of_a_day_is_lost_between_bars_and_lines() {
        // (bars over the first day, its timed blocks, room) to (rows, listed, more)
        let cases = [
            ((0, 3, 3), (0, 3, 0)),
            ((0, 4, 3), (0, 2, 2)),
            ((1, 2, 3), (1, 2, 0)),
            ((1, 3, 3), (1, 1, 2)),
            ((2, 3, 3), (2, 0, 3)),
            ((3, 0, 3), (3, 0, 0)),
            ((4, 2, 3), (2, 0, 4)),
            ((1, 1, 1), (0, 0, 2)),
        ];
        for ((bars, blocks, room), (rows, listed, more)) in cases {
            let segments = segments(&grid(&vec![(0, 2); bars]), 0);
            let mut timed = [0; WEEK];
            timed[0] = blocks;
            let expect = Lines { rows, listed, more };
            assert_eq!(
                fill(segments, timed, room).1[0],
                expect,
                "{bars} bars, {blocks} blocks, {room} lines"
            );
        }
    }

    #[test]
    fn a_low_window_keeps_room_for_titles() {
        let cases = [
            (200.0, 1),
            (480.0, 2),
            (544.0, 2),
            (600.0, 2),
            (800.0, 4),
            (4000.0, 12),
        ];
        for (height, lines) in cases {
            assert_eq!(room(height), lines, "{height}");
        }
    }

    #[test]
    fn a_day_tells_all_of_it_once_and_whole_days_first() {
        let piece = |block, top| Piece {
            block,
            top,
            length: 30,
            left: 0.0,
            width: 1.0,
            from_before: false,
            goes_on: false,
        };
        let mut grid = grid(&[(0, 3), (2, 1), (3, 2)]);
        grid.bars[0].row = 5;
        grid.days[2].pieces = vec![piece(7, 60), piece(8, 90), piece(7, 1500)];
        assert_eq!(of_day(&grid, 2), [1, 0, 7, 8]);
        assert_eq!(of_day(&grid, 1), [0], "a bar is of each of its days");
        assert!(of_day(&grid, 5).is_empty(), "and of none after its last");
        assert!(of_day(&grid, 99).is_empty());
    }

    #[test]
    fn a_bar_is_drawn_on_all_of_its_days_or_on_none() {
        // The third row goes on over Tuesday, where timed blocks leave no room for it.
        let segments = segments(&grid(&[(0, 1), (0, 1), (0, 2)]), 0);
        let (drawn, lines) = fill(segments.clone(), [0, 3, 0, 0, 0, 0, 0], 3);
        assert_eq!(
            drawn.len(),
            3,
            "the longest bar is the first row: {segments:?}"
        );
        let mut segments = segments;
        segments[0].row = 2;
        segments[2].row = 0;
        let (drawn, crowded) = fill(segments, [0, 3, 0, 0, 0, 0, 0], 3);
        assert_eq!(drawn.len(), 2);
        assert_eq!((crowded[0].rows, crowded[0].more), (2, 1));
        assert_eq!((crowded[1].listed, crowded[1].more), (2, 2));
        assert_eq!((lines[0].rows, lines[0].more), (3, 0));
        assert_eq!((lines[1].rows, lines[1].listed, lines[1].more), (1, 1, 2));
    }
}
