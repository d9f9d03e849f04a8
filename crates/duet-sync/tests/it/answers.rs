//! Each row of GOOGLE.md 7.2 and each kind of broken answer, through HTTP to the account's row: what is
//! shown, what is kept, and that it heals.

use duet_model::account::FailureCode as Code;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_sync::Nudge;
use duet_wire::status::Outcome;

use crate::rig::{ANA, Rig, at_rest};

/// What the account must look like after a sync that met a fault each time.
struct Row {
    kind: FaultKind,
    outcome: Outcome,
    code: Code,
}

fn row(status: u16, reason: &str, outcome: Outcome, code: Code) -> Row {
    Row {
        kind: FaultKind::status(status, reason, "Said by the sandbox."),
        outcome,
        code,
    }
}

fn broken(kind: FaultKind, code: Code) -> Row {
    Row {
        kind,
        outcome: Outcome::Failed,
        code,
    }
}

/// The rows that mean the same whichever request meets them.
fn common_rows() -> Vec<Row> {
    use Outcome::{Failed, Reconnect};
    vec![
        row(401, "authError", Failed, Code::Server),
        row(403, "userRateLimitExceeded", Failed, Code::RateLimited),
        row(403, "rateLimitExceeded", Failed, Code::RateLimited),
        row(429, "rateLimitExceeded", Failed, Code::RateLimited),
        row(403, "quotaExceeded", Failed, Code::QuotaExceeded),
        row(403, "dailyLimitExceeded", Failed, Code::QuotaExceeded),
        row(
            403,
            "variableTermLimitExceeded",
            Failed,
            Code::QuotaExceeded,
        ),
        row(
            403,
            "insufficientPermissions",
            Reconnect,
            Code::MissingPermission,
        ),
        row(403, "notACalendarUser", Failed, Code::NoCalendar),
        row(500, "backendError", Failed, Code::Server),
        row(502, "", Failed, Code::Server),
        row(503, "backendError", Failed, Code::Server),
        row(504, "", Failed, Code::Server),
        row(511, "", Failed, Code::Interfered),
        broken(FaultKind::CaptivePortal, Code::Interfered),
        broken(FaultKind::Redirect, Code::Interfered),
        broken(FaultKind::MalformedJson, Code::BadAnswer),
        broken(FaultKind::EmptyBody, Code::BadAnswer),
        broken(FaultKind::WrongType, Code::BadAnswer),
        broken(FaultKind::DropBefore, Code::Offline),
        broken(FaultKind::DropAfter, Code::Offline),
    ]
}

async fn check(endpoint: Endpoint, rows: Vec<Row>) {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let blocks = rig.stored().await;
    let calendars = rig.store.calendars().await.unwrap().len();
    for row in rows {
        let what = format!("{endpoint:?} {:?}", row.kind);
        rig.control.fault(Fault::always(endpoint, row.kind));
        if endpoint == Endpoint::Refresh {
            // So that a new one is needed.
            rig.control.expire_access_tokens(ANA);
        }
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.outcome, row.outcome, "{what}: {report:?}");
        let account = rig.account(ana).await;
        let failure = account
            .last_error
            .unwrap_or_else(|| panic!("{what}: nothing is shown"));
        assert_eq!(failure.code, row.code, "{what}");
        // The same, but for what comes next: no timer runs after a command.
        let (said, kept) = (report.error.unwrap(), failure.message);
        let begun = |words: &str| words.split(". ").next().map(str::to_owned);
        assert_eq!(begun(&said), begun(&kept), "{what}");
        assert!(!said.contains("While it runs"), "{what}: {said}");
        assert_eq!(account.revoked_at, None, "{what} signs nobody out");
        assert_eq!(rig.stored().await, blocks, "{what} changes no block");
        assert_eq!(
            rig.store.calendars().await.unwrap().len(),
            calendars,
            "{what}"
        );

        rig.control.clear_faults();
        let report = rig.sync(&engine, ana).await;
        assert_eq!(report.outcome, Outcome::Done, "after {what}: {report:?}");
        assert_eq!(rig.account(ana).await.last_error, None, "after {what}");
    }
    assert!(rig.ear.reconnect_needed.lock().unwrap().is_empty());
    rig.assert_true(ana).await;
    engine.stop().await;
}

#[tokio::test]
async fn to_the_list_of_calendars() {
    use Outcome::Failed;
    let mut rows = common_rows();
    rows.extend([
        row(400, "badRequest", Failed, Code::Rejected),
        row(403, "forbidden", Failed, Code::Rejected),
        row(404, "notFound", Failed, Code::Rejected),
        row(409, "conflict", Failed, Code::Rejected),
        row(410, "fullSyncRequired", Failed, Code::Rejected),
        row(412, "conditionNotMet", Failed, Code::Rejected),
    ]);
    check(Endpoint::CalendarList, rows).await;
}

#[tokio::test]
async fn to_the_question_for_busy_times() {
    check(Endpoint::FreeBusy, common_rows()).await;
}

#[tokio::test]
async fn to_the_request_for_a_new_token() {
    use Outcome::Failed;
    let rows = vec![
        row(400, "invalid_client", Failed, Code::Rejected),
        row(401, "invalid_client", Failed, Code::Rejected),
        row(400, "admin_policy_enforced", Failed, Code::Rejected),
        row(400, "rate_limit_exceeded", Failed, Code::RateLimited),
        row(429, "rate_limit_exceeded", Failed, Code::RateLimited),
        row(500, "internal_failure", Failed, Code::Server),
        row(503, "", Failed, Code::Server),
        row(511, "", Failed, Code::Interfered),
        broken(FaultKind::CaptivePortal, Code::Interfered),
        broken(FaultKind::Redirect, Code::Interfered),
        broken(FaultKind::MalformedJson, Code::BadAnswer),
        broken(FaultKind::EmptyBody, Code::BadAnswer),
        broken(FaultKind::DropBefore, Code::Offline),
        broken(FaultKind::DropAfter, Code::Offline),
    ];
    check(Endpoint::Refresh, rows).await;
}

/// A refused question concerns its calendars, not the account: each is asked alone, and those that
/// Google accepts are fresh.
#[tokio::test]
async fn one_calendar_that_google_refuses_does_not_hide_the_others() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = rig.stored().await;
    let mut calendars = rig.store.calendars_of(ana).await.unwrap();
    let bad = calendars.remove(calendars.iter().position(|c| c.busy && !c.primary).unwrap());
    let refused = FaultKind::status(400, "badRequest", "Bad Request");
    rig.control
        .fault(Fault::always(Endpoint::FreeBusy, refused).calendar(&bad.google_id));
    let report = rig.sync(&engine, ana).await;
    assert_eq!(
        (report.outcome, report.calendars.failed),
        (Outcome::Partial, 1),
        "{report:?}"
    );
    let error = rig.calendar(ana, &bad.google_id).await.last_error.unwrap();
    assert_eq!(error.code, Code::Rejected);
    assert_eq!(rig.stored().await, before);

    // From now on it is asked apart and costs the others nothing.
    rig.control.clear_requests();
    rig.sync(&engine, ana).await;
    assert_eq!(
        rig.control.count(Endpoint::FreeBusy),
        4,
        "two for the others, two for the bad one"
    );

    rig.control.clear_faults();
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    engine.stop().await;
}

#[tokio::test]
async fn every_calendar_refused_is_every_calendar_unknown() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let before = rig.stored().await;
    for (status, reason, code) in [
        (400, "timeRangeTooLong", Code::Rejected),
        (403, "forbidden", Code::NotFound),
        (404, "notFound", Code::NotFound),
        (410, "deleted", Code::NotFound),
    ] {
        let kind = FaultKind::status(status, reason, "");
        rig.control.fault(Fault::always(Endpoint::FreeBusy, kind));
        let report = rig.sync(&engine, ana).await;
        assert_eq!(
            (report.outcome, report.calendars.ok),
            (Outcome::Partial, 1),
            "only the one that is shown and does not count: {status} {reason}"
        );
        for calendar in rig
            .store
            .calendars_of(ana)
            .await
            .unwrap()
            .iter()
            .filter(|c| c.busy)
        {
            let error = calendar.last_error.as_ref().expect("unknown");
            assert_eq!(
                error.code, code,
                "{status} {reason}: {}",
                calendar.google_id
            );
        }
        assert_eq!(rig.stored().await, before, "{status} {reason}");
        rig.control.clear_faults();
        let report = engine.sync_now(&[ana], true).await.unwrap();
        assert_eq!(
            report.accounts[0].outcome,
            Outcome::Done,
            "after {status} {reason}"
        );
    }
    engine.stop().await;
}

#[tokio::test]
async fn a_401_is_answered_with_one_refresh_and_one_repetition() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    let refreshes = rig.control.refresh_count(ANA);
    rig.control.expire_access_tokens(ANA);
    assert_eq!(rig.sync(&engine, ana).await.outcome, Outcome::Done);
    assert_eq!(rig.control.refresh_count(ANA), refreshes + 1);

    // A fresh token that is refused as well is not refreshed again and again.
    let refused = FaultKind::status(401, "authError", "Invalid Credentials");
    rig.control.fault(Fault::always(Endpoint::Any, refused));
    rig.control.clear_requests();
    rig.sync(&engine, ana).await;
    assert!(
        rig.control.count(Endpoint::CalendarList) <= 2,
        "{:?}",
        rig.control.requests()
    );
    assert!(rig.control.count(Endpoint::Refresh) <= 1);
    engine.stop().await;
}

#[tokio::test]
async fn a_dead_list_token_leads_to_one_full_listing_and_not_to_a_loop() {
    let rig = Rig::small().await;
    let ana = rig.connect(ANA).await;
    let engine = rig.on_demand();
    rig.sync_well(&engine, ana).await;
    for kind in [
        FaultKind::status(410, "fullSyncRequired", "Sync token is no longer valid."),
        FaultKind::status(410, "updatedMinTooLongAgo", ""),
        FaultKind::status(400, "invalid", "Invalid sync token value."),
    ] {
        rig.control.clear_requests();
        rig.control
            .fault(Fault::once(Endpoint::CalendarList, kind.clone()));
        // Not by hand, which lists everything anyway.
        engine.nudge(Nudge::Selection, Some(ana));
        at_rest(&engine).await;
        assert_eq!(rig.account(ana).await.last_error, None, "{kind:?}");
        assert_eq!(rig.control.count(Endpoint::CalendarList), 2, "{kind:?}");

        rig.control.clear_requests();
        rig.control
            .fault(Fault::always(Endpoint::CalendarList, kind.clone()));
        engine.nudge(Nudge::Selection, Some(ana));
        at_rest(&engine).await;
        assert_ne!(rig.account(ana).await.last_error, None, "{kind:?}");
        assert_eq!(
            rig.control.count(Endpoint::CalendarList),
            2,
            "once, not in a loop: {kind:?}"
        );
        rig.control.clear_faults();
        rig.sync_well(&engine, ana).await;
    }
    rig.assert_true(ana).await;
    engine.stop().await;
}
