//! The promise: what is not known is never drawn as free.

use chrono::{DateTime, TimeDelta, Utc};
use duet_app::Choice;
use duet_model::availability::State;
use duet_model::calendar::STALE_AFTER;
use duet_sandbox::{Endpoint, Fault, FaultKind};
use duet_wire::accounts::CalendarState;
use duet_wire::availability::{BlockState, BusyView, When};
use duet_wire::blocks::BlockDraft;

use crate::machine::{ANA, Desk};

const STUDIO: &str = "studio@example.com";

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

/// Is every instant of the span claimed by somebody?
fn no_gap(stretches: &[BusyView], from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    let end = stretches.iter().fold(from, |end, stretch| {
        if stretch.start <= end {
            end.max(stretch.end)
        } else {
            end
        }
    });
    end >= to
}

fn rules(stretches: &[BusyView]) -> Vec<&str> {
    let mut rules: Vec<&str> = stretches
        .iter()
        .flat_map(|s| &s.sources)
        .map(|source| source.rule.as_str())
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

#[tokio::test]
async fn without_any_account_gaps_are_free() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let busy = duet
        .busy(at("2026-11-23T00:00:00Z"), at("2026-11-30T00:00:00Z"))
        .await
        .unwrap();
    assert!(busy.is_empty());
}

#[tokio::test]
async fn a_repetition_too_dense_for_the_span_is_unknown_and_not_free() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let start = at("2026-11-23T08:00:00Z").naive_utc();
    duet.create_block(BlockDraft {
        title: "Pills".to_owned(),
        start,
        end: start + TimeDelta::minutes(10),
        repeat: Some("FREQ=DAILY;BYHOUR=8,9,10,11,12,13,14,15,16,17,18,19".to_owned()),
    })
    .await
    .unwrap();
    let from = at("2026-11-25T00:00:00Z");
    let week = from + TimeDelta::days(7);
    assert_eq!(duet.busy(from, week).await.unwrap().len(), 7 * 12);
    let year = from + TimeDelta::days(360);
    let busy = duet.busy(from, year).await.unwrap();
    assert!(no_gap(&busy, from, year), "4,320 occurrences are too many");
    assert!(busy.iter().all(|stretch| stretch.state == State::Unknown));
    let free = duet
        .free(from, year, TimeDelta::hours(1), &Choice::default())
        .await
        .unwrap()
        .0;
    assert!(free.iter().all(|slot| !slot.certain), "{free:?}");
}

#[tokio::test]
async fn a_calendar_that_was_never_asked_is_unknown_throughout() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    duet.set_calendar(None, STUDIO, None, Some(false))
        .await
        .unwrap();
    duet.set_calendar(None, STUDIO, None, Some(true))
        .await
        .unwrap();
    let (from, to) = (at("2026-11-25T00:00:00Z"), at("2026-11-26T00:00:00Z"));
    let busy = duet.busy(from, to).await.unwrap();
    assert!(no_gap(&busy, from, to), "{busy:?}");
    assert!(rules(&busy).contains(&"never_synced"), "{:?}", rules(&busy));
    duet.sync_now(None, false).await.unwrap();
    let busy = duet.busy(from, to).await.unwrap();
    assert!(
        !no_gap(&busy, from, to) && rules(&busy) == ["event", "unanswered"],
        "{busy:?}"
    );
}

#[tokio::test]
async fn one_failing_calendar_is_unknown_and_keeps_what_it_last_said() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let from = duet.this_week().await.unwrap();
    let drawn = duet.grid(from, 7).await.unwrap();
    let before = drawn
        .blocks
        .iter()
        .filter(|b| b.calendar.as_deref() == Some(STUDIO))
        .count();
    assert!(before > 0, "the world has something there");

    desk.control()
        .freebusy_error(STUDIO, Some("internalError"))
        .unwrap();
    let report = duet.sync_now(None, false).await.unwrap();
    assert_eq!(report.accounts[0].calendars.failed, 1);
    let grid = duet.grid(from, 7).await.unwrap();
    let (own, others): (Vec<_>, Vec<_>) = grid
        .blocks
        .iter()
        .partition(|b| b.calendar.as_deref() == Some(STUDIO));
    assert_eq!(own.len(), before, "what it last said is still there");
    assert!(
        own.iter()
            .all(|block| block.state == BlockState::Unknown && block.as_of.is_some())
    );
    assert!(
        others
            .iter()
            .all(|block| block.state != BlockState::Unknown),
        "it fails alone"
    );
    for day in &grid.days {
        let covered: u32 = day.strip.iter().map(|piece| u32::from(piece.length)).sum();
        assert!(covered >= u32::from(day.minutes), "no gap on {}", day.date);
    }
    let states = duet.calendars().await.unwrap();
    let studio = states.iter().find(|c| c.id == STUDIO).unwrap();
    assert_eq!(studio.state, CalendarState::Failing);
    assert!(
        studio
            .last_error
            .as_deref()
            .is_some_and(|words| words.ends_with('.'))
    );

    // One that an answer does not mention is no better known.
    desk.control().freebusy_error(STUDIO, None).unwrap();
    desk.control().freebusy_absent(STUDIO, true).unwrap();
    duet.sync_now(None, false).await.unwrap();
    let busy = duet
        .busy(at("2026-11-25T00:00:00Z"), at("2026-11-26T00:00:00Z"))
        .await
        .unwrap();
    assert!(rules(&busy).contains(&"failing"), "{:?}", rules(&busy));
}

#[tokio::test]
async fn what_is_old_is_unknown_and_a_sync_makes_it_known_again() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    desk.control()
        .fault(Fault::always(Endpoint::Any, FaultKind::DropBefore));
    desk.later(STALE_AFTER + TimeDelta::minutes(1));
    duet.sync_now(None, false).await.unwrap();
    let (from, to) = (at("2026-11-25T00:00:00Z"), at("2026-11-26T00:00:00Z"));
    let busy = duet.busy(from, to).await.unwrap();
    assert!(
        no_gap(&busy, from, to),
        "an old picture has no free time in it"
    );
    assert_eq!(rules(&busy), ["stale"]);
    let free = duet
        .free(from, to, TimeDelta::minutes(30), &Choice::default())
        .await
        .unwrap()
        .0;
    assert!(free.iter().all(|slot| !slot.certain), "{free:?}");
    let agenda = duet.agenda(from, to).await.unwrap();
    assert!(!agenda.is_empty(), "what was known is still shown");
    assert!(agenda.iter().all(|line| line.state == BlockState::Unknown));
    assert!(agenda.iter().any(|line| !line.blank));
    let calendars = duet.calendars().await.unwrap();
    for calendar in calendars.iter().filter(|calendar| calendar.busy) {
        let line = agenda
            .iter()
            .find(|line| line.blank && line.calendar.as_ref() == Some(&calendar.id))
            .unwrap_or_else(|| panic!("{} does not say that it is unknown", calendar.id));
        assert_eq!(
            (line.start, line.end),
            (When::Instant(from), When::Instant(to))
        );
        assert_eq!(line.rule.as_deref(), Some("stale"));
        assert_eq!(line.calendar_name.as_ref(), Some(&calendar.name));
        assert!(line.since.is_some() && line.since == calendar.last_synced_at);
    }

    desk.control().clear_faults();
    duet.sync_now(None, false).await.unwrap();
    let busy = duet.busy(from, to).await.unwrap();
    assert_eq!(rules(&busy), ["event", "unanswered"]);
    let agenda = duet.agenda(from, to).await.unwrap();
    assert!(agenda.iter().all(|line| !line.blank), "{agenda:?}");
}

#[tokio::test]
async fn time_that_was_never_asked_about_is_unknown() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let (from, to) = (at("2027-06-01T00:00:00Z"), at("2027-06-08T00:00:00Z"));
    // Of the calendar that shares its times alone; the others are known by their events.
    let busy = duet.busy(from, to).await.unwrap();
    assert!(no_gap(&busy, from, to));
    let unknown = |rule: &str| {
        let mut sources = busy.iter().flat_map(|it| &it.sources);
        sources.all(|it| (it.rule == rule) == (it.calendar.as_deref() == Some(STUDIO)))
    };
    assert!(unknown("outside_window"), "{busy:?}");
    duet.set_calendar(None, STUDIO, None, Some(false))
        .await
        .unwrap();
    let busy = duet.busy(from, to).await.unwrap();
    assert!(!busy.is_empty() && !no_gap(&busy, from, to));
    assert!(busy.iter().all(|stretch| stretch.state != State::Unknown));
}

#[tokio::test]
async fn a_calendar_switched_off_is_gone_at_once_and_claims_nothing() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let from = duet.this_week().await.unwrap();
    for calendar in duet.calendars().await.unwrap() {
        duet.set_calendar(Some(ANA), &calendar.id, None, Some(false))
            .await
            .unwrap();
    }
    let grid = duet.grid(from, 7).await.unwrap();
    // What is shown still stands there, and takes up no time.
    assert!(!grid.blocks.is_empty());
    for block in &grid.blocks {
        assert_eq!(block.state, BlockState::Free, "{block:?}");
        assert!(!block.busy_only, "busy times went with the switch");
    }
    assert!(grid.days.iter().all(|day| day.strip.is_empty()));
}

#[tokio::test]
async fn hidden_calendars_count_all_the_same() {
    let desk = Desk::new().await;
    let duet = desk.connected().await;
    let from = duet.this_week().await.unwrap();
    let strip = |grid: &duet_wire::grid::GridView| {
        grid.days
            .iter()
            .map(|day| day.strip.clone())
            .collect::<Vec<_>>()
    };
    let before = duet.grid(from, 7).await.unwrap();
    for calendar in duet.calendars().await.unwrap() {
        duet.set_calendar(Some(ANA), &calendar.id, Some(false), None)
            .await
            .unwrap();
    }
    let after = duet.grid(from, 7).await.unwrap();
    assert!(after.blocks.is_empty(), "nothing is shown");
    assert_eq!(strip(&after), strip(&before), "and the strip is as it was");
}
