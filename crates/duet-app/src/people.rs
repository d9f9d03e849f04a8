//! Other people's busy times, asked for by address and kept in memory for a while: they are
//! nobody's to store.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use duet_model::when::Interval;

/// After so long an answer is asked for again.
pub(crate) const FRESH_FOR: TimeDelta = TimeDelta::minutes(10);
/// An address is no longer than this (RFC 5321 4.5.3.1.3).
const ADDRESS_MAX: usize = 254;
/// At most so many people are kept in mind.
const KEPT_MAX: usize = 200;

/// What is known of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Google is being asked.
    Asking,
    /// When they are busy.
    Known(Vec<Interval>),
    /// Nobody can say; a sentence.
    Unknown(String),
}

/// What was asked of one person, and what came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// For which time.
    pub(crate) span: Interval,
    /// When.
    pub(crate) at: DateTime<Utc>,
    /// What came.
    pub(crate) answer: Answer,
}

/// The people that were asked for in this run.
#[derive(Debug, Default)]
pub(crate) struct People {
    asked: HashMap<String, Asked>,
}

impl People {
    /// What is known of an address for a span at `now`; `None` where it has to be asked for.
    pub(crate) fn get(&self, email: &str, span: Interval, now: DateTime<Utc>) -> Option<&Asked> {
        let asked = self.asked.get(&email.to_lowercase())?;
        let fresh = (now - asked.at).abs() <= FRESH_FOR;
        (fresh && asked.span.covers(&span)).then_some(asked)
    }

    /// Notes what is known of an address.
    pub(crate) fn put(&mut self, email: &str, asked: Asked) {
        self.asked.insert(email.to_lowercase(), asked);
        if self.asked.len() > KEPT_MAX {
            let oldest = self.asked.iter().min_by_key(|(_, asked)| asked.at);
            if let Some(oldest) = oldest.map(|(email, _)| email.clone()) {
                self.asked.remove(&oldest);
            }
        }
    }

    /// Forgets everybody.
    pub(crate) fn clear(&mut self) {
        self.asked.clear();
    }
}

/// Addresses as they were typed: trimmed, once each, in their order; or the first that is none.
pub(crate) fn addresses(typed: &[String]) -> Result<Vec<String>, String> {
    let mut seen = std::collections::HashSet::new();
    let mut addresses = Vec::new();
    for one in typed
        .iter()
        .map(|one| one.trim())
        .filter(|one| !one.is_empty())
    {
        if !is_address(one) {
            return Err(one.to_owned());
        }
        if seen.insert(one.to_lowercase()) {
            addresses.push(one.to_owned());
        }
    }
    Ok(addresses)
}

/// Controls, marks of direction and characters without width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || crate::words::plain::turns(c)
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Could it be an address? Whether there is somebody, Google says.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    // What cannot be seen, or turns the rest of a line around, makes one address look like another.
    let odd = |c: char| c.is_whitespace() || is_hidden(c) || ",;<>\"()".contains(c);
    !name.is_empty()
        && !name.contains('@')
        && !host.is_empty()
        && !host.contains("..")
        && !host.starts_with('.')
        && !host.ends_with('.')
        && host.contains('.')
        && text.len() <= ADDRESS_MAX
        && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    fn span(start: i64, end: i64) -> Interval {
        Interval {
            start: minute(start),
            end: minute(end),
        }
    }

    #[test]
    fn an_answer_serves_for_what_was_asked_and_for_a_while() {
        let mut people = People::default();
        let asked = Asked {
            span: span(0, 100),
            at: minute(0),
            answer: Answer::Known(Vec::new()),
        };
        people.put("Ben@Example.com", asked);
        for (email, wanted, now, there) in [
            ("ben@example.com", span(0, 100), 0, true),
            ("ben@example.com", span(10, 20), 10, true),
            ("ben@example.com", span(10, 20), 11, false),
            ("ben@example.com", span(10, 101), 0, false),
            ("eva@example.com", span(10, 20), 0, false),
        ] {
            let found = people.get(email, wanted, minute(now)).is_some();
            assert_eq!(found, there, "{email} {wanted:?} {now}");
        }
        people.clear();
        assert_eq!(people.get("ben@example.com", span(0, 1), minute(0)), None);
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut people = People::default();
        for n in 0..=200 {
            let asked = Asked {
                span: span(0, 1),
                at: DateTime::UNIX_EPOCH + TimeDelta::milliseconds(n),
                answer: Answer::Asking,
            };
            people.put(&format!("p{n}@example.com"), asked);
        }
        let there = |n: i32| people.get(&format!("p{n}@example.com"), span(0, 1), minute(0));
        assert!(there(0).is_none() && there(1).is_some() && there(200).is_some());
    }

    #[test]
    fn addresses_are_read_as_they_are_typed() {
        let read = |typed: &[&str]| {
            let typed: Vec<String> = typed.iter().map(|one| (*one).to_owned()).collect();
            addresses(&typed).map(|all| all.join(" "))
        };
        let rows: [(&[&str], Result<&str, &str>); 9] = [
            (&[], Ok("")),
            (&[" ben@example.com ", ""], Ok("ben@example.com")),
            (&["a@x.org", "A@X.org", "b@x.org"], Ok("a@x.org b@x.org")),
            (&["a@x.org", "ben"], Err("ben")),
            (&["@x.org"], Err("@x.org")),
            (&["a@"], Err("a@")),
            (&["a@localhost"], Err("a@localhost")),
            (&["a b@x.org"], Err("a b@x.org")),
            (&["<a@x.org>"], Err("<a@x.org>")),
        ];
        for (typed, expect) in rows {
            let expect = expect.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(read(typed), expect, "{typed:?}");
        }
    }
}
