//! The events of one calendar: what changed at Google comes into the store, page by page, and with
//! each page the occurrences of the series it touches.
//!
//! - A listing goes on from the stored sync token, as long as that belongs to the same request
//!   ([`duet_google::events::parameters_hash`]); a dead one costs one whole listing (GOOGLE.md 4.2).
//! - Every page is one transaction. The token comes with the last one, so that a stored token means
//!   that all before it is stored (TRUST.md I1); an interrupted listing is repeated, which changes
//!   nothing twice (I2). A whole listing removes only when it is complete (I17).
//! - A whole listing that lacks more than one event in ten is believed when a second one, a minute
//!   later at the earliest, lacks as much (F16, I12).
//! - A calendar fails alone, with words; what is stored of it stays.
//!
//! Whether a calendar's events are asked for, and when again, is decided by the caller; so is the
//! stamp for those that are fresh ([`stamp`]), one statement for a whole run.

mod adopt;
mod ahead;
mod beyond;
mod horizon;
mod items;
mod occurrences;
mod page;
mod pages;
mod reply;
pub(crate) mod trouble;

use std::sync::Arc;

use duet_google::events::{Next, Query, Reader, parameters_hash};
use duet_google::{Error, Retry};
use duet_model::account::Failure;
use duet_model::calendar::{AccessRole, Calendar, CalendarId};
use duet_model::event::EventId;
use duet_model::recurrence::SeriesError;
use duet_store::{EventState, StoreError};
use duet_wire::status::{BlockCounts, EventCounts};

use crate::decide::{CalendarTrouble, Reach};
use crate::pull::{Ask, Errand, Failed, Means, Stop, Told, try_again_if_busy};

pub use beyond::{Beyond, DAYS_AT_ONCE, beyond};
pub use horizon::{DAYS_AHEAD, DAYS_BACK, Frame, span};
pub use occurrences::{Occurrences, occurrences_of, roll};

use page::{Commit, Run};
use pages::Pages;
pub(crate) use reply::{take_removal, take_reply};

/// What came of pulling a calendar's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventTally {
    /// How it ended.
    pub outcome: Outcome,
    /// Was everything listed, rather than what changed?
    pub whole: bool,
    /// Pages that were read.
    pub pages: u32,
    /// Events that were not there before.
    pub added: u32,
    /// Events that say something else now.
    pub changed: u32,
    /// Events that are gone.
    pub removed: u32,
    /// Events that could not be read, and were kept aside.
    pub quarantined: u32,
    /// Busy times that came or went together with the events.
    pub times: BlockCounts,
    /// Series that were touched and are not known altogether, and why: between their instances there
    /// may be others.
    pub unknown: Vec<(EventId, SeriesError)>,
}

impl EventTally {
    fn counts(&self) -> EventCounts {
        EventCounts {
            upserted: self.added + self.changed,
            removed: self.removed,
            quarantined: self.quarantined,
        }
    }

    fn since(&self, before: EventCounts) -> EventCounts {
        let now = self.counts();
        EventCounts {
            upserted: now.upserted - before.upserted,
            removed: now.removed - before.removed,
            quarantined: now.quarantined - before.quarantined,
        }
    }
}

/// How pulling a calendar's events ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// All that Google says is here. To be stamped, see [`stamp`].
    Fresh,
    /// The calendar was switched off or removed meanwhile; nothing is to be said of it.
    #[default]
    Unwanted,
    /// Only its busy times may be read: its events are forgotten, and free/busy speaks for it.
    BusyOnly,
    /// It failed, alone; the words are stored with it.
    Failed(CalendarTrouble),
}

/// What is listed.
#[derive(Clone, Copy)]
struct Of<'a> {
    calendar: &'a Calendar,
    frame: &'a Frame<'a>,
    /// What free/busy said of the calendar, to be stored together with its events.
    told: Option<&'a Told>,
    /// Nothing is stored of it, not even that it was ever listed.
    first: bool,
}

/// How a listing ended.
enum End {
    Fresh,
    Unwanted,
    BusyOnly,
    /// The words are stored already.
    Doubted(CalendarTrouble),
}

/// Why a listing broke off.
enum Broken {
    Store(StoreError),
    Request(Failed),
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failed> for Broken {
    fn from(failed: Failed) -> Self {
        Self::Request(failed)
    }
}

/// Brings the events of a calendar up to date, and their occurrences with them.
///
/// `state` is what is stored about it; `on_page` is told what each page that was stored changed. May be
/// dropped at any await. Stops where no other calendar of
/// the account would fare better; what had come until then is stored.
pub async fn pull_calendar(
    ask: &Ask<'_>,
    calendar: &Calendar,
    state: Option<&EventState>,
    errand: Errand,
    on_page: &(dyn Fn(EventCounts) + Sync),
) -> Result<EventTally, Stop> {
    pull(ask, calendar, state, errand, None, on_page).await
}

/// The same, and with the events what free/busy has `told` of the calendar. Where there is nothing
/// new to be stored, or the events fail, the caller stores that.
pub(crate) async fn pull(
    ask: &Ask<'_>,
    calendar: &Calendar,
    state: Option<&EventState>,
    errand: Errand,
    told: Option<&Told>,
    on_page: &(dyn Fn(EventCounts) + Sync),
) -> Result<EventTally, Stop> {
    let means = ask.means();
    let mut tally = EventTally::default();
    if calendar.access_role == AccessRole::FreeBusyReader {
        if state.is_some() {
            forget(means, calendar.id).await?;
        }
        tally.outcome = Outcome::BusyOnly;
        return Ok(tally);
    }
    let frame = Frame::of(calendar, means.zones, means.clock.now());
    let horizon = state.and_then(|state| state.horizon.as_ref());
    if state.is_some() && !roll(means, calendar, &frame, horizon).await? {
        return Ok(tally);
    }
    let parameters = parameters_hash();
    let token = state
        .and_then(|state| state.token_for(&parameters))
        .filter(|_| !errand.full);
    let of = Of {
        calendar,
        frame: &frame,
        told,
        first: state.is_none(),
    };
    let mut ended = list(ask, of, token, on_page, &mut tally).await;
    if token.is_some()
        && let Err(Broken::Request(Failed::Request(error))) = &ended
        && error.retry() == Retry::Resync
    {
        // Once: a whole listing that is answered with the same again is a fault of this calendar's.
        tracing::info!(calendar = calendar.id.0, "Google asks for all events anew");
        ended = list(ask, of, None, on_page, &mut tally).await;
    }
    tally.outcome = match ended {
        Ok(End::Fresh) => Outcome::Fresh,
        Ok(End::Unwanted) => Outcome::Unwanted,
        Ok(End::BusyOnly) => {
            forget(means, calendar.id).await?;
            Outcome::BusyOnly
        }
        Ok(End::Doubted(trouble)) => Outcome::Failed(trouble),
        Err(Broken::Store(error)) => return Err(error.into()),
        Err(Broken::Request(Failed::Request(error)))
            if trouble::reach(&error) == Reach::Request =>
        {
            fail(means, calendar, &error).await?
        }
        Err(Broken::Request(failed)) => return Err(failed.into_stop(ask)),
    };
    Ok(tally)
}

/// Notes that the events of these calendars, each under its generation, are fresh.
pub async fn stamp(means: &Means<'_>, fresh: &[(CalendarId, i64)]) -> Result<(), StoreError> {
    if fresh.is_empty() {
        return Ok(());
    }
    let now = means.clock.now();
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.stamp_events_checked(fresh, now).await?;
        tx.commit().await
    })
    .await
}

/// Lists what changed since a token, or everything.
async fn list(
    ask: &Ask<'_>,
    of: Of<'_>,
    token: Option<&str>,
    on_page: &(dyn Fn(EventCounts) + Sync),
    tally: &mut EventTally,
) -> Result<End, Broken> {
    let reader = Reader {
        me: &ask.account().email,
        zones: ask.means().zones,
    };
    let Some(mut run) = Run::begin(ask.means(), of, token).await? else {
        return Ok(End::Unwanted);
    };
    tally.whole = token.is_none();
    let mut pages = Pages::default();
    let mut page_token: Option<String> = None;
    loop {
        let query = Query {
            calendar: &of.calendar.google_id,
            sync_token: token,
            page_token: page_token.as_deref(),
        };
        let page = Arc::new(ask.events(&query, &reader).await?);
        tally.pages += 1;
        if page.access_role == Some(AccessRole::FreeBusyReader) {
            return Ok(End::BusyOnly);
        }
        let next = match &page.next {
            Next::Page(next) if !pages.admits(next, page.items.is_empty()) => {
                return Err(Failed::Request(Error::EndlessPages).into());
            }
            Next::Page(next) => Some(next.clone()),
            Next::Done { .. } => None,
        };
        let before = tally.counts();
        let done = run.commit(&page, tally).await?;
        on_page(tally.since(before));
        match done {
            Commit::More => page_token = next,
            Commit::Done => return Ok(End::Fresh),
            Commit::Unwanted => return Ok(End::Unwanted),
            Commit::Doubted(trouble) => return Ok(End::Doubted(trouble)),
        }
    }
}

async fn forget(means: &Means<'_>, calendar: CalendarId) -> Result<(), StoreError> {
    try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        tx.forget_events(calendar).await?;
        tx.commit().await
    })
    .await
}

/// Notes why a calendar failed. Nothing is said of one that nobody wants any more.
async fn fail(
    means: &Means<'_>,
    calendar: &Calendar,
    error: &Error,
) -> Result<Outcome, StoreError> {
    tracing::warn!(calendar = calendar.id.0, %error, "a calendar's events failed");
    let trouble = trouble::of(error);
    let failure = failure(means, &trouble);
    let noted = try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        let noted = tx
            .mark_events_failed(calendar.id, calendar.generation, failure.clone())
            .await?;
        tx.commit().await?;
        Ok(noted)
    })
    .await?;
    Ok(if noted {
        Outcome::Failed(trouble)
    } else {
        Outcome::Unwanted
    })
}

fn failure(means: &Means<'_>, trouble: &CalendarTrouble) -> Failure {
    Failure {
        code: trouble.code,
        message: trouble.message.clone(),
        at: means.clock.now(),
    }
}
