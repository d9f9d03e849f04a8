//! Reading one event whole and writing it (GOOGLE.md 5). One request each; what an answer means for
//! what comes next is for the caller to decide.
//!
//! Nothing here is repeated by itself; the HTTP client sends again only what the server said it has not
//! begun with. A repeated insert is safe because the caller chose its id, a repeated change because it
//! names the version it is made from.

use chrono::SecondsFormat;
use duet_model::event::{EventId, EventTime};
use duet_model::outbox::Notify;
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, IF_MATCH};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::mark::DUET;
use super::members::Members;
use super::resource::{Found, Resource};
use super::{KIND, Next, Reader};
use crate::auth::AccessToken;
use crate::client::{Client, ask, unexpected};
use crate::error::Error;

/// How many events a page of the footprint has.
const FOOTPRINT_PAGE: &str = "250";
/// Pages in which one occurrence is looked for. It is on the first, behind an empty one at most.
const MOST_PAGES: u32 = 20;
/// What a deletion is answered with (GOOGLE.md 5).
const NO_CONTENT: u16 = 204;

/// Where an event stands.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// Google's id of the calendar.
    pub calendar: &'a str,
    /// The event's.
    pub event: &'a EventId,
}

/// Reads an event whole.
pub async fn get(
    client: &Client,
    token: &AccessToken,
    at: Address<'_>,
    reader: &Reader<'_>,
) -> Result<Found, Error> {
    let url = client.calendar_url(&["calendars", at.calendar, "events", &at.event.0]);
    one(plain(client.get(token, url)), "event", reader).await
}

/// Reads one occurrence of a series by the slot it stands for; `None` where the series has no such slot.
/// Its id is Google's to say (GOOGLE.md 4.4).
///
/// # Errors
/// [`Error::NotFound`] where there is no such series.
pub async fn occurrence(
    client: &Client,
    token: &AccessToken,
    series: Address<'_>,
    slot: &EventTime,
    reader: &Reader<'_>,
) -> Result<Option<Found>, Error> {
    let url = client.calendar_url(&[
        "calendars",
        series.calendar,
        "events",
        &series.event.0,
        "instances",
    ]);
    let start = match slot {
        EventTime::Date(day) => day.to_string(),
        EventTime::At { at, .. } => at.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    let mut page_token = None;
    for _ in 0..MOST_PAGES {
        let mut request = plain(client.get(token, url.clone())).query(&[
            ("originalStart", start.as_str()),
            // One that was called off is there too, and says so.
            ("showDeleted", "true"),
        ]);
        if let Some(page_token) = &page_token {
            request = request.query(&[("pageToken", page_token)]);
        }
        let (items, next) = Page::ask(request, "instances", page_token.as_deref()).await?;
        // Whoever does not know the parameter lists them all.
        if let Some(raw) = items.into_iter().find(|raw| reader.stands_for(raw, slot)) {
            return reader.found(raw).map(Some);
        }
        match next {
            Next::Page(next) => page_token = Some(next),
            Next::Done { .. } => return Ok(None),
        }
    }
    Err(Error::EndlessPages)
}

/// Makes an event from a [`new_body`](super::new_body).
///
/// # Errors
/// [`Error::Conflict`] where its id is taken, also by an event that was deleted.
pub async fn insert(
    client: &Client,
    token: &AccessToken,
    calendar: &str,
    body: &str,
    notify: Notify,
    reader: &Reader<'_>,
) -> Result<Resource, Error> {
    let url = client.calendar_url(&["calendars", calendar, "events"]);
    let request = with_body(client.post(token, url), body, notify);
    written(request, "insert", reader).await
}

/// Replaces an event by a [`changed_body`](super::changed_body) made from the version `etag`.
///
/// # Errors
/// [`Error::Stale`] where there is another version by now.
pub async fn update(
    client: &Client,
    token: &AccessToken,
    at: Address<'_>,
    etag: &str,
    body: &str,
    notify: Notify,
    reader: &Reader<'_>,
) -> Result<Resource, Error> {
    let url = client.calendar_url(&["calendars", at.calendar, "events", &at.event.0]);
    let request = with_body(client.put(token, url), body, notify).header(IF_MATCH, etag);
    written(request, "update", reader).await
}

/// Changes what the body names of the version `etag` of an event, and nothing else.
///
/// # Errors
/// As [`update`].
pub async fn patch(
    client: &Client,
    token: &AccessToken,
    at: Address<'_>,
    etag: &str,
    body: &str,
    notify: Notify,
    reader: &Reader<'_>,
) -> Result<Resource, Error> {
    let url = client.calendar_url(&["calendars", at.calendar, "events", &at.event.0]);
    let request = with_body(client.patch(token, url), body, notify).header(IF_MATCH, etag);
    written(request, "patch", reader).await
}

/// Deletes an event; of a series with all its occurrences. With `etag`, that version alone.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Deleted`] where it is gone already, [`Error::Stale`] as [`update`].
pub async fn delete(
    client: &Client,
    token: &AccessToken,
    at: Address<'_>,
    etag: Option<&str>,
    notify: Notify,
) -> Result<(), Error> {
    let url = client.calendar_url(&["calendars", at.calendar, "events", &at.event.0]);
    let mut request = client
        .delete(token, url)
        .query(&[("sendUpdates", notify.as_google())]);
    if let Some(etag) = etag {
        request = request.header(IF_MATCH, etag);
    }
    let answer = ask(request, "delete").await?;
    match answer.status {
        NO_CONTENT => Ok(()),
        // Whatever said that, the event may still be there; deleting it again does no harm.
        _ if answer.is_success() => Err(Error::BadAnswer {
            what: "it does not say that the event is gone",
            source: None,
        }),
        _ => Err(answer.error()),
    }
}

/// Moves the version `etag` of an event into another calendar. The answer is not relied on: it may call
/// the event cancelled although it has arrived (GOOGLE.md 5). Read it there.
///
/// # Errors
/// As [`update`].
pub async fn move_to(
    client: &Client,
    token: &AccessToken,
    at: Address<'_>,
    destination: &str,
    etag: &str,
    notify: Notify,
) -> Result<(), Error> {
    let url = client.calendar_url(&["calendars", at.calendar, "events", &at.event.0, "move"]);
    let request = plain(client.post(token, url))
        .query(&[
            ("destination", destination),
            ("sendUpdates", notify.as_google()),
        ])
        .header(IF_MATCH, etag);
    ask(request, "move").await?.object().map(drop)
}

/// Something that Duet wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its id.
    pub id: EventId,
    /// What it is; `None` where that cannot be read.
    pub resource: Option<Resource>,
}

/// One page of what Duet ever wrote to a calendar, this installation or another. What cannot be read is
/// among it: Google lists it by the mark of Duet.
///
/// # Errors
/// [`Error::EndlessPages`] where a page leads to itself.
pub async fn written_by_duet(
    client: &Client,
    token: &AccessToken,
    calendar: &str,
    page_token: Option<&str>,
    reader: &Reader<'_>,
) -> Result<(Vec<Written>, Next), Error> {
    let url = client.calendar_url(&["calendars", calendar, "events"]);
    let mark = format!("{}={}", DUET.0, DUET.1);
    let mut request = plain(client.get(token, url)).query(&[
        ("privateExtendedProperty", mark.as_str()),
        ("maxResults", FOOTPRINT_PAGE),
    ]);
    if let Some(token) = page_token {
        request = request.query(&[("pageToken", token)]);
    }
    let (items, next) = Page::ask(request, "footprint", page_token).await?;
    let mut written = Vec::new();
    for raw in items {
        let id = id_of(&raw);
        match reader.found(raw) {
            Ok(Found::There(resource)) if resource.mark.is_some() => written.push(Written {
                id: resource.event.id.clone(),
                resource: Some(resource),
            }),
            // It says that it is Duet's, and not what; or it does not take place.
            Ok(_) => {}
            Err(_) => written.extend(id.map(|id| Written { id, resource: None })),
        }
    }
    Ok((written, next))
}

/// The id, where nothing else can be read.
fn id_of(raw: &str) -> Option<EventId> {
    let id: String = serde_json::from_str(Members::of(raw)?.get("id")?).ok()?;
    (!id.is_empty()).then_some(EventId(id))
}

/// A page of whole events.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    kind: Option<String>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
    next_page_token: Option<String>,
}

impl Page<'_> {
    /// Asks for one page, the one of `asked`: its events, and how the listing goes on.
    async fn ask(
        request: RequestBuilder,
        what: &'static str,
        asked: Option<&str>,
    ) -> Result<(Vec<String>, Next), Error> {
        let answer = ask(request, what).await?;
        let body = String::from_utf8_lossy(answer.object()?);
        let page: Page<'_> = serde_json::from_str(&body).map_err(unexpected)?;
        let next = page.next_page_token.filter(|token| !token.is_empty());
        let says_nothing = page.items.is_none() && next.is_none();
        if page.kind.as_deref() != Some(KIND) || says_nothing {
            return Err(Error::BadAnswer {
                what: "it is not a list of events",
                source: None,
            });
        }
        let next = match next {
            Some(token) if Some(token.as_str()) == asked => return Err(Error::EndlessPages),
            Some(token) => Next::Page(token),
            None => Next::Done { sync_token: None },
        };
        let items = page.items.unwrap_or_default().into_iter();
        Ok((items.map(|raw| raw.get().to_owned()).collect(), next))
    }
}

fn plain(request: RequestBuilder) -> RequestBuilder {
    request.query(&[("prettyPrint", "false")])
}

fn with_body(request: RequestBuilder, body: &str, notify: Notify) -> RequestBuilder {
    plain(request)
        // Without it a call is silently left out (GOOGLE.md 5).
        .query(&[
            ("conferenceDataVersion", "1"),
            ("sendUpdates", notify.as_google()),
        ])
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_owned())
}

async fn one(
    request: RequestBuilder,
    what: &'static str,
    reader: &Reader<'_>,
) -> Result<Found, Error> {
    let answer = ask(request, what).await?;
    reader.found(String::from_utf8_lossy(answer.object()?).into_owned())
}

async fn written(
    request: RequestBuilder,
    what: &'static str,
    reader: &Reader<'_>,
) -> Result<Resource, Error> {
    match one(request, what, reader).await? {
        Found::There(resource) => Ok(resource),
        Found::CalledOff { .. } => Err(Error::BadAnswer {
            what: "the event that was written is called off",
            source: None,
        }),
    }
}
