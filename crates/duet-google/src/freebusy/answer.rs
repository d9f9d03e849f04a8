//! Reading a free/busy answer: strictly about the span, leniently about one calendar.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::when::Interval;
use serde::Deserialize;
use serde_json::Value;

use super::{CalendarAnswer, Query};
use crate::error::Error;
use crate::error::classify::plain;

/// Google may round the span it repeats to whole seconds.
const ROUNDING: TimeDelta = TimeDelta::seconds(1);

/// The answer as it comes. Calendars stay raw, so that one odd calendar cannot spoil the others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reply {
    time_min: Option<DateTime<Utc>>,
    time_max: Option<DateTime<Utc>>,
    calendars: HashMap<String, Value>,
}

#[derive(Deserialize)]
struct Calendar {
    busy: Option<Vec<Value>>,
    #[serde(default)]
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Busy {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// Sorts the answer by the calendars that were asked about.
pub(super) fn read(
    mut reply: Reply,
    query: &Query,
) -> Result<HashMap<String, CalendarAnswer>, Error> {
    let near = |said: Option<DateTime<Utc>>, asked: DateTime<Utc>| {
        said.is_some_and(|said| (said - asked).abs() <= ROUNDING)
    };
    if !near(reply.time_min, query.time_min) || !near(reply.time_max, query.time_max) {
        // Times that were not asked about would stand as free.
        return Err(Error::BadAnswer {
            what: "it is about another span of time",
            source: None,
        });
    }
    let Some(span) = Interval::new(query.time_min, query.time_max) else {
        return Err(Error::BadAnswer {
            what: "the span asked about was empty",
            source: None,
        });
    };
    let mut answers = HashMap::with_capacity(query.calendars.len());
    for id in &query.calendars {
        // A calendar that was asked about twice has one answer.
        answers
            .entry(id.clone())
            .or_insert_with(|| match reply.calendars.remove(id) {
                Some(calendar) => read_calendar(calendar, span),
                None => CalendarAnswer::Absent,
            });
    }
    Ok(answers)
}

fn read_calendar(calendar: Value, span: Interval) -> CalendarAnswer {
    let unreadable = || CalendarAnswer::Failed {
        reasons: vec!["unreadable".into()],
    };
    // Serde also reads a list as a struct, and `[]` would come out as a calendar that is free.
    if !calendar.is_object() {
        return unreadable();
    }
    let Ok(Calendar { busy, errors }) = serde_json::from_value(calendar) else {
        return unreadable();
    };
    if !errors.is_empty() {
        // Busy times beside an error are not believed: nothing says which part is missing.
        let reason = |error: &Reason| match plain(&error.reason) {
            word if word.is_empty() => "unknown".into(),
            word => word,
        };
        return CalendarAnswer::Failed {
            reasons: errors.iter().map(reason).collect(),
        };
    }
    // Google sends an empty list for a free calendar; saying nothing is not saying "free".
    let Some(busy) = busy else {
        return unreadable();
    };
    let mut times = Vec::with_capacity(busy.len());
    let mut quarantined = 0;
    for item in busy {
        match serde_json::from_value::<Busy>(item) {
            // No time at all takes no time: harmless, and nothing is hidden by leaving it out.
            Ok(Busy { start, end }) if start == end => {}
            Ok(Busy { start, end }) => match Interval::new(start, end) {
                // What lies outside of the span was not asked about and is another question's.
                Some(time) => times.extend(time.intersection(&span)),
                None => quarantined += 1,
            },
            Err(_) => quarantined += 1,
        }
    }
    times.sort_unstable();
    if quarantined > 0 {
        tracing::warn!(quarantined, "unreadable busy times");
        return CalendarAnswer::Partial {
            busy: times,
            quarantined,
        };
    }
    CalendarAnswer::Busy(times)
}

#[cfg(test)]
mod tests;
