//! What a drawn block shows: its title, where it comes from, and the classes that tell source and
//! state without colour. One place for the grid, the lane, the month, the agenda and the details.

use duet_model::duet_event::Badge;
use duet_wire::availability::{BlockState, SourceKind};
use duet_wire::grid::{BlockView, DayView};
use yew::Classes;
use yew::classes;

use crate::dates;
use crate::hooks::Now;
use crate::state::repeat::Repeat;
use crate::words;

/// The word of `data-source`.
pub(crate) fn source_word(source: SourceKind) -> &'static str {
    match source {
        SourceKind::Manual => "manual",
        SourceKind::Google => "google",
        SourceKind::Duet => "duet",
    }
}

/// The classes of a block: its source, its state, and what else changes its look.
pub(crate) fn look(block: &BlockView) -> Classes {
    let state = match block.state {
        BlockState::Busy => "busy",
        BlockState::Tentative => "tentative",
        BlockState::Free => "counts-not",
        BlockState::Unknown => "unknown",
    };
    classes!(
        source_word(block.source),
        state,
        block.busy_only.then_some("busy-only"),
        block.declined.then_some("declined"),
    )
}

/// `data-start` and `data-end`: instants in UTC, or civil dates with an exclusive end.
pub(crate) fn ends(block: &BlockView) -> (String, String) {
    match block.all_day {
        Some((first, after)) => (dates::iso_date(first), dates::iso_date(after)),
        None => (dates::rfc3339(block.start), dates::rfc3339(block.end)),
    }
}

/// Is there a title of its own, rather than a word for what is not known?
pub(crate) fn titled(block: &BlockView) -> bool {
    block.source != SourceKind::Manual && !block.busy_only && !block.title.trim().is_empty()
}

/// The title as it is drawn.
pub(crate) fn title(block: &BlockView) -> String {
    match (block.state, block.title.trim(), block.source) {
        (BlockState::Unknown, ..) if block.busy_only => "Unknown".to_owned(),
        (_, "", SourceKind::Manual) => "Blocked".to_owned(),
        (_, "", SourceKind::Duet) => "(no title)".to_owned(),
        (_, "", _) if block.event.is_some() => "(no title)".to_owned(),
        (_, "", _) => "Busy".to_owned(),
        (_, title, _) => title.to_owned(),
    }
}

/// May it be moved by hand? What is made here may; what others made is moved where it was made.
pub(crate) fn movable(block: &BlockView) -> bool {
    block.manual.is_some() || block.duet.is_some()
}

/// The title where there is one line for a block. Where only times are known the calendar's name says
/// more than "Busy" does.
pub(crate) fn line(block: &BlockView) -> String {
    match block.calendar_name.as_deref().filter(|_| block.busy_only) {
        Some(name) => name.to_owned(),
        None => title(block),
    }
}

/// Where a block comes from and what it makes of its time, in a few words; with the time, how old
/// an unknown one is.
pub(crate) fn source(block: &BlockView, now: Option<(Now, &DayView)>) -> String {
    let from = match block.source {
        SourceKind::Manual => {
            let rule = block
                .manual
                .as_ref()
                .and_then(|manual| manual.repeat.as_deref());
            return match rule {
                Some(rule) => format!("by hand, {}", Repeat::read(Some(rule)).words()),
                None => "by hand".to_owned(),
            };
        }
        SourceKind::Duet => {
            let place = block.calendar_name.as_deref().unwrap_or("made in Duet");
            match block.duet.as_ref().and_then(|own| own.badge) {
                Some(Badge::Pending) => format!("{place}, waiting to be sent"),
                Some(Badge::Failed) => format!("{place}, not sent"),
                Some(Badge::Synced) | None => place.to_owned(),
            }
        }
        SourceKind::Google => block
            .calendar_name
            .clone()
            .or_else(|| block.account.clone())
            .unwrap_or_else(|| "Google".to_owned()),
    };
    // Of mere times one knows only that they were busy; an event can have been anything.
    let was = if block.busy_only { "busy when " } else { "" };
    match (block.state, block.as_of) {
        (BlockState::Unknown, Some(at)) => match now {
            Some((now, day)) => {
                format!(
                    "{from}, {was}last checked {}",
                    words::checked(at, now, [day])
                )
            }
            None => format!("{from}, not checked lately"),
        },
        (BlockState::Unknown, None) => format!("{from}, never checked"),
        (BlockState::Tentative, _) => format!("{from}, tentative"),
        (BlockState::Free, _) if block.declined => format!("{from}, declined"),
        (BlockState::Free, _) => format!("{from}, free"),
        (BlockState::Busy, _) => from,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::state::{pending, view::Span};

    /// An event from the calendar "Work" on Tuesday the 24th, 09:00 to 10:30.
    pub(crate) fn event(title: &str) -> BlockView {
        let week = Span {
            from: "2026-11-23".parse().unwrap(),
            days: 7,
        }
        .blank(None);
        let start = "2026-11-24T09:00:00".parse().unwrap();
        let end = "2026-11-24T10:30:00".parse().unwrap();
        BlockView {
            source: SourceKind::Google,
            calendar: Some("work".into()),
            calendar_name: Some("Work".into()),
            account: Some("ana@example.com".into()),
            event: Some(duet_model::event::EventKey(7)),
            rule: "event".into(),
            as_of: Some(week.now),
            ..pending::preview(&week, "e7".into(), title, start, end)
        }
    }

    #[test]
    fn a_block_says_what_it_is_and_what_it_makes_of_its_time() {
        let with = |change: fn(&mut BlockView)| {
            let mut block = event("Stand-up");
            change(&mut block);
            block
        };
        let cases = [
            (with(|_| {}), "Stand-up", "Work", "google busy"),
            (
                with(|block| block.state = BlockState::Tentative),
                "Stand-up",
                "Work, tentative",
                "google tentative",
            ),
            (
                with(|block| block.state = BlockState::Free),
                "Stand-up",
                "Work, free",
                "google counts-not",
            ),
            (
                with(|block| (block.state, block.declined) = (BlockState::Free, true)),
                "Stand-up",
                "Work, declined",
                "google counts-not declined",
            ),
            (
                // The person let declined events count: it is struck, and busy all the same.
                with(|block| block.declined = true),
                "Stand-up",
                "Work",
                "google busy declined",
            ),
            (
                with(|block| block.state = BlockState::Unknown),
                "Stand-up",
                "Work, not checked lately",
                "google unknown",
            ),
            (
                with(|block| (block.state, block.busy_only) = (BlockState::Unknown, true)),
                "Unknown",
                "Work, not checked lately",
                "google unknown busy-only",
            ),
            (
                with(|block| block.title = " ".into()),
                "(no title)",
                "Work",
                "google busy",
            ),
            (
                with(|block| (block.event, block.title) = (None, String::new())),
                "Busy",
                "Work",
                "google busy",
            ),
            (
                with(|block| block.source = SourceKind::Manual),
                "Stand-up",
                "by hand",
                "manual busy",
            ),
        ];
        for (block, title_is, source_is, look_is) in cases {
            assert_eq!(title(&block), title_is, "{block:?}");
            assert_eq!(source(&block, None), source_is, "{block:?}");
            assert_eq!(look(&block).to_string(), look_is, "{block:?}");
        }
    }

    #[test]
    fn a_line_names_the_calendar_of_mere_times() {
        let mut block = event("Stand-up");
        assert_eq!(line(&block), "Stand-up");
        block.busy_only = true;
        assert_eq!(line(&block), "Work");
        block.calendar_name = None;
        block.title = String::new();
        block.event = None;
        assert_eq!(line(&block), "Busy");
    }

    #[test]
    fn whole_days_end_on_the_day_after() {
        let mut block = event("Offsite");
        assert_eq!(
            ends(&block),
            (
                "2026-11-24T09:00:00Z".to_owned(),
                "2026-11-24T10:30:00Z".to_owned()
            )
        );
        block.all_day = Some(("2026-11-23".parse().unwrap(), "2026-11-25".parse().unwrap()));
        assert_eq!(
            ends(&block),
            ("2026-11-23".to_owned(), "2026-11-25".to_owned())
        );
    }

    #[test]
    fn only_what_has_a_title_of_its_own_is_titled() {
        let mut block = event("Stand-up");
        assert!(titled(&block));
        block.busy_only = true;
        assert!(!titled(&block), "“Busy” is no title");
        block.busy_only = false;
        block.source = SourceKind::Manual;
        assert!(!titled(&block), "by hand is said beside a short block");
    }
}
