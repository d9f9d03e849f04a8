//! The list of calendars: what changed since last time, and never on trust when it suddenly is empty.
//!
//! All of it once a day, when a person asks for a sync, and when a calendar's own answer contradicts it.
//! That a calendar may be read again which showed only its times is seen by the first two alone: it is
//! not asked for events meanwhile.

use chrono::{DateTime, TimeDelta, Utc};
use duet_google::calendar_list::{CalendarListEntry, ListAnswer};
use duet_google::{Error, Retry};
use duet_model::account::Account;
use duet_store::{ListedCalendar, Listing};

use super::ask::{Ask, Failed};
use super::{Means, Stop, Tally, write};
use crate::decide::implausible_list;

/// Changes of a calendar's own properties and of access rights never come incrementally (GOOGLE.md 2).
const FULL_EVERY: TimeDelta = TimeDelta::hours(24);

/// The colour of a calendar that Google gives none; Google's own default.
const NO_COLOR: &str = "#9fe1e7";

/// Brings the list up to date. Says whether all of it was listed.
pub(super) async fn refresh(
    means: &Means<'_>,
    ask: &Ask<'_>,
    account: &Account,
    full: bool,
    tally: &mut Tally,
) -> Result<bool, Stop> {
    let state = means.store.sync_state(account.id).await?;
    let token = state
        .list_token
        .filter(|_| !full && !is_due(state.list_full_at, means.clock.now()));
    let (listing, answer) = match ask.list(token.as_deref()).await {
        Ok(answer) if token.is_some() => (Listing::Incremental, answer),
        Ok(answer) => (Listing::Full, answer),
        // Once: a full listing that is answered with the same again is a fault and ends the run.
        Err(Failed::Request(error)) if token.is_some() && is_dead_token(&error) => {
            tracing::info!(
                account = account.id.0,
                "Google asks for a complete list of calendars"
            );
            let answer = ask
                .list(None)
                .await
                .map_err(|failed| failed.into_stop(ask))?;
            (Listing::Full, answer)
        }
        Err(failed) => return Err(failed.into_stop(ask)),
    };
    if listing == Listing::Full && !is_plausible(&answer) {
        tracing::warn!(
            account = account.id.0,
            entries = answer.entries.len(),
            "implausible list"
        );
        return Err(implausible_list().into());
    }
    let applied = match listing {
        Listing::Full => whole_listing(&answer),
        Listing::Incremental => Listing::Incremental,
    };
    let entries: Vec<ListedCalendar> = answer.entries.into_iter().map(listed_calendar).collect();
    let token = answer.next_sync_token.as_deref();
    let now = means.clock.now();
    let changes = write::try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        let changes = tx
            .apply_calendar_list(account.id, &entries, applied, token, now)
            .await?;
        tx.commit().await?;
        Ok(changes)
    })
    .await?;
    if changes.unwanted {
        return Err(Stop::Gone);
    }
    tally.changed |= !changes.is_empty();
    Ok(listing == Listing::Full)
}

fn is_due(last_full: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    // A clock that was wrong when the list was made must not put the next one off for a year.
    last_full.is_none_or(|at| (now - at).abs() >= FULL_EVERY)
}

fn is_dead_token(error: &Error) -> bool {
    error.retry() == Retry::Resync
}

/// Google always lists an account's own calendar. A list without it is a listing gone wrong, and
/// taking it at its word would remove everything.
fn is_plausible(answer: &ListAnswer) -> bool {
    answer
        .entries
        .iter()
        .any(|entry| entry.primary && !entry.deleted)
}

/// What a listing without a sync token is to the store. One with entries that could not be read
/// does not tell what is gone: a calendar among them would lose its times and its switches.
pub fn whole_listing(answer: &ListAnswer) -> Listing {
    if answer.quarantined == 0 {
        Listing::Full
    } else {
        Listing::Incremental
    }
}

/// An entry of Google's list as the store takes it.
pub fn listed_calendar(entry: CalendarListEntry) -> ListedCalendar {
    ListedCalendar {
        google_id: entry.id,
        name: entry.name,
        color: entry
            .background_color
            .unwrap_or_else(|| NO_COLOR.to_owned()),
        time_zone: entry.time_zone,
        primary: entry.primary,
        access_role: entry.access_role,
        hidden: entry.hidden,
        selected: entry.selected,
        deleted: entry.deleted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_with_unreadable_entries_removes_nothing() {
        let answer = |quarantined| ListAnswer {
            entries: Vec::new(),
            next_sync_token: None,
            requests: 1,
            quarantined,
        };
        assert_eq!(whole_listing(&answer(0)), Listing::Full);
        assert_eq!(whole_listing(&answer(1)), Listing::Incremental);
    }

    #[test]
    fn the_full_list_is_due_once_a_day_whatever_the_clock_does() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let cases = [
            (None, true),
            (Some(now), false),
            (Some(now - TimeDelta::hours(23)), false),
            (Some(now - TimeDelta::hours(24)), true),
            (Some(now + TimeDelta::hours(1)), false),
            (Some(now + TimeDelta::days(365)), true),
        ];
        for (last, expect) in cases {
            assert_eq!(is_due(last, now), expect, "last full list {last:?}");
        }
    }
}
