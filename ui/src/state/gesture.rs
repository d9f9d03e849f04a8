//! Sweeping, moving and resizing, as arithmetic: what the pointer did becomes a wall-clock span.
//!
//! Pixels end before this file; the grid component turns them into a day and a minute.

use chrono::{NaiveDateTime, TimeDelta, Timelike};
use duet_wire::grid::DayView;

use crate::state::place::{SNAP, wall_at};

/// A place in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    /// Index of the day in view.
    pub(crate) day: usize,
    /// Minutes since it began.
    pub(crate) minute: u16,
}

/// What the pointer took hold of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Grip {
    /// Empty time: a new block.
    Empty,
    /// The body of a block.
    Body(Held),
    /// Its upper edge.
    Start(Held),
    /// Its lower edge.
    End(Held),
}

/// The block that is held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Held {
    /// Its id in the view.
    pub(crate) id: String,
    /// Wall-clock start.
    pub(crate) start: NaiveDateTime,
    /// Wall-clock end.
    pub(crate) end: NaiveDateTime,
}

/// A drag under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Gesture {
    /// What was taken hold of.
    pub(crate) grip: Grip,
    /// Where.
    pub(crate) from: Point,
    /// Where the pointer is now.
    pub(crate) to: Point,
    /// Has the pointer moved far enough to mean it? A press and release is a click.
    pub(crate) meant: bool,
}

impl Gesture {
    /// The span it would make if let go now. `None` while it means nothing.
    pub(crate) fn span(&self, days: &[DayView]) -> Option<(NaiveDateTime, NaiveDateTime)> {
        if !self.meant {
            return None;
        }
        let step = TimeDelta::minutes(i64::from(SNAP));
        let pointer = || wall_at(days.get(self.to.day)?, self.to.minute);
        match &self.grip {
            Grip::Empty => {
                // The day where it began decides: a hand that wavers sideways means one day.
                let day = days.get(self.from.day)?;
                let low = self.from.minute.min(self.to.minute) / SNAP * SNAP;
                let high = self.from.minute.max(self.to.minute).div_ceil(SNAP) * SNAP;
                let high = high.max(low + SNAP).min(day.minutes);
                let (start, end) = (wall_at(day, low)?, wall_at(day, high)?);
                (start < end).then_some((start, end))
            }
            Grip::Body(held) => {
                let grabbed = wall_at(days.get(self.from.day)?, self.from.minute)?;
                let start = snap(pointer()? - (grabbed - held.start));
                Some((start, start + (held.end - held.start)))
            }
            Grip::Start(held) => Some((snap(pointer()?).min(held.end - step), held.end)),
            Grip::End(held) => Some((held.start, snap(pointer()?).max(held.start + step))),
        }
    }

    /// The id of the block that is held, if any.
    pub(crate) fn held(&self) -> Option<&Held> {
        match &self.grip {
            Grip::Empty => None,
            Grip::Body(held) | Grip::Start(held) | Grip::End(held) => Some(held),
        }
    }
}

/// The nearest quarter of an hour.
pub(crate) fn snap(at: NaiveDateTime) -> NaiveDateTime {
    let step = i64::from(SNAP);
    let minute = i64::from(at.hour() * 60 + at.minute());
    let nearest = (minute + step / 2).div_euclid(step) * step;
    at.date().and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::view::Span;

    fn days() -> Vec<DayView> {
        Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        }
        .blank(None)
        .days
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn held() -> Held {
        Held {
            id: "a".into(),
            start: at("2026-11-24T09:00:00"),
            end: at("2026-11-24T10:30:00"),
        }
    }

    fn check(grip: Grip, from: (usize, u16), to: (usize, u16), expect: (&str, &str)) {
        let point = |(day, minute)| Point { day, minute };
        let gesture = Gesture {
            grip,
            from: point(from),
            to: point(to),
            meant: true,
        };
        let span = gesture.span(&days());
        assert_eq!(span, Some((at(expect.0), at(expect.1))), "{gesture:?}");
    }

    #[test]
    fn gestures_snap_to_quarters() {
        // Sweeps: down, up, sideways, tiny, to the end of the day.
        check(
            Grip::Empty,
            (1, 545),
            (1, 601),
            ("2026-11-24T09:00:00", "2026-11-24T10:15:00"),
        );
        check(
            Grip::Empty,
            (1, 601),
            (1, 545),
            ("2026-11-24T09:00:00", "2026-11-24T10:15:00"),
        );
        check(
            Grip::Empty,
            (1, 540),
            (3, 600),
            ("2026-11-24T09:00:00", "2026-11-24T10:00:00"),
        );
        check(
            Grip::Empty,
            (1, 541),
            (1, 543),
            ("2026-11-24T09:00:00", "2026-11-24T09:15:00"),
        );
        check(
            Grip::Empty,
            (1, 1425),
            (1, 1440),
            ("2026-11-24T23:45:00", "2026-11-25T00:00:00"),
        );
        // Moves keep the length and where the hand holds.
        check(
            Grip::Body(held()),
            (1, 570),
            (2, 577),
            ("2026-11-25T09:00:00", "2026-11-25T10:30:00"),
        );
        check(
            Grip::Body(held()),
            (1, 570),
            (2, 578),
            ("2026-11-25T09:15:00", "2026-11-25T10:45:00"),
        );
        check(
            Grip::Body(held()),
            (1, 570),
            (1, 0),
            ("2026-11-23T23:30:00", "2026-11-24T01:00:00"),
        );
        // Edges never pass each other.
        check(
            Grip::Start(held()),
            (1, 540),
            (1, 480),
            ("2026-11-24T08:00:00", "2026-11-24T10:30:00"),
        );
        check(
            Grip::Start(held()),
            (1, 540),
            (1, 900),
            ("2026-11-24T10:15:00", "2026-11-24T10:30:00"),
        );
        check(
            Grip::End(held()),
            (1, 630),
            (1, 660),
            ("2026-11-24T09:00:00", "2026-11-24T11:00:00"),
        );
        check(
            Grip::End(held()),
            (1, 630),
            (0, 60),
            ("2026-11-24T09:00:00", "2026-11-24T09:15:00"),
        );
    }

    #[test]
    fn a_press_without_a_move_makes_nothing() {
        let point = Point {
            day: 1,
            minute: 540,
        };
        let gesture = Gesture {
            grip: Grip::Empty,
            from: point,
            to: point,
            meant: false,
        };
        assert_eq!(gesture.span(&days()), None);
    }
}
