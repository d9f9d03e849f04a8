//! What assistive technology says of blocks, half hours and days. Words that are seen are not here.

use duet_model::availability::State;
use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::{BlockView, DayView};

use crate::dates;
use crate::state::cursor::SLOT;
use crate::state::free;
use crate::state::place;
use crate::state::repeat::Repeat;
use crate::state::seen;

/// `Tuesday 24 November, 09:00 to 10:30, busy, Stand-up, from Work`.
pub(crate) fn block(block: &BlockView) -> String {
    let when = match block.all_day {
        Some((first, after)) => format!("{}, all day", dates::day_span(first, after)),
        None => dates::spoken_span(block.wall_start, block.wall_end),
    };
    let mut parts = vec![when, block.state.as_str().to_owned()];
    if block.state == BlockState::Unknown {
        let was = if block.busy_only {
            "was busy when"
        } else {
            "as"
        };
        parts.push(format!("{was} last checked"));
    }
    if block.declined {
        parts.push("declined".to_owned());
    }
    if !block.busy_only && (block.event.is_some() || !block.title.is_empty()) {
        parts.push(seen::title(block));
    }
    parts.push(match block.source {
        SourceKind::Manual => "by hand".to_owned(),
        SourceKind::Duet => "made in Duet".to_owned(),
        SourceKind::Google => match block.calendar_name.as_ref().or(block.account.as_ref()) {
            Some(name) => format!("from {name}"),
            None => "from Google".to_owned(),
        },
    });
    let rule = block
        .manual
        .as_ref()
        .and_then(|manual| manual.repeat.as_deref());
    if rule.is_some() {
        parts.push(Repeat::read(rule).words().to_owned());
    }
    parts.join(", ")
}

/// `Tuesday 24 November, 09:00 to 09:30, free`.
pub(crate) fn slot(day: &DayView, minute: u16) -> String {
    let end = (minute + SLOT).min(day.minutes);
    let state = day
        .strip
        .iter()
        .filter(|piece| piece.top < end && minute < piece.top + piece.length)
        .map(|piece| piece.state)
        .max();
    let state = match state {
        None => "free",
        Some(State::Unknown) => "unknown",
        Some(State::Tentative) => "tentative",
        Some(State::Busy) => "busy",
    };
    match place::wall_at(day, minute).zip(place::wall_at(day, end)) {
        Some((start, end)) => format!(
            "{}, {} to {}, {state}. Press Enter to block this time",
            dates::day_long(day.date),
            dates::clock(start),
            dates::clock(end)
        ),
        None => dates::day_long(day.date),
    }
}

/// `Tuesday 24 November: 40 percent busy between 8 and 18, partly unknown`.
pub(crate) fn strip(day: &DayView, hours: (u8, u8)) -> String {
    let (busy, unknown) = free::density(day, hours);
    let unknown = if unknown { ", partly unknown" } else { "" };
    format!(
        "{}: {:.0} percent busy between {} and {}{unknown}",
        dates::day_long(day.date),
        busy * 100.0,
        hours.0,
        hours.1
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::seen::tests::event;
    use duet_wire::grid::StripPiece;

    #[test]
    fn a_block_is_said_with_day_time_state_and_source() {
        const TIME: &str = "Tuesday 24 November, 09:00 to 10:30";
        let with = |change: fn(&mut BlockView)| {
            let mut block = event("Stand-up");
            change(&mut block);
            block
        };
        let cases = [
            (with(|_| {}), "TIME, busy, Stand-up, from Work"),
            (
                with(|block| block.source = SourceKind::Manual),
                "TIME, busy, Stand-up, by hand",
            ),
            (
                with(|block| (block.busy_only, block.title) = (true, "Busy".into())),
                "TIME, busy, from Work",
            ),
            (
                with(|block| block.state = BlockState::Tentative),
                "TIME, tentative, Stand-up, from Work",
            ),
            (
                with(|block| (block.state, block.declined) = (BlockState::Free, true)),
                "TIME, free, declined, Stand-up, from Work",
            ),
            (
                with(|block| block.state = BlockState::Unknown),
                "TIME, unknown, as last checked, Stand-up, from Work",
            ),
            (
                with(|block| (block.state, block.busy_only) = (BlockState::Unknown, true)),
                "TIME, unknown, was busy when last checked, from Work",
            ),
            (
                with(|block| {
                    let day = |text: &str| text.parse().unwrap();
                    block.all_day = Some((day("2026-11-23"), day("2026-11-25")));
                }),
                "Mon 23 Nov – Tue 24 Nov, all day, busy, Stand-up, from Work",
            ),
            (
                with(|block| block.title = String::new()),
                "TIME, busy, (no title), from Work",
            ),
        ];
        for (view, expect) in cases {
            assert_eq!(block(&view), expect.replace("TIME", TIME));
        }
    }

    #[test]
    fn a_half_hour_is_as_uncertain_as_its_strip() {
        let mut day = place::blank_day("2026-11-24".parse().unwrap(), None);
        assert!(slot(&day, 540).starts_with("Tuesday 24 November, 09:00 to 09:30, free"));
        day.strip = vec![StripPiece {
            top: 560,
            length: 60,
            state: State::Unknown,
            as_of: None,
        }];
        assert!(
            slot(&day, 540).contains(", unknown"),
            "a minute of it suffices"
        );
        assert!(slot(&day, 510).contains(", free"), "it ends before");
    }
}
