//! Results as people read them. Times are local; columns are plain text.

use chrono::{DateTime, NaiveDate, Utc};
use duet_model::account::{AccountState, Tier};
use duet_model::availability::State;
use duet_model::zones::Zone;
use duet_wire::accounts::{AccountView, CalendarState, CalendarView};
use duet_wire::availability::{AgendaView, BlockState, BusyView, FreeView, SourceKind, When};
use duet_wire::blocks::ManualBlockView;
use duet_wire::doctor::{DoctorReport, Verdict};
use duet_wire::status::{Outcome, StatusView, SyncReport};

pub(super) use duet_app::{visible as plain, visible_lines as plain_lines};

use super::say;

pub(super) fn at(zone: &Zone, instant: DateTime<Utc>) -> String {
    moment(zone, instant, "%a %Y-%m-%d %H:%M")
}

/// A local time; in an hour that comes twice with its offset, which says which of the two.
fn moment(zone: &Zone, instant: DateTime<Utc>, form: &str) -> String {
    let wall = zone.to_wall(instant);
    let text = wall.format(form).to_string();
    if !zone.is_fold(wall) {
        return text;
    }
    let minutes = (wall - instant.naive_utc()).num_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    format!("{text}{sign}{hours:02}:{minutes:02}")
}

pub(super) fn from_to(zone: &Zone, start: DateTime<Utc>, end: DateTime<Utc>) -> String {
    let form = if zone.to_wall(start).date() == zone.to_wall(end).date() {
        "%H:%M"
    } else {
        "%a %Y-%m-%d %H:%M"
    };
    format!("{} – {}", at(zone, start), moment(zone, end, form))
}

/// Whole days; `end` is the first day after them.
pub(super) fn days(start: NaiveDate, end: NaiveDate) -> String {
    match end.pred_opt() {
        Some(last) if last > start => format!("{start} – {last}, all day"),
        _ => format!("{start}, all day"),
    }
}

pub(super) fn accounts(zone: &Zone, accounts: &[AccountView], calendars: &[CalendarView]) {
    if accounts.is_empty() {
        say(
            "No account is connected. `duet connect` connects one, `duet connect --demo` the demo.",
        );
    }
    for account in accounts {
        let state = match account.state {
            AccountState::Connected => "connected",
            AccountState::Reconnect => "must be reconnected",
            AccountState::Error => "has a problem",
        };
        let tier = match account.tier {
            Tier::Busy => "busy times only",
            Tier::Read => "reads events",
            Tier::Write => "reads and writes events",
        };
        let synced = account.last_synced_at.map_or_else(
            || "never synced".to_owned(),
            |when| format!("synced {}", at(zone, when)),
        );
        say(&format!(
            "{}  {state}, {tier}, {synced}",
            plain(&account.email)
        ));
        if let Some(error) = &account.last_error {
            let when = account
                .last_error_at
                .map(|when| format!("{}: ", at(zone, when)))
                .unwrap_or_default();
            say(&format!("    {when}{}", plain(error)));
        }
        for line in unknown(&account.email, calendars) {
            say(&format!("    {line}"));
        }
    }
}

/// What an account's calendars keep open: "synced" alone would sound as if all of them were known.
fn unknown(email: &str, calendars: &[CalendarView]) -> Vec<String> {
    let counting = || {
        calendars
            .iter()
            .filter(|calendar| calendar.busy && calendar.account == email)
    };
    let all = counting().count();
    let line = |state, what: &str| {
        let some = counting()
            .filter(|calendar| calendar.state == state)
            .count();
        let calendars = if all == 1 {
            "calendar that counts"
        } else {
            "calendars that count"
        };
        let whose = if some == 1 { "its" } else { "their" };
        (some > 0).then(|| format!("{some} of {all} {calendars} {what}; {whose} times are unknown"))
    };
    [
        line(CalendarState::Failing, "could not be checked"),
        line(CalendarState::Stale, "could not be checked lately"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A number of things: `1 request`, `0 requests`.
fn count(number: u32, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

pub(super) fn calendars(calendars: &[CalendarView]) {
    if calendars.is_empty() {
        say("There are no calendars yet; `duet sync` looks for them.");
    }
    for calendar in calendars {
        let flags = match (calendar.busy, calendar.shown) {
            (true, true) => "counts, shown",
            (true, false) => "counts, not shown",
            (false, true) => "does not count, shown",
            (false, false) => "does not count, not shown",
        };
        let state = match calendar.state {
            CalendarState::Ok => "",
            CalendarState::BusyOnly => ", times only",
            CalendarState::Stale => ", not checked lately: its times are unknown",
            CalendarState::Failing => ", failing: its times are unknown",
        };
        say(&format!(
            "{}  ({flags}{state})\n    {}  in {}",
            plain(&calendar.name),
            plain(&calendar.id),
            plain(&calendar.account)
        ));
        if calendar.details {
            let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
            let mut words = vec![count(number(calendar.events), "event")];
            if calendar.unreadable > 0 {
                words.push(format!("{} that could not be read", calendar.unreadable));
            }
            if calendar.unfollowed > 0 {
                let series = format!("{} series that cannot be followed", calendar.unfollowed);
                words.push(series);
            }
            say(&format!("    {}", words.join(", ")));
        }
        if let Some(error) = &calendar.last_error {
            say(&format!("    {}", plain(error)));
        }
    }
}

pub(super) fn status(zone: &Zone, status: &StatusView, calendars: &[CalendarView]) {
    accounts(zone, &status.accounts, calendars);
    let mut words = Vec::new();
    if status.offline {
        words.push("offline".to_owned());
    }
    if status.paused {
        words.push("sync is paused".to_owned());
    }
    if status.syncing {
        words.push("syncing".to_owned());
    }
    if let Some(next) = status.next_sync_at {
        words.push(format!("next sync {}", at(zone, next)));
    }
    let waiting = status.pending.saturating_sub(status.stuck);
    words.push(format!("{} waiting", count(waiting, "change")));
    if status.stuck > 0 {
        words.push(format!(
            "{} refused, see `duet events waiting`",
            count(status.stuck, "change")
        ));
    }
    if status.conflicts > 0 {
        words.push(format!(
            "{} with Google, see `duet conflicts`",
            count(status.conflicts, "conflict")
        ));
    }
    words.extend(odd(status));
    say(&words.join(", "));
}

/// What is stored and not understood.
fn odd(status: &StatusView) -> Vec<String> {
    let mut words = Vec::new();
    if status.unreadable > 0 {
        let unreadable = u32::try_from(status.unreadable).unwrap_or(u32::MAX);
        words.push(format!("{} could not be read", count(unreadable, "event")));
    }
    if status.unfollowed > 0 {
        // The plural of "series" is itself.
        words.push(format!("{} series cannot be followed", status.unfollowed));
    }
    words
}

pub(super) fn agenda(zone: &Zone, lines: &[AgendaView]) {
    if lines.is_empty() {
        say("Nothing in this span.");
    }
    for line in lines {
        let when = match (line.start, line.end) {
            (When::Instant(start), When::Instant(end)) => from_to(zone, start, end),
            (When::Date(start), When::Date(end)) => days(start, end),
            _ => String::new(),
        };
        let from = match (&line.calendar_name, &line.calendar) {
            (Some(name), _) | (None, Some(name)) => plain(name),
            (None, None) if line.kind == SourceKind::Duet => "made in Duet".to_owned(),
            (None, None) => "by hand".to_owned(),
        };
        let since = match (line.state, line.since) {
            (BlockState::Unknown, Some(when)) => format!(", as of {}", at(zone, when)),
            _ => String::new(),
        };
        let state = line.state.as_str();
        if line.blank {
            let why = rule(line.rule.as_deref().unwrap_or_default());
            say(&format!("{when}  unknown  ({from}: {why}{since})"));
        } else {
            let title = plain(&line.title);
            say(&format!("{when}  {title}  ({state}, {from}{since})"));
        }
    }
}

pub(super) fn busy(zone: &Zone, stretches: &[BusyView]) {
    if stretches.is_empty() {
        say("Free all the time.");
    }
    for stretch in stretches {
        let state = match stretch.state {
            State::Busy => "busy",
            State::Tentative => "perhaps busy",
            State::Unknown => "unknown",
        };
        say(&format!(
            "{}  {state}",
            from_to(zone, stretch.start, stretch.end)
        ));
        for source in &stretch.sources {
            let who = [&source.title, &source.calendar_name, &source.calendar];
            let who = who.into_iter().flatten().next();
            let who = who.map_or("by hand", String::as_str);
            let age = source
                .as_of
                .map(|when| format!(", as of {}", at(zone, when)))
                .unwrap_or_default();
            say(&format!("    {}: {}{age}", plain(who), rule(&source.rule)));
        }
    }
}

/// The rule's word, as a reason.
fn rule(rule: &str) -> &str {
    match rule {
        "manual" => "blocked by hand",
        "event" => "an event",
        "keyword" => "a word of yours in the title",
        "declined" => "you declined",
        "unanswered" => "you have not answered",
        "tentative" => "not settled, or you answered \"maybe\"",
        "all_day" => "lasts whole days",
        "shown_as_free" => "shown as free",
        "out_of_office" => "out of office",
        "focus_time" => "focus time",
        "working_location" => "a place of work",
        "birthday" => "a birthday",
        "not_counting" => "its calendar does not count",
        "unexplained" => "Google counts it, and no event that counts is there",
        "other_zone" => "a whole day in the time zone of its calendar",
        "unreadable" => "some events could not be read, and Google was not asked about this time",
        "freebusy" => "Google says it is busy",
        "stale" => "not checked lately, so nobody can say",
        "failing" => "the last check failed, so nobody can say",
        "never_synced" => "not checked yet, so nobody can say",
        "outside_window" => "outside of the span that Duet asks Google about",
        other => other,
    }
}

pub(super) fn free(zone: &Zone, slots: &[FreeView]) {
    if slots.is_empty() {
        say("No free slot of that length.");
    }
    for slot in slots {
        let doubt = if slot.certain {
            ""
        } else {
            "  (not certain: some of it is unknown)"
        };
        say(&format!("{}{doubt}", from_to(zone, slot.start, slot.end)));
    }
}

pub(super) fn blocks(zone: &Zone, blocks: &[ManualBlockView]) {
    if blocks.is_empty() {
        say("No time is blocked by hand. `duet blocks add --from … --to …` blocks some.");
    }
    for block in blocks {
        let repeat = block
            .repeat
            .as_deref()
            .map(|rule| format!("  repeats: {rule}"))
            .unwrap_or_default();
        let title = if block.title.is_empty() {
            "Busy"
        } else {
            &block.title
        };
        say(&format!(
            "{}  {}{repeat}\n    {}",
            from_to(zone, block.start, block.end),
            plain(title),
            block.id.0
        ));
    }
}

pub(super) fn sync(report: &SyncReport) {
    if report.accounts.is_empty() {
        say("No account is connected, so there is nothing to sync.");
    }
    for account in &report.accounts {
        let outcome = match account.outcome {
            Outcome::Done => "synced",
            Outcome::Partial => "partly synced",
            Outcome::Failed => "not synced",
            Outcome::Reconnect => "must be reconnected",
        };
        let events = account.events;
        let odd = match events.quarantined {
            0 => String::new(),
            odd => format!(", {odd} that could not be read"),
        };
        say(&format!(
            "{}  {outcome}: {} fresh, {} not; {} new or changed, {} gone{odd}; {} of busy time new, \
             {} gone; {}",
            plain(&account.email),
            count(account.calendars.ok, "calendar"),
            account.calendars.failed,
            count(events.upserted, "event"),
            events.removed,
            count(account.blocks.added, "block"),
            account.blocks.removed,
            count(account.requests, "request")
        ));
    }
}

pub(super) fn doctor(report: &DoctorReport) {
    say(&format!("Duet {}", report.version));
    for check in &report.checks {
        let mark = match check.verdict {
            Verdict::Ok => "ok     ",
            Verdict::Note => "note   ",
            Verdict::Problem => "PROBLEM",
        };
        say(&format!("{mark}  {}: {}", check.name, plain(&check.words)));
    }
}

#[cfg(test)]
mod tests {
    use duet_model::calendar::AccessRole;

    use super::*;

    #[test]
    fn an_account_says_which_of_its_calendars_are_unknown() {
        use CalendarState::{BusyOnly, Failing, Ok, Stale};
        let calendar = |&(state, busy): &(CalendarState, bool)| CalendarView {
            id: "team@example.com".into(),
            account: "ana@example.com".into(),
            name: "Team".into(),
            color: "#336699".into(),
            primary: false,
            access_role: AccessRole::Reader,
            busy,
            shown: true,
            hidden: false,
            state,
            last_synced_at: None,
            last_error: None,
            details: false,
            events: 0,
            unreadable: 0,
            unfollowed: 0,
            rules: duet_model::verdict::Overrides::default(),
        };
        for (states, expect) in [
            (&[(Ok, true), (BusyOnly, true), (Ok, false)][..], &[][..]),
            (
                &[(Failing, true); 4],
                &["4 of 4 calendars that count could not be checked; their times are unknown"],
            ),
            (
                &[(Failing, true)],
                &["1 of 1 calendar that counts could not be checked; its times are unknown"],
            ),
            (
                &[(Failing, true), (Stale, true), (Stale, true), (Ok, false)],
                &[
                    "1 of 3 calendars that count could not be checked; its times are unknown",
                    "2 of 3 calendars that count could not be checked lately; their times are unknown",
                ],
            ),
        ] {
            let calendars: Vec<_> = states.iter().map(calendar).collect();
            assert_eq!(unknown("ana@example.com", &calendars), expect, "{states:?}");
            assert!(
                unknown("ben@example.com", &calendars).is_empty(),
                "another's"
            );
        }
    }

    #[test]
    fn the_status_counts_what_is_not_understood() {
        for (unreadable, unfollowed, expect) in [
            (0, 0, &[][..]),
            (1, 0, &["1 event could not be read"]),
            (
                2,
                1,
                &["2 events could not be read", "1 series cannot be followed"],
            ),
        ] {
            let status = StatusView {
                unreadable,
                unfollowed,
                ..StatusView::default()
            };
            assert_eq!(odd(&status), expect);
        }
    }

    #[test]
    fn one_is_no_plural() {
        for (number, expect) in [(0, "0 requests"), (1, "1 request"), (2, "2 requests")] {
            assert_eq!(count(number, "request"), expect);
        }
    }

    #[test]
    fn an_hour_that_comes_twice_says_which_it_is() {
        for (zone, start, end, expect) in [
            (
                "Europe/Berlin",
                "2026-10-25T00:15:00Z",
                "2026-10-25T01:30:00Z",
                "Sun 2026-10-25 02:15+02:00 – 02:30+01:00",
            ),
            (
                "Europe/Berlin",
                "2026-10-24T23:00:00Z",
                "2026-10-25T02:00:00Z",
                "Sun 2026-10-25 01:00 – 03:00",
            ),
            (
                "America/St_Johns",
                "2026-11-01T04:30:00Z",
                "2026-11-02T12:30:00Z",
                "Sun 2026-11-01 01:00-03:30 – Mon 2026-11-02 09:00",
            ),
        ] {
            let zone = duet_model::zones::ZoneDb::bundled().zone(zone).unwrap();
            let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
            assert_eq!(super::from_to(&zone, start, end), expect);
        }
    }

    #[test]
    fn a_title_cannot_move_the_cursor() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{7}"), "a [2Jb c ");
        assert_eq!(plain("a\u{202e}b\u{2066}c\u{200f}"), "abc\u{200f}");
        assert_eq!(super::plain_lines("a\u{1b}\nb"), "a \nb");
    }
}
