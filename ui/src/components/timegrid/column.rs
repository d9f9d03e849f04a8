//! One day's column: what is unknown behind, the blocks before it, and the keyboard's half hour.

use duet_model::availability::State;
use duet_wire::availability::BlockState;
use duet_wire::grid::{BlockView, DayView, GridView, Piece};
use yew::prelude::*;

use crate::components::timegrid::block::{self, Marks};
use crate::dates;
use crate::hooks::Now;
use crate::state::cursor::{SLOT, Spot};
use crate::state::place;
use crate::state::shared::Shared;
use crate::state::spoken;
use crate::words;

/// What a column needs: only what concerns its own day, so that it is drawn anew for nothing else.
#[derive(Properties)]
pub(super) struct Props {
    /// All days.
    pub(super) grid: Shared<GridView>,
    /// Which of them.
    pub(super) index: usize,
    /// Working hours.
    pub(super) hours: (u8, u8),
    /// Is nothing known yet?
    pub(super) loading: bool,
    /// The keyboard cursor, if it is in this column.
    pub(super) spot: Option<Spot>,
    /// The block whose details are open, if it is here.
    pub(super) selected: Option<AttrValue>,
    /// The block that is dragged, if it is here.
    pub(super) held: Option<AttrValue>,
    /// The time, if something here says its age.
    pub(super) now: Option<Now>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Self) -> bool {
        let beside = |it: &Self| (it.index, it.hours, it.loading, it.spot, it.now);
        let held = |it: &Self| (it.selected.clone(), it.held.clone());
        beside(self) == beside(other)
            && held(self) == held(other)
            && (self.grid == other.grid || draws_the_same(&self.grid, &other.grid, self.index))
    }
}

/// Is a day drawn alike in both? While a sync brings in page after page, most of them change nothing of
/// most days, and to draw one takes a hundred times as long as to compare it.
fn draws_the_same(one: &GridView, other: &GridView, index: usize) -> bool {
    let (Some(day), Some(new)) = (one.days.get(index), other.days.get(index)) else {
        return false;
    };
    let frame = |day: &DayView| (day.date, day.minutes, day.start, day.today, day.weekend);
    let place = |piece: &Piece| Piece { block: 0, ..*piece };
    let blocks = |(piece, twin): (&Piece, &Piece)| {
        let drawn = one.blocks.get(piece.block as usize);
        let now = other.blocks.get(twin.block as usize);
        drawn
            .zip(now)
            .is_some_and(|(drawn, now)| look_the_same(drawn, now))
            && place(piece) == place(twin)
    };
    one.days.len() == other.days.len()
        && frame(day) == frame(new)
        && day.hours == new.hours
        && day.strip == new.strip
        && day.pieces.len() == new.pieces.len()
        && day.pieces.iter().zip(&new.pieces).all(blocks)
}

/// Of what is known no age is drawn.
fn look_the_same(one: &BlockView, other: &BlockView) -> bool {
    if one.as_of == other.as_of || one.state == BlockState::Unknown {
        return one == other;
    }
    let ageless = |block: &BlockView| BlockView {
        as_of: None,
        ..block.clone()
    };
    ageless(one) == ageless(other)
}

/// Does anything in this column say how old it is?
pub(super) fn needs_time(grid: &GridView, index: usize) -> bool {
    grid.days.get(index).is_some_and(|day| {
        day.strip.iter().any(|piece| piece.state == State::Unknown)
            || day
                .pieces
                .iter()
                .any(|piece| grid.blocks[piece.block as usize].state == BlockState::Unknown)
    })
}

/// A day's column.
#[component]
pub(super) fn Column(props: &Props) -> Html {
    let Props {
        grid,
        index,
        hours,
        loading,
        spot,
        selected,
        held,
        now,
    } = props;
    let day = &grid.days[*index];
    let class = classes!(
        "column",
        day.weekend.then_some("weekend"),
        loading.then_some("loading"),
        (day.minutes != 1440).then_some("odd"),
    );
    let style = format!(
        "--long-day:{};--work:{};--rest-from:{}",
        day.minutes,
        place::hour_at(day, hours.0),
        place::hour_at(day, hours.1)
    );
    html! {
        <div {class} {style} role="gridcell" aria-label={dates::day_long(day.date)} data-date={dates::iso_date(day.date)}>
            { for day.strip.iter().filter(|piece| piece.state == State::Unknown).map(|piece| {
                let since = match (piece.as_of, now) {
                    (Some(at), Some(now)) => format!("Not known: last checked {}", words::checked(at, *now, [day])),
                    _ => "Not known: never checked".to_owned(),
                };
                html! { <div class="unknown-time" style={format!("--t:{};--l:{}", piece.top, piece.length)} title={since}></div> }
            }) }
            { own_hours(day) }
            { slot(day, *spot) }
            { for day.pieces.iter().enumerate().map(|(at, piece)| {
                let id = &grid.blocks[piece.block as usize].id;
                let marks = Marks {
                    selected: selected.as_deref() == Some(id.as_str()),
                    held: held.as_deref() == Some(id.as_str()),
                    cursor: *spot == Some(Spot::Piece { day: *index, piece: at }),
                };
                block::piece(grid, day, piece, marks, *now)
            }) }
        </div>
    }
}

/// On a day whose clock changes the ruler at the left is right only up to the change: the column
/// says its own hours from there on.
fn own_hours(day: &DayView) -> Html {
    let moved = day
        .hours
        .iter()
        .filter(|mark| mark.at != u16::from(mark.hour) * 60);
    moved
        .map(|mark| html! {
            <span class="own-hour" style={format!("--t:{}", mark.at)}>{ format!("{:02}", mark.hour) }</span>
        })
        .collect()
}

/// The half hour that the keyboard stands on.
fn slot(day: &DayView, spot: Option<Spot>) -> Html {
    let minute = match spot {
        Some(Spot::Slot { minute, .. }) => minute,
        // A piece that is gone by now: the cursor falls back to its day.
        Some(Spot::Piece { piece, .. }) if piece >= day.pieces.len() => 0,
        _ => return html! {},
    };
    html! {
        <div
            class="slot"
            role="button"
            tabindex="0"
            data-spot=""
            data-minute={minute.to_string()}
            aria-label={spoken::slot(day, minute)}
            style={format!("--t:{minute};--l:{SLOT}")}
        ></div>
    }
}

#[cfg(test)]
mod tests {
    use duet_wire::availability::SourceKind;

    use super::*;
    use crate::state::pending;
    use crate::state::view::Span;

    fn week(titles: &[&str]) -> GridView {
        let span = Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        };
        let mut view = span.blank(None);
        for (at, title) in titles.iter().enumerate() {
            let hour = |hour: usize| {
                let text = format!("2026-11-24T{:02}:00:00", hour + at);
                text.parse().unwrap()
            };
            let mut block = pending::preview(&view, title.to_string(), title, hour(9), hour(10));
            block.source = SourceKind::Google;
            block.as_of = Some("2026-11-24T08:00:00Z".parse().unwrap());
            view.days[1].pieces.push(Piece {
                block: view.blocks.len() as u32,
                top: 540 + 60 * at as u16,
                length: 60,
                left: 0.0,
                width: 1.0,
                from_before: false,
                goes_on: false,
            });
            view.blocks.push(block);
        }
        view
    }

    #[test]
    fn a_day_is_drawn_anew_for_what_is_to_be_seen_of_it() {
        let grid = week(&["a", "b"]);
        type Change = fn(&mut GridView);
        let cases: [(&str, bool, Change); 9] = [
            ("nothing", true, |_| {}),
            ("a block of another day stands before", true, |grid| {
                let first = grid.blocks[0].clone();
                grid.blocks.insert(0, first);
                for piece in &mut grid.days[1].pieces {
                    piece.block += 1;
                }
            }),
            ("its calendar was checked again", true, |grid| {
                grid.blocks[0].as_of = Some("2026-11-24T09:00:00Z".parse().unwrap());
            }),
            ("the same, where the age is drawn", false, |grid| {
                grid.blocks[0].as_of = Some("2026-11-24T09:00:00Z".parse().unwrap());
                grid.blocks[0].state = BlockState::Unknown;
            }),
            ("a title", false, |grid| grid.blocks[1].title.push('!')),
            ("a place", false, |grid| grid.days[1].pieces[1].width = 0.5),
            ("one more", false, |grid| {
                let piece = grid.days[1].pieces[1];
                grid.days[1].pieces.push(piece);
            }),
            ("one less", false, |grid| {
                grid.days[1].pieces.pop();
            }),
            ("it is today", false, |grid| grid.days[1].today = true),
        ];
        for (what, same, change) in cases {
            let mut new = grid.clone();
            change(&mut new);
            assert_eq!(draws_the_same(&grid, &new, 1), same, "{what}");
        }
    }
}
