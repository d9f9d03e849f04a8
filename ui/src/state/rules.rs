//! The busy rules as the window edits them: which can be set, what they are called, and what an edit
//! makes of them. What they mean is the model's to say ([`duet_model::verdict`]).

use duet_model::verdict::{Keyword, Overrides, Rule, Rules, Treatment, Verdict};
use duet_wire::why::{PreviewView, RulesDraft};

use crate::dates;
use crate::words;

/// A treatment of events that a rule is about.
pub(crate) const TREATMENTS: [Treatment; 4] = [
    Treatment::AsIs,
    Treatment::Busy,
    Treatment::Tentative,
    Treatment::Free,
];

/// The rules that can be set, in the order in which they are asked, with their names and what they
/// are about.
pub(crate) const CHANGEABLE: [(Rule, &str, &str); 9] = [
    (Rule::Declined, "Declined", "You answered no."),
    (
        Rule::WorkingLocation,
        "Working location",
        "It only says where you work.",
    ),
    (Rule::Birthday, "Birthdays", "From contacts."),
    (
        Rule::ShownAsFree,
        "Shown as free",
        "The event is marked “free” in Google Calendar.",
    ),
    (Rule::OutOfOffice, "Out of office", ""),
    (Rule::FocusTime, "Focus time", ""),
    (
        Rule::AllDay,
        "Whole days",
        "Holidays, trips, reminders without a time.",
    ),
    (
        Rule::Tentative,
        "Tentative",
        "You answered maybe, or the event is not settled.",
    ),
    (
        Rule::Unanswered,
        "Not answered",
        "You were invited and have not said yes or no.",
    ),
];

/// What a treatment is called in "Treat such events as …".
pub(crate) fn treatment(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::AsIs => "as they are",
        Treatment::Busy => "busy",
        Treatment::Tentative => "tentative",
        Treatment::Free => "free",
    }
}

/// The value of a treatment in a select.
pub(crate) fn key(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::AsIs => "as_is",
        Treatment::Busy => "busy",
        Treatment::Tentative => "tentative",
        Treatment::Free => "free",
    }
}

/// The treatment of a select's value.
pub(crate) fn parse(value: &str) -> Option<Treatment> {
    TREATMENTS.into_iter().find(|one| key(*one) == value)
}

/// What a word makes of an event, with the value in its select.
pub(crate) const VERDICTS: [(Verdict, &str); 3] = [
    (Verdict::Busy, "busy"),
    (Verdict::Tentative, "tentative"),
    (Verdict::Free, "free"),
];

/// The verdict of a select's value.
pub(crate) fn parse_verdict(value: &str) -> Option<Verdict> {
    VERDICTS
        .iter()
        .find(|(_, word)| *word == value)
        .map(|(verdict, _)| *verdict)
}

/// The words with one more at the end; `None` where it says nothing or stands there already: only
/// the first would ever decide.
pub(crate) fn with_word(words: &[Keyword], typed: &str, verdict: Verdict) -> Option<Vec<Keyword>> {
    let folded = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    };
    let word = folded(typed);
    let known = words
        .iter()
        .any(|one| folded(&one.word).to_lowercase() == word.to_lowercase());
    (!word.is_empty() && !known).then(|| {
        let new = Keyword { word, verdict };
        words.iter().cloned().chain([new]).collect()
    })
}

/// The name of a rule that can be set.
pub(crate) fn name(rule: Rule) -> Option<&'static str> {
    CHANGEABLE
        .iter()
        .find(|(one, ..)| *one == rule)
        .map(|(_, name, _)| *name)
}

/// Sets a rule for all calendars. Keywords are a list and set as such; "no rule" cannot be set.
pub(crate) fn set(rules: &mut Rules, rule: Rule, treatment: Treatment) {
    let field = match rule {
        Rule::Declined => &mut rules.declined,
        Rule::WorkingLocation => &mut rules.working_location,
        Rule::Birthday => &mut rules.birthday,
        Rule::ShownAsFree => &mut rules.shown_as_free,
        Rule::OutOfOffice => &mut rules.out_of_office,
        Rule::FocusTime => &mut rules.focus_time,
        Rule::AllDay => &mut rules.all_day,
        Rule::Tentative => &mut rules.tentative,
        Rule::Unanswered => &mut rules.unanswered,
        Rule::Keyword | Rule::Event => return,
    };
    *field = treatment;
}

/// Where a calendar deviates in one rule; `None` is as everywhere.
pub(crate) fn own_mut(overrides: &mut Overrides, rule: Rule) -> Option<&mut Option<Treatment>> {
    match rule {
        Rule::Declined => Some(&mut overrides.declined),
        Rule::WorkingLocation => Some(&mut overrides.working_location),
        Rule::Birthday => Some(&mut overrides.birthday),
        Rule::ShownAsFree => Some(&mut overrides.shown_as_free),
        Rule::OutOfOffice => Some(&mut overrides.out_of_office),
        Rule::FocusTime => Some(&mut overrides.focus_time),
        Rule::AllDay => Some(&mut overrides.all_day),
        Rule::Tentative => Some(&mut overrides.tentative),
        Rule::Unanswered => Some(&mut overrides.unanswered),
        Rule::Keyword | Rule::Event => None,
    }
}

/// Where a calendar deviates in one rule.
pub(crate) fn own(overrides: &Overrides, rule: Rule) -> Option<Treatment> {
    own_mut(&mut overrides.clone(), rule).and_then(|own| *own)
}

/// In how many rules a calendar deviates; its own words are one.
pub(crate) fn deviations(overrides: &Overrides) -> usize {
    let set = CHANGEABLE
        .iter()
        .filter(|(rule, ..)| own(overrides, *rule).is_some())
        .count();
    set + usize::from(overrides.keywords.is_some())
}

/// A change of one rule, from a reason in "Why?".
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    /// The rule.
    pub(crate) rule: Rule,
    /// What to make of its events; `None` takes the calendar's own deviation back.
    pub(crate) treatment: Option<Treatment>,
    /// For all calendars, rather than for the event's own?
    pub(crate) everywhere: bool,
}

impl Edit {
    /// The rules as they would be, if that is any change. `calendar` is the account and Google's id
    /// of the event's calendar with its present deviations, where it has a calendar.
    pub(crate) fn draft(
        &self,
        rules: &Rules,
        calendar: Option<(&str, &str, &Overrides)>,
    ) -> Option<RulesDraft> {
        if self.everywhere {
            let mut new = rules.clone();
            set(&mut new, self.rule, self.treatment?);
            return (new != *rules).then_some(RulesDraft::All { rules: new });
        }
        let (account, calendar, present) = calendar?;
        let mut new = present.clone();
        *own_mut(&mut new, self.rule)? = self.treatment;
        // What the rule for all calendars says already is no deviation.
        let idle =
            own(present, self.rule).is_none() && self.treatment == Some(rules.treatment(self.rule));
        (new != *present && !idle).then(|| RulesDraft::Calendar {
            account: account.to_owned(),
            calendar: calendar.to_owned(),
            rules: new,
        })
    }
}

/// What a change would do, before it is saved: `Frees 12 h, blocks 3 h in the next 4 weeks.`
pub(crate) fn preview(preview: &PreviewView) -> String {
    let mut parts = Vec::new();
    for (verb, minutes) in [
        ("frees", preview.frees),
        ("blocks", preview.blocks),
        ("changes", preview.shifts),
    ] {
        if minutes > 0 {
            let between = if verb == "changes" {
                " between busy and tentative"
            } else {
                ""
            };
            let length = dates::length(i64::from(rounded(minutes)));
            parts.push(format!("{verb} {length}{between}"));
        }
    }
    let time = match preview.days {
        0 | 1 => "today".to_owned(),
        days if days % 7 == 0 && days > 7 => format!("in the next {} weeks", days / 7),
        days => format!("in the next {days} days"),
    };
    if parts.is_empty() {
        return match preview.events {
            0 => format!("Changes nothing {time}."),
            1 => format!("Judges 1 event otherwise, but frees and blocks nothing {time}."),
            many => format!("Judges {many} events otherwise, but frees and blocks nothing {time}."),
        };
    }
    format!("{} {time}.", words::capital(&parts.join(", ")))
}

/// From ten hours on, minutes say nothing: to the half hour.
fn rounded(minutes: u32) -> u32 {
    if minutes < 600 {
        return minutes;
    }
    (minutes + 15) / 30 * 30
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_can_be_set_is_set_alone_and_read_back() {
        for (rule, ..) in CHANGEABLE {
            for treatment in TREATMENTS {
                let mut rules = Rules::default();
                set(&mut rules, rule, treatment);
                assert_eq!(rules.treatment(rule), treatment, "{rule:?}");
                let others = CHANGEABLE.iter().filter(|(other, ..)| *other != rule);
                for (other, ..) in others {
                    let before = Rules::default().treatment(*other);
                    assert_eq!(rules.treatment(*other), before, "{rule:?} moved {other:?}");
                }
                let mut overrides = Overrides::default();
                *own_mut(&mut overrides, rule).unwrap() = Some(treatment);
                assert_eq!(own(&overrides, rule), Some(treatment));
                assert_eq!(deviations(&overrides), 1, "{rule:?}");
                assert_eq!(
                    Rules::default().with(&overrides).treatment(rule),
                    treatment,
                    "{rule:?} is another field than the model's"
                );
                assert_eq!(parse(key(treatment)), Some(treatment));
            }
        }
        let settable: Vec<Rule> = CHANGEABLE.iter().map(|(rule, ..)| *rule).collect();
        let asked: Vec<Rule> = Rule::ALL
            .into_iter()
            .filter(|rule| !matches!(rule, Rule::Keyword | Rule::Event))
            .collect();
        assert_eq!(settable, asked, "in the order in which they are asked");
    }

    #[test]
    fn a_calendars_own_words_are_one_deviation() {
        let overrides = Overrides {
            keywords: Some(vec![Keyword {
                word: "gym".into(),
                verdict: Verdict::Busy,
            }]),
            declined: Some(Treatment::Busy),
            ..Overrides::default()
        };
        assert_eq!(deviations(&overrides), 2);
    }

    #[test]
    fn a_word_is_added_once() {
        let gym = Keyword {
            word: "Gym class".into(),
            verdict: Verdict::Busy,
        };
        let words = [gym.clone()];
        for typed in ["", "  ", "gym  CLASS", "Gym class"] {
            assert_eq!(with_word(&words, typed, Verdict::Free), None, "{typed:?}");
        }
        let added = with_word(&words, "  run ", Verdict::Free).unwrap();
        assert_eq!(added[0], gym, "the order is theirs");
        assert_eq!(
            (added[1].word.as_str(), added[1].verdict),
            ("run", Verdict::Free)
        );
        for (verdict, word) in VERDICTS {
            assert_eq!(parse_verdict(word), Some(verdict));
        }
    }

    #[test]
    fn an_edit_becomes_a_draft_only_where_it_changes_something() {
        let rules = Rules::default();
        let present = Overrides {
            tentative: Some(Treatment::Free),
            ..Overrides::default()
        };
        let edit = |rule, treatment, everywhere| Edit {
            rule,
            treatment,
            everywhere,
        };
        let of = |edit: Edit| edit.draft(&rules, Some(("ana", "work", &present)));
        let own = |change: fn(&mut Overrides)| {
            let mut rules = present.clone();
            change(&mut rules);
            Some(RulesDraft::Calendar {
                account: "ana".into(),
                calendar: "work".into(),
                rules,
            })
        };
        let cases = [
            (
                "for all",
                edit(Rule::Tentative, Some(Treatment::Busy), true),
                Some(RulesDraft::All {
                    rules: Rules {
                        tentative: Treatment::Busy,
                        ..Rules::default()
                    },
                }),
            ),
            (
                "for all, as it is",
                edit(Rule::Tentative, Some(Treatment::Tentative), true),
                None,
            ),
            (
                "for the calendar, beside what it has",
                edit(Rule::AllDay, Some(Treatment::Free), false),
                own(|rules| rules.all_day = Some(Treatment::Free)),
            ),
            (
                "for the calendar, as it is",
                edit(Rule::Tentative, Some(Treatment::Free), false),
                None,
            ),
            (
                "for the calendar, as everywhere already",
                edit(Rule::AllDay, Some(Treatment::AsIs), false),
                None,
            ),
            (
                "back to the rule for all",
                edit(Rule::Tentative, None, false),
                own(|rules| rules.tentative = None),
            ),
            (
                "keywords",
                edit(Rule::Keyword, Some(Treatment::Free), false),
                None,
            ),
        ];
        for (name, edit, expect) in cases {
            assert_eq!(of(edit), expect, "{name}");
        }
        let nowhere = edit(Rule::AllDay, Some(Treatment::Free), false).draft(&rules, None);
        assert_eq!(
            nowhere, None,
            "without a calendar there is only the rule for all"
        );
    }

    #[test]
    fn what_a_change_does_is_said_in_hours() {
        let of = |frees, blocks, shifts, events| {
            preview(&PreviewView {
                days: 28,
                frees,
                blocks,
                shifts,
                events,
            })
        };
        let cases = [
            (
                of(720, 180, 0, 9),
                "Frees 12 h, blocks 3 h in the next 4 weeks.",
            ),
            (of(0, 45, 0, 1), "Blocks 45 min in the next 4 weeks."),
            (
                of(0, 0, 90, 2),
                "Changes 1 h 30 min between busy and tentative in the next 4 weeks.",
            ),
            (of(1_441, 0, 0, 3), "Frees 24 h in the next 4 weeks."),
            (of(0, 0, 0, 0), "Changes nothing in the next 4 weeks."),
            (
                of(0, 0, 0, 2),
                "Judges 2 events otherwise, but frees and blocks nothing in the next 4 weeks.",
            ),
        ];
        for (said, expect) in cases {
            assert_eq!(said, expect);
        }
    }
}
