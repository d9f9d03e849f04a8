//! One sync of one account: its list of calendars, then when those that count are busy.
//!
//! It writes what concerns calendars as soon as it is complete, so that a first sync fills the window
//! while it runs, and reports what concerns the account; when to come again is decided elsewhere.
//! A run may be dropped at any await: every write is one transaction, and none depends on the next.

mod ask;
mod gather;
mod list;
mod write;

pub use list::{listed_calendar, whole_listing};

use std::collections::VecDeque;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_google::freebusy::{self, Query};
use duet_model::account::{Account, FailureCode};
use duet_model::calendar::Calendar;
use duet_model::settings::Window;
use duet_model::when::Interval;
use duet_store::{Store, StoreError};
use duet_wire::accounts::Progress;
use duet_wire::status::{BlockCounts, CalendarCounts, CalendarFailure};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::decide::{Reach, Trouble, calendar_rejected, reach, storage_trouble};
use crate::host::{Clock, Entropy};
use crate::limit::Budget;
use crate::tokens::Tokens;
pub use ask::Ask;
pub(crate) use ask::Failed;
use gather::{Gathering, Verdict};
pub(crate) use write::try_again_if_busy;

/// How far back busy times are asked for: the week that is being looked at began in the past.
const DAYS_BACK: i64 = 7;
/// Requests under way at once for an account (GOOGLE.md 7.5).
const IN_FLIGHT: usize = 4;
/// How often a refused request is asked again in halves, to find the calendar it fails for.
const MOST_SPLITS: u32 = 64;

/// What a run works with.
pub struct Means<'a> {
    /// Where what came is kept.
    pub store: &'a Store,
    /// Where access tokens come from.
    pub tokens: &'a Tokens,
    /// The way to Google.
    pub client: duet_google::Client,
    /// How many requests the account has left.
    pub budget: &'a Budget,
    /// The wall clock.
    pub clock: &'a dyn Clock,
    /// Chance, for waits.
    pub entropy: &'a dyn Entropy,
    /// Told how far it is.
    pub on_progress: &'a (dyn Fn(Progress) + Send + Sync),
}

/// What a run is to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Errand {
    /// List all calendars anew, and all events of each.
    pub full: bool,
    /// A person wants it: ask also for calendars that Google had nothing to say about.
    pub thorough: bool,
    /// The last run failed: one request at a time, so that a server in trouble gets one probe.
    pub gentle: bool,
}

/// What a run did, however it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) requests: u32,
    pub(crate) calendars: CalendarCounts,
    pub(crate) blocks: BlockCounts,
    /// Did anything come that was not known?
    pub(crate) changed: bool,
    /// Did calendars fail in a way that passes?
    pub(crate) failed_in_passing: bool,
    /// The calendars that failed, and why.
    pub(crate) failures: Vec<CalendarFailure>,
}

impl Tally {
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

/// How a run ended, where it did not simply succeed.
#[derive(Debug)]
pub enum Stop {
    /// The account is in trouble.
    Trouble(Trouble),
    /// The account is no longer there: nothing is to be told about it.
    Gone,
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database failed during a sync");
        Self::Trouble(storage_trouble(error.is_full()))
    }
}

/// Syncs one account. The tally is complete also where the run stopped.
pub(crate) async fn run(
    means: &Means<'_>,
    account: &Account,
    errand: Errand,
    tally: &mut Tally,
) -> Result<(), Stop> {
    (means.on_progress)(Progress::default());
    let ask = Ask::new(means, account);
    let listed = list::refresh(means, &ask, account, errand.full, tally).await;
    tally.requests = ask.requests();
    let full = listed?;

    let settings = means.store.settings().await?;
    let span = span(means.clock.now(), settings.window);
    let calendars = means.store.calendars_of(account.id).await?;
    let (wanted, skipped): (Vec<_>, Vec<_>) = calendars
        .into_iter()
        .filter(|calendar| calendar.busy)
        .partition(|calendar| full || errand.thorough || !is_lost(calendar));
    for calendar in &skipped {
        let why = calendar.last_error.as_ref();
        tally.fail(calendar, why.map_or("", |failure| &failure.message));
    }
    let outcome = ask_for_busy_times(means, &ask, wanted, span, errand.gentle, tally).await;
    tally.requests = ask.requests();
    outcome?;
    match means.store.account(account.id).await? {
        Some(_) => Ok(()),
        None => Err(Stop::Gone),
    }
}

/// The days that are asked for. Whole days in UTC, so that the span moves once a day and two syncs of
/// one day ask the same.
pub(crate) fn span(now: DateTime<Utc>, window: Window) -> Interval {
    let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let (start, end) = (
        today - TimeDelta::days(DAYS_BACK),
        today + TimeDelta::days(window.days()),
    );
    Interval { start, end }
}

/// Google said `notFound` for it: asked again when a person wants it or with the next full listing, not
/// every few minutes.
fn is_lost(calendar: &Calendar) -> bool {
    calendar
        .last_error
        .as_ref()
        .is_some_and(|failure| failure.code == FailureCode::NotFound)
}

/// Google refused a request that held this calendar: it must not spoil those of the others again.
fn is_suspect(calendar: &Calendar) -> bool {
    calendar
        .last_error
        .as_ref()
        .is_some_and(|failure| failure.code == FailureCode::Rejected)
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Which questions to ask. Calendars that spoiled a request before are asked for apart.
fn questions(calendars: &[Calendar], span: Interval) -> VecDeque<Query> {
    let ids = |suspect: bool| -> Vec<String> {
        let chosen = calendars
            .iter()
            .filter(|calendar| is_suspect(calendar) == suspect);
        chosen.map(|calendar| calendar.google_id.clone()).collect()
    };
    [ids(false), ids(true)]
        .into_iter()
        .filter(|ids| !ids.is_empty())
        .flat_map(|ids| freebusy::plan(&ids, span.start, span.end))
        .collect()
}

async fn ask_for_busy_times(
    means: &Means<'_>,
    ask: &Ask<'_>,
    calendars: Vec<Calendar>,
    span: Interval,
    gentle: bool,
    tally: &mut Tally,
) -> Result<(), Stop> {
    let mut queue = questions(&calendars, span);
    let mut progress = Progress {
        total: count(calendars.len()),
        ..Progress::default()
    };
    (means.on_progress)(progress);
    let mut gathering = Gathering::new(calendars, &queue);
    let mut fresh = Vec::new();
    let mut splits = 0;
    // The first answer alone tells whether the trouble is over.
    let mut width = if gentle { 1 } else { IN_FLIGHT };
    let mut under_way = FuturesUnordered::new();
    let result = loop {
        while under_way.len() < width
            && let Some(query) = queue.pop_front()
        {
            under_way.push(async move { (ask.busy(&query).await, query) });
        }
        let Some((answer, query)) = under_way.next().await else {
            break Ok(());
        };
        let complete = match answer {
            Ok(answers) => {
                width = IN_FLIGHT;
                gathering.answered(answers)
            }
            Err(Failed::Request(error)) if reach(&error) == Reach::Request => {
                tracing::warn!(%error, calendars = query.calendars.len(), "a request was refused");
                if query.calendars.len() > 1 && splits < MOST_SPLITS {
                    splits += 1;
                    queue.extend(halves(&query));
                    continue;
                }
                gathering.refused(&query.calendars, &calendar_rejected(&error))
            }
            Err(failed) => break Err(failed.into_stop(ask)),
        };
        for (calendar, verdict) in complete {
            if let Verdict::Busy { blocks, .. } = &verdict {
                progress.blocks += count(blocks.len());
            }
            write::settle(means, &calendar, verdict, span, &mut fresh, tally).await?;
            progress.done += 1;
            (means.on_progress)(progress);
        }
    };
    // Calendars that were complete before the run was stopped are fresh all the same.
    drop(under_way);
    write::stamp(means, &fresh).await?;
    result
}

/// The same question about each half of its calendars.
fn halves(query: &Query) -> [Query; 2] {
    let (first, second) = query.calendars.split_at(query.calendars.len() / 2);
    [first, second].map(|ids| Query {
        calendars: ids.to_vec(),
        ..query.clone()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_is_whole_days_and_moves_once_a_day() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let morning = span(at("2026-11-22T00:00:00Z"), Window::Days90);
        assert_eq!(morning, span(at("2026-11-22T23:59:59Z"), Window::Days90));
        assert_eq!(morning.start, at("2026-11-15T00:00:00Z"));
        assert_eq!(morning.end, at("2027-02-20T00:00:00Z"));
        let shorter = span(at("2026-11-22T12:00:00Z"), Window::Days60);
        assert_eq!(shorter.end, at("2027-01-21T00:00:00Z"));
    }

    #[test]
    fn fifty_calendars_for_ninety_days_are_two_questions() {
        let ids: Vec<String> = (0..50).map(|n| format!("c{n}@example.com")).collect();
        let span = span("2026-11-22T12:00:00Z".parse().unwrap(), Window::Days90);
        assert_eq!(freebusy::plan(&ids, span.start, span.end).len(), 2);
    }

    #[test]
    fn halves_hold_everything_once() {
        let query = Query {
            time_min: DateTime::UNIX_EPOCH,
            time_max: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            calendars: ["a", "b", "c"].map(String::from).to_vec(),
        };
        let [first, second] = halves(&query);
        assert_eq!(
            [first.calendars, second.calendars].concat(),
            query.calendars
        );
        assert_eq!(second.time_max, query.time_max);
    }
}
