//! An event as Google holds it: the resource itself, and what can be computed from it (its span, its
//! repetition). Owns the builder for worlds and tests. Which events exist is the calendar's business.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use crate::{recur::Recurrence, zone};

pub(crate) type Body = Map<String, Value>;

/// When an event is: civil dates or instants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Span {
    /// Whole days, the end exclusive.
    Days { first: NaiveDate, end: NaiveDate },
    /// Instants, and the zone it repeats in.
    Time {
        start: DateTime<Utc>,
        end: DateTime<Utc>,
        zone: String,
    },
}

impl Span {
    /// Reads `start` and `end` of a resource. None where they are missing or make no sense.
    pub(crate) fn read(body: &Body, calendar_zone: &str) -> Option<Span> {
        let (start, end) = (body.get("start")?, body.get("end")?);
        if let (Some(first), Some(end)) = (date_of(start), date_of(end)) {
            return (first < end).then_some(Span::Days { first, end });
        }
        let zone = start["timeZone"].as_str().unwrap_or(calendar_zone);
        let start = moment_of(start, zone)?;
        let end = moment_of(end, end["timeZone"].as_str().unwrap_or(zone))?;
        (start <= end).then(|| Span::Time {
            start,
            end,
            zone: zone.to_owned(),
        })
    }

    /// The stretch of time it covers, whole days by the calendar's zone.
    pub(crate) fn instants(&self, calendar_zone: &str) -> (DateTime<Utc>, DateTime<Utc>) {
        match self {
            Span::Days { first, end } => (
                zone::day_start(calendar_zone, *first),
                zone::day_start(calendar_zone, *end),
            ),
            Span::Time { start, end, .. } => (*start, *end),
        }
    }

    /// The zone its repetition is reckoned in.
    pub(crate) fn zone(&self) -> &str {
        match self {
            Span::Days { .. } => "UTC",
            Span::Time { zone, .. } => zone,
        }
    }

    /// Its start by the clock on the wall.
    pub(crate) fn wall(&self) -> NaiveDateTime {
        match self {
            Span::Days { first, .. } => first.and_time(NaiveTime::MIN),
            Span::Time { start, zone, .. } => zone::to_local(zone, *start)
                .map_or_else(|| start.naive_utc(), |local| local.naive_local()),
        }
    }

    /// The same event, begun at another wall-clock time.
    pub(crate) fn begun_at(&self, wall: NaiveDateTime) -> Span {
        match self {
            Span::Days { first, end } => {
                let shift = wall.date() - *first;
                Span::Days {
                    first: wall.date(),
                    end: *end + shift,
                }
            }
            Span::Time { start, end, zone } => {
                let at = zone::to_utc(zone, wall).unwrap_or_else(|| wall.and_utc());
                Span::Time {
                    start: at,
                    end: at + (*end - *start),
                    zone: zone.clone(),
                }
            }
        }
    }

    /// The slot this span begins in, as instance ids name it.
    pub(crate) fn stamp(&self) -> String {
        match self {
            Span::Days { first, .. } => first.format("%Y%m%d").to_string(),
            Span::Time { start, .. } => start.format("%Y%m%dT%H%M%SZ").to_string(),
        }
    }

    pub(crate) fn start_json(&self, display_zone: &str) -> Value {
        match self {
            Span::Days { first, .. } => json!({"date": first.to_string()}),
            Span::Time { start, zone, .. } => moment_json(*start, zone, display_zone),
        }
    }

    pub(crate) fn end_json(&self, display_zone: &str) -> Value {
        match self {
            Span::Days { end, .. } => json!({"date": end.to_string()}),
            Span::Time { end, zone, .. } => moment_json(*end, zone, display_zone),
        }
    }
}

/// The slot an `originalStartTime` names, in the form of `Span::stamp`.
pub(crate) fn stamp_of(original: &Value, calendar_zone: &str) -> Option<String> {
    if let Some(date) = date_of(original) {
        return Some(date.format("%Y%m%d").to_string());
    }
    let zone = original["timeZone"].as_str().unwrap_or(calendar_zone);
    Some(
        moment_of(original, zone)?
            .format("%Y%m%dT%H%M%SZ")
            .to_string(),
    )
}

fn date_of(value: &Value) -> Option<NaiveDate> {
    value["date"].as_str()?.parse().ok()
}

fn moment_of(value: &Value, zone: &str) -> Option<DateTime<Utc>> {
    let text = value["dateTime"].as_str()?;
    match DateTime::parse_from_rfc3339(text) {
        Ok(at) => Some(at.with_timezone(&Utc)),
        Err(_) => zone::to_utc(zone, text.parse().ok()?),
    }
}

fn moment_json(at: DateTime<Utc>, zone: &str, display_zone: &str) -> Value {
    json!({"dateTime": in_zone(at, display_zone), "timeZone": zone})
}

/// An instant as RFC 3339, with the offset of `zone`.
pub(crate) fn in_zone(at: DateTime<Utc>, zone: &str) -> String {
    match zone::to_local(zone, at) {
        Some(local) => local.to_rfc3339_opts(SecondsFormat::Secs, true),
        None => at.to_rfc3339_opts(SecondsFormat::Secs, true),
    }
}

/// An event in a calendar, with its version and what was read out of its body.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) body: Body,
    /// Makes the etag; grows over the whole world.
    pub(crate) version: u64,
    /// The calendar's change number at the last change, for sync tokens.
    pub(crate) change: u64,
    pub(crate) updated: DateTime<Utc>,
    pub(crate) span: Option<Span>,
    pub(crate) recurrence: Option<Recurrence>,
    /// The series it is an exception of, and the slot it stands for.
    pub(crate) slot: Option<(String, String)>,
}

impl Stored {
    pub(crate) fn etag(&self) -> String {
        etag(self.version)
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.text("status") == Some("cancelled")
    }

    pub(crate) fn repeats(&self) -> bool {
        self.body
            .get("recurrence")
            .is_some_and(|lines| lines.as_array().is_some_and(|lines| !lines.is_empty()))
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.body.get(field).and_then(Value::as_str)
    }

    /// The spans of this event within a stretch of time: its own, or those of its repetition.
    pub(crate) fn spans(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendar_zone: &str,
    ) -> Vec<Span> {
        let Some(span) = &self.span else {
            return Vec::new();
        };
        let touches = |span: &Span| {
            let (start, end) = span.instants(calendar_zone);
            start < to && (end > from || (start == end && start >= from))
        };
        let Some(recurrence) = &self.recurrence else {
            return if touches(span) {
                vec![span.clone()]
            } else {
                Vec::new()
            };
        };
        let (start, end) = span.instants(calendar_zone);
        // Wall clocks are within a day of UTC; a slot may begin its own length before the window.
        let margin = TimeDelta::days(2);
        let earliest = (from - (end - start) - margin).naive_utc();
        let latest = (to + margin).naive_utc();
        recurrence
            .slots(span.wall(), earliest, latest)
            .into_iter()
            .map(|wall| span.begun_at(wall))
            .filter(touches)
            .collect()
    }
}

pub(crate) fn etag(version: u64) -> String {
    format!("\"{}\"", 3_000_000_000_000_000 + version * 2)
}

/// An event to be put into a calendar: a builder over Google's own field names.
#[derive(Debug, Clone)]
pub struct EventSpec {
    pub(crate) body: Body,
    /// For an exception: its series, and the wall-clock start of the slot it stands for.
    pub(crate) slot: Option<(String, NaiveDateTime)>,
}

impl EventSpec {
    /// A timed event: `start` by the clock on the wall in `zone` (IANA), and its length.
    pub fn at(title: &str, zone: &str, start: NaiveDateTime, minutes: i64) -> EventSpec {
        let end = start + TimeDelta::minutes(minutes);
        let moment = |wall: NaiveDateTime| json!({"dateTime": wall.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone});
        EventSpec::with_times(title, moment(start), moment(end))
    }

    /// A timed event between two instants, repeating (if it does) in UTC.
    pub fn between(title: &str, start: DateTime<Utc>, end: DateTime<Utc>) -> EventSpec {
        let moment = |at: DateTime<Utc>| json!({"dateTime": at.to_rfc3339_opts(SecondsFormat::Secs, true), "timeZone": "UTC"});
        EventSpec::with_times(title, moment(start), moment(end))
    }

    /// An event of whole days.
    pub fn all_day(title: &str, first: NaiveDate, days: u32) -> EventSpec {
        let end = first + Days::new(u64::from(days.max(1)));
        let date = |date: NaiveDate| json!({"date": date.to_string()});
        EventSpec::with_times(title, date(first), date(end))
    }

    /// A changed occurrence of the series `series`: the slot that began at `slot` by the wall clock
    /// of the series (midnight for whole days). Fields not set are the series' own.
    pub fn exception(series: &str, slot: NaiveDateTime) -> EventSpec {
        EventSpec {
            body: Body::new(),
            slot: Some((series.to_owned(), slot)),
        }
    }

    /// A deleted occurrence of a series.
    pub fn cancelled(series: &str, slot: NaiveDateTime) -> EventSpec {
        EventSpec::exception(series, slot).field("status", "cancelled")
    }

    /// A whole resource by Google's field names, for shapes that no method here makes.
    pub fn from_json(body: Value) -> EventSpec {
        let body = match body {
            Value::Object(body) => body,
            _ => Body::new(),
        };
        EventSpec { body, slot: None }
    }

    fn with_times(title: &str, start: Value, end: Value) -> EventSpec {
        let mut body = Body::new();
        body.insert("summary".to_owned(), json!(title));
        body.insert("start".to_owned(), start);
        body.insert("end".to_owned(), end);
        EventSpec { body, slot: None }
    }

    /// Sets any field of the resource.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Into<Value>) -> EventSpec {
        self.body.insert(name.to_owned(), value.into());
        self
    }

    /// The id it shall have (`[a-v0-9]{5,1024}` at Google; not checked here).
    #[must_use]
    pub fn id(self, id: &str) -> EventSpec {
        self.field("id", id)
    }

    /// Another title.
    #[must_use]
    pub fn title(self, title: &str) -> EventSpec {
        self.field("summary", title)
    }

    /// Moves it: another wall-clock start in `zone`, another length.
    #[must_use]
    pub fn moved_to(self, zone: &str, start: NaiveDateTime, minutes: i64) -> EventSpec {
        let times = EventSpec::at("", zone, start, minutes).body;
        self.field("start", times["start"].clone())
            .field("end", times["end"].clone())
    }

    /// Repeats by one more line (`RRULE:FREQ=WEEKLY`, `EXDATE;TZID=…`).
    #[must_use]
    pub fn repeat(mut self, line: &str) -> EventSpec {
        let lines = self.body.entry("recurrence").or_insert_with(|| json!([]));
        if let Some(lines) = lines.as_array_mut() {
            lines.push(json!(line));
        }
        self
    }

    /// A guest and their answer (`needsAction`, `declined`, `tentative`, `accepted`).
    #[must_use]
    pub fn guest(mut self, email: &str, name: &str, answer: &str) -> EventSpec {
        let guests = self.body.entry("attendees").or_insert_with(|| json!([]));
        if let Some(guests) = guests.as_array_mut() {
            guests.push(json!({"email": email, "displayName": name, "responseStatus": answer}));
        }
        self
    }

    /// Who organises it, if not the calendar's owner.
    #[must_use]
    pub fn organizer(self, email: &str, name: &str) -> EventSpec {
        self.field("organizer", json!({"email": email, "displayName": name}))
    }

    /// Where it is.
    #[must_use]
    pub fn location(self, text: &str) -> EventSpec {
        self.field("location", text)
    }

    /// What it is about; Google sends HTML here.
    #[must_use]
    pub fn description(self, text: &str) -> EventSpec {
        self.field("description", text)
    }

    /// Shown as free.
    #[must_use]
    pub fn transparent(self) -> EventSpec {
        self.field("transparency", "transparent")
    }

    /// Not yet certain.
    #[must_use]
    pub fn tentative(self) -> EventSpec {
        self.field("status", "tentative")
    }

    /// Details for its owners only.
    #[must_use]
    pub fn private(self) -> EventSpec {
        self.field("visibility", "private")
    }

    /// `focusTime`, `outOfOffice`, `workingLocation`, `fromGmail` or `birthday`.
    #[must_use]
    pub fn kind(self, event_type: &str) -> EventSpec {
        self.field("eventType", event_type)
    }
}
