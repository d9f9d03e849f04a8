//! The grid's keyboard cursor: where the arrow keys lead.
//!
//! The cursor stands either on a half hour or on a block; every block can be reached with Up and
//! Down alone, also where blocks overlap.

use duet_wire::grid::{DayView, GridView, Piece};

/// How many minutes the cursor covers where there is no block.
pub(crate) const SLOT: u16 = 30;

/// Where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    /// A half hour.
    Slot {
        /// Index of the day.
        day: usize,
        /// Minutes since it began.
        minute: u16,
    },
    /// A drawn piece of a block.
    Piece {
        /// Index of the day.
        day: usize,
        /// Index among its pieces.
        piece: usize,
    },
}

/// A key that moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrow {
    /// Earlier.
    Up,
    /// Later.
    Down,
    /// The day before.
    Left,
    /// The day after.
    Right,
}

/// Where a key led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A place in this view.
    To(Spot),
    /// Past the first or last day, at this minute: -1 or 1.
    Past(i32, u16),
}

impl Spot {
    /// The index of its day.
    pub(crate) fn day(self) -> usize {
        match self {
            Self::Slot { day, .. } | Self::Piece { day, .. } => day,
        }
    }

    /// The minute it begins at, as long as the piece is still there.
    pub(crate) fn minute(self, view: &GridView) -> u16 {
        match self {
            Self::Slot { minute, .. } => minute,
            Self::Piece { day, piece } => view
                .days
                .get(day)
                .and_then(|day| day.pieces.get(piece))
                .map_or(0, |piece| piece.top),
        }
    }
}

/// Where `arrow` leads from `spot`.
pub(crate) fn step(view: &GridView, spot: Spot, arrow: Arrow) -> Step {
    let index = spot.day();
    let Some(day) = view.days.get(index) else {
        return Step::To(Spot::Slot { day: 0, minute: 0 });
    };
    let minute = spot.minute(view);
    match arrow {
        Arrow::Left if index == 0 => Step::Past(-1, minute),
        Arrow::Left => Step::To(land(view, index - 1, minute)),
        Arrow::Right if index + 1 >= view.days.len() => Step::Past(1, minute),
        Arrow::Right => Step::To(land(view, index + 1, minute)),
        Arrow::Down => Step::To(down(view, day, index, spot)),
        Arrow::Up => Step::To(up(day, index, spot)),
    }
}

/// The place for a minute of a day: the first block that covers it, else the half hour.
pub(crate) fn land(view: &GridView, day: usize, minute: u16) -> Spot {
    let Some(column) = view.days.get(day) else {
        return Spot::Slot { day: 0, minute };
    };
    match column
        .pieces
        .iter()
        .position(|piece| piece.top <= minute && minute < bottom(piece))
    {
        Some(piece) => Spot::Piece { day, piece },
        None => Spot::Slot {
            day,
            minute: minute.min(column.minutes.saturating_sub(SLOT)),
        },
    }
}

fn bottom(piece: &Piece) -> u16 {
    piece.top + piece.length
}

fn down(view: &GridView, day: &DayView, index: usize, spot: Spot) -> Spot {
    match spot {
        Spot::Slot { minute, .. } => {
            let next = minute + SLOT;
            let begins = |piece: &Piece| piece.top > minute && piece.top < next;
            match day.pieces.iter().position(begins) {
                Some(piece) => Spot::Piece { day: index, piece },
                None if next >= day.minutes => spot,
                None => land(view, index, next),
            }
        }
        Spot::Piece { piece, .. } => {
            let Some(sofar) = day.pieces.get(..=piece) else {
                return land(view, index, 0);
            };
            // Past everything that was passed, or a long block beside short ones would catch the
            // cursor again and again.
            let end = sofar.iter().map(bottom).max().unwrap_or(0);
            match day.pieces.get(piece + 1) {
                Some(next) if next.top <= end => Spot::Piece {
                    day: index,
                    piece: piece + 1,
                },
                _ if end >= day.minutes => spot,
                // Half hours again from the block's end on, at round times.
                _ => Spot::Slot {
                    day: index,
                    minute: end.next_multiple_of(SLOT).max(end),
                }
                .within(day, end),
            }
        }
    }
}

fn up(day: &DayView, index: usize, spot: Spot) -> Spot {
    let (from, before) = match spot {
        Spot::Slot { minute, .. } => (minute, day.pieces.len()),
        Spot::Piece { piece, .. } => (day.pieces.get(piece).map_or(0, |here| here.top), piece),
    };
    let previous = from.saturating_sub(1) / SLOT * SLOT;
    let earlier = day.pieces.get(..before).unwrap_or_default();
    let over_slot = matches!(spot, Spot::Slot { .. });
    let found = earlier
        .iter()
        .rposition(|piece| bottom(piece) > previous && (!over_slot || piece.top < from));
    match found {
        Some(piece) => Spot::Piece { day: index, piece },
        None if from == 0 => spot,
        None => Spot::Slot {
            day: index,
            minute: previous,
        },
    }
}

impl Spot {
    /// Stays inside the day, and not later than a block that begins before the rounded minute.
    fn within(self, day: &DayView, end: u16) -> Self {
        let Self::Slot { day: index, minute } = self else {
            return self;
        };
        let begins = |piece: &Piece| piece.top >= end && piece.top <= minute;
        match day.pieces.iter().position(begins) {
            Some(piece) => Self::Piece { day: index, piece },
            None => Self::Slot {
                day: index,
                minute: minute.min(day.minutes.saturating_sub(SLOT)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::view::Span;

    /// A week whose Tuesday has these blocks, as start and end minutes.
    fn week(tuesday: &[(u16, u16)]) -> GridView {
        let mut view = Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        }
        .blank(None);
        view.days[1].pieces = tuesday
            .iter()
            .map(|(top, end)| Piece {
                block: 0,
                top: *top,
                length: end - top,
                left: 0.0,
                width: 1.0,
                from_before: false,
                goes_on: false,
            })
            .collect();
        view
    }

    fn slot(minute: u16) -> Spot {
        Spot::Slot { day: 1, minute }
    }

    fn piece(piece: usize) -> Spot {
        Spot::Piece { day: 1, piece }
    }

    #[test]
    fn arrows_lead_over_blocks_and_half_hours() {
        let busy = [(545, 600), (550, 570), (600, 660), (700, 705)];
        let cases = [
            (
                "into a block that begins within",
                slot(540),
                Arrow::Down,
                piece(0),
            ),
            ("to the one beside it", piece(0), Arrow::Down, piece(1)),
            ("to the one after", piece(2), Arrow::Down, slot(660)),
            ("down to a short one", slot(690), Arrow::Down, piece(3)),
            ("past it, at a round time", piece(3), Arrow::Down, slot(720)),
            ("back up", slot(720), Arrow::Up, piece(3)),
            ("up to the half hour before", piece(3), Arrow::Up, slot(690)),
            ("up beside", piece(1), Arrow::Up, piece(0)),
            ("up out of the first", piece(0), Arrow::Up, slot(540)),
            ("the day ends", slot(1410), Arrow::Down, slot(1410)),
            ("the day begins", slot(0), Arrow::Up, slot(0)),
        ];
        for (name, from, arrow, expect) in cases {
            assert_eq!(step(&week(&busy), from, arrow), Step::To(expect), "{name}");
        }
    }

    #[test]
    fn every_block_is_reached_with_down_alone() {
        let busy = [
            (0, 90),
            (30, 60),
            (30, 400),
            (35, 40),
            (500, 501),
            (505, 510),
            (1430, 1440),
        ];
        let view = week(&busy);
        let mut spot = slot(0);
        let mut seen = vec![false; busy.len()];
        for _ in 0..200 {
            if let Spot::Piece { piece, .. } = spot {
                seen[piece] = true;
            }
            let Step::To(next) = step(&view, spot, Arrow::Down) else {
                panic!("down stays in the day")
            };
            if next == spot {
                break;
            }
            spot = next;
        }
        // The first block covers minute 0, so one begins on it rather than on a slot.
        seen[0] = true;
        assert_eq!(seen, vec![true; busy.len()], "ended at {spot:?}");
    }

    #[test]
    fn the_edges_of_the_week_lead_to_the_next() {
        let view = week(&[]);
        let first = Spot::Slot {
            day: 0,
            minute: 600,
        };
        let last = Spot::Slot {
            day: 6,
            minute: 600,
        };
        assert_eq!(step(&view, first, Arrow::Left), Step::Past(-1, 600));
        assert_eq!(step(&view, last, Arrow::Right), Step::Past(1, 600));
    }
}
