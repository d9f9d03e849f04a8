//! The calendar list and free/busy against the stand-in Google: pages, tokens, faults.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::calendar_list::{CalendarListEntry, list};
use duet_google::error::Error;
use duet_google::freebusy::{CalendarAnswer, Query, plan, query};
use duet_google::{Client, Retry, auth::AccessToken};
use duet_model::account::FailureCode;
use duet_model::calendar::AccessRole;
use duet_sandbox::{Endpoint, Fault, FaultKind, Options, World};

use crate::events::events;
use crate::setting::{ANA, Setting, small, today, with};

const TEAM: &str = "c_team_berlin@group.calendar.google.com";
const STUDIO: &str = "studio@example.com";
const HOLIDAYS: &str = "en.german#holiday@group.v.calendar.google.com";
const ARCHIVE: &str = "c_archive_2019@group.calendar.google.com";

fn by_id(entries: Vec<CalendarListEntry>) -> HashMap<String, CalendarListEntry> {
    entries
        .into_iter()
        .map(|entry| (entry.id.clone(), entry))
        .collect()
}

#[tokio::test]
async fn the_whole_list_then_only_what_changed() {
    let setting = small().await;
    let token = setting.access(ANA);
    let first = list(&setting.client, &token, None).await.unwrap();
    assert_eq!((first.requests, first.quarantined), (1, 0));
    let sync_token = first.next_sync_token.clone().unwrap();
    let all = by_id(first.entries);
    assert!(
        all[ANA].primary,
        "the account is known by its primary calendar"
    );
    assert_eq!(all.values().filter(|entry| entry.primary).count(), 1);
    assert_eq!(all[ANA].access_role, AccessRole::Owner);
    assert_eq!(all[STUDIO].access_role, AccessRole::FreeBusyReader);
    assert!(
        all[ARCHIVE].hidden,
        "hidden calendars are listed, and say so"
    );
    assert_eq!(all[HOLIDAYS].name, "Holidays in Germany");
    assert_eq!(all[TEAM].time_zone.as_deref(), Some("Europe/Berlin"));
    assert!(all[TEAM].background_color.is_some() && all[TEAM].selected);

    let quiet = list(&setting.client, &token, Some(&sync_token))
        .await
        .unwrap();
    assert!(quiet.entries.is_empty(), "{:?}", quiet.entries);
    setting.control.remove_calendar(ANA, TEAM).unwrap();
    setting
        .control
        .rename_calendar(ANA, STUDIO, "Atelier")
        .unwrap();
    let sync_token = quiet.next_sync_token.unwrap();
    let changed = by_id(
        list(&setting.client, &token, Some(&sync_token))
            .await
            .unwrap()
            .entries,
    );
    assert!(
        changed[TEAM].deleted,
        "a removed calendar is said to be removed"
    );
    assert_eq!(changed[STUDIO].name, "Atelier");
    assert_eq!(changed.len(), 2);
}

/// Ana with so many calendars.
fn many(count: usize) -> World {
    let mut world = World::empty(today().and_hms_opt(8, 0, 0).expect("morning").and_utc(), 1);
    world.add_account(ANA, "Ana", "Europe/Berlin");
    let own = world.calendar_ids(ANA).len();
    for number in own..count {
        let id = format!("c{number}#x@group.calendar.google.com");
        world.add_calendar(&id, "Calendar", "Europe/Berlin");
        let role = duet_sandbox::AccessRole::Reader;
        world
            .list_calendar(ANA, &id, role, true)
            .expect("the calendar was just made");
    }
    world
}

#[tokio::test]
async fn long_lists_come_in_pages() {
    let setting = with(many(600), Options::default()).await;
    let token = setting.access(ANA);
    let answer = list(&setting.client, &token, None).await.unwrap();
    assert_eq!(answer.entries.len(), 600);
    assert_eq!(answer.requests, 3, "250 to a page");
    assert!(answer.next_sync_token.is_some(), "from the last page");
    assert_eq!(by_id(answer.entries).len(), 600, "no page came twice");
}

#[tokio::test]
async fn dead_sync_tokens_ask_for_a_new_listing() {
    let setting = small().await;
    let token = setting.access(ANA);
    let sync_token = list(&setting.client, &token, None)
        .await
        .unwrap()
        .next_sync_token
        .unwrap();
    setting.control.expire_list_tokens(ANA).unwrap();
    for dead in [sync_token.as_str(), "rubbish"] {
        let error = list(&setting.client, &token, Some(dead)).await.unwrap_err();
        assert!(matches!(error, Error::ResyncNeeded { .. }), "{error:?}");
        assert_eq!(error.retry(), Retry::Resync);
    }
}

/// Asks one endpoint; what it answers does not matter here.
async fn ask(setting: &Setting, token: &AccessToken, endpoint: Endpoint) -> Result<(), Error> {
    match endpoint {
        Endpoint::CalendarList => list(&setting.client, token, None).await.map(drop),
        Endpoint::Events => events(setting, token, ANA, None, None).await.map(drop),
        _ => query(&setting.client, token, &day(&[ANA])).await.map(drop),
    }
}

fn day(ids: &[&str]) -> Query {
    let time_min = today().and_hms_opt(0, 0, 0).expect("midnight").and_utc();
    Query {
        time_min,
        time_max: time_min + TimeDelta::days(1),
        calendars: ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

#[tokio::test]
async fn every_fault_means_the_same_at_every_endpoint() {
    use FailureCode as C;
    let status = FaultKind::status;
    let backoff = Retry::After(None);
    let cases = [
        (
            status(400, "badRequest", "Bad Request"),
            C::Rejected,
            Retry::Never,
        ),
        (
            status(400, "timeRangeTooLong", "Too long."),
            C::Rejected,
            Retry::Never,
        ),
        (
            status(401, "authError", "Invalid Credentials"),
            C::Rejected,
            Retry::Now,
        ),
        (
            status(403, "userRateLimitExceeded", ""),
            C::RateLimited,
            backoff,
        ),
        (
            status(403, "rateLimitExceeded", ""),
            C::RateLimited,
            backoff,
        ),
        (FaultKind::rate_limited(None), C::RateLimited, backoff),
        (
            FaultKind::rate_limited(Some(9)),
            C::RateLimited,
            Retry::After(Some(Duration::from_secs(9))),
        ),
        (
            status(403, "insufficientPermissions", ""),
            C::MissingPermission,
            Retry::Never,
        ),
        (
            status(403, "notACalendarUser", ""),
            C::NoCalendar,
            Retry::Never,
        ),
        (status(403, "forbidden", ""), C::Rejected, Retry::Never),
        (
            status(404, "notFound", "Not Found"),
            C::NotFound,
            Retry::Never,
        ),
        (
            status(410, "fullSyncRequired", ""),
            C::Rejected,
            Retry::Resync,
        ),
        (status(410, "deleted", ""), C::NotFound, Retry::Never),
        (status(500, "backendError", ""), C::Server, backoff),
        (status(502, "", ""), C::Server, backoff),
        (FaultKind::unavailable(), C::Server, backoff),
        (FaultKind::CaptivePortal, C::Interfered, backoff),
        (FaultKind::Redirect, C::Interfered, backoff),
        (FaultKind::MalformedJson, C::BadAnswer, backoff),
        (FaultKind::EmptyBody, C::BadAnswer, backoff),
        (FaultKind::WrongType, C::BadAnswer, backoff),
        (FaultKind::DropBefore, C::Offline, backoff),
        (FaultKind::DropAfter, C::Offline, backoff),
        (FaultKind::CutBody { after_bytes: 20 }, C::Offline, backoff),
    ];
    let setting = small().await;
    let token = setting.access(ANA);
    for (kind, code, retry) in cases {
        for endpoint in [Endpoint::CalendarList, Endpoint::FreeBusy, Endpoint::Events] {
            setting.control.clear_faults();
            setting.control.fault(Fault::always(endpoint, kind.clone()));
            let error = ask(&setting, &token, endpoint).await.unwrap_err();
            assert_eq!(error.code(), code, "{endpoint:?} {kind:?}: {error:?}");
            assert_eq!(error.retry(), retry, "{endpoint:?} {kind:?}: {error:?}");
            assert!(
                !error.is_offline(),
                "{endpoint:?} {kind:?}: Google was reached"
            );
        }
    }
    setting.control.clear_faults();
    for endpoint in [Endpoint::CalendarList, Endpoint::FreeBusy] {
        ask(&setting, &token, endpoint)
            .await
            .expect("the client survived it all");
        setting.control.set_online(false).await;
        let error = ask(&setting, &token, endpoint).await.unwrap_err();
        assert!(error.is_offline(), "{error:?}");
        setting.control.set_online(true).await;
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_takes_no_key_along() {
    let setting = small().await;
    let token = setting.access(ANA);
    setting
        .control
        .fault(Fault::once(Endpoint::CalendarList, FaultKind::Redirect));
    let error = list(&setting.client, &token, None).await.unwrap_err();
    assert!(
        matches!(error, Error::CaptivePortal { status: 302 }),
        "{error:?}"
    );
    assert_eq!(
        setting.control.count(Endpoint::Any),
        1,
        "the other address was never asked"
    );
}

#[tokio::test]
async fn expired_access_is_told_apart_from_missing_permission() {
    let setting = small().await;
    let token = setting.access(ANA);
    setting.control.expire_access_tokens(ANA);
    let error = list(&setting.client, &token, None).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorized), "{error:?}");

    let events = "https://www.googleapis.com/auth/calendar.events";
    let tokens = setting.control.grant(ANA, &[events]).unwrap();
    let narrow = AccessToken::new(tokens.access_token, Duration::from_secs(60));
    for endpoint in [Endpoint::CalendarList, Endpoint::FreeBusy] {
        let error = ask(&setting, &narrow, endpoint).await.unwrap_err();
        assert!(
            matches!(error, Error::MissingPermission),
            "{endpoint:?}: {error:?}"
        );
    }
}

async fn ask_day(client: &Client, token: &AccessToken) -> HashMap<String, CalendarAnswer> {
    query(client, token, &day(&[ANA, STUDIO, HOLIDAYS, TEAM]))
        .await
        .expect("the stand-in answers")
}

#[tokio::test]
async fn each_calendar_answers_for_itself() {
    let setting = small().await;
    let token = setting.access(ANA);
    setting
        .control
        .freebusy_error(STUDIO, Some("internalError"))
        .unwrap();
    setting.control.freebusy_absent(TEAM, true).unwrap();
    let answer = ask_day(&setting.client, &token).await;
    assert!(
        matches!(answer[ANA], CalendarAnswer::Busy(_)),
        "{:?}",
        answer[ANA]
    );
    assert_eq!(
        answer[STUDIO],
        CalendarAnswer::Failed {
            reasons: vec!["internalError".into()]
        }
    );
    assert_eq!(
        answer[HOLIDAYS],
        CalendarAnswer::Failed {
            reasons: vec!["notFound".into()]
        },
        "holiday calendars never answer"
    );
    assert_eq!(
        answer[TEAM],
        CalendarAnswer::Absent,
        "silence is not free time"
    );

    setting.control.freebusy_absent(TEAM, false).unwrap();
    setting.control.freebusy_error(STUDIO, None).unwrap();
    let answer = ask_day(&setting.client, &token).await;
    for id in [STUDIO, TEAM] {
        assert!(
            matches!(answer[id], CalendarAnswer::Busy(_)),
            "{id}: {:?}",
            answer[id]
        );
    }
}

/// All busy times of a calendar from `from` to `to`, question by question.
async fn busy(
    setting: &Setting,
    token: &AccessToken,
    id: &str,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let mut times: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for question in plan(&[id.to_owned()], from, to) {
        let mut answer = query(&setting.client, token, &question)
            .await
            .expect("the stand-in answers");
        let Some(CalendarAnswer::Busy(busy)) = answer.remove(id) else {
            panic!("{id} answers")
        };
        for time in busy {
            // Google merges what touches, but cannot across two questions.
            match times.last_mut() {
                Some((_, end)) if *end == time.start => *end = time.end,
                _ => times.push((time.start, time.end)),
            }
        }
    }
    times
}

#[tokio::test]
async fn cutting_the_window_changes_nothing() {
    let setting = small().await;
    let token = setting.access(ANA);
    let from = today().and_hms_opt(13, 37, 0).unwrap().and_utc();
    let (near, far) = (from + TimeDelta::days(60), from + TimeDelta::days(90));
    let whole = Query {
        time_min: from,
        time_max: far,
        calendars: vec![ANA.into()],
    };
    let mut whole = query(&setting.client, &token, &whole).await.unwrap();
    let Some(CalendarAnswer::Busy(whole)) = whole.remove(ANA) else {
        panic!("Ana answers")
    };
    let whole: Vec<_> = whole
        .into_iter()
        .map(|time| (time.start, time.end))
        .collect();
    assert!(
        whole.len() > 20,
        "the world is busy enough to tell: {}",
        whole.len()
    );
    assert!(
        whole.iter().any(|(start, _)| *start > near),
        "on both sides of the cut"
    );
    assert_eq!(busy(&setting, &token, ANA, from, far).await, whole);
}

#[tokio::test]
async fn fifty_calendars_for_ninety_days_take_two_requests() {
    let setting = with(many(50), Options::default()).await;
    let from = today().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let token = setting.access(ANA);
    let list = list(&setting.client, &token, None).await.unwrap();
    let ids: Vec<String> = list.entries.into_iter().map(|entry| entry.id).collect();
    assert_eq!(ids.len(), 50);
    for question in plan(&ids, from, from + TimeDelta::days(90)) {
        let answer = query(&setting.client, &token, &question).await.unwrap();
        assert_eq!(answer.len(), 50);
    }
    assert_eq!(setting.control.count(Endpoint::FreeBusy), 2);
}
