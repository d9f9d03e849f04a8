//! The gate: text in, checked rule or a sentence out (TRUST T20).

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Weekday};

use super::{
    End, Frequency, MAX_COMBINATIONS, MAX_COUNT, MAX_INTERVAL, MAX_LENGTH, Repeat, RepeatError,
    YEARS,
};

/// The parts that Duet follows, as they are named in messages.
const NAMES: [&str; 14] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYMINUTE",
    "BYSECOND",
    "BYSETPOS",
];

/// How much is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// What a block made by hand may have.
    Narrow,
    /// What an event may have: also large numbers that cost nothing (`invited`).
    Wide,
}

impl Repeat {
    /// Reads the value of an RRULE, such as `FREQ=WEEKLY;BYDAY=TU`.
    ///
    /// Lets pass what RFC 5545 allows with FREQ from DAILY to YEARLY, within the bounds of this
    /// module; case does not matter, and a leading `RRULE:` is overlooked.
    ///
    /// # Errors
    ///
    /// Anything else is refused with the reason in words. A rule that no day can fit is refused, too.
    pub fn parse(rule: &str) -> Result<Self, RepeatError> {
        Self::parse_through(rule, Gate::Narrow)
    }

    /// As [`Repeat::parse`], with the bounds of a gate.
    pub(super) fn parse_through(rule: &str, gate: Gate) -> Result<Self, RepeatError> {
        let rule = rule.trim();
        if rule.len() > MAX_LENGTH {
            return Err(RepeatError::TooLong { length: rule.len() });
        }
        if !rule
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"=;,:+-".contains(&b))
        {
            return Err(RepeatError::Characters);
        }
        let rule = rule.to_ascii_uppercase();
        let rule = rule.strip_prefix("RRULE:").unwrap_or(&rule);
        if rule.is_empty() {
            return Err(RepeatError::Empty);
        }
        let parts = Parts::of(rule)?;
        let repeat = Self {
            frequency: frequency(parts.required("FREQ").ok_or(RepeatError::NoFrequency)?)?,
            interval: parts
                .one("INTERVAL", 1..=i32::from(MAX_INTERVAL), INTERVAL)?
                .unwrap_or(1),
            end: end(&parts, gate)?,
            week_start: match parts.get("WKST") {
                None => Weekday::Mon,
                Some(word) => weekday(word).ok_or_else(|| refuse("WKST", word, WEEKDAY))?,
            },
            months: parts.list("BYMONTH", 1..=12, "it is a month from 1 to 12")?,
            week_numbers: parts.list("BYWEEKNO", -53..=53, "it is 1 to 53, or -1 to -53")?,
            year_days: parts.list("BYYEARDAY", -366..=366, "it is 1 to 366, or -1 to -366")?,
            month_days: parts.list("BYMONTHDAY", -31..=31, "it is 1 to 31, or -1 to -31")?,
            weekdays: parts.split("BYDAY", numbered_weekday)?,
            hours: parts.list("BYHOUR", 0..=23, "it is an hour from 0 to 23")?,
            minutes: parts.list("BYMINUTE", 0..=59, "it is a minute from 0 to 59")?,
            seconds: parts.list("BYSECOND", 0..=59, "it is a second from 0 to 59")?,
            positions: parts.list("BYSETPOS", -366..=366, "it is 1 to 366, or -1 to -366")?,
        };
        repeat.check(gate)?;
        Ok(repeat)
    }

    /// The rules between parts.
    fn check(&self, gate: Gate) -> Result<(), RepeatError> {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        let with = match self.frequency {
            Daily => "FREQ=DAILY",
            Weekly => "FREQ=WEEKLY",
            Monthly => "FREQ=MONTHLY",
            Yearly => "FREQ=YEARLY",
        };
        let yearly = self.frequency == Yearly;
        let numbered = self.weekdays.iter().any(|(nth, _)| *nth != 0);
        let misfits = [
            ("BYWEEKNO", !self.week_numbers.is_empty() && !yearly),
            ("BYYEARDAY", !self.year_days.is_empty() && !yearly),
            (
                "BYMONTHDAY",
                !self.month_days.is_empty() && self.frequency == Weekly,
            ),
            (
                "A numbered weekday in BYDAY",
                numbered && matches!(self.frequency, Daily | Weekly),
            ),
        ];
        if let Some((name, _)) = misfits.into_iter().find(|(_, misfit)| *misfit) {
            return Err(RepeatError::NotWith { name, with });
        }
        if numbered && !self.week_numbers.is_empty() {
            let name = "A numbered weekday in BYDAY";
            return Err(RepeatError::NotWith {
                name,
                with: "BYWEEKNO",
            });
        }
        let of_month = self.frequency == Monthly || (yearly && !self.months.is_empty());
        if of_month && let Some((nth, _)) = self.weekdays.iter().find(|(nth, _)| nth.abs() > 5) {
            return Err(refuse(
                "BYDAY",
                &nth.to_string(),
                "a month has five of a weekday at most",
            ));
        }
        let lists = [
            self.months.len(),
            self.week_numbers.len(),
            self.year_days.len(),
            self.month_days.len(),
            self.weekdays.len(),
            self.hours.len(),
            self.minutes.len(),
            self.seconds.len(),
        ];
        let found = lists.iter().map(|len| (*len).max(1)).product();
        let found = match gate {
            Gate::Narrow => found,
            Gate::Wide => self.wide_combinations(found),
        };
        if found > MAX_COMBINATIONS {
            return Err(RepeatError::TooManyCombinations { found });
        }
        if !self.positions.is_empty() {
            if lists.iter().all(|len| *len == 0) {
                let with = "no other BY part to choose from";
                return Err(RepeatError::NotWith {
                    name: "BYSETPOS",
                    with,
                });
            }
            if self.positions.len() > MAX_COMBINATIONS {
                return Err(RepeatError::TooManyCombinations {
                    found: self.positions.len(),
                });
            }
        }
        self.check_it_happens()
    }
}

const INTERVAL: &str = "it is a number from 1 to 1000";
const WEEKDAY: &str = "weekdays are MO, TU, WE, TH, FR, SA and SU";
const UNTIL: &str =
    "it is a date or a time like 20261231 or 20261231T170000Z, in a year from 1900 to 2100";

/// The parts of a rule by name, each at most once.
struct Parts<'a>(Vec<(&'static str, &'a str)>);

impl<'a> Parts<'a> {
    fn of(rule: &'a str) -> Result<Self, RepeatError> {
        let mut parts: Vec<(&'static str, &str)> = Vec::new();
        // A single semicolon at the end is a common slip and means nothing.
        for part in rule.strip_suffix(';').unwrap_or(rule).split(';') {
            let form = || RepeatError::Form {
                part: part.to_owned(),
            };
            let (name, value) = part.split_once('=').ok_or_else(form)?;
            if value.is_empty() || value.contains('=') {
                return Err(form());
            }
            let Some(name) = NAMES.into_iter().find(|known| *known == name) else {
                return Err(RepeatError::UnknownPart {
                    name: name.to_owned(),
                });
            };
            if parts.iter().any(|(known, _)| *known == name) {
                return Err(RepeatError::Twice { name });
            }
            parts.push((name, value));
        }
        Ok(Self(parts))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| *value)
    }

    fn required(&self, name: &str) -> Option<&'a str> {
        self.get(name)
    }

    /// A single number.
    fn one<T: TryFrom<i32>>(
        &self,
        name: &'static str,
        range: RangeInclusive<i32>,
        allowed: &'static str,
    ) -> Result<Option<T>, RepeatError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        number(text, &range)
            .map(Some)
            .ok_or_else(|| refuse(name, text, allowed))
    }

    /// A list of numbers without repetition, in order. Zero is in no list that has a sign.
    fn list<T: TryFrom<i32> + Ord>(
        &self,
        name: &'static str,
        range: RangeInclusive<i32>,
        allowed: &'static str,
    ) -> Result<Vec<T>, RepeatError> {
        let signed = *range.start() < 0;
        let read = |text: &str| {
            let zero = signed && text.bytes().all(|b| !(b'1'..=b'9').contains(&b));
            let value = number(text, &range).filter(|_| !zero);
            value.ok_or_else(|| refuse(name, text, allowed))
        };
        let mut values = self.split(name, read)?;
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    /// A list of anything, in the order given.
    fn split<T: PartialEq>(
        &self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, RepeatError>,
    ) -> Result<Vec<T>, RepeatError> {
        let Some(text) = self.get(name) else {
            return Ok(Vec::new());
        };
        let mut values = Vec::new();
        for value in text.split(',') {
            let value = read(value)?;
            if !values.contains(&value) {
                values.push(value);
            }
        }
        Ok(values)
    }
}

fn refuse(name: &'static str, value: &str, allowed: &'static str) -> RepeatError {
    RepeatError::Value {
        name,
        value: value.to_owned(),
        allowed,
    }
}

fn frequency(word: &str) -> Result<Frequency, RepeatError> {
    match word {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        _ => Err(RepeatError::Frequency {
            word: word.to_owned(),
        }),
    }
}

fn end(parts: &Parts<'_>, gate: Gate) -> Result<End, RepeatError> {
    let count = match gate {
        Gate::Narrow => {
            let range = 1..=i32::try_from(MAX_COUNT).unwrap_or(i32::MAX);
            parts.one("COUNT", range, "it is a number from 1 to 3500")?
        }
        Gate::Wide => parts.one("COUNT", 1..=999_999, "it is a number from 1 to 999999")?,
    };
    match (count, parts.get("UNTIL")) {
        (Some(_), Some(_)) => Err(RepeatError::TwoEnds),
        (Some(count), None) => Ok(End::Count(count)),
        (None, Some(text)) => until(text).ok_or_else(|| refuse("UNTIL", text, UNTIL)),
        (None, None) => Ok(End::Never),
    }
}

fn until(text: &str) -> Option<End> {
    let (plain, utc) = match text.strip_suffix('Z') {
        Some(plain) => (plain, true),
        None => (text, false),
    };
    // chrono's patterns overlook missing and surplus digits, so the lengths are checked as well.
    let end = match (plain.len(), utc) {
        (8, false) => End::Date(NaiveDate::parse_from_str(plain, "%Y%m%d").ok()?),
        (15, _) => {
            let wall = NaiveDateTime::parse_from_str(plain, "%Y%m%dT%H%M%S").ok()?;
            if utc {
                End::Instant(wall.and_utc())
            } else {
                End::Wall(wall)
            }
        }
        _ => return None,
    };
    let year = match end {
        End::Date(date) => date.year(),
        End::Wall(wall) => wall.year(),
        End::Instant(at) => at.year(),
        End::Never | End::Count(_) => return None,
    };
    YEARS.contains(&year).then_some(end)
}

/// A number of at most six characters: digits, with a sign where the range has negative numbers.
fn number<T: TryFrom<i32>>(text: &str, range: &RangeInclusive<i32>) -> Option<T> {
    let digits = if *range.start() < 0 {
        text.strip_prefix(['+', '-']).unwrap_or(text)
    } else {
        text
    };
    if digits.is_empty() || text.len() > 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: i32 = text.parse().ok()?;
    range
        .contains(&value)
        .then_some(value)
        .and_then(|value| value.try_into().ok())
}

fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}

fn numbered_weekday(text: &str) -> Result<(i16, Weekday), RepeatError> {
    let refused = || refuse("BYDAY", text, WEEKDAY);
    let (nth, word) = text
        .split_at_checked(text.len().saturating_sub(2))
        .ok_or_else(refused)?;
    let day = weekday(word).ok_or_else(refused)?;
    if nth.is_empty() {
        return Ok((0, day));
    }
    let nth = number(nth, &(-53..=53)).filter(|nth| *nth != 0);
    let allowed = "the number before a weekday is 1 to 53, or -1 to -53";
    nth.map(|nth| (nth, day))
        .ok_or_else(|| refuse("BYDAY", text, allowed))
}
