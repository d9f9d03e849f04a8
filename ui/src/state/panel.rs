//! What stands beside the calendar, one at a time: the reasons of a stretch of time, the search for a
//! free one, what others invite to, or what is on its way to Google.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use duet_wire::grid::{BlockView, DayView, GridView};

use crate::state::cursor::{SLOT, Spot};
use crate::state::place;

/// The longest stretch that the core explains.
const LONGEST: TimeDelta = TimeDelta::days(31);

/// What is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Panel {
    /// Why a stretch is what it is.
    Why(Stretch),
    /// Free time for several people.
    Find,
    /// Invitations that wait for an answer.
    Invitations,
    /// What waits to be sent, and what clashed.
    Changes,
}

/// A stretch of time that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// From, UTC.
    pub(crate) from: DateTime<Utc>,
    /// To, exclusive, UTC.
    pub(crate) to: DateTime<Utc>,
    /// The same on the wall clock of the display zone, to be said before the answer is there.
    pub(crate) wall: (NaiveDateTime, NaiveDateTime),
}

impl Stretch {
    /// All of a block; of one that lasts longer, as much as can be explained.
    pub(crate) fn of(block: &BlockView) -> Self {
        let to = block.end.min(block.start + LONGEST);
        let cut = block.end - to;
        Self {
            from: block.start,
            // What lasts no time at all is asked about by its minute.
            to: to.max(block.start + TimeDelta::minutes(1)),
            wall: (block.wall_start, block.wall_end - cut),
        }
    }

    /// Some minutes of a day.
    pub(crate) fn slot(day: &DayView, minute: u16) -> Option<Self> {
        let minute = minute.min(day.minutes.checked_sub(1)?);
        let end = (minute + SLOT).min(day.minutes);
        let at = |minute: u16| day.start + TimeDelta::minutes(i64::from(minute));
        Some(Self {
            from: at(minute),
            to: at(end),
            wall: (place::wall_at(day, minute)?, place::wall_at(day, end)?),
        })
    }

    /// What the cursor stands on: its half hour, or its block.
    pub(crate) fn at(grid: &GridView, spot: Spot) -> Option<Self> {
        let day = grid.days.get(spot.day())?;
        match spot {
            Spot::Slot { minute, .. } => Self::slot(day, minute),
            Spot::Piece { piece, .. } => {
                let piece = day.pieces.get(piece)?;
                grid.blocks.get(piece.block as usize).map(Self::of)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::seen::tests::event;
    use crate::state::view::Span;
    use duet_wire::grid::HourMark;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_block_is_asked_about_as_a_whole_but_never_beyond_a_month() {
        let mut block = event("Sabbatical");
        let asked = Stretch::of(&block);
        assert_eq!((asked.from, asked.to), (block.start, block.end));
        assert_eq!(asked.wall, (block.wall_start, block.wall_end));
        block.end = block.start + TimeDelta::days(90);
        block.wall_end = block.wall_start + TimeDelta::days(90);
        let asked = Stretch::of(&block);
        assert_eq!(asked.to - asked.from, LONGEST);
        assert_eq!(asked.wall.1 - asked.wall.0, LONGEST);
        (block.end, block.wall_end) = (block.start, block.wall_start);
        let asked = Stretch::of(&block);
        assert!(asked.from < asked.to, "no empty question");
    }

    #[test]
    fn a_slot_follows_the_day_as_the_core_tells_it() {
        let mut day = place::blank_day("2026-10-25".parse().unwrap(), None);
        // The clock goes back at three: the hour of two is there twice.
        day.minutes = 1500;
        day.hours = (0..25)
            .map(|hour| HourMark {
                at: hour * 60,
                hour: if hour < 3 { hour as u8 } else { hour as u8 - 1 },
            })
            .collect();
        let asked = Stretch::slot(&day, 600).unwrap();
        assert_eq!(asked.from - day.start, TimeDelta::minutes(600));
        assert_eq!(
            asked.wall,
            (at("2026-10-25T09:00:00"), at("2026-10-25T09:30:00"))
        );
        let last = Stretch::slot(&day, 2_000).unwrap();
        assert_eq!(last.to - day.start, TimeDelta::minutes(1500));
    }

    #[test]
    fn the_cursor_asks_about_what_it_stands_on() {
        let mut grid = Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        }
        .blank(None);
        let block = event("Stand-up");
        grid.blocks.push(block.clone());
        grid.days[1].pieces.push(duet_wire::grid::Piece {
            block: 0,
            top: 540,
            length: 90,
            left: 0.0,
            width: 1.0,
            from_before: false,
            goes_on: false,
        });
        let on = Stretch::at(&grid, Spot::Piece { day: 1, piece: 0 });
        assert_eq!(on, Some(Stretch::of(&block)));
        let beside = Stretch::at(
            &grid,
            Spot::Slot {
                day: 1,
                minute: 480,
            },
        )
        .unwrap();
        assert_eq!(beside.wall.0, at("2026-11-24T08:00:00"));
        assert_eq!(Stretch::at(&grid, Spot::Piece { day: 1, piece: 5 }), None);
    }
}
