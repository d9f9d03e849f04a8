//! What the agenda lists: the days on which something stands, and the time of which nothing is known.

use chrono::NaiveDate;
use duet_model::availability::State;
use duet_wire::grid::{BlockView, DayView, GridView};

/// One part of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Section<'a> {
    /// A day with something on it.
    Day {
        /// The day.
        day: &'a DayView,
        /// What begins on it or lasts over it, whole days first, each once.
        blocks: Vec<&'a BlockView>,
        /// Minutes of the day, from and to, that are not known to be free.
        unknown: Vec<(u16, u16)>,
    },
    /// Days in a row of which nothing at all is known; the second date is exclusive.
    Unknown(NaiveDate, NaiveDate),
}

/// The list. Days that are wholly free are left out, and only those: an unknown day that is left out
/// looks free.
pub(crate) fn sections(grid: &GridView) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for (index, day) in grid.days.iter().enumerate() {
        let blocks = of_day(grid, index);
        let unknown = unknown(day);
        if blocks.is_empty() && unknown == [(0, day.minutes)] {
            let after = day.date.succ_opt().unwrap_or(day.date);
            match sections.last_mut() {
                Some(Section::Unknown(_, end)) if *end == day.date => *end = after,
                _ => sections.push(Section::Unknown(day.date, after)),
            }
        } else if !blocks.is_empty() || !unknown.is_empty() {
            sections.push(Section::Day {
                day,
                blocks,
                unknown,
            });
        }
    }
    sections
}

/// How many sections are drawn for about `lines` lines: whole ones, and at least one. Thousands of
/// lines at once would keep the window from answering (4,215 took 0.9 s, measured 2026-11-22).
pub(crate) fn first(sections: &[Section<'_>], lines: usize) -> usize {
    let mut room = lines;
    let fits = |section: &&Section<'_>| {
        let wanted = room > 0;
        room = room.saturating_sub(match section {
            Section::Day {
                blocks, unknown, ..
            } => blocks.len() + unknown.len(),
            Section::Unknown(..) => 1,
        });
        wanted
    };
    sections.iter().take_while(fits).count().max(1)
}

/// The unknown minutes of a day, neighbours joined.
fn unknown(day: &DayView) -> Vec<(u16, u16)> {
    let mut spans: Vec<(u16, u16)> = Vec::new();
    for piece in day
        .strip
        .iter()
        .filter(|piece| piece.state == State::Unknown)
    {
        let end = piece.top + piece.length;
        match spans.last_mut() {
            Some((_, last)) if *last == piece.top => *last = end,
            _ => spans.push((piece.top, end)),
        }
    }
    spans
}

fn of_day(grid: &GridView, index: usize) -> Vec<&BlockView> {
    let bars = grid.bars.iter().filter(|bar| {
        let column = usize::from(bar.column);
        (column..column + usize::from(bar.span)).contains(&index)
    });
    let pieces = grid
        .days
        .get(index)
        .into_iter()
        .flat_map(|day| &day.pieces)
        .filter(|piece| index == 0 || !piece.from_before);
    bars.map(|bar| bar.block)
        .chain(pieces.map(|piece| piece.block))
        .filter_map(|block| grid.blocks.get(block as usize))
        .collect()
}

#[cfg(test)]
mod tests {
    use duet_wire::grid::StripPiece;

    use super::*;
    use crate::state::place::blank_day;
    use crate::state::view::Span;

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    #[test]
    fn as_many_days_are_drawn_as_there_is_room_for() {
        let day = blank_day(date(23), None);
        let block = crate::state::seen::tests::event("Stand-up");
        let of = |many: usize| Section::Day {
            day: &day,
            blocks: vec![&block; many],
            unknown: Vec::new(),
        };
        let month = [of(3), Section::Unknown(date(24), date(25)), of(500), of(1)];
        let cases = [
            (0, 1),
            (3, 1),
            (4, 2),
            (5, 3),
            (503, 3),
            (504, 3),
            (505, 4),
            (900, 4),
        ];
        for (lines, expect) in cases {
            assert_eq!(first(&month, lines), expect, "{lines} lines");
        }
    }

    fn strip(pieces: &[(u16, u16, State)]) -> Vec<StripPiece> {
        let piece = |&(top, end, state)| StripPiece {
            top,
            length: end - top,
            state,
            as_of: None,
        };
        pieces.iter().map(piece).collect()
    }

    #[test]
    fn only_what_is_known_to_be_free_is_left_out() {
        let mut grid = Span {
            from: date(23),
            days: 5,
        }
        .blank(None);
        let whole = [(0, 600, State::Unknown), (600, 1440, State::Unknown)];
        grid.days[1].strip = strip(&whole);
        grid.days[2].strip = strip(&whole);
        grid.days[3].strip = strip(&[(0, 540, State::Unknown), (540, 600, State::Busy)]);
        let found = sections(&grid);
        assert_eq!(found[0], Section::Unknown(date(24), date(26)));
        let Section::Day { day, unknown, .. } = &found[1] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (day.date, unknown.as_slice()),
            (date(26), [(0, 540)].as_slice())
        );
        assert_eq!(found.len(), 2, "the free days are left out: {found:?}");
        assert_eq!(blank_day(date(23), None).strip, []);
    }
}
