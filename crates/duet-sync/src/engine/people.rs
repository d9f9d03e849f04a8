//! When other people are busy, as far as they let an account know: asked when somebody looks for a
//! time, and kept nowhere. It is no sync: it takes no lock and may run beside one.

use std::collections::{HashMap, VecDeque};

use chrono::TimeDelta;
use duet_google::freebusy::{self, CalendarAnswer, Query};
use duet_model::account::AccountId;
use duet_model::when::Interval;

use super::{Engine, Shared};
use crate::decide::{Reach, reach};
use crate::pull::{Failed, Stop, halves, joined};

/// No more people are asked about at once: they are one question.
pub const MOST_PEOPLE: usize = freebusy::MOST_CALENDARS;

/// No more days are asked about at once.
pub const MOST_DAYS: i64 = 370;

/// What came of asking about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonBusy {
    /// The address that was asked about, as it was given.
    pub address: String,
    /// The answer.
    pub answer: PersonAnswer,
}

/// When a person is busy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonAnswer {
    /// Their busy times, in order and apart from each other; the rest of the span is free.
    Known(Vec<Interval>),
    /// Nobody knows, with the reason as a sentence for people.
    Unknown(String),
}

impl Engine {
    /// Asks Google, through an account, when the people with these addresses are busy in a span;
    /// answers for each, in their order.
    ///
    /// Sends one request for each 60 days, under the account's budget, so it may wait. Stores nothing
    /// but how long Google asks to wait, where it does.
    ///
    /// # Errors
    /// Why nobody was asked, as a sentence: more than [`MOST_PEOPLE`] or [`MOST_DAYS`], an account that
    /// is gone, must be reconnected or has to wait, no network.
    pub async fn people(
        &self,
        account: AccountId,
        addresses: &[String],
        span: Interval,
    ) -> Result<Vec<PersonBusy>, String> {
        if addresses.len() > MOST_PEOPLE {
            return Err(format!("Ask about at most {MOST_PEOPLE} people at once."));
        }
        if span.end - span.start > TimeDelta::days(MOST_DAYS) {
            return Err(format!("Ask about at most {MOST_DAYS} days at once."));
        }
        self.in_words(self.shared.ask_people(account, addresses, span))
            .await
    }
}

impl Shared {
    async fn ask_people(
        &self,
        id: AccountId,
        addresses: &[String],
        span: Interval,
    ) -> Result<Vec<PersonBusy>, Stop> {
        self.asking(id, async |ask| {
            let mut people = People::new(addresses);
            let mut queue: VecDeque<Query> =
                freebusy::plan(&people.askable(), span.start, span.end).into();
            while let Some(query) = queue.pop_front() {
                match ask.busy(&query).await {
                    Ok(answers) => people.answered(answers),
                    Err(Failed::Request(error)) if reach(&error) == Reach::Request => {
                        tracing::warn!(%error, people = query.calendars.len(), "a question was refused");
                        if query.calendars.len() > 1 {
                            // Which of them it is about; the rest of the span need not be asked for it.
                            queue.extend(halves(&query));
                        } else {
                            people.refused(&query.calendars);
                        }
                    }
                    Err(failed) => return Err(failed.into_stop(ask)),
                }
                for query in &mut queue {
                    query.calendars.retain(|address| people.is_open(address));
                }
                queue.retain(|query| !query.calendars.is_empty());
            }
            Ok(people.into_answers(addresses))
        })
        .await
    }
}

/// The answers that have come so far, by address.
struct People {
    known: HashMap<String, PersonAnswer>,
}

impl People {
    fn new(addresses: &[String]) -> Self {
        let one = |address: &String| {
            let address = address.trim();
            let answer = if is_address(address) {
                PersonAnswer::Known(Vec::new())
            } else {
                PersonAnswer::Unknown("This is not an address.".to_owned())
            };
            (address.to_owned(), answer)
        };
        Self {
            known: addresses.iter().map(one).collect(),
        }
    }

    fn is_open(&self, address: &str) -> bool {
        matches!(self.known.get(address), Some(PersonAnswer::Known(_)))
    }

    fn askable(&self) -> Vec<String> {
        let mut open: Vec<String> = self
            .known
            .keys()
            .filter(|address| self.is_open(address))
            .cloned()
            .collect();
        open.sort_unstable();
        open
    }

    fn answered(&mut self, answers: HashMap<String, CalendarAnswer>) {
        for (address, answer) in answers {
            let Some(PersonAnswer::Known(known)) = self.known.get_mut(&address) else {
                continue;
            };
            let why = match answer {
                CalendarAnswer::Busy(busy) => {
                    known.extend(busy);
                    continue;
                }
                CalendarAnswer::Failed { reasons } if reasons.iter().all(|it| it == "notFound") => {
                    NOT_SHARED
                }
                CalendarAnswer::Failed { .. } => "Google could not say when this person is busy.",
                CalendarAnswer::Absent => "Google answered without mentioning this person.",
                CalendarAnswer::Partial { .. } => {
                    "Some of this person's busy times could not be read."
                }
            };
            self.known
                .insert(address, PersonAnswer::Unknown(why.to_owned()));
        }
    }

    fn refused(&mut self, addresses: &[String]) {
        for address in addresses {
            let why = "Google refuses to answer for this address.".to_owned();
            self.known
                .insert(address.clone(), PersonAnswer::Unknown(why));
        }
    }

    fn into_answers(self, addresses: &[String]) -> Vec<PersonBusy> {
        let one = |address: &String| {
            let known = self.known.get(address.trim());
            let answer = match known {
                Some(PersonAnswer::Known(busy)) => PersonAnswer::Known(joined(busy.clone())),
                Some(unknown) => unknown.clone(),
                None => PersonAnswer::Unknown(NOT_SHARED.to_owned()),
            };
            PersonBusy {
                address: address.clone(),
                answer,
            }
        };
        addresses.iter().map(one).collect()
    }
}

/// Google does not tell the two apart, so that nobody can find out which addresses there are.
const NOT_SHARED: &str =
    "There is no such calendar, or its times are not shared with this account.";

fn is_address(text: &str) -> bool {
    !text.is_empty() && text.len() <= 320 && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};

    fn block(start: i64, end: i64) -> Interval {
        let at = |hour: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::hours(hour);
        Interval {
            start: at(start),
            end: at(end),
        }
    }

    #[test]
    fn a_person_is_known_only_where_every_part_is() {
        let busy = |blocks: &[Interval]| CalendarAnswer::Busy(blocks.to_vec());
        let failed = |reasons: &[&str]| CalendarAnswer::Failed {
            reasons: reasons.iter().map(|it| (*it).to_owned()).collect(),
        };
        let known = |blocks: &[Interval]| Ok(blocks.to_vec());
        // What comes, part by part; what it amounts to, or a word of the reason.
        let rows = [
            (vec![busy(&[])], known(&[])),
            (
                vec![busy(&[block(5, 6)]), busy(&[block(6, 7), block(9, 10)])],
                known(&[block(5, 7), block(9, 10)]),
            ),
            (vec![failed(&["notFound"])], Err("shared")),
            (
                vec![busy(&[block(1, 2)]), failed(&["notFound"])],
                Err("shared"),
            ),
            (
                vec![failed(&["internalError"]), busy(&[])],
                Err("could not say"),
            ),
            (
                vec![failed(&["notFound", "internalError"])],
                Err("could not say"),
            ),
            (vec![busy(&[]), CalendarAnswer::Absent], Err("mentioning")),
            (
                vec![CalendarAnswer::Partial {
                    busy: vec![block(1, 2)],
                    quarantined: 1,
                }],
                Err("could not be read"),
            ),
        ];
        for (parts, expect) in rows {
            let addresses = ["a@example.com".to_owned()];
            let mut people = People::new(&addresses);
            for part in &parts {
                people.answered(HashMap::from([(addresses[0].clone(), part.clone())]));
            }
            let answer = people.into_answers(&addresses).remove(0).answer;
            match (answer, expect) {
                (PersonAnswer::Known(found), Ok(expect)) => assert_eq!(found, expect, "{parts:?}"),
                (PersonAnswer::Unknown(why), Err(word)) => {
                    assert!(why.contains(word) && why.ends_with('.'), "{why}: {parts:?}");
                }
                (answer, expect) => panic!("{answer:?} instead of {expect:?}: {parts:?}"),
            }
        }
    }

    #[test]
    fn what_is_no_address_is_not_asked_about_and_every_line_is_answered() {
        let lines = [" b@example.com ", "", "a\u{0}@example.com", "b@example.com"];
        let lines = lines.map(String::from);
        let mut people = People::new(&lines);
        assert_eq!(people.askable(), ["b@example.com"]);
        let free = CalendarAnswer::Busy(Vec::new());
        people.answered(HashMap::from([("b@example.com".to_owned(), free)]));
        let answers = people.into_answers(&lines);
        let addresses: Vec<&str> = answers.iter().map(|it| it.address.as_str()).collect();
        assert_eq!(addresses, lines);
        let known: Vec<bool> = answers
            .iter()
            .map(|it| matches!(it.answer, PersonAnswer::Known(_)))
            .collect();
        assert_eq!(known, [true, false, false, true]);
    }
}
