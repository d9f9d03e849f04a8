//! What was typed, checked and put into an event's words. Pure.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use duet_model::duet_event::{Content, Guest};
use duet_model::event::{EventTime, Reminder, ReminderMethod, Reminders, Visibility};
use duet_model::repeat::Repeat;
use duet_model::zones::Zone;
use duet_wire::duet_event::{EventDraft, ReminderDraft, Typed};
use duet_wire::{ErrorCode, WireError};

use crate::people::is_address;
use crate::words;

/// Longer ones are a mistake (a pasted document), and are refused rather than cut.
const LINE_MAX: usize = 1_000;
/// Google keeps about as much, and Duet reads no more back.
const NOTES_MAX: usize = 8_000;
/// The longest single event.
const DAYS_MAX: i64 = 366;
/// Google's own limit is 200 for those whose answers all see.
const GUESTS_MAX: usize = 200;
/// Four weeks (GOOGLE.md 4.3).
const REMINDER_MAX: u32 = 40_320;
/// What the views can show, and zones can be known for.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// What an event said before it was changed.
#[derive(Clone, Copy)]
pub(crate) struct Before<'a> {
    /// What.
    pub(crate) content: &'a Content,
    /// The clock that its start was made on.
    pub(crate) clock: &'a Zone,
}

/// What a draft says, in the zone it was typed in. What a draft cannot say is kept.
///
/// # Errors
/// [`ErrorCode::Invalid`] with a sentence for each thing that can be wrong.
pub(crate) fn content(
    draft: &EventDraft,
    zone: &Zone,
    said: Option<Before<'_>>,
) -> Result<Content, WireError> {
    let before = said.map(|said| said.content);
    let (start, end) = times(draft, zone, before)?;
    let title = line(&words::plain::visible(&draft.title), "title")?;
    let location = line(&words::plain::visible(&draft.location), "place")?;
    let notes = notes(&words::plain::visible_lines(&draft.notes), before);
    if notes.len() > NOTES_MAX {
        return Err(invalid(format!(
            "The notes are longer than {NOTES_MAX} bytes."
        )));
    }
    // Whoever was invited already stays out of it: the account is gone, or the event is taken out.
    let known = before.map_or(&[][..], |before| &before.guests);
    let new = |guest: &Guest| !known.iter().any(|it| it.is(guest.email.trim()));
    if draft.place.is_none() && draft.guests.iter().any(new) {
        return Err(invalid(
            "Guests can only be invited to an event that is in Google Calendar. Add it there, or take \
             the guests out.",
        ));
    }
    let is_on = |clock: &&Zone| matches!(&start, EventTime::At { zone: Some(zone), .. } if zone == clock.name());
    let clock = said.map(|said| said.clock).filter(is_on);
    Ok(Content {
        recurrence: recurrence(draft, &start, clock.unwrap_or(zone), before)?,
        title,
        start,
        end,
        location,
        notes,
        guests: match draft.place {
            Some(_) => guests(&draft.guests)?,
            None => Vec::new(),
        },
        reminders: reminders(draft.reminder, before)?,
        transparent: draft.transparent,
        visibility: before.map_or(Visibility::Default, |before| before.visibility),
        conference: draft.conference && draft.place.is_some(),
    })
}

/// Notes as they are kept: Google takes them for markup. Where the words are the same as before, so is
/// the markup around them, which nobody has seen here and nobody meant to take away.
fn notes(typed: &str, before: Option<&Content>) -> String {
    let typed = typed.trim();
    match before {
        Some(before) if words::plain::text(&before.notes).trim() == typed => before.notes.clone(),
        _ => words::plain::markup(typed),
    }
}

fn invalid(words: impl Into<String>) -> WireError {
    WireError::new(ErrorCode::Invalid, words)
}

fn line(text: &str, what: &str) -> Result<String, WireError> {
    let text = text.trim();
    if text.chars().count() > LINE_MAX {
        return Err(invalid(format!(
            "The {what} is longer than {LINE_MAX} characters."
        )));
    }
    Ok(text.to_owned())
}

fn times(
    draft: &EventDraft,
    zone: &Zone,
    before: Option<&Content>,
) -> Result<(EventTime, EventTime), WireError> {
    let length = match (draft.start, draft.end) {
        (Typed::Date(start), Typed::Date(end)) => end - start,
        (Typed::Wall(start), Typed::Wall(end)) => end - start,
        _ => {
            return Err(invalid(
                "An event lasts whole days or has times, but not one of each.",
            ));
        }
    };
    if length <= TimeDelta::zero() {
        return Err(invalid("The end must be after the start."));
    }
    if length.num_days() > DAYS_MAX {
        return Err(invalid("One event can last a year at most."));
    }
    let year = |typed: Typed| match typed {
        Typed::Date(day) => day.year(),
        Typed::Wall(wall) => wall.year(),
    };
    if !YEARS.contains(&year(draft.start)) || !YEARS.contains(&year(draft.end)) {
        return Err(invalid("Duet keeps the years 1900 to 2200."));
    }
    let kept = |typed: Typed, time: Option<&EventTime>| {
        // The wall clock of an hour that comes twice cannot say which one is meant, so what was not
        // touched is not read as a new time. Neither is it brought into another zone.
        let unmoved = time.filter(|time| super::typed(time, zone) == typed);
        // A series that is moved goes on repeating on its own clock, wherever that is done.
        let series = time.filter(|_| before.is_some_and(|it| !it.recurrence.is_empty()));
        unmoved
            .cloned()
            .unwrap_or_else(|| event_time(typed, zone, series))
    };
    let (start, end) = (
        kept(draft.start, before.map(|it| &it.start)),
        kept(draft.end, before.map(|it| &it.end)),
    );
    if let (EventTime::At { at: start, .. }, EventTime::At { at: end, .. }) = (&start, &end)
        && end <= start
    {
        // As they were typed they are in order, so one of them is not what the clock shows.
        return Err(invalid(match skipped(draft.start, zone) {
            Some(words) => format!("{words} The end must be after that."),
            None => "The end must be after the start.".to_owned(),
        }));
    }
    Ok((start, end))
}

/// What a time means that the clock skips, as a sentence.
fn skipped(typed: Typed, zone: &Zone) -> Option<String> {
    let Typed::Wall(wall) = typed else {
        return None;
    };
    let means = zone.to_wall(zone.to_instant(wall));
    zone.is_gap(wall).then(|| {
        format!(
            "The clocks in {} go forward on {} and never show {}, so it means {}.",
            zone.name(),
            wall.format("%Y-%m-%d"),
            wall.format("%H:%M"),
            means.format("%H:%M")
        )
    })
}

fn event_time(typed: Typed, zone: &Zone, before: Option<&EventTime>) -> EventTime {
    let home = match before {
        Some(EventTime::At { zone, .. }) => zone.clone(),
        _ => None,
    };
    match typed {
        Typed::Date(day) => EventTime::Date(day),
        Typed::Wall(wall) => EventTime::At {
            at: zone.to_instant(wall),
            zone: Some(home.unwrap_or_else(|| zone.name().to_owned())),
        },
    }
}

/// The rule as it was typed, and the other lines of the series as they were.
fn recurrence(
    draft: &EventDraft,
    start: &EventTime,
    zone: &Zone,
    before: Option<&Content>,
) -> Result<Vec<String>, WireError> {
    let rule = draft.repeat.as_deref().map(str::trim);
    let Some(rule) = rule.filter(|rule| !rule.is_empty()) else {
        return Ok(Vec::new());
    };
    let line = format!("RRULE:{rule}");
    let old = before.map_or(&[][..], |before| &before.recurrence);
    if old.contains(&line) {
        // Also one that Duet would not let anybody type.
        return Ok(old.to_vec());
    }
    check_rule(rule, start, zone)?;
    let mut lines = vec![line];
    let single = old
        .iter()
        .filter(|line| !line.to_ascii_uppercase().starts_with("RRULE"));
    lines.extend(single.cloned());
    Ok(lines)
}

fn check_rule(rule: &str, start: &EventTime, zone: &Zone) -> Result<(), WireError> {
    let wall: NaiveDateTime = match start {
        EventTime::Date(day) => NaiveDate::and_time(day, chrono::NaiveTime::MIN),
        EventTime::At { at, .. } => zone.to_wall(*at),
    };
    let cannot = |why: &dyn std::fmt::Display| {
        invalid(format!("Duet cannot repeat an event like that. {why}"))
    };
    let parsed = Repeat::parse(rule).map_err(|why| cannot(&why))?;
    if parsed.ends_before(wall, zone) {
        return Err(invalid(
            "The repetition ends (UNTIL) before the event starts, so it would never happen. Choose a \
             later end or an earlier start.",
        ));
    }
    match parsed.fits_start(wall, zone) {
        Ok(true) => Ok(()),
        Ok(false) => Err(invalid(
            "The first day does not fit the rule it repeats by. Choose a start that does, or change \
             the rule.",
        )),
        Err(why) => Err(cannot(&why)),
    }
}

/// The guests, each once.
fn guests(typed: &[Guest]) -> Result<Vec<Guest>, WireError> {
    let mut guests: Vec<Guest> = Vec::with_capacity(typed.len());
    for guest in typed {
        let email = guest.email.trim();
        if !is_address(email) {
            let typed: String = email.chars().take(80).collect();
            return Err(invalid(format!(
                "“{typed}” is no address that can be invited."
            )));
        }
        if !guests.iter().any(|known| known.is(email)) {
            let name = guest.name.as_deref().map(str::trim);
            guests.push(Guest {
                email: email.to_owned(),
                name: name.filter(|name| !name.is_empty()).map(str::to_owned),
                optional: guest.optional,
            });
        }
    }
    if guests.len() > GUESTS_MAX {
        return Err(invalid(format!(
            "More than {GUESTS_MAX} guests cannot be invited."
        )));
    }
    Ok(guests)
}

fn reminders(
    draft: ReminderDraft,
    before: Option<&Content>,
) -> Result<Option<Reminders>, WireError> {
    Ok(match draft {
        ReminderDraft::Default => None,
        ReminderDraft::Keep => before.and_then(|before| before.reminders.clone()),
        ReminderDraft::Never => Some(Reminders {
            use_default: false,
            overrides: Vec::new(),
        }),
        ReminderDraft::Before(minutes) if minutes > REMINDER_MAX => {
            return Err(invalid("A reminder can be four weeks ahead at most."));
        }
        ReminderDraft::Before(minutes) => Some(Reminders {
            use_default: false,
            overrides: vec![Reminder {
                method: ReminderMethod::Popup,
                minutes,
            }],
        }),
    })
}

/// The other way: what the editor shows of stored reminders.
pub(crate) fn reminder_draft(reminders: Option<&Reminders>) -> ReminderDraft {
    match reminders {
        None => ReminderDraft::Default,
        Some(it) if it.use_default && it.overrides.is_empty() => ReminderDraft::Default,
        Some(it) if !it.use_default => match it.overrides.as_slice() {
            [] => ReminderDraft::Never,
            [
                Reminder {
                    method: ReminderMethod::Popup,
                    minutes,
                },
            ] => ReminderDraft::Before(*minutes),
            _ => ReminderDraft::Keep,
        },
        Some(_) => ReminderDraft::Keep,
    }
}

#[cfg(test)]
mod tests;
