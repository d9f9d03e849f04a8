//! What a person has just done and the core has not yet shown: drawn at once, dropped when the
//! fetched picture has caught up.
//!
//! Owns the overlay and the filter between a fetched grid and what is drawn. It decides nothing:
//! the core may refuse, and then the overlay goes and the reason is said.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};
use duet_model::block::BlockId;
use duet_model::layout;
use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::{BlockView, GridView, Piece};

use crate::state::place;
use crate::state::shared::Shared;

/// One change under way.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pending {
    /// Names it when the answer comes.
    pub(crate) token: u32,
    /// What to draw.
    pub(crate) change: Change,
    /// Set when the core has stored it: grids asked for in this epoch or later already show it.
    pub(crate) settled: Option<u32>,
}

/// What to draw differently.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// This block, in place of the one with its id if there is one.
    Put(Box<BlockView>),
    /// Not this block (an id of the view, one occurrence).
    Drop(String),
    /// No occurrence of this manual block.
    DropAll(BlockId),
}

impl Pending {
    /// Does a grid that was asked for in `epoch` still need this?
    pub(crate) fn concerns(&self, epoch: u32) -> bool {
        self.settled.is_none_or(|settled| epoch < settled)
    }
}

/// What the person chose not to see.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// Hide what comes from Google.
    pub(crate) no_external: bool,
    /// Hide what was made by hand.
    pub(crate) no_manual: bool,
    /// Calendars with "shown" off: account and Google's id.
    pub(crate) hidden: HashSet<(String, String)>,
}

impl Filter {
    fn hides(&self, block: &BlockView) -> bool {
        let calendar = block.account.as_deref().zip(block.calendar.as_deref());
        self.hides_source(block.source, calendar)
    }

    /// Is what comes from there not drawn? `calendar` is its account and Google's id.
    pub(crate) fn hides_source(&self, source: SourceKind, calendar: Option<(&str, &str)>) -> bool {
        match source {
            SourceKind::Manual => self.no_manual,
            SourceKind::Duet => false,
            SourceKind::Google => {
                self.no_external
                    || match calendar {
                        // Cloning two short strings per block is cheaper than it looks: the set
                        // is empty for most people.
                        Some((account, calendar)) if !self.hidden.is_empty() => self
                            .hidden
                            .contains(&(account.to_owned(), calendar.to_owned())),
                        _ => false,
                    }
            }
        }
    }
}

/// The grid with the filter and the changes applied; the very same value where neither matters.
pub(crate) fn drawn<'a>(
    grid: &Shared<GridView>,
    filter: &Filter,
    changes: impl Iterator<Item = &'a Pending> + Clone,
) -> Shared<GridView> {
    let hides = grid.blocks.iter().any(|block| filter.hides(block));
    if !hides && changes.clone().next().is_none() {
        return grid.clone();
    }
    let mut view = GridView::clone(grid);
    let gone: Vec<bool> = view
        .blocks
        .iter()
        .map(|block| {
            filter.hides(block) || changes.clone().any(|pending| pending.change.drops(block))
        })
        .collect();
    take_out(&mut view, &gone);
    for pending in changes {
        if let Change::Put(block) = &pending.change {
            put(&mut view, block);
        }
    }
    Shared::new(view)
}

impl Change {
    fn drops(&self, block: &BlockView) -> bool {
        match self {
            Self::Put(new) => new.id == block.id,
            Self::Drop(id) => *id == block.id,
            Self::DropAll(id) => block.manual.as_ref().is_some_and(|manual| manual.id == *id),
        }
    }
}

fn take_out(view: &mut GridView, gone: &[bool]) {
    let stays = |block: u32| !gone.get(block as usize).copied().unwrap_or(false);
    for day in &mut view.days {
        day.pieces.retain(|piece| stays(piece.block));
    }
    view.bars.retain(|bar| stays(bar.block));
}

fn put(view: &mut GridView, block: &BlockView) {
    let index = view.blocks.len() as u32;
    let stretches = place::stretches(&view.days, block.wall_start, block.wall_end);
    if stretches.is_empty() {
        return;
    }
    view.blocks.push(block.clone());
    let last = stretches.len() - 1;
    for (part, stretch) in stretches.into_iter().enumerate() {
        let day = &mut view.days[stretch.day];
        day.pieces.push(Piece {
            block: index,
            top: stretch.top,
            length: stretch.length,
            left: 0.0,
            width: 1.0,
            from_before: part > 0 || block.wall_start < day.date.and_time(chrono::NaiveTime::MIN),
            goes_on: part < last,
        });
        day.pieces
            .sort_by_key(|piece| (piece.top, u16::MAX - piece.length));
        pack(&mut day.pieces);
    }
}

/// Lays the pieces of a day out again, by the same rule as the core.
fn pack(pieces: &mut [Piece]) {
    let spans: Vec<(u16, u16)> = pieces
        .iter()
        .map(|piece| (piece.top, piece.top + piece.length))
        .collect();
    for (piece, place) in pieces.iter_mut().zip(layout::pack(&spans, place::SNAP)) {
        (piece.left, piece.width) = (place.left, place.width);
    }
}

/// A manual block as it will look, before the core has answered. Its instants come from the day it
/// stands on, so they are right without any zone data.
pub(crate) fn preview(
    view: &GridView,
    id: String,
    title: &str,
    start: NaiveDateTime,
    end: NaiveDateTime,
) -> BlockView {
    let instant = |at: NaiveDateTime| {
        view.days
            .iter()
            .find(|day| day.date == at.date())
            .map(|day| day.start + TimeDelta::minutes(i64::from(place::minute_of(day, at.time()))))
            .unwrap_or_else(|| at.and_utc())
    };
    BlockView {
        id,
        source: SourceKind::Manual,
        calendar: None,
        calendar_name: None,
        account: None,
        title: title.to_owned(),
        color: None,
        start: instant(start),
        end: instant(end),
        wall_start: start,
        wall_end: end,
        all_day: None,
        state: BlockState::Busy,
        rule: "manual".to_owned(),
        event: None,
        declined: false,
        busy_only: false,
        as_of: None,
        manual: None,
        duet: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::view::Span;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn week() -> GridView {
        Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        }
        .blank(None)
    }

    fn with(blocks: &[(&str, SourceKind, &str, &str)]) -> Shared<GridView> {
        let mut view = week();
        for (id, source, start, end) in blocks {
            let mut block = preview(&view, (*id).to_owned(), id, at(start), at(end));
            block.source = *source;
            block.account = Some("ana@example.com".into());
            block.calendar = Some("work".into());
            put(&mut view, &block);
        }
        Shared::new(view)
    }

    fn ids(view: &GridView) -> Vec<(usize, String)> {
        let mut ids = Vec::new();
        for (index, day) in view.days.iter().enumerate() {
            for piece in &day.pieces {
                ids.push((index, view.blocks[piece.block as usize].id.clone()));
            }
        }
        ids
    }

    fn pending(change: Change) -> Pending {
        Pending {
            token: 1,
            change,
            settled: None,
        }
    }

    #[test]
    fn nothing_to_do_is_the_very_same_grid() {
        let grid = with(&[(
            "a",
            SourceKind::Google,
            "2026-11-23T09:00:00",
            "2026-11-23T10:00:00",
        )]);
        let same = drawn(&grid, &Filter::default(), [].iter());
        assert!(same == grid, "an equal copy would redraw every column");
    }

    #[test]
    fn filters_hide_by_source_and_by_calendar() {
        let grid = with(&[
            (
                "g",
                SourceKind::Google,
                "2026-11-23T09:00:00",
                "2026-11-23T10:00:00",
            ),
            (
                "m",
                SourceKind::Manual,
                "2026-11-24T09:00:00",
                "2026-11-24T10:00:00",
            ),
        ]);
        let hidden = HashSet::from([("ana@example.com".to_owned(), "work".to_owned())]);
        let cases = [
            (
                Filter {
                    no_external: true,
                    ..Filter::default()
                },
                vec![(1, "m".to_owned())],
            ),
            (
                Filter {
                    no_manual: true,
                    ..Filter::default()
                },
                vec![(0, "g".to_owned())],
            ),
            (
                Filter {
                    hidden,
                    ..Filter::default()
                },
                vec![(1, "m".to_owned())],
            ),
        ];
        for (filter, expect) in cases {
            assert_eq!(ids(&drawn(&grid, &filter, [].iter())), expect, "{filter:?}");
        }
    }

    #[test]
    fn a_moved_block_stands_only_where_it_was_put_and_others_make_room() {
        let grid = with(&[
            (
                "a",
                SourceKind::Manual,
                "2026-11-23T09:00:00",
                "2026-11-23T10:00:00",
            ),
            (
                "b",
                SourceKind::Manual,
                "2026-11-25T09:00:00",
                "2026-11-25T10:00:00",
            ),
        ]);
        let moved = preview(
            &grid,
            "a".into(),
            "a",
            at("2026-11-25T09:30:00"),
            at("2026-11-25T10:30:00"),
        );
        let view = drawn(
            &grid,
            &Filter::default(),
            [pending(Change::Put(Box::new(moved)))].iter(),
        );
        assert_eq!(ids(&view), [(2, "b".to_owned()), (2, "a".to_owned())]);
        let [one, other] = view.days[2].pieces[..] else {
            panic!("two pieces on Wednesday")
        };
        assert!(
            one.left + one.width <= other.left + 0.001,
            "side by side, not on top: {one:?} {other:?}"
        );
    }

    #[test]
    fn over_midnight_both_days_get_their_part() {
        let grid = with(&[]);
        let late = preview(
            &grid,
            "n".into(),
            "",
            at("2026-11-24T22:00:00"),
            at("2026-11-25T02:00:00"),
        );
        let view = drawn(
            &grid,
            &Filter::default(),
            [pending(Change::Put(Box::new(late)))].iter(),
        );
        assert!(view.days[1].pieces[0].goes_on && view.days[2].pieces[0].from_before);
    }

    #[test]
    fn a_settled_change_gives_way_to_the_fetched_picture() {
        let mut change = pending(Change::Drop("a".into()));
        assert!(change.concerns(7), "not stored yet: always drawn");
        change.settled = Some(8);
        assert!(
            change.concerns(7),
            "that grid was asked for before it was stored"
        );
        assert!(!change.concerns(8), "that one shows it already");
    }
}
