//! Rules of events, which others wrote: read with good sense where that is without danger.
//!
//! A rule that is refused leaves a stretch of the calendar unknown, so what Google and Apple follow
//! without complaint should be followed here too. What is overlooked is listed in [`settled`].

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::parse::Gate;
use super::{End, Frequency, MAX_COUNT, MAX_LENGTH, Repeat, RepeatError, YEARS};

impl Repeat {
    /// Reads the value of an event's RRULE or EXRULE: as [`Repeat::parse`], overlooking slips.
    ///
    /// A plain rule may have a COUNT of up to 999,999 and any number of days to choose from, because
    /// following it costs no more than its days; the times of a day stay within
    /// [`super::MAX_COMBINATIONS`].
    ///
    /// # Errors
    ///
    /// As [`Repeat::parse`].
    pub(crate) fn parse_invited(rule: &str) -> Result<Self, RepeatError> {
        if rule.len() > MAX_LENGTH {
            return Err(RepeatError::TooLong { length: rule.len() });
        }
        let rule = Self::parse_through(&settled(rule), Gate::Wide)?;
        if let End::Count(count) = rule.end
            && count > MAX_COUNT
            && !rule.is_plain()
        {
            return Err(RepeatError::Value {
                name: "COUNT",
                value: count.to_string(),
                allowed: "with BYSETPOS or BYWEEKNO it is a number from 1 to 3500",
            });
        }
        Ok(rule)
    }

    /// How many hits the lists of the rule can make of one period, as far as following it must hold
    /// them: all of them for the library, those of one day for a plain rule.
    pub(super) fn wide_combinations(&self, all: usize) -> usize {
        if !self.is_plain() {
            return all;
        }
        let times = [self.hours.len(), self.minutes.len(), self.seconds.len()];
        times.iter().map(|len| (*len).max(1)).product()
    }

    /// The rule of a series of whole days: it has no times, and its end is a day, which `day_of`
    /// tells of an instant.
    pub(crate) fn of_whole_days(mut self, day_of: impl Fn(DateTime<Utc>) -> NaiveDate) -> Self {
        self.hours.clear();
        self.minutes.clear();
        self.seconds.clear();
        self.end = match self.end {
            End::Wall(wall) => End::Date(wall.date()),
            End::Instant(at) => End::Date(day_of(at)),
            end => end,
        };
        self
    }

    /// `FREQ=YEARLY;BYMONTHDAY=7` means the 7th of each month to RFC 5545 and the 7th of the start's
    /// own month to Google, which writes such rules for birthdays (gcal_sync pull request 179).
    pub(crate) fn in_the_month_of(mut self, start: NaiveDate) -> Self {
        let only_month_days = !self.month_days.is_empty()
            && self.weekdays.is_empty()
            && self.year_days.is_empty()
            && self.week_numbers.is_empty();
        if self.frequency == Frequency::Yearly && self.months.is_empty() && only_month_days {
            self.months.extend(u8::try_from(start.month()));
        }
        self
    }
}

/// The text of a rule without what calendars overlook: spaces and empty parts; parts of their own
/// (`X-…`); RSCALE and SKIP where they say what holds anyway; BYYEARDAY, BYWEEKNO and BYMONTHDAY
/// with a frequency they are not for, and there the number before a weekday (libical issue 428); an
/// UNTIL after the last year that Duet looks at.
fn settled(rule: &str) -> String {
    let rule: String = rule
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
    let parts: Vec<&str> = rule.split(';').filter(|part| !part.is_empty()).collect();
    let frequency = parts.iter().find_map(|part| part.strip_prefix("FREQ="));
    let yearly = frequency == Some("YEARLY");
    let monthly = frequency == Some("MONTHLY");
    let mut kept: Vec<String> = Vec::with_capacity(parts.len());
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let overlooked = match name {
            "RSCALE" => value == "GREGORIAN",
            "SKIP" => value == "OMIT",
            "BYYEARDAY" | "BYWEEKNO" => !yearly,
            "BYMONTHDAY" => frequency == Some("WEEKLY"),
            "UNTIL" => is_beyond(value),
            _ => name.starts_with("X-"),
        };
        if overlooked {
            continue;
        }
        if name == "BYDAY" && !yearly && !monthly {
            let days = value.split(',');
            let days: Vec<&str> = days
                .map(|day| day.trim_start_matches(|c: char| c.is_ascii_digit() || "+-".contains(c)))
                .collect();
            kept.push(format!("BYDAY={}", days.join(",")));
        } else {
            kept.push(part.to_owned());
        }
    }
    kept.join(";")
}

/// Is it an UNTIL in a year that nobody looks at? Some programs write 9999 for "never".
fn is_beyond(until: &str) -> bool {
    let year = until.get(..4).and_then(|year| year.parse::<i32>().ok());
    until.len() >= 8 && year.is_some_and(|year| year > *YEARS.end())
}
