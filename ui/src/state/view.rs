//! Which days are in view: the four views, where each begins, how one moves, what it is called.

use chrono::{Datelike, Days, Months, NaiveDate};
use duet_wire::grid::GridView;

use crate::dates;
use crate::state::place;

/// How the time is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// One day.
    Day,
    /// Seven days side by side.
    #[default]
    Week,
    /// Six weeks, so that every month fits.
    Month,
    /// A list of the coming 30 days.
    Agenda,
}

impl View {
    /// All of them, in the order of the switch.
    pub(crate) const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Agenda];

    /// Its name on the switch.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "Day",
            Self::Week => "Week",
            Self::Month => "Month",
            Self::Agenda => "Agenda",
        }
    }

    /// Its test id (INTERFACES.md 5).
    pub(crate) fn testid(self) -> &'static str {
        match self {
            Self::Day => "view-day",
            Self::Week => "view-week",
            Self::Month => "view-month",
            Self::Agenda => "view-agenda",
        }
    }

    /// What one step back or forth moves by, for its buttons' names.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Agenda => "30 days",
        }
    }

    /// The days that this view shows around `anchor`.
    pub(crate) fn span(self, anchor: NaiveDate, week_start: u8) -> Span {
        match self {
            Self::Day => Span {
                from: anchor,
                days: 1,
            },
            Self::Week => Span {
                from: dates::week_of(anchor, week_start),
                days: 7,
            },
            Self::Month => Span {
                from: dates::week_of(dates::month_of(anchor), week_start),
                days: 42,
            },
            Self::Agenda => Span {
                from: anchor,
                days: 30,
            },
        }
    }

    /// Where `steps` steps lead to.
    pub(crate) fn step(self, anchor: NaiveDate, steps: i32) -> NaiveDate {
        let days = |unit: u64| {
            let distance = Days::new(unit * u64::from(steps.unsigned_abs()));
            if steps < 0 {
                anchor.checked_sub_days(distance)
            } else {
                anchor.checked_add_days(distance)
            }
        };
        let moved = match self {
            Self::Day => days(1),
            Self::Week => days(7),
            Self::Agenda => days(30),
            Self::Month => {
                let first = dates::month_of(anchor);
                let months = Months::new(steps.unsigned_abs());
                if steps < 0 {
                    first.checked_sub_months(months)
                } else {
                    first.checked_add_months(months)
                }
            }
        };
        moved.unwrap_or(anchor)
    }

    /// The title and what stands small beside it.
    pub(crate) fn title(self, anchor: NaiveDate, week_start: u8) -> (String, String) {
        let span = self.span(anchor, week_start);
        let last = span.last();
        match self {
            Self::Day => (
                format!(
                    "{} {} {}",
                    anchor.day(),
                    dates::month(anchor),
                    anchor.year()
                ),
                dates::weekday(anchor.weekday()).to_owned(),
            ),
            Self::Month => (
                format!("{} {}", dates::month(anchor), anchor.year()),
                String::new(),
            ),
            Self::Week | Self::Agenda => {
                let small = match self {
                    Self::Week => format!("Week {}", dates::week_number(span.from)),
                    _ => "30 days".to_owned(),
                };
                (months(span.from, last), small)
            }
        }
    }
}

/// `November 2026`, `Nov – Dec 2026`, `Dec 2026 – Jan 2027`.
fn months(first: NaiveDate, last: NaiveDate) -> String {
    let (one, other) = (dates::month_short(first), dates::month_short(last));
    if first.year() != last.year() {
        format!("{one} {} – {other} {}", first.year(), last.year())
    } else if first.month() != last.month() {
        format!("{one} – {other} {}", last.year())
    } else {
        format!("{} {}", dates::month(first), first.year())
    }
}

/// Some days in a row: what a grid is asked for and kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Span {
    /// First day.
    pub(crate) from: NaiveDate,
    /// How many.
    pub(crate) days: u8,
}

impl Span {
    /// The last day.
    pub(crate) fn last(self) -> NaiveDate {
        self.from + Days::new(u64::from(self.days.max(1)) - 1)
    }

    /// Is the day inside?
    pub(crate) fn contains(self, date: NaiveDate) -> bool {
        self.from <= date && date <= self.last()
    }

    /// What can be drawn before its grid has arrived: the days, and that nothing is known of them.
    pub(crate) fn blank(self, today: Option<NaiveDate>) -> GridView {
        GridView {
            from: self.from,
            zone: String::new(),
            now: self.from.and_time(chrono::NaiveTime::MIN).and_utc(),
            blocks: Vec::new(),
            days: (0..u64::from(self.days))
                .map(|day| place::blank_day(self.from + Days::new(day), today))
                .collect(),
            bars: Vec::new(),
            bar_rows: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_view_shows_its_days() {
        let cases = [
            (View::Day, "2026-11-25", "2026-11-25", 1),
            (View::Week, "2026-11-25", "2026-11-23", 7),
            (View::Month, "2026-11-25", "2026-10-26", 42),
            (View::Agenda, "2026-11-25", "2026-11-25", 30),
        ];
        for (view, anchor, from, days) in cases {
            assert_eq!(
                view.span(date(anchor), 1),
                Span {
                    from: date(from),
                    days
                },
                "{view:?}"
            );
        }
    }

    #[test]
    fn titles_name_every_month_in_view() {
        let cases = [
            (View::Week, "2026-11-25", "November 2026", "Week 48"),
            (View::Week, "2026-12-01", "Nov – Dec 2026", "Week 49"),
            (View::Week, "2026-12-31", "Dec 2026 – Jan 2027", "Week 53"),
            (View::Day, "2026-11-25", "25 November 2026", "Wednesday"),
            (View::Month, "2026-11-25", "November 2026", ""),
        ];
        for (view, anchor, title, small) in cases {
            assert_eq!(
                view.title(date(anchor), 1),
                (title.to_owned(), small.to_owned())
            );
        }
    }

    #[test]
    fn steps_lead_back_again() {
        for view in View::ALL {
            let there = view.step(date("2026-01-31"), 1);
            assert_ne!(there, date("2026-01-31"), "{view:?} moves");
        }
        assert_eq!(
            View::Month.step(date("2026-01-31"), 1),
            date("2026-02-01"),
            "no month is skipped"
        );
        assert_eq!(View::Month.step(date("2026-01-31"), -1), date("2025-12-01"));
    }
}
