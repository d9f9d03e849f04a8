//! Refreshing and revoking, and that only `invalid_grant` ends a grant: F1, F2, F3, F5, F7, F8, F13.

use std::time::Duration;

use duet_google::Retry;
use duet_google::auth::{AuthError, refresh, revoke};
use duet_model::account::FailureCode;
use duet_sandbox::{Endpoint, Fault, FaultKind};

use crate::setting::{ANA, small};

#[tokio::test]
async fn a_revoked_grant_is_gone_for_good() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    refresh(&setting.client, &token).await.unwrap();
    setting.control.revoke(ANA);
    let error = refresh(&setting.client, &token).await.unwrap_err();
    assert!(matches!(error, AuthError::InvalidGrant), "{error:?}");
    assert_eq!(error.retry(), Retry::Reauth);
    assert_eq!(error.code(), FailureCode::Reconnect);
}

#[tokio::test]
async fn no_other_failure_ends_a_grant() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    let status = FaultKind::status;
    let cases = [
        (status(500, "internal_failure", ""), FailureCode::Server),
        (status(503, "", ""), FailureCode::Server),
        // Even with the fatal word in it, a fault of the server is no answer about the grant.
        (status(503, "invalid_grant", ""), FailureCode::Server),
        (status(502, "backendError", ""), FailureCode::Server),
        (FaultKind::rate_limited(Some(7)), FailureCode::RateLimited),
        (
            status(403, "rate_limit_exceeded", ""),
            FailureCode::RateLimited,
        ),
        (FaultKind::CaptivePortal, FailureCode::Interfered),
        (FaultKind::Redirect, FailureCode::Interfered),
        (FaultKind::MalformedJson, FailureCode::BadAnswer),
        (FaultKind::EmptyBody, FailureCode::BadAnswer),
        (FaultKind::WrongType, FailureCode::BadAnswer),
        (FaultKind::DropBefore, FailureCode::Offline),
        (FaultKind::DropAfter, FailureCode::Offline),
        (FaultKind::CutBody { after_bytes: 10 }, FailureCode::Offline),
    ];
    for (kind, code) in cases {
        setting.control.clear_faults();
        setting
            .control
            .fault(Fault::always(Endpoint::Refresh, kind.clone()));
        let error = refresh(&setting.client, &token).await.unwrap_err();
        assert!(
            matches!(error, AuthError::Transport(_)),
            "{kind:?}: {error:?}"
        );
        assert_eq!(error.code(), code, "{kind:?}: {error:?}");
        assert!(
            matches!(error.retry(), Retry::After(_)),
            "{kind:?}: {error:?}"
        );
    }
    setting.control.clear_faults();
    refresh(&setting.client, &token)
        .await
        .expect("the grant was never harmed");
}

#[tokio::test]
async fn a_named_wait_is_passed_on() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    setting.control.fault(Fault::once(
        Endpoint::Refresh,
        FaultKind::rate_limited(Some(7)),
    ));
    let error = refresh(&setting.client, &token).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn offline_is_a_state() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    setting.control.set_online(false).await;
    for error in [
        refresh(&setting.client, &token).await.unwrap_err(),
        revoke(&setting.client, &token).await.unwrap_err(),
    ] {
        assert!(error.is_offline(), "{error:?}");
        assert_eq!(error.code(), FailureCode::Offline);
    }
    setting.control.set_online(true).await;
    refresh(&setting.client, &token).await.unwrap();
    setting.client.forget_connections();
    refresh(&setting.client, &token)
        .await
        .expect("new connections serve as well");
}

#[tokio::test]
async fn giving_back_works_twice() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    revoke(&setting.client, &token).await.unwrap();
    assert!(setting.control.live_refresh_tokens(ANA).is_empty());
    revoke(&setting.client, &token)
        .await
        .expect("what is dead already is given back");
    let error = refresh(&setting.client, &token).await.unwrap_err();
    assert!(matches!(error, AuthError::InvalidGrant), "{error:?}");
}

#[tokio::test]
async fn a_failed_return_is_not_taken_for_a_return() {
    let setting = small().await;
    let token = setting.refresh_token(ANA);
    for kind in [
        FaultKind::CaptivePortal,
        FaultKind::Redirect,
        FaultKind::unavailable(),
        FaultKind::status(400, "invalid_request", "Bad Request"),
        FaultKind::DropBefore,
    ] {
        setting.control.clear_faults();
        setting
            .control
            .fault(Fault::always(Endpoint::Revoke, kind.clone()));
        assert!(revoke(&setting.client, &token).await.is_err(), "{kind:?}");
    }
    assert_eq!(
        setting.control.live_refresh_tokens(ANA).len(),
        1,
        "the grant still stands"
    );
}
