//! One drawn block: a plain function of the view, without hooks or callbacks of its own, because a
//! week may have 500. The grid listens once and finds the block by [`hit`].

use duet_model::duet_event::Badge;
use duet_wire::availability::SourceKind;
use duet_wire::grid::{BlockView, DayView, GridView, Piece};
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::color;
use crate::components::icon::{Icon, icon};
use crate::components::timegrid::spot_of;
use crate::dates;
use crate::hooks::Now;
use crate::state::cursor::Spot;
use crate::state::popup::Rect;
use crate::state::seen;
use crate::state::spoken;

/// How a piece stands out.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// Its details are open.
    pub(super) selected: bool,
    /// It is being dragged; the ghost shows where to.
    pub(super) held: bool,
    /// The keyboard cursor is on it.
    pub(super) cursor: bool,
}

/// The block that an event happened on.
pub(super) struct Hit<'a> {
    /// The block.
    pub(super) block: &'a BlockView,
    /// Its first piece.
    pub(super) spot: Spot,
    /// Where the piece is that was hit.
    pub(super) rect: Rect,
}

/// A piece of a block in a column.
pub(super) fn piece(
    grid: &GridView,
    day: &DayView,
    piece: &Piece,
    marks: Marks,
    now: Option<Now>,
) -> Html {
    let block = &grid.blocks[piece.block as usize];
    let size = match piece.length {
        ..25 => "tiny",
        25..45 => "short",
        45..75 => "plain",
        75..240 => "tall",
        _ => "tall long",
    };
    // Of a column of the week: a day alone is as wide as seven.
    let width = piece.width * 7.0 / grid.days.len().max(1) as f32;
    let class = classes!(
        "block",
        seen::look(block),
        size,
        (width < 0.4).then_some("narrow"),
        (width < 0.15).then_some("sliver"),
        piece.from_before.then_some("from-before"),
        piece.goes_on.then_some("goes-on"),
        marks.selected.then_some("selected"),
        marks.held.then_some("held"),
        mark(block).is_some().then_some("marked"),
    );
    // Positions stand here as such and not as custom properties that a rule would combine: measured
    // with 500 blocks in WebKitGTK 2.50, that is a third of the style and layout time.
    let style = format!(
        "top:calc({}*var(--minute) + 1px);height:calc({}*var(--minute) - 2px);\
         left:calc(2px + {:.4}*(100% - 6px));width:calc({:.4}*(100% - 6px) - 1px);{}",
        piece.top,
        piece.length,
        piece.left,
        piece.width,
        color::style(block.color.as_deref())
    );
    let title = seen::title(block);
    let source = seen::source(block, now.map(|now| (now, day)));
    let time = match piece.length {
        75.. => Some(dates::span(block.wall_start, block.wall_end)),
        // On one line with the title the beginning says more than where it comes from.
        // Not where it shares its place: there the letters of the title are worth more.
        ..45 if seen::titled(block) && !piece.from_before && width > 0.6 => {
            Some(dates::clock(block.wall_start))
        }
        _ => None,
    };
    let alone = time.is_some() && piece.length < 45;
    let movable = seen::movable(block);
    html! {
        <div
            key={block.id.clone()}
            {class}
            {style}
            role="button"
            tabindex={if marks.cursor { "0" } else { "-1" }}
            aria-label={spoken::block(block)}
            data-testid="block"
            data-id={block.id.clone()}
            data-source={seen::source_word(block.source)}
            data-calendar-id={block.calendar.clone()}
            data-start={dates::rfc3339(block.start)}
            data-end={dates::rfc3339(block.end)}
            data-state={block.state.as_str()}
            data-spot={marks.cursor.then_some("")}
        >
            <b>{ title }</b>
            if let Some(time) = time {
                <small class="time">{ time }</small>
            }
            if !alone {
                <small>{ source }</small>
            }
            if let Some(mark) = mark(block) {
                { icon(mark) }
            }
            if movable && !piece.from_before {
                <i class="grip start" data-grip="start"></i>
            }
            if movable && !piece.goes_on {
                <i class="grip end" data-grip="end"></i>
            }
        </div>
    }
}

/// The mark in its corner: made by hand, or how a plan of Duet's own stands in Google.
fn mark(block: &BlockView) -> Option<Icon> {
    if block.source == SourceKind::Manual {
        return Some(Icon::Hand);
    }
    let badge = block.duet.as_ref()?.badge?;
    Some(match badge {
        Badge::Synced => Icon::Check,
        Badge::Pending => Icon::Clock,
        Badge::Failed => Icon::Alert,
    })
}

/// Gives the block under the pointer its tooltip. Only then: 500 of them are not free, and one is read.
pub(super) fn explain(event: &Event, grid: &GridView) {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.closest(".block").ok().flatten());
    if let Some((element, hit)) = element.zip(hit(event, grid)) {
        let when = dates::span(hit.block.wall_start, hit.block.wall_end);
        let words = format!(
            "{}\n{when}\n{}",
            seen::title(hit.block),
            seen::source(hit.block, None)
        );
        element.set_attribute("title", &words).ok();
    }
}

/// A bar of the all-day lane.
pub(super) fn bar(block: &BlockView, class: Classes) -> Html {
    let (start, end) = seen::ends(block);
    let title = seen::title(block);
    html! {
        <div
            key={block.id.clone()}
            class={classes!("bar", seen::look(block), class)}
            style={color::style(block.color.as_deref())}
            role="button"
            tabindex="0"
            aria-label={spoken::block(block)}
            title={format!("{title}\n{}", seen::source(block, None))}
            data-testid="block"
            data-id={block.id.clone()}
            data-source={seen::source_word(block.source)}
            data-calendar-id={block.calendar.clone()}
            data-start={start}
            data-end={end}
            data-state={block.state.as_str()}
        ><b>{ title }</b><small>{ seen::source(block, None) }</small></div>
    }
}

/// The block that an event happened on, if any.
pub(super) fn hit<'a>(event: &Event, grid: &'a GridView) -> Option<Hit<'a>> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let element = target.closest("[data-testid=block]").ok()??;
    let id = element.get_attribute("data-id")?;
    let block = grid.blocks.iter().rev().find(|block| block.id == id)?;
    let spot = spot_of(grid, &id).unwrap_or(Spot::Slot { day: 0, minute: 0 });
    Some(Hit {
        block,
        spot,
        rect: rect(&element),
    })
}

/// Where an element is in the window.
pub(super) fn rect(element: &Element) -> Rect {
    let rect = element.get_bounding_client_rect();
    Rect {
        left: rect.left(),
        top: rect.top(),
        width: rect.width(),
        height: rect.height(),
    }
}

/// The element of a block's first piece.
pub(super) fn element(within: &Element, id: &str) -> Option<Element> {
    let found = within.query_selector_all("[data-testid=block]").ok()?;
    (0..found.length())
        .filter_map(|index| found.get(index)?.dyn_into::<Element>().ok())
        .find(|element| element.get_attribute("data-id").as_deref() == Some(id))
}
