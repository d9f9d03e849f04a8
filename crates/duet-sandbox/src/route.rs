//! From a request line to an endpoint. Owns the table of addresses and the names that faults, the
//! log and the tests use for them.

use hyper::Method;
use serde::{Deserialize, Serialize};

use crate::http::{Incoming, field};

/// What a request is about, as faults and the log name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// The consent page and its form.
    Authorize,
    /// A code is exchanged for tokens.
    Token,
    /// A refresh token is exchanged for an access token.
    Refresh,
    /// Tokens are given back.
    Revoke,
    /// The list of calendars, or one entry of it.
    CalendarList,
    /// A calendar's own properties.
    Calendars,
    /// The free/busy query.
    FreeBusy,
    /// Events are read: list, get, instances.
    Events,
    /// Events are written: insert, update, patch, move, delete.
    EventsWrite,
    /// An address the sandbox does not serve, or the captive portal.
    Other,
    /// For faults and counts: every endpoint.
    Any,
}

/// The address of one request, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Authorize,
    Decision,
    Token,
    Revoke,
    CalendarList,
    CalendarListEntry(String),
    Calendar(String),
    FreeBusy,
    Events(String),
    Event(String, String),
    Instances(String, String),
    Move(String, String),
    Portal,
    Control(String),
    Unknown,
}

impl Route {
    pub(crate) fn of(request: &Incoming) -> Route {
        let parts: Vec<&str> = request.segments.iter().map(String::as_str).collect();
        let own = |id: &str| id.to_owned();
        match (&request.method, parts.as_slice()) {
            (&Method::GET, ["o", "oauth2", "v2", "auth"]) => Route::Authorize,
            (&Method::POST, ["o", "oauth2", "v2", "auth", "decision"]) => Route::Decision,
            (&Method::POST, ["token"]) => Route::Token,
            (&Method::POST, ["revoke"]) => Route::Revoke,
            (_, ["__portal"]) => Route::Portal,
            (_, ["__sandbox", verb]) => Route::Control(own(verb)),
            (method, ["calendar", "v3", rest @ ..]) => match (method, rest) {
                (&Method::GET, ["users", "me", "calendarList"]) => Route::CalendarList,
                (&Method::GET, ["users", "me", "calendarList", id]) => {
                    Route::CalendarListEntry(own(id))
                }
                (&Method::POST, ["freeBusy"]) => Route::FreeBusy,
                (&Method::GET, ["calendars", id]) => Route::Calendar(own(id)),
                (&Method::GET | &Method::POST, ["calendars", id, "events"]) => {
                    Route::Events(own(id))
                }
                (
                    &Method::GET | &Method::PUT | &Method::PATCH | &Method::DELETE,
                    ["calendars", id, "events", event],
                ) => Route::Event(own(id), own(event)),
                (&Method::GET, ["calendars", id, "events", event, "instances"]) => {
                    Route::Instances(own(id), own(event))
                }
                (&Method::POST, ["calendars", id, "events", event, "move"]) => {
                    Route::Move(own(id), own(event))
                }
                _ => Route::Unknown,
            },
            _ => Route::Unknown,
        }
    }

    /// The calendar an address names, as it was asked ("primary" stays "primary").
    pub(crate) fn calendar(&self) -> Option<&str> {
        match self {
            Route::CalendarListEntry(id)
            | Route::Calendar(id)
            | Route::Events(id)
            | Route::Event(id, _)
            | Route::Instances(id, _)
            | Route::Move(id, _) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn endpoint(&self, request: &Incoming) -> Endpoint {
        match self {
            Route::Authorize | Route::Decision => Endpoint::Authorize,
            Route::Token if field(&request.form(), "grant_type") == Some("refresh_token") => {
                Endpoint::Refresh
            }
            Route::Token => Endpoint::Token,
            Route::Revoke => Endpoint::Revoke,
            Route::CalendarList | Route::CalendarListEntry(_) => Endpoint::CalendarList,
            Route::Calendar(_) => Endpoint::Calendars,
            Route::FreeBusy => Endpoint::FreeBusy,
            Route::Instances(..) => Endpoint::Events,
            Route::Move(..) => Endpoint::EventsWrite,
            Route::Events(_) | Route::Event(..) if request.method == Method::GET => {
                Endpoint::Events
            }
            Route::Events(_) | Route::Event(..) => Endpoint::EventsWrite,
            Route::Portal | Route::Control(_) | Route::Unknown => Endpoint::Other,
        }
    }
}
