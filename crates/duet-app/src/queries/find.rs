//! "Find time": slots of a length that suit everyone chosen.

use chrono::{
    DateTime, Datelike, Days, DurationRound, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc,
    Weekday,
};
use duet_model::availability::{Claim, Combined, State, combine, free_slots};
use duet_model::when::Interval;
use duet_model::zones::Zone;
use duet_wire::find::{FindTime, FindTimeView, PersonState, PersonView, SlotView};
use duet_wire::{ErrorCode, WireError};

use crate::app::App;
use crate::people::{Answer, addresses};
use crate::picture::{Picture, Source};
use crate::words;

/// Slots that are listed; the rest is counted.
const SLOTS_MAX: usize = 100;
/// The longest look ahead, in days.
const DAYS_MAX: u16 = 90;
/// People at once.
const PEOPLE_MAX: usize = 50;

/// What is looked for, checked.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// From the first instant of the first day to the last of the last.
    pub(crate) span: Interval,
    /// How long.
    pub(crate) duration: TimeDelta,
    /// Only within these; `None` for all day.
    pub(crate) working: Option<Vec<Interval>>,
    /// Only these calendars, by account and Google's id.
    pub(crate) calendars: Option<Vec<(String, String)>>,
    /// The others.
    pub(crate) people: Vec<String>,
}

/// Whose time counts, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only these calendars of the person's own, by account and Google's id; `None` for all that
    /// count.
    pub calendars: Option<Vec<(String, String)>>,
    /// Addresses of others.
    pub people: Vec<String>,
    /// Only within working hours?
    pub working_hours: bool,
}

impl App {
    /// Slots that are free for everyone chosen: the certain ones first, then those that touch time
    /// nobody can vouch for. People of whom nothing is known yet are unknown throughout.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] for what cannot be looked for; otherwise when the database cannot be
    /// read.
    pub async fn find_time(&self, find: &FindTime) -> Result<FindTimeView, WireError> {
        let zone = self.zone();
        let other = find
            .zone
            .as_deref()
            .map(|name| self.other_zone(name))
            .transpose()?;
        let wanted = self.wanted(find, &zone).await?;
        let slots = self.slots(&wanted).await?;
        let near = zone.to_wall(self.inner.host.now()).date();
        let text = |zone: &Zone| text(&slots, zone, near);
        Ok(FindTimeView {
            zone: zone.name().to_owned(),
            other_zone: other.as_ref().map(|zone| zone.name().to_owned()),
            more: u32::try_from(slots.len().saturating_sub(SLOTS_MAX)).unwrap_or(u32::MAX),
            text: text(&zone),
            other_text: other.as_ref().map(text),
            people: self.people_views(&wanted).await,
            slots: slots
                .into_iter()
                .take(SLOTS_MAX)
                .map(|slot| slot.view(&zone, other.as_ref()))
                .collect(),
        })
    }

    /// A zone by its name.
    ///
    /// # Errors
    /// [`ErrorCode::Invalid`] where nobody knows it.
    pub fn other_zone(&self, name: &str) -> Result<Zone, WireError> {
        self.inner.zones.zone(name.trim()).ok_or_else(|| {
            WireError::new(
                ErrorCode::Invalid,
                format!(
                    "“{name}” is no time zone that is known. Zones have names such as \
                     Europe/Lisbon or America/New_York."
                ),
            )
        })
    }

    /// Checks what is looked for.
    pub(crate) async fn wanted(&self, find: &FindTime, zone: &Zone) -> Result<Wanted, WireError> {
        let invalid = |why: &str| WireError::new(ErrorCode::Invalid, why);
        if !(1..=DAYS_MAX).contains(&find.days) {
            return Err(invalid("Look at 1 to 90 days at a time."));
        }
        if !(5..=1440).contains(&find.minutes) {
            return Err(invalid("A meeting lasts 5 minutes to 24 hours."));
        }
        if !(1900..=2200).contains(&find.from.year()) {
            return Err(invalid("Duet knows the years 1900 to 2200."));
        }
        let last = find
            .from
            .checked_add_days(Days::new(u64::from(find.days) - 1));
        let last = last.unwrap_or(find.from);
        let (start, end) = (zone.day(find.from).start, zone.day(last).end);
        // What is past is no longer to be had.
        let start = start.max(next_minute(self.inner.host.now()));
        let span = Interval::new(start, end)
            .ok_or_else(|| invalid("These days are past. Choose a later first day."))?;
        let choice = Choice {
            calendars: find.calendars.clone(),
            people: find.people.clone(),
            working_hours: find.working_hours,
        };
        let duration = TimeDelta::minutes(i64::from(find.minutes));
        self.wanted_in(span, duration, &choice).await
    }

    /// The same for a span.
    pub(crate) async fn wanted_in(
        &self,
        span: Interval,
        duration: TimeDelta,
        choice: &Choice,
    ) -> Result<Wanted, WireError> {
        let invalid = |why: &str| WireError::new(ErrorCode::Invalid, why);
        let people = addresses(&choice.people)
            .map_err(|one| invalid(&format!("“{one}” is not an e-mail address.")))?;
        if people.len() > PEOPLE_MAX {
            return Err(invalid("Ask for 50 people at most."));
        }
        let zone = self.zone();
        let working = if choice.working_hours {
            let hours = self.settings().await?.working_hours;
            let last = zone.to_wall(span.end).date();
            let dates = zone.to_wall(span.start).date().iter_days();
            let dates = dates.take_while(|date| *date <= last);
            Some(
                dates
                    .filter_map(|date| working(date, hours, &zone))
                    .collect(),
            )
        } else {
            None
        };
        Ok(Wanted {
            span,
            duration,
            working,
            calendars: choice.calendars.clone(),
            people,
        })
    }

    /// The slots of what is looked for, in the order they are offered.
    pub(crate) async fn slots(&self, wanted: &Wanted) -> Result<Vec<Found>, WireError> {
        let picture = self.picture(wanted.span).await?;
        let now = self.inner.host.now();
        let people = self.inner.people.lock().await;
        let mut tracks: Vec<Vec<Claim>> = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for source in picture.sources() {
            if is_chosen(&picture, &source, wanted) {
                let calendar = source.calendar.map(|index| &picture.calendars[index]);
                names.push(
                    calendar.map_or_else(|| "a block of yours".to_owned(), |it| it.name.clone()),
                );
                tracks.push(source.claims);
            }
        }
        // One that was chosen and does not count, or is gone by now, is not known: nobody vouches for
        // its time.
        for (account, id) in wanted.calendars.iter().flatten() {
            let counts = picture.calendars.iter().any(|it| {
                it.busy
                    && it.google_id == *id
                    && picture
                        .email(it)
                        .is_some_and(|of| of.eq_ignore_ascii_case(account))
            });
            if !counts {
                names.push(id.clone());
                tracks.push(vec![Claim {
                    span: wanted.span,
                    state: State::Unknown,
                }]);
            }
        }
        for person in &wanted.people {
            let known = people
                .get(person, wanted.span, now)
                .map(|asked| &asked.answer);
            names.push(person.clone());
            tracks.push(match known {
                Some(Answer::Known(busy)) => busy
                    .iter()
                    .map(|span| Claim {
                        span: *span,
                        state: State::Busy,
                    })
                    .collect(),
                Some(Answer::Asking | Answer::Unknown(_)) | None => vec![Claim {
                    span: wanted.span,
                    state: State::Unknown,
                }],
            });
        }
        drop(people);
        let tracks: Vec<&[Claim]> = tracks.iter().map(Vec::as_slice).collect();
        let combined = combine(&tracks, wanted.span);
        let mut slots: Vec<Found> = free_slots(
            &combined,
            wanted.span,
            wanted.duration,
            wanted.working.as_deref(),
        )
        .into_iter()
        .map(|slot| Found {
            span: slot.span,
            doubt: (!slot.certain).then(|| doubt(&combined, slot.span, &names)),
        })
        .collect();
        slots.sort_by_key(|slot| (slot.doubt.is_some(), slot.span));
        Ok(slots)
    }

    pub(crate) async fn people_views(&self, wanted: &Wanted) -> Vec<PersonView> {
        let now = self.inner.host.now();
        let people = self.inner.people.lock().await;
        let view = |email: &String| {
            let asked = people.get(email, wanted.span, now);
            let (state, why) = match asked.map(|asked| &asked.answer) {
                Some(Answer::Known(_)) => (PersonState::Known, None),
                Some(Answer::Unknown(why)) => (PersonState::Unknown, Some(why.clone())),
                Some(Answer::Asking) | None => (PersonState::Asking, None),
            };
            PersonView {
                email: email.clone(),
                state,
                why,
                as_of: asked.map(|asked| asked.at),
            }
        };
        wanted.people.iter().map(view).collect()
    }
}

/// The next full minute: the first instant at which something can still begin.
pub fn next_minute(now: DateTime<Utc>) -> DateTime<Utc> {
    let past = now.timestamp_subsec_nanos() > 0 || now.second() > 0;
    let minute = TimeDelta::minutes(1);
    now.duration_trunc(minute)
        .map_or(now, |floor| if past { floor + minute } else { floor })
}

/// A slot that was found.
pub(crate) struct Found {
    /// When.
    pub(crate) span: Interval,
    /// Who is not known, where that makes it uncertain.
    pub(crate) doubt: Option<String>,
}

impl Found {
    fn view(self, zone: &Zone, other: Option<&Zone>) -> SlotView {
        let walls = |zone: &Zone| (zone.to_wall(self.span.start), zone.to_wall(self.span.end));
        SlotView {
            start: self.span.start,
            end: self.span.end,
            wall: walls(zone),
            other_wall: other.map(walls),
            certain: self.doubt.is_none(),
            doubt: self.doubt,
        }
    }
}

/// Is the source among those that were chosen? What was made by hand always is.
fn is_chosen(picture: &Picture, source: &Source, wanted: &Wanted) -> bool {
    let (Some(index), Some(chosen)) = (source.calendar, &wanted.calendars) else {
        return true;
    };
    let calendar = &picture.calendars[index];
    let account = picture.email(calendar).unwrap_or_default();
    chosen
        .iter()
        .any(|(of, id)| of.eq_ignore_ascii_case(account) && *id == calendar.google_id)
}

/// The working hours of a working day, Monday to Friday.
fn working(date: NaiveDate, (first, after): (u8, u8), zone: &Zone) -> Option<Interval> {
    if matches!(date.weekday(), Weekday::Sat | Weekday::Sun) {
        return None;
    }
    let at = |hour: u8| -> Option<DateTime<Utc>> {
        Some(match NaiveTime::from_hms_opt(u32::from(hour), 0, 0) {
            Some(time) => zone.to_instant(date.and_time(time)),
            // 24 is the midnight after.
            None => zone.day(date.checked_add_days(Days::new(1))?).start,
        })
    };
    Interval::new(at(first)?, at(after)?)
}

/// Who is unknown in a slot, in words.
fn doubt(combined: &Combined, slot: Interval, names: &[String]) -> String {
    let mut who: Vec<&str> = Vec::new();
    for stretch in combined.stretches().filter(|it| it.span.overlaps(&slot)) {
        for (track, state) in stretch.sources() {
            let name = names.get(track).map_or("", String::as_str);
            if state == State::Unknown && !who.contains(&name) {
                who.push(name);
            }
        }
    }
    match who.as_slice() {
        [] => "Not all of it is known.".to_owned(),
        [one] => format!("Nothing is known of {one} for part of it."),
        [one, rest @ ..] => format!(
            "Nothing is known of {one} and {} more for part of it.",
            rest.len()
        ),
    }
}

/// The certain slots as lines to paste: by day, with the zone named once.
fn text(slots: &[Found], zone: &Zone, near: NaiveDate) -> String {
    let mut lines = vec![format!("Free ({}):", zone.name())];
    let certain = slots.iter().filter(|slot| slot.doubt.is_none());
    for slot in certain.take(SLOTS_MAX) {
        let (start, end) = (zone.to_wall(slot.span.start), zone.to_wall(slot.span.end));
        lines.push(format!("- {}", words::times::span(start, end, near)));
    }
    if lines.len() == 1 {
        return String::new();
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_still_begin_begins_with_a_full_minute() {
        for (now, next) in [
            ("11:00:00", "11:00:00"),
            ("11:00:00.001", "11:01:00"),
            ("11:00:59.999", "11:01:00"),
            ("11:59:01", "12:00:00"),
        ] {
            let at = |time: &str| format!("2026-11-25T{time}Z").parse::<DateTime<Utc>>();
            assert_eq!(next_minute(at(now).unwrap()), at(next).unwrap(), "{now}");
        }
    }
}
