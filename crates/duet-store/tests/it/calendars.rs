//! Calendars: what a listing makes of them, the person's switches, and late results.

use duet_model::account::{AccountId, FailureCode};
use duet_model::calendar::{AccessRole, Calendar, CalendarId};
use duet_store::{ListChanges, ListedCalendar, Listing};

use crate::common::*;

async fn calendar(world: &World, google_id: &str) -> Option<Calendar> {
    world
        .store
        .calendar_by_google_id(world.account, google_id)
        .await
        .unwrap()
}

async fn apply(
    world: &World,
    listed: &[ListedCalendar],
    listing: Listing,
    token: Option<&str>,
) -> ListChanges {
    let mut tx = world.store.write().await.unwrap();
    let changes = tx
        .apply_calendar_list(world.account, listed, listing, token, hour(2))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    changes
}

#[tokio::test]
async fn the_switches_begin_as_google_and_the_role_suggest() {
    let world = World::new().await;
    // (primary, selected, hidden, role) -> (shown, busy)
    let cases = [
        ((true, false, false, AccessRole::Owner), (true, true)),
        ((false, true, false, AccessRole::Owner), (true, true)),
        ((false, true, false, AccessRole::Writer), (true, true)),
        (
            (false, true, false, AccessRole::WriterWithoutPrivateAccess),
            (true, true),
        ),
        (
            (false, true, false, AccessRole::FreeBusyReader),
            (true, true),
        ),
        ((false, true, false, AccessRole::Reader), (true, false)),
        ((false, false, false, AccessRole::Owner), (false, false)),
        (
            (false, false, false, AccessRole::FreeBusyReader),
            (false, false),
        ),
        ((false, true, true, AccessRole::Owner), (false, false)),
    ];
    for (number, ((primary, selected, hidden, access_role), (shown, busy))) in
        cases.into_iter().enumerate()
    {
        let id = format!("calendar-{number}");
        let entry = ListedCalendar {
            primary,
            selected,
            hidden,
            access_role,
            ..secondary(&id)
        };
        apply(&world, &[entry], Listing::Incremental, None).await;
        let stored = calendar(&world, &id).await.unwrap();
        assert_eq!((stored.shown, stored.busy), (shown, busy), "case {number}");
        assert_eq!(
            (stored.access_role, stored.hidden),
            (access_role, hidden),
            "case {number}"
        );
    }
}

#[tokio::test]
async fn a_full_listing_adds_updates_and_removes() {
    let world = World::new().await;
    let changes = apply(
        &world,
        &[primary("ana@example.com"), secondary("b")],
        Listing::Full,
        Some("t1"),
    )
    .await;
    assert_eq!(
        (
            changes.added.len(),
            changes.updated.len(),
            changes.removed.len()
        ),
        (1, 0, 0)
    );
    let b = calendar(&world, "b").await.unwrap();

    let mut renamed = secondary("b");
    renamed.name = "Team".into();
    renamed.color = "#ff0000".into();
    renamed.time_zone = None;
    renamed.access_role = AccessRole::Reader;
    renamed.hidden = true;
    let changes = apply(&world, &[renamed], Listing::Full, Some("t2")).await;
    assert_eq!(changes.updated, [b.id]);
    assert_eq!(
        changes.removed,
        [world.calendar],
        "what a full listing does not mention is gone"
    );
    let now = calendar(&world, "b").await.unwrap();
    assert_eq!(
        (now.name.as_str(), now.color.as_str(), now.time_zone),
        ("Team", "#ff0000", None)
    );
    assert_eq!((now.access_role, now.hidden), (AccessRole::Reader, true));
    assert_eq!(
        (now.shown, now.busy),
        (b.shown, b.busy),
        "the switches are the person's"
    );
    assert_eq!(world.store.calendar(world.calendar).await.unwrap(), None);
}

#[tokio::test]
async fn an_incremental_listing_leaves_what_it_does_not_mention() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    apply(&world, &[secondary("b")], Listing::Incremental, Some("t1")).await;
    assert!(calendar(&world, "ana@example.com").await.is_some());

    let gone = ListedCalendar {
        deleted: true,
        ..secondary("ana@example.com")
    };
    let never_seen = ListedCalendar {
        deleted: true,
        ..secondary("never seen")
    };
    let changes = apply(&world, &[gone, never_seen], Listing::Incremental, None).await;
    assert_eq!(changes.removed, [world.calendar]);
    assert_eq!(changes.added, [], "a deletion adds nothing");
    assert_eq!(
        world.spans().await,
        [],
        "its blocks went in the same transaction"
    );
    let state = world.store.sync_state(world.account).await.unwrap();
    assert_eq!(
        state.list_token.as_deref(),
        Some("t1"),
        "no new token keeps the old one"
    );
    assert_eq!(
        state.list_full_at,
        Some(hour(0)),
        "only a full listing counts as one"
    );

    apply(&world, &[], Listing::Full, None).await;
    let state = world.store.sync_state(world.account).await.unwrap();
    assert_eq!(
        (state.list_token, state.list_full_at),
        (None, Some(hour(2)))
    );
}

#[tokio::test]
async fn of_repeated_entries_the_last_one_counts() {
    let world = World::new().await;
    let mut later = secondary("b");
    later.name = "Later".into();
    let changes = apply(&world, &[secondary("b"), later], Listing::Incremental, None).await;
    assert_eq!(changes.added.len(), 1);
    assert_eq!(calendar(&world, "b").await.unwrap().name, "Later");
}

#[tokio::test]
async fn an_unchanged_listing_writes_nothing_but_a_new_token() {
    let world = World::new().await;
    let mut eyes = beside(world.dir.path()).await;
    let mut changes = world.store.changes();
    let listed = [primary("ana@example.com")];
    let before = data_version(&mut eyes).await;
    let done = apply(&world, &listed, Listing::Incremental, Some("token")).await;
    assert!(done.is_empty());
    assert_eq!(
        data_version(&mut eyes).await,
        before,
        "not a page was written"
    );
    apply(&world, &listed, Listing::Incremental, Some("token 2")).await;
    assert_ne!(data_version(&mut eyes).await, before, "the new token was");
    assert!(
        changes.try_recv().is_err(),
        "and nobody needs to read anything again"
    );
}

#[tokio::test]
async fn a_listing_of_a_removed_account_is_unwanted() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    let done = tx
        .apply_calendar_list(
            AccountId(77),
            &[primary("x")],
            Listing::Full,
            Some("t"),
            hour(0),
        )
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(done.unwanted);
    assert_eq!(world.store.calendars().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_forgotten_token_asks_for_the_whole_list_and_removes_nothing() {
    let world = World::new().await;
    let mut tx = world.store.write().await.unwrap();
    tx.forget_list_token(world.account).await.unwrap();
    tx.commit().await.unwrap();
    let state = world.store.sync_state(world.account).await.unwrap();
    assert_eq!(
        (state.list_token, state.list_full_at),
        (None, Some(hour(0)))
    );
    assert_eq!(world.store.calendars().await.unwrap().len(), 1);
}

#[tokio::test]
async fn turning_busy_off_takes_the_blocks_and_late_results_with_it() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    let asked_under = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.set_switches(world.calendar, None, Some(false))
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();

    let now = world.store.calendar(world.calendar).await.unwrap().unwrap();
    assert!(!now.busy && now.shown);
    assert_eq!((now.covered, now.last_synced_at), (None, None));
    assert_eq!(world.spans().await, []);

    // The result of a sync that was under way, and one that was asked for while it was off.
    for generation in [asked_under, now.generation] {
        let mut tx = world.store.write().await.unwrap();
        let late = tx
            .replace_blocks(
                world.calendar,
                generation,
                span(0, 24),
                &[span(1, 2)],
                hour(1),
            )
            .await
            .unwrap();
        assert!(late.unwanted);
        let wanted = failure(FailureCode::Server);
        assert!(
            !tx.mark_calendar_failed(world.calendar, generation, wanted)
                .await
                .unwrap()
        );
        let stamped = tx
            .stamp_checked(&[(world.calendar, generation)], hour(1))
            .await
            .unwrap();
        assert_eq!(stamped, 0);
        tx.commit().await.unwrap();
    }
    assert_eq!(world.store.block_count().await.unwrap(), 0);

    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.set_switches(world.calendar, None, Some(true))
            .await
            .unwrap()
    );
    assert!(
        !tx.set_switches(world.calendar, Some(true), Some(true))
            .await
            .unwrap(),
        "no change"
    );
    let late = tx
        .replace_blocks(
            world.calendar,
            asked_under,
            span(0, 24),
            &[span(1, 2)],
            hour(1),
        )
        .await
        .unwrap();
    assert!(late.unwanted, "off and on again is another generation");
    let unknown = tx
        .replace_blocks(CalendarId(404), 0, span(0, 24), &[span(1, 2)], hour(1))
        .await
        .unwrap();
    assert!(unknown.unwanted, "a calendar that is gone");
    tx.commit().await.unwrap();
    assert_eq!(world.store.block_count().await.unwrap(), 0);
}

#[tokio::test]
async fn showing_and_hiding_disturbs_no_sync() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    let generation = world.generation().await;
    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.set_switches(world.calendar, Some(false), None)
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    assert_eq!(world.generation().await, generation);
    assert_eq!(
        world.spans().await,
        [span(1, 2)],
        "hidden, but it still counts"
    );
}

#[tokio::test]
async fn a_failing_calendar_keeps_its_blocks_until_it_works_again() {
    let world = World::new().await;
    world.replace(span(0, 24), &[span(1, 2)]).await;
    let generation = world.generation().await;
    let failed = failure(FailureCode::NotFound);
    let mut tx = world.store.write().await.unwrap();
    assert!(
        tx.mark_calendar_failed(world.calendar, generation, failed.clone())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
    let now = world.store.calendar(world.calendar).await.unwrap().unwrap();
    assert_eq!(
        (now.last_error, now.last_synced_at),
        (Some(failed.clone()), Some(hour(0)))
    );
    assert_eq!(world.spans().await, [span(1, 2)]);

    let mut tx = world.store.write().await.unwrap();
    let stamped = tx
        .stamp_checked(&[(world.calendar, generation)], hour(3))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stamped, 1);
    let now = world.store.calendar(world.calendar).await.unwrap().unwrap();
    assert_eq!((now.last_error, now.last_synced_at), (None, Some(hour(3))));

    // The same blocks again after a failure: nothing to replace, but the failure is over.
    let mut tx = world.store.write().await.unwrap();
    tx.mark_calendar_failed(world.calendar, generation, failed)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.replace(span(0, 24), &[span(1, 2)]).await, (0, 0));
    let now = world.store.calendar(world.calendar).await.unwrap().unwrap();
    assert_eq!(now.last_error, None);
}

#[tokio::test]
async fn calendars_come_by_account_the_primary_one_first() {
    let world = World::new().await;
    let mut listed = vec![
        secondary("zoo"),
        secondary("Art"),
        primary("ana@example.com"),
    ];
    listed[2].name = "zzz".into();
    apply(&world, &listed, Listing::Full, None).await;
    let bo = connect(&world.store, "bo@example.com").await;
    list(&world.store, bo, &[primary("bo@example.com")]).await;
    let ids: Vec<String> = world
        .store
        .calendars()
        .await
        .unwrap()
        .into_iter()
        .map(|it| it.google_id)
        .collect();
    assert_eq!(ids, ["ana@example.com", "Art", "zoo", "bo@example.com"]);
    assert_eq!(world.store.calendars_of(bo).await.unwrap().len(), 1);
}
