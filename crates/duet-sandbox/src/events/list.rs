//! Reading events: list (paged, by time, by change), get and instances.

use std::ops::Bound;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use hyper::header::IF_NONE_MATCH;
use serde_json::{Value, json};

use crate::{
    calendar_list::page_size,
    error::Failure,
    event::{Span, Stored, etag, stamp_of},
    events::{Asker, current, render},
    fields::{Pick, Shape},
    http::{Incoming, Reply},
    state::State,
    tokens::{Kind, Token},
    world::Calendar,
    zone,
};

const DEFAULT_PAGE: usize = 250;
const LARGEST_PAGE: usize = 2500;
/// How far an endless series is expanded where the request sets no end.
const HORIZON: TimeDelta = TimeDelta::days(5 * 365);
/// `updatedMin` further back than this is answered with 410.
const OLDEST_UPDATE: TimeDelta = TimeDelta::days(28);
/// May not be sent with a sync token, and a listing that uses one ends without a sync token.
const NEVER_WITH_SYNC_TOKEN: [&str; 6] = [
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "updatedMin",
];

/// One thing to be listed, before it is rendered: only the page that is shown is.
enum Item<'a> {
    Event(&'a Stored),
    Occurrence(&'a Stored, Span),
    Lost(&'a Stored, Span),
}

/// The parameters of one listing.
struct Query<'a> {
    single: bool,
    show_deleted: bool,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    updated_min: Option<DateTime<Utc>>,
    since: Option<u64>,
    order: Option<&'a str>,
    words: Option<String>,
    ical_uid: Option<&'a str>,
    types: Vec<&'a str>,
    private_properties: Vec<&'a str>,
    shared_properties: Vec<&'a str>,
}

pub(super) fn list(state: &State, asker: &Asker, request: &Incoming) -> Result<Reply, Failure> {
    let calendar = state
        .world
        .calendar(&asker.calendar)
        .ok_or_else(Failure::not_found)?;
    let now = state.clock.now();
    let scope = scope(asker, request);
    let epoch = state.world.epoch();
    let sync = match request.param("syncToken") {
        Some(text) => Some(read_sync_token(text, epoch, &scope, calendar)?),
        None => None,
    };
    let query = read_query(request, now, sync.map(|token| token.change))?;
    let page = match request.param("pageToken") {
        Some(text) => Some(read_page_token(text, epoch, &scope)?),
        None => None,
    };
    let size = page_size(request, DEFAULT_PAGE, LARGEST_PAGE)?;
    let pick = Pick::of(request, Shape::Events)?;
    let display_zone = display_zone(request, calendar)?;
    // Changes made while a client pages are sent again by the token it ends with.
    let began = page.as_ref().map_or(calendar.change, |token| token.change);
    let after = page.map(|token| token.after).unwrap_or_default();
    let mut items = if query.order.is_none() && !query.single {
        // The order is that of the ids, which is how they are kept: a page costs what it holds.
        by_id(calendar, &query, &after, size + 1)
    } else {
        let mut all = collect(calendar, &query, now);
        all.retain(|(key, _)| *key > after);
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        all
    };
    let more = items.len() > size;
    items.truncate(size);
    let last = items.last().map(|(key, _)| key.clone()).unwrap_or_default();
    let rendered: Vec<Value> = items
        .into_iter()
        .map(|(_, item)| match item {
            Item::Event(event) if event.cancelled() => render::tombstone(event),
            Item::Event(event) => render::event(calendar, asker, event, None, display_zone),
            Item::Occurrence(event, span) => {
                render::event(calendar, asker, event, Some(&span), display_zone)
            }
            Item::Lost(event, span) => render::lost_occurrence(calendar, event, &span),
        })
        .collect();
    let mut body = envelope(calendar, asker, now, display_zone);
    body["items"] = Value::Array(rendered);
    let token = |kind, after| Token {
        kind,
        epoch,
        scope: scope.clone(),
        change: began,
        after,
    };
    if more {
        body["nextPageToken"] = json!(token(Kind::Page, last).encode());
    } else if !NEVER_WITH_SYNC_TOKEN
        .iter()
        .any(|name| request.param(name).is_some())
    {
        body["nextSyncToken"] = json!(token(Kind::Sync, String::new()).encode());
    }
    Ok(pick.reply(body))
}

pub(super) fn get(
    state: &State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let calendar = state
        .world
        .calendar(&asker.calendar)
        .ok_or_else(Failure::not_found)?;
    let display_zone = display_zone(request, calendar)?;
    let body = match calendar.events.get(id) {
        Some(event) => render::event(calendar, asker, event, None, display_zone),
        None => {
            let (event, span) = find_occurrence(calendar, id).ok_or_else(Failure::not_found)?;
            render::event(calendar, asker, event, Some(&span), display_zone)
        }
    };
    let etag = body["etag"].as_str().unwrap_or_default().to_owned();
    if request
        .header(IF_NONE_MATCH)
        .is_some_and(|known| known == etag)
    {
        return Ok(Reply::empty(304).with("etag", etag));
    }
    Ok(Reply::json(200, &body).with("etag", etag))
}

pub(super) fn instances(
    state: &State,
    asker: &Asker,
    id: &str,
    request: &Incoming,
) -> Result<Reply, Failure> {
    let calendar = state
        .world
        .calendar(&asker.calendar)
        .ok_or_else(Failure::not_found)?;
    let now = state.clock.now();
    let display_zone = display_zone(request, calendar)?;
    let size = page_size(request, DEFAULT_PAGE, LARGEST_PAGE)?;
    let pick = Pick::of(request, Shape::Events)?;
    if current(calendar, id).is_none() {
        return Err(Failure::not_found());
    }
    let query = Query {
        from: instant(request, "timeMin")?,
        to: instant(request, "timeMax")?,
        show_deleted: request.flag("showDeleted"),
        ..read_query(request, now, None)?
    };
    let original = match request.param("originalStart") {
        Some(text) => Some(original_stamp(text, calendar)?),
        None => None,
    };
    let page = match request.param("pageToken") {
        Some(text) => Some(read_page_token(text, state.world.epoch(), id)?),
        None => None,
    };
    let after = page.map(|token| token.after).unwrap_or_default();
    let mut found: Vec<(String, Value)> = Vec::new();
    if let Some(master) = calendar.events.get(id).filter(|master| master.repeats()) {
        let (from, to) = match &original {
            // A slot is found however far away it is.
            Some(slot) => around(slot).unwrap_or_else(|| window(&query, now)),
            None => window(&query, now),
        };
        for span in calendar.occurrences(master, from, to) {
            let item = render::event(calendar, asker, master, Some(&span), display_zone);
            found.push((span.stamp(), item));
        }
    }
    for event in calendar.events.values() {
        let Some((_, slot)) = event.slot.as_ref().filter(|(series, _)| series == id) else {
            continue;
        };
        let shown = if event.cancelled() {
            query.show_deleted
        } else {
            in_window(event, calendar, &query)
        };
        if shown {
            let item = match event.cancelled() {
                true => render::tombstone(event),
                false => render::event(calendar, asker, event, None, display_zone),
            };
            found.push((slot.clone(), item));
        }
    }
    found.retain(|(slot, _)| original.as_ref().is_none_or(|wanted| wanted == slot));
    found.retain(|(slot, _)| *slot > after);
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let more = found.len() > size;
    found.truncate(size);
    let last = found
        .last()
        .map(|(slot, _)| slot.clone())
        .unwrap_or_default();
    let mut body = envelope(calendar, asker, now, display_zone);
    body["items"] = found.into_iter().map(|(_, item)| item).collect();
    if more {
        let token = Token {
            kind: Kind::Page,
            epoch: state.world.epoch(),
            scope: id.to_owned(),
            change: calendar.change,
            after: last,
        };
        body["nextPageToken"] = json!(token.encode());
    }
    Ok(pick.reply(body))
}

fn find_occurrence<'a>(calendar: &'a Calendar, id: &str) -> Option<(&'a Stored, Span)> {
    let (series, stamp) = id.rsplit_once('_')?;
    let master = calendar
        .events
        .get(series)
        .filter(|master| master.repeats())?;
    Some((master, super::occurrence_by_stamp(calendar, master, stamp)?))
}

/// The first `most` things to be listed whose ids come after `after`, events as they are stored.
fn by_id<'a>(
    calendar: &'a Calendar,
    query: &Query<'_>,
    after: &str,
    most: usize,
) -> Vec<(String, Item<'a>)> {
    calendar
        .events
        .range::<str, _>((Bound::Excluded(after), Bound::Unbounded))
        .filter(|(_, event)| {
            query.since.is_none_or(|since| event.change > since)
                && fits(event, query)
                && shown(event, calendar, query)
        })
        .map(|(id, event)| (id.clone(), Item::Event(event)))
        .take(most)
        .collect()
}

fn collect<'a>(
    calendar: &'a Calendar,
    query: &Query<'_>,
    now: DateTime<Utc>,
) -> Vec<(String, Item<'a>)> {
    let mut items = Vec::new();
    for event in calendar.events.values() {
        let changed = query.since.is_none_or(|since| event.change > since);
        if !changed || !fits(event, query) {
            continue;
        }
        if query.single && event.repeats() {
            let (from, to) = window(query, now);
            if !event.cancelled() {
                for span in calendar.occurrences(event, from, to) {
                    let key = occurrence_key(event, &span, calendar, query);
                    items.push((key, Item::Occurrence(event, span)));
                }
            } else if query.since.is_some() || query.show_deleted {
                for span in event.spans(from, to, &calendar.zone) {
                    let key = occurrence_key(event, &span, calendar, query);
                    items.push((key, Item::Lost(event, span)));
                }
            }
        } else if shown(event, calendar, query) {
            items.push((event_key(event, calendar, query), Item::Event(event)));
        }
    }
    items
}

/// Whether an event that is not expanded belongs into the listing.
fn shown(event: &Stored, calendar: &Calendar, query: &Query<'_>) -> bool {
    if query.since.is_some() {
        return true;
    }
    if event.cancelled() {
        let hole = event.slot.is_some() && !calendar.series_is_gone(event) && !query.single;
        return (query.show_deleted || hole || query.updated_min.is_some())
            && in_window(event, calendar, query);
    }
    !calendar.series_is_gone(event) && in_window(event, calendar, query)
}

fn in_window(event: &Stored, calendar: &Calendar, query: &Query<'_>) -> bool {
    let from = query
        .from
        .unwrap_or(DateTime::<Utc>::MIN_UTC + TimeDelta::days(4));
    let to = query
        .to
        .unwrap_or(DateTime::<Utc>::MAX_UTC - TimeDelta::days(4));
    if query.from.is_none() && query.to.is_none() {
        return true;
    }
    match &event.span {
        None => true,
        // A series is listed where any of its slots is, whether or not an exception stands for it.
        Some(_) if event.repeats() => {
            let from = from.max(DateTime::<Utc>::UNIX_EPOCH);
            let to = to.min(from.max(event.updated) + HORIZON);
            !event.spans(from, to, &calendar.zone).is_empty()
        }
        Some(span) => {
            let (start, end) = span.instants(&calendar.zone);
            start < to && end > from
        }
    }
}

fn fits(event: &Stored, query: &Query<'_>) -> bool {
    let property = |kind: &str, wanted: &&str| {
        let (name, value) = wanted.split_once('=').unwrap_or((wanted, ""));
        event
            .body
            .get("extendedProperties")
            .and_then(|all| all[kind][name].as_str())
            == Some(value)
    };
    let has_word = |words: &str| {
        let text = ["summary", "description", "location", "attendees"]
            .iter()
            .filter_map(|name| event.body.get(*name))
            .map(Value::to_string)
            .collect::<String>();
        text.to_lowercase().contains(words)
    };
    let kind = event.text("eventType").unwrap_or("default");
    query.updated_min.is_none_or(|least| event.updated >= least)
        && query
            .ical_uid
            .is_none_or(|wanted| event.text("iCalUID") == Some(wanted))
        && (query.types.is_empty() || query.types.contains(&kind))
        && query
            .private_properties
            .iter()
            .all(|wanted| property("private", wanted))
        && query
            .shared_properties
            .iter()
            .all(|wanted| property("shared", wanted))
        && query.words.as_deref().is_none_or(has_word)
}

/// The days around a slot, given in the form of `Span::stamp`.
fn around(slot: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let day = NaiveDate::parse_from_str(slot.get(..8)?, "%Y%m%d").ok()?;
    let noon = day.and_hms_opt(12, 0, 0)?.and_utc();
    let margin = TimeDelta::days(2);
    Some((noon - margin, noon + margin))
}

fn window(query: &Query<'_>, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    (
        query.from.unwrap_or(DateTime::<Utc>::UNIX_EPOCH),
        query.to.unwrap_or(now + HORIZON),
    )
}

fn event_key(event: &Stored, calendar: &Calendar, query: &Query<'_>) -> String {
    match (query.order, &event.span) {
        (Some("startTime"), Some(span)) => {
            let (start, _) = span.instants(&calendar.zone);
            format!("{}\n{}", start.format("%Y%m%dT%H%M%SZ"), event.id)
        }
        (Some("updated"), _) => format!("{:020}\n{}", event.version, event.id),
        _ => event.id.clone(),
    }
}

fn occurrence_key(event: &Stored, span: &Span, calendar: &Calendar, query: &Query<'_>) -> String {
    let id = format!("{}_{}", event.id, span.stamp());
    match query.order {
        Some("startTime") => {
            let (start, _) = span.instants(&calendar.zone);
            format!("{}\n{id}", start.format("%Y%m%dT%H%M%SZ"))
        }
        Some("updated") => format!("{:020}\n{id}", event.version),
        _ => id,
    }
}

fn read_query(
    request: &Incoming,
    now: DateTime<Utc>,
    since: Option<u64>,
) -> Result<Query<'_>, Failure> {
    if since.is_some() {
        refuse_with_sync_token(request)?;
    }
    let single = request.flag("singleEvents");
    let order = request.param("orderBy");
    match order {
        None | Some("updated") => {}
        Some("startTime") if single => {}
        Some("startTime") => {
            let message = "The requested ordering is not available for the particular query.";
            return Err(Failure::bad_request(message));
        }
        Some(other) => return Err(Failure::invalid_parameter("orderBy", other)),
    }
    let (from, to) = (instant(request, "timeMin")?, instant(request, "timeMax")?);
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        return Err(
            Failure::new(400, "timeRangeEmpty", "The specified time range is empty.")
                .at("parameter", "timeMax"),
        );
    }
    let updated_min = instant(request, "updatedMin")?;
    if updated_min.is_some_and(|least| least < now - OLDEST_UPDATE) {
        let message = "The requested minimum modification time lies too far in the past.";
        return Err(
            Failure::new(410, "updatedMinTooLongAgo", message).at("parameter", "updatedMin")
        );
    }
    Ok(Query {
        single,
        show_deleted: request.flag("showDeleted"),
        from,
        to,
        updated_min,
        since,
        order,
        words: request.param("q").map(str::to_lowercase),
        ical_uid: request.param("iCalUID"),
        types: request.params("eventTypes").collect(),
        private_properties: request.params("privateExtendedProperty").collect(),
        shared_properties: request.params("sharedExtendedProperty").collect(),
    })
}

fn refuse_with_sync_token(request: &Incoming) -> Result<(), Failure> {
    let forbidden = NEVER_WITH_SYNC_TOKEN.iter().chain(&["timeMin", "timeMax"]);
    for name in forbidden {
        if request.param(name).is_some() {
            let message = format!("{name} cannot be combined with syncToken.");
            return Err(Failure::bad_request(message).at("parameter", name));
        }
    }
    if request.param("showDeleted") == Some("false") {
        let message = "showDeleted cannot be false together with syncToken.";
        return Err(Failure::bad_request(message).at("parameter", "showDeleted"));
    }
    Ok(())
}

fn instant(request: &Incoming, name: &'static str) -> Result<Option<DateTime<Utc>>, Failure> {
    let Some(text) = request.param(name) else {
        return Ok(None);
    };
    DateTime::parse_from_rfc3339(text)
        .map(|at| Some(at.with_timezone(&Utc)))
        .map_err(|_| Failure::bad_request("Bad Request").at("parameter", name))
}

fn original_stamp(text: &str, calendar: &Calendar) -> Result<String, Failure> {
    let as_date = json!({"date": text});
    let as_moment = json!({"dateTime": text});
    stamp_of(&as_date, &calendar.zone)
        .or_else(|| stamp_of(&as_moment, &calendar.zone))
        .ok_or_else(|| Failure::invalid_parameter("originalStart", text))
}

fn display_zone<'a>(request: &'a Incoming, calendar: &'a Calendar) -> Result<&'a str, Failure> {
    match request.param("timeZone") {
        None => Ok(&calendar.zone),
        Some(name) if zone::known(name) => Ok(name),
        Some(name) => Err(Failure::invalid_parameter("timeZone", name)),
    }
}

/// What must stay the same over the pages and the incremental reads of one listing.
fn scope(asker: &Asker, request: &Incoming) -> String {
    let mut types: Vec<&str> = request.params("eventTypes").collect();
    types.sort_unstable();
    let Asker {
        email, calendar, ..
    } = asker;
    format!(
        "events {email} {calendar} {} {}",
        request.flag("singleEvents"),
        types.join(",")
    )
}

fn read_sync_token(
    text: &str,
    epoch: u64,
    scope: &str,
    calendar: &Calendar,
) -> Result<Token, Failure> {
    match Token::decode(text) {
        Some(token) if token.kind != Kind::Sync => {
            Err(Failure::invalid("Invalid sync token value."))
        }
        Some(token) if token.epoch != epoch || token.change < calendar.oldest => {
            Err(Failure::full_sync_required())
        }
        Some(token) if token.scope == scope => Ok(token),
        _ => Err(Failure::invalid("Invalid sync token value.")),
    }
}

fn read_page_token(text: &str, epoch: u64, scope: &str) -> Result<Token, Failure> {
    Token::decode(text)
        .filter(|token| token.kind == Kind::Page && token.epoch == epoch && token.scope == scope)
        .ok_or_else(|| Failure::invalid_parameter("pageToken", text))
}

fn envelope(calendar: &Calendar, asker: &Asker, now: DateTime<Utc>, zone: &str) -> Value {
    let updated = calendar.updated.unwrap_or(now);
    let mut body = json!({
        "kind": "calendar#events",
        "etag": etag(calendar.change),
        "summary": calendar.summary,
        "updated": updated.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "timeZone": zone,
        "accessRole": asker.role.as_str(),
        "defaultReminders": [],
        "items": [],
    });
    if let Some(text) = &calendar.description {
        body["description"] = json!(text);
    }
    body
}
