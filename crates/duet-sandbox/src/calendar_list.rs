//! `calendarList.list` and `.get`: a person's list of calendars, with pages and sync tokens.

use serde_json::{Value, json};

use crate::{
    error::Failure,
    event::etag,
    fields::{Pick, Shape},
    http::{Incoming, Reply},
    state::State,
    tokens::{Kind, Token},
    world::{AccessRole, Account, Calendar, Listing},
};

const DEFAULT_PAGE: usize = 100;
const LARGEST_PAGE: usize = 250;

pub(crate) fn list(state: &State, email: &str, request: &Incoming) -> Result<Reply, Failure> {
    let account = state
        .world
        .account(email)
        .ok_or_else(Failure::invalid_credentials)?;
    let sync = request
        .param("syncToken")
        .map(|text| read_token(state, email, text, Kind::Sync));
    let sync = sync.transpose()?;
    let page = request
        .param("pageToken")
        .map(|text| read_token(state, email, text, Kind::Page));
    let page = page.transpose()?;
    let least = least_role(request)?;
    if sync.is_some() {
        refuse_with_sync_token(request)?;
        if sync
            .as_ref()
            .is_some_and(|token| token.change < account.oldest)
        {
            return Err(Failure::full_sync_required());
        }
    }
    let size = page_size(request, DEFAULT_PAGE, LARGEST_PAGE)?;
    let pick = Pick::of(request, Shape::CalendarList)?;
    // Changes made while a client pages are sent again by the token it ends with.
    let began = page.as_ref().map_or(account.change, |token| token.change);
    let after = page.map(|token| token.after).unwrap_or_default();
    let wanted = |listing: &&Listing| match &sync {
        Some(token) => listing.change > token.change,
        None => {
            (!listing.deleted || request.flag("showDeleted"))
                && (!listing.hidden || listing.deleted || request.flag("showHidden"))
                && listing.role >= least
        }
    };
    let key = |index: usize| format!("{index:06}");
    let mut chosen = account
        .list
        .iter()
        .enumerate()
        .map(|(index, listing)| (key(index), listing))
        .filter(|(key, listing)| *key > after && wanted(listing));
    let shown: Vec<_> = chosen.by_ref().take(size).collect();
    let more = chosen.next().is_some();
    let last = shown.last().map(|(key, _)| key.clone()).unwrap_or_default();
    let items: Vec<Value> = shown
        .into_iter()
        .filter_map(|(_, listing)| {
            Some(entry_json(
                account,
                listing,
                state.world.calendar(&listing.calendar)?,
            ))
        })
        .collect();
    let token = |kind, after| Token {
        kind,
        epoch: state.world.epoch(),
        scope: scope(email),
        change: began,
        after,
    };
    let mut body = json!({
        "kind": "calendar#calendarList",
        "etag": etag(account.change),
        "items": items,
    });
    if more {
        body["nextPageToken"] = json!(token(Kind::Page, last).encode());
    } else {
        body["nextSyncToken"] = json!(token(Kind::Sync, String::new()).encode());
    }
    Ok(pick.reply(body))
}

pub(crate) fn get(state: &State, email: &str, id: &str) -> Result<Reply, Failure> {
    let account = state
        .world
        .account(email)
        .ok_or_else(Failure::invalid_credentials)?;
    let listing = account
        .list
        .iter()
        .find(|listing| listing.calendar == id && !listing.deleted)
        .ok_or_else(Failure::not_found)?;
    let calendar = state.world.calendar(id).ok_or_else(Failure::not_found)?;
    Ok(Reply::json(200, &entry_json(account, listing, calendar)))
}

/// `maxResults`, with Google's default and its silent upper limit.
pub(crate) fn page_size(
    request: &Incoming,
    default: usize,
    largest: usize,
) -> Result<usize, Failure> {
    match request.param("maxResults") {
        None => Ok(default),
        Some(text) => match text.parse::<usize>() {
            Ok(size) if size > 0 => Ok(size.min(largest)),
            _ => Err(Failure::invalid_parameter("maxResults", text)),
        },
    }
}

fn least_role(request: &Incoming) -> Result<AccessRole, Failure> {
    match request.param("minAccessRole") {
        None => Ok(AccessRole::None),
        Some(text) => {
            AccessRole::parse(text).ok_or_else(|| Failure::invalid_parameter("minAccessRole", text))
        }
    }
}

fn refuse_with_sync_token(request: &Incoming) -> Result<(), Failure> {
    for name in ["minAccessRole", "showOwnOrganizationOnly"] {
        if request.param(name).is_some() {
            let message = format!("{name} cannot be combined with syncToken.");
            return Err(Failure::bad_request(message).at("parameter", name));
        }
    }
    for name in ["showDeleted", "showHidden"] {
        if request.param(name) == Some("false") {
            let message = format!("{name} cannot be false together with syncToken.");
            return Err(Failure::bad_request(message).at("parameter", name));
        }
    }
    Ok(())
}

fn read_token(state: &State, email: &str, text: &str, kind: Kind) -> Result<Token, Failure> {
    let token = Token::decode(text).filter(|token| token.kind == kind);
    match token {
        Some(token) if token.epoch != state.world.epoch() => Err(Failure::full_sync_required()),
        Some(token) if token.scope == scope(email) => Ok(token),
        _ if kind == Kind::Sync => Err(Failure::invalid("Invalid sync token value.")),
        _ => Err(Failure::invalid_parameter("pageToken", text)),
    }
}

fn scope(email: &str) -> String {
    format!("list {email}")
}

fn entry_json(account: &Account, listing: &Listing, calendar: &Calendar) -> Value {
    let Listing { color, .. } = listing;
    let mut entry = json!({
        "kind": "calendar#calendarListEntry",
        "etag": etag(listing.version),
        "id": listing.calendar,
        "accessRole": listing.role.as_str(),
    });
    if listing.deleted {
        entry["deleted"] = json!(true);
        return entry;
    }
    entry["summary"] = json!(calendar.summary);
    entry["timeZone"] = json!(calendar.zone);
    entry["colorId"] = json!(color.0);
    entry["backgroundColor"] = json!(color.1);
    entry["foregroundColor"] = json!(color.2);
    entry["defaultReminders"] = json!([]);
    entry["conferenceProperties"] = json!({"allowedConferenceSolutionTypes": ["hangoutsMeet"]});
    if let Some(text) = &calendar.description {
        entry["description"] = json!(text);
    }
    if let Some(name) = &listing.summary_override {
        entry["summaryOverride"] = json!(name);
    }
    if listing.selected {
        entry["selected"] = json!(true);
    }
    if listing.hidden {
        entry["hidden"] = json!(true);
    }
    if listing.calendar == account.email {
        entry["primary"] = json!(true);
        entry["defaultReminders"] = json!([{"method": "popup", "minutes": 10}]);
    }
    entry
}
