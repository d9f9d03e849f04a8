//! Dates and times in English words, from wall-clock values that the core computed.
//!
//! Owns wording only. Nothing here knows a time zone: the web view's own zone data may be old, so
//! whatever needs one was finished before it came here. Written by hand instead of with chrono's
//! formatter, which would add its parser and tables to the bundle.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Timelike, Utc, Weekday};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// `November`.
pub(crate) fn month(date: NaiveDate) -> &'static str {
    MONTHS[date.month0() as usize]
}

/// `Nov`.
pub(crate) fn month_short(date: NaiveDate) -> &'static str {
    &month(date)[..3]
}

/// `Tuesday`.
pub(crate) fn weekday(day: Weekday) -> &'static str {
    WEEKDAYS[day.num_days_from_monday() as usize]
}

/// `Tue`.
pub(crate) fn weekday_short(day: Weekday) -> &'static str {
    &weekday(day)[..3]
}

/// The month whose English name begins with these letters (three at least), 1 to 12.
pub(crate) fn month_by_name(word: &str) -> Option<u32> {
    by_prefix(&MONTHS, word).map(|index| index as u32 + 1)
}

/// The weekday whose English name begins with these letters (two at least), 0 = Monday.
pub(crate) fn weekday_by_name(word: &str) -> Option<u32> {
    by_prefix(&WEEKDAYS, word).map(|index| index as u32)
}

fn by_prefix(names: &[&str], word: &str) -> Option<usize> {
    let word = word.to_ascii_lowercase();
    (word.len() >= 3)
        .then(|| {
            names
                .iter()
                .position(|name| name.to_ascii_lowercase().starts_with(&word))
        })
        .flatten()
}

/// `09:00`.
pub(crate) fn clock(at: NaiveDateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// `Tuesday 24 November`.
pub(crate) fn day_long(date: NaiveDate) -> String {
    format!("{} {} {}", weekday(date.weekday()), date.day(), month(date))
}

/// `Tue 24 Nov`.
pub(crate) fn day_short(date: NaiveDate) -> String {
    format!(
        "{} {} {}",
        weekday_short(date.weekday()),
        date.day(),
        month_short(date)
    )
}

/// `Tue 24 Nov 2026`: what the editor shows of whole days and reads again.
pub(crate) fn day(date: NaiveDate) -> String {
    format!("{} {}", day_short(date), date.year())
}

/// `Tue 24 Nov 2026, 09:00`: what the editor shows and reads again.
pub(crate) fn moment(at: NaiveDateTime) -> String {
    format!("{}, {}", day(at.date()), clock(at))
}

/// `09:00 – 10:30`, with the days where it is not within one.
pub(crate) fn span(start: NaiveDateTime, end: NaiveDateTime) -> String {
    let ends_at_midnight = end.time() == chrono::NaiveTime::MIN && end > start;
    let last = if ends_at_midnight {
        end.date() - Days::new(1)
    } else {
        end.date()
    };
    if last == start.date() {
        let end = if ends_at_midnight {
            "24:00".to_owned()
        } else {
            clock(end)
        };
        format!("{} – {end}", clock(start))
    } else if (end.date() - start.date()).num_days() < 6 {
        let day = |at: NaiveDateTime| weekday_short(at.date().weekday());
        format!(
            "{} {} – {} {}",
            day(start),
            clock(start),
            day(end),
            clock(end)
        )
    } else {
        format!(
            "{} {} – {} {}",
            day_short(start.date()),
            clock(start),
            day_short(end.date()),
            clock(end)
        )
    }
}

/// A span with its day in full, for people who hear it: `Tuesday 24 November, 09:00 to 10:30`.
pub(crate) fn spoken_span(start: NaiveDateTime, end: NaiveDateTime) -> String {
    if start.date() == end.date() {
        format!(
            "{}, {} to {}",
            day_long(start.date()),
            clock(start),
            clock(end)
        )
    } else {
        format!(
            "{}, {} to {}, {}",
            day_long(start.date()),
            clock(start),
            day_long(end.date()),
            clock(end)
        )
    }
}

/// Whole days, the end exclusive: `Tue 24 Nov` or `Tue 24 Nov – Thu 26 Nov`.
pub(crate) fn day_span(first: NaiveDate, after: NaiveDate) -> String {
    let last = after.pred_opt().filter(|last| *last > first);
    match last {
        None => day_short(first),
        Some(last) => format!("{} – {}", day_short(first), day_short(last)),
    }
}

/// `45 min`, `2 h`, `1 h 30 min`.
pub(crate) fn length(minutes: i64) -> String {
    match (minutes / 60, minutes % 60) {
        (0, rest) => format!("{rest} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, rest) => format!("{hours} h {rest} min"),
    }
}

/// RFC 3339 in UTC, to the second: what the data attributes carry.
pub(crate) fn rfc3339(at: DateTime<Utc>) -> String {
    let at = at.naive_utc();
    format!(
        "{}T{:02}:{:02}:{:02}Z",
        iso_date(at.date()),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// `2026-11-24`.
pub(crate) fn iso_date(date: NaiveDate) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}

/// The first day of the week that contains `date`; weeks begin on `first`, 1 = Monday … 7 = Sunday.
pub(crate) fn week_of(date: NaiveDate, first: u8) -> NaiveDate {
    let first = u32::from(first.clamp(1, 7)) - 1;
    let back = (date.weekday().num_days_from_monday() + 7 - first) % 7;
    date - Days::new(u64::from(back))
}

/// The first day of the month of `date`.
pub(crate) fn month_of(date: NaiveDate) -> NaiveDate {
    date - Days::new(u64::from(date.day0()))
}

/// The ISO number of the week that begins at `from`. A week that begins on Sunday is counted by its
/// Thursday as well, which every week of seven days has exactly once.
pub(crate) fn week_number(from: NaiveDate) -> u32 {
    let to_thursday = (10 - from.weekday().num_days_from_monday()) % 7;
    (from + Days::new(u64::from(to_thursday))).iso_week().week()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn spans_name_days_only_where_needed() {
        let cases = [
            (
                "2026-11-24T09:00:00",
                "2026-11-24T10:30:00",
                "09:00 – 10:30",
            ),
            (
                "2026-11-24T22:00:00",
                "2026-11-25T00:00:00",
                "22:00 – 24:00",
            ),
            (
                "2026-11-24T22:00:00",
                "2026-11-25T01:00:00",
                "Tue 22:00 – Wed 01:00",
            ),
            (
                "2026-11-24T22:00:00",
                "2026-12-02T01:00:00",
                "Tue 24 Nov 22:00 – Wed 2 Dec 01:00",
            ),
        ];
        for (start, end, words) in cases {
            assert_eq!(span(at(start), at(end)), words);
        }
        assert_eq!(
            day_span(date("2026-11-24"), date("2026-11-25")),
            "Tue 24 Nov"
        );
        assert_eq!(
            day_span(date("2026-11-24"), date("2026-11-27")),
            "Tue 24 Nov – Thu 26 Nov"
        );
    }

    #[test]
    fn weeks_begin_where_the_person_says() {
        let cases = [
            ("2026-11-25", 1, "2026-11-23"),
            ("2026-11-25", 7, "2026-11-22"),
            ("2026-11-22", 7, "2026-11-22"),
            ("2026-11-22", 1, "2026-11-16"),
            ("2026-11-25", 6, "2026-11-21"),
            ("2026-11-25", 0, "2026-11-23"),
        ];
        for (day, first, expect) in cases {
            assert_eq!(
                week_of(date(day), first),
                date(expect),
                "{day} with weeks from {first}"
            );
        }
    }

    #[test]
    fn the_week_number_is_the_one_of_its_thursday() {
        assert_eq!(week_number(date("2026-11-23")), 48);
        assert_eq!(
            week_number(date("2026-11-22")),
            48,
            "a Sunday week holds the same Thursday"
        );
        assert_eq!(week_number(date("2026-12-28")), 53);
        assert_eq!(week_number(date("2027-01-04")), 1);
    }

    #[test]
    fn instants_are_written_as_the_interface_says() {
        let at = DateTime::from_timestamp(1_795_510_800, 0).unwrap();
        assert_eq!(
            rfc3339(at),
            at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        );
    }

    #[test]
    fn names_are_found_by_their_beginning() {
        assert_eq!(month_by_name("Nov"), Some(11));
        assert_eq!(month_by_name("november"), Some(11));
        assert_eq!(month_by_name("no"), None);
        assert_eq!(weekday_by_name("thurs"), Some(3));
    }
}
