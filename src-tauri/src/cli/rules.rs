//! `duet rules`: by which rules events count as busy.

use duet_app::App;
use duet_model::verdict::{Keyword, Overrides, Rule, Rules, Treatment, Verdict};
use duet_wire::accounts::CalendarView;
use duet_wire::why::{PreviewView, RulesDraft};
use duet_wire::{ErrorCode, WireError};
use serde::Serialize;

use super::arguments::{Form, RuleVerb, TreatmentWord, Whose};
use super::print::plain;
use super::run::show;
use super::{Exit, say};

/// What `duet rules --json` prints.
#[derive(Serialize)]
struct RulesView {
    /// For all calendars that do not deviate.
    rules: Rules,
    /// The calendars that do.
    calendars: Vec<Deviation>,
}

#[derive(Serialize)]
struct Deviation {
    account: String,
    id: String,
    name: String,
    rules: Overrides,
}

/// Runs one of them to its end.
pub(super) async fn verb(
    app: &App,
    change: Option<RuleVerb>,
    form: Form,
) -> Result<Exit, WireError> {
    match change {
        None => list(app, form).await?,
        Some(RuleVerb::Set {
            rule,
            treatment,
            whose,
        }) => {
            let rule = settable(&rule)?;
            set(app, &whose, |rules, own| match own {
                Some(own) => {
                    own.set(rule, wanted(treatment));
                }
                None => {
                    let usual = Rules::default().treatment(rule);
                    rules.set(rule, wanted(treatment).unwrap_or(usual));
                }
            })
            .await?;
        }
        Some(RuleVerb::Word {
            word,
            treatment,
            whose,
        }) => {
            let verdict = verdict(treatment)?;
            set(app, &whose, |rules, own| match own {
                // A calendar's own words stand in place of those for all: it begins with them.
                Some(own) => {
                    let words = own.keywords.get_or_insert_with(|| rules.keywords.clone());
                    put(words, &word, verdict);
                    if *words == rules.keywords {
                        own.keywords = None;
                    }
                }
                None => put(&mut rules.keywords, &word, verdict),
            })
            .await?;
        }
    }
    Ok(Exit::Done)
}

async fn list(app: &App, form: Form) -> Result<(), WireError> {
    let view = RulesView {
        rules: app.settings().await?.rules,
        calendars: app
            .calendars()
            .await?
            .into_iter()
            .filter(|calendar| !calendar.rules.is_empty())
            .map(|calendar| Deviation {
                account: calendar.account,
                id: calendar.id,
                name: calendar.name,
                rules: calendar.rules,
            })
            .collect(),
    };
    show(form, &view, || print(&view))
}

fn print(view: &RulesView) {
    for rule in Rule::ALL.into_iter().filter(|rule| is_settable(*rule)) {
        let treatment = view.rules.treatment(rule);
        let usual = if treatment == Rules::default().treatment(rule) {
            ""
        } else {
            "  (changed)"
        };
        say(&format!("{}: {}{usual}", rule.as_str(), word(treatment)));
    }
    for keyword in &view.rules.keywords {
        say(&format!(
            "“{}” in the title: {}",
            plain(&keyword.word),
            said(keyword.verdict)
        ));
    }
    for calendar in &view.calendars {
        say(&format!(
            "{}, {}:",
            plain(&calendar.name),
            plain(&calendar.account)
        ));
        for rule in Rule::ALL {
            if let Some(treatment) = calendar.rules.treatment(rule) {
                say(&format!("    {}: {}", rule.as_str(), word(treatment)));
            }
        }
        for keyword in calendar.rules.keywords.iter().flatten() {
            say(&format!(
                "    “{}” in the title: {}",
                plain(&keyword.word),
                said(keyword.verdict)
            ));
        }
    }
}

/// Changes the rules for all, or those of one calendar, or says what that would do.
async fn set(
    app: &App,
    whose: &Whose,
    change: impl FnOnce(&mut Rules, Option<&mut Overrides>),
) -> Result<(), WireError> {
    let mut settings = app.settings().await?;
    let draft = match &whose.calendar {
        None => {
            change(&mut settings.rules, None);
            RulesDraft::All {
                rules: settings.rules.clone(),
            }
        }
        Some(id) => {
            let calendar = calendar(app, id, whose.account.as_deref()).await?;
            let mut rules = calendar.rules;
            change(&mut settings.rules, Some(&mut rules));
            RulesDraft::Calendar {
                account: calendar.account,
                calendar: calendar.id,
                rules,
            }
        }
    };
    let preview = app.preview(&draft).await?;
    if !whose.preview {
        match &draft {
            RulesDraft::All { .. } => app.set_settings(&settings).await?,
            RulesDraft::Calendar {
                account,
                calendar,
                rules,
            } => {
                app.set_calendar_rules(Some(account), calendar, rules)
                    .await?
            }
        }
    }
    say(&effect(&preview, whose.preview));
    Ok(())
}

async fn calendar(app: &App, id: &str, account: Option<&str>) -> Result<CalendarView, WireError> {
    let mut found = app.calendars().await?;
    found.retain(|it| it.id == id && account.is_none_or(|of| it.account.eq_ignore_ascii_case(of)));
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(WireError::new(
            ErrorCode::NotFound,
            format!(
                "There is no calendar with the id {id}. `duet calendars` lists them with their \
                 ids."
            ),
        )),
        _ => Err(WireError::new(
            ErrorCode::Invalid,
            format!(
                "Several accounts list this calendar. Say which one you mean, for example \
                 --account {}.",
                found[0].account
            ),
        )),
    }
}

/// What a change of rules does, in one sentence.
fn effect(preview: &PreviewView, only_tried: bool) -> String {
    let weeks = preview.days / 7;
    let verb = if only_tried {
        "It would change"
    } else {
        "It changes"
    };
    if preview.frees + preview.blocks + preview.shifts == 0 {
        return format!("{verb} nothing in the next {weeks} weeks.");
    }
    let part =
        |what: &str, minutes: u32| (minutes > 0).then(|| format!("{what} {}", hours(minutes)));
    let parts = [
        part("frees", preview.frees),
        part("blocks", preview.blocks),
        part("moves between busy and perhaps busy", preview.shifts),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    let that = if only_tried {
        "That would be"
    } else {
        "That is"
    };
    format!(
        "In the next {weeks} weeks: {}. {that} all.",
        parts.join(", ")
    )
}

fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn put(words: &mut Vec<Keyword>, word: &str, verdict: Option<Verdict>) {
    let word = word.trim();
    let same = |it: &Keyword| it.word.to_lowercase() == word.to_lowercase();
    match (words.iter().position(same), verdict) {
        (Some(at), Some(verdict)) => words[at].verdict = verdict,
        (Some(at), None) => {
            words.remove(at);
        }
        (None, Some(verdict)) => words.push(Keyword {
            word: word.to_owned(),
            verdict,
        }),
        (None, None) => {}
    }
}

fn is_settable(rule: Rule) -> bool {
    Overrides::default().set(rule, None)
}

fn settable(word: &str) -> Result<Rule, WireError> {
    Rule::parse(word)
        .filter(|rule| is_settable(*rule))
        .ok_or_else(|| {
            let all: Vec<&str> = Rule::ALL
                .into_iter()
                .filter(|rule| is_settable(*rule))
                .map(Rule::as_str)
                .collect();
            WireError::new(
                ErrorCode::Invalid,
                format!(
                    "There is no rule \"{}\". The rules are: {}.",
                    plain(word),
                    all.join(", ")
                ),
            )
        })
}

/// `None` for the default.
fn wanted(word: TreatmentWord) -> Option<Treatment> {
    match word {
        TreatmentWord::AsIs => Some(Treatment::AsIs),
        TreatmentWord::Busy => Some(Treatment::Busy),
        TreatmentWord::Tentative => Some(Treatment::Tentative),
        TreatmentWord::Free => Some(Treatment::Free),
        TreatmentWord::Default => None,
    }
}

/// `None` forgets the word.
fn verdict(word: TreatmentWord) -> Result<Option<Verdict>, WireError> {
    match word {
        TreatmentWord::Busy => Ok(Some(Verdict::Busy)),
        TreatmentWord::Tentative => Ok(Some(Verdict::Tentative)),
        TreatmentWord::Free => Ok(Some(Verdict::Free)),
        TreatmentWord::Default => Ok(None),
        TreatmentWord::AsIs => Err(WireError::new(
            ErrorCode::Invalid,
            "A word makes events busy, tentative or free; \"default\" forgets the word.",
        )),
    }
}

fn word(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::AsIs => "as it is",
        Treatment::Busy => "busy",
        Treatment::Tentative => "tentative",
        Treatment::Free => "free",
    }
}

fn said(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Busy => "busy",
        Verdict::Tentative => "tentative",
        Verdict::Free => "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_put_changed_and_forgotten() {
        let mut words = Vec::new();
        put(&mut words, " Yoga ", Some(Verdict::Free));
        put(&mut words, "lunch", Some(Verdict::Free));
        put(&mut words, "yoga", Some(Verdict::Busy));
        let spelt: Vec<_> = words
            .iter()
            .map(|it| (it.word.as_str(), it.verdict))
            .collect();
        assert_eq!(spelt, [("Yoga", Verdict::Busy), ("lunch", Verdict::Free)]);
        put(&mut words, "YOGA", None);
        put(&mut words, "nothing", None);
        assert_eq!(words.len(), 1);
    }

    #[test]
    fn the_effect_is_told_in_hours() {
        let preview = |frees, blocks, shifts| PreviewView {
            days: 28,
            frees,
            blocks,
            shifts,
            events: 3,
        };
        for (preview, tried, expect) in [
            (
                preview(0, 0, 0),
                true,
                "It would change nothing in the next 4 weeks.",
            ),
            (
                preview(0, 0, 0),
                false,
                "It changes nothing in the next 4 weeks.",
            ),
            (
                preview(720, 190, 0),
                true,
                "In the next 4 weeks: frees 12 h, blocks 3 h 10 min. That would be all.",
            ),
            (
                preview(0, 45, 60),
                false,
                "In the next 4 weeks: blocks 45 min, moves between busy and perhaps busy 1 h. That is all.",
            ),
        ] {
            assert_eq!(effect(&preview, tried), expect);
        }
    }

    #[test]
    fn only_rules_that_can_be_set_are_taken() {
        assert_eq!(settable("all_day").ok(), Some(Rule::AllDay));
        for word in ["event", "keyword", "allday", ""] {
            let error = settable(word).unwrap_err();
            assert!(error.message.contains("unanswered"), "{}", error.message);
        }
    }
}
