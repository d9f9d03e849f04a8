//! The request log: what was asked, in order, and what it was answered. Owns counts; never an
//! Authorization header or a form (a log that leaks would defeat the tests that look for leaks).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::route::Endpoint;

/// One request as the sandbox saw it.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedRequest {
    /// When it arrived, by the sandbox's clock.
    pub at: DateTime<Utc>,
    /// When it arrived, as real time since the sandbox started: for spacing and back-off.
    pub elapsed: Duration,
    /// `GET`, `POST`…
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent; for the consent page without its values.
    pub query: String,
    /// What it was about.
    pub endpoint: Endpoint,
    /// The calendar in its path.
    pub calendar: Option<String>,
    /// The account whose token it carried.
    pub account: Option<String>,
    /// Whether it carried an `Authorization` header at all.
    pub authorized: bool,
    /// The answer's status; 0 where the connection was dropped or stalled instead.
    pub status: u16,
    /// Bytes of the answer's body on the wire, compressed if it was.
    pub bytes: usize,
    /// Bytes of the request's body.
    pub sent: usize,
    /// How many requests were being answered when this one came in, itself included.
    pub in_flight: usize,
    /// Whether it came over HTTP/2.
    pub http2: bool,
}

/// The entries with the number each was given: a request that is still being answered keeps its
/// number when the log is cleared under it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    next: u64,
    entries: Vec<(u64, LoggedRequest)>,
}

impl Log {
    /// Logged on arrival, so that a stalled request is seen too.
    pub(crate) fn arrive(&mut self, entry: LoggedRequest) -> u64 {
        let number = self.next;
        self.next += 1;
        self.entries.push((number, entry));
        number
    }

    pub(crate) fn answered(&mut self, number: u64, status: u16, bytes: usize) {
        if let Some((_, entry)) = self
            .entries
            .iter_mut()
            .rev()
            .find(|(known, _)| *known == number)
        {
            entry.status = status;
            entry.bytes = bytes;
        }
    }

    pub(crate) fn all(&self) -> Vec<LoggedRequest> {
        self.entries
            .iter()
            .map(|(_, entry)| entry.clone())
            .collect()
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    pub(crate) fn count(&self, endpoint: Endpoint) -> usize {
        self.entries
            .iter()
            .filter(|(_, entry)| endpoint == Endpoint::Any || entry.endpoint == endpoint)
            .count()
    }
}
