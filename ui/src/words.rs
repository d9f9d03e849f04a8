//! Sentences and labels: how old, how long until, how things stand.
//!
//! Pure functions of values and the time; components only place what comes out. Instants can be
//! put on the wall clock only where a loaded day tells how ([`wall_of`]), because the window never
//! converts a zone by itself.

pub(crate) mod calendar;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use duet_model::account::{AccountState, FailureCode, Tier};
use duet_model::event::Response;
use duet_wire::accounts::{AccountView, CalendarState, CalendarView, Progress};
use duet_wire::duet_event::ReminderDraft;
use duet_wire::grid::DayView;
use duet_wire::invitation::Answered;
use duet_wire::status::StatusView;

use crate::dates;

use self::calendar::grouped;

pub(crate) use self::calendar::{calendar_age, calendar_events, calendar_health};

/// `just now`, `2 min ago`, `5 h ago`, `3 days ago`.
pub(crate) fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let past = now - then;
    if past < TimeDelta::minutes(1) {
        // Also for times slightly in the future: clocks differ by seconds.
        return "just now".to_owned();
    }
    format!("{} ago", amount(past))
}

/// `now`, `in 4 min`, `in 2 h`.
pub(crate) fn until(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let ahead = then - now;
    if ahead < TimeDelta::minutes(1) {
        return "now".to_owned();
    }
    format!("in {}", amount(ahead))
}

fn amount(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match minutes {
        ..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        1440..2880 => "1 day".to_owned(),
        _ => format!("{} days", minutes / 1440),
    }
}

/// Where an instant stands on the wall clock, if one of these days contains it.
pub(crate) fn wall_of<'a>(
    at: DateTime<Utc>,
    days: impl IntoIterator<Item = &'a DayView>,
) -> Option<NaiveDateTime> {
    days.into_iter().find_map(|day| {
        let minute = (at - day.start).num_minutes();
        let minute = u16::try_from(minute)
            .ok()
            .filter(|minute| *minute < day.minutes)?;
        if at < day.start {
            return None;
        }
        crate::state::place::wall_at(day, minute)
    })
}

/// When something was last known to be right: `on Tuesday 14:05` where a loaded day can tell,
/// `3 days ago` where not, and `14:05` alone for today.
pub(crate) fn checked<'a>(
    at: DateTime<Utc>,
    now: DateTime<Utc>,
    days: impl IntoIterator<Item = &'a DayView>,
) -> String {
    if now - at < TimeDelta::minutes(90) || now - at >= TimeDelta::days(7) {
        return ago(at, now);
    }
    match wall_of(at, days) {
        Some(wall) => format!(
            "on {} {}",
            dates::weekday(chrono::Datelike::weekday(&wall.date())),
            dates::clock(wall)
        ),
        None => ago(at, now),
    }
}

/// How the whole picture stands, as a word for the dot's colour and the sentence beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyncWords {
    /// `ok`, `working`, `offline`, `attention`, `quiet`: what the dot's colour hangs on.
    pub(crate) mood: &'static str,
    /// What is said.
    pub(crate) text: String,
    /// More, for the tooltip.
    pub(crate) detail: String,
}

/// The header's status.
pub(crate) fn sync(
    status: &StatusView,
    calendars: &[CalendarView],
    now: DateTime<Utc>,
) -> SyncWords {
    let failing: Vec<&str> = calendars
        .iter()
        .filter(|calendar| calendar.busy && calendar.state == CalendarState::Failing)
        .map(|calendar| calendar.name.as_str())
        .collect();
    let mut detail = detail(status, now);
    if !failing.is_empty() {
        detail.push_str(&format!("\nNot known: {}", failing.join(", ")));
    }
    let words = |mood, text: String| SyncWords {
        mood,
        text,
        detail: detail.clone(),
    };
    if status.syncing || status.accounts.iter().any(|account| account.syncing) {
        return words("working", "Syncing…".to_owned());
    }
    if status.offline {
        let waiting = match status.pending {
            0 => String::new(),
            1 => ", 1 change waiting".to_owned(),
            many => format!(", {many} changes waiting"),
        };
        return words("offline", format!("Offline{waiting}"));
    }
    if status.stuck > 0 {
        let text = match status.stuck {
            1 => "1 change refused".to_owned(),
            many => format!("{many} changes refused"),
        };
        return words("attention", text);
    }
    if status.accounts.iter().any(needs_person) {
        return words("attention", "Needs attention".to_owned());
    }
    if status.accounts.is_empty() {
        return words("quiet", "By hand only".to_owned());
    }
    match failing.len() {
        0 => {}
        1 => return words("attention", "1 calendar unknown".to_owned()),
        many => return words("attention", format!("{many} calendars unknown")),
    }
    let mood = match (status.paused, status.accounts.iter().any(in_trouble)) {
        (_, true) => "attention",
        (true, false) => "quiet",
        (false, false) => "ok",
    };
    match status.last_synced_at {
        Some(at) if status.paused => words(mood, format!("Paused, synced {}", ago(at, now))),
        Some(at) => words(mood, format!("Synced {}", ago(at, now))),
        None if status.paused => words(mood, "Paused".to_owned()),
        None => words(mood, "Not synced yet".to_owned()),
    }
}

fn in_trouble(account: &AccountView) -> bool {
    account.state != AccountState::Connected
}

/// Will this account stay broken until its person does something? What mends itself does not
/// belong under "needs attention": the age beside it already tells.
pub(crate) fn needs_person(account: &AccountView) -> bool {
    let waits = matches!(
        account.last_error_code,
        Some(
            FailureCode::Offline
                | FailureCode::Interfered
                | FailureCode::RateLimited
                | FailureCode::QuotaExceeded
                | FailureCode::Server
                | FailureCode::BadAnswer
        )
    );
    match account.state {
        AccountState::Connected => false,
        AccountState::Reconnect => true,
        AccountState::Error => !waits || account.last_synced_at.is_none(),
    }
}

fn detail(status: &StatusView, now: DateTime<Utc>) -> String {
    let mut lines = Vec::new();
    for account in &status.accounts {
        let last = match account.last_synced_at {
            _ if account.syncing => progress(account.progress.unwrap_or_default()),
            Some(at) => format!("synced {}", ago(at, now)),
            None => "never synced".to_owned(),
        };
        lines.push(match &account.last_error {
            Some(error) => format!("{}: {last}. {error}", account.email),
            None => format!("{}: {last}", account.email),
        });
    }
    let odd = [
        (status.unreadable, "event", "events", "could not be read"),
        (status.unfollowed, "series", "series", "cannot be followed"),
    ];
    for (many, one, more, what) in odd.into_iter().filter(|odd| odd.0 > 0) {
        let thing = if many == 1 { one } else { more };
        lines.push(format!("{} {thing} {what}", grouped(many)));
    }
    if let Some(next) = status
        .next_sync_at
        .filter(|_| !status.paused && !status.offline)
    {
        lines.push(format!("Next check {}", until(next, now)));
    }
    lines.join("\n")
}

/// An account's state in words, for its card.
pub(crate) fn account_state(account: &AccountView) -> &'static str {
    match (account.syncing, account.state) {
        (true, _) => "Syncing…",
        (false, AccountState::Reconnect) => "Google no longer accepts Duet’s key",
        (false, AccountState::Error) => "The last sync did not work",
        (false, AccountState::Connected) if account.last_synced_at.is_none() => {
            "Connected, first sync to come"
        }
        (false, AccountState::Connected) => "Connected",
    }
}

/// The word of `data-state` on an account's card.
pub(crate) fn account_word(account: &AccountView) -> &'static str {
    match (account.syncing, account.state) {
        // A revoked account stays to be reconnected whatever else goes on.
        (_, AccountState::Reconnect) => "reconnect",
        (true, _) => "syncing",
        (false, AccountState::Error) => "error",
        (false, AccountState::Connected) => "connected",
    }
}

/// What the banner says of an account that must be reconnected: what happened, then how old the
/// picture is.
pub(crate) fn revoked<'a>(
    account: &AccountView,
    now: DateTime<Utc>,
    days: impl IntoIterator<Item = &'a DayView>,
) -> (String, String) {
    let happened = format!(
        "Google no longer accepts Duet’s key for {}, perhaps because access was removed.",
        account.email
    );
    let still = match account.last_synced_at {
        Some(at) => format!("What you see was last checked {}.", checked(at, now, days)),
        None => "Its calendars have never been read.".to_owned(),
    };
    (happened, still)
}

/// How far a sync is: `3 of 12 calendars, 1,204 events, 140 busy times`.
pub(crate) fn progress(progress: Progress) -> String {
    let counted = |many: u32, one: &str, more: &str| match many {
        1 => format!("1 {one}"),
        many => format!("{} {more}", grouped(u64::from(many))),
    };
    if progress.total == 0 {
        return "Asking Google for the list of calendars".to_owned();
    }
    let done = grouped(u64::from(progress.done.min(progress.total)));
    let mut said = format!(
        "{done} of {}",
        counted(progress.total, "calendar", "calendars")
    );
    for (many, one, more) in [
        (progress.events, "event", "events"),
        (progress.blocks, "busy time", "busy times"),
    ] {
        if many > 0 {
            said.push_str(&format!(", {}", counted(many, one, more)));
        }
    }
    said
}

/// A step of the permission ladder in words.
pub(crate) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Busy => "Busy times only",
        Tier::Read => "Read events",
        Tier::Write => "Read and write events",
    }
}

/// What a step of the ladder lets Duet see.
pub(crate) fn tier_detail(tier: Tier) -> &'static str {
    match tier {
        Tier::Busy => {
            "Duet sees when you are busy and the names of your calendars. No titles, places or guests."
        }
        Tier::Read => "Duet may also read your events. It can change nothing.",
        Tier::Write => "Duet may also create and change events.",
    }
}

/// The first letter made a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// What was done to an event, and who is mailed about it.
pub(crate) fn event_done(title: &str, done: &str, mailed: &[String]) -> String {
    let what = match title.trim() {
        "" => "The event is".to_owned(),
        // Isolated: direction marks in a title end with it.
        title => format!("“\u{2068}{title}\u{2069}” is"),
    };
    let mail = match mailed {
        [] => String::new(),
        [one] => format!(" {one} is mailed in a few seconds."),
        many => format!(" {} guests are mailed in a few seconds.", many.len()),
    };
    format!("{what} {done}.{mail}")
}

/// That an invitation was answered, and who hears of it.
pub(crate) fn answered(answered: &Answered) -> String {
    let word = match answered.response {
        Response::Accepted => "yes",
        Response::Tentative => "maybe",
        Response::Declined => "no",
        Response::NeedsAction => "open",
    };
    let what = match (answered.title.trim(), answered.series) {
        ("", _) => "the invitation".to_owned(),
        // Isolated: direction marks in a title end with it.
        (title, false) => format!("“\u{2068}{title}\u{2069}”"),
        (title, true) => format!("all of “\u{2068}{title}\u{2069}”"),
    };
    let who = answered.organizer.as_deref().unwrap_or("Whoever invites");
    let told = match answered.waits {
        Some(_) => format!(" \u{2068}{who}\u{2069} is told in a few seconds."),
        None => String::new(),
    };
    format!("Your answer to {what} is {word}.{told}")
}

/// A reminder, as it is offered.
pub(crate) fn reminder(reminder: ReminderDraft) -> String {
    match reminder {
        ReminderDraft::Default => "As the calendar says".to_owned(),
        ReminderDraft::Never => "None".to_owned(),
        ReminderDraft::Keep => "As it is".to_owned(),
        ReminderDraft::Before(0) => "When it starts".to_owned(),
        ReminderDraft::Before(minutes) if minutes % 1440 == 0 => match minutes / 1440 {
            1 => "A day before".to_owned(),
            days => format!("{days} days before"),
        },
        ReminderDraft::Before(60) => "An hour before".to_owned(),
        ReminderDraft::Before(minutes) => format!("{minutes} minutes before"),
    }
}

/// A calendar among others: its name, and the account where that is not the same.
pub(crate) fn calendar_of(calendar: &CalendarView) -> String {
    if calendar.name == calendar.account {
        calendar.name.clone()
    } else {
        format!("{} ({})", calendar.name, calendar.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_600_000, 0).unwrap()
    }

    #[test]
    fn a_sync_says_what_has_arrived() {
        let of = |done, total, blocks, events| {
            progress(Progress {
                done,
                total,
                blocks,
                events,
            })
        };
        let cases = [
            (of(0, 0, 0, 0), "Asking Google for the list of calendars"),
            (of(0, 1, 0, 0), "0 of 1 calendar"),
            (of(2, 12, 1, 0), "2 of 12 calendars, 1 busy time"),
            (
                of(3, 12, 140, 1_204),
                "3 of 12 calendars, 1,204 events, 140 busy times",
            ),
            (of(14, 12, 0, 1), "12 of 12 calendars, 1 event"),
            (of(0, 1_250, 0, 0), "0 of 1,250 calendars"),
        ];
        for (said, expect) in cases {
            assert_eq!(said, expect);
        }
    }

    #[test]
    fn the_tooltip_counts_while_a_sync_runs() {
        let mut running = account(AccountState::Connected);
        running.syncing = true;
        running.progress = Some(Progress {
            done: 3,
            total: 6,
            blocks: 0,
            events: 1_240,
        });
        let status = StatusView {
            accounts: vec![running],
            syncing: true,
            ..StatusView::default()
        };
        let said = sync(&status, &[], now());
        assert_eq!(said.text, "Syncing…");
        assert_eq!(
            said.detail,
            "ana@example.com: 3 of 6 calendars, 1,240 events"
        );
    }

    fn account(state: AccountState) -> AccountView {
        AccountView {
            email: "ana@example.com".into(),
            state,
            tier: Tier::Read,
            scopes: Vec::new(),
            last_synced_at: Some(now() - TimeDelta::minutes(2)),
            next_sync_at: None,
            last_error: None,
            last_error_at: None,
            last_error_code: None,
            revoked_at: None,
            demo: false,
            syncing: false,
            progress: None,
            failing: 0,
        }
    }

    fn status(accounts: Vec<AccountView>) -> StatusView {
        StatusView {
            last_synced_at: accounts.first().and_then(|account| account.last_synced_at),
            accounts,
            ..StatusView::default()
        }
    }

    #[test]
    fn ages_grow_in_words() {
        let cases = [
            (-30, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (59 * 60 + 59, "59 min ago"),
            (3600, "1 h ago"),
            (86_399, "23 h ago"),
            (86_400, "1 day ago"),
            (3 * 86_400, "3 days ago"),
        ];
        for (seconds, words) in cases {
            assert_eq!(ago(now() - TimeDelta::seconds(seconds), now()), words);
        }
        assert_eq!(until(now() + TimeDelta::minutes(4), now()), "in 4 min");
        assert_eq!(until(now() - TimeDelta::minutes(4), now()), "now");
    }

    #[test]
    fn the_status_says_what_matters_most() {
        let plain = status(vec![account(AccountState::Connected)]);
        let cases: Vec<(&str, StatusView, &str, &str)> = vec![
            ("fresh", plain.clone(), "ok", "Synced 2 min ago"),
            (
                "syncing",
                StatusView {
                    syncing: true,
                    offline: true,
                    ..plain.clone()
                },
                "working",
                "Syncing…",
            ),
            (
                "offline",
                StatusView {
                    offline: true,
                    ..plain.clone()
                },
                "offline",
                "Offline",
            ),
            (
                "offline with work",
                StatusView {
                    offline: true,
                    pending: 3,
                    ..plain.clone()
                },
                "offline",
                "Offline, 3 changes waiting",
            ),
            (
                "revoked",
                status(vec![account(AccountState::Reconnect)]),
                "attention",
                "Needs attention",
            ),
            ("alone", StatusView::default(), "quiet", "By hand only"),
            (
                "paused",
                StatusView {
                    paused: true,
                    ..plain.clone()
                },
                "quiet",
                "Paused, synced 2 min ago",
            ),
            (
                "never",
                StatusView {
                    last_synced_at: None,
                    ..plain
                },
                "ok",
                "Not synced yet",
            ),
        ];
        for (name, status, mood, text) in cases {
            let words = sync(&status, &[], now());
            assert_eq!((words.mood, words.text.as_str()), (mood, text), "{name}");
        }
    }

    #[test]
    fn the_tooltip_counts_what_is_not_understood() {
        for (unreadable, unfollowed, expect) in [
            (0, 0, "ana@example.com: synced 2 min ago"),
            (
                1,
                0,
                "ana@example.com: synced 2 min ago\n1 event could not be read",
            ),
            (
                1_204,
                1,
                "ana@example.com: synced 2 min ago\n1,204 events could not be read\n1 series cannot \
                 be followed",
            ),
        ] {
            let status = StatusView {
                unreadable,
                unfollowed,
                ..status(vec![account(AccountState::Connected)])
            };
            assert_eq!(sync(&status, &[], now()).detail, expect);
        }
    }

    #[test]
    fn what_mends_itself_shows_its_age_instead_of_calling() {
        let mut failing = account(AccountState::Error);
        failing.last_error_code = Some(FailureCode::Server);
        assert!(!needs_person(&failing), "Google's own fault mends itself");
        let words = sync(&status(vec![failing.clone()]), &[], now());
        assert_eq!(
            (words.mood, words.text.as_str()),
            ("attention", "Synced 2 min ago")
        );
        failing.last_error_code = Some(FailureCode::Keychain);
        assert!(needs_person(&failing), "a locked keychain needs its person");
        failing.last_error_code = Some(FailureCode::Server);
        failing.last_synced_at = None;
        assert!(
            needs_person(&failing),
            "nothing was ever read, so nothing can be shown"
        );
    }

    #[test]
    fn a_revoked_account_is_to_be_reconnected_even_while_others_sync() {
        let mut revoked = account(AccountState::Reconnect);
        revoked.syncing = true;
        assert_eq!(account_word(&revoked), "reconnect");
    }
}
