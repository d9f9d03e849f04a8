//! The events of the calendars that are shown or count, a few calendars at once.

use std::collections::{HashMap, VecDeque};

use duet_model::account::{Account, FailureCode, Tier};
use duet_model::calendar::{AccessRole, Calendar, CalendarId};
use duet_store::{EventState, StoreError};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::held::Held;
use super::round::{Ended, Meter, Round};
use super::{Ask, Errand, IN_FLIGHT, Means, Stop, Tally, write};
use crate::decide::faulty_server;
use crate::events::{self, Outcome};

/// So many calendars in a row that Google has a fault with are no coincidence: the run stops as the
/// account's trouble, instead of asking 250 times. One more than are under way at once, so that one
/// bad moment is not taken for an outage.
const FAULTS_IN_A_ROW: u32 = 5;

/// What is to be done about the events of an account's calendars.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Asked about, in this order: those whose last listing failed come last.
    pub(super) ask: Vec<Calendar>,
    /// Not asked about this time: gone for good when they were asked about last, with the words.
    pub(super) skip: Vec<(Calendar, String)>,
    /// Only their busy times may be read by now: what is stored of their events goes.
    pub(super) forget: Vec<CalendarId>,
}

/// Decides what is to be done. With `all`, calendars that were gone for good are asked about again.
pub(super) fn plan(
    account: &Account,
    calendars: &[Calendar],
    states: &HashMap<CalendarId, EventState>,
    all: bool,
) -> Plan {
    let mut plan = Plan::default();
    let mut failed = Vec::new();
    for calendar in calendars {
        let state = states.get(&calendar.id);
        let readable =
            account.tier >= Tier::Read && calendar.access_role != AccessRole::FreeBusyReader;
        if !readable {
            plan.forget.extend(state.map(|_| calendar.id));
            continue;
        }
        if !(calendar.shown || calendar.busy) {
            continue;
        }
        match state.and_then(|state| state.last_error.as_ref()) {
            None => plan.ask.push(calendar.clone()),
            Some(gone) if gone.code == FailureCode::NotFound && !all => {
                plan.skip.push((calendar.clone(), gone.message.clone()));
            }
            Some(_) => failed.push(calendar.clone()),
        }
    }
    plan.ask.append(&mut failed);
    plan
}

/// Forgets what may no longer be read.
pub(super) async fn forget(means: &Means<'_>, calendars: &[CalendarId]) -> Result<(), StoreError> {
    if calendars.is_empty() {
        return Ok(());
    }
    write::try_again_if_busy(means.entropy, || async {
        let mut tx = means.store.write().await?;
        for calendar in calendars {
            tx.forget_events(*calendar).await?;
        }
        tx.commit().await
    })
    .await
}

/// Brings the events of these calendars up to date, and with them the busy times that wait for them.
/// Those that are fresh are stamped together at the end, also where the run is stopped.
#[expect(
    clippy::too_many_arguments,
    reason = "what a phase works with and what it reports to"
)]
pub(super) async fn refresh(
    ask: &Ask<'_>,
    calendars: Vec<Calendar>,
    states: &HashMap<CalendarId, EventState>,
    errand: Errand,
    held: &mut Held,
    round: &mut Round,
    meter: &Meter<'_>,
    tally: &mut Tally,
) -> Result<(), Stop> {
    let mut queue: VecDeque<Calendar> = calendars.into();
    let mut fresh = Vec::new();
    let mut streak = Streak::default();
    // The first calendar alone tells whether the trouble is over.
    let mut width = if errand.gentle { 1 } else { IN_FLIGHT };
    let mut under_way = FuturesUnordered::new();
    let result = loop {
        while under_way.len() < width
            && let Some(calendar) = queue.pop_front()
        {
            let told = held.told(calendar.id);
            under_way.push(async move {
                let state = states.get(&calendar.id);
                let on_page = |page| meter.page(page);
                let told = told.as_deref();
                let pulled = events::pull(ask, &calendar, state, errand, told, &on_page).await;
                // Here and not in the loop: there it would wait for a writer that another of these
                // holds, and none of them would go on meanwhile.
                let settled = match (&pulled, told) {
                    (Ok(pulled), Some(told)) => {
                        let speak = pulled.outcome == Outcome::Fresh;
                        Some(told.settle(ask.means(), speak).await)
                    }
                    _ => None,
                };
                (pulled, settled, calendar)
            });
        }
        let Some((pulled, settled, calendar)) = under_way.next().await else {
            break Ok(());
        };
        let outcome = match pulled {
            Ok(pulled) => {
                tally.blocks(pulled.times);
                pulled.outcome
            }
            Err(stop) => break Err(stop),
        };
        let before = states.get(&calendar.id);
        let failed_before = before.is_some_and(|state| state.last_error.is_some());
        tally.list_is_old |= contradicts(&outcome, before.is_some(), failed_before);
        let ended = match outcome {
            Outcome::Fresh => {
                fresh.push((calendar.id, calendar.generation));
                Ended::Fresh
            }
            // Free/busy speaks for it.
            Outcome::BusyOnly => Ended::Fresh,
            Outcome::Unwanted => Ended::Unwanted,
            Outcome::Failed(trouble) => Ended::Failed(trouble),
        };
        round.ended(&calendar, &ended, tally, meter);
        match settled {
            Some(Ok(settled)) => {
                tally.blocks(settled.counts);
                let ended = held.settled(&calendar, settled);
                round.ended(&calendar, &ended, tally, meter);
            }
            Some(Err(error)) => break Err(error.into()),
            None => {}
        }
        if streak.is_outage(&ended, failed_before) {
            tracing::warn!(
                account = ask.account().id.0,
                "Google fails calendar after calendar"
            );
            break Err(faulty_server(None).into());
        }
        if !matches!(ended, Ended::Failed(_)) {
            width = IN_FLIGHT;
        }
    };
    // Calendars that were complete before the run was stopped are fresh all the same.
    drop(under_way);
    events::stamp(ask.means(), &fresh).await?;
    held.end(ask.means(), round, meter, tally).await?;
    result
}

/// Does what came of a calendar's events say that the list of calendars is out of date? Said once: a
/// calendar that was forgotten or has failed since says nothing new, whatever the list says of it.
fn contradicts(outcome: &Outcome, known_before: bool, failed_before: bool) -> bool {
    match outcome {
        Outcome::BusyOnly => known_before,
        Outcome::Failed(trouble) => trouble.code == FailureCode::NotFound && !failed_before,
        Outcome::Fresh | Outcome::Unwanted => false,
    }
}

/// Faults of Google's own, calendar after calendar.
#[derive(Debug, Default)]
struct Streak {
    faults: u32,
    any_fresh: bool,
}

impl Streak {
    /// Takes note of how a calendar ended; is this an outage? Calendars that failed before and do so
    /// again while others work are in trouble of their own, however many there are.
    fn is_outage(&mut self, ended: &Ended, failed_before: bool) -> bool {
        match ended {
            Ended::Failed(trouble) if trouble.code == FailureCode::Server => {
                self.faults += u32::from(!(failed_before && self.any_fresh));
            }
            // Google had something to say.
            Ended::Failed(_) => self.faults = 0,
            Ended::Fresh => (self.faults, self.any_fresh) = (0, true),
            Ended::Unwanted => {}
        }
        self.faults >= FAULTS_IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::CalendarTrouble;
    use crate::pull::gather::tests::calendar;

    fn account(tier: Tier) -> Account {
        Account {
            id: duet_model::account::AccountId(1),
            email: "ana@example.com".to_owned(),
            demo: false,
            tier,
            scopes: Vec::new(),
            connected_at: chrono::DateTime::UNIX_EPOCH,
            revoked_at: None,
            last_synced_at: None,
            last_error: None,
            next_sync_at: None,
            attempts: 0,
            wait_until: None,
            generation: 0,
        }
    }

    fn state(id: i64, failed: Option<FailureCode>) -> (CalendarId, EventState) {
        let last_error = failed.map(|code| duet_model::account::Failure {
            code,
            message: "It is gone.".to_owned(),
            at: chrono::DateTime::UNIX_EPOCH,
        });
        let state = EventState {
            calendar: CalendarId(id),
            listed: duet_store::Listed::Complete,
            token: None,
            parameters: String::new(),
            full_at: None,
            checked_at: None,
            doubted_at: None,
            last_error,
            horizon: None,
        };
        (state.calendar, state)
    }

    #[test]
    fn who_is_asked_who_is_skipped_and_what_is_forgotten() {
        use FailureCode::{NotFound, Server};
        let one = |id: i64, shown: bool, busy: bool, access_role: AccessRole| Calendar {
            id: CalendarId(id),
            shown,
            busy,
            access_role,
            ..calendar("x")
        };
        let reader = AccessRole::Reader;
        let calendars = [
            one(1, true, false, reader),
            one(2, false, true, reader),
            one(3, false, false, reader),
            one(4, true, true, AccessRole::FreeBusyReader),
            one(5, true, true, AccessRole::FreeBusyReader),
            one(6, true, true, reader),
            one(7, true, true, reader),
            one(8, true, true, AccessRole::Owner),
        ];
        let states = HashMap::from([
            state(1, None),
            state(5, None),
            state(6, Some(NotFound)),
            state(7, Some(Server)),
        ]);
        // The permission, whether all are asked; who is, who is not, whose events go.
        let rows = [
            (Tier::Read, false, vec![1, 2, 8, 7], vec![6], vec![5]),
            (Tier::Write, true, vec![1, 2, 8, 6, 7], vec![], vec![5]),
            (Tier::Busy, true, vec![], vec![], vec![1, 5, 6, 7]),
        ];
        for (tier, all, ask, skip, forget) in rows {
            let plan = plan(&account(tier), &calendars, &states, all);
            let ids = |all: &[Calendar]| all.iter().map(|it| it.id.0).collect::<Vec<_>>();
            assert_eq!(ids(&plan.ask), ask, "{tier:?}");
            let skipped: Vec<i64> = plan.skip.iter().map(|(it, _)| it.id.0).collect();
            assert_eq!(skipped, skip, "{tier:?}");
            assert!(plan.skip.iter().all(|(_, why)| why == "It is gone."));
            let gone: Vec<i64> = plan.forget.iter().map(|id| id.0).collect();
            assert_eq!(gone, forget, "{tier:?}");
        }
    }

    #[test]
    fn when_the_list_of_calendars_is_out_of_date() {
        let failed = |code| {
            Outcome::Failed(CalendarTrouble {
                code,
                message: String::new(),
            })
        };
        // What came of its events, was it known before, had it failed.
        let rows = [
            (Outcome::BusyOnly, true, false, true),
            (Outcome::BusyOnly, false, false, false),
            (failed(FailureCode::NotFound), true, false, true),
            (failed(FailureCode::NotFound), false, false, true),
            (failed(FailureCode::NotFound), true, true, false),
            (failed(FailureCode::Server), true, false, false),
            (Outcome::Fresh, true, false, false),
            (Outcome::Unwanted, true, false, false),
        ];
        for (outcome, known, failed, expect) in rows {
            let found = contradicts(&outcome, known, failed);
            assert_eq!(found, expect, "{outcome:?} {known} {failed}");
        }
    }

    #[test]
    fn when_faults_are_an_outage() {
        let fault = |code| {
            Ended::Failed(CalendarTrouble {
                code,
                message: String::new(),
            })
        };
        // f: a fresh one; u: unwanted; n: gone; s: Google's fault; S: again, as last time.
        let rows = [
            ("ssss", false),
            ("sssss", true),
            ("SSSSS", true),
            ("ussuussus", true),
            ("ssssfssss", false),
            ("ssssnssss", false),
            ("ssssfsssss", true),
            ("fSSSSSSSSS", false),
            ("fSSSssSSs", false),
            ("fsSsSssSs", true),
        ];
        for (story, expect) in rows {
            let mut streak = Streak::default();
            let outage = story.chars().any(|letter| {
                let ended = match letter {
                    'f' => Ended::Fresh,
                    'u' => Ended::Unwanted,
                    'n' => fault(FailureCode::NotFound),
                    _ => fault(FailureCode::Server),
                };
                streak.is_outage(&ended, letter == 'S')
            });
            assert_eq!(outage, expect, "{story}");
        }
    }
}
