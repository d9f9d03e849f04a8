//! The permission ladder: up to writing, down again, and what a box that was left unticked changes:
//! nothing.

use chrono::TimeDelta;
use duet_app::signin::Wish;
use duet_app::{App, Pace};
use duet_model::account::Tier;
use duet_model::outbox::Notify;
use duet_sandbox::{Endpoint, Fault, FaultKind};

use crate::duet_events::{Room, draft, invited};
use crate::machine::{ANA, Desk};

const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
const READ: &str = "https://www.googleapis.com/auth/calendar.readonly";

/// Asks for a permission; the sentence where nothing came of it.
async fn ask(desk: &Desk, duet: &App, tier: Tier) -> Result<String, String> {
    let wish = Wish {
        tier,
        account: Some(ANA.into()),
        ..Wish::default()
    };
    duet.connect(wish).await.unwrap();
    duet.callback(&desk.allow()).await;
    duet.connected().await.map_err(|error| error.message)
}

async fn tier(duet: &App) -> Tier {
    duet.accounts().await.unwrap()[0].tier
}

#[tokio::test]
async fn a_box_left_unticked_changes_nothing_and_is_said() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let key = desk.vault.keys();
    desk.control()
        .set_granted_scopes(Some(vec![READ.to_owned()]));
    let why = ask(&desk, &duet, Tier::Write).await.unwrap_err();
    for words in ["read and write", "Nothing was changed", "tick every box"] {
        assert!(why.contains(words), "{why}");
    }
    // Nor does one that is worth nothing by itself, and what goes on is said there as well.
    desk.control()
        .set_granted_scopes(Some(vec![EVENTS.to_owned()]));
    let why = ask(&desk, &duet, Tier::Write).await.unwrap_err();
    for words in ["see your calendars and their events", "may still read"] {
        assert!(why.contains(words), "{why}");
    }
    assert_eq!((tier(&duet).await, desk.vault.keys()), (Tier::Read, key));
    duet.sync_now(None, false).await.unwrap();
    assert_eq!(duet.accounts().await.unwrap()[0].last_error, None);

    // A key that is withdrawn is replaced by a lesser one all the same.
    desk.control().set_granted_scopes(None);
    ask(&desk, &duet, Tier::Write).await.unwrap();
    desk.control().revoke(ANA);
    duet.sync_now(None, false).await.unwrap();
    desk.control()
        .set_granted_scopes(Some(vec![READ.to_owned()]));
    ask(&desk, &duet, Tier::Write).await.unwrap();
    assert_eq!(tier(&duet).await, Tier::Read);
}

#[tokio::test]
async fn a_new_account_tells_what_is_missing_and_what_works() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    desk.control()
        .set_granted_scopes(Some(vec![READ.to_owned()]));
    let wish = Wish {
        tier: Tier::Write,
        ..Wish::default()
    };
    duet.connect(wish).await.unwrap();
    duet.callback(&desk.allow()).await;
    assert_eq!(duet.connected().await.unwrap(), ANA);
    let short = duet.fell_short(ANA, Tier::Write).await.unwrap().unwrap();
    for words in [
        "permission to change events",
        "may read the events of ana@example.com",
        "stays in Duet",
        "`duet connect --tier write --account ana@example.com`",
    ] {
        assert!(short.contains(words), "{words}: {short}");
    }
    assert_eq!(duet.fell_short(ANA, Tier::Read).await.unwrap(), None);
}

#[tokio::test]
async fn what_waits_for_the_permission_is_sent_once_it_is_there() {
    let room = Room::new().await;
    let (desk, duet) = (&room.desk, &room.duet);
    desk.control().fault(Fault::always(
        Endpoint::EventsWrite,
        FaultKind::unavailable(),
    ));
    let choir = invited(&["ben@example.org"], draft("Choir", 21, 18));
    let made = duet.create_event(&choir, Notify::All, Pace::AtOnce).await;
    let id = made.unwrap().id.unwrap();
    room.push().await;
    desk.control().clear_faults();

    ask(desk, duet, Tier::Read).await.unwrap();
    assert_eq!(tier(duet).await, Tier::Read);
    desk.later(TimeDelta::hours(2));
    room.push().await;
    let waiting = duet.waiting().await.unwrap();
    assert!(
        waiting[0].stuck && waiting[0].because.contains("may only read"),
        "{waiting:?}"
    );

    ask(desk, duet, Tier::Write).await.unwrap();
    room.push().await;
    assert!(room.there(&id).await.is_some());
    assert_eq!(duet.waiting().await.unwrap(), []);
    assert_eq!(desk.control().mails().len(), 1, "once");
}
