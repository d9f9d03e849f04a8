//! The event editor's form: text fields and choices in, a draft out, or what is wrong in words.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use duet_model::duet_event::Guest;
use duet_wire::duet_event::{DuetEventView, EventDraft, Place, ReminderDraft, Typed};

use crate::state::draft::{Faults, Form};
use crate::state::guests::is_gap;

/// When a whole day would begin if it had a time.
const NINE: NaiveTime = match NaiveTime::from_hms_opt(9, 0, 0) {
    Some(nine) => nine,
    None => NaiveTime::MIN,
};

/// What the fields hold, exactly as typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EventForm {
    /// Title, times and repetition.
    pub(crate) times: Form,
    /// Where.
    pub(crate) location: String,
    /// What else.
    pub(crate) notes: String,
    /// Addresses, apart by commas, semicolons, spaces or lines.
    pub(crate) guests: String,
    /// When the person is reminded.
    pub(crate) reminder: ReminderDraft,
    /// "Show as free".
    pub(crate) transparent: bool,
    /// With a video call.
    pub(crate) conference: bool,
    /// In which calendar at Google, if at all.
    pub(crate) place: Option<Place>,
    /// The guests that were there, whose names are not typed.
    known: Vec<Guest>,
}

/// What is wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct EventFaults {
    /// With the times.
    pub(crate) times: Faults,
    /// With the guests.
    pub(crate) guests: Option<String>,
}

impl EventForm {
    /// A new event at this time.
    pub(crate) fn new(span: (NaiveDateTime, NaiveDateTime), today: NaiveDate) -> Self {
        Self {
            times: Form::new("", span, None, today),
            location: String::new(),
            notes: String::new(),
            guests: String::new(),
            reminder: ReminderDraft::Default,
            transparent: false,
            conference: false,
            place: None,
            known: Vec::new(),
        }
    }

    /// The form of an event that is there.
    pub(crate) fn of(event: &DuetEventView, today: NaiveDate) -> Self {
        let at = |day: NaiveDate| day.and_time(NINE);
        let (span, whole) = match (event.typed_start, event.typed_end) {
            (Typed::Wall(start), Typed::Wall(end)) => ((start, end), false),
            (Typed::Date(first), Typed::Date(after)) => {
                let last = after.pred_opt().unwrap_or(after).max(first);
                // Times of day for whoever switches to them.
                let hour = TimeDelta::hours(1);
                ((at(first), at(last) + hour), true)
            }
            // No event is of two kinds.
            (Typed::Wall(start), Typed::Date(_)) => ((start, start), false),
            (Typed::Date(first), Typed::Wall(end)) => ((at(first), end), false),
        };
        let mut times = Form::new(&event.title, span, event.repeat.as_deref(), today);
        times.set_whole(whole);
        let known = guests_of(event);
        let typed: Vec<&str> = known.iter().map(|guest| guest.email.as_str()).collect();
        Self {
            times,
            location: event.location.clone(),
            notes: event.notes.clone(),
            guests: typed.join(", "),
            reminder: event.reminder,
            transparent: event.transparent,
            conference: event.conference,
            place: event.google.as_ref().map(|google| google.place.clone()),
            known,
        }
    }

    /// The same at the time that it was dragged to.
    pub(crate) fn moved_to(mut self, span: (NaiveDateTime, NaiveDateTime)) -> Self {
        self.times.move_to(span);
        self
    }

    /// The guests as they are typed, each once; those that were there keep their names.
    pub(crate) fn invited(&self) -> Vec<Guest> {
        let mut guests: Vec<Guest> = Vec::new();
        for email in words(&self.guests) {
            if guests.iter().any(|guest| guest.is(email)) {
                continue;
            }
            let known = self.known.iter().find(|guest| guest.is(email)).cloned();
            guests.push(known.unwrap_or_else(|| Guest {
                email: email.to_owned(),
                name: None,
                optional: false,
            }));
        }
        guests
    }

    /// The draft, or what is wrong.
    pub(crate) fn read(&self) -> Result<EventDraft, EventFaults> {
        let mut faults = EventFaults::default();
        let times = self.span();
        let repeat = self.times.rule();
        if let Err(found) = &times {
            faults.times = found.clone();
        }
        if let Err(found) = repeat {
            faults.times.count = Some(found);
        }
        // Only an event in Google Calendar has guests. What was typed is there when that is on again.
        let guests = match self.place {
            Some(_) => self.invited(),
            None => Vec::new(),
        };
        if let Some(odd) = guests.iter().find(|guest| !is_address(&guest.email)) {
            faults.guests = Some(format!("“{}” is no address.", odd.email));
        }
        match (times, repeat) {
            (Ok((start, end)), Ok(repeat)) if faults == EventFaults::default() => Ok(EventDraft {
                title: self.times.title.trim().to_owned(),
                start,
                end,
                location: self.location.trim().to_owned(),
                notes: self.notes.trim().to_owned(),
                guests,
                repeat,
                reminder: self.reminder,
                transparent: self.transparent,
                conference: self.conference && self.place.is_some(),
                place: self.place.clone(),
            }),
            _ => Err(faults),
        }
    }

    /// The draft as far as it can be read, without what is no address (yet): to tell what saving would do.
    pub(crate) fn so_far(&self) -> Option<EventDraft> {
        let whole: Vec<&str> = words(&self.guests).filter(|it| is_address(it)).collect();
        let form = Self {
            guests: whole.join(", "),
            ..self.clone()
        };
        form.read().ok()
    }

    fn span(&self) -> Result<(Typed, Typed), Faults> {
        let (start, end) = self.times.moments()?;
        if !self.times.whole() {
            return match start < end {
                true => Ok((Typed::Wall(start), Typed::Wall(end))),
                false => Err(Faults::backwards()),
            };
        }
        let (first, last) = (start.date(), end.date());
        match last.succ_opt().filter(|_| first <= last) {
            Some(after) => Ok((Typed::Date(first), Typed::Date(after))),
            None => Err(Faults::backwards()),
        }
    }
}

/// The guests of an event as they would be invited.
fn guests_of(event: &DuetEventView) -> Vec<Guest> {
    let guests = event.guests.iter().filter_map(|guest| {
        let email = guest.email.clone()?;
        Some(Guest {
            name: (guest.name != email).then(|| guest.name.clone()),
            email,
            optional: guest.optional,
        })
    });
    guests.collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(is_gap).filter(|word| !word.is_empty())
}

/// Enough to catch a slip while typing; the core decides.
fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, domain)| {
        !who.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn form() -> EventForm {
        let span = (at("2026-12-01T18:00:00"), at("2026-12-01T20:00:00"));
        EventForm::new(span, "2026-11-25".parse().unwrap())
    }

    fn place() -> Option<Place> {
        Some(Place {
            account: "ana@example.com".into(),
            calendar: "ana@example.com".into(),
        })
    }

    #[test]
    fn whole_days_end_with_their_last_day() {
        let mut form = form();
        form.times.set_whole(true);
        let draft = form.read().unwrap();
        let day = |text: &str| Typed::Date(text.parse().unwrap());
        assert_eq!(
            (draft.start, draft.end),
            (day("2026-12-01"), day("2026-12-02"))
        );
        form.times.end = "2026-12-03".into();
        assert_eq!(form.read().unwrap().end, day("2026-12-04"));
        form.times.end = "2026-11-30".into();
        assert!(form.read().unwrap_err().times.end.is_some());
    }

    #[test]
    fn guests_are_typed_as_people_type_them() {
        let mut form = form();
        form.place = place();
        form.guests = "ben@example.org, cy@example.org;BEN@example.org\n di@example.org".into();
        let emails: Vec<String> = form
            .read()
            .unwrap()
            .guests
            .into_iter()
            .map(|it| it.email)
            .collect();
        assert_eq!(
            emails,
            ["ben@example.org", "cy@example.org", "di@example.org"]
        );
        form.guests = "ben@example.org, ben".into();
        let fault = form.read().unwrap_err().guests.unwrap();
        assert!(fault.contains("“ben”"), "{fault}");
        let so_far = form.so_far().unwrap().guests;
        assert_eq!(so_far.len(), 1, "half a word is nobody");
    }

    #[test]
    fn without_a_calendar_at_google_nobody_is_invited_and_nothing_typed_is_lost() {
        let mut form = form();
        form.guests = "ben@example.org".into();
        form.conference = true;
        let draft = form.read().unwrap();
        assert!(draft.guests.is_empty() && !draft.conference);
        form.place = place();
        let draft = form.read().unwrap();
        assert!(draft.guests.len() == 1 && draft.conference);
    }

    #[test]
    fn who_was_invited_keeps_the_name() {
        let mut form = form();
        form.place = place();
        form.known = vec![Guest {
            email: "ben@example.org".into(),
            name: Some("Ben".into()),
            optional: true,
        }];
        form.guests = "Ben@example.org".into();
        let guests = form.invited();
        assert_eq!(
            (guests[0].name.as_deref(), guests[0].optional),
            (Some("Ben"), true)
        );
    }
}
