//! Events against the stand-in Google: pages, sync tokens, deletions, exceptions, what little may be
//! seen, and answers that are none.

use chrono::TimeDelta;
use duet_google::Retry;
use duet_google::auth::AccessToken;
use duet_google::error::Error;
use duet_google::events::{Item, Next, PARAMETERS, Page, Query, Reader, page};
use duet_model::calendar::AccessRole;
use duet_model::event::{Event, EventStatus, EventTime};
use duet_model::zones::ZoneDb;
use duet_sandbox::{Endpoint, EventSpec, Fault, FaultKind, Options, World};
use serde_json::json;

use crate::setting::{ANA, Setting, small, today, with};

const STUDIO: &str = "studio@example.com";
const HOLIDAYS: &str = "en.german#holiday@group.v.calendar.google.com";
const TEAM: &str = "c_team_berlin@group.calendar.google.com";

/// Asks for one page.
pub(crate) async fn events(
    setting: &Setting,
    token: &AccessToken,
    calendar: &str,
    sync_token: Option<&str>,
    page_token: Option<&str>,
) -> Result<Page, Error> {
    let query = Query {
        calendar,
        sync_token,
        page_token,
    };
    let reader = Reader {
        me: ANA,
        zones: &ZoneDb::bundled(),
    };
    page(&setting.client, token, &query, &reader).await
}

/// A whole listing: its items, its sync token, and the number of its pages.
async fn listing(
    setting: &Setting,
    token: &AccessToken,
    calendar: &str,
    since: Option<&str>,
) -> (Vec<Item>, Option<String>, u32) {
    let (mut items, mut pages, mut next) = (Vec::new(), 0, None::<String>);
    loop {
        let page = events(setting, token, calendar, since, next.as_deref())
            .await
            .expect("a page");
        items.extend(page.items);
        pages += 1;
        match page.next {
            Next::Page(token) => next = Some(token),
            Next::Done { sync_token } => return (items, sync_token, pages),
        }
    }
}

fn event(item: &Item) -> &Event {
    match item {
        Item::Event { event, .. } => event,
        other => panic!("an event: {other:?}"),
    }
}

/// Ana with a calendar that has no events.
async fn empty() -> Setting {
    let morning = today().and_hms_opt(8, 0, 0).expect("morning").and_utc();
    let mut world = World::empty(morning, 1);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    with(world, Options::default()).await
}

/// An event today at so many hours.
fn at(title: &str, hour: u32) -> EventSpec {
    let start = today().and_hms_opt(hour, 0, 0).expect("an hour");
    EventSpec::at(title, "Europe/Berlin", start, 30)
}

#[tokio::test]
async fn a_long_calendar_comes_in_pages_and_each_event_once() {
    let setting = with(World::of_size(1, 2600, 540, 7), Options::default()).await;
    let token = setting.access(ANA);
    let (items, sync_token, pages) = listing(&setting, &token, ANA, None).await;
    assert_eq!(pages, 2, "2500 to a page");
    assert!(sync_token.is_some(), "from the last page");
    let mut ids: Vec<&str> = items.iter().map(|item| event(item).id.0.as_str()).collect();
    assert!(ids.len() >= 2600);
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), items.len(), "no page came twice");
    assert!(items.iter().any(|item| event(item).is_master()));
    assert!(items.iter().any(|item| event(item).series.is_some()));
}

#[tokio::test]
async fn every_request_says_what_the_sync_token_is_bound_to() {
    let setting = small().await;
    let token = setting.access(ANA);
    let (_, since, _) = listing(&setting, &token, HOLIDAYS, None).await;
    let since = since.expect("a sync token");
    setting
        .control
        .fault(Fault::once(Endpoint::Events, FaultKind::EmptyPage));
    let (_, _, pages) = listing(&setting, &token, HOLIDAYS, Some(&since)).await;
    assert_eq!(pages, 2, "an empty page is not the end");
    let asked: Vec<_> = setting
        .control
        .requests()
        .into_iter()
        .filter(|request| request.endpoint == Endpoint::Events)
        .collect();
    assert_eq!(asked.len(), 3);
    for request in &asked {
        assert!(
            request.path.contains("en.german%23holiday"),
            "{}",
            request.path
        );
        let said: Vec<(String, String)> = url::form_urlencoded::parse(request.query.as_bytes())
            .into_owned()
            .collect();
        for (name, value) in PARAMETERS {
            assert!(said.contains(&(name.into(), value.into())), "{name}");
        }
        let says = |name: &str| said.iter().any(|(said, _)| said == name);
        assert!(says("maxResults") && !says("showDeleted") && !says("timeMin"));
    }
    let tokens = |request: &duet_sandbox::LoggedRequest| {
        let has = |name: &str| request.query.contains(name);
        (has("syncToken="), has("pageToken="))
    };
    assert_eq!(
        asked.iter().map(tokens).collect::<Vec<_>>(),
        [(false, false), (true, false), (true, true)],
        "each page repeats the sync token"
    );
}

#[tokio::test]
async fn all_then_only_what_changed_and_what_is_gone() {
    let setting = empty().await;
    let (token, control) = (setting.access(ANA), &setting.control);
    let plan = control.add_event(ANA, ANA, at("Plan", 9)).unwrap();
    let lunch = control.add_event(ANA, ANA, at("Lunch", 12)).unwrap();
    let (items, since, _) = listing(&setting, &token, ANA, None).await;
    assert_eq!(items.len(), 2);
    let since = since.unwrap();

    let (quiet, since, _) = listing(&setting, &token, ANA, Some(&since)).await;
    assert_eq!(quiet, [], "nothing changed");
    let since = since.unwrap();

    let changes = json!({"summary": "Plan B", "transparency": "transparent"});
    control.update_event(ANA, ANA, &plan, changes).unwrap();
    control.remove_event(ANA, ANA, &lunch).unwrap();
    let (items, since, _) = listing(&setting, &token, ANA, Some(&since)).await;
    assert_eq!(items.len(), 2);
    for item in &items {
        match item {
            Item::Gone(id) => assert_eq!(id.0, lunch),
            item => {
                let event = event(item);
                assert_eq!(
                    (event.id.0.as_str(), event.title.as_str()),
                    (&*plan, "Plan B")
                );
                assert!(event.transparent && event.etag.is_some() && event.updated.is_some());
            }
        }
    }
    assert!(since.is_some());
    let (all, _, _) = listing(&setting, &token, ANA, None).await;
    assert_eq!(all.len(), 1, "a first listing has no deleted events");
}

#[tokio::test]
async fn a_series_comes_as_its_master_and_its_exceptions_in_any_order() {
    let setting = empty().await;
    let (token, control) = (setting.access(ANA), &setting.control);
    let slot = |days| {
        (today() + TimeDelta::days(days))
            .and_hms_opt(9, 0, 0)
            .unwrap()
    };
    let series = at("Standup", 9)
        .id("zseries")
        .repeat("RRULE:FREQ=DAILY;COUNT=9");
    control.add_event(ANA, ANA, series).unwrap();
    let moved = EventSpec::exception("zseries", slot(1))
        .moved_to("Europe/Berlin", slot(1) + TimeDelta::hours(3), 30)
        .id("aaaaa_moved");
    control.add_event(ANA, ANA, moved).unwrap();
    let gone = EventSpec::cancelled("zseries", slot(2));
    let gone = control.add_event(ANA, ANA, gone).unwrap();

    let (items, since, _) = listing(&setting, &token, ANA, None).await;
    let found: Vec<&Event> = items.iter().map(event).collect();
    assert_eq!(found.len(), 3);
    let (exception, master) = (found[0], found[1]);
    assert_eq!(exception.id.0, "aaaaa_moved", "before its master");
    assert!(master.is_master() && master.id.0 == "zseries");
    assert_eq!(master.recurrence, ["RRULE:FREQ=DAILY;COUNT=9"]);
    let zoned = |text: &str| EventTime::At {
        at: text.parse().unwrap(),
        zone: Some("Europe/Berlin".into()),
    };
    assert_eq!(exception.series.as_ref(), Some(&master.id));
    assert_eq!(
        exception.original_start,
        Some(zoned("2026-11-23T08:00:00Z"))
    );
    assert_eq!(exception.start, zoned("2026-11-23T11:00:00Z"));
    let bare = found[2];
    assert_eq!(
        (bare.id.0.as_str(), bare.status),
        (&*gone, EventStatus::Cancelled)
    );
    assert_eq!(bare.series.as_ref(), Some(&master.id));
    assert_eq!(bare.original_start, Some(zoned("2026-11-24T08:00:00Z")));
    assert_eq!(
        (&bare.start, &bare.end),
        (&zoned("2026-11-24T08:00:00Z"), &bare.start)
    );

    control.remove_event(ANA, ANA, "zseries").unwrap();
    let (items, _, _) = listing(&setting, &token, ANA, since.as_deref()).await;
    let gone = |item: &Item| matches!(item, Item::Gone(id) if id.0 == "zseries");
    assert!(items.iter().any(gone), "{items:?}");
}

#[tokio::test]
async fn a_dead_sync_token_is_told_from_everything_else() {
    let setting = small().await;
    let token = setting.access(ANA);
    let (_, since, _) = listing(&setting, &token, TEAM, None).await;
    let since = since.unwrap();
    setting.control.expire_sync_tokens(TEAM).unwrap();
    for dead in [since.as_str(), "rubbish"] {
        let error = events(&setting, &token, TEAM, Some(dead), None)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::ResyncNeeded { .. }), "{error:?}");
        assert_eq!(error.retry(), Retry::Resync);
    }
    let rows = [
        (410, "fullSyncRequired", "", Retry::Resync),
        (410, "updatedMinTooLongAgo", "", Retry::Resync),
        (400, "invalid", "Invalid sync token value.", Retry::Resync),
        (410, "deleted", "Resource has been deleted", Retry::Never),
        (400, "invalid", "Invalid value for: pageToken", Retry::Never),
        (404, "notFound", "Not Found", Retry::Never),
    ];
    for (code, reason, message, retry) in rows {
        setting.control.fault(Fault::once(
            Endpoint::Events,
            FaultKind::status(code, reason, message),
        ));
        let error = events(&setting, &token, TEAM, Some(&since), None)
            .await
            .unwrap_err();
        assert_eq!(error.retry(), retry, "{code} {reason}: {error:?}");
    }
    let (items, since, _) = listing(&setting, &token, TEAM, None).await;
    assert!(!items.is_empty() && since.is_some(), "listed anew");
}

#[tokio::test]
async fn a_listing_without_a_sync_token_is_complete_all_the_same() {
    let setting = small().await;
    let token = setting.access(ANA);
    let (whole, _, _) = listing(&setting, &token, ANA, None).await;
    setting
        .control
        .fault(Fault::once(Endpoint::Events, FaultKind::NoSyncToken));
    let (items, since, _) = listing(&setting, &token, ANA, None).await;
    assert_eq!((items, since), (whole, None));
}

#[tokio::test]
async fn a_page_that_leads_to_itself_is_no_listing() {
    let setting = small().await;
    let token = setting.access(ANA);
    setting
        .control
        .fault(Fault::always(Endpoint::Events, FaultKind::RepeatedPage));
    let mut next = None::<String>;
    let error = loop {
        match events(&setting, &token, ANA, None, next.as_deref()).await {
            Ok(page) => match page.next {
                Next::Page(token) => next = Some(token),
                Next::Done { .. } => panic!("it never ends"),
            },
            Err(error) => break error,
        }
        assert!(setting.control.count(Endpoint::Events) < 5);
    };
    assert!(matches!(error, Error::EndlessPages), "{error:?}");
}

#[tokio::test]
async fn a_page_too_long_to_be_read_is_asked_for_in_smaller_pieces() {
    let setting = small().await;
    let token = setting.access(ANA);
    let huge = FaultKind::HugeBody {
        bytes: 40 * 1024 * 1024,
    };
    setting
        .control
        .fault(Fault::once(Endpoint::Events, huge.clone()));
    let page = events(&setting, &token, ANA, None, None).await.unwrap();
    assert_eq!(page.requests, 2);
    assert!(!page.items.is_empty());
    let sizes: Vec<bool> = setting
        .control
        .requests()
        .iter()
        .filter(|request| request.endpoint == Endpoint::Events)
        .map(|request| {
            request.query.contains("maxResults=250&") || request.query.ends_with("maxResults=250")
        })
        .collect();
    assert_eq!(sizes, [false, true]);

    setting.control.fault(Fault::always(Endpoint::Events, huge));
    let error = events(&setting, &token, ANA, None, None).await.unwrap_err();
    assert!(matches!(error, Error::TooLong), "{error:?}");
}

#[tokio::test]
async fn of_a_busy_only_calendar_there_are_times_and_the_role_says_so() {
    let setting = small().await;
    let token = setting.access(ANA);
    let page = events(&setting, &token, STUDIO, None, None).await.unwrap();
    assert_eq!(page.access_role, Some(AccessRole::FreeBusyReader));
    assert!(!page.items.is_empty());
    for item in &page.items {
        let event = event(item);
        assert!(event.title.is_empty() && event.description.is_none());
        assert!(event.attendees.is_empty() && event.location.is_none());
    }
    let own = events(&setting, &token, ANA, None, None).await.unwrap();
    assert_eq!(own.access_role, Some(AccessRole::Owner));
    assert_eq!(own.time_zone.as_deref(), Some("Europe/Berlin"));
    assert!(own.items.iter().any(|item| !event(item).title.is_empty()));

    let scope = |name: &str| format!("https://www.googleapis.com/auth/{name}");
    let grant = |name: &str| {
        let tokens = setting.control.grant(ANA, &[&scope(name)]).unwrap();
        AccessToken::new(tokens.access_token, std::time::Duration::from_secs(60))
    };
    let times = grant("calendar.events.freebusy");
    let page = events(&setting, &times, ANA, None, None).await.unwrap();
    assert!(page.items.iter().all(|item| event(item).title.is_empty()));
    let nothing = grant("calendar.freebusy");
    let error = events(&setting, &nothing, ANA, None, None)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::MissingPermission), "{error:?}");
}

#[tokio::test]
async fn the_persons_answer_is_known_on_their_own_calendar_and_by_address_elsewhere() {
    let setting = empty().await;
    let (token, control) = (setting.access(ANA), &setting.control);
    let other = "c_other@group.calendar.google.com";
    let role = duet_sandbox::AccessRole::Reader;
    control
        .add_calendar(ANA, other, "Other", "Europe/Berlin", role)
        .unwrap();
    for calendar in [ANA, other] {
        let spec = at("Review", 9).guest("ANA@example.com", "Ana", "declined");
        control.add_event(ANA, calendar, spec).unwrap();
        let (items, _, _) = listing(&setting, &token, calendar, None).await;
        let got = event(&items[0]);
        assert_eq!(
            got.my_response,
            Some(duet_model::event::Response::Declined),
            "{calendar}"
        );
    }
}

#[tokio::test]
async fn what_google_should_not_send_fails_alone() {
    let setting = empty().await;
    let (token, control) = (setting.access(ANA), &setting.control);
    control.add_event(ANA, ANA, at("Good", 9)).unwrap();
    for (id, body) in [
        (
            "badkinds",
            json!({"start": {"date": "2026-11-22"}, "end": {"dateTime": "2026-11-22T10:00:00Z"}}),
        ),
        (
            "badorder",
            json!({"start": {"dateTime": "2026-11-22T10:00:00Z"}, "end": {"dateTime": "2026-11-22T09:00:00Z"}}),
        ),
        (
            "badstart",
            json!({"start": {"date": "2026-02-30"}, "end": {"date": "2026-03-01"}}),
        ),
    ] {
        let spec = EventSpec::from_json(body).id(id).title("Bad");
        control.add_event(ANA, ANA, spec).unwrap();
    }
    let (items, since, _) = listing(&setting, &token, ANA, None).await;
    assert!(since.is_some());
    let mut bad = Vec::new();
    for item in &items {
        match item {
            Item::Quarantined { id, why, raw } => {
                assert!(raw.contains("\"Bad\"") && !why.contains("Bad"), "{why}");
                bad.push(id.as_ref().map_or("", |id| &id.0));
            }
            item => assert_eq!(event(item).title, "Good"),
        }
    }
    assert_eq!(bad, ["badkinds", "badorder", "badstart"]);
    assert_eq!(items.len(), 4);
}

#[tokio::test]
async fn hostile_texts_arrive_as_texts() {
    let setting = with(World::hostile_around(today()), Options::default()).await;
    let token = setting.access(ANA);
    let (items, _, _) = listing(&setting, &token, ANA, None).await;
    let payloads = World::hostile_payloads();
    for item in &items {
        let event = event(item);
        let whole = payloads.contains(&event.title);
        assert!(
            whole || event.title.is_empty() || event.title.ends_with('…'),
            "{:?}",
            event.title
        );
    }
    assert!(items.len() >= 30, "{}", items.len());
}
