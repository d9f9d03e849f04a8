//! From a tier to the scopes that are asked for, and from granted scopes back to a tier.
//!
//! The way back goes by what a scope allows (GOOGLE.md 1.7), not by comparing lists: boxes on the
//! consent page can be unticked, and an older grant may hold broader scopes than are asked for now.

use duet_model::account::Tier;

const CALENDAR_LIST: &str = "https://www.googleapis.com/auth/calendar.calendarlist.readonly";
const FREE_BUSY: &str = "https://www.googleapis.com/auth/calendar.events.freebusy";
const READ: &str = "https://www.googleapis.com/auth/calendar.readonly";
const EVENTS: &str = "https://www.googleapis.com/auth/calendar.events";
const PREFIX: &str = "https://www.googleapis.com/auth/";

/// The scopes to ask for, as full addresses.
pub fn for_tier(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Busy => &[CALENDAR_LIST, FREE_BUSY],
        Tier::Read => &[READ],
        Tier::Write => &[READ, EVENTS],
    }
}

/// What granted scopes amount to; `None` where not even busy times can be read.
pub fn tier_of<S: AsRef<str>>(granted: &[S]) -> Option<Tier> {
    let any = |names: &[&str]| {
        granted.iter().any(|scope| {
            scope
                .as_ref()
                .strip_prefix(PREFIX)
                .is_some_and(|name| names.contains(&name))
        })
    };
    let list = any(&[
        "calendar",
        "calendar.readonly",
        "calendar.calendarlist",
        "calendar.calendarlist.readonly",
    ]);
    // `calendar.freebusy` covers the account's own calendars alone, so shared ones would come back
    // as unknown: still worth having.
    let busy = any(&[
        "calendar",
        "calendar.readonly",
        "calendar.freebusy",
        "calendar.events.freebusy",
    ]);
    // The `.owned` scopes cover only calendars that the person owns; they do not make a tier.
    let read = any(&[
        "calendar",
        "calendar.readonly",
        "calendar.events",
        "calendar.events.readonly",
    ]);
    let write = any(&["calendar", "calendar.events"]);
    match (list && busy, read, write) {
        (false, _, _) => None,
        (true, true, true) => Some(Tier::Write),
        (true, true, false) => Some(Tier::Read),
        (true, false, _) => Some(Tier::Busy),
    }
}

/// Which of the scopes asked for at `tier` were not granted, by name or by a broader one.
pub fn missing<S: AsRef<str>>(tier: Tier, granted: &[S]) -> Vec<&'static str> {
    let has = |wanted: &str| granted.iter().any(|scope| scope.as_ref() == wanted);
    for_tier(tier)
        .iter()
        .copied()
        .filter(|wanted| !has(wanted) && !has("https://www.googleapis.com/auth/calendar"))
        .collect()
}

/// What the box on the consent page is about, in words close to Google's own.
pub fn describe(scope: &str) -> &'static str {
    match scope {
        CALENDAR_LIST => "see the list of your Google calendars",
        FREE_BUSY => "see when your calendars are busy",
        READ => "see your calendars and their events",
        EVENTS => "view and edit events on your calendars",
        _ => "use your Google Calendar",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| format!("{PREFIX}{name}")).collect()
    }

    #[test]
    fn every_subset_of_boxes_has_a_meaning() {
        let all = [
            "calendar.calendarlist.readonly",
            "calendar.events.freebusy",
            "calendar.readonly",
            "calendar.events",
        ];
        for bits in 0..16_u8 {
            let names: Vec<&str> = (0..4)
                .filter(|i| bits & (1 << i) != 0)
                .map(|i| all[i])
                .collect();
            let (list, busy, read, write) =
                (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0, bits & 8 != 0);
            let expect = match (read || (list && busy), write, read) {
                (false, _, _) => None,
                (true, true, _) => Some(Tier::Write),
                (true, false, true) => Some(Tier::Read),
                (true, false, false) => Some(Tier::Busy),
            };
            assert_eq!(tier_of(&full(&names)), expect, "{names:?}");
        }
    }

    #[test]
    fn broader_narrower_and_foreign_scopes() {
        let cases: &[(&[&str], Option<Tier>)] = &[
            (&["calendar"], Some(Tier::Write)),
            (
                &["calendar.calendarlist", "calendar.freebusy"],
                Some(Tier::Busy),
            ),
            (
                &["calendar.readonly", "calendar.events.owned"],
                Some(Tier::Read),
            ),
            (&["calendar.events"], None),
            (&["calendar.events.readonly"], None),
            (&["userinfo.email"], None),
            (&["calendarx"], None),
            (&[], None),
        ];
        for (names, expect) in cases {
            assert_eq!(tier_of(&full(names)), *expect, "{names:?}");
        }
        assert_eq!(
            tier_of(&["calendar", "openid"]),
            None,
            "only full addresses are scopes"
        );
    }

    #[test]
    fn each_tier_amounts_to_itself() {
        for tier in [Tier::Busy, Tier::Read, Tier::Write] {
            assert_eq!(tier_of(for_tier(tier)), Some(tier));
            assert!(missing(tier, for_tier(tier)).is_empty());
            assert!(missing(tier, &full(&["calendar"])).is_empty());
            assert_eq!(missing::<&str>(tier, &[]), for_tier(tier));
            for scope in for_tier(tier) {
                assert_ne!(
                    describe(scope),
                    describe(""),
                    "{scope} has words of its own"
                );
            }
        }
    }
}
