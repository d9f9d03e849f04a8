//! The rule table, one case a line.

use proptest::prelude::*;

use super::Treatment as T;
use super::Verdict::{Busy, Free, Tentative};
use super::*;
use crate::event::{EventType, Response};

/// Facts from words: `all_day`, `shown_free`, `unsettled`, an answer, a kind.
fn facts(words: &str) -> Facts {
    let mut facts = Facts::default();
    for word in words.split_whitespace() {
        match word {
            "all_day" => facts.all_day = true,
            "shown_free" => facts.transparent = true,
            "unsettled" => facts.tentative = true,
            "declined" => facts.response = Some(Response::Declined),
            "maybe" => facts.response = Some(Response::Tentative),
            "accepted" => facts.response = Some(Response::Accepted),
            "no_answer" => facts.response = Some(Response::NeedsAction),
            "out" => facts.event_type = EventType::OutOfOffice,
            "focus" => facts.event_type = EventType::FocusTime,
            "place" => facts.event_type = EventType::WorkingLocation,
            "birthday" => facts.event_type = EventType::Birthday,
            "mail" => facts.event_type = EventType::FromGmail,
            other => panic!("{other} is no fact"),
        }
    }
    facts
}

fn keywords(list: &[(&str, Verdict)]) -> Vec<Keyword> {
    let keyword = |(word, verdict): &(&str, Verdict)| Keyword {
        word: (*word).to_owned(),
        verdict: *verdict,
    };
    list.iter().map(keyword).collect()
}

#[test]
#[rustfmt::skip]
fn the_defaults() {
    let cases = [
        ("", Busy, Rule::Event),
        ("accepted", Busy, Rule::Event),
        ("mail", Busy, Rule::Event),
        ("all_day", Busy, Rule::Event),
        ("all_day accepted", Busy, Rule::Event),
        ("all_day shown_free", Free, Rule::ShownAsFree),
        ("all_day unsettled", Tentative, Rule::Tentative),
        ("all_day no_answer", Busy, Rule::Unanswered),
        ("shown_free", Free, Rule::ShownAsFree),
        ("shown_free accepted", Free, Rule::ShownAsFree),
        ("shown_free no_answer", Free, Rule::ShownAsFree),
        ("shown_free maybe", Free, Rule::ShownAsFree),
        ("shown_free unsettled", Free, Rule::ShownAsFree),
        ("shown_free declined", Free, Rule::Declined),
        ("declined", Free, Rule::Declined),
        ("declined unsettled", Free, Rule::Declined),
        ("declined all_day", Free, Rule::Declined),
        ("declined out", Free, Rule::Declined),
        ("maybe", Tentative, Rule::Tentative),
        ("unsettled", Tentative, Rule::Tentative),
        ("unsettled accepted", Tentative, Rule::Tentative),
        ("unsettled no_answer", Tentative, Rule::Tentative),
        ("no_answer", Busy, Rule::Unanswered),
        ("out", Busy, Rule::OutOfOffice),
        ("out all_day", Busy, Rule::OutOfOffice),
        ("focus", Busy, Rule::FocusTime),
        ("focus shown_free", Free, Rule::ShownAsFree),
        ("place", Free, Rule::WorkingLocation),
        ("place shown_free all_day", Free, Rule::WorkingLocation),
        ("birthday all_day", Free, Rule::Birthday),
        ("birthday shown_free all_day", Free, Rule::Birthday),
    ];
    for (words, verdict, rule) in cases {
        let judged = super::verdict(facts(words), "Choir", &Rules::default());
        assert_eq!(judged, Judgement { verdict, rule }, "{words}");
    }
}

#[test]
#[rustfmt::skip]
fn a_person_decides() {
    let d = Rules::default;
    let cases = [
        (Rules { declined: T::AsIs, ..d() }, "declined", Busy, Rule::Event),
        (Rules { declined: T::Tentative, ..d() }, "declined all_day", Tentative, Rule::Declined),
        (Rules { declined: T::AsIs, ..d() }, "declined shown_free", Free, Rule::ShownAsFree),
        (Rules { unanswered: T::Free, ..d() }, "no_answer", Free, Rule::Unanswered),
        (Rules { unanswered: T::Tentative, ..d() }, "no_answer", Tentative, Rule::Unanswered),
        (Rules { unanswered: T::AsIs, ..d() }, "no_answer", Busy, Rule::Event),
        (Rules { unanswered: T::Free, ..d() }, "no_answer unsettled", Tentative, Rule::Tentative),
        (Rules { tentative: T::Busy, ..d() }, "maybe", Busy, Rule::Tentative),
        (Rules { tentative: T::Free, ..d() }, "unsettled", Free, Rule::Tentative),
        (Rules { tentative: T::AsIs, ..d() }, "unsettled no_answer", Busy, Rule::Unanswered),
        (Rules { all_day: T::Free, ..d() }, "all_day", Free, Rule::AllDay),
        (Rules { all_day: T::Free, ..d() }, "all_day unsettled", Free, Rule::AllDay),
        (Rules { all_day: T::Free, ..d() }, "all_day out", Busy, Rule::OutOfOffice),
        (Rules { all_day: T::Free, ..d() }, "all_day focus", Busy, Rule::FocusTime),
        (Rules { all_day: T::Busy, ..d() }, "all_day shown_free", Free, Rule::ShownAsFree),
        (Rules { all_day: T::Busy, ..d() }, "all_day maybe", Busy, Rule::AllDay),
        (Rules { all_day: T::Free, ..d() }, "", Busy, Rule::Event),
        (Rules { shown_as_free: T::AsIs, ..d() }, "shown_free", Busy, Rule::Event),
        (Rules { shown_as_free: T::AsIs, ..d() }, "shown_free maybe", Tentative, Rule::Tentative),
        (Rules { shown_as_free: T::Busy, ..d() }, "shown_free maybe", Busy, Rule::ShownAsFree),
        (Rules { out_of_office: T::Free, ..d() }, "out", Free, Rule::OutOfOffice),
        (Rules { out_of_office: T::AsIs, all_day: T::Free, ..d() }, "out all_day", Free, Rule::AllDay),
        (Rules { focus_time: T::Free, ..d() }, "focus", Free, Rule::FocusTime),
        (Rules { focus_time: T::Tentative, ..d() }, "focus", Tentative, Rule::FocusTime),
        (Rules { working_location: T::Busy, ..d() }, "place shown_free", Busy, Rule::WorkingLocation),
        (Rules { working_location: T::AsIs, ..d() }, "place shown_free", Free, Rule::ShownAsFree),
        (Rules { birthday: T::Busy, ..d() }, "birthday shown_free", Busy, Rule::Birthday),
        (Rules { birthday: T::AsIs, ..d() }, "birthday", Busy, Rule::Event),
    ];
    for (rules, words, verdict, rule) in cases {
        let judged = super::verdict(facts(words), "Choir", &rules);
        assert_eq!(judged, Judgement { verdict, rule }, "{words} by {rules:?}");
    }
}

#[test]
fn keywords_come_after_an_answer_of_no_and_before_the_rest() {
    let hold = Rules {
        keywords: keywords(&[("lunch", Free), ("hold", Busy), ("team lunch", Tentative)]),
        ..Rules::default()
    };
    let cases = [
        ("shown_free", "Hold: Anna", Busy, Rule::Keyword),
        ("unsettled", "HOLD", Busy, Rule::Keyword),
        ("declined", "Hold: Anna", Free, Rule::Declined),
        ("out all_day", "Long lunch", Free, Rule::Keyword),
        ("", "Team lunch", Free, Rule::Keyword),
        ("", "Household", Busy, Rule::Event),
        ("maybe", "Choir", Tentative, Rule::Tentative),
    ];
    for (words, title, verdict, rule) in cases {
        let judged = super::verdict(facts(words), title, &hold);
        assert_eq!(judged, Judgement { verdict, rule }, "{words}: {title}");
    }
}

#[test]
fn a_keyword_stands_as_a_word_of_its_own() {
    let cases = [
        ("lunch", "Lunch", true),
        ("LUNCH", "team lunch, again", true),
        ("art", "Party", false),
        ("art", "Art party", true),
        ("art", "Party art", true),
        ("team lunch", "The Team  Lunch!", true),
        ("team lunch", "Team-lunch", false),
        ("1:1", "1:1 Anna", true),
        ("1:1", "11:10 train", false),
        ("übung", "ÜBUNG", true),
        ("昼食", "部長と昼食会議", true),
        ("(hold)", "(hold)x", true),
        ("", "Choir", false),
        ("  ", "Choir  x", false),
        ("choir", "", false),
        ("🎂", "🎂 Anna", true),
    ];
    for (word, title, expect) in cases {
        let keyword = &keywords(&[(word, Free)])[0];
        assert_eq!(keyword.stands_in(title), expect, "{word:?} in {title:?}");
    }
}

#[test]
fn a_calendar_deviates_where_it_says_so() {
    let rules = Rules {
        keywords: keywords(&[("lunch", Free)]),
        ..Rules::default()
    };
    assert_eq!(rules.with(&Overrides::default()), rules);
    let all = Overrides {
        declined: Some(T::Busy),
        unanswered: Some(T::Free),
        tentative: Some(T::Free),
        all_day: Some(T::Free),
        shown_as_free: Some(T::Busy),
        out_of_office: Some(T::Free),
        focus_time: Some(T::Free),
        working_location: Some(T::Busy),
        birthday: Some(T::Busy),
        keywords: Some(Vec::new()),
    };
    let expect = Rules {
        declined: T::Busy,
        unanswered: T::Free,
        tentative: T::Free,
        all_day: T::Free,
        shown_as_free: T::Busy,
        out_of_office: T::Free,
        focus_time: T::Free,
        working_location: T::Busy,
        birthday: T::Busy,
        keywords: Vec::new(),
    };
    assert_eq!(rules.with(&all), expect, "and an empty list is a list");
}

#[test]
fn rules_are_kept_as_they_are_written() {
    assert_eq!(
        serde_json::from_str::<Rules>("{}").unwrap(),
        Rules::default(),
        "a rule that did not exist yet has its default"
    );
    let text = r#"{"all_day":"as_is","keywords":[{"word":"lunch","verdict":"free"}]}"#;
    let overrides: Overrides = serde_json::from_str(text).unwrap();
    assert_eq!(overrides.all_day, Some(T::AsIs));
    assert_eq!(serde_json::to_string(&overrides).unwrap(), text);
    for rule in Rule::ALL {
        let word = serde_json::to_string(&rule).unwrap();
        assert_eq!(
            word,
            format!("\"{}\"", rule.as_str()),
            "one word for one rule"
        );
        assert_eq!(Rule::parse(rule.as_str()), Some(rule));
    }
    assert_eq!(Rule::parse("weather"), None);
}

/// All facts there are.
fn every() -> impl Iterator<Item = Facts> {
    (0..1 << 10).filter_map(Facts::from_code)
}

#[test]
fn facts_and_their_numbers_are_one() {
    // Numbers are stored, so these never change.
    for (words, code) in [
        ("", 0),
        ("all_day", 1),
        ("shown_free", 2),
        ("unsettled", 4),
        ("no_answer", 8),
        ("declined", 16),
        ("maybe", 24),
        ("accepted", 32),
        ("out", 64),
        ("focus", 128),
        ("place", 192),
        ("birthday", 256),
        ("mail", 320),
        ("all_day shown_free unsettled accepted mail", 359),
    ] {
        assert_eq!(facts(words).code(), code, "{words}");
    }
    assert_eq!(
        every().count(),
        8 * 5 * 6,
        "three flags, five answers, six kinds"
    );
    for code in 0..1 << 12 {
        if let Some(facts) = Facts::from_code(code) {
            assert_eq!(facts.code(), code);
        }
    }
    for code in [5 << 3, 7 << 3, 6 << 6, 1 << 20, u32::MAX] {
        assert_eq!(Facts::from_code(code), None, "{code} is nobody's");
    }
}

fn rules() -> impl Strategy<Value = Rules> {
    let one = || prop::sample::select(vec![T::AsIs, T::Busy, T::Tentative, T::Free]);
    prop::collection::vec(one(), 9).prop_map(|all| Rules {
        declined: all[0],
        unanswered: all[1],
        tentative: all[2],
        all_day: all[3],
        shown_as_free: all[4],
        out_of_office: all[5],
        focus_time: all[6],
        working_location: all[7],
        birthday: all[8],
        keywords: Vec::new(),
    })
}

proptest! {
    #[test]
    fn every_judgement_can_be_explained_and_undone(rules in rules()) {
        for facts in every() {
            let judged = verdict(facts, "Choir", &rules);
            // The rule named is about the event, and says what was judged.
            prop_assert!(facts.fall_under(judged.rule));
            prop_assert_eq!(rules.treatment(judged.rule).verdict(), Some(judged.verdict));
            // Each rule asked before it had nothing to say.
            for rule in Rule::ALL.into_iter().take_while(|rule| *rule != judged.rule) {
                prop_assert!(!facts.fall_under(rule) || rules.treatment(rule) == T::AsIs);
            }
        }
    }
}

#[test]
fn what_is_set_for_a_rule_is_what_it_says() {
    for rule in Rule::ALL {
        let settable = !matches!(rule, Rule::Keyword | Rule::Event);
        let mut rules = Rules::default();
        assert_eq!(rules.set(rule, Treatment::Tentative), settable, "{rule:?}");
        let mut own = Overrides::default();
        assert_eq!(own.set(rule, Some(Treatment::Busy)), settable, "{rule:?}");
        if settable {
            assert_eq!(rules.treatment(rule), Treatment::Tentative, "{rule:?}");
            assert_eq!(own.treatment(rule), Some(Treatment::Busy), "{rule:?}");
            assert_eq!(
                rules.with(&own).treatment(rule),
                Treatment::Busy,
                "{rule:?}"
            );
        }
        // And of nothing else.
        let changed = Rule::ALL
            .into_iter()
            .filter(|it| Rules::default().treatment(*it) != rules.treatment(*it));
        assert!(changed.count() <= 1, "{rule:?}");
        assert_eq!(own.is_empty(), !settable);
    }
}
