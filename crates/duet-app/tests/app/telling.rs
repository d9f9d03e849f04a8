//! What Duet tells by itself, before anybody is misled: names, counts, and who was not reached.

use chrono::{DateTime, TimeDelta, Utc};
use duet_app::{Choice, Unreached};
use duet_sandbox::{AccessRole, Endpoint, EventSpec, Fault, FaultKind};
use duet_wire::blocks::BlockDraft;

use crate::machine::{ANA, Desk};

const STUDIO: &str = "studio@example.com";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn tomorrow() -> (DateTime<Utc>, DateTime<Utc>) {
    (at("2026-11-25T23:00:00Z"), at("2026-11-26T23:00:00Z"))
}

#[tokio::test]
async fn calendars_stand_in_the_order_in_which_people_count() {
    let desk = Desk::new().await;
    for number in [10, 2, 1, 11] {
        let (id, name) = (
            format!("room{number}@example.com"),
            format!("Room {number}"),
        );
        desk.control()
            .add_calendar(ANA, &id, &name, "Europe/Berlin", AccessRole::Reader)
            .unwrap();
    }
    let duet = desk.connected().await;
    let names: Vec<String> = duet
        .calendars()
        .await
        .unwrap()
        .into_iter()
        .map(|calendar| calendar.name)
        .filter(|name| name.starts_with("Room"))
        .collect();
    assert_eq!(names, ["Room 1", "Room 2", "Room 10", "Room 11"]);
}

#[tokio::test]
async fn what_is_written_joined_finds_what_is_written_apart() {
    let desk = Desk::new().await;
    let (start, end) = (at("2026-11-26T15:00:00Z"), at("2026-11-26T16:00:00Z"));
    let spec = EventSpec::between("Email training", start, end);
    desk.control().add_event(ANA, ANA, spec).unwrap();
    let duet = desk.connected().await;
    duet.create_block(BlockDraft {
        title: "Check-in".to_owned(),
        start: start.naive_utc(),
        end: end.naive_utc(),
        repeat: None,
    })
    .await
    .unwrap();
    for (typed, found) in [
        ("standup", Some("Stand-up")),
        ("STANDU", Some("Stand-up")),
        ("stand-up", Some("Stand-up")),
        ("standup later", Some("Stand-up (later today)")),
        ("e-mail", Some("Email training")),
        ("checkin", Some("Check-in")),
        ("upstand", None),
        ("stadnup", None),
    ] {
        let hits = duet.search(typed, 20).await.unwrap();
        let titles: Vec<&str> = hits.iter().map(|hit| hit.title.as_str()).collect();
        match found {
            Some(title) => assert!(titles.contains(&title), "{typed}: {titles:?}"),
            None => assert!(titles.is_empty(), "{typed}: {titles:?}"),
        }
        let mut once: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), hits.len(), "{typed}: each once");
    }
}

#[tokio::test]
async fn who_was_not_reached_is_named_as_long_as_old_times_count() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let reached = *desk.machine.now.lock().unwrap();
    let told = async |chosen: Option<&[(String, String)]>| duet.unreached(chosen).await.unwrap();
    assert_eq!(told(None).await, []);

    desk.control().revoke(ANA);
    desk.later(TimeDelta::minutes(20));
    duet.sync_now(None, false).await.unwrap();
    let expect = [Unreached {
        email: ANA.to_owned(),
        since: Some(reached),
    }];
    assert_eq!(told(None).await, expect);
    let (from, to) = tomorrow();
    let free = duet
        .free(from, to, TimeDelta::hours(1), &Choice::default())
        .await
        .unwrap()
        .0;
    let sure = free.iter().find(|slot| slot.certain).unwrap();
    assert_eq!(sure.unreached, [ANA], "certain, and as old as that");

    let pair = |id: &str| vec![(ANA.to_uppercase(), id.to_owned())];
    assert_eq!(
        told(Some(&pair(STUDIO))).await,
        expect,
        "chosen, of that account"
    );
    assert_eq!(told(Some(&pair("gone@example.com"))).await, []);
    for calendar in duet.calendars().await.unwrap() {
        duet.set_calendar(Some(ANA), &calendar.id, None, Some(false))
            .await
            .unwrap();
    }
    assert_eq!(told(None).await, [], "nothing of it counts");
}

#[tokio::test]
async fn an_account_that_fails_otherwise_is_named_until_it_is_reached_again() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let reached = *desk.machine.now.lock().unwrap();
    desk.control()
        .fault(Fault::always(Endpoint::Any, FaultKind::DropBefore));
    desk.later(TimeDelta::minutes(20));
    duet.sync_now(None, false).await.unwrap();
    let told = duet.unreached(None).await.unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].since, Some(reached));
    desk.control().clear_faults();
    duet.sync_now(None, false).await.unwrap();
    assert_eq!(duet.unreached(None).await.unwrap(), []);
}

#[tokio::test]
async fn the_status_counts_series_that_cannot_be_followed() {
    let desk = Desk::new().await;
    let spec = EventSpec::between(
        "Odd",
        at("2026-11-25T08:00:00Z"),
        at("2026-11-25T08:10:00Z"),
    )
    .repeat("RRULE:FREQ=SECONDLY");
    desk.control().add_event(ANA, ANA, spec).unwrap();
    let duet = desk.connected().await;
    let status = duet.status().await.unwrap();
    let listed: u64 = duet
        .calendars()
        .await
        .unwrap()
        .iter()
        .map(|calendar| calendar.unfollowed)
        .sum();
    assert_eq!((status.unfollowed, listed), (1, 1));
}

#[tokio::test]
async fn what_is_known_by_its_times_alone_has_no_title() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let from = at("2026-11-23T00:00:00Z");
    let busy = duet.busy(from, from + TimeDelta::days(7)).await.unwrap();
    let sources: Vec<_> = busy.iter().flat_map(|it| &it.sources).collect();
    let times: Vec<_> = sources.iter().filter(|it| it.rule == "freebusy").collect();
    assert!(!times.is_empty());
    for source in times {
        assert_eq!(source.title, None, "{source:?}");
        assert_eq!(source.calendar_name.as_deref(), Some("Studio"));
    }
    let standup = sources
        .iter()
        .find(|it| it.title.as_deref() == Some("Stand-up"));
    assert!(standup.unwrap().calendar_name.is_some());
}
