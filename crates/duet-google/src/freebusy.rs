//! When calendars are busy: which questions to ask, asking them, and reading the answers strictly.
//!
//! What is not known is not free. A calendar with an error, or one that the answer does not mention,
//! is reported as such, and an answer about another span of time than was asked for is no answer.

mod answer;
mod plan;

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use duet_model::when::Interval;
use serde_json::json;

use crate::auth::AccessToken;
use crate::client::{Client, fetch};
use crate::error::Error;

pub use plan::{LONGEST_SPAN, MOST_CALENDARS, plan};

/// One question: these calendars, this span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// First instant asked about.
    pub time_min: DateTime<Utc>,
    /// First instant no longer asked about.
    pub time_max: DateTime<Utc>,
    /// Google's ids of the calendars.
    pub calendars: Vec<String>,
}

/// What the answer says about one calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarAnswer {
    /// All its busy times in the span, clipped to it, in order; the rest of the span is free.
    Busy(Vec<Interval>),
    /// Some busy times, and some that could not be read: what is not listed is not known to be free.
    Partial {
        /// The busy times that could be read, clipped to the span, in order.
        busy: Vec<Interval>,
        /// How many could not be read.
        quarantined: u32,
    },
    /// Google could not say.
    Failed {
        /// Google's words for it, such as `internalError`, or `notFound`: holiday calendars answer
        /// that always, and so do calendars that are no longer shared.
        reasons: Vec<String>,
    },
    /// The answer does not mention the calendar.
    Absent,
}

/// Asks one question. The answer holds exactly the calendars that were asked about.
///
/// Makes one request. An error per calendar is part of the answer; an `Err` concerns all of them.
pub async fn query(
    client: &Client,
    token: &AccessToken,
    query: &Query,
) -> Result<HashMap<String, CalendarAnswer>, Error> {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    let items: Vec<_> = query
        .calendars
        .iter()
        .map(|id| json!({ "id": id }))
        .collect();
    let body = json!({
        "timeMin": instant(query.time_min),
        "timeMax": instant(query.time_max),
        "timeZone": "UTC",
        "calendarExpansionMax": MOST_CALENDARS,
        "items": items,
    });
    let request = client
        .post(token, client.calendar_url(&["freeBusy"]))
        .query(&[("prettyPrint", "false")])
        .json(&body);
    let reply: answer::Reply = fetch(request, "freeBusy").await?;
    answer::read(reply, query)
}
