//! The list of a person's own words in titles, and what each makes of an event.

use duet_model::verdict::{Keyword, Verdict};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::state::rules;

/// The words as they are.
#[derive(Properties, PartialEq)]
pub(super) struct WordsProps {
    /// In the order in which they are asked.
    pub(super) words: Vec<Keyword>,
    /// Called with the words as they should be.
    pub(super) onchange: Callback<Vec<Keyword>>,
}

/// The person's own words about events; the first that stands in a title decides.
#[component]
pub(super) fn Words(props: &WordsProps) -> Html {
    let typed = use_state_eq(String::new);
    let verdict = use_state_eq(|| Verdict::Free);
    let WordsProps { words, onchange } = props;
    let add = {
        let (words, onchange, typed, verdict) = (
            words.clone(),
            onchange.clone(),
            typed.clone(),
            verdict.clone(),
        );
        move || {
            if let Some(new) = rules::with_word(&words, &typed, *verdict) {
                onchange.emit(new);
                typed.set(String::new());
            }
        }
    };
    let remove = |index: usize| {
        let (words, onchange) = (words.clone(), onchange.clone());
        move |_: MouseEvent| {
            let mut words = words.clone();
            words.remove(index);
            onchange.emit(words);
        }
    };
    let pick = |index: usize| {
        let (words, onchange) = (words.clone(), onchange.clone());
        move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            let mut words = words.clone();
            if let Some((word, verdict)) = words.get_mut(index).zip(rules::parse_verdict(&value)) {
                word.verdict = verdict;
            }
            onchange.emit(words);
        }
    };
    let fits = rules::with_word(words, &typed, *verdict).is_some();
    html! {
        <div class="setting words" data-testid="rule-words">
            <span class="setting-name">{ "Words in titles" }<small>{ "Your own words come before all rules but “Declined”; the first that stands in a title decides." }</small></span>
            <ul>
                { for words.iter().enumerate().map(|(index, word)| html! {
                    <li key={format!("{index}-{}", word.word)} data-testid="rule-word">
                        <bdi>{ format!("“{}”", word.word) }</bdi>
                        { verdicts(word.verdict, &format!("Events with “{}” are", word.word), pick(index)) }
                        <button class="button ghost square" aria-label={format!("Remove “{}”", word.word)} onclick={remove(index)}>{ icon(Icon::Bin) }</button>
                    </li>
                }) }
                <li>
                    <input class="field" data-testid="rule-word-new" aria-label="A word" placeholder="A word, such as “gym”" maxlength="100" autocomplete="off" value={(*typed).clone()}
                        oninput={
                            let typed = typed.setter();
                            move |event: InputEvent| typed.set(event.target_unchecked_into::<HtmlInputElement>().value())
                        }
                        onkeydown={
                            let add = add.clone();
                            move |event: KeyboardEvent| if event.key() == "Enter" { event.prevent_default(); add() }
                        } />
                    { verdicts(*verdict, "Events with the word are", {
                        let verdict = verdict.setter();
                        move |event: Event| {
                            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
                            if let Some(new) = rules::parse_verdict(&value) { verdict.set(new); }
                        }
                    }) }
                    <button class="button" data-testid="rule-word-add" disabled={!fits} onclick={move |_: MouseEvent| add()}>{ "Add" }</button>
                </li>
            </ul>
        </div>
    }
}

fn verdicts(value: Verdict, label: &str, onchange: impl Fn(Event) + 'static) -> Html {
    html! {
        <select class="field" aria-label={label.to_owned()} {onchange}>
            { for rules::VERDICTS.into_iter().map(|(one, word)| html! { <option key={word} value={word} selected={one == value}>{ word }</option> }) }
        </select>
    }
}
