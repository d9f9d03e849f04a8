//! When an event is: from Google's `date` or `dateTime` to an [`EventTime`], and what start and end
//! must be to each other. What is plain is repaired, the rest is a [`Fault`].

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};
use duet_model::event::EventTime;
use duet_model::zones::{Zone, ZoneDb};
use serde::Deserialize;

use super::caps::head;
use super::fault::Fault;
use super::wire::Text;

/// No zone has a longer name; a longer one is cut and stays as unknown as it is.
const ZONE_CAP: usize = 255;

/// A time as Google writes it: `date` or `dateTime`, the latter perhaps with a zone.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct When<'a> {
    #[serde(borrow)]
    date: Option<Text<'a>>,
    date_time: Option<Text<'a>>,
    time_zone: Option<Text<'a>>,
}

/// The zones that a time without an offset is read in.
#[derive(Clone, Copy)]
pub(super) struct Clock<'a> {
    pub(super) zones: &'a ZoneDb,
    /// The calendar's own zone: what Google's answer is given in.
    pub(super) calendar: Option<&'a str>,
}

impl When<'_> {
    fn date(&self) -> Option<&str> {
        said(self.date.as_ref())
    }

    fn date_time(&self) -> Option<&str> {
        said(self.date_time.as_ref())
    }

    fn zone(&self) -> Option<&str> {
        said(self.time_zone.as_ref())
    }

    /// Does it say anything about when?
    fn is_empty(&self) -> bool {
        self.date().is_none() && self.date_time().is_none()
    }
}

/// Reads one time; `field` is its name, for the reason.
///
/// Of a day and a time together the time is meant, as it says more, unless it cannot be read.
pub(super) fn moment(
    when: &When<'_>,
    field: &'static str,
    clock: &Clock<'_>,
) -> Result<EventTime, Fault> {
    let day = || when.date().and_then(day).map(EventTime::Date);
    match when.date_time() {
        Some(text) => match instant(text, when.zone(), field, clock) {
            Ok(at) => Ok(EventTime::At {
                at,
                zone: when.zone().map(|name| head(name, ZONE_CAP).to_owned()),
            }),
            Err(fault) => day().ok_or(fault),
        },
        None => day().ok_or(Fault::Unreadable(field)),
    }
}

/// Reads start and end together.
///
/// Without an end a day ends with itself and a time at once, as RFC 5545 3.6.1 says; a day that ends
/// at its own start is one day, which is how Google hands on what others write. `endTimeUnspecified`
/// changes nothing: Google gives an end all the same.
pub(super) fn span(
    start: Option<&When<'_>>,
    end: Option<&When<'_>>,
    clock: &Clock<'_>,
) -> Result<(EventTime, EventTime), Fault> {
    let given = start.filter(|when| !when.is_empty());
    let given = given.ok_or(Fault::NoStart)?;
    let start = moment(given, "start", clock)?;
    let end = match end.filter(|when| !when.is_empty()) {
        None => start.clone(),
        Some(when) => {
            // An end without a zone of its own is in that of the start.
            let clock = Clock {
                calendar: given.zone().or(clock.calendar),
                ..*clock
            };
            moment(when, "end", &clock)?
        }
    };
    match (&start, &end) {
        (EventTime::Date(first), EventTime::Date(past)) if first == past => {
            let past = first.checked_add_days(Days::new(1));
            let past = past.ok_or(Fault::Unreadable("end"))?;
            Ok((start, EventTime::Date(past)))
        }
        (EventTime::Date(first), EventTime::Date(past)) if past < first => Err(Fault::Backwards),
        (EventTime::At { at: from, .. }, EventTime::At { at: to, .. }) if to < from => {
            Err(Fault::Backwards)
        }
        (EventTime::Date(_), EventTime::At { .. }) | (EventTime::At { .. }, EventTime::Date(_)) => {
            Err(Fault::DayAndTime)
        }
        _ => Ok((start, end)),
    }
}

fn said<'a>(text: Option<&'a Text<'_>>) -> Option<&'a str> {
    text.map(|text| text.0.as_ref())
        .filter(|text| !text.is_empty())
}

fn day(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    in_range(date).then_some(date)
}

fn instant(
    text: &str,
    zone: Option<&str>,
    field: &'static str,
    clock: &Clock<'_>,
) -> Result<DateTime<Utc>, Fault> {
    let at = match DateTime::parse_from_rfc3339(text) {
        Ok(at) => at.to_utc(),
        Err(_) => {
            let wall = text
                .parse::<NaiveDateTime>()
                .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
                .map_err(|_| Fault::Unreadable(field))?;
            // A zone that is named and not known is not replaced by another one: hours may lie
            // between them.
            let known: Option<Zone> = zone
                .or(clock.calendar)
                .and_then(|name| clock.zones.zone(name));
            known.ok_or(Fault::UnknownZone(field))?.to_instant(wall)
        }
    };
    // Google knows no fractions of a second (GOOGLE.md 4.1), and a leap second is the one before.
    DateTime::from_timestamp(at.timestamp(), 0)
        .filter(|at| in_range(at.date_naive()))
        .ok_or(Fault::Unreadable(field))
}

/// The years that RFC 3339 can write and every part of Duet can reckon with.
fn in_range(date: NaiveDate) -> bool {
    (1..=9999).contains(&date.year())
}

#[cfg(test)]
mod tests;
