//! What is known of one calendar: from its events or from its busy times, how fresh, and for which
//! time nobody can vouch.

use chrono::{DateTime, Utc};
use duet_model::account::Failure;
use duet_model::calendar::{Calendar, Health, health};
use duet_model::when::Interval;
use duet_store::{EventState, Listed};

/// What a calendar is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Its events: what, when and how they count.
    Events,
    /// Its busy times alone, as Google's free/busy tells them.
    Times,
}

/// What is known of one calendar at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Knowledge {
    /// What it is known by.
    pub(crate) detail: Detail,
    /// Whether that may be presented as known.
    pub(crate) health: Health,
    /// When it was last known to be right.
    pub(crate) as_of: Option<DateTime<Utc>>,
    /// What went wrong last.
    pub(crate) failure: Option<Failure>,
    /// The time that free/busy vouches for right now.
    pub(crate) times: Option<Interval>,
    /// The time that free/busy was asked about, however long ago and whatever failed since.
    pub(crate) asked: Option<Interval>,
    /// For which time occurrences are stored; beyond it they are worked out when somebody looks.
    pub(crate) horizon: Option<Interval>,
    /// Are there events that could not be read, or series that cannot be followed?
    pub(crate) doubted: bool,
}

impl Knowledge {
    /// Of a calendar, with what is stored of its events. They speak for it as soon as all of them
    /// are there; until then, and where only times may be read, its busy times do.
    pub(crate) fn of(
        calendar: &Calendar,
        events: Option<&EventState>,
        doubted: bool,
        now: DateTime<Utc>,
    ) -> Self {
        let asked = calendar.covered.filter(|_| calendar.busy);
        let times = asked.filter(|_| calendar.health(now) == Health::Ok);
        let listed = events.filter(|state| state.listed == Listed::Complete);
        let horizon = listed.and_then(|state| Some(state.horizon.as_ref()?.span));
        match listed.filter(|_| horizon.is_some()) {
            Some(state) => Self {
                detail: Detail::Events,
                health: health(state.last_error.is_some(), state.checked_at, now),
                as_of: state.checked_at,
                failure: state.last_error.clone(),
                times,
                asked,
                horizon,
                doubted,
            },
            None => Self {
                detail: Detail::Times,
                health: calendar.health(now),
                as_of: calendar.last_synced_at,
                failure: calendar.last_error.clone(),
                times,
                asked,
                horizon: None,
                doubted: false,
            },
        }
    }

    /// For which parts of a span the calendar cannot be vouched for, and the word that says why.
    ///
    /// Events speak for all time: beyond the stored occurrences they are worked out when somebody
    /// looks. Where some of them could not be read, Google's free/busy fills the gap as far as it
    /// was asked.
    pub(crate) fn unknown(&self, span: Interval) -> Vec<(Interval, &'static str)> {
        match (self.health, self.as_of) {
            (Health::Failing, _) => return vec![(span, "failing")],
            (Health::Stale, None) => return vec![(span, "never_synced")],
            (Health::Stale, Some(_)) => return vec![(span, "stale")],
            (Health::Ok, _) => {}
        }
        let word = match self.detail {
            Detail::Events if !self.doubted => return Vec::new(),
            Detail::Events => "unreadable",
            Detail::Times => "outside_window",
        };
        let Some(vouched) = self.times.filter(|times| times.overlaps(&span)) else {
            return vec![(span, word)];
        };
        [
            Interval::new(span.start, vouched.start.min(span.end)),
            Interval::new(vouched.end.max(span.start), span.end),
        ]
        .into_iter()
        .flatten()
        .map(|span| (span, word))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use duet_model::account::{AccountId, FailureCode};
    use duet_model::calendar::{AccessRole, CalendarId, STALE_AFTER};
    use duet_store::Horizon;

    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
    }

    fn days(start: i64, end: i64) -> Interval {
        Interval {
            start: day(start),
            end: day(end),
        }
    }

    fn failure() -> Failure {
        Failure {
            code: FailureCode::Server,
            message: "It failed.".to_owned(),
            at: day(0),
        }
    }

    /// Asked for its busy times of the days -7 to 90, today.
    fn calendar() -> Calendar {
        Calendar {
            id: CalendarId(1),
            account: AccountId(1),
            google_id: "ana@example.com".to_owned(),
            name: "Ana".to_owned(),
            color: "#336699".to_owned(),
            time_zone: None,
            primary: true,
            access_role: AccessRole::Owner,
            hidden: false,
            shown: true,
            busy: true,
            last_synced_at: Some(day(0)),
            covered: Some(days(-7, 90)),
            last_error: None,
            generation: 0,
            rules: duet_model::verdict::Overrides::default(),
        }
    }

    fn events() -> EventState {
        EventState {
            calendar: CalendarId(1),
            listed: Listed::Complete,
            token: None,
            parameters: String::new(),
            full_at: Some(day(0)),
            checked_at: Some(day(0)),
            doubted_at: None,
            last_error: None,
            horizon: Some(Horizon {
                span: days(-400, 800),
                zones: String::new(),
            }),
        }
    }

    #[test]
    fn what_nobody_vouches_for_is_named() {
        let whole = |word| vec![(days(80, 100), word)];
        let after = |word| vec![(days(90, 100), word)];
        let listing = EventState {
            listed: Listed::Listing,
            ..events()
        };
        let failing = EventState {
            last_error: Some(failure()),
            ..events()
        };
        let stale = EventState {
            checked_at: Some(day(0) - STALE_AFTER - TimeDelta::seconds(1)),
            ..events()
        };
        let unasked = Calendar {
            covered: None,
            last_synced_at: None,
            ..calendar()
        };
        let refused = Calendar {
            last_error: Some(failure()),
            ..calendar()
        };
        // What is stored of the calendar and of its events, whether some are doubted; what of the
        // days 80 to 100 is unknown.
        let rows = [
            (calendar(), None, false, after("outside_window")),
            (calendar(), Some(listing), false, after("outside_window")),
            (unasked.clone(), None, false, whole("never_synced")),
            (refused.clone(), None, false, whole("failing")),
            (calendar(), Some(events()), false, vec![]),
            (calendar(), Some(failing), false, whole("failing")),
            (calendar(), Some(stale), false, whole("stale")),
            (unasked.clone(), Some(events()), false, vec![]),
            (refused.clone(), Some(events()), false, vec![]),
            (calendar(), Some(events()), true, after("unreadable")),
            (unasked, Some(events()), true, whole("unreadable")),
            (refused, Some(events()), true, whole("unreadable")),
        ];
        for (calendar, events, doubted, expect) in rows {
            let known = Knowledge::of(&calendar, events.as_ref(), doubted, day(0));
            assert_eq!(
                known.unknown(days(80, 100)),
                expect,
                "{calendar:?} {events:?} {doubted}"
            );
        }
    }

    #[test]
    fn a_span_beside_the_vouched_one_is_unknown_as_a_whole() {
        let known = Knowledge::of(&calendar(), None, false, day(0));
        for span in [days(90, 97), days(-20, -7)] {
            assert_eq!(known.unknown(span), vec![(span, "outside_window")]);
        }
        assert_eq!(known.unknown(days(0, 7)), vec![]);
    }
}
