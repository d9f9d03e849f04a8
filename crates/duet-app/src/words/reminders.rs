//! When somebody is reminded of an event, in words. Google reminds; Duet only tells of it.

use duet_model::event::{Event, EventTime, Reminder, ReminderMethod, Reminders};
use duet_wire::event::ReminderView;

use super::count;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;

/// Of an event, the calendar's own first, then those nearest to its start; none where nothing is
/// said of it or nobody is reminded.
pub(crate) fn of(event: &Event) -> Vec<ReminderView> {
    let whole_days = matches!(event.start, EventTime::Date(_));
    match &event.reminders {
        Some(reminders) => views(reminders, whole_days),
        None => Vec::new(),
    }
}

/// The same in words alone.
pub(crate) fn said(reminders: &Reminders, whole_days: bool) -> Vec<String> {
    let views = views(reminders, whole_days).into_iter();
    views.map(|one| one.words).collect()
}

fn views(reminders: &Reminders, whole_days: bool) -> Vec<ReminderView> {
    let Reminders {
        use_default,
        overrides,
    } = reminders;
    let usual = use_default.then(|| ReminderView {
        words: "the calendar's default reminders".to_owned(),
        method: None,
        minutes: None,
    });
    let mut own = overrides.clone();
    own.sort_unstable_by_key(|one| (one.minutes, one.method));
    own.dedup();
    let own = own.into_iter().map(|one| ReminderView {
        words: words(one, whole_days),
        method: Some(one.method),
        minutes: Some(one.minutes),
    });
    usual.into_iter().chain(own).collect()
}

fn words(reminder: Reminder, whole_days: bool) -> String {
    let when = if whole_days {
        before_the_day(reminder.minutes)
    } else {
        before(reminder.minutes)
    };
    let how = match reminder.method {
        ReminderMethod::Email => "by email",
        ReminderMethod::Popup => "by pop-up",
    };
    format!("{when}, {how}")
}

/// `10 minutes before`, `1 hour 30 minutes before`, `2 weeks before`.
fn before(minutes: u32) -> String {
    if minutes == 0 {
        return "when it starts".to_owned();
    }
    if minutes.is_multiple_of(WEEK) {
        return format!("{} before", count(minutes / WEEK, "week"));
    }
    let parts = [
        (minutes / DAY, "day"),
        (minutes % DAY / HOUR, "hour"),
        (minutes % HOUR, "minute"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, unit)| count(number, unit)).collect();
    format!("{} before", parts.join(" "))
}

/// Whole days begin at midnight, and nobody thinks in hours before that: 900 minutes are
/// `the day before at 09:00`.
fn before_the_day(minutes: u32) -> String {
    let days = minutes.div_ceil(DAY);
    let at = days * DAY - minutes;
    let day = match days {
        0 => "on the day".to_owned(),
        1 => "the day before".to_owned(),
        days if days.is_multiple_of(7) => format!("{} before", count(days / 7, "week")),
        days => format!("{} before", count(days, "day")),
    };
    format!("{day} at {:02}:{:02}", at / HOUR, at % HOUR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_before_a_time_is_told_in_the_largest_units() {
        for (minutes, expect) in [
            (0, "when it starts"),
            (1, "1 minute before"),
            (10, "10 minutes before"),
            (60, "1 hour before"),
            (90, "1 hour 30 minutes before"),
            (1_440, "1 day before"),
            (1_505, "1 day 1 hour 5 minutes before"),
            (2_880, "2 days before"),
            (10_080, "1 week before"),
            (11_520, "8 days before"),
            (40_320, "4 weeks before"),
        ] {
            assert_eq!(before(minutes), expect, "{minutes}");
        }
    }

    #[test]
    fn a_reminder_of_a_whole_day_is_a_time_of_day() {
        for (minutes, expect) in [
            (0, "on the day at 00:00"),
            (30, "the day before at 23:30"),
            (900, "the day before at 09:00"),
            (1_440, "the day before at 00:00"),
            (1_441, "2 days before at 23:59"),
            (2_340, "2 days before at 09:00"),
            (9_540, "1 week before at 09:00"),
            (10_980, "8 days before at 09:00"),
            (19_620, "2 weeks before at 09:00"),
        ] {
            assert_eq!(before_the_day(minutes), expect, "{minutes}");
        }
    }

    #[test]
    fn what_an_event_says_becomes_a_list() {
        let both = r#"{"overrides":[{"method":"email","minutes":60},{"method":"popup","minutes":10},
            {"method":"popup","minutes":60},{"method":"email","minutes":60}]}"#;
        let timed = r#""start":{"at":{"at":"2026-11-24T09:00:00Z"}},"end":{"at":{"at":"2026-11-24T10:00:00Z"}}"#;
        let whole = r#""start":{"date":"2026-11-24"},"end":{"date":"2026-11-25"}"#;
        for (times, reminders, expect) in [
            (timed, "null", vec![]),
            (timed, "{}", vec![]),
            (
                timed,
                r#"{"use_default":true}"#,
                vec!["the calendar's default reminders"],
            ),
            (
                timed,
                both,
                vec![
                    "10 minutes before, by pop-up",
                    "1 hour before, by email",
                    "1 hour before, by pop-up",
                ],
            ),
            (
                timed,
                r#"{"use_default":true,"overrides":[{"method":"popup","minutes":0}]}"#,
                vec![
                    "the calendar's default reminders",
                    "when it starts, by pop-up",
                ],
            ),
            (
                whole,
                r#"{"overrides":[{"method":"popup","minutes":900}]}"#,
                vec!["the day before at 09:00, by pop-up"],
            ),
        ] {
            let json = format!(r#"{{"id":"a",{times},"reminders":{reminders}}}"#);
            let event: Event = serde_json::from_str(&json).unwrap();
            let found = of(&event);
            let told: Vec<&str> = found.iter().map(|one| one.words.as_str()).collect();
            assert_eq!(told, expect, "{json}");
            for one in found {
                assert_eq!(
                    (one.method.is_none(), one.minutes.is_none()),
                    (one.words.contains("default"), one.words.contains("default")),
                    "a script reads how and when: {one:?}"
                );
            }
        }
    }
}
