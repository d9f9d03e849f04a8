//! A change of the rule behind a reason: chosen, looked at, and only then saved.

use duet_model::verdict::Overrides;
use duet_wire::why::{ChangeableRule, RulesDraft};
use duet_wire::{Answer, Query};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::deeds;
use crate::hooks::{use_answer, use_store};
use crate::state::rules::{self, Edit};

/// Which rule, of which calendar.
#[derive(Properties, PartialEq)]
pub(super) struct Props {
    /// The rule, and how it stands.
    pub(super) change: ChangeableRule,
    /// The account of the event's calendar.
    pub(super) account: Option<String>,
    /// Google's id of it.
    pub(super) calendar: Option<String>,
    /// Its name.
    pub(super) name: Option<String>,
    /// Called when it is saved or given up.
    pub(super) done: Callback<()>,
}

/// The change.
#[component]
pub(super) fn Change(props: &Props) -> Html {
    let store = use_store();
    let ChangeableRule {
        rule,
        treatment,
        own,
    } = props.change;
    let edit = use_state_eq(|| Edit {
        rule,
        treatment: Some(treatment),
        everywhere: props.calendar.is_none(),
    });
    let present = store.overview.as_ref().and_then(|overview| {
        let mut all = overview.calendars.iter();
        let found = all.find(|one| {
            Some(&one.account) == props.account.as_ref() && Some(&one.id) == props.calendar.as_ref()
        });
        found.map(|calendar| calendar.rules.clone())
    });
    let present = present.unwrap_or_default();
    let calendar: Option<(&str, &str, &Overrides)> = props
        .account
        .as_deref()
        .zip(props.calendar.as_deref())
        .map(|(account, calendar)| (account, calendar, &present));
    let draft = edit.draft(&store.settings().rules, calendar);
    let cancel = {
        let done = props.done.clone();
        move |_: MouseEvent| done.emit(())
    };
    // Words are a list and "no rule" is none: the core offers neither to be changed here.
    let Some(name) = rules::name(rule) else {
        return html! {};
    };
    let choose = {
        let edit = edit.clone();
        move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            edit.set(Edit {
                treatment: rules::parse(&value),
                ..(*edit).clone()
            });
        }
    };
    let reach = {
        let edit = edit.clone();
        move |event: Event| {
            let value = event.target_unchecked_into::<HtmlSelectElement>().value();
            edit.set(Edit {
                everywhere: value == "all",
                treatment: edit.treatment.or(Some(treatment)),
                ..(*edit).clone()
            });
        }
    };
    let save = {
        let (store, draft, done) = (store.clone(), draft.clone(), props.done.clone());
        move |_: MouseEvent| {
            if let Some(draft) = draft.clone() {
                deeds::save_rules(&store, draft);
            }
            done.emit(());
        }
    };
    let calendar_name = props
        .name
        .clone()
        .unwrap_or_else(|| "this calendar".to_owned());
    let can_reset = own && !edit.everywhere;
    html! {
        <div class="change" data-testid="why-editor">
            <label class="labelled"><span>{ format!("“{name}”: treat such events as") }</span>
                <select class="field" data-testid="why-treatment" onchange={choose}>
                    { for rules::TREATMENTS.into_iter().map(|one| html! {
                        <option key={rules::key(one)} value={rules::key(one)} selected={edit.treatment == Some(one)}>{ rules::treatment(one) }</option>
                    }) }
                    if can_reset {
                        <option key="everywhere" value="everywhere" selected={edit.treatment.is_none()}>{ format!("as in all calendars ({})", rules::treatment(store.settings().rules.treatment(rule))) }</option>
                    }
                </select>
            </label>
            if props.calendar.is_some() {
                <label class="labelled"><span>{ "for" }</span>
                    <select class="field" data-testid="why-reach" onchange={reach}>
                        <option value="calendar" selected={!edit.everywhere}>{ calendar_name }</option>
                        <option value="all" selected={edit.everywhere}>{ "all calendars" }</option>
                    </select>
                </label>
            }
            if own && edit.everywhere {
                <p class="quiet">{ "This calendar has a rule of its own, which stays." }</p>
            }
            <PreviewLine draft={draft.clone()} />
            <div class="row-buttons">
                <button class="button primary" data-testid="why-save" disabled={draft.is_none()} onclick={save}>{ "Save" }</button>
                <button class="button" data-testid="why-cancel" onclick={cancel}>{ "Cancel" }</button>
            </div>
        </div>
    }
}

/// What is previewed.
#[derive(Properties, PartialEq)]
pub(crate) struct PreviewProps {
    /// The rules as they would be; `None` where nothing would change.
    pub(crate) draft: Option<RulesDraft>,
}

/// What a change would do, as a line that is there before it can be saved.
#[component]
pub(crate) fn PreviewLine(props: &PreviewProps) -> Html {
    let store = use_store();
    let query = props.draft.clone().map(|draft| Query::Preview { draft });
    let asked = use_answer(
        query.clone(),
        store.grids.epoch(),
        120,
        |answer| match answer {
            Answer::Preview(preview) => Some(preview),
            _ => None,
        },
    );
    let Some(query) = query else {
        return html! {};
    };
    if let Some(error) = asked.failure() {
        return html! { <p class="trouble" role="alert">{ icon(Icon::Alert) }<span>{ "What this would change could not be computed. " }{ &error.message }</span></p> };
    }
    let preview = asked.exact(&query);
    html! {
        <p class="preview" role="status" data-testid="rules-preview" aria-busy={if preview.is_none() { "true" } else { "false" }}>
            { preview.map_or_else(|| "Looking what this would change…".to_owned(), |preview| rules::preview(preview)) }
        </p>
    }
}
