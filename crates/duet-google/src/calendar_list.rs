//! The calendars in an account's list: all of them, or what changed since a sync token.

use duet_model::calendar::AccessRole;
use serde::Deserialize;
use serde_json::Value;

use crate::auth::AccessToken;
use crate::client::{Client, fetch};
use crate::error::Error;

/// More pages than any list has (250 entries each); beyond, the listing is taken to be endless.
const PAGES_CAP: u32 = 1000;
/// Google's largest page.
const PAGE_SIZE: &str = "250";
/// What every page says it is.
const KIND: &str = "calendar#calendarList";
/// Only what is read is asked for. The two tokens must be named, or they are left out.
const FIELDS: &str = "kind,nextPageToken,nextSyncToken,items(id,etag,summary,summaryOverride,description,\
                      timeZone,primary,selected,hidden,deleted,accessRole,backgroundColor,\
                      foregroundColor)";

/// One calendar as Google lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarListEntry {
    /// Google's id, often an address.
    pub id: String,
    /// Changes with the entry, though not with every change of the calendar (GOOGLE.md 2).
    pub etag: Option<String>,
    /// The name to show: the person's own name for it where they gave one, else the calendar's,
    /// else the id. Empty only for a deleted entry.
    pub name: String,
    /// What its owner wrote about it.
    pub description: Option<String>,
    /// IANA name of its own zone.
    pub time_zone: Option<String>,
    /// Is it the account's own calendar? Its id is then the account's address.
    pub primary: bool,
    /// Is it ticked in Google's own window?
    pub selected: bool,
    /// Is it hidden in Google's own list?
    pub hidden: bool,
    /// Was it removed from the list? Only in incremental answers; all but the id may be empty.
    pub deleted: bool,
    /// What the account may do with it.
    pub access_role: AccessRole,
    /// `#rrggbb`, checked.
    pub background_color: Option<String>,
    /// `#rrggbb`, checked.
    pub foreground_color: Option<String>,
}

/// A whole listing, all pages of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListAnswer {
    /// The entries in Google's order, hidden ones included.
    pub entries: Vec<CalendarListEntry>,
    /// For the next incremental listing. Store it together with the entries, or not at all.
    pub next_sync_token: Option<String>,
    /// How many requests it took, for the account's budget.
    pub requests: u32,
    /// Entries that could not be read and were left out.
    pub quarantined: u32,
}

/// Lists the account's calendars: all where `sync_token` is `None`, else what changed since.
///
/// Fails with [`Error::ResyncNeeded`] where the token is dead (list again without one), and with
/// [`Error::EndlessPages`] where the listing repeats itself. Nothing of a failed listing is returned:
/// half a list would look like calendars gone.
pub async fn list(
    client: &Client,
    token: &AccessToken,
    sync_token: Option<&str>,
) -> Result<ListAnswer, Error> {
    let url = client.calendar_url(&["users", "me", "calendarList"]);
    let mut answer = ListAnswer {
        entries: Vec::new(),
        next_sync_token: None,
        requests: 0,
        quarantined: 0,
    };
    let mut seen: Vec<String> = Vec::new();
    loop {
        // Every page repeats the whole query, sync token included (GOOGLE.md 4.2).
        let mut request = client.get(token, url.clone()).query(&[
            ("maxResults", PAGE_SIZE),
            ("showHidden", "true"),
            ("prettyPrint", "false"),
            ("fields", FIELDS),
        ]);
        if let Some(sync_token) = sync_token {
            request = request.query(&[("syncToken", sync_token)]);
        }
        if let Some(page) = seen.last() {
            request = request.query(&[("pageToken", page)]);
        }
        let page: Page = fetch(request, "calendarList").await?;
        answer.requests += 1;
        // An empty list and an answer that is no list would look the same without this, and the
        // first of them means that every calendar is gone.
        if page.kind.as_deref() != Some(KIND) {
            return Err(Error::BadAnswer {
                what: "it is not a calendar list",
                source: None,
            });
        }
        for item in page.items {
            match read(item) {
                Some(entry) => answer.entries.push(entry),
                None => answer.quarantined += 1,
            }
        }
        match page.next_page_token {
            None => {
                if answer.quarantined > 0 {
                    tracing::warn!(
                        entries = answer.quarantined,
                        "unreadable calendars left out"
                    );
                }
                answer.next_sync_token = page.next_sync_token;
                return Ok(answer);
            }
            Some(next) if answer.requests >= PAGES_CAP || seen.contains(&next) => {
                return Err(Error::EndlessPages);
            }
            Some(next) => seen.push(next),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    kind: Option<String>,
    #[serde(default)]
    items: Vec<Value>,
    next_page_token: Option<String>,
    next_sync_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Item {
    id: String,
    etag: Option<String>,
    summary: Option<String>,
    summary_override: Option<String>,
    description: Option<String>,
    time_zone: Option<String>,
    primary: bool,
    selected: bool,
    hidden: bool,
    deleted: bool,
    access_role: Option<String>,
    background_color: Option<String>,
    foreground_color: Option<String>,
}

/// One entry on its own, so that one bad entry does not hide the others.
fn read(item: Value) -> Option<CalendarListEntry> {
    // Serde also reads a list as a struct; no entry is one.
    let item: Item = item
        .is_object()
        .then(|| serde_json::from_value(item).ok())??;
    if item.id.is_empty() {
        return None;
    }
    let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let name = said(item.summary_override)
        .or_else(|| said(item.summary))
        .unwrap_or_else(|| {
            if item.deleted {
                String::new()
            } else {
                item.id.clone()
            }
        });
    Some(CalendarListEntry {
        name,
        etag: item.etag,
        description: said(item.description),
        time_zone: said(item.time_zone),
        primary: item.primary,
        selected: item.selected,
        hidden: item.hidden,
        deleted: item.deleted,
        // No role at all is the least of rights, like one that does not exist yet.
        access_role: AccessRole::parse(item.access_role.as_deref().unwrap_or_default()),
        background_color: item.background_color.filter(|color| is_color(color)),
        foreground_color: item.foreground_color.filter(|color| is_color(color)),
        id: item.id,
    })
}

/// Colours end up in style sheets: nothing but `#rrggbb` passes.
fn is_color(color: &str) -> bool {
    color
        .strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_is_read_with_the_persons_own_name_for_it() {
        let entry = read(json!({
            "id": "team@group.calendar.google.com",
            "summary": "Team",
            "summaryOverride": "My team",
            "accessRole": "freeBusyReader",
            "backgroundColor": "#a1B2c3",
            "foregroundColor": "red; background: url(x)",
            "primary": true,
            "futureField": {"deep": []},
        }))
        .unwrap();
        assert_eq!(entry.name, "My team");
        assert_eq!(entry.access_role, AccessRole::FreeBusyReader);
        assert_eq!(entry.background_color.as_deref(), Some("#a1B2c3"));
        assert_eq!(entry.foreground_color, None, "only #rrggbb is a colour");
        assert!(entry.primary && !entry.deleted && !entry.hidden);
    }

    #[test]
    fn names_fall_back() {
        let name = |item| read(item).map(|entry| entry.name);
        assert_eq!(
            name(json!({"id": "a", "summary": "A", "summaryOverride": " "})).as_deref(),
            Some("A")
        );
        assert_eq!(name(json!({"id": "a"})).as_deref(), Some("a"));
        assert_eq!(
            name(json!({"id": "a", "deleted": true})).as_deref(),
            Some("")
        );
    }

    #[test]
    fn a_bad_entry_is_left_out_alone() {
        for bad in [
            json!({}),
            json!({"id": ""}),
            json!({"id": 5}),
            json!([]),
            json!(["a"]),
            json!(null),
        ] {
            assert_eq!(read(bad.clone()), None, "{bad}");
        }
    }
}
