//! Blocks made by hand, and settings.

use chrono::{NaiveDate, NaiveDateTime};
use duet_model::block::{BlockId, ManualBlock};
use duet_model::settings::{InvitationNotices, Settings, Theme, Window};
use duet_model::verdict::{Rules, Treatment};
use duet_model::when::Interval;
use duet_store::StoreError;

use crate::common::*;

pub(crate) fn wall(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, day)
        .unwrap()
        .and_hms_opt(hour, 0, 0)
        .unwrap()
}

pub(crate) fn block(id: &str) -> ManualBlock {
    ManualBlock {
        id: BlockId(id.into()),
        title: "Choir".into(),
        start: wall(3, 17),
        end: wall(3, 19),
        zone: "Europe/Berlin".into(),
        repeat: Some("FREQ=WEEKLY;BYDAY=TU".into()),
        except: vec![wall(10, 17), wall(17, 17)],
        created_at: hour(0),
        updated_at: hour(1),
    }
}

#[tokio::test]
async fn a_block_is_put_changed_and_deleted() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&block("a")).await.unwrap();
    let mut early = block("b");
    (early.start, early.end) = (wall(1, 9), wall(1, 10));
    early.repeat = None;
    early.except.clear();
    early.title.clear();
    tx.put_manual_block(&early).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        world.store.manual_blocks().await.unwrap(),
        [early.clone(), block("a")]
    );

    let mut changed = block("a");
    changed.title = "Choir, new hall".into();
    changed.except.push(wall(24, 17));
    changed.updated_at = hour(5);
    let mut tx = world.store.write().await.unwrap();
    assert_eq!(
        tx.manual_block(&changed.id).await.unwrap(),
        Some(block("a"))
    );
    tx.put_manual_block(&changed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        world.store.manual_block(&changed.id).await.unwrap(),
        Some(changed.clone())
    );

    let mut tx = world.store.write().await.unwrap();
    assert_eq!(
        tx.delete_manual_block(&changed.id).await.unwrap(),
        Some(changed.clone())
    );
    assert_eq!(
        tx.delete_manual_block(&changed.id).await.unwrap(),
        None,
        "gone already"
    );
    tx.commit().await.unwrap();
    assert_eq!(world.store.manual_blocks().await.unwrap(), [early]);
}

#[tokio::test]
async fn fractions_of_seconds_survive() {
    let world = World::new().await;
    let mut odd = block("odd");
    odd.start = wall(3, 17)
        .checked_add_signed(chrono::TimeDelta::nanoseconds(1))
        .unwrap();
    odd.end = wall(3, 17)
        .checked_add_signed(chrono::TimeDelta::milliseconds(1))
        .unwrap();
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&odd).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.store.manual_block(&odd.id).await.unwrap(), Some(odd));
}

#[tokio::test]
async fn what_cannot_be_a_block_is_refused() {
    let world = World::new().await;
    let mut empty = block("a");
    empty.end = empty.start;
    let mut reversed = block("a");
    reversed.end = wall(2, 1);
    let mut far = block("a");
    far.end = NaiveDate::from_ymd_opt(10_000, 1, 1)
        .unwrap()
        .and_hms_opt(0, 0, 0)
        .unwrap();
    for bad in [empty, reversed, far] {
        let mut tx = world.store.write().await.unwrap();
        let error = tx.put_manual_block(&bad).await.unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::Refused {
                    column: "end_wall",
                    ..
                }
            ),
            "{bad:?}: {error}"
        );
    }
    assert_eq!(world.store.manual_blocks().await.unwrap(), []);
}

#[tokio::test]
async fn a_range_finds_its_blocks_in_any_zone_and_leaves_the_far_ones() {
    let world = World::new().await;
    let alone = |id: &str, from, to, zone: &str| ManualBlock {
        start: from,
        end: to,
        zone: zone.into(),
        repeat: None,
        except: Vec::new(),
        ..block(id)
    };
    let stored = [
        // Long over, but it repeats.
        block("a-series"),
        // Half a day ahead of and behind UTC: on another date than the range, and yet in it.
        alone("b-east", wall(17, 1), wall(17, 2), "Pacific/Kiritimati"),
        alone("c-west", wall(15, 21), wall(15, 22), "Etc/GMT+12"),
        // Begun before the range and still going on.
        alone("d-long", wall(1, 0), wall(29, 0), "UTC"),
        alone("e-before", wall(9, 0), wall(9, 1), "UTC"),
        alone("f-after", wall(24, 0), wall(24, 1), "UTC"),
    ];
    let mut tx = world.store.write().await.unwrap();
    for block in &stored {
        tx.put_manual_block(block).await.unwrap();
    }
    tx.commit().await.unwrap();
    let day = Interval::new(wall(16, 0).and_utc(), wall(17, 0).and_utc()).unwrap();
    let mut snapshot = world.store.read().await.unwrap();
    let near = snapshot.manual_blocks_near(day).await.unwrap();
    let mut ids: Vec<&str> = near.iter().map(|block| block.id.0.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["a-series", "b-east", "c-west", "d-long"]);
}

#[tokio::test]
async fn settings_begin_as_defaults_and_are_written_only_when_changed() {
    let world = World::new().await;
    assert_eq!(world.store.settings().await.unwrap(), Settings::default());
    let wanted = Settings {
        theme: Theme::Dark,
        window: Window::Days60,
        week_start: 7,
        working_hours: (7, 22),
        show_external: false,
        show_manual: false,
        paused: true,
        welcomed: true,
        invitation_notices: InvitationNotices::Titles,
        rules: Rules {
            all_day: Treatment::Free,
            ..Rules::default()
        },
    };
    let put = async |settings: &Settings| {
        let mut tx = world.store.write().await.unwrap();
        let changed = tx.put_settings(settings).await.unwrap();
        assert_eq!(tx.settings().await.unwrap(), *settings);
        tx.commit().await.unwrap();
        changed
    };
    assert!(put(&wanted).await);
    assert!(!put(&wanted).await, "no change");
    assert_eq!(world.store.settings().await.unwrap(), wanted);
}

#[tokio::test]
async fn settings_of_another_version_are_read_as_far_as_they_go() {
    let world = World::new().await;
    let mut conn = beside(world.dir.path()).await;
    meddle(
        &mut conn,
        r#"INSERT INTO settings VALUES (1, '{"paused":true,"shiny":"new"}')"#,
    )
    .await;
    let expect = Settings {
        paused: true,
        ..Settings::default()
    };
    assert_eq!(world.store.settings().await.unwrap(), expect);
}

#[tokio::test]
async fn a_deleted_title_is_not_left_in_the_file() {
    let canary = "canary-51d0";
    let world = World::new().await;
    let mut made = block("a");
    made.title = format!("{canary} choir");
    let mut tx = world.store.write().await.unwrap();
    tx.put_manual_block(&made).await.unwrap();
    tx.put_manual_block(&block("b")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.store.write().await.unwrap();
    tx.delete_manual_block(&made.id).await.unwrap();
    tx.commit().await.unwrap();
    world.store.close().await;
    let bytes = std::fs::read(world.dir.path().join(duet_store::FILE_NAME)).unwrap();
    let found = bytes
        .windows(canary.len())
        .any(|window| window == canary.as_bytes());
    assert!(!found, "the deleted row is still readable in its page");
}
