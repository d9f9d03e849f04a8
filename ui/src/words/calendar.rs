//! What is said of a calendar: its age, its health, what is stored of it.

use chrono::{DateTime, TimeDelta, Utc};
use duet_wire::accounts::{CalendarState, CalendarView};

use super::{ago, amount, capital};

/// What is wrong with a calendar, shortly, if anything: what stands beside its name.
pub(crate) fn calendar_age(calendar: &CalendarView, now: DateTime<Utc>) -> Option<String> {
    match (calendar.state, calendar.last_synced_at) {
        _ if !calendar.busy => None,
        (CalendarState::Ok | CalendarState::BusyOnly, _) => None,
        (_, None) => Some("not checked yet".to_owned()),
        (CalendarState::Failing, Some(at)) => Some(format!(
            "unknown, {} old",
            amount((now - at).max(TimeDelta::minutes(1)))
        )),
        (CalendarState::Stale, Some(at)) => Some(format!(
            "{} old",
            amount((now - at).max(TimeDelta::minutes(1)))
        )),
    }
}

/// The health of a calendar as a sentence, for settings and tooltips.
pub(crate) fn calendar_health(calendar: &CalendarView, now: DateTime<Utc>) -> String {
    match (calendar.shown, calendar.busy) {
        (false, false) => return "Neither shown nor counted, so it is not fetched".to_owned(),
        (true, false) if !calendar.details => {
            return "Does not count, so its times are not fetched".to_owned();
        }
        _ => {}
    }
    let age = match calendar.last_synced_at {
        Some(at) => format!("checked {}", ago(at, now)),
        None => "not checked yet".to_owned(),
    };
    match calendar.state {
        CalendarState::Ok if !calendar.busy => format!("Does not count as busy, {age}"),
        CalendarState::Ok => capital(&age),
        CalendarState::BusyOnly => format!("Shared as times only, {age}"),
        CalendarState::Stale => format!("Too old to vouch for, {age}"),
        CalendarState::Failing => match &calendar.last_error {
            Some(error) => format!("{error} Last {age}."),
            None => format!("The last check failed, {age}"),
        },
    }
}

/// What is stored of a calendar, as a sentence: `1,204 events, 2 could not be read`. Nothing of one
/// whose times alone are known, which its health says.
pub(crate) fn calendar_events(calendar: &CalendarView) -> Option<String> {
    if !calendar.details {
        return None;
    }
    let of = |many: u64, one: &str, more: &str| match many {
        0 => None,
        1 => Some(one.to_owned()),
        many => Some(format!("{} {more}", grouped(many))),
    };
    let events = of(calendar.events, "1 event", "events").unwrap_or_else(|| "No events".to_owned());
    let unreadable = of(
        calendar.unreadable,
        "1 could not be read",
        "could not be read",
    );
    let unfollowed = of(
        calendar.unfollowed,
        "1 series cannot be followed",
        "series cannot be followed",
    );
    let parts: Vec<String> = [Some(events), unreadable, unfollowed]
        .into_iter()
        .flatten()
        .collect();
    Some(parts.join(", "))
}

/// `1,204`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use duet_model::calendar::AccessRole;
    use duet_model::verdict::Overrides;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_600_000, 0).unwrap()
    }

    /// A calendar of ana@example.com that counts and is shown.
    pub(crate) fn calendar(id: &str, state: CalendarState) -> CalendarView {
        CalendarView {
            id: id.to_owned(),
            account: "ana@example.com".into(),
            name: id.to_owned(),
            color: "#4986e7".into(),
            primary: false,
            access_role: AccessRole::Owner,
            busy: true,
            shown: true,
            hidden: false,
            state,
            last_synced_at: None,
            last_error: None,
            details: true,
            events: 0,
            unreadable: 0,
            unfollowed: 0,
            rules: Overrides::default(),
        }
    }

    #[test]
    fn a_calendars_health_says_what_its_switches_leave_of_it() {
        let of = |shown, busy, details| {
            let calendar = CalendarView {
                shown,
                busy,
                details,
                last_synced_at: Some(now()),
                ..calendar("work", CalendarState::Ok)
            };
            calendar_health(&calendar, now())
        };
        let cases = [
            ((true, true, true), "Checked just now"),
            ((false, true, true), "Checked just now"),
            (
                (true, false, true),
                "Does not count as busy, checked just now",
            ),
            (
                (true, false, false),
                "Does not count, so its times are not fetched",
            ),
            (
                (false, false, true),
                "Neither shown nor counted, so it is not fetched",
            ),
        ];
        for ((shown, busy, details), expect) in cases {
            assert_eq!(of(shown, busy, details), expect);
        }
    }

    #[test]
    fn a_calendar_says_what_is_stored_of_it() {
        let of = |details, events, unreadable, unfollowed| {
            calendar_events(&CalendarView {
                details,
                events,
                unreadable,
                unfollowed,
                ..calendar("work", CalendarState::Ok)
            })
        };
        let cases = [
            (of(false, 0, 0, 0), None),
            (of(true, 0, 0, 0), Some("No events")),
            (of(true, 1, 0, 0), Some("1 event")),
            (of(true, 999, 0, 0), Some("999 events")),
            (
                of(true, 1_204, 2, 0),
                Some("1,204 events, 2 could not be read"),
            ),
            (
                of(true, 100_000, 1, 3),
                Some("100,000 events, 1 could not be read, 3 series cannot be followed"),
            ),
        ];
        for (said, expect) in cases {
            assert_eq!(said.as_deref(), expect);
        }
    }
}
