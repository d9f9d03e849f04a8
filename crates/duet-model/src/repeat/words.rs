//! A rule in words, for the shapes that people make; the rest has no words and is shown as it is.

use chrono::{DateTime, NaiveDate, Utc, Weekday};

use super::{End, Frequency, Repeat};

impl Repeat {
    /// The rule as a phrase: "every week on Mon, Wed", "every month on the last Fri, 10 times".
    /// `None` for rules with parts that no phrase says well. `last` is the day of the last occurrence that
    /// an end at an instant leaves room for: it depends on the series.
    pub fn words(&self, last: impl Fn(DateTime<Utc>) -> NaiveDate) -> Option<String> {
        let odd = !(self.week_numbers.is_empty()
            && self.year_days.is_empty()
            && self.hours.is_empty()
            && self.minutes.is_empty()
            && self.seconds.is_empty());
        if odd {
            return None;
        }
        let mut words = self.how_often();
        if let Some(days) = self.on_days()? {
            words.push_str(" on ");
            words.push_str(&days);
        }
        if !self.months.is_empty() {
            words.push_str(" in ");
            words.push_str(&list(self.months.iter().map(|month| month_name(*month))));
        }
        match self.end {
            End::Never => {}
            End::Count(1) => words.push_str(", once"),
            End::Count(count) => words.push_str(&format!(", {count} times")),
            End::Date(date) => words.push_str(&until(date)),
            End::Wall(wall) => words.push_str(&until(wall.date())),
            End::Instant(at) => words.push_str(&until(last(at))),
        }
        Some(words)
    }

    fn how_often(&self) -> String {
        let unit = match self.frequency {
            Frequency::Daily => "day",
            Frequency::Weekly => "week",
            Frequency::Monthly => "month",
            Frequency::Yearly => "year",
        };
        match self.interval {
            0 | 1 => format!("every {unit}"),
            interval => format!("every {interval} {unit}s"),
        }
    }

    /// Which days; `None` where no phrase says it, `Some(None)` where none are named.
    fn on_days(&self) -> Option<Option<String>> {
        let position = match self.positions.as_slice() {
            [] => None,
            [one] => Some(ordinal(i64::from(*one))?),
            _ => return None,
        };
        let days = match (self.weekdays.is_empty(), self.month_days.is_empty()) {
            (true, true) => return position.is_none().then_some(None),
            (false, false) => return None,
            (true, false) => {
                // Those counted from the end come last.
                let (first, last): (Vec<i8>, Vec<i8>) =
                    self.month_days.iter().partition(|day| **day > 0);
                let days = first.iter().chain(&last).map(|day| match day {
                    -1 => Some("the last day".to_owned()),
                    1.. => Some(format!("day {day}")),
                    _ => None,
                });
                list(days.collect::<Option<Vec<_>>>()?)
            }
            (false, true) => self.weekday_words()?,
        };
        Some(Some(match position {
            Some(position) => format!("the {position} of {days}"),
            None => days,
        }))
    }

    fn weekday_words(&self) -> Option<String> {
        const WORK: [Weekday; 5] = [
            Weekday::Mon,
            Weekday::Tue,
            Weekday::Wed,
            Weekday::Thu,
            Weekday::Fri,
        ];
        let plain = self.weekdays.iter().all(|(nth, _)| *nth == 0);
        if plain && self.weekdays.len() == WORK.len() {
            let all = WORK
                .iter()
                .all(|day| self.weekdays.iter().any(|(_, it)| it == day));
            if all {
                return Some("weekdays".to_owned());
            }
        }
        let days = self.weekdays.iter().map(|(nth, day)| {
            let name = day.to_string();
            Some(match nth {
                0 => name,
                nth => format!("the {} {name}", ordinal(i64::from(*nth))?),
            })
        });
        Some(list(days.collect::<Option<Vec<_>>>()?))
    }
}

fn until(day: NaiveDate) -> String {
    format!(", until {}", day.format("%-d %b %Y"))
}

fn ordinal(nth: i64) -> Option<&'static str> {
    Some(match nth {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        5 => "fifth",
        -1 => "last",
        -2 => "last but one",
        _ => return None,
    })
}

fn month_name(month: u8) -> String {
    const NAMES: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let name = usize::from(month)
        .checked_sub(1)
        .and_then(|at| NAMES.get(at));
    name.map_or_else(|| month.to_string(), |name| (*name).to_owned())
}

fn list(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_rules_have_words() {
        for (rule, words) in [
            ("FREQ=DAILY", Some("every day")),
            ("FREQ=DAILY;INTERVAL=3", Some("every 3 days")),
            ("FREQ=WEEKLY;BYDAY=MO,WE", Some("every week on Mon, Wed")),
            (
                "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
                Some("every week on weekdays"),
            ),
            ("FREQ=WEEKLY;INTERVAL=2", Some("every 2 weeks")),
            (
                "FREQ=MONTHLY;BYDAY=-1FR",
                Some("every month on the last Fri"),
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=15,-1",
                Some("every month on day 15, the last day"),
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
                Some("every month on the last of Mon, Tue"),
            ),
            ("FREQ=YEARLY;BYMONTH=3,11", Some("every year in Mar, Nov")),
            ("FREQ=DAILY;COUNT=10", Some("every day, 10 times")),
            (
                "FREQ=WEEKLY;UNTIL=20270301",
                Some("every week, until 1 Mar 2027"),
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=-2", None),
            ("FREQ=YEARLY;BYYEARDAY=100", None),
            ("FREQ=DAILY;BYHOUR=8,9", None),
            ("FREQ=MONTHLY;BYDAY=7MO", None),
        ] {
            let said = Repeat::parse(rule)
                .ok()
                .and_then(|rule| rule.words(|at| at.date_naive()));
            assert_eq!(said.as_deref(), words, "{rule}");
        }
    }
}
