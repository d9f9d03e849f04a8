//! Between the wall clock and a column's minutes, by what the core says of each day.
//!
//! A column is drawn in elapsed minutes, and [`HourMark`]s say what the clock shows where; so a day
//! of 23 or 25 hours needs no special case and the window needs no zone data. Where a wall-clock
//! time happens twice the first one is meant, where it does not exist the next mark, as in the core.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use duet_wire::grid::{DayView, HourMark};

/// Drags and sweeps snap to this many minutes.
pub(crate) const SNAP: u16 = 15;

/// A stretch of one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// Index of the day in the view.
    pub(crate) day: usize,
    /// Minutes since the day began.
    pub(crate) top: u16,
    /// Minutes.
    pub(crate) length: u16,
}

/// What the clock shows at a minute of a day; at the day's very end, midnight of the next.
pub(crate) fn wall_at(day: &DayView, minute: u16) -> Option<NaiveDateTime> {
    if minute >= day.minutes {
        return Some((day.date + Days::new(1)).and_time(NaiveTime::MIN));
    }
    let next = day
        .hours
        .iter()
        .position(|mark| mark.at > minute)
        .unwrap_or(day.hours.len());
    let HourMark { at, hour } = *day.hours.get(next.checked_sub(1)?)?;
    let mut past = u32::from(hour) * 60 + u32::from(minute - at);
    // Where the clock changes by half an hour, a mark stands for more than sixty minutes: what is
    // beyond is said by the hour that follows.
    if let Some(next) = day.hours.get(next).filter(|_| minute - at >= 60) {
        past = (u32::from(next.hour) * 60).saturating_sub(u32::from(next.at - minute));
    }
    day.date.and_hms_opt((past / 60).min(23), past % 60, 0)
}

/// The minute of a day at which its clock first shows this time.
pub(crate) fn minute_of(day: &DayView, time: NaiveTime) -> u16 {
    use chrono::Timelike;
    let (hour, minute) = (time.hour() as u8, time.minute() as u16);
    let exact = day
        .hours
        .iter()
        .find(|mark| mark.hour == hour)
        .map(|mark| mark.at + minute);
    let skipped = || {
        // Back from the hour that follows, but not into the one before.
        let next = day.hours.iter().position(|mark| mark.hour > hour)?;
        let begins = next
            .checked_sub(1)
            .and_then(|before| day.hours.get(before))
            .map_or(0, |mark| mark.at + 60);
        let next = day.hours.get(next)?;
        let ahead = u16::from(next.hour) * 60 - (u16::from(hour) * 60 + minute);
        Some(next.at.saturating_sub(ahead).max(begins))
    };
    exact
        .or_else(skipped)
        .unwrap_or(day.minutes)
        .min(day.minutes)
}

/// The minute at which a whole hour, 0 to 24, begins on this day.
pub(crate) fn hour_at(day: &DayView, hour: u8) -> u16 {
    match NaiveTime::from_hms_opt(u32::from(hour), 0, 0) {
        Some(time) => minute_of(day, time),
        None => day.minutes,
    }
}

/// The parts of a wall-clock span that fall on these days.
pub(crate) fn stretches(
    days: &[DayView],
    start: NaiveDateTime,
    end: NaiveDateTime,
) -> Vec<Stretch> {
    days.iter()
        .enumerate()
        .filter_map(|(index, day)| {
            let midnight = day.date.and_time(NaiveTime::MIN);
            let next = (day.date + Days::new(1)).and_time(NaiveTime::MIN);
            if end <= midnight || start >= next {
                return None;
            }
            let top = if start <= midnight {
                0
            } else {
                minute_of(day, start.time())
            };
            let bottom = if end >= next {
                day.minutes
            } else {
                minute_of(day, end.time())
            };
            let length = bottom.saturating_sub(top).max(1);
            Some(Stretch {
                day: index,
                top,
                length,
            })
        })
        .collect()
}

/// A day of 24 hours about which nothing is loaded yet.
pub(crate) fn blank_day(date: NaiveDate, today: Option<NaiveDate>) -> DayView {
    use chrono::{Datelike, Weekday};
    DayView {
        date,
        minutes: 1440,
        start: date.and_time(NaiveTime::MIN).and_utc(),
        hours: (0..24)
            .map(|hour| HourMark {
                at: u16::from(hour) * 60,
                hour,
            })
            .collect(),
        pieces: Vec::new(),
        strip: Vec::new(),
        today: today == Some(date),
        weekend: matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date() -> NaiveDate {
        "2026-03-29".parse().unwrap()
    }

    /// Berlin's spring day: 02:00 does not exist.
    fn spring() -> DayView {
        let hours = (0..24u8)
            .filter(|hour| *hour != 2)
            .enumerate()
            .map(|(index, hour)| HourMark {
                at: index as u16 * 60,
                hour,
            })
            .collect();
        DayView {
            minutes: 1380,
            hours,
            ..blank_day(date(), None)
        }
    }

    /// Berlin's autumn day: 02:00 happens twice.
    fn autumn() -> DayView {
        let mut hours: Vec<u8> = (0..24).collect();
        hours.insert(3, 2);
        let hours = hours
            .into_iter()
            .enumerate()
            .map(|(index, hour)| HourMark {
                at: index as u16 * 60,
                hour,
            })
            .collect();
        DayView {
            minutes: 1500,
            hours,
            ..blank_day(date(), None)
        }
    }

    /// Lord Howe changes by half an hour: at 02:00 the clock goes to 02:30.
    fn half_hour() -> DayView {
        let mut hours: Vec<HourMark> = (0..2)
            .map(|hour| HourMark {
                at: u16::from(hour) * 60,
                hour,
            })
            .collect();
        hours.extend((3..24).map(|hour| HourMark {
            at: u16::from(hour) * 60 - 30,
            hour,
        }));
        DayView {
            minutes: 1410,
            hours,
            ..blank_day(date(), None)
        }
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn minutes_follow_the_clock_on_days_of_any_length() {
        let cases = [
            ("plain", blank_day(date(), None), "09:30:00", 570),
            ("spring, before", spring(), "01:45:00", 105),
            ("spring, in the gap", spring(), "02:30:00", 120),
            ("spring, after", spring(), "09:30:00", 510),
            ("autumn, first of two", autumn(), "02:30:00", 150),
            ("autumn, after", autumn(), "09:30:00", 630),
            ("half an hour", half_hour(), "09:30:00", 540),
        ];
        for (name, day, clock, minute) in cases {
            assert_eq!(minute_of(&day, time(clock)), minute, "{name}");
        }
    }

    #[test]
    fn the_clock_is_found_again_from_the_minute() {
        for day in [blank_day(date(), None), spring(), autumn(), half_hour()] {
            for minute in (0..day.minutes).step_by(5) {
                let wall = wall_at(&day, minute).unwrap();
                let back = minute_of(&day, wall.time());
                // The second 02:xx of autumn is the only time that means another minute.
                let twice = day.minutes == 1500 && (180..240).contains(&minute);
                assert_eq!(
                    back,
                    if twice { minute - 60 } else { minute },
                    "{minute} of {}",
                    day.minutes
                );
            }
            let end = wall_at(&day, day.minutes).unwrap();
            assert_eq!(
                end,
                "2026-03-30T00:00:00".parse().unwrap(),
                "a day ends at midnight"
            );
        }
    }

    #[test]
    fn a_span_over_midnight_falls_on_both_days() {
        let days = [spring(), blank_day(date() + Days::new(1), None)];
        let start = "2026-03-29T22:00:00".parse().unwrap();
        let end = "2026-03-30T01:30:00".parse().unwrap();
        let expect = [
            Stretch {
                day: 0,
                top: 1260,
                length: 120,
            },
            Stretch {
                day: 1,
                top: 0,
                length: 90,
            },
        ];
        assert_eq!(stretches(&days, start, end), expect);
        let midnight = "2026-03-30T00:00:00".parse().unwrap();
        assert_eq!(
            stretches(&days, start, midnight).len(),
            1,
            "an end at midnight is exclusive"
        );
    }
}
