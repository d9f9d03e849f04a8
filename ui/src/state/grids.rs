//! The grids that have been fetched, and which to fetch next.
//!
//! Kept by the days they show, so that answers in any order cannot draw the wrong week: an answer
//! lands under its own days, and only if it is not older than what lies there. A change in the core
//! raises the epoch; what was fetched before stays on the screen until its newer self arrives.

use chrono::NaiveDate;
use duet_wire::WireError;
use duet_wire::grid::{DayView, GridView};

use crate::state::shared::Shared;
use crate::state::view::Span;

/// How many grids are kept. A year of weeks would be 4 MB; neighbours are what matters.
const KEPT: usize = 12;

/// A grid as it was fetched.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    span: Span,
    grid: Shared<GridView>,
    epoch: u32,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Grids {
    /// Newest use last.
    entries: Vec<Entry>,
    in_flight: Vec<(Span, u32)>,
    failed: Option<(Span, u32, WireError)>,
    epoch: u32,
}

impl Grids {
    /// The grid of these days, however old.
    pub(crate) fn get(&self, span: Span) -> Option<&Shared<GridView>> {
        self.entries
            .iter()
            .find(|entry| entry.span == span)
            .map(|entry| &entry.grid)
    }

    /// The epoch in which the grid of these days was asked for.
    pub(crate) fn epoch_of(&self, span: Span) -> Option<u32> {
        self.entries
            .iter()
            .find(|entry| entry.span == span)
            .map(|entry| entry.epoch)
    }

    /// The current epoch.
    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// All days that are known, newest fetch first: for putting instants on the wall clock.
    pub(crate) fn days(&self) -> impl Iterator<Item = &DayView> {
        self.entries
            .iter()
            .rev()
            .flat_map(|entry| entry.grid.days.iter())
    }

    /// What is known of one day.
    pub(crate) fn day(&self, date: NaiveDate) -> Option<&DayView> {
        self.days().find(|day| day.date == date)
    }

    /// Why the grid of these days could not be fetched, if the last try failed.
    pub(crate) fn failure(&self, span: Span) -> Option<&WireError> {
        self.failed
            .as_ref()
            .filter(|(failed, ..)| *failed == span)
            .map(|(_, _, error)| error)
    }

    /// The next grid to ask for: what is in view before its neighbours, nothing that is fresh, under
    /// way, or has just failed.
    pub(crate) fn next_fetch(&self, shown: Span, neighbours: &[Span]) -> Option<Span> {
        let due = |span: &Span| {
            let fresh = self.epoch_of(*span) == Some(self.epoch);
            let asked = self.in_flight.iter().any(|(flying, _)| flying == span);
            let failed = self
                .failed
                .as_ref()
                .is_some_and(|(failed, epoch, _)| failed == span && *epoch == self.epoch);
            !fresh && !asked && !failed
        };
        if due(&shown) {
            return Some(shown);
        }
        // Neighbours wait until the view itself is fresh: the core answers one after the other.
        (self.epoch_of(shown) == Some(self.epoch) && self.in_flight.is_empty())
            .then(|| neighbours.iter().copied().find(due))
            .flatten()
    }

    /// A request leaves.
    pub(crate) fn started(&mut self, span: Span) {
        self.in_flight.push((span, self.epoch));
    }

    /// Its answer came.
    pub(crate) fn arrived(&mut self, span: Span, answer: Result<GridView, WireError>) {
        let asked = match self
            .in_flight
            .iter()
            .position(|(flying, _)| *flying == span)
        {
            Some(index) => self.in_flight.remove(index).1,
            None => self.epoch,
        };
        match answer {
            Ok(grid) => {
                self.failed = self.failed.take().filter(|(failed, ..)| *failed != span);
                self.put(span, grid, asked);
            }
            Err(error) => self.failed = Some((span, asked, error)),
        }
    }

    /// A grid from before the first request, as of now.
    pub(crate) fn seed(&mut self, grid: GridView) {
        if let Ok(days) = u8::try_from(grid.days.len()) {
            self.put(
                Span {
                    from: grid.from,
                    days,
                },
                grid,
                self.epoch,
            );
        }
    }

    fn put(&mut self, span: Span, grid: GridView, epoch: u32) {
        if self.epoch_of(span).is_some_and(|there| there > epoch) {
            return;
        }
        let mut grid = Shared::new(grid);
        if let Some(index) = self.entries.iter().position(|entry| entry.span == span) {
            let before = self.entries.remove(index).grid;
            // The same picture again: keep the old one, and nothing is drawn anew.
            if same_picture(&before, &grid) {
                grid = before;
            }
        }
        self.entries.push(Entry { span, grid, epoch });
        if self.entries.len() > KEPT {
            self.entries.remove(0);
        }
    }

    /// Something in the core changed: everything is to be fetched again.
    pub(crate) fn outdate(&mut self) {
        self.epoch += 1;
    }
}

/// Equal but for the time of the answer.
fn same_picture(one: &GridView, other: &GridView) -> bool {
    one.from == other.from
        && one.zone == other.zone
        && one.days == other.days
        && one.blocks == other.blocks
        && one.bars == other.bars
}

#[cfg(test)]
mod tests {
    use super::*;
    use duet_wire::ErrorCode;

    fn span(day: u32) -> Span {
        Span {
            from: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            days: 7,
        }
    }

    fn grid(day: u32, zone: &str) -> GridView {
        GridView {
            zone: zone.into(),
            ..span(day).blank(None)
        }
    }

    #[test]
    fn the_view_is_fetched_before_its_neighbours_and_nothing_twice() {
        let mut grids = Grids::default();
        let neighbours = [span(23), span(9)];
        assert_eq!(grids.next_fetch(span(16), &neighbours), Some(span(16)));
        grids.started(span(16));
        assert_eq!(
            grids.next_fetch(span(16), &neighbours),
            None,
            "one request is enough"
        );
        grids.arrived(span(16), Ok(grid(16, "")));
        assert_eq!(grids.next_fetch(span(16), &neighbours), Some(span(23)));
        grids.started(span(23));
        grids.arrived(span(23), Ok(grid(23, "")));
        assert_eq!(grids.next_fetch(span(16), &neighbours), Some(span(9)));
        grids.started(span(9));
        grids.arrived(span(9), Ok(grid(9, "")));
        assert_eq!(
            grids.next_fetch(span(16), &neighbours),
            None,
            "all is fresh"
        );
        grids.outdate();
        assert_eq!(
            grids.next_fetch(span(16), &neighbours),
            Some(span(16)),
            "a change outdates all"
        );
        assert!(
            grids.get(span(16)).is_some(),
            "but the old picture stays until then"
        );
    }

    #[test]
    fn an_answer_that_was_overtaken_by_a_change_is_fetched_again() {
        let mut grids = Grids::default();
        grids.started(span(16));
        grids.outdate();
        grids.arrived(span(16), Ok(grid(16, "old")));
        assert_eq!(
            grids.next_fetch(span(16), &[]),
            Some(span(16)),
            "it was asked before the change"
        );
    }

    #[test]
    fn a_failure_is_told_and_not_repeated_until_something_changes() {
        let mut grids = Grids::default();
        grids.started(span(16));
        grids.arrived(span(16), Err(WireError::new(ErrorCode::Failed, "no")));
        assert_eq!(
            grids.failure(span(16)).map(|error| error.message.as_str()),
            Some("no")
        );
        assert_eq!(
            grids.next_fetch(span(16), &[]),
            None,
            "no endless loop of failing requests"
        );
        grids.outdate();
        assert_eq!(grids.next_fetch(span(16), &[]), Some(span(16)));
    }

    #[test]
    fn an_equal_answer_is_not_drawn_again() {
        let mut grids = Grids::default();
        grids.seed(grid(16, "Europe/Berlin"));
        let first = grids.get(span(16)).cloned();
        grids.outdate();
        grids.seed(GridView {
            now: chrono::DateTime::UNIX_EPOCH,
            ..grid(16, "Europe/Berlin")
        });
        assert_eq!(grids.get(span(16)).cloned(), first, "only its time differs");
        grids.seed(grid(16, "Europe/Paris"));
        assert_ne!(
            grids.get(span(16)).cloned(),
            first,
            "a different picture replaces it"
        );
    }

    #[test]
    fn only_so_many_are_kept() {
        let mut grids = Grids::default();
        for day in 1..=20 {
            grids.seed(grid(day, ""));
        }
        assert_eq!(grids.entries.len(), KEPT);
        assert!(grids.get(span(20)).is_some(), "the newest stays");
    }
}
