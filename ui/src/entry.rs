//! Reads what people type as a date and time, and as a time alone.
//!
//! The web view on Linux has no date picker of its own, and typing is faster anyway: `9:30`,
//! `tomorrow 14`, `fri 9am`, `24 nov 16:00`, `2026-11-24 09:00` and what the editor itself shows are
//! all understood. What is not understood is refused, never guessed: `03/04` means two different days.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime};

use crate::dates;

/// What the words are read against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// The day that is meant where none is named.
    pub(crate) day: NaiveDate,
    /// What "today" means.
    pub(crate) today: NaiveDate,
}

/// Reads a day, a time, or both; a missing part comes from the context, but a time is needed.
pub(crate) fn read(text: &str, context: Context) -> Option<NaiveDateTime> {
    let lower = text.trim().to_ascii_lowercase();
    // `2026-11-24T09:00`, as a machine writes it.
    let (first, rest) = match lower.split_once('t') {
        Some((day, time)) if iso(day).is_some() => (day.to_owned(), time.to_owned()),
        _ => (String::new(), lower.replace(',', " ")),
    };
    let mut words: Vec<&str> = rest.split_whitespace().collect();
    if !first.is_empty() {
        words.insert(0, &first);
    }
    // "9 am" is one time.
    let joined;
    if let [.., number, half @ ("am" | "pm")] = words[..] {
        joined = format!("{number}{half}");
        words.truncate(words.len() - 2);
        words.push(&joined);
    }
    words.retain(|word| *word != "at");
    let (time, day_words) = words.split_last()?;
    let time = clock(time)?;
    let day = if day_words.is_empty() {
        context.day
    } else {
        day(day_words, context)?
    };
    // 24:00 is the end of that day.
    Some(match time {
        Clock::At(time) => day.and_time(time),
        Clock::DayEnd => (day + Days::new(1)).and_time(NaiveTime::MIN),
    })
}

/// Reads a day alone.
pub(crate) fn read_day(text: &str, context: Context) -> Option<NaiveDate> {
    let lower = text.trim().to_ascii_lowercase().replace(',', " ");
    let words: Vec<&str> = lower.split_whitespace().collect();
    (!words.is_empty()).then(|| day(&words, context)).flatten()
}

enum Clock {
    At(NaiveTime),
    DayEnd,
}

/// `9`, `9:30`, `09.30`, `0930`, `9am`, `9:30pm`, `09:30:00`, `24:00`, `noon`.
fn clock(word: &str) -> Option<Clock> {
    match word {
        "noon" => return NaiveTime::from_hms_opt(12, 0, 0).map(Clock::At),
        "midnight" => return Some(Clock::DayEnd),
        _ => {}
    }
    let (digits, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        _ => (word, None),
    };
    let parts: Vec<&str> = digits.split([':', '.']).collect();
    let number = |text: &str| {
        (!text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u32>().ok())
            .flatten()
    };
    let (hour, minute) = match parts[..] {
        [hour] if hour.len() == 4 && hour.is_ascii() => (number(&hour[..2])?, number(&hour[2..])?),
        [hour] => (number(hour)?, 0),
        [hour, minute] | [hour, minute, "00"] if minute.len() == 2 => {
            (number(hour)?, number(minute)?)
        }
        _ => return None,
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(add) => hour % 12 + add,
    };
    if (hour, minute) == (24, 0) {
        return Some(Clock::DayEnd);
    }
    NaiveTime::from_hms_opt(hour, minute, 0).map(Clock::At)
}

/// `today`, `tomorrow`, `fri`, `2026-11-24`, `24.11.2026`, `24.11.`, `24 nov`, `nov 24 2026`, `tue 24 nov 2026`.
fn day(words: &[&str], context: Context) -> Option<NaiveDate> {
    match words {
        ["today"] => return Some(context.today),
        ["tomorrow"] => return context.today.succ_opt(),
        ["yesterday"] => return context.today.pred_opt(),
        [word] => {
            if let Some(date) = iso(word).or_else(|| dotted(word, context)) {
                return Some(date);
            }
            if let Some(weekday) = dates::weekday_by_name(word) {
                let ahead = (weekday + 7 - context.today.weekday().num_days_from_monday()) % 7;
                return context.today.checked_add_days(Days::new(u64::from(ahead)));
            }
            return None;
        }
        [] => return Some(context.day),
        _ => {}
    }
    // A weekday in front of a date is decoration: the date decides.
    let words = match dates::weekday_by_name(words[0]) {
        Some(_) if dates::month_by_name(words[0]).is_none() => &words[1..],
        _ => words,
    };
    if let [word] = words {
        return iso(word).or_else(|| dotted(word, context));
    }
    let (named, year) = match words {
        [one, other] => ([*one, *other], None),
        [one, other, year] if year.len() == 4 => ([*one, *other], Some(year.parse().ok()?)),
        _ => return None,
    };
    let number = |word: &str| {
        let digits = word.trim_end_matches(['.', 's', 't', 'n', 'd', 'r', 'h']);
        digits.parse::<u32>().ok()
    };
    let (day, month) = match (number(named[0]), dates::month_by_name(named[1])) {
        (Some(day), Some(month)) => (day, month),
        _ => (number(named[1])?, dates::month_by_name(named[0])?),
    };
    in_year(year, month, day, context)
}

fn iso(word: &str) -> Option<NaiveDate> {
    let [year, month, day] = word.split('-').collect::<Vec<_>>()[..] else {
        return None;
    };
    (year.len() == 4).then_some(())?;
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn dotted(word: &str, context: Context) -> Option<NaiveDate> {
    let parts: Vec<&str> = word.trim_end_matches('.').split('.').collect();
    match parts[..] {
        [day, month] => in_year(None, month.parse().ok()?, day.parse().ok()?, context),
        [day, month, year] if year.len() == 4 => {
            NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    }
}

/// Without a year, the one that brings the date nearest to the day in view.
fn in_year(year: Option<i32>, month: u32, day: u32, context: Context) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let near = context.day.year();
    (near - 1..=near + 1)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|date| (*date - context.day).num_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        // The editor is open on Thursday the 26th; today is Wednesday the 25th.
        Context {
            day: "2026-11-26".parse().unwrap(),
            today: "2026-11-25".parse().unwrap(),
        }
    }

    #[test]
    fn people_and_machines_are_understood() {
        let cases = [
            ("9", "2026-11-26T09:00:00"),
            ("9:30", "2026-11-26T09:30:00"),
            ("0930", "2026-11-26T09:30:00"),
            ("09.30", "2026-11-26T09:30:00"),
            ("9am", "2026-11-26T09:00:00"),
            ("9:30 PM", "2026-11-26T21:30:00"),
            ("12am", "2026-11-26T00:00:00"),
            ("12pm", "2026-11-26T12:00:00"),
            ("noon", "2026-11-26T12:00:00"),
            ("24:00", "2026-11-27T00:00:00"),
            ("today 9", "2026-11-25T09:00:00"),
            ("tomorrow at 14:15", "2026-11-26T14:15:00"),
            ("fri 9am", "2026-11-27T09:00:00"),
            ("Wednesday 9", "2026-11-25T09:00:00"),
            ("24 nov 16:00", "2026-11-24T16:00:00"),
            ("Nov 24th 16:00", "2026-11-24T16:00:00"),
            ("2 jan 8:00", "2027-01-02T08:00:00"),
            ("24.11. 16:00", "2026-11-24T16:00:00"),
            ("24.11.2027 16:00", "2027-11-24T16:00:00"),
            ("2026-11-24 09:00", "2026-11-24T09:00:00"),
            ("2026-11-24T09:00", "2026-11-24T09:00:00"),
            ("2026-11-24T09:00:00", "2026-11-24T09:00:00"),
            ("Tue 24 Nov 2026, 09:00", "2026-11-24T09:00:00"),
        ];
        for (text, expect) in cases {
            assert_eq!(read(text, context()), expect.parse().ok(), "{text:?}");
        }
    }

    #[test]
    fn a_day_alone_is_read_as_well() {
        let cases = [
            ("today", Some("2026-11-25")),
            (" Fri ", Some("2026-11-27")),
            ("24 nov", Some("2026-11-24")),
            ("Tue 24 Nov 2026", Some("2026-11-24")),
            ("Tue, 24 Nov", Some("2026-11-24")),
            ("2026-12-01", Some("2026-12-01")),
            ("", None),
            ("9:30", None),
            ("soon", None),
        ];
        for (text, expect) in cases {
            let expect = expect.map(|day| day.parse().unwrap());
            assert_eq!(read_day(text, context()), expect, "{text:?}");
        }
    }

    #[test]
    fn what_the_editor_shows_it_reads() {
        let mut at: NaiveDateTime = "2026-01-01T00:00:00".parse().unwrap();
        for _ in 0..500 {
            assert_eq!(read(&dates::moment(at), context()), Some(at));
            at += chrono::TimeDelta::minutes(1_237);
        }
    }

    #[test]
    fn nothing_is_guessed() {
        let refused = [
            "",
            " ",
            "soon",
            "25:00",
            "9:60",
            "9:5",
            "13pm",
            "03/04 9:00",
            "2026-13-01 9:00",
            "31 feb 9:00",
            "24 nov",
            "9:00:30",
            "tuesday",
            "12345",
            "é",
            "24:30",
            "t",
            "99 nov 9",
        ];
        for text in refused {
            assert_eq!(read(text, context()), None, "{text:?}");
        }
    }
}
