//! What the doctor says about events: how many there are, which could not be read and why, and where
//! Google's own free/busy says otherwise. No title and no address is told.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use duet_model::account::Account;
use duet_model::calendar::{Calendar, CalendarId};
use duet_model::verdict::{Rules, Verdict as Counts, verdict};
use duet_model::when::Interval;
use duet_store::StoreError;
use duet_wire::doctor::{Check, Verdict};

use super::check;
use crate::app::App;
use crate::picture::{Detail, Picture};
use crate::words;

/// For how many days both are compared, from a week ago.
const DAYS: i64 = 60;
/// Reasons that are told; further ones are counted.
const REASONS: usize = 5;

/// What of an account's events there is to tell.
#[derive(Debug, Default)]
struct Found {
    events: u64,
    calendars: u64,
    unreadable: u64,
    unfollowed: u64,
    /// Why, and how often.
    reasons: BTreeMap<String, u64>,
}

impl App {
    /// The checks of one account's events; none for an account that shares its times alone.
    pub(super) async fn check_events(
        &self,
        account: &Account,
        calendars: &[Calendar],
    ) -> Vec<Check> {
        let own: Vec<CalendarId> = calendars
            .iter()
            .filter(|calendar| calendar.account == account.id)
            .map(|calendar| calendar.id)
            .collect();
        let who = words::mask(&account.email);
        let mut checks = match self.found(&own).await {
            Ok(found) if found.calendars == 0 => return Vec::new(),
            Ok(found) => vec![told(&who, &found)],
            Err(error) => {
                return vec![check(
                    "events",
                    Verdict::Problem,
                    words::store(&error).message,
                )];
            }
        };
        checks.extend(self.agreement(account, &who).await);
        checks
    }

    async fn found(&self, own: &[CalendarId]) -> Result<Found, StoreError> {
        let mut snapshot = self.inner.store.read().await?;
        let mut found = Found::default();
        let listed = snapshot.event_states().await?;
        let is_own = |id: CalendarId| own.contains(&id);
        found.calendars = listed.iter().filter(|it| is_own(it.calendar)).count() as u64;
        for count in snapshot.event_counts().await? {
            if is_own(count.calendar) {
                found.events += count.events;
            }
        }
        for odd in snapshot.quarantined().await? {
            if is_own(odd.calendar) {
                found.unreadable += 1;
                *found.reasons.entry(odd.why).or_default() += 1;
            }
        }
        for series in snapshot.unfollowed().await? {
            if is_own(series.calendar) {
                found.unfollowed += 1;
                *found.reasons.entry(series.why).or_default() += 1;
            }
        }
        Ok(found)
    }

    /// Where Google's free/busy and the events disagree.
    async fn agreement(&self, account: &Account, who: &str) -> Option<Check> {
        let now = self.inner.host.now();
        let span = Interval {
            start: now - TimeDelta::days(7),
            end: now - TimeDelta::days(7) + TimeDelta::days(DAYS),
        };
        let picture = self.picture(span).await.ok()?;
        let (compared, unexplained, uncounted) = compare(&picture, account);
        let own = picture.calendars.iter().zip(&picture.known);
        let missed = own.filter(|(calendar, known)| {
            calendar.account == account.id
                && calendar.busy
                && known.detail == Detail::Events
                && known.asked.is_some()
                && known.times.is_none()
        });
        let missed = i64::try_from(missed.count()).unwrap_or(i64::MAX);
        if missed > 0 {
            let words = format!(
                "{who}: {} could not be compared with Google's free/busy, which failed or is old. What \
                 it last counted and no event explains is drawn as unknown.",
                words::count(missed, "calendar")
            );
            return Some(check("agreement", Verdict::Note, words));
        }
        if compared == 0 {
            return None;
        }
        let over = format!("over {}", words::count(DAYS, "day"));
        if unexplained + uncounted == 0 {
            let words = format!("{who}: Google's free/busy and the events agree {over}.");
            return Some(check("agreement", Verdict::Ok, words));
        }
        let mut parts = Vec::new();
        if unexplained > 0 {
            parts.push(format!(
                "Google knows {} in which no readable event is (drawn as busy)",
                words::count(unexplained, "busy time")
            ));
        }
        if uncounted > 0 {
            parts.push(format!(
                "Google does not count {} that Duet would count",
                words::count(uncounted, "event")
            ));
        }
        let words = format!(
            "{who}: {} {over}. “Why?” on such a time tells more.",
            parts.join(", and ")
        );
        Some(check("agreement", Verdict::Note, words))
    }
}

/// How many calendars were compared, how many stretches only Google counts, and how many events
/// only the events' own marks do. By the default rules: a person's own are meant to differ.
fn compare(picture: &Picture, account: &Account) -> (usize, i64, i64) {
    let is_own = |index: usize| {
        let known = &picture.known[index];
        picture.calendars[index].account == account.id
            && known.detail == Detail::Events
            && known.times.is_some()
    };
    let compared = (0..picture.calendars.len()).filter(|index| is_own(*index));
    let unexplained = picture.unexplained.iter().filter(|it| is_own(it.calendar));
    let rules = Rules::default();
    let uncounted = picture.events.iter().filter(|event| {
        // Google counts whole days in another zone, perhaps, and tentative ones as it likes.
        is_own(event.calendar)
            && !event.facts.all_day
            && verdict(event.facts, &event.title, &rules).verdict == Counts::Busy
            && event
                .span()
                .is_some_and(|span| picture.google_counts(event.calendar, span) == Some(false))
    });
    (
        compared.count(),
        i64::try_from(unexplained.count()).unwrap_or(i64::MAX),
        i64::try_from(uncounted.count()).unwrap_or(i64::MAX),
    )
}

fn told(who: &str, found: &Found) -> Check {
    let number =
        |count: u64, thing: &str| words::count(i64::try_from(count).unwrap_or(i64::MAX), thing);
    let mut text = format!(
        "{who}: {} in {}.",
        number(found.events, "event"),
        number(found.calendars, "calendar")
    );
    if found.unreadable + found.unfollowed == 0 {
        return check("events", Verdict::Ok, text);
    }
    text.push_str(&format!(
        " {} could not be read, and {} cannot be followed; where Google was not asked, their time is \
         drawn as unknown.",
        found.unreadable,
        number(found.unfollowed, "repetition")
    ));
    for (why, count) in found.reasons.iter().take(REASONS) {
        text.push_str(&format!(" {count} ×: {}", words::sentence(why)));
    }
    let rest = found.reasons.len().saturating_sub(REASONS);
    if rest > 0 {
        let more = if rest == 1 { "reason" } else { "reasons" };
        text.push_str(&format!(" And {rest} other {more}."));
    }
    check("events", Verdict::Note, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_counted_with_its_reasons() {
        let mut found = Found {
            events: 1,
            calendars: 2,
            ..Found::default()
        };
        let fine = told("a…@example.com", &found);
        assert_eq!(fine.words, "a…@example.com: 1 event in 2 calendars.");
        assert_eq!(fine.verdict, Verdict::Ok);
        found.unreadable = 7;
        found.reasons = (0..7).map(|n| (format!("reason {n}"), 1)).collect();
        let odd = told("a…@example.com", &found);
        assert_eq!(odd.verdict, Verdict::Note);
        assert!(odd.words.contains("7 could not be read"), "{}", odd.words);
        assert!(odd.words.contains("1 ×: Reason 0."), "{}", odd.words);
        assert!(odd.words.ends_with("And 2 other reasons."), "{}", odd.words);
    }
}
