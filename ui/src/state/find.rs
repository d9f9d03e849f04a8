//! The form of "Find a time": what is typed and chosen, and the question it becomes.

use std::collections::BTreeSet;

use duet_wire::find::FindTime;

use crate::entry::{self, Context};

/// Lengths that are offered, in minutes.
pub(crate) const LENGTHS: [u16; 8] = [15, 30, 45, 60, 90, 120, 180, 240];
/// How far ahead is looked, in days.
pub(crate) const DAYS: [u16; 6] = [1, 7, 14, 28, 60, 90];
/// More people than these are no meeting that a form finds; Google answers for so many at once.
pub(crate) const PEOPLE: usize = 40;
/// Zones that are offered; any other can be typed.
pub(crate) const ZONES: [&str; 24] = [
    "UTC",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Toronto",
    "Asia/Dubai",
    "Asia/Hong_Kong",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Asia/Shanghai",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Madrid",
    "Europe/Paris",
    "Pacific/Auckland",
];

/// The form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Form {
    /// First day, as typed.
    pub(crate) from: String,
    /// How many days.
    pub(crate) days: u16,
    /// How long, in minutes.
    pub(crate) minutes: u16,
    /// Only in the working hours?
    pub(crate) working_hours: bool,
    /// Own calendars that count but are left out here: account and Google's id.
    pub(crate) without: BTreeSet<(String, String)>,
    /// Addresses of others.
    pub(crate) people: Vec<String>,
    /// What stands in the field for the next address.
    pub(crate) typed: String,
    /// Another zone, as typed.
    pub(crate) zone: String,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            from: "today".to_owned(),
            days: 7,
            minutes: 60,
            working_hours: true,
            without: BTreeSet::new(),
            people: Vec::new(),
            typed: String::new(),
            zone: String::new(),
        }
    }
}

/// What in the form cannot be asked, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Of the first day.
    pub(crate) from: Option<&'static str>,
    /// Of the zone.
    pub(crate) zone: Option<&'static str>,
}

impl Form {
    /// The question, or what is wrong with the form. `counting` are the person's own calendars that
    /// count as busy.
    pub(crate) fn question(
        &self,
        context: Context,
        counting: &[(String, String)],
    ) -> Result<FindTime, Faults> {
        let mut faults = Faults::default();
        let from = entry::read_day(&self.from, context);
        if from.is_none() {
            faults.from = Some("A day, such as “today”, “mon” or “24 nov”.");
        }
        let zone = self.zone.trim();
        if !zone.is_empty() && !is_zone(zone) {
            faults.zone = Some("A zone has a name such as Europe/London.");
        }
        let Some(from) = from.filter(|_| faults == Faults::default()) else {
            return Err(faults);
        };
        let calendars = counting
            .iter()
            .any(|calendar| self.without.contains(calendar))
            .then(|| {
                let kept = counting
                    .iter()
                    .filter(|calendar| !self.without.contains(*calendar));
                kept.cloned().collect()
            });
        Ok(FindTime {
            from,
            days: self.days,
            minutes: self.minutes,
            working_hours: self.working_hours,
            calendars,
            people: self.people.clone(),
            zone: (!zone.is_empty()).then(|| zone.to_owned()),
        })
    }

    /// Takes the addresses out of the field into the list. What is no address stays in the field;
    /// gives the reason.
    pub(crate) fn take_typed(&mut self) -> Option<String> {
        let mut left = Vec::new();
        let mut fault = None;
        for part in parts(&self.typed) {
            match address(&part) {
                _ if self.people.len() >= PEOPLE => {
                    fault = Some(format!("At most {PEOPLE} people."));
                    left.push(part);
                }
                Some(address) => {
                    if !self.people.contains(&address) {
                        self.people.push(address);
                    }
                }
                None => {
                    fault = Some(format!("“\u{2068}{part}\u{2069}” is no e-mail address."));
                    left.push(part);
                }
            }
        }
        self.typed = left.join(", ");
        fault
    }
}

/// Parts between commas, semicolons and line ends, and between spaces where every one is an address.
fn parts(text: &str) -> Vec<String> {
    text.split([',', ';', '\n', '\t'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .flat_map(|part| {
            let words: Vec<&str> = part.split_whitespace().collect();
            if words.len() > 1 && words.iter().all(|word| address(word).is_some()) {
                words.into_iter().map(str::to_owned).collect()
            } else {
                vec![part.to_owned()]
            }
        })
        .collect()
}

/// The address in `ana@example.com` or `Ana <ana@example.com>`, in lower case. Whether there is
/// anybody behind it only Google can say.
fn address(text: &str) -> Option<String> {
    let inner = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?,
        None => text,
    };
    let (local, domain) = inner.trim().split_once('@')?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>,;\"()[]\\@".contains(c);
    let labels = || domain.split('.');
    (!local.is_empty()
        && !inner.trim().chars().filter(|c| *c != '@').any(odd)
        && !domain.contains('@')
        && labels().count() > 1
        && labels().all(|label| !label.is_empty()))
    .then(|| inner.trim().to_lowercase())
}

/// Does it look like the name of a zone? Whether there is one the core says.
fn is_zone(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_-+".contains(c);
    text.chars().all(plain) && (text.contains('/') || text.eq_ignore_ascii_case("utc"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        Context {
            day: "2026-11-26".parse().unwrap(),
            today: "2026-11-25".parse().unwrap(),
        }
    }

    fn pair(account: &str, calendar: &str) -> (String, String) {
        (account.to_owned(), calendar.to_owned())
    }

    #[test]
    fn the_form_becomes_a_question() {
        let counting = [pair("ana", "work"), pair("ana", "home")];
        let asked = Form::default().question(context(), &counting).unwrap();
        assert_eq!(asked.from, context().today);
        assert_eq!((asked.days, asked.minutes), (7, 60));
        assert_eq!(
            (asked.calendars, asked.zone),
            (None, None),
            "all that count, in the display zone"
        );
        let form = Form {
            from: "fri".into(),
            without: [pair("ana", "home"), pair("ben", "gone")].into(),
            zone: " Asia/Tokyo ".into(),
            ..Form::default()
        };
        let asked = form.question(context(), &counting).unwrap();
        assert_eq!(asked.from, "2026-11-27".parse().unwrap());
        assert_eq!(asked.calendars, Some(vec![pair("ana", "work")]));
        assert_eq!(asked.zone.as_deref(), Some("Asia/Tokyo"));
        let gone = Form {
            without: [pair("ben", "gone")].into(),
            ..Form::default()
        };
        let asked = gone.question(context(), &counting).unwrap();
        assert_eq!(
            asked.calendars, None,
            "a calendar that no longer counts narrows nothing"
        );
    }

    #[test]
    fn what_cannot_be_asked_is_said_beside_its_field() {
        let faults = |from: &str, zone: &str| {
            let form = Form {
                from: from.into(),
                zone: zone.into(),
                ..Form::default()
            };
            let faults = form.question(context(), &[]).err().unwrap_or_default();
            (faults.from.is_some(), faults.zone.is_some())
        };
        let cases = [
            (("today", ""), (false, false)),
            (("soon", ""), (true, false)),
            (("", "Tokyo"), (true, true)),
            (("mon", "Europe/Lon don"), (false, true)),
            (("mon", "utc"), (false, false)),
            (("mon", "Etc/GMT+8"), (false, false)),
        ];
        for ((from, zone), expect) in cases {
            assert_eq!(faults(from, zone), expect, "{from:?} {zone:?}");
        }
    }

    #[test]
    fn addresses_are_taken_and_the_rest_stays_to_be_mended() {
        // typed to (people, what stays)
        let cases: [(&str, &[&str], &str); 11] = [
            ("Ben@Example.org", &["ben@example.org"], ""),
            (
                "ben@example.org, cleo@example.org;",
                &["ben@example.org", "cleo@example.org"],
                "",
            ),
            (
                "ben@example.org cleo@example.org",
                &["ben@example.org", "cleo@example.org"],
                "",
            ),
            ("Ben Box <ben@example.org>", &["ben@example.org"], ""),
            ("ben@example.org, ben@EXAMPLE.org", &["ben@example.org"], ""),
            ("ben, cleo@example.org", &["cleo@example.org"], "ben"),
            ("ben@", &[], "ben@"),
            ("@example.org", &[], "@example.org"),
            ("ben@example", &[], "ben@example"),
            ("ben@a@example.org", &[], "ben@a@example.org"),
            ("ben@example..org", &[], "ben@example..org"),
        ];
        for (typed, people, left) in cases {
            let mut form = Form {
                typed: typed.to_owned(),
                ..Form::default()
            };
            let fault = form.take_typed();
            assert_eq!(form.people, people, "{typed:?}");
            assert_eq!(form.typed, left, "{typed:?}");
            assert_eq!(fault.is_some(), !left.is_empty(), "{typed:?}");
        }
        let mut full = Form {
            people: (0..PEOPLE).map(|n| format!("p{n}@example.org")).collect(),
            typed: "one@example.org".into(),
            ..Form::default()
        };
        assert!(full.take_typed().is_some());
        assert_eq!(
            (full.people.len(), full.typed.as_str()),
            (PEOPLE, "one@example.org")
        );
    }
}
