//! One sync of one account: what waits to be written (`push`), its list of calendars, then when those that count are busy, then the
//! events of all that are shown or count.
//!
//! Busy times are asked for first because they are two questions for fifty calendars: a first picture
//! is there before the first events are. Where events may not be read, they are all there is. Of a
//! calendar whose events are known they are a check on those, and are stored together with what its
//! events say anew (`held`).
//!
//! It writes what concerns calendars as soon as it is complete, so that a first sync fills the window
//! while it runs, and reports what concerns the account; when to come again is decided elsewhere.
//! A run may be dropped at any await: every write is one transaction, and none depends on the next.

mod ask;
mod details;
mod gather;
mod held;
mod list;
mod round;
mod times;
mod write;

pub use list::{listed_calendar, whole_listing};

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use duet_model::account::Account;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::settings::Window;
use duet_model::when::Interval;
use duet_model::zones::ZoneDb;
use duet_store::{EventState, Store, StoreError};
use duet_wire::accounts::Progress;
use duet_wire::status::{BlockCounts, CalendarCounts, CalendarFailure, EventCounts};

use crate::decide::{Trouble, storage_trouble};
use crate::host::{Clock, Entropy};
use crate::limit::Budget;
use crate::push;
use crate::tokens::Tokens;
pub use ask::Ask;
pub(crate) use ask::Failed;
pub(crate) use gather::joined;
use held::Held;
pub(crate) use held::Told;
use round::{Meter, Round};
pub(crate) use times::halves;
pub(crate) use write::try_again_if_busy;

/// How far back busy times are asked for: the week that is being looked at began in the past.
const DAYS_BACK: i64 = 7;
/// Requests under way at once for an account (GOOGLE.md 7.5).
const IN_FLIGHT: usize = 4;

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
    /// The zones of the world, in which series are worked out.
    pub zones: &'a ZoneDb,
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
    /// Send what waits, and look for nothing; after an answer to an invitation for what it changed.
    pub push_only: bool,
    /// The last run failed: one request at a time, so that a server in trouble gets one probe.
    pub gentle: bool,
}

/// What a run did, however it ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) requests: u32,
    pub(crate) calendars: CalendarCounts,
    pub(crate) blocks: BlockCounts,
    pub(crate) events: EventCounts,
    /// Did anything come that was not known?
    pub(crate) changed: bool,
    /// Did calendars fail in a way that passes?
    pub(crate) failed_in_passing: bool,
    /// The calendars that failed, and why.
    pub(crate) failures: Vec<CalendarFailure>,
    /// Changes that were carried out at Google.
    pub(crate) sent: u32,
    /// Was an invitation answered? Then Google counts its time otherwise.
    pub(crate) answered: bool,
    /// Changes that were refused, and wait for the person.
    pub(crate) stuck: u32,
    /// Did a calendar say otherwise than the list what may be done with it?
    pub(crate) list_is_old: bool,
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
    let meter = Meter::new(means.on_progress);
    let ask = Ask::new(means, account);
    // First, so that what comes back is what was written.
    let pushed = push::run(&ask, tally).await;
    tally.requests = ask.requests();
    pushed?;
    // What Google counted before an answer would stand against it until the next sync.
    if errand.push_only && !tally.answered {
        return Ok(());
    }
    // What an account may do with a calendar is told by a whole list only (GOOGLE.md 2), and that is
    // as many requests as a list of what changed: whoever asks by hand gets it.
    let all = errand.full || errand.thorough;
    let listed = list::refresh(means, &ask, account, all, tally).await;
    tally.requests = ask.requests();
    let all = listed? || all;

    let outcome = refresh(&ask, errand, all, &meter, tally).await;
    tally.requests = ask.requests();
    tally.events = meter.events();
    tally.changed |= tally.events.upserted + tally.events.removed > 0;
    outcome?;
    if tally.list_is_old && !all {
        // Otherwise a calendar that shows only its times by now would be asked in vain, or stand there
        // as one that fails, until the daily list.
        let listed = list::refresh(means, &ask, account, true, tally).await;
        tally.requests = ask.requests();
        listed?;
    }
    match means.store.account(account.id).await? {
        Some(_) => Ok(()),
        None => Err(Stop::Gone),
    }
}

/// Both phases: busy times, then events. With `all`, calendars that were gone for good when they were
/// asked about last are asked about again.
async fn refresh(
    ask: &Ask<'_>,
    errand: Errand,
    all: bool,
    meter: &Meter<'_>,
    tally: &mut Tally,
) -> Result<(), Stop> {
    let (means, account) = (ask.means(), ask.account());
    let settings = means.store.settings().await?;
    let span = span(means.clock.now(), settings.window);
    let calendars = means.store.calendars_of(account.id).await?;
    let states = event_states(means, &calendars).await?;
    let plan = details::plan(account, &calendars, &states, all);
    details::forget(means, &plan.forget).await?;

    let mut held = Held::new(&plan.ask, &states);
    let (times, lost): (Vec<_>, Vec<_>) = calendars
        .into_iter()
        .filter(|calendar| calendar.busy)
        // Events that come tell more than busy times that do not.
        .partition(|calendar| all || held.asks(calendar.id) || !times::is_lost(calendar));
    let mut round = Round::default();
    for calendar in &lost {
        let why = calendar.last_error.as_ref();
        round.skip(calendar, why.map_or("", |it| &it.message), tally);
    }
    for (calendar, why) in &plan.skip {
        round.skip(calendar, why, tally);
    }
    round.expect(&times, meter);
    round.expect(&plan.ask, meter);
    let (round, held) = (&mut round, &mut held);
    let asked = times::refresh(ask, times, span, errand.gentle, held, round, meter, tally).await;
    if let Err(stop) = asked {
        held.end(means, round, meter, tally).await?;
        return Err(stop);
    }
    details::refresh(ask, plan.ask, &states, errand, held, round, meter, tally).await
}

/// Where the listings of these calendars' events stopped.
async fn event_states(
    means: &Means<'_>,
    calendars: &[Calendar],
) -> Result<HashMap<CalendarId, EventState>, StoreError> {
    let mut states: HashMap<_, _> = {
        let mut snapshot = means.store.read().await?;
        let states = snapshot.event_states().await?;
        states.into_iter().map(|it| (it.calendar, it)).collect()
    };
    states.retain(|id, _| calendars.iter().any(|calendar| calendar.id == *id));
    Ok(states)
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

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
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
}
