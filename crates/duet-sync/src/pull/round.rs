//! How far a run is, over both its phases: which calendars are done, how, and what came. Pure but for
//! telling the progress.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use duet_model::account::FailureCode;
use duet_model::calendar::{Calendar, CalendarId};
use duet_wire::accounts::Progress;
use duet_wire::status::{BlockCounts, CalendarFailure, EventCounts};

use super::Tally;
use crate::decide::CalendarTrouble;

/// Tells how far a run is, as it goes.
pub(super) struct Meter<'a> {
    counts: Mutex<Counts>,
    tell: &'a (dyn Fn(Progress) + Send + Sync),
}

#[derive(Clone, Copy, Default)]
struct Counts {
    progress: Progress,
    events: EventCounts,
}

impl<'a> Meter<'a> {
    /// Nothing has come yet.
    pub(super) fn new(tell: &'a (dyn Fn(Progress) + Send + Sync)) -> Self {
        let meter = Self {
            counts: Mutex::default(),
            tell,
        };
        meter.change(|_| {});
        meter
    }

    /// Blocks have arrived.
    pub(super) fn blocks(&self, count: u32) {
        self.change(|counts| counts.progress.blocks += count);
    }

    /// A page of events has been stored.
    pub(super) fn page(&self, page: EventCounts) {
        self.change(|counts| {
            counts.progress.events += page.upserted;
            counts.events.upserted += page.upserted;
            counts.events.removed += page.removed;
            counts.events.quarantined += page.quarantined;
        });
    }

    /// What came of events until now.
    pub(super) fn events(&self) -> EventCounts {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.events
    }

    fn change(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut counts);
        let progress = counts.progress;
        drop(counts);
        (self.tell)(progress);
    }
}

/// How one phase ended for a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// What Google says is here.
    Fresh,
    /// Nobody wants it any more; nothing is to be said of it.
    Unwanted,
    /// It failed, alone; the words are stored with it.
    Failed(CalendarTrouble),
}

/// The calendars of a run. One is done when its last phase is, counts as well only when all its
/// phases went well, and is named once where more than one failed.
#[derive(Default)]
pub(super) struct Round {
    calendars: HashMap<CalendarId, Standing>,
}

struct Standing {
    /// Phases that have not ended.
    open: u32,
    worst: Worst,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Worst {
    Fresh,
    Unwanted,
    Failed,
}

impl Round {
    /// A phase is about to begin, or to come, for these calendars.
    pub(super) fn expect(&mut self, calendars: &[Calendar], meter: &Meter<'_>) {
        for calendar in calendars {
            self.standing(calendar).open += 1;
        }
        let asked = self.calendars.values().filter(|it| it.open > 0).count();
        meter.change(|counts| counts.progress.total = super::count(asked));
    }

    /// It failed before, for good, and is not asked about now.
    pub(super) fn skip(&mut self, calendar: &Calendar, why: &str, tally: &mut Tally) {
        if self.standing(calendar).worst != Worst::Failed {
            self.standing(calendar).worst = Worst::Failed;
            tally.fail(calendar, why);
        }
    }

    /// A phase has ended for a calendar.
    pub(super) fn ended(
        &mut self,
        calendar: &Calendar,
        ended: &Ended,
        tally: &mut Tally,
        meter: &Meter<'_>,
    ) {
        let standing = self.standing(calendar);
        standing.open = standing.open.saturating_sub(1);
        let (open, before) = (standing.open, standing.worst);
        match ended {
            Ended::Fresh => {}
            Ended::Unwanted if before == Worst::Fresh => standing.worst = Worst::Unwanted,
            Ended::Unwanted => {}
            Ended::Failed(trouble) => {
                standing.worst = Worst::Failed;
                tally.failed_in_passing |= trouble.code != FailureCode::NotFound;
                if before != Worst::Failed {
                    tally.fail(calendar, &trouble.message);
                }
            }
        }
        if open == 0 {
            tally.calendars.ok += u32::from(self.standing(calendar).worst == Worst::Fresh);
            meter.change(|counts| counts.progress.done += 1);
        }
    }

    fn standing(&mut self, calendar: &Calendar) -> &mut Standing {
        self.calendars.entry(calendar.id).or_insert(Standing {
            open: 0,
            worst: Worst::Fresh,
        })
    }
}

impl Tally {
    /// Blocks came or went.
    pub(super) fn blocks(&mut self, counts: BlockCounts) {
        self.blocks.added += counts.added;
        self.blocks.removed += counts.removed;
        self.changed |= counts != BlockCounts::default();
    }

    /// A calendar failed.
    fn fail(&mut self, calendar: &Calendar, why: &str) {
        self.calendars.failed += 1;
        self.failures.push(CalendarFailure {
            id: calendar.google_id.clone(),
            name: calendar.name.clone(),
            error: why.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pull::gather::tests::calendar;

    fn failed(code: FailureCode) -> Ended {
        Ended::Failed(CalendarTrouble {
            code,
            message: format!("{code:?}"),
        })
    }

    #[test]
    fn a_calendar_is_well_only_where_all_its_phases_are_and_is_named_once() {
        use FailureCode::{NotFound, Server};
        // How its phases end; whether it is well, its failures, whether they pass.
        let rows = [
            (vec![Ended::Fresh], 1, vec![], false),
            (vec![Ended::Fresh, Ended::Fresh], 1, vec![], false),
            (vec![Ended::Fresh, Ended::Unwanted], 0, vec![], false),
            (vec![Ended::Unwanted, Ended::Fresh], 0, vec![], false),
            (vec![failed(Server), Ended::Fresh], 0, vec!["Server"], true),
            (
                vec![Ended::Fresh, failed(NotFound)],
                0,
                vec!["NotFound"],
                false,
            ),
            (
                vec![failed(NotFound), failed(Server)],
                0,
                vec!["NotFound"],
                true,
            ),
            (
                vec![failed(Server), Ended::Unwanted],
                0,
                vec!["Server"],
                true,
            ),
        ];
        for (phases, ok, failures, passing) in rows {
            let (mut round, mut tally) = (Round::default(), Tally::default());
            let last = Mutex::new(Progress::default());
            let tell = |progress| *last.lock().unwrap() = progress;
            let meter = Meter::new(&tell);
            let (calendar, other) = (
                calendar("a"),
                Calendar {
                    id: CalendarId(2),
                    ..calendar("b")
                },
            );
            round.skip(&other, "gone", &mut tally);
            for _ in &phases {
                round.expect(std::slice::from_ref(&calendar), &meter);
            }
            for (n, phase) in phases.iter().enumerate() {
                assert_eq!(
                    last.lock().unwrap().done,
                    0,
                    "before phase {n} of {phases:?}"
                );
                round.ended(&calendar, phase, &mut tally, &meter);
            }
            let progress = *last.lock().unwrap();
            assert_eq!((progress.done, progress.total), (1, 1), "{phases:?}");
            assert_eq!(tally.calendars.ok, ok, "{phases:?}");
            let named: Vec<&str> = tally.failures.iter().map(|it| it.error.as_str()).collect();
            assert_eq!(named, [vec!["gone"], failures].concat(), "{phases:?}");
            assert_eq!(tally.calendars.failed as usize, named.len());
            assert_eq!(tally.failed_in_passing, passing, "{phases:?}");
        }
    }

    #[test]
    fn pages_add_up() {
        let meter = Meter::new(&|_| {});
        for n in 1..=3 {
            meter.page(EventCounts {
                upserted: n,
                removed: 10 * n,
                quarantined: 100 * n,
            });
        }
        let all = meter.events();
        assert_eq!((all.upserted, all.removed, all.quarantined), (6, 60, 600));
    }
}
