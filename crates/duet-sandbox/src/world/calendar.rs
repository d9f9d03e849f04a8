//! One calendar: its events by id, which slots of a series are replaced, and its change numbers.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::{
    event::{Body, Span, Stored},
    recur::Recurrence,
    world::slot_of,
};

/// How the free/busy query answers for a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum FreeBusyMode {
    /// By its events.
    #[default]
    Events,
    /// By a per-calendar error, as holiday calendars do with `notFound`.
    Error(String),
    /// Not at all: the calendar is missing from the answer.
    Absent,
}

/// A calendar and its events.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    pub(crate) id: String,
    pub(crate) summary: String,
    pub(crate) description: Option<String>,
    pub(crate) zone: String,
    /// The account whose primary calendar it is.
    pub(crate) owner: Option<String>,
    /// Whether anybody may ask for its free/busy times, as within an organisation.
    pub(crate) open_times: bool,
    pub(crate) free_busy: FreeBusyMode,
    pub(crate) events: BTreeMap<String, Stored>,
    /// Grows with every change of an event.
    pub(crate) change: u64,
    /// Sync tokens older than this are answered with 410.
    pub(crate) oldest: u64,
    /// When an event last changed.
    pub(crate) updated: Option<DateTime<Utc>>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

impl Calendar {
    pub(crate) fn new(id: &str, summary: &str, zone: &str) -> Calendar {
        Calendar {
            id: id.to_owned(),
            summary: summary.to_owned(),
            description: None,
            zone: zone.to_owned(),
            owner: None,
            open_times: false,
            free_busy: FreeBusyMode::default(),
            events: BTreeMap::new(),
            change: 0,
            oldest: 0,
            updated: None,
            exceptions: BTreeMap::new(),
        }
    }

    /// Stores a resource under `id`, filling in what Google would add.
    pub(crate) fn put(&mut self, id: &str, mut body: Body, version: u64, now: DateTime<Utc>) {
        let stamp = now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let slot = slot_of(&body, &self.zone);
        let cancelled_slot = body.get("status") == Some(&json!("cancelled")) && slot.is_some();
        if !cancelled_slot {
            self.complete(id, &mut body, &stamp);
        }
        self.change += 1;
        self.updated = self.updated.max(Some(now));
        let span = Span::read(&body, &self.zone);
        let lines = body.get("recurrence").and_then(Value::as_array);
        // A rule that cannot be read (Google does send such) leaves the event a single one here.
        let recurrence = lines.filter(|lines| !lines.is_empty()).and_then(|lines| {
            let zone = span.as_ref().map_or("UTC", Span::zone);
            Recurrence::parse(lines.iter().filter_map(Value::as_str), zone)
        });
        if let Some((series, slot)) = &slot {
            self.exceptions
                .entry(series.clone())
                .or_default()
                .insert(slot.clone());
        }
        let event = Stored {
            id: id.to_owned(),
            body,
            version,
            change: self.change,
            updated: now,
            span,
            recurrence,
            slot,
        };
        self.events.insert(id.to_owned(), event);
    }

    /// The resource of one occurrence of a series as it stands, before anything is changed on it.
    pub(crate) fn instance_body(&self, series: &str, wall: NaiveDateTime) -> Option<Body> {
        let master = self.events.get(series)?;
        let span = master.span.as_ref()?.begun_at(wall);
        Some(self.occurrence_body(master, &span))
    }

    /// The resource of the occurrence of `master` that is `span`.
    pub(crate) fn occurrence_body(&self, master: &Stored, span: &Span) -> Body {
        let id = format!("{}_{}", master.id, span.stamp());
        // An occurrence that was changed before is its own event already.
        if let Some(exception) = self.events.get(&id).filter(|event| !event.cancelled()) {
            return exception.body.clone();
        }
        let mut body = master.body.clone();
        body.remove("recurrence");
        body.insert("id".to_owned(), json!(id));
        body.insert("recurringEventId".to_owned(), json!(master.id));
        body.insert("originalStartTime".to_owned(), span.start_json(&self.zone));
        body.insert("start".to_owned(), span.start_json(&self.zone));
        body.insert("end".to_owned(), span.end_json(&self.zone));
        body
    }

    /// The occurrences of an event in a stretch of time; slots that an exception stands for are left
    /// to the exception.
    pub(crate) fn occurrences(
        &self,
        event: &Stored,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<Span> {
        if event.cancelled() || self.series_is_gone(event) {
            return Vec::new();
        }
        let mut spans = event.spans(from, to, &self.zone);
        if let Some(replaced) = self.exceptions.get(&event.id).filter(|_| event.repeats()) {
            spans.retain(|span| !replaced.contains(&span.stamp()));
        }
        spans
    }

    /// Whether this is an exception of a series that was deleted.
    pub(crate) fn series_is_gone(&self, event: &Stored) -> bool {
        event
            .slot
            .as_ref()
            .and_then(|(series, _)| self.events.get(series))
            .is_some_and(Stored::cancelled)
    }

    /// Whether an event makes its calendar busy, as Google's free/busy judges it.
    pub(crate) fn counts(&self, event: &Stored) -> bool {
        let free = event.text("transparency") == Some("transparent");
        let aside = matches!(
            event.text("eventType"),
            Some("workingLocation" | "birthday")
        );
        let declined = event
            .body
            .get("attendees")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|guest| {
                guest["email"].as_str() == Some(&self.id)
                    && guest["responseStatus"].as_str() == Some("declined")
            });
        !(free || aside || declined)
    }

    fn complete(&self, id: &str, body: &mut Body, stamp: &str) {
        let mut default = |name: &str, value: Value| {
            if !body.contains_key(name) {
                body.insert(name.to_owned(), value);
            }
        };
        default("status", json!("confirmed"));
        default("created", json!(stamp));
        default("iCalUID", json!(format!("{id}@google.com")));
        default("sequence", json!(0));
        default("eventType", json!("default"));
        default("reminders", json!({"useDefault": true}));
        default(
            "creator",
            json!({"email": self.owner.as_deref().unwrap_or(&self.id)}),
        );
        default(
            "organizer",
            match &self.owner {
                Some(owner) => json!({"email": owner}),
                None => json!({"email": self.id, "displayName": self.summary}),
            },
        );
        default(
            "htmlLink",
            json!(format!("https://www.google.com/calendar/event?eid={id}")),
        );
    }
}
