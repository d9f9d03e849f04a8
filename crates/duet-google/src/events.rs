//! The events of a calendar, page by page: all of them, or what changed since a sync token.
//!
//! This module asks and reads; which page is asked for next, and that a listing and its sync token
//! are stored together, is for the caller (GOOGLE.md 4.2). A series comes as its master and its
//! exceptions (`singleEvents=false`), because expanded series are listed decades ahead and lose
//! deletions. One event that cannot be read is quarantined with its reason and fails alone.

mod caps;
mod fault;
mod mark;
mod members;
mod project;
mod read;
mod resource;
mod rest;
mod when;
mod wire;
mod write;

use std::fmt::Write as _;

use duet_model::calendar::AccessRole;
use duet_model::event::{Event, EventId};
use duet_model::zones::ZoneDb;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::auth::AccessToken;
use crate::client::{Answer, Client, ask, unexpected};
use crate::error::Error;

pub use mark::Mark;
pub use project::{Refused, changed_body, new_body, own_answer_body};
pub use resource::{Found, Resource};
pub use write::{
    Address, Written, delete, get, insert, move_to, occurrence, patch, update, written_by_duet,
};

pub use caps::{
    ATTENDEES_CAP, DESCRIPTION_CAP, ID_CAP, LINE_CAP, LINK_CAP, RAW_CAP, RECURRENCE_CAP,
};

/// Google's largest page.
const PAGE_SIZE: &str = "2500";
/// For a page of the largest size that is longer than any answer that is read: events of 100 kB each.
const SMALL_PAGE_SIZE: &str = "250";
/// Answers of this many bytes are read on a thread of their own: a full page takes tens of
/// milliseconds, in which nothing else of the account's would go on.
const LONG: usize = 64 * 1024;
/// What every page says it is.
const KIND: &str = "calendar#events";
/// Grows when events are read in another way, so that all are read anew.
const READING: u32 = 2;

/// What every request of a listing says, besides its tokens and the size of the page.
///
/// - `showDeleted` is left out: a sync token forbids `false` and brings deletions by itself, and a
///   first listing brings cancelled exceptions without it (GOOGLE.md 4.1, 4.2).
/// - `maxAttendees`: of an event with more guests Google then lists only the person's own entry, and
///   sets `attendeesOmitted`.
/// - `fields` names what Duet reads and what a person may want to see of an event offline. It is
///   not all there is: who writes an event back reads it from Google first. The two tokens must be
///   named, or they are left out.
pub const PARAMETERS: [(&str, &str); 4] = [
    ("singleEvents", "false"),
    ("maxAttendees", "250"),
    ("prettyPrint", "false"),
    (
        "fields",
        "kind,nextPageToken,nextSyncToken,accessRole,timeZone,items(id,etag,status,eventType,\
         iCalUID,recurringEventId,originalStartTime,start,end,endTimeUnspecified,recurrence,summary,\
         description,location,transparency,visibility,organizer,creator(email,displayName,self),\
         attendees,attendeesOmitted,conferenceData(conferenceId,conferenceSolution(key,name),\
         entryPoints),hangoutLink,htmlLink,updated,sequence,colorId,eventLabelId,reminders,\
         guestsCanInviteOthers,guestsCanModify,guestsCanSeeOtherGuests,anyoneCanAddSelf,locked,\
         privateCopy,attachments(fileUrl,title,mimeType),source,extendedProperties,\
         outOfOfficeProperties,focusTimeProperties,workingLocationProperties,birthdayProperties)",
    ),
];

/// A short text that stands for [`PARAMETERS`] and for how events are read: 16 hexadecimal digits.
///
/// To be stored beside a sync token. A token that was made with other parameters must not be used
/// (Google calls what happens then undefined): list everything.
pub fn parameters_hash() -> String {
    let mut hash = Sha256::new();
    hash.update(READING.to_be_bytes());
    for (name, value) in PARAMETERS {
        hash.update(format!("{name}={value}\n"));
    }
    hash.finalize()
        .iter()
        .take(8)
        .fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// One page of a listing. Every page of it repeats the sync token that it began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// Google's id of the calendar.
    pub calendar: &'a str,
    /// Only what changed since; `None` lists everything.
    pub sync_token: Option<&'a str>,
    /// From [`Next::Page`] of the page before.
    pub page_token: Option<&'a str>,
}

/// For whom events are read, and what that takes.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The account's address. Google marks only the calendar's owner among the guests, and nobody on
    /// a calendar that belongs to no person.
    pub me: &'a str,
    /// For times that come without an offset.
    pub zones: &'a ZoneDb,
}

/// One page as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In Google's order. May be empty also where more pages follow.
    pub items: Vec<Item>,
    /// How the listing goes on.
    pub next: Next,
    /// What the account may do with the calendar. Newer than what the calendar list says: a change of
    /// it is not listed there. `None` where the answer does not say, or says that it may do nothing.
    pub access_role: Option<AccessRole>,
    /// IANA name of the calendar's own zone.
    pub time_zone: Option<String>,
    /// How many requests it took, for the account's budget: one, or two where the first answer was
    /// too long to be read.
    pub requests: u32,
}

/// How a listing goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// With the page of this token.
    Page(String),
    /// It is complete.
    Done {
        /// For the next incremental listing. Store it together with the events, or not at all.
        /// `None` where the server gives none: list everything again next time.
        sync_token: Option<String>,
    },
}

/// One entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An event, or a cancelled exception, which takes its occurrence out of the series. Of the
    /// latter only id, series and original start are known; start and end are the original start.
    Event {
        /// What Duet understands of it.
        event: Box<Event>,
        /// The JSON object that came, without the members that `event` holds whole; what is left is
        /// byte for byte as it came. Empty where that is longer than [`RAW_CAP`].
        raw: String,
    },
    /// Deleted; with a series go its exceptions.
    Gone(EventId),
    /// It cannot be read. What is stored under its id is no longer what Google says.
    Quarantined {
        /// Its id, where that can be read.
        id: Option<EventId>,
        /// Why, as a sentence for people that quotes nothing of the event.
        why: String,
        /// The JSON as it came, cut at [`RAW_CAP`].
        raw: String,
    },
}

/// Asks for one page.
///
/// Fails with [`Error::ResyncNeeded`], and with nothing else, where the sync token is dead: list the
/// calendar anew, once. [`Error::EndlessPages`] means that a page leads to itself; whether a listing
/// runs in a larger circle is for the caller to see.
pub async fn page(
    client: &Client,
    token: &AccessToken,
    query: &Query<'_>,
    reader: &Reader<'_>,
) -> Result<Page, Error> {
    let request = |size| {
        let url = client.calendar_url(&["calendars", query.calendar, "events"]);
        let mut request = client.get(token, url).query(&PARAMETERS);
        request = request.query(&[("maxResults", size)]);
        if let Some(sync_token) = query.sync_token {
            request = request.query(&[("syncToken", sync_token)]);
        }
        if let Some(page_token) = query.page_token {
            request = request.query(&[("pageToken", page_token)]);
        }
        ask(request, "events")
    };
    let (answer, requests) = match request(PAGE_SIZE).await {
        Err(Error::TooLong) => (request(SMALL_PAGE_SIZE).await?, 2),
        answer => (answer?, 1),
    };
    let page = if answer.body.len() < LONG {
        read(&answer, reader, requests)?
    } else {
        let (me, zones) = (reader.me.to_owned(), reader.zones.clone());
        let read = move || {
            let (me, zones) = (me.as_str(), &zones);
            read(&answer, &Reader { me, zones }, requests)
        };
        match tokio::task::spawn_blocking(read).await {
            Ok(page) => page?,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime is going down, and whoever waits here goes with it.
                Err(_) => std::future::pending().await,
            },
        }
    };
    match &page.next {
        Next::Page(next) if Some(next.as_str()) == query.page_token => Err(Error::EndlessPages),
        _ => Ok(page),
    }
}

fn read(answer: &Answer, reader: &Reader<'_>, requests: u32) -> Result<Page, Error> {
    // A wrong byte in one title must not cost the calendar: it becomes U+FFFD.
    let body = String::from_utf8_lossy(answer.object()?);
    let listing: Listing<'_> = serde_json::from_str(&body).map_err(unexpected)?;
    listing.read(reader, requests)
}

/// A page as it comes. Events stay raw, so that one odd event cannot spoil the others.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing<'a> {
    kind: Option<String>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
    access_role: Option<String>,
    time_zone: Option<String>,
}

impl Listing<'_> {
    fn read(self, reader: &Reader<'_>, requests: u32) -> Result<Page, Error> {
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (next_page, sync_token) = (said(self.next_page_token), said(self.next_sync_token));
        // An empty list and an answer that is no list would look the same without this, and the
        // first of them can mean that every event is gone.
        let says_nothing = self.items.is_none() && next_page.is_none() && sync_token.is_none();
        if self.kind.as_deref() != Some(KIND) || says_nothing {
            return Err(Error::BadAnswer {
                what: "it is not a list of events",
                source: None,
            });
        }
        let time_zone = said(self.time_zone);
        let items: Vec<Item> = self
            .items
            .unwrap_or_default()
            .into_iter()
            .map(|raw| reader.item(raw.get(), time_zone.as_deref()))
            .collect();
        let odd = |item: &&Item| matches!(item, Item::Quarantined { .. });
        let quarantined = items.iter().filter(odd).count();
        if quarantined > 0 {
            tracing::warn!(quarantined, "unreadable events");
        }
        Ok(Page {
            items,
            next: match next_page {
                Some(token) => Next::Page(token),
                None => Next::Done { sync_token },
            },
            access_role: said(self.access_role)
                .filter(|role| role != "none")
                .map(|role| AccessRole::parse(&role)),
            time_zone,
            requests,
        })
    }
}

#[cfg(test)]
mod tests;
