//! Duet's own events as people read them.

use chrono::NaiveDateTime;
use duet_model::duet_event::Badge;
use duet_model::event::Response;
use duet_model::outbox::Mailing;
use duet_model::zones::Zone;
use duet_wire::availability::When;
use duet_wire::duet_event::{DuetEventView, Undone, WaitingView};

use crate::cli::events::conflicts;
use crate::cli::print::{days, from_to, plain, plain_lines};
use crate::cli::say;

/// Who is mailed and who is not, a line each; nothing where nobody is invited.
pub(super) fn mailing(mailing: &Mailing, doing: &str) -> Vec<String> {
    let guests = |emails: &[String]| {
        let noun = if emails.len() == 1 { "guest" } else { "guests" };
        format!("{} {noun}: {}", emails.len(), plain(&emails.join(", ")))
    };
    let mut lines = Vec::new();
    if !mailing.mailed.is_empty() {
        lines.push(format!("{doing} mails {}.", guests(&mailing.mailed)));
        if !mailing.repeatedly.is_empty() {
            let often = plain(&mailing.repeatedly.join(", "));
            lines.push(format!("More than one mail goes to {often}."));
        }
    } else if !mailing.untold.is_empty() {
        lines.push(format!("{doing} mails nobody."));
    }
    if !mailing.untold.is_empty() {
        lines.push(format!(
            "Not told: {}. Outside Google they hear nothing of it.",
            guests(&mailing.untold)
        ));
    }
    lines
}

/// What is undone of single occurrences of a series, a line each.
pub(super) fn undone(undone: Undone, doing: &str) -> Vec<String> {
    let told = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("{doing} {one}.")),
        count => Some(format!(
            "{doing} {}.",
            many.replace("{}", &count.to_string())
        )),
    };
    let removed = told(
        undone.removed,
        "brings 1 occurrence back that was removed",
        "brings {} occurrences back that were removed",
    );
    let changed = told(
        undone.changed,
        "undoes what was changed in 1 single occurrence",
        "undoes what was changed in {} single occurrences",
    );
    removed.into_iter().chain(changed).collect()
}

/// What became of an event that is removed: `there` tells whether its copy was in Google, as far as was
/// known, and is `None` of what is here alone; with `google` the copy was to go, and `sends` says that
/// something of this is to be sent.
pub(super) fn removed(there: Option<bool>, google: bool, sends: bool) -> &'static str {
    match (there, google) {
        (Some(true), false) => "It is removed here; its copy in Google Calendar stays",
        (Some(false), _) if !sends => {
            "It is removed; as far as is known, it was not in Google Calendar"
        }
        _ => "It is removed",
    }
}

/// What became of an event that is taken out of Google, in which it `was`.
pub(super) fn withdrawn(was: bool) -> &'static str {
    if was {
        "It is a plan of Duet's alone"
    } else {
        "It is a plan of Duet's alone; it was not in Google Calendar"
    }
}

pub(super) fn list(zone: &Zone, events: &[DuetEventView]) {
    if events.is_empty() {
        say("There are no events of Duet's own. `duet events add` makes one.");
    }
    for event in events {
        say(&line(zone, event));
    }
}

fn line(zone: &Zone, event: &DuetEventView) -> String {
    let title = match event.title.as_str() {
        "" => "(no title)".to_owned(),
        title => plain(title),
    };
    let repeats = event.repeats.as_deref().map(|it| format!(", {it}"));
    let google = event.google.as_ref().map(|google| {
        let badge = match google.badge {
            Badge::Pending => "waiting to be sent to",
            Badge::Synced => "in",
            Badge::Failed => "NOT in",
        };
        format!("  [{badge} {}]", plain(&google.calendar_name))
    });
    format!(
        "{}  {title}{}{}  {}",
        when(zone, event),
        repeats.unwrap_or_default(),
        google.unwrap_or_default(),
        event.id.0
    )
}

fn when(zone: &Zone, event: &DuetEventView) -> String {
    match (event.start, event.end) {
        (When::Instant(start), When::Instant(end)) => from_to(zone, start, end),
        (When::Date(start), When::Date(end)) => days(start, end),
        _ => String::new(),
    }
}

/// When it begins on the clock of its own zone; what repeats does so at that time of day.
fn at_home(zone: &str, there: NaiveDateTime, repeats: bool) -> String {
    let form = if repeats {
        "%H:%M"
    } else {
        "%a %Y-%m-%d %H:%M"
    };
    format!("{} in {zone}", there.format(form))
}

pub(super) fn event(zone: &Zone, event: &DuetEventView) {
    say(&line(zone, event));
    let also = |name: &str, text: &str| {
        if !text.is_empty() {
            say(&format!("  {name}: {}", plain(text)));
        }
    };
    if let Some((zone, there)) = &event.home {
        also("there", &at_home(zone, *there, event.repeat.is_some()));
    }
    also("where", &event.location);
    if !event.notes.is_empty() {
        let notes = plain_lines(&event.notes).replace('\n', "\n    ");
        say(&format!("  notes: {notes}"));
    }
    for guest in &event.guests {
        let answer = match guest.response {
            Response::Accepted => "yes",
            Response::Tentative => "maybe",
            Response::Declined => "no",
            Response::NeedsAction => "not answered yet",
        };
        let optional = if guest.optional {
            ", need not come"
        } else {
            ""
        };
        let email = guest.email.as_deref().unwrap_or_default();
        also("guest", &format!("{email}, {answer}{optional}"));
    }
    for reminder in &event.reminders {
        also("reminder", reminder);
    }
    also("counts", &event.because);
    if let Some(google) = &event.google {
        also(
            "Google",
            &format!("{}: {}", google.calendar_name, google.because),
        );
        also("call", google.conference.as_deref().unwrap_or_default());
        also("page", google.link.as_deref().unwrap_or_default());
    }
    for conflict in &event.conflicts {
        conflicts::told(conflict);
    }
    for change in &event.history {
        for what in &change.what {
            also("noticed", what);
        }
    }
}

pub(super) fn waiting(waiting: &[WaitingView]) {
    if waiting.is_empty() {
        say("Nothing waits to be sent.");
    }
    for change in waiting {
        let mark = if change.stuck { "REFUSED" } else { "waits  " };
        say(&format!(
            "{mark}  {}  {} ({}): {}",
            change.id.0,
            plain(&change.what),
            plain(&change.account),
            plain(&change.because)
        ));
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    #[test]
    fn of_what_was_never_sent_no_copy_is_said_to_stay() {
        for (there, google, sends, copy) in [
            (Some(true), false, false, "stays"),
            (Some(true), true, true, ""),
            (Some(false), false, false, "was not in"),
            (Some(false), true, false, "was not in"),
            // Nobody knew, so it is deleted in case.
            (Some(false), true, true, ""),
            (None, false, false, ""),
        ] {
            let words = removed(there, google, sends);
            assert!(words.starts_with("It is removed"), "{words}");
            match copy {
                "" => assert_eq!(words, "It is removed"),
                copy => assert!(words.contains(copy), "{words}"),
            }
        }
        assert!(withdrawn(false).contains("was not in") && !withdrawn(true).contains("was not"));
    }

    #[test]
    fn what_becomes_of_single_occurrences_is_said_before() {
        let told = |removed, changed| undone(Undone { removed, changed }, "Changing it").join("|");
        assert_eq!(told(0, 0), "");
        assert_eq!(
            told(1, 2),
            "Changing it brings 1 occurrence back that was removed.|Changing it undoes what was changed in \
             2 single occurrences."
        );
        assert_eq!(
            told(3, 0),
            "Changing it brings 3 occurrences back that were removed."
        );
    }

    #[test]
    fn its_own_time_is_told_with_its_zone() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let there = day.and_hms_opt(18, 0, 0).unwrap();
        let told = |repeats| at_home("America/New_York", there, repeats);
        assert_eq!(told(true), "18:00 in America/New_York");
        assert_eq!(told(false), "Tue 2026-12-01 18:00 in America/New_York");
    }
}
