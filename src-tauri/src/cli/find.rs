//! `duet free`, `why`, `search` and `show`: asking about time, and about what fills it.

use chrono::TimeDelta;
use duet_app::{App, Choice, Unreached};
use duet_model::event::{EventKey, Response};
use duet_model::zones::Zone;
use duet_wire::availability::{BlockState, FreeView, SourceKind, When};
use duet_wire::event::EventView;
use duet_wire::find::{PersonState, PersonView};
use duet_wire::search::HitView;
use duet_wire::why::{ReasonView, VouchView, WhyView};
use duet_wire::{ErrorCode, WireError};

use super::arguments::{Form, Span, Who};
use super::print::{self, at, from_to, plain};
use super::run::show;
use super::times::Coming;
use super::{Exit, complain, say, times};

/// `duet free`.
pub(super) async fn free(
    app: &App,
    span: &Span,
    duration: &str,
    who: Who,
    form: Form,
) -> Result<Exit, WireError> {
    let zone = app.zone();
    let shown = match &who.zone {
        Some(name) => app.other_zone(name)?,
        None => zone.clone(),
    };
    if who.people.iter().any(|person| person.trim().is_empty()) {
        // An empty variable of a script must not make everybody free.
        return Err(WireError::new(
            ErrorCode::Invalid,
            "--with needs an address; an empty one says nobody.",
        ));
    }
    let choice = Choice {
        calendars: chosen(app, &who.calendars).await?,
        people: who.people,
        working_hours: who.working_hours,
    };
    let duration = times::duration(duration)?;
    let (from, to) = match times::coming(&span.from, &span.to, &zone, crate::machine::now())? {
        Coming::Span(from, to) => (from, to),
        // As at any other hour at which nothing fits any more: an empty list, and no error.
        Coming::Over(why) => {
            show::<[FreeView; 0]>(form, &[], || say(&why))?;
            return Ok(Exit::Done);
        }
    };
    let (slots, people) = app.free(from, to, duration, &choice).await?;
    show(form, &slots, || {
        if who.zone.is_some() {
            say(&format!("Times in {}:", shown.name()));
        }
        print::free(&shown, &slots);
    })?;
    warn(app, choice.calendars.as_deref()).await?;
    Ok(doubts(&people))
}

/// Whose time is as old as their last sync, on stderr in either form: a script that takes free time
/// for certain is warned, and its pipe stays clean.
pub(super) async fn warn(app: &App, chosen: Option<&[(String, String)]>) -> Result<(), WireError> {
    let zone = app.zone();
    for account in app.unreached(chosen).await? {
        complain(&warning(&zone, &account));
    }
    Ok(())
}

fn warning(zone: &Zone, account: &Unreached) -> String {
    let email = plain(&account.email);
    match account.since {
        Some(since) => format!(
            "{email} has not been reached since {}, so its times are as old as that; `duet \
             accounts` says why.",
            at(zone, since)
        ),
        None => format!(
            "{email} was never reached, so nothing is known of its time; `duet accounts` says why."
        ),
    }
}

/// Who could not be asked, on stderr; the slots stand all the same, marked as not certain.
fn doubts(people: &[PersonView]) -> Exit {
    let mut exit = Exit::Done;
    for person in people.iter().filter(|it| it.state != PersonState::Known) {
        let why = person.why.as_deref().unwrap_or("Google did not answer.");
        complain(&format!("{}: {}", plain(&person.email), plain(why)));
        exit = Exit::Partly;
    }
    exit
}

/// The calendars with these ids, in whatever account; `None` where none are named.
async fn chosen(app: &App, ids: &[String]) -> Result<Option<Vec<(String, String)>>, WireError> {
    if ids.is_empty() {
        return Ok(None);
    }
    let calendars = app.calendars().await?;
    let mut chosen = Vec::new();
    for id in ids {
        let found: Vec<_> = calendars.iter().filter(|it| it.id == *id).collect();
        if found.is_empty() {
            return Err(WireError::new(
                ErrorCode::NotFound,
                format!(
                    "There is no calendar with the id {id}. `duet calendars` lists them with \
                     their ids."
                ),
            ));
        }
        if let Some(idle) = found.iter().find(|it| !it.busy) {
            return Err(WireError::new(
                ErrorCode::Invalid,
                format!(
                    "{} does not count as busy, so Duet does not know when it is. `duet calendars \
                     set {id} --busy on` makes it count.",
                    idle.name
                ),
            ));
        }
        chosen.extend(found.iter().map(|it| (it.account.clone(), it.id.clone())));
    }
    Ok(Some(chosen))
}

/// `duet why`.
pub(super) async fn why(
    app: &App,
    begin: &str,
    end: Option<&str>,
    form: Form,
) -> Result<Exit, WireError> {
    let zone = app.zone();
    let (from, to) = match end {
        Some(end) => times::span(begin, end, &zone)?,
        None => {
            // A date means its whole day, anything else one minute.
            let (from, to) = times::span(begin, begin, &zone)?;
            (from, to.max(from + TimeDelta::minutes(1)))
        }
    };
    let view = app.why(from, to).await?;
    show(form, &view, || explain(&zone, &view))?;
    Ok(Exit::Done)
}

fn explain(zone: &Zone, view: &WhyView) {
    say(&format!(
        "{}  {}",
        from_to(zone, view.start, view.end),
        view.state.as_str()
    ));
    say(&plain(&view.because));
    for reason in &view.reasons {
        say(&reason_line(zone, reason));
        say(&format!("    {}", plain(&reason.because)));
        if let Some(says) = &reason.disagreement {
            say(&format!("    {}", plain(says)));
        }
        if let Some(change) = &reason.change {
            let whose = match (&reason.calendar, change.own) {
                (Some(id), true) => format!(" --calendar {}", plain(id)),
                _ => String::new(),
            };
            say(&format!(
                "    To treat such events otherwise: duet rules set {} busy|tentative|free{whose}",
                change.rule.as_str()
            ));
        }
    }
    silent(zone, "Checked, and nothing there", &view.vouching);
    silent(zone, "Does not count", &view.not_counting);
}

fn reason_line(zone: &Zone, reason: &ReasonView) -> String {
    let when = spell(zone, reason.start, reason.end);
    let from = match (&reason.calendar_name, reason.kind) {
        (Some(name), _) => plain(name),
        (None, SourceKind::Duet) => "made in Duet".to_owned(),
        (None, SourceKind::Manual | SourceKind::Google) => "by hand".to_owned(),
    };
    let age = reason
        .as_of
        .map(|when| format!(", as of {}", at(zone, when)))
        .unwrap_or_default();
    let title = match reason.title.as_str() {
        "" => "Busy".to_owned(),
        title => plain(title),
    };
    format!(
        "- {when}  {title}  ({}, {from}{age})",
        reason.state.as_str()
    )
}

fn silent(zone: &Zone, what: &str, calendars: &[VouchView]) {
    for calendar in calendars {
        let age = calendar
            .as_of
            .map(|when| format!(", as of {}", at(zone, when)))
            .unwrap_or_default();
        say(&format!("{what}: {}{age}", plain(&calendar.name)));
    }
}

pub(super) fn spell(zone: &Zone, start: When, end: When) -> String {
    match (start, end) {
        (When::Instant(start), When::Instant(end)) => from_to(zone, start, end),
        (When::Date(start), When::Date(end)) => print::days(start, end),
        _ => String::new(),
    }
}

/// `duet search`.
pub(super) async fn search(
    app: &App,
    words: &[String],
    limit: u16,
    form: Form,
) -> Result<Exit, WireError> {
    let zone = app.zone();
    let hits = app.search(&words.join(" "), limit).await?;
    let titles = app.calendars().await?.iter().any(|it| it.details);
    show(form, &hits, || {
        if hits.is_empty() && titles {
            say("Nothing is found.");
        } else if hits.is_empty() {
            say(
                "Nothing is found. No calendar here tells titles: with busy times only there are \
                 none to search. `duet connect --account EMAIL --tier read` brings them.",
            );
        }
        for hit in &hits {
            say(&hit_line(&zone, hit));
        }
    })?;
    Ok(Exit::Done)
}

fn hit_line(zone: &Zone, hit: &HitView) -> String {
    let alone = match hit.kind {
        SourceKind::Duet => "made in Duet",
        SourceKind::Manual | SourceKind::Google => "by hand",
    };
    let from = hit.calendar_name.as_deref().unwrap_or(alone);
    let place = hit
        .location
        .as_deref()
        .map(|place| format!(", {}", plain(place)))
        .unwrap_or_default();
    let repeats = if hit.repeats { ", repeats" } else { "" };
    format!(
        "{}  {}  ({}, {}{place}{repeats})",
        spell(zone, hit.start, hit.end),
        plain(&hit.title),
        hit.state.as_str(),
        plain(from)
    )
}

/// `duet show`.
pub(super) async fn event(app: &App, id: &str, form: Form) -> Result<Exit, WireError> {
    if !id.starts_with("event-") {
        let (own, start) = own_event_of(id);
        match super::events::details(app, own, start, form).await {
            // Its own words, which say what ids there are.
            Err(error) if error.code == ErrorCode::NotFound => {}
            shown => return shown,
        }
    }
    let (key, start) = event_of(id)?;
    let zone = app.zone();
    let view = app.event(key, start).await?;
    show(form, &view, || details(&zone, &view))?;
    Ok(Exit::Done)
}

/// Takes the id of an occurrence of Duet's own apart: its event's, and behind an `@` when it begins.
fn own_event_of(id: &str) -> (&str, Option<When>) {
    let Some((event, start)) = id.split_once('@') else {
        return (id, None);
    };
    let date = start.parse::<chrono::NaiveDate>().ok().map(When::Date);
    let instant = || {
        let instant = chrono::DateTime::from_timestamp(start.parse().ok()?, 0)?;
        Some(When::Instant(instant))
    };
    (event, date.or_else(instant))
}

/// Takes the id of an occurrence apart: `event-12-1795600000`, `event-12-2026-11-24`, or without
/// which occurrence.
pub(super) fn event_of(id: &str) -> Result<(EventKey, Option<When>), WireError> {
    let read = || {
        let rest = id.strip_prefix("event-")?;
        let (key, start) = match rest.split_once('-') {
            Some((key, start)) => (key, Some(start)),
            None => (rest, None),
        };
        let start = match start {
            None => None,
            Some(start) => Some(match start.parse::<chrono::NaiveDate>() {
                Ok(date) => When::Date(date),
                Err(_) => When::Instant(chrono::DateTime::from_timestamp(start.parse().ok()?, 0)?),
            }),
        };
        Some((EventKey(key.parse().ok()?), start))
    };
    read().ok_or_else(|| {
        WireError::new(
            ErrorCode::Invalid,
            format!(
                "\"{}\" is not the id of an event. `duet agenda --json` and `duet search --json` \
                 tell ids; blocks made by hand are listed by `duet blocks list`.",
                plain(id)
            ),
        )
    })
}

fn details(zone: &Zone, view: &EventView) {
    say(&plain(&view.title));
    let line = |name: &str, text: &str| say(&format!("  {name}: {}", plain(text)));
    line("When", &spell(zone, view.start, view.end));
    if let Some((home, there)) = &view.home {
        line(
            "There",
            &format!("{} in {home}", there.format("%a %Y-%m-%d %H:%M")),
        );
    }
    if let Some(repeats) = &view.repeats {
        line("Repeats", repeats);
    }
    for reminder in &view.reminders {
        line("Reminder", &reminder.words);
    }
    line(
        "Calendar",
        &format!("{}, {}", view.calendar_name, view.account),
    );
    let state = match view.state {
        BlockState::Busy => "busy",
        BlockState::Tentative => "perhaps busy",
        BlockState::Free => "free",
        BlockState::Unknown => "unknown",
    };
    line("Counts", &format!("{state}. {}", view.because));
    for (name, text) in [
        ("Where", &view.location),
        ("Organiser", &view.organizer),
        ("Video call", &view.conference),
        ("At Google", &view.link),
    ] {
        if let Some(text) = text {
            line(name, text);
        }
    }
    let answer = |response| match response {
        Response::Accepted => "accepted",
        Response::Declined => "declined",
        Response::Tentative => "maybe",
        Response::NeedsAction => "no answer",
    };
    for guest in &view.guests {
        line(
            "Guest",
            &format!("{} ({})", guest.name, answer(guest.response)),
        );
    }
    if let Some(waits) = &view.answer {
        line("Your answer is not in Google yet", &waits.because);
    }
    if view.guests_omitted {
        line("Guest", "and more that are not listed");
    }
    for text in view.description.iter().flat_map(|text| text.lines()) {
        say(&format!("  | {}", plain(text)));
    }
    for change in &view.history {
        for what in &change.what {
            line(&format!("Noticed {}", at(zone, change.noticed_at)), what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occurrence_of_an_own_event_is_named_by_when_it_begins() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let instant = chrono::DateTime::from_timestamp(1_796_144_400, 0).unwrap();
        assert_eq!(own_event_of("a-b"), ("a-b", None));
        assert_eq!(own_event_of("a@2026-12-01"), ("a", Some(When::Date(day))));
        assert_eq!(
            own_event_of("a@1796144400"),
            ("a", Some(When::Instant(instant)))
        );
        assert_eq!(own_event_of("a@soon"), ("a", None));
    }

    #[test]
    fn who_was_not_reached_is_named_with_the_age_of_what_is_known() {
        let zone = duet_model::zones::ZoneDb::bundled()
            .zone("Europe/Berlin")
            .unwrap();
        let account = |since: Option<&str>| Unreached {
            email: "ana@example.com\u{1b}".to_owned(),
            since: since.map(|since| since.parse().unwrap()),
        };
        for (since, expect) in [
            (
                Some("2026-11-25T11:00:00Z"),
                "ana@example.com  has not been reached since Wed 2026-11-25 12:00, so its times are \
                 as old as that; `duet accounts` says why.",
            ),
            (
                None,
                "ana@example.com  was never reached, so nothing is known of its time; `duet \
                 accounts` says why.",
            ),
        ] {
            assert_eq!(warning(&zone, &account(since)), expect);
        }
    }

    #[test]
    fn ids_say_which_event_and_which_occurrence() {
        let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let instant = chrono::DateTime::from_timestamp(1_795_600_000, 0).unwrap();
        for (id, expect) in [
            ("event-12", Some((EventKey(12), None))),
            (
                "event-12-1795600000",
                Some((EventKey(12), Some(When::Instant(instant)))),
            ),
            (
                "event-12-2026-11-24",
                Some((EventKey(12), Some(When::Date(date)))),
            ),
            ("event-", None),
            ("event-x-1", None),
            ("event-12-soon", None),
            ("google-1-1795600000", None),
            ("", None),
        ] {
            assert_eq!(event_of(id).ok(), expect, "{id}");
        }
    }
}
