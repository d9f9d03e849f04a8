//! Scripted faults: what goes wrong, where, and how often. Owns the queue and its matching; the
//! server carries them out.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    consent,
    error::{Failure, OAuthFailure},
    http::Reply,
    route::Endpoint,
};

/// Begins the page tokens that faults hand out.
const AGAIN: &str = "sandbox-again";

/// One scripted fault. Faults are tried in the order they were added; the first that matches a
/// request is used up by one, a `Delay` besides whatever else matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which requests it meets.
    pub on: Endpoint,
    /// Only requests about this calendar, by its id as the client sends it (for free/busy: that ask
    /// for it among others).
    #[serde(default)]
    pub calendar: Option<String>,
    /// How many requests it meets; `u32::MAX` means until the faults are cleared.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens.
    pub kind: FaultKind,
}

/// What happens to a request that meets a fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// An error answer in the endpoint's own shape. An empty `reason` gives the HTML page of a
    /// server error that never reached the application.
    Status {
        /// The HTTP status.
        code: u16,
        /// Google's reason (`rateLimitExceeded`), or the OAuth error (`invalid_grant`).
        reason: String,
        /// The words that come with it.
        message: String,
        /// A `Retry-After` header, in seconds or as a date.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The answer comes late, but comes.
    Delay(Duration),
    /// The request is processed and the connection breaks inside the answer's body.
    CutBody {
        /// Bytes of the body that still arrive.
        after_bytes: usize,
    },
    /// The connection closes before anything is processed.
    DropBefore,
    /// The request is processed, then the connection closes without an answer.
    DropAfter,
    /// 200 and a page of HTML, as a hotel's network answers.
    CaptivePortal,
    /// 302 to a page on another host name.
    Redirect,
    /// 200 and JSON that ends in the middle.
    MalformedJson,
    /// 200 and nothing.
    EmptyBody,
    /// 200 and JSON of the wrong shape.
    WrongType,
    /// The request is read and never answered.
    Stall,
    /// The request is processed and never answered.
    StallAfter,
    /// 200 and a body of this many bytes that never makes sense, without a promised length.
    HugeBody {
        /// How many bytes are sent, should the client read them all.
        bytes: usize,
    },
    /// A listing loses its items but keeps its tokens; a free/busy answer loses every calendar.
    EmptyList,
    /// An empty page in front of the one that was asked for, as Google may send.
    EmptyPage,
    /// The page that was asked for, with a token that leads to it again.
    RepeatedPage,
    /// Empty pages without end, each with a token of its own.
    EndlessPages,
    /// A listing that ends without a sync token.
    NoSyncToken,
}

impl Fault {
    /// This fault once, on any calendar.
    pub fn once(on: Endpoint, kind: FaultKind) -> Fault {
        Fault {
            on,
            calendar: None,
            times: 1,
            kind,
        }
    }

    /// This fault until `clear_faults`.
    pub fn always(on: Endpoint, kind: FaultKind) -> Fault {
        Fault {
            on,
            calendar: None,
            times: u32::MAX,
            kind,
        }
    }

    /// The same, for `times` requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Fault {
        self.times = times;
        self
    }

    /// The same, only where `calendar` is asked for.
    #[must_use]
    pub fn calendar(mut self, calendar: &str) -> Fault {
        self.calendar = Some(calendar.to_owned());
        self
    }
}

impl FaultKind {
    /// An error status without `Retry-After`.
    pub fn status(code: u16, reason: &str, message: &str) -> FaultKind {
        let (reason, message) = (reason.to_owned(), message.to_owned());
        FaultKind::Status {
            code,
            reason,
            message,
            retry_after: None,
        }
    }

    /// 429 `rateLimitExceeded`, with `Retry-After` in seconds if given.
    pub fn rate_limited(retry_after: Option<u32>) -> FaultKind {
        FaultKind::Status {
            code: 429,
            reason: "rateLimitExceeded".to_owned(),
            message: "Rate Limit Exceeded".to_owned(),
            retry_after: retry_after.map(|seconds| seconds.to_string()),
        }
    }

    /// 503 `backendError`.
    pub fn unavailable() -> FaultKind {
        FaultKind::status(503, "backendError", "Backend Error")
    }
}

/// What the server has to do about one request.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) kind: Option<FaultKind>,
}

#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn waiting(&self) -> Vec<Fault> {
        self.0.clone()
    }

    /// Uses up whatever matches a request about `calendars`.
    pub(crate) fn plan(&mut self, endpoint: Endpoint, calendars: &[String]) -> Plan {
        let mut plan = Plan::default();
        for fault in &mut self.0 {
            let here = fault.on == Endpoint::Any || fault.on == endpoint;
            let this_one = fault
                .calendar
                .as_ref()
                .is_none_or(|id| calendars.contains(id));
            if fault.times == 0 || !here || !this_one {
                continue;
            }
            match &fault.kind {
                FaultKind::Delay(by) if plan.delay.is_zero() => plan.delay = *by,
                FaultKind::Delay(_) => continue,
                _ if plan.kind.is_some() => continue,
                kind => plan.kind = Some(kind.clone()),
            }
            if fault.times != u32::MAX {
                fault.times -= 1;
            }
        }
        self.0.retain(|fault| fault.times > 0);
        plan
    }
}

/// The answer of a fault that replaces the real one.
pub(crate) fn replacement(kind: &FaultKind, endpoint: Endpoint, port: u16) -> Option<Reply> {
    let reply = match kind {
        FaultKind::Status {
            code,
            reason,
            message,
            retry_after,
        } => {
            let reply: Reply = match endpoint {
                _ if reason.is_empty() => Reply::html(*code, consent::broken_page(*code)),
                Endpoint::Token | Endpoint::Refresh | Endpoint::Revoke => {
                    OAuthFailure::new(*code, reason, message).into()
                }
                _ => Failure::new(*code, reason, message.clone()).into(),
            };
            match retry_after {
                Some(after) => reply.with("retry-after", after.clone()),
                None => reply,
            }
        }
        FaultKind::CaptivePortal => Reply::html(200, consent::portal_page()),
        // Another host name on the same port, so that a client which carries its bearer along on a
        // redirect to a foreign host is seen doing so in the log.
        FaultKind::Redirect => Reply::redirect(format!("http://localhost:{port}/__portal")),
        FaultKind::MalformedJson => json_text("{\"kind\": \"calendar#\", \"items\": [{\"id\": "),
        FaultKind::EmptyBody => json_text(""),
        FaultKind::WrongType => json_text(
            "{\"kind\":17,\"items\":\"none\",\"calendars\":[],\"access_token\":{},\"id\":[1]}",
        ),
        FaultKind::Delay(_)
        | FaultKind::CutBody { .. }
        | FaultKind::DropBefore
        | FaultKind::DropAfter
        | FaultKind::Stall
        | FaultKind::StallAfter
        | FaultKind::HugeBody { .. }
        | FaultKind::EmptyList
        | FaultKind::EmptyPage
        | FaultKind::RepeatedPage
        | FaultKind::EndlessPages
        | FaultKind::NoSyncToken => return None,
    };
    Some(reply)
}

/// Bends the pages of a listing. `number` is the request's own, for tokens that must not repeat;
/// `asked` the page token it came with.
pub(crate) fn bend(kind: &FaultKind, reply: Reply, asked: &str, number: u64) -> Reply {
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else {
        return reply;
    };
    let Some(fields) = body.as_object_mut().filter(|_| reply.status == 200) else {
        return reply;
    };
    let mut lead_to = |token: String| {
        fields.remove("nextSyncToken");
        fields.insert("nextPageToken".to_owned(), json!(token));
    };
    match kind {
        FaultKind::EmptyPage => lead_to(format!("{AGAIN}:{asked}")),
        FaultKind::RepeatedPage => lead_to(format!("{AGAIN}:{asked}")),
        FaultKind::EndlessPages => lead_to(format!("{AGAIN}-{number}:{asked}")),
        FaultKind::NoSyncToken => {
            fields.remove("nextSyncToken");
        }
        FaultKind::EmptyList => {}
        _ => return reply,
    }
    if !matches!(kind, FaultKind::NoSyncToken | FaultKind::RepeatedPage) {
        for (name, nothing) in [("items", json!([])), ("calendars", json!({}))] {
            if fields.contains_key(name) {
                fields.insert(name.to_owned(), nothing);
            }
        }
    }
    Reply {
        body: body.to_string().into_bytes(),
        ..reply
    }
}

/// The page a bent token really leads to: "" for the first, None where the token is not one of ours.
pub(crate) fn unbend(token: &str) -> Option<&str> {
    token
        .strip_prefix(AGAIN)?
        .split_once(':')
        .map(|(_, asked)| asked)
}

fn json_text(text: &str) -> Reply {
    let headers = vec![("content-type", "application/json; charset=UTF-8".to_owned())];
    Reply {
        status: 200,
        headers,
        body: text.as_bytes().to_vec(),
    }
}

fn once() -> u32 {
    1
}
