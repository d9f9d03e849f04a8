//! Manual blocks: the whole life of one, without any account.

use chrono::{NaiveDate, NaiveDateTime};
use duet_app::App;
use duet_wire::ErrorCode;
use duet_wire::availability::SourceKind;
use duet_wire::blocks::{BlockDraft, Scope};
use duet_wire::grid::BlockView;

use crate::machine::Desk;

fn wall(day: u32, hour: u32) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, day)
        .unwrap()
        .and_hms_opt(hour, 0, 0)
        .unwrap()
}

fn draft(title: &str, day: u32, from: u32, to: u32, repeat: Option<&str>) -> BlockDraft {
    BlockDraft {
        title: title.to_owned(),
        start: wall(day, from),
        end: wall(day, to),
        repeat: repeat.map(str::to_owned),
    }
}

async fn week(duet: &App, day: u32) -> Vec<BlockView> {
    let from = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    duet.grid(from, 7).await.unwrap().blocks
}

#[tokio::test]
async fn a_block_is_made_changed_deleted_and_brought_back() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let made = duet
        .create_block(draft("Gym", 24, 9, 10, None))
        .await
        .unwrap();
    let drawn = week(&duet, 23).await;
    assert_eq!(drawn.len(), 1);
    assert_eq!(
        (drawn[0].source, drawn[0].title.as_str()),
        (SourceKind::Manual, "Gym")
    );
    assert_eq!(
        drawn[0].start.to_rfc3339(),
        "2026-11-24T08:00:00+00:00",
        "09:00 in Berlin"
    );

    let change = draft("Swim", 25, 11, 12, None);
    duet.update_block(&made.id, None, Scope::All, change)
        .await
        .unwrap();
    let drawn = week(&duet, 23).await;
    assert_eq!(
        (drawn[0].title.as_str(), drawn[0].wall_start),
        ("Swim", wall(25, 11))
    );

    duet.delete_block(&made.id, None, Scope::All).await.unwrap();
    assert!(week(&duet, 23).await.is_empty());
    duet.undo_delete(&made.id).await.unwrap();
    assert_eq!(week(&duet, 23).await, drawn, "exactly as it was");
    let twice = duet.undo_delete(&made.id).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn one_occurrence_can_be_moved_or_removed_and_the_series_goes_on() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let made = duet
        .create_block(draft("Choir", 3, 17, 19, Some("FREQ=WEEKLY")))
        .await
        .unwrap();
    let drawn = week(&duet, 23).await;
    let chosen = drawn[0].manual.as_ref().unwrap().occurrence;
    assert_eq!(chosen, wall(24, 17));

    let moved = draft("Choir", 24, 18, 20, None);
    duet.update_block(&made.id, Some(chosen), Scope::This, moved)
        .await
        .unwrap();
    let drawn = week(&duet, 23).await;
    assert_eq!(drawn.len(), 1, "the slot it left is empty");
    assert_eq!(drawn[0].wall_start, wall(24, 18));

    duet.delete_block(&made.id, Some(wall(17, 17)), Scope::This)
        .await
        .unwrap();
    assert!(week(&duet, 16).await.is_empty());
    assert_eq!(week(&duet, 9).await.len(), 1);
    // An edit between a deletion and its undo is not lost by the undo.
    let change = draft("Big choir", 3, 17, 20, Some("FREQ=WEEKLY"));
    duet.update_block(&made.id, None, Scope::All, change)
        .await
        .unwrap();
    duet.undo_delete(&made.id).await.unwrap();
    let back = week(&duet, 16).await;
    assert_eq!((back.len(), back[0].title.as_str()), (1, "Big choir"));
    assert_eq!(
        week(&duet, 23).await.len(),
        1,
        "the slot it left is still empty"
    );
}

#[tokio::test]
async fn moving_a_later_occurrence_moves_the_series_by_the_difference() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let made = duet
        .create_block(draft("Choir", 3, 17, 19, Some("FREQ=WEEKLY")))
        .await
        .unwrap();
    duet.delete_block(&made.id, Some(wall(10, 17)), Scope::This)
        .await
        .unwrap();
    let change = draft("Choir", 24, 16, 17, Some("FREQ=WEEKLY"));
    duet.update_block(&made.id, Some(wall(24, 17)), Scope::All, change)
        .await
        .unwrap();
    let stored = duet.block(&made.id).await.unwrap();
    assert_eq!(
        (stored.wall_start, stored.wall_end),
        (wall(3, 16), wall(3, 17))
    );
    assert!(
        week(&duet, 9).await.is_empty(),
        "what was taken out stays out"
    );
}

#[tokio::test]
async fn a_block_stays_on_the_wall_clock_when_the_clocks_change() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    let start = NaiveDate::from_ymd_opt(2026, 10, 20)
        .unwrap()
        .and_hms_opt(9, 0, 0)
        .unwrap();
    let end = start + chrono::TimeDelta::hours(1);
    let repeat = Some("FREQ=WEEKLY".to_owned());
    duet.create_block(BlockDraft {
        title: String::new(),
        start,
        end,
        repeat,
    })
    .await
    .unwrap();
    let from = NaiveDate::from_ymd_opt(2026, 10, 19).unwrap();
    let grid = duet.grid(from, 14).await.unwrap();
    let utc: Vec<String> = grid
        .blocks
        .iter()
        .map(|block| block.start.format("%d %H:%M").to_string())
        .collect();
    assert_eq!(utc, ["20 07:00", "27 08:00"]);
    let change = grid.days.iter().find(|day| day.minutes != 1440).unwrap();
    assert_eq!(
        (change.date.to_string().as_str(), change.minutes),
        ("2026-10-25", 1500)
    );
    assert_eq!(change.hours.len(), 25, "02 stands there twice");
}

#[tokio::test]
async fn a_span_over_midnight_is_drawn_on_both_days_and_whole_days_are_bars() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    duet.create_block(BlockDraft {
        title: "Night train".to_owned(),
        start: wall(24, 22),
        end: wall(25, 7),
        repeat: None,
    })
    .await
    .unwrap();
    duet.create_block(BlockDraft {
        title: "Holiday".to_owned(),
        start: wall(26, 0),
        end: wall(29, 0),
        repeat: None,
    })
    .await
    .unwrap();
    let grid = duet
        .grid(NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(), 7)
        .await
        .unwrap();
    let pieces: Vec<(usize, u16, u16)> = grid
        .days
        .iter()
        .enumerate()
        .flat_map(|(day, view)| {
            view.pieces
                .iter()
                .map(move |piece| (day, piece.top, piece.length))
        })
        .collect();
    assert_eq!(pieces, [(1, 1320, 120), (2, 0, 420)]);
    assert_eq!(grid.bars.len(), 1);
    assert_eq!(
        (grid.bars[0].column, grid.bars[0].span, grid.bar_rows),
        (3, 3, 1)
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_is_stored() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    for bad in [
        draft("", 24, 10, 9, None),
        draft("", 24, 10, 10, None),
        draft("", 24, 9, 10, Some("FREQ=SECONDLY")),
        draft(&"x".repeat(2000), 24, 9, 10, None),
    ] {
        let error = duet.create_block(bad).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
    }
    assert!(duet.blocks().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_block_whose_start_the_clocks_skip_is_listed_as_it_counts() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    // In Berlin there is no time from two to three on that night.
    let at = |hour, minute| {
        NaiveDate::from_ymd_opt(2027, 3, 28)
            .unwrap()
            .and_hms_opt(hour, minute, 0)
            .unwrap()
    };
    let made = duet
        .create_block(BlockDraft {
            title: "Night shift".to_owned(),
            start: at(2, 15),
            end: at(2, 45),
            repeat: None,
        })
        .await
        .unwrap();
    assert!(made.start < made.end, "{made:?}");
    let short = duet
        .create_block(BlockDraft {
            title: "Handover".to_owned(),
            start: at(2, 30),
            end: at(3, 0),
            repeat: None,
        })
        .await
        .unwrap();
    assert_eq!((short.end - short.start).num_minutes(), 30, "{short:?}");
    let (from, to) = (made.start.min(short.start), made.end.max(short.end));
    let busy = duet
        .busy(
            from - chrono::TimeDelta::hours(6),
            to + chrono::TimeDelta::hours(6),
        )
        .await
        .unwrap();
    let counted = (busy[0].start, busy[busy.len() - 1].end);
    assert_eq!(
        counted,
        (from, to),
        "what is listed is what counts: {busy:?}"
    );
    let listed = duet.blocks().await.unwrap();
    assert!(
        listed.contains(&made) && listed.contains(&short),
        "{listed:?}"
    );
}

#[tokio::test]
async fn a_block_in_the_second_pass_of_an_hour_counts_and_keeps_its_time() {
    let desk = Desk::new().await;
    let duet = desk.duet().await;
    // In Berlin the hour from 02:00 comes twice: from 00:00Z, and from 01:00Z.
    let at = |hour, minute| {
        NaiveDate::from_ymd_opt(2026, 10, 25)
            .unwrap()
            .and_hms_opt(hour, minute, 0)
            .unwrap()
    };
    let draft = |title: &str, start, end| BlockDraft {
        title: title.to_owned(),
        start,
        end,
        repeat: None,
    };
    let made = duet
        .create_block_in(draft("Night shift", at(0, 15), at(1, 30)), "UTC")
        .await
        .unwrap();
    let span = (at(0, 15).and_utc(), at(1, 30).and_utc());
    let hour = chrono::TimeDelta::hours(1);
    let busy = duet.busy(span.0 - hour, span.1 + hour).await.unwrap();
    assert!(
        busy.iter()
            .any(|stretch| (stretch.start, stretch.end) == span),
        "{busy:?}"
    );

    // The window only knows the wall clock: 02:15 to 02:30.
    let named = duet
        .update_block(
            &made.id,
            None,
            Scope::All,
            draft("Handover", at(2, 15), at(2, 30)),
        )
        .await
        .unwrap();
    assert_eq!(
        (named.start, named.end, named.title.as_str()),
        (span.0, span.1, "Handover"),
        "a new title is no new time"
    );
    let moved = duet
        .update_block(
            &made.id,
            None,
            Scope::All,
            draft("Handover", at(9, 0), at(10, 0)),
        )
        .await
        .unwrap();
    assert_eq!(
        (moved.start, moved.zone.as_str()),
        (at(8, 0).and_utc(), "Europe/Berlin")
    );
    let exact = duet
        .update_block_in(&made.id, draft("Handover", at(0, 30), at(1, 0)), "UTC")
        .await
        .unwrap();
    assert_eq!(
        (exact.start, exact.end),
        (at(0, 30).and_utc(), at(1, 0).and_utc())
    );
    let nowhere = duet
        .create_block_in(draft("", at(9, 0), at(10, 0)), "Europe/Nowhere")
        .await;
    assert_eq!(nowhere.unwrap_err().code, ErrorCode::Invalid);
}
