//! The free stretches of the days in view, from the combined picture: what the sidebar lists, and
//! how full a day is.

use chrono::{NaiveDate, NaiveDateTime};
use duet_model::availability::State;
use duet_wire::grid::DayView;

use crate::state::place;

/// A stretch that is long enough to be worth a line.
const WORTH: u16 = 60;

/// Free time within the working hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Free {
    /// Its day.
    pub(crate) date: NaiveDate,
    /// Wall-clock start.
    pub(crate) start: NaiveDateTime,
    /// Wall-clock end.
    pub(crate) end: NaiveDateTime,
    /// False where part of it is unknown.
    pub(crate) certain: bool,
}

/// The stretches of at least an hour in the working hours `first..after`, from `now` (the minutes
/// that have passed of today) on. Tentative counts as busy; unknown is never certain.
pub(crate) fn free<'a>(
    days: impl IntoIterator<Item = &'a DayView>,
    (first, after): (u8, u8),
    now: impl Fn(&DayView) -> i64,
) -> Vec<Free> {
    let mut found = Vec::new();
    for day in days.into_iter().filter(|day| !day.weekend) {
        let passed = u16::try_from(now(day).clamp(0, i64::from(day.minutes))).unwrap_or(0);
        // Nobody starts at 14:07.
        let passed = passed.div_ceil(place::SNAP) * place::SNAP;
        let from = place::hour_at(day, first).max(passed);
        let to = place::hour_at(day, after);
        for (start, end) in gaps(day, from, to, false) {
            let known = gaps(day, start, end, true);
            let certain: Vec<_> = known.into_iter().filter(|(a, b)| b - a >= WORTH).collect();
            let add = |(start, end): (u16, u16), certain: bool| {
                let wall = place::wall_at(day, start).zip(place::wall_at(day, end));
                wall.map(|(start, end)| Free {
                    date: day.date,
                    start,
                    end,
                    certain,
                })
            };
            if certain.is_empty() {
                found.extend(
                    (end - start >= WORTH)
                        .then(|| add((start, end), false))
                        .flatten(),
                );
            } else {
                found.extend(certain.into_iter().filter_map(|gap| add(gap, true)));
            }
        }
    }
    found
}

/// What is left of `from..to` between the stretches that take time.
fn gaps(day: &DayView, from: u16, to: u16, unknown_takes: bool) -> Vec<(u16, u16)> {
    let mut gaps = Vec::new();
    let mut at = from;
    for taken in day
        .strip
        .iter()
        .filter(|piece| unknown_takes || piece.state != State::Unknown)
    {
        let (start, end) = (taken.top, taken.top + taken.length);
        if start >= to {
            break;
        }
        if start > at {
            gaps.push((at, start));
        }
        at = at.max(end);
    }
    if at < to {
        gaps.push((at, to));
    }
    gaps
}

/// How full the working hours of a day are, 0 to 1, and whether part of them is unknown.
pub(crate) fn density(day: &DayView, (first, after): (u8, u8)) -> (f32, bool) {
    let (from, to) = (place::hour_at(day, first), place::hour_at(day, after));
    let (mut busy, mut unknown) = (0_u32, false);
    for piece in &day.strip {
        let start = piece.top.max(from);
        let end = (piece.top + piece.length).min(to);
        if start < end {
            match piece.state {
                State::Unknown => unknown = true,
                State::Busy | State::Tentative => busy += u32::from(end - start),
            }
        }
    }
    let whole = f32::from(to.saturating_sub(from).max(1));
    ((busy as f32 / whole).min(1.0), unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::grid::StripPiece;

    fn day(strip: &[(u16, u16, State)]) -> DayView {
        let strip = strip
            .iter()
            .map(|(top, end, state)| StripPiece {
                top: *top,
                length: end - top,
                state: *state,
                as_of: None,
            })
            .collect();
        DayView {
            strip,
            ..place::blank_day("2026-11-24".parse().unwrap(), None)
        }
    }

    fn check(strip: &[(u16, u16, State)], now: i64, expect: &[(&str, &str, bool)]) {
        let found: Vec<_> = free([&day(strip)], (8, 18), |_| now)
            .into_iter()
            .map(|free| {
                (
                    free.start.time().to_string(),
                    free.end.time().to_string(),
                    free.certain,
                )
            })
            .collect();
        let expect: Vec<_> = expect
            .iter()
            .map(|(a, b, c)| (format!("{a}:00"), format!("{b}:00"), *c))
            .collect();
        assert_eq!(found, expect, "{strip:?}");
    }

    #[test]
    fn gaps_are_free_only_as_far_as_they_are_known() {
        use State::{Busy, Tentative, Unknown};
        check(&[], 0, &[("08:00", "18:00", true)]);
        check(
            &[(540, 600, Busy)],
            0,
            &[("08:00", "09:00", true), ("10:00", "18:00", true)],
        );
        check(&[(480, 1050, Tentative)], 0, &[]);
        check(&[(0, 1440, Unknown)], 0, &[("08:00", "18:00", false)]);
        check(&[(540, 1080, Unknown)], 0, &[("08:00", "09:00", true)]);
        check(&[(500, 1080, Unknown)], 0, &[("08:00", "18:00", false)]);
        check(&[], 667, &[("11:15", "18:00", true)]);
        check(&[], 2000, &[]);
    }

    #[test]
    fn a_day_is_as_full_as_its_working_hours() {
        let (full, unknown) = density(
            &day(&[(0, 780, State::Busy), (1000, 1010, State::Unknown)]),
            (8, 18),
        );
        assert!((full - 0.5).abs() < 0.001 && unknown, "{full} {unknown}");
    }
}
