//! Whether an event counts: the facts of an event and a person's rules in, a verdict and the rule
//! that gave it out.
//!
//! The rules are asked in one fixed order ([`Rule::ALL`]) and the first that has something to say
//! decides. The order runs from the person to the program: who declined is not there, whatever the
//! event is called; a keyword is the person's own word about just such events; then the kinds of
//! entries, then what the organiser or the owner marked, and last the answers that leave things
//! open. Places of work and birthdays come before "shown as free", because Google marks these always
//! as free and a rule about them would otherwise never be heard; time out of office comes before
//! whole days, because a holiday is a whole day. Cancelled events are never judged: they do not take
//! place.

mod facts;
mod keyword;
mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::facts::Facts;
pub use self::keyword::Keyword;
pub use self::rules::{Overrides, Rules, Treatment};

/// Whether an event takes up its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes.
    Busy,
    /// Perhaps.
    Tentative,
    /// No.
    Free,
}

/// Which rule decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The person declined.
    Declined,
    /// A word of the person's own in the title.
    Keyword,
    /// It only says where somebody works.
    WorkingLocation,
    /// A birthday.
    Birthday,
    /// It is shown as free.
    ShownAsFree,
    /// Away from work.
    OutOfOffice,
    /// Time to work alone.
    FocusTime,
    /// It lasts whole days.
    AllDay,
    /// The person answered "maybe", or the event itself is not settled.
    Tentative,
    /// The person has not answered.
    Unanswered,
    /// No rule: an event takes up its time.
    Event,
}

impl Rule {
    /// All rules, in the order in which they are asked.
    pub const ALL: [Self; 11] = [
        Self::Declined,
        Self::Keyword,
        Self::WorkingLocation,
        Self::Birthday,
        Self::ShownAsFree,
        Self::OutOfOffice,
        Self::FocusTime,
        Self::AllDay,
        Self::Tentative,
        Self::Unanswered,
        Self::Event,
    ];

    /// Its word, the same in the store, on the command line and in the window.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Keyword => "keyword",
            Self::WorkingLocation => "working_location",
            Self::Birthday => "birthday",
            Self::ShownAsFree => "shown_as_free",
            Self::OutOfOffice => "out_of_office",
            Self::FocusTime => "focus_time",
            Self::AllDay => "all_day",
            Self::Tentative => "tentative",
            Self::Unanswered => "unanswered",
            Self::Event => "event",
        }
    }

    /// The rule of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == word)
    }
}

/// A verdict and where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Judgement {
    /// Whether the event takes up its time.
    pub verdict: Verdict,
    /// The rule that says so.
    pub rule: Rule,
}

/// Judges an event by the rules that hold for its calendar.
///
/// Total and quick: without keywords nothing is allocated, so it can be asked for every occurrence
/// that is read.
pub fn verdict(facts: Facts, title: &str, rules: &Rules) -> Judgement {
    let said = Rule::ALL.into_iter().find_map(|rule| {
        let verdict = if rule == Rule::Keyword {
            keyword::first(&rules.keywords, title)
        } else if facts.fall_under(rule) {
            rules.treatment(rule).verdict()
        } else {
            None
        };
        verdict.map(|verdict| Judgement { verdict, rule })
    });
    said.unwrap_or(Judgement {
        verdict: Verdict::Busy,
        rule: Rule::Event,
    })
}
