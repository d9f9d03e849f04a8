//! Why a stretch is what it is, in sentences: one for each rule word.

use duet_model::account::Failure;
use duet_model::verdict::{Judgement, Rule, Verdict};
use duet_wire::availability::BlockState;

/// Why an event counts as it does.
pub(crate) fn judged(judgement: Judgement) -> String {
    let fact = match judgement.rule {
        Rule::Declined => "You declined it",
        Rule::Keyword => "Its title holds one of your words",
        Rule::WorkingLocation => "It only says where somebody works",
        Rule::Birthday => "It is a birthday",
        Rule::ShownAsFree => "It is shown as free",
        Rule::OutOfOffice => "It is time out of office",
        Rule::FocusTime => "It is focus time",
        Rule::AllDay => "It lasts whole days",
        Rule::Tentative => "It is not settled, or you answered “maybe”",
        Rule::Unanswered => "You have not answered this invitation",
        Rule::Event => return "Events count as busy where no rule says otherwise.".to_owned(),
    };
    let so = match judgement.verdict {
        Verdict::Busy => "so it counts as busy",
        Verdict::Tentative => "so it counts as tentative",
        Verdict::Free => "so it does not count",
    };
    format!("{fact}, {so}.")
}

/// Why an event of a calendar that does not count is free.
pub(crate) fn not_counting(calendar: &str) -> String {
    format!("The calendar {calendar} does not count as busy.")
}

/// What else stands at the time of an invitation; titles and calendars of what weighs most.
pub(crate) fn meanwhile(state: BlockState, named: &[(Option<&str>, Option<&str>)]) -> String {
    let Some(((title, calendar), rest)) = named.split_first() else {
        return "You are free then.".to_owned();
    };
    let more = match rest.len() {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let name = match (title, calendar) {
        (Some(title), _) => format!("“{title}”"),
        (None, Some(calendar)) => format!("busy in {calendar}"),
        (None, None) => "a block of your own".to_owned(),
    };
    match state {
        BlockState::Tentative => format!("At the same time, perhaps: {name}{more}."),
        BlockState::Unknown => {
            let verb = if rest.is_empty() { "is" } else { "are" };
            let calendar = calendar.unwrap_or(&name);
            format!(
                "Nobody knows whether you are free then: {calendar}{more} {verb} not known here."
            )
        }
        BlockState::Busy | BlockState::Free => format!("At the same time: {name}{more}."),
    }
}

/// Why a calendar's time is busy or unknown, by the word of the rule; `failure` is what went wrong
/// with it last.
pub(crate) fn of_calendar(rule: &str, failure: Option<&Failure>) -> String {
    match rule {
        "freebusy" => "Google says this time is taken; what it is, this calendar does not tell.",
        "unexplained" => {
            "Google counts this time as busy, and no event that counts is there. It may be a task, an \
             event that Google sees otherwise, or one that could not be read."
        }
        "other_zone" => {
            "It is a whole day in the time zone of its calendar, where Google counts these hours."
        }
        "never_synced" => "It was never checked, so nobody knows.",
        "stale" => "It was not checked for more than three hours, so nobody knows what changed.",
        "outside_window" => "Google was not asked about this time.",
        "unreadable" => {
            "Some events of this calendar could not be read, and Google was not asked about this \
             time."
        }
        "failing" => {
            let why = failure.map_or("", |failure| failure.message.as_str());
            return format!("The last check failed. {why}")
                .trim_end()
                .to_owned();
        }
        _ => "Nobody knows.",
    }
    .to_owned()
}

/// Why a block made by hand is busy, or its time unknown.
pub(crate) fn by_hand(workable: bool) -> &'static str {
    if workable {
        "You blocked this time yourself."
    } else {
        "This block repeats in a way that cannot be worked out here, so it may fall anywhere."
    }
}

/// Where Google's own free/busy says otherwise than the rules; `counts` is what Google says of the
/// event's time.
pub(crate) fn disagreement(verdict: Verdict, counts: bool) -> Option<&'static str> {
    match (verdict, counts) {
        (Verdict::Busy, false) => Some("Google itself does not count this time as busy."),
        (Verdict::Free, true) => Some("Google counts this time as busy for others who look."),
        (Verdict::Busy, true) | (Verdict::Free, false) | (Verdict::Tentative, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use duet_model::account::FailureCode;

    use super::*;

    #[test]
    fn every_rule_has_a_sentence_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for rule in Rule::ALL {
            let said = judged(Judgement {
                verdict: Verdict::Free,
                rule,
            });
            assert!(said.ends_with('.'), "{said}");
            assert!(seen.insert(said), "{rule:?} says what another one says");
        }
        for (verdict, word) in [
            (Verdict::Busy, "as busy."),
            (Verdict::Tentative, "as tentative."),
            (Verdict::Free, "not count."),
        ] {
            let rule = Rule::AllDay;
            assert!(judged(Judgement { verdict, rule }).ends_with(word));
        }
    }

    #[test]
    fn every_word_of_a_calendar_is_known() {
        let words = [
            "freebusy",
            "unexplained",
            "other_zone",
            "never_synced",
            "stale",
            "outside_window",
            "unreadable",
        ];
        for word in words {
            assert_ne!(of_calendar(word, None), "Nobody knows.", "{word}");
        }
        let failure = Failure {
            code: FailureCode::Server,
            message: "Google is in trouble.".to_owned(),
            at: DateTime::UNIX_EPOCH,
        };
        assert_eq!(
            of_calendar("failing", Some(&failure)),
            "The last check failed. Google is in trouble."
        );
        assert_eq!(of_calendar("failing", None), "The last check failed.");
    }

    #[test]
    fn google_disagrees_only_where_it_says_the_opposite() {
        let rows = [
            (Verdict::Busy, false, true),
            (Verdict::Busy, true, false),
            (Verdict::Free, true, true),
            (Verdict::Free, false, false),
            (Verdict::Tentative, true, false),
            (Verdict::Tentative, false, false),
        ];
        for (verdict, counts, disagrees) in rows {
            assert_eq!(
                disagreement(verdict, counts).is_some(),
                disagrees,
                "{verdict:?} {counts}"
            );
        }
    }
}
