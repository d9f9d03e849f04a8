//! The busy rules: for all calendars in the settings, for one in a dialog. A change is drafted and
//! looked at before it is saved.

mod words;

use duet_model::verdict::{Keyword, Overrides, Rule, Rules, Treatment};
use duet_wire::why::RulesDraft;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::dialogs::Modal;
use crate::components::rules::words::Words;
use crate::components::why::PreviewLine;
use crate::deeds;
use crate::hooks::use_store;
use crate::state::app::Action;
use crate::state::rules;

/// The rules for all calendars that do not deviate.
#[component]
pub(crate) fn RulesForAll() -> Html {
    let store = use_store();
    let stored = store.settings().rules;
    let edited = use_state_eq(|| None::<Rules>);
    let shown = (*edited).clone().unwrap_or_else(|| stored.clone());
    let draft = (shown != stored).then(|| RulesDraft::All {
        rules: shown.clone(),
    });
    let edit = |change: fn(&mut Rules, Rule, Treatment), rule: Rule| {
        let (edited, shown) = (edited.setter(), shown.clone());
        Callback::from(move |value: String| {
            if let Some(treatment) = rules::parse(&value) {
                let mut new = shown.clone();
                change(&mut new, rule, treatment);
                edited.set(Some(new));
            }
        })
    };
    let words = {
        let (edited, shown) = (edited.setter(), shown.clone());
        Callback::from(move |keywords: Vec<Keyword>| {
            edited.set(Some(Rules {
                keywords,
                ..shown.clone()
            }));
        })
    };
    let done = {
        let edited = edited.setter();
        Callback::from(move |()| edited.set(None))
    };
    html! {
        <>
            <div class="card rows" data-testid="rules">
                { for rules::CHANGEABLE.iter().map(|(rule, name, about)| {
                    let usual = rules::treatment(Rules::default().treatment(*rule));
                    let options = rules::TREATMENTS.map(|one| (rules::key(one), rules::treatment(one).to_owned())).to_vec();
                    let changed = shown.treatment(*rule) != stored.treatment(*rule);
                    row(*rule, name, &format!("{about} Usually {usual}."), changed, options, rules::key(shown.treatment(*rule)), edit(rules::set, *rule))
                }) }
                <Words words={shown.keywords.clone()} onchange={words} />
            </div>
            <SaveBar {draft} {done} />
        </>
    }
}

/// One rule with its select.
fn row(
    rule: Rule,
    name: &str,
    about: &str,
    changed: bool,
    options: Vec<(&'static str, String)>,
    value: &str,
    set: Callback<String>,
) -> Html {
    let onchange =
        move |event: Event| set.emit(event.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <div class={classes!("setting", changed.then_some("changed"))} key={rule.as_str()} data-testid="rule" data-rule={rule.as_str()}>
            <span class="setting-name">{ name.to_owned() }<small>{ about.trim().to_owned() }</small></span>
            <select class="field" aria-label={name.to_owned()} {onchange}>
                { for options.into_iter().map(|(key, text)| html! { <option {key} value={key} selected={key == value}>{ text }</option> }) }
            </select>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct SaveProps {
    draft: Option<RulesDraft>,
    done: Callback<()>,
}

/// What the draft would do, and the two ways to end it. Nothing while nothing is changed.
#[component]
fn SaveBar(props: &SaveProps) -> Html {
    let store = use_store();
    let Some(draft) = props.draft.clone() else {
        return html! {};
    };
    let save = {
        let (draft, done) = (draft.clone(), props.done.clone());
        move |_: MouseEvent| {
            deeds::save_rules(&store, draft.clone());
            done.emit(());
        }
    };
    let discard = {
        let done = props.done.clone();
        move |_: MouseEvent| done.emit(())
    };
    html! {
        <div class="save-bar" data-testid="rules-draft">
            <PreviewLine {draft} />
            <span class="spring"></span>
            <button class="button" data-testid="rules-discard" onclick={discard}>{ "Discard" }</button>
            <button class="button primary" data-testid="rules-save" onclick={save}>{ "Save" }</button>
        </div>
    }
}

/// Which calendar.
#[derive(Properties, PartialEq)]
pub(crate) struct Props {
    /// Its account.
    pub(crate) account: String,
    /// Google's id.
    pub(crate) calendar: String,
}

/// Where one calendar deviates.
#[component]
pub(crate) fn CalendarRules(props: &Props) -> Html {
    let store = use_store();
    let edited = use_state_eq(|| None::<Overrides>);
    let close = {
        let store = store.clone();
        Callback::from(move |()| store.dispatch(Action::Close))
    };
    let found = store.overview.as_ref().and_then(|overview| {
        let mut all = overview.calendars.iter();
        all.find(|one| one.account == props.account && one.id == props.calendar)
            .cloned()
    });
    let Some(calendar) = found else {
        return html! { <Modal heading="Rules" class="small" testid="calendar-rules" onclose={close}><p>{ "This calendar is not there any more." }</p></Modal> };
    };
    let general = store.settings().rules;
    let shown = (*edited).clone().unwrap_or_else(|| calendar.rules.clone());
    let draft = (shown != calendar.rules).then(|| RulesDraft::Calendar {
        account: props.account.clone(),
        calendar: props.calendar.clone(),
        rules: shown.clone(),
    });
    let edit = |rule: Rule| {
        let (edited, shown) = (edited.setter(), shown.clone());
        Callback::from(move |value: String| {
            let mut new = shown.clone();
            if let Some(own) = rules::own_mut(&mut new, rule) {
                *own = rules::parse(&value);
            }
            edited.set(Some(new));
        })
    };
    let words = {
        let (edited, shown) = (edited.setter(), shown.clone());
        Callback::from(move |keywords: Vec<Keyword>| {
            edited.set(Some(Overrides {
                keywords: Some(keywords),
                ..shown.clone()
            }));
        })
    };
    let own_words = {
        let (edited, shown, general) = (edited.setter(), shown.clone(), general.keywords.clone());
        move |_: MouseEvent| {
            let keywords = match &shown.keywords {
                Some(_) => None,
                None => Some(general.clone()),
            };
            edited.set(Some(Overrides {
                keywords,
                ..shown.clone()
            }));
        }
    };
    let done = {
        let edited = edited.setter();
        Callback::from(move |()| edited.set(None))
    };
    html! {
        <Modal heading={format!("Rules for {}", calendar.name)} class="wide" testid="calendar-rules" onclose={close}>
            <p>{ "Where its events are treated otherwise than those of other calendars." }</p>
            <div class="rows">
                { for rules::CHANGEABLE.iter().map(|(rule, name, about)| {
                    let everywhere = format!("as everywhere ({})", rules::treatment(general.treatment(*rule)));
                    let options = std::iter::once(("everywhere", everywhere))
                        .chain(rules::TREATMENTS.map(|one| (rules::key(one), rules::treatment(one).to_owned())))
                        .collect();
                    let own = rules::own(&shown, *rule);
                    let changed = own != rules::own(&calendar.rules, *rule);
                    row(*rule, name, about, changed, options, own.map_or("everywhere", rules::key), edit(*rule))
                }) }
                if let Some(keywords) = shown.keywords.clone() {
                    <Words words={keywords} onchange={words} />
                }
                <div class="setting">
                    <span class="setting-name">{ if shown.keywords.is_some() { "These words hold for this calendar only" } else { "Words in titles are those for all calendars" } }</span>
                    <button class="button" data-testid="rules-own-words" onclick={own_words}>{ if shown.keywords.is_some() { "Use the words for all" } else { "Use own words" } }</button>
                </div>
            </div>
            <SaveBar {draft} {done} />
        </Modal>
    }
}
